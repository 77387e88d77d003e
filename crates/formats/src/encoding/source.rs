//! Where the characters of a decoded text stand in the bytes it was decoded from, and how further
//! text would be written there.

use std::ops::Range;

use super::mojibake::Trial;
use super::pages::Page;
use super::{BYTE_ORDER_MARK, MOST_ROUNDS, decode, mojibake, utf16_units};

/// Puts texts in the places of others: the places are those of the decoded text, and what comes
/// out are the document's bytes with nothing else changed. `None` where a place is no place of its
/// own in the bytes, or where the outcome would not decode as it should.
///
/// The edits stand in order and overlap nowhere.
pub fn replace(bytes: &[u8], text: &str, edits: &[(Range<usize>, &str)]) -> Option<Vec<u8>> {
    let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    // Nearly every document is the bytes of its text.
    if bytes.get(mark..) == Some(text.as_bytes()) {
        let edits = edits.iter().map(|(range, text)| (mark + range.start..mark + range.end, text.as_bytes()));
        return Some(spliced(bytes, edits));
    }
    let written = if utf16_units(bytes).is_some() {
        replace_utf16(bytes, edits)?
    } else {
        let rest = replace_utf8(&bytes[mark..], edits)?;
        [&bytes[..mark], &rest].concat()
    };
    let wanted = spliced(text.as_bytes(), edits.iter().map(|(range, text)| (range.clone(), text.as_bytes())));
    (decode(&written).text.as_bytes() == wanted).then_some(written)
}

/// Bytes with some of them replaced; the places stand in order.
fn spliced<'e>(bytes: &[u8], edits: impl Iterator<Item = (Range<usize>, &'e [u8])>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut from = 0;
    for (range, text) in edits {
        out.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
        out.extend_from_slice(text);
        from = range.end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out
}

/// A stretch of decoded text and how many bytes it was decoded from.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    text: usize,
    source: usize,
    /// Whether each byte of one is the byte of the other; else nothing may be put inside.
    same: bool,
    /// Whether it is text at all.
    sound: bool,
}

/// The places in the source of places in the text, which stand in order.
fn places(
    edits: &[(Range<usize>, &str)],
    stretches: impl Iterator<Item = Stretch>,
) -> Option<Vec<Range<usize>>> {
    let mut wanted = edits.iter().flat_map(|(range, _)| [range.start, range.end]).peekable();
    let mut found = Vec::with_capacity(edits.len() * 2);
    let (mut text, mut source) = (0, 0);
    for stretch in stretches {
        while let Some(&place) = wanted.peek() {
            let inside = place.checked_sub(text)?;
            // A place on the border belongs to what follows, so that both ends of a hole agree.
            if inside >= stretch.text && !(inside == 0 && stretch.text == 0) {
                break;
            }
            if inside > 0 && !stretch.same {
                return None;
            }
            found.push(source + inside);
            wanted.next();
        }
        // What is no text is replaced by nobody.
        let replaced =
            |(range, _): &(Range<usize>, &str)| range.start < text + stretch.text && text < range.end;
        if !stretch.sound && edits.iter().any(replaced) {
            return None;
        }
        text += stretch.text;
        source += stretch.source;
    }
    for place in wanted {
        (place == text).then(|| found.push(source))?;
    }
    Some(found.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect())
}

fn replace_utf8(bytes: &[u8], edits: &[(Range<usize>, &str)]) -> Option<Vec<u8>> {
    let mut rounds: Vec<(String, Page)> = Vec::new();
    if let Ok(text) = str::from_utf8(bytes) {
        let mut text = text.to_owned();
        while rounds.len() < MOST_ROUNDS as usize
            && let Some(page) = Trial::mistaken_page(&text)
        {
            let right = mojibake::undo(&text, page)?;
            rounds.push((std::mem::replace(&mut text, right), page));
        }
    }
    // From the text as it was meant back to the text as it stands, one mistake after the other.
    let mut edits: Vec<(Range<usize>, String)> =
        edits.iter().map(|(range, text)| (range.clone(), (*text).to_owned())).collect();
    while let Some((wrong, page)) = rounds.pop() {
        let stretches =
            wrong.chars().map(|c| Stretch { text: 1, source: c.len_utf8(), same: c.is_ascii(), sound: true });
        let found = places(&borrowed(&edits), stretches)?;
        let mistaken = edits.iter().map(|(_, text)| mojibake::mistake(text, page));
        edits = found.into_iter().zip(mistaken).collect();
    }
    let stretches = bytes.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().len();
        let invalid = chunk.invalid().len();
        [
            Stretch { text: valid, source: valid, same: true, sound: true },
            Stretch {
                text: if invalid > 0 { char::REPLACEMENT_CHARACTER.len_utf8() } else { 0 },
                source: invalid,
                same: false,
                sound: false,
            },
        ]
    });
    let found = places(&borrowed(&edits), stretches.filter(|stretch| stretch.text > 0))?;
    let texts = edits.iter().map(|(_, text)| text.as_bytes());
    Some(spliced(bytes, found.into_iter().zip(texts)))
}

fn borrowed(edits: &[(Range<usize>, String)]) -> Vec<(Range<usize>, &str)> {
    edits.iter().map(|(range, text)| (range.clone(), text.as_str())).collect()
}

fn replace_utf16(bytes: &[u8], edits: &[(Range<usize>, &str)]) -> Option<Vec<u8>> {
    let little = bytes.starts_with(&[0xFF, 0xFE]);
    let units = utf16_units(bytes)?;
    let stretches = char::decode_utf16(units.iter().copied()).map(|unit| match unit {
        Ok(c) => Stretch { text: c.len_utf8(), source: 2 * c.len_utf16(), same: false, sound: true },
        Err(_) => {
            Stretch { text: char::REPLACEMENT_CHARACTER.len_utf8(), source: 2, same: false, sound: false }
        }
    });
    let found = places(edits, stretches)?;
    let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    let texts: Vec<Vec<u8>> =
        edits.iter().map(|(_, text)| text.encode_utf16().flat_map(unit).collect()).collect();
    // An odd byte at the end was counted as a whole unit and stays where it is.
    let fits = |place: usize| (place + 2).min(bytes.len());
    let found = found.into_iter().map(|range| fits(range.start)..fits(range.end));
    Some(spliced(bytes, found.zip(texts.iter().map(Vec::as_slice))))
}

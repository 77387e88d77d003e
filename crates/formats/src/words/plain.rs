//! Text as people read it: emphasis, links, comments and emoji taken away.

use std::borrow::Cow;

/// So far ahead the end of an emphasis or link is looked for; bounds the work on hostile text.
const REACH: usize = 1024;

/// Takes emphasis, links, comments, escapes and line breaks out of Markdown; code keeps its backticks.
pub(crate) fn plain(raw: &str) -> Cow<'_, str> {
    let raw = raw.trim();
    if !raw.bytes().any(|byte| MEANS_SOMETHING[usize::from(byte)]) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    write_plain(raw, &mut out, 0);
    let end = out.trim_end().len();
    out.truncate(end);
    let start = out.len() - out.trim_start().len();
    out.drain(..start);
    Cow::Owned(out)
}

/// The bytes that are more than themselves in Markdown; a table, because every text is looked at.
const MEANS_SOMETHING: [bool; 256] = {
    let mut table = [false; 256];
    let signs = b"*_[<\\\n~&\t";
    let mut at = 0;
    while at < signs.len() {
        table[signs[at] as usize] = true;
        at += 1;
    }
    table
};

fn write_plain(raw: &str, out: &mut String, depth: u8) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    // Closers found ahead by an opener: they are dropped when met.
    let mut closers: Vec<usize> = Vec::new();
    while at < bytes.len() {
        let rest = &raw[at..];
        match bytes[at] {
            b'`' => {
                let length = code_span(rest).unwrap_or_else(|| run(rest, b'`'));
                push_code(&rest[..length], out);
                at += length;
            }
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                out.push(bytes[at + 1] as char);
                at += 2;
            }
            mark @ (b'*' | b'_') => {
                let length = run(rest, mark);
                if closers.last() == Some(&at) {
                    closers.pop();
                } else if let Some(close) = closer(raw, at, length, mark) {
                    closers.push(close);
                } else {
                    out.push_str(&rest[..length]);
                }
                at += length;
            }
            b'~' if rest.starts_with("~~") => at += 2,
            b'[' if depth < 4 => match link(rest) {
                Some((label, length)) => {
                    write_plain(label, out, depth + 1);
                    at += length;
                }
                None => {
                    out.push('[');
                    at += 1;
                }
            },
            b'<' if rest.starts_with("<!--") => {
                at += rest.find("-->").map_or(rest.len(), |end| end + 3);
            }
            b'<' if starts_with_break(rest) => {
                push_space(out);
                at += rest.find('>').map_or(rest.len(), |end| end + 1);
            }
            b'&' => {
                let (text, length) = entity(rest);
                out.push_str(text);
                at += length;
            }
            b'\n' | b' ' | b'\t' | b'\r' => {
                let broken = bytes[at] == b'\n';
                push_space(out);
                at += 1;
                // A quoted line goes on behind its marks.
                while broken && bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'>')) {
                    at += 1;
                }
            }
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..length]);
                at += length;
            }
        }
    }
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn push_code(code: &str, out: &mut String) {
    if code.contains("\\|") {
        out.push_str(&code.replace("\\|", "|"));
    } else {
        out.push_str(code);
    }
}

/// How often a text repeats its first byte.
fn run(text: &str, mark: u8) -> usize {
    text.bytes().take_while(|b| *b == mark).count()
}

/// The length of the code span a text begins with.
pub(crate) fn code_span(text: &str) -> Option<usize> {
    let ticks = run(text, b'`');
    let mut at = ticks;
    let end = text.len().min(at + 8 * REACH);
    while at < end {
        let next = memchr::memchr(b'`', &text.as_bytes()[at..end])? + at;
        let length = run(&text[next..], b'`');
        if length == ticks {
            return Some(next + length);
        }
        at = next + length;
    }
    None
}

/// Where the emphasis opened at `at` by `length` marks ends.
fn closer(text: &str, at: usize, length: usize, mark: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let after = bytes.get(at + length)?;
    if after.is_ascii_whitespace() {
        return None;
    }
    if mark == b'_' && at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] >= 0x80) {
        return None;
    }
    let end = text.len().min(at + length + REACH);
    let mut from = at + length;
    while let Some(found) = memchr::memchr2(mark, b'`', bytes.get(from..end)?) {
        let place = from + found;
        if bytes[place] == b'`' {
            from = place + code_span(&text[place..]).unwrap_or_else(|| run(&text[place..], b'`'));
            continue;
        }
        let count = run(&text[place..], mark);
        let inside = !bytes[place - 1].is_ascii_whitespace();
        let free = mark != b'_' || !bytes.get(place + count).is_some_and(|b| b.is_ascii_alphanumeric());
        if count == length && inside && free {
            return Some(place);
        }
        from = place + count;
    }
    None
}

/// The label and the whole length of the link a text begins with.
fn link(text: &str) -> Option<(&str, usize)> {
    let (label, target) = link_parts(text)?;
    Some((label, label.len() + target.len() + 4))
}

/// The label and the target of the link a text begins with.
pub(crate) fn link_parts(text: &str) -> Option<(&str, &str)> {
    let end = (0..=text.len().min(REACH)).rev().find(|end| text.is_char_boundary(*end))?;
    let window = &text[..end];
    let close = window.find("](")?;
    let label = &window[1..close];
    if label.contains('[') || label.contains('\n') && label.contains("\n\n") {
        return None;
    }
    let target = &window[close + 2..];
    let stop = target.find(')')?;
    (!target[..stop].contains('\n')).then(|| (label, &target[..stop]))
}

fn starts_with_break(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 4 && bytes[1..3].eq_ignore_ascii_case(b"br") && matches!(bytes[3], b'>' | b'/' | b' ')
}

fn entity(text: &str) -> (&'static str, usize) {
    const ENTITIES: [(&str, &str); 7] = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&rarr;", "→"),
        ("&#124;", "|"),
    ];
    ENTITIES
        .iter()
        .find(|(name, _)| text.starts_with(name))
        .map_or(("&", 1), |(name, text)| (*text, name.len()))
}

/// Whether a character is a pictograph, a check mark or what goes with one.
pub(crate) fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{1f000}'..='\u{1faff}'
        | '\u{2600}'..='\u{27bf}'
        | '\u{231a}'..='\u{231b}'
        | '\u{23e9}'..='\u{23fa}'
        | '\u{25aa}'..='\u{25ab}'
        | '\u{25b6}' | '\u{25c0}' | '\u{25cb}' | '\u{25cf}'
        | '\u{25fb}'..='\u{25fe}'
        | '\u{2b05}'..='\u{2b07}'
        | '\u{2b1b}'..='\u{2b1c}'
        | '\u{2b50}' | '\u{2b55}'
        | '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\u{20e3}')
}

/// Takes the emoji off the front of a text; gives them and the rest.
pub(crate) fn leading_emoji(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    if text.as_bytes().first().is_none_or(|b| *b < 0x80) {
        return ("", text);
    }
    let end = text.find(|c: char| !is_emoji(c) && c != ' ').unwrap_or(text.len());
    let sign = text[..end].trim_end();
    if sign.is_empty() { ("", text) } else { (sign, text[end..].trim_start()) }
}

/// Takes emoji off both ends of a text.
pub(crate) fn without_emoji(text: &str) -> &str {
    let (_, text) = leading_emoji(text);
    let text = text.trim_end();
    match text.chars().next_back() {
        Some(last) if is_emoji(last) => text.trim_end_matches(|c: char| is_emoji(c) || c == ' '),
        _ => text,
    }
}

/// Texts in backticks, with their places, without the backticks.
pub(crate) fn code_spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memchr(b'`', &text.as_bytes()[at..]) {
            let start = at + found;
            let ticks = run(&text[start..], b'`');
            match code_span(&text[start..]) {
                Some(length) => {
                    at = start + length;
                    return Some((start + ticks, text[start + ticks..at - ticks].trim()));
                }
                None => at = start + ticks,
            }
        }
        None
    })
}

/// A short lower-case name made of a text's words: `Frontend: contract tests` gives
/// `frontend-contract-tests`.
pub(crate) fn slug(text: &str) -> String {
    const MOST: usize = 48;
    let mut slug = String::with_capacity(text.len().min(MOST));
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() + 1 > MOST && !slug.is_empty() {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        let keep = word.char_indices().nth(32).map_or(word.len(), |(at, _)| at);
        slug.extend(word[..keep].chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_code_stays() {
        for (raw, text) in [
            ("plain words", "plain words"),
            ("**Bold:** and *it* and _so_ on", "Bold: and it and so on"),
            ("`a*b_c` stays, a_b_c too, 2 * 3 * 4 too", "`a*b_c` stays, a_b_c too, 2 * 3 * 4 too"),
            ("[the **page**](docs/a.md) <!-- #x -->", "the page"),
            (r"a \| b \* c", "a | b * c"),
            ("one\n  two\n> three", "one two three"),
            ("~~gone~~ &lt;20", "gone <20"),
            ("***all*** of **it**", "all of it"),
            ("*.md and *.rs", "*.md and *.rs"),
            ("a<br>b", "a b"),
        ] {
            assert_eq!(plain(raw), text, "{raw}");
        }
    }

    #[test]
    fn emoji_stand_apart() {
        assert_eq!(leading_emoji("✅ Done"), ("✅", "Done"));
        assert_eq!(leading_emoji("⚠️ Minor"), ("⚠️", "Minor"));
        assert_eq!(leading_emoji("→ next"), ("", "→ next"));
        assert_eq!(without_emoji("🚀 Go ✅"), "Go");
    }

    #[test]
    fn slugs_are_short() {
        assert_eq!(slug("Frontend: contract tests!"), "frontend-contract-tests");
        assert!(slug(&"word ".repeat(40)).len() <= 48);
    }
}

//! UTF-8 that somebody read as another code page and saved again: `â€”` where `—` was written.
//!
//! Nothing is put right unless the whole document can be: every character beyond ASCII must be
//! part of some sequence that was one character once. That alone is not enough, because `–§` reads
//! back as a Cyrillic letter; so what comes out must also be what people write.

use std::ops::Range;

use super::pages::Page;

/// What reading a document back through a code page makes of it.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) page: Page,
    /// Stretches of wrongly decoded characters.
    pub(super) runs: u32,
    /// Characters that the page cannot have produced, or not in this place.
    pub(super) stray: u32,
    /// The first run whose outcome is plausible, in the text as it stands.
    pub(super) first: Option<Range<usize>>,
    /// How much the outcome speaks for a mistake.
    evidence: u32,
    /// Letters beyond Latin that came out, and the longest word of them.
    letters: u32,
    longest_word: u32,
}

/// One plausible outcome that genuine text cannot be mistaken for.
const SURE: u32 = 2;
/// Below this much evidence, an unrepairable document is left without remark.
const TELLING: u32 = 3 * SURE;
/// So many letters of another script, in words, are no accident either.
const LETTERS: u32 = 8;
const WORD: u32 = 3;

impl Trial {
    /// Reads a text back through a page.
    pub(super) fn of(text: &str, page: Page) -> Self {
        let mut trial =
            Self { page, runs: 0, stray: 0, first: None, evidence: 0, letters: 0, longest_word: 0 };
        let mut bytes = Vec::new();
        for stretch in stretches(text) {
            trial.weigh(&text[stretch.clone()], stretch.start, &mut bytes);
        }
        trial
    }

    /// The page that a text was once read as by mistake, where it was.
    pub(super) fn mistaken_page(text: &str) -> Option<Page> {
        // A character that a page does not have shows at once that it was not this page.
        let may_be = |page: &Page| text.chars().all(|c| c.is_ascii() || page.byte_of(c).is_some());
        let trials = Page::ALL.into_iter().filter(may_be).map(|page| Self::of(text, page));
        let mistakes = trials.filter(|trial| trial.is_mistake());
        mistakes.max_by_key(|trial| trial.evidence()).map(|trial| trial.page)
    }

    /// Whether the document is what the mistake would have made of another, and nothing else.
    pub(super) fn is_mistake(&self) -> bool {
        self.stray == 0 && self.is_plausible()
    }

    /// Whether the mistake was made in parts of the document, but not in all of it.
    pub(super) fn is_partial_mistake(&self) -> bool {
        self.stray > 0 && self.evidence >= TELLING
    }

    pub(super) fn evidence(&self) -> u32 {
        self.evidence
    }

    fn is_plausible(&self) -> bool {
        self.evidence >= SURE || (self.letters >= LETTERS && self.longest_word >= WORD)
    }

    /// Weighs a stretch of characters beyond ASCII that begins at `start`.
    fn weigh(&mut self, stretch: &str, start: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        for c in stretch.chars() {
            match self.page.byte_of(c) {
                Some(byte) => bytes.push(byte),
                None => {
                    self.stray += 1;
                    // No sequence goes on across it.
                    bytes.push(b' ');
                }
            }
        }
        let before = self.evidence;
        let mut found = false;
        let mut word = 0;
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
                found = true;
                match self.weight(c) {
                    0 => {
                        self.letters += u32::from(c.is_alphabetic());
                        word += 1;
                        self.longest_word = self.longest_word.max(word);
                    }
                    weight => self.evidence += weight,
                }
            }
            self.stray += chunk.invalid().len() as u32;
        }
        self.runs += u32::from(found);
        if found && self.first.is_none() && (self.evidence > before || self.stray == 0) {
            self.first = Some(start..start + stretch.len());
        }
    }

    /// How much a character that comes out speaks for the mistake. Dashes, quotes, arrows, signs
    /// and emoji are what plans hold; genuine text does not hold what they would turn into.
    fn weight(&self, c: char) -> u32 {
        match u32::from(c) {
            // In Mac Roman these begin with `¬` and `√`, which mathematics uses for itself.
            0xA0..=0xFF if self.page == Page::MacRoman => 1,
            0xA0..=0xFF => SURE,
            0x2010..=0x2BFF | 0xFE0F | 0x1F000..=0x1FAFF => SURE,
            _ => 0,
        }
    }
}

/// Reads a text back through a page, once a [`Trial`] has shown that all of it can be.
pub(super) fn undo(text: &str, page: Page) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut end = 0;
    for stretch in stretches(text) {
        bytes.extend_from_slice(&text.as_bytes()[end..stretch.start]);
        for c in text[stretch.clone()].chars() {
            bytes.push(page.byte_of(c)?);
        }
        end = stretch.end;
    }
    bytes.extend_from_slice(&text.as_bytes()[end..]);
    String::from_utf8(bytes).ok()
}

/// What the mistake makes of a text; the other way round, it is undone by [`undo`].
pub(super) fn mistake(text: &str, page: Page) -> String {
    let shown = |byte: u8| if byte.is_ascii() { byte as char } else { page.char_of(byte) };
    text.bytes().map(shown).collect()
}

/// The stretches of characters beyond ASCII.
fn stretches(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|byte| !byte.is_ascii())?;
        let length = bytes[start..].iter().position(u8::is_ascii).unwrap_or(bytes.len() - start);
        at = start + length;
        Some(start..at)
    })
}

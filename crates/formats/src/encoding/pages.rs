//! The code pages that UTF-8 is most often read as by mistake.

/// A code page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// Windows, Western Europe.
    Cp1252,
    /// Classic Mac OS.
    MacRoman,
}

impl Page {
    pub(super) const ALL: [Page; 2] = [Page::Cp1252, Page::MacRoman];

    /// The name in [`Encoding::from`](model::draft::Encoding::from).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cp1252 => "cp1252",
            Self::MacRoman => "macroman",
        }
    }

    /// The byte that this code page shows as a character; only for characters beyond ASCII.
    pub(super) fn byte_of(self, c: char) -> Option<u8> {
        let place = |table: &[char]| table.iter().position(|known| *known == c).map(|at| 0x80 + at as u8);
        match self {
            Self::Cp1252 if ('\u{A0}'..='\u{FF}').contains(&c) => Some(c as u8),
            Self::Cp1252 => place(&CP1252),
            Self::MacRoman => place(&MAC_ROMAN),
        }
    }

    /// The character that this code page shows for a byte beyond ASCII.
    pub(super) fn char_of(self, byte: u8) -> char {
        let at = usize::from(byte.saturating_sub(0x80));
        match self {
            Self::Cp1252 => CP1252.get(at).copied().unwrap_or(byte as char),
            Self::MacRoman => MAC_ROMAN.get(at).copied().unwrap_or(byte as char),
        }
    }
}

/// 0x80 to 0x9F; the five bytes that mean nothing there pass through as control characters.
const CP1252: [char; 32] = [
    '\u{20AC}', '\u{0081}', '\u{201A}', '\u{0192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{02C6}', '\u{2030}', '\u{0160}', '\u{2039}', '\u{0152}', '\u{008D}', '\u{017D}', '\u{008F}',
    '\u{0090}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{02DC}', '\u{2122}', '\u{0161}', '\u{203A}', '\u{0153}', '\u{009D}', '\u{017E}', '\u{0178}',
];

/// 0x80 to 0xFF.
const MAC_ROMAN: [char; 128] = [
    '\u{00C4}', '\u{00C5}', '\u{00C7}', '\u{00C9}', '\u{00D1}', '\u{00D6}', '\u{00DC}', '\u{00E1}',
    '\u{00E0}', '\u{00E2}', '\u{00E4}', '\u{00E3}', '\u{00E5}', '\u{00E7}', '\u{00E9}', '\u{00E8}',
    '\u{00EA}', '\u{00EB}', '\u{00ED}', '\u{00EC}', '\u{00EE}', '\u{00EF}', '\u{00F1}', '\u{00F3}',
    '\u{00F2}', '\u{00F4}', '\u{00F6}', '\u{00F5}', '\u{00FA}', '\u{00F9}', '\u{00FB}', '\u{00FC}',
    '\u{2020}', '\u{00B0}', '\u{00A2}', '\u{00A3}', '\u{00A7}', '\u{2022}', '\u{00B6}', '\u{00DF}',
    '\u{00AE}', '\u{00A9}', '\u{2122}', '\u{00B4}', '\u{00A8}', '\u{2260}', '\u{00C6}', '\u{00D8}',
    '\u{221E}', '\u{00B1}', '\u{2264}', '\u{2265}', '\u{00A5}', '\u{00B5}', '\u{2202}', '\u{2211}',
    '\u{220F}', '\u{03C0}', '\u{222B}', '\u{00AA}', '\u{00BA}', '\u{03A9}', '\u{00E6}', '\u{00F8}',
    '\u{00BF}', '\u{00A1}', '\u{00AC}', '\u{221A}', '\u{0192}', '\u{2248}', '\u{2206}', '\u{00AB}',
    '\u{00BB}', '\u{2026}', '\u{00A0}', '\u{00C0}', '\u{00C3}', '\u{00D5}', '\u{0152}', '\u{0153}',
    '\u{2013}', '\u{2014}', '\u{201C}', '\u{201D}', '\u{2018}', '\u{2019}', '\u{00F7}', '\u{25CA}',
    '\u{00FF}', '\u{0178}', '\u{2044}', '\u{20AC}', '\u{2039}', '\u{203A}', '\u{FB01}', '\u{FB02}',
    '\u{2021}', '\u{00B7}', '\u{201A}', '\u{201E}', '\u{2030}', '\u{00C2}', '\u{00CA}', '\u{00C1}',
    '\u{00CB}', '\u{00C8}', '\u{00CD}', '\u{00CE}', '\u{00CF}', '\u{00CC}', '\u{00D3}', '\u{00D4}',
    '\u{F8FF}', '\u{00D2}', '\u{00DA}', '\u{00DB}', '\u{00D9}', '\u{0131}', '\u{02C6}', '\u{02DC}',
    '\u{00AF}', '\u{02D8}', '\u{02D9}', '\u{02DA}', '\u{00B8}', '\u{02DD}', '\u{02DB}', '\u{02C7}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_the_bytes_their_page_gives_them() {
        for (page, c, byte) in [
            (Page::Cp1252, 'Â', Some(0xC2)),
            (Page::Cp1252, '€', Some(0x80)),
            (Page::Cp1252, '\u{9D}', Some(0x9D)),
            (Page::Cp1252, 'Ÿ', Some(0x9F)),
            (Page::Cp1252, '→', None),
            (Page::MacRoman, '‚', Some(0xE2)),
            (Page::MacRoman, '–', Some(0xD0)),
            (Page::MacRoman, '§', Some(0xA4)),
            (Page::MacRoman, '\u{F8FF}', Some(0xF0)),
            (Page::MacRoman, 'Ð', None),
        ] {
            assert_eq!(page.byte_of(c), byte, "{c} in {}", page.name());
            assert!(byte.is_none_or(|byte| page.char_of(byte) == c), "{c} in {}", page.name());
        }
    }

    #[test]
    fn no_character_stands_for_two_bytes() {
        for table in [&CP1252[..], &MAC_ROMAN[..]] {
            for (at, c) in table.iter().enumerate() {
                assert!(!table[..at].contains(c), "{c}");
            }
        }
    }
}

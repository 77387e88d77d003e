//! Names of files made from what authors wrote: never a way out of the folder.

/// The most bytes of a name: file systems stop at 255, and a number or an extension may follow.
const MOST: usize = 180;

/// A text as the name of one file: no separators, no control characters, nothing that a shell or a
/// file system reads as something else; `plan` where nothing is left.
pub fn file_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        let odd = c.is_control()
            || matches!(
                c,
                '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '`' | '$' | '\'' | '\u{feff}'
            )
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let c = if odd { '-' } else { c };
        if !(matches!(c, '-' | '.') && name.ends_with(c)) && name.len() + c.len_utf8() <= MOST {
            name.push(c);
        }
    }
    let name = name.trim_matches(|c: char| c == '.' || c == '-' || c.is_whitespace());
    let reserved = ["con", "prn", "aux", "nul"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if name.is_empty() || reserved { "plan".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_its_folder() {
        for (text, name) in [
            ("batch-1", "batch-1"),
            ("../../etc/passwd", "etc-passwd"),
            ("/abs", "abs"),
            (r"..\x", "x"),
            ("a\0b\nc", "a-b-c"),
            ("..", "plan"),
            ("", "plan"),
            ("NUL", "plan"),
            ("$(rm -rf ~)", "(rm -rf ~)"),
            ("Größe – 1", "Größe – 1"),
        ] {
            assert_eq!(file_name(text), name, "{text:?}");
        }
        assert!(file_name(&"ü".repeat(500)).len() <= MOST);
    }
}

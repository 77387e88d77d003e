//! Which parts of a line are code: what stands between backticks, as Markdown has it.

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span<'a> {
    /// Prose.
    Prose(&'a str),
    /// Between backticks, those left out.
    Code(&'a str),
}

/// The parts of a line in order. Backticks without an equal number behind them are prose.
pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let (mut parts, mut prose, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..].find('`') {
        let open = at + found;
        let length = ticks(&text[open..]);
        let inside = open + length;
        match closing(&text[inside..], length) {
            Some(end) => {
                if prose < open {
                    parts.push(Span::Prose(&text[prose..open]));
                }
                parts.push(Span::Code(&text[inside..inside + end]));
                at = inside + end + length;
                prose = at;
            }
            None => at = inside,
        }
    }
    if prose < text.len() {
        parts.push(Span::Prose(&text[prose..]));
    }
    parts
}

fn ticks(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

/// Where a run of exactly so many backticks begins.
fn closing(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let here = at + found;
        let run = ticks(&text[here..]);
        if run == length {
            return Some(here);
        }
        at = here + run;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Span::{Code, Prose};
    use super::*;

    #[test]
    fn code_is_what_stands_between_as_many_backticks() {
        assert_eq!(spans("run `a b` now"), [Prose("run "), Code("a b"), Prose(" now")]);
        assert_eq!(spans("``a ` b``"), [Code("a ` b")]);
        assert_eq!(spans("one ` alone"), [Prose("one ` alone")]);
        assert_eq!(spans("``x` y"), [Prose("``x` y")]);
        assert_eq!(spans("`a``b`"), [Code("a``b")]);
        assert_eq!(spans(""), []);
    }
}

//! Pages as text for documents. Terminals are the business of whoever has one.

pub mod html;
pub mod markdown;
mod prose;
mod spans;

/// Whether a letter cannot be seen: control characters, and those that turn the direction of
/// everything behind them around, so that a line reads as what it is not.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

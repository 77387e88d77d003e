//! Tones: a handful of meanings, each with one colour.

use anstyle::{AnsiColor, Style};

/// What a coloured word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// Proven, in order.
    Good,
    /// Deserves a look.
    Warn,
    /// Refuted, failed, an error.
    Bad,
    /// A heading, a key.
    Strong,
    /// Less important than what stands around it.
    Faint,
}

impl Tone {
    /// The text, coloured if asked for.
    pub fn paint(self, text: &str, color: bool) -> String {
        if !color || self == Self::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = self.style();
        format!("{style}{text}{style:#}")
    }

    fn style(self) -> Style {
        let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Good => colored(AnsiColor::Green),
            Self::Warn => colored(AnsiColor::Yellow),
            Self::Bad => colored(AnsiColor::Red).bold(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}

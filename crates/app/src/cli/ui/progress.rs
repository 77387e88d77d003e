//! Progress of longer work: a bar on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far some work has come.
pub struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    Lines,
    Nothing,
}

impl Progress {
    pub(super) fn new(what: &'static str, total: u64, quiet: bool, color: bool) -> Self {
        let shown = if quiet || total == 0 {
            Shown::Nothing
        } else if io::stderr().is_terminal() {
            Shown::Bar(bar(what, total, color))
        } else {
            Shown::Lines
        };
        Self { what, total, done: 0, shown }
    }

    /// Says what is being done now.
    pub fn at(&self, text: &str) {
        if let Shown::Bar(bar) = &self.shown {
            bar.set_message(text.to_owned());
            bar.tick();
        }
    }

    /// Counts a step as done, and says which.
    pub fn step(&mut self, text: &str) {
        self.done += 1;
        match &self.shown {
            Shown::Bar(bar) => {
                bar.set_message(text.to_owned());
                bar.inc(1);
            }
            Shown::Lines => {
                // With standard error gone there is nobody left to tell.
                let _ =
                    writeln!(io::stderr().lock(), "{:<10} {}/{}  {text}", self.what, self.done, self.total);
            }
            Shown::Nothing => {}
        }
    }

    /// Takes the bar away; plain lines stay.
    pub fn finish(self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, total: u64, color: bool) -> ProgressBar {
    let template = if color {
        "{prefix:.green} {bar:16.cyan} {pos:>3}/{len}  {wide_msg}"
    } else {
        "{prefix} {bar:16} {pos:>3}/{len}  {wide_msg}"
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("██░"));
    bar.set_prefix(format!("{what:<10}"));
    bar
}

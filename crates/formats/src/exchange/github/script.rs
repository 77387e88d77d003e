//! Calls of the GitHub command line as a shell script: readable, quoted so that nothing in a plan
//! is ever run, and without effect until it is told to have one.

/// A script being written.
pub(super) struct Script {
    text: String,
}

/// Says what the script is and how to let it act; `call` prints a call unless it may be made.
const HEAD: &str = r#"#!/bin/sh
# As it stands this script changes nothing: it prints the calls it would make.
# Read it, then let it act, in a clone of the repository or with GH_REPO=owner/name set:
#
#     GO=1 sh issues.sh
#
# It needs `gh`, logged in. Issues that exist are edited (labels and assignees are added, none is
# taken away), others are created; running it twice creates those twice.
set -eu

call() {
    if [ "${GO:-0}" = 1 ]; then
        "$@"
    else
        printf 'would call:' >&2
        printf ' %s' "$@" >&2
        printf '\n' >&2
        printf 'the-new-issue\n'
    fi
}

"#;

impl Script {
    pub(super) fn new(title: &str) -> Self {
        let head = HEAD.replacen('\n', &format!("\n# Issues of the plan {}.\n#\n", tame(title)), 1);
        Self { text: head }
    }

    /// A remark on a line of its own.
    pub(super) fn remark(&mut self, text: &str) {
        self.text.push_str(&format!("# {}\n", tame(text)));
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A call of `gh`. What comes of it is thrown away, or kept as the issue that was made.
    pub(super) fn call(&mut self, words: &[&str], options: &[(&str, String)], keep: Keep) {
        let mut line = String::from("call gh");
        for word in words {
            line.push(' ');
            line.push_str(word);
        }
        for (name, value) in options {
            line.push_str(&format!(" --{name}={}", quoted(value)));
        }
        match keep {
            Keep::Nothing => self.text.push_str(&format!("{line} >/dev/null\n")),
            Keep::Perhaps => self.text.push_str(&format!("{line} >/dev/null 2>&1 || true\n")),
            Keep::Issue => self.text.push_str(&format!("issue=$({line})\n")),
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// What is done with a call's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nothing.
    Nothing,
    /// Nothing, and its failure is no harm: what it makes is there already.
    Perhaps,
    /// The issue it made, as `$issue`.
    Issue,
}

/// A text as one word of a shell: nothing in single quotes means anything but the next quote. A
/// byte that no argument can hold is left out.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

/// One line for a remark.
fn tame(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

/// Several names as one value of `gh`, which reads such values as a row of CSV.
pub(super) fn row<T: AsRef<str>>(names: &[T]) -> String {
    let names = names.iter().map(|name| {
        let name = name.as_ref();
        if name.contains(['"', ',', '\n', '\r']) || name.trim() != name {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_owned()
        }
    });
    names.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_run() {
        for (text, word) in [
            ("plain", "'plain'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -rf ~) `x` $HOME \\", r"'$(rm -rf ~) `x` $HOME \'"),
            ("a\nb", "'a\nb'"),
            ("a\0b", "'ab'"),
            ("';exit;'", r"''\'';exit;'\'''"),
        ] {
            assert_eq!(quoted(text), word);
        }
        let mut script = Script::new("x\nrm -rf ~");
        script.remark("evil\n$(rm)");
        assert!(script.finish().lines().all(|line| !line.starts_with("rm") && !line.starts_with("$(")));
    }
}

//! The words of a shell command, well enough to see which files it names.
//!
//! Not a shell: variables stay as they are written, and commands inside `$( )` and quotes are read
//! as commands of their own. A file is rather named once too often than not at all.

/// Quoted commands within commands are read this deep.
const DEPTH: u32 = 3;

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without its quotes.
    pub(super) text: String,
    /// Whether it stands where a command's name stands.
    pub(super) first: bool,
}

/// All words of a text in the shell's language.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    read(text, DEPTH, &mut found);
    found
}

struct Reader<'f> {
    found: &'f mut Vec<Word>,
    depth: u32,
    word: Option<String>,
    first: bool,
    output: bool,
}

impl Reader<'_> {
    fn letter(&mut self, letter: char) {
        self.word.get_or_insert_default().push(letter);
    }

    fn end_word(&mut self) {
        let Some(text) = self.word.take().filter(|text| !text.is_empty()) else { return };
        if std::mem::take(&mut self.output) {
            return;
        }
        let is_assignment = self.first
            && text.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
        if text.contains(char::is_whitespace) && self.depth > 0 {
            read(&text, self.depth - 1, self.found);
        }
        self.found.push(Word { text, first: self.first && !is_assignment });
        if !is_assignment {
            self.first = false;
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.first = true;
    }
}

fn read(text: &str, depth: u32, found: &mut Vec<Word>) {
    let mut reader = Reader { found, depth, word: None, first: true, output: false };
    let mut letters = text.chars().peekable();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), other) => reader.letter(other),
            (_, '`') => reader.end_command(),
            (_, '$') if letters.peek() == Some(&'(') => {
                letters.next();
                reader.end_command();
            }
            (_, '\\') => match letters.next() {
                Some('\n') | None => {}
                Some(escaped) => reader.letter(escaped),
            },
            (Some(_), ')') => reader.end_command(),
            (Some(_), other) => reader.letter(other),
            (None, '\'' | '"') => {
                quote = Some(letter);
                reader.word.get_or_insert_default();
            }
            (None, '#') if reader.word.is_none() => while letters.next_if(|next| *next != '\n').is_some() {},
            (None, ';' | '|' | '&' | '(' | ')' | '\n') => reader.end_command(),
            (None, '<') => reader.end_word(),
            (None, '>') => {
                // `2>` is no word of its own.
                if reader.word.as_ref().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit())) {
                    reader.word = None;
                }
                reader.end_word();
                letters.next_if_eq(&'>');
                reader.output = letters.next_if_eq(&'&').is_none();
            }
            (None, space) if space.is_whitespace() => reader.end_word(),
            (None, other) => reader.letter(other),
        }
    }
    reader.end_word();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        // A `*` marks a word that stands where a command's name stands.
        let found: Vec<String> = words(text)
            .into_iter()
            .map(|w| format!("{}{}", if w.first { "*" } else { "" }, w.text))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_are_told_apart_as_a_shell_does() {
        check("cargo test --workspace", &["*cargo", "test", "--workspace"]);
        check("a 'b c'd \"e\" f\\ g", &["*a", "*b", "cd", "b cd", "e", "*f", "g", "f g"]);
        check("A=1 ./x.sh && y|z;(w)", &["A=1", "*./x.sh", "*y", "*z", "*w"]);
        check("x <in >out 2>/dev/null 2>&1", &["*x", "in", "1"]);
        check("echo \"$(./x.sh)\" `./y.sh`", &["*echo", "*./x.sh", "*./y.sh"]);
        check("sh -c './x.sh; ./y.sh'", &["*sh", "-c", "*./x.sh", "*./y.sh", "./x.sh; ./y.sh"]);
        check("a # ./b.sh\nc", &["*a", "*c"]);
        check("'open", &["*open"]);
        check("", &[]);
    }
}

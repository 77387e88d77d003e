//! Rust sources with comments and literals told apart from code, as far as the rules need it.

/// A Rust source, taken apart.
pub(super) struct Scan {
    /// The source with comments and the contents of literals replaced by spaces; line breaks
    /// stay, so lines keep their numbers.
    pub(super) code: String,
    /// String literals with the line each begins on, as written (escapes unread).
    pub(super) literals: Vec<(usize, String)>,
}

impl Scan {
    /// Takes a source apart. Wrong sources give odd answers, never a panic.
    pub(super) fn of(source: &str) -> Self {
        let mut cursor = Cursor { rest: source, code: String::with_capacity(source.len()), line: 1 };
        let mut literals = Vec::new();
        while let Some(next) = cursor.rest.chars().next() {
            if cursor.rest.starts_with("//") {
                let end = cursor.rest.find('\n').unwrap_or(cursor.rest.len());
                cursor.hide(end);
            } else if cursor.rest.starts_with("/*") {
                cursor.hide(block_comment(cursor.rest));
            } else if let Some((open, close)) = string_at(cursor.rest, cursor.code.chars().last()) {
                let line = cursor.line;
                cursor.keep(open);
                let end = string_end(cursor.rest, &close);
                literals.push((line, cursor.rest[..end].to_owned()));
                cursor.hide(end);
                let closing = close.len().min(cursor.rest.len());
                cursor.keep(closing);
            } else if let Some(length) = char_literal(cursor.rest) {
                cursor.hide(length);
            } else {
                cursor.keep(next.len_utf8());
            }
        }
        Self { code: cursor.code, literals }
    }

    /// The lines of code that are built into the product, numbered: all up to the tests at the
    /// end of the file.
    pub(super) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(place, line)| (place + 1, line)).take(self.product_end())
    }

    /// The string literals of the product part.
    pub(super) fn product_literals(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.product_end();
        self.literals.iter().filter(move |(line, _)| *line <= end).map(|(line, text)| (*line, &**text))
    }

    fn product_end(&self) -> usize {
        let lines: Vec<&str> = self.code.lines().collect();
        let tests = lines.windows(2).position(|pair| {
            pair[0].trim() == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].contains('{')
        });
        tests.unwrap_or(lines.len())
    }
}

struct Cursor<'a> {
    rest: &'a str,
    code: String,
    line: usize,
}

impl Cursor<'_> {
    fn keep(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.code.push_str(taken);
        self.rest = rest;
    }

    fn hide(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.code.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of an opening quote here, and the text that closes it.
fn string_at(text: &str, before: Option<char>) -> Option<(usize, String)> {
    if text.starts_with('"') {
        return Some((1, "\"".to_owned()));
    }
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..]
        .starts_with('"')
        .then(|| (text.len() - after.len() + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

/// Where the string that began just before ends. A raw string has no escapes; one without `#`
/// is read as if it had, which only matters where it ends in a backslash.
fn string_end(text: &str, close: &str) -> usize {
    if close.len() > 1 {
        return text.find(close).unwrap_or(text.len());
    }
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The length of a character literal here; a lifetime is none.
fn char_literal(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    let mut chars = inner.chars();
    match chars.next()? {
        '\\' => {
            let (after, _) = inner.char_indices().nth(2)?;
            inner[after..].find('\'').map(|end| 1 + after + end + 1)
        }
        first => (chars.next() == Some('\'')).then_some(first.len_utf8() + 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_is_neither_comment_nor_literal() {
        let scan = Scan::of("let a = \"x // \\\" y\"; // todo\n/* a /* b */ c */ f('\"', '\\'', &'a b)\n");
        assert!(!scan.code.contains("todo") && !scan.code.contains('x') && !scan.code.contains('c'));
        assert!(scan.code.contains("f(") && scan.code.contains("&'a b)"));
        assert_eq!(scan.literals, [(1, "x // \\\" y".to_owned())]);
        assert_eq!(scan.code.lines().count(), 2);
    }

    #[test]
    fn raw_strings_end_where_their_hashes_do() {
        let scan = Scan::of("r#\"a \"b\" \\\"#; br\"c\"; var\"d\"");
        let texts: Vec<_> = scan.literals.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["a \"b\" \\", "c", "d"]);
    }

    #[test]
    fn tests_at_the_end_are_not_the_product() {
        let scan = Scan::of("f(\"a\");\n#[cfg(test)]\nmod tests {\n    g(\"b\");\n}\n");
        assert_eq!(scan.product_lines().count(), 1);
        assert_eq!(scan.product_literals().collect::<Vec<_>>(), [(1, "a")]);
        let open = "#[cfg(test)]\nmod tests;\nf();\n";
        assert_eq!(Scan::of(open).product_lines().count(), 3);
    }

    #[test]
    fn cut_off_sources_do_no_harm() {
        for odd in ["\"a", "/* a", "'", "'\\", "r#\"a", "b", "/", "'\\'"] {
            assert_eq!(Scan::of(odd).code.lines().count(), 1, "{odd}");
        }
    }
}

//! Where two versions of a text differ.

/// What lies between the beginning and the end that two texts share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apart {
    /// Up to here both are the same.
    pub start: usize,
    /// From here on the one is as the other from `after_end` on.
    pub before_end: usize,
    /// The same place in the other.
    pub after_end: usize,
}

/// The lines between the beginning and the end that two texts share, whole.
pub fn lines_between(before: &[u8], after: &[u8]) -> Apart {
    let same = same_beginning(before, after);
    let start = memchr::memrchr(b'\n', &before[..same]).map_or(0, |end| end + 1);
    let tail = same_end(&before[start..], &after[start..]);
    let begins_line = |text: &[u8]| matches!(text[..text.len() - tail], [] | [.., b'\n']);
    let tail = if begins_line(before) && begins_line(after) {
        tail
    } else {
        // A line that only ends alike is not the same.
        memchr::memchr(b'\n', &before[before.len() - tail..]).map_or(0, |end| tail - end - 1)
    };
    Apart { start, before_end: before.len() - tail, after_end: after.len() - tail }
}

/// So many bytes are compared at once.
const BLOCK: usize = 4096;

fn same_beginning(one: &[u8], other: &[u8]) -> usize {
    let alike = one.chunks(BLOCK).zip(other.chunks(BLOCK)).take_while(|(one, other)| one == other);
    let whole: usize = alike.map(|(block, _)| block.len()).sum();
    let rest = one[whole..].iter().zip(&other[whole..]).take_while(|(one, other)| one == other);
    whole + rest.count()
}

fn same_end(one: &[u8], other: &[u8]) -> usize {
    let alike = one.rchunks(BLOCK).zip(other.rchunks(BLOCK)).take_while(|(one, other)| one == other);
    let whole: usize = alike.map(|(block, _)| block.len()).sum();
    let (one, other) = (&one[..one.len() - whole], &other[..other.len() - whole]);
    whole + one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}

/// The lines on which somebody's version begins, of merges that were not finished.
pub fn unfinished_merges(text: &[u8]) -> Vec<u32> {
    let (mut found, mut open, mut parted) = (Vec::new(), None, false);
    let Some(first) = memchr::memmem::find(text, b"<<<<<<<") else { return found };
    let first = memchr::memrchr(b'\n', &text[..first]).map_or(0, |end| end + 1);
    let line = 1 + memchr::memchr_iter(b'\n', &text[..first]).count() as u32;
    for (number, line) in (line..).zip(text[first..].split(|byte| *byte == b'\n')) {
        if line.starts_with(b"<<<<<<<") {
            (open, parted) = (Some(number), false);
        } else if line.starts_with(b"=======") {
            parted = open.is_some();
        } else if line.starts_with(b">>>>>>>") && parted {
            found.extend(open.take());
            parted = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_is_whole_lines() {
        let check = |before: &str, after: &str, old: &str, new: &str| {
            let Apart { start, before_end, after_end } = lines_between(before.as_bytes(), after.as_bytes());
            assert_eq!((&before[start..before_end], &after[start..after_end]), (old, new));
            assert_eq!((&before[..start], &before[before_end..]), (&after[..start], &after[after_end..]));
        };
        check("a\nb\nc\n", "a\nB\nc\n", "b\n", "B\n");
        check("a\nxb\nc\n", "a\nyb\nc", "xb\nc\n", "yb\nc");
        check("a\nb\n", "a\nc\nb\n", "", "c\n");
        check("a\na\n", "a\na\na\n", "", "a\n");
        check("same", "same", "", "");
        check("a\nsame", "b\nsame", "a\n", "b\n");
        check("a same", "b same", "a same", "b same");
        check("", "a", "", "a");
        let long = "A line like every other.\n".repeat(1_000);
        let edited = format!("{}The one.\n{}", &long[..2_500], &long[2_500..]);
        check(&long, &edited, "", "The one.\n");
        check(&edited, &long, "The one.\n", "");
        check(&long, &long, "", "");
    }

    #[test]
    fn marks_of_a_merge_are_told_from_underlined_headings() {
        let check =
            |text: &str, lines: &[u32]| assert_eq!(unfinished_merges(text.as_bytes()), lines, "{text}");
        check("Plan\n=======\n\n- [ ] one\n", &[]);
        check("<<<<<<< HEAD\n- [ ] one\n=======\n- [x] one\n>>>>>>> theirs\n", &[1]);
        check("Plan\n=======\n<<<<<<< HEAD\n- [ ] one\n", &[]);
        check("Plan\na <<<<<<<\n<<<<<<< HEAD\n=======\n>>>>>>> x\n", &[3]);
        check(">>>>>>> a quotation of a quotation\n=======\n", &[]);
        check("<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> x\r\n<<<<<<<\n=======\n>>>>>>>\n", &[1, 6]);
    }
}

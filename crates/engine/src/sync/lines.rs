//! Merging three texts line by line: what two people made of one text, where they did not touch the
//! same lines. A calculation.

use std::collections::HashMap;
use std::ops::Range;

/// Both texts in one; nothing where they changed the same lines to different ones.
pub(super) fn merge(base: &[u8], one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (base, one, other) = (split(base), split(one), split(other));
    let (ones, others) = (hunks(&base, &one), hunks(&base, &other));
    let (mut out, mut at) = (Vec::new(), 0);
    let (mut left, mut right) = (ones.into_iter().peekable(), others.into_iter().peekable());
    loop {
        let hunk = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some((mine, _)), Some((theirs, _))) if meet(mine, theirs) => {
                let ((mine, new), (theirs, newer)) = (left.next()?, right.next()?);
                if (&mine, &one[new.clone()]) != (&theirs, &other[newer]) {
                    return None;
                }
                (mine, &one[new])
            }
            (Some((mine, _)), Some((theirs, _))) if theirs.start < mine.start => {
                right.next().map(|(range, new)| (range, &other[new]))?
            }
            (Some(_), _) => left.next().map(|(range, new)| (range, &one[new]))?,
            (None, Some(_)) => right.next().map(|(range, new)| (range, &other[new]))?,
        };
        let (range, new) = hunk;
        out.extend(base.get(at..range.start)?.iter().copied().flatten());
        out.extend(new.iter().copied().flatten());
        at = range.end;
    }
    out.extend(base.get(at..)?.iter().copied().flatten());
    Some(out)
}

/// Whether two stretches of the base have a line in common, or begin at the same place.
fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start == other.start || (one.start < other.end && other.start < one.end)
}

fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Which lines of the base became which of the new text, in order.
fn hunks(base: &[&[u8]], new: &[&[u8]]) -> Vec<(Range<usize>, Range<usize>)> {
    let (mut hunks, mut begun) = (Vec::new(), (0, 0));
    let mut matches = matches(base, new, 0, 0);
    matches.push((base.len(), new.len()));
    for (old, now) in matches {
        if begun != (old, now) {
            hunks.push((begun.0..old, begun.1..now));
        }
        begun = (old + 1, now + 1);
    }
    hunks
}

/// Lines that stayed: those at both ends, and between them those that each text has once, in an
/// order that both keep.
fn matches(base: &[&[u8]], new: &[&[u8]], base_at: usize, new_at: usize) -> Vec<(usize, usize)> {
    let front = base.iter().zip(new).take_while(|(old, now)| old == now).count();
    let most = base.len().min(new.len()) - front;
    let back = base.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, now)| old == now).count();
    let mut found: Vec<(usize, usize)> = (0..front).map(|line| (base_at + line, new_at + line)).collect();
    let (old, now) = (&base[front..base.len() - back], &new[front..new.len() - back]);
    let anchors = anchors(old, now);
    let (mut from, mut to) = (0, 0);
    for (at_old, at_now) in anchors.iter().copied() {
        found.extend(matches(
            &old[from..at_old],
            &now[to..at_now],
            base_at + front + from,
            new_at + front + to,
        ));
        found.push((base_at + front + at_old, new_at + front + at_now));
        (from, to) = (at_old + 1, at_now + 1);
    }
    if !anchors.is_empty() {
        found.extend(matches(&old[from..], &now[to..], base_at + front + from, new_at + front + to));
    }
    found
        .extend((0..back).rev().map(|line| (base_at + base.len() - 1 - line, new_at + new.len() - 1 - line)));
    found
}

fn anchors(old: &[&[u8]], now: &[&[u8]]) -> Vec<(usize, usize)> {
    let mut seen: HashMap<&[u8], (u32, usize, u32, usize)> = HashMap::new();
    for (place, line) in old.iter().enumerate() {
        let entry = seen.entry(line).or_default();
        (entry.0, entry.1) = (entry.0 + 1, place);
    }
    for (place, line) in now.iter().enumerate() {
        if let Some(entry) = seen.get_mut(line) {
            (entry.2, entry.3) = (entry.2 + 1, place);
        }
    }
    let mut pairs: Vec<(usize, usize)> =
        seen.values().filter(|entry| entry.0 == 1 && entry.2 == 1).map(|entry| (entry.1, entry.3)).collect();
    pairs.sort_unstable();
    longest_rising(&pairs)
}

/// Of pairs in the order of their first part, the most whose second parts rise too.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (place, pair) in pairs.iter().enumerate() {
        let at = tails.partition_point(|tail| pairs[*tail].1 < pair.1);
        before.push(at.checked_sub(1).map(|earlier| tails[earlier]));
        if at == tails.len() { tails.push(place) } else { tails[at] = place }
    }
    let mut chain = Vec::with_capacity(tails.len());
    let mut next = tails.last().copied();
    while let Some(place) = next {
        chain.push(pairs[place]);
        next = before[place];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, one: &str, other: &str, merged: Option<&str>) {
        for (one, other) in [(one, other), (other, one)] {
            let found = merge(base.as_bytes(), one.as_bytes(), other.as_bytes());
            let found = found.map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), merged, "{base:?} {one:?} {other:?}");
        }
    }

    #[test]
    fn what_two_people_changed_in_different_places_is_in_both() {
        check("a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n", Some("a\nB\nC\n"));
        check("a\nb\nc\n", "b\nc\n", "a\nb\nc\nd\n", Some("b\nc\nd\n"));
        check("a\nb\nc\n", "a\nx\nb\nc\n", "a\nb\ny\nc\n", Some("a\nx\nb\ny\nc\n"));
        check("a\r\nb", "a\r\nb\r\n", "A\r\nb", Some("A\r\nb\r\n"));
        check("", "a\n", "", Some("a\n"));
        check("a\na\na\nb\n", "a\na\na\na\nb\n", "a\na\na\nB\n", None);
    }

    #[test]
    fn the_same_change_twice_is_one_change() {
        check("a\nb\n", "a\nB\n", "a\nB\n", Some("a\nB\n"));
        check("a\n", "a\nb\n", "a\nb\n", Some("a\nb\n"));
    }

    #[test]
    fn different_changes_of_a_line_are_nobodys_to_decide() {
        check("a\nb\nc\n", "a\nB\nc\n", "a\nbb\nc\n", None);
        check("a\nb\nc\n", "a\nc\n", "a\nbb\nc\n", None);
        check("a\n", "a\nb\n", "a\nc\n", None);
    }
}

//! Paths that work intends to write, as patterns: whether two patterns may mean the same file, and
//! whether a pattern covers a file.
//!
//! `*` and `?` stay within a folder, `**` goes through any number of them, and a pattern that ends
//! in `/` means everything below. Where a pattern cannot be read exactly (sets in brackets or
//! braces), two patterns are taken to meet: a reservation errs on the safe side.

/// Whether a path is a pattern, and not the name of one file.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '[', '{']) || path.ends_with('/')
}

/// The part of a pattern before its first wildcard, up to and with the last slash.
pub fn fixed_start(pattern: &str) -> &str {
    let wild = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let slash = pattern[..wild].rfind('/').map_or(0, |at| at + 1);
    &pattern[..slash]
}

/// A path in the form patterns are compared in: no `./` in front, no doubled slashes.
pub fn plain(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    if path.is_empty() {
        return path;
    }
    let mut plain = String::with_capacity(path.len());
    for (place, segment) in path.split('/').enumerate() {
        let last = plain.ends_with('/') || plain.is_empty();
        match segment {
            "." => {}
            "" if place > 0 => {
                if !last {
                    plain.push('/');
                }
            }
            _ => {
                if !last {
                    plain.push('/');
                }
                plain.push_str(segment);
                if place == 0 && segment.is_empty() {
                    plain.push('/');
                }
            }
        }
    }
    plain
}

/// Whether a path leads out of the folder it is relative to.
pub fn leads_out(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|segment| segment == "..")
}

/// Whether some path may match both patterns.
pub fn meet(a: &str, b: &str) -> bool {
    walk(&segments(a), &segments(b), |b| b == "**", segment_meets)
}

/// Whether a pattern covers a file; none covers what lies outside.
pub fn covers(pattern: &str, path: &str) -> bool {
    // The file's name is what it is: asterisks in it are no wildcards.
    let path = plain(path);
    let names: Vec<String> = path.trim_end_matches('/').split('/').map(str::to_owned).collect();
    !leads_out(&path) && walk(&segments(pattern), &names, |_| false, segment_covers)
}

fn segments(path: &str) -> Vec<String> {
    let plain = plain(path);
    let open = if plain.ends_with('/') { format!("{plain}**") } else { plain };
    open.split('/').map(str::to_owned).collect()
}

/// Lays two lists of segments beside each other. A table and not a recursion: patterns come from
/// other people's documents, and one with many `**` would have a recursion walk for ever.
fn walk(
    a: &[String],
    b: &[String],
    is_wide: impl Fn(&str) -> bool,
    same: impl Fn(&str, &str) -> bool,
) -> bool {
    let (wide_a, wide_b) = (|i: usize| a[i] == "**", |j: usize| is_wide(&b[j]));
    let mut below = vec![false; b.len() + 1];
    for i in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for j in (0..=b.len()).rev() {
            row[j] = match (i < a.len(), j < b.len()) {
                (false, false) => true,
                (true, _) if wide_a(i) => below[j] || (j < b.len() && row[j + 1]),
                (_, true) if wide_b(j) => row[j + 1] || (i < a.len() && below[j]),
                (true, true) => below[j + 1] && same(&a[i], &b[j]),
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

/// Whether two segments may be the same name. A `*` is taken at its fixed ends; sets in brackets
/// and braces may be anything.
fn segment_meets(a: &str, b: &str) -> bool {
    let loose = |segment: &str| segment.contains(['?', '[', '{']);
    if a == b || loose(a) || loose(b) {
        return true;
    }
    let ends = |segment: &str| -> Option<(String, String)> {
        let (start, rest) = segment.split_once('*')?;
        Some((start.to_owned(), rest.rsplit('*').next().unwrap_or_default().to_owned()))
    };
    match (ends(a), ends(b)) {
        (None, None) => false,
        (Some((start, end)), None) => fits(b, &start, &end),
        (None, Some((start, end))) => fits(a, &start, &end),
        (Some((start, end)), Some((other_start, other_end))) => {
            (start.starts_with(&other_start) || other_start.starts_with(&start))
                && (end.ends_with(&other_end) || other_end.ends_with(&end))
        }
    }
}

fn fits(name: &str, start: &str, end: &str) -> bool {
    name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
}

/// Whether a segment of a pattern covers a name: `*` any run of characters, `?` one, `[a-c]` one of
/// a set, `{a,b}` one of several.
fn segment_covers(pattern: &str, name: &str) -> bool {
    if let Some((before, rest)) = pattern.split_once('{')
        && let Some((choices, after)) = rest.split_once('}')
    {
        return choices.split(',').any(|choice| segment_covers(&format!("{before}{choice}{after}"), name));
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut p) = (0, 0);
    // Where the last `*` stood, and up to where it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, at));
                p += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => set_holds(&pattern[p..], name[at]),
            Some(c) => (*c == name[at]).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(length), _) => {
                p += length;
                at += 1;
            }
            (None, Some((place, swallowed))) => {
                star = Some((place, swallowed + 1));
                p = place + 1;
                at = swallowed + 1;
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// How many characters of the pattern a set takes, where it holds the character.
fn set_holds(pattern: &[char], c: char) -> Option<usize> {
    let Some(end) = pattern.iter().skip(2).position(|c| *c == ']').map(|end| end + 2) else {
        return (c == '[').then_some(1);
    };
    let inside = &pattern[1..end];
    let (negated, inside) = match inside.first() {
        Some('!' | '^') => (true, &inside[1..]),
        _ => (false, inside),
    };
    let mut holds = false;
    let mut place = 0;
    while place < inside.len() {
        if place + 2 < inside.len() && inside[place + 1] == '-' {
            holds |= inside[place] <= c && c <= inside[place + 2];
            place += 3;
        } else {
            holds |= inside[place] == c;
            place += 1;
        }
    }
    (holds != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_where_a_path_may_match_both() {
        for (a, b) in [
            ("src/**", "src/lib.rs"),
            ("src/*.rs", "src/lib.rs"),
            ("src/", "src/a/b.rs"),
            ("./src/a.rs", "src//a.rs"),
            ("docs/**/*.md", "docs/a/b/c.md"),
            ("src/a*", "src/*b"),
            ("crates/*/src/**", "crates/model/src/ids.rs"),
            ("**", "a"),
        ] {
            assert!(meet(a, b) && meet(b, a), "{a} meets {b}");
        }
        for (a, b) in [
            ("src/*.rs", "src/a/lib.rs"),
            ("src/*.rs", "src/lib.md"),
            ("src/**", "tests/lib.rs"),
            ("a/x*", "a/y*"),
            ("src/lib.rs", "src/lib.rs.bak"),
        ] {
            assert!(!meet(a, b) && !meet(b, a), "{a} does not meet {b}");
        }
    }

    #[test]
    fn a_pattern_covers_files() {
        for (pattern, path) in [
            ("src/**", "src/a/b.rs"),
            ("src/", "src/a/b.rs"),
            ("src/*.rs", "src/lib.rs"),
            ("src/l?b.rs", "src/lib.rs"),
            ("src/[a-m]ib.rs", "src/lib.rs"),
            ("src/{lib,main}.rs", "src/main.rs"),
            ("**/*.rs", "lib.rs"),
            ("Cargo.toml", "./Cargo.toml"),
        ] {
            assert!(covers(pattern, path), "{pattern} covers {path}");
        }
        for (pattern, path) in [
            ("src/*.rs", "src/a/lib.rs"),
            ("src/[!l]ib.rs", "src/lib.rs"),
            ("src/lib.rs", "src/lib.rs.bak"),
            ("src", "src/lib.rs"),
            ("src/*", "src"),
            ("src/**", "src/../secrets.txt"),
            ("**", "../secrets.txt"),
            ("**", "/etc/passwd"),
            ("src/lib.rs", "src/**"),
            ("src/lib.rs", "src/"),
        ] {
            assert!(!covers(pattern, path), "{pattern} does not cover {path}");
        }
    }

    #[test]
    fn many_wildcards_are_no_trap() {
        let pattern = "**/a/".repeat(40) + "**";
        let path = "a/b/".repeat(200) + "c";
        assert!(!covers(&(pattern.clone() + "/z"), &path));
        assert!(meet(&pattern, &(pattern.clone() + "/z")));
    }

    #[test]
    fn a_fixed_start_ends_at_a_folder() {
        assert_eq!(fixed_start("src/a/*.rs"), "src/a/");
        assert_eq!(fixed_start("src/lib*"), "src/");
        assert_eq!(fixed_start("*.rs"), "");
    }
}

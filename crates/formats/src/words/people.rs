//! People: the names in an owner field, and what may be a name in brackets.

use model::draft::{Owner, OwnerRole};
use thin_vec::ThinVec;

use super::is_empty;
use super::plain::plain;

/// Adds the names of a field: `Bob + Felix`, `Security, Platform`, `@mara`.
pub(crate) fn add(owners: &mut ThinVec<Owner>, text: &str, role: OwnerRole) {
    for name in names(text) {
        let name = plain(name);
        let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '.' | '@'));
        if !is_empty(name) && !owners.iter().any(|owner| owner.name == name && owner.role == role) {
            owners.push(Owner { name: name.to_owned(), role });
        }
    }
}

/// The single names of a field.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '+', '&', ';'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" / "))
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// Whether a text in brackets can only be people: `Felix`, `Bob + Release Manager`.
pub(crate) fn are_names(text: &str) -> bool {
    // Most texts in brackets are prose, and begin like it.
    if !text.trim_start().trim_start_matches('@').starts_with(char::is_uppercase) {
        return false;
    }
    let mut any = false;
    names(text).all(|name| {
        any = true;
        let mut words = name.split(' ').filter(|word| !word.is_empty());
        words.clone().count() <= 4
            && words.all(|word| {
                let word = word.trim_start_matches('@');
                word.starts_with(char::is_uppercase)
                    && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '.' | '\'' | '/'))
            })
    }) && any
}

/// Whether a word names a type of agent: `cicd-engineer`, `reviewer`.
pub(crate) fn is_agent(text: &str) -> bool {
    let text = text.trim().trim_matches('`');
    (3..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
        && !matches!(
            text,
            "new"
                | "optional"
                | "done"
                | "existing"
                | "required"
                | "parallel"
                | "sequential"
                | "tbd"
                | "draft"
                | "wip"
                | "todo"
                | "pending"
                | "final"
                | "all"
                | "both"
                | "none"
                | "blocked"
                | "critical"
                | "high"
                | "medium"
                | "low"
                | "estimated"
                | "approx"
                | "total"
                | "each"
                | "complete"
                | "completed"
                | "ready"
                | "urgent"
                | "cancelled"
                | "dropped"
                | "partial"
                | "internal"
                | "external"
                | "manual"
                | "automated"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_words() {
        assert!(are_names("Felix") && are_names("Bob + ReScript Champion") && are_names("Release Manager"));
        assert!(
            !are_names("4 files") && !are_names("see below") && !are_names("25-40% faster") && !are_names("")
        );
        assert!(is_agent("cicd-engineer") && is_agent("reviewer"));
        assert!(!is_agent("Code") && !is_agent("done") && !is_agent("4 files"));
    }

    #[test]
    fn owners_are_split() {
        let mut owners = ThinVec::new();
        add(&mut owners, "Security + **Platform**, @mara", OwnerRole::Primary);
        let names: Vec<_> = owners.iter().map(|owner| owner.name.as_str()).collect();
        assert_eq!(names, ["Security", "Platform", "mara"]);
    }
}

//! The words people use in plans, whatever the format they stand in.

pub(crate) mod amounts;
pub mod due;
pub(crate) mod fields;
pub(crate) mod keys;
pub(crate) mod people;
pub(crate) mod plain;
pub mod status;

/// Whether a cell or field says nothing: empty, `None`, `N/A`, or a dash.
pub fn is_empty(text: &str) -> bool {
    let text = text.trim().trim_matches(['*', '_', '`']).trim().trim_end_matches('.');
    matches!(text, "" | "-" | "–" | "—" | "--")
        || ["none", "n/a", "na", "nil", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

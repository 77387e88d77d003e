//! The pages of `docs/errors/`, put inside the program while it is built, for `explain`. Knows
//! nothing of what they say. `table.rs` lists them and is made by `cargo xtask gen`.

/// Takes the pages' file names without their ending, in order.
///
/// Names of files, not codes: the codes are named where they arise, and the house rules look for
/// them there.
macro_rules! pages {
    ($($name:literal)+) => {
        /// Name and text of each page.
        pub(super) const PAGES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors/", $name, ".md")))),+
        ];
    };
}

mod table;

/// The page on a code.
pub fn page(code: &str) -> Option<&'static str> {
    let (area, what) = code.split_once('/')?;
    let name = format!("{area}-{what}");
    let at = table::PAGES.binary_search_by_key(&name.as_str(), |(name, _)| name).ok()?;
    table::PAGES.get(at).map(|(_, page)| *page)
}

/// Every code that has a page.
pub fn codes() -> Vec<String> {
    table::PAGES.iter().map(|(name, _)| name.replacen('-', "/", 1)).collect()
}

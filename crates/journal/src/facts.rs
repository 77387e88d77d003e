//! Names of facts about a store that are fixed when it is made.

/// Whether clock and seed may be given from outside: `true` only on stores made for tests.
pub const TEST: &str = "test";
/// When the store was made, RFC 3339.
pub const MADE_AT: &str = "made_at";

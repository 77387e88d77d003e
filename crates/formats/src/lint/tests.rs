use super::*;

#[test]
fn codes_are_unique_and_well_formed() {
    let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    for code in &codes {
        let parts: Vec<&str> = code.split('/').collect();
        assert_eq!(parts.len(), 2, "{code}");
        assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '/'), "{code}");
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RULES.len());
}

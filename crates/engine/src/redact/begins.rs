//! Whether anything in a short text begins like a secret. Making a search over all literals at once
//! takes longer than the few hundred bytes of an event do without one.

use super::pairs;

/// Bits of the table of beginnings.
const BITS: usize = 4096;

/// Which two bytes, letter case aside, some literal begins with; now and then another two as well.
struct Beginnings([u64; BITS / 64]);

impl Beginnings {
    fn of_literals() -> Self {
        let mut table = [0; BITS / 64];
        for (literal, _) in pairs() {
            if let [first, second, ..] = literal.as_bytes() {
                let bit = Self::bit(*first, *second);
                table[bit / 64] |= 1 << (bit % 64);
            }
        }
        Self(table)
    }

    fn holds(&self, first: u8, second: u8) -> bool {
        let bit = Self::bit(first, second);
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    fn bit(first: u8, second: u8) -> usize {
        let [first, second] = [first, second].map(|byte| usize::from(byte.to_ascii_lowercase()));
        (first << 5 ^ second) % BITS
    }
}

/// Whether a literal stands in the text, in any case.
pub(super) fn holds_literal(text: &[u8]) -> bool {
    let beginnings = Beginnings::of_literals();
    let begins = |at: usize| {
        pairs().any(|(literal, _)| {
            let there = text.get(at..at + literal.len());
            there.is_some_and(|there| there.eq_ignore_ascii_case(literal.as_bytes()))
        })
    };
    text.windows(2).enumerate().any(|(at, two)| beginnings.holds(two[0], two[1]) && begins(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Redactor;

    #[test]
    fn a_short_text_is_suspected_as_a_long_one_is() {
        let redactor = Redactor::new(b"salt");
        let mut seen = [0, 0];
        let mut check = |text: &[u8]| {
            let at_once = redactor.literals.over(text.len()).is_match(text);
            assert_eq!(holds_literal(text), at_once, "{}", String::from_utf8_lossy(text));
            assert_eq!(Redactor::new(b"salt").suspects(text), at_once);
            seen[usize::from(at_once)] += 1;
        };
        check(b"");
        for (literal, _) in pairs() {
            assert!(literal.len() >= 2, "`{literal}` has no two bytes to begin with");
            for text in [literal.to_owned(), literal.to_uppercase(), literal.to_lowercase()] {
                check(text.as_bytes());
                check(format!("p{text}").as_bytes());
                check(format!("before {text} after").as_bytes());
                for cut in 1..text.len() {
                    check(&text.as_bytes()[cut..]);
                    check(&text.as_bytes()[..cut]);
                    check(&[&text.as_bytes()[..cut], b".", &text.as_bytes()[cut..]].concat());
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 100), "both happen: {seen:?}");
    }
}

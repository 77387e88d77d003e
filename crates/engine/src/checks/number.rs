//! Reading a number off the end of what a command printed.
//!
//! Strict where a mistake would open a gate: a version, a date or a time of day is no number, and
//! `91/93` is not 93.

use model::target::take_number;

/// A number, or so many out of so many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) out_of: Option<f64>,
}

/// The last number in the last line that holds anything, or why there is none.
pub(super) fn last_number(output: &[u8]) -> Result<Number, String> {
    let line = output
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .rfind(|line| !line.trim_ascii().is_empty())
        .ok_or("it printed nothing")?;
    let line = std::str::from_utf8(line).map_err(|_| "its last line is not text")?;
    line.split_whitespace()
        .rev()
        .find_map(|word| read(bare(word)))
        .unwrap_or_else(|| Err("its last line holds no number".to_owned()))
}

/// A word without quotes, brackets and full stops around it, and without the name before `=`
/// or `:`.
fn bare(word: &str) -> &str {
    let around = |c: char| "()[]{}\"'`,;|<>".contains(c);
    let word = word.trim_matches(around).trim_end_matches(['.', ':', '!', ',']).trim_matches(around);
    let named =
        word.rsplit_once(['=', ':']).filter(|(name, _)| !name.ends_with(|c: char| c.is_ascii_digit()));
    named.map_or(word, |(_, value)| value).trim_matches(around).trim_start_matches(['$', '€', '£'])
}

/// `None` where the word does not begin like a number.
fn read(word: &str) -> Option<Result<Number, String>> {
    let unsigned = word.trim_start_matches(['-', '−', '+']);
    let lower = unsigned.to_ascii_lowercase();
    if ["nan", "inf", "infinity"].contains(&lower.as_str()) {
        return Some(Err(format!("`{word}` is not a finite number")));
    }
    if !unsigned.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(number(word).ok_or_else(|| format!("`{word}` is not a plain number")))
}

fn number(word: &str) -> Option<Number> {
    let (value, rest) = take_number(word)?;
    if let Some((all, unit)) = rest.strip_prefix('/').and_then(take_number) {
        return is_unit(unit).then_some(Number { value, out_of: Some(all) });
    }
    let value = if is_unit(rest) {
        value
    } else if rest.starts_with(['e', 'E']) {
        word.parse().ok().filter(|value: &f64| value.is_finite())?
    } else {
        return None;
    };
    Some(Number { value, out_of: None })
}

fn is_unit(text: &str) -> bool {
    text.chars().all(|c| c.is_alphabetic() || matches!(c, '%' | '/' | '°' | '²' | '³'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, expected: f64) {
        let found = last_number(output.as_bytes());
        assert_eq!(found, Ok(Number { value: expected, out_of: None }), "{output}");
    }

    fn refused(output: &[u8]) {
        let found = last_number(output);
        assert!(found.is_err(), "{found:?} from {:?}", String::from_utf8_lossy(output));
    }

    #[test]
    fn the_last_number_of_the_last_line_counts() {
        check("34\n", 34.0);
        check("12 old\nfound 34 warnings\n\n  \n", 34.0);
        check("7 of 34", 34.0);
        check("coverage: 88.9%\n", 88.9);
        check("total=1,420 LOC", 1420.0);
        check("warnings:34.", 34.0);
        check("{\"warnings\": 34}", 34.0);
        check("{\"warnings\":34}", 34.0);
        check("-3.5", -3.5);
        check("1.5e3", 1500.0);
        check("34 in crate foo2", 34.0);
        check("took 12ms", 12.0);
        check("progress\r34\r\n", 34.0);
    }

    #[test]
    fn so_many_out_of_so_many_keeps_both() {
        assert_eq!(last_number(b"passed 91/93"), Ok(Number { value: 91.0, out_of: Some(93.0) }));
    }

    #[test]
    fn what_is_not_a_plain_number_is_refused() {
        for output in [
            "",
            "\n\n",
            "no numbers here",
            "NaN",
            "ratio 3 inf",
            "1.2.3",
            "2026-01-31",
            "12:30",
            "1,2,3",
            "34 1e999",
        ] {
            refused(output.as_bytes());
        }
        refused(&[0xff, 0xfe, b'3', b'4', b'\n']);
        refused(b"34\n\xf0\x28 5\n");
    }
}

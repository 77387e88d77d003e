//! Numbers as documents write them.

/// A number as JavaScript prints it: the shortest digits that read back as the same number.
pub(super) fn javascript(number: f64) -> String {
    if !number.is_finite() {
        return "null".to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let size = number.abs();
    if (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

/// A number in the style of another: with as many decimals, where that loses nothing.
pub(super) fn in_style(number: f64, style: &str) -> String {
    let decimals = style.rsplit_once('.').map_or(0, |(_, decimals)| decimals.len());
    let styled = format!("{number:.decimals$}");
    if styled.parse() == Ok(number) { styled } else { javascript(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_javascript_prints_them() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (100.0, "100"),
            (12.5, "12.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"),
            (1.25e-7, "1.25e-7"),
            (-2.5, "-2.5"),
        ] {
            assert_eq!(javascript(number), text);
        }
    }

    #[test]
    fn numbers_keep_the_decimals_of_their_place() {
        for (number, style, text) in
            [(40.0, "35", "40"), (40.0, "35.0", "40.0"), (12.5, "35", "12.5"), (12.25, "1.5", "12.25")]
        {
            assert_eq!(in_style(number, style), text);
        }
    }
}

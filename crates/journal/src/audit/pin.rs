//! Heads noted elsewhere, one `plan seq digest` to a line.

use std::fmt;

use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

/// Where a stream once ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The plan.
    pub plan: PlanId,
    /// The number of its last event then.
    pub seq: Seq,
    /// That event's digest.
    pub digest: Digest,
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.plan, self.seq, self.digest)
    }
}

/// Reads pinned heads; empty lines and lines that begin with `#` are skipped.
pub fn parse_pins(text: &str) -> Result<Vec<Pin>, Fault> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            parse(line).ok_or_else(|| {
                Fault::new(
                    "value/invalid",
                    format!("line {number} is not a pinned head: `{}`", line.escape_default()),
                )
                .hint("a pinned head is `plan seq digest`, as printed by `countersign audit head`")
            })
        })
        .collect()
}

fn parse(line: &str) -> Option<Pin> {
    let mut words = line.split_whitespace();
    let plan = words.next()?.parse().ok()?;
    let seq = Seq(words.next()?.parse().ok()?);
    let digest = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Pin { plan, seq, digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_read_back_as_they_print() {
        let pin = Pin { plan: PlanId::from_bits(9), seq: Seq(12), digest: Digest::sha256(b"x") };
        let text = format!("# noted on a Monday\n\n  {pin}\r\n");
        assert_eq!(parse_pins(&text), Ok(vec![pin]));
        for bad in ["pln_1 2 3", "x", &format!("{pin} more"), &pin.to_string()[..40]] {
            let fault = parse_pins(&format!("\n{bad}")).unwrap_err();
            assert_eq!(fault.code, "value/invalid");
            assert!(fault.message.starts_with("line 2 "), "{}", fault.message);
        }
    }
}

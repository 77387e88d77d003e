//! `cargo xtask bench [NAME…] [--binary PATH] [--write]`: measures, prints the table, and with
//! `--write` puts it into the performance page.

use crate::bench::{BENCHES, Bed, Bench, Row, Verdict};
use crate::performance;
use crate::tool::{Outcome, say};

/// Measures what is named, or everything.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let (mut names, mut binary, mut write) = (Vec::new(), None, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--write" => write = true,
            "--binary" => binary = Some(rest.next().ok_or("`--binary` takes a path")?.as_str()),
            "--list" => {
                BENCHES.iter().for_each(|bench| say(&format!("{:14} {}", bench.name, bench.says)));
                return Ok(());
            }
            name => names.push(find(name)?),
        }
    }
    if names.is_empty() {
        names.extend(BENCHES);
    }
    if write && names.len() != BENCHES.len() {
        return Err(
            "`--write` takes all measurements together, so that they are of one machine and day".into()
        );
    }
    let bed = Bed::make(binary)?;
    measure(&bed, &names, write)
}

fn find(name: &str) -> Outcome<&'static Bench> {
    let known = || BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ");
    let found = BENCHES.iter().find(|bench| bench.name == name);
    found.ok_or_else(|| format!("there is no measurement `{name}`; there are {}", known()))
}

fn measure(bed: &Bed, benches: &[&Bench], write: bool) -> Outcome {
    say(Row::HEAD);
    let mut measured = Vec::new();
    for bench in benches {
        // One that cannot be made must not cost the others.
        let rows = (bench.run)(bed).unwrap_or_else(|why| vec![Row::skipped(bench.says, why)]);
        rows.iter().for_each(|row| say(&row.markdown()));
        measured.push((*bench, rows));
    }
    if write {
        performance::write(&measured)?;
    }
    let count = |wanted: fn(&Verdict) -> bool| {
        measured.iter().flat_map(|(_, rows)| rows).filter(|row| wanted(&row.verdict)).count()
    };
    let met = count(|verdict| *verdict == Verdict::Meets);
    let short = count(|verdict| *verdict == Verdict::FallsShort);
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    say(&format!("\n{met} meet their target, {short} fall short, {skipped} could not be measured"));
    Ok(())
}

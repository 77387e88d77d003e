//! `cargo xtask bench [NAME…] [--binary PATH] [--write]`: measures, prints the table, and with
//! `--write` puts it into the performance page, each part as soon as it is measured.

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
    let (mut measured, mut broken) = (Vec::new(), Vec::new());
    for bench in benches {
        // One that cannot be made must not cost the others, nor what was measured before.
        let rows = match (bench.run)(bed) {
            Ok(rows) => rows,
            Err(why) => {
                say(&Row::skipped(bench.says, &why).markdown());
                broken.push(format!("{}: {why}", bench.name));
                continue;
            }
        };
        rows.iter().for_each(|row| say(&row.markdown()));
        if write {
            performance::write(bench, &rows)?;
        }
        measured.extend(rows);
    }
    let count =
        |wanted: fn(&Verdict) -> bool| measured.iter().filter(|row: &&Row| wanted(&row.verdict)).count();
    let met = count(|verdict| *verdict == Verdict::Meets);
    let short = count(|verdict| *verdict == Verdict::FallsShort);
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    say(&format!("\n{met} meet their target, {short} fall short, {skipped} could not be measured"));
    if broken.is_empty() { Ok(()) } else { Err(format!("not measured: {}", broken.join("; "))) }
}

//! Documents in the shapes people write, and what is read of them, one line for each thing.

mod briefs;
mod checklists;
mod gates;
mod registers;
mod tables;
mod work;

use std::fmt::Write;

use model::draft::{Draft, DraftCriterion, DraftTask};

/// Reads a document and compares everything in it, line by line.
fn check(text: &str, expected: &str) {
    let (draft, found) = super::read(text, "plan.md");
    let mut said = render(&draft);
    for diagnostic in found {
        let _ = writeln!(said, "! {} {}", diagnostic.code, diagnostic.message);
    }
    let lines = |text: &str| {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (said, expected) = (lines(&said), lines(expected));
    assert!(said == expected, "read was:\n{}\nexpected was:\n{}", said.join("\n"), expected.join("\n"));
}

fn render(draft: &Draft) -> String {
    let mut out = String::new();
    for phase in &draft.phases {
        let _ = write!(out, "{} phase {} `{}`", phase.line, phase.key, phase.title);
        option(&mut out, "window", phase.window.as_deref());
        list(&mut out, "entrance", phase.entrance.iter().map(criterion));
        list(&mut out, "tasks", phase.tasks.iter());
        list(&mut out, "exit", phase.exit.iter().map(criterion));
        out.push('\n');
    }
    for task in &draft.tasks {
        render_task(&mut out, task);
    }
    for risk in &draft.risks {
        let _ = write!(out, "{} risk {} `{}`", risk.line, risk.key, risk.title);
        for (name, value) in [
            ("probability", &risk.probability),
            ("impact", &risk.impact),
            ("status", &risk.status),
            ("trend", &risk.trend),
            ("owner", &risk.owner),
            ("mitigation", &risk.mitigation),
            ("escalation", &risk.escalation),
        ] {
            option(&mut out, name, value.as_deref());
        }
        list(&mut out, "tasks", risk.tasks.iter());
        out.push('\n');
    }
    for metric in &draft.metrics {
        let _ = write!(out, "{} metric `{}` {:?}", metric.line, metric.name, metric.role);
        option(&mut out, "is", metric.value);
        option(&mut out, "measured", metric.measured);
        option(&mut out, "unit", metric.unit.as_deref());
        option(&mut out, "target", metric.target.as_ref());
        option(&mut out, "box", metric.checked.map(|ticked| if ticked { "x" } else { "_" }));
        out.push('\n');
    }
    for entry in &draft.criteria {
        let _ = writeln!(out, "{} criterion {}", entry.line, criterion(entry));
    }
    for (name, entries) in [
        ("decision", &draft.decisions),
        ("escalation", &draft.escalations),
        ("rebaseline", &draft.rebaselines),
    ] {
        for entry in entries {
            let _ = write!(out, "{} {name} `{}`", entry.line, entry.text);
            option(&mut out, "owner", entry.owner.as_deref());
            option(&mut out, "due", entry.due.as_ref().map(|due| &due.text));
            list(&mut out, "approved", entry.approvals.iter());
            out.push_str(if entry.conditional { " conditional\n" } else { "\n" });
        }
    }
    for (name, entries) in [("milestone", &draft.milestones), ("checkpoint", &draft.checkpoints)] {
        for entry in entries {
            let _ = write!(out, "{} {name} `{}`", entry.line, entry.text);
            option(&mut out, "due", entry.due.as_ref().map(|due| &due.text));
            out.push('\n');
        }
    }
    for row in &draft.owners {
        let _ = write!(out, "{} owner `{}`", row.line, row.workstream);
        option(&mut out, "primary", row.primary.as_deref());
        option(&mut out, "support", row.support.as_deref());
        out.push('\n');
    }
    for (name, notes) in [
        ("assumption", &draft.assumptions),
        ("runbook", &draft.runbooks),
        ("cadence", &draft.cadence),
        ("note", &draft.notes),
    ] {
        for note in notes {
            let _ = writeln!(out, "{} {name} `{}`", note.line, note.text);
        }
    }
    for claim in &draft.claims {
        let _ = writeln!(out, "{} claim {} {:?}", claim.line, claim.what, claim.value);
    }
    out
}

fn render_task(out: &mut String, task: &DraftTask) {
    let _ = write!(out, "{} {} {} `{}`", task.line, task.kind.as_str(), task.key, task.title);
    option(out, "box", task.checked.map(|ticked| if ticked { "x" } else { "_" }));
    option(out, "status", task.status.as_ref().map(|status| format!("{}={:?}", status.word, status.state)));
    option(out, "percent", task.percent);
    option(out, "priority", task.priority.as_deref());
    list(out, "owners", task.owners.iter().map(|owner| format!("{}:{:?}", owner.name, owner.role)));
    option(out, "days", task.estimate_days);
    option(out, "due", task.due.as_ref().map(|due| &due.text));
    option(out, "window", task.window.as_deref());
    list(out, "needs", task.needs.iter());
    for (name, texts) in [
        ("inputs", &task.inputs),
        ("outputs", &task.outputs),
        ("sources", &task.sources),
        ("objectives", &task.objectives),
        ("deliverables", &task.deliverables),
        ("blockers", &task.blockers),
        ("next", &task.next_steps),
        ("links", &task.links),
        ("paths", &task.paths),
        ("memory", &task.memory),
    ] {
        list(out, name, texts.iter());
    }
    list(out, "criteria", task.criteria.iter().map(criterion));
    list(out, "checks", task.checks.iter().map(|check| &check.spec));
    option(out, "phase", task.phase.as_ref());
    option(out, "parent", task.parent.as_ref());
    list(out, "extra", task.extra.iter().map(|(name, value)| format!("{name}: {value}")));
    out.push('\n');
}

fn criterion(criterion: &DraftCriterion) -> String {
    let mut text = format!("`{}`", criterion.text);
    option(&mut text, "box", criterion.checked.map(|ticked| if ticked { "x" } else { "_" }));
    option(&mut text, "target", criterion.target.as_ref());
    list(&mut text, "checks", criterion.checks.iter().map(|check| &check.spec));
    text
}

fn option(out: &mut String, name: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        let _ = write!(out, " {name}={value}");
    }
}

fn list<T: std::fmt::Display>(out: &mut String, name: &str, values: impl Iterator<Item = T>) {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    if !values.is_empty() {
        let _ = write!(out, " {name}=[{}]", values.join(" | "));
    }
}

/// The text at a place.
fn at(text: &str, place: Option<model::diagnostic::Span>) -> &str {
    place.map_or("", |place| &text[place.range()])
}

#[test]
fn a_title_is_the_first_heading() {
    let (draft, _) = super::read("intro\n\n## 🚀 Moving house\n\n# Later\n", "a.md");
    assert_eq!(draft.title, "Moving house");
}

#[test]
fn templates_hold_nothing() {
    check(
        "# Plan\n## Plan — <Team/Project>\n### Tasks\n- Do this\n- Phase Name\n  - Exit Criteria:\n### Risks\n- R-### → [Task-IDs]\n## Weekly template\n- [ ] [Item]\n",
        "10 note `[Item]`",
    );
}

#[test]
fn a_long_document_is_read_in_stretches_as_if_whole() {
    // Headings that are none, in code and in a comment, stand where a stretch might end.
    let part = "## Part\n- [ ] Box\n\n```sh\n# no heading\n- [ ] no box\n```\n\n<!--\n# nor here\n- [ ] no box\n-->\n\n1. one\n\n    # code\n\n";
    let text = format!("# Long\n\n{}", part.repeat(4000));
    let (draft, _) = super::read(&text, "long.md");
    assert!(text.len() > 400_000);
    assert_eq!(draft.tasks.len(), 4000);
    assert_eq!((draft.tasks[0].line, draft.tasks[3999].line), (4, 4 + 3999 * 17));
    let unclosed = format!("# Long\n- [ ] Box\n\n```\n{}", part.replace("```", "~~~").repeat(4000));
    assert_eq!(super::read(&unclosed, "long.md").0.tasks.len(), 1);
}

#[test]
fn deep_lists_are_told_of_once() {
    let text: String = (0..70).map(|depth| format!("{}- [ ] step {depth}\n", "  ".repeat(depth))).collect();
    let (draft, found) = super::read(&text, "deep.md");
    assert_eq!(draft.tasks.len(), 70);
    assert_eq!(found.iter().filter(|found| found.code == "document/too-deep").count(), 1);
}

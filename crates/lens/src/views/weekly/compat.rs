//! The weekly report as the users of `execution-plan.json` have always had it, byte for byte and
//! with its quirks: from the file's own values alone, whatever a history would say.
//!
//! Their tracker is a script, so values that are missing or odd come out as a script prints them:
//! a batch without `progress` is at `undefined%`. Nothing of it is put right here; the report
//! without `--compat` is the one that is true.

use serde_json::{Map, Value};

/// The report; nothing where the plan has no batches, for then there is no current one.
pub fn weekly(plan: &Value, label: &str) -> Option<String> {
    let none = Vec::new();
    let batches = plan.get("batches").and_then(Value::as_array).unwrap_or(&none);
    let of_status = |status: &str| -> Vec<&Value> {
        batches.iter().filter(|batch| batch.get("status").and_then(Value::as_str) == Some(status)).collect()
    };
    let done = of_status("done");
    let current = batches.iter().find(|batch| !done.contains(batch)).or(batches.last())?;
    let metrics = plan.get("metrics").and_then(Value::as_object);
    let mut lines = vec![
        format!("## Weekly Progress Report - {label}"),
        String::new(),
        format!("### 🎯 Current Batch: {}", field(current, "name")),
        String::new(),
        format!("**Overall Progress:** {}% complete", field(current, "progress")),
        String::new(),
        "### ✅ Completed This Week".to_owned(),
    ];
    lines.extend(listed(&done, "No batches completed"));
    lines.extend([String::new(), "### 🚧 In Progress".to_owned()]);
    lines.extend(listed(&of_status("in-progress"), "No batches in flight"));
    lines.extend([String::new(), "### ⚠️ Blockers".to_owned()]);
    lines.extend(blockers(batches));
    lines.extend([
        String::new(),
        "### 📊 Metrics This Week".to_owned(),
        format!("- PRs merged: {}", metric(metrics, "prsMerged")),
        format!("- CI pass rate: {}%", metric(metrics, "ciPassRate")),
        format!("- Test coverage: {}%", metric(metrics, "coverage")),
        format!("- Production incidents: {}", metric(metrics, "productionIncidents")),
        format!("- Mean time to deploy: {} minutes", metric(metrics, "deploymentMinutes")),
    ]);
    for (heading, line) in [
        ("### 📅 Next Week Goals", "- [ ] Define goals for next sprint"),
        ("### 🆘 Help Needed", "- [ ] Identify assistance required"),
        ("### 🎉 Wins", "- [ ] Celebrate accomplishments"),
    ] {
        lines.extend([String::new(), heading.to_owned(), line.to_owned()]);
    }
    lines.push(String::new());
    Some(lines.join("\n"))
}

/// Ticked, whether they are done or on their way.
fn listed(batches: &[&Value], nothing: &str) -> Vec<String> {
    if batches.is_empty() {
        return vec![format!("- [ ] {nothing}")];
    }
    let line = |batch: &&Value| format!("- [x] {} ({}%)", field(batch, "name"), field(batch, "progress"));
    batches.iter().map(line).collect()
}

/// Everything any batch is blocked by, done or not.
fn blockers(batches: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for batch in batches {
        for blocker in batch.get("blockers").and_then(Value::as_array).into_iter().flatten() {
            lines.push(format!("- {} blocked by {}", field(batch, "name"), text(blocker)));
        }
    }
    if lines.is_empty() {
        lines.push("- None".to_owned());
    }
    lines
}

fn metric(metrics: Option<&Map<String, Value>>, name: &str) -> String {
    match metrics.and_then(|metrics| metrics.get(name)) {
        None | Some(Value::Null) => "0".to_owned(),
        Some(value) => text(value),
    }
}

fn field(batch: &Value, name: &str) -> String {
    batch.get(name).map_or_else(|| "undefined".to_owned(), text)
}

/// A value as a script puts it into a text.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => number(value.as_f64().unwrap_or(f64::NAN)),
        Value::String(value) => value.clone(),
        Value::Array(values) => {
            let each = values.iter().map(|value| if value.is_null() { String::new() } else { text(value) });
            each.collect::<Vec<_>>().join(",")
        }
        Value::Object(_) => "[object Object]".to_owned(),
    }
}

/// The shortest digits that mean the number, with an exponent only far from one.
fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        value.to_string()
    } else {
        let digits = format!("{value:e}");
        match digits.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => digits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(plan: &Value) -> Vec<String> {
        weekly(plan, "Week 9").unwrap().lines().map(str::to_owned).collect()
    }

    /// The lines under a heading.
    fn under(plan: &Value, heading: &str) -> Vec<String> {
        let lines = lines(plan);
        let at = lines.iter().position(|line| line.contains(heading)).unwrap();
        lines[at + 1..].iter().take_while(|line| !line.is_empty()).cloned().collect()
    }

    #[test]
    fn the_whole_report_has_these_bytes() {
        let plan = json!({
            "batches": [
                { "id": "q-1", "name": "Piers", "status": "done", "progress": 100, "blockers": [] },
                { "id": "q-2", "name": "Cranes | two", "status": "in-progress", "progress": 33.5, "blockers": ["q-1"] },
                { "id": "q-3", "name": "Lights", "status": "queued", "progress": 0, "blockers": ["q-2", "a permit"] }
            ],
            "metrics": { "ciPassRate": 97.5, "prsMerged": 12, "deploymentMinutes": 18, "other": 3 }
        });
        let expected = "## Weekly Progress Report - Week 9

### 🎯 Current Batch: Cranes | two

**Overall Progress:** 33.5% complete

### ✅ Completed This Week
- [x] Piers (100%)

### 🚧 In Progress
- [x] Cranes | two (33.5%)

### ⚠️ Blockers
- Cranes | two blocked by q-1
- Lights blocked by q-2
- Lights blocked by a permit

### 📊 Metrics This Week
- PRs merged: 12
- CI pass rate: 97.5%
- Test coverage: 0%
- Production incidents: 0
- Mean time to deploy: 18 minutes

### 📅 Next Week Goals
- [ ] Define goals for next sprint

### 🆘 Help Needed
- [ ] Identify assistance required

### 🎉 Wins
- [ ] Celebrate accomplishments
";
        assert_eq!(weekly(&plan, "Week 9").unwrap(), expected);
    }

    #[test]
    fn the_current_batch_is_the_first_not_done_else_the_last() {
        let plan = |first: &str, second: &str| {
            json!({ "batches": [
                { "name": "A", "status": first, "progress": 1 }, { "name": "B", "status": second, "progress": 2 }
            ] })
        };
        let current = |plan: &Value| lines(plan)[2].clone();
        assert_eq!(current(&plan("done", "queued")), "### 🎯 Current Batch: B");
        assert_eq!(current(&plan("blocked", "in-progress")), "### 🎯 Current Batch: A");
        assert_eq!(current(&plan("done", "done")), "### 🎯 Current Batch: B");
        assert_eq!(lines(&plan("done", "done"))[4], "**Overall Progress:** 2% complete");
        assert_eq!(weekly(&json!({ "batches": [] }), "x"), None);
    }

    #[test]
    fn what_is_missing_reads_as_a_script_prints_it() {
        let plan = json!({ "batches": [
            { "status": "in-progress", "blockers": ["a", "b"] },
            { "name": null, "status": "done", "progress": null, "blockers": null }
        ] });
        assert_eq!(under(&plan, "Current Batch"), [""; 0]);
        assert_eq!(lines(&plan)[2], "### 🎯 Current Batch: undefined");
        assert_eq!(under(&plan, "Completed"), ["- [x] null (null%)"]);
        assert_eq!(under(&plan, "In Progress"), ["- [x] undefined (undefined%)"]);
        assert_eq!(under(&plan, "Blockers"), ["- undefined blocked by a", "- undefined blocked by b"]);
        assert_eq!(under(&plan, "Metrics")[0], "- PRs merged: 0");
        let none = json!({ "batches": [{ "name": "A", "blockers": [] }], "metrics": { "coverage": null } });
        assert_eq!(under(&none, "Blockers"), ["- None"]);
        assert_eq!(under(&none, "Completed"), ["- [ ] No batches completed"]);
        assert_eq!(under(&none, "In Progress"), ["- [ ] No batches in flight"]);
        assert_eq!(under(&none, "Metrics")[2], "- Test coverage: 0%");
    }

    #[test]
    fn numbers_read_as_a_script_prints_them() {
        for (value, printed) in [
            ("35", "35"),
            ("35.0", "35"),
            ("33.30", "33.3"),
            ("0.1", "0.1"),
            ("-0", "0"),
            ("1e21", "1e+21"),
            ("123456789012345680000", "123456789012345680000"),
            ("1.5e-7", "1.5e-7"),
            ("0.000001", "0.000001"),
            ("9007199254740993", "9007199254740992"),
        ] {
            assert_eq!(number(value.parse().unwrap()), printed, "{value}");
        }
        assert_eq!(text(&json!([1, null, "a", [2, true]])), "1,,a,2,true");
        assert_eq!(text(&json!({ "a": 1 })), "[object Object]");
    }
}

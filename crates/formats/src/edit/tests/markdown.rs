//! Markdown in every shape: what is wished, and what becomes of the line.

use super::*;
use Stated::{Active, Claimed, Dropped, Open};

fn check(before: &str, wishes: &[Wish], after: &str) {
    check_in("PLAN.md", before, wishes, after);
}

/// A table with one row below a header.
fn row(header: &str, row: &str, wishes: &[Wish], after: &str) {
    let ruler = "|---".repeat(header.matches('|').count() - 1);
    let table = |row: &str| format!("# Plan\n\n## Tasks\n\n{header}\n{ruler}|\n{row}\n\nEnd.\n");
    check(&table(row), wishes, &table(after));
}

#[test]
fn boxes_are_ticked_by_one_character() {
    let list = |mark: &str| format!("# Plan\n\n## Tasks\n\n- [{mark}] T-1: Dig\n- [ ] T-2: Plant\n");
    for mark in [" ", "/", "-", "~", "*"] {
        check(&list(mark), &[tick("T-1", true)], &list("x"));
    }
    check(&list("x"), &[tick("T-1", false)], &list(" "));
    check(&list("X"), &[tick("T-1", false)], &list(" "));
    for mark in ["x", "X", "✓"] {
        check(&list(mark), &[tick("T-1", true)], &list(mark));
    }
    for mark in [" ", "/", "-"] {
        check(&list(mark), &[tick("T-1", false)], &list(mark));
    }
    // In the sign the document has.
    let two = |mark: &str| format!("# Plan\n\n- [X] T-1: Dig\n- [{mark}] T-2: Plant\n");
    check(&two(" "), &[tick("T-2", true)], &two("X"));
    for line in [
        "1. [ ] T-1: Dig",
        "* [ ] T-1 Dig",
        "+ [ ] T-1: Dig — check: `make dig`",
        "- [ ] T-1 [P] [US1] Dig in src/a.rs",
        "- [ ] Dig <!-- #T-1 -->",
        "  - [ ] **T-1**: Dig",
        "| [ ] T-1: Dig | Ann |",
    ] {
        let text = |line: &str| match line.strip_prefix("| ") {
            Some(_) => format!("# Plan\n\n| Task | Owner |\n|---|---|\n{line}\n"),
            None => format!("# Plan\n\n## Tasks\n\n- [ ] Other\n{line}\n"),
        };
        check(&text(line), &[tick("T-1", true)], &text(&line.replace("[ ] ", "[x] ")));
    }
}

#[test]
fn boxes_of_criteria_are_ticked() {
    let text = |task: &str, phase: &str, plan: &str| {
        format!(
            "# Plan\n\n## Phase 1: Dig\n\n### Task 1.1: Trench\n\n**Success Criteria:**\n\n- [{task}] Deep — check: `d`\n\n\
             **Exit:**\n\n## Phase 2: Fill\n\n### Exit criteria\n\n- [{phase}] Level\n\n## Definition of done\n\n- [{plan}] Green\n"
        )
    };
    let before = text(" ", " ", " ");
    check(&before, &[criterion(Some("1.1"), "Deep", true)], &text("x", " ", " "));
    check(&before, &[criterion(Some("Phase 2"), "Level", true)], &text(" ", "x", " "));
    check(&before, &[criterion(None, "Green", true)], &text(" ", " ", "x"));
    check(&text("x", " ", "x"), &[criterion(None, "Green", false)], &text("x", " ", " "));
    let twins = "# Plan\n\n## Success criteria\n\n- [ ] Green\n- [ ] Green\n";
    check_refused("PLAN.md", twins, criterion(None, "Green", true), Reason::Ambiguous);
}

#[test]
fn status_cells_take_the_words_of_their_column() {
    let table = |first: &str| {
        format!(
            "# Plan\n\n| ID | Task | Status |\n|---|---|---|\n| T-1 | Dig | {first} |\n| T-2 | Fill | 🏁 Complete |\n\
             | T-3 | Sow | 🟠 under way |\n| T-4 | Mow | ⛔ Blocked |\n| T-5 | Rake | ⬜ To Do |\n"
        )
    };
    check(&table("⬜ To Do"), &[status("T-1", Claimed)], &table("🏁 Complete"));
    check(&table("⬜ To Do"), &[status("T-1", Active)], &table("🟠 under way"));
    check(&table("🏁 Complete"), &[status("T-1", Open)], &table("⬜ To Do"));
    check(&table("🏁 Complete"), &[blocked("T-1")], &table("⛔ Blocked"));
    check(&table(""), &[status("T-1", Claimed)], &table("🏁 Complete"));
    check(&table("⬜ To Do"), &[word("T-1", Active, "Ready for Review")], &table("🟠 Ready for Review"));
    check(&table("⬜ To Do"), &[word("T-1", Active, "in-progress")], &table("🟠 under way"));
    check(&table("**⬜ To Do** (see #4)"), &[status("T-1", Claimed)], &table("**🏁 Complete** (see #4)"));
    check(&table("⬜ To Do – Ann asks"), &[status("T-1", Active)], &table("🟠 under way – Ann asks"));
    check(&table("⬜ To Do until June"), &[status("T-1", Active)], &table("🟠 under way"));
}

#[test]
fn a_status_that_is_said_already_stays() {
    for (cell, wish) in [
        ("✅ Done", status("T-1", Claimed)),
        ("Complete", status("T-1", Claimed)),
        ("Complete", word("T-1", Claimed, "done")),
        ("✅", status("T-1", Claimed)),
        ("Merged in #45", status("T-1", Claimed)),
        ("Ready for Review (90%)", status("T-1", Active)),
        ("In progress", word("T-1", Active, "in-progress")),
        ("🟡", word("T-1", Active, "in-progress")),
        ("", status("T-1", Open)),
        ("None", status("T-1", Open)),
        ("Pending", status("T-1", Open)),
        ("⛔ Blocked by rain", blocked("T-1")),
        ("Cancelled", status("T-1", Dropped)),
        ("Done (90%)", status("T-1", Claimed)),
        ("Open (100 %)", percent("T-1", 100.0)),
    ] {
        row(
            "| ID | Task | Status |",
            &format!("| T-1 | Dig | {cell} |"),
            &[wish],
            &format!("| T-1 | Dig | {cell} |"),
        );
    }
}

#[test]
fn words_that_the_document_does_not_have_are_in_its_style() {
    for (before, wish, after) in [
        ("Not Started", status("T-1", Active), "In Progress"),
        ("Not started", status("T-1", Active), "In progress"),
        ("not_started", status("T-1", Active), "in_progress"),
        ("not-started", status("T-1", Claimed), "done"),
        ("TODO", status("T-1", Claimed), "DONE"),
        ("IN PROGRESS", status("T-1", Open), "NOT STARTED"),
        ("`todo`", status("T-1", Claimed), "`done`"),
        ("🔴 Not Started", status("T-1", Active), "🟡 In Progress"),
        ("🔴 Not Started", status("T-1", Claimed), "✅ Done"),
        ("🔴 Not Started", blocked("T-1"), "🟥 Blocked"),
        ("✅", status("T-1", Active), "🟡"),
        ("🔴", word("T-1", Active, "Ready for Review"), "🟡 Ready for Review"),
        ("Ready for Review (90%)", status("T-1", Claimed), "Done (90%)"),
        ("-", status("T-1", Active), "In Progress"),
        ("In Progress", status("T-1", Dropped), "Dropped"),
        ("⏳ In review", status("T-1", Claimed), "✅ Done"),
    ] {
        let line = |cell: &str| format!("| T-1 | Dig | {cell} |");
        row("| ID | Task | Status |", &line(before), &[wish], &line(after));
    }
}

#[test]
fn numbers_keep_their_style() {
    for (before, number, after) in [
        ("35%", 40.0, "40%"),
        ("35 %", 40.0, "40 %"),
        ("35.0%", 40.0, "40.0%"),
        ("35%", 12.5, "12.5%"),
        ("~35% of it", 40.0, "~40% of it"),
        ("**35%**", 100.0, "**100%**"),
        ("-", 40.0, "40%"),
        ("", 40.0, "40%"),
    ] {
        let line = |cell: &str| format!("| T-1 | Dig | {cell} |");
        row("| ID | Task | Progress |", &line(before), &[percent("T-1", number)], &line(after));
    }
    let line = |cell: &str| format!("| T-1 | Dig | {cell} |");
    let both = [percent("T-1", 100.0), status("T-1", Claimed)];
    row("| ID | Task | Status |", &line("Ready for Review (90%)"), &both, &line("Done (100%)"));
    row(
        "| ID | Task | Status |",
        &line("Ready for Review (90%)"),
        &both[..1],
        &line("Ready for Review (100%)"),
    );
}

#[test]
fn cells_stay_as_wide_as_their_column() {
    let table = |first: &str, second: &str| {
        format!(
            "# Plan\n\n| ID  | Task | Status         | Owner |\n| --- | ---- | -------------- | ----: |\n\
             | T-1 | Dig  | {first} | {second} |\n| T-2 | Fill | ✅ Done        |   Ann |\n"
        )
    };
    let before = table("🟡 In Progress", "    -");
    check(&before, &[status("T-1", Claimed)], &table("✅ Done       ", "    -"));
    check(&before, &[word("T-1", Active, "Ready for Review")], &table("🟡 Ready for Review", "    -"));
    check(&before, &[text("T-1", Field::Owner, "Bob")], &table("🟡 In Progress", "  Bob"));
    check(&before, &[text("T-1", Field::Owner, "Bob Bobson")], &table("🟡 In Progress", "Bob Bobson"));
    // Cells that nobody padded are not padded either, however alike they are.
    let tight = |cell: &str| {
        format!(
            "# Plan\n\n| ID | Task | Priority |\n|---|---|---|\n| T-1 | Dig | {cell} |\n| T-2 | Fill | High |\n"
        )
    };
    check(&tight("High"), &[text("T-1", Field::Priority, "Low")], &tight("Low"));
    let bare = |cell: &str| {
        format!("# Plan\n\nID | Task | Owner\n--- | --- | ---\nT-1 | Dig | {cell}\nT-2 | Fill | Ann\n")
    };
    check(&bare("Bob"), &[text("T-1", Field::Owner, "Christine")], &bare("Christine"));
}

#[test]
fn cells_hold_any_text_of_one_line() {
    for value in
        ["a | b", "`x | y`", "2 * 3 * 4", "_so_", "[x](y)", "a\\b", "<!-- no -->", "&amp;", "a ` b", "a ** b"]
    {
        let before = "# Plan\n\n| ID | Task | Notes |\n|---|---|---|\n| T-1 | Dig | old |\n";
        let wish = extra("T-1", "Notes", value);
        let written =
            write(before.as_bytes(), &read("PLAN.md", before.as_bytes()), std::slice::from_ref(&wish));
        assert_eq!(written.unwritten, [], "{value}");
        let task = &written.reading.unwrap().draft.tasks[0];
        assert_eq!(task.extra.get("Notes").map(String::as_str), Some(value), "{value}");
    }
    let before = "# Plan\n\n| ID | Task | Owner | Notes |\n|---|---|---|---|\n| T-1 | Dig | Ann | old |\n";
    check_refused("PLAN.md", before, extra("T-1", "Notes", "a\nb"), Reason::LineBreak);
    check_refused("PLAN.md", before, extra("T-1", "Colour", "b"), Reason::Absent);
    check_refused("PLAN.md", before, percent("T-1", 5.0), Reason::Absent);
}

#[test]
fn owners_dates_and_priorities_are_written_where_they_stand() {
    let header = "| ID | Task | Owner | Due | Priority | Notes |";
    let before = "| T-1 | Dig | Ann + Bob | Week 1–2 | P1 | *x* |";
    let with = |from: &str, to: &str| before.replace(from, to);
    row(header, before, &[text("T-1", Field::Owner, "Cleo")], &with("Ann + Bob", "Cleo"));
    row(header, before, &[text("T-1", Field::Owner, "Bob, Ann")], before);
    row(header, before, &[text("T-1", Field::Owner, "")], &with("Ann + Bob", ""));
    row(header, before, &[text("T-1", Field::Due, "Week 1-2")], before);
    row(header, before, &[text("T-1", Field::Due, "2031-05-05")], &with("Week 1–2", "2031-05-05"));
    row(header, before, &[text("T-1", Field::Priority, "p1")], before);
    row(header, before, &[text("T-1", Field::Priority, "P0")], &with("P1", "P0"));
    row(header, before, &[extra("T-1", "notes", "y")], &with("*x*", "*y*"));
    row(
        header,
        "| T-1 | Dig | @ann | | | |",
        &[text("T-1", Field::Owner, "bob")],
        "| T-1 | Dig | @bob | | | |",
    );
    row(
        header,
        "| T-1 | Dig | @ann | | | |",
        &[text("T-1", Field::Due, "May")],
        "| T-1 | Dig | @ann | May | | |",
    );
}

#[test]
fn labelled_values_are_written_behind_their_label() {
    let action = |status: &str, owner: &str, blockers: &str| {
        format!(
            "# Plan\n\n## Action items\n\n- **ACTION-05 – Dig the well (Ann)**\n  - Status: {status}\n  - Support: {owner}\n\
             \x20 - Blockers: {blockers}\n  - Owner Update: none yet\n- **ACTION-06 – Fill it (Bob)**\n  - Status: Done (100%)\n"
        )
    };
    let before = action("Ready for Review (90%)", "Kim", "None");
    check(
        &before,
        &[status("ACTION-05", Claimed), percent("ACTION-05", 100.0)],
        &action("Done (100%)", "Kim", "None"),
    );
    check(
        &before,
        &[list("ACTION-05", &["ACTION-06"])],
        &action("Ready for Review (90%)", "Kim", "ACTION-06"),
    );
    check(
        &action("Open", "Kim", "ACTION-06, rain"),
        &[list("ACTION-05", &[])],
        &action("Open", "Kim", "None"),
    );
    check(
        &before,
        &[extra("ACTION-05", "Owner Update", "half way")],
        &before.replace("none yet", "half way"),
    );
    check(&before, &[text("ACTION-05", Field::Owner, "Zoe")], &before.replace("(Ann)", "(Zoe)"));
    let brief = |status: &str, progress: &str| {
        format!(
            "# Plan\n\n## Task 7.1: Dig (2 days, digger)\n\n**Status:** {status}\n**Progress:** {progress}\n**Owner:**\n\nText.\n"
        )
    };
    let before = brief("🔴 Not Started", "0%");
    check(&before, &[status("7.1", Claimed), percent("7.1", 100.0)], &brief("✅ Done", "100%"));
    check(&before, &[text("7.1", Field::Owner, "Ann")], &before.replace("**Owner:**", "**Owner:** Ann"));
    let crlf = before.replace('\n', "\r\n");
    check(
        &crlf,
        &[status("7.1", Claimed), percent("7.1", 100.0)],
        &brief("✅ Done", "100%").replace('\n', "\r\n"),
    );
}

#[test]
fn what_stands_in_brackets_behind_a_title_is_written_there() {
    let line = |inside: &str| format!("# Plan\n\n## Actions\n\n- **ACTION-12:** Dig deep ({inside}).\n");
    let before = line("Owner: Quinn, Due: 2031-05-05 10:30 PT, 40%");
    let with = |from: &str, to: &str| before.replace(from, to);
    check(&before, &[text("ACTION-12", Field::Owner, "Rae")], &with("Quinn", "Rae"));
    check(
        &before,
        &[text("ACTION-12", Field::Due, "2031-06-06")],
        &with("2031-05-05 10:30 PT", "2031-06-06"),
    );
    check(&before, &[percent("ACTION-12", 100.0)], &with("40%", "100%"));
    check(&line("Done"), &[status("ACTION-12", Open)], &line("Not Started"));
}

#[test]
fn what_stands_between_dots_behind_a_title_has_no_place_to_write() {
    let text_of = |box_of: &str| {
        format!(
            "# Plan\n\n## Phase 1: Dig\n\n- {box_of}**A1** Dig · Quinn · 4 pd · needs nothing\n- **A2** Fill (Rae, 2 pd)\n"
        )
    };
    let before = text_of("");
    check_refused("PLAN.md", &before, status("A1", Active), Reason::Absent);
    check_refused("PLAN.md", &before, text("A1", Field::Owner, "Rae"), Reason::Absent);
    check(&before, &[text("A2", Field::Owner, "Quinn")], &before.replace("Rae", "Quinn"));
    check(&text_of("[ ] "), &[tick("A1", true)], &text_of("[x] "));
    let below = format!("{before}  - Status: open\n");
    check(&below, &[status("A2", Active)], &below.replace("open", "in progress"));
}

#[test]
fn a_sign_before_a_definition_is_left_alone() {
    let text = "# Plan\n\n## Task Definitions\n\n### ✅ Task 7.1: Dig (2.4 days, digger)\n\nText.\n";
    check_refused("PLAN.md", text, status("7.1", Active), Reason::Absent);
}

#[test]
fn lists_of_needs_and_blockers_keep_what_stays() {
    let header = "| ID | Task | Depends on | Blockers |";
    let line = |needs: &str, blockers: &str| format!("| T-1 | Dig | {needs} | {blockers} |");
    for (before, items, after) in [
        (("T-2, T-3", ""), &["T-2"][..], ("T-2", "")),
        (("T-2, T-3", ""), &["T-3"], ("T-3", "")),
        (("T-2, T-3, T-4", ""), &["T-2", "T-4"], ("T-2, T-4", "")),
        (("T-2; T-3", ""), &["T-2", "T-3", "T-9"], ("T-2; T-3; T-9", "")),
        (("T-2", "rain"), &["T-2"], ("T-2", "None")),
        (("T-2", "rain"), &["rain"], ("None", "rain")),
        (("T-2", "snow"), &["T-2", "snow", "rain"], ("T-2", "snow, rain")),
        (("T-2", "snow, rain"), &["T-2", "rain"], ("T-2", "rain")),
        (("T-2", "snow, rain"), &["T-2", "snow", "rain"], ("T-2", "snow, rain")),
        (("-", "-"), &["bad | weather"], ("-", "bad \\| weather")),
    ] {
        let (before, after) = (line(before.0, before.1), line(after.0, after.1));
        row(header, &before, &[list("T-1", items)], &after);
    }
    // It would be read as `T-5`.
    let needs = "# Plan\n\n| ID | Task | Depends on |\n|---|---|---|\n| T-1 | Dig | T-2 |\n";
    check_refused("PLAN.md", needs, list("T-1", &["T-2", "after T-5"]), Reason::ReadsOtherwise);
    let table = |blockers: &str| {
        format!(
            "# Plan\n\n| Batch | Status | Blockers |\n|---|---|---|\n| Batch 1: Dig | Done | None |\n| Batch 2: Fill | Open | {blockers} |\n"
        )
    };
    check(&table("Batch 1"), &[list("Batch 2", &[])], &table("None"));
    check(&table("None"), &[list("Batch 2", &["Batch 1"])], &table("Batch 1"));
    check(&table("Batch 1"), &[list("Batch 2", &["Batch 1"])], &table("Batch 1"));
}

#[test]
fn metrics_are_written_where_their_value_stands() {
    let table = |value: &str| {
        format!("# Plan\n\n| Metric | Value | Target |\n|---|---|---|\n| Warnings | {value} | < 20 |\n")
    };
    check(&table("34 warnings"), &[metric("Warnings", 7.0)], &table("7 warnings"));
    check(&table("34"), &[metric("Warnings", 34.0)], &table("34"));
    check(&table("12.50 s"), &[metric("Warnings", 7.5)], &table("7.50 s"));
    // Beside where it began, where it is.
    let table = |current: &str| {
        format!(
            "# Plan\n\n## From baseline to target\n\n| Metric | Current | Baseline | Target |\n|--|--|--|--|\n| Load time | {current} | 24 min 00 s | < 9 min |\n"
        )
    };
    check(&table("18 min (-25 %)"), &[metric("Load time", 7.0)], &table("7 min (-25 %)"));
    check(&table("18 min"), &[metric("Load time", 18.0)], &table("18 min"));
    check(&table(""), &[metric("Load time", 24.0)], &table("24"));
    let in_seconds = table("900 s").replace("< 9 min", "< 540 s");
    check(&in_seconds, &[metric("Load time", 420.0)], &in_seconds.replace("900", "420"));
    for current in ["18 min 20 s", "900 s"] {
        check_refused("PLAN.md", &table(current), metric("Load time", 7.0), Reason::Absent);
    }
}

#[test]
fn evidence_leaves_a_remark_that_reads_as_nothing() {
    let mark = |task: &str, digest: &str| text(task, Field::Evidence, digest);
    for (before, key) in [
        ("# Plan\n\n## Tasks\n\n- [x] T-1: Dig — check: `make dig`\n- [ ] T-2: Fill\n", "T-1"),
        ("# Plan\n\n## Tasks\n\n- [x] Dig the well  \n\n  More.\n", "tasks/dig-the-well"),
        ("# Plan\n\n| ID | Task | Status |\n|---|---|---|\n| T-1 | Dig | Done |\n", "T-1"),
        ("# Plan\n\n## Task 7.1: Dig (2 days, digger)\n\nText.", "7.1"),
        ("# Plan\n\n## Work\n\n- **A1** Dig · Quinn · 4 pd · needs A2\n- A2: Fill (Rae, 2 pd)\n", "A1"),
    ] {
        let reading = read("PLAN.md", before.as_bytes());
        let key = if reading.draft.tasks.iter().any(|task| task.key.as_str() == key) {
            key.to_owned()
        } else {
            reading.draft.tasks[0].key.to_string()
        };
        let once = write(before.as_bytes(), &reading, &[mark(&key, "9f2c")]);
        assert_eq!(once.unwritten, [], "{before}");
        let marked = String::from_utf8(once.bytes).unwrap();
        assert_eq!(marked.matches(" <!-- verified 9f2c -->").count(), 1, "{marked}");
        let changed = marked.replace("9f2c", "77aa");
        check(&marked, &[mark(&key, "77aa")], &changed);
        check(&changed, &[mark(&key, "")], before);
        check(before, &[mark(&key, "")], before);
        // Whatever else is written stays beside it.
        let after = read("PLAN.md", marked.as_bytes());
        assert_eq!(after.draft.tasks[0].title, reading.draft.tasks[0].title);
        assert_eq!(after.draft.tasks[0].needs, reading.draft.tasks[0].needs);
        assert_eq!(after.draft.tasks[0].checks.len(), reading.draft.tasks[0].checks.len());
    }
}

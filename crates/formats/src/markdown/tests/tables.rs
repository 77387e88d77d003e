use super::check;

#[test]
fn task_tables_in_any_order_of_columns() {
    for (text, line) in [
        (
            "| Task ID | Description | Owner/Role | Inputs | Outputs | Prereqs | Priority | Source |\n|-|-|-|-|-|-|-|-|\n| G-01 | Dig | Ada + Bo | N/A | pit.md, soil (dry, sieved) | None | P0 | SV §3; R-1 |\n| G-02 | Plant | Bo | pit.md | beds/ | G-01 | P1 | SV §4 |\n",
            5,
        ),
        (
            "| Priority | Source | Prereqs | Description | Outputs | Owner/Role | Task ID | Inputs |\n|-|-|-|-|-|-|-|-|\n| P0 | SV §3; R-1 | None | Dig | pit.md, soil (dry, sieved) | Ada + Bo | G-01 | N/A |\n| P1 | SV §4 | G-01 | Plant | beds/ | Bo | G-02 | pit.md |\n",
            5,
        ),
    ] {
        check(
            &format!("# Garden\n## Work\n{text}"),
            &format!(
                "{line} task G-01 `Dig` priority=P0 owners=[Ada:Primary | Bo:Primary] outputs=[pit.md | soil (dry, sieved)] sources=[SV §3 | R-1]
                {} task G-02 `Plant` priority=P1 owners=[Bo:Primary] needs=[G-01] inputs=[pit.md] outputs=[beds/] sources=[SV §4]",
                line + 1
            ),
        );
    }
}

#[test]
fn a_dashboard_of_batches() {
    check(
        "# Board\n## State\n| Batch | Priority | Status | Progress | Target Date | Blockers |\n|--|--|--|--|--|--|\n| Batch 1: Beds | P0 | 🔴 Not Started | 0% | Week 1–2 | None |\n| Batch 2: Trees | P1 | 🟢 Done | 100% | 2031-05-05 | Batch 1 |\n| Batch 3: Pond | P1 | Blocked | 5% | - | waiting for the digger, and for the council |\n",
        "
        5 batch Batch 1 `Beds` status=Not Started=Open percent=0 priority=P0 due=Week 1–2 window=Week 1–2
        6 batch Batch 2 `Trees` status=Done=Claimed percent=100 priority=P1 due=2031-05-05 needs=[Batch 1]
        7 batch Batch 3 `Pond` status=Blocked=Open percent=5 priority=P1 blockers=[waiting for the digger, and for the council]
        ",
    );
}

#[test]
fn numbered_rows_know_each_other_by_number() {
    check(
        "# Garden\n## Batch 4: Water (2 items, 1-2 days)\n| # | Item | Effort | Agent | Dependencies | Verify |\n|--|--|--|--|--|--|\n| 1 | Lay pipes | 4 hours | digger | None | `./leaks.sh` |\n| 2 | Set taps | 1-2 days | plumber | Item #1 (pipes) | |\n",
        "
        2 batch Batch 4 `Water` days=2
        5 task batch-4-water-2-items-1-2-days/lay-pipes `Lay pipes` owners=[digger:Agent] days=0.5 checks=[check: `./leaks.sh`] parent=Batch 4 extra=[#: 1]
        6 task batch-4-water-2-items-1-2-days/set-taps `Set taps` owners=[plumber:Agent] days=2 needs=[batch-4-water-2-items-1-2-days/lay-pipes] parent=Batch 4 extra=[#: 2]
        ",
    );
}

#[test]
fn registers_in_tables() {
    check(
        "# Garden\n## Risks\n| Risk | Mitigation | Probability | Impact |\n|--|--|--|--|\n| Frost | Cover beds | Low | 🔴 High |\n\n| ID | Risk | Tasks |\n|--|--|--|\n| R-2 | Slugs | G-01, G-02 |\n\n## People\n| Workstream | Primary | Support |\n|--|--|--|\n| Beds | Ada | N/A |\n\n## Numbers\n| Metric | Value | Target | Source |\n|--|--|--|--|\n| Weeds | 34 per bed | < 20 | walk |\n\n| Thing | Before | After |\n|--|--|--|\n| Cans | 12 | 9 |\n\n## Dates\n| Milestone | Date |\n|--|--|\n| M1: Dug | 2031-05-05 |\n\n## Other\n| Plant | Colour |\n|--|--|\n| Rose | Red |\n",
        "
        5 risk risks/frost `Frost` probability=Low impact=High mitigation=Cover beds
        9 risk R-2 `Slugs` tasks=[G-01 | G-02]
        19 metric `Weeds` Claimed is=34 unit=per bed target=< 20
        23 metric `Cans` Claimed is=9
        28 milestone `M1: Dug` due=2031-05-05
        14 owner `Beds` primary=Ada
        33 note `Rose | Red`
        ",
    );
}

#[test]
fn ragged_rows_are_read_and_told_of() {
    check(
        "# G\n| ID | Task | Owner |\n|--|--|--|\n| A-1 | Dig |\n| A-2 | Sow | Bo | more |\n| A-3 | a \\| b | `x \\| y` |\n",
        "
        4 task A-1 `Dig`
        5 task A-2 `Sow` owners=[Bo:Primary]
        6 task A-3 `a | b` owners=[x | y:Primary]
        ! table/ragged this row has 2 cells, its header 3; the last ones are empty
        ! table/ragged this row has 4 cells, its header 3; what is too much is not shown
        ",
    );
}

#[test]
fn values_under_a_heading_of_beginnings_are_baselines() {
    check(
        "# Move\n## Baseline\n| Metric | Value |\n|--|--|\n| Boxes | 38 |\n\n## Results\n| Metric | Value |\n|--|--|\n| Boxes | 8 |\n",
        "
        5 metric `Boxes` Baseline is=38
        10 metric `Boxes` Claimed is=8
        ",
    );
}

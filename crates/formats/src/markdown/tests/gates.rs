//! Tables of metrics and gates: where a measure began, where it is, what must hold.

use super::check;

#[test]
fn where_a_measure_began_is_told_apart_from_where_it_is() {
    let expected = "
        5 metric `Loading time` Baseline is=24 measured=18 unit=min target=<= 20 min
        6 metric `Bill` Baseline is=8000 measured=8400 unit=EUR target=<= 5600 EUR
        7 metric `Crate weight` Baseline is=1.6 measured=0.88 unit=GB target=<= 900 MB
        8 metric `Labelled` Baseline is=14 measured=23 target=46/46
        9 metric `Picks` Baseline is=320 unit=crates/h target=>= 350 crates/h
        10 metric `Losses` Claimed is=3 unit=% target=< 2 %
    ";
    for now in ["Current", "Now", "Actual", "Measured (4 May)", "Value now", "Latest", "Today"] {
        check(
            &format!(
                "# Depot
## From baseline to target
| Metric | Baseline | Target | {now} |
|--|--|--|--|
| Loading time | 24 min 00 s | <= 20 min | 18 min 00 s (-25 %) |
| Bill | 8,000 EUR | <= 5,600 EUR | 8,400 EUR |
| Crate weight | 1.6 GB | <= 900 MB | 880 MB |
| Labelled | 14 of 57 | 46 of 46 | 23 of 46 |
| Picks | 320 crates/h | >= 350 crates/h | - |
| Losses | n/a | < 2 % | 3 % |
"
            ),
            expected,
        );
    }
    check(
        "# Depot
## Numbers
| Today | Target | Measure | Before |
|--|--|--|--|
| ~18 min | <= 6 min 30 s | Loading | 24 min |
",
        "5 metric `Loading` Baseline is=24 measured=18 unit=min target=<= 6.5 min",
    );
    check(
        "# Depot
## Numbers
| KPI | Start | Goal | Latest |
|--|--|--|--|
| Losses | 30 | 9 | 12 |
",
        "5 metric `Losses` Baseline is=30 measured=12 target== 9",
    );
}

#[test]
fn a_measure_with_a_key_is_no_work_and_today_is_where_it_begins() {
    let expected = "
        5 metric `Loading time` Baseline is=22 unit=min target=-55..-40 %
        6 metric `Crates labelled` Baseline is=5 target=12/12
        7 metric `Losses` Baseline is=3.6 unit=% target=< 1.5 %
    ";
    for (measure, today, target) in [
        ("Measure", "Today (baseline)", "Target"),
        ("What we measure", "At the start", "Target value"),
        ("KPI", "As is", "To be"),
        ("Quantity", "Now (baseline)", "Goal"),
        ("Indicator", "Today", "Wanted"),
        ("Metric", "Before", "Target for May"),
    ] {
        check(
            &format!(
                "# Depot
## Numbers
| Id | {measure} | {today} | {target} |
|--|--|--|--|
| K1 | Loading time | 22 min | -40 %..-55 % |
| K2 | Crates labelled | 5 of 12 | 12 of 12 |
| K3 | Losses | 3.6 % | below 1.5 % |
"
            ),
            expected,
        );
    }
}

#[test]
fn without_a_baseline_the_value_is_what_it_was() {
    for (heading, role) in [("Numbers", "Claimed"), ("Baseline", "Baseline")] {
        check(
            &format!(
                "# Depot
## {heading}
| Metric | Current | Target |
|--|--|--|
| Losses | 19 | < 9 |
"
            ),
            &format!("5 metric `Losses` {role} is=19 target=< 9"),
        );
    }
}

#[test]
fn the_condition_of_a_gate_is_its_target_and_the_result_its_authors_tick() {
    let expected = "
        5 criterion `G1: Loading time change within -25 % .. -40 %` box=x target=-40..-25 %
        6 criterion `G2: Losses `< 0.10 %`` box=_ target=< 0.1 %
        7 criterion `G3: Round trip <= 6 min 30 s, last 20 trips` box=_ target=<= 6.5 min
        8 criterion `G4: All drivers trained` box=x
    ";
    check(
        "# Depot
## Quality gates
| Gate | Condition | Value now | Result |
|--|--|--|--|
| G1 | Loading time change within -25 % .. -40 % | -36 % | PASS |
| G2 | Losses `< 0.10 %` | 0.4 % | ❌ |
| G3 | Round trip <= 6 min 30 s, last 20 trips | - | not run |
| G4 | All drivers trained | 12 of 12 | ✅ |
",
        expected,
    );
    check(
        "# Depot
## How it stands
| Verdict | Latest | Requirement | Quality gate |
|--|--|--|--|
| pass | -36 % | Loading time change within -25 % .. -40 % | G1 |
| FAIL | 0.4 % | Losses `< 0.10 %` | G2 |
| - | - | Round trip <= 6 min 30 s, last 20 trips | G3 |
| Passed | 12 | All drivers trained | G4 |
",
        expected,
    );
}

#[test]
fn a_subject_and_its_bound_are_one_condition() {
    for (subject, bound, verdict) in [
        ("Check", "Must be", "Pass?"),
        ("Criterion", "Threshold", "Result"),
        ("Requirement", "Limit", "Met"),
        ("Condition", "Threshold", "Verdict"),
        ("Acceptance criteria", "Target", "Status"),
    ] {
        check(
            &format!(
                "# Depot
## Before the doors open
| {bound} | {verdict} | {subject} |
|--|--|--|
| < 20 | yes | Losses |
| 80 % or more | no | Shelves labelled |
| signed | ? | Lease |
"
            ),
            "
            5 criterion `Losses < 20` box=x target=< 20
            6 criterion `Shelves labelled 80 % or more` box=_ target=>= 80 %
            7 criterion `Lease: signed` box=_
            ",
        );
    }
}

#[test]
fn gates_with_measures_are_metrics_with_their_authors_tick() {
    check(
        "# Depot
## Gates
| Gate | Measure | Baseline | Target | Measured | Result |
|--|--|--|--|--|--|
| G1 | Losses | 212 | < 15 | 34 | FAIL |
| G2 | Trips | 10 min 00 s | <= 6 min 00 s | 6 min 30 s | pass |
| G3 | Doors | - | closed at night | - | pass |

## Quality gates
| Metric | Result | Must be | Now |
|--|--|--|--|
| Losses | ✅ | < 15 | 9 |

| Metric | Target | Result |
|--|--|--|
| Pallets | >= 40 | 38 |
",
        "
        5 metric `Losses` Baseline is=212 measured=34 target=< 15 box=_
        6 metric `Trips` Baseline is=10 measured=6.5 unit=min target=<= 6 min box=x
        12 metric `Losses` Claimed is=9 target=< 15 box=x
        16 metric `Pallets` Claimed is=38 target=>= 40
        7 criterion `Doors: closed at night` box=x
        ",
    );
}

#[test]
fn other_tables_are_no_gates() {
    check(
        "# Depot
## Rules
| Condition | Result |
|--|--|
| It rains | the doors stay shut |

## Work
| Task | Check | Owner | Status |
|--|--|--|--|
| Sweep | | Ada | done |
",
        "
        10 task work/sweep `Sweep` status=done=Claimed owners=[Ada:Primary]
        5 note `It rains | the doors stay shut`
        ",
    );
}

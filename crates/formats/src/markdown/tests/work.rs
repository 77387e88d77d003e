//! Items that are work by what they tell in their line.

use super::check;

#[test]
fn an_item_with_a_key_tells_who_how_long_and_what_comes_first() {
    let expected = "
        3 phase Phase A `Look` window=2 March to 13 March 2026 tasks=[A1 | A2 | A3]
        4 task A1 `Survey of the roofs, gutters and walls` owners=[Nadia:Primary] days=4 phase=Phase A
        5 task A2 `Lifts at 10 %, 50 %, 100 %` owners=[Priya Raman:Primary] days=3 due=13 March 2026 needs=[A1] phase=Phase A
        6 task A3 `Scaffold` owners=[Joost:Primary] days=2 needs=[A1 | A2] phase=Phase A
    ";
    for lines in [
        "- **A1** Survey of the roofs, gutters and walls · Nadia · 4 pd · needs nothing
- **A2** Lifts at 10 %, 50 %, 100 % · Priya Raman · 3 pd · needs A1 · due 13 March 2026
- **A3** Scaffold · Joost · 2 pd · needs A1, A2",
        "- A1: Survey of the roofs, gutters and walls (Nadia, 4 pd)
- A2: Lifts at 10 %, 50 %, 100 % (Priya Raman, 3 pd, due 13 March 2026, after A1)
- A3: Scaffold (Joost, 16 h, requires A1, A2)",
        "1. **A1 — Survey of the roofs, gutters and walls** — owner: Nadia; 4 days; no dependencies
2. **A2 — Lifts at 10 %, 50 %, 100 %** — owner Priya Raman; 3 person-days; depends on A1; due 13 March 2026
3. **A3 — Scaffold** — Joost; 2 days; waits for A1 and A2",
        "* **A1**: Survey of the roofs, gutters and walls | estimate 4 days | Nadia
* **A2**: Lifts at 10 %, 50 %, 100 % | by 13 March 2026 | about 3 days | blocked by A1 | Priya Raman
* **A3**: Scaffold | needs A1–A2 | 2 days | Joost",
        "- A1 – Survey of the roofs, gutters and walls, Nadia, 4 pd
- A2 – Lifts at 10 %, 50 %, 100 %, Priya Raman, 3 pd, due 13 March 2026, after A1
- A3 – Scaffold, Joost, 2 pd, after A1, A2",
    ] {
        let text = format!("# Roof\n\n### Phase A: Look (2 March to 13 March 2026, 9 pd)\n{lines}\n");
        check(&text, expected);
    }
}

#[test]
fn what_is_no_fact_stays_in_the_title() {
    check(
        "# Roof
## Work packages
- **W1** Slates · Tiles · Nadia · 4 pd · needs W2 and the crane
- **W2** Move Wales, Scotland, Nadia, 4 pd
- **W3** Leads; keep them for 30 days
- **W4** Gutters
",
        "
        3 task W1 `Slates · Tiles` owners=[Nadia:Primary] days=4 needs=[W2] extra=[Dependencies: the crane]
        4 task W2 `Move Wales, Scotland` owners=[Nadia:Primary] days=4
        5 task W3 `Leads; keep them for 30 days`
        6 task W4 `Gutters`
        ",
    );
}

#[test]
fn a_key_alone_makes_no_work() {
    check(
        "# Roof
## Phase 1: Look
- A1: Survey (Nadia, 2 days)
- A2: Scaffold
- A1 is late by 3 days, after A2
- A7: the slates are late; needs A1 to be done
- MP3 Recording of the rain · 2 days · Nadia
- M1: Everything dry: 13 March 2026
- G1: nobody falls
### Milestones
- **M2** All slates on · 13 March 2026
### Quality
- Q1: Two people look at every slate (Nadia, 2 days)
### Questions
- A2: is it needed at all, Nadia, 2 pd?
## What could go wrong
- R1: Frost · Nadia · 2 days
## People
- **P-1**: Nadia
## Numbers
- K1: leaks per room
- K2: at most 4 leaks (Nadia, 2 days)
",
        "
        2 phase Phase 1 `Look` tasks=[A1 | A2]
        3 task A1 `Survey` owners=[Nadia:Primary] days=2 phase=Phase 1
        4 task A2 `Scaffold` phase=Phase 1
        17 risk R1 `Frost · Nadia · 2 days`
        11 milestone `M2 All slates on · 13 March 2026` due=13 March 2026
        15 note `A2: is it needed at all, Nadia, 2 pd?`
        22 note `K2: at most 4 leaks (Nadia, 2 days)`
        ",
    );
}

#[test]
fn below_a_topic_an_item_must_tell_more_and_none_is_defined_twice() {
    check(
        "# Roof
## Slates
- A1: Survey (Nadia, 2 days)
- A2: Scaffold
- A3: Wait (2 days), after A1
- A4: Wait for the crane, after A3
## Slates again
- A1: Survey (Nadia, 3 days)
",
        "
        3 task A1 `Survey` owners=[Nadia:Primary] days=2
        5 task A3 `Wait` days=2 needs=[A1]
        ",
    );
}

#[test]
fn sections_may_stand_beside_the_title() {
    check(
        "# Roof
# Work packages
- W1: Slates, needs W2
- W2: Gutters
# What could go wrong
1. Frost holds up the slates (likely)
# Numbers
- **K1**: leaks per room
",
        "
        3 task W1 `Slates` needs=[W2]
        4 task W2 `Gutters`
        6 risk what-could-go-wrong/frost-holds-up-the-slates-likely `Frost holds up the slates (likely)`
        ",
    );
}

#[test]
fn work_may_stand_below_work() {
    check(
        "# Roof
## Work
- **W1** Slates · Nadia · 4 pd
  - **W1.1** Order · Ada · 2 pd · needs nothing
  - W12: Lay (Ada, 2 pd)
  - Note: takes 2 days, after W1.1
- **W2** Gutters · Joost · 4 pd · needs W1.1
",
        "
        3 task W1 `Slates` owners=[Nadia:Primary] days=4 extra=[Note: takes 2 days, after W1.1]
        4 task W1.1 `Order` owners=[Ada:Primary] days=2 parent=W1
        5 task W12 `Lay` owners=[Ada:Primary] days=2 parent=W1
        7 task W2 `Gutters` owners=[Joost:Primary] days=4 needs=[W1.1]
        ",
    );
}

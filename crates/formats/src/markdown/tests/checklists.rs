use super::{at, check};

#[test]
fn boxes_are_items_under_their_heading() {
    check(
        "# Move\n\n## Packing list\n- [ ] Pack books\n  - [x] Label boxes\n- [-] Sell piano\n* [/] Paint\n1. [X] Keys\n\n## Packing list\n- [ ] Pack books\n",
        "
        4 item packing-list/pack-books `Pack books` box=_
        5 item packing-list/label-boxes `Label boxes` box=x parent=packing-list/pack-books
        6 item packing-list/sell-piano `Sell piano` box=_ status=[-]=Dropped
        7 item packing-list/paint `Paint` box=_ status=[/]=Active
        8 item packing-list/keys `Keys` box=x
        11 item packing-list/pack-books~2 `Pack books` box=_
        ",
    );
}

#[test]
fn keys_lead_or_stand_in_a_comment() {
    check(
        "# Move\n## List\n- [ ] T001 [P] [US1] Make room\n- [ ] M-7: Carry — check: `./carried.sh`\n- [ ] Tidy <!-- #tidy -->\n- [ ] 2.5 days of rest\n- [ ] Task 3: Lift (2 h, mover)\n",
        "
        3 item T001 `Make room` box=_ extra=[parallel: yes | story: US1]
        4 item M-7 `Carry` box=_ checks=[check: `./carried.sh`]
        5 item tidy `Tidy` box=_
        6 item list/2-5-days-of-rest `2.5 days of rest` box=_
        7 item Task 3 `Lift` box=_ owners=[mover:Agent] days=0.25
        ",
    );
}

#[test]
fn a_box_that_mentions_a_task_is_no_second_one() {
    check(
        "# Move\n## Work\n| ID | Task | Owner |\n|---|---|---|\n| M-1 | Pack | Ada |\n\n## Watch\n- [x] M-1: packed and labelled\n- [ ] Task 7.1 progress\n",
        "
        5 task M-1 `Pack` owners=[Ada:Primary]
        8 item watch/m-1-packed-and-labelled `M-1: packed and labelled` box=x
        9 item watch/task-7-1-progress `Task 7.1 progress` box=_
        ",
    );
}

#[test]
fn headings_decide_what_boxes_are() {
    check(
        "# Move\n## Success criteria\n**Tasks:**\n- [x] Van is < 3 tons\n## Phase 1: Pack (Day 1)\n- [ ] Books\n### Exit criteria\n- [ ] All packed\n\n**Deliverables:**\n- [ ] A list\n## Risks\n- [ ] Rain: take a cover\n## Assumptions\n- [ ] The lift works\n",
        "
        5 phase Phase 1 `Pack` window=Day 1 tasks=[phase-1-pack-day-1/books] exit=[`All packed` box=_ | `A list` box=_]
        6 item phase-1-pack-day-1/books `Books` box=_ phase=Phase 1
        13 risk risks/rain `Rain` mitigation=take a cover
        4 criterion `Van is < 3 tons` box=x target=< 3 tons
        15 assumption `The lift works`
        ",
    );
}

#[test]
fn prose_is_no_probe() {
    check(
        "# Move\n## Do\n- [ ] Run format check: `cargo fmt --check`\n- [ ] Create file: `touch x`\n- [x] All fit — check: `./fit.sh`; file: `van.txt`\n",
        "
        3 item do/run-format-check-cargo-fmt-check `Run format check: `cargo fmt --check`` box=_
        4 item do/create-file-touch-x `Create file: `touch x`` box=_
        5 item do/all-fit `All fit` box=x checks=[check: `./fit.sh` | file: `van.txt`]
        ",
    );
}

#[test]
fn places_are_those_of_the_box_and_the_fields() {
    let text = "# P\n- [x] One (30%)\n\n| ID | Task | Status | Progress | Due |\n|--|--|--|--|--|\n| A-1 | Go | 🟡 In Progress | 40 % | 2031-05-05 |\n";
    let (draft, _) = crate::markdown::read(text, "p.md");
    let places = draft.tasks[0].places;
    assert_eq!((at(text, places.mark), at(text, places.title)), ("x", "One (30%)"));
    let places = draft.tasks[1].places;
    assert_eq!(
        (at(text, places.status), at(text, places.percent), at(text, places.due)),
        ("In Progress", "40", "2031-05-05")
    );
    assert_eq!(&text[draft.tasks[1].span.range()], "| A-1 | Go | 🟡 In Progress | 40 % | 2031-05-05 |");
}

use super::check;

#[test]
fn bold_keys_with_fields_below() {
    check(
        "# Week\n## Action items\n- **ACTION-05 – Mend the fence (Ada)**\n  - Status: Ready for Review (90%)\n  - Owner Update: Posts are in.\n  - Blockers/Dependencies: Awaiting paint, and a dry day.\n  - Next Steps: Paint it.\n\n- **ACTION-06 – Mow (Bo + Cy)**\n  - Blockers: None; the grass is short.\n- **Readiness metric:** 1/2 items at `Ready for Review` (50%), below the ≥80% target.\n\n## New action items\n- **ACTION-07:** Sharpen the blades (Owner: Di, Due: 2031-05-05 10:30 PT).\n",
        "
        3 action ACTION-05 `Mend the fence` status=Ready for Review=Active percent=90 owners=[Ada:Primary] blockers=[Awaiting paint, and a dry day.] next=[Paint it.] extra=[Owner Update: Posts are in.]
        9 action ACTION-06 `Mow` owners=[Bo:Primary | Cy:Primary]
        14 action ACTION-07 `Sharpen the blades` owners=[Di:Primary] due=2031-05-05 10:30 PT
        11 metric `Readiness metric` Claimed is=50 unit=% target=>= 80 %
        11 claim readiness_percent Number(50.0)
        ",
    );
}

#[test]
fn a_sign_before_a_definition_is_no_claim() {
    check(
        "# Handoff\n## What was prepared\n1. **Task definitions (2 files)**\n   - ✅ Task 9.1: Dig (2.4 days, digger)\n   - ✅ Task 9.2: Sow (1 day, sower, waits for 9.1)\n2. **Numbers**\n   - Baseline taken (12 weeds, 99.4% dry)\n   - Order (9.1 → 9.2)\n",
        "
        4 task 9.1 `Dig` status=✅=Open owners=[digger:Agent] days=2.4
        5 task 9.2 `Sow` status=✅=Open owners=[sower:Agent] days=1 needs=[9.1]
        7 metric `weeds` Baseline is=12 unit=weeds
        7 metric `dry` Baseline is=99.4 unit=%
        ",
    );
}

#[test]
fn a_brief_under_its_own_heading() {
    check(
        "# Work\n### Task 4.2: Sow (1.5 days, sower)\n**Status:** In Progress (40%)\n**Dependencies:** 4.1\n\n#### Objectives\n- Rows\n\n#### Deliverables\n- Seed plan\n\n#### Success criteria\n- [ ] 80% come up — metric: sprouts >= 80 %\n\n**Files:**\n- `beds/a.md`\n- `beds/b.md`\n\n### Task 4.1: Dig\n- [ ] Fetch spade\n",
        "
        2 task 4.2 `Sow` status=In Progress=Active percent=40 owners=[sower:Agent] days=1.5 needs=[4.1] objectives=[Rows] deliverables=[Seed plan] paths=[beds/a.md | beds/b.md] criteria=[`80% come up` box=_ checks=[metric: sprouts >= 80 %]]
        19 task 4.1 `Dig`
        20 item task-4-1-dig/fetch-spade `Fetch spade` box=_ parent=4.1
        ",
    );
}

#[test]
fn a_brief_and_a_row_are_one_task() {
    check(
        "# Work\n| ID | Task | Priority |\n|--|--|--|\n| G-1 | Dig | P0 |\n\n## G-1: Dig (2 days)\n**Owner:** Ada\n",
        "4 task G-1 `Dig` priority=P0 owners=[Ada:Primary] days=2",
    );
}

#[test]
fn phases_by_key_by_parts_and_by_window() {
    for (heading, key, title) in [
        ("### Phase A — Kick off", "Phase A", "Kick off"),
        ("## Stage 2: Kick off (Week 3)", "Stage 2", "Kick off"),
        ("#### 4.1 Kick off", "kick-off", "Kick off"),
        ("### Phase Alpha — Kick off", "Phase Alpha", "Kick off"),
    ] {
        let text = format!(
            "# Garden\n## Phases\n{heading}\n- Entrance: Soil dry; tools here.\n- Tasks: G-1, G-3–G-4.\n- Exit: Beds dug.\n"
        );
        let window = if heading.contains("Week") { " window=Week 3" } else { "" };
        check(
            &text,
            &format!(
                "3 phase {key} `{title}`{window} entrance=[`Soil dry` | `tools here`] tasks=[G-1 | G-3 | G-4] exit=[`Beds dug`]"
            ),
        );
    }
    check(
        "# Garden\n## Priorities (Day 0-2)\n1. **Beds**\n   - Read `docs/runbooks/beds.md`.\n2. **Pond**\n   - Dig.\n\n## People\n| Workstream | Primary | Support |\n|-|-|-|\n| Beds | Ada | Bo |\n",
        "
        2 phase priorities `Priorities` window=Day 0-2 tasks=[priorities/beds | priorities/pond]
        3 workstream priorities/beds `Beds` owners=[Ada:Primary | Bo:Support] window=Day 0-2 paths=[docs/runbooks/beds.md] phase=priorities
        5 workstream priorities/pond `Pond` window=Day 0-2 phase=priorities
        11 owner `Beds` primary=Ada support=Bo
        4 runbook `docs/runbooks/beds.md`
        ",
    );
}

#[test]
fn what_stands_behind_the_brackets_may_be_a_need() {
    check(
        "# Move\n## Backlog\n- B-1: Pack (3 days, Mira)\n- B-2: Carry (5 days, Joss), needs B-1\n- B-3: Unpack (2 days, Ola) – waits for B-1 and B-2.\n",
        "
        3 task B-1 `Pack` owners=[Mira:Primary] days=3
        4 task B-2 `Carry` owners=[Joss:Primary] days=5 needs=[B-1]
        5 task B-3 `Unpack` owners=[Ola:Primary] days=2 needs=[B-1 | B-2]
        ",
    );
}

#[test]
fn a_sentence_behind_the_brackets_is_prose() {
    check(
        "# Move\n## Backlog\n- B-1: Pack (3 days, Mira), needs B-2 only on rainy days\n- B-2: Carry what the van (the old one) needs B-1 for\n- B-3: Unpack (see the list there), needs B-1\n- B-4: Sweep (2 days, Ola), needs a broom\n",
        "
        3 task B-1 `Pack (3 days, Mira), needs B-2 only on rainy days`
        4 task B-2 `Carry what the van (the old one) needs B-1 for`
        5 task B-3 `Unpack (see the list there)` needs=[B-1]
        6 task B-4 `Sweep (2 days, Ola), needs a broom`
        ",
    );
}

#[test]
fn keys_of_the_shared_memory_are_kept_however_they_are_written() {
    let keys = "memory=[garden/beds/status | garden/seeds/plan]";
    for lines in [
        "**Memory keys:** `garden/beds/status`, `garden/seeds/plan`\n",
        "**Memory Keys:** garden/beds/status, garden/seeds/plan.\n",
        "**Memory keys:**\n- `garden/beds/status` – how far it is\n- Reads `garden/seeds/plan`\n",
        "#### Memory keys\n- `garden/beds/status`\n- `garden/seeds/plan`\n",
        "- Memory keys: `garden/beds/status`, `garden/seeds/plan`\n",
        "- **Memory keys (written):** `garden/beds/status`\n- **Memory keys (read):** `garden/seeds/plan`\n",
    ] {
        check(
            &format!("# Work\n### Task 4.2: Sow (1.5 days, sower)\n\n{lines}"),
            &format!("2 task 4.2 `Sow` owners=[sower:Agent] days=1.5 {keys}"),
        );
    }
    check(
        "# Work\n### Task 4.2: Sow (1 day, sower)\n\n- Memory keys: one for each bed\n",
        "2 task 4.2 `Sow` owners=[sower:Agent] days=1 extra=[Memory keys: one for each bed]",
    );
}

#[test]
fn headings_below_tasks_with_facts_are_tasks() {
    let reading = crate::read(
        "PLAN.md",
        b"# Sprint\n\n## Goals\n\n- Peak memory: from 96 GB to 64 GB or less\n\n## Tasks\n\n### P-1 Partition the table\n\n- Owner: Ada\n- Estimate: 3 days\n- Acceptance: a scan reads at most 120 GB\n\n### Tell everybody\n\n- Owner: Bo\n- Depends on: P-1\n\n### Backend\n\n- [ ] Sharpen\n\n## Acceptance\n\n- [ ] All 9 alerts fire\n",
    );
    let draft = reading.draft;
    let told: Vec<_> = draft
        .tasks
        .iter()
        .map(|task| {
            (task.key.as_str(), &*task.title, task.estimate_days, task.needs.len(), task.criteria.len())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("P-1", "Partition the table", Some(3.0), 0, 1),
            ("tasks/tell-everybody", "Tell everybody", None, 1, 0),
            ("backend/sharpen", "Sharpen", None, 0, 0),
        ]
    );
    assert_eq!(draft.criteria.len(), 1);
}

#[test]
fn briefs_name_roles_of_several_words_and_wait_in_a_line_of_their_own() {
    let reading = crate::read(
        "PLAN.md",
        b"# Shop\n\n### Task 2.0: Clear (2 days, shop manager)\n\n- Deliverables: keys\n\n### Task 2.1: Bake (4 days, head baker)\n\n*Waits for 2.0.*\n\n## Before and after\n\n| What | Before | After |\n| --- | --- | --- |\n| Queue | 9 min | at most 4 min |\n",
    );
    let [clear, bake] = &reading.draft.tasks[..] else { panic!("two tasks: {:?}", reading.draft.tasks) };
    assert_eq!(
        (clear.title.as_str(), clear.estimate_days, &*clear.owners[0].name),
        ("Clear", Some(2.0), "shop manager")
    );
    assert_eq!((&*bake.owners[0].name, bake.needs.len()), ("head baker", 1));
    let queue = &reading.draft.metrics[0];
    assert_eq!((queue.value, queue.role), (Some(9.0), model::draft::MetricRole::Baseline));
    assert_eq!(queue.target.as_ref().map(ToString::to_string).as_deref(), Some("<= 4 min"));
}

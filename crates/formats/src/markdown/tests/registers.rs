use super::check;

#[test]
fn risks_and_their_mapping() {
    check(
        "# Garden\n## Risk review\n- **R-1 – Frost (Owner: Ada) – Status: Yellow → trending Green**\n  - Mitigation: Cover beds.\n  - Escalation: Tell the club.\n- **Slugs**: Set traps.\n\n## Risk-to-task mapping\n- R-1 → G-1, G-2\n- HAZ-9 -> G-3\n",
        "
        3 risk R-1 `Frost` status=Yellow trend=trending Green owner=Ada mitigation=Cover beds. escalation=Tell the club. tasks=[G-1 | G-2]
        6 risk risk-review/slugs `Slugs` mitigation=Set traps.
        10 risk HAZ-9 `` tasks=[G-3]
        ",
    );
}

#[test]
fn decisions_escalations_and_rebaselines() {
    check(
        "# Day\n## Decisions and escalations\n- Decision: Buy the pump, contingent on the bank.\n- Escalation: None beyond the club.\n- Escalation: The well is dry; told Ada.\n- Re-baselining: G-3 slips; new target 2031-05-05 17:00 PT agreed with Ada and Bo.\n",
        "
        3 decision `Buy the pump, contingent on the bank.` conditional
        5 escalation `The well is dry; told Ada.`
        6 rebaseline `G-3 slips; new target 2031-05-05 17:00 PT agreed with Ada and Bo.` due=2031-05-05 17:00 PT approved=[Ada | Bo]
        ",
    );
}

#[test]
fn facts_in_prose() {
    check(
        "# Garden\n**Total Duration:** ~3.4 days (2.4 and 1)\n**Expected Completion:** 2031-05-04\n**Status:** 19/21 complete (90.5%)\n\n## Timeline\n- 09:05 PT beds walked\n\n## Assumptions & constraints\n- Assumptions: Water is free.\n- Constraints: No digger.\n\n## Runbooks to write\n- `docs/runbooks/frost.md` – covering.\n\n## Communication plan\n- **Daily:** A word at the gate.\n\n## Targets\n- **Weeds:** <5% of a bed\n- **Frogs:** at least 3 frogs, more if it rains\n",
        "
        20 metric `Weeds` Target unit=% target=< 5 %
        21 metric `Frogs` Target unit=frogs target=>= 3 frogs
        7 checkpoint `09:05 PT beds walked` due=09:05 PT
        10 assumption `Water is free.`
        11 assumption `No digger.`
        14 runbook `docs/runbooks/frost.md`
        17 cadence `Daily: A word at the gate.`
        2 claim total_duration_days Number(3.4)
        3 claim completion_date Date(2031-05-04)
        4 claim complete Number(90.5)
        ",
    );
}

#[test]
fn arrows_between_tasks_order_them() {
    check(
        "# Garden\n- Task 1.1: Dig\n- Task 1.2: Sow\n\n## Order\n- 1.1 → 1.2\n",
        "
        2 task 1.1 `Dig`
        3 task 1.2 `Sow` needs=[1.1]
        ",
    );
}

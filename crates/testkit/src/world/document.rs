//! The plan documents of the world and how they are edited behind everybody's back.

use model::check::{CheckSpec, Probe};
use model::definition::{CheckDefinition, Definition, GateDefinition, TaskDefinition};
use model::draft::Stated as StatedState;
use model::facts::Fact;
use model::gate::Stated;
use model::settings::{Identity, Trust, Weakening};

use super::dice::Dice;
use crate::sketch::{key, probe, sketch};

const PLAN: &str = "
setting rebaseline: owner
setting role security: bob, cleo
setting never_waivable: secrets
phase A: Prepare | entrance approval go: lead
phase B: Build | exit check wired: make wired | exit stated o: all is told
T-1: Pin the toolchain | check tests: make test | due: 2031-02-01
T-2: Build the importer | needs: T-1 | path: src/** | agent: coder | check tests: make test | metric warnings: warnings < 20 from ./count.sh
T-3: Review the importer | needs: T-2 | agent: Code Reviewer | approval look: security x2
T-4: Think about names | box: o
T-5: Write it down | needs: T-4 | path: docs/ | estimate: 2
T-6: Speed it up | path: src/lib.rs | metric p95: p95 < 200 | phase: B
T-7: Show the screens | path: docs/a.md, *.toml | priority: P1 | attachment shot: shot.png | window: Week 1
T-8: Scan for secrets | check secrets: make scan | needs: T-4
T-9: Hold the meeting | phase: A
list/ Update the runbooks | box: o
list/ Update the handbook | box: x
list/ Review | check review: make review
list/ Review
gate release | needs: T-2, T-3 | tasks all: * | file log: CHANGELOG.md contains 2.0
risk R-1: The vendor is late | tasks: T-2
metric warnings: < 20 | baseline: 34
decision: go on
escalation: nobody answers
assumption: nobody moves
criteria | tasks core: T-1, T-2 | stated: fewer than 20 warnings are left | stated x: everybody was told";

/// The documents a plan begins with, under settings as they fall.
pub(super) fn first(dice: &mut Dice) -> Definition {
    let mut document = sketch(PLAN);
    let settings = &mut document.settings;
    settings.solo = dice.percent(20);
    settings.identity = if dice.percent(25) { Identity::Proven } else { Identity::Declared };
    settings.trust = if dice.percent(20) { Trust::Document } else { Trust::Verified };
    settings.weakening = if dice.percent(15) { Weakening::Record } else { Weakening::Approve };
    settings.waiver_limit_days = 2 + dice.below(20) as u32;
    settings.leases.strikes = dice.below(4) as u32;
    settings.budget.tokens = dice.percent(40).then(|| 100 + 50 * dice.below(6) as u64);
    if dice.percent(30) {
        let people = ["ada", "bob"].map(str::to_owned);
        settings.roles.insert("waivers".to_owned(), people.into());
    }
    if dice.percent(30) {
        settings.rebaseline = vec!["owner".to_owned(), "lead".to_owned()];
    }
    document
}

/// Something that cannot be governed.
pub(super) fn ungovernable(dice: &mut Dice, document: &Definition) -> Definition {
    let mut document = document.clone();
    match dice.below(3) {
        0 => document.tasks.extend(document.tasks.first().cloned()),
        1 => {
            let own = document.tasks[0].key.clone();
            document.tasks[0].needs.push(own);
        }
        _ => document.criteria.push(check("vibes", probe("vibes", "good"), "", 1)),
    }
    document
}

/// Edits the document, a little or a lot.
pub(super) fn edit(dice: &mut Dice, document: &mut Definition) {
    match dice.below(17) {
        0 | 1 => tick(dice, document),
        2 => retitle(dice, document),
        3 => drop_task(dice, document),
        4 => add_task(dice, document),
        5 | 6 => demand_otherwise(dice, document),
        7 => drop_check(dice, document),
        8 => add_check(dice, document),
        9 => criteria(dice, document),
        10 | 11 => settings(dice, document),
        12 => schedule(dice, document),
        13 => needs(dice, document),
        14 => reuse_key(dice, document),
        15 => phases_and_gates(dice, document),
        _ => registers(dice, document),
    }
    // Lines move with every edit, as they do.
    for (line, task) in (1..).zip(&mut document.tasks) {
        task.line = line;
    }
}

fn check(name: &str, probe: Probe, text: &str, line: u32) -> CheckDefinition {
    CheckDefinition { spec: CheckSpec::new(name, probe), text: text.to_owned(), checked: None, line }
}

fn a_task<'d>(dice: &mut Dice, document: &'d mut Definition) -> Option<&'d mut TaskDefinition> {
    let place = dice.below(document.tasks.len());
    document.tasks.get_mut(place)
}

fn a_gate<'d>(dice: &mut Dice, document: &'d mut Definition) -> Option<&'d mut GateDefinition> {
    match dice.below(8) {
        0 => Some(&mut document.criteria),
        1 => document.gates.first_mut().map(|named| &mut named.gate),
        2 => document.phases.first_mut().map(|phase| &mut phase.entrance),
        3 => document.phases.last_mut().map(|phase| &mut phase.exit),
        _ => a_task(dice, document).map(|task| &mut task.gate),
    }
}

fn tick(dice: &mut Dice, document: &mut Definition) {
    let state = [
        StatedState::Open,
        StatedState::Active,
        StatedState::Claimed,
        StatedState::Claimed,
        StatedState::Dropped,
    ];
    let state = state[dice.below(state.len())];
    if let Some(task) = a_task(dice, document) {
        task.asserted.checked = Some(state == StatedState::Claimed);
        task.asserted.state = state;
    }
}

fn retitle(dice: &mut Dice, document: &mut Definition) {
    let far = dice.percent(30);
    if let Some(task) = a_task(dice, document) {
        task.title = if far { "Feed the cat twice a day".to_owned() } else { format!("{} now", task.title) };
        task.title.truncate(80);
    }
}

fn drop_task(dice: &mut Dice, document: &mut Definition) {
    if document.tasks.len() > 6 {
        let place = dice.below(document.tasks.len());
        document.tasks.remove(place);
    }
}

fn add_task(dice: &mut Dice, document: &mut Definition) {
    let number = 10 + dice.below(40);
    let text = dice.word(&[
        "Pack the boxes | check tests: make pack",
        "Call the vendor | needs: T-1",
        "Measure again | metric p95: p95 < 100",
        "Sign the papers | approval sign: lead",
        "Watch the build | ci: build on main x2",
    ]);
    let fresh = key(&format!("T-{number}"));
    if document.tasks.iter().all(|task| task.key != fresh) {
        document.tasks.extend(sketch(&format!("T-{number}: {text}")).tasks);
    }
}

fn demand_otherwise(dice: &mut Dice, document: &mut Definition) {
    let (number, louder) = (5 + dice.below(40), dice.percent(50));
    let rename = dice.percent(15);
    let Some(gate) = a_gate(dice, document) else { return };
    let place = dice.below(gate.checks.len());
    let Some(check) = gate.checks.get_mut(place) else { return };
    match &mut check.spec.probe {
        Probe::Check { command } => *command = format!("make test-{number}"),
        Probe::Metric { target, .. } => {
            *target = model::target::Target::parse(&format!("< {number}")).expect("a plain target");
        }
        Probe::File { path, .. } => *path = format!("CHANGES-{number}.md"),
        Probe::Tasks { of } => *of = if louder { vec!["*".to_owned()] } else { vec!["T-1".to_owned()] },
        Probe::Approval { quorum, .. } => *quorum = if louder { *quorum + 1 } else { 1 },
        Probe::Attachment { name } => *name = if louder { Some(format!("shot-{number}.png")) } else { None },
        Probe::Ci { consecutive, .. } => *consecutive = if louder { *consecutive + 1 } else { 1 },
        Probe::Unknown { .. } => {}
    }
    if rename {
        check.spec.name = format!("check-{number}");
    }
}

fn drop_check(dice: &mut Dice, document: &mut Definition) {
    let Some(gate) = a_gate(dice, document) else { return };
    if !gate.checks.is_empty() {
        let place = dice.below(gate.checks.len());
        gate.checks.remove(place);
    }
}

fn add_check(dice: &mut Dice, document: &mut Definition) {
    let kinds = [
        ("check", "make more"),
        ("approval", "lead"),
        ("ci", "build"),
        ("metric", "p95 < 150"),
        ("attachment", "plan.pdf"),
        ("tasks", "T-1"),
        ("file", "README.md"),
    ];
    let (kind, value) = kinds[dice.below(kinds.len())];
    if let Some(gate) = a_gate(dice, document) {
        gate.push(check(kind, probe(kind, value), "", 3));
    }
}

fn criteria(dice: &mut Dice, document: &mut Definition) {
    let (leave_out, number) = (dice.percent(60), dice.below(60));
    let Some(gate) = a_gate(dice, document) else { return };
    if leave_out && !gate.stated.is_empty() {
        let place = dice.below(gate.stated.len());
        gate.stated.remove(place);
    } else {
        let text = format!("fewer than {number} warnings are left");
        gate.stated.push(Stated { text, checked: None, line: 4, removed: None });
    }
}

fn settings(dice: &mut Dice, document: &mut Definition) {
    let settings = &mut document.settings;
    match dice.below(8) {
        0 => settings.solo = !settings.solo,
        1 => settings.identity = if dice.percent(60) { Identity::Declared } else { Identity::Proven },
        2 => settings.trust = if dice.percent(60) { Trust::Verified } else { Trust::Document },
        3 => settings.weakening = if dice.percent(80) { Weakening::Approve } else { Weakening::Record },
        4 => settings.waiver_limit_days = 1 + dice.below(30) as u32,
        5 if dice.percent(50) => {
            settings.never_waivable.insert(dice.word(&["tests", "warnings", "review", "go"]).to_owned());
        }
        5 => settings.never_waivable.retain(|name| name == "secrets"),
        6 => {
            let people = ["ada", "bob", "cleo", "dan"];
            let some = people.iter().filter(|_| dice.percent(60)).map(|name| (*name).to_owned());
            let some = some.collect();
            settings.roles.insert(dice.word(&["security", "waivers", "owner"]).to_owned(), some);
        }
        _ => settings.rebaseline = if dice.percent(50) { vec!["owner".to_owned()] } else { Vec::new() },
    }
}

fn schedule(dice: &mut Dice, document: &mut Definition) {
    let (number, away) = (1 + dice.below(27), dice.percent(20));
    let day = format!("2031-03-{number:02}");
    let due = model::draft::Due { at: format!("{day}T23:59:59Z").parse().ok(), text: day };
    let fact = match dice.below(3) {
        0 => Fact::Due(Box::new(due)),
        1 => Fact::Window(format!("Week {number}")),
        _ => Fact::EstimateDays(number as f64),
    };
    if let Some(task) = a_task(dice, document) {
        if away { task.facts.clear(&fact) } else { task.facts.put(fact) }
    }
}

/// A need on an earlier task only, so that circles stay the business of [`ungovernable`].
fn needs(dice: &mut Dice, document: &mut Definition) {
    let place = dice.below(document.tasks.len());
    let earlier = dice.below(place);
    if place == 0 {
        return;
    }
    let need = document.tasks[earlier].key.clone();
    let needs = &mut document.tasks[place].needs;
    match needs.iter().position(|known| *known == need) {
        Some(known) => drop(needs.remove(known)),
        None => needs.push(need),
    }
}

fn reuse_key(dice: &mut Dice, document: &mut Definition) {
    if let Some(task) = a_task(dice, document).filter(|task| !task.key_generated) {
        task.title = format!("Paint {} fences blue", 2 + dice.below(9));
        task.gate = GateDefinition::default();
    }
}

fn phases_and_gates(dice: &mut Dice, document: &mut Definition) {
    let number = dice.below(9);
    let fresh = sketch(&format!("phase C{number}: Later\ngate stage-{number} | needs: T-1"));
    match dice.below(4) {
        0 if document.phases.len() > 2 => drop(document.phases.pop()),
        0 | 1 if document.phases.iter().all(|phase| phase.key != fresh.phases[0].key) => {
            document.phases.extend(fresh.phases);
        }
        2 => {
            if let Some(phase) = document.phases.last_mut() {
                phase.title = format!("Later {number}");
            }
        }
        _ => {
            if let Some(gate) = document.gates.first_mut() {
                gate.needs = vec!["T-2".to_owned(), format!("T-{}", 3 + number)];
            }
            if document.gates.len() < 3 && document.gates.iter().all(|gate| gate.name != fresh.gates[0].name)
            {
                document.gates.extend(fresh.gates);
            }
        }
    }
}

fn registers(dice: &mut Dice, document: &mut Definition) {
    let number = dice.below(90);
    let text = match dice.below(4) {
        0 => format!("risk R-{number}: Power fails | status: open"),
        1 => format!("metric warnings: < {number}"),
        2 => format!("decision: number {number}"),
        _ => format!("escalation: number {number}\nassumption: number {number}"),
    };
    let more = sketch(&text);
    let fresh =
        more.risks.into_iter().filter(|risk| document.risks.iter().all(|known| known.key != risk.key));
    let fresh: Vec<_> = fresh.collect();
    document.risks.extend(fresh);
    document.decisions.extend(more.decisions);
    document.escalations.extend(more.escalations);
    document.assumptions.extend(more.assumptions);
    if let Some(metric) = more.metrics.into_iter().next() {
        document.metrics = vec![metric];
    }
}

//! The fields of a plan, and which of them a peer holds. Whatever a plan says in a field that a
//! peer does not hold is listed here, for all peers alike: nothing is lost without a word.

use model::draft::{OwnerRole, Stated, TaskKind};
use model::plan::Plan;
use model::task::TaskState;

use super::Peer;
use super::item::{Item, extra, items};
use super::lost::Lost;

/// How much of a field a peer's files can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// All of it.
    Whole,
    /// Part of it, as this says; the rest is listed.
    Partly(&'static str),
    /// None of it, for this reason; all of it is listed.
    Nothing(&'static str),
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident $word:literal),+ $(,)?) => {
        /// A field of a task or of a plan.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])* $name,)+
        }

        impl Field {
            /// Every field, those of tasks first.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word used in output.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

fields! {
    /// Open, active, done, dropped.
    State "state",
    /// What proves that it is done: verdicts, sign-offs, waivers.
    Evidence "evidence",
    /// Task, batch, story.
    Kind "kind",
    /// What it is about, at length.
    Description "description",
    /// How urgent.
    Priority "priority",
    /// Who.
    Owners "owners",
    /// Words it is sorted by.
    Labels "labels",
    /// What must be done first.
    Needs "needs",
    /// The task it is part of.
    Parent "parent",
    /// The stretch of the plan it belongs to.
    Phase "phase",
    /// When due.
    Due "due",
    /// How long it takes.
    Estimate "estimate",
    /// `Week 1–2`.
    Window "window",
    /// How far it is.
    Percent "percent",
    /// What it must meet.
    Criteria "criteria",
    /// What would prove that.
    Checks "checks",
    /// What was said about it.
    Comments "comments",
    /// What stands in its way.
    Blockers "blockers",
    /// What goes in.
    Inputs "inputs",
    /// What comes out.
    Outputs "outputs",
    /// Where it comes from.
    Sources "sources",
    /// What it is for.
    Objectives "objectives",
    /// What it delivers.
    Deliverables "deliverables",
    /// What is to be done next.
    NextSteps "next steps",
    /// Pull requests, issues, URLs.
    Links "links",
    /// Files it names.
    Paths "paths",
    /// Keys of the shared memory it names.
    Memory "memory keys",
    /// Fields that have no name here.
    Extra "other fields",
    /// Files people attached.
    Attachments "attachments",
    /// Gates, criteria and registers of the plan as a whole.
    Plan "plan",
    /// Who did what, when, and under which authority.
    History "history",
}

/// What a plan says in fields that a peer does not hold at all.
pub(super) fn not_held(peer: &dyn Peer, plan: &Plan) -> Vec<Lost> {
    let mut lost = Vec::new();
    for field in Field::ALL {
        let Holds::Nothing(why) = peer.holds(*field) else { continue };
        if matches!(field, Field::Plan) {
            lost.extend(
                of_the_plan(plan).into_iter().map(|(what, value)| Lost::new("", 0, what, &value, why)),
            );
            continue;
        }
        if matches!(field, Field::History) {
            let value = format!("{} events", plan.seq);
            lost.push(Lost::new("", 0, field.as_str(), &value, why));
            continue;
        }
        for item in items(plan) {
            let values = said(item, *field).into_iter();
            lost.extend(values.map(|value| Lost::new("", 0, field.as_str(), &value, why).of(item.key())));
        }
    }
    lost
}

/// What a task says in a field.
fn said(item: Item<'_>, field: Field) -> Vec<String> {
    let task = item.task;
    let facts = &task.facts;
    let all = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::to_owned).collect::<Vec<_>>();
    let one = |text: Option<String>| text.into_iter().collect::<Vec<_>>();
    match field {
        Field::State => one((item.stated() != Stated::Open).then(|| task.state.word().to_owned())),
        Field::Evidence => one(match &task.state {
            TaskState::Verified(_) => Some("verified".to_owned()),
            _ => task.gate.checks.iter().any(|check| check.verdict.is_some()).then(|| "verdicts".to_owned()),
        }),
        Field::Kind => one((task.kind != TaskKind::Task).then(|| task.kind.as_str().to_owned())),
        Field::Description => one(item.extra(extra::DESCRIPTION).map(str::to_owned)),
        Field::Priority => one(facts.priority().map(str::to_owned)),
        Field::Owners => facts.owners().map(|owner| owner.name.clone()).collect(),
        Field::Labels => item.labels(),
        Field::Needs => item.needs().into_iter().map(ToString::to_string).collect(),
        Field::Parent => one(item.parent().map(ToString::to_string)),
        Field::Phase => one(item.phase().map(|phase| phase.key.to_string())),
        Field::Due => one(facts.due().map(|due| due.text.clone())),
        Field::Estimate => one(facts.estimate_days().map(|days| format!("{days} days"))),
        Field::Window => one(facts.window().map(str::to_owned)),
        Field::Percent => one(facts.percent().map(|percent| format!("{percent} %"))),
        Field::Criteria => item.criteria().into_iter().map(|(text, _)| text).collect(),
        Field::Checks => task.gate.checks.iter().map(|check| check.spec.to_string()).collect(),
        Field::Comments => {
            let brought = item.extra(extra::COMMENTS).map(str::to_owned);
            brought.into_iter().chain(task.notes.iter().map(|note| note.text.clone())).collect()
        }
        Field::Blockers => {
            let stated = facts.blockers().map(str::to_owned);
            stated.chain(task.obstacles.iter().map(|obstacle| obstacle.reason.clone())).collect()
        }
        Field::Inputs => all(&mut facts.inputs()),
        Field::Outputs => all(&mut facts.outputs()),
        Field::Sources => all(&mut facts.sources()),
        Field::Objectives => all(&mut facts.objectives()),
        Field::Deliverables => all(&mut facts.deliverables()),
        Field::NextSteps => all(&mut facts.next_steps()),
        Field::Links => all(&mut facts.links()),
        Field::Paths => all(&mut facts.paths()),
        Field::Memory => all(&mut facts.memory()),
        Field::Extra => {
            const NAMED: &[&str] = &[extra::DESCRIPTION, extra::LABELS, extra::COMMENTS];
            item.extras_but(NAMED).map(|(name, value)| format!("{name}: {value}")).collect()
        }
        Field::Attachments => task.attachments.iter().map(|file| file.name.clone()).collect(),
        Field::Plan | Field::History => Vec::new(),
    }
}

/// Registers and gates of the plan as a whole, counted.
fn of_the_plan(plan: &Plan) -> Vec<(&'static str, String)> {
    let criteria = plan.criteria.stated.len() + plan.criteria.checks.len();
    let phases = plan.phases.iter().flat_map(|phase| [&phase.entrance, &phase.exit]);
    let phases = phases.map(|gate| gate.stated.len() + gate.checks.len()).sum::<usize>();
    let counted = [
        ("success criteria", criteria),
        ("criteria of phases", phases),
        ("gates", plan.gates.len()),
        ("risks", plan.risks.len()),
        ("decisions", plan.decisions.len()),
        ("escalations", plan.escalations.len()),
        ("assumptions", plan.assumptions.len()),
        ("metrics", plan.metrics.len()),
        ("rebaselines", plan.rebaselines.len()),
        ("waivers", plan.waivers.len()),
    ];
    counted
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| (what, count.to_string()))
        .collect()
}

/// The one owner for peers that know one: the first who answers for the task. The others, and a
/// role that is more than that, are listed.
pub(super) fn lone_owner<'p>(item: &Item<'p>, peer: &str, lost: &mut Vec<Lost>) -> Option<&'p str> {
    let facts = &item.task.facts;
    let owner =
        facts.owners().find(|owner| owner.role == OwnerRole::Primary).or_else(|| facts.owners().next())?;
    for other in facts.owners().filter(|other| !std::ptr::eq(*other, owner)) {
        let why = format!("{peer} knows one assignee");
        lost.push(Lost::new("", 0, "owners", &other.name, why).of(item.key()));
    }
    if owner.role != OwnerRole::Primary {
        let why = format!("{peer} knows no roles of assignees");
        lost.push(Lost::new("", 0, "owners", &owner.name, why).of(item.key()));
    }
    Some(&owner.name)
}

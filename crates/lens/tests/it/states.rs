//! Plans in many states, by name.

use model::check::Outcome;
use model::command::{Command, Schedule};
use model::draft::Due;
use model::registers::{EntryDetails, RiskDetails};

use crate::told::Told;

/// A harbour with two phases, a gate, success criteria, and nothing done yet.
const HARBOUR: &str = "
phase A: Piers | window: Week 1 | exit tasks: Q-1, Q-2
phase B: Opening | entrance approval: harbourmaster | exit stated x: the pilots agree
Q-1: Drive the piles | phase: A | check soundings: ./soundings.sh | estimate: 2.5
Q-2: Paint the bollards | phase: A | due: 2031-05-06 | estimate: 1
Q-3: Dredge the basin | phase: B | needs: Q-1 | metric silt: silt_metres < 2 from ./silt.sh
Q-4: Write the notice | phase: B | needs: Q-3 | due: 2031-05-09
gate opening | needs: Q-4 | environment: harbour | check: ./ready.sh
criteria | stated x: Ships can moor | check: ./moor.sh | stated: Nobody gets wet
metric silt_metres: < 2 | baseline: 4.5
risk R-1: The tide comes early | tasks: Q-3 | status: Yellow
escalation: The dredger is late
";

/// A state by name, with what has led to it.
pub(crate) type State = (&'static str, fn() -> Told);

/// Every state.
pub(crate) const STATES: &[State] = &[
    ("untouched", untouched),
    ("claimed", claimed),
    ("refuted", refuted),
    ("verified", verified),
    ("waived", waived),
    ("waived-and-expired", waived_and_expired),
    ("dropped", dropped),
    ("gate-error", gate_error),
    ("empty", empty),
    ("without-criteria", without_criteria),
    ("rebaselined", rebaselined),
    ("rude-names", rude_names),
];

pub(crate) fn untouched() -> Told {
    Told::adopt(HARBOUR)
}

/// Everything the document could tick is ticked, and nothing is proven.
fn claimed() -> Told {
    let mut told = Told::adopt(
        "setting trust: document\nlist/ Drive the piles | box: x\nlist/ Paint the bollards | box: x\n\
         criteria | stated x: Ships can moor | stated x: Nobody gets wet",
    );
    told.later(2);
    told
}

pub(crate) fn refuted() -> Told {
    let mut told = untouched();
    told.claims("Rae", "Q-1")
        .later(1)
        .ran("Q-1", "soundings", Outcome::Pass, ("exit status 0", None))
        .verifies("Q-1");
    told.claims("Rae", "Q-2").signs("Sam", "Q-2").later(1);
    let subject = model::gate::Subject::Entrance(told.plan.phases[1].id);
    told.does("Sam", Command::Approve { subject, check: None, role: Some("harbourmaster".to_owned()) });
    told.claims("Bo", "Q-3").later(1);
    told.ran("Q-3", "silt", Outcome::Fail, ("silt_metres is 3.4, target < 2", Some(3.4)));
    told
}

fn verified() -> Told {
    let mut told = refuted();
    told.ran("Q-3", "silt", Outcome::Pass, ("silt_metres is 1.8, target < 2", Some(1.8))).verifies("Q-3");
    told.claims("Bo", "Q-4").signs("Sam", "Q-4").later(1);
    told.ran("success criteria", "check", Outcome::Pass, ("exit status 0", None));
    told.ran("opening", "check", Outcome::Pass, ("exit status 0", None));
    told
}

fn waived() -> Told {
    let mut told = refuted();
    told.waives("Q-3", "silt", 40).verifies("Q-3").later(1);
    told
}

fn waived_and_expired() -> Told {
    let mut told = waived();
    told.later(60);
    told
}

fn dropped() -> Told {
    let mut told = untouched();
    let task = told.task("Q-2");
    told.does("Ada", Command::Drop { task, reason: "rust is fine".to_owned() });
    told
}

fn gate_error() -> Told {
    let mut told = untouched();
    told.ran("opening", "check", Outcome::Error, ("could not run: `./ready.sh` is not there", None));
    told
}

fn empty() -> Told {
    Told::adopt("")
}

fn without_criteria() -> Told {
    let mut told = Told::adopt("Q-1: Drive the piles\nQ-2: Paint the bollards | needs: Q-1");
    told.claims("Rae", "Q-1");
    told
}

fn rebaselined() -> Told {
    let mut told = untouched();
    let task = told.task("Q-2");
    let due = |date: &str| {
        let at = format!("{date}T23:59:59Z").parse().ok();
        Schedule::Due(Due { text: date.to_owned(), at })
    };
    told.does("Rae", Command::Rebaseline { task, to: due("2031-05-08"), reason: "rain".to_owned() });
    told.later(24)
        .does("Rae", Command::Rebaseline { task, to: due("2031-05-12"), reason: "more rain".to_owned() });
    let task = told.task("Q-1");
    told.does("Rae", Command::Rebaseline { task, to: Schedule::Estimate(4.0), reason: "rock".to_owned() });
    let details =
        RiskDetails { title: "Rust".to_owned(), status: Some("Closed".to_owned()), ..RiskDetails::default() };
    told.does("Rae", Command::AddRisk { key: model::ids::Key::new("R-2").ok(), details });
    told.does(
        "Rae",
        Command::Escalate {
            entry: EntryDetails { text: "No pilots".to_owned(), ..EntryDetails::default() },
            task: None,
        },
    );
    told
}

/// Names that would do something where they are not taken as words.
fn rude_names() -> Told {
    let long = "a very long name indeed, ".repeat(40);
    let mut told = Told::adopt(&format!(
        "Q-1: <script>alert('a|b')</script> & <b>bold</b> `code || <i>` | check sh: echo \"<&>\" && true\n\
         Q-2: # not a heading | blocker: <img src=x onerror=alert(1)>\n\
         Q-3: 🚢 ünïcödé \u{202e}reversed [link](https://example.invalid) ![picture](x) **loud**\n\
         Q-4: {long}\n\
         criteria | stated x: </td></table><h1>done</h1> &lt;b&gt; --> ]]>"
    ));
    told.claims("Rae", "Q-1");
    told.ran("Q-1", "sh", Outcome::Fail, ("saw <script>1</script> | `a\\|b`\nsecond line", None));
    told
}

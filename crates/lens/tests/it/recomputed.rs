//! Every number of the completion report, computed once more from nothing but the log: what is
//! proven by the ledger of `testkit`, which shares no decision with the model, and everything else
//! from the events as they are stored.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::gate::Subject;
use model::plan::Plan;
use serde_json::{Value, json};
use testkit::checkers::{Entry, Ledger};
use testkit::world::{Play, World};

use crate::told::Told;

const SEEDS: u64 = 6;
const STEPS: u32 = 480;

#[test]
fn every_number_follows_from_the_log() {
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..SEEDS {
        let (mut world, mut rules) = (World::new(seed), Play::default());
        for step in 1..=STEPS {
            world.step(&mut |ask| rules.submit(ask));
            if step % 24 == 0 && !world.log().is_empty() {
                let judged = judge(&world).unwrap_or_else(|wrong| panic!("seed {seed} step {step}: {wrong}"));
                for (what, number) in judged {
                    *tally.entry(what).or_default() += number;
                }
            }
        }
    }
    println!("{tally:?}");
    for what in
        ["verified", "waived", "claimed", "open", "dropped", "measured", "ticked", "errors", "waivers"]
    {
        assert!(tally.get(what).is_some_and(|number| *number > 0), "no world had anything {what}: {tally:?}");
    }
}

/// Compares the report with what the log says; tells how much there was to compare.
fn judge(world: &World) -> Result<Vec<(&'static str, u64)>, String> {
    let log = world.log();
    let now = log.last().map_or(Timestamp::UNIX_EPOCH, |entry| entry.at);
    let told = Told::of_log(world.plan().id, log, now);
    let answer = lens::reports::completion::completion(&told.views());
    let report = serde_json::to_value(&answer).map_err(|error| error.to_string())?;
    let fold = Fold::of(log, now);
    let must = |what: &str, found: &Value, wanted: Value| {
        let same = match (found.as_f64(), wanted.as_f64()) {
            (Some(found), Some(wanted)) => found == wanted,
            _ => *found == wanted,
        };
        if same { Ok(()) } else { Err(format!("{what} is {found}, the log says {wanted}")) }
    };
    must("journal.seq", &report["journal"]["seq"], json!(log.len()))?;

    let progress = &report["progress"];
    let tasks = fold.counted_tasks();
    for (name, number) in &tasks {
        must(name, &progress[*name], json!(number))?;
    }
    let of = tasks["of"];
    for name in ["verified", "claimed", "open"] {
        let wanted = if of == 0 { Value::Null } else { json!(share(tasks[name], of)) };
        must(name, &progress["percent"].get(name).cloned().unwrap_or_default(), wanted)?;
    }

    let criteria = &report["criteria"];
    let (proven, failing, all) = fold.counted_checks();
    let number = |name: &str| criteria[name].as_u64().unwrap_or_default();
    must("passed and waived", &json!(number("passed") + number("waived")), json!(proven))?;
    must("errors", &criteria["errors"], json!(failing))?;
    must("not passed", &json!(number("failed") + number("errors") + number("pending")), json!(all - proven))?;
    let stated = fold.counted_stated();
    for (name, wanted) in ["ticked", "unticked", "stated"].into_iter().zip(stated) {
        must(name, &criteria[name], json!(wanted))?;
    }
    must("criteria", &criteria["of"], json!(all + stated.iter().sum::<u64>()))?;

    let measured = fold.measured(&report, world.plan())?;
    for (row, wanted) in report["waivers"].as_array().into_iter().flatten().zip(&fold.waivers) {
        must("days left", &row["days_left"], json!(days_left(*wanted, now)))?;
    }
    must("waivers", &json!(report["waivers"].as_array().map(Vec::len)), json!(fold.waivers.len()))?;
    must("rebaselines", &json!(report["rebaselines"].as_array().map(Vec::len)), json!(fold.rebaselines))?;
    for row in report["metrics"].as_array().into_iter().flatten() {
        let name = row["name"].as_str().unwrap_or_default().to_lowercase();
        for role in ["baseline", "claimed"] {
            let wanted = fold.readings.get(&(name.clone(), role.to_owned())).copied();
            must(role, &row[role]["value"], json!(wanted))?;
        }
    }
    if report["verdict"]["verdict"] == "VERIFIED" {
        must("all verified", &json!(tasks["verified"]), json!(of))?;
        must("all proven", &json!(proven), json!(all))?;
    }
    Ok(vec![
        ("verified", tasks["verified"]),
        ("waived", number("waived")),
        ("claimed", tasks["claimed"]),
        ("open", tasks["open"]),
        ("dropped", tasks["dropped"]),
        ("measured", measured),
        ("ticked", stated[0]),
        ("errors", failing),
        ("waivers", fold.waivers.len() as u64),
    ])
}

fn share(part: u64, whole: u64) -> f64 {
    let tenths = (part * 1000 + whole / 2) / whole;
    let tenths = match part {
        0 => 0,
        part if part == whole => 1000,
        _ => tenths.clamp(1, 999),
    };
    tenths as f64 / 10.0
}

fn days_left(until: Timestamp, now: Timestamp) -> i64 {
    let seconds = until.as_second() - now.as_second();
    if seconds <= 0 { 0 } else { seconds / 86_400 + i64::from(seconds % 86_400 > 0) }
}

/// What the stored events say.
#[derive(Default)]
struct Fold {
    ledger: Ledger,
    now: Timestamp,
    /// State and whether a claim stands, by task.
    tasks: BTreeMap<String, (&'static str, bool)>,
    attempts: BTreeMap<String, u64>,
    /// The plan's settings, and looser ones that wait for approval.
    settings: Value,
    proposed: Value,
    /// Tasks whose state is nobody's word but the document's.
    documents_word: BTreeSet<String>,
    phases: BTreeSet<String>,
    /// The last verdict of each check: event number and the event.
    verdicts: BTreeMap<String, (usize, Value)>,
    kinds: BTreeMap<String, String>,
    stated: BTreeMap<String, Vec<Value>>,
    waivers: Vec<Timestamp>,
    rebaselines: usize,
    readings: BTreeMap<(String, String), f64>,
}

impl Fold {
    fn of(log: &[Entry], now: Timestamp) -> Self {
        let mut fold = Self { now, ..Self::default() };
        for (place, entry) in log.iter().enumerate() {
            fold.ledger.take(entry).expect("the world has judged it already");
            let stored = serde_json::to_value(&entry.event).expect("events are data");
            let (kind, body) = stored.as_object().and_then(|event| event.iter().next()).expect("one kind");
            let task = body["task"].as_str().and_then(|id| id.parse().ok());
            let held = task.is_some_and(|task| fold.ledger.holder(task, entry.at).is_some());
            fold.see(place + 1, kind, body, held);
        }
        fold
    }

    fn see(&mut self, place: usize, kind: &str, body: &Value, held: bool) {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let task = text("task");
        let claimed = self.tasks.get(&task).is_some_and(|(_, claimed)| *claimed);
        let by_verb = [
            "task_started",
            "task_claimed",
            "claim_withdrawn",
            "task_verified",
            "task_reopened",
            "task_dropped",
            "lease_taken",
            "lease_ended",
        ];
        if by_verb.contains(&kind) {
            self.documents_word.remove(&task);
        }
        match kind {
            "task_added" => {
                self.tasks.insert(task.clone(), ("open", false));
                self.attempts.insert(task.clone(), 1);
                self.hear(&task, &body["asserted"], false);
            }
            // A plan that lives by its document lets it move what a verb has moved, but nobody loses
            // what they hold.
            "task_asserted" if held => {}
            "task_asserted" => self.hear(&task, &body["asserted"], self.settings["trust"] == "document"),
            "plan_adopted" | "settings_changed" => self.settings = body["settings"].clone(),
            "settings_proposed" => self.proposed = body["settings"].clone(),
            "weakening_approved" if body["loosened"] == "settings" => self.settings = self.proposed.take(),
            "task_started" | "lease_taken" => drop(self.tasks.insert(task, ("active", false))),
            "task_claimed" => {
                if matches!(body["how"].as_str(), Some("document" | "import")) {
                    self.documents_word.insert(task.clone());
                }
                self.tasks.insert(task, ("claimed", true));
            }
            "claim_withdrawn" | "lease_ended" => drop(self.tasks.insert(task, ("open", false))),
            "task_verified" => drop(self.tasks.insert(task, ("verified", claimed))),
            "task_reopened" => {
                self.attempts.insert(task.clone(), body["attempt"].as_u64().unwrap_or_default());
                self.tasks.insert(task, ("open", false));
            }
            "task_dropped" => drop(self.tasks.insert(task, ("dropped", false))),
            "phase_added" => drop(self.phases.insert(text("phase"))),
            "phase_removed" => drop(self.phases.remove(&text("phase"))),
            "check_added" => {
                let probe = body["spec"]["probe"].as_object().and_then(|probe| probe.keys().next());
                self.kinds.insert(text("check"), probe.cloned().unwrap_or_default());
            }
            "verdict_recorded" => drop(self.verdicts.insert(text("check"), (place, body.clone()))),
            "criteria_stated" => {
                let stated = body["stated"].as_array().cloned().unwrap_or_default();
                self.stated.insert(body["subject"].to_string(), stated);
            }
            "weakening_approved" => {
                if let Some(subject) = body["loosened"].get("criteria")
                    && let Some(stated) = self.stated.get_mut(&subject.to_string())
                {
                    stated.retain(|stated| stated["removed"].is_null());
                }
            }
            "waiver_requested" => self.waivers.push(text("until").parse().expect("a moment")),
            "rebaseline_requested" => self.rebaselines += 1,
            "reading_recorded" => {
                let role = if body["role"].is_null() { "measured".to_owned() } else { text("role") };
                self.readings
                    .insert((text("name").to_lowercase(), role), body["value"].as_f64().unwrap_or_default());
            }
            _ => {}
        }
    }

    /// The document's word moves only what nobody else has moved, unless it counts as much.
    fn hear(&mut self, task: &str, asserted: &Value, counts: bool) {
        let by_document = counts || self.documents_word.contains(task);
        let Some((state, _)) = self.tasks.get(task).copied() else { return };
        let said = asserted["state"].as_str().unwrap_or("open");
        let moved = match (said, state) {
            ("claimed", "open" | "active") => Some(("claimed", true)),
            ("active", "open") => Some(("active", false)),
            ("active", "claimed") if by_document => Some(("active", false)),
            ("open" | "dropped", "claimed" | "active") if by_document => Some(("open", false)),
            _ => None,
        };
        if let Some(moved) = moved {
            self.tasks.insert(task.to_owned(), moved);
            self.documents_word.insert(task.to_owned());
        }
    }

    fn is_dropped(&self, id: &str) -> bool {
        self.tasks.get(id).is_some_and(|(state, _)| *state == "dropped")
    }

    /// Whether what a gate guards is still in the plan.
    fn is_live(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Task(id) => !self.is_dropped(&id.to_string()),
            Subject::Entrance(id) | Subject::Exit(id) => self.phases.contains(&id.to_string()),
            Subject::Criteria | Subject::Gate(_) => true,
        }
    }

    fn counted_tasks(&self) -> BTreeMap<&'static str, u64> {
        let mut counts: BTreeMap<&'static str, u64> =
            ["of", "verified", "claimed", "open", "active", "dropped"].map(|name| (name, 0)).into();
        let mut add = |name| *counts.entry(name).or_default() += 1;
        for (id, (state, claimed)) in &self.tasks {
            if *state == "dropped" {
                add("dropped");
                continue;
            }
            add("of");
            let id: model::ids::TaskId = id.parse().expect("an id as it was written");
            if self.ledger.is_verified(id, self.now) {
                add("verified");
            } else if *claimed {
                add("claimed");
            } else {
                add("open");
                if *state == "active" {
                    add("active");
                }
            }
        }
        counts
    }

    /// Checks that are proven, those that could not run, and all.
    fn counted_checks(&self) -> (u64, u64, u64) {
        let (mut proven, mut errors, mut all) = (0, 0, 0);
        for (id, subject) in self.ledger.checks().filter(|(_, subject)| self.is_live(subject)) {
            all += 1;
            if self.ledger.is_proven(id, self.now) {
                proven += 1;
            } else if self.kinds.get(&id.to_string()).is_some_and(|kind| kind == "unknown")
                || self
                    .current(&id.to_string(), &subject)
                    .is_some_and(|(_, verdict)| verdict["outcome"] == "error")
            {
                errors += 1;
            }
        }
        (proven, errors, all)
    }

    fn attempt_of(&self, subject: &Subject) -> u64 {
        match subject {
            Subject::Task(id) => self.attempts.get(&id.to_string()).copied().unwrap_or(1),
            _ => 1,
        }
    }

    /// The last verdict on a check, where it belongs to the attempt of what the check guards and
    /// to the specification in force.
    fn current(&self, check: &str, subject: &Subject) -> Option<&(usize, Value)> {
        let spec = self.ledger.digest_of(check.parse().ok()?)?.to_string();
        self.verdicts.get(check).filter(|(_, verdict)| {
            verdict["spec"] == spec.as_str() && verdict["attempt"] == self.attempt_of(subject)
        })
    }

    /// Ticked, not ticked, without a box.
    fn counted_stated(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for (subject, stated) in &self.stated {
            let subject: Subject = serde_json::from_str(subject).expect("a subject as it was written");
            for stated in stated.iter().filter(|_| self.is_live(&subject)) {
                counts[match stated["checked"] {
                    Value::Bool(true) => 0,
                    Value::Bool(false) => 1,
                    _ => 2,
                }] += 1;
            }
        }
        counts
    }

    /// Compares each number that a run has seen with the event it names.
    fn measured(&self, report: &Value, plan: &Plan) -> Result<u64, String> {
        let mut seen = 0;
        let sections = report["phases"].as_array().into_iter().flatten();
        let tasks = sections.flat_map(|phase| phase["tasks"].as_array().into_iter().flatten());
        for task in tasks {
            let key = task["task"]["key"].as_str().unwrap_or_default();
            for row in task["criteria"].as_array().into_iter().flatten() {
                if row["origin"]["kind"] != "ran" {
                    continue;
                }
                seen += 1;
                // A key that was given up may be another task's by now.
                let tasks = plan.tasks.iter().filter(|task| task.key.as_str() == key);
                let fits = tasks
                    .flat_map(|task| task.gate.checks.iter().map(move |check| (task, check)))
                    .any(|(task, check)| {
                        let subject = Subject::Task(task.id);
                        let current = self.current(&check.id.to_string(), &subject);
                        current.is_some_and(|(place, verdict)| {
                            row["check"] == check.spec.name.as_str()
                                && row["origin"]["seq"] == *place
                                && row["value"] == verdict["evidence"]["value"]
                                && row["origin"]["evidence"] == verdict["evidence"]["output"]
                        })
                    });
                if !fits {
                    return Err(format!("`{key}` shows what no run has seen: {row}"));
                }
            }
        }
        Ok(seen)
    }
}

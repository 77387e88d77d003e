//! What a brief has to say, section by section, the most important first.

use std::cmp::Reverse;

use model::actor::Actor;
use model::commons::{MemoryEntry, Message};
use model::draft::OwnerRole;
use model::gate::Subject;
use model::ids::slug;
use model::lease::{HandedOff, Handoff, same_role};
use model::plan::Plan;
use model::task::Task;

use super::budget::{clipped, cut};
use super::{Section, Sources};
use crate::checks;
use crate::look::Look;
use crate::views::verdict::blocker_in_words;
use crate::words::{Who, count_of, moment};

/// Edit records are many, and say nothing that the work itself does not.
const EDIT: &str = "edit";

/// The section that stands as somebody wrote it.
const TASK_FILE: &str = "task file";

/// The sections, the most important first.
pub(super) const SECTIONS: [&str; 8] =
    ["what will be checked", "task file", "files", "needs", "about", "messages", "memory", "remarks"];

/// What is known of a task in a word each.
pub(super) fn facts(look: &Look<'_>, task: &Task, sources: &Sources<'_>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut say = |name, text: Option<String>| facts.extend(text.map(|text| (name, clipped(&text))));
    say("role", role(task).map(str::to_owned));
    say("task file", sources.task_file.map(|file| file.path.to_owned()));
    say("owner", task.facts.owners().find(|owner| owner.role == OwnerRole::Primary).map(|o| o.name.clone()));
    say("phase", task.phase.and_then(|id| look.plan.phase(id)).map(|phase| phase.title.clone()));
    say("priority", task.facts.priority().map(str::to_owned));
    say("estimate", task.facts.estimate_days().map(in_days));
    say("due", task.facts.due().map(|due| due.text.clone()));
    if let Some((by, lease)) = task.holder(look.now) {
        let until = moment(lease.until);
        say("held by", Some(format!("{}, grant {}, until {until}", Who::from(by).plain(), lease.fence)));
    }
    for blocker in look.plan.blockers(task, look.now) {
        say("in the way", Some(blocker_in_words(look, &blocker)));
    }
    facts
}

fn in_days(days: f64) -> String {
    if days == 1.0 { "1 day".to_owned() } else { format!("{days} days") }
}

/// The role of an agent that the document names for a task.
fn role(task: &Task) -> Option<&str> {
    task.facts.owners().find(|owner| owner.role == OwnerRole::Agent).map(|owner| owner.name.as_str())
}

/// The commands to call for a task as it stands, in the order they are called.
pub(super) fn commands(look: &Look<'_>, task: &Task, program: &str) -> Vec<String> {
    let key = quoted(task.key.as_str());
    let memory = memory_keys(look.plan, task).into_iter().next().unwrap_or_default();
    let place = memory.rsplit_once('/').map_or(memory.as_str(), |(place, _)| place);
    let unmet = look.plan.unmet_needs(task, look.now);
    let waits = unmet.iter().filter_map(|need| look.plan.task(*need)).map(|need| {
        let until = if need.has_checks() { "verified" } else { "done" };
        format!("{program} wait {} --until {until} --timeout 30m", quoted(need.key.as_str()))
    });
    let mut calls: Vec<String> = waits.collect();
    if task.holder(look.now).is_none() {
        calls.push(format!("{program} take {key}"));
    }
    calls.push(format!("{program} beat {key}"));
    calls.push(format!("{program} hooks post-edit --file FILE --memory-key {}", quoted(place)));
    calls.push(format!("{program} memory set {} VALUE", quoted(&memory)));
    calls.push(format!("{program} notify --to NAME --message TEXT"));
    calls.push(format!("{program} submit {key} --summary TEXT"));
    if task.has_checks() {
        calls.push(format!("{program} verify {key}"));
    }
    calls.push(format!("{program} release {key} --reason TEXT"));
    calls
}

/// A word of a command line.
fn quoted(word: &str) -> String {
    let plain =
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:,@+=".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Everything there is to say.
pub(super) fn sections(look: &Look<'_>, task: &Task, sources: &Sources<'_>) -> Vec<Section> {
    let key = quoted(task.key.as_str());
    let program = sources.program;
    let show = format!("{program} show {key}");
    let lines = [
        (criteria(look, task), show.clone()),
        (described(sources), format!("cat {}", quoted(sources.task_file.map_or("", |file| file.path)))),
        (files(look, task), format!("{program} leases")),
        (needs(look, task), format!("{program} report handoff")),
        (about(task), show.clone()),
        (messages(look.plan, task, sources.messages), format!("{program} inbox")),
        (memory(look, task, sources.memory), format!("{program} memory list")),
        (remarks(task), show),
    ];
    let made = SECTIONS.iter().zip(lines).filter(|(_, (lines, _))| !lines.is_empty());
    made.map(|(name, (lines, more))| {
        let verbatim = *name == TASK_FILE;
        let line = |line: &String| if verbatim { cut(line) } else { clipped(line) };
        Section { name, lines: lines.iter().map(line).collect(), left_out: 0, verbatim, more }
    })
    .collect()
}

/// What the file says that describes the task, line by line.
fn described(sources: &Sources<'_>) -> Vec<String> {
    let text = sources.task_file.map_or("", |file| file.text);
    text.trim().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Each criterion, and how it will be found out.
fn criteria(look: &Look<'_>, task: &Task) -> Vec<String> {
    let mut lines = Vec::new();
    for row in checks::rows(look, Subject::Task(task.id), &task.gate) {
        let named = if row.criterion.is_empty() || row.criterion == row.demands {
            row.name.to_owned()
        } else {
            format!("{}: {}", row.name, row.criterion)
        };
        lines.push(format!("{named}; {}; {}: {}", row.demands, row.verdict, row.summary));
    }
    let stated = task.gate.stated.iter().filter(|stated| stated.removed.is_none());
    lines.extend(stated.map(|stated| format!("{}; nothing would prove it", stated.text)));
    lines
}

/// What it may write, and what others write meanwhile.
fn files(look: &Look<'_>, task: &Task) -> Vec<String> {
    let mut lines = Vec::new();
    let own: Vec<&str> = match (task.lease(), task.effort.as_deref()) {
        (Some(lease), _) => lease.paths.iter().map(String::as_str).collect(),
        (None, Some(effort)) if !effort.reserved.is_empty() => {
            effort.reserved.iter().map(String::as_str).collect()
        }
        _ => task.facts.paths().collect(),
    };
    lines.extend(own.iter().map(|path| format!("write `{path}`")));
    if own.is_empty() {
        lines.push("nothing is reserved for it: write what nobody else has reserved".to_owned());
    }
    for other in look.plan.leased().filter(|other| other.id != task.id) {
        let Some((by, lease)) = other.holder(look.now).filter(|(_, lease)| !lease.paths.is_empty()) else {
            continue;
        };
        let paths = lease.paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        lines.push(format!("leave {paths} alone: {} writes there for {}", Who::from(by).plain(), other.key));
    }
    lines
}

/// What it needs, what was handed in for that, and what was handed on.
fn needs(look: &Look<'_>, task: &Task) -> Vec<String> {
    let plan = look.plan;
    let mut lines = Vec::new();
    for need in task.needs.iter().filter_map(|id| plan.task(*id)) {
        let standing = plan.standing(need, look.now).as_str();
        lines.push(format!("{} {}: {standing}", need.key, need.title));
        let Some(work) = need.effort.as_deref().and_then(|effort| effort.submission.as_ref()) else {
            continue;
        };
        let mut told = format!("{} was handed in by {}", need.key, Who::from(&work.by).plain());
        if let Some(commit) = &work.commit {
            told.push_str(&format!(" at {}", commit.get(..12).unwrap_or(commit)));
        }
        if !work.touched.is_empty() {
            told.push_str(&format!(", {} changed", count_of(work.touched.len(), "file")));
        }
        if !work.summary.is_empty() {
            told.push_str(&format!(": {}", work.summary));
        }
        lines.push(told);
    }
    let mine = |handoff: &&Handoff| {
        let of_need = handoff.what.task.is_some_and(|id| task.needs.contains(&id) || id == task.id);
        of_need || role(task).is_some_and(|role| same_role(role, &handoff.what.to))
    };
    lines.extend(plan.handoffs.iter().rev().filter(mine).map(|handoff| handed_on(plan, handoff)));
    lines
}

/// A handoff in a line.
pub(crate) fn handed_on(plan: &Plan, handoff: &Handoff) -> String {
    let HandedOff { task, from, to, inputs, outputs, required_by, text } = &handoff.what;
    let of = task.and_then(|id| plan.task(id)).map(|task| format!(" {}", task.key)).unwrap_or_default();
    let mut told = format!("handed on{of} from {from} to {to} by {}", Who::from(&handoff.by).plain());
    if !text.is_empty() {
        told.push_str(&format!(": {text}"));
    }
    for (name, things) in [("from", inputs), ("outputs", outputs)] {
        if !things.is_empty() {
            told.push_str(&format!("; {name} {}", things.join(", ")));
        }
    }
    if let Some(at) = required_by {
        told.push_str(&format!("; needed by {}", moment(*at)));
    }
    told
}

/// What its document says of it.
fn about(task: &Task) -> Vec<String> {
    use model::facts::Fact;
    let told = task.facts.0.iter().filter_map(|fact| match fact {
        Fact::Input(text)
        | Fact::Output(text)
        | Fact::Source(text)
        | Fact::Objective(text)
        | Fact::Deliverable(text)
        | Fact::NextStep(text)
        | Fact::Link(text)
        | Fact::Window(text) => Some(format!("{}: {text}", fact.name())),
        Fact::Extra(pair) => Some(format!("{}: {}", pair.0, pair.1)),
        _ => None,
    });
    told.collect()
}

/// Messages about the task first, then the newest.
fn messages(plan: &Plan, task: &Task, messages: &[Message]) -> Vec<String> {
    let about_it = |message: &Message| {
        message.what.task.as_ref() == Some(&task.key)
            && message.what.plan.as_ref().is_none_or(|key| *key == plan.key)
    };
    let mut sorted: Vec<&Message> = messages.iter().collect();
    sorted.sort_by_key(|message| (!about_it(message), Reverse(message.number)));
    let told = sorted.into_iter().map(|message| {
        let about = if about_it(message) { format!(" about {}", task.key) } else { String::new() };
        format!("{} from {}{about}: {}", message.number, Who::from(&message.by).plain(), message.what.text)
    });
    told.collect()
}

/// The keys in the shared memory that are a task's own: those its document names, else one made of
/// the plan's key and its own.
pub fn memory_keys(plan: &Plan, task: &Task) -> Vec<String> {
    let mut keys: Vec<String> = task.facts.memory().map(str::to_owned).collect();
    // Under other labels, and in journals from before keys were facts of their own.
    let named = task.facts.extra().filter(|(name, _)| name.to_lowercase().contains("memory"));
    let in_words = named
        .flat_map(|(_, text)| text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '`')))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains('/') && !word.split('/').any(str::is_empty));
    for key in in_words {
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    if keys.is_empty() {
        keys.push(format!("{}/{}/status", slug(plan.key.as_str()), plain(task.key.as_str())));
    }
    keys
}

/// A task's key as a segment of a memory key.
fn plain(key: &str) -> String {
    key.chars().map(|c| if c == '/' || c.is_whitespace() { '-' } else { c }).collect()
}

/// Whether an entry of the shared memory belongs into the brief of a task.
pub fn is_relevant(look: &Look<'_>, task: &Task, entry: &MemoryEntry) -> bool {
    relevance(look, task, entry).is_some()
}

/// How much an entry matters to a task, the smaller the more.
fn relevance(look: &Look<'_>, task: &Task, entry: &MemoryEntry) -> Option<u8> {
    if entry.value(look.now).is_none() || entry.tags.contains(EDIT) {
        return None;
    }
    let plan = look.plan;
    let own = memory_keys(plan, task);
    if own.contains(&entry.key) {
        return Some(0);
    }
    if is_of(plan, task, entry) {
        return Some(1);
    }
    if task.needs.iter().filter_map(|id| plan.task(*id)).any(|need| is_of(plan, need, entry)) {
        return Some(2);
    }
    if role(task).is_some_and(|role| entry.tags.iter().any(|tag| same_role(tag, role))) {
        return Some(3);
    }
    let room = own.first().and_then(|key| key.split('/').next());
    let first = entry.key.split('/').next();
    (first == room || first.is_some_and(|first| slug(first) == slug(plan.key.as_str()))).then_some(4)
}

/// Whether an entry is about a task: under a key of its, with its key as a segment, or tagged so.
fn is_of(plan: &Plan, task: &Task, entry: &MemoryEntry) -> bool {
    let key = plain(task.key.as_str());
    let under = |own: &String| {
        let place = own.rsplit_once('/').map_or(own.as_str(), |(place, _)| place);
        entry.key.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    entry.key.split('/').any(|segment| segment.eq_ignore_ascii_case(&key))
        || entry.tags.iter().any(|tag| tag.eq_ignore_ascii_case(task.key.as_str()))
        || memory_keys(plan, task).iter().any(under)
}

fn memory(look: &Look<'_>, task: &Task, entries: &[MemoryEntry]) -> Vec<String> {
    let mut found: Vec<(u8, &MemoryEntry)> =
        entries.iter().filter_map(|entry| Some((relevance(look, task, entry)?, entry))).collect();
    found.sort_by(|(rank, entry), (other_rank, other)| {
        (rank, Reverse(entry.at), &entry.key).cmp(&(other_rank, Reverse(other.at), &other.key))
    });
    let told = |entry: &MemoryEntry| {
        let by = Who::from(&entry.by).plain();
        format!("`{}` = {} ({by})", entry.key, entry.value(look.now).unwrap_or_default())
    };
    // What the document names comes first, and is named also while nobody has written it.
    let split = found.partition_point(|(rank, _)| *rank == 0);
    let (own, others) = found.split_at(split);
    let unset = task.facts.memory().filter(|key| !own.iter().any(|(_, entry)| entry.key == **key));
    let mut lines: Vec<String> = own.iter().map(|(_, entry)| told(entry)).collect();
    lines.extend(unset.map(|key| format!("`{key}` has no value yet")));
    lines.extend(others.iter().map(|(_, entry)| told(entry)));
    lines
}

/// Why it deserves care: what people remarked, and how often it lost its worker.
fn remarks(task: &Task) -> Vec<String> {
    let mut lines: Vec<String> = task.flags.iter().map(ToString::to_string).collect();
    if let Some(effort) = task.effort.as_deref().filter(|effort| effort.strikes > 0) {
        lines.push(format!("it has lost its worker {}", count_of(effort.strikes as usize, "time")));
    }
    let told = task.notes.iter().rev().map(|note| {
        let by = match &note.by.actor {
            Actor::Document => "the document".to_owned(),
            _ => Who::from(&note.by).plain(),
        };
        format!("{by}: {}", note.text)
    });
    lines.extend(told);
    lines
}

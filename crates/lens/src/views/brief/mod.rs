//! `brief`: everything that whoever takes a task needs to know, within a stated number of tokens.
//!
//! The same state gives the same bytes: nothing here depends on when it is asked. What does not fit
//! is left out, the least important first, and the brief says what that was and where to find it.

mod budget;
mod sections;

use model::commons::{MemoryEntry, Message};
use model::ids::{Revision, Seq, TaskId};
use model::refusal::{Refusal, VALUE_INVALID};
use model::task::Task;
use serde::Serialize;

use crate::look::Look;
use crate::page::{Answer, Block, Cell, Page};
use crate::render::markdown;

pub(crate) use sections::handed_on;
pub use sections::{is_relevant, memory_keys};

/// So many bytes of a brief count as one token of a language model. Models differ; of English prose
/// and code none of the usual ones makes fewer than about four bytes a token.
pub const BYTES_PER_TOKEN: usize = 4;

/// The tokens a brief may have unless somebody says otherwise.
pub const DEFAULT_BUDGET: usize = 4000;

/// What a brief draws on besides the plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// The shared memory, or what of it may matter.
    pub memory: &'a [MemoryEntry],
    /// Messages that whoever reads the brief has not acknowledged.
    pub messages: &'a [Message],
    /// How the program is called for this plan: `countersign --plan release`.
    pub program: &'a str,
    /// The file that describes the task to the agent it is for.
    pub task_file: Option<TaskFile<'a>>,
}

/// A file that describes a task to the agent it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskFile<'a> {
    /// Its name.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// What whoever takes a task needs to know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Brief<'a> {
    /// The plan.
    pub plan: BriefPlan<'a>,
    /// The task's key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// `ready`, `blocked`, `active` …
    pub standing: &'static str,
    /// What is known of it in a word each: role, owner, when due, who holds it.
    pub facts: Vec<(&'static str, String)>,
    /// The commands to call, with their arguments.
    pub commands: Vec<String>,
    /// What there is to know, in the order of the brief.
    pub sections: Vec<Section>,
    /// What did not fit, one line for each section, and where to find it.
    pub left_out: Vec<String>,
    /// How many tokens the brief has as Markdown, counted as four bytes each.
    pub tokens: usize,
    /// How many it was allowed.
    pub budget: usize,
}

/// The plan a brief is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefPlan<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The revision in force.
    pub revision: Revision,
    /// The last event the brief knows.
    pub seq: Seq,
    /// Why nothing new begins, where the plan was halted.
    pub halted: Option<&'a str>,
}

/// A part of a brief.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// What it is about: `what will be checked`, `task file`, `files`, `needs`, `about`, `messages`,
    /// `memory`, `remarks`.
    pub name: &'static str,
    /// What it says.
    pub lines: Vec<String>,
    /// How many lines did not fit.
    pub left_out: usize,
    /// Whether its lines stand as somebody wrote them.
    #[serde(skip)]
    verbatim: bool,
    /// Where the rest can be seen.
    #[serde(skip)]
    more: String,
}

/// How many tokens a text counts as.
pub fn tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES_PER_TOKEN)
}

/// What whoever takes a task needs to know, within so many tokens. Refused where not even its head
/// fits.
pub fn brief<'a>(
    look: &Look<'a>,
    task: TaskId,
    sources: &Sources<'_>,
    budget: usize,
) -> Option<Result<Brief<'a>, Refusal>> {
    let plan = look.plan;
    let task: &'a Task = plan.task(task)?;
    let mut brief = Brief {
        plan: BriefPlan {
            key: plan.key.as_str(),
            title: &plan.title,
            revision: plan.revision,
            seq: plan.seq,
            halted: plan.halted.as_ref().map(|halt| halt.reason.as_str()),
        },
        key: task.key.as_str(),
        title: &task.title,
        standing: plan.standing(task, look.now).as_str(),
        facts: sections::facts(look, task, sources),
        commands: sections::commands(look, task, sources.program),
        sections: Vec::new(),
        left_out: Vec::new(),
        tokens: 0,
        budget,
    };
    Some(match budget::fill(&mut brief, sections::sections(look, task, sources)) {
        Ok(()) => Ok(brief),
        Err(least) => Err(Refusal::new(
            VALUE_INVALID,
            format!("a brief of task `{}` does not fit into {budget} tokens", task.key),
        )
        .hint(format!("its head and the commands alone take {least}; allow more with `--budget`"))
        .with("task", task.key.as_str())
        .with("least", least)),
    })
}

impl Brief<'_> {
    /// As Markdown, which is what its tokens are counted of.
    pub fn markdown(&self) -> String {
        markdown::page(&self.page())
    }
}

impl Answer for Brief<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.title(budget::clipped(&format!("{} {}", self.key, self.title)));
        let about = format!("{} ({}), revision {}", self.plan.title, self.plan.key, self.plan.revision);
        let mut facts = vec![
            ("plan", Cell::from(budget::clipped(&about))),
            ("state", Cell::from(format!("{}, as of event {}", self.standing, self.plan.seq))),
        ];
        if let Some(reason) = self.plan.halted {
            facts.push(("halted", Cell::from(budget::clipped(reason))));
        }
        facts.extend(self.facts.iter().map(|(name, text)| (*name, Cell::from(text.as_str()))));
        page.facts(facts);
        for section in self.sections.iter().filter(|section| !section.lines.is_empty()) {
            page.heading(section.heading());
            match section.verbatim {
                true => page.blocks.push(Block::Pre(section.lines.join("\n"))),
                false => {
                    page.outline(section.lines.iter().map(|line| (0, Cell::from(line.as_str()))).collect());
                }
            }
        }
        page.heading("Commands to call");
        page.blocks.push(Block::Pre(self.commands.join("\n")));
        if !self.left_out.is_empty() {
            page.heading("Left out");
            page.outline(self.left_out.iter().map(|line| (0, Cell::from(line.as_str()))).collect());
        }
        page
    }
}

impl Section {
    fn heading(&self) -> String {
        let mut letters = self.name.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

#[cfg(test)]
mod tests;

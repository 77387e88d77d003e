//! One question asked of several plans: the answers, one below the other.

use model::plan::Plan;
use serde::Serialize;

use crate::page::{Answer, Page, Tone};
use crate::words::count_of;

/// Answers about several plans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Several<A> {
    /// One for each plan that has something to say.
    pub plans: Vec<A>,
    /// Keys of the plans that have not.
    pub silent: Vec<String>,
    #[serde(skip)]
    titles: Vec<String>,
}

/// What several plans answered; an answer of which `says` holds no is only counted.
pub fn several<'a, A>(
    answers: impl IntoIterator<Item = (&'a Plan, A)>,
    says: impl Fn(&A) -> bool,
) -> Several<A> {
    let mut all = Several { plans: Vec::new(), silent: Vec::new(), titles: Vec::new() };
    for (plan, answer) in answers {
        let (key, title) = (&plan.key, &plan.title);
        if says(&answer) {
            all.titles.push(if title.is_empty() { key.to_string() } else { format!("{key}: {title}") });
            all.plans.push(answer);
        } else {
            all.silent.push(key.to_string());
        }
    }
    all
}

impl<A: Answer> Answer for Several<A> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        for (title, answer) in self.titles.iter().zip(&self.plans) {
            page.heading(title.as_str());
            page.append(answer.page());
        }
        if self.plans.is_empty() {
            page.paragraph(format!("nothing in {}", count_of(self.silent.len(), "plan")));
        } else if !self.silent.is_empty() {
            let text = format!(
                "nothing in {} more: {}",
                count_of(self.silent.len(), "plan"),
                self.silent.join(", ")
            );
            page.paragraph(Tone::Faint.cell(text));
        }
        page
    }
}

//! Roles: what the items under a heading or label are. Decided by words, never by level or number.

/// What the items under a heading or label are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Work of the named kind.
    Tasks,
    Actions,
    Stories,
    /// Boxes are work; plain items are not.
    Checklist,
    /// Conditions of the plan, or of the task or phase around.
    Criteria,
    /// The same, and plain items are none.
    Gates,
    Entrance,
    Exit,
    Deliverables,
    Objectives,
    Risks,
    Mapping,
    Owners,
    Cadence,
    Decisions,
    Escalations,
    Rebaselines,
    Assumptions,
    Milestones,
    Checkpoints,
    Runbooks,
    Metrics,
    NextSteps,
    Inputs,
    Outputs,
    Needs,
    Blockers,
    Paths,
    Memory,
    Links,
    /// A template to be copied: nothing in it is part of this plan.
    Template,
    /// Prose: background, references, how-tos.
    Other,
}

/// The role a heading gives to what stands under it; `None` where it only names a topic.
pub(crate) fn of_heading(text: &str) -> Option<Role> {
    let text = Words::of(text);
    // "Acceptance" alone; acceptance testing is work.
    if text.count == 1 && text.has("acceptance") {
        return Some(Criteria);
    }
    HEADINGS.iter().find(|(phrase, _)| text.has(phrase)).map(|(_, role)| *role)
}

/// The role a label such as `**Deliverables:**` gives to the list below it. A label must be the
/// phrase, perhaps with a word or two; a sentence that mentions it is none.
pub(crate) fn of_label(text: &str) -> Option<Role> {
    let text = Words::of(text);
    if text.count > 5 {
        return None;
    }
    LABELS
        .iter()
        .find(|(phrase, _)| text.ends_with(phrase) || text.count <= 3 && text.starts_with(phrase))
        .map(|(_, role)| *role)
}

use Role::{
    Actions, Assumptions, Blockers, Cadence, Checklist, Checkpoints, Criteria, Decisions, Deliverables,
    Entrance, Escalations, Exit, Gates, Inputs, Links, Mapping, Memory, Metrics, Milestones, Needs,
    NextSteps, Objectives, Other, Outputs, Owners, Paths, Rebaselines, Risks, Runbooks, Stories, Tasks,
    Template,
};

/// First match counts: the more telling phrases stand first.
const HEADINGS: &[(&str, Role)] = &[
    ("template", Template),
    ("risk to task", Mapping),
    ("risk mapping", Mapping),
    ("traceability", Mapping),
    ("success criteri*", Criteria),
    ("acceptance criteri*", Criteria),
    ("completion criteri*", Criteria),
    ("definition of done", Criteria),
    ("definition of success", Criteria),
    ("success definition", Criteria),
    ("done when", Criteria),
    ("done means", Criteria),
    ("acceptance point*", Criteria),
    ("acceptance condition*", Criteria),
    ("conditions of acceptance", Criteria),
    ("exit criteri*", Exit),
    ("exit gate*", Exit),
    ("entrance criteri*", Entrance),
    ("entry criteri*", Entrance),
    ("entrance gate*", Entrance),
    ("prerequisite*", Entrance),
    ("preconditions", Entrance),
    ("required before", Entrance),
    ("before starting", Entrance),
    ("quality gate*", Gates),
    ("success metric*", Metrics),
    ("deliverable*", Deliverables),
    ("action item*", Actions),
    ("next action*", NextSteps),
    ("next step*", NextSteps),
    ("immediate action*", NextSteps),
    ("story", Stories),
    ("stories", Stories),
    ("escalation*", Escalations),
    ("decisions", Decisions),
    ("decision log", Decisions),
    ("decision record*", Decisions),
    ("decision register", Decisions),
    ("rebaseline*", Rebaselines),
    ("re-baseline*", Rebaselines),
    ("risk*", Risks),
    ("could go wrong", Risks),
    ("can go wrong", Risks),
    ("might go wrong", Risks),
    ("may go wrong", Risks),
    ("owner*", Owners),
    ("raci", Owners),
    ("responsibilities", Owners),
    ("cadence", Cadence),
    ("communication plan", Cadence),
    ("reporting", Cadence),
    ("meeting*", Cadence),
    ("assumption*", Assumptions),
    ("constraint*", Assumptions),
    ("milestone*", Milestones),
    ("checkpoint*", Checkpoints),
    ("runbook*", Runbooks),
    ("checklist*", Checklist),
    ("task*", Tasks),
    ("work breakdown", Tasks),
    ("todo", Tasks),
    ("to do", Tasks),
    ("to-do", Tasks),
    ("action*", Actions),
    ("objective*", Objectives),
    ("goal*", Objectives),
    ("metric*", Metrics),
    ("kpi*", Metrics),
    ("baseline", Metrics),
    ("targets", Metrics),
    ("blocker*", Blockers),
    ("memory key*", Memory),
    ("reference*", Other),
    ("related documents", Other),
    ("summary", Other),
    ("overview", Other),
    ("background", Other),
    ("appendix", Other),
    ("troubleshooting", Other),
    ("tips", Other),
    ("rollback", Other),
    ("lessons", Other),
    ("findings", Other),
    ("alerts", Other),
    ("recommendation*", Other),
    ("observations", Other),
    ("notes", Other),
    ("strategy", Other),
    ("dependencies", Other),
    ("conclusion", Other),
];

const LABELS: &[(&str, Role)] = &[
    ("success criteria", Criteria),
    ("success criterion", Criteria),
    ("acceptance criteria", Criteria),
    ("completion criteria", Criteria),
    ("definition of done", Criteria),
    ("done when", Criteria),
    ("exit criteria", Exit),
    ("exit gate", Exit),
    ("exit", Exit),
    ("entrance criteria", Entrance),
    ("entry criteria", Entrance),
    ("entrance", Entrance),
    ("prerequisites", Entrance),
    ("preconditions", Entrance),
    ("success metrics", Metrics),
    ("deliverables", Deliverables),
    ("objectives", Objectives),
    ("objective", Objectives),
    ("goals", Objectives),
    ("tasks", Tasks),
    ("subtasks", Tasks),
    ("work items", Tasks),
    ("action items", Actions),
    ("next steps", NextSteps),
    ("inputs", Inputs),
    ("outputs", Outputs),
    ("dependencies", Needs),
    ("blockers", Blockers),
    ("risks", Risks),
    ("mitigation", Other),
    ("mitigations", Other),
    ("response", Other),
    ("contingency", Other),
    ("impact", Other),
    ("assumptions", Assumptions),
    ("constraints", Assumptions),
    ("milestones", Milestones),
    ("timeline & checkpoints", Checkpoints),
    ("checkpoints", Checkpoints),
    ("files", Paths),
    ("affected files", Paths),
    ("files to create", Paths),
    ("files to modify", Paths),
    ("memory keys", Memory),
    ("memory key", Memory),
    ("links", Links),
    ("decisions", Decisions),
    ("runbooks", Runbooks),
    ("metrics", Metrics),
];

/// A text in small letters, its words apart by single spaces.
struct Words {
    text: String,
    count: usize,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = String::with_capacity(text.len() + 2);
        words.push(' ');
        let mut count = 0;
        let mut depth = 0_i32;
        for word in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '\'' | '(' | ')' | '&')))
        {
            if word.is_empty() {
                continue;
            }
            // What stands in brackets qualifies and does not name.
            depth += word.matches('(').count() as i32;
            let outside = depth == 0;
            depth -= word.matches(')').count() as i32;
            let word = word.trim_matches(['(', ')', '-', '\'']);
            if outside && !word.is_empty() {
                words.extend(
                    word.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { ' ' } else { c }),
                );
                words.push(' ');
                count += 1;
            }
        }
        Self { text: words, count }
    }

    /// Whether the words of a phrase stand here, the last perhaps as a beginning (`risk*`).
    fn has(&self, phrase: &str) -> bool {
        let (stem, open) = match phrase.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (phrase, false),
        };
        let bytes = self.text.as_bytes();
        self.text.match_indices(stem).any(|(at, _)| {
            let end = at + stem.len();
            let tail = self.text[end..].split(' ').next().unwrap_or_default();
            at > 0 && bytes[at - 1] == b' ' && (tail.is_empty() || open && tail.len() <= 3)
        })
    }

    fn ends_with(&self, phrase: &str) -> bool {
        self.text.trim_end().strip_suffix(phrase).is_some_and(|before| before.ends_with(' '))
    }

    fn starts_with(&self, phrase: &str) -> bool {
        self.text[1..].strip_prefix(phrase).is_some_and(|after| after.starts_with(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_decide_roles() {
        for (heading, role) in [
            ("6. Risk-to-Task Mapping", Some(Mapping)),
            ("Risks & Mitigations", Some(Risks)),
            ("Risk Management (Review Weekly)", Some(Risks)),
            ("Success Criteria Reminder", Some(Criteria)),
            ("New Action Items Logged", Some(Actions)),
            ("Immediate Next Actions (Week 1)", Some(NextSteps)),
            ("Sprint Story Progress Review", Some(Stories)),
            ("Decisions and Escalations", Some(Escalations)),
            ("Weekly Progress Report Template", Some(Template)),
            ("Assumptions Acknowledged & Constraints", Some(Assumptions)),
            ("Runbooks to Author or Update", Some(Runbooks)),
            ("Work Breakdown (Checklist)", Some(Tasks)),
            ("Immediate Priorities (Day 0-2)", None),
            ("Documentation", None),
            ("Core Foundations", None),
        ] {
            assert_eq!(of_heading(heading), role, "{heading}");
        }
    }

    #[test]
    fn labels_are_stricter() {
        assert_eq!(of_label("Deliverables"), Some(Deliverables));
        assert_eq!(of_label("Phase 2 Exit Criteria"), Some(Exit));
        assert_eq!(of_label("Completed Tasks ✅"), Some(Tasks));
        assert_eq!(of_label("Quality Gates Defined"), None);
        assert_eq!(of_label("Task Completion"), None);
        assert_eq!(of_label("Update the files and then the tests of all tasks"), None);
    }
}

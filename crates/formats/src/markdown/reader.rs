//! The reader: what has been read so far, and where in the document it stands.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Range;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::Draft;
use model::ids::Key;

use super::blocks::{Block, MOST_NESTING, Visitor};
use super::finish::Pending;
use super::headings::{self, Named};
use super::lines::Lines;
use super::places::Place;
use super::roles::{self, Role};
use super::tables::Table;
use crate::words::fields::{Field, field};
use crate::words::plain::{plain, slug, without_emoji};

/// Reads one document.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) draft: Draft,
    pub(super) found: Vec<Diagnostic>,
    lines: Lines<'a>,
    pub(super) frames: Vec<Frame>,
    /// What the last label paragraph said the list below it is.
    pub(super) label: Option<Role>,
    pub(super) table: Option<Table<'a>>,
    /// How often each generated key was wanted, by its hash: 8 bytes instead of the text.
    generated: HashMap<u64, u32, BuildHasherDefault<Whole>>,
    /// The keys that tasks have been given by their author, by their hashes.
    defined: HashSet<u64, BuildHasherDefault<Whole>>,
    /// The list last looked at, and the letters of those keys in it that tell facts of their work.
    pub(super) list_tells: Option<(Range<u32>, Vec<String>)>,
    pub(super) pending: Vec<Pending<'a>>,
    /// `before → after` between keys of tasks.
    pub(super) edges: Vec<(String, String, Span)>,
    /// Positions of phases, risks and tasks with a heading, by key.
    pub(super) phase_at: HashMap<String, usize>,
    pub(super) risk_at: HashMap<String, usize>,
    pub(super) brief_at: HashMap<String, usize>,
    /// Where fields stand that may be written back, where somebody asks.
    pub(super) noted: Option<Vec<Place>>,
    /// The column of the cell that is read.
    pub(super) column: Option<(Span, usize)>,
    titled: bool,
    /// Where the headings stand.
    headings: Vec<Span>,
}

/// Lines in bold stand below every heading.
const BOLD_LEVEL: u8 = 7;

/// A heading that is open, and what it is about.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) level: u8,
    pub(super) role: Option<Role>,
    pub(super) phase: Option<usize>,
    pub(super) task: Option<usize>,
    pub(super) risk: Option<usize>,
    /// Whether the phase is known by nothing but its window.
    pub(super) by_window: bool,
    pub(super) heading: Span,
    /// The short name its keyless things are grouped under, once asked for.
    group: Option<String>,
}

/// What surrounds an item or paragraph.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    pub(super) role: Option<Role>,
    pub(super) phase: Option<usize>,
    pub(super) task: Option<usize>,
    /// Whether the task is an item that stands around, rather than a heading.
    pub(super) nested: bool,
    pub(super) by_window: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            draft: Draft { format: "markdown", ..Draft::default() },
            found: Vec::new(),
            lines: Lines::new(text),
            frames: Vec::new(),
            label: None,
            table: None,
            generated: HashMap::default(),
            defined: HashSet::default(),
            list_tells: None,
            pending: Vec::new(),
            edges: Vec::new(),
            phase_at: HashMap::new(),
            risk_at: HashMap::new(),
            brief_at: HashMap::new(),
            noted: None,
            column: None,
            titled: false,
            headings: Vec::new(),
        }
    }

    /// The text of a span.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The place of a part that was cut out of the text.
    pub(super) fn place(&self, part: &str) -> Span {
        super::items::place(self.text, 0, part).unwrap_or_default()
    }

    pub(super) fn line(&mut self, span: Span) -> u32 {
        self.lines.of(span.start)
    }

    /// What surrounds the place where reading has come to.
    pub(super) fn around(&self) -> Around {
        let mut around = Around::default();
        for frame in &self.frames {
            around.role = frame.role.or(around.role);
            if frame.phase.is_some() {
                around.phase = frame.phase;
                around.by_window = frame.by_window;
                around.task = None;
            }
            around.task = frame.task.or(around.task);
        }
        around.role = with_label(around.role, self.label);
        around
    }

    /// The headings around, but for the title of the document, which is about all of it.
    pub(super) fn below_title(&self) -> impl DoubleEndedIterator<Item = &Frame> {
        let title = self.headings.first();
        self.frames.iter().filter(move |frame| Some(&frame.heading) != title)
    }

    /// The role the headings give, whatever label stands last.
    fn inherited(&self) -> Option<Role> {
        self.frames.iter().rev().find_map(|frame| frame.role)
    }

    /// Whether the nearest heading or label itself gives a role.
    pub(super) fn right_below(&self, role: Role) -> bool {
        self.label == Some(role) || self.frames.last().is_some_and(|frame| frame.role == Some(role))
    }

    /// A key for something without one: `<group>/<slug>`, twins numbered from 2.
    pub(super) fn generate(&mut self, name: &str) -> Key {
        let group = self.group();
        let name = slug(name);
        let name = if name.is_empty() { "item" } else { &name };
        let mut key = format!("{group}/{name}");
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&key);
        let count = self.generated.entry(hash).or_insert(0);
        *count += 1;
        if *count > 1 {
            key.push_str(&format!("~{count}"));
        }
        Key::new(&key).or_else(|_| Key::new("item")).expect("a slug of bounded length is a key")
    }

    /// Keeps in mind that a task has a key of its author's.
    pub(super) fn define(&mut self, key: &Key) {
        self.defined.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(key.as_str()));
    }

    /// Whether a task has this key already.
    pub(super) fn is_defined(&self, key: &str) -> bool {
        self.defined.contains(&BuildHasherDefault::<DefaultHasher>::default().hash_one(key))
    }

    /// Goes back to the heading above an offset, as far as generating keys is concerned.
    pub(super) fn stand_at(&mut self, offset: u32) {
        let above = self.headings.partition_point(|heading| heading.start <= offset);
        let heading = above.checked_sub(1).map(|at| self.headings[at]);
        self.frames.clear();
        self.frames.extend(heading.map(|heading| Frame { heading, ..Frame::default() }));
    }

    /// Whether the nearest heading says that what stands below is where the work begins.
    pub(super) fn is_where_it_begins(&self) -> bool {
        let heading = self.frames.last().map(|frame| frame.heading);
        let said = heading.and_then(|heading| self.text.get(heading.range())).unwrap_or_default();
        let said = said.to_lowercase();
        ["baseline", "where we start", "where it starts", "starting point"]
            .iter()
            .any(|word| said.contains(word))
    }

    /// What keyless things are grouped under: the nearest heading that says what it is about.
    fn group(&mut self) -> &str {
        let text = self.text;
        let mut at = self.frames.len();
        while at > 0 {
            at -= 1;
            let frame = &mut self.frames[at];
            let heading = frame.heading;
            let group = frame.group.get_or_insert_with(|| {
                let heading = plain(text.get(heading.range()).unwrap_or_default());
                slug(headings::without_number(&heading))
            });
            // The title stands above everything and tells nothing apart.
            if at <= 1 || !is_generic(group) {
                break;
            }
        }
        match self.frames.get(at).and_then(|frame| frame.group.as_deref()) {
            Some(group) if !group.is_empty() => group,
            _ => "plan",
        }
    }

    /// Opens a section by what its heading names.
    fn open_named(&mut self, mut frame: Frame, text: &str, content: Span, span: Span) {
        let inherited = self.inherited();
        if inherited == Some(Role::Template) || holds_blank(text) {
            frame.role = Some(Role::Template);
            return self.frames.push(frame);
        }
        let kept = inherited.filter(|role| is_register(*role));
        let below_work = matches!(inherited, Some(Role::Tasks | Role::Actions | Role::Stories));
        let told = kept.is_none() && self.tells_facts(span);
        match headings::named_where(text, kept.is_none() && (below_work || told)) {
            Named::Phase(found) => match self.named_phase(&found, kept.is_none(), span) {
                Some(phase) => {
                    frame.phase = Some(phase);
                    frame.role = if kept.is_none() { Some(Role::Checklist) } else { None };
                }
                None => frame.role = roles::of_heading(found.rest),
            },
            Named::Task(found) | Named::Batch(found) => {
                match self.named_task(&found, kept.is_none(), content, span) {
                    Some(task) => {
                        frame.task = Some(task);
                        frame.role = if kept.is_none() { Some(Role::Checklist) } else { None };
                    }
                    None => frame.role = roles::of_heading(found.rest),
                }
            }
            Named::Window { title, window } => {
                frame.role = roles::of_heading(title);
                if kept.is_none() && frame.role.is_none_or(|role| !is_register(role)) {
                    frame.group = Some(slug(title));
                    frame.phase = Some(self.windowed_phase(title, window, span));
                    frame.by_window = true;
                }
            }
            Named::Topic => {
                frame.role = roles::of_heading(headings::without_number(text));
                if below_work && told && frame.role.is_none() {
                    frame.task = Some(self.keyless_task(text, content, span));
                    frame.role = Some(Role::Checklist);
                }
            }
        }
        self.frames.push(frame);
    }

    /// Whether the first thing below a heading tells a fact of a piece of work: `- Owner: Mira`.
    fn tells_facts(&self, heading: Span) -> bool {
        let below = self.text.get(heading.end as usize..).unwrap_or_default();
        // A heading that is underlined ends with its line.
        let mut lines = below.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let first = first.trim_start_matches(['-', '*', '+']).trim_start();
        let first = if first.is_empty() || first.len() > 200 { return false } else { first };
        let bold = first.starts_with("**");
        let first = if bold { first } else { first.trim_start_matches('*') };
        super::items::label(first).is_some_and(|said| {
            let fact = matches!(
                field(&plain(said.name)),
                Some(Field::Owner | Field::Agent | Field::Estimate | Field::Needs | Field::Priority)
            );
            fact && !said.value.is_empty()
        })
    }

    /// A line in bold that names a phase or task opens a section as a heading would, below every
    /// heading. Gives whether it did.
    pub(super) fn bold_heading(&mut self, inner: &str, span: Span) -> bool {
        let text = plain(inner);
        let names = matches!(headings::named(&text), Named::Phase(_) | Named::Task(_) | Named::Batch(_));
        let kept = self.inherited_above(BOLD_LEVEL).is_some_and(is_register);
        if !names || kept || self.frames.is_empty() {
            return false;
        }
        let content = self.place(inner);
        let frame = self.open_heading(BOLD_LEVEL, content);
        self.open_named(frame, &text, content, span);
        true
    }

    fn inherited_above(&self, level: u8) -> Option<Role> {
        self.frames.iter().rev().filter(|frame| frame.level < level).find_map(|frame| frame.role)
    }

    fn open_heading(&mut self, level: u8, heading: Span) -> Frame {
        while self.frames.pop_if(|frame| frame.level >= level).is_some() {}
        self.label = None;
        self.headings.push(heading);
        Frame { level, heading, ..Frame::default() }
    }
}

/// A label narrows what its heading says, but does not turn a register of conditions into work.
fn with_label(heading: Option<Role>, label: Option<Role>) -> Option<Role> {
    use Role::{Criteria, Deliverables, Exit, Gates, Metrics, Objectives, Tasks, Template};
    match (heading, label) {
        (Some(Template), _) | (_, None) => heading,
        (
            Some(Criteria | Gates | Exit | Metrics),
            Some(Tasks | Deliverables | Metrics | Objectives | Criteria),
        ) => heading,
        (_, Some(label)) => Some(label),
    }
}

/// Whether what stands under a role is kept in a register, so that headings below it name no new
/// phases or tasks.
pub(super) fn is_register(role: Role) -> bool {
    !matches!(
        role,
        Role::Tasks | Role::Actions | Role::Stories | Role::Checklist | Role::Checkpoints | Role::Other
    )
}

impl Visitor for Reader<'_> {
    fn heading(&mut self, level: u8, content: Span, span: Span) {
        let frame = self.open_heading(level, content);
        let raw = self.slice(content);
        let text = plain(raw);
        if !self.titled {
            self.titled = true;
            without_emoji(&text).clone_into(&mut self.draft.title);
            self.frames.push(frame);
            return;
        }
        self.open_named(frame, &text, content, span);
    }

    fn paragraph(&mut self, text: Span) {
        self.read_paragraph(text);
    }

    fn item(&mut self, blocks: &[Block]) {
        let around = self.around();
        self.read_item(blocks, 0, around);
    }

    fn table_head(&mut self, row: Span) {
        self.open_table(row);
    }

    fn table_row(&mut self, row: Span) {
        self.read_row(row);
    }

    fn table_end(&mut self) {
        self.table = None;
        self.label = None;
    }

    fn html(&mut self, _span: Span) {}

    fn gap(&mut self) {
        self.label = None;
    }

    fn too_deep(&mut self, span: Span) {
        if self.found.iter().any(|found| found.code == "document/too-deep") {
            return;
        }
        let end = span.start + self.slice(span).lines().next().map_or(0, str::len) as u32;
        self.found.push(
            Diagnostic::new(
                "document/too-deep",
                Severity::Error,
                Span { start: span.start, end },
                format!("lists or quotes stand more than {MOST_NESTING} deep in one another; what lies deeper is read as if it stood at that depth"),
            )
            .help("give the deeper part a heading of its own"),
        );
    }
}

/// Headings that stand below many others alike.
fn is_generic(group: &str) -> bool {
    matches!(group, "tasks" | "steps" | "checklist" | "items" | "actions" | "todo" | "subtasks" | "work" | "")
}

/// Whether a heading still holds a blank to be filled in: `<Project>`, `{{name}}`.
fn holds_blank(text: &str) -> bool {
    let angled = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    angled.is_some_and(|inner| {
        inner.starts_with(|c: char| c.is_ascii_uppercase())
            && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '/' | '-' | '_' | '&'))
    }) || text.contains("{{") && text.contains("}}")
}

/// Hashes are spread already; they need no second hashing.
#[derive(Default)]
pub(super) struct Whole(u64);

impl std::hash::Hasher for Whole {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

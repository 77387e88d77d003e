//! Where each field stands, told from the places that were noted and from what tasks say in the
//! end: where several places say one thing together, none of them may be written alone.

use model::diagnostic::Span;
use model::draft::{Draft, DraftCriterion, DraftTask, OwnerRole, Stated, Status};
use model::ids::Key;
use model::writing::{About, Content, Field as Name};

use crate::markdown::items;
use crate::markdown::numbers::measured;
use crate::markdown::places::{Place, What};
use crate::words::fields::{Field as Label, field};
use crate::words::plain::plain;
use crate::words::{amounts, due, is_empty, people, status};

/// A field with its seat.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) about: About,
    pub(super) field: Name,
    /// What it says; nothing where it is empty and cannot say so.
    pub(super) content: Option<Content>,
    pub(super) seat: Seat,
}

/// Where a field stands.
#[derive(Debug, Clone)]
pub(super) enum Seat {
    /// The one character in a box.
    Mark(Span),
    /// A cell, or the text behind a label; the column, where it is a cell.
    Value { span: Span, column: Column },
    /// A piece of what stands in brackets behind a title.
    Piece(Span),
    /// Cells or labelled lists of what comes first, and of what stands in the way.
    Lists { needs: Option<(Span, Column)>, blockers: Option<(Span, Column)> },
    /// The place of a remark, and the remark that stands there.
    Behind { at: u32, remark: Option<Span> },
    /// Several places together; the first of them.
    Nowhere(Span),
}

/// The header row and the number of the column.
pub(super) type Column = Option<(Span, usize)>;

impl Seat {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Mark(span) | Self::Value { span, .. } | Self::Piece(span) | Self::Nowhere(span) => *span,
            Self::Lists { needs, blockers } => needs.or(*blockers).map(|(span, _)| span).unwrap_or_default(),
            Self::Behind { at, remark } => remark.unwrap_or(Span { start: *at, end: *at }),
        }
    }
}

/// Every field of a document that has a seat.
pub(super) fn all(text: &str, draft: &Draft, noted: &[Place]) -> Vec<Field> {
    let mut fields = Vec::with_capacity(noted.len());
    let of_task = |place: &&Place| place.what != What::Value;
    let mut places: Vec<&Place> = noted.iter().filter(of_task).collect();
    // A stable order keeps what was read last behind what was read first.
    places.sort_by_key(|place| place.of);
    let mut from = 0;
    for (at, task) in draft.tasks.iter().enumerate() {
        let length = places[from..].iter().take_while(|place| place.of == at).count();
        let own = &places[from..from + length];
        from += length;
        Seats { text, task, places: own, fields: &mut fields }.all();
        criteria(&mut fields, Some(&task.key), &task.criteria);
    }
    for phase in &draft.phases {
        criteria(&mut fields, Some(&phase.key), &phase.entrance);
        criteria(&mut fields, Some(&phase.key), &phase.exit);
    }
    criteria(&mut fields, None, &draft.criteria);
    for place in noted.iter().filter(|place| place.what == What::Value) {
        let Some(metric) = draft.metrics.get(place.of) else { continue };
        let slice = text.get(place.span.range()).unwrap_or_default();
        fields.push(Field {
            about: About::Metric(metric.name.clone()),
            field: Name::Value,
            content: measured(&plain(slice)).map(|(value, _)| Content::Number(value)),
            seat: Seat::Value { span: place.span, column: place.column },
        });
    }
    fields
}

fn criteria(fields: &mut Vec<Field>, of: Option<&Key>, criteria: &[DraftCriterion]) {
    for criterion in criteria {
        if let Some(mark) = criterion.mark {
            fields.push(Field {
                about: About::Criterion { of: of.cloned(), text: criterion.text.clone() },
                field: Name::Mark,
                content: Some(Content::Ticked(criterion.checked == Some(true))),
                seat: Seat::Mark(mark),
            });
        }
    }
}

/// The fields of one task.
struct Seats<'a, 'f> {
    text: &'a str,
    task: &'a DraftTask,
    places: &'a [&'a Place],
    fields: &'f mut Vec<Field>,
}

impl<'a> Seats<'a, '_> {
    fn all(mut self) {
        let task = self.task;
        if let Some(mark) = task.places.mark {
            self.add(Name::Mark, Some(Content::Ticked(task.checked == Some(true))), Seat::Mark(mark));
        }
        let pieces = pieces(self.text, task);
        self.status(pieces.status);
        self.percent(pieces.percent);
        let place = self.last(&What::Due);
        let due = task.due.as_ref().map(|due| due.text.as_str()).unwrap_or_default();
        self.text_field(Name::Due, due, place, pieces.due);
        let place = self.last(&What::Priority);
        self.text_field(Name::Priority, task.priority.as_deref().unwrap_or_default(), place, pieces.priority);
        self.owner(pieces.owner);
        self.blockers();
        self.extras();
        self.evidence();
    }

    fn add(&mut self, field: Name, content: Option<Content>, seat: Seat) {
        self.fields.push(Field { about: About::Task(self.task.key.clone()), field, content, seat });
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The place that counts where each takes the place of the one before; one that says nothing
    /// counts only where no other does.
    fn last(&self, what: &What) -> Option<&'a Place> {
        let mut alike = self.places.iter().rev().filter(|place| place.what == *what);
        let said = alike.clone().find(|place| !is_empty(self.slice(place.span)));
        said.or_else(|| alike.next()).copied()
    }

    fn status(&mut self, piece: Option<Span>) {
        let content = self.task.status.as_ref().map(|Status { word, .. }| word);
        let place = self.last(&What::Status);
        let (seat, whole) = match (place, piece) {
            (Some(place), _) => (value(place), self.slice(place.span)),
            (None, Some(piece)) => (Seat::Piece(piece), self.slice(piece)),
            (None, None) => return,
        };
        let content = content.map(|word| {
            let blocked = super::status::is_blocked(whole);
            // Done at 90 % is a contradiction that a lint tells; the word still says done.
            let state = super::status::state_of(whole).unwrap_or(Stated::Open);
            Content::Status { state, blocked, word: Some(word.clone()) }
        });
        self.add(Name::Status, content, seat);
    }

    fn percent(&mut self, piece: Option<Span>) {
        let content = self.task.percent.map(Content::Number);
        let in_status = || {
            let place = self.last(&What::Status)?;
            status::percentage(self.slice(place.span)).is_some().then_some(place)
        };
        if let Some(place) = self.last(&What::Percent).or_else(in_status) {
            self.add(Name::Percent, content, value(place));
        } else if let Some(piece) = piece {
            self.add(Name::Percent, content, Seat::Piece(piece));
        }
    }

    fn text_field(&mut self, field: Name, said: &str, place: Option<&Place>, piece: Option<Span>) {
        let content = Some(Content::Text(said.to_owned()));
        match (place, piece) {
            (Some(place), _) => self.add(field, content, value(place)),
            (None, Some(piece)) => self.add(field, content, Seat::Piece(piece)),
            (None, None) => {}
        }
    }

    fn owner(&mut self, piece: Option<Span>) {
        let primary = self.task.owners.iter().filter(|owner| owner.role == OwnerRole::Primary);
        let names: Vec<&str> = primary.map(|owner| owner.name.as_str()).collect();
        let said: Vec<Span> = self.spans(&What::Owner).chain(piece).collect();
        let telling: Vec<Span> = said.iter().copied().filter(|span| !is_empty(self.slice(*span))).collect();
        let seat = match (&telling[..], &said[..]) {
            ([], []) => return,
            ([], [span, ..]) | ([span], _) if names_in(self.slice(*span)) == names => {
                match self.places.iter().find(|place| place.what == What::Owner && place.span == *span) {
                    Some(place) => value(place),
                    None => Seat::Piece(*span),
                }
            }
            (_, [span, ..]) => Seat::Nowhere(*span),
            _ => return,
        };
        self.add(Name::Owner, Some(Content::Text(names.join(", "))), seat);
    }

    fn blockers(&mut self) {
        let one = |what: &What| {
            let places: Vec<&Place> =
                self.places.iter().filter(|place| place.what == *what).copied().collect();
            let telling: Vec<&&Place> =
                places.iter().filter(|place| !is_empty(self.slice(place.span))).collect();
            match (&telling[..], &places[..]) {
                ([], []) => Ok(None),
                ([place], _) => Ok(Some((place.span, place.column))),
                ([], [place, ..]) => Ok(Some((place.span, place.column))),
                ([place, ..], _) => Err(place.span),
            }
        };
        let seat = match (one(&What::Needs), one(&What::Blockers)) {
            (Ok(None), Ok(None)) => return,
            (Ok(needs), Ok(blockers)) => Seat::Lists { needs, blockers },
            (Err(span), _) | (_, Err(span)) => Seat::Nowhere(span),
        };
        let needs = self.task.needs.iter().map(|key| key.as_str().to_owned());
        let items = needs.chain(self.task.blockers.iter().cloned()).collect();
        self.add(Name::Blockers, Some(Content::List(items)), seat);
    }

    fn extras(&mut self) {
        let mut done: Vec<&str> = Vec::new();
        for place in self.places {
            let What::Extra(name) = &place.what else { continue };
            if done.contains(&name.as_str()) {
                continue;
            }
            done.push(name);
            let alike: Vec<Span> = self.spans(&place.what).collect();
            let telling = alike.iter().filter(|span| !is_empty(self.slice(**span))).count();
            let said = self.task.extra.get(name).cloned().unwrap_or_default();
            let last = self.last(&place.what).unwrap_or(place);
            let alone = telling <= 1 && plain(self.slice(last.span)) == said || said.is_empty();
            let seat = if alone { value(last) } else { Seat::Nowhere(place.span) };
            self.add(Name::Extra(name.clone()), Some(Content::Text(said)), seat);
        }
    }

    /// The remark about evidence, behind the text that the task was read from.
    fn evidence(&mut self) {
        let Some(place) = self.places.iter().find(|place| place.what == What::End) else { return };
        let start = self.task.places.title.map_or(place.span.start, |title| title.start);
        let said = self.text.get(start as usize..place.span.end as usize).unwrap_or_default();
        let found = said.rfind(REMARK).and_then(|at| {
            let inner = &said[at + REMARK.len()..];
            let end = inner.find("-->")?;
            let begin = said[..at].trim_end_matches([' ', '\t']).len();
            let span = Span::new(start as usize + begin, start as usize + at + REMARK.len() + end + 3);
            Some((inner[..end].trim().to_owned(), span))
        });
        let (content, remark) = found.unzip();
        let seat = Seat::Behind { at: place.span.end, remark };
        self.add(Name::Evidence, content.map(Content::Text), seat);
    }

    fn spans(&self, what: &What) -> impl Iterator<Item = Span> {
        self.places.iter().filter(move |place| place.what == *what).map(|place| place.span)
    }
}

/// What the remark about evidence begins with.
pub(super) const REMARK: &str = "<!-- verified ";

fn value(place: &Place) -> Seat {
    Seat::Value { span: place.span, column: place.column }
}

/// The single names in a value.
fn names_in(text: &str) -> Vec<String> {
    let mut owners = thin_vec::ThinVec::new();
    people::add(&mut owners, text, OwnerRole::Primary);
    owners.into_iter().map(|owner| owner.name).collect()
}

/// What the brackets behind a title say, each with the place of its value.
#[derive(Debug, Default)]
struct Pieces {
    status: Option<Span>,
    percent: Option<Span>,
    owner: Option<Span>,
    due: Option<Span>,
    priority: Option<Span>,
}

/// Finds in the brackets behind a title what the task was read to say.
fn pieces(text: &str, task: &DraftTask) -> Pieces {
    let mut found = Pieces::default();
    let Some(title) = task.places.title else { return found };
    let mut whole = text.get(title.range()).unwrap_or_default();
    if !whole.contains('(') {
        return found;
    }
    let place = |part: &str| items::place(text, 0, part);
    for _ in 0..3 {
        let bare = whole.trim_end_matches(['*', '_', ' ']);
        let Some((before, inner)) = items::brackets(bare) else { break };
        for piece in inner.split([',', ';']).map(str::trim) {
            let label = piece.split_once(':').map(|(name, value)| (field(name), value.trim()));
            match label {
                Some((Some(Label::Owner), names)) => found.owner = found.owner.or(place(names)),
                Some((Some(Label::Due), value)) => {
                    let same = task.due.as_ref().is_some_and(|due| due.text == value);
                    found.due = found.due.or(place(value).filter(|_| same));
                }
                Some((Some(Label::Priority), value)) => found.priority = found.priority.or(place(value)),
                Some((Some(Label::Percent), value)) => {
                    let number = amounts::percent(value).and_then(|(_, number)| place(&value[number]));
                    found.percent = found.percent.or(number);
                }
                Some(_) => {}
                None => bare_piece(piece, task, &mut found, &place),
            }
        }
        whole = before;
    }
    found
}

/// A piece without a label is known by what the task says.
fn bare_piece<'t>(
    piece: &'t str,
    task: &DraftTask,
    found: &mut Pieces,
    place: &dyn Fn(&'t str) -> Option<Span>,
) {
    if let Some((value, number)) = amounts::percent(piece)
        && number.start == 0
        && task.percent == Some(value)
    {
        found.percent = found.percent.or(place(&piece[number]));
    } else if task.priority.as_deref() == Some(piece) {
        found.priority = found.priority.or(place(piece));
    } else if task.status.as_ref().is_some_and(|status| status.word == piece) {
        found.status = found.status.or(place(piece));
    } else if names_in(piece).iter().all(|name| is_primary(task, name)) && people::are_names(piece) {
        found.owner = found.owner.or(place(piece));
    } else if let Some(date) =
        piece.get(..4).filter(|due| due.eq_ignore_ascii_case("due ")).map(|_| piece[4..].trim())
        && task.due == due::read(date)
    {
        found.due = found.due.or(place(date));
    }
}

fn is_primary(task: &DraftTask, name: &str) -> bool {
    task.owners.iter().any(|owner| owner.role == OwnerRole::Primary && owner.name == name)
}

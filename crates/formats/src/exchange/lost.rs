//! What one side could not hold: listed one by one for machines, gathered for people.

use serde::Serialize;

/// The most characters of a lost value that are shown.
const SHOWN: usize = 80;

/// Something that could not be carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The file it stands in, or was to stand in.
    pub file: String,
    /// Line it stands on; 0 where it stands in no file.
    pub line: u32,
    /// Key of the task it belongs to.
    pub key: Option<String>,
    /// Which field.
    pub field: String,
    /// The value, cut where it is long.
    pub value: String,
    /// Why it could not be carried.
    pub why: String,
}

impl Lost {
    /// Something lost that belongs to no task.
    pub fn new(file: &str, line: u32, field: &str, value: &str, why: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            key: None,
            field: field.to_owned(),
            value: short(value),
            why: why.into(),
        }
    }

    /// The task it belongs to.
    #[must_use]
    pub fn of(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }
}

/// One line, cut where it is long.
fn short(value: &str) -> String {
    let mut line: String = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(SHOWN) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Losses of one field for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gathered {
    /// Which field.
    pub field: String,
    /// Why.
    pub why: String,
    /// How many.
    pub count: usize,
    /// Where: keys, or files with lines, of the first few.
    pub places: Vec<String>,
}

/// The most places named for losses of one kind.
const PLACES: usize = 3;

/// Puts losses of one field for one reason together, in the order they were met first.
pub fn gather(lost: &[Lost]) -> Vec<Gathered> {
    let mut gathered: Vec<Gathered> = Vec::new();
    for one in lost {
        let same = gathered.iter().position(|known| known.field == one.field && known.why == one.why);
        let place = same.unwrap_or_else(|| {
            let (field, why) = (one.field.clone(), one.why.clone());
            gathered.push(Gathered { field, why, count: 0, places: Vec::new() });
            gathered.len() - 1
        });
        let known = &mut gathered[place];
        known.count += 1;
        let at = match (&one.key, one.line) {
            (Some(key), _) => key.clone(),
            (None, 0) => one.value.clone(),
            (None, line) => format!("{}:{line}", one.file),
        };
        if known.places.len() < PLACES && !known.places.contains(&at) && !at.is_empty() {
            known.places.push(at);
        }
    }
    gathered
}

//! A plan with a history: what a newcomer looks at before there is a plan of their own.
//!
//! The plan is an ordinary document, and its history is written in the program's own words
//! (`story.txt`): each line is a verb, played through the same desk as every other. What makes it six
//! days old is a store for tests, which believes a stated time; every page says so.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use engine::store::{FOLDER, Fixture, Place, Store};
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;
use model::refusal::INTERNAL_FAULT;

use crate::cli::keep_as;
use crate::config::Environment;

/// Every file of the example, by name.
const FILES: &[(&str, &str)] = &[
    ("TALLY.md", include_str!("TALLY.md")),
    ("countersign.toml", include_str!("countersign.toml")),
    ("README.md", include_str!("README.md")),
    ("tally.sh", include_str!("tally.sh")),
    ("tests/run.sh", include_str!("tests/run.sh")),
];

/// What happened, line by line.
const STORY: &str = include_str!("story.txt");

/// The example's ids follow from it.
const SEED: u64 = 2;

/// The example in a folder.
pub struct Example {
    folder: PathBuf,
    passing: bool,
}

impl Example {
    /// The example in a folder of its own, which goes with the value.
    pub fn passing() -> io::Result<Self> {
        let name = format!("countersign-example-{}", engine::ids::random_hex(6));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder)?;
        Ok(Self { folder: folder.canonicalize()?, passing: true })
    }

    /// The example in a folder that stays.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.canonicalize()?, passing: false })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it goes with the value.
    pub fn is_passing(&self) -> bool {
        self.passing
    }

    /// Whether the folder holds something else than the example.
    pub fn is_elsewhere(&self) -> io::Result<bool> {
        if self.place().exists {
            return Ok(false);
        }
        Ok(std::fs::read_dir(&self.folder)?.next().is_some())
    }

    /// The store, with the history in it. One that is there already is left as it is.
    ///
    /// The process works in the folder from then on: that is where the plan's verbs are typed.
    pub fn open(&self, now: Timestamp) -> Result<Store, Fault> {
        std::env::set_current_dir(&self.folder).map_err(|error| self.unmade(&error))?;
        if !self.place().exists {
            self.write().map_err(|error| self.unmade(&error))?;
            let begun = Fixture { now: Some(now), seed: Some(SEED) };
            drop(Store::create_for_tests(&self.place(), begun)?);
            self.play(now)?;
        }
        Store::open_to_write(&self.place(), Fixture::default())
    }

    fn place(&self) -> Place {
        Place::of(self.folder.join(FOLDER))
    }

    fn write(&self) -> io::Result<()> {
        for (name, text) in FILES {
            let path = self.folder.join(name);
            if let Some(above) = path.parent() {
                std::fs::create_dir_all(above)?;
            }
            std::fs::write(path, text)?;
        }
        Ok(())
    }

    fn play(&self, now: Timestamp) -> Result<(), Fault> {
        let store = self.place().folder.display().to_string();
        let mut waiver = String::new();
        for (number, text) in STORY.lines().enumerate() {
            let Some(step) = Step::read(text) else { continue };
            let at = now.checked_sub(step.ago).unwrap_or(now);
            let around = Environment::of_pairs(
                &self.folder.join(FOLDER),
                [
                    ("COUNTERSIGN_STORE", store.clone()),
                    ("COUNTERSIGN_NOW", at.to_string()),
                    ("COUNTERSIGN_SEED", SEED.to_string()),
                ],
            );
            let kept = keep_as(step.arguments(&waiver), &around);
            if (kept.exit != 0) != step.refused {
                let said = kept.said.last().map_or("nothing", String::as_str);
                return Err(Fault::new(
                    INTERNAL_FAULT,
                    format!(
                        "the example's history broke off at line {}: `{text}` ended with {} ({said})",
                        number + 1,
                        kept.exit
                    ),
                ));
            }
            if let Some(asked) = id_in(&kept.data, "wvr_") {
                waiver = asked.to_owned();
            }
        }
        Ok(())
    }

    fn unmade(&self, error: &io::Error) -> Fault {
        let folder = self.folder.display();
        Fault::new(INTERNAL_FAULT, format!("the example could not be laid out in `{folder}`: {error}"))
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        if self.passing {
            // A folder of the system's temporary ones: what cannot be removed now is removed there.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A line of the story.
struct Step<'s> {
    ago: SignedDuration,
    who: &'s str,
    refused: bool,
    line: &'s str,
}

impl<'s> Step<'s> {
    fn read(text: &'s str) -> Option<Self> {
        let mut parts = text.splitn(3, " | ");
        let (when, who, line) = (parts.next()?, parts.next()?, parts.next()?);
        let (days, clock) = when.split_once("d ")?;
        let (hours, minutes) = clock.split_once(':')?;
        let number = |text: &str| text.parse::<i64>().ok();
        let minutes = (number(days)? * 24 + number(hours)?) * 60 + number(minutes)?;
        let (refused, line) = match line.strip_prefix("! ") {
            Some(line) => (true, line),
            None => (false, line),
        };
        Some(Self { ago: SignedDuration::from_mins(minutes), who, refused, line })
    }

    fn arguments(&self, waiver: &str) -> Vec<OsString> {
        let mut arguments = vec!["countersign".to_owned()];
        arguments.extend(words(self.line).into_iter().map(|word| word.replace("{waiver}", waiver)));
        match self.who.split_once('@') {
            Some((agent, session)) => {
                arguments.push(format!("--agent={agent}"));
                arguments.push(format!("--session={session}"));
            }
            None => arguments.push(format!("--as={}", self.who)),
        }
        arguments.push("--json".to_owned());
        arguments.into_iter().map(OsString::from).collect()
    }
}

/// The words of a line; what stands between `'` is one.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// The first id of a kind in a text.
fn id_in<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let rest = &text[text.find(prefix)?..];
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    Some(&rest[..end.unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_story_is_read() {
        let told = STORY.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut last = SignedDuration::MAX;
        for line in told {
            let step = Step::read(line).unwrap_or_else(|| panic!("`{line}` is no step"));
            assert!(step.ago < last, "`{line}` happens before the line above it");
            last = step.ago;
        }
        assert!(last.is_positive(), "the story ends before now");
    }

    #[test]
    fn words_and_ids_are_found() {
        assert_eq!(words("note T-1 'two words'"), ["note", "T-1", "two words"]);
        assert_eq!(id_in("{\"waiver\":\"wvr_01ab\"}", "wvr_"), Some("wvr_01ab"));
        assert_eq!(id_in("nothing", "wvr_"), None);
    }
}

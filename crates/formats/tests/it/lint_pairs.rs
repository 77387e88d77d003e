//! A pair of documents for every lint rule: one in which it fires, with the list of everything that
//! is found there, and one in which it must stay silent.

use std::path::PathBuf;

use formats::diagnostics::{Output, Source, render};
use formats::lint::{Baseline, RULES, Rule};

use crate::documents::{Linted, document, folder, settings};

/// Rules without a pair: a document that is too large is made in the tests of the reader.
const WITHOUT: [&str; 1] = ["document/too-large"];

struct Pair {
    rule: &'static Rule,
    folder: PathBuf,
}

impl Pair {
    /// `fires.md`, or `fires.json` where the rule is about `execution-plan.json`.
    fn file(&self, name: &str) -> String {
        let is_json = self.folder.join(format!("{name}.json")).exists();
        format!("{name}.{}", if is_json { "json" } else { "md" })
    }

    /// `quiet.md`, and `quiet-….md` where one document cannot hold all that must not fire.
    fn quiet(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).expect("the folder can be read");
        let names =
            entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("quiet")).collect()
    }

    fn is_markdown(&self) -> bool {
        self.file("fires") == "fires.md"
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        document(&self.folder, name).unwrap_or_else(|| panic!("`{}` has no {name}", self.folder.display()))
    }

    fn linted(&self, name: &str) -> Linted {
        let name = self.file(name);
        Linted::new(&self.folder, &name, &self.bytes(&name), &settings())
    }
}

fn pairs() -> Vec<Pair> {
    let rules = RULES.iter().filter(|rule| !WITHOUT.contains(&rule.code));
    rules.map(|rule| Pair { rule, folder: folder("lint").join(rule.code.replace('/', "-")) }).collect()
}

#[test]
fn each_rule_fires_where_it_should_and_nothing_else_does() {
    let mut wrong = String::new();
    for pair in pairs() {
        let linted = pair.linted("fires");
        let wanted = String::from_utf8(pair.bytes("fires.found")).expect("lists are text");
        assert!(wanted.contains(pair.rule.code), "`{}` is not on its own list", pair.rule.code);
        if linted.listed() != wanted {
            let name = pair.rule.code;
            wrong.push_str(&format!(
                "--- {name}\nwanted:\n{wanted}found:\n{}{}",
                linted.listed(),
                linted.shown()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn each_rule_is_silent_where_nothing_is_odd() {
    let mut wrong = String::new();
    for pair in pairs() {
        let names = pair.quiet();
        assert!(!names.is_empty(), "`{}` has no document that is quiet", pair.rule.code);
        for name in names {
            let linted = Linted::new(&pair.folder, &name, &pair.bytes(&name), &settings());
            if linted.count(pair.rule.code) > 0 {
                wrong.push_str(&format!("--- {}\n{}", pair.rule.code, linted.shown()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_comment_before_the_first_heading_allows_one_code_and_no_other() {
    for pair in pairs().into_iter().filter(Pair::is_markdown) {
        let comment = format!("<!-- countersign: allow {} as a test -->\n\n", pair.rule.code);
        let bytes = [comment.as_bytes(), &pair.bytes("fires.md")].concat();
        let allowed = Linted::new(&pair.folder, "fires.md", &bytes, &settings());
        let before = pair.linted("fires").places();
        let kept = before.into_iter().filter(|(code, _)| code != pair.rule.code);
        let moved: Vec<_> = kept.map(|(code, line)| (code, line + 2)).collect();
        assert_eq!(allowed.places(), moved, "{}", pair.rule.code);
    }
}

#[test]
fn what_only_matters_for_live_plans_is_silent_once_archived() {
    let archived = model::settings::Settings { archived: true, ..settings() };
    for pair in pairs() {
        let file = pair.file("fires");
        let linted = Linted::new(&pair.folder, &file, &pair.bytes(&file), &archived);
        let live = |code: &str| formats::lint::rule_of(code).is_some_and(|rule| rule.live_only);
        let wanted: Vec<_> =
            pair.linted("fires").places().into_iter().filter(|(code, _)| !live(code)).collect();
        assert_eq!(linted.places(), wanted, "{}", pair.rule.code);
    }
}

#[test]
fn a_baseline_knows_everything_that_is_there_and_nothing_that_comes_later() {
    for pair in pairs().into_iter().filter(Pair::is_markdown) {
        let linted = pair.linted("fires");
        let baseline = Baseline::of(&[source_of(&linted)]);
        let baseline = Baseline::read(&baseline.write()).expect("it reads what it wrote");
        assert_eq!(baseline.len(), linted.found.len(), "{}", pair.rule.code);
        assert_eq!(baseline.new_ones(&source_of(&linted)), [], "{}", pair.rule.code);
        // Lines above that come and go make nothing new; another fault does.
        let more = b"Read on <!-- countersign: allow nothing -->\n\n";
        let bytes = [more.as_slice(), &pair.bytes("fires.md")].concat();
        let grown = Linted::new(&pair.folder, "fires.md", &bytes, &settings());
        let new: Vec<_> = baseline.new_ones(&source_of(&grown)).iter().map(|found| found.code).collect();
        assert_eq!(new, ["lint/allow-invalid"], "{}", pair.rule.code);
    }
}

fn source_of(linted: &Linted) -> Source<'_> {
    Source { path: "fires.md", text: &linted.reading.text, diagnostics: &linted.found }
}

/// Code and line, as each of the four shapes says it.
#[test]
fn all_four_shapes_say_the_same() {
    for pair in pairs() {
        let linted = pair.linted("fires");
        let wanted = linted.places();
        for (name, shape) in Output::ALL {
            let text = render(&[source_of(&linted)], shape, false);
            assert_eq!(said(shape, &text), wanted, "{} as {name}:\n{text}", pair.rule.code);
        }
    }
}

fn said(shape: Output, text: &str) -> Vec<(String, u32)> {
    match shape {
        Output::Text => {
            let heads = text.lines().filter_map(|line| {
                let (word, rest) = line.split_once('[')?;
                let code = rest.split_once("]: ")?.0;
                ["error", "warning", "info"].contains(&word).then(|| code.to_owned())
            });
            // Further excerpts of a finding are introduced by `:::`.
            let places = text.lines().filter_map(|line| {
                let (_, place) = line.split_once("--> fires.md:")?;
                place.split(':').next()?.parse().ok()
            });
            heads.zip(places).collect()
        }
        Output::Json => {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let list = value["diagnostics"].as_array().expect("a list").iter();
            list.map(|found| pick(&found["code"], &found["line"])).collect()
        }
        Output::Sarif => {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let list = value["runs"][0]["results"].as_array().expect("a list").iter();
            list.map(|found| {
                let region = &found["locations"][0]["physicalLocation"]["region"];
                pick(&found["ruleId"], &region["startLine"])
            })
            .collect()
        }
        Output::Github => text
            .lines()
            .map(|line| {
                let part = |name: &str| {
                    let rest = line.split_once(name).expect("the part is there").1;
                    rest.split([',', ':']).next().unwrap_or_default().to_owned()
                };
                (part(",title="), part(",line=").parse().expect("a number"))
            })
            .collect(),
    }
}

fn pick(code: &serde_json::Value, line: &serde_json::Value) -> (String, u32) {
    (code.as_str().expect("a code").to_owned(), line.as_u64().expect("a line") as u32)
}

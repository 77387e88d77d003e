//! Words, numbers, keys, dates and signs of a passage, each with its place in the source.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::rc::Rc;

use jiff::civil::Date;
use model::diagnostic::Span;

use super::numbers;
use super::vocabulary::{Known, Vocabulary, Word};
use super::words::{List, Words};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Word,
    /// A number with how many decimals it is written with.
    Number(f64, u8),
    /// The key of something in the plan, by its position in the list the lexer was given.
    Key(u32),
    Date(Date),
    Sign(char),
    /// Written like a number or key and none that means anything here: versions, times, ordinals.
    Opaque,
}

/// A token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// In small letters.
    pub(crate) text: Word,
    /// What words of one family share.
    pub(crate) stem: Word,
    pub(crate) span: Span,
    /// Whether space stands before it.
    pub(crate) spaced: bool,
    /// Whether it is the first of its line.
    pub(crate) fresh: bool,
    /// Whether it is a word that means something for what is measured: looked up once, asked often.
    pub(crate) telling: bool,
    /// The lists it is in.
    pub(super) lists: u32,
    /// The first letter and the length of a word, by which most others are told apart; none elsewhere.
    pub(super) mark: u16,
}

impl Token {
    /// A token that is no word.
    pub(crate) fn other(kind: Kind, text: Word, stem: Word, span: Span) -> Self {
        let mark = if matches!(kind, Kind::Word) { mark(&text) } else { 0 };
        Self { kind, text, stem, span, spaced: false, fresh: false, telling: false, lists: 0, mark }
    }

    pub(crate) fn is_of(&self, list: List) -> bool {
        self.lists >> list as u32 & 1 == 1
    }

    #[inline]
    pub(crate) fn is(&self, word: &str) -> bool {
        self.mark == mark(word) && *self.text == *word
    }

    #[inline]
    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        self.mark != 0 && words.iter().any(|word| self.mark == mark(word) && *self.text == **word)
    }

    #[inline]
    pub(crate) fn is_in(&self, words: Words<'_>) -> bool {
        words.have(self)
    }

    /// Whether it is a word that begins with the letter that a text begins with.
    #[inline]
    pub(crate) fn begins_as(&self, text: &str) -> bool {
        text.as_bytes().first().is_some_and(|first| self.mark >> 8 == u16::from(*first))
    }

    pub(crate) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub(crate) fn is_word(&self) -> bool {
        matches!(self.kind, Kind::Word)
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(value, _) => Some(value),
            _ => None,
        }
    }
}

/// The marks of some words as bits: no token whose bit is missing is one of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks([u64; 4]);

impl Marks {
    pub(super) const fn none() -> Self {
        Self([0; 4])
    }

    #[inline]
    pub(super) const fn with(self, mark: u16) -> Self {
        let Self(mut bits) = self;
        let at = Self::bit(mark);
        bits[at >> 6] |= 1 << (at & 63);
        Self(bits)
    }

    #[inline]
    pub(super) fn may_have(&self, token: &Token) -> bool {
        let at = Self::bit(token.mark);
        self.0[at >> 6] >> (at & 63) & 1 == 1
    }

    /// Letters and lengths spread over the bits.
    #[inline]
    const fn bit(mark: u16) -> usize {
        ((mark as u32).wrapping_mul(0x9e37_79b1) >> 24) as usize
    }
}

/// The first letter and the length: two words that differ in them are not alike.
#[inline]
pub(super) const fn mark(word: &str) -> u16 {
    match word.as_bytes().first() {
        Some(first) if word.len() < 255 => (*first as u16) << 8 | word.len() as u16,
        Some(first) => (*first as u16) << 8 | 255,
        None => 0,
    }
}

/// Cuts text into tokens, knowing the keys of the plan.
#[derive(Debug, Default)]
pub(crate) struct Lexer {
    keys: HashMap<String, u32>,
    /// The words that keys such as "Batch 1" begin with.
    key_words: HashSet<String>,
    vocabulary: Vocabulary,
    /// Texts of the plan that were cut up before: many are asked for again.
    cut: RefCell<HashMap<Box<str>, Cut>>,
    cuts: Cell<u32>,
}

/// The tokens of a text by itself, with places in it.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    /// No two cuts have one.
    pub(crate) number: u32,
    tokens: Rc<[Token]>,
    /// What the compounds that it may hold were called when it was cut up.
    compounds: Rc<[Compound]>,
}

impl Cut {
    /// The same tokens where the text begins at a place in a document.
    pub(super) fn tokens_from(&self, start: u32) -> Vec<Token> {
        let moved = |token: &Token| {
            let span = Span { start: token.span.start + start, end: token.span.end + start };
            Token { span, ..token.clone() }
        };
        self.tokens.iter().map(moved).collect()
    }
}

impl Deref for Cut {
    type Target = [Token];

    fn deref(&self) -> &[Token] {
        &self.tokens
    }
}

/// Two words that may be one, with the stem of that one where it was met.
#[derive(Debug)]
struct Compound {
    name: String,
    stem: Option<Word>,
}

impl Lexer {
    pub(crate) fn new<'k>(keys: impl IntoIterator<Item = (u32, &'k str)>) -> Self {
        let keys: HashMap<String, u32> = keys.into_iter().map(|(at, key)| (key.to_lowercase(), at)).collect();
        let key_words = keys.keys().filter_map(|key| key.split_once(' ')).map(|(word, _)| word.to_owned());
        Self { key_words: key_words.collect(), keys, ..Self::default() }
    }

    /// A word in small letters.
    pub(crate) fn word(&self, text: &str) -> Word {
        self.vocabulary.word(text)
    }

    /// The tokens of a text; `place` says where an offset of it stands in the source.
    pub(crate) fn tokens(&self, text: &str, place: &dyn Fn(usize) -> usize) -> Vec<Token> {
        self.tokens_and_compounds(text, place).0
    }

    fn tokens_and_compounds(
        &self,
        text: &str,
        place: &dyn Fn(usize) -> usize,
    ) -> (Vec<Token>, Vec<Compound>) {
        let mut found = Scan {
            lexer: self,
            text,
            place,
            at: 0,
            spaced: false,
            fresh: true,
            // A word and its space take five letters or so.
            tokens: Vec::with_capacity(text.len() / 5 + 2),
            key_word: None,
        };
        found.run();
        let mut tokens = found.tokens;
        numbers::join_words(&mut tokens, self);
        numbers::join_dates(&mut tokens, self);
        let compounds = self.join_compounds(&mut tokens);
        // "These days" is now.
        for at in 1..tokens.len() {
            if tokens[at].is("days") && tokens[at - 1].is("these") {
                tokens[at].telling = false;
            }
            // Criteria of success do not pass anything.
            if tokens[at].is_any(&["criteria", "criterion"]) && tokens[at - 1].is("success") {
                tokens[at - 1].telling = false;
            }
        }
        (tokens, compounds)
    }

    /// Whether the plan has a word.
    pub(crate) fn is_of_plan(&self, word: &Word) -> bool {
        self.vocabulary.is_of_plan(word)
    }

    /// Says that all of the plan was read: see [`Vocabulary::settle`].
    pub(crate) fn settle(&self) {
        self.vocabulary.settle();
    }

    /// The tokens of a text by itself, with places in it.
    pub(crate) fn cut(&self, text: &str) -> Cut {
        if let Some(known) = self.cut_before(text) {
            return known;
        }
        let (tokens, compounds) = self.tokens_and_compounds(text, &|offset| offset);
        let number = self.cuts.replace(self.cuts.get() + 1);
        let cut = Cut { number, tokens: tokens.into(), compounds: compounds.into() };
        self.cut.borrow_mut().insert(text.into(), cut.clone());
        cut
    }

    /// The tokens of a text that was cut up before.
    pub(super) fn cut_before(&self, text: &str) -> Option<Cut> {
        let cut = self.cut.borrow();
        let known = cut.get(text)?;
        // What a compound is called may change with the words that were met since.
        let same = |one: &Compound| self.vocabulary.met(&one.name) == one.stem;
        known.compounds.iter().all(same).then(|| known.clone())
    }

    /// "Rolled back", "drops out": the noun made of both names them, where it has been met: "rollback".
    fn join_compounds(&self, tokens: &mut [Token]) -> Vec<Compound> {
        let mut found = Vec::new();
        for at in 1..tokens.len() {
            let (before, particle) = (&tokens[at - 1], &tokens[at]);
            if !may_be_compound(before, particle) {
                continue;
            }
            let name = [&*before.stem, &*particle.text].concat();
            let stem = self.vocabulary.met(&name);
            if let Some(stem) = &stem {
                (tokens[at - 1].stem, tokens[at - 1].telling) = (stem.clone(), true);
            }
            found.push(Compound { name, stem });
        }
        found
    }
}

fn may_be_compound(before: &Token, particle: &Token) -> bool {
    const PARTICLES: Words<'_> = Words::of(&["back", "out", "up", "over", "in", "off", "down"]);
    before.is_word() && particle.is_in(PARTICLES) && !before.is_of(List::Empty)
}

struct Scan<'a> {
    lexer: &'a Lexer,
    text: &'a str,
    place: &'a dyn Fn(usize) -> usize,
    at: usize,
    spaced: bool,
    fresh: bool,
    tokens: Vec<Token>,
    /// The word of a key such as "Batch 1" that was read last, and the place of the key.
    key_word: Option<(String, usize)>,
}

/// Nouns whose number is a name: "phase 7", "PR 12".
const NAMED_BY_NUMBER: Words<'_> = Words::of(&[
    "phase",
    "week",
    "day",
    "step",
    "section",
    "line",
    "lines",
    "pr",
    "issue",
    "version",
    "sprint",
    "option",
    "figure",
    "table",
    "chapter",
    "milestone",
    "rfc",
    "stage",
    "release",
    "page",
    "wave",
    "iteration",
    "appendix",
    "ticket",
    "port",
    "task",
    "batch",
    "story",
    "item",
    "gate",
    "round",
    "http",
    "note",
    "v",
]);

impl Scan<'_> {
    fn run(&mut self) {
        while let Some(c) = self.text[self.at..].chars().next() {
            let rest = &self.text[self.at..];
            if c.is_whitespace() {
                self.at += c.len_utf8();
                self.spaced = true;
                self.fresh |= c == '\n';
            } else if c.is_alphanumeric() {
                self.take_run(rest);
            } else if let Some(arrow) =
                ["->", "=>", "⇒", "→", "➜", "➔"].iter().find(|arrow| rest.starts_with(**arrow))
            {
                self.push(arrow.len(), Kind::Sign('→'));
            } else if let Some((sign, length)) = comparison(rest) {
                self.push(length, Kind::Sign(sign));
            } else {
                let sign = match c {
                    '–' | '—' | '‒' => '–',
                    '−' => '-',
                    '’' => '\'',
                    '“' | '”' | '„' | '«' | '»' => '"',
                    '×' => '×',
                    other => other,
                };
                self.push(c.len_utf8(), Kind::Sign(sign));
            }
        }
    }

    /// A key, a date, a number or a word.
    fn take_run(&mut self, rest: &str) {
        let run_end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(rest.len());
        let run = rest[..run_end].trim_end_matches(['.', '-', '_']);
        if let Some(length) = self.date(run) {
            return self.push_date(length);
        }
        if let Some((key, length)) = self.key(rest, run) {
            let word =
                rest[..length].split(' ').next().filter(|word| word.len() < length).map(str::to_lowercase);
            self.key_word = word.map(|word| (word, self.tokens.len()));
            return self.push(length, Kind::Key(key));
        }
        if self.lists_on() {
            let first = run.split(['–', '-']).next().unwrap_or(run);
            if let Some(key) = self.listed_key(first) {
                return self.push(first.len(), Kind::Key(key));
            }
        }
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.take_number(rest, run);
        }
        if crate::words::keys::is_key(run) && !run.contains('_') && run.len() > 3 {
            return self.push(run.len(), Kind::Opaque);
        }
        let end = rest
            .char_indices()
            .find(|(at, c)| {
                let inside =
                    matches!(c, '\'' | '’') && rest[at + c.len_utf8()..].starts_with(char::is_alphabetic);
                !(c.is_alphanumeric() || inside)
            })
            .map_or(rest.len(), |(at, _)| at);
        self.push_word(end);
    }

    fn key(&self, rest: &str, run: &str) -> Option<(u32, usize)> {
        if self.lexer.keys.is_empty() {
            return None;
        }
        let find = |text: &str| self.lexer.keys.get(&text.to_lowercase()).copied();
        let bare_word = run.chars().all(char::is_alphabetic);
        if let Some(key) = (!bare_word).then(|| find(run)).flatten() {
            // "7.3 s" is an amount, whatever the plan calls its tasks; a bare "3" is one too.
            let after = rest[run.len()..].trim_start();
            let amount = run.starts_with(|c: char| c.is_ascii_digit())
                && (!run.contains('.') || numbers::begins_with_unit(after) || self.compares());
            return (!amount).then_some((key, run.len()));
        }
        // "Task 3", "Phase A": the key has a space in it.
        let word = Some(run).filter(|_| bare_word && !self.lexer.key_words.is_empty())?;
        let after = &rest[run.len()..];
        let number = after.strip_prefix(' ').or_else(|| after.strip_prefix(" #"))?;
        let end = number
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
            .unwrap_or(number.len());
        let number = number[..end].trim_end_matches(['.', '-', '_']);
        let length = number.as_ptr() as usize - rest.as_ptr() as usize + number.len();
        if number.is_empty() {
            return None;
        }
        let singular = ["es", "s"].iter().filter_map(|ending| word.strip_suffix(ending));
        std::iter::once(word)
            .chain(singular)
            .filter(|word| self.lexer.key_words.contains(&word.to_lowercase()))
            .find_map(|word| find(&format!("{word} {number}")))
            .map(|key| (key, length))
    }

    /// The "2" of "Batches 1 and 2".
    fn listed_key(&self, run: &str) -> Option<u32> {
        let word = &self.key_word.as_ref()?.0;
        let find = |word: &str| self.lexer.keys.get(&format!("{word} {}", run.to_lowercase())).copied();
        let singular = ["es", "s"].iter().filter_map(|ending| word.strip_suffix(ending));
        std::iter::once(&**word).chain(singular).find_map(find)
    }

    /// Whether what was read last goes on listing keys.
    fn lists_on(&self) -> bool {
        let Some((_, at)) = &self.key_word else { return false };
        let rest = &self.tokens[*at..];
        rest.len() < 16
            && rest.iter().all(|token| {
                matches!(token.kind, Kind::Key(_) | Kind::Sign(',' | '–' | '-' | '&' | '+'))
                    || token.is_any(&["and", "to", "through", "or"])
            })
            && rest.last().is_some_and(|last| !matches!(last.kind, Kind::Key(_)))
    }

    /// Whether a sign of comparison or money stands right before.
    fn compares(&self) -> bool {
        self.tokens.last().is_some_and(|last| {
            matches!(last.kind, Kind::Sign('<' | '>' | '≤' | '≥' | '=' | '$' | '€' | '£' | '~' | '≈'))
        })
    }

    fn date(&self, run: &str) -> Option<usize> {
        let day = run.get(..10)?;
        let ends = !run[10..].starts_with(|c: char| c.is_ascii_digit());
        (ends && day.parse::<Date>().is_ok()).then_some(10)
    }

    fn push_date(&mut self, length: usize) {
        if let Ok(date) = self.text[self.at..self.at + length].parse() {
            self.push(length, Kind::Date(date));
            // What is left of a moment: `T08:12:00Z`, ` 10:30`.
            let rest = &self.text[self.at..];
            if rest.starts_with(['T', 't']) {
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '+' | '-')))
                    .unwrap_or(rest.len());
                self.push(end, Kind::Opaque);
            }
        }
    }

    fn take_number(&mut self, rest: &str, run: &str) {
        let dots = run.matches('.').count();
        let named = self.tokens.last().is_some_and(|last| {
            last.is_in(NAMED_BY_NUMBER) || last.is_sign('#') || (last.is_sign('§') && !self.spaced)
        });
        let clock = rest.len() > 3
            && rest.find(':').is_some_and(|at| {
                (1..=2).contains(&at)
                    && rest[..at].bytes().all(|b| b.is_ascii_digit())
                    && rest[at + 1..].bytes().take(2).filter(u8::is_ascii_digit).count() == 2
            });
        if clock {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len());
            return self.push(end, Kind::Opaque);
        }
        // "severity-2"
        let glued = !self.spaced
            && matches!(self.tokens.as_slice(), [.., word, hyphen]
                if hyphen.is_sign('-') && !hyphen.spaced && numbers::names_by_number(word));
        if glued {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            return self.push(end, Kind::Opaque);
        }
        // Versions, and numbers that are names.
        if (dots >= 2 && run.bytes().all(|b| b.is_ascii_digit() || b == b'.')) || named {
            let length = if named { run.find('-').map_or(run.len(), |at| at.max(1)) } else { run.len() };
            return self.push(length, Kind::Opaque);
        }
        let Some((value, after)) = model::target::take_number(rest) else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            return self.push(length, Kind::Opaque);
        };
        let length = rest.len() - after.len();
        let written = &rest[..length];
        let decimals = written.split('.').nth(1).map_or(0, str::len).min(9) as u8;
        // "3.4k", "2M": thousands and millions; "1st": an ordinal.
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (value, length) = match &after[..letters] {
            "k" | "K" => (value * 1000.0, length + 1),
            "M" => (value * 1_000_000.0, length + 1),
            "st" | "nd" | "rd" | "th" => return self.push(length + letters, Kind::Opaque),
            _ => (value, length),
        };
        self.push(length, Kind::Number(value, decimals));
    }

    fn push_word(&mut self, length: usize) {
        let written = &self.text[self.at..self.at + length];
        if !written.contains(['\'', '’']) {
            return self.push_known(length, written);
        }
        let word = written.to_lowercase().replace('’', "'");
        // "isn't" is "is" and "not"; "the plan's" is "the plan".
        if let Some(verb) = word.strip_suffix("n't") {
            let verb = match verb {
                "ca" => "can",
                "wo" => "will",
                other => other,
            };
            let start = self.at;
            self.push_known(length, verb);
            let span = self.span(start, length);
            let Known { text, stem, lists, .. } = self.lexer.vocabulary.known("not");
            let not = Token { spaced: true, lists, ..Token::other(Kind::Word, text, stem, span) };
            self.tokens.push(not);
            return;
        }
        let word = word.split('\'').next().unwrap_or(&word).to_owned();
        self.push_known(length, &word);
    }

    fn push_known(&mut self, length: usize, word: &str) {
        let Known { text, stem, telling, lists } = self.lexer.vocabulary.known(word);
        self.push_token(length, |span| Token {
            telling,
            lists,
            ..Token::other(Kind::Word, text, stem, span)
        });
    }

    fn push(&mut self, length: usize, kind: Kind) {
        let written = &self.text[self.at..self.at + length];
        let text = match written.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            true => self.lexer.word(&written.to_lowercase()),
            false => self.lexer.word(written),
        };
        let none = self.lexer.vocabulary.none();
        self.push_token(length, |span| Token::other(kind, text, none, span));
    }

    fn push_token(&mut self, length: usize, token: impl FnOnce(Span) -> Token) {
        let token = token(self.span(self.at, length));
        self.tokens.push(Token { spaced: self.spaced, fresh: self.fresh, ..token });
        self.at += length;
        self.spaced = false;
        self.fresh = false;
    }

    fn span(&self, at: usize, length: usize) -> Span {
        let start = (self.place)(at);
        let last = at + self.text[at..at + length].chars().next_back().map_or(0, |c| length - c.len_utf8());
        let width = at + length - last;
        Span::new(start, ((self.place)(last) + width).max(start))
    }
}

/// A sign that compares, in the one form it is known by.
fn comparison(rest: &str) -> Option<(char, usize)> {
    const SIGNS: &[(&str, char)] = &[
        ("<=", '≤'),
        (">=", '≥'),
        ("==", '='),
        ("≤", '≤'),
        ("≥", '≥'),
        ("⩽", '≤'),
        ("⩾", '≥'),
        ("≈", '~'),
        ("±", '~'),
    ];
    SIGNS.iter().find(|(text, _)| rest.starts_with(text)).map(|(text, sign)| (*sign, text.len()))
}

//! Words as they are met: each kept once, with its stem, and compared by a number. A report of a hundred
//! kilobytes is some thirty thousand words, and a few hundred different ones.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

use super::roots::root;
use super::stems::stem;
use super::words::{forms_of, is_telling, lists_of};

/// A word of one vocabulary; alike where the letters are.
#[derive(Clone)]
pub(crate) struct Word(Rc<Letters>);

struct Letters {
    text: Box<str>,
    number: u32,
}

impl Word {
    /// The position of the word in its vocabulary.
    pub(crate) fn number(&self) -> usize {
        self.0.number as usize
    }
}

impl Deref for Word {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Word {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0.number == other.0.number
    }
}

impl Eq for Word {}

impl PartialEq<str> for Word {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        &**self == other
    }
}

impl PartialEq<&str> for Word {
    #[inline]
    fn eq(&self, other: &&str) -> bool {
        &**self == *other
    }
}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.number.hash(state);
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A map by words or other small numbers that follow one another: nobody can choose them, so they
/// need no hash that withstands choosing.
pub(crate) type ByNumber<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// Spreads small numbers over all bits.
#[derive(Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.write_u64(u64::from(number));
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    #[inline]
    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}

/// What is known of a word from its letters alone.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// In small letters.
    pub(crate) text: Word,
    /// What words of one family share.
    pub(crate) stem: Word,
    /// Whether it means something for what is measured.
    pub(crate) telling: bool,
    /// The lists it is in.
    pub(crate) lists: u32,
}

/// The words that were met.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    none: OnceCell<Word>,
    words: RefCell<HashMap<Box<str>, Word>>,
    known: RefCell<HashMap<Box<str>, Known>>,
    /// The stems of the plan by their roots, once the plan is read; none where two share one.
    of_plan: OnceCell<HashMap<String, Option<Word>>>,
    /// How many words the plan has.
    plan_words: OnceCell<usize>,
}

impl Vocabulary {
    /// Says that what was met so far is the plan: what a report calls otherwise is read by the plan's word.
    pub(crate) fn settle(&self) {
        let mut by_root: HashMap<String, Option<Word>> = HashMap::new();
        for known in self.known.borrow().values().filter(|known| known.telling) {
            let stem =
                by_root.entry(root(&known.text, &known.stem)).or_insert_with(|| Some(known.stem.clone()));
            if stem.as_ref() != Some(&known.stem) {
                *stem = None;
            }
        }
        // A second plan's words come with the first one's; nothing is settled twice.
        let _ = self.of_plan.set(by_root);
        let _ = self.plan_words.set(self.words.borrow().len());
    }

    /// Whether a word was met before the plan was settled.
    pub(crate) fn is_of_plan(&self, word: &Word) -> bool {
        self.plan_words.get().is_none_or(|count| word.number() < *count)
    }

    /// What the plan calls a word that it does not know itself.
    fn called(&self, word: &str, stem: &str) -> Option<Word> {
        let by_root = self.of_plan.get()?;
        by_root.get(&root(word, stem))?.clone()
    }

    /// The word without letters.
    pub(crate) fn none(&self) -> Word {
        self.none.get_or_init(|| self.word("")).clone()
    }

    /// A word in small letters, taken as it is.
    pub(crate) fn word(&self, text: &str) -> Word {
        let mut words = self.words.borrow_mut();
        if let Some(known) = words.get(text) {
            return known.clone();
        }
        let word = Word(Rc::new(Letters { text: text.into(), number: words.len() as u32 }));
        words.insert(text.into(), word.clone());
        word
    }

    /// The stem of a word that was met before.
    pub(crate) fn met(&self, text: &str) -> Option<Word> {
        let known = self.known.borrow();
        let plural = || known.get([text, "s"].concat().as_str());
        known.get(text).or_else(plural).map(|known| known.stem.clone())
    }

    /// A word in any letters, with what is known of it.
    pub(crate) fn known(&self, text: &str) -> Known {
        if let Some(known) = self.known.borrow().get(text) {
            return known.clone();
        }
        let small = text.to_lowercase().replace('’', "'");
        let stem = stem(&small);
        let (telling, lists) = (is_telling(&small, &stem), lists_of(&small));
        let own = self.words.borrow().contains_key(&*stem);
        // Words of targets, changes and the like are read as such, whatever the plan calls them.
        let called = if telling && lists == 0 && !own { self.called(&small, &stem) } else { None };
        let stem = called.unwrap_or_else(|| self.word(&stem));
        let lists = lists | forms_of(&small);
        let known = Known { text: self.word(&small), stem, telling, lists };
        self.known.borrow_mut().insert(text.into(), known.clone());
        if *small != *text {
            self.known.borrow_mut().insert(small.into(), known.clone());
        }
        known
    }
}

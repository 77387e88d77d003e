//! Which yardstick a figure is about, judged by its words and unit. Where two fit alike, both are
//! given; where none fits well, none is.

use crate::statements::figures::{Figure, Role};
use crate::statements::numbers::Unit;

use super::marks::Lexicon;
use super::qualifiers::Qualifiers;
use super::targets;
use super::yardsticks::{DemandKind, Yardstick};
use crate::statements::vocabulary::{ByNumber, Word};

/// What a figure is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fit {
    /// These yardsticks, which it fits alike.
    Same(Vec<usize>),
    /// The yardstick's measure but for a qualifier: the plan's word and the report's.
    Other {
        yardstick: usize,
        ours: Word,
        theirs: Word,
    },
    Nothing,
}

/// The words around a figure that its own sentence does not hold.
#[derive(Debug, Default, Clone)]
pub(super) struct Surround {
    /// The outer item, or the line that introduces the list.
    pub(super) above: Vec<Word>,
    /// The headings above, nearest first.
    pub(super) headings: Vec<Word>,
}

/// Holds figures against yardsticks by name.
pub(super) struct Fitter<'a> {
    yardsticks: &'a [Yardstick],
    lexicon: Lexicon,
    /// Each yardstick's words.
    names: Vec<Name>,
    /// Yardsticks with one and the same core: what depends on the core is judged once for all.
    groups: Vec<Group>,
    /// Which groups have a word in their core.
    groups_of: ByNumber<u32, Vec<usize>>,
    /// Which yardsticks have a word anywhere in their names.
    known_by: ByNumber<u32, Vec<usize>>,
    /// In how many yardsticks a word is.
    common: Vec<u32>,
    /// The most of any core that a word can make up.
    share: Vec<f64>,
    /// Words of yardsticks that name what a unit measures.
    kinds: Vec<(u32, Unit)>,
    /// The word of what passes, where a yardstick has it: what fails speaks of it too.
    passing: Option<u32>,
    /// The tier in which each word is said first, of the figure that is being fitted.
    tier_of: Vec<u8>,
}

/// The words of a yardstick as numbers.
#[derive(Debug)]
struct Name {
    group: usize,
    beside: Vec<u32>,
    /// Whether it counts what went wrong.
    turned: bool,
}

#[derive(Debug)]
struct Group {
    core: Vec<u32>,
    total: f64,
    /// The noun that the other words tell more of, where no other core has it.
    head: Option<u32>,
    free: bool,
    members: Vec<usize>,
    /// The members by the words beside their core.
    by_beside: ByNumber<u32, Vec<usize>>,
}

/// So much of a core's weight must be said.
const ENOUGH: f64 = 0.499;

/// So many yardsticks of one core are looked through one by one.
const MANY: usize = 8;

impl Group {
    /// The members of which more is said than their core.
    fn named(&self, said: &[Vec<u32>]) -> Vec<usize> {
        let said = said.iter().flatten();
        let mut found: Vec<usize> =
            said.filter_map(|word| self.by_beside.get(word)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The words of a figure as numbers.
struct Spoken {
    near: Vec<u32>,
    tiers: [Vec<u32>; 5],
    /// Words that a yardstick must know, or the figure is about something else.
    required: Vec<u32>,
    turned: bool,
    /// Whether it counts what did not pass; what was skipped is another thing.
    failing: bool,
    free: bool,
    /// Words that name what its unit measures: whoever says megabytes speaks of a size.
    kinds: Vec<u32>,
    counted: bool,
    /// The words of its label that may tell it from a thing of the same noun.
    label: Vec<u32>,
    /// Whether any word may be a qualifier.
    may_qualify: bool,
}

/// How well a figure fits a core.
#[derive(Debug, Clone, Copy)]
struct CoreFit {
    /// Where in the noun phrase behind the number the core begins.
    first: usize,
    tier: u8,
    score: f64,
    /// Nothing nearer than what stands above names it.
    far: bool,
    /// Only its noun is said, and no other yardstick has that.
    by_head: bool,
}

/// A word that is not said.
const UNSAID: u8 = u8::MAX;

impl<'a> Fitter<'a> {
    pub(super) fn new(yardsticks: &'a [Yardstick]) -> Self {
        let mut lexicon = Lexicon::default();
        let (mut names, mut groups): (Vec<Name>, Vec<Group>) = (Vec::new(), Vec::new());
        let mut by_core: ByNumber<Vec<u32>, usize> = ByNumber::default();
        let mut groups_of: ByNumber<u32, Vec<usize>> = ByNumber::default();
        let mut known_by: ByNumber<u32, Vec<usize>> = ByNumber::default();
        let mut common: Vec<u32> = Vec::new();
        for (at, yardstick) in yardsticks.iter().enumerate() {
            let (core, mut beside) = (lexicon.numbers(&yardstick.core), lexicon.numbers(&yardstick.beside));
            beside.retain(|word| !core.contains(word));
            beside.sort_unstable();
            beside.dedup();
            let turned = core.iter().chain(&beside).any(|word| lexicon.marks(*word).turned);
            let mut seen: Vec<u32> = core.clone();
            seen.sort_unstable();
            seen.dedup();
            for word in &seen {
                common.resize(common.len().max(*word as usize + 1), 0);
                common[*word as usize] += 1;
            }
            let group = *by_core.entry(core.clone()).or_insert_with(|| {
                for word in &seen {
                    groups_of.entry(*word).or_default().push(groups.len());
                }
                let free = core.iter().any(|word| lexicon.marks(*word).free);
                groups.push(Group {
                    core,
                    total: 0.0,
                    head: None,
                    free,
                    members: Vec::new(),
                    by_beside: ByNumber::default(),
                });
                groups.len() - 1
            });
            groups[group].members.push(at);
            for word in &beside {
                groups[group].by_beside.entry(*word).or_default().push(at);
            }
            seen.extend(&beside);
            seen.sort_unstable();
            seen.dedup();
            for word in seen {
                known_by.entry(word).or_default().push(at);
            }
            names.push(Name { group, beside, turned });
        }
        let mut share = vec![0.0_f64; common.len()];
        for group in &mut groups {
            group.total = group.core.iter().map(|word| weight(&common, *word)).sum();
            let own = |word: &&u32| common.get(**word as usize) == Some(&1);
            group.head = group.core.last().filter(own).copied();
            for word in &group.core {
                let own = weight(&common, *word) / group.total;
                share[*word as usize] = share[*word as usize].max(own);
            }
        }
        let tier_of = vec![UNSAID; lexicon.len()];
        let passing = yardsticks.iter().flat_map(|one| &one.core).find(|word| **word == "pass");
        let passing = passing.map(|word| word.number() as u32);
        let mut kinds: Vec<(u32, Unit)> = Vec::new();
        for word in yardsticks.iter().flat_map(|one| &one.core) {
            kinds.extend(super::levels::units_of(word).map(|unit| (word.number() as u32, unit)));
        }
        kinds.sort_unstable();
        kinds.dedup();
        Self {
            kinds,
            yardsticks,
            lexicon,
            names,
            groups,
            groups_of,
            known_by,
            common,
            share,
            passing,
            tier_of,
        }
    }

    /// What a figure is about.
    pub(super) fn fit(&mut self, figure: &Figure, surround: &Surround) -> Fit {
        if figure.role == Role::Aside {
            return Fit::Nothing;
        }
        let spoken = self.spoken(figure, surround);
        let mut best = self.candidates(figure, &spoken, surround, true);
        best.sort_unstable_by_key(|(_, at)| *at);
        // Where nothing of what is named alike agrees, all of the same core are looked at.
        let decided = self.decide(figure, surround, &spoken, &best, false);
        if let Some(fit) = decided {
            return fit;
        }
        let mut best = self.candidates(figure, &spoken, surround, false);
        best.sort_unstable_by_key(|(_, at)| *at);
        self.decide(figure, surround, &spoken, &best, true).unwrap_or(Fit::Nothing)
    }

    /// What the best of some candidates are; nothing where that takes all of them to say.
    fn decide(
        &self,
        figure: &Figure,
        surround: &Surround,
        spoken: &Spoken,
        best: &[(f64, usize)],
        all: bool,
    ) -> Option<Fit> {
        if best.is_empty() {
            let only = || Some(Fit::Same(vec![self.by_percentile(figure)?]));
            return if all { only() } else { None };
        }
        let carried =
            if spoken.may_qualify { qualifiers_of(figure, surround) } else { Qualifiers::default() };
        let top = best.iter().map(|(score, _)| *score).fold(0.0, f64::max);
        let is_top = |score: f64| score >= top - 1e-9;
        // Of those that fit alike, the ones whose qualifiers agree.
        let agreeing: Vec<(f64, usize)> = best
            .iter()
            .filter(|(score, _)| *score >= top * 0.6)
            .filter(|(_, at)| {
                let own = &self.yardsticks[*at].qualifiers;
                !own.against(&carried) && !(own.silent_about(&carried))
            })
            .copied()
            .collect();
        let places = |those: &mut dyn Iterator<Item = &(f64, usize)>| those.map(|(_, at)| *at).collect();
        let agreeing_top: Vec<usize> = places(&mut agreeing.iter().filter(|(score, _)| is_top(*score)));
        if !agreeing_top.is_empty() {
            return Some(Fit::Same(agreeing_top));
        }
        if !all {
            return None;
        }
        if !agreeing.is_empty() && !carried.is_empty() {
            return Some(Fit::Same(places(&mut agreeing.iter())));
        }
        for (_, at) in best.iter().filter(|(score, _)| is_top(*score)) {
            if let Some((ours, theirs)) = self.yardsticks[*at].qualifiers.clash(&carried) {
                return Some(Fit::Other { yardstick: *at, ours: ours.clone(), theirs: theirs.clone() });
            }
        }
        None
    }

    fn spoken(&mut self, figure: &Figure, surround: &Surround) -> Spoken {
        let mut words = |words: &[Word]| self.lexicon.numbers(words);
        let near = words(&figure.near);
        // What is said to reach a target is about the target that the sentence names.
        let mut outside = words(&figure.outside);
        if figure.offered {
            outside.extend(words(&figure.sentence));
        }
        let tiers =
            [near.clone(), words(&figure.around), outside, words(&surround.above), words(&surround.headings)];
        let (mut tiers, failing) = (tiers, counts_failures(figure));
        tiers[1].extend(self.passing.filter(|_| failing));
        let mut words = |words: &[Word]| self.lexicon.numbers(words);
        let kinds = self.kinds.iter().filter(|(_, unit)| *unit == figure.unit).map(|(word, _)| *word);
        let kinds = kinds.collect();
        let sentence = words(&figure.sentence);
        let label = words(&figure.label);
        let scopes: Vec<u32> = figure.scopes.iter().flat_map(|phrase| words(phrase)).collect();
        let marks = |word: &u32| self.lexicon.marks(*word);
        let limits = tiers[..3].iter().flatten().filter(|word| marks(word).part);
        let mut required: Vec<u32> = limits.copied().collect();
        if !figure.offered {
            let narrows = |word: &&u32| !marks(word).whole && !marks(word).qualifier;
            required.extend(scopes.iter().filter(narrows));
        }
        let tells = |word: &u32| {
            let marks = marks(word);
            !marks.whole && !marks.tool && !marks.may_qualify && !marks.turned
        };
        Spoken {
            required,
            label: label.into_iter().filter(tells).collect(),
            failing,
            turned: figure.lacking || tiers[..2].iter().flatten().any(|word| marks(word).turned),
            free: sentence.iter().any(|word| marks(word).free),
            kinds,
            counted: figure.unit == Unit::Count && !figure.near.is_empty(),
            may_qualify: tiers.iter().flatten().chain(&sentence).any(|word| marks(word).may_qualify),
            near,
            tiers,
        }
    }

    /// The yardsticks whose words fit, with how well they do.
    /// Of many with one core, only those with more of their name said, where `named` asks for that: no
    /// other of them can fit better.
    fn candidates(
        &mut self,
        figure: &Figure,
        spoken: &Spoken,
        surround: &Surround,
        named: bool,
    ) -> Vec<(f64, usize)> {
        self.tier_of.resize(self.lexicon.len(), UNSAID);
        for (tier, words) in spoken.tiers.iter().enumerate().rev() {
            for word in words {
                self.tier_of[*word as usize] = tier as u8;
            }
        }
        let mut found = Vec::new();
        let mut own = None;
        let mut take = |at: usize, fit: CoreFit| {
            let qualified = || {
                let own = own.get_or_insert_with(|| own_qualifiers(figure, surround));
                !own.silent_about(&self.yardsticks[at].qualifiers)
            };
            let score = self.score(figure, spoken, at, fit, qualified);
            found.extend(score.map(|score| (score, at)));
            score.is_some()
        };
        let nobody = Vec::new();
        let rarest = spoken
            .required
            .iter()
            .map(|word| self.known_by.get(word).unwrap_or(&nobody))
            .min_by_key(|at| at.len());
        match rarest {
            Some(few) => {
                let mut fits: ByNumber<usize, Option<CoreFit>> =
                    ByNumber::with_capacity_and_hasher(few.len(), Default::default());
                for at in few.iter().filter(|at| self.knows(**at, &spoken.required)) {
                    let group = self.names[*at].group;
                    let core = || self.core_fit(&self.groups[group], spoken);
                    if let Some(fit) = *fits.entry(group).or_insert_with(core) {
                        take(*at, fit);
                    }
                }
            }
            None => {
                let touched = self.touched(spoken);
                for group in touched {
                    let group = &self.groups[group];
                    let Some(fit) = self.core_fit(group, spoken) else { continue };
                    let few = named && fit.tier <= 2 && group.members.len() > MANY;
                    let mut any = false;
                    for at in few.then(|| group.named(&spoken.tiers[..3])).into_iter().flatten() {
                        any |= take(at, fit);
                    }
                    if !any {
                        group.members.iter().for_each(|at| {
                            take(*at, fit);
                        });
                    }
                }
            }
        }
        for word in spoken.tiers.iter().flatten() {
            self.tier_of[*word as usize] = UNSAID;
        }
        found
    }

    /// Whether a yardstick knows all of some words.
    fn knows(&self, at: usize, words: &[u32]) -> bool {
        let name = &self.names[at];
        let core = &self.groups[name.group].core;
        words.iter().all(|word| core.contains(word) || name.beside.contains(word))
    }

    /// The groups that some words may fit: words of many cores reach none where together they make up
    /// too little of any.
    fn touched(&self, spoken: &Spoken) -> Vec<usize> {
        let of = |word: &u32| self.groups_of.get(word).map_or(&[][..], Vec::as_slice);
        let mut said: Vec<u32> = spoken.tiers.iter().flatten().copied().collect();
        said.sort_unstable();
        said.dedup();
        said.sort_unstable_by_key(|word| std::cmp::Reverse(of(word).len()));
        // The commonest are left out first, as long as all that is left out could fit nothing together.
        let mut left_out = 0.0;
        let telling = said.iter().position(|word| {
            left_out += self.share.get(*word as usize).copied().unwrap_or_default();
            left_out >= ENOUGH || of(word).len() <= MANY
        });
        let telling = &said[telling.unwrap_or(said.len())..];
        let mut touched: Vec<usize> = telling.iter().flat_map(of).copied().collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// "The p99 is at 380 ms": a percentile names a measure where only one yardstick has it.
    fn by_percentile(&self, figure: &Figure) -> Option<usize> {
        let named = |word: &&Word| {
            word.len() > 1 && word.starts_with('p') && word[1..].bytes().all(|byte| byte.is_ascii_digit())
        };
        let word = figure.sentence.iter().find(named)?;
        if figure.sentence.iter().filter(named).count() > 1 || figure.unit != Unit::Seconds {
            return None;
        }
        let mut those = self.yardsticks.iter().enumerate().filter(|(_, one)| one.qualifiers.names(word));
        let first = those.next().filter(|(_, one)| units_agree(figure, one) && !narrowed(figure, one))?;
        those.next().is_none().then_some(first.0)
    }

    /// How well the words fit a core, nearer words first; nothing where they do not.
    fn core_fit(&self, group: &Group, spoken: &Spoken) -> Option<CoreFit> {
        let core = &group.core;
        let first = match spoken.counted {
            true => spoken.near.iter().position(|word| core.contains(word))?,
            false => 0,
        };
        // "crash-free" and "crash" are opposites.
        if group.free != spoken.free && (group.free || spoken.near.iter().any(|word| core.contains(word))) {
            return None;
        }
        let tier_of = |word: &u32| self.tier_of[*word as usize];
        let nearest = core.iter().map(tier_of).min().unwrap_or(UNSAID);
        (0..5_u8).find_map(|tier| {
            let by_unit = |word: &u32| core.len() > 1 && spoken.kinds.contains(word);
            let said = core.iter().filter(|word| tier_of(word) <= tier || by_unit(word));
            let got: f64 = said.map(|word| weight(&self.common, *word)).sum();
            let enough = got / group.total >= ENOUGH;
            let by_head = !enough && tier <= 1 && group.head.is_some_and(|head| tier_of(&head) <= tier);
            let fits = nearest <= tier && (enough || by_head);
            let nearness = [0.25, 0.2, 0.15, 0.05, 0.0][usize::from(tier)];
            let score = got / group.total + nearness;
            fits.then_some(CoreFit { first, tier, score, far: nearest > 2, by_head })
        })
    }

    /// How well the words fit a yardstick, given how well they fit its core.
    fn score(
        &self,
        figure: &Figure,
        spoken: &Spoken,
        at: usize,
        fit: CoreFit,
        qualified: impl FnOnce() -> bool,
    ) -> Option<f64> {
        let (yardstick, name) = (&self.yardsticks[at], &self.names[at]);
        let agrees = || {
            polarity_agrees(spoken, name.turned, yardstick, figure)
                || targets::tells_passing(yardstick, figure)
        };
        if !units_agree(figure, yardstick) || !agrees() {
            return None;
        }
        let core = &self.groups[name.group].core;
        let known = |word: &u32| core.contains(word) || name.beside.contains(word);
        if !spoken.required.iter().all(known) {
            return None;
        }
        if spoken.counted {
            let next = spoken.near.get(fit.first + 1);
            if next.is_some_and(|next| self.lexicon.marks(*next).head && !known(next)) {
                return None;
            }
            // "ESLint warnings" are lint warnings.
            let counts_one_thing = core.iter().filter(|word| !self.lexicon.marks(**word).tool).count() == 1;
            let strange = spoken.near[..fit.first].iter().any(|word| {
                let marks = self.lexicon.marks(*word);
                !(known(word) || marks.qualifier || marks.tool && counts_one_thing)
            });
            // A count of all findings is none of the critical ones.
            if strange || !yardstick.qualifiers.is_empty() && !qualified() {
                return None;
            }
        }
        // "64 tests were written" says nothing of the flaky ones.
        let unsaid = |word: &&u32| self.tier_of[**word as usize] == UNSAID;
        let narrower = core.iter().filter(unsaid).map(|word| self.lexicon.marks(*word));
        if spoken.counted && !spoken.turned && narrower.into_iter().any(|marks| marks.part || marks.turned) {
            return None;
        }
        // A noun shared with a demand is not enough where the label has words of its own.
        if figure.unit == Unit::Count && core.len() == 1 && !spoken.label.iter().all(known) {
            return None;
        }
        let known_or_whole = |word: &u32| known(word) || self.lexicon.marks(*word).whole;
        if fit.by_head && !spoken.tiers[..3].iter().flatten().all(known_or_whole) {
            return None;
        }
        // Far words alone do not name a figure that has words of its own.
        if fit.far && spoken.tiers[..3].iter().flatten().filter(|word| !known(word)).count() > 1 {
            return None;
        }
        let said = |tier: u8| name.beside.iter().filter(|word| self.tier_of[**word as usize] <= tier).count();
        // Of two that fit alike, the one whose other words the sentence says too.
        Some(fit.score + 0.02 * said(fit.tier).min(5) as f64 + 0.001 * said(2.max(fit.tier)) as f64)
    }
}

fn weight(common: &[u32], word: u32) -> f64 {
    1.0 / f64::from(common.get(word as usize).copied().unwrap_or(1).max(1))
}

/// The qualifiers of each tier, nearest first.
fn own_qualifiers(figure: &Figure, surround: &Surround) -> Qualifiers {
    let mut own = Qualifiers::default();
    for words in [&figure.near, &figure.around, &figure.outside, &surround.above, &surround.headings] {
        own.add(words);
    }
    own
}

/// Whether a figure is said of a part, an occasion or a place that the yardstick does not speak of.
fn narrowed(figure: &Figure, yardstick: &Yardstick) -> bool {
    let known = |word: &Word| {
        yardstick.core.contains(word)
            || yardstick.beside.contains(word)
            || super::marks::WHOLES.contains(&&**word)
            || super::qualifiers::is_qualifier(word)
    };
    figure.scopes.iter().any(|phrase| !phrase.iter().all(known))
}

/// The qualifiers a figure carries: those beside it, else the only one of its sentence, else those of
/// the headings above.
pub(super) fn qualifiers_of(figure: &Figure, surround: &Surround) -> Qualifiers {
    let mut carried = Qualifiers::default();
    let mut own: Vec<Word> = figure.near.clone();
    own.extend(figure.around.iter().cloned());
    carried.add(&own);
    own.extend(figure.outside.iter().cloned());
    carried.add(&own);
    carried.add(&figure.sentence);
    carried.add(&surround.above);
    carried.add(&surround.headings);
    carried
}

/// Whether nothing but its words stands against a figure's being about a yardstick.
pub(super) fn may_be_about(figure: &Figure, yardstick: &Yardstick, surround: &Surround) -> bool {
    let carried = qualifiers_of(figure, surround);
    let free = |words: &[Word]| words.iter().any(|word| *word == "free");
    // What is skipped or ignored is no part of what is counted elsewhere.
    let counted = !matches!(figure.unit, Unit::Count | Unit::Percent)
        || figure.near.iter().chain(&figure.around).all(|word| {
            !super::marks::TURNED.contains(&&**word)
                || matches!(&**word, "fail" | "error")
                || yardstick.core.contains(word)
                || yardstick.beside.contains(word)
        });
    counted
        && units_agree(figure, yardstick)
        && !yardstick.qualifiers.against(&carried)
        && !yardstick.qualifiers.silent_about(&carried)
        && !yardstick.demand.is_some_and(|demand| demand.kind == DemandKind::All && figure.whole.is_none())
        && (free(&yardstick.core) || free(&yardstick.beside)) == free(&figure.sentence)
        && (!matches!(figure.unit, Unit::Count | Unit::Percent)
            || counts_failures(figure) == turned(yardstick)
            || targets::tells_passing(yardstick, figure))
}

/// Whether a word says nothing of a part, an occasion or a place.
pub(super) fn tells_no_part(word: &Word) -> bool {
    super::marks::WHOLES.contains(&&**word) || super::qualifiers::is_qualifier(word)
}

/// Whether a yardstick counts what went wrong.
fn turned(yardstick: &Yardstick) -> bool {
    let words = || yardstick.core.iter().chain(&yardstick.beside);
    words()
        .any(|word| matches!(&**word, "fail" | "error" | "missing" | "uncover" | "undocument" | "unresolv"))
}

/// Whether the yardstick measures in the figure's unit, or in changes of it.
fn units_agree(figure: &Figure, yardstick: &Yardstick) -> bool {
    let baseline = yardstick.baseline.is_some_and(|(_, unit, _)| unit == figure.unit);
    let Some(demand) = &yardstick.demand else { return baseline };
    match (demand.kind, figure.role) {
        (DemandKind::All, Role::Change(_)) if demand.whole.is_none() => false,
        (_, Role::Change(_)) if matches!(figure.unit, Unit::Percent | Unit::Times) => true,
        (DemandKind::Change(_), _) => figure.unit != Unit::Percent || figure.role == Role::Wanted || baseline,
        (DemandKind::All, _) => matches!(figure.unit, Unit::Count | Unit::Percent),
        (DemandKind::Level, _) => {
            demand.unit == figure.unit
                || baseline
                || figure.role == Role::Now && targets::tells_passing(yardstick, figure)
                || (figure.unit == Unit::Points && demand.unit == Unit::Percent)
        }
    }
}

/// Whether a figure about failing is held against a yardstick about failing, and the other way round.
fn polarity_agrees(spoken: &Spoken, own: bool, yardstick: &Yardstick, figure: &Figure) -> bool {
    // What fails is told by its failing.
    let says = |word: &Word| *word != "fail" || figure.sentence.contains(word);
    let named = yardstick.core.iter().chain(&yardstick.beside).all(says);
    let turned = spoken.turned;
    turned == own
        || yardstick.demand.is_some_and(|demand| {
            demand.kind == DemandKind::All || (spoken.failing && demand.rest().is_some())
        })
        || (own && !turned && named)
}

/// Whether a figure counts what did not pass.
pub(super) fn counts_failures(figure: &Figure) -> bool {
    const TURNED: &[&str] = &["fail", "error", "missing", "uncover", "undocument", "unresolv"];
    figure.lacking || figure.near.iter().chain(&figure.around).any(|word| TURNED.contains(&&**word))
}

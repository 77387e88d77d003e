//! The streams' part of an audit: chain, heads, the store's own record, positions, pins.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::digest::Digest;
use model::ids::{PlanId, Seq};

use super::Audited;
use super::finding::Finding;
use super::pin::Pin;
use crate::replay;
use crate::store_event::StoreEvent;
use crate::stored::{Head, Line};

/// What is known about every stream while lines go by.
pub(super) struct Streams {
    order: Vec<PlanId>,
    streams: HashMap<PlanId, Stream>,
    /// The stream of the last line, and its id as text: lines of a stream come together.
    last: Option<(Vec<u8>, PlanId)>,
    pins: BTreeMap<(PlanId, u64), Vec<Digest>>,
    pins_held: usize,
    made: BTreeSet<PlanId>,
    removed: BTreeMap<PlanId, (Seq, Digest)>,
    purged: BTreeSet<Digest>,
    positions: Positions,
    events: u64,
    findings: Vec<Finding>,
}

#[derive(Default)]
struct Stream {
    head: Option<Head>,
    seq: Seq,
    digest: Digest,
    position: u64,
    /// The first thing wrong; everything after it would be reported for its sake.
    wrong: Option<Finding>,
}

impl Streams {
    pub(super) fn new(pins: &[Pin]) -> Self {
        let mut wanted: BTreeMap<(PlanId, u64), Vec<Digest>> = BTreeMap::new();
        for pin in pins {
            wanted.entry((pin.plan, pin.seq.0)).or_default().push(pin.digest);
        }
        Self {
            order: Vec::new(),
            streams: HashMap::new(),
            last: None,
            pins: wanted,
            pins_held: 0,
            made: BTreeSet::new(),
            removed: BTreeMap::new(),
            purged: BTreeSet::new(),
            positions: Positions::default(),
            events: 0,
            findings: Vec::new(),
        }
    }

    pub(super) fn head(&mut self, head: &Head) {
        if !self.streams.contains_key(&head.plan) {
            self.order.push(head.plan);
        }
        self.streams.entry(head.plan).or_default().head = Some(*head);
    }

    /// Takes a line; gives whose it is where it is sound.
    pub(super) fn line(&mut self, line: &Line<'_>) -> Option<(PlanId, Seq)> {
        self.events += 1;
        let plan = match &self.last {
            Some((text, plan)) if text == line.plan => *plan,
            _ => {
                let Some(plan) = std::str::from_utf8(line.plan).ok().and_then(|text| text.parse().ok())
                else {
                    self.findings.push(Finding::store("an event names no readable plan"));
                    return None;
                };
                self.last = Some((line.plan.to_vec(), plan));
                plan
            }
        };
        if !self.positions.take(line.position) {
            self.findings.push(Finding::event(
                plan,
                Seq(line.seq.max(0) as u64),
                "shares its position with another event",
            ));
        }
        let stream = self.streams.entry(plan).or_insert_with(|| {
            self.order.push(plan);
            Stream::default()
        });
        if stream.wrong.is_some() {
            return None;
        }
        if let Err(finding) = stream.take(plan, line) {
            stream.wrong = Some(finding);
            return None;
        }
        let (seq, digest) = (stream.seq, stream.digest);
        if let Some(pinned) = self.pins.remove(&(plan, seq.0)) {
            if pinned.iter().all(|pin| *pin == digest) {
                self.pins_held += pinned.len();
            } else {
                stream.wrong = Some(Finding::event(
                    plan,
                    seq,
                    "does not have the pinned digest: history was written anew",
                ));
                return None;
            }
        }
        if plan == PlanId::STORE {
            self.note(line.event);
        }
        Some((plan, seq))
    }

    fn note(&mut self, event: &[u8]) {
        match StoreEvent::from_bytes(event) {
            Some(StoreEvent::PlanMade { plan }) => {
                self.made.insert(plan);
            }
            Some(StoreEvent::PlanRemoved { plan, seq, digest }) => {
                self.removed.insert(plan, (seq, digest));
            }
            Some(StoreEvent::BlobPurged { digest, .. }) => {
                self.purged.insert(digest);
            }
            Some(StoreEvent::PlanBrought { .. }) | None => {}
        }
    }

    /// Compares with heads, record, pins and positions. Gives the blobs that were purged on record.
    pub(super) fn finish(mut self, given: u64, audited: &mut Audited) -> BTreeSet<Digest> {
        let mut events_gone = 0;
        for plan in &self.order {
            let stream = &self.streams[plan];
            let removed = self.removed.get(plan);
            if let Some((seq, _)) = removed {
                events_gone += seq.0;
            }
            let made = *plan == PlanId::STORE || self.made.contains(plan);
            match stream.judge(*plan, made, removed) {
                Some(finding) => self.findings.push(finding),
                None if removed.is_some() => audited.removed += 1,
                None => {
                    audited.plans += usize::from(*plan != PlanId::STORE);
                    audited.heads.push(Pin { plan: *plan, seq: stream.seq, digest: stream.digest });
                }
            }
        }
        for plan in self.made.difference(&self.streams.keys().copied().collect()) {
            self.findings.push(Finding::event(
                *plan,
                Seq(1),
                "is missing: the whole plan vanished, and nobody removed it",
            ));
        }
        let broken: BTreeSet<PlanId> =
            self.streams.iter().filter(|(_, stream)| stream.wrong.is_some()).map(|(plan, _)| *plan).collect();
        for (plan, seq) in self.pins.into_keys().filter(|(plan, _)| !broken.contains(plan)) {
            let what = match self.removed.get(&plan) {
                Some(_) => "is pinned, and its plan was removed since",
                None => "is pinned, and missing: the tail was cut off",
            };
            self.findings.push(Finding::event(plan, Seq(seq), what));
        }
        if self.findings.is_empty()
            && let Some(what) = self.positions.judge(given, events_gone)
        {
            self.findings.push(Finding::store(&what));
        }
        audited.events = self.events;
        audited.pins = self.pins_held;
        audited.findings.append(&mut self.findings);
        self.purged
    }
}

impl Stream {
    fn take(&mut self, plan: PlanId, line: &Line<'_>) -> Result<(), Finding> {
        let seq = self.seq.next();
        let found = line.seq;
        if found != seq.0 as i64 {
            let what = if found > seq.0 as i64 {
                format!("is missing: event {found} follows event {}", self.seq)
            } else {
                format!("is out of order: an event numbered {found} follows event {}", self.seq)
            };
            return Err(Finding::event(plan, seq, &what));
        }
        let bad = |what: &str| Err(Finding::event(plan, seq, what));
        if line.prev != self.digest.as_bytes() {
            return bad("does not follow the event before it: one was changed, removed or inserted");
        }
        if line.digest != line.computed().as_bytes() {
            return bad("does not have its digest: event, actor, cause or time was changed");
        }
        if !line.in_place {
            return bad("does not lie where it was written");
        }
        let position = line.position.max(0) as u64;
        if position <= self.position {
            return bad("has a position before that of the event before it");
        }
        self.seq = seq;
        self.position = position;
        self.digest = replay::digest(line.digest).unwrap_or_default();
        Ok(())
    }

    fn judge(&self, plan: PlanId, made: bool, removed: Option<&(Seq, Digest)>) -> Option<Finding> {
        if let Some(finding) = &self.wrong {
            return Some(finding.clone());
        }
        let bad = |seq: Seq, what: &str| Some(Finding::event(plan, seq, what));
        let Some(head) = &self.head else {
            return bad(self.seq, "stands in a stream without a head: it was inserted");
        };
        if !made {
            return bad(Seq(1), "begins a plan that the store's own stream never heard of");
        }
        match removed {
            Some((seq, digest)) if self.seq == Seq(0) => {
                let same = head.removed && head.seq == *seq && head.digest == *digest;
                if same { None } else { bad(*seq, "is not the one that was last when the plan was removed") }
            }
            Some(_) => bad(Seq(1), "is there, and its plan was removed"),
            None if head.removed => bad(
                Seq(1),
                "is missing: the plan reads removed, and the store's own stream knows nothing of it",
            ),
            None if self.seq < head.seq => {
                bad(self.seq.next(), &format!("is missing: the head is event {}", head.seq))
            }
            None if self.seq > head.seq => {
                bad(head.seq.next(), &format!("stands behind the head, event {}", head.seq))
            }
            None if head.digest != self.digest => bad(self.seq, "does not have the digest its head names"),
            None => None,
        }
    }
}

/// Which positions were seen.
#[derive(Default)]
struct Positions {
    seen: Vec<u64>,
    count: u64,
    last: u64,
    odd: bool,
}

/// Positions beyond this are not counted one by one: somebody wrote nonsense.
const MOST: u64 = 1 << 36;

impl Positions {
    /// Takes a position; gives `false` where it was taken before.
    fn take(&mut self, position: i64) -> bool {
        let position = position.max(0) as u64;
        if position == 0 || position > MOST {
            self.odd = true;
            return true;
        }
        let (word, bit) = ((position / 64) as usize, 1 << (position % 64));
        // A single absurd position must not cost the memory of all those below it.
        if word > self.seen.len() + (1 << 20) {
            self.odd = true;
            return true;
        }
        if word >= self.seen.len() {
            self.seen.resize(word + 1, 0);
        }
        let fresh = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        self.count += 1;
        self.last = self.last.max(position);
        fresh
    }

    fn judge(&self, given: u64, gone: u64) -> Option<String> {
        if self.odd || self.last > given {
            return Some("an event has a position that was never given".to_owned());
        }
        (self.count + gone != given).then(|| {
            format!(
                "{given} positions were given, and {} events are there or were removed",
                self.count + gone
            )
        })
    }
}

//! Proving a store whole: what the journal can prove by itself, that every event can be read and
//! that every snapshot is what its events give. Also the one way to remove a blob's content.

use std::cell::Cell;

use journal::audit::{Audit, Audited, Finding, Pin, Place, verify};
use journal::{Snapshot, StoreEvent};
use model::actor::{Actor, Cause};
use model::digest::Digest;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{IDENTITY_UNPROVEN, POLICY_DENIED, Refusal, STORE_NEWER, VALUE_INVALID};

use super::load::{load_at, thaw};
use super::{Denied, LocalDesk, Request, SNAPSHOT_VERSION};

/// How many events are in memory at a time while all are read.
const CHUNK: usize = 1024;

impl LocalDesk {
    /// Looks at everything in the store. A fault means that it could not look; what it found
    /// wrong is part of the answer.
    pub fn audit(&self, pins: &[Pin]) -> Result<Audited, Fault> {
        let unread = Cell::new(false);
        let blobs_of = |bytes: &[u8]| {
            if StoreEvent::from_bytes(bytes).is_some() {
                return Vec::new();
            }
            serde_json::from_slice::<Event>(bytes).map_or_else(
                |_| {
                    unread.set(true);
                    Vec::new()
                },
                |event| event.blobs(),
            )
        };
        let same_as_replay = |snapshot: &Snapshot| self.is_what_replay_gives(snapshot);
        let audit = Audit { pins, blobs_of: Some(&blobs_of), same_as_replay: Some(&same_as_replay) };
        let mut audited = verify(self.journal(), &audit)?;
        // Where the chain is broken, that is why an event cannot be read.
        if unread.get() && audited.is_whole() {
            self.find_unread(&mut audited)?;
        }
        Ok(audited)
    }

    /// Whether the plan's snapshot, where there is one, is what its events make of it. `None`:
    /// there is no snapshot, or one of another version.
    pub fn snapshot_holds(&self, plan: PlanId) -> Result<Option<bool>, Fault> {
        let snapshot = self.journal().snapshot(plan, SNAPSHOT_VERSION)?;
        snapshot.map(|snapshot| self.is_what_replay_gives(&snapshot)).transpose()
    }

    /// Snapshots of another version are never read, so nothing is compared with them.
    fn is_what_replay_gives(&self, snapshot: &Snapshot) -> Result<bool, Fault> {
        if snapshot.key.code_version != SNAPSHOT_VERSION {
            return Ok(true);
        }
        let key = snapshot.key.clone();
        let Some(kept) = thaw(snapshot.clone()) else { return Ok(false) };
        let replayed = load_at(self.journal(), key.plan, key.seq)?;
        let alike = kept.plan == replayed.plan && kept.digest == replayed.digest;
        Ok(alike && kept.plan.knows_its_tasks())
    }

    /// Names the first event of each stream whose digest holds and whose meaning is lost.
    fn find_unread(&self, audited: &mut Audited) -> Result<(), Fault> {
        for plan in audited.heads.iter().map(|head| head.plan).collect::<Vec<_>>() {
            let mut after = Seq(0);
            loop {
                let events = self.journal().read(plan, after, CHUNK)?;
                let Some(last) = events.last() else { break };
                after = last.seq;
                let unread = events
                    .iter()
                    .filter(|stored| StoreEvent::from_bytes(&stored.event).is_none())
                    .find_map(|stored| super::encoding::read(stored).err().map(|fault| (stored.seq, fault)));
                let Some((seq, fault)) = unread else { continue };
                if fault.code == STORE_NEWER {
                    return Err(fault);
                }
                let what = "cannot be read, though its digest holds".to_owned();
                audited.findings.push(Finding { place: Place::Event { plan, seq }, what });
                break;
            }
        }
        Ok(())
    }

    /// Removes a blob's content for good; its name, who removed it and why stay on record. Only a
    /// person may, and not by a declared name where an agent is around.
    pub fn purge_blob(&self, request: &Request, digest: &Digest, reason: &str) -> Result<bool, Denied> {
        if let Some(server) = self.server() {
            return server.purge_blob(request, digest, reason);
        }
        let Actor::Person(_) = &request.by.actor else {
            let message = format!("only a person can purge a blob, not {}", request.by.actor);
            return Err(Refusal::new(POLICY_DENIED, message).hint("ask a person to do it").into());
        };
        if request.agent_present && !request.by.known.is_proven() {
            return Err(Refusal::new(
                IDENTITY_UNPROVEN,
                "an agent is present, so a declared name is not enough to purge a blob",
            )
            .hint("do it where no agent is around")
            .into());
        }
        let reason = self.redactor().redact_str(reason.trim()).into_owned();
        if reason.is_empty() {
            return Err(Refusal::new(VALUE_INVALID, "the reason must not be empty").into());
        }
        let cause = Cause { request: request.id.clone(), ..Cause::command("purge_blob") };
        Ok(self.journal().purge_blob(digest, &reason, self.now(), &request.by, &cause)?)
    }
}

//! One command: ruled on, recorded, and ruled on again where somebody else was faster.

use std::sync::Arc;

use journal::AppendError;
use model::command::Command;
use model::ids::PlanId;
use model::plan::Plan;

use super::local::{BULK, TRIES, advance, busy, removed, repeated, rest_on, still_stands};
use super::signing::believed;
use super::{Denied, LocalDesk, Receipt, Request, encoding};

/// Finds the command, given the plan; nothing where it cannot be given again.
type Find<'f> = dyn FnMut(&Plan) -> Result<Option<Command>, Denied> + 'f;

impl LocalDesk {
    /// Rules on the command that follows from the plan as it is, and records what comes of it.
    ///
    /// The plan is taken as this process saw it last: the journal takes nothing that was ruled on an
    /// older state. What is refused, or comes to nothing, is ruled on again if others were there since.
    pub(super) fn submit_found(
        &self,
        plan: PlanId,
        request: &Request,
        find: &mut Find<'_>,
    ) -> Result<Receipt, Denied> {
        let mut turn = None;
        for _ in 0..TRIES {
            let now = self.now();
            let (mut loaded, mut is_current) =
                if turn.is_none() { self.take_as_known(plan)? } else { (self.take(plan)?, true) };
            let expected = loaded.plan.seq;
            // Whether an answer that records nothing was given on the plan as it is.
            let mut stands = |loaded: &super::load::Loaded| -> Result<bool, Denied> {
                is_current = is_current || self.is_current(loaded)?;
                Ok(is_current)
            };
            let command = match find(&loaded.plan) {
                Ok(Some(command)) => command,
                Ok(None) => break,
                Err(denied) => {
                    let stands = stands(&loaded)?;
                    self.put_back(plan, loaded, stands);
                    if stands {
                        return Err(denied);
                    }
                    continue;
                }
            };
            let name = command.name();
            if let Some(receipt) = self.once(plan, request, name)? {
                self.put(plan, loaded);
                return Ok(receipt);
            }
            let by = match believed(self.journal(), plan, request, &command) {
                Ok(by) => by,
                Err(denied) => return Err(self.turned_away(plan, loaded, (&request.by, name, now), denied)),
            };
            let admitted = still_stands(&loaded.plan, request)
                .map_err(Denied::from)
                .and_then(|()| self.admit(&mut loaded, &by, request, &command, now));
            let ruled = admitted.and_then(|given| {
                let events = self.rule(&loaded.plan, command, &by, request, now)?;
                Ok((given, events))
            });
            let (given, mut events) = match ruled {
                Ok(ruled) => ruled,
                Err(denied) => {
                    if stands(&loaded)? {
                        return Err(self.turned_away(plan, loaded, (&by, name, now), denied));
                    }
                    self.put_back(plan, loaded, false);
                    continue;
                }
            };
            if events.is_empty() && request.id.is_none() && request.blobs.is_empty() {
                let stands = stands(&loaded)?;
                self.put_back(plan, loaded, stands);
                if stands {
                    return Ok(Receipt { plan, count: 0, events, last: expected, at: now, repeated: false });
                }
                continue;
            }
            let mut entry = self.entry(now, &by, name, request);
            rest_on(&mut entry.given, given);
            let count = events.len();
            if count > BULK {
                encoding::write_all(std::mem::take(&mut events), self.redactor(), &mut entry.events)?;
            } else {
                encoding::write(&mut events, self.redactor(), &mut entry.events)?;
            }
            match self.journal().append(plan, expected, &entry) {
                Ok(appended) => {
                    if count > BULK {
                        for bytes in entry.events.iter() {
                            let event = encoding::of_bytes(bytes)?;
                            advance(&mut loaded, std::slice::from_ref(&event), now, &by);
                            if events.is_empty() {
                                events.push(event);
                            }
                        }
                        self.settle(plan, loaded, appended);
                    } else if Arc::strong_count(&loaded.plan) > 1 && !loaded.wants_snapshot() {
                        // Somebody still looks at the plan as it was. Changing it would copy it, and
                        // who asks for it again catches up anyway.
                        self.put_back(plan, loaded, false);
                    } else {
                        advance(&mut loaded, &events, now, &by);
                        self.settle(plan, loaded, appended);
                    }
                    let last = appended.last;
                    return Ok(Receipt { plan, count, events, last, at: now, repeated: false });
                }
                Err(AppendError::Moved { .. }) => {
                    self.put_back(plan, loaded, false);
                    drop(turn.take());
                    turn = Some(self.journal().turn());
                }
                Err(AppendError::Duplicate(earlier)) => {
                    if earlier.command == name {
                        return self.answer_again(&earlier);
                    }
                    return Err(repeated(&earlier).into());
                }
                Err(AppendError::Removed) => {
                    self.known().forget(plan);
                    return Err(removed(plan).into());
                }
                Err(AppendError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(busy().into())
    }

    /// Puts a plan back that nothing was done to; one that others have moved on is caught up with first
    /// by whoever takes it next.
    fn put_back(&self, plan: PlanId, mut loaded: super::load::Loaded, is_current: bool) {
        loaded.behind = loaded.behind || !is_current;
        self.put(plan, loaded);
    }
}

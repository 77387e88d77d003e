//! Taking part in somebody else's session: what runs is told to stop once that has ended.

use model::ids::PlanId;

use super::turns::Turns;
use crate::desk::Denied;

impl Turns<'_, '_> {
    /// Ends everything early where the session in which it takes part is over.
    pub(super) fn mind_part(&mut self) -> Result<(), Denied> {
        let Some(part) = self.d.part.filter(|_| !self.out.cancelled) else { return Ok(()) };
        let desk = self.d.store.desk();
        let seen = desk.journal().head(PlanId::STORE)?.map(|head| head.seq);
        if seen == self.part_seen {
            return Ok(());
        }
        self.part_seen = seen;
        if let Some(why) = part.is_over(desk)? {
            (self.out.cancelled, self.out.over) = (true, Some(why));
            self.stop();
        }
        Ok(())
    }
}

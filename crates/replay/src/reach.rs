//! From when on there is somebody whom one could reach, where a file says that of its rows.

use bellwether_core::domain::Timestamp;

use crate::identity::Resolved;

/// Nothing is said of it.
const UNSAID: i64 = i64::MIN;
/// Something is said of it, and never that there was somebody.
const NEVER: i64 = i64::MAX;

/// From when on one could reach whom, by number; empty where no row says anything.
#[derive(Debug, Default)]
pub(crate) struct Reach(Vec<i64>);

impl Reach {
    /// Takes what a row of an id says.
    pub(crate) fn note(&mut self, id: u32, ts: Timestamp, known: bool) {
        self.take(id, if known { ts.ms() } else { NEVER });
    }

    /// The same of leads, once it is known who is who.
    pub(crate) fn of_leads(&self, resolved: &Resolved) -> Self {
        let mut leads = Self::default();
        for (id, from) in (0..).zip(&self.0) {
            if *from != UNSAID {
                leads.take(resolved.lead(id, Timestamp::MAX.ms(), true), *from);
            }
        }
        leads
    }

    /// From when on one could reach a lead; nothing where that was always so, and the end of time for never.
    pub(crate) fn of(&self, lead: u32) -> Option<Timestamp> {
        let from = self.0.get(lead as usize).copied();
        from.filter(|from| *from != UNSAID)
            .map(Timestamp::from_ms_clamped)
    }

    /// Those of whom something is said.
    pub(crate) fn said(&self) -> impl Iterator<Item = u32> {
        let said = (0..).zip(&self.0).filter(|(_, from)| **from != UNSAID);
        said.map(|(id, _)| id)
    }

    fn take(&mut self, id: u32, from: i64) {
        let at = id as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, UNSAID);
        }
        if let Some(known) = self.0.get_mut(at) {
            *known = if *known == UNSAID { from } else { from.min(*known) };
        }
    }
}

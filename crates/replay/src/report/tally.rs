//! What one way of drawing the line comes to.

use bellwether_core::domain::Timestamp;

use super::fates::Fates;
use super::{Case, Standing, Window};
use crate::statistics::Rate;

/// Who would have been handed off, and what became of them and of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// The places of those handed off among the cases, and when.
    pub(crate) handed_off: Vec<(usize, Timestamp)>,
    /// Those who qualified after they were won.
    pub(crate) already_won: u64,
    /// Those who didn't qualify.
    pub(crate) below: u64,
    /// Those of them of whom nothing has a time.
    pub(crate) without_time: u64,
    /// What became of those handed off, from then on.
    pub(crate) fates: Fates,
    /// What became of all in the window: of the others from its beginning on.
    pub(crate) all: Fates,
}

impl Tally {
    pub(crate) fn new(cases: &[Case<'_>], window: Window, qualified_at: &[Option<Timestamp>]) -> Self {
        let mut tally = Self::default();
        for (place, (case, at)) in cases.iter().zip(qualified_at).enumerate() {
            let standing = window.standing(case, *at);
            let Some(since) = window.counts_from(standing) else {
                continue;
            };
            tally.all.count(case, since);
            tally.without_time += u64::from(case.first_seen.is_none());
            match standing {
                Standing::HandedOff(at) => {
                    tally.handed_off.push((place, at));
                    tally.fates.count(case, at);
                }
                Standing::AlreadyWon => tally.already_won += 1,
                Standing::Below | Standing::Outside => tally.below += 1,
            }
        }
        tally
    }

    /// How many leads are in the window.
    pub(crate) fn leads(&self) -> u64 {
        self.all.total()
    }

    /// Of those handed off and decided, the share that was won.
    pub(crate) fn precision(&self, others_lost: bool) -> Rate {
        self.fates.won_rate(others_lost)
    }

    /// Of those that were won, the share that was handed off before.
    pub(crate) fn recall(&self) -> Rate {
        Rate::new(self.fates.won, self.all.won)
    }

    pub(crate) fn instants(&self) -> impl Iterator<Item = Timestamp> {
        self.handed_off.iter().map(|(_, at)| *at)
    }
}

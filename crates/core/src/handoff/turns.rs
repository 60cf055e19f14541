//! Whose turn it is on a team.
//!
//! Time falls into **stretches**: as long as the same members can take leads, with the same weights, nobody is ever a
//! whole lead from their share of what was given since the stretch began. From stretch to stretch everybody carries a
//! **credit**: each lead adds to those who could have taken it their share of it, and takes the same from whoever got it.
//! Who couldn't have taken it neither builds up nor owes. Among those whose turn the stretch allows, the one with the
//! largest credit is next.

use std::cmp::Reverse;

use crate::domain::Timestamp;
use crate::explain::words::{counted, minute};

/// A whole lead, in the unit of credits.
pub const LEAD: i64 = 1_000_000_000;
/// The most credit that anybody carries, either way, in leads. It is reached only where a team's members come and go with
/// nearly every lead for long, and bounds what somebody who joins or comes back can be given at once.
pub const CREDIT_LEADS_MAX: i64 = 3;
/// How many steps a choice may take; where members and weights ask for more, the lead that is due soonest is given.
const STEPS_MAX: u64 = 100_000;

/// Where somebody stands in a team's turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub id: i64,
    /// Their weight in the present stretch; 0 where they aren't in it.
    pub weight: u32,
    /// What they got since it began.
    pub given: u64,
    /// What they are owed, in billionths of a lead; less than nothing where they got more than their share.
    pub credit: i64,
    /// When they got their last one.
    pub last_at: Option<Timestamp>,
}

/// Somebody who can take a lead now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Able {
    /// Who.
    pub id: i64,
    /// How many leads they get beside the others; whoever has 0 gets none.
    pub weight: u32,
}

/// Whose turn it is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Who.
    pub id: i64,
    /// Why, in words.
    pub reason: String,
}

/// The turns of one team, by one way of picking. Those on it have a place each, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turns(Vec<Turn>);

impl Turns {
    /// The places as they were kept.
    pub fn new(mut places: Vec<Turn>) -> Self {
        places.sort_by_key(|place| place.id);
        Self(places)
    }

    /// The places, by id.
    pub fn places(&self) -> &[Turn] {
        &self.0
    }

    /// Gives everybody on the team a place, and nobody else. Where somebody came or left, credits are counted from their
    /// mean, so that who comes begins level with the team.
    pub fn seat(&mut self, members: &[i64]) {
        let before = self.0.len();
        self.0.retain(|place| members.contains(&place.id));
        let left = self.0.len() < before;
        let come: Vec<i64> = members
            .iter()
            .copied()
            .filter(|id| self.0.iter().all(|place| place.id != *id))
            .collect();
        if left || !come.is_empty() {
            self.center();
        }
        self.0.extend(come.into_iter().map(|id| Turn {
            id,
            weight: 0,
            given: 0,
            credit: 0,
            last_at: None,
        }));
        self.0.sort_by_key(|place| place.id);
    }

    /// Takes the mean from every credit; what can't be divided stays with the first.
    fn center(&mut self) {
        let sum: i64 = self.0.iter().map(|place| place.credit).sum();
        let Some(mean) = i64::try_from(self.0.len())
            .ok()
            .and_then(|count| sum.checked_div_euclid(count))
        else {
            return;
        };
        let mut rest = sum;
        for place in &mut self.0 {
            place.credit -= mean;
            rest -= mean;
        }
        if let Some(first) = self.0.first_mut() {
            first.credit -= rest;
        }
    }

    /// Whose turn it is among those who can take a lead now; `None` where there is nobody. A stretch begins where they
    /// aren't those of the present one.
    pub fn next(&mut self, able: &[Able]) -> Option<Next> {
        if !self.is_stretch_of(able) {
            self.begin_stretch(able);
        }
        let id = self.choose()?.id;
        let reason = self.reason(id);
        Some(Next { id, reason })
    }

    /// Gives a lead to whoever's turn it is.
    pub fn give(&mut self, id: i64, at: Timestamp) {
        let share = |place: &Turn, weights: u64| share_of(place.weight, weights);
        self.settle(id, share);
        if let Some(place) = self.0.iter_mut().find(|place| place.id == id) {
            place.given = place.given.saturating_add(1);
            place.last_at = Some(at);
        }
    }

    /// Gives a lead out of turn: it counts towards everybody's credit, and a stretch begins after it.
    pub fn give_out_of_turn(&mut self, id: i64, able: &[Able], at: Timestamp) {
        self.begin_stretch(able);
        self.settle(id, |place, weights| share_of(place.weight, weights));
        self.begin_stretch(&[]);
        if let Some(place) = self.0.iter_mut().find(|place| place.id == id) {
            place.last_at = Some(at);
        }
    }

    /// Owes everybody of the stretch their share of a lead, and takes the same from whoever got it.
    fn settle(&mut self, id: i64, share: impl Fn(&Turn, u64) -> i64) {
        let weights = self.weights();
        let mut owed = 0;
        for place in self.0.iter_mut().filter(|place| place.id != id) {
            let share = share(place, weights);
            place.credit = clamped(place.credit + share);
            owed += share;
        }
        if let Some(place) = self.0.iter_mut().find(|place| place.id == id) {
            place.credit = clamped(place.credit - owed);
        }
    }

    fn weights(&self) -> u64 {
        self.0.iter().map(|place| u64::from(place.weight)).sum()
    }

    fn given(&self) -> u64 {
        self.stretch().map(|place| place.given).sum()
    }

    /// Those of the present stretch.
    fn stretch(&self) -> impl Iterator<Item = &Turn> {
        self.0.iter().filter(|place| place.weight > 0)
    }

    fn is_stretch_of(&self, able: &[Able]) -> bool {
        let count = able.iter().filter(|one| one.weight > 0).count();
        let same = |place: &Turn| {
            able.iter()
                .any(|one| one.id == place.id && one.weight == place.weight)
        };
        self.stretch().count() == count && self.stretch().all(same)
    }

    fn begin_stretch(&mut self, able: &[Able]) {
        for place in &mut self.0 {
            let weight = able.iter().find(|one| one.id == place.id);
            place.weight = weight.map_or(0, |one| one.weight);
            place.given = 0;
        }
    }

    /// Who is next in the present stretch.
    fn choose(&self) -> Option<&Turn> {
        let turn = |place: &&Turn| (Reverse(millionths(place.credit)), place.last_at, place.id);
        let round = Round::of(self)?;
        let fair = round.last_call().and_then(|by| {
            self.stretch()
                .filter(|place| round.is_behind(place) && round.due(place) <= by)
                .min_by_key(turn)
        });
        fair.or_else(|| {
            let behind = self.stretch().filter(|place| round.is_behind(place));
            behind.min_by_key(|place| (round.due(place), turn(place)))
        })
        .or_else(|| self.stretch().min_by_key(turn))
    }

    fn reason(&self, id: i64) -> String {
        if self.stretch().count() == 1 {
            return "the only one who can take it now".to_owned();
        }
        let Some(place) = self.0.iter().find(|place| place.id == id) else {
            return String::new();
        };
        let given = self.given();
        let share =
            tenths(u128::from(place.weight) * u128::from(given) * 10 / u128::from(self.weights().max(1)));
        let has = counted(
            usize::try_from(place.given).unwrap_or(usize::MAX),
            "lead",
            "leads",
        );
        let waits = match place.last_at {
            Some(last) => format!("the last on {}", minute(last)),
            None => "none yet".to_owned(),
        };
        format!(
            "next in turn: has {has} of {given}, a fair share is {share}; {}; {waits}",
            credit_in_words(place.credit)
        )
    }
}

/// A stretch's round: as many leads as there are weights, after which everybody has exactly their share.
struct Round {
    /// The weights without what divides them all, by place.
    divisor: u64,
    /// How many leads a round has.
    leads: u64,
    /// How many of the present round were given.
    given: u64,
    /// How many whole rounds went before it.
    before: u64,
    members: Vec<(u64, u64)>,
}

impl Round {
    fn of(turns: &Turns) -> Option<Self> {
        let divisor = turns
            .stretch()
            .fold(0, |divisor, place| gcd(divisor, u64::from(place.weight)));
        let leads = turns.weights().checked_div(divisor)?;
        let given = turns.given();
        let mut round = Self {
            divisor,
            leads,
            given: given.checked_rem(leads)?,
            before: given.checked_div(leads)?,
            members: Vec::new(),
        };
        round.members = turns
            .stretch()
            .map(|place| round.weight_and_given(place))
            .collect();
        Some(round)
    }

    /// A member's weight, and what they got in this round.
    fn weight_and_given(&self, place: &Turn) -> (u64, u64) {
        let weight = u64::from(place.weight) / self.divisor.max(1);
        (
            weight,
            place.given.saturating_sub(weight.saturating_mul(self.before)),
        )
    }

    /// Whether a member has less than their share of what was given and this lead: their next one may come now.
    fn is_behind(&self, place: &Turn) -> bool {
        let (weight, given) = self.weight_and_given(place);
        u128::from(weight) * u128::from(self.given + 1) > u128::from(given) * u128::from(self.leads)
    }

    /// With which lead of the round a member's next one must have come, so that they aren't a whole lead behind.
    fn due(&self, place: &Turn) -> u64 {
        let (weight, given) = self.weight_and_given(place);
        given
            .saturating_add(1)
            .saturating_mul(self.leads)
            .div_ceil(weight.max(1))
    }

    /// The first lead of the round by which all that come until then are spoken for: what is given now must be one of
    /// those. Each member's leads are jobs of one unit, each with the turn from which it may come and the turn by which
    /// it must have; they can all be done exactly if by no turn more of them are due than turns are left. `None` where
    /// that takes too long to find out.
    fn last_call(&self) -> Option<u64> {
        if self.leads.saturating_mul(self.members.len() as u64) > STEPS_MAX {
            return None;
        }
        (self.given + 1..=self.leads).find(|by| {
            let due = |(weight, given): &(u64, u64)| (weight * by / self.leads).saturating_sub(*given);
            self.members.iter().map(due).sum::<u64>() >= by - self.given
        })
    }
}

fn share_of(weight: u32, weights: u64) -> i64 {
    let weights = i64::try_from(weights.max(1)).unwrap_or(i64::MAX);
    // A weight is under 2^32, and so is not a lead's: the product fits.
    i64::from(weight).saturating_mul(LEAD) / weights
}

fn clamped(credit: i64) -> i64 {
    credit.clamp(-CREDIT_LEADS_MAX * LEAD, CREDIT_LEADS_MAX * LEAD)
}

/// A credit in millionths of a lead: what is lost by dividing leads into billionths decides nothing.
fn millionths(credit: i64) -> i64 {
    const MILLIONTH: i64 = LEAD / 1_000_000;
    (credit + MILLIONTH / 2).div_euclid(MILLIONTH)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A credit as people say it: `is owed 0.4 of a lead`.
pub fn credit_in_words(credit: i64) -> String {
    let tenth = LEAD / 10;
    let (by, rest) = (credit.unsigned_abs() / tenth.unsigned_abs(), credit < 0);
    match (by, rest) {
        (0, _) => "owed nothing".to_owned(),
        (by, false) => format!("owed {} leads", tenths(by.into())),
        (by, true) => format!("ahead by {} leads", tenths(by.into())),
    }
}

fn tenths(tenths: u128) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Whose turn it is where whoever has the fewest leads before them is next: then whoever waits longest, then by id.
/// Each is given with how many leads wait for their answer and when they got the last one.
pub fn least_loaded(loads: &[(i64, u32, Option<Timestamp>)]) -> Option<Next> {
    let (id, load, last) = loads.iter().min_by_key(|(id, load, last)| (*load, *last, *id))?;
    if loads.len() == 1 {
        let reason = "the only one who can take it now".to_owned();
        return Some(Next { id: *id, reason });
    }
    let open = counted(*load as usize, "lead", "leads");
    let waits = match last {
        Some(last) => format!("the last on {}", minute(*last)),
        None => "none yet".to_owned(),
    };
    let reason = format!("has the fewest to answer: {open}; {waits}");
    Some(Next { id: *id, reason })
}

#[cfg(test)]
mod tests;

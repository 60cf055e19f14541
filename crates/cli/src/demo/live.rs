//! What goes on while one watches: visitors look around, known people come back, somebody new signs up, and now and then
//! one of them qualifies.

use bellwether_core::domain::Timestamp;

use super::dice::Dice;
use super::journey::{Step, Visit, hot_visit, look_around};
use super::pages::{BLOG, READING};
use super::plan::{Cast, Person, Persona, newcomer};
use super::story::{Moment, tell_once};

/// Where the places of those who come while one watches begin.
const LIVE_FROM: u32 = 3_000_000;
/// Somebody qualifies at every so many visits.
const HOT_EVERY: u32 = 12;
/// The first one who qualifies comes at this visit.
const HOT_FIRST: u32 = 4;

/// The story as it goes on.
pub(crate) struct Live {
    dice: Dice,
    visits: u32,
}

impl Live {
    /// Goes on where the story of that cast has come to; `begun_at` keeps two runs apart.
    pub(crate) fn new(cast: &Cast) -> Self {
        let begun_at = u64::try_from(cast.ends.ms()).unwrap_or(0);
        Self {
            dice: Dice::new(cast.seed ^ begun_at, 7 << 32),
            visits: 0,
        }
    }

    /// How many milliseconds pass before the next visit.
    pub(crate) fn pause_ms(&mut self) -> u64 {
        u64::try_from(self.dice.between(2_000, 6_500)).unwrap_or(4_000)
    }

    /// The next visit, which ends just now.
    pub(crate) fn next(&mut self, cast: &Cast, now: Timestamp) -> Moment {
        self.visits += 1;
        let stranger = |dice: &mut Dice, visits: u32| {
            let persona = if dice.chance(50) {
                Persona::Buyer
            } else {
                Persona::Reader
            };
            newcomer(cast, LIVE_FROM + visits, persona, now)
        };
        if self.visits % HOT_EVERY == HOT_FIRST {
            let person = self.prospect(cast, now);
            let asks = self.dice.chance(40);
            let steps = hot_visit(&mut self.dice, asks);
            return self.tell(cast, &person, steps, now);
        }
        match self.dice.below(10) {
            0..=4 => {
                let person = stranger(&mut self.dice, self.visits);
                let steps = look_around(&mut self.dice);
                self.tell(cast, &person, steps, now)
            }
            5..=6 => {
                let person = stranger(&mut self.dice, self.visits);
                let steps = vec![
                    Step::Page(self.dice.pick(&BLOG)),
                    Step::SignUp,
                    Step::Download(*self.dice.pick(&READING)),
                ];
                self.tell(cast, &person, steps, now)
            }
            _ => {
                let steps = look_around(&mut self.dice);
                let person = self.dice.pick(&cast.people);
                self.tell(cast, person, steps, now)
            }
        }
    }

    /// Somebody new, whom the agreement is after.
    fn prospect(&mut self, cast: &Cast, now: Timestamp) -> Person {
        newcomer(cast, LIVE_FROM + self.visits, Persona::Buyer, now)
    }

    fn tell(&self, cast: &Cast, person: &Person, steps: Vec<Step>, now: Timestamp) -> Moment {
        let visit = Visit { at: now, steps };
        let mut moment = tell_once(cast, person, self.visits, &visit);
        // Told from its beginning, the visit would end in the future.
        let early = moment.at.since(now);
        for fact in &mut moment.facts {
            fact.ts = fact.ts.minus(early);
            fact.original_at = Some(fact.ts);
            fact.sent_at = Some(fact.ts);
            if let bellwether_app::FactBody::Event(event) = &mut fact.body {
                event.ts = fact.ts;
            }
        }
        moment.at = now;
        moment
    }
}

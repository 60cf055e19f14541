//! The arithmetic: facts about a lead are folded, in the order of their times, into a [`LeadState`], and the state says
//! what the lead is worth at an instant and whether it qualified.
//!
//! Live scoring, `score`, `explain` and replay all run this code; there is no second one. An [`Engine`] is an agreement
//! with its tables worked out. An event is [classified](Engine::classify) once per distinct [`Signature`] (its name and
//! the outcome of every rule's pattern on it) and then costs a few additions. Nothing here can fail: facts that come
//! late are refused by returning `false`, and the caller folds the lead anew from its history.

mod account;
mod factors;
mod history;
mod matches;
mod rule;
mod score;
mod state;
mod tables;
mod tally;
mod trace;
mod traits;

use std::sync::Arc;

pub use account::{AccountScore, Person, score_account};
pub use factors::Factors;
pub use history::{Fact, Returned, apply, fold};
pub(crate) use rule::decay_in_words;
pub use score::{Gap, Score};
pub use state::{LeadState, Qualification};
pub use traits::{Statement, TraitLog};

use self::tables::Tables;
use crate::agreement::{Agreement, Condition};
use crate::domain::{EventKind, EventView, Points, Traits, normalized_name};
use crate::profile::Profile;
use crate::profile::channel::{Touch, touch_of};

/// An agreement with its tables worked out; immutable and cheap to share.
#[derive(Debug)]
pub struct Engine {
    agreement: Arc<Agreement>,
    tables: Tables,
    /// Whether events are read for by what a lead first came.
    reads_visits: bool,
    /// The fit of a lead of whom nothing is known: rules that hold for missing traits count.
    unknown_fit: Fit,
}

/// What an event means to an agreement: its name and the rules whose pattern it meets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// What a trigger by this event is called: the event's or screen's name as it came, `page` for a page view.
    pub name: String,
    /// The indices of the intent rules whose pattern it meets, ascending.
    pub hits: Vec<u16>,
    /// Whether it is one of `[qualify] fast`.
    pub fast: bool,
    /// By what the lead came who did it, where the event says so and the agreement reads it.
    pub touch: Option<Box<Touch>>,
}

/// What the fit rules and exclusions make of a lead's traits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fit {
    /// The sum of the fit rules.
    pub points: Points,
    /// The index in [`Agreement::disqualify`] of the first exclusion that holds.
    pub disqualified_by: Option<usize>,
}

impl Engine {
    /// Works out the tables of an agreement.
    pub fn new(agreement: Arc<Agreement>) -> Self {
        let mut engine = Self {
            tables: Tables::new(&agreement),
            reads_visits: agreement.reads_first_touch(),
            unknown_fit: Fit::default(),
            agreement,
        };
        engine.unknown_fit = engine.fit(&Traits::new());
        engine
    }

    /// The agreement that this engine runs.
    pub fn agreement(&self) -> &Arc<Agreement> {
        &self.agreement
    }

    /// Evaluates every rule's pattern on an event. The result depends on the event's kind, name, path and the
    /// [properties that the agreement reads](Agreement::event_paths) alone, so it can be remembered by those.
    pub fn classify(&self, event: &EventView<'_>) -> Signature {
        let rules = (0_u16..).zip(&self.agreement.intent);
        let hits = rules.filter(|(_, rule)| rule.pattern().is_some_and(|on| on.matches(event)));
        let hits = hits.map(|(index, _)| index).collect();
        let fast = event.kind == EventKind::Track
            && !self.agreement.qualify.fast.is_empty()
            && self.agreement.qualify.fast.contains(&normalized_name(event.name));
        Signature {
            name: event.name.to_owned(),
            hits,
            fast,
            touch: self.touch(event).map(Box::new),
        }
    }

    /// By what the lead came who did this, where the event says so and the agreement reads it.
    pub fn touch(&self, event: &EventView<'_>) -> Option<Touch> {
        self.reads_visits.then(|| touch_of(event)).flatten()
    }

    /// Evaluates the fit rules and exclusions on a lead's traits.
    pub fn fit(&self, traits: &Traits) -> Fit {
        let profile = Profile::new(traits);
        let holds = |condition: &Condition| condition.holds(&|field| profile.field(field));
        let points = self.agreement.fit.iter();
        let points = points
            .filter_map(|rule| rule.cases.iter().find(|case| holds(&case.when)))
            .map(|case| case.points);
        let disqualified_by = self
            .agreement
            .disqualify
            .iter()
            .position(|exclusion| holds(&exclusion.when));
        Fit {
            points: points.sum(),
            disqualified_by,
        }
    }
}

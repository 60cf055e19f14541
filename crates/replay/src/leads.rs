//! A leads file: who is known, by what traits, and since when.

mod fits;
mod rows;
mod whole;

use bellwether_core::domain::{Points, Timestamp, Traits};
use bellwether_core::engine::{Engine, Fit};
use hashbrown::HashMap;

use self::fits::Fits;
use self::rows::{LeadRow, Refusal, RowTraits, each_row};
use crate::cells::read_time;
use crate::columns::ColumnMap;
use crate::error::ReplayError;
use crate::limits::LEADS_MAX;
use crate::rejects::{Reason, Rejects};
use crate::sorted::panicked;
use crate::source::{Progress, Source};
use crate::texts::Texts;
use crate::traits::{Relevant, TraitSets, overwrite};

/// The milliseconds of a creation that isn't known.
const NEVER: i64 = i64::MIN;

/// What a leads file says of one lead, for scoring; as small as it can be, since there is one a lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base {
    points: Points,
    created_ms: i64,
    /// One more than the exclusion's index; 0 where none holds.
    disqualified_by: u32,
}

impl Base {
    pub(crate) fn new(fit: Fit, created: Option<Timestamp>) -> Self {
        let one_more = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        Self {
            points: fit.points,
            created_ms: created.map_or(NEVER, Timestamp::ms),
            disqualified_by: fit.disqualified_by.map_or(0, one_more),
        }
    }

    pub(crate) fn fit(&self) -> Fit {
        Fit {
            points: self.points,
            disqualified_by: (self.disqualified_by as usize).checked_sub(1),
        }
    }

    pub(crate) fn created(&self) -> Option<Timestamp> {
        Timestamp::from_ms(self.created_ms)
    }
}

/// The leads of a file. A lead's number is its place in `ids`.
#[derive(Default)]
pub(crate) struct Leads {
    pub(crate) ids: Texts,
    pub(crate) bases: Vec<Base>,
    /// What the file says as of a time, in place of from the beginning.
    pub(crate) dated: Dated,
    source: Option<Source>,
    columns: ColumnMap,
    since: Since,
}

/// Since when the traits hold that a file says as of a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Since {
    /// From the beginning, as all others do.
    #[default]
    Beginning,
    /// From that time on: what was said before it stands elsewhere.
    Updated,
}

/// Traits with since when they hold: the lead's number, the time and the number of the set.
#[derive(Default)]
pub(crate) struct Dated {
    pub(crate) sets: TraitSets,
    pub(crate) writes: Vec<(u32, Timestamp, u32)>,
}

/// What reading takes down, fits apart.
struct Register {
    ids: Texts,
    bases: Vec<Base>,
    dated: Dated,
    since: Since,
    /// As of when the present row says what it does, where it doesn't say it from the beginning.
    updated: Option<Timestamp>,
}

/// Whose row it is.
enum Entered {
    /// Of a lead that had none.
    New(u32),
    /// Of a lead that had one already.
    Known(u32),
    /// Nobody's.
    Refused(Refusal),
}

fn duplicate() -> Refusal {
    (Reason::Duplicate, String::new())
}

impl Leads {
    /// Reads a file, evaluating each lead's fit and keeping no trait.
    pub(crate) fn read(
        source: &Source,
        columns: &ColumnMap,
        since: Since,
        (engine, threads): (&Engine, usize),
        progress: Progress<'_>,
        rejects: &mut Rejects,
    ) -> Result<Self, ReplayError> {
        let relevant = Relevant::new(engine.agreement());
        let keep = |field: &str| relevant.holds(field);
        let (mut register, mut twice) = (Register::new(since), HashMap::new());
        let fits = std::thread::scope(|scope| {
            let mut fits = Fits::start(scope, engine, threads);
            let mut take = |row: LeadRow<'_, '_>| {
                let (number, known) = match register.enter(&row)? {
                    Entered::New(number) => (number, false),
                    Entered::Known(number) => (number, true),
                    Entered::Refused(refusal) => return Ok(Some(refusal)),
                };
                let traits = register.date(number, row)?;
                if known {
                    twice.insert(number, Traits::new());
                    return Ok(Some(duplicate()));
                }
                fits.push(traits);
                Ok(None)
            };
            let read = each_row(source, columns, &keep, progress, rejects, &mut take);
            let fits = fits.finish().ok_or_else(|| panicked(source));
            read.and(fits)
        })?;
        let mut leads = register.into_leads(source, columns);
        for (base, fit) in leads.bases.iter_mut().zip(fits) {
            *base = Base::new(fit, base.created());
        }
        if !twice.is_empty() {
            leads.gather_traits(&mut twice, &keep, rejects)?;
            for (number, traits) in twice {
                if let Some(base) = leads.bases.get_mut(number as usize) {
                    *base = Base::new(engine.fit(&traits), base.created());
                }
            }
        }
        Ok(leads)
    }

    /// The latest creation.
    pub(crate) fn latest_creation(&self) -> Option<Timestamp> {
        self.bases.iter().filter_map(Base::created).max()
    }

    /// Reads the file again for the traits of some leads. Of several rows of one lead, later values win.
    pub(crate) fn gather_traits(
        &self,
        of: &mut HashMap<u32, Traits>,
        keep: &dyn Fn(&str) -> bool,
        rejects: &mut Rejects,
    ) -> Result<(), ReplayError> {
        let Some(source) = &self.source else { return Ok(()) };
        rejects.mute(true);
        let mut take = |row: LeadRow<'_, '_>| {
            let dated = self.since.of(&row);
            let usable = row.created.map(read_time).transpose().is_ok() && dated == Ok(None);
            if let Some(traits) = self
                .ids
                .find(row.id)
                .filter(|_| usable)
                .and_then(|number| of.get_mut(&number))
            {
                overwrite(traits, row.into_traits());
            }
            Ok(None)
        };
        let read = each_row(source, &self.columns, keep, &|_| {}, rejects, &mut take);
        rejects.mute(false);
        read
    }
}

impl Since {
    /// As of when a row says what it does; nothing where it says it from the beginning.
    fn of(self, row: &LeadRow<'_, '_>) -> Result<Option<Timestamp>, Refusal> {
        match self {
            Self::Beginning => Ok(None),
            Self::Updated => row.updated.map(read_time).transpose(),
        }
    }
}

impl Register {
    fn new(since: Since) -> Self {
        Self {
            ids: Texts::default(),
            bases: Vec::new(),
            dated: Dated::default(),
            since,
            updated: None,
        }
    }

    fn enter(&mut self, row: &LeadRow<'_, '_>) -> Result<Entered, ReplayError> {
        let created = row.created.map(read_time).transpose();
        let (created, updated) = match (created, self.since.of(row)) {
            (Ok(created), Ok(updated)) => (created, updated),
            (Err(refusal), _) | (_, Err(refusal)) => return Ok(Entered::Refused(refusal)),
        };
        self.updated = updated;
        if self.bases.len() >= LEADS_MAX {
            return Err(ReplayError::TooMany {
                what: "leads",
                limit: LEADS_MAX as u64,
            });
        }
        let number = self.ids.intern(row.id);
        match self.bases.get_mut(number as usize) {
            None => {
                self.bases.push(Base::new(Fit::default(), created));
                Ok(Entered::New(number))
            }
            Some(known) => {
                *known = Base::new(Fit::default(), created.or(known.created()));
                Ok(Entered::Known(number))
            }
        }
    }

    /// The traits of the row that was entered last which hold from the beginning; the others are taken down.
    fn date<'l, 'r>(&mut self, number: u32, row: LeadRow<'l, 'r>) -> Result<RowTraits<'l, 'r>, ReplayError> {
        let Some(updated) = self.updated else {
            return Ok(row.traits);
        };
        let traits = row.into_traits();
        if !traits.is_empty() {
            let set = self.dated.sets.intern(traits)?;
            self.dated.writes.push((number, updated, set));
        }
        Ok(RowTraits::Whole(Traits::new()))
    }

    /// The leads, with fits that nobody has worked out yet.
    fn into_leads(self, source: &Source, columns: &ColumnMap) -> Leads {
        Leads {
            ids: self.ids,
            bases: self.bases,
            dated: self.dated,
            source: Some(source.clone()),
            columns: columns.clone(),
            since: self.since,
        }
    }
}

//! A leads file: who is known, by what traits, and since when.

mod fits;
mod rows;
mod whole;

use bellwether_core::domain::{Timestamp, Traits};
use bellwether_core::engine::{Engine, Fit};
use hashbrown::HashMap;

use self::fits::Fits;
pub(crate) use self::rows::parse_object;
use self::rows::{LeadRow, each_row};
use crate::cells::read_time;
use crate::columns::ColumnMap;
use crate::error::ReplayError;
use crate::limits::LEADS_MAX;
use crate::rejects::{Reason, Rejects};
use crate::sorted::panicked;
use crate::source::{Progress, Source};
use crate::texts::Texts;
use crate::traits::{Relevant, overwrite};

/// What a leads file says of one lead, for scoring.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Base {
    pub(crate) fit: Fit,
    pub(crate) created: Option<Timestamp>,
}

/// The leads of a file. A lead's number is its place in `ids`.
#[derive(Default)]
pub(crate) struct Leads {
    pub(crate) ids: Texts,
    pub(crate) bases: Vec<Base>,
    source: Option<Source>,
    columns: ColumnMap,
}

/// What reading takes down, fits apart.
#[derive(Default)]
struct Register {
    ids: Texts,
    created: Vec<Option<Timestamp>>,
}

/// Whose row it is.
enum Entered {
    /// Of a lead that had none.
    New(u32),
    /// Of a lead that had one already.
    Known(u32),
    /// Nobody's.
    Refused((Reason, String)),
}

fn duplicate() -> (Reason, String) {
    (Reason::Duplicate, String::new())
}

impl Leads {
    /// Reads a file, evaluating each lead's fit and keeping no trait.
    pub(crate) fn read(
        source: &Source,
        columns: &ColumnMap,
        engine: &Engine,
        threads: usize,
        progress: Progress<'_>,
        rejects: &mut Rejects,
    ) -> Result<Self, ReplayError> {
        let relevant = Relevant::new(engine.agreement());
        let keep = |field: &str| relevant.holds(field);
        let (mut register, mut twice) = (Register::default(), HashMap::new());
        let fits = std::thread::scope(|scope| {
            let mut fits = Fits::start(scope, engine, threads);
            let mut take = |row: LeadRow<'_, '_>| {
                let traits = match register.enter(&row)? {
                    Entered::New(_) => row.traits,
                    Entered::Known(number) => {
                        twice.insert(number, Traits::new());
                        return Ok(Some(duplicate()));
                    }
                    Entered::Refused(refusal) => return Ok(Some(refusal)),
                };
                fits.push(traits);
                Ok(None)
            };
            let read = each_row(source, columns, &keep, progress, rejects, &mut take);
            let fits = fits.finish().ok_or_else(|| panicked(source));
            read.and(fits)
        })?;
        let mut leads = register.into_leads(source, columns);
        for (base, fit) in leads.bases.iter_mut().zip(fits) {
            base.fit = fit;
        }
        if !twice.is_empty() {
            leads.gather_traits(&mut twice, &keep, rejects)?;
            for (number, traits) in twice {
                if let Some(base) = leads.bases.get_mut(number as usize) {
                    base.fit = engine.fit(&traits);
                }
            }
        }
        Ok(leads)
    }

    /// The latest creation.
    pub(crate) fn latest_creation(&self) -> Option<Timestamp> {
        self.bases.iter().filter_map(|base| base.created).max()
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
            let usable = row.created.map(read_time).transpose().is_ok();
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

impl Register {
    fn enter(&mut self, row: &LeadRow<'_, '_>) -> Result<Entered, ReplayError> {
        let created = match row.created.map(read_time).transpose() {
            Ok(created) => created,
            Err(refusal) => return Ok(Entered::Refused(refusal)),
        };
        if self.created.len() >= LEADS_MAX {
            return Err(ReplayError::TooMany {
                what: "leads",
                limit: LEADS_MAX as u64,
            });
        }
        let number = self.ids.intern(row.id);
        match self.created.get_mut(number as usize) {
            None => {
                self.created.push(created);
                Ok(Entered::New(number))
            }
            Some(known) => {
                *known = created.or(*known);
                Ok(Entered::Known(number))
            }
        }
    }

    /// The leads, with fits that nobody has worked out yet.
    fn into_leads(self, source: &Source, columns: &ColumnMap) -> Leads {
        let base = |created| Base {
            fit: Fit::default(),
            created,
        };
        Leads {
            ids: self.ids,
            bases: self.created.into_iter().map(base).collect(),
            source: Some(source.clone()),
            columns: columns.clone(),
        }
    }
}

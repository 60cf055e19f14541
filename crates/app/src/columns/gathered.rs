//! The database's facts on their way into columns.

use std::collections::HashMap;

use bellwether_core::domain::Timestamp;
use bellwether_replay::{Chronicle, Retelling, Told};
use bellwether_store::{Db, FactRow, LeadId};

use super::too_much;
use crate::shared::shutting_down;
use crate::{AppError, history, json};

/// How many events are remembered as the database writes them, so that they aren't read as JSON again and again.
const REMEMBERED_MAX: usize = 1 << 20;
/// After how many rows it is looked again whether to go on.
const ROWS_BETWEEN_LOOKS: u32 = 512;

/// Leads that are told anew, with what is remembered of events.
pub(super) struct Gathered<'g> {
    retelling: Retelling,
    events: HashMap<Box<str>, u32>,
    key: String,
    goes_on: &'g dyn Fn() -> bool,
    /// How many rows were looked at since it was asked whether to go on.
    rows: u32,
}

impl<'g> Gathered<'g> {
    /// Nothing gathered yet. Once `goes_on` says no, gathering fails.
    pub(super) fn new(retelling: Retelling, goes_on: &'g dyn Fn() -> bool) -> Self {
        Self {
            retelling,
            events: HashMap::new(),
            key: String::new(),
            goes_on,
            rows: 0,
        }
    }

    pub(super) fn finish(self, position: &str) -> Chronicle {
        self.retelling.finish(position.to_owned())
    }

    /// What there was before, as if nothing had been gathered.
    pub(super) fn undone(self) -> Chronicle {
        self.retelling.undone()
    }

    /// Tells of one lead, given the fact of it that was kept last; without any it is gone.
    pub(super) fn lead(&mut self, db: &Db, lead: LeadId, last: Option<i64>) -> Result<(), AppError> {
        let place = self.retelling.lead(&lead.to_string());
        let mut taken = Ok(());
        if let Some(last) = last {
            db.each_fact(last, |row| {
                if taken.is_ok() {
                    taken = self.take(place, &row);
                }
            })?;
        }
        taken
    }

    /// Tells of every lead whom one could reach.
    pub(super) fn all(&mut self, db: &Db) -> Result<(), AppError> {
        let (mut into, mut known) = (HashMap::new(), HashMap::new());
        db.each_history_lead(|lead| {
            self.go_on()?;
            if let Some(other) = lead.merged_into {
                into.insert(lead.lead, other);
            } else if lead.known {
                known.insert(lead.lead, self.retelling.lead(&lead.lead.to_string()));
            }
            Ok::<_, AppError>(())
        })?;
        // Which lead the facts that were kept for one are those of; nothing where nobody could be reached.
        let place = |lead: LeadId| {
            let mut root = lead;
            while let Some(next) = into.get(&root) {
                root = *next;
            }
            known.get(&root).copied()
        };
        let places: HashMap<LeadId, u32> = into
            .keys()
            .chain(known.keys())
            .filter_map(|lead| Some((*lead, place(*lead)?)))
            .collect();
        db.each_fact_of_all(|lead, row| match places.get(&lead) {
            Some(place) => self.take(*place, &row),
            None => self.go_on(),
        })
    }

    /// Fails where it isn't to go on, which is looked at now and then.
    fn go_on(&mut self) -> Result<(), AppError> {
        self.rows += 1;
        if self.rows < ROWS_BETWEEN_LOOKS {
            return Ok(());
        }
        self.rows = 0;
        if (self.goes_on)() {
            Ok(())
        } else {
            Err(shutting_down())
        }
    }

    fn take(&mut self, place: u32, row: &FactRow<'_>) -> Result<(), AppError> {
        self.go_on()?;
        if row.known {
            self.retelling.known(place, row.ts);
        }
        if let Some(kind) = history::kind_of(row) {
            let released = row.suspect.as_ref().is_some_and(|mark| mark.released);
            let told = Told {
                kind,
                name: row.name.unwrap_or_default(),
                path: row.path,
                released,
            };
            let event = self.event(told, row)?;
            self.retelling.did(place, row.ts, event);
        }
        if row.traits.is_some() {
            let traits = json::read(row.traits);
            let created: Option<Timestamp> = history::created_in(&traits, row.ts);
            if let Some(created) = created {
                self.retelling.created(place, created);
            }
            self.retelling
                .said(place, row.ts, row.said_by, traits)
                .map_err(|error| too_much(&error))?;
        }
        Ok(())
    }

    fn event(&mut self, told: Told<'_>, row: &FactRow<'_>) -> Result<u32, AppError> {
        let key = &mut self.key;
        key.clear();
        key.push(if told.released { 'r' } else { '-' });
        for part in [Some(row.kind), Some(told.name), told.path, row.properties] {
            // By their lengths no two keys of different parts are alike.
            let length = part.map_or(0, |part| part.len() + 1);
            key.push_str(&length.to_string());
            key.push(':');
            key.push_str(part.unwrap_or_default());
        }
        if let Some(number) = self.events.get(key.as_str()) {
            return Ok(*number);
        }
        let number = self.retelling.event(told, &json::read(row.properties));
        let number = number.map_err(|error| too_much(&error))?;
        if self.events.len() < REMEMBERED_MAX {
            self.events.insert(key.as_str().into(), number);
        }
        Ok(number)
    }
}

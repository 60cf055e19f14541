//! The fit of rows of traits, worked out once for all rows that an agreement can't tell apart.
//!
//! What each fit rule and exclusion asks of a field is answered once for each of the field's distinct values. Values with
//! equal answers are one class, and rows whose fields are of equal classes have one fit.

use std::num::NonZeroUsize;

use bellwether_core::domain::Traits;
use bellwether_core::engine::Engine;
use bellwether_core::explain::{FitBounds, answers, fit_bounds};
use hashbrown::HashMap;

use crate::chronicle::{TraitColumn, TraitColumns};
use crate::numbered::MISSING;

/// The fields that an agreement's fit reads, with the classes of their values.
pub(super) struct FitClasses<'c> {
    engine: &'c Engine,
    traits: &'c TraitColumns,
    fields: Vec<Field<'c>>,
    /// Whether a row's classes together are a number.
    counted: bool,
}

struct Field<'c> {
    column: &'c TraitColumn,
    /// The class of each value by its place; what has no value is of class 0.
    classes: Vec<u32>,
    /// By how much the number of a row's classes grows from one class of this field to the next.
    step: u64,
}

/// Fits that are known already.
#[derive(Default)]
pub(super) struct KnownFits(HashMap<u64, FitBounds>);

impl<'c> FitClasses<'c> {
    pub(super) fn new(engine: &'c Engine, traits: &'c TraitColumns, threads: NonZeroUsize) -> Self {
        let agreement = engine.agreement();
        let read = agreement.scored_fields();
        let columns = read.iter().filter_map(|name| traits.field(name, threads));
        let (mut fields, mut next) = (Vec::new(), Some(1_u64));
        for column in columns {
            let mut known: HashMap<Vec<bool>, u32> = HashMap::new();
            known.insert(answers(agreement, &column.name, None), 0);
            let mut class = |value| {
                // There are no more classes than values.
                let new = u32::try_from(known.len()).unwrap_or(MISSING);
                *known
                    .entry(answers(agreement, &column.name, Some(value)))
                    .or_insert(new)
            };
            let classes: Vec<u32> = column.values.iter().map(&mut class).collect();
            let step = next.unwrap_or_default();
            next = next.and_then(|step| step.checked_mul(known.len() as u64));
            fields.push(Field {
                column,
                classes,
                step,
            });
        }
        Self {
            engine,
            traits,
            fields,
            counted: next.is_some(),
        }
    }

    /// The fit of a row.
    #[inline]
    pub(super) fn of(&self, row: u32, known: &mut KnownFits) -> FitBounds {
        if !self.counted {
            return self.work_out(row);
        }
        let number = self
            .fields
            .iter()
            .map(|field| field.step * u64::from(field.class(row)))
            .sum();
        *known.0.entry(number).or_insert_with(|| self.work_out(row))
    }

    /// The fit of a row with traits that it doesn't state itself.
    pub(super) fn of_row_and(&self, row: u32, derived: &Traits) -> FitBounds {
        let mut traits = self.traits.row(row);
        for (name, value) in derived {
            traits.entry(name.clone()).or_insert_with(|| value.clone());
        }
        fit_bounds(self.engine, &traits)
    }

    fn work_out(&self, row: u32) -> FitBounds {
        fit_bounds(self.engine, &self.traits.row(row))
    }
}

impl Field<'_> {
    #[inline]
    fn class(&self, row: u32) -> u32 {
        let cell = self.column.cell(row);
        if cell == MISSING {
            return 0;
        }
        let place = self.column.values.place(cell);
        self.classes.get(place).copied().unwrap_or(0)
    }
}

//! Traits as columns: a row for each lead from the beginning, and one for each state that later writes made.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use bellwether_core::domain::{Traits, ValueRef};
use bellwether_core::profile::{DERIVED_FIELDS, derived_from};
use hashbrown::HashMap;

use super::derived::Derivation;
use crate::distinct::DistinctValues;
use crate::numbered::MISSING;

/// Rows of traits.
#[derive(Default, Clone)]
pub(crate) struct TraitColumns {
    columns: Vec<TraitColumn>,
    by_name: HashMap<String, usize>,
    rows: u32,
    /// The derived fields, in the order of [`DERIVED_FIELDS`], worked out when an agreement first reads one.
    derived: [OnceLock<TraitColumn>; DERIVED_FIELDS.len()],
}

/// One field's values by row.
#[derive(Default, Clone)]
pub(crate) struct TraitColumn {
    pub(crate) name: String,
    pub(crate) values: DistinctValues,
    /// The number of each row's value; a row past the end has none.
    cells: Vec<u32>,
}

impl TraitColumn {
    /// The number of a row's value.
    #[inline]
    pub(crate) fn cell(&self, row: u32) -> u32 {
        self.cells.get(row as usize).copied().unwrap_or(MISSING)
    }

    /// A row's value.
    pub(crate) fn value(&self, row: u32) -> Option<ValueRef<'_>> {
        Some(self.cell(row))
            .filter(|cell| *cell != MISSING)
            .and_then(|cell| self.values.get(cell))
    }

    /// Puts the cells of the rows with these numbers in the place of all, in this order.
    fn keep(&mut self, rows: &[u32]) {
        self.cells = rows.iter().map(|row| self.cell(*row)).collect();
    }

    fn set(&mut self, row: u32, value: ValueRef<'_>) {
        let number = self.values.intern(value);
        let row = row as usize;
        if self.cells.len() <= row {
            self.cells.resize(row + 1, MISSING);
        }
        if let Some(cell) = self.cells.get_mut(row) {
            *cell = number;
        }
    }
}

impl TraitColumns {
    /// Adds a row of traits; its number.
    pub(crate) fn push(&mut self, traits: &Traits) -> u32 {
        let row = self.add_row();
        for (name, value) in traits {
            let column = self.column(name);
            self.set(row, column, value.view());
        }
        row
    }

    /// Adds a row without traits; its number.
    pub(crate) fn add_row(&mut self) -> u32 {
        let row = self.rows;
        // Callers bound how many leads they bring well below this.
        self.rows = self.rows.saturating_add(1);
        row
    }

    /// The place of a field's column, which is made where there is none.
    pub(crate) fn column(&mut self, name: &str) -> usize {
        if let Some(at) = self.by_name.get(name) {
            return *at;
        }
        self.columns.push(TraitColumn {
            name: name.to_owned(),
            ..TraitColumn::default()
        });
        self.by_name.insert(name.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    /// Writes a value over what was there; an empty one is none.
    pub(crate) fn set(&mut self, row: u32, column: usize, value: ValueRef<'_>) {
        if let Some(column) = self.columns.get_mut(column).filter(|_| !value.is_empty()) {
            column.set(row, value);
        }
    }

    /// A row's traits.
    pub(crate) fn row(&self, row: u32) -> Traits {
        let held = self
            .columns
            .iter()
            .filter_map(|column| Some((column, column.value(row)?)));
        held.map(|(column, value)| (column.name.clone(), value.to_value()))
            .collect()
    }

    /// Puts the rows with these numbers in the place of all, in this order.
    pub(crate) fn keep(&mut self, rows: &[u32]) {
        for (at, name) in DERIVED_FIELDS.iter().enumerate() {
            // What is derived already is kept, and worked out only for the rows that came since.
            if let Some(mut derived) = self.derived.get_mut(at).and_then(OnceLock::take) {
                self.derive(name, NonZeroUsize::MIN, &mut derived);
                derived.keep(rows);
                if let Some(place) = self.derived.get_mut(at) {
                    *place = OnceLock::from(derived);
                }
            }
        }
        for column in &mut self.columns {
            column.keep(rows);
        }
        self.rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    }

    /// A field's values, be they sent or, on so many threads, derived; `None` where no row has one.
    pub(crate) fn field(&self, name: &str, threads: NonZeroUsize) -> Option<&TraitColumn> {
        let derived = DERIVED_FIELDS.iter().position(|field| *field == name);
        match derived.and_then(|at| self.derived.get(at)) {
            Some(derived) => Some(derived.get_or_init(|| {
                let mut column = TraitColumn {
                    name: name.to_owned(),
                    ..TraitColumn::default()
                };
                self.derive(name, threads, &mut column);
                column
            })),
            None => self.sent(name),
        }
    }

    /// The columns of what was sent.
    pub(crate) fn sent_columns(&self) -> impl Iterator<Item = &TraitColumn> {
        self.columns.iter()
    }

    /// The values of what was sent under a name; `None` where no row has one.
    pub(crate) fn sent(&self, name: &str) -> Option<&TraitColumn> {
        self.columns.get(*self.by_name.get(name)?)
    }

    /// Adds what is derived under a field's name for the rows that the column doesn't have yet.
    fn derive(&self, name: &str, threads: NonZeroUsize, derived: &mut TraitColumn) {
        let sources = derived_from(name).iter().chain([&name]);
        let sources = sources.filter_map(|source| self.sent(source));
        // There are no more cells than rows.
        let begun = u32::try_from(derived.cells.len()).unwrap_or(u32::MAX);
        let TraitColumn { values, cells, .. } = derived;
        cells.reserve((self.rows - begun) as usize);
        Derivation::new(name, sources).derive(begun..self.rows, threads, values, |cell| cells.push(cell));
    }
}

#[cfg(test)]
mod tests {
    use bellwether_core::domain::Value;
    use bellwether_core::profile::Profile;

    use super::*;

    fn traits(pairs: &[(&str, &str)]) -> Traits {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        pairs.collect()
    }

    #[test]
    fn rows_give_their_traits_back_and_fields_are_as_a_profile_has_them() {
        let sets = [
            traits(&[("email", "ana@acme.example"), ("title", "VP Sales")]),
            traits(&[]),
            traits(&[
                ("title", "VP Sales"),
                ("seniority", "entry"),
                ("website", "rival.example"),
            ]),
            traits(&[("email", "bob@gmail.com"), ("city", "Bern")]),
        ];
        let mut columns = TraitColumns::default();
        let rows: Vec<u32> = sets.iter().map(|traits| columns.push(traits)).collect();
        let order: Vec<u32> = rows.iter().rev().copied().collect();
        columns.keep(&order);
        check(&columns, sets.iter().rev());
        // What was derived by now is kept, and rows that come later get theirs.
        let later = traits(&[("email", "cleo@acme.example"), ("title", "Head of Finance")]);
        let row = columns.push(&later);
        columns.keep(&[row, 0, 3]);
        check(&columns, [&later, &sets[3], &sets[0]].into_iter());
    }

    fn check<'t>(columns: &TraitColumns, sets: impl Iterator<Item = &'t Traits>) {
        for (row, traits) in (0..).zip(sets) {
            assert_eq!(&columns.row(row), traits);
            let profile = Profile::new(traits);
            for name in [
                "email",
                "title",
                "city",
                "domain",
                "email_kind",
                "seniority",
                "department",
                "none",
            ] {
                let threads = NonZeroUsize::new(3).unwrap();
                let found = columns.field(name, threads).and_then(|column| column.value(row));
                assert_eq!(found, profile.field(name), "{name} of {traits:?}");
            }
        }
    }
}

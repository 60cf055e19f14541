//! A leads file with every trait kept, for agreements that aren't known yet.

use bellwether_core::domain::Value;

use super::rows::{LeadRow, RowTraits, each_row};
use super::{Entered, Leads, Register, Since, duplicate};
use crate::chronicle::TraitColumns;
use crate::columns::ColumnMap;
use crate::error::ReplayError;
use crate::rejects::Rejects;
use crate::source::{Progress, Source};

impl Leads {
    /// Reads a file with the traits of each lead, in the order of the leads' numbers. No fit is worked out.
    pub(crate) fn read_whole(
        source: &Source,
        columns: &ColumnMap,
        since: Since,
        progress: Progress<'_>,
        rejects: &mut Rejects,
    ) -> Result<(Self, TraitColumns), ReplayError> {
        let (mut register, mut traits) = (Register::new(since), TraitColumns::default());
        let (mut places, mut value) = (None, Value::Text(String::new()));
        let mut take = |row: LeadRow<'_, '_>| {
            let (number, known) = match register.enter(&row)? {
                Entered::New(number) => (number, false),
                Entered::Known(number) => (number, true),
                Entered::Refused(refusal) => return Ok(Some(refusal)),
            };
            if !known {
                traits.add_row();
            }
            // Of several rows of one lead, later values win.
            let whole = register.date(number, row)?;
            write(&mut traits, number, whole, &mut places, &mut value);
            Ok(known.then(duplicate))
        };
        each_row(source, columns, &|_| true, progress, rejects, &mut take)?;
        Ok((register.into_leads(source, columns), traits))
    }
}

fn write(
    traits: &mut TraitColumns,
    row: u32,
    with: RowTraits<'_, '_>,
    places: &mut Option<Vec<usize>>,
    value: &mut Value,
) {
    let (columns, cell) = match with {
        RowTraits::Cells(columns, cell) => (columns, cell),
        RowTraits::Whole(with) => {
            for (name, value) in &with {
                let column = traits.column(name);
                traits.set(row, column, value.view());
            }
            return;
        }
    };
    // A file's columns are the same in every row.
    let places = places.get_or_insert_with(|| {
        let places = columns.iter().map(|column| traits.column(&column.name));
        places.collect()
    });
    for (column, place) in columns.iter().zip(places) {
        let text = cell(column.at);
        if !text.is_empty() {
            if !matches!(value, Value::Text(_)) {
                *value = Value::Text(String::new());
            }
            column.read_into(text, value);
            traits.set(row, *place, value.view());
        }
    }
}

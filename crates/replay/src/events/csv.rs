//! Events as rows of CSV.

use bellwether_core::domain::ValueRef;

use super::Taken;
use super::objects::take_objects;
use crate::columns::ColumnMap;
use crate::csv_table::CsvTable;
use crate::error::ReplayError;
use crate::events::row::{EventRow, Layout, take};
use crate::history::History;
use crate::rejects::Rejects;
use crate::signatures::Given;
use crate::source::{Progress, Source};

pub(super) fn read(
    source: &Source,
    columns: &ColumnMap,
    history: &mut History<'_>,
    progress: Progress<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    let mut table = CsvTable::open(source, progress, rejects)?;
    history.signatures.read_columns(table.columns());
    let layout = Layout::new(
        &source.path,
        table.columns(),
        &|_| false,
        columns,
        history.signatures.paths(),
    )?;
    while table.next(rejects)? {
        if let Err((reason, detail)) = take_row(&table, &layout, history)? {
            table.reject(rejects, reason, &detail)?;
        }
    }
    Ok(())
}

fn take_row(table: &CsvTable<'_>, layout: &Layout, history: &mut History<'_>) -> Taken {
    if let Some(objects) = &layout.objects {
        let cell = |at: usize| table.cell(at);
        let mut row = match objects.row(layout, &cell) {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        row.add_own(layout, &cell, &|_| false, history.signatures.paths());
        return take_objects(row, history);
    }
    let filled = |at: Option<usize>| at.map(|at| table.cell(at)).filter(|text| !text.is_empty());
    let row = EventRow {
        lead: table.cell(layout.lead),
        ts: table.cell(layout.ts),
        event: table.cell(layout.event),
        path: filled(layout.path),
    };
    let values = layout.properties.iter().map(|at| filled(*at).map(ValueRef::Text));
    take(&row, Given::Cells(&values.collect::<Vec<_>>()), history)
}

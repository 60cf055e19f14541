//! Events as rows of Parquet, in any order.

use bellwether_core::domain::Timestamp;

use super::Refusal;
use super::objects::{Objects, take_objects};
use super::row::{Layout, refusal};
use crate::cells::{read_time, time_of_ms};
use crate::columns::ColumnMap;
use crate::error::ReplayError;
use crate::event_columns::{BAD_EVENT, BAD_TIME, EventColumns, NO_TIME};
use crate::history::{Actor, History};
use crate::numbered::Cell;
use crate::parquet_table::{BATCH_ROWS, ParquetTable};
use crate::rejects::{Reason, Rejects};
use crate::signatures::Signatures;
use crate::source::{Progress, Source};

const NOT_YET: u32 = u32::MAX;

pub(super) fn read(
    source: &Source,
    map: &ColumnMap,
    history: &mut History<'_>,
    progress: Progress<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    let table = ParquetTable::open(source).map_err(|error| listed(source, error, rejects))?;
    history.signatures.read_columns(table.names());
    list_left_out(&table, &history.signatures, rejects)?;
    let (names, paths) = (table.names(), history.signatures.paths());
    let layout = Layout::new(&source.path, names, &|at| table.is_list(at), map, paths)?;
    if let Some(objects) = &layout.objects {
        let read = read_objects(&table, &layout, objects, source, history, progress, rejects);
        return read.map_err(|error| listed(source, error, rejects));
    }
    let mut done = 0;
    for at in 0..table.groups() {
        let read = read_group(&table, &layout, at, &mut done, source, history, rejects);
        read.map_err(|error| listed(source, error, rejects))?;
        progress(u64::try_from(table.group_metadata(at).compressed_size()).unwrap_or(0));
    }
    Ok(())
}

/// Reads a file whose properties or traits are objects, row by row.
fn read_objects(
    table: &ParquetTable,
    layout: &Layout,
    objects: &Objects,
    source: &Source,
    history: &mut History<'_>,
    progress: Progress<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    let mut read = vec![layout.lead, layout.ts, layout.event];
    let others = layout.path.into_iter().chain(objects.columns());
    for column in others.chain(layout.properties.iter().copied().flatten()) {
        if !read.contains(&column) {
            read.push(column);
        }
    }
    table.each_row(&read, progress, &mut |number, cell| {
        let taken = match objects.row(layout, cell) {
            Ok(mut row) => {
                row.add_own(layout, cell, &|at| table.is_list(at), history.signatures.paths());
                take_objects(row, history)?
            }
            Err(refusal) => Err(refusal),
        };
        match taken {
            Ok(()) => Ok(()),
            Err((reason, detail)) => {
                let excerpt = cell(layout.lead);
                rejects.add(&source.path, number, reason, &detail, excerpt.as_bytes())
            }
        }
    })
}

fn read_group(
    table: &ParquetTable,
    layout: &Layout,
    at: usize,
    done: &mut u64,
    source: &Source,
    history: &mut History<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    let opened = table.group(at).map_err(|error| table.damaged(*done, &error))?;
    let columns = EventColumns::open(table, opened.as_ref(), layout, history.signatures.reads_pages());
    let mut columns = columns.map_err(|error| table.damaged(*done, &error))?;
    let mut ids: Vec<u32> = Vec::new();
    let mut left = table.group_rows(at);
    while left > 0 {
        let rows = left.min(BATCH_ROWS);
        columns.read(rows).map_err(|error| table.damaged(*done, &error))?;
        columns.classify(&mut history.signatures)?;
        for row in 0..rows {
            if let Err((reason, detail)) = take_row(&columns, row, &mut ids, history)? {
                let excerpt = columns.lead_text(row).trimmed().unwrap_or_default();
                rejects.add(
                    &source.path,
                    *done + row as u64 + 1,
                    reason,
                    &detail,
                    excerpt.as_bytes(),
                )?;
            }
        }
        *done += rows as u64;
        left -= rows;
    }
    Ok(())
}

fn take_row(
    columns: &EventColumns,
    row: usize,
    ids: &mut Vec<u32>,
    history: &mut History<'_>,
) -> Result<Result<(), Refusal>, ReplayError> {
    let signature = columns.signatures.get(row).copied().unwrap_or(BAD_EVENT);
    let number = columns.leads.get(row).copied().unwrap_or(NOT_YET);
    let known = ids.get(number as usize).copied().unwrap_or(NOT_YET);
    if known == NOT_YET || signature == BAD_EVENT {
        let (lead, event) = (columns.lead_text(row), columns.event_text(row));
        if lead == Cell::NotUtf8 || event == Cell::NotUtf8 {
            return Ok(Err((Reason::InvalidUtf8, String::new())));
        }
        let text = |cell: Cell<'_>| cell.trimmed().unwrap_or_default().to_owned();
        if let Some(refusal) = refusal(&text(lead), &text(event)) {
            return Ok(Err(refusal));
        }
    }
    if signature == BAD_EVENT {
        // The name is well, so it is one of the properties that isn't.
        return Ok(Err((Reason::InvalidUtf8, String::new())));
    }
    let ts = match time(columns, row) {
        Ok(ts) => ts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !history.exists(ts) {
        return Ok(Ok(()));
    }
    let id = if known == NOT_YET {
        let text = columns.lead_text(row).trimmed().unwrap_or_default();
        let id = history.id(text.trim())?;
        if ids.len() <= number as usize {
            ids.resize(number as usize + 1, NOT_YET);
        }
        ids[number as usize] = id;
        id
    } else {
        known
    };
    history.event(Actor { id, anonymous: false }, ts, signature, 0)?;
    Ok(Ok(()))
}

fn time(columns: &EventColumns, row: usize) -> Result<Timestamp, Refusal> {
    match columns.ms.get(row).copied().unwrap_or(NO_TIME) {
        NO_TIME => Err((Reason::MissingTime, String::new())),
        // Read once more for what is wrong with it.
        BAD_TIME => match columns.time_text(row) {
            Some(text) => read_time(text),
            None => Err((Reason::InvalidUtf8, String::new())),
        },
        ms => time_of_ms(ms),
    }
}

/// Lists the columns of properties that rules read and that are no single values or lists of them.
pub(crate) fn list_left_out(
    table: &ParquetTable,
    signatures: &Signatures<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    let wanted = |column: &str| signatures.reads_column(column);
    table.list_left_out(&wanted, rejects)
}

/// A file that can't be read to its end is among the rejects, too.
fn listed(source: &Source, error: ReplayError, rejects: &mut Rejects) -> ReplayError {
    if let ReplayError::Truncated { rows, reason, .. } = &error {
        let (rows, reason) = (*rows, reason.clone());
        // What the list itself fails by matters less than the damaged file.
        drop(rejects.add(&source.path, rows + 1, Reason::CutOff, &reason, b""));
    }
    error
}

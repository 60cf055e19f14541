//! The rows of a leads file, in whatever format it is.

use std::sync::Arc;

use bellwether_core::domain::{Traits, Value};
use serde_json::Value as Json;

use crate::cells::{flatten, flatten_traits, json_text, list_of};
use crate::columns::{CREATED_AT, ColumnMap, LEAD, single};
use crate::csv_table::{CsvTable, cut_off};
use crate::error::ReplayError;
use crate::limits::LEAD_ID_BYTES_MAX;
use crate::parquet_table::ParquetTable;
use crate::rejects::{Reason, Rejects};
use crate::rows::{Lines, Next};
use crate::source::{Format, Progress, Source};

/// One row, as it is handed on.
pub(super) struct LeadRow<'l, 'r> {
    pub(super) id: &'r str,
    pub(super) created: Option<&'r str>,
    pub(super) traits: RowTraits<'l, 'r>,
}

/// What a row says of its lead.
pub(super) enum RowTraits<'l, 'r> {
    /// Cells of a table.
    Cells(&'l Arc<[TraitColumn]>, &'r dyn Fn(usize) -> &'r str),
    /// Members of an object.
    Whole(Traits),
}

/// A column that holds a trait.
#[derive(Debug)]
pub(super) struct TraitColumn {
    pub(super) at: usize,
    pub(super) name: String,
    is_list: bool,
}

type Refusal = (Reason, String);
/// What a row is refused for, if it is.
pub(super) type Taken = Result<Option<Refusal>, ReplayError>;
type Take<'t> = &'t mut dyn FnMut(LeadRow<'_, '_>) -> Taken;

/// Hands on each good row, with the traits that `keep` asks for.
pub(super) fn each_row(
    source: &Source,
    columns: &ColumnMap,
    keep: &dyn Fn(&str) -> bool,
    progress: Progress<'_>,
    rejects: &mut Rejects,
    take: Take<'_>,
) -> Result<(), ReplayError> {
    match source.format {
        Format::Csv => each_csv_row(source, columns, keep, progress, rejects, take),
        Format::JsonLines => each_json_row(source, columns, keep, progress, rejects, take),
        Format::Parquet => each_parquet_row(source, columns, keep, progress, rejects, take),
    }
}

/// Where a table has what.
struct Layout {
    lead: usize,
    created: Option<usize>,
    /// In the order of their names, each once.
    traits: Arc<[TraitColumn]>,
}

impl Layout {
    fn new(
        source: &Source,
        names: &[String],
        is_list: &dyn Fn(usize) -> bool,
        map: &ColumnMap,
        keep: &dyn Fn(&str) -> bool,
    ) -> Result<Self, ReplayError> {
        let single = single(names, is_list);
        // `--map` may be meant for the events file alone.
        let there = |named: &Option<String>| named.clone().filter(|name| names.contains(name));
        let lead = LEAD.require(&source.path, &single, there(&map.lead).as_deref())?;
        let created = CREATED_AT.find(&source.path, &single, map.created_at.as_deref())?;
        // An address that serves as the id still says where somebody works.
        let is_trait =
            |at: usize, name: &str| Some(at) != created && (at != lead || name.eq_ignore_ascii_case("email"));
        let traits = names.iter().enumerate();
        let traits = traits.filter(|(at, name)| !name.is_empty() && is_trait(*at, name) && keep(name));
        let mut traits: Vec<TraitColumn> = traits
            .map(|(at, name)| TraitColumn {
                at,
                name: name.clone(),
                is_list: is_list(at),
            })
            .collect();
        traits.sort_by(|a, b| a.name.cmp(&b.name));
        traits.dedup_by(|later, first| later.name == first.name);
        Ok(Self {
            lead,
            created,
            traits: traits.into(),
        })
    }

    fn row<'l, 'r>(&'l self, cell: &'r dyn Fn(usize) -> &'r str) -> LeadRow<'l, 'r> {
        LeadRow {
            id: cell(self.lead),
            created: self.created.map(cell).filter(|text| !text.is_empty()),
            traits: RowTraits::Cells(&self.traits, cell),
        }
    }
}

impl TraitColumn {
    /// Reads a cell in place of another one of the same column.
    pub(super) fn read_into(&self, cell: &str, value: &mut Value) {
        if self.is_list {
            *value = Value::List(list_of(cell));
        } else if let Value::Text(text) = value {
            text.clear();
            text.push_str(cell);
        }
    }
}

fn offer(row: LeadRow<'_, '_>, take: Take<'_>) -> Taken {
    if row.id.is_empty() {
        return Ok(Some((Reason::MissingLead, String::new())));
    }
    if row.id.len() > LEAD_ID_BYTES_MAX {
        return Ok(Some((Reason::LeadTooLong, String::new())));
    }
    take(row)
}

fn each_csv_row(
    source: &Source,
    columns: &ColumnMap,
    keep: &dyn Fn(&str) -> bool,
    progress: Progress<'_>,
    rejects: &mut Rejects,
    take: Take<'_>,
) -> Result<(), ReplayError> {
    let mut table = CsvTable::open(source, progress, rejects)?;
    let layout = Layout::new(source, table.columns(), &|_| false, columns, keep)?;
    while table.next(rejects)? {
        let refused = offer(layout.row(&|at| table.cell(at)), take)?;
        if let Some((reason, detail)) = refused {
            table.reject(rejects, reason, &detail)?;
        }
    }
    Ok(())
}

fn each_parquet_row(
    source: &Source,
    columns: &ColumnMap,
    keep: &dyn Fn(&str) -> bool,
    progress: Progress<'_>,
    rejects: &mut Rejects,
    take: Take<'_>,
) -> Result<(), ReplayError> {
    let table = ParquetTable::open(source)?;
    table.list_left_out(keep, rejects)?;
    let layout = Layout::new(source, table.names(), &|at| table.is_list(at), columns, keep)?;
    let mut read = vec![layout.lead];
    read.extend(layout.created);
    read.extend(layout.traits.iter().map(|column| column.at));
    table.each_row(&read, progress, &mut |number, cell| {
        let Some((reason, detail)) = offer(layout.row(cell), take)? else {
            return Ok(());
        };
        rejects.add(
            &source.path,
            number,
            reason,
            &detail,
            cell(layout.lead).as_bytes(),
        )
    })
}

fn each_json_row(
    source: &Source,
    columns: &ColumnMap,
    keep: &dyn Fn(&str) -> bool,
    progress: Progress<'_>,
    rejects: &mut Rejects,
    take: Take<'_>,
) -> Result<(), ReplayError> {
    let mut lines = Lines::new(source.open(progress)?);
    loop {
        let next = lines.next();
        let next = next.map_err(|error| cut_off(source, lines.number(), lines.number(), &error, rejects))?;
        let refused = match next {
            Next::End => return Ok(()),
            Next::TooLong => Some((Reason::RowTooLong, String::new())),
            Next::Row => offer_json(lines.line(), columns, keep, take)?,
        };
        if let Some((reason, detail)) = refused {
            rejects.add(&source.path, lines.number(), reason, &detail, lines.line())?;
        }
    }
}

/// A flat object, or Segment's identify call.
fn offer_json(line: &[u8], columns: &ColumnMap, keep: &dyn Fn(&str) -> bool, take: Take<'_>) -> Taken {
    let object = match parse_object(line) {
        Ok(object) => object,
        Err(refusal) => return Ok(Some(refusal)),
    };
    let names: Vec<String> = object.keys().cloned().collect();
    let named = columns.lead.clone().filter(|name| object.contains_key(name));
    let found = LEAD.find(std::path::Path::new(""), &names, named.as_deref())?;
    let Some(lead) = found.and_then(|at| names.get(at)).cloned() else {
        return Ok(Some((Reason::MissingLead, String::new())));
    };
    let id = object.get(&lead).and_then(json_text).unwrap_or_default();
    let wanted = |name: &&String| match &columns.created_at {
        Some(named) => *name == named,
        None => CREATED_AT.is_named(name),
    };
    let created_name = names.iter().find(wanted).cloned();
    let created = created_name
        .as_ref()
        .and_then(|name| object.get(name))
        .and_then(json_text);
    let mut traits = match object.get("traits") {
        Some(traits @ Json::Object(_)) => flatten_traits(traits),
        _ => flatten(&Json::Object(object)),
    };
    traits.retain(|name, _| {
        keep(name)
            && Some(name) != created_name.as_ref()
            && (*name != lead || name.eq_ignore_ascii_case("email"))
    });
    let created = created.as_deref().map(str::trim).filter(|text| !text.is_empty());
    offer(
        LeadRow {
            id: id.trim(),
            created,
            traits: RowTraits::Whole(traits),
        },
        take,
    )
}

/// A line as an object of JSON, or why it is none.
pub(crate) fn parse_object(line: &[u8]) -> Result<serde_json::Map<String, Json>, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| (Reason::InvalidUtf8, String::new()))?;
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err((Reason::NotAnEvent, "not an object".to_owned())),
        Err(error) if error.to_string().starts_with("number out of range") => {
            Err((Reason::NumberOutOfRange, String::new()))
        }
        Err(error) => Err((Reason::BrokenJson, error.to_string())),
    }
}

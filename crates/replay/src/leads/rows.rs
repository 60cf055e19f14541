//! The rows of a leads file, in whatever format it is.

use std::sync::Arc;

use bellwether_core::domain::{Traits, Value};
use bellwether_core::records::RecordKind;
use serde_json::{Map, Value as Json};

use crate::cells::{flatten, flatten_traits, json_text, list_of, object_in, object_of, parse_object};
use crate::columns::{CREATED_AT, ColumnMap, LEAD, single};
use crate::csv_table::{CsvTable, cut_off};
use crate::error::ReplayError;
use crate::import::headers::places;
use crate::limits::LEAD_ID_BYTES_MAX;
use crate::parquet_table::ParquetTable;
use crate::rejects::{Reason, Rejects};
use crate::rows::{Lines, Next};
use crate::source::{Format, Progress, Source};

/// One row, as it is handed on.
pub(super) struct LeadRow<'l, 'r> {
    pub(super) id: &'r str,
    pub(super) created: Option<&'r str>,
    /// As of when it says what it does; only where its traits are an object.
    pub(super) updated: Option<&'r str>,
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

pub(super) type Refusal = (Reason, String);
/// What a row is refused for, if it is.
pub(super) type Taken = Result<Option<Refusal>, ReplayError>;
type Keep<'k> = &'k dyn Fn(&str) -> bool;
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
    objects: Option<Objects>,
}

/// What more there is in a file whose traits are objects, as those of an export are.
struct Objects {
    traits: usize,
    /// The device of a lead that has no id.
    visitor: Option<usize>,
    updated: Option<usize>,
    /// The columns that mean something and so are no traits.
    fields: Vec<usize>,
}

impl Objects {
    /// The columns of such a file, by the names that imports know.
    fn among(columns: &[String]) -> Option<Self> {
        let mut places = places(RecordKind::Leads, columns);
        let traits = *places.get("traits")?;
        // An address is a key, and says where somebody works.
        places.remove("email");
        let scored = columns.iter().enumerate();
        let scored = scored.filter(|(_, name)| name.starts_with("scored_"));
        Some(Self {
            traits,
            visitor: places.get("anonymous_id").copied(),
            updated: places.get("updated_at").copied(),
            fields: places.values().copied().chain(scored.map(|(at, _)| at)).collect(),
        })
    }
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
        let objects = Objects::among(&single);
        let is_field = |at: usize| {
            objects
                .as_ref()
                .is_some_and(|objects| objects.fields.contains(&at))
        };
        let is_trait = |at: usize, name: &str| {
            Some(at) != created && !is_field(at) && (at != lead || name.eq_ignore_ascii_case("email"))
        };
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
            objects,
        })
    }

    /// Hands a row on.
    fn offer<'r>(&self, cell: &'r dyn Fn(usize) -> &'r str, keep: Keep<'_>, take: Take<'_>) -> Taken {
        let filled = |at: Option<usize>| at.map(cell).filter(|text| !text.is_empty());
        let (id, created) = (cell(self.lead), filled(self.created));
        let Some(objects) = &self.objects else {
            let traits = RowTraits::Cells(&self.traits, cell);
            let updated = None;
            return offer(
                LeadRow {
                    id,
                    created,
                    updated,
                    traits,
                },
                take,
            );
        };
        let mut traits = match object_in("traits", cell(objects.traits)) {
            Ok(object) => flatten_traits(&object),
            Err(refusal) => return Ok(Some(refusal)),
        };
        traits.retain(|name, _| keep(name));
        for (name, value) in filled_cells(&self.traits, cell) {
            traits.entry(name).or_insert(value);
        }
        let row = LeadRow {
            id: if id.is_empty() {
                filled(objects.visitor).unwrap_or_default()
            } else {
                id
            },
            created,
            updated: filled(objects.updated),
            traits: RowTraits::Whole(traits),
        };
        offer(row, take)
    }
}

/// The traits of the columns that have a cell in a row, in memory of their own.
pub(super) fn filled_cells<'r>(
    columns: &[TraitColumn],
    cell: &dyn Fn(usize) -> &'r str,
) -> impl Iterator<Item = (String, Value)> {
    let filled = columns.iter().map(|column| (column, cell(column.at)));
    filled.filter(|(_, text)| !text.is_empty()).map(|(column, text)| {
        let mut value = Value::Text(String::new());
        column.read_into(text, &mut value);
        (column.name.clone(), value)
    })
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
        let refused = layout.offer(&|at| table.cell(at), keep, take)?;
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
    if let Some(objects) = &layout.objects {
        read.push(objects.traits);
        read.extend(objects.visitor.into_iter().chain(objects.updated));
    }
    read.extend(layout.traits.iter().map(|column| column.at));
    table.each_row(&read, progress, &mut |number, cell| {
        let Some((reason, detail)) = layout.offer(cell, keep, take)? else {
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

/// A flat object, one with its traits in an object, or Segment's identify call.
fn offer_json(line: &[u8], columns: &ColumnMap, keep: Keep<'_>, take: Take<'_>) -> Taken {
    let mut object = match parse_object(line) {
        Ok(object) => object,
        Err(refusal) => return Ok(Some(refusal)),
    };
    let names: Vec<String> = object.keys().cloned().collect();
    let named = columns.lead.clone().filter(|name| object.contains_key(name));
    let found = LEAD.find(std::path::Path::new(""), &names, named.as_deref())?;
    let Some(lead) = found.and_then(|at| names.get(at)) else {
        return Ok(Some((Reason::MissingLead, String::new())));
    };
    let wanted = |name: &&String| match &columns.created_at {
        Some(named) => *name == named,
        None => CREATED_AT.is_named(name),
    };
    let created_name = names.iter().find(wanted);
    let mut id = text_of(&object, Some(lead));
    let (created, mut updated) = (text_of(&object, created_name), None);
    if let Some(name) = created_name {
        object.remove(name);
    }
    if !lead.eq_ignore_ascii_case("email") {
        object.remove(lead);
    }
    let mut traits = Traits::new();
    if let Some(objects) = Objects::among(&names).filter(|_| object.contains_key("traits")) {
        let name = |at: Option<usize>| at.and_then(|at| names.get(at));
        id = id.or_else(|| text_of(&object, name(objects.visitor)));
        updated = text_of(&object, name(objects.updated));
        match object_of("traits", object.get("traits").unwrap_or(&Json::Null)) {
            Ok(object) => traits = flatten_traits(&object),
            Err(refusal) => return Ok(Some(refusal)),
        }
        // What a call says beside its traits is about the call.
        let is_call = object.get("type").is_some_and(Json::is_string);
        object.retain(|name, _| {
            let at = names.iter().position(|known| known == name);
            !is_call && !at.is_some_and(|at| objects.fields.contains(&at))
        });
    }
    for (name, value) in flatten(&Json::Object(object)) {
        traits.entry(name).or_insert(value);
    }
    traits.retain(|name, _| keep(name));
    let row = LeadRow {
        id: id.as_deref().unwrap_or_default(),
        created: created.as_deref(),
        updated: updated.as_deref(),
        traits: RowTraits::Whole(traits),
    };
    offer(row, take)
}

/// A member as a table's cell would hold it; nothing where it is empty.
fn text_of(object: &Map<String, Json>, name: Option<&String>) -> Option<String> {
    let text = object.get(name?).and_then(json_text)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

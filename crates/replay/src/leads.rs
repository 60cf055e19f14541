//! A leads file: who is known, by what traits, and since when.

use bellwether_core::domain::{Timestamp, Traits, Value};
use bellwether_core::engine::{Engine, Fit};
use hashbrown::HashMap;
use serde_json::Value as Json;

use crate::cells::{flatten, flatten_traits, json_text, read_time};
use crate::columns::{CREATED_AT, ColumnMap, LEAD};
use crate::csv_table::{CsvTable, cut_off};
use crate::error::ReplayError;
use crate::limits::{LEAD_ID_BYTES_MAX, LEADS_MAX};
use crate::parquet_table::ParquetTable;
use crate::rejects::{Reason, Rejects};
use crate::rows::{Lines, Next};
use crate::source::{Format, Progress, Source};
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

/// One row, as it is handed on; what it is refused for, if it is.
struct LeadRow<'r> {
    id: &'r str,
    created: Option<&'r str>,
    traits: Traits,
}

type Refusal = (Reason, String);
type Take<'t> = &'t mut dyn FnMut(LeadRow<'_>) -> Result<Option<Refusal>, ReplayError>;

impl Leads {
    /// Reads a file, evaluating each lead's fit and keeping no trait.
    pub(crate) fn read(
        source: &Source,
        columns: &ColumnMap,
        engine: &Engine,
        progress: Progress<'_>,
        rejects: &mut Rejects,
    ) -> Result<Self, ReplayError> {
        let relevant = Relevant::new(engine.agreement());
        let (mut ids, mut bases, mut twice) = (Texts::default(), Vec::<Base>::new(), HashMap::new());
        let mut take = |row: LeadRow<'_>| {
            let created = match row.created.map(read_time).transpose() {
                Ok(created) => created,
                Err(refusal) => return Ok(Some(refusal)),
            };
            if bases.len() >= LEADS_MAX {
                return Err(ReplayError::TooMany {
                    what: "leads",
                    limit: LEADS_MAX as u64,
                });
            }
            let number = ids.intern(row.id);
            match bases.get_mut(number as usize) {
                None => bases.push(Base {
                    fit: engine.fit(&row.traits),
                    created,
                }),
                Some(base) => {
                    base.created = created.or(base.created);
                    twice.insert(number, Traits::new());
                    return Ok(Some((Reason::Duplicate, String::new())));
                }
            }
            Ok(None)
        };
        let keep = |field: &str| relevant.holds(field);
        each_row(source, columns, &keep, progress, rejects, &mut take)?;
        let mut leads = Self {
            ids,
            bases,
            source: Some(source.clone()),
            columns: columns.clone(),
        };
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
        let mut take = |row: LeadRow<'_>| {
            let usable = row.created.map(read_time).transpose().is_ok();
            if let Some(traits) = self
                .ids
                .find(row.id)
                .filter(|_| usable)
                .and_then(|number| of.get_mut(&number))
            {
                overwrite(traits, row.traits);
            }
            Ok(None)
        };
        let read = each_row(source, &self.columns, keep, &|_| {}, rejects, &mut take);
        rejects.mute(false);
        read
    }
}

/// Hands on each good row, with the traits that `keep` asks for.
fn each_row(
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
    traits: Vec<(usize, String)>,
}

impl Layout {
    fn new(
        source: &Source,
        names: &[String],
        map: &ColumnMap,
        keep: &dyn Fn(&str) -> bool,
    ) -> Result<Self, ReplayError> {
        // `--map` may be meant for the events file alone.
        let there = |named: &Option<String>| named.clone().filter(|name| names.contains(name));
        let lead = LEAD.require(&source.path, names, there(&map.lead).as_deref())?;
        let created = CREATED_AT.find(&source.path, names, map.created_at.as_deref())?;
        // An address that serves as the id still says where somebody works.
        let is_trait =
            |at: usize, name: &str| Some(at) != created && (at != lead || name.eq_ignore_ascii_case("email"));
        let traits = names.iter().enumerate();
        let traits = traits.filter(|(at, name)| !name.is_empty() && is_trait(*at, name) && keep(name));
        let traits = traits.map(|(at, name)| (at, name.clone())).collect();
        Ok(Self {
            lead,
            created,
            traits,
        })
    }

    fn row<'r>(&self, cell: &dyn Fn(usize) -> &'r str) -> LeadRow<'r> {
        let filled = self
            .traits
            .iter()
            .map(|(at, name)| (name, cell(*at)))
            .filter(|(_, text)| !text.is_empty());
        LeadRow {
            id: cell(self.lead),
            created: self.created.map(cell).filter(|text| !text.is_empty()),
            traits: filled
                .map(|(name, text)| (name.clone(), Value::from(text)))
                .collect(),
        }
    }
}

fn offer(row: LeadRow<'_>, take: Take<'_>) -> Result<Option<Refusal>, ReplayError> {
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
    let layout = Layout::new(source, table.columns(), columns, keep)?;
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
    let names = table.names().to_vec();
    let layout = Layout::new(source, &names, columns, keep)?;
    let mut read = vec![layout.lead];
    read.extend(layout.created);
    read.extend(layout.traits.iter().map(|(at, _)| *at));
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
fn offer_json(
    line: &[u8],
    columns: &ColumnMap,
    keep: &dyn Fn(&str) -> bool,
    take: Take<'_>,
) -> Result<Option<Refusal>, ReplayError> {
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
            traits,
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

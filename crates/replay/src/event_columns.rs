//! A row group's events as columns: leads by number, times in milliseconds, signatures by number.

use hashbrown::HashMap;
use parquet::errors::ParquetError;
use parquet::file::reader::RowGroupReader;

use bellwether_core::domain::{EventKind, Timestamp, Value, ValueRef};

use crate::cells::{list_of, read_time};
use crate::error::ReplayError;
use crate::events::row::{Layout, PAGE, kind, refusal};
use crate::numbered::{Cell, MISSING};
use crate::pages::{Int64Column, NumberedColumn};
use crate::parquet_table::ParquetTable;
use crate::signatures::{Given, Signatures};

/// A time that is missing.
pub(crate) const NO_TIME: i64 = i64::MIN;
/// A time that can't be read.
pub(crate) const BAD_TIME: i64 = i64::MIN + 1;
/// The signature of an event that can't be taken.
pub(crate) const BAD_EVENT: u32 = u32::MAX;
const NOT_YET: u32 = u32::MAX - 1;
const RECENT: usize = 1_024;

/// One row group's columns, read batch by batch.
pub(crate) struct EventColumns {
    pub(crate) lead: NumberedColumn,
    times: Times,
    /// The event's name, its path where one matters, and the properties that rules read.
    others: Vec<NumberedColumn>,
    others_read: Vec<Vec<u32>>,
    combinations: Combinations,
    /// The present batch.
    pub(crate) leads: Vec<u32>,
    pub(crate) ms: Vec<i64>,
    pub(crate) signatures: Vec<u32>,
    time_numbers: Vec<u32>,
}

enum Times {
    Whole(Int64Column),
    /// Text, with what each distinct value is in milliseconds.
    Text(NumberedColumn, Vec<i64>),
}

/// What an event's columns come to together, each combination worked out once.
struct Combinations {
    reads_path: bool,
    /// Which column each property stands in, in the order of the rules' paths.
    properties: Vec<Option<usize>>,
    /// Which of the columns hold lists.
    lists: Vec<bool>,
    pairs: Vec<Pairs>,
    is_page: Vec<Option<bool>>,
    signatures: Vec<u32>,
}

/// Pairs of numbers, numbered.
pub(crate) struct Pairs {
    index: HashMap<u64, u32>,
    all: Vec<(u32, u32)>,
    recent: Vec<(u64, u32)>,
}

impl EventColumns {
    pub(crate) fn open(
        table: &ParquetTable,
        group: &dyn RowGroupReader,
        layout: &Layout,
        reads_pages: bool,
    ) -> Result<Self, ParquetError> {
        let column = |name: usize| NumberedColumn::open(&table.chunk(group, name));
        let mut named = vec![layout.event];
        named.extend(layout.path.filter(|_| reads_pages));
        let reads_path = named.len() > 1;
        let mut properties = Vec::new();
        for name in &layout.properties {
            // A rule may read the path as a property, too; as such it counts for every kind of event.
            properties.push(name.map(|_| named.len()));
            named.extend(*name);
        }
        let times = if table.shape(layout.ts).is_time() {
            Times::Whole(table.whole_column(group, layout.ts)?)
        } else {
            Times::Text(column(layout.ts)?, Vec::new())
        };
        Ok(Self {
            lead: column(layout.lead)?,
            times,
            others_read: vec![Vec::new(); named.len()],
            combinations: Combinations {
                reads_path,
                properties,
                lists: named.iter().map(|name| table.is_list(*name)).collect(),
                pairs: (1..named.len()).map(|_| Pairs::new()).collect(),
                is_page: Vec::new(),
                signatures: Vec::new(),
            },
            others: named.into_iter().map(column).collect::<Result<_, _>>()?,
            leads: Vec::new(),
            ms: Vec::new(),
            signatures: Vec::new(),
            time_numbers: Vec::new(),
        })
    }

    /// Reads the next `rows` rows in place of the present batch.
    pub(crate) fn read(&mut self, rows: usize) -> Result<(), ParquetError> {
        self.leads.clear();
        self.lead.read(rows, &mut self.leads)?;
        for (column, read) in self.others.iter_mut().zip(&mut self.others_read) {
            read.clear();
            column.read(rows, read)?;
        }
        self.ms.clear();
        match &mut self.times {
            Times::Whole(column) => {
                column.read(rows, NO_TIME, &mut self.ms)?;
                let shape = column.shape();
                if shape.ms(1) != 1 || shape.ms(1_000) != 1_000 {
                    for ms in self.ms.iter_mut().filter(|ms| **ms != NO_TIME) {
                        *ms = shape.ms(*ms);
                    }
                }
            }
            Times::Text(column, known) => {
                self.time_numbers.clear();
                column.read(rows, &mut self.time_numbers)?;
                for number in known.len()..column.values.len() {
                    let text = column
                        .values
                        .cell(u32::try_from(number).unwrap_or(MISSING))
                        .trimmed();
                    let ms = match text.map(str::trim) {
                        Some("") => NO_TIME,
                        text => text
                            .and_then(|text| read_time(text).ok())
                            .map_or(BAD_TIME, Timestamp::ms),
                    };
                    known.push(ms);
                }
                let ms = |number: &u32| known.get(*number as usize).copied().unwrap_or(NO_TIME);
                self.ms.extend(self.time_numbers.iter().map(ms));
            }
        }
        Ok(())
    }

    /// Works out the signatures of the present batch.
    pub(crate) fn classify(&mut self, signatures: &mut Signatures<'_>) -> Result<(), ReplayError> {
        let Self {
            combinations,
            others,
            others_read,
            signatures: into,
            ..
        } = self;
        let [events, more @ ..] = others_read.as_slice() else {
            return Ok(());
        };
        into.clear();
        into.extend_from_slice(events);
        for (at, (column, pairs)) in more.iter().zip(&mut combinations.pairs).enumerate() {
            if at == 0 && combinations.reads_path {
                // Only a page's path is one.
                for ((number, second), event) in into.iter_mut().zip(column).zip(events) {
                    let page = is_page(&mut combinations.is_page, &others[0], *event);
                    *number = pairs.number(*number, if page { *second } else { MISSING });
                }
            } else {
                for (number, second) in into.iter_mut().zip(column) {
                    *number = pairs.number(*number, *second);
                }
            }
        }
        for number in into {
            let known = combinations
                .signatures
                .get(*number as usize)
                .copied()
                .unwrap_or(NOT_YET);
            *number = match known {
                _ if *number == MISSING => BAD_EVENT,
                NOT_YET => combinations.work_out(*number, others, signatures)?,
                known => known,
            };
        }
        Ok(())
    }

    /// The lead's text in a row of the present batch.
    pub(crate) fn lead_text(&self, row: usize) -> Cell<'_> {
        self.leads
            .get(row)
            .map_or(Cell::Missing, |number| self.lead.values.cell(*number))
    }

    /// The name of the event, likewise.
    pub(crate) fn event_text(&self, row: usize) -> Cell<'_> {
        let number = self.others_read.first().and_then(|read| read.get(row));
        let cell = number
            .zip(self.others.first())
            .map(|(number, column)| column.values.cell(*number));
        cell.unwrap_or(Cell::Missing)
    }

    /// The time's text, where times are text.
    pub(crate) fn time_text(&self, row: usize) -> Option<&str> {
        match &self.times {
            Times::Whole(_) => None,
            Times::Text(column, _) => column.values.cell(*self.time_numbers.get(row)?).trimmed(),
        }
    }
}

fn is_page(known: &mut Vec<Option<bool>>, names: &NumberedColumn, event: u32) -> bool {
    if event == MISSING {
        return false;
    }
    let at = event as usize;
    if known.len() <= at {
        known.resize(at + 1, None);
    }
    let answer = known[at].get_or_insert_with(|| names.values.get(event).trim_ascii() == PAGE.as_bytes());
    *answer
}

impl Combinations {
    fn work_out(
        &mut self,
        number: u32,
        columns: &[NumberedColumn],
        signatures: &mut Signatures<'_>,
    ) -> Result<u32, ReplayError> {
        let mut numbers = vec![MISSING; columns.len()];
        let mut rest = number;
        for (at, pairs) in self.pairs.iter().enumerate().rev() {
            let (first, second) = pairs
                .all
                .get(rest as usize)
                .copied()
                .unwrap_or((MISSING, MISSING));
            numbers[at + 1] = second;
            rest = first;
        }
        numbers[0] = rest;
        let mut texts = Vec::new();
        for (column, number) in columns.iter().zip(&numbers) {
            texts.push(column.values.cell(*number));
        }
        let signature = self.signature(&texts, signatures)?;
        let at = number as usize;
        if self.signatures.len() <= at {
            self.signatures.resize(at + 1, NOT_YET);
        }
        self.signatures[at] = signature;
        Ok(signature)
    }

    fn signature(&self, texts: &[Cell<'_>], signatures: &mut Signatures<'_>) -> Result<u32, ReplayError> {
        if texts.contains(&Cell::NotUtf8) {
            return Ok(BAD_EVENT);
        }
        let text = |at: usize| {
            texts
                .get(at)
                .and_then(|cell| cell.trimmed())
                .filter(|text| !text.is_empty())
        };
        let name = text(0).unwrap_or_default();
        if refusal("some", name).is_some() {
            return Ok(BAD_EVENT);
        }
        let kind = kind(name);
        let path = text(1).filter(|_| self.reads_path && kind == EventKind::Page);
        let is_list = |at: usize| self.lists.get(at).copied().unwrap_or(false);
        let properties = self
            .properties
            .iter()
            .map(|at| at.and_then(|at| Some((is_list(at), text(at)?))));
        let values: Vec<Option<Value>> = properties
            .map(|found| {
                found.map(|(is_list, text)| {
                    if is_list {
                        Value::List(list_of(text))
                    } else {
                        Value::from(text)
                    }
                })
            })
            .collect();
        let views: Vec<Option<ValueRef<'_>>> = values
            .iter()
            .map(|value| value.as_ref().map(Value::view))
            .collect();
        signatures.of(kind, name, path, Given::Cells(&views))
    }
}

impl Pairs {
    pub(crate) fn new() -> Self {
        Self {
            index: HashMap::new(),
            all: Vec::new(),
            recent: vec![(u64::MAX, 0); RECENT],
        }
    }

    #[inline]
    pub(crate) fn number(&mut self, first: u32, second: u32) -> u32 {
        if first == MISSING {
            return MISSING;
        }
        let key = (u64::from(first) << 32) | u64::from(second);
        let slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        match self.recent.get(slot) {
            Some((known, number)) if *known == key => *number,
            _ => self.look_up(key, slot),
        }
    }

    fn look_up(&mut self, key: u64, slot: usize) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the key")]
        let pair = ((key >> 32) as u32, key as u32);
        let all = &mut self.all;
        let number = *self.index.entry(key).or_insert_with(|| {
            all.push(pair);
            // There are no more pairs than rows in a group, and those are counted in far fewer bits.
            u32::try_from(all.len() - 1).unwrap_or(MISSING)
        });
        if let Some(recent) = self.recent.get_mut(slot) {
            *recent = (key, number);
        }
        number
    }
}

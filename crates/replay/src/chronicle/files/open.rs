//! A chronicle from its files.

use std::path::Path;

use bellwether_core::domain::{EventKind, Timestamp, TraitSource, Traits};
use parquet::errors::ParquetError;

use super::json::from_json;
use super::{EVENTS, FINGERPRINT_KEY, FORM, FORM_KEY, LATEST_KEY, LEADS, POSITION_KEY, RELEASED, TRAITS};
use crate::chronicle::Chronicle;
use crate::chronicle::build::{Builder, NO_ROW, NewLead, Said};
use crate::error::ReplayError;
use crate::event_columns::Pairs;
use crate::numbered::MISSING;
use crate::pages::{Int64Column, NumberedColumn};
use crate::parquet_table::{BATCH_ROWS, ParquetTable};
use crate::source::{Progress, Source};
use crate::traits::TraitSets;

const KINDS: [EventKind; 3] = [EventKind::Track, EventKind::Page, EventKind::Screen];

/// A kind of event as files name it.
pub(super) const fn word_of(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Track => "track",
        EventKind::Page => "page",
        EventKind::Screen => "screen",
    }
}

/// One of the files, open.
struct Part {
    table: ParquetTable,
    source: Source,
    fingerprint: String,
    latest: i64,
    position: String,
}

/// The writes of traits of all leads, in the order of the file.
#[derive(Default)]
struct Written {
    sets: TraitSets,
    /// Each with its lead's place.
    all: Vec<(u32, Said)>,
}

/// What a row of the file of leads says.
struct LeadRow {
    id: String,
    created: Option<Timestamp>,
    known: Option<Timestamp>,
    /// The row of its traits; [`NO_ROW`] where it has none.
    row: u32,
    also: Vec<String>,
}

impl Chronicle {
    /// Opens a chronicle that [`Chronicle::write`] wrote. Files that don't belong together, or hold something else than
    /// was written, are refused.
    pub fn open(folder: &Path, progress: Progress<'_>) -> Result<Self, ReplayError> {
        let [leads, traits, events] = [LEADS, TRAITS, EVENTS].map(|name| Part::open(&folder.join(name)));
        let (leads, traits, events) = (leads?, traits?, events?);
        let stale = || ReplayError::NotAsWritten {
            folder: folder.display().to_string(),
        };
        let of_one = [&traits, &events]
            .iter()
            .all(|part| part.fingerprint == leads.fingerprint);
        if !of_one {
            return Err(stale());
        }
        let mut builder = Builder::new(Timestamp::from_ms(leads.latest));
        let people = leads.read_leads(&mut builder, progress)?.ok_or_else(stale)?;
        let written = traits.read_writes(&people, progress)?.ok_or_else(stale)?;
        events
            .read_events(&mut builder, people, &written, progress)?
            .ok_or_else(stale)?;
        let mut chronicle = builder.finish(written.sets);
        chronicle.position = leads.position;
        if format!("{:016x}", chronicle.fingerprint()) != leads.fingerprint {
            return Err(stale());
        }
        Ok(chronicle)
    }
}

impl Part {
    fn open(path: &Path) -> Result<Self, ReplayError> {
        let source = Source::new(path)?;
        let table = ParquetTable::open(&source)?;
        let said = |key: &str| table.said(key).unwrap_or_default().to_owned();
        if said(FORM_KEY) != FORM {
            return Err(ReplayError::unreadable(
                path,
                "it is no part of a chronicle of this version",
            ));
        }
        Ok(Self {
            fingerprint: said(FINGERPRINT_KEY),
            latest: said(LATEST_KEY).parse().unwrap_or_default(),
            position: said(POSITION_KEY),
            table,
            source,
        })
    }

    /// Where the columns of these names stand.
    fn columns<const N: usize>(&self, names: [&'static str; N]) -> Result<[usize; N], ReplayError> {
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            let found = self.table.names().iter().position(|known| known == name);
            let missing =
                || ReplayError::unreadable(&self.source.path, &format!("it has no column `{name}`"));
            *place = found.ok_or_else(missing)?;
        }
        Ok(places)
    }

    /// The leads in their order; `None` where a row isn't one that is written.
    fn read_leads(
        &self,
        builder: &mut Builder,
        progress: Progress<'_>,
    ) -> Result<Option<Vec<LeadRow>>, ReplayError> {
        let read = self.columns(["lead", "created_at", "known_from", "traits", "also"])?;
        let (mut people, mut sound) = (Vec::new(), true);
        self.table.each_row(&read, progress, &mut |_, cell| {
            let row = lead_row(builder, read.map(cell));
            let id = cell(read[0]);
            let ordered = people
                .last()
                .is_none_or(|before: &LeadRow| before.id.as_str() < id);
            sound &= row.is_some() && ordered;
            people.extend(row);
            Ok(())
        })?;
        Ok(sound.then_some(people))
    }

    fn read_writes(
        &self,
        people: &[LeadRow],
        progress: Progress<'_>,
    ) -> Result<Option<Written>, ReplayError> {
        let read = self.columns(["lead", "ts", "said_by", "traits"])?;
        let (mut written, mut lead, mut sound) = (Written::default(), 0, true);
        self.table.each_row(&read, progress, &mut |_, cell| {
            let [id, ts, source, traits] = read.map(cell);
            while people.get(lead).is_some_and(|person| person.id != id) {
                lead += 1;
            }
            let ts: Option<Timestamp> = crate::cells::read_time(ts).ok();
            let set = from_json(traits)
                .map(|traits| written.sets.intern(traits))
                .transpose()?;
            match (ts, TraitSource::named(source), set, u32::try_from(lead)) {
                (Some(ts), Some(source), Some(set), Ok(place)) => {
                    let ms = ts.ms();
                    written.all.push((place, Said { ms, source, set }));
                }
                _ => sound = false,
            }
            Ok(())
        })?;
        let sorted = written.all.is_sorted_by_key(|(lead, said)| (*lead, said.ms));
        Ok((sound && sorted && lead <= people.len()).then_some(written))
    }

    /// Reads each lead's events and adds the leads one after the other.
    fn read_events(
        &self,
        builder: &mut Builder,
        people: Vec<LeadRow>,
        written: &Written,
        progress: Progress<'_>,
    ) -> Result<Option<()>, ReplayError> {
        let mut taking = Taking {
            builder,
            people,
            written,
            place: 0,
            writes: 0,
            ms: Vec::new(),
            numbers: Vec::new(),
            released: Vec::new(),
        };
        let mut done = 0;
        for at in 0..self.table.groups() {
            let failed = |error: ParquetError| self.table.damaged(done, &error);
            let mut group = EventGroup::open(self, at).map_err(failed)?;
            let mut left = self.table.group_rows(at);
            while left > 0 {
                let rows = left.min(BATCH_ROWS);
                group
                    .read(rows)
                    .map_err(|error| self.table.damaged(done, &error))?;
                if group.take(&mut taking)?.is_none() {
                    return Ok(None);
                }
                done += rows as u64;
                left -= rows;
            }
            progress(u64::try_from(self.table.group_metadata(at).compressed_size()).unwrap_or(0));
        }
        while taking.place < taking.people.len() {
            taking.end_lead();
        }
        let all_taken = taking.ms.is_empty() && taking.writes == written.all.len();
        Ok(all_taken.then_some(()))
    }
}

fn lead_row(builder: &mut Builder, [id, created, known, traits, also]: [&str; 5]) -> Option<LeadRow> {
    let traits: Traits = from_json(traits)?;
    let time = |text: &str| match text {
        "" => Some(None),
        text => crate::cells::read_time(text).ok().map(Some),
    };
    Some(LeadRow {
        id: id.to_owned(),
        created: time(created)?,
        known: time(known)?,
        row: if traits.is_empty() {
            NO_ROW
        } else {
            builder.traits().push(&traits)
        },
        also: serde_json::from_str(also).ok()?,
    })
}

/// Leads that are given their events one after the other.
struct Taking<'t> {
    builder: &'t mut Builder,
    people: Vec<LeadRow>,
    written: &'t Written,
    /// The lead whose events come.
    place: usize,
    /// How many writes were taken.
    writes: usize,
    ms: Vec<i64>,
    numbers: Vec<u32>,
    released: Vec<usize>,
}

impl Taking<'_> {
    /// Ends the leads before that of this id; `None` where there is no such lead to come.
    fn go_to(&mut self, id: &str) -> Option<()> {
        while self.people.get(self.place)?.id != id {
            self.end_lead();
        }
        Some(())
    }

    fn end_lead(&mut self) {
        if let Some(person) = self.people.get_mut(self.place) {
            let rest = self.written.all.get(self.writes..).unwrap_or_default();
            let own = rest.partition_point(|(lead, _)| *lead as usize <= self.place);
            let own = rest.get(..own).unwrap_or_default();
            let said: Vec<Said> = own.iter().map(|(_, said)| *said).collect();
            self.writes += own.len();
            let lead = NewLead {
                id: &person.id,
                created: person.created,
                known: person.known,
                row: person.row,
                ms: &self.ms,
                numbers: &self.numbers,
                released: &self.released,
                said: &said,
            };
            self.builder.take(&lead, &self.written.sets);
            for id in std::mem::take(&mut person.also) {
                self.builder.also_known(&id);
            }
        }
        self.ms.clear();
        self.numbers.clear();
        self.released.clear();
        self.place += 1;
    }
}

/// A row group of the file of events.
struct EventGroup {
    lead: NumberedColumn,
    ts: Int64Column,
    /// Kind, name, path and properties.
    said: [NumberedColumn; 4],
    leads: Vec<u32>,
    ms: Vec<i64>,
    said_read: [Vec<u32>; 4],
    released: NumberedColumn,
    released_read: Vec<u32>,
    pairs: [Pairs; 3],
    /// The number of each combination of what is said, by the number of the last pair.
    known: Vec<u32>,
    /// The lead of the last row, by its number in the column.
    last: u32,
}

impl EventGroup {
    fn open(part: &Part, at: usize) -> Result<Self, ParquetError> {
        let columns = part.columns(["lead", "ts", "kind", "event", "path", "properties", "released"]);
        let columns = columns.map_err(|error| ParquetError::General(error.to_string()))?;
        let [lead, ts, kind, event, path, properties, released] = columns;
        let group = part.table.group(at)?;
        let open = |name: usize| NumberedColumn::open(&part.table.chunk(group.as_ref(), name));
        Ok(Self {
            lead: open(lead)?,
            ts: part.table.whole_column(group.as_ref(), ts)?,
            said: [open(kind)?, open(event)?, open(path)?, open(properties)?],
            leads: Vec::new(),
            ms: Vec::new(),
            said_read: Default::default(),
            released: open(released)?,
            released_read: Vec::new(),
            pairs: [Pairs::new(), Pairs::new(), Pairs::new()],
            known: Vec::new(),
            last: MISSING,
        })
    }

    fn read(&mut self, rows: usize) -> Result<(), ParquetError> {
        self.leads.clear();
        self.lead.read(rows, &mut self.leads)?;
        self.ms.clear();
        self.ts.read(rows, i64::MIN, &mut self.ms)?;
        for (column, read) in self.said.iter_mut().zip(&mut self.said_read) {
            read.clear();
            column.read(rows, read)?;
        }
        self.released_read.clear();
        self.released.read(rows, &mut self.released_read)
    }

    /// Hands the rows on; `None` where one isn't as it is written.
    fn take(&mut self, taking: &mut Taking<'_>) -> Result<Option<()>, ReplayError> {
        let [kinds, names, paths, properties] = &self.said_read;
        let rows = kinds.iter().zip(names).zip(paths).zip(properties);
        let rows = rows.map(|(((kind, name), path), properties)| [*kind, *name, *path, *properties]);
        let rows = rows.zip(&self.released_read);
        for ((lead, ms), (said, released)) in self.leads.iter().zip(&self.ms).zip(rows) {
            if *lead != self.last {
                let id = self.lead.values.cell(*lead).text();
                if id.and_then(|id| taking.go_to(id)).is_none() {
                    return Ok(None);
                }
                self.last = *lead;
            }
            let mut pair = said[0];
            for (pairs, second) in self.pairs.iter_mut().zip(&said[1..]) {
                pair = pairs.number(pair, *second);
            }
            if pair == MISSING {
                return Ok(None);
            }
            if pair as usize >= self.known.len() {
                self.known.resize(pair as usize + 1, MISSING);
            }
            if self.known[pair as usize] == MISSING {
                let number = intern(&self.said, said, taking.builder)?;
                let Some(number) = number else { return Ok(None) };
                self.known[pair as usize] = number;
            }
            if Timestamp::from_ms(*ms).is_none() || taking.ms.last().is_some_and(|before| before > ms) {
                return Ok(None);
            }
            match self.released.values.cell(*released).text() {
                None | Some("") => {}
                Some(RELEASED) => taking.released.push(taking.ms.len()),
                Some(_) => return Ok(None),
            }
            taking.ms.push(*ms);
            taking.numbers.push(self.known[pair as usize]);
        }
        Ok(Some(()))
    }
}

/// The number of an event by its cells; `None` where they aren't such as are written.
fn intern(
    columns: &[NumberedColumn; 4],
    said: [u32; 4],
    builder: &mut Builder,
) -> Result<Option<u32>, ReplayError> {
    let [kind, name, path, properties] = columns;
    let text = |column: &NumberedColumn, number: u32| column.values.cell(number).text().map(str::to_owned);
    let kind = text(kind, said[0]).and_then(|word| KINDS.into_iter().find(|kind| word_of(*kind) == word));
    let properties = text(properties, said[3]).and_then(|text| from_json(&text));
    let (Some(kind), Some(name), Some(properties)) = (kind, text(name, said[1]), properties) else {
        return Ok(None);
    };
    let path = text(path, said[2]);
    let values = properties
        .iter()
        .map(|(name, value)| (name.as_str(), value.view()));
    builder
        .events()
        .intern(kind, &name, path.as_deref(), values)
        .map(Some)
}

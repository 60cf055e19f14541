//! Histories of any size from a seed, for benchmarks and for tests that need many rows: leads, each with a few traits,
//! and their events over eighteen months. The same plan gives the same rows whatever the format and the order.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// What leads do: fourteen kinds of event, the first ones often, the last ones seldom.
pub const EVENT_NAMES: [&str; 14] = [
    "Email Opened",
    "Blog Read",
    "Email Clicked",
    "Product Page Viewed",
    "Case Study Read",
    "Asset Downloaded",
    "Pricing Viewed",
    "Webinar Attended",
    "Newsletter Subscribed",
    "Calculator Used",
    "Careers Viewed",
    "Trial Started",
    "Demo Requested",
    "Unsubscribed",
];

/// 2024-07-01T00:00:00Z.
const BEGIN_MS: i64 = 1_719_792_000_000;
const SPAN_MS: u64 = 548 * 86_400_000;
const GROUP_ROWS: usize = 1 << 20;

/// How much history, and which.
#[derive(Debug, Clone, Copy)]
pub struct HistoryPlan {
    /// How many events.
    pub events: u64,
    /// How many leads.
    pub leads: u64,
    /// What the rows are drawn from.
    pub seed: u64,
    /// Whether leads' ids are whole numbers rather than text.
    pub whole_ids: bool,
    /// Whether rows are in a random order rather than sorted by lead and time.
    pub shuffled: bool,
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryEvent {
    /// The lead's number.
    pub lead: u64,
    /// When.
    pub ms: i64,
    /// The index of its name in [`EVENT_NAMES`].
    pub name: usize,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryFormat {
    /// `lead,ts,event`, times as RFC 3339.
    Csv,
    /// Segment's track calls.
    JsonLines,
    /// `lead`, `ts` (milliseconds), `event`.
    Parquet,
}

/// A small generator of random numbers (`SplitMix64`, by Steele, Lea and Flood), of which nothing secret is made.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The generator of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which isn't 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

impl HistoryFormat {
    /// The extension of a file in this form.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// The form that an extension means.
    pub fn of(extension: &str) -> Option<Self> {
        [Self::Csv, Self::JsonLines, Self::Parquet]
            .into_iter()
            .find(|format| format.extension() == extension)
    }
}

impl HistoryPlan {
    /// A lead's id.
    pub fn lead_id(&self, lead: u64) -> String {
        if self.whole_ids {
            (1_000_000 + lead).to_string()
        } else {
            format!("lead-{lead:07}")
        }
    }

    /// The events, lead by lead and each lead's by time.
    pub fn sorted_events(&self) -> impl Iterator<Item = HistoryEvent> + use<> {
        let plan = *self;
        let mut dice = Dice::new(plan.seed);
        let mut carried = 0;
        let mut times: Vec<(i64, usize)> = Vec::new();
        (0..plan.leads).flat_map(move |lead| {
            let share = (lead + 1) * plan.events / plan.leads - lead * plan.events / plan.leads;
            // Every other lead does less, and the one after it as much more.
            let count = if lead % 2 == 0 && lead + 1 < plan.leads && share > 0 {
                carried = dice.below(share);
                share - carried
            } else {
                share + std::mem::take(&mut carried)
            };
            times.clear();
            for _ in 0..count {
                let ms = BEGIN_MS + i64::try_from(dice.below(SPAN_MS)).unwrap_or(0);
                // The lesser of two draws makes the first names the most frequent.
                let names = EVENT_NAMES.len() as u64;
                let name = dice.below(names).min(dice.below(names));
                times.push((ms, usize::try_from(name).unwrap_or(0)));
            }
            times.sort_unstable();
            let events = times.iter().map(|(ms, name)| HistoryEvent {
                lead,
                ms: *ms,
                name: *name,
            });
            events.collect::<Vec<_>>()
        })
    }

    /// The events in the plan's order.
    pub fn events(&self) -> Box<dyn Iterator<Item = HistoryEvent>> {
        if !self.shuffled {
            return Box::new(self.sorted_events());
        }
        let mut events: Vec<HistoryEvent> = self.sorted_events().collect();
        let mut dice = Dice::new(self.seed ^ 0x5eed);
        for at in (1..events.len()).rev() {
            let other = usize::try_from(dice.below(at as u64 + 1)).unwrap_or(0);
            events.swap(at, other);
        }
        Box::new(events.into_iter())
    }

    /// Writes the events to a file.
    pub fn write_events(&self, path: &Path, format: HistoryFormat) -> io::Result<()> {
        let file = File::create(path)?;
        if format == HistoryFormat::Parquet {
            return self.write_parquet(file).map_err(io::Error::other);
        }
        let mut file = BufWriter::with_capacity(1 << 20, file);
        if format == HistoryFormat::Csv {
            writeln!(file, "lead,ts,event")?;
        }
        for (number, event) in self.events().enumerate() {
            let (lead, ts) = (self.lead_id(event.lead), Timestamp::from_ms_clamped(event.ms));
            let name = EVENT_NAMES[event.name];
            if format == HistoryFormat::Csv {
                writeln!(file, "{lead},{ts},{name}")?;
            } else {
                writeln!(
                    file,
                    r#"{{"type":"track","messageId":"m-{number}","userId":"{lead}","timestamp":"{ts}","event":"{name}","properties":{{}}}}"#
                )?;
            }
        }
        file.flush()
    }

    /// Writes a leads file, as CSV, with an address, a title and a number of employees each.
    pub fn write_leads(&self, path: &Path) -> io::Result<()> {
        const TITLES: [&str; 6] = [
            "VP Marketing",
            "Marketing Manager",
            "Software Engineer",
            "Student",
            "CEO",
            "Sales Director",
        ];
        let mut dice = Dice::new(self.seed ^ 0x1ead);
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        writeln!(file, "lead,email,title,employees")?;
        for lead in 0..self.leads {
            let title = TITLES[usize::try_from(dice.below(6)).unwrap_or(0)];
            let domain = if dice.below(5) == 0 {
                "gmail.com".to_owned()
            } else {
                format!("firm{}.example", lead / 3)
            };
            let employees = dice.below(2_000) + 1;
            writeln!(
                file,
                "{},p{lead}@{domain},{title},{employees}",
                self.lead_id(lead)
            )?;
        }
        file.flush()
    }

    fn write_parquet(&self, file: File) -> parquet::errors::Result<()> {
        let lead = if self.whole_ids {
            "int64 lead"
        } else {
            "binary lead (utf8)"
        };
        let schema =
            format!("message events {{ required {lead}; required int64 ts; required binary event (utf8); }}");
        let schema = Arc::new(parse_message_type(&schema)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        let mut events = self.events().peekable();
        while events.peek().is_some() {
            let rows: Vec<HistoryEvent> = events.by_ref().take(GROUP_ROWS).collect();
            let mut group = writer.next_row_group()?;
            if let Some(mut column) = group.next_column()? {
                if self.whole_ids {
                    let ids: Vec<i64> = rows
                        .iter()
                        .map(|row| 1_000_000 + i64::try_from(row.lead).unwrap_or(0))
                        .collect();
                    column.typed::<Int64Type>().write_batch(&ids, None, None)?;
                } else {
                    let ids: Vec<ByteArray> = rows
                        .iter()
                        .map(|row| ByteArray::from(self.lead_id(row.lead).into_bytes()))
                        .collect();
                    column.typed::<ByteArrayType>().write_batch(&ids, None, None)?;
                }
                column.close()?;
            }
            if let Some(mut column) = group.next_column()? {
                let times: Vec<i64> = rows.iter().map(|row| row.ms).collect();
                column.typed::<Int64Type>().write_batch(&times, None, None)?;
                column.close()?;
            }
            if let Some(mut column) = group.next_column()? {
                let names: Vec<ByteArray> = rows
                    .iter()
                    .map(|row| ByteArray::from(EVENT_NAMES[row.name]))
                    .collect();
                column.typed::<ByteArrayType>().write_batch(&names, None, None)?;
                column.close()?;
            }
            group.close()?;
        }
        writer.close()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_gives_as_many_events_as_it_says_and_a_shuffle_the_same_ones() {
        let plan = HistoryPlan {
            events: 1_003,
            leads: 77,
            seed: 5,
            whole_ids: false,
            shuffled: false,
        };
        let sorted: Vec<HistoryEvent> = plan.events().collect();
        assert_eq!(sorted.len(), 1_003);
        assert!(sorted.is_sorted_by_key(|event| (event.lead, event.ms)));
        let mut shuffled: Vec<HistoryEvent> = HistoryPlan {
            shuffled: true,
            ..plan
        }
        .events()
        .collect();
        assert_ne!(sorted, shuffled);
        shuffled.sort_by_key(|event| (event.lead, event.ms, event.name));
        assert_eq!(sorted, shuffled);
    }
}

//! Rows that were left out, or taken with a doubt: counted by reason and, where asked for, listed.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use crate::error::ReplayError;
use crate::limits::EXCERPT_BYTES_MAX;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No id of a lead.
    MissingLead,
    /// An id of a lead that is too long to be one.
    LeadTooLong,
    /// No time.
    MissingTime,
    /// A time that can't be read as one.
    UnreadableTime,
    /// A time outside the years 1970 to 2199.
    TimeOutOfRange,
    /// A kind of call that isn't known.
    UnknownCall,
    /// No name of an event.
    MissingEvent,
    /// A name that is too long to be one.
    EventTooLong,
    /// More or fewer cells than the header has.
    WrongCellCount,
    /// Bytes that aren't UTF-8.
    InvalidUtf8,
    /// Not JSON, or too deep.
    BrokenJson,
    /// A number that no double holds.
    NumberOutOfRange,
    /// JSON that is neither a Segment call nor a row.
    NotAnEvent,
    /// No word on what became of a lead.
    MissingOutcome,
    /// A word for what became of a lead that isn't known.
    UnknownOutcome,
    /// A row or line that is too long.
    RowTooLong,
    /// A placeholder where an id should be; the row is taken without it.
    JunkId,
    /// A second row for a lead; its values win.
    Duplicate,
    /// A column that rules read, but of a form that no trait or property has; it isn't read.
    NestedColumn,
    /// An amount that can't be read as one; the row is taken without it.
    UnreadableAmount,
    /// What an earlier row says of the lead already; it counts once.
    SameOutcome,
    /// The file stops or is damaged here.
    CutOff,
}

impl Reason {
    /// The reason in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingLead => "missing lead",
            Self::LeadTooLong => "lead id too long",
            Self::MissingTime => "missing time",
            Self::UnreadableTime => "unreadable time",
            Self::TimeOutOfRange => "time outside 1970 to 2199",
            Self::UnknownCall => "none of track, page, screen, identify, group, alias",
            Self::MissingEvent => "missing event name",
            Self::EventTooLong => "event name too long",
            Self::WrongCellCount => "wrong number of cells",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::BrokenJson => "broken JSON",
            Self::NumberOutOfRange => "number out of range",
            Self::NotAnEvent => "neither a Segment call nor a row",
            Self::MissingOutcome => "missing outcome",
            Self::UnknownOutcome => "none of won, lost, accepted, sql, rejected",
            Self::RowTooLong => "row too long",
            Self::JunkId => "placeholder id ignored",
            Self::Duplicate => "duplicate lead, later row wins",
            Self::NestedColumn => "nested column not read",
            Self::UnreadableAmount => "unreadable amount, taken without it",
            Self::SameOutcome => "same outcome twice, counted once",
            Self::CutOff => "file cut off or damaged",
        }
    }

    /// The reason that these words stand for; a row that nothing else is said of is broken.
    pub(crate) fn of_words(words: &str) -> Self {
        match words {
            "wrong number of cells" => Self::WrongCellCount,
            "the row is too long" => Self::RowTooLong,
            "bytes that aren't UTF-8" => Self::InvalidUtf8,
            words if words == Self::NumberOutOfRange.as_str() => Self::NumberOutOfRange,
            words if words == Self::NotAnEvent.as_str() => Self::NotAnEvent,
            _ => Self::BrokenJson,
        }
    }

    /// Whether the row was taken all the same.
    pub const fn is_warning(self) -> bool {
        matches!(
            self,
            Self::JunkId | Self::Duplicate | Self::NestedColumn | Self::UnreadableAmount | Self::SameOutcome
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Counts rejects, and lists them as CSV (`file,line,reason,row`) where there is somewhere to list them.
pub struct Rejects {
    counts: BTreeMap<Reason, u64>,
    listing: Option<csv::Writer<Box<dyn Write + Send>>>,
    strict: bool,
    muted: bool,
}

impl Rejects {
    /// Rejects that are listed in `listing`, and with `strict` stop the run at the first that isn't a mere warning.
    pub fn new(listing: Option<Box<dyn Write + Send>>, strict: bool) -> Result<Self, ReplayError> {
        let mut listing = listing.map(csv::Writer::from_writer);
        if let Some(listing) = &mut listing {
            let header = listing.write_record(["file", "line", "reason", "row"]);
            header.map_err(|error| ReplayError::unwritable("the list of rejects", &error))?;
        }
        Ok(Self {
            counts: BTreeMap::new(),
            listing,
            strict,
            muted: false,
        })
    }

    /// How many there were of each reason.
    pub fn counts(&self) -> &BTreeMap<Reason, u64> {
        &self.counts
    }

    /// How many rows were left out.
    pub fn rows(&self) -> u64 {
        self.counts
            .iter()
            .filter(|(reason, _)| !reason.is_warning())
            .map(|(_, count)| count)
            .sum()
    }

    /// Writes out what is still held back of the list.
    pub fn finish(&mut self) -> Result<(), ReplayError> {
        let Some(listing) = &mut self.listing else {
            return Ok(());
        };
        listing
            .flush()
            .map_err(|error| ReplayError::unwritable("the list of rejects", &error))
    }

    /// Counts and lists nothing while a file is read a second time.
    pub(crate) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    pub(crate) fn add(
        &mut self,
        file: &Path,
        row: u64,
        reason: Reason,
        detail: &str,
        excerpt: &[u8],
    ) -> Result<(), ReplayError> {
        if self.muted {
            return Ok(());
        }
        *self.counts.entry(reason).or_default() += 1;
        if let Some(listing) = &mut self.listing {
            let shown = excerpt.get(..EXCERPT_BYTES_MAX).unwrap_or(excerpt);
            let shown = String::from_utf8_lossy(shown).replace('\0', "\u{fffd}");
            let why = if detail.is_empty() {
                reason.to_string()
            } else {
                format!("{reason}: {detail}")
            };
            let record = [&*file.display().to_string(), &row.to_string(), &why, &shown];
            listing
                .write_record(record)
                .map_err(|error| ReplayError::unwritable("the list of rejects", &error))?;
        }
        if self.strict && !reason.is_warning() {
            self.finish()?;
            let file = file.display().to_string();
            return Err(ReplayError::Strict {
                file,
                row,
                reason,
                detail: detail.to_owned(),
            });
        }
        Ok(())
    }
}

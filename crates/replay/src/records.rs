//! Facts as fixed-size records, sorted by lead and time: in memory while they are few, through temporary files beyond.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::error::ReplayError;

const RECORD_BYTES: usize = 24;
const BUFFER_BYTES: usize = 128 << 10;

/// A fact of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    /// Whose it is.
    pub(crate) lead: u32,
    /// When it was, in milliseconds since 1970.
    pub(crate) ts: i64,
    /// What it was: the number of a signature, or of traits written.
    pub(crate) fact: u32,
    /// What tells it from a copy of itself; 0 where nothing does.
    pub(crate) message: u64,
}

/// Records in the order that they came in.
pub(crate) struct RecordLog {
    held: Vec<Record>,
    held_max: usize,
    spilled: Option<BufWriter<File>>,
}

/// Records in the order of lead and time.
pub(crate) enum Sorted {
    /// All in memory.
    Held(std::vec::IntoIter<Record>),
    /// Merged from sorted stretches of a file.
    Merged(Merge),
}

/// Sorted stretches, the next record of each at hand.
pub(crate) struct Merge {
    stretches: Vec<BufReader<File>>,
    next: BinaryHeap<Reverse<(Record, usize)>>,
}

impl RecordLog {
    pub(crate) fn new(held_max: usize) -> Self {
        Self {
            held: Vec::new(),
            held_max: held_max.max(1),
            spilled: None,
        }
    }

    pub(crate) fn push(&mut self, record: Record) -> Result<(), ReplayError> {
        if self.held.len() >= self.held_max {
            self.spill()?;
        }
        self.held.push(record);
        Ok(())
    }

    /// Sorts the records after `resolve` has told whose each is in the end, as the rank of a lead.
    pub(crate) fn sorted(mut self, resolve: &dyn Fn(&Record) -> u32) -> Result<Sorted, ReplayError> {
        let Some(spilled) = self.spilled.take() else {
            sort(&mut self.held, resolve);
            return Ok(Sorted::Held(self.held.into_iter()));
        };
        let mut unsorted = spilled.into_inner().map_err(|error| failed(error.error()))?;
        unsorted
            .seek(SeekFrom::Start(0))
            .map_err(|error| failed(&error))?;
        let mut unsorted = BufReader::with_capacity(BUFFER_BYTES, unsorted);
        let mut stretches = Vec::new();
        loop {
            // The last stretch is what is still in memory; it goes first, since its memory is then used for the others.
            if self.held.is_empty() {
                while self.held.len() < self.held_max
                    && let Some(record) = read(&mut unsorted)?
                {
                    self.held.push(record);
                }
            }
            if self.held.is_empty() {
                break;
            }
            sort(&mut self.held, resolve);
            stretches.push(write_stretch(&self.held)?);
            self.held.clear();
        }
        drop(self.held);
        Ok(Sorted::Merged(Merge::new(stretches)?))
    }

    fn spill(&mut self) -> Result<(), ReplayError> {
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            none => {
                let file = tempfile::tempfile().map_err(|error| failed(&error))?;
                none.insert(BufWriter::with_capacity(BUFFER_BYTES, file))
            }
        };
        for record in self.held.drain(..) {
            spilled
                .write_all(&record.to_bytes())
                .map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}

impl Sorted {
    /// The next record.
    pub(crate) fn next(&mut self) -> Result<Option<Record>, ReplayError> {
        match self {
            Self::Held(records) => Ok(records.next()),
            Self::Merged(merge) => merge.next(),
        }
    }
}

impl Merge {
    fn new(stretches: Vec<BufReader<File>>) -> Result<Self, ReplayError> {
        let mut merge = Self {
            next: BinaryHeap::with_capacity(stretches.len()),
            stretches,
        };
        for at in 0..merge.stretches.len() {
            merge.refill(at)?;
        }
        Ok(merge)
    }

    fn next(&mut self) -> Result<Option<Record>, ReplayError> {
        let Some(Reverse((record, from))) = self.next.pop() else {
            return Ok(None);
        };
        self.refill(from)?;
        Ok(Some(record))
    }

    fn refill(&mut self, at: usize) -> Result<(), ReplayError> {
        if let Some(stretch) = self.stretches.get_mut(at)
            && let Some(record) = read(stretch)?
        {
            self.next.push(Reverse((record, at)));
        }
        Ok(())
    }
}

impl Record {
    fn to_bytes(self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        bytes[..4].copy_from_slice(&self.lead.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.fact.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.ts.to_le_bytes());
        bytes[16..].copy_from_slice(&self.message.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Self {
        let [l0, l1, l2, l3, f0, f1, f2, f3, rest @ ..] = *bytes;
        let [t0, t1, t2, t3, t4, t5, t6, t7, message @ ..] = rest;
        Self {
            lead: u32::from_le_bytes([l0, l1, l2, l3]),
            fact: u32::from_le_bytes([f0, f1, f2, f3]),
            ts: i64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            message: u64::from_le_bytes(message),
        }
    }
}

fn sort(records: &mut [Record], resolve: &dyn Fn(&Record) -> u32) {
    for record in &mut *records {
        record.lead = resolve(record);
    }
    if !records.is_sorted() {
        records.sort_unstable();
    }
}

fn write_stretch(records: &[Record]) -> Result<BufReader<File>, ReplayError> {
    let file = tempfile::tempfile().map_err(|error| failed(&error))?;
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
    for record in records {
        writer
            .write_all(&record.to_bytes())
            .map_err(|error| failed(&error))?;
    }
    let mut file = writer.into_inner().map_err(|error| failed(error.error()))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, file))
}

fn read(file: &mut BufReader<File>) -> Result<Option<Record>, ReplayError> {
    let mut bytes = [0; RECORD_BYTES];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(Record::from_bytes(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &std::io::Error) -> ReplayError {
    ReplayError::unwritable("a temporary file", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(log: RecordLog) -> Vec<Record> {
        let mut sorted = log.sorted(&|record| record.lead / 2).expect("sorted");
        std::iter::from_fn(|| sorted.next().expect("read")).collect()
    }

    #[test]
    fn records_through_temporary_files_come_out_as_those_sorted_in_memory() {
        let records: Vec<Record> = (0..1_000_u32)
            .map(|n| Record {
                lead: n.wrapping_mul(2_654_435_761) % 97,
                ts: i64::from(n % 13) << 33,
                fact: n,
                message: u64::from(n) << 40,
            })
            .collect();
        let logged = |held_max| {
            let mut log = RecordLog::new(held_max);
            for record in &records {
                log.push(*record).expect("pushed");
            }
            drained(log)
        };
        let in_memory = logged(usize::MAX);
        assert!(in_memory.is_sorted() && in_memory.len() == 1_000);
        for held_max in [1, 7, 500, 999, 1_000] {
            assert_eq!(logged(held_max), in_memory, "{held_max}");
        }
    }
}

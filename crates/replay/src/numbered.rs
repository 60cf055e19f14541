//! Values of a column as text, each under a number: equal values get equal numbers where it is asked for, so that what
//! depends on a value is worked out once.

use std::hash::BuildHasher;

use bytes::Bytes;
use hashbrown::{DefaultHashBuilder, HashTable};
use parquet::errors::{ParquetError, Result};

use crate::pages::short;
use crate::parquet_values::Shape;

/// The number of a missing value.
pub(crate) const MISSING: u32 = u32::MAX;

/// A value as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'v> {
    /// There is none.
    Missing,
    /// It isn't UTF-8.
    NotUtf8,
    /// This one.
    Text(&'v str),
}

/// Values as text, numbered.
#[derive(Default)]
pub(crate) struct Values {
    packed: Vec<u8>,
    ends: Vec<usize>,
    /// What whole numbers were before they became text.
    pub(crate) whole: Vec<i64>,
    index: HashTable<u32>,
    indexed: usize,
    hasher: DefaultHashBuilder,
}

pub(crate) fn text_at(bytes: &[u8], at: usize) -> Result<(&[u8], usize)> {
    let length = bytes
        .get(at..at + 4)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(short)?;
    let end = at + 4 + u32::from_le_bytes(length) as usize;
    Ok((bytes.get(at + 4..end).ok_or_else(short)?, end))
}

pub(crate) fn whole(bytes: &[u8]) -> i64 {
    bytes.try_into().map_or(0, i64::from_le_bytes)
}

impl<'v> Cell<'v> {
    /// The text as it is, where there is one.
    pub(crate) fn text(self) -> Option<&'v str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::NotUtf8 => None,
        }
    }

    /// The text without the blanks around it, where there is one.
    pub(crate) fn trimmed(self) -> Option<&'v str> {
        match self {
            Self::Text(text) => Some(text.trim()),
            Self::Missing | Self::NotUtf8 => None,
        }
    }
}

impl Values {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a value's text.
    pub(crate) fn get(&self, number: u32) -> &[u8] {
        at_index(&self.packed, &self.ends, number)
    }

    /// A value as a cell.
    pub(crate) fn cell(&self, number: u32) -> Cell<'_> {
        if number == MISSING {
            return Cell::Missing;
        }
        std::str::from_utf8(self.get(number)).map_or(Cell::NotUtf8, Cell::Text)
    }

    /// The number of a value, a new one where it wasn't there.
    pub(crate) fn add(&mut self, value: &[u8]) -> Result<u32> {
        self.index_dictionary();
        let hash = self.hasher.hash_one(value);
        let (packed, ends) = (&self.packed, &self.ends);
        if let Some(number) = self.index.find(hash, |at| at_index(packed, ends, *at) == value) {
            return Ok(*number);
        }
        let number = self.push(value)?;
        self.index_dictionary();
        Ok(number)
    }

    /// The number of a whole number's text.
    pub(crate) fn add_whole(&mut self, value: i64, shape: Shape) -> Result<u32> {
        let number = self.add(shape.text_of_whole(value).as_bytes())?;
        if self.whole.len() < self.len() {
            self.whole.resize(self.len(), value);
        }
        Ok(number)
    }

    /// Takes a dictionary, whose entries are numbered as they are; `fixed` gives whole numbers' shape.
    pub(crate) fn add_dictionary(
        &mut self,
        bytes: &Bytes,
        entries: usize,
        fixed: Option<Shape>,
    ) -> Result<()> {
        if self.len() > 0 {
            return Err(ParquetError::General("a second dictionary".to_owned()));
        }
        if let Some(shape) = fixed {
            for value in bytes.chunks_exact(8).take(entries).map(whole) {
                self.push(shape.text_of_whole(value).as_bytes())?;
                self.whole.push(value);
            }
            return Ok(());
        }
        self.packed.reserve(bytes.len().saturating_sub(4 * entries));
        let mut at = 0;
        for _ in 0..entries {
            let (value, end) = text_at(bytes, at)?;
            self.push(value)?;
            at = end;
        }
        Ok(())
    }

    fn push(&mut self, value: &[u8]) -> Result<u32> {
        let number = u32::try_from(self.ends.len())
            .ok()
            .filter(|number| *number < MISSING);
        let number = number.ok_or_else(|| ParquetError::General("too many distinct values".to_owned()))?;
        self.packed.extend_from_slice(value);
        self.ends.push(self.packed.len());
        Ok(number)
    }

    /// Indexes what was pushed without looking for it first.
    fn index_dictionary(&mut self) {
        let (packed, ends, hasher) = (&self.packed, &self.ends, &self.hasher);
        for number in self.indexed..ends.len() {
            // `push` keeps numbers in range.
            let number = u32::try_from(number).unwrap_or(MISSING);
            let hash = hasher.hash_one(at_index(packed, ends, number));
            self.index
                .insert_unique(hash, number, |at| hasher.hash_one(at_index(packed, ends, *at)));
        }
        self.indexed = ends.len();
    }
}

fn at_index<'a>(packed: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = number
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    let end = ends.get(number).copied().unwrap_or(start);
    packed.get(start..end).unwrap_or_default()
}

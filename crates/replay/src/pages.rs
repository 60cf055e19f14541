//! Columns of Parquet, page by page. Dictionary indices are handed on as they are stored, so that no text is built per
//! row; whatever the two usual encodings don't cover goes through the parquet crate's own readers.

use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use parquet::schema::types::ColumnDescriptor;

use crate::hybrid::Hybrid;
use crate::numbered::{MISSING, Values, text_at, whole};
use crate::parquet_values::{OtherColumn, Shape};

/// The most rows of one page; the format's writers stay far below.
const PAGE_ROWS_MAX: usize = 1 << 26;

/// A column whose values are numbered: equal numbers are equal values, and mostly the other way round.
pub(crate) struct NumberedColumn {
    feed: Feed,
    shape: Shape,
    pub(crate) values: Values,
    buffer: Vec<u32>,
}

/// A column of whole 64-bit numbers.
pub(crate) struct Int64Column {
    feed: Feed,
    shape: Shape,
    dictionary: Vec<i64>,
    buffer: Vec<u32>,
}

enum Feed {
    Pages(Box<Pages>),
    Other(Box<OtherColumn>),
}

struct Pages {
    reader: Box<dyn PageReader>,
    has_levels: bool,
    fixed: bool,
    left: usize,
    stored: Stored,
    /// Which of the page's rows have a value, and how many of those rows were read; `None` where all have.
    present: Option<(Vec<u32>, usize)>,
}

/// How a page stores its values.
enum Stored {
    Indices(Hybrid),
    Plain { bytes: Bytes, at: usize },
}

/// A column's chunk of one row group.
pub(crate) struct Chunk<'r> {
    pub(crate) group: &'r dyn RowGroupReader,
    pub(crate) column: usize,
    pub(crate) describe: &'r ColumnDescriptor,
}

impl Chunk<'_> {
    fn feed(&self) -> Result<Feed> {
        let usual = self
            .group
            .metadata()
            .column(self.column)
            .encodings()
            .all(|encoding| {
                matches!(
                    encoding,
                    Encoding::PLAIN | Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY | Encoding::RLE
                ) || is_bit_packed(encoding)
            });
        let physical = self.describe.physical_type();
        if !usual
            || self.describe.max_def_level() > 1
            || self.describe.max_rep_level() > 0
            || !matches!(physical, Type::INT64 | Type::BYTE_ARRAY)
        {
            let reader = self.group.get_column_reader(self.column)?;
            return Ok(Feed::Other(Box::new(OtherColumn::new(reader, self.describe))));
        }
        Ok(Feed::Pages(Box::new(Pages {
            reader: self.group.get_column_page_reader(self.column)?,
            has_levels: self.describe.max_def_level() > 0,
            fixed: physical == Type::INT64,
            left: 0,
            stored: Stored::Plain {
                bytes: Bytes::new(),
                at: 0,
            },
            present: None,
        })))
    }
}

impl NumberedColumn {
    pub(crate) fn open(chunk: &Chunk<'_>) -> Result<Self> {
        let shape = Shape::of(chunk.describe);
        Ok(Self {
            feed: chunk.feed()?,
            shape,
            values: Values::default(),
            buffer: Vec::new(),
        })
    }

    /// Whether values are whole numbers, ordered as such.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.feed, Feed::Pages(_)) && self.shape == Shape::Int64
    }

    /// Reads the numbers of `count` rows onto the end of `into`.
    pub(crate) fn read(&mut self, count: usize, into: &mut Vec<u32>) -> Result<()> {
        let pages = match &mut self.feed {
            Feed::Other(other) => return other.read(count, self.shape, &mut self.values, into),
            Feed::Pages(pages) => pages,
        };
        let mut wanted = count;
        while wanted > 0 {
            let taken = pages.stretch(wanted, &mut |dictionary, entries, fixed| {
                self.values
                    .add_dictionary(&dictionary, entries, fixed.then_some(self.shape))
            })?;
            let from = into.len();
            pages.read_stretch(taken, &mut self.values, self.shape, &mut self.buffer, into)?;
            if matches!(pages.stored, Stored::Indices(_)) {
                let held = self.values.len();
                let beyond = |number: &u32| *number != MISSING && *number as usize >= held;
                if into.get(from..).is_some_and(|read| read.iter().any(beyond)) {
                    return Err(ParquetError::General(
                        "an index is beyond its dictionary".to_owned(),
                    ));
                }
            }
            wanted -= taken;
        }
        Ok(())
    }
}

impl Int64Column {
    pub(crate) fn open(chunk: &Chunk<'_>) -> Result<Self> {
        let shape = Shape::of(chunk.describe);
        Ok(Self {
            feed: chunk.feed()?,
            shape,
            dictionary: Vec::new(),
            buffer: Vec::new(),
        })
    }

    /// What the column's numbers mean.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// Reads the values of `count` rows onto the end of `into`; missing ones as `missing`.
    pub(crate) fn read(&mut self, count: usize, missing: i64, into: &mut Vec<i64>) -> Result<()> {
        let pages = match &mut self.feed {
            Feed::Other(other) => return other.read_whole(count, missing, into),
            Feed::Pages(pages) => pages,
        };
        let mut wanted = count;
        while wanted > 0 {
            let dictionary = &mut self.dictionary;
            let taken = pages.stretch(wanted, &mut |bytes, _, _| {
                dictionary.extend(bytes.chunks_exact(8).map(whole));
                Ok(())
            })?;
            if pages.present.is_none()
                && let Stored::Plain { bytes, at } = &mut pages.stored
            {
                let end = *at + taken * 8;
                let stored = bytes.get(*at..end).ok_or_else(short)?;
                into.extend(stored.chunks_exact(8).map(whole));
                *at = end;
                pages.left -= taken;
            } else {
                pages.read_sparse(taken, &self.dictionary, missing, &mut self.buffer, into)?;
            }
            wanted -= taken;
        }
        Ok(())
    }
}

impl Pages {
    /// Makes sure that a page is at hand; how many of `wanted` rows it has.
    fn stretch(
        &mut self,
        wanted: usize,
        dictionary: &mut dyn FnMut(Bytes, usize, bool) -> Result<()>,
    ) -> Result<usize> {
        while self.left == 0 {
            let page = self.reader.get_next_page()?;
            match page.ok_or_else(|| ParquetError::EOF("a column ends before its rows do".to_owned()))? {
                Page::DictionaryPage { buf, num_values, .. } => {
                    dictionary(buf, num_values as usize, self.fixed)?;
                }
                page => self.begin(page)?,
            }
        }
        Ok(wanted.min(self.left))
    }

    fn begin(&mut self, page: Page) -> Result<()> {
        let (levels, values, count, encoding) = self.split(page)?;
        if count > PAGE_ROWS_MAX {
            return Err(ParquetError::General(format!("a page of {count} rows")));
        }
        self.present = match levels {
            None => None,
            Some(levels) => {
                let mut levels = Hybrid::new(levels, 1)?;
                if levels.repeats(1, count)? {
                    None
                } else {
                    let mut present = Vec::new();
                    levels.read(count, &mut present)?;
                    Some((present, 0))
                }
            }
        };
        self.stored = match encoding {
            Encoding::PLAIN => Stored::Plain { bytes: values, at: 0 },
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => {
                // A page without a value may be without its index width too.
                let width = values.first().copied().unwrap_or(0);
                Stored::Indices(Hybrid::new(values.slice(values.len().min(1)..), width)?)
            }
            other => return Err(ParquetError::NYI(format!("pages encoded as {other}"))),
        };
        self.left = count;
        Ok(())
    }

    /// A data page's levels and values, how many rows it has, and how its values are encoded.
    fn split(&self, page: Page) -> Result<(Option<Bytes>, Bytes, usize, Encoding)> {
        match page {
            Page::DataPage {
                buf,
                num_values,
                encoding,
                ..
            } if !self.has_levels => Ok((None, buf, num_values as usize, encoding)),
            Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                ..
            } => {
                if def_level_encoding != Encoding::RLE {
                    return Err(ParquetError::NYI(format!("levels as {def_level_encoding}")));
                }
                let length = buf
                    .get(..4)
                    .and_then(|bytes| bytes.try_into().ok())
                    .ok_or_else(short)?;
                let end = 4 + u32::from_le_bytes(length) as usize;
                if end > buf.len() {
                    return Err(short());
                }
                Ok((
                    Some(buf.slice(4..end)),
                    buf.slice(end..),
                    num_values as usize,
                    encoding,
                ))
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let (start, length) = (rep_levels_byte_len as usize, def_levels_byte_len as usize);
                let end = start
                    .checked_add(length)
                    .filter(|end| *end <= buf.len())
                    .ok_or_else(short)?;
                let levels = self.has_levels.then(|| buf.slice(start..end));
                Ok((levels, buf.slice(end..), num_values as usize, encoding))
            }
            Page::DictionaryPage { .. } => Err(ParquetError::General("a second dictionary".to_owned())),
        }
    }

    /// Reads the numbers of `count` rows of the present page.
    fn read_stretch(
        &mut self,
        count: usize,
        values: &mut Values,
        shape: Shape,
        buffer: &mut Vec<u32>,
        into: &mut Vec<u32>,
    ) -> Result<()> {
        self.left -= count;
        let Some((present, read)) = &mut self.present else {
            return read_numbers(&mut self.stored, count, self.fixed, values, shape, into);
        };
        let rows = present.get(*read..*read + count).ok_or_else(short)?;
        *read += count;
        buffer.clear();
        let held = rows.iter().filter(|level| **level == 1).count();
        read_numbers(&mut self.stored, held, self.fixed, values, shape, buffer)?;
        let mut numbers = buffer.iter();
        into.extend(rows.iter().map(|level| {
            if *level == 1 {
                numbers.next().copied().unwrap_or(MISSING)
            } else {
                MISSING
            }
        }));
        Ok(())
    }

    /// Reads the whole numbers of `count` rows of the present page, some of them missing or by dictionary.
    fn read_sparse(
        &mut self,
        count: usize,
        dictionary: &[i64],
        missing: i64,
        buffer: &mut Vec<u32>,
        into: &mut Vec<i64>,
    ) -> Result<()> {
        self.left -= count;
        let rows = match &mut self.present {
            None => None,
            Some((present, read)) => {
                let rows = present.get(*read..*read + count).ok_or_else(short)?;
                *read += count;
                Some(rows)
            }
        };
        let held = rows.map_or(count, |rows| rows.iter().filter(|level| **level == 1).count());
        let from = into.len();
        match &mut self.stored {
            Stored::Plain { bytes, at } => {
                let stored = bytes.get(*at..*at + held * 8).ok_or_else(short)?;
                into.extend(stored.chunks_exact(8).map(whole));
                *at += held * 8;
            }
            Stored::Indices(indices) => {
                buffer.clear();
                indices.read(held, buffer)?;
                for index in &*buffer {
                    let value = dictionary.get(*index as usize);
                    let beyond = || ParquetError::General("an index is beyond its dictionary".to_owned());
                    into.push(*value.ok_or_else(beyond)?);
                }
            }
        }
        if let Some(rows) = rows {
            let values = into.split_off(from);
            let mut values = values.into_iter();
            into.extend(rows.iter().map(|level| {
                if *level == 1 {
                    values.next().unwrap_or(missing)
                } else {
                    missing
                }
            }));
        }
        Ok(())
    }
}

fn read_numbers(
    stored: &mut Stored,
    count: usize,
    fixed: bool,
    values: &mut Values,
    shape: Shape,
    into: &mut Vec<u32>,
) -> Result<()> {
    match stored {
        Stored::Indices(indices) => indices.read(count, into),
        Stored::Plain { bytes, at } => {
            let mut last = MISSING;
            for _ in 0..count {
                if fixed {
                    let value = whole(bytes.get(*at..*at + 8).ok_or_else(short)?);
                    *at += 8;
                    if values.whole.get(last as usize) != Some(&value) {
                        last = values.add_whole(value, shape)?;
                    }
                } else {
                    let (value, end) = text_at(bytes, *at)?;
                    *at = end;
                    if last == MISSING || values.get(last) != value {
                        last = values.add(value)?;
                    }
                }
                into.push(last);
            }
            Ok(())
        }
    }
}

#[expect(
    deprecated,
    reason = "old writers still name this encoding for levels that they don't have"
)]
fn is_bit_packed(encoding: Encoding) -> bool {
    encoding == Encoding::BIT_PACKED
}

pub(crate) fn short() -> ParquetError {
    ParquetError::General("a page ends before its values do".to_owned())
}

//! What Parquet's values mean as text and time, and the columns that the parquet crate's own readers are needed for.

use std::fmt::Write as _;

use bellwether_core::domain::{MS_PER_DAY, Number, Timestamp};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use crate::cells::text_of_list;
use crate::numbered::{MISSING, Values};

/// What a column's stored values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text, or whatever is stored as such.
    Text,
    /// A whole number.
    Int64,
    /// A whole number without a sign.
    Unsigned,
    /// An instant, in so many units a millisecond or milliseconds a unit.
    Time { units_per_ms: i64 },
    /// A day.
    Date,
    /// A decimal with so many places.
    Decimal { places: u32 },
    /// A boolean.
    Bool,
    /// A float.
    Float,
    /// An instant in the form of old writers.
    Int96,
    /// A UUID.
    Uuid,
}

impl Shape {
    pub(crate) fn of(column: &ColumnDescriptor) -> Self {
        let physical = column.physical_type();
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Timestamp(time)), _) => Self::Time {
                units_per_ms: match time.unit {
                    TimeUnit::MILLIS => 1,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1_000_000,
                },
            },
            (_, ConvertedType::TIMESTAMP_MILLIS) => Self::Time { units_per_ms: 1 },
            (_, ConvertedType::TIMESTAMP_MICROS) => Self::Time { units_per_ms: 1_000 },
            (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Self::Date,
            (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => Self::Decimal {
                places: u32::try_from(column.type_scale()).unwrap_or(0),
            },
            (Some(LogicalType::Uuid), _) => Self::Uuid,
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => Self::Unsigned,
            (_, ConvertedType::UINT_64 | ConvertedType::UINT_32) => Self::Unsigned,
            _ => match physical {
                Type::BOOLEAN => Self::Bool,
                Type::INT32 | Type::INT64 => Self::Int64,
                Type::INT96 => Self::Int96,
                Type::FLOAT | Type::DOUBLE => Self::Float,
                Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => Self::Text,
            },
        }
    }

    /// Whether a column of this shape can hold times as numbers.
    pub(crate) fn is_time(self) -> bool {
        matches!(
            self,
            Self::Time { .. } | Self::Date | Self::Int64 | Self::Unsigned | Self::Int96
        )
    }

    /// Milliseconds since 1970 of a stored number; a plain one is milliseconds.
    pub(crate) fn ms(self, stored: i64) -> i64 {
        match self {
            Self::Time { units_per_ms } => stored.div_euclid(units_per_ms),
            Self::Date => stored.saturating_mul(MS_PER_DAY),
            _ => stored,
        }
    }

    pub(crate) fn text_of_whole(self, stored: i64) -> String {
        match self {
            Self::Time { .. } | Self::Date | Self::Int96 => {
                let ms = self.ms(stored);
                Timestamp::from_ms(ms).map_or_else(|| format!("{ms} ms since 1970"), |ts| ts.to_string())
            }
            Self::Decimal { places } => decimal(i128::from(stored), places),
            Self::Unsigned => stored.cast_unsigned().to_string(),
            _ => stored.to_string(),
        }
    }
}

/// A column read by the parquet crate.
pub(crate) struct OtherColumn {
    reader: ColumnReader,
    present_level: i16,
    is_list: bool,
    levels: Vec<i16>,
    /// For lists, which values begin a row, and the elements.
    repetitions: Vec<i16>,
    elements: Values,
}

impl OtherColumn {
    pub(crate) fn new(reader: ColumnReader, describe: &ColumnDescriptor) -> Self {
        Self {
            reader,
            present_level: describe.max_def_level(),
            is_list: describe.max_rep_level() > 0,
            levels: Vec::new(),
            repetitions: Vec::new(),
            elements: Values::default(),
        }
    }

    /// Reads the numbers of `count` rows onto the end of `into`; a list is one text.
    pub(crate) fn read(
        &mut self,
        count: usize,
        shape: Shape,
        values: &mut Values,
        into: &mut Vec<u32>,
    ) -> Result<()> {
        if !self.is_list {
            let numbers = self.read_values(count, shape, values)?;
            return spread(&self.levels, self.present_level, count, numbers, MISSING, into);
        }
        let mut elements = std::mem::take(&mut self.elements);
        let numbers = self.read_values(count, shape, &mut elements);
        self.elements = elements;
        self.gather_lists(&numbers?, values, into)
    }

    /// Makes one text of each row's elements.
    fn gather_lists(&self, numbers: &[u32], values: &mut Values, into: &mut Vec<u32>) -> Result<()> {
        let mut numbers = numbers.iter();
        let mut at = 0;
        while at < self.levels.len() {
            let rest = self.repetitions.get(at + 1..).unwrap_or_default();
            let more = rest.iter().take_while(|level| **level > 0).count();
            let row = self.levels.get(at..=at + more).unwrap_or_default();
            let held = row.iter().filter(|level| **level == self.present_level).count();
            at += more + 1;
            let elements = numbers
                .by_ref()
                .take(held)
                .map(|number| self.elements.get(*number));
            let elements: Vec<&[u8]> = elements.collect();
            into.push(
                match elements.iter().map(|bytes| str::from_utf8(bytes)).collect() {
                    _ if elements.is_empty() => MISSING,
                    Ok::<Vec<&str>, _>(texts) => values.add(text_of_list(&texts).as_bytes())?,
                    // As with single values, whoever reads this sees that it isn't UTF-8.
                    Err(_) => values.add(&elements.concat())?,
                },
            );
        }
        Ok(())
    }

    /// Reads the values of `count` rows, and their levels.
    fn read_values(&mut self, count: usize, shape: Shape, values: &mut Values) -> Result<Vec<u32>> {
        let mut numbers = Vec::with_capacity(count);
        let levels = (&mut self.levels, &mut self.repetitions);
        levels.0.clear();
        levels.1.clear();
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => {
                let mut add = |value: &bool| values.add(if *value { b"true" } else { b"false" });
                fill(reader, count, levels, &mut numbers, &mut add)?;
            }
            ColumnReader::Int32ColumnReader(reader) => {
                let whole = |value: i32| match shape {
                    Shape::Unsigned => i64::from(value.cast_unsigned()),
                    _ => i64::from(value),
                };
                let mut add = |value: &i32| values.add_whole(whole(*value), shape);
                fill(reader, count, levels, &mut numbers, &mut add)?;
            }
            ColumnReader::Int64ColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| {
                    values.add_whole(*value, shape)
                })?;
            }
            ColumnReader::Int96ColumnReader(reader) => {
                let mut add = |value: &parquet::data_type::Int96| values.add_whole(value.to_millis(), shape);
                fill(reader, count, levels, &mut numbers, &mut add)?;
            }
            ColumnReader::FloatColumnReader(reader) => {
                let mut add = |value: &f32| values.add(float(f64::from(*value)).as_bytes());
                fill(reader, count, levels, &mut numbers, &mut add)?;
            }
            ColumnReader::DoubleColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| {
                    values.add(float(*value).as_bytes())
                })?;
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| {
                    add_bytes(values, value.data(), shape)
                })?;
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| {
                    add_bytes(values, value.data(), shape)
                })?;
            }
        }
        Ok(numbers)
    }

    /// Reads the whole numbers of `count` rows onto the end of `into`.
    pub(crate) fn read_whole(&mut self, count: usize, missing: i64, into: &mut Vec<i64>) -> Result<()> {
        let mut numbers = Vec::with_capacity(count);
        let levels = (&mut self.levels, &mut self.repetitions);
        levels.0.clear();
        levels.1.clear();
        match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| {
                    Ok(i64::from(*value))
                })?;
            }
            ColumnReader::Int64ColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| Ok(*value))?;
            }
            ColumnReader::Int96ColumnReader(reader) => {
                fill(reader, count, levels, &mut numbers, &mut |value| {
                    Ok(value.to_millis())
                })?;
            }
            _ => return Err(ParquetError::General("a time that is no number".to_owned())),
        }
        spread(&self.levels, self.present_level, count, numbers, missing, into)
    }
}

/// Reads the values and levels of `count` rows, each value through `add`.
fn fill<T: DataType, N>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    (levels, repetitions): (&mut Vec<i16>, &mut Vec<i16>),
    numbers: &mut Vec<N>,
    add: &mut dyn FnMut(&T::T) -> Result<N>,
) -> Result<()> {
    let (mut read, mut values) = (0, Vec::new());
    while read < count {
        values.clear();
        let (rows, _, _) = reader.read_records(count - read, Some(levels), Some(repetitions), &mut values)?;
        if rows == 0 {
            return Err(ParquetError::EOF("a column ends before its rows do".to_owned()));
        }
        for value in &values {
            numbers.push(add(value)?);
        }
        read += rows;
    }
    Ok(())
}

/// Puts values where the levels say that there are some.
fn spread<N: Copy>(
    levels: &[i16],
    present_level: i16,
    count: usize,
    numbers: Vec<N>,
    missing: N,
    into: &mut Vec<N>,
) -> Result<()> {
    if present_level == 0 {
        into.extend(numbers);
        return Ok(());
    }
    if levels.len() != count {
        return Err(ParquetError::General(
            "a column has more or fewer levels than rows".to_owned(),
        ));
    }
    let mut numbers = numbers.into_iter();
    let at = |level: &i16| {
        if *level == present_level {
            numbers.next().unwrap_or(missing)
        } else {
            missing
        }
    };
    into.extend(levels.iter().map(at));
    Ok(())
}

fn add_bytes(values: &mut Values, bytes: &[u8], shape: Shape) -> Result<u32> {
    match shape {
        Shape::Decimal { places } => {
            let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
            let mut wide = if negative { [0xff; 16] } else { [0; 16] };
            let start = bytes.len().saturating_sub(16);
            let length = bytes.len() - start;
            wide[16 - length..].copy_from_slice(&bytes[start..]);
            values.add(decimal(i128::from_be_bytes(wide), places).as_bytes())
        }
        Shape::Uuid => {
            let mut text = String::new();
            for (at, byte) in bytes.iter().enumerate() {
                if matches!(at, 4 | 6 | 8 | 10) {
                    text.push('-');
                }
                // Writing to a string can't fail.
                let _ = write!(text, "{byte:02x}");
            }
            values.add(text.as_bytes())
        }
        _ => values.add(bytes),
    }
}

fn decimal(unscaled: i128, places: u32) -> String {
    let digits = format!(
        "{:0>width$}",
        unscaled.unsigned_abs(),
        width = places as usize + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - places as usize);
    let sign = if unscaled < 0 { "-" } else { "" };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// A float as a number is written elsewhere; what is no number is missing, and so an empty text.
fn float(value: f64) -> String {
    Number::new(value)
        .map(|number| number.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_numbers_read_as_what_they_mean() {
        assert_eq!(Shape::Decimal { places: 2 }.text_of_whole(-1250), "-12.5");
        assert_eq!(Shape::Decimal { places: 0 }.text_of_whole(7), "7");
        assert_eq!(Shape::Date.text_of_whole(1), "1970-01-02T00:00:00.000Z");
        assert_eq!(Shape::Time { units_per_ms: 1_000 }.ms(-1), -1);
        assert_eq!(
            Shape::Time {
                units_per_ms: 1_000_000
            }
            .ms(1_999_999),
            1
        );
        assert_eq!(Shape::Unsigned.text_of_whole(-1), "18446744073709551615");
        assert_eq!((float(f64::NAN), float(1.5)), (String::new(), "1.5".to_owned()));
    }
}

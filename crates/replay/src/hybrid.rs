//! Parquet's hybrid of run lengths and bit-packing, which holds dictionary indices and definition levels.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};

/// A stretch of small numbers, `width` bits each.
pub(crate) struct Hybrid {
    bytes: Bytes,
    at: usize,
    width: u32,
    run: Run,
}

/// What is left of the run that was begun.
enum Run {
    None,
    Repeated {
        value: u32,
        left: usize,
    },
    /// Packed from the bit `bit` of the bytes on.
    Packed {
        bit: usize,
        left: usize,
    },
}

impl Hybrid {
    pub(crate) fn new(bytes: Bytes, width: u8) -> Result<Self> {
        if width > 32 {
            return Err(ParquetError::General(format!(
                "{width} bits is too wide for an index"
            )));
        }
        Ok(Self {
            bytes,
            at: 0,
            width: u32::from(width),
            run: Run::None,
        })
    }

    /// Whether the next `count` numbers are all `value`, as one run says.
    pub(crate) fn repeats(&mut self, value: u32, count: usize) -> Result<bool> {
        if matches!(self.run, Run::None) {
            self.begin_run()?;
        }
        Ok(matches!(self.run, Run::Repeated { value: repeated, left } if repeated == value && left >= count))
    }

    /// Reads `count` numbers onto the end of `into`.
    pub(crate) fn read(&mut self, count: usize, into: &mut Vec<u32>) -> Result<()> {
        let mut wanted = count;
        while wanted > 0 {
            match &mut self.run {
                Run::None => self.begin_run()?,
                Run::Repeated { value, left } => {
                    let taken = wanted.min(*left);
                    into.extend(std::iter::repeat_n(*value, taken));
                    *left -= taken;
                    wanted -= taken;
                    if *left == 0 {
                        self.run = Run::None;
                    }
                }
                Run::Packed { bit, left } => {
                    let taken = wanted.min(*left);
                    unpack(&self.bytes, *bit, self.width, taken, into);
                    *bit += taken * self.width as usize;
                    *left -= taken;
                    wanted -= taken;
                    if *left == 0 {
                        self.run = Run::None;
                    }
                }
            }
        }
        Ok(())
    }

    fn begin_run(&mut self) -> Result<()> {
        let header = self.varint()?;
        let length = usize::try_from(header >> 1).map_err(|_| short())?;
        if header & 1 == 0 {
            let bytes = self.width.div_ceil(8) as usize;
            let stored = self.bytes.get(self.at..self.at + bytes).ok_or_else(short)?;
            let mut value = [0; 4];
            value[..bytes].copy_from_slice(stored);
            self.at += bytes;
            if length == 0 {
                return Err(ParquetError::General("a run of no values".to_owned()));
            }
            self.run = Run::Repeated {
                value: u32::from_le_bytes(value),
                left: length,
            };
            return Ok(());
        }
        // The last group of a page may be cut off where its values end.
        let bytes = length.checked_mul(self.width as usize).ok_or_else(short)?;
        let held = bytes.min(self.bytes.len() - self.at);
        let left = if self.width == 0 {
            length.checked_mul(8).ok_or_else(short)?
        } else {
            (held * 8 / self.width as usize).min(length.saturating_mul(8))
        };
        if left == 0 {
            return Err(short());
        }
        self.run = Run::Packed {
            bit: self.at * 8,
            left,
        };
        self.at += held;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(short)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(ParquetError::General("a run's length is too long".to_owned()))
    }
}

fn unpack(bytes: &[u8], first_bit: usize, width: u32, count: usize, into: &mut Vec<u32>) {
    let mask = (1_u64 << width) - 1;
    let mut bit = first_bit;
    into.reserve(count);
    let number = |window: u64, bit: usize| {
        let number = (window >> (bit & 7)) & mask;
        #[expect(clippy::cast_possible_truncation, reason = "the mask leaves at most 32 bits")]
        let number = number as u32;
        number
    };
    for _ in 0..count {
        let start = bit >> 3;
        let whole = bytes
            .get(start..start + 8)
            .and_then(|window| window.try_into().ok());
        let window = u64::from_le_bytes(whole.unwrap_or_else(|| {
            let (mut last, rest) = ([0; 8], bytes.get(start..).unwrap_or_default());
            let length = rest.len().min(8);
            last[..length].copy_from_slice(&rest[..length]);
            last
        }));
        into.push(number(window, bit));
        bit += width as usize;
    }
}

fn short() -> ParquetError {
    ParquetError::General("a page ends before its values do".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_groups_are_read_in_any_portions() {
        // Five times 6, then the eight numbers 0 to 7 packed in three bits each, as the format's description has them.
        let bytes = Bytes::from_static(&[5 << 1, 6, (1 << 1) | 1, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        let expected = [6, 6, 6, 6, 6, 0, 1, 2, 3, 4, 5, 6, 7];
        for portion in 1..=13 {
            let mut hybrid = Hybrid::new(bytes.clone(), 3).expect("a width");
            let mut read = Vec::new();
            while read.len() < 13 {
                hybrid
                    .read(portion.min(13 - read.len()), &mut read)
                    .expect("values");
            }
            assert_eq!(read, expected, "{portion}");
            assert!(hybrid.read(1, &mut read).is_err());
        }
    }

    #[test]
    fn no_bytes_whatever_make_it_panic() {
        let mut seed = 1_u32;
        let mut byte = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_le_bytes()[3]
        };
        for length in 0..64 {
            for width in 0..=33 {
                let bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
                if let Ok(mut hybrid) = Hybrid::new(Bytes::from(bytes), width) {
                    let _ = hybrid.read(1_000, &mut Vec::new());
                }
            }
        }
    }
}

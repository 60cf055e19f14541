//! Rows of text files, one at a time, in memory that a row's length doesn't grow past its limit.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use crate::limits::{ROW_BYTES_MAX, ROW_CELLS_MAX};

/// What came next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A row.
    Row,
    /// A row over the limits; what is held is its beginning.
    TooLong,
    /// Nothing more.
    End,
}

/// Lines of text.
pub(crate) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
}

/// Records of CSV, quoted newlines and all.
pub(crate) struct Records<R> {
    input: R,
    core: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
            number: 0,
        }
    }

    /// The line's number, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn line(&self) -> &[u8] {
        self.line.trim_ascii()
    }

    /// Reads the next line that isn't blank.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        loop {
            let next = self.read()?;
            if next != Next::Row || !self.line().is_empty() {
                return Ok(next);
            }
        }
    }

    fn read(&mut self) -> io::Result<Next> {
        self.line.clear();
        let (mut too_long, mut begun) = (false, false);
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.number += u64::from(!begun && !available.is_empty());
            if available.is_empty() && !begun {
                return Ok(Next::End);
            }
            begun = true;
            let newline = memchr::memchr(b'\n', available);
            let stretch = newline.unwrap_or(available.len());
            let room = ROW_BYTES_MAX - self.line.len();
            too_long |= stretch > room;
            self.line
                .extend_from_slice(available.get(..stretch.min(room)).unwrap_or_default());
            let ended = newline.is_some() || available.is_empty();
            let used = stretch + usize::from(newline.is_some());
            self.input.consume(used);
            if ended {
                return Ok(if too_long { Next::TooLong } else { Next::Row });
            }
        }
    }
}

impl<R: BufRead> Records<R> {
    pub(crate) fn new(input: R) -> Self {
        Self::separated(input, b',')
    }

    /// Records whose cells another byte separates.
    pub(crate) fn separated(input: R, separator: u8) -> Self {
        let (text, ends) = (vec![0; 4_096], vec![0; 64]);
        Self {
            input,
            core: csv_core::ReaderBuilder::new().delimiter(separator).build(),
            text,
            ends,
            cells: 0,
            line: 1,
        }
    }

    /// The number of the line that the record begins on, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn cells(&self) -> usize {
        self.cells
    }

    /// The bytes of a cell, unquoted.
    pub(crate) fn cell(&self, index: usize) -> &[u8] {
        if index >= self.cells {
            return &[];
        }
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The whole record, its cells run together, for excerpts.
    pub(crate) fn excerpt(&self) -> Vec<u8> {
        let cells = (0..self.cells.min(64)).map(|index| {
            let cell = self.cell(index);
            cell.get(..cell.len().min(crate::limits::EXCERPT_BYTES_MAX))
                .unwrap_or(cell)
        });
        cells.collect::<Vec<_>>().join(&b',')
    }

    /// Reads the next record, skipping blank lines.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        self.skip_blank_lines()?;
        self.line = self.core.line();
        let (mut written, mut ended, mut too_long) = (0, 0, false);
        loop {
            let input = match self.input.fill_buf() {
                Ok(input) => input,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let (Some(text), Some(ends)) = (self.text.get_mut(written..), self.ends.get_mut(ended..)) else {
                return Ok(Next::TooLong);
            };
            let (result, read, more_text, more_ends) = self.core.read_record(input, text, ends);
            self.input.consume(read);
            written += more_text;
            ended += more_ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < ROW_BYTES_MAX => {
                    self.text.resize(self.text.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < ROW_CELLS_MAX => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                // What is over the limit is read past, over itself, so that the next record is found.
                ReadRecordResult::OutputFull => (written, too_long) = (0, true),
                ReadRecordResult::OutputEndsFull => (ended, too_long) = (0, true),
                ReadRecordResult::Record => {
                    self.cells = if too_long { 0 } else { ended };
                    return Ok(if too_long { Next::TooLong } else { Next::Row });
                }
                ReadRecordResult::End => return Ok(if too_long { Next::TooLong } else { Next::End }),
            }
        }
    }

    fn skip_blank_lines(&mut self) -> io::Result<()> {
        loop {
            let input = match self.input.fill_buf() {
                Ok(input) => input,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let blank = input
                .iter()
                .take_while(|byte| matches!(byte, b'\n' | b'\r'))
                .count();
            if blank == 0 {
                return Ok(());
            }
            let lines = input.iter().take(blank).filter(|byte| **byte == b'\n').count();
            self.core.set_line(self.core.line() + lines as u64);
            self.input.consume(blank);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn records(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::new(std::io::BufReader::with_capacity(7, text.as_bytes()));
        let mut read = Vec::new();
        while records.next().is_ok_and(|next| next == Next::Row) {
            let cells = (0..records.cells()).map(|at| String::from_utf8_lossy(records.cell(at)).into_owned());
            read.push((records.line(), cells.collect()));
        }
        read
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn csv_records_know_the_line_that_they_begin_on() {
        let read = records("a,b\r\n\r\n1,\"two\nlines \"\"q\"\"\"\r\n\n3,\"\"\n,5");
        let expected = [
            row(1, &["a", "b"]),
            row(3, &["1", "two\nlines \"q\""]),
            row(6, &["3", ""]),
            row(7, &["", "5"]),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_record_over_the_limit_is_passed_over_and_the_next_one_is_read() {
        let text = format!("a,b\n\"{}\",2\n3,4\n", "x".repeat(2 * ROW_BYTES_MAX));
        let mut records = Records::new(text.as_bytes());
        assert_eq!(records.next().ok(), Some(Next::Row));
        assert_eq!(records.next().ok(), Some(Next::TooLong));
        assert_eq!(records.next().ok(), Some(Next::Row));
        assert_eq!(
            (records.line(), records.cell(0), records.cell(1)),
            (3, &b"3"[..], &b"4"[..])
        );
        assert_eq!(records.next().ok(), Some(Next::End));
        assert!(records.text.len() <= ROW_BYTES_MAX);
    }

    #[test]
    fn a_record_with_too_many_cells_is_passed_over() {
        let text = format!("{}\nlast\n", "1,".repeat(3 * ROW_CELLS_MAX));
        let mut records = Records::new(text.as_bytes());
        assert_eq!(records.next().ok(), Some(Next::TooLong));
        assert_eq!(records.next().ok(), Some(Next::Row));
        assert_eq!(records.cell(0), b"last");
    }

    #[test]
    fn lines_are_numbered_from_one_blank_ones_counted_and_passed_over() {
        let text = format!("one\r\n\n  \ntwo\n{}\nlast", "y".repeat(ROW_BYTES_MAX + 1));
        let mut lines = Lines::new(text.as_bytes());
        let mut read = Vec::new();
        while let Ok(next @ (Next::Row | Next::TooLong)) = lines.next() {
            read.push((next, lines.number(), lines.line().len()));
        }
        let expected = [
            (Next::Row, 1, 3),
            (Next::Row, 4, 3),
            (Next::TooLong, 5, ROW_BYTES_MAX),
            (Next::Row, 6, 4),
        ];
        assert_eq!(read, expected);
    }
    /// What unpacks to far more than it is costs the memory of one row and no more, whoever reads it.
    #[test]
    fn a_bomb_of_gzip_is_held_in_the_memory_of_one_row() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let stretch = vec![b'0'; 1 << 20];
        for _ in 0..16 * ROW_BYTES_MAX / stretch.len() {
            packer.write_all(&stretch).expect("packed");
        }
        packer.write_all(b"\nlast\n").expect("packed");
        let packed = packer.finish().expect("packed");
        assert!(packed.len() < ROW_BYTES_MAX, "{} bytes are no bomb", packed.len());
        let input = || std::io::BufReader::new(flate2::read::MultiGzDecoder::new(&*packed));

        let mut lines = Lines::new(input());
        assert_eq!(lines.next().ok(), Some(Next::TooLong));
        assert_eq!(lines.line.len(), ROW_BYTES_MAX);
        // A vector grows by doubling.
        assert!(lines.line.capacity() <= 2 * ROW_BYTES_MAX);
        assert_eq!(lines.next().ok(), Some(Next::Row));
        assert_eq!((lines.number(), lines.line()), (2, &b"last"[..]));

        let mut records = Records::new(input());
        assert_eq!(records.next().ok(), Some(Next::TooLong));
        assert!(records.text.capacity() <= 2 * ROW_BYTES_MAX);
        assert_eq!(records.next().ok(), Some(Next::Row));
        assert_eq!((records.line(), records.cell(0)), (2, &b"last"[..]));
    }
}

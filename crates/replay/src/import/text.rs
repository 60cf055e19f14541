//! Text files as spreadsheets save them: in which encoding, with which separator, and what stands for nothing.

use std::io::{self, BufRead, Read};

/// What a cell may hold in place of nothing, in any case. `NA` isn't among them: it is also a country.
pub const MISSING: [&str; 11] = [
    "", "null", "(null)", "n/a", "#n/a", "(empty)", "(blank)", "(none)", "-", "--", "\\n",
];

/// How a text file's bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// Windows-1252, of which Latin-1 is a part.
    Latin1,
}

impl Encoding {
    /// The encoding's name in options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
        }
    }
}

impl std::str::FromStr for Encoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "utf-8" => Ok(Self::Utf8),
            "latin-1" | "windows-1252" => Ok(Self::Latin1),
            _ => Err(format!(
                "`{text}` is no encoding that is read; use utf-8 or latin-1"
            )),
        }
    }
}

/// Whether a cell holds nothing.
pub(super) fn is_missing(cell: &str) -> bool {
    cell.len() <= 7 && MISSING.iter().any(|missing| missing.eq_ignore_ascii_case(cell))
}

/// Reads to the end, to see whether it is UTF-8.
pub(super) fn detect(input: &mut dyn BufRead) -> io::Result<Encoding> {
    let mut held: Vec<u8> = Vec::new();
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(if held.is_empty() {
                Encoding::Utf8
            } else {
                Encoding::Latin1
            });
        }
        let used = available.len();
        let whole: &[u8] = if held.is_empty() {
            available
        } else {
            held.extend_from_slice(available);
            &held
        };
        let rest = match std::str::from_utf8(whole) {
            Ok(_) => Vec::new(),
            // A character that goes on in the next stretch.
            Err(error) if error.error_len().is_none() => {
                whole.get(error.valid_up_to()..).unwrap_or_default().to_vec()
            }
            Err(_) => return Ok(Encoding::Latin1),
        };
        held = rest;
        input.consume(used);
    }
}

/// The separator of a table, by its first line: the one that occurs most often outside quotes.
pub(super) fn separator(first_line: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in first_line {
        quoted ^= *byte == b'"';
        if !quoted {
            for (separator, count) in &mut counts {
                *count += usize::from(byte == separator);
            }
        }
    }
    // Of equals the first one, which is the comma.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| *separator)
}

/// Windows-1252 as UTF-8.
pub(super) struct Latin1<R> {
    input: R,
    waiting: Vec<u8>,
    given: usize,
}

/// What the bytes from 0x80 to 0x9f are; the five that are nothing are what Latin-1 has there.
const SPECIAL: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl<R: BufRead> Latin1<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            waiting: Vec::new(),
            given: 0,
        }
    }
}

impl<R: BufRead> Read for Latin1<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.waiting.len() {
            self.waiting.clear();
            self.given = 0;
            let available = self.input.fill_buf()?;
            let used = available.len().min(64 << 10);
            let mut utf8 = [0; 4];
            for byte in available.get(..used).unwrap_or_default() {
                let special = byte.checked_sub(0x80).and_then(|at| SPECIAL.get(usize::from(at)));
                let c = special.copied().unwrap_or(char::from(*byte));
                self.waiting
                    .extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
            }
            self.input.consume(used);
        }
        let ready = self.waiting.get(self.given..).unwrap_or_default();
        let given = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..given), ready.get(..given)) {
            to.copy_from_slice(from);
        }
        self.given += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn detected(bytes: &[u8], stretch: usize) -> Encoding {
        detect(&mut BufReader::with_capacity(stretch, bytes)).expect("memory is read")
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_latin_1_wherever_a_stretch_ends() {
        for stretch in 1..9 {
            assert_eq!(detected("Müller €, 漢字".as_bytes(), stretch), Encoding::Utf8);
            assert_eq!(detected(b"M\xfcller", stretch), Encoding::Latin1);
            assert_eq!(detected(b"cut off \xc3", stretch), Encoding::Latin1);
        }
        let mut text = String::new();
        Latin1::new(&b"M\xfcller \x80 5"[..])
            .read_to_string(&mut text)
            .expect("text");
        assert_eq!(text, "Müller € 5");
    }

    #[test]
    fn the_separator_is_the_one_that_the_header_has_most() {
        for (line, expected) in [
            ("a,b,c", b','),
            ("a;b;\"c,d,e,f\"", b';'),
            ("a\tb", b'\t'),
            ("a|b|c,d", b'|'),
            ("email", b','),
        ] {
            assert_eq!(separator(line.as_bytes()), expected, "{line}");
        }
    }
}

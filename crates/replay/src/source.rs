//! Input files: what they hold by their names, opened and unpacked.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::ReplayError;

const BUFFER_BYTES: usize = 256 << 10;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// An input file.
#[derive(Debug, Clone)]
pub struct Source {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    gzip: bool,
    called: Option<String>,
}

/// Told of every stretch of input that was read, in bytes of the file.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

impl Format {
    /// The format that a file's extension means, and whether it is packed; `None` where it means none.
    pub fn of(path: &Path) -> Option<(Self, bool)> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (name, gzip) = name
            .strip_suffix(".gz")
            .map_or((name.as_str(), false), |name| (name, true));
        match name.rsplit_once('.')?.1 {
            "csv" => Some((Self::Csv, gzip)),
            "jsonl" | "ndjson" => Some((Self::JsonLines, gzip)),
            "parquet" if !gzip => Some((Self::Parquet, false)),
            _ => None,
        }
    }
}

impl Source {
    /// The file at `path`, by its extension.
    pub fn new(path: &Path) -> Result<Self, ReplayError> {
        let (format, gzip) = Format::of(path).ok_or_else(|| ReplayError::UnknownFormat {
            file: path.display().to_string(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            format,
            gzip,
            called: None,
        })
    }

    /// The file at `path`, which is known to hold that, packed with gzip or not.
    pub fn of_format(path: &Path, format: Format, gzip: bool) -> Self {
        Self {
            path: path.to_owned(),
            format,
            gzip,
            called: None,
        }
    }

    /// The same, called so in messages instead of by its path.
    #[must_use]
    pub fn called(self, name: &str) -> Self {
        Self {
            called: Some(name.to_owned()),
            ..self
        }
    }

    /// What the file is called in messages.
    pub fn name(&self) -> String {
        match &self.called {
            Some(name) => name.clone(),
            None => self.path.display().to_string(),
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes the file has, for progress; 0 where that can't be told.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    pub(crate) fn file(&self) -> Result<File, ReplayError> {
        File::open(&self.path).map_err(|error| ReplayError::Unreadable {
            file: self.name(),
            reason: error.to_string(),
        })
    }

    /// The file's text, unpacked, without a byte-order mark.
    pub(crate) fn open<'p>(&self, progress: Progress<'p>) -> Result<Box<dyn BufRead + 'p>, ReplayError> {
        let counted = Counted {
            file: self.file()?,
            progress,
        };
        let mut input: Box<dyn BufRead + 'p> = if self.gzip {
            let packed = BufReader::with_capacity(BUFFER_BYTES, counted);
            Box::new(BufReader::with_capacity(
                BUFFER_BYTES,
                MultiGzDecoder::new(packed),
            ))
        } else {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, counted))
        };
        // Where the start can't be read, reading on says so with the row's number.
        if input
            .fill_buf()
            .is_ok_and(|start| start.starts_with(b"\xef\xbb\xbf"))
        {
            input.consume(3);
        }
        Ok(input)
    }
}

struct Counted<'p> {
    file: File,
    progress: Progress<'p>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        (self.progress)(read as u64);
        Ok(read)
    }
}

//! Tables as CSV: a header, then rows of as many cells.

use std::io::BufRead;

use crate::error::ReplayError;
use crate::rejects::{Reason, Rejects};
use crate::rows::{Next, Records};
use crate::source::{Progress, Source};

/// A CSV file's rows that have the right form.
pub(crate) struct CsvTable<'p> {
    source: Source,
    records: Records<Box<dyn BufRead + 'p>>,
    columns: Vec<String>,
    rows: u64,
}

impl<'p> CsvTable<'p> {
    /// Opens a file and reads its header.
    pub(crate) fn open(
        source: &Source,
        progress: Progress<'p>,
        rejects: &mut Rejects,
    ) -> Result<Self, ReplayError> {
        let mut records = Records::new(source.open(progress)?);
        let next = records.next();
        let next = next.map_err(|error| cut_off(source, 0, 1, &error, rejects))?;
        let broken = |reason: &str| ReplayError::Header {
            file: source.path.display().to_string(),
            reason: reason.to_owned(),
        };
        match next {
            Next::Row => {}
            Next::TooLong => return Err(broken("its first line is too long to be one")),
            Next::End => return Err(broken("the file is empty")),
        }
        let names = (0..records.cells()).map(|at| std::str::from_utf8(records.cell(at)).map(str::trim));
        let columns: Result<Vec<String>, _> = names.map(|name| name.map(str::to_owned)).collect();
        let columns = columns.map_err(|_| broken("its first line is not UTF-8; save the file as UTF-8"))?;
        let mut sorted: Vec<&String> = columns.iter().filter(|name| !name.is_empty()).collect();
        sorted.sort_unstable();
        if let Some([twice, _]) = sorted.array_windows().find(|[a, b]| a == b) {
            return Err(broken(&format!("it has the column `{twice}` twice")));
        }
        Ok(Self {
            source: source.clone(),
            records,
            columns,
            rows: 0,
        })
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Moves to the next row that has the right form; `false` at the end.
    pub(crate) fn next(&mut self, rejects: &mut Rejects) -> Result<bool, ReplayError> {
        loop {
            let next = self.records.next();
            let next =
                next.map_err(|error| cut_off(&self.source, self.rows, self.records.line(), &error, rejects))?;
            self.rows += 1;
            match next {
                Next::End => return Ok(false),
                Next::TooLong => self.reject(rejects, Reason::RowTooLong, "")?,
                Next::Row if self.records.cells() != self.columns.len() => {
                    let detail = format!("{} instead of {}", self.records.cells(), self.columns.len());
                    self.reject(rejects, Reason::WrongCellCount, &detail)?;
                }
                Next::Row => {
                    let mut cells = (0..self.records.cells()).map(|at| self.records.cell(at));
                    if cells.all(|cell| std::str::from_utf8(cell).is_ok()) {
                        return Ok(true);
                    }
                    self.reject(rejects, Reason::InvalidUtf8, "")?;
                }
            }
        }
    }

    /// A cell of the present row, without the blanks around it.
    pub(crate) fn cell(&self, at: usize) -> &str {
        std::str::from_utf8(self.records.cell(at))
            .unwrap_or_default()
            .trim()
    }

    /// Leaves the present row out.
    pub(crate) fn reject(
        &self,
        rejects: &mut Rejects,
        reason: Reason,
        detail: &str,
    ) -> Result<(), ReplayError> {
        rejects.add(
            &self.source.path,
            self.records.line(),
            reason,
            detail,
            &self.records.excerpt(),
        )
    }
}

/// What to say of a file that can't be read to its end. It is listed, too.
pub(crate) fn cut_off(
    source: &Source,
    rows: u64,
    line: u64,
    error: &std::io::Error,
    rejects: &mut Rejects,
) -> ReplayError {
    let reason = error.to_string();
    if let Err(error) = rejects.add(&source.path, line, Reason::CutOff, &reason, b"")
        && !matches!(error, ReplayError::Strict { .. })
    {
        return error;
    }
    ReplayError::Truncated {
        file: source.path.display().to_string(),
        rows,
        reason,
    }
}

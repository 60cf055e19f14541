//! A row of a file, as it stands there.

use bellwether_core::domain::Value;

use super::record::Refusal;

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins on, from 1; in Parquet its number.
    pub line: u64,
    /// Its cells by column; nothing where one is missing.
    pub cells: Vec<Option<Value>>,
    /// The line itself, where it isn't made of cells.
    pub(super) text: Option<String>,
    /// Why it is no row, if it is none.
    pub(super) broken: Option<Refusal>,
}

impl Row {
    /// The row as a list of rejects shows it: its cells, or the one line that it is.
    pub fn shown(&self) -> Vec<String> {
        match &self.text {
            Some(text) => vec![text.clone()],
            None => self
                .cells
                .iter()
                .map(|cell| cell.as_ref().map(ToString::to_string).unwrap_or_default())
                .collect(),
        }
    }

    /// The line itself, where it isn't made of cells.
    pub(crate) fn line_text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Why it is no row, if it is none: the reason, and more on that.
    pub(crate) fn refused(&self) -> Option<(&'static str, &str)> {
        self.broken
            .as_ref()
            .map(|refusal| (refusal.reason, refusal.detail.as_str()))
    }

    /// How much it holds, about.
    pub(super) fn bytes(&self) -> usize {
        let cells = self.cells.iter().flatten().map(|cell| match cell {
            Value::Text(text) => text.len() + 24,
            Value::List(texts) => texts.iter().map(|text| text.len() + 24).sum(),
            Value::Bool(_) | Value::Number(_) => 24,
        });
        cells.sum::<usize>() + self.text.as_ref().map_or(0, String::len)
    }

    pub(super) fn broken(line: u64, reason: &'static str, detail: String, text: String) -> Self {
        Self {
            line,
            cells: Vec::new(),
            text: Some(text),
            broken: Some(Refusal { reason, detail }),
        }
    }
}

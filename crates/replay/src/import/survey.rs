//! What a file's columns hold, by looking at every row: how many values, of which type, and how their dates are written.

use bellwether_core::domain::{Number, Value};

use super::dates::DateSurvey;
use super::table::Table;
use crate::error::ReplayError;
use crate::source::Progress;

/// How many values of a column are kept to be shown.
const SAMPLES_MAX: usize = 3;
/// How much of a value is shown.
const SAMPLE_CHARS_MAX: usize = 40;

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// How many rows it has, whole or not.
    pub rows: u64,
    /// Its columns, in their order.
    pub columns: Vec<ColumnSurvey>,
}

/// A column that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnSurvey {
    /// What it is called.
    pub name: String,
    /// How many rows have a value in it.
    pub filled: u64,
    /// Its first values that differ.
    pub samples: Vec<String>,
    /// How many of its values are numbers.
    pub numbers: u64,
    /// How many are true or false.
    pub bools: u64,
    /// How many are lists.
    pub lists: u64,
    /// What they say as dates.
    pub dates: DateSurvey,
}

impl ColumnSurvey {
    /// What its values are, in a word.
    pub fn type_in_words(&self) -> &'static str {
        match self.filled {
            0 => "empty",
            filled if filled == self.lists => "list",
            filled if filled == self.dates.dated() && self.dates.iso + self.dates.epoch_millis < filled => {
                if filled == self.dates.epoch_seconds {
                    "number"
                } else {
                    "date"
                }
            }
            filled if filled == self.dates.dated() && self.dates.iso > 0 => "date",
            filled if filled == self.numbers => "number",
            filled if filled == self.bools => "yes/no",
            _ => "text",
        }
    }

    fn look(&mut self, value: &Value) {
        self.filled += 1;
        let text = match value {
            Value::Text(text) => text,
            Value::Number(number) => {
                self.numbers += 1;
                self.dates.look(&number.to_string());
                return self.sample(&number.to_string());
            }
            Value::Bool(_) => {
                self.bools += 1;
                return self.sample(&value.to_string());
            }
            Value::List(_) => {
                self.lists += 1;
                return self.sample(&value.to_string());
            }
        };
        self.dates.look(text);
        self.numbers += u64::from(Number::parse(text).is_some());
        let bools = ["true", "false", "yes", "no", "ja", "nein", "oui", "non"];
        self.bools += u64::from(text.len() <= 5 && bools.iter().any(|word| word.eq_ignore_ascii_case(text)));
        self.sample(text);
    }

    fn sample(&mut self, text: &str) {
        if self.samples.len() >= SAMPLES_MAX {
            return;
        }
        let shown: String = text
            .chars()
            .take(SAMPLE_CHARS_MAX)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if !self.samples.contains(&shown) {
            self.samples.push(shown);
        }
    }
}

/// Looks at every row of a file.
pub fn survey(table: &Table<'_>, progress: Progress<'_>) -> Result<Survey, ReplayError> {
    let named = table.columns().iter().map(|name| ColumnSurvey {
        name: name.clone(),
        ..ColumnSurvey::default()
    });
    let mut survey = Survey {
        rows: 0,
        columns: named.collect(),
    };
    table.each_row(progress, &mut |row| {
        survey.rows += 1;
        if row.broken.is_none() {
            for (column, cell) in survey.columns.iter_mut().zip(&row.cells) {
                if let Some(value) = cell {
                    column.look(value);
                }
            }
        }
        Ok(true)
    })?;
    Ok(survey)
}

//! Words, numbers and tables for people, within a hundred columns.

use std::fmt::Write as _;

use bellwether_replay::statistics::{Lift, Millionths, Rate};

use crate::console::harmless;

/// The most columns of a line.
pub(crate) const WIDTH: usize = 100;
/// What stands where there is no number.
const NONE: &str = "-";

/// A table: the first column is text and gives way where there is no room, the others are numbers or short words.
pub(crate) struct Grid {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many columns from the left are text.
    texts: usize,
}

impl Grid {
    /// A table with one column of text, and others of numbers.
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self::with_texts(1, heading)
    }

    /// A table with so many columns of text.
    pub(crate) fn with_texts(texts: usize, heading: &[&str]) -> Self {
        Self {
            heading: heading.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
            texts,
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table's lines, two blanks in.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<&Vec<String>> = std::iter::once(&self.heading).chain(&self.rows).collect();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells
                .map(|cell| harmless(cell).chars().count())
                .max()
                .unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.heading.len()).map(width).collect();
        self.give_way(&mut widths);
        let mut text = String::new();
        for line in lines {
            let mut shown = String::new();
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let cell = cut(&harmless(cell), *width);
                // Writing to a string can't fail.
                let _ = if column < self.texts {
                    write!(shown, "  {cell:<width$}")
                } else {
                    write!(shown, "  {cell:>width$}")
                };
            }
            text.push_str(shown.trim_end());
            text.push('\n');
        }
        text
    }

    /// Narrows the widest columns of text until the lines fit.
    fn give_way(&self, widths: &mut [usize]) {
        const LEAST: usize = 8;
        while widths.iter().map(|width| width + 2).sum::<usize>() > WIDTH {
            let texts = widths.iter_mut().take(self.texts);
            match texts.max().filter(|width| **width > LEAST) {
                Some(widest) => *widest -= 1,
                None => return,
            }
        }
    }
}

/// A text in so many characters; what is too long ends in an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Adds words to a text, which can't fail.
pub(crate) fn add(text: &mut String, words: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(words);
}

/// A paragraph, broken between words.
pub(crate) fn paragraph(text: &str) -> String {
    let (mut lines, mut column) = (String::new(), 0);
    for word in harmless(text).split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            lines.push('\n');
            column = 0;
        }
        if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines.push('\n');
    lines
}

/// A heading, with a blank line before it.
pub(crate) fn heading(text: &str) -> String {
    format!("\n{text}\n")
}

/// `13,087`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 lead`, `2 leads`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// `45.3 %`.
pub(crate) fn percent(share: Option<Millionths>) -> String {
    share.map_or_else(
        || NONE.to_owned(),
        |share| format!("{:.1} %", share.get() * 100.0),
    )
}

/// `45.3 % (41.0 to 49.6)`.
pub(crate) fn rate(rate: Rate) -> String {
    rate.to_string()
}

/// `1.8 (1.5 to 2.1)`.
pub(crate) fn lift(lift: Option<Lift>) -> String {
    lift.map_or_else(
        || NONE.to_owned(),
        |lift| {
            format!(
                "{:.2} ({:.2} to {:.2})",
                lift.lift.get(),
                lift.low.get(),
                lift.high.get()
            )
        },
    )
}

/// `28.4`.
pub(crate) fn number(number: Option<Millionths>) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| format!("{:.1}", number.get()))
}

/// Milliseconds as `5.2 days`, or `3.1 hours` under two days.
pub(crate) fn duration(ms: Option<i64>) -> String {
    const HOUR_MS: i64 = 3_600_000;
    let Some(ms) = ms else { return NONE.to_owned() };
    let (unit, name) = if ms.abs() < 48 * HOUR_MS {
        (HOUR_MS, "hours")
    } else {
        (24 * HOUR_MS, "days")
    };
    // Tenths, half away from zero.
    let tenths = (ms.abs() * 10 + unit / 2) / unit;
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_and_its_text_gives_way() {
        let mut grid = Grid::new(&["rule", "leads"]);
        grid.row(vec!["x".repeat(200), "12".to_owned()]);
        grid.row(vec!["short\u{1b}[2J".to_owned(), "1,200".to_owned()]);
        let text = grid.text();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(
            text.lines().nth(1).is_some_and(|line| line.ends_with("…     12")),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [count(7), count(1_234), count(1_234_567)],
            ["7", "1,234", "1,234,567"]
        );
        assert_eq!([counted(1, "lead"), counted(2, "lead")], ["1 lead", "2 leads"]);
        assert_eq!(rate(Rate::new(5, 10)), "50.0 % (23.7 to 76.3)");
        assert_eq!(rate(Rate::new(0, 0)), "-");
        assert_eq!(
            [3_600_000, 172_800_000, 450_000_000].map(|ms| duration(Some(ms))),
            ["1.0 hours", "2.0 days", "5.2 days"]
        );
    }

    #[test]
    fn a_paragraph_breaks_between_words() {
        let text = paragraph(&"word ".repeat(40));
        assert!(
            text.lines().count() == 2 && text.lines().all(|line| line.len() <= WIDTH),
            "{text}"
        );
    }
}

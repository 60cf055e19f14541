//! Rows as an operator reads them.

use super::request::Done;

/// Prints rows under a heading, or says that there are none.
pub(crate) fn print_rows(heading: &[&str], done: Done, if_none: &str) {
    let Done::Rows(rows) = done else { return };
    if rows.is_empty() {
        eprintln!("{if_none}");
        return;
    }
    print!("{}", aligned(heading, &rows));
}

/// A text of a stranger as it may stand on a terminal: what would steer it, break the line or turn the reading direction is
/// shown as `\u{fffd}`.
pub(crate) fn harmless(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(steers, "\u{fffd}")
}

/// The same of a text that has lines of its own.
pub(crate) fn harmless_lines(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split('\t').map(harmless).collect::<Vec<_>>().join("\t"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Columns two spaces apart; the last one isn't padded.
fn aligned(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading: Vec<String> = heading.iter().map(|&name| name.to_owned()).collect();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| harmless(cell)).collect())
        .collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&heading).chain(&rows).collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{aligned, harmless_lines};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = aligned(&["key", "name"], &[row(["1", "Müller"]), row(["1000", "x"])]);
        assert_eq!(text, "key   name\n1     Müller\n1000  x\n");
    }

    #[test]
    fn a_cell_neither_steers_the_terminal_nor_forges_a_row() {
        let nasty = "a\u{1b}[2Jb\nc\r\u{9b}d\u{7f}\u{202e}e";
        let text = aligned(&["name"], &[vec![nasty.to_owned()]]);
        assert_eq!(
            text,
            "name\na\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d\u{fffd}\u{fffd}e\n"
        );
        assert_eq!(
            harmless_lines("a\tb\u{1b}\nMüller\r\nd"),
            "a\tb\u{fffd}\nMüller\nd"
        );
    }
}

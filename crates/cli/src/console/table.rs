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

/// Columns two spaces apart; the last one isn't padded.
fn aligned(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading: Vec<String> = heading.iter().map(|&name| name.to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&heading).chain(rows).collect();
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
    use super::aligned;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = aligned(&["key", "name"], &[row(["1", "Müller"]), row(["1000", "x"])]);
        assert_eq!(text, "key   name\n1     Müller\n1000  x\n");
    }
}

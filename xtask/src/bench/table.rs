//! A table of figures in plain text that is Markdown, too.

use std::iter;

/// Prints a title, the command that can be run by hand, and the rows under their heads.
pub(crate) fn print(title: &str, command: &str, heads: &[&str], rows: &[Vec<String>]) {
    println!("\n### {title}\n\n`{command}`\n");
    print!("{}", render(heads, rows));
}

fn render(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = iter::once(&heads).chain(rows).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let lines = [&heads, &rule].into_iter().chain(rows);
    lines.map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A count with its thousands apart: 1234567 is `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many in so many microseconds, as a count a second.
pub(crate) fn per_second(count: u64, micros: u128) -> u64 {
    let per_second = u128::from(count) * 1_000_000 / micros.max(1);
    u64::try_from(per_second).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["a".to_owned(), "12,000".to_owned()]];
        assert_eq!(
            render(&["name", "n"], &rows),
            "| name | n      |\n| ---- | ------ |\n| a    | 12,000 |\n"
        );
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn rates_are_a_second() {
        assert_eq!(per_second(500, 250_000), 2_000);
        assert_eq!(per_second(5, 0), 5_000_000);
    }
}

//! What the leads have of each feature, kept by row and without the zeros, which are most of it.

/// Rows of features. A feature that a row doesn't hold is zero there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Matrix {
    columns: usize,
    ends: Vec<usize>,
    entries: Vec<(usize, f64)>,
}

impl Matrix {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            columns,
            ends: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Adds a row, by ascending columns; what is zero or names no column is left out.
    pub(super) fn push(&mut self, row: impl IntoIterator<Item = (usize, f64)>) {
        let columns = self.columns;
        let kept = row
            .into_iter()
            .filter(|(column, value)| *column < columns && *value != 0.0);
        self.entries.extend(kept);
        self.ends.push(self.entries.len());
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn rows(&self) -> usize {
        self.ends.len()
    }

    /// What a row holds, by column.
    pub(super) fn row(&self, at: usize) -> &[(usize, f64)] {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.entries.get(start..end).unwrap_or_default()
    }

    /// The sum of a row's features by their weights.
    pub(super) fn weighted(&self, at: usize, weights: &[f64]) -> f64 {
        let row = self.row(at).iter();
        row.map(|(column, value)| value * weights.get(*column).copied().unwrap_or(0.0))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_what_is_not_zero_and_sum_it_by_weights() {
        let mut matrix = Matrix::new(3);
        matrix.push([(0, 1.0), (2, 2.0), (7, 9.0)]);
        matrix.push([]);
        matrix.push([(1, 0.0), (2, 0.5)]);
        assert_eq!((matrix.rows(), matrix.columns()), (3, 3));
        assert_eq!(matrix.row(0), [(0, 1.0), (2, 2.0)]);
        assert!(matrix.row(1).is_empty() && matrix.row(9).is_empty());
        let sums: Vec<f64> = (0..3)
            .map(|at| matrix.weighted(at, &[10.0, 100.0, 4.0]))
            .collect();
        assert_eq!(sums, [18.0, 0.0, 2.0]);
    }
}

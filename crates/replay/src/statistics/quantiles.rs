//! Quantiles of whole numbers.

/// A quarter, the half and three quarters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quartiles {
    /// A quarter of the numbers are at most this.
    pub lower: i64,
    /// Half of them are.
    pub median: i64,
    /// Three quarters of them are.
    pub upper: i64,
}

impl Quartiles {
    /// The quartiles of sorted numbers; nothing where there are none.
    pub fn of(sorted: &[i64]) -> Option<Self> {
        Some(Self {
            lower: quantile(sorted, 1, 4)?,
            median: quantile(sorted, 1, 2)?,
            upper: quantile(sorted, 3, 4)?,
        })
    }
}

/// The quantile at `part / whole` of sorted numbers, between the two nearest in a straight line (type 7 of Hyndman and Fan,
/// Sample quantiles in statistical packages, 1996), rounded half away from zero; nothing where there are none.
pub fn quantile(sorted: &[i64], part: u32, whole: u32) -> Option<i64> {
    let last = i128::try_from(sorted.len()).ok()?.checked_sub(1)?;
    let (part, whole) = (i128::from(part.min(whole)), i128::from(whole));
    let place = (last * part).checked_div(whole)?;
    let rest = last * part - place * whole;
    let at = usize::try_from(place).ok()?;
    let low = i128::from(*sorted.get(at)?);
    let high = sorted.get(at + 1).map_or(low, |high| i128::from(*high));
    let step = (high - low) * rest;
    i64::try_from(low + (2 * step + whole) / (2 * whole)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        assert_eq!(quantile(&[], 1, 2), None);
        assert_eq!(quantile(&[7], 1, 2), Some(7));
        assert_eq!(quantile(&[1, 2], 1, 2), Some(2));
        assert_eq!(quantile(&[0, 10], 1, 4), Some(3));
        let numbers = [15, 20, 35, 40, 50];
        let quartiles = Quartiles::of(&numbers).expect("numbers");
        assert_eq!((quartiles.lower, quartiles.median, quartiles.upper), (20, 35, 40));
        assert_eq!(
            (quantile(&numbers, 0, 1), quantile(&numbers, 1, 1)),
            (Some(15), Some(50))
        );
        assert_eq!(quantile(&numbers, 9, 10), Some(46));
    }
}

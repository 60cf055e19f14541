//! What a report says about counts: rates with their intervals, quantiles, and a seeded bootstrap where no formula fits.
//!
//! Everything comes out as a whole number of millionths. The floats between are added, multiplied, divided and put under a
//! root only, which every machine does alike, so that the same counts give the same bytes.

mod bootstrap;
mod quantiles;
mod rate;

pub use bootstrap::{Cell, Lift, lifts, median_interval};
pub use quantiles::{Quartiles, quantile};
pub use rate::{Millionths, Rate};

/// How the intervals were worked out, in words for whoever reads a report.
pub const INTERVALS: &str = "95 %: Wilson's score interval for rates; percentiles of a seeded bootstrap for lifts and \
                             for the median time to a won deal";

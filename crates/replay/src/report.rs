//! What a replay says: who would have been handed to sales, when, and what became of them; how well that finds the deals
//! that were won; how much work it is; and which rules brought what sales sent back.
//!
//! A report is made of [`Case`]s, one a lead, and of [`Trials`], by which the same history is judged again: by another
//! line, or with a rule's points at nothing. Nothing is estimated that can be judged.

mod background;
mod bands;
mod calendar;
mod capacity;
mod case;
mod fates;
mod load;
mod rejections;
mod summary;
mod tally;
mod trials;
pub(crate) mod wire;

pub use background::{Background, comparison, replay_report};
pub use bands::Band;
pub use calendar::Dates;
pub(crate) use calendar::Month;
pub use capacity::{Axis, Capacity, LinePoint};
pub use case::{Case, Standing, Window};
pub use fates::{Amounts, Fates};
pub(crate) use load::Span;
pub use load::{Load, WeekLoad};
pub use rejections::{Change, Rejections, RuleTrace};
pub use summary::{Asked, ChannelRow, Depth, MonthRow, OutcomeCounts, ReplayReport, TimeToWon, Uncertain};
pub(crate) use tally::Tally;
pub use trials::Trials;

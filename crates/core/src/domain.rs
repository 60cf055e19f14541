//! The words the rest of the crate speaks in: time, points, values, traits, events and stages. Each is parsed once, at
//! the edge, so that the engine can't meet a time out of range or a number that is none.

mod event;
mod points;
mod stage;
mod time;
mod trait_source;
mod value;

pub use event::{Event, EventKind, EventView, Properties, Property, normalized_name};
pub use points::Points;
pub use stage::Stage;
pub use time::{Day, MS_PER_DAY, Period, Timestamp, TimestampError};
pub use trait_source::TraitSource;
pub use value::{Number, Traits, Value, ValueRef};

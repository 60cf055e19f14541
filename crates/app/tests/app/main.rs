//! The use cases, from facts to decisions, on a real database with a clock that stands still.

mod clock;
mod deals;
mod deliver;
mod durable;
mod enrichment;
mod handoff;
mod identity;
mod imports;
mod lifecycle;
mod lists;
mod meetings;
mod merging;
mod nurture;
mod packet;
mod people;
mod properties;
mod publish;
mod review;
mod routing;
mod story;
mod support;
mod suspect;
mod webhook;

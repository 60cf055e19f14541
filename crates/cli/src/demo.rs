//! A made-up company to look at: Quillmere, which sells software in which sales teams write their proposals. Eighteen
//! months of its leads are told from a seed, brought in through the same door as everybody's, and answered by its
//! salespeople; then visitors keep coming while one watches.
//!
//! **Invariant:** `cast`, `story`, `answer` and `prospect` are pure. The same seed and present give the same story to the byte.

mod clock;
mod deals;
mod dice;
mod journey;
mod live;
mod load;
mod names;
mod pages;
mod plan;
mod sales;
mod staff;
mod story;

pub(crate) use clock::StoryClock;
pub(crate) use live::Live;
pub(crate) use load::{Loaded, load};
pub(crate) use plan::{Cast, Size, cast};
pub(crate) use sales::COLLEAGUES;
pub(crate) use staff::staff;

/// The agreement that the demo runs by: the template `saas-fit-intent`.
pub(crate) const AGREEMENT: &str = include_str!("../../../examples/agreements/saas-fit-intent.toml");

/// The same under the demo company's name.
pub(crate) fn agreement() -> String {
    let name = "name     = \"Fit and intent for B2B SaaS\"";
    AGREEMENT.replacen(
        name,
        "name     = \"Quillmere: what makes a lead worth a call\"",
        1,
    )
}

#[cfg(test)]
mod tests;

//! What two agreements come to on the same history, side by side.

use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

/// What two agreements come to, side by side.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayFigures {
    /// The active version.
    active: SideFigures,
    /// The agreement beside it.
    proposed: SideFigures,
    /// Whom the agreement alone would have handed off.
    newly: ChangeFigures,
    /// Whom the version alone would have.
    no_longer: ChangeFigures,
}

/// What one of them comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SideFigures {
    /// What became of those handed off, from then on.
    fates: FateCounts,
    /// Of those decided, the share that was won.
    precision: Share,
    /// Of the leads that were won, the share that was handed off before.
    recall: Share,
    /// How many leads a week on average; missing where there is no week.
    per_week: Option<f64>,
    /// The most of a week.
    busiest_week: u64,
    /// How many each of those who take leads gets a week on average.
    per_person: Option<f64>,
}

/// Leads that only one of them would have handed off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeFigures {
    /// What became of them.
    fates: FateCounts,
    /// Of how many the causes were looked for.
    traced: u64,
    /// What made the difference, the most frequent first, 10 at most.
    causes: Vec<ChangeCause>,
}

/// For how many leads something made the difference.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeCause {
    /// `exclusion`, `fast`, `line`, `fit`, `intent` or `group`.
    kind: String,
    /// The rule, the group, the exclusion, the event; of a line what it is drawn on.
    name: String,
    /// For how many leads it was one of the causes.
    leads: u64,
    /// How many of those were won.
    won: u64,
}

/// How many leads came how far, each counted once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FateCounts {
    won: u64,
    lost: u64,
    sql: u64,
    accepted: u64,
    rejected: u64,
    /// Nothing is known of them.
    unknown: u64,
}

/// A share of a whole, with its Wilson interval of 95 %.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Share {
    /// How many of them.
    hits: u64,
    /// Of how many.
    of: u64,
    /// The interval's lower end, from 0 to 1; missing where there is no whole.
    low: Option<f64>,
    /// The interval's upper end.
    high: Option<f64>,
}

impl From<app::ReplayFigures> for ReplayFigures {
    fn from(figures: app::ReplayFigures) -> Self {
        Self {
            active: figures.active.into(),
            proposed: figures.proposed.into(),
            newly: figures.newly.into(),
            no_longer: figures.no_longer.into(),
        }
    }
}

impl From<app::SideFigures> for SideFigures {
    fn from(side: app::SideFigures) -> Self {
        Self {
            fates: side.fates.into(),
            precision: side.precision.into(),
            recall: side.recall.into(),
            per_week: side.per_week.map(number),
            busiest_week: side.busiest_week,
            per_person: side.per_person.map(number),
        }
    }
}

impl From<app::ChangeFigures> for ChangeFigures {
    fn from(change: app::ChangeFigures) -> Self {
        let causes = change.causes.into_iter().map(|cause| ChangeCause {
            kind: cause.kind,
            name: cause.name,
            leads: cause.leads,
            won: cause.won,
        });
        Self {
            fates: change.fates.into(),
            traced: change.traced,
            causes: causes.collect(),
        }
    }
}

impl From<app::FateCounts> for FateCounts {
    fn from(fates: app::FateCounts) -> Self {
        Self {
            won: fates.won,
            lost: fates.lost,
            sql: fates.sql,
            accepted: fates.accepted,
            rejected: fates.rejected,
            unknown: fates.unknown,
        }
    }
}

impl From<app::Share> for Share {
    fn from(share: app::Share) -> Self {
        Self {
            hits: share.hits,
            of: share.of,
            low: share.low.map(number),
            high: share.high.map(number),
        }
    }
}

/// Millionths as a number with four decimals.
#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of leads and shares are far below what a float holds exactly"
)]
fn number(millionths: u64) -> f64 {
    ((millionths + 50) / 100) as f64 / 10_000.0
}

//! What came in of late: for whoever sets up a site and wants to see that its events arrive.

use bellwether_core::domain::{Period, Timestamp};
use bellwether_store::{ArrivalRow, KeyId, SourceId};

use crate::{App, AppError, Finding, NotedKind};

/// How long something counts as of late.
pub const ARRIVALS_PERIOD: Period = Period::from_ms(30 * 60_000);
/// How many facts are shown.
const ARRIVALS_MAX: usize = 20;
/// Among how many of the last facts those of one key are looked for.
const ARRIVALS_READ_MAX: u32 = 500;
/// Among how many of the last findings refusals are looked for.
const FINDINGS_READ_MAX: u32 = 50;

/// A fact as it came in, whoever it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When it came.
    pub received_at: Timestamp,
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    pub kind: String,
    /// The event's or screen's name.
    pub name: Option<String>,
    /// The page's path.
    pub path: Option<String>,
    /// What the key that brought it is called; nothing where it was revoked.
    pub key_name: Option<String>,
}

/// What came in of late.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// The facts that were taken, the latest first.
    pub facts: Vec<Arrival>,
    /// What was refused, the latest first.
    pub refused: Vec<Finding>,
}

impl App {
    /// The facts that came in the last half hour, those of one key where one is given, at most twenty; and what was
    /// refused in that time.
    pub async fn arrivals(&self, now: Timestamp, key: Option<KeyId>) -> Result<Arrivals, AppError> {
        let since = now.minus(ARRIVALS_PERIOD);
        let rows = self.read(|db| Ok(db.last_arrivals(ARRIVALS_READ_MAX)?)).await?;
        let refused = self.findings(FINDINGS_READ_MAX).await?;
        Ok(Arrivals {
            facts: rows
                .into_iter()
                .filter(|row| row.received_at >= since)
                .filter(|row| key.is_none_or(|key| row.source == SourceId(key.0)))
                .take(ARRIVALS_MAX)
                .map(arrival)
                .collect(),
            refused: refused
                .into_iter()
                .filter(|finding| finding.last_at >= since && is_refusal(finding))
                .collect(),
        })
    }
}

fn is_refusal(finding: &Finding) -> bool {
    [NotedKind::RefusedRequest, NotedKind::RefusedEvent]
        .iter()
        .any(|kind| kind.as_str() == finding.kind)
}

fn arrival(row: ArrivalRow) -> Arrival {
    Arrival {
        received_at: row.received_at,
        kind: row.kind,
        name: row.name,
        path: row.path,
        key_name: row.key_name,
    }
}

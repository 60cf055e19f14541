//! Events that are held apart as those of machines: listed, counted, and released by people who know better.

use bellwether_core::suspect::Rule;
use bellwether_store::{SuspectFilter, SuspectRow};

use crate::reads::{page, page_limit, place};
use crate::{Actor, App, AppError, HeldEvent, LeadId, Page, Release, Released, RuleCount, SuspectQuery};

impl App {
    /// Held events, those that came last first, a page at a time.
    pub async fn suspects(&self, query: SuspectQuery) -> Result<Page<HeldEvent>, AppError> {
        let limit = page_limit(query.limit);
        let before = place(query.cursor.as_deref())?.map(|(event, _)| event);
        let rows = self.read(move |db| {
            let lead = query.lead.map(|lead| db.root(lead)).transpose()?.flatten();
            if query.lead.is_some() && lead.is_none() {
                return Ok(Vec::new());
            }
            Ok(db.held_events(&SuspectFilter {
                lead,
                rule: query.rule.map(|rule| rule.as_str().to_owned()),
                before,
                limit: limit + 1,
            })?)
        });
        Ok(page(rows.await?, limit, |row| (row.event, 0), held_event))
    }

    /// How many events each rule holds, and how many of them were released.
    pub async fn suspect_counts(&self) -> Result<Vec<RuleCount>, AppError> {
        let found = self.read(|db| Ok(db.suspect_counts()?)).await?;
        let count = |rule: Rule| {
            let counted = found.iter().find(|count| count.rule == rule.as_str());
            RuleCount {
                rule,
                held: counted.map_or(0, |count| count.held),
                released: counted.map_or(0, |count| count.released),
            }
        };
        Ok(Rule::ALL.into_iter().map(count).collect())
    }

    /// How many events are held.
    pub async fn suspects_held(&self) -> Result<u64, AppError> {
        let counts = self.read(|db| Ok(db.suspect_counts()?)).await?;
        Ok(counts.iter().map(|count| count.held).sum())
    }

    /// Somebody says that held events are real: they count as if they had never been held.
    pub async fn release(&self, what: Release, actor: Actor) -> Result<Released, AppError> {
        let at = self.now();
        self.write(move |committer| committer.release(what, &actor.to_string(), at))
            .await
    }

    /// Somebody takes back that an event was released; it is held again where the rules still hold it.
    pub async fn hold_again(&self, event: i64, actor: Actor) -> Result<LeadId, AppError> {
        let at = self.now();
        self.write(move |committer| committer.hold_again(event, &actor.to_string(), at))
            .await
    }
}

fn held_event(row: SuspectRow) -> HeldEvent {
    HeldEvent {
        event: row.event,
        lead: row.lead,
        lead_name: row.lead_name.or(row.lead_email),
        rule: row.rule,
        reason: row.reason,
        ts: row.ts,
        received_at: row.received_at,
        kind: row.kind,
        name: row.name,
        path: row.path,
    }
}

//! Leads, handoffs and counts as they are shown. Each reads one state of the database, beside the committer.

mod handoffs;

use std::sync::Arc;

use bellwether_core::domain::{Stage, Timestamp};
use bellwether_core::engine::{Score, TraitLog};
use bellwether_core::explain;
use bellwether_store::{
    Db, HandoffFilter, JoiningRow, LeadFilter, LeadListRow, LeadOrder, LeadRow, StoreError, TimelineRow,
    TransitionRow,
};

use self::handoffs::handoffs_of;
pub(crate) use self::handoffs::{handoff_detail, handoff_summary};
use crate::committer::company_domain;
use crate::identity::{ANONYMOUS_ID, EMAIL, EXTERNAL, USER_ID};
use crate::{
    ACCOUNT_PEOPLE_MAX, AccountBy, AccountRef, App, AppError, Counts, Finding, HandoffDetail, HandoffId,
    HandoffQuery, HandoffState, HandoffSummary, Identity, JoinedLead, LeadDetail, LeadId, LeadQuery,
    LeadSort, LeadSummary, PAGE_ITEMS_MAX, Page, SuspectMark, TimelineEvent, TraitSince, TransitionView,
    UserRef, accounts, counters, deals, history,
};

/// How many items a page holds where nobody says.
const PAGE_ITEMS_DEFAULT: u32 = 50;
/// How many of a lead's handoffs are shown.
const HANDOFFS_OF_LEAD_MAX: u32 = 100;
/// How many ways to qualify are shown.
const WAYS_MAX: usize = 3;

impl App {
    /// Leads, a page at a time.
    pub async fn leads(&self, query: LeadQuery) -> Result<Page<LeadSummary>, AppError> {
        let limit = page_limit(query.limit);
        let filter = LeadFilter {
            order: match query.sort {
                LeadSort::Score => LeadOrder::Score,
                LeadSort::LastSeen => LeadOrder::LastSeen,
                LeadSort::Created => LeadOrder::Created,
            },
            stage: query.stage,
            owner: query.owner,
            account: query.account,
            search: query.search.filter(|text| !text.trim().is_empty()),
            after: place(query.cursor.as_deref())?,
            limit: limit + 1,
        };
        let order = filter.order;
        let rows = self.read(move |db| Ok(db.list_leads(&filter)?)).await?;
        let cursor = |row: &LeadListRow| {
            let derived = &row.lead.derived;
            let by = match order {
                LeadOrder::Score => (derived.fit + derived.intent).millis(),
                LeadOrder::LastSeen => row.lead.last_seen.ms(),
                LeadOrder::Created => row.lead.created_at.ms(),
            };
            (by, row.lead.id.0)
        };
        Ok(page(rows, limit, cursor, |row| {
            lead_summary(row.lead, row.owner_name, row.account_name)
        }))
    }

    /// One lead, with its scores as of `now`.
    pub async fn lead(&self, id: LeadId, now: Timestamp) -> Result<Option<LeadDetail>, AppError> {
        let active = self.shared().active();
        self.read(move |db| {
            let Some(holder) = db.root(id)? else {
                return Ok(None);
            };
            let merged_into = Some(holder).filter(|holder| *holder != id);
            let Some(mut row) = db.lead(holder)? else {
                return Ok(None);
            };
            let history = history::read(db, &active.engine, holder)?;
            let ledger = explain::explain(&active.engine, &history, now);
            let ways = explain::ways(&active.engine, &history, now, WAYS_MAX);
            let traits = history.fold(&active.engine, now).traits;
            row.derived.fit = ledger.totals.fit;
            row.derived.intent = ledger.totals.intent;
            row.derived.grade = active.engine.grade(Score {
                fit: ledger.totals.fit,
                intent: ledger.totals.intent,
            });
            row.scored_at = now;
            let owner_name = row
                .owner
                .map(|owner| db.user(owner))
                .transpose()?
                .flatten()
                .map(|user| user.name);
            let account_name = row
                .account
                .map(|account| db.account_name(account))
                .transpose()?
                .flatten();
            let account = match (row.account, &account_name) {
                (Some(id), Some(name)) => {
                    accounts::detail(db, &active.engine, id, name, now, ACCOUNT_PEOPLE_MAX)?
                }
                _ => None,
            };
            Ok(Some(LeadDetail {
                account,
                account_by: account_by(&row, &traits),
                identities: identities(db, holder)?,
                traits: traits_since(&traits),
                ledger,
                ways,
                events: timeline(db, holder, None, PAGE_ITEMS_DEFAULT)?,
                transitions: db.transitions(holder)?.into_iter().map(transition_view).collect(),
                handoffs: handoffs_of(db, holder, now)?,
                bant: deals::bant_of(db, &row)?,
                deals: deals::deals_of(db, holder)?,
                joined: db.joinings_into(holder)?.into_iter().map(joined_lead).collect(),
                pairs: crate::merges::offered(db, holder)?,
                summary: lead_summary(row, owner_name, account_name),
                merged_into,
            }))
        })
        .await
    }

    /// More of a lead's facts, latest first.
    pub async fn lead_events(
        &self,
        id: LeadId,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<TimelineEvent>, AppError> {
        let before = place(cursor.as_deref())?;
        self.read(move |db| timeline(db, id, before, page_limit(limit)))
            .await
    }

    /// The lead that is known by an id; `kind` is `anonymous_id`, `user_id`, `email`, or the kind of an external id.
    pub async fn lead_by_key(&self, kind: &str, value: &str) -> Result<Option<LeadId>, AppError> {
        let kind = match kind {
            ANONYMOUS_ID | USER_ID | EMAIL => kind.to_owned(),
            other => format!("{EXTERNAL}{other}"),
        };
        let value = if kind == EMAIL {
            value.trim().to_lowercase()
        } else {
            value.trim().to_owned()
        };
        self.read(move |db| Ok(db.key_holder(&kind, &value)?.map(|holder| holder.lead)))
            .await
    }

    /// Handoffs, a page at a time.
    pub async fn handoffs(&self, query: HandoffQuery) -> Result<Page<HandoffSummary>, AppError> {
        let limit = page_limit(query.limit);
        let after = place(query.cursor.as_deref())?;
        let now = self.now();
        let rows = self.read(move |db| {
            let filter = HandoffFilter {
                owner: query.owner,
                team: query.team.as_deref(),
                state: query.state.map(HandoffState::as_str),
                lead: None,
                after,
                limit: limit + 1,
            };
            Ok(db
                .list_handoffs(&filter)?
                .into_iter()
                .map(|row| handoff_summary(row, now))
                .collect::<Result<Vec<_>, _>>()?)
        });
        let cursor = |row: &HandoffSummary| (row.due_at.map_or(i64::MAX, Timestamp::ms), row.id.0);
        Ok(page(rows.await?, limit, cursor, |row| row))
    }

    /// One handoff.
    pub async fn handoff(&self, id: HandoffId) -> Result<Option<HandoffDetail>, AppError> {
        let now = self.now();
        self.read(move |db| handoff_detail(db, id, now)).await
    }

    /// Warnings, those that came last first.
    pub async fn findings(&self, limit: u32) -> Result<Vec<Finding>, AppError> {
        let rows = self.read(move |db| Ok(db.findings(page_limit(limit))?)).await?;
        let finding = |row: bellwether_store::FindingRow| Finding {
            kind: row.kind,
            subject: row.subject,
            reason: row.reason,
            count: row.count,
            first_at: row.first_at,
            last_at: row.last_at,
        };
        Ok(rows.into_iter().map(finding).collect())
    }

    /// How much there is of everything.
    pub async fn counts(&self) -> Result<Counts, AppError> {
        let version = self.shared().active().version;
        self.read(move |db| {
            let found = db.stage_counts()?;
            let of = |stage| {
                found
                    .iter()
                    .find(|(at, _)| *at == stage)
                    .map_or(0, |(_, count)| *count)
            };
            let (outbox_waiting, outbox_dead) = db.outbox_counts()?;
            let suspects = db.suspect_counts()?;
            Ok(Counts {
                stages: Stage::ALL.into_iter().map(|stage| (stage, of(stage))).collect(),
                facts_accepted: db.counter(counters::ACCEPTED)?,
                facts_duplicate: db.counter(counters::DUPLICATES)?,
                facts_refused: db.counter(counters::REFUSED)?,
                handoffs_open: db.handoffs_open()?,
                outbox_waiting,
                outbox_dead,
                rescore_left: db.rescore_left(version)?,
                suspects_held: suspects.iter().map(|count| count.held).sum(),
                suspects_released: suspects.iter().map(|count| count.released).sum(),
            })
        })
        .await
    }

    /// Reads one state of the database beside the committer.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Db) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let shared = Arc::clone(self.shared());
        let read = tokio::task::spawn_blocking(move || shared.readers.take()?.snapshot(read));
        read.await
            .map_err(|_| AppError::Unavailable("the read didn't end".to_owned()))?
    }
}

pub(crate) fn page_limit(limit: u32) -> u32 {
    if limit == 0 {
        PAGE_ITEMS_DEFAULT
    } else {
        limit.min(PAGE_ITEMS_MAX)
    }
}

/// A page of rows of which one more than fits was asked for.
pub(crate) fn page<R, T>(
    mut rows: Vec<R>,
    limit: u32,
    cursor: impl Fn(&R) -> (i64, i64),
    item: impl Fn(R) -> T,
) -> Page<T> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows
        .last()
        .filter(|_| more)
        .map(&cursor)
        .map(|(by, id)| format!("{by}.{id}"));
    Page {
        items: rows.into_iter().map(item).collect(),
        next,
    }
}

/// Where a page begins.
pub(crate) fn place(cursor: Option<&str>) -> Result<Option<(i64, i64)>, AppError> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
        return Ok(None);
    };
    let place = cursor
        .split_once('.')
        .and_then(|(by, id)| Some((by.parse().ok()?, id.parse().ok()?)));
    let wrong = || {
        let shown: String = cursor.chars().take(60).collect();
        let message = format!("`{shown}` is not a cursor; give the one that the page before gave, or none");
        AppError::Invalid {
            field: "cursor",
            message,
        }
    };
    place.map(Some).ok_or_else(wrong)
}

/// The traits that hold, each with who says it, and what others say of it.
/// What says which account a lead belongs to.
fn account_by(row: &LeadRow, traits: &TraitLog) -> Option<AccountBy> {
    row.account.map(|_| match row.account_ts {
        Some(_) => AccountBy::Group,
        None if company_domain(&traits.current()).is_some() => AccountBy::Email,
        None => AccountBy::Network,
    })
}

fn traits_since(traits: &TraitLog) -> Vec<TraitSince> {
    let held = traits.current().into_keys().filter_map(|name| {
        let held = traits.holding(&name)?.clone();
        let others = traits.statements(&name).iter();
        Some(TraitSince {
            overridden: others
                .filter(|other| other.source > held.source && !other.value.view().is_empty())
                .cloned()
                .collect(),
            name,
            value: held.value,
            since: held.at,
            source: held.source,
        })
    });
    held.collect()
}

pub(crate) fn identities(db: &Db, lead: LeadId) -> Result<Vec<Identity>, StoreError> {
    let keys = db.keys_of(lead)?;
    let identity = |key: bellwether_store::KeyRow| Identity {
        kind: key.kind.strip_prefix(EXTERNAL).unwrap_or(&key.kind).to_owned(),
        value: key.value,
        since: key.since,
    };
    Ok(keys.into_iter().map(identity).collect())
}

fn timeline(
    db: &Db,
    lead: LeadId,
    before: Option<(i64, i64)>,
    limit: u32,
) -> Result<Page<TimelineEvent>, AppError> {
    let rows = db.timeline(lead, before, limit + 1)?;
    let cursor = |row: &TimelineRow| (row.ts.ms(), row.id);
    Ok(page(rows, limit, cursor, |row| TimelineEvent {
        id: row.id,
        ts: row.ts,
        received_at: row.received_at,
        kind: row.kind,
        name: row.name,
        path: row.path,
        properties: row.properties,
        suspect: row.suspect.map(|note| SuspectMark {
            rule: note.rule,
            reason: note.reason,
            released: note.released,
        }),
    }))
}

pub(crate) fn lead_summary(
    row: LeadRow,
    owner_name: Option<String>,
    account_name: Option<String>,
) -> LeadSummary {
    let derived = row.derived;
    LeadSummary {
        id: row.id,
        name: derived.name,
        email: derived.email,
        title: derived.title,
        company: derived.company,
        stage: row.stage,
        cycle: row.cycle,
        owner: row.owner.map(|id| UserRef {
            id,
            name: owner_name.unwrap_or_default(),
        }),
        account: row.account.map(|id| AccountRef {
            id,
            name: account_name.unwrap_or_default(),
        }),
        fit: derived.fit,
        intent: derived.intent,
        score: derived.fit + derived.intent,
        grade: derived.grade,
        qualified_at: derived.qualified_at,
        trigger: derived.trigger,
        disqualified_by: derived.disqualified_by,
        created_at: row.created_at,
        last_seen: row.last_seen,
        scored_at: row.scored_at,
    }
}

fn joined_lead(row: JoiningRow) -> JoinedLead {
    JoinedLead {
        id: row.lead,
        into: row.into,
        at: row.at,
        actor: row.actor,
        reason: row.reason,
    }
}

fn transition_view(row: TransitionRow) -> TransitionView {
    TransitionView {
        at: row.at,
        from: row.from,
        to: row.to,
        actor: row.actor,
        reason: row.reason,
        handoff: row.handoff,
    }
}

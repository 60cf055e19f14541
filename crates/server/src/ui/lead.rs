//! One lead: who they are, every point behind their score, and what happened.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::{
    AgreementVersion, HandoffState, HandoffSummary, LeadDetail, LeadId, TimelineEvent, TransitionView,
};
use bellwether_core::domain::{Stage, Timestamp};
use bellwether_core::explain::{Counted, Ledger, Way, Ways};

use super::agreement::signed;
use super::inbox::{Reason, name, reasons, role, trigger, whole};
use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use super::waterfall::{Bar, waterfall};
use crate::edge::Edge;

/// How many ways to qualify are shown.
const WAYS_SHOWN_MAX: usize = 5;
/// How many matches of one rule are shown.
const MATCHES_SHOWN_MAX: usize = 10;

#[derive(Template)]
#[template(path = "lead.html")]
struct LeadPage {
    frame: Frame,
    here: String,
    name: String,
    role: String,
    email: Option<String>,
    stage: &'static str,
    owner: Option<String>,
    account: Option<String>,
    cycle: u32,
    why: String,
    score: String,
    score_title: String,
    grade: String,
    waterfall: String,
    ledger: Vec<Part>,
    total: String,
    standing: Standing,
    timeline: Vec<Item>,
    more_events: bool,
    handoffs: Vec<Handoff>,
    reasons: Vec<Reason>,
    traits: Vec<Known>,
    identities: Vec<Identity>,
    merged_into: Option<i64>,
}

/// A part of the ledger, with its sum.
struct Part {
    title: &'static str,
    total: String,
    lines: Vec<Line>,
}

struct Line {
    rule: String,
    why: String,
    points: String,
    zero: bool,
    matches: Vec<Match>,
}

struct Match {
    at: Moment,
    what: String,
    points: String,
}

/// Where the lead stands towards the line.
struct Standing {
    title: String,
    lines: Vec<Reached>,
    held_back: Vec<String>,
    ways: Vec<String>,
}

struct Reached {
    reached: bool,
    text: String,
}

struct Item {
    at: Moment,
    ts: Timestamp,
    title: String,
    detail: String,
    tone: &'static str,
}

struct Handoff {
    id: i64,
    cycle: u32,
    state: &'static str,
    open: bool,
    trigger: String,
    score: String,
    owner: String,
    route: String,
    task: String,
    due: Option<Moment>,
    overdue: bool,
    created: Moment,
}

struct Known {
    name: String,
    value: String,
    since: Moment,
}

struct Identity {
    name: String,
    value: String,
    since: Moment,
}

/// `GET /leads/{id}`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found())?;
    let now = edge.now();
    let detail = edge
        .app()
        .lead(LeadId(id), now)
        .await?
        .ok_or_else(Failure::not_found)?;
    let agreement = edge.app().active_agreement().await?;
    Ok(page(
        StatusCode::OK,
        &lead_page(Frame::of(&signed_in, ""), &agreement, &detail, now),
    ))
}

fn lead_page(frame: Frame, version: &AgreementVersion, detail: &LeadDetail, now: Timestamp) -> LeadPage {
    let agreement = version.engine.agreement();
    let view = Viewpoint::new(now, &agreement.timezone);
    let LeadDetail {
        summary,
        ledger,
        ways,
        ..
    } = detail;
    let totals = &ledger.totals;
    let line = ledger
        .line
        .iter()
        .find(|line| line.of == "score")
        .map(|line| line.needs);
    LeadPage {
        frame,
        here: format!("/leads/{}", summary.id),
        name: name(summary.name.as_deref(), summary.email.as_deref(), summary.id.0),
        role: role(summary.title.as_deref(), summary.company.as_deref(), None),
        email: summary.email.clone(),
        stage: stage_in_words(summary.stage),
        owner: summary.owner.as_ref().map(|owner| owner.name.clone()),
        account: summary.account.as_ref().map(|account| account.name.clone()),
        cycle: summary.cycle,
        why: top_lines(ledger),
        score: whole(ledger.shown.score),
        score_title: format!(
            "fit {} + intent {} = {}",
            totals.fit.short(),
            totals.intent.short(),
            totals.score.short()
        ),
        grade: ledger.grade.clone(),
        waterfall: waterfall(bars(ledger), totals.score, line),
        ledger: parts(ledger, &view),
        total: totals.score.short(),
        standing: standing(ledger, ways, &view),
        timeline: timeline(&detail.events.items, &detail.transitions, &view),
        more_events: detail.events.next.is_some(),
        handoffs: detail
            .handoffs
            .iter()
            .map(|handoff| handoff_card(handoff, &view))
            .collect(),
        reasons: reasons(agreement),
        traits: detail
            .traits
            .iter()
            .filter(|known| !known.value.view().is_empty())
            .map(|known| Known {
                name: known.name.clone(),
                value: known.value.to_string(),
                since: view.moment(known.since),
            })
            .collect(),
        identities: detail
            .identities
            .iter()
            .map(|identity| Identity {
                name: identity.kind.replace('_', " "),
                value: identity.value.clone(),
                since: view.moment(identity.since),
            })
            .collect(),
        merged_into: detail.merged_into.map(|lead| lead.0),
    }
}

/// What gives the most: `Requested a demo +50, Job title +15`.
fn top_lines(ledger: &Ledger) -> String {
    const LINES_MAX: usize = 4;
    let lines = ledger.top_lines(LINES_MAX);
    let lines: Vec<String> = lines
        .iter()
        .map(|(rule, points)| format!("{rule} {}", signed(*points)))
        .collect();
    if lines.is_empty() {
        "Nothing gives points yet.".to_owned()
    } else {
        lines.join(", ")
    }
}

/// A stage as people say it.
const fn stage_in_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Visitor => "Visitor",
        Stage::Lead => "Lead",
        Stage::Mql => "MQL: handed to sales",
        Stage::Sal => "SAL: accepted by sales",
        Stage::Sql => "SQL: qualified by sales",
        Stage::Opportunity => "Opportunity",
        Stage::Customer => "Customer",
        Stage::Recycled => "Recycled: back with marketing",
        Stage::Disqualified => "Disqualified",
    }
}

fn bars(ledger: &Ledger) -> Vec<Bar> {
    let bar = |label: &str, points, class| Bar {
        label: label.to_owned(),
        points,
        class,
    };
    let fit = ledger.fit.iter().map(|line| bar(&line.rule, line.points, "fit"));
    let intent = ledger
        .intent
        .iter()
        .map(|line| bar(&line.rule, line.points, "intent"));
    let cuts = ledger
        .cuts
        .iter()
        .map(|cut| bar(&format!("{}: over its cap", cut.group), cut.points, "minus"));
    fit.chain(intent).chain(cuts).collect()
}

fn parts(ledger: &Ledger, view: &Viewpoint) -> Vec<Part> {
    let zero = bellwether_core::domain::Points::ZERO;
    let fit = ledger.fit.iter().map(|line| Line {
        rule: line.rule.clone(),
        why: line
            .when
            .clone()
            .unwrap_or_else(|| missing(line.read.iter().map(|read| read.field.as_str()))),
        points: signed(line.points),
        zero: line.points == zero,
        matches: Vec::new(),
    });
    let cuts = ledger.cuts.iter().map(|cut| Line {
        rule: cut.group.clone(),
        why: format!("together at most {}, of {}", cut.max.short(), cut.before.short()),
        points: signed(cut.points),
        zero: false,
        matches: Vec::new(),
    });
    let intent = ledger.intent.iter().map(|line| {
        let (why, matches) = counted(&line.counted, line.decay.as_deref(), view);
        Line {
            rule: line.rule.clone(),
            why,
            points: signed(line.points),
            zero: line.points == zero,
            matches,
        }
    });
    vec![
        Part {
            title: "Fit: who they are",
            total: ledger.totals.fit.short(),
            lines: fit.collect(),
        },
        Part {
            title: "Intent: what they do",
            total: ledger.totals.intent.short(),
            lines: intent.chain(cuts).collect(),
        },
    ]
}

fn missing<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    format!("nothing fits in {}", fields.collect::<Vec<_>>().join(", "))
}

fn counted(counted: &Counted, decay: Option<&str>, view: &Viewpoint) -> (String, Vec<Match>) {
    match counted {
        Counted::Matches {
            matches,
            earlier,
            not_counted,
            waiting,
        } => {
            let mut parts = Vec::new();
            if matches.is_empty() {
                parts.push("nothing counts".to_owned());
            }
            parts.extend(decay.map(str::to_owned));
            if let Some(earlier) = earlier {
                parts.push(format!(
                    "{} more, {} together",
                    earlier.matches,
                    earlier.points.short()
                ));
            }
            if not_counted.over_max > 0 {
                parts.push(format!("{} beyond what counts", not_counted.over_max));
            }
            if not_counted.faded > 0 {
                parts.push(format!("{} faded", not_counted.faded));
            }
            if let Some(waiting) = waiting {
                parts.push(format!("{} of {} for the next", waiting.events, waiting.of));
            }
            if matches.len() > MATCHES_SHOWN_MAX {
                parts.push(format!(
                    "the newest {MATCHES_SHOWN_MAX} of {} are shown",
                    matches.len()
                ));
            }
            let shown = matches.iter().take(MATCHES_SHOWN_MAX).map(|found| Match {
                at: view.moment(found.at),
                what: found.detail.clone().unwrap_or_else(|| found.event.clone()),
                points: signed(found.points),
            });
            (parts.join("; "), shown.collect())
        }
        Counted::Quiet(quiet) => {
            let since = quiet.since.map_or_else(
                || "nothing has happened yet".to_owned(),
                |since| format!("quiet since {}", view.moment(since).local),
            );
            (since, Vec::new())
        }
    }
}

fn standing(ledger: &Ledger, ways: &Ways, view: &Viewpoint) -> Standing {
    let title = match &ledger.qualified {
        Some(qualified) => {
            format!(
                "Qualified {} by {}",
                view.moment(qualified.at).local,
                trigger(&qualified.trigger)
            )
        }
        None => "What is missing to qualify".to_owned(),
    };
    let lines = ledger.line.iter().map(|line| Reached {
        reached: line.reached,
        text: if line.reached {
            format!(
                "{} {} reaches {}",
                capital(line.of),
                line.has.short(),
                line.needs.short()
            )
        } else {
            format!(
                "{} {} of {}: {} short",
                capital(line.of),
                line.has.short(),
                line.needs.short(),
                line.lacks.short()
            )
        },
    });
    let open = ledger.qualified.is_none();
    let shown = ways.ways.iter().take(if open { WAYS_SHOWN_MAX } else { 0 });
    let none = ways
        .none_because
        .iter()
        .filter(|_| open && ways.ways.is_empty())
        .map(|why| capital(why));
    Standing {
        title,
        lines: lines.collect(),
        held_back: ledger
            .held_back
            .iter()
            .map(|why| capital(why))
            .chain(none)
            .collect(),
        ways: shown.map(way_in_words).collect(),
    }
}

/// What would have to happen, and what would come of it.
fn way_in_words(way: &Way) -> String {
    let steps: Vec<String> = way
        .steps
        .iter()
        .map(|step| step.to_string().replace('`', ""))
        .collect();
    format!(
        "{} (score {})",
        capital(&steps.join(", and ")),
        way.score.score.short()
    )
}

fn timeline(events: &[TimelineEvent], transitions: &[TransitionView], view: &Viewpoint) -> Vec<Item> {
    let happened = events.iter().map(|event| Item {
        at: view.moment(event.ts),
        ts: event.ts,
        title: event_title(event),
        detail: event_detail(event),
        tone: "did",
    });
    // What lies before the oldest event shown belongs to the events that aren't.
    let oldest = events.last().map_or(Timestamp::MIN, |event| event.ts);
    let moved = transitions
        .iter()
        .filter(|moved| moved.at >= oldest || events.is_empty())
        .map(|moved| Item {
            at: view.moment(moved.at),
            ts: moved.at,
            title: stage_in_words(moved.to).to_owned(),
            detail: if moved.reason.is_empty() {
                moved.actor.clone()
            } else {
                format!("{} ({})", moved.reason, moved.actor)
            },
            tone: "moved",
        });
    let mut items: Vec<Item> = moved.chain(happened).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.ts));
    items
}

fn event_title(event: &TimelineEvent) -> String {
    match event.kind.as_str() {
        "page" => format!("Viewed {}", event.path.as_deref().unwrap_or("a page")),
        "screen" => format!(
            "Viewed screen {}",
            event.name.as_deref().unwrap_or("without a name")
        ),
        "identify" => "Said who they are".to_owned(),
        "group" => "Joined a company".to_owned(),
        "alias" => "Was known by another id".to_owned(),
        _ => event.name.clone().unwrap_or_else(|| event.kind.clone()),
    }
}

/// The first few properties, in brief.
fn event_detail(event: &TimelineEvent) -> String {
    const SHOWN_MAX: usize = 3;
    const VALUE_CHARS_MAX: usize = 60;
    let Ok(serde_json::Value::Object(properties)) = serde_json::from_str(&event.properties) else {
        return String::new();
    };
    let plain = properties.iter().filter(|(name, _)| {
        !name.starts_with("context.")
            && !matches!(name.as_str(), "path" | "url" | "search" | "referrer" | "title")
    });
    let parts = plain.take(SHOWN_MAX).map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let cut: String = text.chars().take(VALUE_CHARS_MAX).collect();
        format!("{name} {cut}")
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn handoff_card(handoff: &HandoffSummary, view: &Viewpoint) -> Handoff {
    let open = handoff.state == HandoffState::Open;
    let state = match handoff.state {
        HandoffState::Open => "waiting for an answer",
        HandoffState::Accepted => "accepted",
        HandoffState::Rejected => "sent back",
        HandoffState::Expired => "expired",
        HandoffState::Merged => "joined with another",
    };
    let route = match &handoff.route {
        Some(route) => format!("{route}: {}", handoff.route_reason),
        None => handoff.route_reason.clone(),
    };
    Handoff {
        id: handoff.id.0,
        cycle: handoff.cycle,
        state,
        open,
        trigger: trigger(&handoff.trigger).to_owned(),
        score: format!(
            "{} (fit {} + intent {}){}",
            handoff.score.short(),
            handoff.fit.short(),
            handoff.intent.short(),
            if handoff.grade.is_empty() {
                String::new()
            } else {
                format!(", {}", handoff.grade)
            }
        ),
        owner: handoff
            .owner
            .as_ref()
            .map_or_else(|| "nobody yet".to_owned(), |owner| owner.name.clone()),
        route,
        task: handoff.task.clone(),
        due: handoff.due_at.map(|due| view.moment(due)),
        overdue: open && handoff.due_at.is_some_and(|due| due < view.now),
        created: view.moment(handoff.created_at),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .chain(chars)
        .collect()
}

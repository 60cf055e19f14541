//! The inbox: whom to call, why, and by when.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::{AgreementVersion, HandoffQuery, HandoffState, HandoffSummary, Page, UserId};
use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Points;
use serde::Deserialize;

use super::agreement::signed;
use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// How many handoffs a page of the inbox shows.
const ROWS_MAX: u32 = 50;

/// Which handoffs, and what was just done.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct Asked {
    whose: Option<String>,
    team: Option<String>,
    cursor: Option<String>,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    frame: Frame,
    tabs: Vec<Tab>,
    flash: Option<Flash>,
    summary: String,
    rows: Vec<Row>,
    reasons: Vec<Reason>,
    empty: Empty,
    next: Option<String>,
    here: String,
}

struct Tab {
    label: String,
    href: String,
    current: bool,
}

/// What was just done.
pub(super) struct Flash {
    pub(super) tone: &'static str,
    pub(super) text: &'static str,
}

struct Empty {
    title: &'static str,
    text: &'static str,
    link: &'static str,
    href: String,
}

struct Row {
    id: i64,
    lead: i64,
    name: String,
    role: String,
    why: String,
    score: String,
    score_title: String,
    grade: String,
    due: Option<Moment>,
    overdue: bool,
    /// Why its time doesn't run.
    standing: Option<&'static str>,
    owner: String,
    owned: bool,
}

/// A reason for which a lead may be sent back.
pub(super) struct Reason {
    pub(super) reason: String,
    pub(super) label: String,
}

/// `GET /`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let agreement = edge.app().active_agreement().await?;
    let scope = Scope::of(&asked, signed_in.user.id);
    let query = HandoffQuery {
        owner: scope.owner(),
        team: scope.team(),
        state: Some(HandoffState::Open),
        cursor: asked.cursor.clone(),
        limit: ROWS_MAX,
    };
    let handoffs = edge.app().handoffs(query).await?;
    let frame = Frame::of(&signed_in, "inbox");
    Ok(page(
        StatusCode::OK,
        &inbox(frame, &agreement, handoffs, &scope, &asked, edge.now()),
    ))
}

/// Whose handoffs are asked for.
enum Scope {
    Mine(UserId),
    All,
    Team(String),
}

impl Scope {
    fn of(asked: &Asked, me: UserId) -> Self {
        match (&asked.team, asked.whose.as_deref()) {
            (Some(team), _) if !team.is_empty() => Self::Team(team.clone()),
            (_, Some("all")) => Self::All,
            _ => Self::Mine(me),
        }
    }

    fn owner(&self) -> Option<UserId> {
        match self {
            Self::Mine(me) => Some(*me),
            Self::All | Self::Team(_) => None,
        }
    }

    fn team(&self) -> Option<String> {
        match self {
            Self::Team(team) => Some(team.clone()),
            Self::Mine(_) | Self::All => None,
        }
    }

    fn href(&self) -> String {
        match self {
            Self::Mine(_) => "/".to_owned(),
            Self::All => "/?whose=all".to_owned(),
            Self::Team(team) => format!("/?team={}", parameter(team)),
        }
    }
}

fn inbox(
    frame: Frame,
    version: &AgreementVersion,
    handoffs: Page<HandoffSummary>,
    scope: &Scope,
    asked: &Asked,
    now: bellwether_core::domain::Timestamp,
) -> Inbox {
    let agreement = version.engine.agreement();
    let view = Viewpoint::new(now, &agreement.timezone);
    let rows = handoffs.items.into_iter().map(|handoff| row(handoff, &view));
    let rows: Vec<Row> = rows.collect();
    let here = scope.href();
    let next = handoffs.next.map(|cursor| {
        let joint = if here.contains('?') { '&' } else { '?' };
        format!("{here}{joint}cursor={}", parameter(&cursor))
    });
    Inbox {
        frame,
        tabs: tabs(agreement, scope),
        flash: flash(asked.done.as_deref()),
        summary: summary(&rows, next.is_some()),
        rows,
        reasons: reasons(agreement),
        empty: empty(scope),
        next,
        here,
    }
}

fn tabs(agreement: &Agreement, scope: &Scope) -> Vec<Tab> {
    let mut tabs = vec![
        Tab {
            label: "Mine".to_owned(),
            href: "/".to_owned(),
            current: matches!(scope, Scope::Mine(_)),
        },
        Tab {
            label: "All".to_owned(),
            href: Scope::All.href(),
            current: matches!(scope, Scope::All),
        },
        Tab {
            label: "Accepted".to_owned(),
            href: "/deals".to_owned(),
            current: false,
        },
    ];
    let mut teams: Vec<&String> = agreement.routes.iter().map(|route| &route.team).collect();
    teams.sort();
    teams.dedup();
    tabs.extend(teams.into_iter().map(|team| Tab {
        label: team.clone(),
        href: Scope::Team(team.clone()).href(),
        current: matches!(scope, Scope::Team(shown) if shown == team),
    }));
    tabs
}

fn row(handoff: HandoffSummary, view: &Viewpoint) -> Row {
    let overdue = handoff.breached && handoff.contacted_at.is_none();
    let standing = match (handoff.contacted_at, handoff.paused_at) {
        (Some(_), _) => Some("contacted"),
        (None, Some(_)) => Some("clock stands still"),
        (None, None) => None,
    };
    let score_title = format!(
        "fit {} + intent {} = {}",
        handoff.fit.short(),
        handoff.intent.short(),
        handoff.score.short()
    );
    let again = if handoff.cycle > 1 {
        format!(", for the {} time", ordinal(handoff.cycle))
    } else {
        String::new()
    };
    let owned = handoff.owner.is_some();
    Row {
        id: handoff.id.0,
        lead: handoff.lead.0,
        name: name(
            handoff.lead_name.as_deref(),
            handoff.email.as_deref(),
            handoff.lead.0,
        ),
        role: role(
            handoff.title.as_deref(),
            handoff.company.as_deref(),
            handoff.email.as_deref(),
        ),
        why: format!("{}{again}{}", qualified_by(&handoff), because(&handoff.top_lines)),
        score: whole(handoff.score),
        score_title,
        grade: handoff.grade,
        due: handoff.due_at.map(|due| view.moment(due)),
        overdue,
        standing,
        owner: handoff
            .owner
            .map_or_else(|| "nobody yet".to_owned(), |owner| owner.name),
        owned,
    }
}

/// The lines that gave the most when it was handed off: `: Requested a demo +50, Job title +15`.
fn because(top_lines: &[(String, Points)]) -> String {
    const LINES_MAX: usize = 3;
    let lines = top_lines.iter().take(LINES_MAX);
    let lines = lines.map(|(rule, points)| format!("{rule} {}", signed(nearest_whole(*points))));
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!(": {}", lines.join(", "))
    }
}

/// Points to the nearest whole one, where there is room for no more; the exact ones are on hovering and in the ledger.
pub(super) fn whole(points: Points) -> String {
    nearest_whole(points).short()
}

pub(super) fn nearest_whole(points: Points) -> Points {
    let millis = points.millis();
    let half = if millis < 0 { -500 } else { 500 };
    Points::from_millis(millis.saturating_add(half) / 1_000 * 1_000)
}

/// What made a lead qualify, in words.
fn trigger(trigger: &str) -> &str {
    match trigger {
        "created" => "Qualified when it was created",
        "traits" => "Qualified by what was learned about it",
        "page" => "Visited a page",
        other => other,
    }
}

/// What made a lead qualify, with the page where it was one that gave points: that was the last thing it had done.
pub(super) fn qualified_by(handoff: &HandoffSummary) -> String {
    let page = handoff.latest_activity.as_deref().and_then(visited);
    match page.filter(|_| handoff.trigger == "page") {
        Some(path) => format!("Visited {path}"),
        None => trigger(&handoff.trigger).to_owned(),
    }
}

/// The path in `visited /pricing`, and in what packets of before say: `visited /pricing 3 times, last on … UTC`.
fn visited(activity: &str) -> Option<&str> {
    let path = activity.strip_prefix("visited ")?;
    let path = match path.rsplit_once(" on ").filter(|_| path.ends_with(" UTC")) {
        None => path,
        Some((what, _)) => match what
            .strip_suffix(" times, last")
            .and_then(|what| what.rsplit_once(' '))
        {
            Some((path, times)) if times.bytes().all(|byte| byte.is_ascii_digit()) => path,
            _ => what,
        },
    };
    path.starts_with('/').then_some(path)
}

fn ordinal(count: u32) -> String {
    match count {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        count => format!("{count}th"),
    }
}

/// What to call somebody.
pub(super) fn name(name: Option<&str>, email: Option<&str>, lead: i64) -> String {
    let given = [name, email]
        .into_iter()
        .flatten()
        .find(|text| !text.trim().is_empty());
    given.map_or_else(|| format!("Lead {lead}"), str::to_owned)
}

/// What somebody is and where.
pub(super) fn role(title: Option<&str>, company: Option<&str>, email: Option<&str>) -> String {
    let parts: Vec<&str> = [title, company]
        .into_iter()
        .flatten()
        .filter(|text| !text.trim().is_empty())
        .collect();
    if parts.is_empty() {
        email.unwrap_or_default().to_owned()
    } else {
        parts.join(" · ")
    }
}

fn summary(rows: &[Row], more: bool) -> String {
    let count = match (rows.len(), more) {
        (0, _) => return String::new(),
        (1, false) => "1 lead to call".to_owned(),
        (count, false) => format!("{count} leads to call"),
        (count, true) => format!("the first {count} leads to call"),
    };
    match rows.iter().filter(|row| row.overdue).count() {
        0 => format!("{count}, none overdue"),
        late => format!("{count}, {late} overdue"),
    }
}

/// The reasons for which sales may send a lead back.
pub(super) fn reasons(agreement: &Agreement) -> Vec<Reason> {
    let reasons = agreement.rejections.iter();
    reasons
        .map(|rejection| Reason {
            reason: rejection.reason.clone(),
            label: if rejection.note {
                format!("{} (needs a note)", rejection.reason)
            } else {
                rejection.reason.clone()
            },
        })
        .collect()
}

/// What was just done, in words; a lead's page says it too.
pub(super) fn flash(done: Option<&str>) -> Option<Flash> {
    Some(match done? {
        "accepted" => Flash {
            tone: "good",
            text: "Accepted. The lead is yours to work.",
        },
        "rejected" => Flash {
            tone: "good",
            text: "Sent back to marketing, with your reason.",
        },
        "answered" => Flash {
            tone: "bad",
            text: "Somebody answered that one before you; nothing was changed.",
        },
        "contacted" => Flash {
            tone: "good",
            text: "Logged.",
        },
        "paused" => Flash {
            tone: "good",
            text: "The clock stands still.",
        },
        "resumed" => Flash {
            tone: "good",
            text: "The clock runs again.",
        },
        "given" => Flash {
            tone: "good",
            text: "Somebody else has it now.",
        },
        "kept" => Flash {
            tone: "bad",
            text: "Nobody else can take it now, so it stays where it was.",
        },
        _ => return None,
    })
}

fn empty(scope: &Scope) -> Empty {
    match scope {
        Scope::Mine(_) => Empty {
            title: "Nobody to call just now",
            text: "When a lead qualifies and is yours, it appears here by itself, with the reason and the time to call.",
            link: "See everybody’s",
            href: Scope::All.href(),
        },
        Scope::All => Empty {
            title: "No lead is waiting",
            text: "Leads appear here when they cross the line that the agreement draws. If you expect some, look at what \
                   the line asks for, and whether events arrive.",
            link: "Read the agreement",
            href: "/agreement".to_owned(),
        },
        Scope::Team(_) => Empty {
            title: "Nothing for this team",
            text: "The agreement’s routes decide which leads a team gets.",
            link: "See everybody’s",
            href: Scope::All.href(),
        },
    }
}

/// Percent-encodes a text for a query.
fn parameter(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_read_from_the_activity_whatever_its_path() {
        for (activity, path) in [
            ("visited /pricing on 2026-03-04 15:00 UTC", Some("/pricing")),
            (
                "visited /pricing 3 times, last on 2026-03-04 15:00 UTC",
                Some("/pricing"),
            ),
            (
                "visited /a on b 2 times, last on 2026-03-04 15:00 UTC",
                Some("/a on b"),
            ),
            ("visited /pricing", Some("/pricing")),
            ("visited /a on b", Some("/a on b")),
            ("visited a page", None),
            ("visited a page on 2026-03-04 15:00 UTC", None),
            ("Demo Requested on 2026-03-04 15:00 UTC", None),
            ("visited ", None),
        ] {
            assert_eq!(visited(activity), path, "{activity}");
        }
    }
}

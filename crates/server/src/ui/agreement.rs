//! The agreement, as it is active: what it comes to, and the file itself.

use std::cmp::Ordering;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::AgreementVersion;
use bellwether_core::agreement::{Agreement, IntentRule, RuleKind, SlaHours};
use bellwether_core::domain::{Points, Timestamp};

use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

#[derive(Template)]
#[template(path = "agreement.html")]
struct AgreementPage<'a> {
    frame: Frame,
    name: String,
    version: u32,
    since: Moment,
    by: String,
    basis: &'static str,
    timezone: String,
    hash: String,
    sections: Vec<Section>,
    source: Vec<SourceLine<'a>>,
}

struct Section {
    title: &'static str,
    none: &'static str,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    detail: String,
    value: String,
}

struct SourceLine<'a> {
    number: usize,
    text: &'a str,
}

/// `GET /agreement`.
pub(super) async fn handler(State(edge): State<Edge>, signed_in: SignedIn) -> Result<Response, Failure> {
    let version = edge.app().active_agreement().await?;
    Ok(page(
        StatusCode::OK,
        &agreement_page(Frame::of(&signed_in, "agreement"), &version, edge.now()),
    ))
}

fn agreement_page(frame: Frame, version: &AgreementVersion, now: Timestamp) -> AgreementPage<'_> {
    let agreement = version.engine.agreement();
    let lines = version.source.lines().enumerate();
    AgreementPage {
        frame,
        name: agreement.name.clone(),
        version: version.version,
        since: Viewpoint::new(now, &agreement.timezone).moment(version.activated_at),
        by: version.by.clone(),
        basis: version.basis.in_words(),
        timezone: agreement.timezone.clone(),
        hash: version.hash.clone(),
        sections: sections(agreement),
        source: lines
            .map(|(index, text)| SourceLine {
                number: index + 1,
                text,
            })
            .collect(),
    }
}

fn sections(agreement: &Agreement) -> Vec<Section> {
    vec![
        Section {
            title: "The line",
            none: "No line is drawn.",
            rows: line(agreement),
        },
        Section {
            title: "Fit: who they are",
            none: "No rules.",
            rows: fit(agreement),
        },
        Section {
            title: "Intent: what they do",
            none: "No rules.",
            rows: agreement
                .intent
                .iter()
                .map(|rule| intent(agreement, rule))
                .collect(),
        },
        Section {
            title: "Who gets it",
            none: "No routes.",
            rows: routes(agreement),
        },
        Section {
            title: "How fast",
            none: "No SLA.",
            rows: slas(agreement),
        },
        Section {
            title: "Why it may go back",
            none: "No reasons.",
            rows: rejections(agreement),
        },
    ]
}

fn line(agreement: &Agreement) -> Vec<Row> {
    let qualify = &agreement.qualify;
    let drawn = [
        ("Score", qualify.score),
        ("Fit", qualify.fit),
        ("Intent", qualify.intent),
    ];
    let drawn = drawn.into_iter().filter_map(|(name, line)| {
        Some(Row {
            name: name.to_owned(),
            detail: "at least".to_owned(),
            value: line?.short(),
        })
    });
    let fast = qualify.fast.iter().map(|name| row(name, "qualifies at once"));
    let excluded = agreement
        .disqualify
        .iter()
        .map(|exclusion| row(&exclusion.name, "never qualifies"));
    drawn.chain(fast).chain(excluded).collect()
}

fn row(name: &str, detail: impl Into<String>) -> Row {
    Row {
        name: name.to_owned(),
        detail: detail.into(),
        value: String::new(),
    }
}

fn fit(agreement: &Agreement) -> Vec<Row> {
    let rules = agreement.fit.iter();
    rules
        .map(|rule| {
            let points = rule.cases.iter().map(|case| case.points);
            let cases = if rule.cases.len() == 1 {
                String::new()
            } else {
                format!("{} cases", rule.cases.len())
            };
            Row {
                name: rule.name.clone(),
                detail: cases,
                value: range(points.clone().min(), points.max()),
            }
        })
        .collect()
}

fn range(least: Option<Points>, most: Option<Points>) -> String {
    match (least, most) {
        (Some(least), Some(most)) if least != most => format!("{} to {}", signed(least), signed(most)),
        (Some(points), _) => signed(points),
        (None, _) => String::new(),
    }
}

fn intent(agreement: &Agreement, rule: &IntentRule) -> Row {
    let group = rule.group.and_then(|index| agreement.groups.get(index));
    let group = group.map(|group| format!("in {}, at most {}", group.name, group.max.short()));
    let (detail, value) = match &rule.kind {
        RuleKind::Matches(matches) => {
            let most = matches.max.map(|max| format!("at most {max} count"));
            let count = matches.count.map(|count| format!("{} make one", count.events));
            let points: Vec<String> = matches.points.iter().map(|points| signed(*points)).collect();
            (
                count
                    .into_iter()
                    .chain(most)
                    .chain(group)
                    .collect::<Vec<_>>()
                    .join("; "),
                points.join(", "),
            )
        }
        RuleKind::Quiet(quiet) => (format!("after {} of quiet", quiet.after), signed(quiet.points)),
    };
    Row {
        name: rule.name.clone(),
        detail,
        value,
    }
}

/// Points with their sign: `+15`, `−5`.
pub(super) fn signed(points: Points) -> String {
    match points.cmp(&Points::ZERO) {
        Ordering::Less => format!("−{}", (-points).short()),
        Ordering::Equal => "0".to_owned(),
        Ordering::Greater => format!("+{}", points.short()),
    }
}

fn routes(agreement: &Agreement) -> Vec<Row> {
    use bellwether_core::agreement::Pick;
    let routes = agreement.routes.iter();
    routes
        .map(|route| {
            let pick = match route.pick {
                Pick::RoundRobin => "in turn",
                Pick::Weighted => "in turn, by weight",
                Pick::LeastLoaded => "whoever has the fewest",
            };
            row(&route.name, format!("{}, {pick}", route.team))
        })
        .collect()
}

fn slas(agreement: &Agreement) -> Vec<Row> {
    let slas = agreement.slas.iter();
    slas.map(|sla| {
        let hours = match sla.hours {
            SlaHours::Business => "in business hours",
            SlaHours::AroundTheClock => "around the clock",
        };
        Row {
            name: sla.name.clone(),
            detail: hours.to_owned(),
            value: sla.first_contact.to_string(),
        }
    })
    .collect()
}

fn rejections(agreement: &Agreement) -> Vec<Row> {
    let reasons = agreement.rejections.iter();
    reasons
        .map(|rejection| {
            let nurture = rejection.nurture.as_deref().map(|track| format!("then {track}"));
            let again = rejection
                .again
                .map(|again| format!("may qualify again after {again}"));
            row(
                &rejection.reason,
                nurture.into_iter().chain(again).collect::<Vec<_>>().join("; "),
            )
        })
        .collect()
}

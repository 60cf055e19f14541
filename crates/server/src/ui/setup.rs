//! `/setup`: how a site comes to send its events: a write key, the snippet to paste, and whether anything arrives.
//!
//! Secrets are kept as hashes, so a key can be shown only by whoever has it. A write key stands in the source of every
//! page that loads the tracker, so it may stand in this page's address too: that is where a key that was just made is
//! shown, and what the snippet's options travel with.

mod snippet;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{ApiKey, Arrival, Arrivals, Finding, KeyClass, KeyId, Role, User};
use serde::Deserialize;

use self::snippet::{Choices, snippet};
use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// What stands in the examples where no key was given.
const NO_KEY: &str = "bw_write_…";

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    frame: Frame,
    address: String,
    /// The key in the examples.
    key: String,
    standing: Standing,
    choices: Choices,
    snippet: String,
    arrivals: Shown,
}

/// What the key that was given is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// None was given.
    None,
    /// A write key.
    Good(KeyId, String),
    /// A key that reads and decides everything.
    Admin,
    /// No key that is known.
    Unknown,
}

/// What came in of late, in words.
#[derive(Debug)]
struct Shown {
    summary: String,
    rows: Vec<Row>,
    refused: Vec<Refused>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    at: Moment,
    kind: &'static str,
    what: String,
    key: String,
}

#[derive(Debug)]
struct Refused {
    at: Moment,
    what: String,
    times: u64,
}

/// The form that makes a key, with the choices that were made before.
#[derive(Debug, Deserialize)]
pub(super) struct NewKey {
    csrf: String,
    name: String,
    #[serde(flatten)]
    choices: Choices,
}

/// Whether somebody may see this page: it makes keys.
pub(super) fn may_set_up(user: &User) -> bool {
    matches!(user.role, Role::Marketing | Role::Admin)
}

/// `GET /setup`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    headers: HeaderMap,
    choices: Result<Query<Choices>, QueryRejection>,
) -> Result<Response, Failure> {
    require_role(&signed_in)?;
    let Query(choices) = choices.map_err(|_| Failure::bad_form())?;
    let choices = choices.cleaned();
    let now = edge.now();
    let standing = standing(&edge, &choices).await?;
    if standing == Standing::Admin && !choices.key.is_empty() {
        // Addresses are kept and passed on, by browsers and by proxies: the key must not stay in this one.
        return Ok(Redirect::to("/setup?admin=1").into_response());
    }
    let of = match &standing {
        Standing::Good(id, name) => Some((*id, name.as_str())),
        _ => None,
    };
    let arrivals = edge.app().arrivals(now, of.map(|(id, _)| id)).await?;
    let version = edge.app().active_agreement().await?;
    let view = Viewpoint::new(now, &version.engine.agreement().timezone);
    let (protocol, host) = edge
        .reached_by(&headers)
        .unwrap_or(("http", "localhost".to_owned()));
    let address = format!("{protocol}://{host}");
    let key = match standing {
        Standing::Good(..) => choices.key.clone(),
        _ => NO_KEY.to_owned(),
    };
    let arrivals = shown(arrivals, of.map(|(_, name)| name), &view);
    let template = SetupPage {
        frame: Frame::of(&signed_in, "setup"),
        snippet: snippet(&address, &key, &choices),
        address,
        key,
        standing,
        choices,
        arrivals,
    };
    Ok(page(StatusCode::OK, &template))
}

/// `POST /setup/keys`: makes a write key and goes to the page that shows it.
pub(super) async fn make_key(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Result<Form<NewKey>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    require_role(&signed_in)?;
    let (_, secret) = edge.app().create_key(KeyClass::Write, &form.name).await?;
    let choices = Choices {
        key: secret,
        ..form.choices.cleaned()
    };
    Ok(Redirect::to(&format!("/setup?{}", choices.query())).into_response())
}

fn require_role(signed_in: &SignedIn) -> Result<(), Failure> {
    if may_set_up(&signed_in.user) {
        return Ok(());
    }
    Err(Failure::forbidden(
        "Sites are set up by marketing and by administrators. Ask one of them.",
    ))
}

async fn standing(edge: &Edge, choices: &Choices) -> Result<Standing, Failure> {
    let key = choices.key.as_str();
    if key.is_empty() {
        return Ok(if choices.admin.is_empty() {
            Standing::None
        } else {
            Standing::Admin
        });
    }
    if let Some(ApiKey { id, name, .. }) = edge.app().check_key(key, KeyClass::Write).await? {
        return Ok(Standing::Good(id, name));
    }
    let admin = edge.app().check_key(key, KeyClass::Admin).await?;
    Ok(if admin.is_some() {
        Standing::Admin
    } else {
        Standing::Unknown
    })
}

/// What came of late, through the key of this name where one is given.
fn shown(arrivals: Arrivals, key: Option<&str>, view: &Viewpoint) -> Shown {
    let rows: Vec<Row> = arrivals.facts.into_iter().map(|fact| row(fact, view)).collect();
    let refused: Vec<Refused> = arrivals
        .refused
        .iter()
        .map(|finding| refused(finding, view))
        .collect();
    let through = key.map_or_else(String::new, |name| format!(" through {name}"));
    let summary = match (rows.first(), refused.first()) {
        (Some(latest), _) => format!("Events arrive{through}. The latest came {}.", latest.at.relative),
        (None, Some(_)) => {
            format!("Nothing was taken{through} in the last half hour, but something was refused.")
        }
        (None, None) => format!("Waiting for the first event. None came{through} in the last half hour."),
    };
    Shown {
        summary,
        rows,
        refused,
    }
}

fn row(arrival: Arrival, view: &Viewpoint) -> Row {
    let (kind, what) = match arrival.kind.as_str() {
        "page" => ("Page", arrival.path.or(arrival.name)),
        "track" => ("Event", arrival.name),
        "screen" => ("Screen", arrival.name),
        "identify" => ("Identified", Some("somebody said who they are".to_owned())),
        "group" => ("Company", arrival.name),
        _ => ("Alias", arrival.name),
    };
    Row {
        at: view.moment(arrival.received_at),
        kind,
        what: what.unwrap_or_default(),
        key: arrival.key_name.unwrap_or_else(|| "a revoked key".to_owned()),
    }
}

fn refused(finding: &Finding, view: &Viewpoint) -> Refused {
    Refused {
        at: view.moment(finding.last_at),
        what: format!("{}: {}", finding.subject, finding.reason),
        times: finding.count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(kind: &str, name: Option<&str>, path: Option<&str>) -> Arrival {
        Arrival {
            received_at: "2026-03-04T15:59:30Z".parse().expect("a time"),
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            path: path.map(str::to_owned),
            key_name: None,
        }
    }

    #[test]
    fn each_kind_of_fact_is_said_in_words() {
        let view = Viewpoint::new("2026-03-04T16:00:00Z".parse().expect("a time"), "UTC");
        for (fact, kind, what) in [
            (
                arrival("page", Some("page"), Some("/pricing")),
                "Page",
                "/pricing",
            ),
            (arrival("page", Some("page"), None), "Page", "page"),
            (
                arrival("track", Some("Demo Requested"), None),
                "Event",
                "Demo Requested",
            ),
            (arrival("group", Some("acme"), None), "Company", "acme"),
            (arrival("alias", Some("old"), None), "Alias", "old"),
        ] {
            let row = row(fact, &view);
            assert_eq!(
                (row.kind, row.what.as_str(), row.key.as_str()),
                (kind, what, "a revoked key")
            );
        }
    }

    #[test]
    fn the_summary_says_whether_anything_arrives() {
        let view = Viewpoint::new("2026-03-04T16:00:00Z".parse().expect("a time"), "UTC");
        let of = |facts: Vec<Arrival>| {
            let refused = Vec::new();
            shown(Arrivals { facts, refused }, Some("Website"), &view).summary
        };
        assert!(of(Vec::new()).starts_with("Waiting for the first event."));
        assert_eq!(
            of(vec![arrival("track", Some("Demo Requested"), None)]),
            "Events arrive through Website. The latest came less than a minute ago."
        );
    }
}

//! The link of a mail that takes a lead without a sign-in. Looking at it changes nothing, since mail scanners look at
//! every link; its one button does.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::REFERRER_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bellwether_app::{AcceptLink, AppError, LinkState};

use super::inbox::name;
use super::page::{Failure, Frame, page};
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

#[derive(Template)]
#[template(path = "accept.html")]
struct AcceptPage {
    frame: Frame,
    title: String,
    text: &'static str,
    /// Who it is: title and company.
    role: String,
    why: String,
    due: Option<Moment>,
    /// Whether there is something to press.
    asks: bool,
    lead: i64,
}

/// `GET /a/{token}`.
pub(super) async fn look(State(edge): State<Edge>, Path(token): Path<String>) -> Result<Response, Failure> {
    let found = edge.app().accept_link(&token).await;
    answered(&edge, found, false).await
}

/// `POST /a/{token}`.
pub(super) async fn accept(State(edge): State<Edge>, Path(token): Path<String>) -> Result<Response, Failure> {
    let used = edge.app().use_accept_link(&token).await;
    answered(&edge, used, true).await
}

async fn answered(
    edge: &Edge,
    found: Result<AcceptLink, AppError>,
    pressed: bool,
) -> Result<Response, Failure> {
    let link = match found {
        Ok(link) => link,
        Err(AppError::NotFound { .. }) => {
            return Ok(private(page(StatusCode::NOT_FOUND, &unknown())));
        }
        Err(error) => return Err(error.into()),
    };
    let agreement = edge.app().active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &agreement.engine.agreement().timezone);
    let status = match link.state {
        LinkState::Good => StatusCode::OK,
        LinkState::Expired | LinkState::Used | LinkState::Over => StatusCode::GONE,
    };
    Ok(private(page(status, &shown(&link, pressed, &view))))
}

/// The address is as good as a password, so that no other site is told of it.
fn private(mut response: Response) -> Response {
    let none = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(REFERRER_POLICY, none);
    response
}

fn unknown() -> AcceptPage {
    AcceptPage {
        frame: Frame::outside(),
        title: "This link isn’t one of ours".to_owned(),
        text: "Part of it may be missing. Copy the whole link from the mail, or sign in and answer the lead there.",
        role: String::new(),
        why: String::new(),
        due: None,
        asks: false,
        lead: 0,
    }
}

fn shown(link: &AcceptLink, pressed: bool, view: &Viewpoint) -> AcceptPage {
    let summary = &link.handoff.summary;
    let name = name(
        summary.lead_name.as_deref(),
        summary.email.as_deref(),
        summary.lead.0,
    );
    let (title, text) = match (link.state, pressed) {
        (LinkState::Good, false) => (name, "Take this lead? It is yours to call then."),
        (LinkState::Good, true) => (
            format!("{name} is yours"),
            "You have accepted the lead. The link doesn’t work any more.",
        ),
        (LinkState::Used, _) => (name, "This link was used already: the lead was accepted with it."),
        (LinkState::Expired, _) => (name, "This link’s time is over. Sign in to answer the lead."),
        (LinkState::Over, _) => (
            name,
            "There is nothing left to accept: the lead was answered, or is somebody else’s now.",
        ),
    };
    let parts = [summary.title.as_deref(), summary.company.as_deref()];
    AcceptPage {
        frame: Frame::outside(),
        title,
        text,
        role: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        why: link
            .handoff
            .packet
            .get("why")
            .and_then(|why| why.as_str())
            .unwrap_or_default()
            .to_owned(),
        due: summary.due_at.map(|due| view.moment(due)),
        asks: link.state == LinkState::Good && !pressed,
        lead: summary.lead.0,
    }
}

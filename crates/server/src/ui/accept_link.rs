//! The link of a mail that takes a lead without a sign-in. Looking at it changes nothing, since mail scanners look at
//! every link; its one button does.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::REFERRER_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bellwether_app::{AcceptLink, AppError, HandoffState, LinkState};

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
    /// When it was accepted, where the link was used before.
    accepted: Option<Moment>,
    /// How to reach the lead, for whoever has just taken it.
    phone: String,
    email: String,
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
        accepted: None,
        phone: String::new(),
        email: String::new(),
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
        (LinkState::Over, _) => (name, over(summary.state)),
    };
    let packet = |place: &str| {
        let found = link.handoff.packet.pointer(place);
        found
            .and_then(|found| found.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let taken = link.state == LinkState::Good && pressed;
    let reach = |address: Option<String>| address.filter(|_| taken).unwrap_or_default();
    let used = link.state == LinkState::Used && summary.state == HandoffState::Accepted;
    let parts = [summary.title.as_deref(), summary.company.as_deref()];
    AcceptPage {
        frame: Frame::outside(),
        title,
        text,
        role: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        why: packet("/why"),
        due: summary.due_at.map(|due| view.moment(due)),
        accepted: summary.decided_at.filter(|_| used).map(|at| view.moment(at)),
        phone: reach(Some(packet("/lead/phone"))),
        email: reach(summary.email.clone()),
        asks: link.state == LinkState::Good && !pressed,
        lead: summary.lead.0,
    }
}

/// Why a link is good for nothing any more that nobody used.
fn over(state: HandoffState) -> &'static str {
    match state {
        HandoffState::Open => "There is nothing left to accept: the lead is somebody else’s now.",
        HandoffState::Accepted => "There is nothing left to accept: the lead was accepted already.",
        HandoffState::Rejected => "There is nothing left to accept: the lead was sent back.",
        HandoffState::Expired => {
            "There is nothing left to accept: nobody answered in time, and the lead went back."
        }
        HandoffState::Merged => {
            "There is nothing left to accept: the lead turned out to be one that sales has already."
        }
        HandoffState::Closed => "There is nothing left to accept: the lead isn’t with sales any more.",
    }
}

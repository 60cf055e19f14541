//! What all pages share: their frame, how they are answered, and the page that says what went wrong.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bellwether_app::{Role, User};

use super::assets::{ASSETS, Assets};
use super::session::SignedIn;
use super::setup::may_set_up;
use crate::problem::Problem;

/// What every page's layout shows.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) assets: &'static Assets,
    pub(super) person: Option<Person>,
    pub(super) csrf: String,
    /// Which page of the main navigation this is.
    pub(super) place: &'static str,
    /// How many events are held apart.
    pub(super) held: u64,
}

/// Whoever is signed in.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
    /// Whether the navigation shows them how to set up a site.
    pub(super) sets_up: bool,
    /// Whether it shows them where messages go.
    pub(super) delivers: bool,
}

impl Frame {
    pub(super) fn of(signed_in: &SignedIn, place: &'static str) -> Self {
        let User { name, email, .. } = &signed_in.user;
        let person = Person {
            name: name.clone(),
            email: email.clone(),
            sets_up: may_set_up(&signed_in.user),
            delivers: signed_in.user.role == Role::Admin,
        };
        Self {
            assets: &ASSETS,
            person: Some(person),
            csrf: signed_in.csrf(),
            place,
            held: signed_in.held,
        }
    }

    pub(super) fn outside() -> Self {
        Self {
            assets: &ASSETS,
            person: None,
            csrf: String::new(),
            place: "",
            held: 0,
        }
    }
}

/// A page as an answer.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "a page couldn't be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "this page couldn't be made\n").into_response()
        }
    }
}

/// What went wrong, for a page.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    status: StatusCode,
    title: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    frame: Frame,
    title: &'a str,
    detail: &'a str,
}

impl Failure {
    pub(super) fn forbidden(detail: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "Not allowed".to_owned(),
            detail: detail.to_owned(),
        }
    }

    pub(super) fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            title: "There is nothing here".to_owned(),
            detail: "The page may have moved, or the address has a slip in it.".to_owned(),
        }
    }

    pub(super) fn unusable(detail: &str) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            title: "That can’t be used".to_owned(),
            detail: detail.to_owned(),
        }
    }

    pub(super) fn bad_form() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "This form can’t be read".to_owned(),
            detail: "Go back, load the page again, and repeat it.".to_owned(),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let title = match problem.status() {
            StatusCode::NOT_FOUND => return Self::not_found(),
            StatusCode::CONFLICT => "Something changed meanwhile",
            StatusCode::SERVICE_UNAVAILABLE => "Not just now",
            _ => "That didn’t work",
        };
        Self {
            status: problem.status(),
            title: title.to_owned(),
            detail: sentence(problem.detail()),
        }
    }
}

impl From<bellwether_app::AppError> for Failure {
    fn from(error: bellwether_app::AppError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let template = FailurePage {
            frame: Frame::outside(),
            title: &self.title,
            detail: &self.detail,
        };
        page(self.status, &template)
    }
}

/// An error's message as a sentence for people.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let mut text: String = first.chain(chars).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

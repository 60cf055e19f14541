//! The door: an email address and a password in, a session's cookie out.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::page::{Failure, Frame, page};
use super::session::{SignedIn, cookie, require_same_origin, way_back};
use crate::edge::Edge;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Door<'a> {
    frame: Frame,
    failed: bool,
    email: &'a str,
    next: &'a str,
}

/// Where to go after.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    next: String,
}

/// What the form holds.
#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// What a signed-in page's sign-out form holds.
#[derive(Debug, Deserialize)]
pub(super) struct Leaving {
    csrf: String,
}

/// `GET /sign-in`.
pub(super) async fn form(Query(wanted): Query<Wanted>) -> Response {
    let next = way_back(&wanted.next);
    page(
        StatusCode::OK,
        &Door {
            frame: Frame::outside(),
            failed: false,
            email: "",
            next,
        },
    )
}

/// `POST /sign-in`.
pub(super) async fn sign_in(
    State(edge): State<Edge>,
    headers: HeaderMap,
    form: Result<Form<Credentials>, FormRejection>,
) -> Result<Response, Failure> {
    require_same_origin(&Method::POST, &headers)?;
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    let next = way_back(&form.next);
    let Some(session) = edge.app().sign_in(form.email.trim(), &form.password).await? else {
        let door = Door {
            frame: Frame::outside(),
            failed: true,
            email: &form.email,
            next,
        };
        return Ok(page(StatusCode::UNAUTHORIZED, &door));
    };
    let seconds = session.expires_at.since(edge.now()).ms() / 1_000;
    let mut response = Redirect::to(next).into_response();
    if let Some(cookie) = cookie(&edge, &session.token, seconds.max(0)) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `POST /sign-out`.
pub(super) async fn sign_out(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Result<Form<Leaving>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    edge.app().sign_out(&signed_in.token).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(cookie) = cookie(&edge, "", 0) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

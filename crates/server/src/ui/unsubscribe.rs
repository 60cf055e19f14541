//! The page behind an unsubscribe link. Looking at it changes nothing, since programs follow links too; its one button
//! does, and so does the one-click request of RFC 8058 that mail programs send.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::UnsubscribeLink;
use serde::Deserialize;

use super::page::{Failure, Frame, page};
use crate::edge::Edge;

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage {
    frame: Frame,
    token: String,
    /// Nothing where there is no such link.
    link: Option<UnsubscribeLink>,
}

/// What is posted: by the page's buttons, or by a mail program.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wish {
    /// `One-Click`, as RFC 8058 has mail programs say.
    #[serde(default, rename = "List-Unsubscribe")]
    list_unsubscribe: String,
    /// `no_mail` or `mail`, as the page's buttons say.
    #[serde(default)]
    wish: String,
}

/// `GET /u/{token}`.
pub(super) async fn ask(State(edge): State<Edge>, Path(token): Path<String>) -> Result<Response, Failure> {
    let link = edge.app().unsubscribe_link(token.clone()).await?;
    // Whoever wants no more mail has no inbox here to go to: the page says what to do instead.
    let status = link.as_ref().map_or(StatusCode::NOT_FOUND, |_| StatusCode::OK);
    let shown = UnsubscribePage {
        frame: Frame::outside(),
        token,
        link,
    };
    Ok(page(status, &shown))
}

/// `POST /u/{token}`. Whoever has the link may: mail programs send no origin and no cookie.
pub(super) async fn answer(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    form: Result<Form<Wish>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    let one_click = form.list_unsubscribe.eq_ignore_ascii_case("one-click");
    let wanted = match form.wish.as_str() {
        "mail" if !one_click => true,
        "no_mail" => false,
        _ if one_click => false,
        _ => return Err(Failure::bad_form()),
    };
    edge.app()
        .follow_unsubscribe_link(token.clone(), wanted, one_click)
        .await?;
    ask(State(edge), Path(token)).await
}

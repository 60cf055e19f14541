//! What handlers ask of a request, with problems instead of bare texts where it isn't there.

use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use bellwether_app::{Actor, KeyClass};
use bellwether_core::domain::Timestamp;
use serde::de::DeserializeOwned;

use crate::edge::Edge;
use crate::limits::API_BODY_BYTES_MAX;
use crate::problem::Problem;

/// Whoever holds the admin key that the request carries.
pub(crate) struct Admin(pub(crate) Actor);

impl FromRequestParts<Edge> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        const KEY_BYTES_MAX: usize = 200;
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let key = header
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, key)| key.trim())
            .filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX);
        let Some(key) = key else {
            return Err(Problem::unauthorized());
        };
        let known = edge.app().check_key(key, KeyClass::Admin).await?;
        known.map(|key| Self(Actor::Key(key.id))).ok_or_else(|| {
            edge.app().note_refused("/api/v1", "no admin key that is known");
            Problem::unauthorized()
        })
    }
}

/// The query, as a struct of known parameters.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Edge> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, edge).await;
        query
            .map(|Query(parameters)| Self(parameters))
            .map_err(|rejection| Problem::invalid(rejection.body_text()))
    }
}

/// The number in a path; anything else names nothing.
pub(crate) struct Number(pub(crate) i64);

impl FromRequestParts<Edge> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let path = parts.uri.path().to_owned();
        let text: Result<Path<String>, _> = Path::from_request_parts(parts, edge).await;
        let number = text.ok().and_then(|Path(text)| text.parse().ok());
        number.map(Self).ok_or_else(|| Problem::no_such_path(&path))
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Edge> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Problem> {
        let json: Result<Json<T>, JsonRejection> = Json::from_request(request, edge).await;
        match json {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::unsupported_media_type(
                "send JSON with `Content-Type: application/json`",
            )),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::too_large(API_BODY_BYTES_MAX))
            }
            Err(rejection) => Err(Problem::invalid(rejection.body_text())),
        }
    }
}

/// What a text body's rejection means.
pub(crate) fn text_rejection(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large(API_BODY_BYTES_MAX)
    } else {
        Problem::invalid(rejection.body_text())
    }
}

/// A time for a JSON answer.
pub(crate) fn time(at: Timestamp) -> String {
    at.to_string()
}

//! `POST /api/v1/users`: adds somebody who signs in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bellwether_app::Role;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body};
use super::users::User;
use crate::edge::Edge;
use crate::problem::Problem;

/// Whom to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// Their name.
    #[schema(example = "Ana Okoye")]
    name: String,
    /// Their email address, by which they sign in.
    #[schema(example = "ana@acme.example")]
    email: String,
    /// Their first password.
    password: String,
    /// `sales`, `marketing` or `admin`.
    #[schema(example = "sales")]
    role: String,
}

/// Adds a user
#[utoipa::path(
    post, path = "/api/v1/users", tag = "people", request_body = NewUser,
    responses((status = 201, body = User), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn handler(
    _: Admin,
    State(edge): State<Edge>,
    Body(wanted): Body<NewUser>,
) -> Result<(StatusCode, Json<User>), Problem> {
    let role = match wanted.role.as_str() {
        "sales" => Role::Sales,
        "marketing" => Role::Marketing,
        "admin" => Role::Admin,
        other => {
            return Err(Problem::invalid(format!(
                "`{other}` is not a role; use `sales`, `marketing` or `admin`"
            )));
        }
    };
    let user = edge
        .app()
        .create_user(&wanted.name, &wanted.email, &wanted.password, role)
        .await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

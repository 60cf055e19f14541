//! `GET /api/v1/users`: those who sign in.

use axum::Json;
use axum::extract::State;
use bellwether_app as app;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Admin;
use super::wire::Page;
use crate::edge::Edge;
use crate::problem::Problem;

/// Somebody who signs in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    /// Their number.
    id: i64,
    /// Their name.
    name: String,
    /// Their email address.
    email: String,
    /// `sales`, `marketing` or `admin`.
    #[schema(example = "sales")]
    role: &'static str,
}

impl From<app::User> for User {
    fn from(user: app::User) -> Self {
        let role = match user.role {
            app::Role::Sales => "sales",
            app::Role::Marketing => "marketing",
            app::Role::Admin => "admin",
        };
        Self {
            id: user.id.0,
            name: user.name,
            email: user.email,
            role,
        }
    }
}

/// Lists users
#[utoipa::path(
    get, path = "/api/v1/users", tag = "people",
    responses((status = 200, body = Page<User>), (status = 401, body = Problem)),
)]
pub(crate) async fn handler(_: Admin, State(edge): State<Edge>) -> Result<Json<Page<User>>, Problem> {
    let users = edge.app().users().await?;
    Ok(Json(Page {
        items: users.into_iter().map(User::from).collect(),
        next: None,
    }))
}

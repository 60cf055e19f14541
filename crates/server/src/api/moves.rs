//! `POST /api/v1/moves/preview` and `POST /api/v1/moves`: many leads are moved at once, after somebody saw what comes of it.

use axum::Json;
use axum::extract::State;
use bellwether_app::{self as app, AccountId, BulkMove, BulkQuery, LeadId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Admin, Body, time};
use crate::edge::Edge;
use crate::problem::Problem;

/// Which leads to move, how, and why: those that `leads` names, or else all whom the rest lets through, 500 at most.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moves {
    /// `accept`, `reject`, `disqualify` or `override`.
    #[serde(rename = "move")]
    #[schema(example = "disqualify")]
    by: String,
    /// The stage to which an override puts them.
    to: Option<String>,
    /// Why; one of the agreement's rejection reasons where they are rejected.
    #[serde(default)]
    reason: String,
    /// Their numbers.
    #[serde(default)]
    leads: Vec<i64>,
    /// Only those at this stage.
    stage: Option<String>,
    /// Only those of this owner, by number.
    owner: Option<i64>,
    /// Only those of this account, by number.
    account: Option<i64>,
    /// Only those whose name, email or company contains this.
    search: Option<String>,
    /// What the preview gave; the deed asks for it, and moves nobody where it would come to anything else.
    token: Option<String>,
}

/// What becomes of many leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoveList {
    /// What to give with the deed; nothing after it.
    token: Option<String>,
    /// When they were moved; nothing in a preview.
    at: Option<String>,
    /// How many are put somewhere.
    allowed: usize,
    /// How many aren't.
    refused: usize,
    /// Each of them.
    leads: Vec<MovedLead>,
}

/// What becomes of a lead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MovedLead {
    /// Its number.
    id: i64,
    /// Its name, or else its email address.
    name: Option<String>,
    /// Where it stands before the move.
    from: Option<&'static str>,
    /// Where it is put; nothing where it isn't moved.
    to: Option<&'static str>,
    /// Why it isn't moved.
    refused: Option<String>,
}

/// Shows what moving many leads would come to
#[utoipa::path(
    post, path = "/api/v1/moves/preview", tag = "deals", request_body = Moves,
    responses((status = 200, body = MoveList), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn preview(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Body(moves): Body<Moves>,
) -> Result<Json<MoveList>, Problem> {
    let preview = edge.app().preview_moves(query(moves)?, actor).await?;
    Ok(Json(list(Some(preview.token), None, preview.leads)))
}

/// Moves many leads, each whole or not at all
#[utoipa::path(
    post, path = "/api/v1/moves", tag = "deals", request_body = Moves,
    responses(
        (status = 200, body = MoveList), (status = 401, body = Problem),
        (status = 409, description = "The leads aren't as the preview showed them", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn deed(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Body(mut moves): Body<Moves>,
) -> Result<Json<MoveList>, Problem> {
    let Some(token) = moves.token.take() else {
        return Err(Problem::unprocessable(
            "give the `token` of a preview, `POST /api/v1/moves/preview` with the same body",
        ));
    };
    let moved = edge.app().move_leads(query(moves)?, token, actor).await?;
    Ok(Json(list(None, Some(time(moved.at)), moved.leads)))
}

fn query(moves: Moves) -> Result<BulkQuery, Problem> {
    let by = match (moves.by.as_str(), &moves.to) {
        ("accept", None) => BulkMove::Accept,
        ("reject", None) => BulkMove::Reject,
        ("disqualify", None) => BulkMove::Disqualify,
        ("override", Some(to)) => BulkMove::Override(super::leads::stage_named(to)?),
        ("override", None) => return Err(Problem::unprocessable("give the stage of the override as `to`")),
        ("accept" | "reject" | "disqualify", Some(_)) => {
            return Err(Problem::unprocessable(
                "only an override has a `to`; leave it away",
            ));
        }
        (other, _) => {
            return Err(Problem::unprocessable(format!(
                "`{}` is not a move; use `accept`, `reject`, `disqualify` or `override`",
                other.chars().take(60).collect::<String>()
            )));
        }
    };
    Ok(BulkQuery {
        by,
        reason: moves.reason,
        leads: moves.leads.into_iter().map(LeadId).collect(),
        stage: moves
            .stage
            .as_deref()
            .map(super::leads::stage_named)
            .transpose()?,
        owner: moves.owner.map(UserId),
        account: moves.account.map(AccountId),
        search: moves.search,
    })
}

fn list(token: Option<String>, at: Option<String>, leads: Vec<app::MoveOutcome>) -> MoveList {
    let allowed = leads.iter().filter(|one| one.to.is_ok()).count();
    MoveList {
        token,
        at,
        allowed,
        refused: leads.len().saturating_sub(allowed),
        leads: leads
            .into_iter()
            .map(|one| MovedLead {
                id: one.lead.0,
                name: one.name,
                from: one.from.map(bellwether_core::domain::Stage::as_str),
                to: one.to.as_ref().ok().map(|to| to.as_str()),
                refused: one.to.err(),
            })
            .collect(),
    }
}

//! `PUT /api/v1/leads/{id}/bant`: what sales found out about a buyer.

use axum::Json;
use axum::extract::State;
use bellwether_app::LeadId;
use bellwether_core::deal::{self, Answered, Question};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Admin, Body, Number};
use super::lead::LeadDetail;
use crate::edge::Edge;
use crate::problem::Problem;

/// Answers to the four questions; what is left out stays as it was recorded.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    /// Is there money for it?
    budget: Option<Answer>,
    /// Do we speak with whoever decides?
    authority: Option<Answer>,
    /// Have they a problem that we solve?
    need: Option<Answer>,
    /// Is there a time by which they want it?
    timeline: Option<Answer>,
}

/// An answer, and what was noted with it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// `yes`, `no` or `unknown`.
    #[schema(example = "yes")]
    answer: String,
    /// What else was said.
    note: Option<String>,
}

impl Answers {
    /// The answers as the use cases take them.
    pub(crate) fn read(self) -> Result<deal::Bant, Problem> {
        let said = [
            (Question::Budget, self.budget),
            (Question::Authority, self.authority),
            (Question::Need, self.need),
            (Question::Timeline, self.timeline),
        ];
        let mut bant = deal::Bant::default();
        for (question, said) in said {
            let Some(said) = said else { continue };
            let answer = said.answer.parse().map_err(|()| {
                Problem::unprocessable(format!(
                    "`{}` is `{}`; answer with `yes`, `no` or `unknown`",
                    question.as_str(),
                    said.answer.chars().take(60).collect::<String>()
                ))
            })?;
            let note = said.note.filter(|note| !note.trim().is_empty());
            bant.record(question, Answered { answer, note });
        }
        Ok(bant)
    }
}

/// Records budget, authority, need and timeline
#[utoipa::path(
    put, path = "/api/v1/leads/{id}/bant", tag = "deals", request_body = Answers,
    params(("id" = i64, Path, description = "The lead's number")),
    responses(
        (status = 200, body = LeadDetail), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "The lead is neither accepted nor qualified by sales", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Number(id): Number,
    Body(answers): Body<Answers>,
) -> Result<Json<LeadDetail>, Problem> {
    edge.app().record_bant(LeadId(id), answers.read()?, actor).await?;
    super::lead::shown(&edge, id).await
}

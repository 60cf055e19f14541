//! Why a lead became whose: what is kept of each decision, and what is shown of it.

use bellwether_core::domain::Timestamp;
use bellwether_core::handoff::{RouteLook, credit_in_words};
use bellwether_store::{DecisionRow, UserId};
use serde::{Deserialize, Serialize};

use crate::{Actor, App, AppError, HandoffDetail, HandoffId, LeadId, UserRef};

/// What was looked at when a lead was routed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt {
    /// The agreement's routes in order, up to the one that takes the lead.
    #[serde(default)]
    pub routes: Vec<RouteSeen>,
    /// Those whose lead it was anyhow, and why they were passed over.
    #[serde(default)]
    pub owners: Vec<OwnerSeen>,
    /// How the team's member is picked.
    #[serde(default)]
    pub pick: Option<String>,
    /// Everybody on the team, and where they stood.
    #[serde(default)]
    pub candidates: Vec<CandidateSeen>,
}

/// A route that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSeen {
    /// The route.
    pub route: String,
    /// The team that it leads to.
    pub team: String,
    /// Whether it takes the lead.
    pub fits: bool,
    /// Why, or why not.
    pub why: String,
}

/// Somebody whose lead it was anyhow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerSeen {
    /// Who.
    pub user: i64,
    /// Their name.
    pub name: String,
    /// By what it is theirs: `has the lead already`.
    pub by: String,
    /// Why they were passed over; nothing where they got it.
    pub passed_over: Option<String>,
}

/// Somebody on the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateSeen {
    /// Who.
    pub user: i64,
    /// Their name.
    pub name: String,
    /// Their weight.
    pub weight: u32,
    /// What they had got in the present stretch.
    pub given: u64,
    /// What they were owed from stretch to stretch, in billionths of a lead.
    pub credit: i64,
    /// How many leads waited for their answer.
    pub open: u32,
    /// Why they were passed over; nothing where they could have taken it.
    pub passed_over: Option<String>,
}

impl CandidateSeen {
    /// What they were owed, in words.
    pub fn credit_in_words(&self) -> String {
        credit_in_words(self.credit)
    }
}

impl From<RouteLook> for RouteSeen {
    fn from(look: RouteLook) -> Self {
        Self {
            route: look.name,
            team: look.team,
            fits: look.fits,
            why: look.why,
        }
    }
}

/// Why a lead became whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteDecision {
    /// Of which handoff.
    pub handoff: HandoffId,
    /// When.
    pub at: Timestamp,
    /// What had it decided.
    pub cause: RouteCause,
    /// Who: `engine`, `user 3`, `key 2`.
    pub actor: String,
    /// The team.
    pub team: Option<String>,
    /// Whose the lead became; nothing where nobody could take it.
    pub picked: Option<UserRef>,
    /// Why, in words.
    pub reason: String,
    /// What was looked at.
    pub looked_at: LookedAt,
}

/// What has it decided whose a lead becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteCause {
    /// The lead qualified.
    Qualified,
    /// It waited in the team's queue, and somebody could take it.
    TakenUp,
    /// It was taken from its owner, who didn't act or can't.
    Reassigned,
    /// Somebody said whose it is to be.
    Manual,
}

impl RouteCause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Qualified, Self::TakenUp, Self::Reassigned, Self::Manual];

    /// Its name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qualified => "qualified",
            Self::TakenUp => "taken_up",
            Self::Reassigned => "reassigned",
            Self::Manual => "manual",
        }
    }
}

impl App {
    /// Why a handoff became whose, the oldest decision first.
    pub async fn routing(&self, handoff: HandoffId) -> Result<Vec<RouteDecision>, AppError> {
        self.read(move |db| {
            if db.handoff(handoff)?.is_none() {
                return Err(AppError::NotFound {
                    what: "handoff",
                    id: handoff.to_string(),
                });
            }
            Ok(db.decisions(handoff)?.into_iter().map(decision).collect())
        })
        .await
    }

    /// Gives a handoff that isn't over to somebody, or to whoever of its team is next apart from its owner. Nobody who left or
    /// is away gets one; where nobody can take it, its owner keeps it, and the routing says why.
    pub async fn reassign_handoff(
        &self,
        id: HandoffId,
        to: Option<UserId>,
        reason: &str,
        actor: Actor,
    ) -> Result<HandoffDetail, AppError> {
        let reason = crate::people::named("reason", reason)?;
        let at = self.now();
        self.write(move |committer| committer.reassign(id, to, &reason, &actor.to_string(), at))
            .await?;
        self.handoff_there(id).await
    }

    /// Why a lead's handoffs became whose, the oldest decision first.
    pub async fn routing_of_lead(&self, lead: LeadId) -> Result<Vec<RouteDecision>, AppError> {
        self.read(move |db| {
            let Some(holder) = db.root(lead)? else {
                return Err(AppError::NotFound {
                    what: "lead",
                    id: lead.to_string(),
                });
            };
            Ok(db.decisions_of_lead(holder)?.into_iter().map(decision).collect())
        })
        .await
    }
}

fn decision(row: DecisionRow) -> RouteDecision {
    let cause = RouteCause::ALL
        .into_iter()
        .find(|cause| cause.as_str() == row.cause);
    RouteDecision {
        handoff: row.handoff,
        at: row.at,
        cause: cause.unwrap_or(RouteCause::Manual),
        actor: row.actor,
        team: row.team,
        picked: row.picked.map(|(id, name)| UserRef { id, name }),
        reason: row.reason,
        looked_at: serde_json::from_str(&row.looked_at).unwrap_or_default(),
    }
}

/// Somebody whose lead it was anyhow, as it is kept.
pub(crate) fn owner_seen(user: UserId, name: &str, by: &str, passed_over: Option<String>) -> OwnerSeen {
    OwnerSeen {
        user: user.0,
        name: name.to_owned(),
        by: by.to_owned(),
        passed_over,
    }
}

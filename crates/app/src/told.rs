//! What messages say of moves by sales and of deals. Each knows nothing of where it goes.

use bellwether_core::domain::{Points, Stage, Timestamp};
use bellwether_store::{DealRow, HandoffId, LeadRow, UserRow};
use serde_json::json;

/// Sales took a lead.
pub(crate) const ACCEPTED: &str = "lead.accepted";
/// Sales sent a lead back.
pub(crate) const REJECTED: &str = "lead.rejected";
/// Nobody answered a handoff in time.
pub(crate) const EXPIRED: &str = "lead.expired";
/// Sales qualified a lead itself.
pub(crate) const SQL: &str = "lead.sql";
/// A deal was opened.
pub(crate) const OPPORTUNITY_OPENED: &str = "opportunity.opened";
/// A deal was won.
pub(crate) const OPPORTUNITY_WON: &str = "opportunity.won";
/// A deal was lost.
pub(crate) const OPPORTUNITY_LOST: &str = "opportunity.lost";

/// A move that is told of.
pub(crate) struct MoveTold<'a> {
    pub(crate) event_type: &'a str,
    pub(crate) lead: &'a LeadRow,
    pub(crate) cycle: u32,
    pub(crate) handoff: Option<HandoffId>,
    /// Who had the lead before the move.
    pub(crate) owner: Option<&'a UserRow>,
    pub(crate) actor: &'a str,
    /// The reason, and what was noted with it.
    pub(crate) why: Option<(&'a str, Option<&'a str>)>,
    pub(crate) at: Timestamp,
}

/// The body that tells of a move by sales, or of one for want of an answer.
pub(crate) fn moved(told: &MoveTold<'_>) -> String {
    let derived = &told.lead.derived;
    let (reason, note) = told.why.unzip();
    let data = json!({
        "lead": {
            "id": told.lead.id.to_string(),
            "name": derived.name,
            "email": derived.email,
            "company": derived.company,
            "stage": told.lead.stage.as_str(),
        },
        "cycle": told.cycle,
        "handoff": told.handoff.map(|id| id.to_string()),
        "owner": told.owner.map(person),
        "actor": told.actor,
        "reason": reason,
        "note": note.flatten(),
    });
    json!({ "type": told.event_type, "timestamp": told.at.to_string(), "data": data }).to_string()
}

/// The body that tells of a deal.
pub(crate) fn deal(
    event_type: &str,
    deal: &DealRow,
    owner: Option<&UserRow>,
    actor: &str,
    at: Timestamp,
) -> String {
    let account = deal.account.as_ref();
    let data = json!({
        "opportunity": {
            "id": deal.id.to_string(),
            "name": deal.name,
            "state": deal.state.as_str(),
            "amount": deal.money.as_ref().map(|money| Points::from_millis(money.thousandths).short()),
            "currency": deal.money.as_ref().map(|money| &money.currency),
            "close_date": deal.close_on,
            "stage": deal.sales_stage,
            "opened_at": deal.opened_at.to_string(),
            "closed_at": deal.closed_at.map(|at| at.to_string()),
        },
        "lead": {
            "id": deal.lead.to_string(),
            "name": deal.lead_name,
            "email": deal.lead_email,
            "company": deal.lead_company,
            "stage": deal.lead_stage.map(Stage::as_str),
        },
        "account": account.map(|(id, name)| json!({ "id": id.to_string(), "name": name })),
        "owner": owner.map(person),
        "actor": actor,
        "reason": deal.reason,
        "note": deal.note,
    });
    json!({ "type": event_type, "timestamp": at.to_string(), "data": data }).to_string()
}

/// Somebody in sales, as messages name them.
fn person(user: &UserRow) -> serde_json::Value {
    json!({ "id": user.id.to_string(), "name": user.name, "email": user.email })
}

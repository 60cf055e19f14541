//! What messages say of handoffs that wait for somebody, and of those that have another owner.

use bellwether_core::domain::Timestamp;
use bellwether_store::{HandoffRow, UserRow};
use serde_json::json;

/// Nobody of a team could take a handoff; it waits.
pub(crate) const WAITING: &str = "handoff.waiting";
/// A handoff has another owner.
pub(crate) const ASSIGNED: &str = "handoff.assigned";

/// A handoff that nobody could take.
pub(crate) struct Waiting<'a> {
    pub(crate) handoff: &'a HandoffRow,
    pub(crate) team: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) manager: Option<&'a UserRow>,
}

/// The body that tells a team's manager that a handoff waits.
pub(crate) fn waiting(waiting: &Waiting<'_>, at: Timestamp) -> String {
    let mut data = handoff_basics(waiting.handoff);
    if let Some(data) = data.as_object_mut() {
        data.insert("team".to_owned(), json!(waiting.team));
        data.insert("reason".to_owned(), json!(waiting.reason));
        data.insert("manager".to_owned(), person(waiting.manager));
        data.insert(
            "to".to_owned(),
            json!(waiting.manager.map(|manager| &manager.email)),
        );
    }
    json!({ "type": WAITING, "timestamp": at.to_string(), "data": data }).to_string()
}

/// A handoff that has another owner.
pub(crate) struct Assigned<'a> {
    /// As it was before.
    pub(crate) handoff: &'a HandoffRow,
    pub(crate) owner: Option<&'a UserRow>,
    pub(crate) cause: &'a str,
    pub(crate) reason: &'a str,
}

/// The body that tells somebody that a handoff is theirs now.
pub(crate) fn assigned(assigned: &Assigned<'_>, at: Timestamp) -> String {
    let before = assigned.handoff.owner.as_ref();
    let mut data = handoff_basics(assigned.handoff);
    if let Some(data) = data.as_object_mut() {
        data.insert("team".to_owned(), json!(assigned.handoff.team));
        data.insert("owner".to_owned(), person(assigned.owner));
        data.insert("to".to_owned(), json!(assigned.owner.map(|owner| &owner.email)));
        let before = before.map(|(id, name)| json!({ "id": id.to_string(), "name": name }));
        data.insert("previous_owner".to_owned(), json!(before));
        data.insert("cause".to_owned(), json!(assigned.cause));
        data.insert("reason".to_owned(), json!(assigned.reason));
    }
    json!({ "type": ASSIGNED, "timestamp": at.to_string(), "data": data }).to_string()
}

/// Whom a handoff is about, and by when to call them.
fn handoff_basics(row: &HandoffRow) -> serde_json::Value {
    json!({
        "handoff": row.id.to_string(),
        "lead": {
            "id": row.lead.to_string(),
            "name": row.lead_name,
            "email": row.email,
            "title": row.title,
            "company": row.company,
        },
        "cycle": row.cycle,
        "trigger": row.trigger,
        "score": (row.fit + row.intent).to_string(),
        "grade": row.grade,
        "why": row.why,
        "task": row.task,
        "due_at": row.due_at.map(|due| due.to_string()),
    })
}

fn person(user: Option<&UserRow>) -> serde_json::Value {
    user.map_or(
        serde_json::Value::Null,
        |user| json!({ "id": user.id.to_string(), "name": user.name, "email": user.email }),
    )
}

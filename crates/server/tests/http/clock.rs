//! The clock of a handoff, over the API and on the lead's page.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::desk::Desk;

/// The newest handoff's number and its lead's.
async fn handed_off(desk: &Desk) -> (i64, i64) {
    desk.qualify("kim", "Kim Lee").await;
    let handoffs = desk.api("GET", "/api/v1/handoffs", None).await.json();
    let number = |key: &str| handoffs["items"][0][key].as_i64().expect("a number");
    (number("id"), number("lead"))
}

async fn asked(desk: &Desk, handoff: i64, act: &str, body: Value) -> crate::desk::Answer {
    let path = format!("/api/v1/handoffs/{handoff}/{act}");
    desk.api("POST", &path, Some(body)).await
}

#[tokio::test]
async fn a_clock_stands_still_goes_on_and_ends_over_the_api() {
    let desk = Desk::open().await;
    let (handoff, _) = handed_off(&desk).await;
    desk.pass(30);
    let vague = asked(&desk, handoff, "pause", json!({ "reason": "Lunch" })).await;
    assert_eq!(vague.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", vague.text());
    let reason = json!({ "reason": "Waiting for the lead's reply" });
    let paused = asked(&desk, handoff, "pause", reason).await.json();
    assert!(paused["handoff"]["paused_at"].is_string(), "{paused}");
    desk.pass(600);
    let resumed = asked(&desk, handoff, "resume", json!({})).await.json();
    assert_eq!(resumed["clock"]["working_ms"], 30 * 60_000, "{resumed}");
    assert_eq!(
        (&resumed["handoff"]["breached"], &resumed["handoff"]["due_at"]),
        (&json!(false), &resumed["clock"]["due_at"])
    );
    desk.pass(120);
    let unknown = asked(&desk, handoff, "contact", json!({ "kind": "fax" })).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "{}", unknown.text());
    let note = json!({ "kind": "call", "note": "Wants a quote" });
    let contacted = asked(&desk, handoff, "contact", note).await.json();
    assert_eq!(contacted["clock"]["late_ms"], 30 * 60_000, "{contacted}");
    assert_eq!(contacted["contacts"][0]["note"], "Wants a quote");
    let over = asked(&desk, handoff, "resume", json!({})).await;
    assert_eq!(over.status, StatusCode::CONFLICT, "{}", over.text());
    let listed = desk.api("GET", "/api/v1/handoffs", None).await.json();
    let listed = &listed["items"][0];
    assert_eq!(
        (&listed["breached"], &listed["contacted_at"]),
        (&json!(true), &contacted["clock"]["contacted_at"])
    );
}

#[tokio::test]
async fn a_salesperson_pauses_the_clock_and_logs_a_call_on_the_leads_page() {
    let desk = Desk::open().await;
    let (handoff, lead) = handed_off(&desk).await;
    let cookie = desk.sign_in().await;
    let page = desk.page(&format!("/leads/{lead}"), &cookie).await;
    for text in ["around the clock", "Log a contact…", "Pause the clock…"] {
        assert!(page.text().contains(text), "no {text} in {}", page.text());
    }
    let csrf = page
        .text()
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a token")
        .to_owned();
    let form = |rest: &str| format!("csrf={csrf}&back=%2Fleads%2F{lead}&{rest}");
    let path = |act: &str| format!("/handoffs/{handoff}/{act}");
    let forged = desk.form(&path("contact"), &cookie, "csrf=0&kind=call").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let pause = form("reason=Waiting+for+the+lead%27s+reply");
    let paused = desk.form(&path("pause"), &cookie, &pause).await;
    assert_eq!(paused.header("location"), format!("/leads/{lead}?done=paused"));
    let inbox = desk.page("/", &cookie).await;
    assert!(inbox.text().contains("clock stands still"), "{}", inbox.text());
    let resumed = desk.form(&path("resume"), &cookie, &form("")).await;
    assert_eq!(resumed.header("location"), format!("/leads/{lead}?done=resumed"));
    desk.pass(10);
    let call = form("kind=call&note=Left+a+message");
    desk.form(&path("contact"), &cookie, &call).await;
    let page = desk.page(&format!("/leads/{lead}"), &cookie).await;
    for text in ["after 10 min, in time", "Left a message"] {
        assert!(page.text().contains(text), "no {text} in {}", page.text());
    }
    assert!(!page.text().contains("Pause the clock"), "{}", page.text());
}

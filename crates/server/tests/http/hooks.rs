//! What scheduling tools send, over HTTP.

use axum::http::StatusCode;
use serde_json::json;

use crate::desk::Desk;

const TOKEN: &str = "a-token-of-the-address";

fn booking() -> String {
    json!({
        "type": "Created",
        "meetingIdChili": "m1",
        "primaryGuestEmail": "eve@acme.example",
        "assigneeEmail": "sam@seller.example",
        "meetingStartTime": "2026-06-03T14:00:00Z",
    })
    .to_string()
}

#[tokio::test]
async fn a_tool_with_its_secret_is_heard_and_another_is_not() {
    let desk = Desk::open().await;
    let path = |source: &str, token: &str| format!("/hooks/chili-piper/{source}?token={token}");
    let status = async |path: String, body: String| desk.post(&path, &[], body).await.status;
    assert_eq!(
        status(path("main", TOKEN), booking()).await,
        StatusCode::NOT_FOUND
    );
    desk.app
        .set_inbound("chili-piper", "main", TOKEN)
        .await
        .expect("a source");
    assert_eq!(
        status(path("main", "x"), booking()).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status("/hooks/chili-piper/main".to_owned(), booking()).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(path("other", TOKEN), booking()).await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        status(format!("/hooks/doodle/main?token={TOKEN}"), booking()).await,
        StatusCode::NOT_FOUND
    );
    let large = " ".repeat(300 * 1024);
    assert_eq!(
        status(path("main", TOKEN), large).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        desk.app
            .lead_by_key("email", "eve@acme.example")
            .await
            .expect("a look"),
        None
    );
    for body in [
        booking(),
        booking(),
        "{".to_owned(),
        json!({ "type": "Exploded" }).to_string(),
    ] {
        assert_eq!(status(path("main", TOKEN), body).await, StatusCode::OK);
    }
    let lead = desk
        .app
        .lead_by_key("email", "eve@acme.example")
        .await
        .expect("a look");
    let lead = lead.expect("the guest is a lead");
    let events = desk
        .app
        .lead_events(lead, None, 0)
        .await
        .expect("its events")
        .items;
    let names: Vec<&str> = events.iter().filter_map(|event| event.name.as_deref()).collect();
    assert_eq!(names, ["Meeting Booked"]);
    let findings = desk.app.findings(50).await.expect("findings");
    let listed = |kind: &str| findings.iter().any(|one| one.kind == kind);
    assert!(
        listed("unused_inbound") && listed("unusable_inbound"),
        "{findings:?}"
    );
}

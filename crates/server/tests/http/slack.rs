//! Buttons of a channel's messages, pressed: by whom Slack says, and by whoever only says that they are Slack.

use axum::http::StatusCode;
use bellwether_core::domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::desk::{Desk, at};

const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const PATH: &str = "/slack/actions/sales";

async fn desk() -> Desk {
    let desk = Desk::open_with(|options, _| options.deliver = false).await;
    let source =
        "name = \"sales\"\nkind = \"slack\"\nurl = \"https://hooks.slack.com/services/{{ secret }}\"\n";
    let file = json!({ "source": source, "secret": "T1/B2/hush", "signing_secret": SIGNING_SECRET });
    let put = desk.api("PUT", "/api/v1/destinations", Some(file)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
    desk.qualify("eve", "Eve").await;
    desk
}

fn now() -> Timestamp {
    at("2026-03-04T15:00:00Z")
}

/// What Slack posts when somebody presses or picks something.
fn pressed(action: &Value) -> String {
    let payload = json!({
        "type": "block_actions",
        "user": { "id": "U7", "username": "zed", "team_id": "T1" },
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [action],
    });
    form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish()
}

fn accept() -> String {
    pressed(&json!({ "type": "button", "action_id": "accept", "value": "1" }))
}

fn signed(secret: &str, time: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(format!("v0:{time}:{body}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes
        .iter()
        .fold("v0=".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Posts a body as Slack would, signed with a secret, so many seconds from now.
async fn post(desk: &Desk, path: &str, secret: &str, seconds: i64, body: String) -> StatusCode {
    let time = (now().ms() / 1_000 + seconds).to_string();
    let signature = signed(secret, &time, &body);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-slack-request-timestamp", time.as_str()),
        ("x-slack-signature", signature.as_str()),
    ];
    desk.post(path, &headers, body).await.status
}

async fn handoff(desk: &Desk) -> Value {
    desk.api("GET", "/api/v1/handoffs/1", None).await.json()
}

#[tokio::test]
async fn who_presses_accept_takes_the_lead() {
    let desk = desk().await;
    assert_eq!(
        post(&desk, PATH, SIGNING_SECRET, 0, accept()).await,
        StatusCode::OK
    );
    let taken = handoff(&desk).await;
    assert_eq!(taken["handoff"]["state"], "accepted");
    assert!(taken["history"].to_string().contains("slack zed"), "{taken}");
    // Slack sends it again where our answer got lost; that and a press that comes too late change nothing.
    assert_eq!(
        post(&desk, PATH, SIGNING_SECRET, 1, accept()).await,
        StatusCode::OK
    );
    let reject = json!({ "action_id": "reject", "selected_option": { "value": "1:No budget" } });
    assert_eq!(
        post(&desk, PATH, SIGNING_SECRET, 2, pressed(&reject)).await,
        StatusCode::OK
    );
    assert_eq!(handoff(&desk).await["history"], taken["history"]);
}

#[tokio::test]
async fn who_picks_a_reason_sends_the_lead_back_for_it() {
    let desk = desk().await;
    let pick = |reason: &str| {
        let value = format!("1:{reason}");
        pressed(
            &json!({ "type": "static_select", "action_id": "reject", "selected_option": { "value": value } }),
        )
    };
    // A reason that the agreement hasn't: whoever pressed is told, and nothing is done.
    assert_eq!(
        post(&desk, PATH, SIGNING_SECRET, 0, pick("Bad mood")).await,
        StatusCode::OK
    );
    assert_eq!(handoff(&desk).await["handoff"]["state"], "open");
    assert_eq!(
        post(&desk, PATH, SIGNING_SECRET, 0, pick("No budget")).await,
        StatusCode::OK
    );
    let back = handoff(&desk).await;
    assert_eq!(back["handoff"]["state"], "rejected");
    assert!(back["history"].to_string().contains("No budget"), "{back}");
}

#[tokio::test]
async fn who_cannot_sign_for_slack_now_changes_nothing() {
    let desk = desk().await;
    let refused = StatusCode::UNAUTHORIZED;
    assert_eq!(post(&desk, PATH, "a guess", 0, accept()).await, refused);
    assert_eq!(post(&desk, PATH, "", 0, accept()).await, refused);
    for seconds in [-301, 301] {
        assert_eq!(
            post(&desk, PATH, SIGNING_SECRET, seconds, accept()).await,
            refused
        );
    }
    // Which destinations there are isn't told apart.
    assert_eq!(
        post(&desk, "/slack/actions/other", SIGNING_SECRET, 0, accept()).await,
        refused
    );
    assert_eq!(
        post(&desk, "/slack/actions/other", "", 0, accept()).await,
        refused
    );
    assert_eq!(desk.post(PATH, &[], accept()).await.status, refused);
    let opened = pressed(&json!({ "action_id": "open", "value": "1" }));
    assert_eq!(post(&desk, PATH, SIGNING_SECRET, 0, opened).await, StatusCode::OK);
    for junk in ["payload=%7B", "x=1", ""] {
        let status = post(&desk, PATH, SIGNING_SECRET, 0, junk.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{junk}");
    }
    let large = "x".repeat(1_000_000);
    assert_eq!(
        post(&desk, PATH, SIGNING_SECRET, 0, large).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(handoff(&desk).await["handoff"]["state"], "open");
    let findings = desk.app.findings(50).await.expect("findings");
    assert!(!format!("{findings:?}").contains("hush"));
}

//! The wire form: each rule that Segment's clients rely on.

use std::io::Write as _;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::desk::{Desk, request};

const JSON: (&str, &str) = ("content-type", "application/json");

fn zipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

#[tokio::test]
async fn every_route_takes_its_call_with_exactly_200() {
    let desk = Desk::open().await;
    let key = &desk.write_key;
    for (path, members) in [
        ("track", json!({ "event": "E" })),
        ("t", json!({ "event": "E" })),
        ("identify", json!({ "traits": { "plan": "pro" } })),
        ("i", json!({})),
        ("page", json!({ "properties": { "path": "/x" } })),
        ("p", json!({})),
        ("screen", json!({ "name": "Home" })),
        ("s", json!({ "name": "Home" })),
        ("group", json!({ "groupId": "g" })),
        ("g", json!({ "groupId": "g" })),
        ("alias", json!({ "previousId": "old" })),
        ("a", json!({ "previousId": "old" })),
    ] {
        let mut body = members;
        body["writeKey"] = json!(key);
        body["userId"] = json!("u1");
        let answer = desk
            .post(
                &format!("/v1/{path}"),
                &[("content-type", "text/plain")],
                body.to_string(),
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        assert_eq!(answer.json()["okEvents"], 1, "{path}: {}", answer.text());
    }
    let event = json!({ "type": "track", "event": "E", "userId": "u1" });
    for path in ["batch", "import", "b", "batch/b"] {
        let body = json!({ "writeKey": key, "batch": [event], "sentAt": "2026-03-04T15:00:00Z" });
        let answer = desk.post(&format!("/v1/{path}"), &[JSON], body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let expected =
            json!({ "success": true, "ok": true, "receivedEvents": 1, "okEvents": 1, "errors": [] });
        assert_eq!(answer.json(), expected);
    }
    let metrics = desk
        .post("/v1/m", &[("content-type", "text/plain")], r#"{"series":[]}"#)
        .await;
    assert_eq!(metrics.status, StatusCode::OK);
    assert_eq!(
        desk.post("/v1/purchase", &[JSON], "{}").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        desk.get("/v1/track", &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn a_key_is_taken_from_each_of_its_places() {
    use base64::Engine as _;
    let desk = Desk::open().await;
    let key = desk.write_key.clone();
    let basic = |text: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
    let body = r#"{"event":"E","userId":"u"}"#;
    let keyed = json!({ "event": "E", "userId": "u", "writeKey": key }).to_string();
    let query = format!("/v1/t?writeKey={key}");
    let (with_colon, without, wrong) = (basic(&format!("{key}:")), basic(&key), basic("nobody:"));
    let bearer = "Bearer some-oauth-token";
    let cases = [
        (
            "/v1/t",
            vec![JSON, ("authorization", &with_colon)],
            body,
            StatusCode::OK,
        ),
        (
            "/v1/t",
            vec![JSON, ("authorization", &without)],
            body,
            StatusCode::OK,
        ),
        ("/v1/t", vec![JSON], &keyed, StatusCode::OK),
        ("/v1/t", vec![], &keyed, StatusCode::OK),
        (
            "/v1/t",
            vec![JSON, ("authorization", bearer)],
            &keyed,
            StatusCode::OK,
        ),
        (&query, vec![("content-type", "text/plain")], body, StatusCode::OK),
        (
            "/v1/t",
            vec![JSON, ("authorization", &wrong)],
            body,
            StatusCode::UNAUTHORIZED,
        ),
        (
            "/v1/t",
            vec![JSON, ("authorization", bearer)],
            body,
            StatusCode::UNAUTHORIZED,
        ),
        ("/v1/t", vec![JSON], body, StatusCode::UNAUTHORIZED),
        ("/v1/t?writeKey=", vec![JSON], body, StatusCode::UNAUTHORIZED),
    ];
    for (path, headers, body, expected) in cases {
        let answer = desk.post(path, &headers, body.to_owned()).await;
        assert_eq!(answer.status, expected, "{path} {headers:?}: {}", answer.text());
    }
    let admin = json!({ "event": "E", "userId": "u", "writeKey": desk.admin_key }).to_string();
    let answer = desk.post("/v1/t", &[JSON], admin).await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "an admin key brings no facts"
    );
}

#[tokio::test]
async fn bodies_may_be_zipped_and_are_bounded_unzipped() {
    let desk = Desk::open().await;
    let gzip = ("content-encoding", "gzip");
    let body =
        json!({ "writeKey": desk.write_key, "batch": [{ "type": "track", "event": "E", "userId": "u" }] });
    let small = zipped(body.to_string().as_bytes());
    assert_eq!(
        desk.post("/v1/b", &[JSON, gzip], small.clone()).await.status,
        StatusCode::OK
    );
    let cut = small[..small.len() - 4].to_vec();
    assert_eq!(
        desk.post("/v1/b", &[JSON, gzip], cut).await.status,
        StatusCode::BAD_REQUEST
    );
    let plain = body.to_string();
    assert_eq!(
        desk.post("/v1/b", &[JSON, gzip], plain.clone()).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        desk.post("/v1/b", &[JSON, ("content-encoding", "br")], plain)
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    let bomb = zipped(&vec![b'0'; 100_000_000]);
    assert_eq!(
        desk.post("/v1/b", &[JSON, gzip], bomb).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let large = vec![b' '; 500 * 1024 + 1];
    assert_eq!(
        desk.post("/v1/b", &[JSON], large).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let event = json!({ "event": "E", "userId": "u", "properties": { "t": "x".repeat(33_000) } }).to_string();
    assert_eq!(
        desk.post("/v1/t", &[JSON], event).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        desk.post("/v1/b", &[JSON], "{\"batch\":[").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_batch_with_bad_events_keeps_the_good_ones() {
    let desk = Desk::open().await;
    let answer = desk
        .batch(json!([
            { "type": "track", "event": "E", "userId": "u", "messageId": "1" },
            { "type": "track", "userId": "u", "messageId": "2" },
            { "type": "identify", "messageId": "3" },
            { "type": "track", "event": "E", "userId": "u", "messageId": "4", "properties": { "n": "x" } },
        ]))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    assert_eq!((&body["success"], &body["ok"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&body["receivedEvents"], &body["okEvents"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(body["errors"][0]["index"], 1);
    assert_eq!(body["errors"][0]["messageId"], "2");
    assert_eq!(
        body["errors"][1]["reason"],
        "nobody is named; give a `userId` or an `anonymousId`"
    );
    let raw = format!(
        r#"{{"writeKey":"{}","batch":[{{"type":"track","event":"E","userId":"u","properties":{{"a":1e400,"b":NaN}}}}]}}"#,
        desk.write_key
    );
    let body = desk.post("/v1/batch", &[JSON], raw).await.json();
    assert_eq!(body["ok"], true);
    let dropped = json!([
        { "index": 0, "path": "properties.a", "reason": "not a finite number" },
        { "index": 0, "path": "properties.b", "reason": "not a finite number" },
    ]);
    assert_eq!(body["dropped"], dropped);
}

#[tokio::test]
async fn an_event_that_is_sent_twice_counts_once() {
    let desk = Desk::open().await;
    let first = json!({ "type": "track", "event": "E", "userId": "u", "messageId": "1" });
    let second = json!({ "type": "track", "event": "E", "userId": "u", "messageId": "2" });
    desk.batch(json!([first])).await;
    let again = desk.batch(json!([first, second])).await;
    assert_eq!(
        again.json()["okEvents"],
        2,
        "a duplicate is no error: {}",
        again.text()
    );
    let counts = desk.api("GET", "/api/v1/counts", None).await.json();
    assert_eq!(
        (&counts["facts_accepted"], &counts["facts_duplicate"]),
        (&json!(2), &json!(1))
    );
}

#[tokio::test]
async fn an_outage_is_503_with_whole_seconds_and_keeps_nothing() {
    let desk = Desk::open().await;
    desk.broken.store(true, Ordering::SeqCst);
    let event = json!([{ "type": "track", "event": "E", "userId": "u", "messageId": "1" }]);
    let answer = desk.batch(event.clone()).await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        answer.text()
    );
    let seconds: u32 = answer.header("retry-after").parse().expect("whole seconds");
    assert!((1..=300).contains(&seconds));
    desk.broken.store(false, Ordering::SeqCst);
    assert_eq!(desk.batch(event).await.json()["okEvents"], 1);
    let counts = desk.api("GET", "/api/v1/counts", None).await.json();
    assert_eq!(
        (&counts["facts_accepted"], &counts["facts_duplicate"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn the_browsers_preflight_is_mirrored() {
    let desk = Desk::open().await;
    let headers = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,content-type,x-retry-count",
        ),
    ];
    for path in ["/v1/t", "/v1/b", "/v1/m", "/v1/projects/k/settings"] {
        let answer = desk.send(request("OPTIONS", path, &headers, Body::empty())).await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://shop.example",
            "{path}"
        );
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "authorization,content-type,x-retry-count"
        );
        assert!(answer.header("access-control-allow-methods").contains("POST"));
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
    }
    // What goes wrong must be readable for the page too, or its client can't tell whether to send again.
    let refused = desk
        .post("/v1/t", &[("origin", "https://shop.example")], "{}")
        .await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert!(
        refused
            .headers
            .get_all("vary")
            .iter()
            .any(|vary| vary == "Origin")
    );
}

#[tokio::test]
async fn settings_make_the_browsers_client_send_here() {
    let desk = Desk::open().await;
    let key = &desk.write_key;
    for path in ["/v1/projects", "/projects", "/v1/projects/projects"] {
        let answer = desk
            .get(
                &format!("{path}/{key}/settings"),
                &[("origin", "https://shop.example")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let settings = answer.json();
        let segment = &settings["integrations"]["Segment.io"];
        assert_eq!(segment["apiKey"], json!(key));
        assert_eq!(segment["apiHost"], "bell.example:7878/v1");
        assert_eq!(segment["protocol"], "http");
        assert_eq!(
            settings["integrations"].as_object().map(serde_json::Map::len),
            Some(1)
        );
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "https://shop.example"
        );
    }
    assert_eq!(
        desk.get("/v1/projects/nobody/settings", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let outside = Desk::open_as(Some("https://bell.acme.example/")).await;
    let answer = outside
        .get(&format!("/v1/projects/{}/settings", outside.write_key), &[])
        .await
        .json();
    assert_eq!(
        answer["integrations"]["Segment.io"]["apiHost"],
        "bell.acme.example/v1"
    );
    assert_eq!(answer["integrations"]["Segment.io"]["protocol"], "https");
}

#[tokio::test]
async fn what_was_refused_or_left_out_is_listed_and_counted() {
    let desk = Desk::open().await;
    desk.post("/v1/batch", &[JSON], "{\"batch\":[").await;
    desk.post("/v1/t", &[JSON], r#"{"event":"E","userId":"u"}"#).await;
    desk.post("/v1/t", &[JSON], r#"{"event":"E","userId":"u"}"#).await;
    desk.post("/v1/purchase", &[JSON], "{}").await;
    desk.get("/api/v1/counts", &[("authorization", "Bearer bw_admin_guess")])
        .await;
    // A request with nothing good in it, and one with a bad value. Both are answered when they are durable, and so is
    // what came before them.
    desk.batch(json!([{ "type": "identify", "messageId": "1" }, 5]))
        .await;
    let raw = format!(
        r#"{{"writeKey":"{}","batch":[{{"type":"track","event":"E","userId":"u","properties":{{"b":NaN}}}}]}}"#,
        desk.write_key
    );
    desk.post("/v1/batch", &[JSON], raw).await;
    let findings = desk.api("GET", "/api/v1/findings", None).await.json();
    let mut found: Vec<String> = findings["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {}: {} x{}",
                text("kind"),
                text("subject"),
                text("reason"),
                item["count"]
            )
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "dropped_value properties.b: not a finite number x1",
            "no_message_id write key 1: an event without a `messageId` counts again when it is sent again x1",
            "refused_event write key 1: an event must be an object x1",
            "refused_event write key 1: nobody is named x1",
            "refused_request /api/v1: no admin key that is known x1",
            "refused_request /v1/batch: the body is not a call: the text ends where a value should be x1",
            "refused_request /v1/t: no write key that is known x2",
            "refused_request /v1: no such call x1",
        ]
    );
    let counts = desk.api("GET", "/api/v1/counts", None).await.json();
    assert_eq!(
        (&counts["facts_accepted"], &counts["facts_refused"]),
        (&json!(1), &json!(2))
    );
}

#[tokio::test]
async fn refusals_during_an_outage_are_listed_after_it() {
    let desk = Desk::open().await;
    desk.broken.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        desk.post("/v1/t", &[JSON], r#"{"event":"E","userId":"u"}"#).await;
    }
    let event = json!([{ "type": "track", "event": "E", "userId": "u", "messageId": "1" }]);
    // Answered, so all that came before it was tried, and failed.
    desk.batch(event.clone()).await;
    desk.broken.store(false, Ordering::SeqCst);
    desk.post("/v1/t", &[JSON], r#"{"event":"E","userId":"u"}"#).await;
    desk.batch(event).await;
    let findings = desk.api("GET", "/api/v1/findings", None).await.json();
    assert_eq!(findings["items"][0]["count"], 4, "{findings}");
}

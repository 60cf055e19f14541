//! What machines do, from the wire to the page: held, listed with the reason, and released.

use axum::http::StatusCode;
use serde_json::json;

use crate::desk::{Desk, PASSWORD};

const HEADLESS: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0";

/// Somebody known, in whose name a headless browser asks for a demo.
async fn asked_for_by_a_machine(desk: &Desk) {
    let context = json!({ "userAgent": HEADLESS });
    let events = json!([
        { "type": "identify", "userId": "kim", "traits": {
            "email": "kim@buyer.example", "name": "Kim <b>Lee</b>", "title": "VP Sales" } },
        { "type": "page", "userId": "kim", "properties": { "path": "/pricing" }, "context": context },
        { "type": "track", "event": "Demo Requested", "userId": "kim", "context": context },
    ]);
    assert_eq!(desk.batch(events).await.json()["okEvents"], 3);
}

async fn handoffs(desk: &Desk) -> usize {
    let answer = desk.api("GET", "/api/v1/handoffs", None).await.json();
    answer["items"].as_array().map_or(0, Vec::len)
}

fn csrf(page: &str) -> &str {
    let (_, after) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    after.split('"').next().unwrap_or_default()
}

#[tokio::test]
async fn what_a_machine_asks_for_is_held_until_somebody_releases_it() {
    let desk = Desk::open().await;
    asked_for_by_a_machine(&desk).await;
    assert_eq!(handoffs(&desk).await, 0);
    let listed = desk
        .api("GET", "/api/v1/suspects?rule=agents&lead=1", None)
        .await
        .json();
    let items = listed["items"].as_array().expect("a list");
    assert_eq!(items.len(), 2, "{listed}");
    assert_eq!(items[0]["name"], "Demo Requested");
    assert_eq!(items[0]["reason"], "sent by HeadlessChrome, which is a program");
    let timeline = desk.api("GET", "/api/v1/leads/1/events", None).await.json();
    assert_eq!(timeline["items"][0]["suspect"]["rule"], "agents", "{timeline}");
    let wrong = desk.api("GET", "/api/v1/suspects?rule=robots", None).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);

    let demo = format!("/api/v1/suspects/{}/release", items[0]["event"]);
    let released = desk.api("POST", &demo, None).await;
    assert_eq!(released.json(), json!({ "lead": 1, "events": 1 }));
    assert_eq!(desk.api("POST", &demo, None).await.status, StatusCode::CONFLICT);
    assert_eq!(handoffs(&desk).await, 1);
    let rest = desk
        .api(
            "POST",
            "/api/v1/leads/1/release",
            Some(json!({ "rule": "agents" })),
        )
        .await;
    assert_eq!(rest.json(), json!({ "lead": 1, "events": 1 }));
    let counts = desk.api("GET", "/api/v1/suspects/counts", None).await.json();
    assert_eq!(
        counts["items"][0],
        json!({ "rule": "agents", "held": 0, "released": 2 })
    );
    let all = desk.api("GET", "/api/v1/counts", None).await.json();
    assert_eq!(
        (&all["suspects_held"], &all["suspects_released"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(
        desk.api("DELETE", &demo, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        desk.api("DELETE", &demo, None).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(handoffs(&desk).await, 1, "what was decided stays decided");
}

#[tokio::test]
async fn the_page_lists_what_is_held_and_its_button_releases_it() {
    let desk = Desk::open().await;
    let marketing =
        json!({ "name": "Mo", "email": "mo@acme.example", "password": PASSWORD, "role": "marketing" });
    let made = desk.api("POST", "/api/v1/users", Some(marketing)).await;
    assert!(made.status.is_success(), "{}", made.text());
    let cookie = desk.sign_in_as("mo@acme.example").await;
    let empty = desk.page("/suspects", &cookie).await;
    assert!(empty.text().contains("Nothing is held here"), "{}", empty.text());
    asked_for_by_a_machine(&desk).await;
    let page = desk.page("/suspects", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    for shown in [
        "2 events are held and not scored",
        "HeadlessChrome",
        "Demo Requested",
        "Kim &lt;b&gt;Lee",
    ] {
        assert!(
            page.text().contains(shown)
                || page
                    .text()
                    .contains(&shown.replace("&lt;", "&#60;").replace("&gt;", "&#62;")),
            "{shown}: {}",
            page.text()
        );
    }
    let lead = desk.page("/leads/1", &cookie).await;
    assert!(lead.text().contains("Held, not scored:"), "{}", lead.text());
    let token = csrf(page.text()).to_owned();
    let foreign = desk
        .form("/leads/1/release", &cookie, "csrf=guess&back=/suspects")
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(handoffs(&desk).await, 0);
    let form = format!("csrf={token}&back=/suspects%3Frule%3Dagents&rule=");
    let done = desk.form("/leads/1/release", &cookie, &form).await;
    assert_eq!(done.header("location"), "/suspects?rule=agents&done=released");
    assert_eq!(handoffs(&desk).await, 1);
    let lead = desk.page("/leads/1", &cookie).await;
    assert!(lead.text().contains("released by user"), "{}", lead.text());
    let gone = desk
        .form(
            "/suspects/2/release",
            &cookie,
            &format!("csrf={token}&back=/suspects"),
        )
        .await;
    assert_eq!(gone.header("location"), "/suspects?done=gone");
}

#[tokio::test]
async fn sales_sees_what_is_held_and_releases_nothing() {
    let desk = Desk::open().await;
    let cookie = desk.sign_in().await;
    asked_for_by_a_machine(&desk).await;
    let mut token = String::new();
    for path in ["/suspects", "/leads/1"] {
        let page = desk.page(path, &cookie).await;
        assert!(page.text().contains("HeadlessChrome"), "{}", page.text());
        assert!(!page.text().contains("/release\""), "{}", page.text());
        csrf(page.text()).clone_into(&mut token);
    }
    let form = format!("csrf={token}&back=/suspects&rule=");
    for path in ["/leads/1/release", "/suspects/2/release"] {
        let refused = desk.form(path, &cookie, &form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(refused.text().contains("Only marketing and admins"), "{path}");
    }
    assert_eq!(handoffs(&desk).await, 0);
}

#[tokio::test]
async fn a_beacons_own_agent_counts_and_a_servers_library_is_nobodys() {
    let desk = Desk::open().await;
    let event = |id: &str| {
        let call = json!({ "type": "page", "messageId": id, "userId": "kim", "writeKey": desk.write_key, "properties": { "path": "/" } });
        call.to_string()
    };
    for (kind, agent, message) in [
        ("application/json", "python-requests/2.32.3", "1"),
        (
            "text/plain",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "2",
        ),
        ("text/plain", "Mozilla/5.0 (compatible; bingbot/2.0)", "3"),
    ] {
        let headers = [("content-type", kind), ("user-agent", agent)];
        let answer = desk.post("/v1/p", &headers, event(message)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let listed = desk.api("GET", "/api/v1/suspects", None).await.json();
    let items = listed["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1, "{listed}");
    assert_eq!(items[0]["reason"], "sent by bingbot, which is a program");
}

//! A visitor's company by the network that they come from: the account and never the person, and no address is kept.

use std::path::Path;

use axum::http::StatusCode;
use bellwether_server::VisitorOptions;
use bellwether_testkit::mmdb::mmdb;
use serde_json::{Value, json};

use crate::desk::Desk;

const JSON: (&str, &str) = ("content-type", "application/json");
const ORIGIN: (&str, &str) = ("origin", "https://acme.example");

async fn desk(file: &Path, visitors: VisitorOptions) -> Desk {
    let networks = [
        (
            "192.0.2.0/24",
            json!({ "domain": "globex.example", "name": "Globex", "type": "business", "country": { "iso_code": "AT" } }),
        ),
        ("198.51.100.0/24", json!({ "domain": "initech.example" })),
        (
            "203.0.113.0/24",
            json!({ "domain": "host.example", "type": "hosting" }),
        ),
    ];
    std::fs::write(file, mmdb(&networks)).expect("a file");
    let file = file.to_owned();
    Desk::open_with(|options, server| {
        options.networks.files = vec![file];
        server.visitors = visitors;
    })
    .await
}

fn viewed(id: &str, address: Option<&str>) -> Value {
    let mut context = json!({});
    if let Some(address) = address {
        context["ip"] = json!(address);
    }
    json!({ "type": "page", "anonymousId": id, "properties": { "path": "/pricing" }, "context": context })
}

async fn lead(desk: &Desk, query: &str) -> Value {
    let lead = desk
        .api("GET", &format!("/api/v1/leads?{query}"), None)
        .await
        .json();
    let id = lead["items"][0]["id"].as_i64().expect("a lead");
    desk.api("GET", &format!("/api/v1/leads/{id}"), None).await.json()
}

#[tokio::test]
async fn a_visitor_is_put_under_the_company_of_the_network_and_nothing_of_them_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = desk(&folder.path().join("companies.mmdb"), VisitorOptions::default()).await;
    let sent = [
        ("globex", Some("192.0.2.7"), Some("Globex")),
        ("initech", Some("198.51.100.7"), Some("initech.example")),
        ("hosted", Some("203.0.113.7"), None),
        ("withheld", Some("0.0.0.0"), None),
        ("nowhere", Some("not an address"), None),
        ("server", None, None),
    ];
    let batch: Vec<Value> = sent.iter().map(|(id, address, _)| viewed(id, *address)).collect();
    assert_eq!(desk.batch(json!(batch)).await.status, StatusCode::OK);
    for (id, _, account) in sent {
        let shown = lead(&desk, &format!("anonymous_id={id}")).await;
        assert_eq!(shown["lead"]["account"]["name"].as_str(), account, "{id}");
        assert_eq!(shown["account_by"].as_str(), account.map(|_| "network"), "{id}");
        assert_eq!(shown["traits"], json!([]), "{id}");
        assert!(!shown.to_string().contains("192.0.2.7"), "{shown}");
    }
    let properties = &lead(&desk, "anonymous_id=globex").await["events"]["items"][0]["properties"];
    assert_eq!(
        *properties,
        json!({ "path": "/pricing", "context.location.country": "AT" })
    );
}

#[tokio::test]
async fn mail_at_a_company_and_a_group_call_go_before_the_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = desk(&folder.path().join("companies.mmdb"), VisitorOptions::default()).await;
    let account = async |user: &str| {
        let shown = lead(&desk, &format!("user_id={user}")).await;
        (
            shown["lead"]["account"]["name"].clone(),
            shown["account_by"].clone(),
        )
    };
    let identify = |user: &str, email: &str| json!({ "type": "identify", "userId": user, "traits": { "email": email }, "context": { "ip": "192.0.2.7" } });
    desk.batch(json!([
        identify("u1", "ana@acme.example"),
        identify("u2", "bob@gmail.com")
    ]))
    .await;
    assert_eq!(account("u1").await, (json!("acme.example"), json!("email")));
    assert_eq!(account("u2").await, (json!("Globex"), json!("network")));
    // Later networks change nothing, and better knowledge does.
    desk.batch(json!([
        { "type": "track", "event": "E", "userId": "u1", "context": { "ip": "198.51.100.7" } },
        { "type": "track", "event": "E", "userId": "u2", "context": { "ip": "198.51.100.7" } },
    ]))
    .await;
    assert_eq!(account("u1").await, (json!("acme.example"), json!("email")));
    assert_eq!(account("u2").await, (json!("Globex"), json!("network")));
    desk.pass(1);
    desk.batch(json!([identify("u2", "bob@acme.example")])).await;
    assert_eq!(account("u2").await, (json!("acme.example"), json!("email")));
    desk.batch(
        json!([{ "type": "group", "userId": "u2", "groupId": "g1", "traits": { "name": "Acme" },
        "context": { "ip": "192.0.2.7" } }]),
    )
    .await;
    assert_eq!(account("u2").await, (json!("Acme"), json!("group")));
}

#[tokio::test]
async fn behind_a_proxy_the_browsers_address_counts_and_is_kept_only_where_that_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = VisitorOptions {
        trusted_proxies: 1,
        keep_ip: true,
    };
    let desk = desk(&folder.path().join("companies.mmdb"), options).await;
    let forwarded = ("x-forwarded-for", "198.51.100.7, 192.0.2.7");
    for (id, headers, account) in [
        ("browser", vec![JSON, ORIGIN, forwarded], json!("Globex")),
        ("server", vec![JSON, forwarded], Value::Null),
    ] {
        let mut body = viewed(id, None);
        body["writeKey"] = json!(desk.write_key);
        let answer = desk.post("/v1/page", &headers, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK);
        let shown = lead(&desk, &format!("anonymous_id={id}")).await;
        assert_eq!(shown["lead"]["account"]["name"], account, "{id}");
        let kept = &shown["events"]["items"][0]["properties"]["context.ip"];
        let expected = if account.is_null() {
            Value::Null
        } else {
            json!("192.0.2.7")
        };
        assert_eq!(*kept, expected, "{id}");
    }
}

//! Who says a trait: a write key may speak as the CRM, and what the person said holds before that.

use axum::http::StatusCode;
use serde_json::json;

use crate::desk::Desk;

async fn identify(desk: &Desk, key: &str, title: &str) {
    let body = json!({ "writeKey": key, "userId": "u1", "traits": { "title": title } });
    let answer = desk
        .post(
            "/v1/identify",
            &[("content-type", "application/json")],
            body.to_string(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn what_a_key_of_the_crm_says_gives_way_to_the_person() {
    let desk = Desk::open().await;
    let wanted = json!({ "class": "write", "name": "HubSpot", "speaks_as": "crm" });
    let made = desk.api("POST", "/api/v1/keys", Some(wanted)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(made.json()["key"]["speaks_as"], "crm");
    let crm = made.json()["secret"].as_str().expect("a secret").to_owned();
    let title = async || {
        let lead = desk.api("GET", "/api/v1/leads?user_id=u1", None).await.json();
        let id = lead["items"][0]["id"].as_i64().expect("a lead");
        let lead = desk.api("GET", &format!("/api/v1/leads/{id}"), None).await.json();
        let traits = lead["traits"].as_array().expect("traits").clone();
        traits
            .into_iter()
            .find(|known| known["name"] == "title")
            .expect("a title")
    };
    identify(&desk, &crm, "Manager").await;
    assert_eq!(title().await["source"], "crm");
    identify(&desk, &desk.write_key, "Director").await;
    desk.pass(1);
    identify(&desk, &crm, "Vice President").await;
    let title = title().await;
    assert_eq!(
        (title["value"].as_str(), title["source"].as_str()),
        (Some("Director"), Some("stated"))
    );
    let overridden = &title["overridden"][0];
    assert_eq!(
        (overridden["value"].as_str(), overridden["source"].as_str()),
        (Some("Vice President"), Some("crm"))
    );
    for wrong in ["derived", "nobody"] {
        let wanted = json!({ "class": "write", "name": "x", "speaks_as": wrong });
        let answer = desk.api("POST", "/api/v1/keys", Some(wanted)).await;
        assert!(answer.status.is_client_error(), "{wrong}: {}", answer.text());
    }
}

#[tokio::test]
async fn enrichers_are_put_listed_and_removed_without_their_secrets() {
    let desk = Desk::open().await;
    let source = "name = \"companies\"\n[request]\nurl = \"https://api.example/v2?domain={{ domain }}\"\n\
        headers = { X-Api-Key = \"{{ secret }}\" }\n[answer]\nemployees = \"company.employees\"\n";
    let put = json!({ "source": source, "secret": "sk-live-123" });
    let answer = desk.api("PUT", "/api/v1/enrichers", Some(put)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let listed = desk.api("GET", "/api/v1/enrichers", None).await;
    assert_eq!(listed.json()["items"][0], answer.json());
    assert_eq!(answer.json()["address"], "https://api.example/v2");
    assert_eq!(answer.json()["asks_with"], json!(["domain"]));
    assert_eq!(answer.json()["sets"], json!(["employees"]));
    assert_eq!(answer.json()["lacks_secret"], false);
    assert!(!listed.text().contains("sk-live"), "{}", listed.text());
    let elsewhere = json!({ "source": source.replace("api.example", "other.example") });
    let refused = desk.api("PUT", "/api/v1/enrichers", Some(elsewhere)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text().contains("give the secret again"),
        "{}",
        refused.text()
    );
    let bad = json!({ "source": source.replace("https://api", "https://{{ domain }}") });
    let refused = desk.api("PUT", "/api/v1/enrichers", Some(bad)).await;
    assert!(refused.status.is_client_error());
    assert!(
        refused.text().contains("line 3: ") && refused.text().contains("fields only after the host"),
        "{}",
        refused.text()
    );
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        let removed = desk.api("DELETE", "/api/v1/enrichers/companies", None).await;
        assert_eq!(removed.status, status);
    }
}

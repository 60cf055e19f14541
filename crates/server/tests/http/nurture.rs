//! Who wants no more mail, what is done for a lead, and the page behind an unsubscribe link.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn an_address_is_unsubscribed_listed_and_taken_back() {
    let desk = Desk::open().await;
    let path = "/api/v1/unsubscribes/Eve%40Buyer.example";
    assert_eq!(desk.api("GET", path, None).await.status, 404);
    assert_eq!(desk.api("PUT", path, None).await.status, 204);
    assert_eq!(desk.api("PUT", path, None).await.status, 204);
    let listed = desk.api("GET", "/api/v1/unsubscribes", None).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["items"][0]["address"], "eve@buyer.example");
    assert_eq!(listed["items"][0]["how"], "hand");
    assert_eq!(desk.api("DELETE", path, None).await.status, 204);
    assert_eq!(desk.api("DELETE", path, None).await.status, 404);
    assert_eq!(
        desk.api("PUT", "/api/v1/unsubscribes/eve", None).await.status,
        422
    );
    assert_eq!(desk.get("/api/v1/unsubscribes", &[]).await.status, 401);
}

#[tokio::test]
async fn a_lead_without_a_track_has_none_and_a_link_that_nobody_sent_leads_nowhere() {
    let desk = Desk::open().await;
    desk.qualify("ana", "Ana").await;
    let done = desk.api("GET", "/api/v1/leads/1/nurture", None).await.json();
    assert_eq!(
        done,
        json!({ "tracks": [], "messages": [], "unsubscribed_at": Value::Null })
    );
    assert_eq!(desk.api("GET", "/api/v1/leads/9/nurture", None).await.status, 404);
    let none = desk
        .api("GET", "/api/v1/nurture?state=running", None)
        .await
        .json();
    assert_eq!(none["items"], json!([]));
    assert_eq!(
        desk.api("GET", "/api/v1/nurture/counts", None).await.json()["items"],
        json!([])
    );
    assert_eq!(
        desk.api("GET", "/api/v1/messages/x/preview", None).await.status,
        404
    );
    let link = format!("/u/{}", "0".repeat(32));
    assert_eq!(desk.get(&link, &[]).await.status, 404);
    assert_eq!(
        desk.form(&link, "", "List-Unsubscribe=One-Click").await.status,
        404
    );
    assert_eq!(desk.form(&link, "", "wish=nothing").await.status, 400);
}

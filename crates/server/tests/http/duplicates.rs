//! Who is who, by hand: pairs are shown, compared, merged, parted and dismissed, over REST and on the pages.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::desk::{Desk, PASSWORD};
use crate::pages::{assert_page, field};

/// Two people of one name at one company; gives their numbers.
async fn two_of_one_name(desk: &Desk) -> (i64, i64) {
    let person = |user: &str, email: &str| json!({ "type": "identify", "userId": user, "traits": { "email": email, "name": "Kim <b>Lee</b>" } });
    desk.batch(json!([
        person("kim", "kim@buyer.example"),
        person("lee", "k.lee@buyer.example"),
        { "type": "track", "event": "Demo Requested", "userId": "lee" },
    ]))
    .await;
    let mut ids = Vec::new();
    for user in ["kim", "lee"] {
        let found = desk
            .api("GET", &format!("/api/v1/leads?user_id={user}"), None)
            .await
            .json();
        ids.push(found["items"][0]["id"].as_i64().expect("a number"));
    }
    (ids[0], ids[1])
}

async fn lead(desk: &Desk, id: i64) -> Value {
    desk.api("GET", &format!("/api/v1/leads/{id}"), None).await.json()
}

#[tokio::test]
async fn leads_are_merged_and_parted_over_rest_with_a_preview_of_each() {
    let desk = Desk::open().await;
    let (one, other) = two_of_one_name(&desk).await;
    let pairs = desk.api("GET", "/api/v1/pairs", None).await.json();
    assert_eq!(pairs["items"][0]["one"]["id"], one, "{pairs}");
    assert_eq!(
        pairs["items"][0]["reason"],
        "the same name, both at buyer.example"
    );

    let merge = format!("/api/v1/leads/{other}/merge");
    let with = || Some(json!({ "with": one }));
    let preview = desk
        .api("POST", &format!("{merge}?preview=true"), with())
        .await
        .json();
    assert_eq!(preview["done"], false);
    assert_eq!(preview["before"].as_array().map(Vec::len), Some(2));
    assert_eq!(preview["after"][0]["facts"], 3, "{preview}");
    assert_eq!(lead(&desk, other).await["merged_into"], Value::Null);

    let done = desk.api("POST", &merge, with()).await.json();
    assert_eq!((&done["done"], &done["after"]), (&json!(true), &preview["after"]));
    let merged = lead(&desk, other).await;
    assert_eq!(merged["merged_into"], one);
    assert_eq!(merged["joined"][0]["id"], other);
    assert_eq!(merged["joined"][0]["reason"], "merged by hand");
    let again = desk.api("POST", &merge, with()).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    let unmerge = format!("/api/v1/leads/{other}/unmerge");
    let preview = desk
        .api("POST", &format!("{unmerge}?preview=true"), None)
        .await
        .json();
    assert_eq!(preview["after"].as_array().map(Vec::len), Some(2), "{preview}");
    let done = desk.api("POST", &unmerge, None).await.json();
    assert_eq!(done["after"], preview["after"]);
    assert_eq!(lead(&desk, other).await["merged_into"], Value::Null);
    let none = desk.api("POST", "/api/v1/leads/99/unmerge", None).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_pair_is_compared_and_merged_on_the_pages_by_marketing_alone() {
    let desk = Desk::open().await;
    let (one, other) = two_of_one_name(&desk).await;
    let marketing =
        json!({ "name": "Mo", "email": "mo@acme.example", "password": PASSWORD, "role": "marketing" });
    let made = desk.api("POST", "/api/v1/users", Some(marketing)).await;
    assert!(made.status.is_success(), "{}", made.text());
    let (sales, marketing) = (desk.sign_in().await, desk.sign_in_as("mo@acme.example").await);

    let list = desk.page("/duplicates", &sales).await;
    assert_page(&list);
    assert!(list.text().contains("the same name, both at buyer.example"));
    assert!(!list.text().contains("<b>Lee</b>") && !list.text().contains("Not the same"));
    let question = format!("/leads/{one}/merge?with={other}");
    let asked = desk.page(&question, &sales).await;
    assert_page(&asked);
    assert!(asked.text().contains("Only marketing and admins"));
    for slip in ["x", "", "99"] {
        let answer = desk
            .page(&format!("/leads/{one}/merge?with={slip}"), &marketing)
            .await;
        assert!(answer.status.is_client_error(), "{slip}: {}", answer.status);
    }

    let asked = desk.page(&question, &marketing).await;
    assert_page(&asked);
    let csrf = field(asked.text(), "csrf").to_owned();
    let form = format!("csrf={csrf}&with={other}");
    let merge = format!("/leads/{one}/merge");
    let refused = desk.form(&merge, &sales, &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let merged = desk.form(&merge, &marketing, &form).await;
    assert_eq!(merged.header("location"), format!("/leads/{one}"));
    let page = desk.page(&format!("/leads/{one}"), &marketing).await;
    assert_page(&page);
    assert!(page.text().contains(&format!("/leads/{other}/unmerge")));

    let asked = desk.page(&format!("/leads/{other}/unmerge"), &marketing).await;
    assert_page(&asked);
    let parted = desk
        .form(
            &format!("/leads/{other}/unmerge"),
            &marketing,
            &format!("csrf={csrf}"),
        )
        .await;
    assert_eq!(parted.header("location"), format!("/leads/{other}"));
    assert!(
        lead(&desk, one).await["joined"]
            .as_array()
            .is_some_and(Vec::is_empty)
    );
}

#[tokio::test]
async fn a_dismissed_pair_is_not_shown_again() {
    let desk = Desk::open().await;
    let (one, other) = two_of_one_name(&desk).await;
    let dismissed = desk
        .api(
            "POST",
            "/api/v1/pairs/dismiss",
            Some(json!({ "one": other, "other": one })),
        )
        .await;
    assert_eq!(dismissed.status, StatusCode::NO_CONTENT);
    desk.batch(json!([{ "type": "identify", "userId": "lee", "traits": { "name": "Kim <b>Lee</b>", "title": "VP" } }]))
        .await;
    let pairs = desk.api("GET", "/api/v1/pairs", None).await.json();
    assert_eq!(pairs["items"], json!([]));
}

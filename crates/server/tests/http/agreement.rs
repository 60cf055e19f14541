//! How the agreement changes, over REST and on the page: proposed, signed by two, published; confirmed; run beside; asked
//! what if.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::StatusCode;
use bellwether_app::Role;
use serde_json::{Value, json};

use crate::desk::{AGREEMENT, Answer, Desk, PASSWORD, request};

const PROPOSALS: &str = "/api/v1/agreement/proposals";

/// A view of the prices is enough.
fn lower() -> String {
    AGREEMENT.replace("score = 60", "score = 25")
}

/// A desk where somebody looked at the prices, and marketing has somebody who signs.
async fn desk() -> Desk {
    let desk = Desk::open().await;
    desk.app
        .create_user("Mia Marsh", "mia@acme.example", PASSWORD, Role::Marketing)
        .await
        .expect("a user");
    let events = json!([
        { "type": "identify", "userId": "kim", "traits": {
            "email": "kim@buyer.example", "name": "Kim <b>Lee</b>", "title": "VP Sales" } },
        { "type": "page", "userId": "kim", "properties": { "path": "/pricing" } },
    ]);
    assert_eq!(desk.batch(events).await.json()["okEvents"], 2);
    desk.pass(1);
    desk
}

async fn send(desk: &Desk, path: &str, source: String) -> Answer {
    let key = format!("Bearer {}", desk.admin_key);
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/toml"),
    ];
    desk.send(request("POST", path, &headers, Body::from(source)))
        .await
}

async fn sign(desk: &Desk, id: &Value, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    desk.api("POST", &format!("{PROPOSALS}/{id}/sign"), Some(body))
        .await
}

/// Waits until all leads are judged anew and those who were confirmed are handed off: it goes on between requests.
async fn settle(desk: &Desk) -> Value {
    loop {
        desk.batch(json!([])).await;
        let counts = desk
            .api("GET", "/api/v1/agreement/newly-qualified/counts", None)
            .await
            .json();
        if counts["left"] == 0 && counts["confirmed"] == 0 {
            return counts;
        }
    }
}

async fn handoffs(desk: &Desk) -> usize {
    let answer = desk.api("GET", "/api/v1/handoffs", None).await.json();
    answer["items"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn over_rest_two_people_sign_and_a_retroactive_version_waits_to_be_confirmed() {
    let desk = desk().await;
    let broken = send(&desk, PROPOSALS, lower().replace("title =", "titel =")).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(broken.json()["problems"][0]["severity"], "error");
    let proposed = send(&desk, &format!("{PROPOSALS}?note=more"), lower()).await;
    assert_eq!(proposed.status, StatusCode::CREATED, "{}", proposed.text());
    let id = proposed.json()["id"].clone();
    assert_eq!(proposed.json()["missing"], json!(["marketing", "sales"]));
    let replayed = desk
        .api("POST", &format!("{PROPOSALS}/{id}/replay"), None)
        .await
        .json();
    assert_eq!(
        (
            &replayed["replay"]["judged"],
            &replayed["replay"]["newly"],
            &replayed["note"]
        ),
        (&json!(1), &json!(1), &json!("more")),
        "{replayed}"
    );

    let publish = format!("{PROPOSALS}/{id}/publish");
    let early = desk.api("POST", &publish, Some(json!({}))).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text().contains("nobody of marketing"), "{}", early.text());
    let wrong = sign(&desk, &id, "mia@acme.example", "guess").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN, "{}", wrong.text());
    for email in ["mia@acme.example", "ana@acme.example"] {
        let signed = sign(&desk, &id, email, PASSWORD).await;
        assert_eq!(signed.status, StatusCode::OK, "{}", signed.text());
    }
    let again = sign(&desk, &id, "ana@acme.example", PASSWORD).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let mode = desk.api("POST", &publish, Some(json!({ "mode": "loud" }))).await;
    assert_eq!(mode.status, StatusCode::BAD_REQUEST);
    let published = desk
        .api("POST", &publish, Some(json!({ "mode": "retroactive" })))
        .await
        .json();
    assert_eq!(
        (&published["version"], &published["basis"], &published["mode"]),
        (&json!(2), &json!("signed"), &json!("retroactive"))
    );

    waits_to_be_confirmed(&desk).await;

    let versions = desk.api("GET", "/api/v1/agreement/versions", None).await.json();
    let newest = &versions["items"][0];
    assert_eq!(newest["signatures"][0]["user"]["name"], "Mia Marsh", "{versions}");
    assert_eq!(newest["signatures"][1]["replay"]["newly"], 1);
}

/// Version 2 lists Kim, who is handed off once that is confirmed.
async fn waits_to_be_confirmed(desk: &Desk) {
    let counts = settle(desk).await;
    assert_eq!((&counts["waiting"], handoffs(desk).await), (&json!(1), 0));
    let listed = desk
        .api(
            "GET",
            "/api/v1/agreement/versions/2/newly-qualified?state=waiting",
            None,
        )
        .await
        .json();
    let one = &listed["items"][0];
    assert_eq!(
        (&one["name"], &one["team"], &one["trigger"]),
        (&json!("Kim <b>Lee</b>"), &json!("sdr"), &json!("page"))
    );
    let confirm = "/api/v1/agreement/versions/2/confirm";
    let both = json!({ "all": 1, "leads": [1] });
    assert_eq!(
        desk.api("POST", confirm, Some(both)).await.status,
        StatusCode::BAD_REQUEST
    );
    let stale = desk.api("POST", confirm, Some(json!({ "all": 7 }))).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let confirmed = desk.api("POST", confirm, Some(json!({ "all": 1 }))).await;
    assert_eq!(confirmed.json(), json!({ "decided": 1, "not_waiting": [] }));
    settle(desk).await;
    assert_eq!(handoffs(desk).await, 1);
}

#[tokio::test]
async fn an_older_version_that_nobody_signed_comes_back_only_with_a_reason() {
    let desk = desk().await;
    let key = format!("Bearer {}", desk.admin_key);
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/toml"),
    ];
    let put = request(
        "PUT",
        "/api/v1/agreement?override=a%20test",
        &headers,
        Body::from(lower()),
    );
    assert_eq!(desk.send(put).await.json()["version"], 2);
    let unsigned = desk
        .api("POST", "/api/v1/agreement/versions/1/publish", Some(json!({})))
        .await;
    assert_eq!(unsigned.status, StatusCode::CONFLICT);
    let back = json!({ "override": "it was a mistake" });
    let back = desk
        .api("POST", "/api/v1/agreement/versions/1/publish", Some(back))
        .await
        .json();
    assert_eq!(
        (&back["version"], &back["basis"]),
        (&json!(3), &json!("override"))
    );
}

#[tokio::test]
async fn what_nobody_signed_is_refused_once_there_are_leads() {
    let desk = desk().await;
    let key = format!("Bearer {}", desk.admin_key);
    let put = async |path: &str| {
        let headers = [
            ("authorization", key.as_str()),
            ("content-type", "application/toml"),
        ];
        desk.send(request("PUT", path, &headers, Body::from(lower())))
            .await
    };
    let refused = put("/api/v1/agreement").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("propose it"), "{}", refused.text());
    let forced = put("/api/v1/agreement?override=the%20line%20was%20a%20slip").await;
    assert_eq!(forced.status, StatusCode::OK, "{}", forced.text());
    let findings = desk.api("GET", "/api/v1/findings", None).await;
    assert!(
        findings.text().contains("the line was a slip"),
        "{}",
        findings.text()
    );
}

#[tokio::test]
async fn a_shadow_tells_whom_it_would_have_handed_off() {
    let desk = desk().await;
    let id = send(&desk, PROPOSALS, lower()).await.json()["id"].clone();
    let path = format!("{PROPOSALS}/{id}/shadow");
    let run = desk.api("POST", &path, Some(json!({ "days": 7 }))).await;
    assert_eq!(run.status, StatusCode::CREATED, "{}", run.text());
    desk.pass(1);
    desk.batch(json!([{ "type": "page", "userId": "kim", "properties": { "path": "/pricing" } }]))
        .await;
    desk.pass(1);
    let report = format!("/api/v1/agreement/shadows/{}", run.json()["id"]);
    let told = desk.api("GET", &report, None).await.json();
    assert_eq!(
        (&told["judged"], &told["only_proposed"], &told["only_active"]),
        (&json!(1), &json!(1), &json!(0)),
        "{told}"
    );
    assert_eq!(told["only_proposed_leads"][0]["score"], "40.000");
    assert_eq!(handoffs(&desk).await, 0);
    assert_eq!(desk.api("DELETE", &report, None).await.status, StatusCode::OK);
    assert_eq!(
        desk.api("DELETE", &report, None).await.status,
        StatusCode::CONFLICT
    );
    let listed = desk.api("GET", "/api/v1/agreement/shadows", None).await.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_if_is_answered_line_by_line() {
    let desk = desk().await;
    let answer = send(&desk, "/api/v1/agreement/what-if", lower()).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let last = lines.last().expect("a line");
    assert_eq!(
        (&last["step"], &last["replay"]["judged"], &last["replay"]["newly"]),
        (&json!("exact"), &json!(1), &json!(1)),
        "{lines:?}"
    );
    let broken = send(
        &desk,
        "/api/v1/agreement/what-if",
        "[agreement]\nname = 3".to_owned(),
    )
    .await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = send(&desk, "/api/v1/agreement/what-if", "#".repeat(1_048_577)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_agreement_is_replayed_over_the_whole_history() {
    let desk = desk().await;
    let replay = |words: &str| format!("/api/v1/agreement/replay{words}");
    let active = send(&desk, &replay(""), String::new()).await.json();
    assert_eq!(
        (&active["leads"], &active["handed_off"]["hits"]),
        (&json!(1), &json!(0)),
        "{active}"
    );
    let lower_line = send(&desk, &replay("?capacity=5&people=2"), lower()).await.json();
    assert_eq!(lower_line["handed_off"]["hits"], json!(1), "{lower_line}");
    assert_eq!(lower_line["capacity"]["per_week"], json!(5), "{lower_line}");
    assert_eq!(lower_line["load"]["people"], json!(2), "{lower_line}");
    let before = send(&desk, &replay("?to=1999-12-31"), lower()).await.json();
    assert_eq!(before["leads"], json!(0), "{before}");
    for wrong in ["?from=yesterday", "?capacity=0", "?until=2026-01-31"] {
        let refused = send(&desk, &replay(wrong), lower()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let backwards = send(&desk, &replay("?from=2026-02-01&to=2026-01-31"), lower()).await;
    assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY);
    let broken = send(&desk, &replay(""), "[agreement]\nname = 3".to_owned()).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
}

fn csrf(page: &str) -> &str {
    let (_, after) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    after.split('"').next().unwrap_or_default()
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        // Writing to a string doesn't fail.
        let _ = write!(text, "%{byte:02X}");
        text
    })
}

#[tokio::test]
async fn on_the_page_all_of_it_works_by_plain_forms() {
    const CHANGES: &str = "/agreement/changes";
    let desk = desk().await;
    let (mia, ana) = (desk.sign_in_as("mia@acme.example").await, desk.sign_in().await);
    let page = desk.page(CHANGES, &mia).await;
    assert!(page.text().contains("Check and propose"), "{}", page.text());
    let token = csrf(page.text()).to_owned();
    let form = |source: &str| format!("csrf={token}&note=more&source={}", encoded(source));
    let broken = desk
        .form(
            "/agreement/proposals",
            &mia,
            &form("[agreement]\nname = \"</textarea><b>\"\n"),
        )
        .await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.text().contains("It wasn’t proposed") && !broken.text().contains("</textarea><b>"));
    let foreign = desk.form("/agreement/proposals", &mia, "csrf=x&source=y").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let windows = lower().replace('\n', "\r\n");
    let proposed = desk.form("/agreement/proposals", &mia, &form(&windows)).await;
    assert_eq!(proposed.status, StatusCode::SEE_OTHER, "{}", proposed.text());
    desk.api("POST", &format!("{PROPOSALS}/1/replay"), None).await;
    let page = desk.page(CHANGES, &mia).await;
    for text in ["Proposal 1: more", "1 newly", "Sign for marketing"] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    assert!(!page.text().contains("Sign for sales") && !page.text().contains("Publish from now on"));

    for (cookie, department) in [(&mia, "marketing"), (&ana, "sales")] {
        let page = desk.page(CHANGES, cookie).await;
        let form = format!("csrf={}&department={department}", csrf(page.text()));
        let signed = desk.form("/agreement/proposals/1/sign", cookie, &form).await;
        assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text());
    }
    let form = format!("csrf={token}&days=7");
    let run = desk.form("/agreement/proposals/1/shadow", &mia, &form).await;
    assert_eq!(run.status, StatusCode::SEE_OTHER, "{}", run.text());
    let report = desk.page("/agreement/shadows/1", &mia).await;
    assert!(report.text().contains("It hands nobody off"), "{}", report.text());
    let form = format!("csrf={token}&mode=retroactive");
    let published = desk.form("/agreement/proposals/1/publish", &mia, &form).await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.text());
    settle(&desk).await;
    let page = desk.page(CHANGES, &mia).await;
    for text in [
        "Whom version 2 would newly hand off",
        "Kim &#60;b&#62;Lee&#60;/b&#62;",
        "Hand all 1 off",
        "Mia Marsh (marketing), Ana Okoye (sales)",
    ] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    let form = format!("csrf={token}&version=2&lead=1&act=hand-off");
    let confirmed = desk.form("/agreement/confirm", &mia, &form).await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER, "{}", confirmed.text());
    settle(&desk).await;
    assert_eq!(handoffs(&desk).await, 1);
}

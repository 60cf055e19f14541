//! The pages: who sees them, what they let happen, and that nothing that leads are called can hurt them.

use axum::http::StatusCode;
use futures_util::StreamExt as _;
use serde_json::json;

use crate::desk::{Answer, Desk};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(crate) fn assert_page(answer: &Answer) {
    assert_eq!(
        answer.header("content-type"),
        "text/html; charset=utf-8",
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("content-security-policy"), POLICY);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_well_formed(answer.text());
}

/// Every element that is opened is closed in its turn, and nothing stands in the page that its policy forbids.
fn assert_well_formed(html: &str) {
    const VOID: [&str; 4] = ["meta", "link", "input", "br"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n', '/'])
            .next()
            .unwrap_or_default();
        let bare: String = tag.split('"').step_by(2).collect();
        assert!(
            !bare.contains(" style=") && !bare.contains(" on"),
            "inline style or script in <{tag}>"
        );
        if tag.starts_with('!') || tag.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "at </{name}>");
        } else {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

/// The first value of a hidden field.
pub(crate) fn field<'p>(page: &'p str, name: &str) -> &'p str {
    let marker = format!("name=\"{name}\" value=\"");
    let start = page
        .find(&marker)
        .unwrap_or_else(|| panic!("no {name} in {page}"))
        + marker.len();
    page[start..].split('"').next().unwrap_or_default()
}

#[tokio::test]
async fn a_stranger_is_shown_the_door_and_comes_back_to_where_they_wanted() {
    let desk = Desk::open().await;
    for (path, door) in [
        ("/", "/sign-in"),
        ("/leads/3?x=1&y", "/sign-in?next=/leads/3%3Fx%3D1%26y"),
        ("/live", "/sign-in?next=/live"),
    ] {
        for cookie in ["", "bellwether=guess", "bellwether=", "other=1; bellwether=x"] {
            let answer = desk.page(path, cookie).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert_eq!(answer.header("location"), door);
        }
    }
    let door = desk.page("/sign-in?next=%2Fleads%2F3", "").await;
    assert_page(&door);
    assert_eq!(field(door.text(), "next"), "/leads/3");
    let outside = desk.page("/sign-in?next=https%3A%2F%2Fevil.example", "").await;
    assert_eq!(field(outside.text(), "next"), "/");
    let hostile = desk
        .form("/sign-in", "", "email=%22%3E%3Cscript%3E&password=x&next=/")
        .await;
    assert_eq!(hostile.status, StatusCode::UNAUTHORIZED);
    assert_page(&hostile);
    assert!(!hostile.text().contains("<script>"));
    assert_eq!(hostile.header("set-cookie"), "");
    assert_eq!(
        desk.form("/sign-in", "", "email=x").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_sessions_cookie_is_out_of_reach_and_ends() {
    let desk = Desk::open().await;
    let form = "email=ana%40acme.example&password=correct+horse+battery+staple&next=/agreement";
    let answer = desk.form("/sign-in", "", form).await;
    assert_eq!(answer.header("location"), "/agreement");
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("bellwether=") && cookie.contains("; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"), "plain HTTP");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let inbox = desk.page("/", &cookie).await;
    assert_page(&inbox);
    let csrf = field(inbox.text(), "csrf").to_owned();
    assert_eq!(
        desk.form("/sign-out", &cookie, "csrf=wrong").await.status,
        StatusCode::FORBIDDEN
    );
    let out = desk.form("/sign-out", &cookie, &format!("csrf={csrf}")).await;
    assert_eq!(out.header("location"), "/sign-in");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        desk.page("/", &cookie).await.status,
        StatusCode::SEE_OTHER,
        "the session is gone"
    );

    let secure = Desk::open_as(Some("https://bell.acme.example")).await;
    let answer = secure.form("/sign-in", "", form).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-bellwether=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_salesperson_sees_whom_to_call_and_takes_them() {
    let desk = Desk::open().await;
    let cookie = desk.sign_in().await;
    let empty = desk.page("/", &cookie).await;
    assert_page(&empty);
    assert!(empty.text().contains("Nobody to call just now"));
    desk.qualify("kim", "Kim Lee").await;
    desk.pass(5);
    let inbox = desk.page("/", &cookie).await;
    assert_page(&inbox);
    for text in [
        "Kim Lee",
        "VP Sales · Buyer &#60;Inc&#62;",
        "Demo Requested",
        "in 115 min",
        "today, 12:00",
        "1 lead to call",
    ] {
        assert!(inbox.text().contains(text), "no {text} in {}", inbox.text());
    }
    assert!(!inbox.text().contains("Overdue"));
    desk.pass(180);
    let late = desk.page("/", &cookie).await;
    assert!(
        late.text().contains("Overdue") && late.text().contains("1 overdue"),
        "{}",
        late.text()
    );

    let csrf = field(late.text(), "csrf").to_owned();
    let handoffs = desk.api("GET", "/api/v1/handoffs", None).await.json();
    let path = format!("/handoffs/{}/accept", handoffs["items"][0]["id"]);
    for form in ["csrf=", "csrf=0000", &format!("csrf={}", csrf.to_uppercase())] {
        assert_eq!(
            desk.form(&path, &cookie, form).await.status,
            StatusCode::FORBIDDEN,
            "{form}"
        );
    }
    assert_eq!(
        desk.form(&path, &cookie, "back=/").await.status,
        StatusCode::BAD_REQUEST
    );
    let form = format!("csrf={csrf}&back=%2F%3Fwhose%3Dall");
    let foreign = [
        ("cookie", cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(
        desk.post(&path, &foreign, form.clone()).await.status,
        StatusCode::FORBIDDEN
    );
    let accepted = desk.form(&path, &cookie, &form).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.text());
    assert_eq!(accepted.header("location"), "/?whose=all&done=accepted");
    let again = desk.form(&path, &cookie, &form).await;
    assert_eq!(
        again.header("location"),
        "/?whose=all&done=answered",
        "{}",
        again.text()
    );
    let after = desk.page("/?done=accepted", &cookie).await;
    assert_page(&after);
    assert!(
        after.text().contains("Accepted. The lead is yours to work.") && !after.text().contains("Kim Lee")
    );
}

#[tokio::test]
async fn a_lead_goes_back_only_with_a_reason_of_the_agreements() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    let cookie = desk.sign_in().await;
    let inbox = desk.page("/?team=sdr", &cookie).await;
    assert_page(&inbox);
    assert!(inbox.text().contains("Kim Lee"));
    assert!(
        !desk
            .page("/?team=other", &cookie)
            .await
            .text()
            .contains("Kim Lee")
    );
    let csrf = field(inbox.text(), "csrf");
    let path = "/handoffs/1/reject";
    let vague = desk
        .form(path, &cookie, &format!("csrf={csrf}&reason=Because&back=/"))
        .await;
    assert!(vague.status.is_client_error(), "{}", vague.text());
    assert_page(&vague);
    let sent = desk
        .form(
            path,
            &cookie,
            &format!("csrf={csrf}&reason=No+budget&note=+&back=//evil.example"),
        )
        .await;
    assert_eq!(sent.header("location"), "/?done=rejected", "{}", sent.text());
    let lead = desk.page("/leads/1", &cookie).await;
    assert!(
        lead.text().contains("No budget") && lead.text().contains("sent back"),
        "{}",
        lead.text()
    );
}

#[tokio::test]
async fn what_leads_send_is_text_on_every_page() {
    let desk = Desk::open().await;
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let events = json!([
        { "type": "identify", "userId": hostile, "traits": {
            "email": "kim@buyer.example", "name": hostile, "title": format!("VP {hostile}"), "company": hostile,
            hostile: hostile } },
        { "type": "page", "userId": hostile, "properties": { "path": format!("/pricing/{hostile}"), "q": hostile } },
        { "type": "track", "event": hostile, "userId": hostile, "properties": { hostile: [hostile] } },
        { "type": "track", "event": "Demo Requested", "userId": hostile },
    ]);
    assert_eq!(desk.batch(events).await.json()["okEvents"], 4);
    let cookie = desk.sign_in().await;
    for path in [
        "/",
        "/?whose=all",
        "/leads/1",
        "/agreement",
        "/?done=%3Cscript%3E",
        "/?team=%3Cscript%3E&cursor=",
    ] {
        let answer = desk.page(path, &cookie).await;
        assert_page(&answer);
        let text = answer.text();
        assert!(
            !text.contains("<script>") && !text.contains("<img") && !text.contains("<i>pricing"),
            "{path}: {text}"
        );
    }
    let lead = desk.page("/leads/1", &cookie).await;
    assert_eq!(lead.status, StatusCode::OK);
    assert!(
        lead.text().contains("&lt;i&gt;pricing"),
        "the picture escapes a rule's name: {}",
        lead.text()
    );
}

#[tokio::test]
async fn every_page_and_file_has_its_headers() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    let cookie = desk.sign_in().await;
    for (path, status) in [
        ("/", StatusCode::OK),
        ("/leads/1", StatusCode::OK),
        ("/agreement", StatusCode::OK),
        ("/leads/999", StatusCode::NOT_FOUND),
        ("/leads/x", StatusCode::NOT_FOUND),
        ("/nothing", StatusCode::NOT_FOUND),
        ("/sign-in", StatusCode::OK),
    ] {
        let answer = desk.page(path, &cookie).await;
        assert_eq!(answer.status, status, "{path}");
        assert_page(&answer);
    }
    let inbox = desk.page("/", &cookie).await;
    let files = inbox
        .text()
        .split('"')
        .filter(|text| text.starts_with("/assets/"));
    let files: Vec<&str> = files.collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let answer = desk.get(file, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(
        desk.get("/assets/site.000000000000.css", &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn open_pages_hear_of_changes() {
    let desk = Desk::open().await;
    let cookie = desk.sign_in().await;
    let response = desk.open_stream("/live", &cookie).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut chunks = response.into_body().into_data_stream();
    desk.qualify("kim", "Kim Lee").await;
    let chunk = chunks.next().await.expect("something").expect("a chunk");
    assert!(chunk.starts_with(b"event: changed\ndata: "), "{chunk:?}");
}

#[tokio::test]
async fn who_qualified_by_a_page_has_the_page_named() {
    let desk = Desk::open().await;
    let cookie = desk.sign_in().await;
    let traits = json!({ "email": "ned@buyer.example", "title": "VP Sales" });
    let mut events = vec![json!({ "type": "identify", "userId": "ned", "traits": traits })];
    for _ in 0..4 {
        events.push(json!({ "type": "page", "userId": "ned", "properties": { "path": "/pricing/teams" } }));
    }
    desk.batch(json!(events)).await;
    let inbox = desk.page("/", &cookie).await;
    assert!(
        inbox.text().contains("Visited /pricing/teams: "),
        "{}",
        inbox.text()
    );
    let team = desk.page("/?team=sdr", &cookie).await;
    assert!(team.text().contains("1 lead to call"), "{}", team.text());
    let other = desk.page("/?team=enterprise", &cookie).await;
    assert!(other.text().contains("Nothing for this team"), "{}", other.text());
    let lead = desk.page("/leads/1", &cookie).await;
    assert_page(&lead);
    assert!(
        lead.text().contains("by visiting /pricing/teams"),
        "{}",
        lead.text()
    );
}

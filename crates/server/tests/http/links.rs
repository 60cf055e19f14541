//! The links of mails, out of mails as they come over the wire, and what whoever follows one is told.

use axum::http::StatusCode;
use bellwether_testkit::clients::{Mail, MailServer};
use serde_json::json;

use crate::desk::Desk;

const PUBLIC_URL: &str = "https://bell.acme.example";

/// A desk that mails to this server.
async fn mailing(mails: &MailServer) -> Desk {
    let desk = Desk::open_with(|options, _| {
        options.webhooks_to_private_addresses = true;
        options.public_url = Some(PUBLIC_URL.to_owned());
    })
    .await;
    let port = mails.port();
    let source = format!(
        "name = \"mail\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"bell@acme.example\"\n"
    );
    let put = desk
        .api("PUT", "/api/v1/destinations", Some(json!({ "source": source })))
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
    desk
}

/// Somebody asks for a demo, who left a number.
async fn asks(desk: &Desk, name: &str) {
    let user = name.to_lowercase();
    let traits = json!({
        "email": format!("{user}@buyer.example"), "name": name, "title": "VP Sales", "phone": "+1 212 555 0123",
    });
    let events = json!([
        { "type": "identify", "userId": user, "traits": traits },
        { "type": "track", "userId": user, "event": "Demo Requested" },
    ]);
    assert_eq!(desk.batch(events).await.json()["okEvents"], 2);
}

/// The path of the link that accepts, which both forms of a mail hold.
fn accept_path(mail: &Mail) -> String {
    let [plain, html] = ["text/plain", "text/html"].map(|part| {
        let text = mail.part(part).expect("a mail has both forms");
        let begins = format!("{PUBLIC_URL}/a/");
        let (_, link) = text.split_once(&begins).expect("it holds the link");
        let token = link.split(|c: char| c.is_whitespace() || c == '"').next();
        format!("/a/{}", token.unwrap_or_default())
    });
    assert_eq!(plain, html);
    plain
}

#[tokio::test]
async fn whoever_accepts_by_a_mails_link_is_told_whom_to_call_and_whoever_comes_again_what_happened() {
    let mails = MailServer::start();
    let desk = mailing(&mails).await;
    asks(&desk, "Eve").await;
    let mail = mails.next();
    assert_eq!(mail.to, ["ana@acme.example"]);
    let link = accept_path(&mail);
    let looked = desk.get(&link, &[]).await;
    assert_eq!(looked.status, StatusCode::OK);
    assert!(looked.text().contains("Accept this lead"), "{}", looked.text());
    let pressed = desk.form(&link, "", "").await;
    assert_eq!(pressed.status, StatusCode::OK);
    for said in ["Eve is yours", "tel:+12125550123", "mailto:eve@buyer.example"] {
        assert!(pressed.text().contains(said), "{said}: {}", pressed.text());
    }
    for again in [desk.form(&link, "", "").await, desk.get(&link, &[]).await] {
        assert_eq!(again.status, StatusCode::GONE);
        for said in ["This link was used already", "Accepted <time", "Open the lead"] {
            assert!(again.text().contains(said), "{said}: {}", again.text());
        }
        // A link that was forwarded tells nobody how to reach the lead once it was used.
        assert!(!again.text().contains("tel:"), "{}", again.text());
    }
}

#[tokio::test]
async fn a_link_that_came_too_late_says_what_became_of_the_lead() {
    let mails = MailServer::start();
    let desk = mailing(&mails).await;
    asks(&desk, "Eve").await;
    let link = accept_path(&mails.next());
    let back = json!({ "reason": "No budget" });
    let rejected = desk.api("POST", "/api/v1/handoffs/1/reject", Some(back)).await;
    assert_eq!(rejected.status, StatusCode::OK);
    let late = desk.form(&link, "", "").await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.text().contains("the lead was sent back"), "{}", late.text());
    let cut = desk.get(&link[..link.len() - 2], &[]).await;
    assert_eq!(cut.status, StatusCode::NOT_FOUND);
    assert!(cut.text().contains("Copy the whole link"), "{}", cut.text());
}

#[tokio::test]
async fn who_wants_no_more_mail_and_has_half_a_link_is_told_what_else_to_do() {
    let desk = Desk::open().await;
    let link = format!("/u/{}", "0".repeat(30));
    for answer in [
        desk.get(&link, &[]).await,
        desk.form(&link, "", "wish=no_mail").await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.text().contains("answer the mail"), "{}", answer.text());
        assert!(!answer.text().contains("inbox"), "{}", answer.text());
    }
}

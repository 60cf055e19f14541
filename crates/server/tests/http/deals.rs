//! From an accepted handoff to a won deal, by the REST interface and by the pages' own forms.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::desk::Desk;

async fn lead_of(desk: &Desk, user: &str) -> i64 {
    let found = desk
        .api("GET", &format!("/api/v1/leads?user_id={user}"), None)
        .await;
    found.json()["items"][0]["id"].as_i64().expect("a lead")
}

/// A lead that Ana accepted.
async fn accepted(desk: &Desk, user: &str) -> i64 {
    desk.qualify(user, "Eve Buyer").await;
    let lead = lead_of(desk, user).await;
    let detail = desk
        .api("GET", &format!("/api/v1/leads/{lead}"), None)
        .await
        .json();
    let handoff = detail["handoffs"][0]["id"].as_i64().expect("a handoff");
    let taken = desk
        .api("POST", &format!("/api/v1/handoffs/{handoff}/accept"), None)
        .await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    lead
}

fn answers() -> Value {
    let yes = json!({ "answer": "yes" });
    json!({ "budget": { "answer": "unknown", "note": "asks the board" }, "authority": yes, "need": yes, "timeline": yes })
}

#[tokio::test]
async fn a_lead_is_worked_to_a_won_deal_by_the_api() {
    let desk = Desk::open().await;
    let lead = accepted(&desk, "eve").await;
    qualified_by_sales(&desk, lead).await;
    won(&desk, lead).await;
}

/// Budget, authority, need and timeline are recorded, not without each, and the lead is sales qualified.
async fn qualified_by_sales(desk: &Desk, lead: i64) {
    let path = |rest: &str| format!("/api/v1/leads/{lead}/{rest}");
    let early = desk
        .api("POST", &path("opportunities"), Some(json!({ "name": "Acme" })))
        .await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(
        early
            .text()
            .contains("record budget, authority, need and timeline first"),
        "{}",
        early.text()
    );
    let one = json!({ "need": { "answer": "yes", "note": "leads go cold" } });
    let recorded = desk.api("PUT", &path("bant"), Some(one)).await;
    assert_eq!(
        recorded.json()["bant"]["need"]["note"],
        "leads go cold",
        "{}",
        recorded.text()
    );
    let missing = desk.api("POST", &path("sales-qualify"), Some(json!({}))).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = json!({ "need": { "answer": "maybe" } });
    let wrong = desk.api("PUT", &path("bant"), Some(wrong)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let qualified = desk.api("POST", &path("sales-qualify"), Some(answers())).await;
    assert_eq!(qualified.json()["lead"]["stage"], "sql", "{}", qualified.text());
}

/// A deal is opened, changed and won.
async fn won(desk: &Desk, lead: i64) {
    let path = |rest: &str| format!("/api/v1/leads/{lead}/{rest}");
    let new = json!({ "name": "Acme: 40 seats", "amount": "12500.50", "currency": "eur", "close_date": "2026-09-30",
        "stage": "proposal" });
    let opened = desk.api("POST", &path("opportunities"), Some(new)).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text());
    let deal = opened.json();
    assert_eq!(
        (&deal["amount"], &deal["currency"]),
        (&json!("12500.5"), &json!("EUR"))
    );
    assert_eq!(deal["owner"]["name"], "Ana Okoye");
    let id = deal["id"].as_i64().expect("a number");
    let place = format!("/api/v1/opportunities/{id}");
    let half = desk.api("PATCH", &place, Some(json!({ "amount": "1" }))).await;
    assert_eq!(
        half.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "an amount needs its currency"
    );
    let patch = json!({ "stage": null, "close_date": "2026-10-31" });
    let patched = desk.api("PATCH", &place, Some(patch)).await.json();
    assert_eq!(
        (&patched["stage"], &patched["close_date"]),
        (&Value::Null, &json!("2026-10-31"))
    );
    assert_eq!(patched["amount"], "12500.5", "what isn't named stays");
    let shown = desk.api("GET", &place, None).await.json();
    assert_eq!(
        shown["changes"][0]["change"],
        "close date: 2026-09-30 → 2026-10-31; stage: proposal → nothing"
    );
    let account = deal["account"]["id"].as_i64().expect("an account");
    let account = desk
        .api("GET", &format!("/api/v1/accounts/{account}"), None)
        .await
        .json();
    assert_eq!(account["opportunities"][0]["id"], id);
    assert_eq!(account["people"][0]["id"], lead);
    let open = desk
        .api("GET", "/api/v1/opportunities?state=open", None)
        .await
        .json();
    assert_eq!(open["items"].as_array().map(Vec::len), Some(1));

    let won = desk
        .api("POST", &format!("{place}/win"), Some(json!({ "reason": "fits" })))
        .await;
    assert_eq!(won.json()["state"], "won", "{}", won.text());
    let twice = desk
        .api("POST", &format!("{place}/lose"), Some(json!({ "reason": "no" })))
        .await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let detail = desk
        .api("GET", &format!("/api/v1/leads/{lead}"), None)
        .await
        .json();
    assert_eq!(
        (&detail["lead"]["stage"], &detail["opportunities"][0]["state"]),
        (&json!("customer"), &json!("won"))
    );
}

#[tokio::test]
async fn many_are_moved_only_as_the_preview_showed() {
    let desk = Desk::open().await;
    let eve = accepted(&desk, "eve").await;
    desk.qualify("ida", "Ida").await;
    let ida = lead_of(&desk, "ida").await;
    let body =
        json!({ "move": "override", "to": "recycled", "reason": "wrong region", "leads": [eve, ida, 4711] });
    let preview = desk
        .api("POST", "/api/v1/moves/preview", Some(body.clone()))
        .await
        .json();
    assert_eq!(
        (&preview["allowed"], &preview["refused"]),
        (&json!(2), &json!(1)),
        "{preview}"
    );
    assert_eq!(preview["leads"][0]["to"], "recycled");
    let without = desk.api("POST", "/api/v1/moves", Some(body.clone())).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut deed = body.clone();
    deed["token"] = preview["token"].clone();
    let moved = desk.api("POST", "/api/v1/moves", Some(deed.clone())).await;
    assert_eq!(moved.json()["allowed"], 2, "{}", moved.text());
    let again = desk.api("POST", "/api/v1/moves", Some(deed)).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let disqualify = json!({ "reason": "a student" });
    let path = format!("/api/v1/leads/{eve}/disqualify");
    let out = desk.api("POST", &path, Some(disqualify)).await.json();
    assert_eq!(out["lead"]["stage"], "disqualified");
    let body = json!({ "to": "lead", "reason": "isn't" });
    let back = desk
        .api("POST", &format!("/api/v1/leads/{eve}/override"), Some(body))
        .await;
    assert_eq!(back.json()["lead"]["stage"], "lead", "{}", back.text());
}

#[tokio::test]
async fn a_lead_is_worked_to_a_deal_by_the_pages_forms() {
    let desk = Desk::open().await;
    let lead = accepted(&desk, "eve").await;
    let cookie = desk.sign_in().await;
    let at = format!("/leads/{lead}");
    let page = desk.page(&at, &cookie).await;
    assert!(page.text().contains("Save and qualify"), "{}", page.text());
    assert!(!page.text().contains("Override the stage"), "Ana manages nobody");
    let csrf = page
        .text()
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a token")
        .to_owned();
    let at_work = desk.page("/deals", &cookie).await;
    assert!(
        at_work.text().contains("1 accepted lead has none yet"),
        "{}",
        at_work.text()
    );
    let form = format!(
        "csrf={csrf}&budget=yes&authority=yes&need=yes&timeline=unknown&timeline_note=ask+in+May&then=qualify"
    );
    let sent = desk.form(&format!("{at}/bant"), &cookie, &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let form =
        format!("csrf={csrf}&name=Seats+%3C40%3E&amount=100&currency=usd&close_date=2026-01-31&stage=demo");
    let sent = desk.form(&format!("{at}/opportunities"), &cookie, &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let deals = desk.page("/deals", &cookie).await;
    for part in ["1 deal: 100 USD", "Seats &#60;40&#62;", "Past", "2026-01-31"] {
        assert!(deals.text().contains(part), "{part}: {}", deals.text());
    }
    let wrong = format!("csrf={csrf}&name=Other&amount=ten&currency=usd");
    let wrong = desk.form(&format!("{at}/opportunities"), &cookie, &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let forged = desk
        .form("/opportunities/1/lose", &cookie, "csrf=wrong&reason=no")
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let form = format!("csrf={csrf}&reason=No+budget&back={at}");
    let lost = desk.form("/opportunities/1/lose", &cookie, &form).await;
    assert_eq!(lost.header("location"), at, "{}", lost.text());
    let page = desk.page(&at, &cookie).await;
    assert!(
        page.text().contains("Recycled: back with marketing"),
        "{}",
        page.text()
    );
}

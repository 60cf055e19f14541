//! The page of teams and its forms, why a lead became whose, and giving it to somebody else.

use axum::http::StatusCode;
use bellwether_app::{Role, TeamSettings, UserId};

use crate::desk::{Desk, PASSWORD};
use crate::pages::{assert_page, field};

/// Mia of marketing, Ada the admin, and Ben, who sells and isn't on a team.
async fn staffed() -> (Desk, UserId) {
    let desk = Desk::open().await;
    let mut ben = UserId(0);
    for (name, email, role) in [
        ("Mia", "mia@acme.example", Role::Marketing),
        ("Ada", "ada@acme.example", Role::Admin),
        ("Ben <i>", "ben@acme.example", Role::Sales),
    ] {
        let user = desk.app.create_user(name, email, PASSWORD, role).await;
        ben = user.expect("a user").id;
    }
    (desk, ben)
}

async fn manages(desk: &Desk, user: UserId) {
    let settings = TeamSettings {
        manager: Some(user),
        ..TeamSettings::default()
    };
    desk.app.put_team("sdr", settings).await.expect("a manager");
}

#[tokio::test]
async fn only_marketing_admins_and_managers_look_at_teams() {
    let (desk, ben) = staffed().await;
    let sales = desk.sign_in_as("ben@acme.example").await;
    let shut = desk.page("/teams", &sales).await;
    assert_eq!(shut.status, StatusCode::FORBIDDEN);
    let marketing = desk.sign_in_as("mia@acme.example").await;
    let seen = desk.page("/teams", &marketing).await;
    assert_page(&seen);
    assert!(
        seen.text().contains("Ana Okoye gets the next lead."),
        "{}",
        seen.text()
    );
    assert!(!seen.text().contains("Hours and manager…"), "marketing looks");
    manages(&desk, ben).await;
    let managed = desk.page("/teams", &sales).await;
    assert_page(&managed);
    assert!(
        managed.text().contains("Hours and manager…"),
        "{}",
        managed.text()
    );
}

#[tokio::test]
async fn a_team_is_kept_by_the_pages_forms() {
    let (desk, ben) = staffed().await;
    let admin = desk.sign_in_as("ada@acme.example").await;
    let seen = desk.page("/teams", &admin).await;
    assert_page(&seen);
    let csrf = field(seen.text(), "csrf").to_owned();
    let post = async |act: &str, rest: &str| {
        let form = format!("csrf={csrf}&team=sdr&{rest}");
        desk.form(&format!("/teams{act}"), &admin, &form).await
    };
    let ben = ben.0;
    let added = post("/members", &format!("user={ben}&weight=3&day_max=5&open_max=")).await;
    assert_eq!(added.header("location"), "/teams?done=saved", "{}", added.text());
    let hours = "shifts=mon-fri+09:00-17:00&zone=Europe/Berlin&manager=&holidays=de";
    let kept = post("/settings", hours).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
    let away = format!("user={ben}&from=2026-03-01&until=2026-03-20&reason=Skiing");
    let away = post("/away", &away).await;
    assert_eq!(away.header("location"), "/teams?done=away", "{}", away.text());
    let seen = desk.page("/teams?done=away", &admin).await;
    assert_page(&seen);
    for part in [
        "mon-fri 09:00-17:00 (Europe/Berlin)",
        "de: none to come",
        "Ben &#60;i&#62;",
        "0 of 5",
        "Skiing",
        "Is back",
        "They get no leads while they are away.",
    ] {
        assert!(seen.text().contains(part), "{part}: {}", seen.text());
    }
    let back = post("/back", &format!("user={ben}")).await;
    assert_eq!(back.header("location"), "/teams?done=back", "{}", back.text());
    let gone = post("/members/remove", &format!("user={ben}")).await;
    assert_eq!(gone.header("location"), "/teams?done=removed", "{}", gone.text());
    let seen = desk.page("/teams", &admin).await;
    assert!(
        !seen.text().contains("Skiing") && !seen.text().contains("0 of 5"),
        "{}",
        seen.text()
    );
}

#[tokio::test]
async fn what_cannot_be_kept_of_a_team_is_refused() {
    let (desk, ben) = staffed().await;
    let admin = desk.sign_in_as("ada@acme.example").await;
    let csrf = field(desk.page("/teams", &admin).await.text(), "csrf").to_owned();
    let ben = ben.0;
    for (path, rest, status) in [
        ("settings", "shifts=whenever".to_owned(), 422),
        ("members", format!("user={ben}&weight=0"), 422),
        ("members", format!("user={ben}&weight=many"), 422),
        ("away", format!("user={ben}"), 404),
        ("away", "user=1&from=soon".to_owned(), 422),
    ] {
        let form = format!("csrf={csrf}&team=sdr&{rest}");
        let answer = desk.form(&format!("/teams/{path}"), &admin, &form).await;
        assert_eq!(answer.status, status, "{path} {rest}: {}", answer.text());
    }
}

#[tokio::test]
async fn whoever_neither_administers_nor_manages_a_team_changes_nothing() {
    let (desk, ben) = staffed().await;
    let admin = desk.sign_in_as("ada@acme.example").await;
    let ana = desk.sign_in().await;
    let hers = field(desk.page("/", &ana).await.text(), "csrf").to_owned();
    let ben = ben.0;
    for (path, who, rest) in [
        ("members", &admin, format!("user={ben}&weight=1")),
        ("members", &ana, format!("user={ben}&weight=1")),
        ("settings", &ana, "manager=1".to_owned()),
        ("away", &ana, "user=1".to_owned()),
        ("back", &ana, "user=1".to_owned()),
        ("members/remove", &ana, "user=1".to_owned()),
    ] {
        let form = format!("csrf={hers}&team=sdr&{rest}");
        let answer = desk.form(&format!("/teams/{path}"), who, &form).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{path} {rest}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_leads_page_says_why_it_became_whose_and_lets_a_manager_give_it_away() {
    let (desk, ben) = staffed().await;
    desk.qualify("kim", "Kim Lee").await;
    let ana = desk.sign_in().await;
    let hers = desk.page("/leads/1", &ana).await;
    assert_page(&hers);
    for part in [
        "Why it became whose",
        "To Ana Okoye, when it qualified",
        "Everyone → sdr",
    ] {
        assert!(hers.text().contains(part), "{part}: {}", hers.text());
    }
    assert!(!hers.text().contains("Give to somebody else…"), "{}", hers.text());
    let csrf = field(hers.text(), "csrf").to_owned();
    let form = format!("csrf={csrf}&to={}&reason=Mine+is+full", ben.0);
    let refused = desk.form("/handoffs/1/reassign", &ana, &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());

    manages(&desk, ben).await;
    let manager = desk.sign_in_as("ben@acme.example").await;
    let seen = desk.page("/leads/1", &manager).await;
    assert!(seen.text().contains("Give to somebody else…"), "{}", seen.text());
    let csrf = field(seen.text(), "csrf").to_owned();
    let forged = format!("csrf=x&to={}&reason=Mine", ben.0);
    let forged = desk.form("/handoffs/1/reassign", &manager, &forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let silent = format!("csrf={csrf}&to={}&reason=+", ben.0);
    let silent = desk.form("/handoffs/1/reassign", &manager, &silent).await;
    assert_eq!(
        silent.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        silent.text()
    );
    let next = format!("csrf={csrf}&to=&reason=Turns&back=/leads/1");
    let next = desk.form("/handoffs/1/reassign", &manager, &next).await;
    assert_eq!(
        next.header("location"),
        "/leads/1?done=kept",
        "nobody else is on the team"
    );
    let form = format!("csrf={csrf}&to={}&reason=Knows+them&back=/leads/1", ben.0);
    let given = desk.form("/handoffs/1/reassign", &manager, &form).await;
    assert_eq!(
        given.header("location"),
        "/leads/1?done=given",
        "{}",
        given.text()
    );
    let after = desk.page("/leads/1?done=given", &manager).await;
    assert_page(&after);
    for part in [
        "Somebody else has it now.",
        "To Ben &#60;i&#62;, given by Ben &#60;i&#62;",
        "Knows them",
    ] {
        assert!(after.text().contains(part), "{part}: {}", after.text());
    }
}

//! What sales is told with a lead: who else of its company is active, and how earlier cycles ended.

use bellwether_app::{Actor, HandoffId, UserId};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, identify, keys, page, track};

const COMMITTEE: &str = r#"
[account]
qualify = { score = 60, people = 2 }
[[account.committee]]
role = "economic buyer"
when = { title = "VP*" }
[[account.committee]]
role = "champion"
when = { title = "Director*" }
"#;

async fn packet(world: &World, handoff: HandoffId) -> serde_json::Value {
    world.app.handoff(handoff).await.unwrap().unwrap().packet
}

#[tokio::test]
async fn who_else_of_the_account_is_active_stands_in_the_packet() {
    let world = World::with(&format!("{AGREEMENT}{COMMITTEE}"), |_| {});
    world.sales(&["ann"]).await;
    let bo = keys("", "bo", "");
    let quiet = keys("", "quiet", "");
    let bo_facts = vec![
        identify(
            "b1",
            START_MS,
            bo.clone(),
            &[
                ("email", "bo@acme.example"),
                ("title", "Director of IT"),
                ("name", "Bo"),
            ],
        ),
        page("b2", START_MS + 1, bo, "/pricing"),
        identify("q1", START_MS, quiet, &[("email", "q@acme.example")]),
        identify("o1", START_MS, keys("", "o", ""), &[("email", "o@other.example")]),
    ];
    // In the same group of submissions or not: the order is all that counts.
    let eve = keys("", "eve", "");
    let traits = [
        ("email", "eve@acme.example"),
        ("title", "VP Sales"),
        ("industry", "Steel"),
    ];
    let eve_facts = vec![
        identify("e1", START_MS + 2, eve.clone(), &traits),
        track("e2", START_MS + 3, eve, "Demo Requested"),
    ];
    tokio::join!(
        world.accept(START_MS + 5, bo_facts),
        world.accept(START_MS + 6, eve_facts)
    );
    let lead = world.lead_of("user_id", "eve").await;
    let told = packet(&world, world.detail(lead).await.handoffs[0].id).await;
    let account = &told["account"];
    assert_eq!(account["name"], "acme.example");
    let people = account["people"].as_array().unwrap();
    assert_eq!(
        people.len(),
        1,
        "who shows no intent, and who is elsewhere, isn't named: {people:?}"
    );
    assert_eq!(
        (people[0]["name"].as_str(), people[0]["intent"].as_str()),
        (Some("Bo"), Some("10.000"))
    );
    assert_eq!(account["score"]["score"], "50.000");
    assert_eq!(
        account["score"]["roles"][1],
        serde_json::json!({ "role": "champion", "held": true })
    );
    let industry = serde_json::json!({ "field": "industry", "value": "Steel", "said_by": "stated" });
    assert!(
        told["firmographics"].as_array().unwrap().contains(&industry),
        "{told}"
    );
    assert_eq!(
        told["opening"],
        "Hello, this is ann. You requested a demo. What would you like to get done?"
    );
    assert_eq!(told["activities"][0]["text"], "Demo Requested, just now");
}

#[tokio::test]
async fn a_second_cycle_tells_how_the_first_one_ended() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let who = keys("", "u1", "");
    let facts = vec![
        identify("m1", START_MS, who.clone(), &[("title", "VP")]),
        track("d1", START_MS + 1, who.clone(), "Demo Requested"),
    ];
    world.accept(START_MS + 2, facts).await;
    let id = world.lead_of("user_id", "u1").await;
    let first = world.detail(id).await.handoffs[0].id;
    assert_eq!(packet(&world, first).await["earlier"], serde_json::json!([]));
    world.clock.set(START_MS + DAY_MS);
    let (reason, note) = ("No budget".to_owned(), Some("in spring".to_owned()));
    world
        .app
        .reject_handoff(first, reason, note, Actor::User(UserId(1)))
        .await
        .unwrap();
    let again = START_MS + 2 * DAY_MS;
    world
        .accept(again, vec![track("d2", again, who, "Demo Requested")])
        .await;
    let told = packet(&world, world.detail(id).await.handoffs[0].id).await;
    let before = &told["earlier"][0];
    assert_eq!(told["earlier"].as_array().unwrap().len(), 1);
    assert_eq!(
        ["ended", "by", "owner", "reason", "note"].map(|name| before[name].as_str().unwrap_or_default()),
        ["rejected", "ann", "ann", "No budget", "in spring"]
    );
    assert_eq!(before["cycle"], 1);
}

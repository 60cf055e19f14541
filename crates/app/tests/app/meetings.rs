//! What scheduling tools send becomes facts of the lead that was invited.

use bellwether_app::{HandoffQuery, HookError, HookOrigin, MeetingTool};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{AGREEMENT, MINUTE_MS, START_MS, World, identify, keys, track};

const SECRET: &str = "a signing key of the test";

/// The agreement, with a meeting as one more way to qualify at once.
fn agreement() -> String {
    AGREEMENT.replace(
        "fast = [\"Demo Requested\"]",
        "fast = [\"Demo Requested\", \"Meeting Booked\"]",
    )
}

fn body(event: &str, invitee: &str, host: &str) -> Vec<u8> {
    let body = json!({
        "event": event,
        "created_at": "2026-06-01T00:00:01Z",
        "payload": {
            "uri": invitee, "email": "Eve@Acme.example", "name": "Eve Stone", "rescheduled": false,
            "no_show": { "uri": format!("{invitee}/absent") },
            "scheduled_event": {
                "name": "Product demo", "start_time": "2026-06-03T14:00:00Z",
                "event_memberships": [{ "user_email": host }],
            },
        },
    });
    body.to_string().into_bytes()
}

fn signed(body: &[u8], secret: &str) -> HookOrigin {
    let at = (START_MS / 1_000).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    let code = mac.finalize().into_bytes();
    let code = code.iter().fold(String::new(), |mut code, byte| {
        use std::fmt::Write as _;
        write!(code, "{byte:02x}").unwrap();
        code
    });
    HookOrigin {
        signature: Some(format!("t={at},v1={code}")),
        ..HookOrigin::default()
    }
}

async fn send(world: &World, body: Vec<u8>) -> Result<(), HookError> {
    let origin = signed(&body, SECRET);
    world
        .app
        .take_hook(MeetingTool::Calendly, "main", origin, body)
        .await
}

async fn world() -> World {
    let world = World::with(&agreement(), |options| options.deliver = false);
    world.sales(&["ann", "bob"]).await;
    world.app.set_inbound("calendly", "main", SECRET).await.unwrap();
    world
}

#[tokio::test]
async fn a_booking_is_a_fact_of_the_invitee_however_often_it_is_told() {
    let world = world().await;
    let facts = vec![identify(
        "m1",
        START_MS,
        keys("", "eve", "eve@acme.example"),
        &[("title", "VP Sales")],
    )];
    world.accept(START_MS, facts).await;
    for _ in 0..3 {
        send(&world, body("invitee.created", "I1", "ann@seller.example"))
            .await
            .unwrap();
    }
    let id = world.lead_of("email", "eve@acme.example").await;
    assert_eq!(id, world.lead_of("user_id", "eve").await);
    let lead = world.detail(id).await;
    let booked: Vec<&str> = lead
        .events
        .items
        .iter()
        .filter(|event| event.name.as_deref() == Some("Meeting Booked"))
        .map(|event| event.properties.as_str())
        .collect();
    assert_eq!(booked.len(), 1);
    let properties: Value = serde_json::from_str(booked[0]).unwrap();
    assert_eq!(properties["host"], "ann@seller.example");
    assert_eq!(properties["source"], "calendly/main");
    assert_eq!(lead.summary.name.as_deref(), Some("Eve Stone"));
    assert_eq!(
        lead.handoffs.len(),
        1,
        "the agreement says that a meeting qualifies"
    );
    assert_eq!(lead.handoffs[0].trigger, "Meeting Booked");
}

#[tokio::test]
async fn what_is_not_the_tools_own_changes_nothing() {
    let world = world().await;
    let sent = body("invitee.created", "I1", "ann@seller.example");
    for (source, origin) in [
        ("main", signed(&sent, "another secret here")),
        ("main", HookOrigin::default()),
    ] {
        let refused = world
            .app
            .take_hook(MeetingTool::Calendly, source, origin, sent.clone())
            .await;
        assert!(matches!(refused, Err(HookError::Unsigned(_))), "{refused:?}");
    }
    let elsewhere = world
        .app
        .take_hook(
            MeetingTool::Calendly,
            "other",
            signed(&sent, SECRET),
            sent.clone(),
        )
        .await;
    assert!(matches!(elsewhere, Err(HookError::NoSource)), "{elsewhere:?}");
    world.clock.set(START_MS + 10 * MINUTE_MS);
    let late = send(&world, sent).await;
    assert!(
        matches!(late, Err(HookError::Unsigned(_))),
        "a replay of ten minutes later: {late:?}"
    );
    assert_eq!(
        world.app.lead_by_key("email", "eve@acme.example").await.unwrap(),
        None
    );
}

#[tokio::test]
async fn what_cannot_be_used_is_listed() {
    let world = world().await;
    send(&world, body("contact.created", "I1", "ann@seller.example"))
        .await
        .unwrap();
    send(&world, b"[]".to_vec()).await.unwrap();
    let findings = world.app.findings(50).await.unwrap();
    let found = |kind: &str| {
        findings
            .iter()
            .find(|one| one.kind == kind)
            .map(|one| one.reason.clone())
    };
    assert_eq!(found("unused_inbound").as_deref(), Some("contact.created"));
    assert_eq!(
        found("unusable_inbound").as_deref(),
        Some("the body names no `event`")
    );
}

#[tokio::test]
async fn secrets_are_set_changed_and_removed_and_never_shown() {
    let world = world().await;
    for (tool, source, secret) in [
        ("doodle", "main", SECRET),
        ("calendly", "Main", SECRET),
        ("calendly", "", SECRET),
        ("calendly", "main", "short"),
        ("calendly", "main", "two lines\nof a secret"),
    ] {
        assert!(
            world.app.set_inbound(tool, source, secret).await.is_err(),
            "{tool} {source} {secret}"
        );
    }
    world
        .app
        .set_inbound("calendly", "main", "another secret here")
        .await
        .unwrap();
    let old = send(&world, body("invitee.created", "I1", "ann@seller.example")).await;
    assert!(matches!(old, Err(HookError::Unsigned(_))), "{old:?}");
    let listed = world.app.inbound().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(!format!("{listed:?}").contains("secret"), "{listed:?}");
    world.app.remove_inbound("calendly", "main").await.unwrap();
    assert!(world.app.remove_inbound("calendly", "main").await.is_err());
    assert!(world.app.inbound().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lead_that_does_not_come_stays_with_its_owner() {
    let world = world().await;
    let who = keys("", "eve", "eve@acme.example");
    let facts = vec![
        identify("m1", START_MS, who.clone(), &[("title", "VP Sales")]),
        track("m2", START_MS, who, "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
    let before = world.app.handoffs(HandoffQuery::default()).await.unwrap().items;
    send(
        &world,
        body("invitee_no_show.created", "I1", "ann@seller.example"),
    )
    .await
    .unwrap();
    let after = world.app.handoffs(HandoffQuery::default()).await.unwrap().items;
    assert_eq!((after.len(), &after[0].owner), (1, &before[0].owner));
    let lead = world.detail(after[0].lead).await;
    let names: Vec<&str> = lead
        .events
        .items
        .iter()
        .filter_map(|event| event.name.as_deref())
        .collect();
    assert!(names.contains(&"Meeting No-Show"), "{names:?}");
}

#[tokio::test]
async fn whoever_holds_the_meeting_has_the_lead_and_was_in_touch_with_it() {
    let world = world().await;
    let who = keys("", "eve", "eve@acme.example");
    let facts = vec![
        identify("m1", START_MS, who.clone(), &[("title", "VP Sales")]),
        track("m2", START_MS, who, "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
    let id = world.lead_of("user_id", "eve").await;
    assert_eq!(world.detail(id).await.summary.owner.unwrap().name, "ann");
    // A stranger to the team who holds it changes nothing.
    send(&world, body("invitee.created", "I1", "sam@other.example"))
        .await
        .unwrap();
    let handoff = world.detail(id).await.handoffs[0].clone();
    assert_eq!(
        (handoff.owner.unwrap().name.as_str(), handoff.contacted_at),
        ("ann", None)
    );
    send(&world, body("invitee.created", "I2", "bob@seller.example"))
        .await
        .unwrap();
    let handoff = world.detail(id).await.handoffs[0].clone();
    assert_eq!(handoff.owner.unwrap().name, "bob");
    assert!(handoff.contacted_at.is_some());
    let contacts = world.app.handoff(handoff.id).await.unwrap().unwrap().contacts;
    assert_eq!(contacts.len(), 1);
}

//! One lead's whole life: a visit, a demo that nobody answered in time, a deal that was lost, mails until they wanted no
//! more, and the second time, when it was won.

use bellwether_app::{
    Actor, ContactKind, DestinationId, HandoffDetail, HandoffId, LeadId, NewDestination, Role, RouteCause,
    UserId,
};
use bellwether_core::domain::{Period, Stage};
use bellwether_store::Readers;
use serde_json::Value as Json;

use crate::lifecycle::{bant, deal};
use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, page, track};

const HOUR_MS: i64 = 60 * MINUTE_MS;
const MAILS: DestinationId = DestinationId(1);
const CRM: DestinationId = DestinationId(2);

/// The tests' agreement; a demo is answered within the hour, or the manager is told, and then it is somebody else's.
fn agreement() -> String {
    let agreed = AGREEMENT
        .replace(
            "first_contact = \"5m\"",
            "first_contact = \"1h\"\nescalate = [{ at = 100, notify = \"manager\" }, { at = 110, reassign = true }]",
        )
        .replace("again = \"90d\"", "again = \"90d\"\nnurture = \"long\"");
    format!(
        "{agreed}\n[[nurture]]\nname = \"long\"\nsteps = [{{ wait = \"7d\", send = \"story\" }}, {{ wait = \"7d\", send = \"story\" }}]\n\
         [[message]]\nname = \"story\"\nsubject = \"A story\"\nbody = \"Dear {{{{ lead.name }}}}\"\n"
    )
}

async fn world() -> World {
    let world = World::with(&agreement(), |options| {
        options.deliver = false;
        options.public_url = Some("https://bell.example".to_owned());
    });
    world.sales(&["ann", "bob"]).await;
    let ada = world
        .app
        .create_user("Ada", "ada@seller.example", "correct horse", Role::Admin);
    ada.await.unwrap();
    for (name, events) in [("mails", "message.*"), ("crm", "*")] {
        let source = format!(
            "name = \"{name}\"\nkind = \"webhook\"\nurl = \"https://x.example\"\nevents = [\"{events}\"]"
        );
        let wanted = NewDestination {
            source,
            secret: None,
            signing_secret: None,
        };
        world.app.put_destination(wanted).await.unwrap();
    }
    world
}

/// What a destination is to be told, in order: its kind, and what it says.
fn told(world: &World, destination: DestinationId) -> Vec<(String, Json)> {
    let readers = Readers::new(world.directory.path());
    let rows = readers
        .take()
        .unwrap()
        .snapshot(|db| db.messages_due(destination, at(START_MS + 9_000 * DAY_MS), 1_000))
        .unwrap();
    rows.into_iter()
        .map(|row| {
            let payload: Json = serde_json::from_str(&row.payload).unwrap();
            (row.event_type, payload["data"].clone())
        })
        .collect()
}

async fn handoff(world: &World, id: HandoffId) -> HandoffDetail {
    world.app.handoff(id).await.unwrap().unwrap()
}

async fn stands(world: &World, lead: LeadId) -> (Stage, u32) {
    let summary = world.detail(lead).await.summary;
    (summary.stage, summary.cycle)
}

async fn owner(world: &World, id: HandoffId) -> UserId {
    handoff(world, id).await.summary.owner.unwrap().id
}

/// Time goes on, and what is due by then happens.
async fn pass_until(world: &World, ms: i64) {
    world.clock.set(ms);
    world.app.fire_timers().await.unwrap();
}

/// Visits as somebody unknown, then asks for a demo under a name; gives the lead.
async fn comes(world: &World) -> LeadId {
    let visits = [("v1", 0), ("v2", 10)];
    let visits = visits.map(|(id, minute)| {
        page(
            id,
            START_MS + minute * MINUTE_MS,
            keys("device", "", ""),
            "/pricing",
        )
    });
    world.accept(START_MS + 10 * MINUTE_MS, visits.to_vec()).await;
    let visitor = world.lead_of("anonymous_id", "device").await;
    assert_eq!(stands(world, visitor).await, (Stage::Visitor, 1));
    let asked = START_MS + HOUR_MS;
    world.clock.set(asked);
    let known = keys("device", "eve", "eve@acme.example");
    let traits = [("title", "VP Sales"), ("name", "Eve")];
    let facts = vec![
        identify("i", asked, known.clone(), &traits),
        track("d", asked, known, "Demo Requested"),
    ];
    world.accept(asked, facts).await;
    let lead = world.lead_of("user_id", "eve").await;
    assert_eq!(
        lead, visitor,
        "what they did before they said who they are is theirs"
    );
    lead
}

/// Nobody is in touch in time: the manager is told, then the lead goes to the other one. Gives who has it then.
async fn is_left_lying(world: &World, first: HandoffId) -> UserId {
    let slow = owner(world, first).await;
    pass_until(world, START_MS + 2 * HOUR_MS).await;
    let clock = handoff(world, first).await.clock.unwrap();
    assert_eq!(
        clock.steps[0].outcome.as_deref(),
        Some("told Ada (administrator)")
    );
    assert_eq!(owner(world, first).await, slow);
    pass_until(world, START_MS + 2 * HOUR_MS + 6 * MINUTE_MS).await;
    let quick = owner(world, first).await;
    assert_ne!(slow, quick);
    let causes: Vec<RouteCause> = world
        .app
        .routing(first)
        .await
        .unwrap()
        .iter()
        .map(|decision| decision.cause)
        .collect();
    assert_eq!(causes, [RouteCause::Qualified, RouteCause::Reassigned]);
    quick
}

/// Takes the lead, calls, qualifies and opens a deal, a day for each of the last two.
async fn works(world: &World, lead: LeadId, id: HandoffId, from_ms: i64, actor: Actor) {
    let app = &world.app;
    world.clock.set(from_ms);
    app.accept_handoff(id, actor).await.unwrap();
    assert_eq!(stands(world, lead).await.0, Stage::Sal);
    world.clock.set(from_ms + 5 * MINUTE_MS);
    app.record_contact(id, ContactKind::Call, None, None, actor)
        .await
        .unwrap();
    world.clock.set(from_ms + DAY_MS);
    app.sales_qualify(lead, bant(), actor).await.unwrap();
    assert_eq!(stands(world, lead).await.0, Stage::Sql);
    world.clock.set(from_ms + 2 * DAY_MS);
    app.open_deal(lead, deal("Eve's"), actor).await.unwrap();
    assert_eq!(stands(world, lead).await.0, Stage::Opportunity);
}

#[tokio::test]
async fn a_lead_that_was_left_lying_lost_and_let_alone_comes_back_and_is_won() {
    let world = world().await;
    let app = &world.app;
    let lead = comes(&world).await;
    assert_eq!(stands(&world, lead).await, (Stage::Mql, 1));
    let first = world.detail(lead).await.handoffs[0].id;
    let quick = is_left_lying(&world, first).await;
    let seller = Actor::User(quick);
    works(&world, lead, first, START_MS + 3 * HOUR_MS, seller).await;
    let clock = handoff(&world, first).await.clock.unwrap();
    assert_eq!(clock.raw, Period::from_ms(2 * HOUR_MS + 5 * MINUTE_MS));
    assert_eq!(clock.late, Some(Period::from_ms(HOUR_MS + 5 * MINUTE_MS)));
    assert_eq!(
        clock.owner_raw,
        Some(Period::from_ms(59 * MINUTE_MS)),
        "whoever got it late isn't late by that"
    );

    // Lost for bad timing: marketing's again, which writes after a week, once.
    let lost = START_MS + 5 * DAY_MS;
    world.clock.set(lost);
    let deal = world.detail(lead).await.deals[0].id;
    app.lose_deal(deal, "Timing not right".to_owned(), None, seller)
        .await
        .unwrap();
    assert_eq!(stands(&world, lead).await, (Stage::Recycled, 2));
    pass_until(&world, lost + 7 * DAY_MS - 1).await;
    assert_eq!(told(&world, MAILS).len(), 0);
    pass_until(&world, lost + 7 * DAY_MS).await;
    let mails = told(&world, MAILS);
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&mails[0].1["to"], &mails[0].1["kind"]),
        (&"eve@acme.example".into(), &"nurture".into())
    );
    let link = mails[0].1["unsubscribe_url"].as_str().unwrap();
    let token = link.rsplit('/').next().unwrap().to_owned();
    assert!(app.follow_unsubscribe_link(token, false, true).await.unwrap());
    pass_until(&world, lost + 60 * DAY_MS).await;
    assert_eq!(told(&world, MAILS).len(), 1, "they wanted no more");

    // They come back by themselves, when they may.
    let back = lost + 91 * DAY_MS;
    world.clock.set(back);
    let again = track("again", back, keys("", "eve", ""), "Demo Requested");
    world.accept(back, vec![again]).await;
    assert_eq!(stands(&world, lead).await, (Stage::Mql, 2));
    let second = world
        .detail(lead)
        .await
        .handoffs
        .iter()
        .map(|one| one.id)
        .max()
        .unwrap();
    assert_ne!(first, second);
    let packet = handoff(&world, second).await.packet;
    let earlier = packet["earlier"].as_array().unwrap();
    assert_eq!(earlier.len(), 1, "{packet}");
    assert!(earlier[0].to_string().contains("Timing not right"), "{packet}");
    let seller = Actor::User(owner(&world, second).await);
    works(&world, lead, second, back + MINUTE_MS, seller).await;
    assert_eq!(handoff(&world, second).await.clock.unwrap().late, None);
    let deals = world.detail(lead).await.deals;
    let open = deals.iter().map(|deal| deal.id).max().unwrap();
    world.clock.set(back + 30 * DAY_MS);
    app.win_deal(open, Some("liked it".to_owned()), None, seller)
        .await
        .unwrap();
    assert_eq!(stands(&world, lead).await, (Stage::Customer, 2));
    pass_until(&world, back + 900 * DAY_MS).await;
    assert_eq!(stands(&world, lead).await, (Stage::Customer, 2));
    assert_eq!(told(&world, MAILS).len(), 1);
    everybody_was_told(&world);
}

/// Each step of it once, in order.
fn everybody_was_told(world: &World) {
    let all = told(world, CRM);
    let types: Vec<&str> = all.iter().map(|(event_type, _)| event_type.as_str()).collect();
    let expected = [
        "lead.qualified",
        "sla.escalated",
        "handoff.assigned",
        "lead.accepted",
        "lead.sql",
        "opportunity.opened",
        "opportunity.lost",
        "lead.qualified",
        "lead.accepted",
        "lead.sql",
        "opportunity.opened",
        "opportunity.won",
    ];
    assert_eq!(types, expected);
}

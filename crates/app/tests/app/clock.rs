//! The clock of a handoff: due in working hours, escalated step by step, stopped by first contact.

use bellwether_app::{
    Actor, AppError, ClockView, ContactKind, HandoffDetail, HandoffId, HandoffQuery, LeadId, Role,
    TeamSettings,
};
use bellwether_core::domain::{Period, Properties, Timestamp};

use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, track, track_with};

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The demo SLA with steps and pauses, in business hours where `hours` says so; calls and mails of a CRM are contacts.
fn agreement(hours: &str, more: &str) -> String {
    AGREEMENT
        .replace(
            "first_contact = \"5m\"",
            &format!(
                "first_contact = \"1h\"\n{hours}\npause = [\"Waiting for the lead's reply\"]\nescalate = [{{ at = 200, \
                 notify = \"Bea\" }}, {{ at = 50, notify = \"owner\" }}, {{ at = 100, notify = \"manager\" }}]"
            ),
        )
        .replace(
            "priority = \"high\"",
            &format!("priority = \"high\"\nfirst_contact = [\"Call Logged\", \"email_sent\"]{more}"),
        )
}

async fn world(hours: &str) -> World {
    let world = World::with(&agreement(hours, ""), |options| options.deliver = false);
    world.sales(&["Ann"]).await;
    world
        .app
        .create_user("Ada", "ada@seller.example", "correct horse", Role::Admin)
        .await
        .unwrap();
    world
        .app
        .create_user("Bea", "bea@seller.example", "correct horse", Role::Marketing)
        .await
        .unwrap();
    world.app.set_webhook("http://127.0.0.1:9/", None).await.unwrap();
    world
}

/// A VP asks for a demo at this time; gives the handoff.
async fn handed_off(world: &World, user: &str, ms: i64) -> (LeadId, HandoffId) {
    world.clock.set(ms);
    let who = keys("", user, &format!("{user}@acme.example"));
    world
        .accept(
            ms,
            vec![
                identify(&format!("{user}-i"), ms, who.clone(), &[("title", "VP Sales")]),
                track(&format!("{user}-d"), ms, who, "Demo Requested"),
            ],
        )
        .await;
    let lead = world.lead_of("user_id", user).await;
    let handoff = world.app.lead(lead, at(ms)).await.unwrap().unwrap().handoffs[0].id;
    (lead, handoff)
}

async fn shown(world: &World, handoff: HandoffId) -> HandoffDetail {
    world.app.handoff(handoff).await.unwrap().unwrap()
}

async fn clock(world: &World, handoff: HandoffId) -> ClockView {
    shown(world, handoff).await.clock.unwrap()
}

fn hours(count: i64) -> Period {
    Period::from_ms(count * HOUR_MS)
}

/// The steps that were taken: percent and what came of it.
async fn taken(world: &World, handoff: HandoffId) -> Vec<(u32, String)> {
    let steps = clock(world, handoff).await.steps.into_iter();
    steps
        .filter_map(|step| Some((step.at_percent, step.outcome?)))
        .collect()
}

async fn fire(world: &World, ms: i64) -> u64 {
    world.clock.set(ms);
    world.app.fire_timers().await.unwrap()
}

#[tokio::test]
async fn a_lead_of_saturday_evening_is_due_on_monday_at_ten() {
    let world = world("hours = \"business\"").await;
    // 2026-06-06 18:00 UTC is a Saturday.
    let saturday: Timestamp = "2026-06-06T18:00Z".parse().unwrap();
    let monday: Timestamp = "2026-06-08T10:00Z".parse().unwrap();
    let (_, handoff) = handed_off(&world, "ana", saturday.ms()).await;
    let detail = shown(&world, handoff).await;
    assert_eq!(detail.summary.due_at, Some(monday));
    assert_eq!(detail.packet["task"]["due_at"], monday.to_string());
    assert_eq!(detail.packet["sla"]["due_at"], monday.to_string());
    assert_eq!(detail.packet["sla"]["hours"], "mon-fri 09:00-17:00 (UTC)");
    let clock = detail.clock.unwrap();
    assert_eq!((clock.due_at, clock.owner_due_at), (Some(monday), Some(monday)));
    // Half of it has passed at half past nine; nobody is told before.
    assert_eq!(fire(&world, monday.ms() - 31 * MINUTE_MS).await, 0);
    assert_eq!(fire(&world, monday.ms() - 30 * MINUTE_MS).await, 1);
    assert_eq!(
        taken(&world, handoff).await,
        [(50, "told Ann (owner)".to_owned())]
    );
    world.clock.set(monday.ms() + MINUTE_MS);
    let query = HandoffQuery::default();
    let listed = world.app.handoffs(query).await.unwrap().items;
    assert!(listed[0].breached);
}

#[tokio::test]
async fn each_step_is_taken_once_and_says_how_late_it_comes() {
    let world = world("").await;
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    assert_eq!(fire(&world, START_MS + 30 * MINUTE_MS).await, 1);
    assert_eq!(fire(&world, START_MS + 30 * MINUTE_MS).await, 0);
    // Nobody was there for four hours: both later steps are taken, each with how late it is.
    fire(&world, START_MS + 4 * HOUR_MS).await;
    let all = [
        (50, "told Ann (owner)".to_owned()),
        (100, "told Ada (administrator), 3 h 0 min late".to_owned()),
        (200, "told Bea (Bea), 2 h 0 min late".to_owned()),
    ];
    assert_eq!(taken(&world, handoff).await, all);
    assert_eq!(fire(&world, START_MS + 90 * DAY_MS).await, 0);
    assert_eq!(taken(&world, handoff).await, all);
}

#[tokio::test]
async fn timers_of_steps_survive_a_restart() {
    let world = world("").await;
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    let again = world.again(&agreement("", ""));
    fire(&again, START_MS + 30 * MINUTE_MS).await;
    assert_eq!(
        taken(&again, handoff).await,
        [(50, "told Ann (owner)".to_owned())]
    );
}

#[tokio::test]
async fn a_name_that_is_nobodys_is_listed() {
    let text = agreement("", "").replace("notify = \"owner\"", "notify = \"Zoe\"");
    let world = World::with(&text, |options| options.deliver = false);
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    fire(&world, START_MS + 30 * MINUTE_MS).await;
    assert_eq!(
        taken(&world, handoff).await,
        [(50, "there was nobody to tell as Zoe".to_owned())]
    );
    let findings = world.app.findings(50).await.unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding.kind == "unknown_person" && finding.subject == "Zoe")
    );
}

#[tokio::test]
async fn a_lead_without_an_owner_has_a_clock_that_runs() {
    let world = World::with(&agreement("", ""), |options| options.deliver = false);
    let admin = ("Ada", "ada@seller.example");
    world
        .app
        .create_user(admin.0, admin.1, "correct horse", Role::Admin)
        .await
        .unwrap();
    world.app.set_webhook("http://127.0.0.1:9/", None).await.unwrap();
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    fire(&world, START_MS + 30 * MINUTE_MS).await;
    // Who would be the owner is nobody, so that whoever manages is told.
    assert_eq!(
        taken(&world, handoff).await,
        [(50, "told Ada (administrator)".to_owned())]
    );
    let clock = clock(&world, handoff).await;
    assert_eq!((clock.owner_since, clock.owner_raw), (None, None));
    assert_eq!(clock.raw, Period::from_ms(30 * MINUTE_MS));
}

#[tokio::test]
async fn first_contact_stops_the_clock_and_later_ones_are_kept() {
    let world = world("hours = \"business\"").await;
    let friday: Timestamp = "2026-06-05T16:30Z".parse().unwrap();
    let monday: Timestamp = "2026-06-08T09:10Z".parse().unwrap();
    let (_, handoff) = handed_off(&world, "ana", friday.ms()).await;
    world.app.accept_handoff(handoff, Actor::Console).await.unwrap();
    assert_eq!(clock(&world, handoff).await.ended_at, None);
    world.clock.set(monday.ms());
    let note = Some("Wants a quote".to_owned());
    let detail = world
        .app
        .record_contact(handoff, ContactKind::Call, None, note, Actor::Console)
        .await
        .unwrap();
    let clock = detail.clock.unwrap();
    assert_eq!((clock.contacted_at, clock.ended_at), (Some(monday), Some(monday)));
    assert_eq!(clock.raw, monday.since(friday));
    assert_eq!(clock.working, Period::from_ms(40 * MINUTE_MS));
    assert_eq!(clock.owner_working, Some(Period::from_ms(40 * MINUTE_MS)));
    assert_eq!((clock.late, detail.summary.breached), (None, false));
    world.clock.set(monday.ms() + DAY_MS);
    let detail = world
        .app
        .record_contact(handoff, ContactKind::Mail, None, None, Actor::Console)
        .await
        .unwrap();
    assert_eq!(detail.clock.unwrap().contacted_at, Some(monday));
    let kinds: Vec<&str> = detail.contacts.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["call", "mail"]);
    // No step is due any more.
    assert_eq!(fire(&world, monday.ms() + 90 * DAY_MS).await, 0);
}

#[tokio::test]
async fn a_clock_goes_on_after_the_breach_and_says_how_late_contact_came() {
    let world = world("").await;
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    world.clock.set(START_MS + 26 * HOUR_MS);
    assert_eq!(clock(&world, handoff).await.late, Some(hours(25)));
    let detail = world
        .app
        .record_contact(handoff, ContactKind::Call, None, None, Actor::Console)
        .await
        .unwrap();
    assert_eq!(detail.clock.unwrap().late, Some(hours(25)));
    assert!(detail.summary.breached);
}

#[tokio::test]
async fn events_that_the_agreement_names_are_contacts_and_the_earliest_is_the_first() {
    let world = world("").await;
    let (lead, handoff) = handed_off(&world, "ana", START_MS).await;
    let who = || keys("", "ana", "");
    let call = |message: &str, ms: i64| track(message, ms, who(), "call_logged");
    // One that was before the handoff, though it comes later, is none; nor is another event.
    world.clock.set(START_MS + 50 * MINUTE_MS);
    world
        .accept(
            START_MS + 40 * MINUTE_MS,
            vec![
                call("c0", START_MS - HOUR_MS),
                track("o1", START_MS + 1, who(), "Logged In"),
            ],
        )
        .await;
    assert_eq!(clock(&world, handoff).await.contacted_at, None);
    world
        .accept(
            START_MS + 45 * MINUTE_MS,
            vec![call("c2", START_MS + 40 * MINUTE_MS)],
        )
        .await;
    let first = clock(&world, handoff).await.contacted_at;
    assert_eq!(first, Some(at(START_MS + 40 * MINUTE_MS)));
    // A mail of before becomes known after it, twice.
    for _ in 0..2 {
        let mail = track_with(
            "m1",
            START_MS + 10 * MINUTE_MS,
            who(),
            "Email Sent",
            Properties::new(),
        );
        world.accept(START_MS + 50 * MINUTE_MS, vec![mail]).await;
    }
    let detail = shown(&world, handoff).await;
    let clock = detail.clock.unwrap();
    assert_eq!(clock.contacted_at, Some(at(START_MS + 10 * MINUTE_MS)));
    assert_eq!(clock.raw, Period::from_ms(10 * MINUTE_MS));
    let told: Vec<(&str, &str)> = detail
        .contacts
        .iter()
        .map(|one| (one.kind.as_str(), one.source.as_str()))
        .collect();
    assert_eq!(
        told,
        [("mail", "event Email Sent"), ("call", "event call_logged")]
    );
    assert_eq!(world.detail(lead).await.handoffs.len(), 1);
}

#[tokio::test]
async fn a_contact_that_cannot_have_been_is_refused() {
    let world = world("").await;
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    for wrong in [START_MS - 1, START_MS + 1] {
        let refused = world
            .app
            .record_contact(handoff, ContactKind::Call, Some(at(wrong)), None, Actor::Console)
            .await;
        assert!(
            matches!(refused, Err(AppError::Invalid { field: "at", .. })),
            "{wrong}"
        );
    }
    let missing = world
        .app
        .record_contact(HandoffId(99), ContactKind::Call, None, None, Actor::Console)
        .await;
    assert!(matches!(missing, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn a_clock_stands_still_for_an_agreed_reason_and_due_times_move() {
    let world = world("").await;
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    world.clock.set(START_MS + 20 * MINUTE_MS);
    let pause = |reason: &str| {
        world
            .app
            .pause_handoff(handoff, reason.to_owned(), Actor::Console)
    };
    assert!(matches!(
        pause("No time").await,
        Err(AppError::Invalid { field: "reason", .. })
    ));
    let paused = pause("waiting for the lead's reply ").await.unwrap();
    assert_eq!(paused.summary.paused_at, Some(at(START_MS + 20 * MINUTE_MS)));
    assert!(matches!(
        pause("Waiting for the lead's reply").await,
        Err(AppError::Conflict { .. })
    ));
    // Nothing falls due while it stands still, and nothing is late.
    assert_eq!(fire(&world, START_MS + 5 * HOUR_MS).await, 0);
    assert!(!shown(&world, handoff).await.summary.breached);
    let resumed = world.app.resume_handoff(handoff, Actor::Console).await.unwrap();
    let due = START_MS + 5 * HOUR_MS + 40 * MINUTE_MS;
    assert_eq!(resumed.summary.due_at, Some(at(due)));
    let clock = resumed.clock.unwrap();
    assert_eq!((clock.due_at, clock.owner_due_at), (Some(at(due)), Some(at(due))));
    assert_eq!(clock.working, Period::from_ms(20 * MINUTE_MS));
    assert_eq!(clock.pauses[0].reason, "Waiting for the lead's reply");
    assert!(matches!(
        world.app.resume_handoff(handoff, Actor::Console).await,
        Err(AppError::Conflict { .. })
    ));
    assert_eq!(fire(&world, due - 31 * MINUTE_MS).await, 0);
    assert_eq!(fire(&world, due - 30 * MINUTE_MS).await, 1);
}

#[tokio::test]
async fn where_the_agreement_names_no_reason_no_clock_stands_still() {
    let world = World::with(AGREEMENT, |options| options.deliver = false);
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    let refused = world
        .app
        .pause_handoff(handoff, "Lunch".to_owned(), Actor::Console)
        .await;
    assert!(matches!(refused, Err(AppError::Refused { .. })));
}

#[tokio::test]
async fn a_later_agreement_changes_no_clock_that_runs() {
    let world = world("").await;
    let (_, handoff) = handed_off(&world, "ana", START_MS).await;
    let before = clock(&world, handoff).await;
    let other = agreement("hours = \"business\"", "").replace("\"1h\"", "\"9h\"");
    world.publish(&other).await;
    assert_eq!(clock(&world, handoff).await, before);
    fire(&world, START_MS + 30 * MINUTE_MS).await;
    assert_eq!(taken(&world, handoff).await.len(), 1);
}

#[tokio::test]
async fn a_clock_ends_with_its_handoff_and_goes_on_when_two_leads_are_parted() {
    let world = world("").await;
    let (_, rejected) = handed_off(&world, "ana", START_MS).await;
    world.clock.set(START_MS + HOUR_MS);
    world
        .app
        .reject_handoff(rejected, "No budget".to_owned(), None, Actor::Console)
        .await
        .unwrap();
    let ended = clock(&world, rejected).await;
    assert_eq!(ended.ended_at, Some(at(START_MS + HOUR_MS)));
    assert_eq!((ended.contacted_at, ended.raw), (None, hours(1)));
    assert_eq!(fire(&world, START_MS + 9 * HOUR_MS).await, 0);

    let (bob, first) = handed_off(&world, "bob", START_MS + 10 * HOUR_MS).await;
    let (cem, second) = handed_off(&world, "cem", START_MS + 10 * HOUR_MS).await;
    let join_at = START_MS + 10 * HOUR_MS + 10 * MINUTE_MS;
    world.clock.set(join_at);
    world.app.merge_leads(bob, cem, Actor::Console).await.unwrap();
    assert_eq!(clock(&world, first).await.ended_at, None);
    assert_eq!(clock(&world, second).await.ended_at, Some(at(join_at)));
    world.app.unmerge_lead(cem, Actor::Console).await.unwrap();
    assert_eq!(clock(&world, second).await.ended_at, None);
    assert_eq!(shown(&world, second).await.summary.lead, cem);
    fire(&world, START_MS + 10 * HOUR_MS + 30 * MINUTE_MS).await;
    for handoff in [first, second] {
        assert_eq!(taken(&world, handoff).await.len(), 1, "{handoff}");
    }
}

#[tokio::test]
async fn the_teams_own_hours_count_and_its_manager_is_told() {
    let world = world("hours = \"business\"").await;
    let users = world.app.users().await.unwrap();
    let bea = users.iter().find(|user| user.name == "Bea").unwrap().id;
    let settings = TeamSettings {
        zone: Some("America/New_York".to_owned()),
        shifts: Some("sat 10:00-12:00; sun 10:00-12:00".to_owned()),
        manager: Some(bea),
        ..TeamSettings::default()
    };
    world.app.put_team("sdr", settings).await.unwrap();
    // A Saturday half an hour before the team's two hours end in New York, where it is summer.
    let saturday: Timestamp = "2026-06-06T15:30Z".parse().unwrap();
    let (_, handoff) = handed_off(&world, "ana", saturday.ms()).await;
    let due: Timestamp = "2026-06-07T14:30Z".parse().unwrap();
    assert_eq!(shown(&world, handoff).await.summary.due_at, Some(due));
    fire(&world, due.ms()).await;
    assert_eq!(
        taken(&world, handoff).await.last(),
        Some(&(100, "told Bea (manager)".to_owned()))
    );
}

#[tokio::test]
async fn a_step_that_no_destination_takes_doesnt_say_that_somebody_was_told() {
    let world = world("hours = \"business\"").await;
    world.app.remove_destination("webhook").await.unwrap();
    let monday: Timestamp = "2026-06-08T09:00Z".parse().unwrap();
    let (_, handoff) = handed_off(&world, "ana", monday.ms()).await;
    fire(&world, monday.ms() + 30 * MINUTE_MS).await;
    assert_eq!(
        taken(&world, handoff).await,
        [(50, "no destination told Ann (owner)".to_owned())]
    );
    let found = world.app.findings(50).await.unwrap();
    assert!(found.iter().any(|found| found.kind == "nobody_to_tell"));
}

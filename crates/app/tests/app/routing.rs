//! Whose leads become: nobody who is away gets one, turns are fair, what waits is taken up, and every decision is kept.

use bellwether_app::{
    Actor, App, AppError, HandoffId, HandoffQuery, HandoffState, HandoffSummary, Holiday, Options,
    RouteCause, TeamSettings, UserChange, UserId,
};

use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, track};

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Has a lead of its own company qualify at a time, and gives its handoff.
async fn qualify(world: &World, n: i64, ms: i64) -> HandoffSummary {
    qualify_of(world, n, ms, &format!("c{n}.example")).await
}

async fn qualify_of(world: &World, n: i64, ms: i64, company: &str) -> HandoffSummary {
    world.clock.set(ms);
    let who = keys("", &format!("u{n}"), "");
    let address = format!("p{n}@{company}");
    let traits = [("email", address.as_str()), ("title", "VP")];
    let facts = vec![
        identify(&format!("i{n}"), ms, who.clone(), &traits),
        track(&format!("t{n}"), ms, who, "Demo Requested"),
    ];
    world.accept(ms, facts).await;
    let lead = world.lead_of("user_id", &format!("u{n}")).await;
    world.detail(lead).await.handoffs.remove(0)
}

fn owner(handoff: &HandoffSummary) -> &str {
    handoff
        .owner
        .as_ref()
        .map_or("nobody", |owner| owner.name.as_str())
}

async fn handoff(world: &World, id: HandoffId) -> HandoffSummary {
    world.app.handoff(id).await.unwrap().unwrap().summary
}

async fn away(world: &World, user: i64, from: Option<i64>, until: Option<i64>, reassign: bool) {
    world
        .app
        .add_time_off(
            UserId(user),
            from.map(at),
            until.map(at),
            "sick",
            reassign,
            Actor::Console,
        )
        .await
        .unwrap();
}

fn office() -> TeamSettings {
    TeamSettings {
        zone: Some("Europe/Berlin".to_owned()),
        shifts: Some("mon-fri 09:00-17:00".to_owned()),
        holidays: Some("de".to_owned()),
        ..TeamSettings::default()
    }
}

fn quiet() -> World {
    World::with(AGREEMENT, |options| options.deliver = false)
}

#[tokio::test]
async fn a_lead_that_comes_at_night_waits_and_is_taken_up_when_the_first_shift_begins() {
    let world = quiet();
    world.sales(&["ann", "bob"]).await;
    world.app.put_team("sdr", office()).await.unwrap();
    let holiday = Holiday {
        date: "2026-06-01".to_owned(),
        name: "Pentecost".to_owned(),
    };
    world.app.put_holidays("de", vec![holiday]).await.unwrap();
    // Ann works her own hours, in Sydney.
    let hers = UserChange {
        zone: Some(Some("Australia/Sydney".to_owned())),
        shifts: Some(Some("tue 11:00-12:00".to_owned())),
        ..UserChange::default()
    };
    world
        .app
        .change_user(UserId(1), hers, false, Actor::Console)
        .await
        .unwrap();
    let first = qualify(&world, 1, START_MS).await;
    let second = qualify(&world, 2, START_MS + MINUTE_MS).await;
    assert_eq!((owner(&first), owner(&second)), ("nobody", "nobody"));
    assert_eq!(
        first.route_reason,
        "nobody of team `sdr` can take it now: ann on a holiday until 2026-06-02 01:00 UTC; \
         bob on a holiday until 2026-06-02 07:00 UTC"
    );
    let due = first.due_at;
    world.clock.set(START_MS + 25 * HOUR_MS - 1);
    assert_eq!(world.app.fire_timers().await.unwrap(), 0);
    world.clock.set(START_MS + 25 * HOUR_MS);
    assert_eq!(world.app.fire_timers().await.unwrap(), 1);
    let taken = handoff(&world, first.id).await;
    assert_eq!((owner(&taken), taken.due_at), ("ann", due), "the clock ran on");
    assert_eq!(owner(&handoff(&world, second.id).await), "ann");
    let decisions = world.app.routing(first.id).await.unwrap();
    let causes: Vec<_> = decisions.iter().map(|decision| decision.cause).collect();
    assert_eq!(causes, [RouteCause::Qualified, RouteCause::TakenUp]);
    let seen: Vec<_> = decisions[1]
        .looked_at
        .candidates
        .iter()
        .map(|one| (one.name.as_str(), one.passed_over.is_some()))
        .collect();
    assert_eq!(seen, [("ann", false), ("bob", true)]);
    let lead = world.detail(first.lead).await;
    assert_eq!(lead.summary.owner.unwrap().name, "ann");
}

#[tokio::test]
async fn what_frees_somebody_has_the_queue_taken_up_at_once_the_most_urgent_first() {
    let world = quiet();
    world.sales(&["ann"]).await;
    away(&world, 1, None, None, false).await;
    let first = qualify(&world, 1, START_MS + 5).await;
    let second = qualify(&world, 2, START_MS + 3).await;
    assert!(first.due_at > second.due_at);
    // A cap of one: only the one that is due first is taken when ann is back.
    world
        .app
        .limit_member("sdr", UserId(1), None, Some(1))
        .await
        .unwrap();
    world.app.back(UserId(1)).await.unwrap();
    assert_eq!(owner(&handoff(&world, second.id).await), "ann");
    assert_eq!(owner(&handoff(&world, first.id).await), "nobody");
    // Answering frees the cap.
    world
        .app
        .accept_handoff(second.id, Actor::User(UserId(1)))
        .await
        .unwrap();
    assert_eq!(owner(&handoff(&world, first.id).await), "ann");
    // Somebody who joins takes what waits.
    let third = qualify(&world, 3, START_MS + 10).await;
    assert_eq!(owner(&third), "nobody");
    world.sales(&["bob"]).await;
    assert_eq!(owner(&handoff(&world, third.id).await), "bob");
}

#[tokio::test]
async fn a_cap_a_day_is_over_at_the_next_local_midnight() {
    let world = quiet();
    world.sales(&["ann"]).await;
    let berlin = TeamSettings {
        zone: Some("Europe/Berlin".to_owned()),
        ..TeamSettings::default()
    };
    world.app.put_team("sdr", berlin).await.unwrap();
    world
        .app
        .limit_member("sdr", UserId(1), Some(1), None)
        .await
        .unwrap();
    assert_eq!(owner(&qualify(&world, 1, START_MS).await), "ann");
    let waits = qualify(&world, 2, START_MS + HOUR_MS).await;
    assert_eq!(owner(&waits), "nobody");
    world.clock.set(START_MS + 22 * HOUR_MS - 1);
    assert_eq!(world.app.fire_timers().await.unwrap(), 0);
    world.clock.set(START_MS + 22 * HOUR_MS);
    assert_eq!(world.app.fire_timers().await.unwrap(), 1);
    assert_eq!(owner(&handoff(&world, waits.id).await), "ann");
}

#[tokio::test]
async fn an_accounts_owner_is_passed_over_only_while_they_are_away() {
    let world = quiet();
    world.sales(&["ann", "bob"]).await;
    qualify_of(&world, 1, START_MS, "acme.example").await;
    let account = world.app.account_of_domain("acme.example").await.unwrap();
    world
        .app
        .set_account_owner(account, Some(UserId(2)))
        .await
        .unwrap();
    // Their hours and limits don't matter: the company is theirs.
    world
        .app
        .limit_member("sdr", UserId(2), Some(0), Some(0))
        .await
        .unwrap();
    assert_eq!(
        owner(&qualify_of(&world, 2, START_MS, "acme.example").await),
        "bob"
    );
    away(&world, 2, None, Some(START_MS + DAY_MS), false).await;
    let third = qualify_of(&world, 3, START_MS, "acme.example").await;
    assert_eq!(owner(&third), "ann");
    let decisions = world.app.routing(third.id).await.unwrap();
    let owners = &decisions[0].looked_at.owners;
    assert_eq!(
        owners[0].passed_over.as_deref(),
        Some("away until 2026-06-02 00:00 UTC: sick")
    );
    let fourth = qualify_of(&world, 4, START_MS + DAY_MS, "acme.example").await;
    assert_eq!(owner(&fourth), "bob");
}

#[tokio::test]
async fn who_leaves_signs_in_no_more_and_what_waits_for_them_goes_to_others() {
    let world = quiet();
    world.sales(&["ann", "bob"]).await;
    let hers = qualify(&world, 1, START_MS).await;
    assert_eq!(owner(&hers), "ann");
    let session = world
        .app
        .sign_in("ann@seller.example", "correct horse")
        .await
        .unwrap()
        .unwrap();
    let left = UserChange {
        active: Some(false),
        ..UserChange::default()
    };
    world
        .app
        .change_user(UserId(1), left, true, Actor::Console)
        .await
        .unwrap();
    assert_eq!(world.app.session(&session.token).await.unwrap(), None);
    let again = world
        .app
        .sign_in("ann@seller.example", "correct horse")
        .await
        .unwrap();
    assert!(again.is_none());
    let moved = handoff(&world, hers.id).await;
    assert_eq!((owner(&moved), moved.due_at), ("bob", hers.due_at));
    for n in 2..5 {
        assert_eq!(owner(&qualify(&world, n, START_MS).await), "bob");
    }
    let to_ann = world
        .app
        .reassign_handoff(hers.id, Some(UserId(1)), "she knows them", Actor::Console)
        .await;
    assert!(matches!(to_ann, Err(AppError::Conflict { .. })), "{to_ann:?}");
}

#[tokio::test]
async fn what_a_manager_gives_counts_as_a_turn_and_nothing_is_taken_back() {
    let world = quiet();
    world.sales(&["ann", "bob", "cal"]).await;
    let first = qualify(&world, 1, START_MS).await;
    assert_eq!(owner(&first), "ann");
    let moved = world
        .app
        .reassign_handoff(first.id, Some(UserId(3)), "speaks Czech", Actor::Console)
        .await
        .unwrap();
    assert_eq!(owner(&moved.summary), "cal");
    assert_eq!(moved.summary.route_reason, "speaks Czech");
    // Ann and cal had one each: bob is next, and only then the others.
    assert_eq!(owner(&qualify(&world, 2, START_MS + 1).await), "bob");
    // In turn, apart from whoever has it.
    let next = world
        .app
        .reassign_handoff(first.id, None, "nobody called", Actor::Console)
        .await
        .unwrap();
    assert_eq!(owner(&next.summary), "bob", "ann had one, which isn't taken back");
    let causes: Vec<_> = world
        .app
        .routing_of_lead(first.lead)
        .await
        .unwrap()
        .iter()
        .map(|decision| (decision.cause, decision.picked.as_ref().unwrap().name.clone()))
        .collect();
    assert_eq!(
        causes,
        [
            (RouteCause::Qualified, "ann".to_owned()),
            (RouteCause::Manual, "cal".to_owned()),
            (RouteCause::Reassigned, "bob".to_owned()),
        ]
    );
    // Where nobody else can take it, it stays where it is, and that is kept too.
    for user in [1, 3] {
        away(&world, user, None, None, false).await;
    }
    let stays = world
        .app
        .reassign_handoff(first.id, None, "nobody called", Actor::Console)
        .await
        .unwrap();
    assert_eq!(owner(&stays.summary), "bob");
    assert_eq!(world.app.routing(first.id).await.unwrap().len(), 4);
    world
        .app
        .reject_handoff(first.id, "No budget".to_owned(), None, Actor::Console)
        .await
        .unwrap();
    let over = world
        .app
        .reassign_handoff(first.id, None, "too late", Actor::Console)
        .await;
    assert!(matches!(over, Err(AppError::Conflict { .. })), "{over:?}");
}

#[tokio::test]
async fn the_message_to_the_manager_and_to_who_takes_it_up_are_promised_with_the_decision() {
    let world = quiet();
    world
        .app
        .set_webhook("https://hooks.example/in", None)
        .await
        .unwrap();
    world.sales(&["ann"]).await;
    away(&world, 1, None, None, false).await;
    qualify(&world, 1, START_MS).await;
    let waiting = |world: &World| {
        let app = world.app.clone();
        async move { app.counts().await.unwrap().outbox_waiting }
    };
    assert_eq!(waiting(&world).await, 2, "lead.qualified and handoff.waiting");
    world.app.back(UserId(1)).await.unwrap();
    assert_eq!(waiting(&world).await, 3, "and handoff.assigned");
}

/// A number from a seed: the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Opens the same database again, as after a crash.
fn reopened(world: &mut World, clock: std::sync::Arc<crate::support::StillClock>) {
    let mut options = Options::new(world.directory.path().to_owned(), AGREEMENT.to_owned());
    options.clock = clock;
    options.deliver = false;
    let spare = tempfile::tempdir().unwrap();
    let old = std::mem::replace(
        &mut world.app,
        App::open(Options::new(spare.path().to_owned(), AGREEMENT.to_owned())).unwrap(),
    );
    drop(old);
    world.app = App::open(options).unwrap();
}

/// Through the whole product: leads come many at once while people come, go and are limited, and the product is opened
/// anew in between.
#[tokio::test]
async fn nobody_away_gets_one_and_turns_are_fair_through_crashes_and_crowds() {
    for seed in 1..4 {
        let mut dice = Dice(seed);
        let mut world = quiet();
        world.sales(&["ann", "bob", "cal", "dan"]).await;
        let mut there = [true; 4];
        let mut stretch = [0_i64; 4];
        for n in 0..40_i64 {
            let ms = START_MS + n * MINUTE_MS;
            world.clock.set(ms);
            if dice.roll(3) == 0 {
                let who = usize::try_from(dice.roll(4)).unwrap();
                let user = i64::try_from(who).unwrap() + 1;
                there[who] = !there[who];
                stretch = [0; 4];
                if there[who] {
                    world.app.back(UserId(user)).await.unwrap();
                } else {
                    away(&world, user, None, None, false).await;
                }
            }
            if dice.roll(8) == 0 {
                let clock = world.clock.clone();
                reopened(&mut world, clock);
            }
            if !there.contains(&true) {
                continue;
            }
            // Three at once, each in a submission of its own.
            let lots = (0..3).map(|k| crate::support::submission(ms, lead_facts(n * 3 + k, ms)));
            let lots: Vec<_> = lots.map(|lot| world.app.accept(lot)).collect();
            let (one, two, three) = {
                let mut lots = lots.into_iter();
                let mut next = || lots.next().unwrap();
                let (a, b, c) = (next(), next(), next());
                tokio::join!(a, b, c)
            };
            assert!(one.is_ok() && two.is_ok() && three.is_ok());
            for k in 0..3 {
                let lead = world.lead_of("user_id", &format!("u{}", n * 3 + k)).await;
                let user = world.detail(lead).await.summary.owner.unwrap().id;
                let who = usize::try_from(user.0).unwrap() - 1;
                assert!(there[who], "seed {seed}: {user} is away");
                stretch[who] += 1;
            }
            // Within a lead of their share of what was given since somebody came or went.
            let given: i64 = stretch.iter().sum();
            let present = there.iter().filter(|there| **there).count();
            let present = i64::try_from(present).unwrap();
            for who in (0..4).filter(|who| there[*who]) {
                let off = (stretch[who] * present - given).abs();
                assert!(off < present, "seed {seed}, lead {n}: {stretch:?} of {there:?}");
            }
        }
    }
}

fn lead_facts(n: i64, ms: i64) -> Vec<bellwether_app::IncomingFact> {
    let who = keys("", &format!("u{n}"), "");
    let address = format!("p{n}@c{n}.example");
    let traits = [("email", address.as_str()), ("title", "VP")];
    vec![
        identify(&format!("i{n}"), ms, who.clone(), &traits),
        track(&format!("t{n}"), ms, who, "Demo Requested"),
    ]
}

#[tokio::test]
async fn what_waits_is_still_taken_up_after_the_product_was_down() {
    let mut world = quiet();
    world.sales(&["ann"]).await;
    away(&world, 1, None, Some(START_MS + HOUR_MS), false).await;
    let waits = qualify(&world, 1, START_MS).await;
    let clock = world.clock.clone();
    reopened(&mut world, clock);
    world.clock.set(START_MS + 5 * HOUR_MS);
    assert_eq!(world.app.fire_timers().await.unwrap(), 1);
    assert_eq!(owner(&handoff(&world, waits.id).await), "ann");
    let open = HandoffQuery {
        state: Some(HandoffState::Open),
        ..HandoffQuery::default()
    };
    assert_eq!(world.app.handoffs(open).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn what_cant_be_meant_is_refused_with_what_would_be_right() {
    let world = quiet();
    world.sales(&["ann"]).await;
    let zone = TeamSettings {
        zone: Some("Europe/Berln".to_owned()),
        ..TeamSettings::default()
    };
    let shifts = TeamSettings {
        shifts: Some("mon-fri 17:00-09:00".to_owned()),
        ..TeamSettings::default()
    };
    let link = TeamSettings {
        booking_url: Some("javascript:alert(1)".to_owned()),
        ..TeamSettings::default()
    };
    for (settings, wanted) in [(zone, "zone"), (shifts, "shifts"), (link, "booking_url")] {
        let refused = world.app.put_team("sdr", settings).await;
        assert!(
            matches!(refused, Err(AppError::Invalid { field, .. }) if field == wanted),
            "{refused:?}"
        );
    }
    let backwards = world
        .app
        .add_time_off(
            UserId(1),
            Some(at(START_MS + 1)),
            Some(at(START_MS)),
            "",
            false,
            Actor::Console,
        )
        .await;
    assert!(
        matches!(backwards, Err(AppError::Invalid { field: "until", .. })),
        "{backwards:?}"
    );
    let standing = world.app.team_standing("sdr").await.unwrap().unwrap();
    assert_eq!(standing.next.unwrap().name, "ann");
    assert_eq!((standing.waiting, standing.members.len()), (0, 1));
}

//! Who may sign in, and with which key.

use bellwether_app::{Actor, AppError, HandoffQuery, HandoffState, KeyClass, Role};

use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, identify, keys, track};

#[tokio::test]
async fn a_password_opens_a_session_that_ends() {
    let world = World::new();
    let user = world
        .app
        .create_user("Ann", "Ann@Seller.example", "correct horse", Role::Sales)
        .await
        .unwrap();
    assert!(
        world
            .app
            .sign_in("ann@seller.example", "wrong horse")
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        world
            .app
            .sign_in("bob@seller.example", "correct horse")
            .await
            .unwrap()
            .is_none()
    );
    let session = world
        .app
        .sign_in(" ANN@seller.example", "correct horse")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        world.app.session(&session.token).await.unwrap().as_ref(),
        Some(&user)
    );
    assert_eq!(world.app.session("0000").await.unwrap(), None);
    world.clock.set(START_MS + 15 * DAY_MS);
    assert_eq!(world.app.session(&session.token).await.unwrap(), None);
    world.clock.set(START_MS);
    world.app.sign_out(&session.token).await.unwrap();
    assert_eq!(world.app.session(&session.token).await.unwrap(), None);
    let twice = world
        .app
        .create_user("Ann", "ann@seller.example", "correct horse", Role::Sales)
        .await;
    assert!(matches!(twice, Err(AppError::Conflict { .. })), "{twice:?}");
}

#[tokio::test]
async fn guessing_ends_soon_and_may_go_on_later() {
    let world = World::new();
    world
        .app
        .create_user("Ann", "ann@seller.example", "correct horse", Role::Sales)
        .await
        .unwrap();
    for _ in 0..10 {
        assert!(
            world
                .app
                .sign_in("ann@seller.example", "guess")
                .await
                .unwrap()
                .is_none()
        );
    }
    assert!(
        world
            .app
            .sign_in("ann@seller.example", "correct horse")
            .await
            .unwrap()
            .is_none()
    );
    world.clock.set(START_MS + 16 * MINUTE_MS);
    assert!(
        world
            .app
            .sign_in("ann@seller.example", "correct horse")
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_key_opens_what_it_is_for() {
    let world = World::new();
    let (write, text) = world.app.create_key(KeyClass::Write, "site").await.unwrap();
    assert!(text.starts_with("bw_write_") && text.len() >= 41, "{text}");
    for _ in 0..2 {
        assert_eq!(
            world
                .app
                .check_key(&text, KeyClass::Write)
                .await
                .unwrap()
                .as_ref(),
            Some(&write)
        );
        assert_eq!(world.app.check_key(&text, KeyClass::Admin).await.unwrap(), None);
    }
    assert_eq!(
        world.app.check_key("bw_write_0", KeyClass::Write).await.unwrap(),
        None
    );
    assert_eq!(world.app.keys().await.unwrap(), [write]);
}

#[tokio::test]
async fn a_team_lists_who_is_on_it_and_who_left_gets_no_more_leads() {
    let world = World::new();
    world.sales(&["ann", "bob"]).await;
    let ids: Vec<_> = world
        .app
        .users()
        .await
        .unwrap()
        .iter()
        .map(|user| user.id)
        .collect();
    world.app.add_member("sdr", ids[0], 3).await.unwrap();
    world.app.add_member("away", ids[1], 1).await.unwrap();
    world.app.remove_member("sdr", ids[1]).await.unwrap();
    let again = world.app.remove_member("sdr", ids[1]).await;
    assert!(matches!(again, Err(AppError::NotFound { .. })), "{again:?}");
    for n in 0..3_i64 {
        let who = keys("", &format!("u{n}"), "");
        let address = format!("p{n}@c{n}.example");
        let facts = vec![
            identify(
                &format!("i{n}"),
                START_MS,
                who.clone(),
                &[("email", &address), ("title", "VP")],
            ),
            track(&format!("t{n}"), START_MS, who, "Demo Requested"),
        ];
        world.accept(START_MS, facts).await;
    }
    let teams = world.app.teams().await.unwrap();
    let shown: Vec<_> = teams
        .iter()
        .map(|team| {
            let members = team.members.iter();
            let members: Vec<_> = members
                .map(|member| {
                    (
                        member.user.name.as_str(),
                        member.weight,
                        member.active,
                        member.open_handoffs,
                    )
                })
                .collect();
            (team.name.as_str(), team.routes.len(), members)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("away", 0, vec![("bob", 1, true, 0)]),
            ("sdr", 1, vec![("ann", 3, true, 3), ("bob", 1, false, 0)]),
        ]
    );
    let of_team = |team: &str| HandoffQuery {
        team: Some(team.to_owned()),
        ..HandoffQuery::default()
    };
    assert_eq!(world.app.handoffs(of_team("sdr")).await.unwrap().items.len(), 3);
    assert!(
        world
            .app
            .handoffs(of_team("away"))
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

/// Who gets how many of twelve leads.
async fn shares(pick: &str, weights: [u32; 3]) -> Vec<u64> {
    let agreement = AGREEMENT.replace("\"round_robin\"", &format!("\"{pick}\""));
    let world = World::with(&agreement, |_| {});
    world.sales(&["ann", "bob", "cal"]).await;
    for (user, weight) in world.app.users().await.unwrap().iter().zip(weights) {
        world.app.add_member("sdr", user.id, weight).await.unwrap();
    }
    for n in 0..12_i64 {
        let who = keys("", &format!("u{n}"), "");
        let address = format!("p{n}@c{n}.example");
        let ms = START_MS + n;
        let facts = vec![
            identify(
                &format!("i{n}"),
                ms,
                who.clone(),
                &[("email", &address), ("title", "VP")],
            ),
            track(&format!("t{n}"), ms, who, "Demo Requested"),
        ];
        world.accept(ms, facts).await;
        // The first member answers at once, and so never has anything open.
        let first = world.app.users().await.unwrap()[0].id;
        let open = HandoffQuery {
            owner: Some(first),
            state: Some(HandoffState::Open),
            ..HandoffQuery::default()
        };
        for handoff in world.app.handoffs(open).await.unwrap().items {
            world
                .app
                .accept_handoff(handoff.id, Actor::User(first))
                .await
                .unwrap();
        }
    }
    let mut got = Vec::new();
    for user in world.app.users().await.unwrap() {
        let owned = HandoffQuery {
            owner: Some(user.id),
            ..HandoffQuery::default()
        };
        got.push(world.app.handoffs(owned).await.unwrap().items.len() as u64);
    }
    got
}

#[tokio::test]
async fn a_route_picks_in_turn_by_weight_or_by_load() {
    assert_eq!(shares("round_robin", [4, 1, 1]).await, [4, 4, 4]);
    assert_eq!(shares("weighted", [4, 1, 1]).await, [8, 2, 2]);
    let loaded = shares("least_loaded", [1, 1, 1]).await;
    assert!(loaded[0] >= 10 && loaded[1] <= 1 && loaded[2] <= 1, "{loaded:?}");
}

//! Who may sign in, and with which key.

use bellwether_app::{AppError, KeyClass, Role};

use crate::support::{DAY_MS, MINUTE_MS, START_MS, World};

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

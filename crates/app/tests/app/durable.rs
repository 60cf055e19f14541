//! What was answered is on disk, what wasn't isn't half there, and nobody is told that something was kept that wasn't.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use bellwether_app::{AcceptError, App, HandoffQuery, LeadQuery, Options};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, identify, keys, page, submission, track};

fn hand_raiser(user: &str) -> Vec<bellwether_app::IncomingFact> {
    vec![
        identify(
            &format!("i-{user}"),
            START_MS,
            keys("", user, ""),
            &[("title", "VP")],
        ),
        track(
            &format!("t-{user}"),
            START_MS + 1,
            keys("", user, ""),
            "Demo Requested",
        ),
    ]
}

#[tokio::test]
async fn a_commit_that_fails_leaves_nothing_behind_and_the_same_facts_can_come_again() {
    let broken = Arc::new(AtomicBool::new(false));
    let fault = Arc::clone(&broken);
    let world = World::with(AGREEMENT, move |options| {
        options.commit_fault = Some(Arc::new(move || fault.load(Ordering::SeqCst)));
    });
    world.sales(&["ann", "bob"]).await;
    world.accept(START_MS, hand_raiser("u1")).await;
    broken.store(true, Ordering::SeqCst);
    let failed = world.app.accept(submission(START_MS, hand_raiser("u2"))).await;
    assert_eq!(failed, Err(AcceptError::Unavailable));
    assert!(!world.app.is_ready());
    assert_eq!(world.app.lead_by_key("user_id", "u2").await.unwrap(), None);
    broken.store(false, Ordering::SeqCst);
    assert_eq!(world.accept(START_MS, hand_raiser("u2")).await.accepted, 2);
    assert!(world.app.is_ready());
    let handoffs = world.app.handoffs(HandoffQuery::default()).await.unwrap().items;
    let owners: Vec<&str> = handoffs
        .iter()
        .map(|handoff| handoff.owner.as_ref().unwrap().name.as_str())
        .collect();
    assert_eq!(owners, ["ann", "bob"]);
}

#[tokio::test]
async fn a_full_queue_says_so_and_loses_nothing_that_it_took() {
    let (open_gate, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let world = World::with(AGREEMENT, move |options| {
        options.queue_facts_max = 10;
        // Each commit waits until the gate has opened for good.
        options.commit_fault = Some(Arc::new(move || {
            let _ = gate.lock().unwrap().recv();
            false
        }));
    });
    let mut waiting = Vec::new();
    let mut busy = 0;
    // The committer holds one group at most while the queue fills up; a worker's own job may hold a place, too.
    for n in 0..200 {
        let facts = vec![page(&format!("m{n}"), START_MS + n, keys("a", "", ""), "/")];
        let accepted = Box::pin(world.app.accept(submission(START_MS, facts)));
        match poll_once(accepted).await {
            Ok(answer) => {
                assert_eq!(answer, Err(AcceptError::Busy { retry_after_s: 2 }));
                busy += 1;
            }
            Err(accepted) => waiting.push(accepted),
        }
    }
    assert!(
        busy > 150 && waiting.len() >= 9,
        "{busy} busy, {} waiting",
        waiting.len()
    );
    drop(open_gate);
    let taken = waiting.len();
    for accepted in waiting {
        assert_eq!(accepted.await.map(|receipt| receipt.accepted), Ok(1));
    }
    assert_eq!(world.app.counts().await.unwrap().facts_accepted, taken as u64);
}

/// Polls a future a single time: its answer, or itself where it has none yet.
async fn poll_once<F: Future + Unpin>(mut future: F) -> Result<F::Output, F> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
            std::task::Poll::Ready(answer) => Some(answer),
            std::task::Poll::Pending => None,
        })
    })
    .await
    .ok_or(future)
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let world = World::new();
    world.sales(&["ann"]).await;
    world.accept(START_MS, hand_raiser("u1")).await;
    let World {
        app,
        directory,
        clock,
    } = world;
    let before = app
        .leads(LeadQuery::default())
        .await
        .unwrap()
        .items
        .pop()
        .unwrap();
    drop(app);
    let mut options = Options::new(directory.path().to_owned(), "not even an agreement".to_owned());
    options.clock = clock.clone();
    let app = App::open(options).unwrap();
    let again = app
        .accept(submission(START_MS + DAY_MS, hand_raiser("u1")))
        .await
        .unwrap();
    assert_eq!((again.accepted, again.duplicates), (0, 2));
    let after = app
        .leads(LeadQuery::default())
        .await
        .unwrap()
        .items
        .pop()
        .unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    // After a week an id may come again.
    let later = app
        .accept(submission(START_MS + 8 * DAY_MS, hand_raiser("u1")))
        .await
        .unwrap();
    assert_eq!((later.accepted, later.duplicates), (2, 0));
}

#[tokio::test]
async fn a_message_that_comes_twice_counts_once_for_each_source() {
    let world = World::new();
    let fact = || page("same", START_MS, keys("a", "", ""), "/pricing");
    let receipt = world.accept(START_MS, vec![fact(), fact()]).await;
    assert_eq!((receipt.accepted, receipt.duplicates), (1, 1));
    let mut other = submission(START_MS, vec![fact()]);
    other.source = bellwether_app::SourceId(2);
    assert_eq!(world.app.accept(other).await.unwrap().accepted, 1);
    let counts = world.app.counts().await.unwrap();
    assert_eq!((counts.facts_accepted, counts.facts_duplicate), (2, 1));
}

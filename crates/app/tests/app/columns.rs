//! The database's history as columns: read on in any steps, it is what one reads at once, and says of each lead what the
//! lead's own page says. Whatever was kept that isn't of this database is read anew.

use std::num::NonZeroUsize;
use std::path::Path;

use bellwether_app::{Actor, IncomingFact, LeadId, Reading, Release, StoredHistory, stored_history};
use bellwether_core::domain::{Properties, Value};
use bellwether_core::suspect::AGENT;
use bellwether_store::Readers;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, page, track_with};

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// A device does something, and is a machine by what it says of itself, or isn't.
    Visit(u8, i64, &'static str, bool),
    /// Somebody says who they are, on a device.
    Identify(u8, u8, i64),
    /// Somebody's title becomes known.
    Title(u8, i64, &'static str),
    Merge(u8, u8),
    Part(u8),
    Release(u8),
    /// The history is asked for.
    Read,
    /// The same by a server that has just started.
    ReadAfterRestart,
}

fn step() -> impl Strategy<Value = Step> {
    let ms = (0_i64..60).prop_map(|half_day| START_MS + half_day * DAY_MS / 2);
    let what = prop::sample::select(vec!["/pricing", "/blog", "demo_requested"]);
    prop_oneof![
        8 => (0_u8..6, ms.clone(), what, prop::bool::weighted(0.3))
            .prop_map(|(device, ms, what, machine)| Step::Visit(device, ms, what, machine)),
        4 => (0_u8..4, 0_u8..6, ms.clone()).prop_map(|(who, device, ms)| Step::Identify(who, device, ms)),
        2 => (0_u8..4, ms, prop::sample::select(vec!["VP Sales", "Engineer"]))
            .prop_map(|(who, ms, title)| Step::Title(who, ms, title)),
        1 => (0_u8..4, 0_u8..4).prop_map(|(one, other)| Step::Merge(one, other)),
        1 => (0_u8..4).prop_map(Step::Part),
        2 => (0_u8..4).prop_map(Step::Release),
        3 => Just(Step::Read),
        1 => Just(Step::ReadAfterRestart),
    ]
}

fn read(directory: &Path, world: &World) -> StoredHistory {
    let readers = Readers::new(world.directory.path());
    stored_history(directory, &readers).unwrap()
}

/// What reading everything gives, whatever is kept.
fn read_whole(world: &World) -> StoredHistory {
    let elsewhere = tempfile::tempdir().unwrap();
    read(elsewhere.path(), world)
}

async fn perform(world: &World, number: usize, step: &Step) {
    let user = |who: u8| format!("u{who}");
    let send = |fact: IncomingFact| world.accept(START_MS + 40 * DAY_MS, vec![fact]);
    let lead = |who: u8| {
        world
            .app
            .lead_by_key("user_id", Box::leak(user(who).into_boxed_str()))
    };
    match step {
        Step::Visit(device, ms, what, machine) => {
            let who = keys(&format!("d{device}"), "", "");
            let message = format!("m{number}");
            let agent = if *machine { "Googlebot/2.1" } else { "Mozilla/5.0" };
            let said = Properties::from([(AGENT.to_owned(), Value::from(agent))]);
            send(if what.starts_with('/') {
                page(&message, *ms, who, what)
            } else {
                track_with(&message, *ms, who, what, said)
            })
            .await;
        }
        Step::Identify(who, device, ms) => {
            let both = keys(&format!("d{device}"), &user(*who), "");
            send(identify(&format!("m{number}"), *ms, both, &[])).await;
        }
        Step::Title(who, ms, title) => {
            let said = [("title", *title), ("created_at", "2026-05-01T00:00:00Z")];
            let who = keys("", &user(*who), "");
            send(identify(&format!("m{number}"), *ms, who, &said)).await;
        }
        Step::Merge(one, other) => {
            if let (Some(one), Some(other)) = (lead(*one).await.unwrap(), lead(*other).await.unwrap()) {
                // Some can't be joined: they are one already.
                drop(world.app.merge_leads(one, other, Actor::Console).await);
            }
        }
        Step::Part(who) => {
            if let Some(root) = lead(*who).await.unwrap() {
                let joined = world.detail(root).await.joined;
                if let Some(gone) = joined.first() {
                    drop(world.app.unmerge_lead(gone.id, Actor::Console).await);
                }
            }
        }
        Step::Release(who) => {
            if let Some(lead) = lead(*who).await.unwrap() {
                drop(
                    world
                        .app
                        .release(Release::Lead { lead, rule: None }, Actor::Console)
                        .await,
                );
            }
        }
        Step::Read | Step::ReadAfterRestart => {}
    }
}

/// Compares with what is read at once, and each lead with its page.
async fn check(world: &World, history: &StoredHistory) {
    let whole = read_whole(world);
    assert_eq!(whole.reading, Reading::Whole(None));
    assert_eq!(history.chronicle.fingerprint(), whole.chronicle.fingerprint());
    assert_eq!(history.chronicle.position(), whole.chronicle.position());
    assert_eq!(history.outcomes, whole.outcomes);
    let engine = world.app.active_agreement().await.unwrap().engine;
    let t = at(START_MS + 30 * DAY_MS);
    let judged = history.chronicle.judge(&engine, t, NonZeroUsize::MIN);
    for (lead, verdict) in (0..).zip(&judged.leads) {
        let id: i64 = history.chronicle.id(lead).parse().unwrap();
        let detail = world.detail(LeadId(id)).await;
        assert_eq!(detail.merged_into, None, "{id}");
        let totals = &detail.ledger.totals;
        assert_eq!(
            (verdict.now.fit, verdict.now.intent),
            (totals.fit, totals.intent),
            "{id}"
        );
        let qualified = detail.ledger.qualified.as_ref();
        assert_eq!(
            verdict
                .qualified
                .as_ref()
                .map(|it| (it.at, it.trigger.to_string())),
            qualified.map(|it| (it.at, it.trigger.clone())),
            "{id}"
        );
    }
}

#[test]
fn read_on_in_any_steps_it_is_what_one_reads_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let ran = runner.run(&prop::collection::vec(step(), 10..60), |steps| {
        runtime.block_on(async {
            let mut world = World::with(&format!("{AGREEMENT}\n[suspect]\n"), |_| {});
            world.clock.set(START_MS + 40 * DAY_MS);
            for (number, step) in steps.iter().enumerate() {
                perform(&world, number, step).await;
                match step {
                    Step::Read => check(&world, &read(world.directory.path(), &world)).await,
                    Step::ReadAfterRestart => {
                        world = world.again(AGREEMENT);
                        check(&world, &read(world.directory.path(), &world)).await;
                    }
                    _ => {}
                }
            }
            check(&world, &read(world.directory.path(), &world)).await;
        });
        Ok(())
    });
    ran.unwrap();
}

async fn with_leads(sender: &str, count: i64) -> World {
    let world = World::new();
    for n in 0..count {
        let who = keys("", &format!("u{n}"), "");
        let ms = START_MS + n * MINUTE_MS;
        let facts = vec![
            identify(&format!("{sender}-i{n}"), ms, who.clone(), &[("title", "VP")]),
            page(&format!("{sender}-p{n}"), ms, who, "/pricing"),
        ];
        world.accept(START_MS + DAY_MS, facts).await;
    }
    world
}

#[tokio::test]
async fn only_what_is_new_is_read_and_what_is_another_databases_is_not_taken() {
    let world = with_leads("one", 30).await;
    let directory = world.directory.path();
    assert_eq!(read(directory, &world).reading, Reading::Whole(None));
    assert_eq!(read(directory, &world).reading, Reading::AsKept);
    let late = page("late", START_MS - DAY_MS, keys("", "u7", ""), "/pricing");
    world.accept(START_MS + DAY_MS, vec![late]).await;
    let read_on = read(directory, &world);
    assert_eq!(read_on.reading, Reading::On(1));
    check(&world, &read_on).await;

    // The files of a database that has as many facts, but others.
    let other = with_leads("other", 31).await;
    let files = other.directory.path().join("history");
    std::fs::create_dir(&files).unwrap();
    for name in ["events.parquet", "leads.parquet", "traits.parquet"] {
        std::fs::copy(directory.join("history").join(name), files.join(name)).unwrap();
    }
    let elses = read(other.directory.path(), &other);
    assert!(
        matches!(&elses.reading, Reading::Whole(Some(why)) if why.contains("another database")),
        "{}",
        elses.reading
    );
    check(&other, &elses).await;

    // Damaged files are as good as none.
    std::fs::write(files.join("events.parquet"), b"PAR1 nothing PAR1").unwrap();
    let damaged = read(other.directory.path(), &other);
    assert!(
        matches!(&damaged.reading, Reading::Whole(Some(why)) if why.contains("events.parquet")),
        "{}",
        damaged.reading
    );
    assert_eq!(read(other.directory.path(), &other).reading, Reading::AsKept);
}

#[tokio::test]
async fn a_backup_that_was_put_back_is_told_from_what_came_after_it() {
    let agreement = format!("{AGREEMENT}\n[suspect]\n");
    let world = World::with(&agreement, |_| {});
    let who = keys("", "u0", "");
    let robot = Properties::from([(AGENT.to_owned(), Value::from("Googlebot/2.1"))]);
    let visit = |n: i64| {
        track_with(
            &format!("m{n}"),
            START_MS + n * MINUTE_MS,
            who.clone(),
            "Visit",
            robot.clone(),
        )
    };
    let known = identify("i", START_MS, who.clone(), &[("title", "VP")]);
    world
        .accept(START_MS + DAY_MS, vec![known, visit(1), visit(2)])
        .await;
    let held = world
        .app
        .suspects(bellwether_app::SuspectQuery::default())
        .await
        .unwrap()
        .items;
    let [one, other] = held.iter().map(|one| one.event).collect::<Vec<_>>()[..] else {
        panic!("both visits are a machine's: {held:?}");
    };
    let backup = tempfile::tempdir().unwrap();
    let copied = backup.path().join("bellwether.db");
    let file = rusqlite::Connection::open(world.directory.path().join("bellwether.db")).unwrap();
    file.execute("VACUUM INTO ?1", [copied.to_str().unwrap()])
        .unwrap();
    drop(file);
    world
        .app
        .release(Release::Event(one), Actor::Console)
        .await
        .unwrap();
    read(world.directory.path(), &world);

    let restored = World::with(&agreement, |options| {
        std::fs::copy(&copied, options.data_dir.join("bellwether.db")).unwrap();
    });
    let files = restored.directory.path().join("history");
    std::fs::create_dir(&files).unwrap();
    for name in ["events.parquet", "leads.parquet", "traits.parquet"] {
        std::fs::copy(
            world.directory.path().join("history").join(name),
            files.join(name),
        )
        .unwrap();
    }
    restored
        .app
        .release(Release::Event(other), Actor::Console)
        .await
        .unwrap();
    let history = read(restored.directory.path(), &restored);
    assert!(
        matches!(&history.reading, Reading::Whole(Some(why)) if why.contains("another database")),
        "{}",
        history.reading
    );
    check(&restored, &history).await;
}

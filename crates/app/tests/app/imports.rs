//! Rows of other systems' files: taken once, scored like all facts, and handing nobody off for what is past.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bellwether_app::{
    Actor, App, Checked, DryRun, HandoffQuery, ImportSettings, LeadDetail, LeadQuery, Options, Submission,
};
use bellwether_core::domain::{Properties, Stage, Timestamp, TraitSource, Traits, Value};
use bellwether_core::records::{
    AccountRecord, CallKind, EventRecord, LeadRecord, OutcomeRecord, Record, RecordKeys, RecordKind,
    RowCounts,
    RowOutcome::{self, AlreadyThere, New},
};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::support::{
    AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, page, submission, track, track_with,
    traits_of,
};

fn settings(hand_off: bool) -> ImportSettings {
    ImportSettings {
        speaker: TraitSource::Crm,
        hand_off,
        started_at: at(START_MS),
        actor: Actor::Console,
    }
}

fn named(id: &str) -> RecordKeys {
    RecordKeys {
        external_ids: vec![("crm".to_owned(), id.to_owned())],
        ..RecordKeys::default()
    }
}

fn lead(id: &str, days_ago: i64, traits: &[(&str, &str)]) -> LeadRecord {
    LeadRecord {
        keys: named(id),
        at: Some(at(START_MS - days_ago * DAY_MS)),
        traits: traits_of(traits),
        ..LeadRecord::default()
    }
}

fn event(id: &str, ago_ms: i64, name: &str, path: Option<&str>) -> Record {
    Record::Event(Box::new(EventRecord {
        keys: named(id),
        ts: at(START_MS - ago_ms),
        kind: if path.is_some() {
            CallKind::Page
        } else {
            CallKind::Track
        },
        name: name.to_owned(),
        path: path.map(str::to_owned),
        properties: Properties::new(),
        traits: Traits::new(),
        id: None,
        said_by: None,
        known: None,
    }))
}

fn outcome(lead: &str, deal: Option<&str>, won: bool) -> Record {
    Record::Outcome(Box::new(OutcomeRecord {
        lead: lead.to_owned(),
        lead_kind: Some("crm".to_owned()),
        won,
        at: at(START_MS - DAY_MS),
        amount_thousandths: Some(1_500_000),
        currency: Some("EUR".to_owned()),
        reason: None,
        opportunity: deal.map(str::to_owned),
    }))
}

async fn import(world: &World, records: Vec<Record>) -> Vec<RowOutcome> {
    world.app.import(records, settings(false)).await.unwrap()
}

async fn detail(world: &World, id: &str) -> LeadDetail {
    let lead = world.lead_of("crm", id).await;
    world.app.lead(lead, world.app.now()).await.unwrap().unwrap()
}

async fn handoffs(world: &World) -> usize {
    world
        .app
        .handoffs(HandoffQuery::default())
        .await
        .unwrap()
        .items
        .len()
}

/// Somebody who reached the line: a title that fits and a demo.
fn raiser(id: &str, days_ago: i64) -> Vec<Record> {
    vec![
        Record::Lead(Box::new(lead(id, days_ago + 1, &[("title", "VP Sales")]))),
        event(id, days_ago * DAY_MS, "Demo Requested", None),
    ]
}

#[tokio::test]
async fn imported_history_hands_nobody_off_and_the_next_thing_that_a_lead_does_is_judged() {
    let world = World::new();
    world.sales(&["ann"]).await;
    // One demo stays worth 40 points for good; with the title that is over the line.
    import(&world, raiser("hot", 5)).await;
    // Four views of prices a year ago qualified with the title then, and are worth nothing now.
    let mut cold = vec![Record::Lead(Box::new(lead(
        "cold",
        400,
        &[("title", "VP Sales")],
    )))];
    cold.extend((0..4).map(|n| event("cold", 365 * DAY_MS + n, "page", Some("/pricing"))));
    import(&world, cold).await;
    assert_eq!(handoffs(&world).await, 0);
    let hot = detail(&world, "hot").await.summary;
    assert_eq!(
        (hot.stage, hot.qualified_at),
        (Stage::Lead, Some(at(START_MS - 5 * DAY_MS)))
    );
    assert!(detail(&world, "cold").await.summary.qualified_at.is_some());

    let live = |id: &str| {
        let mut who = keys("", "", "");
        who.external_ids = vec![("crm".to_owned(), id.to_owned())];
        track(&format!("live-{id}"), START_MS + MINUTE_MS, who, "Opened a mail")
    };
    world.accept(START_MS + MINUTE_MS, vec![live("cold")]).await;
    assert_eq!(
        handoffs(&world).await,
        0,
        "what is worth nothing now hands nobody off"
    );
    world.accept(START_MS + MINUTE_MS, vec![live("hot")]).await;
    assert_eq!(handoffs(&world).await, 1);
    assert_eq!(detail(&world, "hot").await.summary.stage, Stage::Mql);
}

#[tokio::test]
async fn with_hand_off_whoever_reaches_the_line_is_handed_off() {
    let world = World::new();
    world.sales(&["ann"]).await;
    world.app.import(raiser("hot", 5), settings(true)).await.unwrap();
    assert_eq!(handoffs(&world).await, 1);
}

#[tokio::test]
async fn a_row_is_taken_once_however_late_it_comes_again() {
    let world = World::new();
    let mut rows = raiser("a", 5);
    rows.push(Record::Account(Box::new(AccountRecord {
        id: Some("acme".to_owned()),
        traits: traits_of(&[("employees", "500")]),
        ..AccountRecord::default()
    })));
    rows.push(outcome("a", Some("deal-1"), true));
    rows.push(outcome("a", None, false));
    let first = import(&world, rows.clone()).await;
    assert_eq!(first, [New, New, New, New, New]);
    let before = detail(&world, "a").await;
    for days in [0, 8, 800] {
        world.clock.set(START_MS + days * DAY_MS);
        let again = import(&world, rows.clone()).await;
        assert!(
            again.iter().all(|outcome| *outcome == AlreadyThere),
            "{days} days later: {again:?}"
        );
    }
    // A new process remembers it, too, after the janitor has looked.
    let World {
        app,
        clock,
        directory,
    } = world;
    drop(app);
    let mut options = Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
    options.clock = clock;
    let app = App::open(options).unwrap();
    let again = app.import(rows, settings(false)).await.unwrap();
    assert!(again.iter().all(|outcome| *outcome == AlreadyThere), "{again:?}");
    let lead = app.lead_by_key("crm", "a").await.unwrap().unwrap();
    let after = app.lead(lead, at(START_MS)).await.unwrap().unwrap();
    assert_eq!(after.summary.intent, before.summary.intent);
}

#[tokio::test]
async fn an_import_that_breaks_off_goes_on_where_it_was() {
    let broken = Arc::new(AtomicBool::new(false));
    let fault = Arc::clone(&broken);
    let world = World::with(AGREEMENT, move |options| {
        options.commit_fault = Some(Arc::new(move || fault.load(Ordering::SeqCst)));
    });
    let chunks: Vec<Vec<Record>> = (1..5).map(|n| raiser(&format!("n{n}"), n)).collect();
    import(&world, chunks[0].clone()).await;
    broken.store(true, Ordering::SeqCst);
    world
        .app
        .import(chunks[1].clone(), settings(false))
        .await
        .unwrap_err();
    broken.store(false, Ordering::SeqCst);
    let mut taken = 0;
    for chunk in chunks {
        let outcomes = import(&world, chunk).await;
        taken += outcomes
            .iter()
            .filter(|outcome| **outcome != RowOutcome::AlreadyThere)
            .count();
    }
    assert_eq!(taken, 6, "the first chunk was there, the broken one was not");
    assert_eq!(
        world.app.leads(LeadQuery::default()).await.unwrap().items.len(),
        4
    );
}

#[tokio::test]
async fn stages_and_owners_of_other_systems_are_decided_and_tell_nobody() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let mut rows = raiser("m", 3);
    let Record::Lead(first) = &mut rows[0] else {
        panic!("a lead comes first")
    };
    first.stage = Some(Stage::Mql);
    first.owner = Some("Ann@seller.example".to_owned());
    import(&world, rows).await;
    let shown = detail(&world, "m").await.summary;
    assert_eq!(
        (shown.stage, shown.owner.map(|owner| owner.name)),
        (Stage::Mql, Some("ann".to_owned()))
    );
    let mut who = keys("", "", "");
    who.external_ids = vec![("crm".to_owned(), "m".to_owned())];
    world
        .accept(START_MS + 1, vec![page("p", START_MS + 1, who, "/pricing")])
        .await;
    assert_eq!(handoffs(&world).await, 0, "sales has it already");
}

#[tokio::test]
async fn what_is_known_of_an_account_holds_for_its_leads_now_and_later() {
    let world = World::new();
    let under = |id: &str, email: &str| {
        let mut lead = lead(id, 10, &[]);
        lead.keys.email = Some(email.to_owned());
        Record::Lead(Box::new(lead))
    };
    let account = AccountRecord {
        domain: Some("acme.example".to_owned()),
        name: Some("Acme".to_owned()),
        traits: traits_of(&[("employees", "500"), ("tier", "gold")]),
        ..AccountRecord::default()
    };
    import(&world, vec![under("now", "a@acme.example")]).await;
    import(&world, vec![Record::Account(Box::new(account))]).await;
    import(&world, vec![under("later", "b@acme.example")]).await;
    for id in ["now", "later"] {
        let detail = detail(&world, id).await;
        let said = |name: &str| {
            let found = detail.traits.iter().find(|known| known.name == name);
            found.map(|known| known.value.to_string())
        };
        assert_eq!(said("company").as_deref(), Some("Acme"), "{id}");
        assert_eq!(said("employees").as_deref(), Some("500"), "{id}");
        assert_eq!(said("tier").as_deref(), Some("gold"), "{id}");
        assert_eq!(detail.summary.last_seen, at(START_MS - 10 * DAY_MS), "{id}");
    }
}

#[tokio::test]
async fn outcomes_find_their_lead_by_whatever_id_and_the_others_are_left_out() {
    let world = World::new();
    let mut known = lead("7", 3, &[]);
    known.keys.email = Some("ana@acme.example".to_owned());
    known.keys.user_id = Some("u1".to_owned());
    import(&world, vec![Record::Lead(Box::new(known))]).await;
    let found = import(
        &world,
        ["7", "u1", "Ana@Acme.example", "nobody"]
            .iter()
            .map(|id| outcome(id, Some("d"), true))
            .collect(),
    )
    .await;
    assert_eq!(found[..3], [New, AlreadyThere, AlreadyThere]);
    assert!(
        matches!(&found[3], RowOutcome::Rejected(why) if why.contains("`nobody`")),
        "{found:?}"
    );
    assert_eq!(
        import(&world, vec![outcome("7", Some("d"), false)]).await,
        [RowOutcome::Updated]
    );
}

#[tokio::test]
async fn a_dry_run_says_what_would_become_of_rows_and_changes_nothing() {
    let world = World::new();
    import(&world, raiser("there", 5)).await;
    let mut rows = raiser("there", 5);
    rows.extend(raiser("new", 2));
    rows.extend(raiser("new", 2));
    rows.push(Record::Lead(Box::new(lead("there", 1, &[("title", "CEO")]))));
    rows.push(event("later", -40 * DAY_MS, "Demo Requested", None));
    rows.push(outcome("nobody", None, true));
    let (rows, checked): (_, Vec<Checked>) = world.app.check_import(rows).await.unwrap();
    let mut run = DryRun::default();
    let said: Vec<RowOutcome> = rows
        .iter()
        .zip(checked)
        .map(|(row, checked)| run.outcome(row, checked))
        .collect();
    assert_eq!(
        world.app.leads(LeadQuery::default()).await.unwrap().items.len(),
        1
    );
    assert_eq!(said, import(&world, rows).await);
}

#[tokio::test]
async fn what_became_of_a_file_is_kept_with_the_rows_that_were_left_out() {
    let world = World::new();
    let (id, _) = world
        .app
        .begin_import(RecordKind::Leads, "leads.csv", false, Actor::Console)
        .await
        .unwrap();
    import(&world, raiser("a", 5)).await;
    let mut counts = RowCounts {
        rows: 3,
        new: 2,
        ..RowCounts::default()
    };
    counts.reject("no time");
    let reject = (7, "no time".to_owned(), vec!["x".to_owned(), String::new()]);
    let reached = world
        .app
        .note_import(id, &counts, vec![reject.clone()], Some(Ok(())))
        .await
        .unwrap();
    assert_eq!(reached, Some(1));
    let (view, rejects) = world.app.import_view(id).await.unwrap().unwrap();
    assert_eq!(
        (view.state.as_str(), view.counts, view.would_qualify),
        ("done", counts, Some(1))
    );
    assert_eq!(rejects, [reject]);
}

/// What the leads come to, by their ids.
async fn standing(world: &World, ids: usize) -> Vec<(String, String, Option<Timestamp>, Stage)> {
    let mut all = Vec::new();
    for id in 0..ids {
        let Ok(Some(lead)) = world.app.lead_by_key("crm", &format!("p{id}")).await else {
            continue;
        };
        let shown = world.app.lead(lead, at(START_MS)).await.unwrap().unwrap().summary;
        all.push((
            shown.fit.to_string(),
            shown.intent.to_string(),
            shown.qualified_at,
            shown.stage,
        ));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rows_in_any_order_and_chunks_make_the_same_leads(
        rows in prop::collection::vec((0..4_usize, 0..90_i64, 0..4_u8), 1..40),
        order in any::<u64>(),
        chunk in 1..9_usize,
    ) {
        let records: Vec<Record> = rows
            .iter()
            .enumerate()
            .map(|(n, (id, days, what))| {
                let (id, ago) = (format!("p{id}"), days * DAY_MS + i64::try_from(n).unwrap());
                match what {
                    0 => Record::Lead(Box::new(lead(&id, *days, &[("title", if n % 2 == 0 { "VP" } else { "Clerk" })]))),
                    1 => event(&id, ago, "Demo Requested", None),
                    _ => event(&id, ago, "page", Some("/pricing")),
                }
            })
            .collect();
        let mut shuffled = records.clone();
        shuffled.sort_by_key(|record| {
            use std::hash::{DefaultHasher, Hash as _, Hasher as _};
            let mut hasher = DefaultHasher::new();
            (order, serde_json::to_string(record).unwrap()).hash(&mut hasher);
            hasher.finish()
        });
        Runtime::new().unwrap().block_on(async {
            let one = World::new();
            import(&one, records).await;
            let other = World::new();
            for part in shuffled.chunks(chunk) {
                import(&other, part.to_vec()).await;
            }
            prop_assert_eq!(standing(&one, 4).await, standing(&other, 4).await);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn what_a_service_says_of_imported_leads_hands_nobody_off() {
    let world = World::new();
    world.sales(&["ann"]).await;
    import(&world, raiser("hot", 5)).await;
    let mut who = keys("", "", "");
    who.external_ids = vec![("crm".to_owned(), "hot".to_owned())];
    let learned = identify(
        "e1",
        START_MS + MINUTE_MS,
        who.clone(),
        &[("industry", "Software")],
    );
    let answer = Submission {
        speaker: TraitSource::Enrichment,
        ..submission(START_MS + MINUTE_MS, vec![learned])
    };
    world.app.accept(answer).await.unwrap();
    assert_eq!(handoffs(&world).await, 0);
    let live = track("live", START_MS + 2 * MINUTE_MS, who, "Opened a mail");
    world.accept(START_MS + 2 * MINUTE_MS, vec![live]).await;
    assert_eq!(handoffs(&world).await, 1);
}

#[tokio::test]
async fn parting_gives_back_what_an_import_brought_while_two_were_one() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let addressed = |id: &str, email: &str| {
        let mut lead = lead(id, 10, &[]);
        lead.keys.email = Some(email.to_owned());
        Record::Lead(Box::new(lead))
    };
    import(
        &world,
        vec![
            addressed("a", "a@other.example"),
            addressed("b", "b@acme.example"),
        ],
    )
    .await;
    let (one, other) = (world.lead_of("crm", "a").await, world.lead_of("crm", "b").await);
    world.app.merge_leads(one, other, Actor::Console).await.unwrap();
    let account = AccountRecord {
        domain: Some("acme.example".to_owned()),
        traits: traits_of(&[("tier", "gold")]),
        ..AccountRecord::default()
    };
    import(&world, vec![Record::Account(Box::new(account))]).await;
    import(&world, raiser("b", 5)).await;
    import(&world, vec![outcome("b", Some("d"), true)]).await;
    world.app.unmerge_lead(other, Actor::Console).await.unwrap();
    assert_eq!(handoffs(&world).await, 0, "nobody did anything");
    let tier = async |id| {
        let traits = detail(&world, id).await.traits;
        traits.iter().any(|known| known.name == "tier")
    };
    assert!(!tier("a").await, "the company is the other's");
    let again = import(&world, vec![outcome("b", Some("d"), true)]).await;
    assert_eq!(again, [AlreadyThere], "the deal went back with its lead");
    assert_eq!(detail(&world, "a").await.events.items.len(), 1);
}

#[tokio::test]
async fn rows_of_two_files_that_are_numbered_alike_are_two() {
    let world = World::new();
    let numbered = |name: &str| {
        Record::Event(Box::new(EventRecord {
            keys: RecordKeys {
                email: Some("ana@acme.example".to_owned()),
                ..RecordKeys::default()
            },
            ts: at(START_MS - DAY_MS),
            kind: CallKind::Track,
            name: name.to_owned(),
            path: None,
            properties: Properties::new(),
            traits: Traits::new(),
            id: Some("1".to_owned()),
            said_by: None,
            known: None,
        }))
    };
    assert_eq!(import(&world, vec![numbered("Webinar Attended")]).await, [New]);
    assert_eq!(import(&world, vec![numbered("Form Submitted")]).await, [New]);
    assert_eq!(
        import(&world, vec![numbered("Form Submitted")]).await,
        [AlreadyThere]
    );
}

#[tokio::test]
async fn a_program_raises_nobodys_hand() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let mut cold = vec![Record::Lead(Box::new(lead(
        "cold",
        400,
        &[("title", "VP Sales")],
    )))];
    cold.extend((0..4).map(|n| event("cold", 365 * DAY_MS + n, "page", Some("/pricing"))));
    import(&world, cold).await;
    let mut who = keys("", "", "");
    who.external_ids = vec![("crm".to_owned(), "cold".to_owned())];
    let agent = Properties::from([("context.agent".to_owned(), Value::from("Googlebot"))]);
    let now = START_MS + 10 * MINUTE_MS;
    let facts = vec![
        track("seen", now, who.clone(), "Opened a mail"),
        // It comes late, so that the history is sifted anew.
        track("late", START_MS - DAY_MS, who.clone(), "Opened a mail"),
        track_with("asked", now + 1, who, "Demo Requested", agent),
    ];
    world.accept(now, facts).await;
    assert_eq!(world.app.suspects_held().await.unwrap(), 1);
    assert_eq!(handoffs(&world).await, 0);
}

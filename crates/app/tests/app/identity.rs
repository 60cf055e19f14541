//! Who is who, as the store comes to know it.

use bellwether_app::{FactBody, HandoffState, LeadId};
use bellwether_core::domain::Stage;

use crate::support::{DAY_MS, START_MS, World, at, fact, identify, keys, page, track};

#[tokio::test]
async fn a_device_that_is_handed_over_belongs_to_the_new_one_and_its_past_stays() {
    let world = World::new();
    let facts = vec![
        page("m1", START_MS, keys("a", "", ""), "/pricing"),
        identify("m2", START_MS + 1, keys("a", "u1", ""), &[("name", "One")]),
        identify("m3", START_MS + 2, keys("a", "u2", ""), &[("name", "Two")]),
        page("m4", START_MS + 3, keys("a", "", ""), "/pricing"),
        page("m5", START_MS + 4, keys("a", "", ""), "/pricing"),
        page("m6", START_MS + 5, keys("a", "u1", ""), "/about"),
        page("m7", START_MS + 6, keys("a", "", ""), "/about"),
    ];
    world.accept(START_MS + 10, facts).await;
    let (one, two) = (
        world.lead_of("user_id", "u1").await,
        world.lead_of("user_id", "u2").await,
    );
    assert_ne!(one, two);
    assert_eq!(world.lead_of("anonymous_id", "a").await, one);
    let count = |lead: &bellwether_app::LeadDetail| lead.events.items.len();
    assert_eq!(count(&world.detail(one).await), 4);
    assert_eq!(count(&world.detail(two).await), 3);
}

#[tokio::test]
async fn an_equal_email_joins_two_and_the_older_number_stays() {
    let world = World::new();
    world.sales(&["ann", "bob"]).await;
    for (n, user) in ["u1", "u2"].into_iter().enumerate() {
        let ms = START_MS + i64::try_from(n).unwrap();
        let facts = vec![
            identify(&format!("i{n}"), ms, keys("", user, ""), &[("title", "VP")]),
            track(&format!("t{n}"), ms, keys("", user, ""), "Demo Requested"),
        ];
        world.accept(ms, facts).await;
    }
    let (one, two) = (
        world.lead_of("user_id", "u1").await,
        world.lead_of("user_id", "u2").await,
    );
    assert_ne!(one, two);
    let facts = vec![
        identify("e1", START_MS + 5, keys("", "u1", "Eve@Acme.Example"), &[]),
        identify(
            "e2",
            START_MS + 6,
            keys("", "u2", ""),
            &[("email", "eve@acme.example")],
        ),
    ];
    world.accept(START_MS + DAY_MS, facts).await;
    assert_eq!(world.lead_of("user_id", "u2").await, one);
    assert_eq!(world.lead_of("email", "EVE@acme.example").await, one);
    let lead = world.detail(one).await;
    assert_eq!((lead.summary.stage, lead.events.items.len()), (Stage::Mql, 6));
    let states: Vec<HandoffState> = lead.handoffs.iter().map(|handoff| handoff.state).collect();
    assert_eq!(states, [HandoffState::Merged, HandoffState::Open]);
    assert_eq!(lead.summary.owner.unwrap().name, "ann");
    // The old number leads to the new one.
    let old = world.detail(two).await;
    assert_eq!((old.merged_into, old.summary.id), (Some(one), one));
}

#[tokio::test]
async fn an_alias_joins_what_no_device_would() {
    let world = World::new();
    let facts = vec![
        page("m1", START_MS, keys("", "old", ""), "/pricing"),
        page("m2", START_MS + 1, keys("", "new", ""), "/pricing"),
        fact(
            "m3",
            START_MS + 2,
            keys("", "new", ""),
            FactBody::Alias {
                previous_id: "old".to_owned(),
            },
        ),
        page("m4", START_MS + 3, keys("", "old", ""), "/pricing"),
    ];
    world.accept(START_MS + 10, facts).await;
    assert_eq!(world.lead_of("user_id", "old").await, LeadId(1));
    assert_eq!(world.lead_of("user_id", "new").await, LeadId(1));
    assert_eq!(world.detail(LeadId(1)).await.events.items.len(), 4);
}

#[tokio::test]
async fn junk_ids_make_nobody_and_are_listed() {
    let world = World::new();
    let facts = vec![
        page("m1", START_MS, keys("undefined", "", ""), "/"),
        page("m2", START_MS, keys("a1", "null", "not an address"), "/"),
        page("m3", START_MS, keys("a2", "\"null\"", ""), "/"),
        page("m4", START_MS, keys("", "", ""), "/"),
        fact(
            "m5",
            START_MS,
            keys("a1", "", ""),
            FactBody::Alias {
                previous_id: "[object Object]".to_owned(),
            },
        ),
    ];
    let receipt = world.accept(START_MS, facts).await;
    let refused: Vec<usize> = receipt.refused.iter().map(|(index, _)| *index).collect();
    assert_eq!((receipt.accepted, refused), (2, vec![0, 3, 4]));
    assert_ne!(
        world.lead_of("anonymous_id", "a1").await,
        world.lead_of("anonymous_id", "a2").await
    );
    let findings = world.app.findings(50).await.unwrap();
    for subject in [
        "undefined",
        "null",
        "not an address",
        "\"null\"",
        "[object Object]",
    ] {
        assert!(
            findings
                .iter()
                .any(|finding| finding.kind == "junk_id" && finding.subject == subject),
            "{subject}"
        );
    }
    assert_eq!(world.app.counts().await.unwrap().facts_refused, 3);
}

#[tokio::test]
async fn the_group_call_names_the_account_and_free_mail_none() {
    let world = World::new();
    let group = |message: &str, user: &str, id: &str| {
        let body = FactBody::Group {
            group_id: id.to_owned(),
            traits: crate::support::traits_of(&[("name", "Acme Inc.")]),
        };
        fact(message, START_MS + 1, keys("", user, ""), body)
    };
    let facts = vec![
        identify("m1", START_MS, keys("", "u1", ""), &[("email", "a@acme.example")]),
        identify("m2", START_MS, keys("", "u2", ""), &[("email", "b@gmail.com")]),
        identify("m3", START_MS, keys("", "u3", ""), &[("email", "c@acme.example")]),
        group("m4", "u3", "g1"),
    ];
    world.accept(START_MS + 10, facts).await;
    let mut accounts = Vec::new();
    for user in ["u1", "u2", "u3"] {
        let lead = world.detail(world.lead_of("user_id", user).await).await;
        accounts.push(lead.summary.account.map(|account| account.name));
    }
    assert_eq!(
        accounts,
        [
            Some("acme.example".to_owned()),
            None,
            Some("Acme Inc.".to_owned())
        ]
    );
}

#[tokio::test]
async fn the_creation_that_a_trait_gives_is_kept() {
    let world = World::new();
    let facts = vec![
        page("m1", START_MS, keys("", "u1", ""), "/"),
        identify(
            "m2",
            START_MS + 1,
            keys("", "u1", ""),
            &[("created_at", "2024-05-01T00:00:00Z")],
        ),
    ];
    world.accept(START_MS + 10, facts).await;
    let lead = world.detail(world.lead_of("user_id", "u1").await).await;
    assert_eq!(lead.summary.created_at, "2024-05-01".parse().unwrap());
    assert_eq!(lead.summary.last_seen, at(START_MS + 1));
}

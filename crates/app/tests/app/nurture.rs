//! Back to marketing: answers to hand-raisers, tracks of those who came back, and whoever wants no more.

use bellwether_app::{
    Actor, DestinationId, FactBody, LeadId, LeadNurture, NewDestination, TeamSettings, UserChange,
};
use bellwether_core::domain::{Stage, Value};
use bellwether_store::Readers;
use serde_json::Value as Json;

use crate::support::{
    AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, fact, identify, keys, page, track, traits_of,
};

/// The tests' agreement with replies, a track of three steps, and limits.
fn agreement() -> String {
    let agreed = AGREEMENT
        .replace(
            "priority = \"high\"",
            "priority = \"high\"\nexpire = \"14d\"\nnurture = \"short\"\nagain = \"10d\"",
        )
        .replace("again = \"90d\"", "again = \"90d\"\nnurture = \"long\"");
    format!(
        r#"{agreed}
[limits]
cycles = 2
messages_a_week = 2

[fields]
consent = "bool"

[[nurture]]
name = "long"
when = {{ not = {{ consent = false }} }}
steps = [{{ wait = "7d", send = "story" }}, {{ wait = "1d", send = "news" }}, {{ wait = "1d", send = "story" }}]

[[nurture]]
name = "short"
steps = [{{ wait = "1d", send = "news" }}]

[[reply]]
on = "Demo Requested"
send = "confirmation"

[[message]]
name = "confirmation"
subject = "Your demo, {{{{ lead.first_name | default('friend') }}}}"
body = "{{{{ owner.name }}}} calls you."

[[message]]
name = "story"
subject = "A story"
body = "Dear {{{{ lead.name }}}}"

[[message]]
name = "news"
subject = "News"
body = "{{% if lead.company %}}{{{{ lead.company }}}}{{% else %}}You{{% endif %}}: {{{{ unsubscribe_url }}}}"
"#
    )
}

async fn world() -> World {
    let world = World::with(&agreement(), |options| {
        options.deliver = false;
        options.public_url = Some("https://bell.example/".to_owned());
    });
    world.sales(&["ann"]).await;
    takes_mails(&world).await;
    world
}

/// A webhook of the company's own mail tool.
async fn takes_mails(world: &World) {
    let source =
        "name = \"mail\"\nkind = \"webhook\"\nurl = \"https://hooks.example/x\"\nevents = [\"message.*\"]\n";
    let wanted = NewDestination {
        source: source.to_owned(),
        secret: None,
        signing_secret: None,
    };
    world.app.put_destination(wanted).await.unwrap();
}

/// The mails that were promised, as their payloads say.
fn promised(world: &World) -> Vec<Json> {
    let readers = Readers::new(world.directory.path());
    let rows = readers
        .take()
        .unwrap()
        .snapshot(|db| db.messages_due(DestinationId(1), at(START_MS + 9_000 * DAY_MS), 1_000))
        .unwrap();
    let mails = rows.iter().filter(|row| row.event_type == "message.send");
    mails
        .map(|row| serde_json::from_str::<Json>(&row.payload).unwrap()["data"].clone())
        .collect()
}

async fn shown(world: &World, lead: LeadId) -> LeadNurture {
    world.app.lead_nurture(lead).await.unwrap().unwrap()
}

/// Somebody asks for a demo, and sales sends them back for bad timing.
async fn sent_back(world: &World, user: &str, email: &str) -> LeadId {
    let who = keys("", user, email);
    let facts = vec![
        identify(
            &format!("{user}-1"),
            START_MS,
            who.clone(),
            &[("title", "VP"), ("first_name", "Ana")],
        ),
        track(&format!("{user}-2"), START_MS, who, "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
    let lead = world.lead_of("user_id", user).await;
    let handoff = world.detail(lead).await.handoffs[0].id;
    let reason = "Timing not right".to_owned();
    world
        .app
        .reject_handoff(handoff, reason, None, Actor::Console)
        .await
        .unwrap();
    lead
}

async fn fire(world: &World, ms: i64) -> u64 {
    world.clock.set(ms);
    world.app.fire_timers().await.unwrap()
}

fn states(shown: &LeadNurture) -> Vec<(&str, &str, Option<&str>)> {
    let tracks = shown.tracks.iter();
    tracks
        .map(|one| (one.track.as_str(), one.state.as_str(), one.why.as_deref()))
        .collect()
}

#[tokio::test]
async fn a_hand_raiser_is_answered_in_the_owners_name_once_a_day() {
    let world = world().await;
    let who = keys("device", "", "");
    let ask = |message: &str, ms| track(message, ms, who.clone(), "demo_requested");
    // Who asked becomes known in the same submission.
    let known = identify(
        "m2",
        START_MS,
        keys("device", "u1", "Ana@Acme.example"),
        &[("title", "VP")],
    );
    world.accept(START_MS, vec![ask("m1", START_MS), known]).await;
    let mails = promised(&world);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], "ana@acme.example");
    assert_eq!(mails[0]["subject"], "Your demo, friend");
    assert_eq!(mails[0]["text"], "ann calls you.\n");
    assert_eq!(mails[0]["kind"], "reply");
    assert_eq!(mails[0]["reply_to"], "ann@seller.example");
    assert_eq!(mails[0]["unsubscribe_url"], Json::Null);
    let later = START_MS + DAY_MS - MINUTE_MS;
    world.accept(later, vec![ask("m3", later)]).await;
    assert_eq!(
        promised(&world).len(),
        1,
        "the same isn't sent again within a day"
    );
    let next_day = START_MS + DAY_MS + MINUTE_MS;
    world
        .accept(next_day, vec![ask("m4", next_day), ask("m5", next_day)])
        .await;
    assert_eq!(promised(&world).len(), 2);
    world
        .accept(next_day + 9 * DAY_MS, vec![ask("m6", next_day)])
        .await;
    assert_eq!(
        promised(&world).len(),
        2,
        "what was asked long ago isn't answered"
    );
    let nobody = track("m7", next_day, keys("other", "", ""), "Demo Requested");
    let thrown = track(
        "m8",
        next_day,
        keys("", "u2", "x@mailinator.com"),
        "Demo Requested",
    );
    world.accept(next_day, vec![nobody, thrown]).await;
    assert_eq!(promised(&world).len(), 2, "nobody that could be written to");
    let findings = world.app.findings(100).await.unwrap();
    let kept = findings.iter().filter(|one| one.kind == "reply_kept_back");
    assert_eq!(kept.map(|one| one.count).sum::<u64>(), 4);
}

#[tokio::test]
async fn the_whole_loop_from_a_rejection_to_the_limit_of_cycles() {
    let world = world().await;
    let lead = sent_back(&world, "u1", "ana@acme.example").await;
    let who = keys("", "u1", "");
    assert_eq!(fire(&world, START_MS + 7 * DAY_MS - 1).await, 0);
    assert_eq!(fire(&world, START_MS + 7 * DAY_MS).await, 1);
    assert_eq!(fire(&world, START_MS + 8 * DAY_MS).await, 1);
    let mails = promised(&world);
    assert_eq!(mails.len(), 3);
    assert_eq!(
        (&mails[1]["name"], &mails[1]["kind"]),
        (&Json::from("story"), &Json::from("nurture"))
    );
    let link = mails[1]["unsubscribe_url"].as_str().unwrap();
    assert!(link.starts_with("https://bell.example/u/"), "{link}");
    assert_eq!(mails[1]["text"], format!("Dear Ana\n\nUnsubscribe: {link}\n"));
    assert_eq!(
        mails[2]["text"],
        format!("You: {}\n", mails[2]["unsubscribe_url"].as_str().unwrap())
    );
    // Intent within the 90 days doesn't bring it back.
    let early = START_MS + 9 * DAY_MS - 1;
    let looks = |prefix: &str, ms: i64| {
        let view = |n: i64| page(&format!("{prefix}{n}"), ms + n, who.clone(), "/pricing");
        (0..4).map(view).collect::<Vec<_>>()
    };
    world.accept(early, looks("e", early - 10)).await;
    assert_eq!(world.detail(lead).await.summary.stage, Stage::Recycled);
    // The week's two mails went out: the third waits until the first is a week old.
    assert_eq!(fire(&world, START_MS + 9 * DAY_MS).await, 1);
    let waits = shown(&world, lead).await;
    assert_eq!(
        states(&waits),
        [(
            "long",
            "running",
            Some("2 messages went to the address within a week")
        )]
    );
    assert_eq!(waits.tracks[0].next_at, Some(at(START_MS + 14 * DAY_MS)));
    assert_eq!(fire(&world, START_MS + 14 * DAY_MS).await, 1);
    assert_eq!(promised(&world).len(), 4);
    assert_eq!(states(&shown(&world, lead).await), [("long", "done", None)]);
    // Fresh intent after them does, as cycle 2.
    let back = START_MS + 91 * DAY_MS;
    world.clock.set(back);
    world.accept(back, looks("b", back - 10)).await;
    let detail = world.detail(lead).await;
    assert_eq!((detail.summary.stage, detail.summary.cycle), (Stage::Mql, 2));
    assert_eq!(detail.handoffs.len(), 2);
    // Nobody answers: it goes on the handoff's track, and may come back after ten days.
    assert_eq!(fire(&world, back + 14 * DAY_MS).await, 1);
    let expired = shown(&world, lead).await;
    assert_eq!(
        states(&expired),
        [("short", "running", None), ("long", "done", None)]
    );
    assert_eq!(expired.tracks[0].cause, "expired: nobody answered");
    // It comes back once more, but two cycles are the limit; the track goes on.
    let third = back + 40 * DAY_MS;
    world.clock.set(third);
    world.accept(third, looks("c", third - 10)).await;
    let detail = world.detail(lead).await;
    assert_eq!(
        (detail.summary.stage, detail.handoffs.len()),
        (Stage::Recycled, 2)
    );
    let findings = world.app.findings(100).await.unwrap();
    assert!(
        findings.iter().any(|one| one.kind == "cycle_limit"),
        "{findings:?}"
    );
    assert_eq!(fire(&world, third).await, 1);
    assert_eq!(states(&shown(&world, lead).await)[0], ("short", "done", None));
}

#[tokio::test]
async fn a_track_stops_when_the_lead_qualifies_again_and_asks_for_consent_at_each_step() {
    let agreed = agreement().replace("again = \"90d\"", "again = \"7d\"");
    let world = World::with(&agreed, |options| options.deliver = false);
    takes_mails(&world).await;
    world.sales(&["ann"]).await;
    let lead = sent_back(&world, "u1", "ana@acme.example").await;
    let says = |message: &str, ms: i64, consent: bool| {
        let mut traits = traits_of(&[]);
        traits.insert("consent".to_owned(), Value::Bool(consent));
        fact(message, ms, keys("", "u1", ""), FactBody::Identify(traits))
    };
    let no = START_MS + DAY_MS;
    world.accept(no, vec![says("no", no, false)]).await;
    fire(&world, START_MS + 7 * DAY_MS).await;
    let kept_back = shown(&world, lead).await;
    let why = kept_back.messages[0].kept_back.as_deref();
    assert_eq!(why, Some("the track's `when` doesn't hold for the lead"));
    let yes = START_MS + 7 * DAY_MS + 1;
    world.accept(yes, vec![says("yes", yes, true)]).await;
    fire(&world, START_MS + 8 * DAY_MS).await;
    assert_eq!(shown(&world, lead).await.messages[0].kept_back, None);
    let asks = START_MS + 8 * DAY_MS + 1;
    world
        .accept(
            asks,
            vec![track("again", asks, keys("", "u1", ""), "Demo Requested")],
        )
        .await;
    assert_eq!(world.detail(lead).await.summary.stage, Stage::Mql);
    let stopped = shown(&world, lead).await;
    assert_eq!(
        states(&stopped),
        [("long", "stopped", Some("it qualified again"))]
    );
    assert_eq!(fire(&world, START_MS + 9 * DAY_MS).await, 0);
}

#[tokio::test]
async fn whoever_unsubscribes_gets_no_more_by_any_lead_until_they_take_it_back() {
    let world = world().await;
    let lead = sent_back(&world, "u1", "Ana@acme.example").await;
    fire(&world, START_MS + 7 * DAY_MS).await;
    let link = promised(&world)[1]["unsubscribe_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = link.rsplit('/').next().unwrap().to_owned();
    assert_eq!(world.app.unsubscribe_link("0".repeat(32)).await.unwrap(), None);
    assert!(
        !world
            .app
            .follow_unsubscribe_link("0".repeat(32), false, true)
            .await
            .unwrap()
    );
    let led = world.app.unsubscribe_link(token.clone()).await.unwrap().unwrap();
    assert_eq!(
        (led.address.as_str(), led.unsubscribed),
        ("a•••@acme.example", false)
    );
    for _ in 0..2 {
        assert!(
            world
                .app
                .follow_unsubscribe_link(token.clone(), false, true)
                .await
                .unwrap()
        );
    }
    let stopped = shown(&world, lead).await;
    assert_eq!(states(&stopped), [("long", "stopped", Some("unsubscribed"))]);
    assert_eq!(stopped.unsubscribed_at, Some(at(START_MS + 7 * DAY_MS)));
    let listed = world.app.unsubscribed(None, 0).await.unwrap().items;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].how.as_str(), listed[0].message),
        ("one_click", Some(stopped.messages[0].id))
    );
    world
        .app
        .follow_unsubscribe_link(token, true, false)
        .await
        .unwrap();
    assert_eq!(
        world.app.unsubscribed_address("ANA@acme.example").await.unwrap(),
        None
    );
}

#[tokio::test]
async fn unsubscribing_by_hand_holds_for_whoever_comes_with_the_address_later() {
    let world = world().await;
    assert!(
        world
            .app
            .unsubscribe(" Eve@Acme.example ", Actor::Console)
            .await
            .unwrap()
    );
    assert!(
        !world
            .app
            .unsubscribe("eve@acme.example", Actor::Console)
            .await
            .unwrap()
    );
    let before = promised(&world).len();
    world.clock.set(START_MS);
    let eve = sent_back(&world, "u2", "eve@ACME.example").await;
    assert_eq!(
        promised(&world).len(),
        before + 1,
        "an answer to what they ask still goes out"
    );
    fire(&world, START_MS + 7 * DAY_MS).await;
    assert_eq!(
        states(&shown(&world, eve).await),
        [("long", "stopped", Some("unsubscribed"))]
    );
    assert_eq!(promised(&world).len(), before + 1);
    assert!(world.app.resubscribe("eve@acme.example").await.unwrap());
    assert!(
        world
            .app
            .unsubscribe("not an address", Actor::Console)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn of_two_leads_that_are_one_a_single_track_goes_on_and_parts_with_its_own() {
    let world = world().await;
    let one = sent_back(&world, "u1", "ana@acme.example").await;
    let other = sent_back(&world, "u2", "ana@private.example").await;
    world.app.merge_leads(one, other, Actor::Console).await.unwrap();
    let both = shown(&world, one).await;
    assert_eq!(
        states(&both),
        [
            ("long", "running", None),
            ("long", "stopped", Some("joined with a lead that is recycled"))
        ]
    );
    assert_eq!(fire(&world, START_MS + 7 * DAY_MS).await, 1);
    assert_eq!(
        promised(&world).len(),
        3,
        "each was answered once, and one of the tracks goes on"
    );
    world.app.unmerge_lead(other, Actor::Console).await.unwrap();
    assert_eq!(
        states(&shown(&world, one).await),
        [("long", "stopped", Some("joined with a lead that is recycled"))]
    );
    assert_eq!(states(&shown(&world, other).await), [("long", "running", None)]);
}

#[tokio::test]
async fn a_message_is_seen_before_it_goes_out() {
    let world = world().await;
    let lead = sent_back(&world, "u1", "ana@acme.example").await;
    let seen = world
        .app
        .preview_message("news".to_owned(), Some(lead))
        .await
        .unwrap();
    assert_eq!(seen.text, "You: https://bell.example/u/…\n");
    assert!(seen.html.contains("<p>You: <a href="), "{}", seen.html);
    let to_nobody = world
        .app
        .preview_message("confirmation".to_owned(), None)
        .await
        .unwrap();
    assert_eq!(to_nobody.subject, "Your demo, friend");
    assert!(world.app.preview_message("nws".to_owned(), None).await.is_err());
    assert_eq!(promised(&world).len(), 1, "nothing is sent by looking");
}

#[tokio::test]
async fn a_mail_that_no_destination_takes_is_listed_with_the_reason() {
    let world = World::with(&agreement(), |options| options.deliver = false);
    let lead = sent_back(&world, "u1", "ana@acme.example").await;
    fire(&world, START_MS + 7 * DAY_MS).await;
    let kept_back = shown(&world, lead).await.messages;
    let why = kept_back[0].kept_back.as_deref().unwrap();
    assert!(why.starts_with("no destination takes mails"), "{why}");
    let findings = world.app.findings(100).await.unwrap();
    let kinds: Vec<&str> = findings.iter().map(|one| one.kind.as_str()).collect();
    assert!(
        kinds.contains(&"reply_kept_back") && kinds.contains(&"nurture_kept_back"),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn a_mail_without_a_way_out_is_listed() {
    let world = World::with(&agreement(), |options| options.deliver = false);
    world.sales(&["ann"]).await;
    takes_mails(&world).await;
    sent_back(&world, "u1", "ana@acme.example").await;
    assert_eq!(fire(&world, START_MS + 7 * DAY_MS).await, 1);
    let mails = promised(&world);
    assert_eq!((mails.len(), mails[1]["kind"].as_str()), (2, Some("nurture")));
    assert!(mails[1]["unsubscribe_url"].is_null(), "{}", mails[1]);
    let findings = world.app.findings(100).await.unwrap();
    let found = findings
        .iter()
        .find(|one| one.kind == "nurture_without_unsubscribe");
    let reason = found.map(|one| (one.subject.as_str(), one.reason.as_str()));
    assert!(
        matches!(reason, Some(("long", reason)) if reason.contains("--public-url")),
        "{findings:?}"
    );
}

#[tokio::test]
async fn an_answer_links_to_the_owners_booking_page_or_else_the_teams() {
    let agreement = agreement().replace("calls you.", "calls you: {{ owner.booking_url }}");
    let world = World::with(&agreement, |options| options.deliver = false);
    world.sales(&["ann"]).await;
    takes_mails(&world).await;
    let settings = TeamSettings {
        booking_url: Some("https://book.example/team".to_owned()),
        ..TeamSettings::default()
    };
    world.app.put_team("sdr", settings).await.unwrap();
    let ask = async |user: &str| {
        let who = keys("", user, &format!("{user}@acme.example"));
        let facts = vec![
            identify(&format!("i{user}"), START_MS, who.clone(), &[("title", "VP")]),
            track(&format!("d{user}"), START_MS, who, "Demo Requested"),
        ];
        world.accept(START_MS, facts).await;
        promised(&world).last().unwrap()["text"]
            .as_str()
            .unwrap()
            .trim_end()
            .to_owned()
    };
    assert_eq!(ask("eve").await, "ann calls you: https://book.example/team");
    let ann = world.app.users().await.unwrap()[0].id;
    let own = UserChange {
        booking_url: Some(Some("https://book.example/ann".to_owned())),
        ..UserChange::default()
    };
    world
        .app
        .change_user(ann, own, false, Actor::Console)
        .await
        .unwrap();
    assert_eq!(ask("ida").await, "ann calls you: https://book.example/ann");
}

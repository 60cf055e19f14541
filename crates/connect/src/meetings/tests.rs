use bellwether_core::domain::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

const CALENDLY: &str = include_str!("fixtures/calendly_created.json");
const CHILI_PIPER: &str = include_str!("fixtures/chili_piper_created.json");
const SECRET: &str = "a signing key of the test";

fn now() -> Timestamp {
    "2026-06-01T09:00:12Z".parse().unwrap()
}

fn seconds(ago: i64) -> String {
    (now().ms() / 1_000 - ago).to_string()
}

/// A fixture with some of its values changed.
fn changed(text: &str, changes: &[(&str, Json)]) -> Vec<u8> {
    let mut whole: Json = serde_json::from_str(text).unwrap();
    for (pointer, value) in changes {
        *whole.pointer_mut(pointer).unwrap() = value.clone();
    }
    whole.to_string().into_bytes()
}

fn meeting(read: Read) -> Meeting {
    match read {
        Read::Meeting(meeting) => *meeting,
        other => panic!("not a meeting: {other:?}"),
    }
}

#[test]
fn a_booking_of_calendly_is_read_whole() {
    let read = meeting(calendly::read(CALENDLY.as_bytes()));
    assert_eq!(read.kind, MeetingKind::Booked);
    assert_eq!(read.email, "eve@acme.example");
    assert_eq!(read.at, Some("2026-06-01T09:00:10Z".parse().unwrap()));
    assert_eq!(read.hosts, ["sam@seller.example"]);
    assert_eq!(
        (read.first_name.as_deref(), read.phone.as_deref()),
        (Some("Eve"), Some("+44 20 7946 0000"))
    );
    let properties: Vec<String> = read
        .properties
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        properties,
        [
            "campaign.name=june",
            "campaign.source=newsletter",
            "ends_at=2026-06-03T14:30:00.000Z",
            "host=sam@seller.example",
            "link=https://meet.example/j/1",
            "meeting=https://api.calendly.example/scheduled_events/E1",
            "questions=What would you like to see?: How routing works",
            "starts_at=2026-06-03T14:00:00.000Z",
            "title=Product demo",
            "tool=calendly",
        ]
    );
}

#[test]
fn what_became_of_a_calendly_meeting_is_told_by_event_and_invitee() {
    let kind = |changes: &[(&str, Json)]| match calendly::read(&changed(CALENDLY, changes)) {
        Read::Meeting(meeting) => meeting.kind.event().to_owned(),
        Read::Unused(name) => format!("unused {name}"),
        Read::Unusable(why) => why.to_owned(),
    };
    assert_eq!(kind(&[]), "Meeting Booked");
    assert_eq!(
        kind(&[("/payload/old_invitee", json!("https://x/I0"))]),
        "Meeting Rescheduled"
    );
    assert_eq!(
        kind(&[("/event", json!("invitee.canceled"))]),
        "Meeting Cancelled"
    );
    // A move is told once, by its new invitee.
    let moved = [
        ("/event", json!("invitee.canceled")),
        ("/payload/rescheduled", json!(true)),
    ];
    assert_eq!(kind(&moved), "unused invitee.canceled (rescheduled)");
    assert_eq!(
        kind(&[("/event", json!("invitee_no_show.created"))]),
        "Meeting No-Show"
    );
    assert_eq!(
        kind(&[("/event", json!("invitee_no_show.deleted"))]),
        "Meeting No-Show Withdrawn"
    );
    assert_eq!(
        kind(&[("/event", json!("routing_form_submission.created"))]),
        "unused routing_form_submission.created"
    );
    assert_eq!(
        kind(&[("/payload/email", json!("nobody"))]),
        "the payload has no invitee's email"
    );
    assert_eq!(kind(&[("/event", json!(7))]), "the body names no `event`");
}

#[test]
fn the_same_told_twice_has_one_id_and_another_mark_another() {
    let id = |changes: &[(&str, Json)]| meeting(calendly::read(&changed(CALENDLY, changes))).message_id;
    assert_eq!(id(&[]), id(&[("/created_at", json!("2026-06-01T09:05:00Z"))]));
    assert_ne!(id(&[]), id(&[("/payload/uri", json!("https://x/I2"))]));
    let absent = |uri: &str| {
        let mark = json!({ "uri": uri, "created_at": "2026-06-03T15:00:00Z" });
        id(&[
            ("/event", json!("invitee_no_show.created")),
            ("/payload/no_show", mark),
        ])
    };
    assert_ne!(absent("n1"), absent("n2"));
    assert_eq!(absent("n1"), absent("n1"));
}

#[test]
fn calendlys_signature_is_checked_with_its_time() {
    let header =
        |secret: &str, at: &str| format!("t={at},v1={}", signed::sign(secret, at, CALENDLY.as_bytes()));
    let verify = |header: Option<&str>, body: &str| calendly::verify(SECRET, header, body.as_bytes(), now());
    let good = header(SECRET, &seconds(2));
    assert_eq!(verify(Some(&good), CALENDLY), Ok(()));
    assert_eq!(verify(Some(&good), "{}"), Err(Unsigned::Wrong));
    assert_eq!(
        verify(Some(&header("another", &seconds(2))), CALENDLY),
        Err(Unsigned::Wrong)
    );
    for (ago, stale) in [(180, false), (181, true), (-180, false), (-181, true)] {
        let expected = if stale { Err(Unsigned::Stale) } else { Ok(()) };
        assert_eq!(
            verify(Some(&header(SECRET, &seconds(ago))), CALENDLY),
            expected,
            "{ago}"
        );
    }
    for bad in [
        None,
        Some(""),
        Some("t=1"),
        Some("v1=00"),
        Some("t=x,v1=é"),
        Some("t=,v1="),
    ] {
        assert_eq!(verify(bad, CALENDLY), Err(Unsigned::Missing), "{bad:?}");
    }
    // The known answer of RFC 4231, case 2, over a split message, so that ours isn't only compared with itself.
    let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_ne!(
        signed::sign("Jefe", "what do ya want for nothing?", b""),
        known,
        "a point is signed too"
    );
}

#[test]
fn chili_pipers_origin_is_its_signature_or_else_the_addresss_token() {
    let at = seconds(5);
    let signature = signed::sign(SECRET, &at, CHILI_PIPER.as_bytes());
    let verify =
        |shown: chili_piper::Shown<'_>| chili_piper::verify(SECRET, shown, CHILI_PIPER.as_bytes(), now());
    let signed = chili_piper::Shown {
        signature: Some(&signature),
        signed_at: Some(&at),
        token: None,
    };
    let token = |token| chili_piper::Shown {
        token: Some(token),
        ..chili_piper::Shown::default()
    };
    assert_eq!(verify(signed), Ok(()));
    assert_eq!(verify(token(SECRET)), Ok(()));
    assert_eq!(verify(token("another")), Err(Unsigned::Wrong));
    assert_eq!(verify(token("")), Err(Unsigned::Wrong));
    assert_eq!(verify(chili_piper::Shown::default()), Err(Unsigned::Missing));
    // A wrong signature isn't made good by a token.
    let forged = "0".repeat(64);
    let both = chili_piper::Shown {
        signature: Some(&forged),
        token: Some(SECRET),
        ..signed
    };
    assert_eq!(verify(both), Err(Unsigned::Wrong));
    let undated = chili_piper::Shown {
        signed_at: None,
        token: Some(SECRET),
        ..signed
    };
    assert_eq!(verify(undated), Err(Unsigned::Missing));
}

#[test]
fn a_booking_of_chili_piper_is_read_under_either_of_its_names() {
    let read = meeting(chili_piper::read(CHILI_PIPER.as_bytes()));
    assert_eq!(
        (read.kind, read.email.as_str()),
        (MeetingKind::Booked, "eve@acme.example")
    );
    assert_eq!(read.hosts, ["sam@seller.example", "pool@seller.example"]);
    let starts = read.properties.get("starts_at").map(ToString::to_string);
    assert_eq!(starts.as_deref(), Some("2026-06-03T14:00:00.000Z"));
    let renamed = CHILI_PIPER
        .replace("meetingStartTime", "start")
        .replace("meetingTitle", "title");
    assert_eq!(meeting(chili_piper::read(renamed.as_bytes())), read);
    for (told, kind) in [
        ("Updated", MeetingKind::Updated),
        ("Deleted", MeetingKind::Cancelled),
        ("Canceled", MeetingKind::Cancelled),
    ] {
        let body = changed(CHILI_PIPER, &[("/type", json!(told))]);
        assert_eq!(meeting(chili_piper::read(&body)).kind, kind, "{told}");
    }
    let other = changed(CHILI_PIPER, &[("/type", json!("Exploded"))]);
    assert_eq!(chili_piper::read(&other), Read::Unused("Exploded".to_owned()));
}

#[test]
fn texts_and_lists_are_cut() {
    let long = "x".repeat(10_000);
    let answers: Vec<Json> = (0..100)
        .map(|_| json!({ "question": long, "answer": long }))
        .collect();
    let hosts: Vec<Json> = (0..100)
        .map(|n| json!({ "user_email": format!("h{n}@x.example") }))
        .collect();
    let body = changed(
        CALENDLY,
        &[
            ("/payload/name", json!(long)),
            ("/payload/questions_and_answers", json!(answers)),
            ("/payload/scheduled_event/event_memberships", json!(hosts)),
        ],
    );
    let read = meeting(calendly::read(&body));
    assert_eq!(read.name.map(|name| name.len()), Some(TEXT_CHARS_MAX));
    assert_eq!(read.hosts.len(), HOSTS_MAX);
    let Some(Value::List(answers)) = read.properties.get("questions") else {
        panic!("the answers are kept");
    };
    assert_eq!(
        (answers.len(), answers[0].len()),
        (ANSWERS_MAX, 2 * TEXT_CHARS_MAX + 2)
    );
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,20}".prop_map(Json::from),
        Just(json!("eve@acme.example")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

/// Every place in a body that a tool could fill otherwise.
const PLACES: [&str; 12] = [
    "/event",
    "/created_at",
    "/payload",
    "/payload/uri",
    "/payload/email",
    "/payload/no_show",
    "/payload/old_invitee",
    "/payload/questions_and_answers",
    "/payload/tracking",
    "/payload/scheduled_event",
    "/payload/scheduled_event/event_memberships",
    "/payload/scheduled_event/location",
];

proptest! {
    #[test]
    fn no_body_makes_reading_fail(place in 0..PLACES.len(), value in any_json(), bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..2_000) {
        let body = changed(CALENDLY, &[(PLACES[place], value.clone())]);
        let cut = &body[..cut.min(body.len())];
        for body in [body.as_slice(), cut, &bytes, value.to_string().as_bytes()] {
            for read in [calendly::read(body), chili_piper::read(body)] {
                if let Read::Meeting(meeting) = read {
                    prop_assert!(meeting.email.contains('@') && !meeting.message_id.is_empty());
                }
            }
            let header = String::from_utf8_lossy(body);
            prop_assert!(calendly::verify(SECRET, Some(&header), body, now()).is_err());
        }
    }
}

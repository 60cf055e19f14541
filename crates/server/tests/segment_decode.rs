//! What the decoder makes of the bodies that clients really send, and of those that nobody should.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "snapshots are written so by the tool that updates them"
)]

use std::fmt::Write as _;

use bellwether_app::{FactBody, IncomingFact};
use bellwether_core::domain::{Timestamp, Traits};
use bellwether_server::limits::{BATCH_EVENTS_MAX, EVENT_BYTES_MAX};
use bellwether_server::segment::{Arrival, Call, DecodeError, Decoded, Expected, decode};
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn decoded(body: &[u8], expected: Expected) -> Result<Decoded, DecodeError> {
    decode(
        body,
        expected,
        Arrival {
            received_at: at("2026-03-04T12:00:10Z"),
            nonce: "n",
        },
    )
}

fn batch(body: &str) -> Decoded {
    decoded(body.as_bytes(), Expected::Batch).expect("a batch")
}

/// A batch of one event, in which `%` stands for the members to try.
fn event(members: &str) -> Decoded {
    batch(&format!(
        r#"{{"batch":[{{"type":"track","event":"E","messageId":"m","userId":"u",{members}}}]}}"#
    ))
}

fn check(body: &str, expected: Expected, expect: &Expect) {
    let text = match decoded(body.as_bytes(), expected) {
        Ok(decoded) => shown(&decoded),
        Err(error) => format!("{error}\n"),
    };
    expect.assert_eq(&text);
}

fn shown(decoded: &Decoded) -> String {
    let mut text = String::new();
    if let Some(key) = &decoded.write_key {
        let _ = writeln!(text, "key {key}");
    }
    for (fact, origin) in decoded.facts.iter().zip(&decoded.origins) {
        let _ = writeln!(text, "{origin} {}", shown_fact(fact));
    }
    for refused in &decoded.refused {
        let id = refused.message_id.as_deref().unwrap_or("-");
        let _ = writeln!(text, "{} refused {id}: {}", refused.index, refused.reason);
    }
    for dropped in &decoded.dropped {
        let _ = writeln!(
            text,
            "{} dropped {}: {}",
            dropped.index, dropped.path, dropped.reason
        );
    }
    text
}

fn shown_fact(fact: &IncomingFact) -> String {
    let mut text = format!("{} at {}", fact.message_id, fact.ts);
    let keys = &fact.keys;
    for (name, value) in [
        ("anonymous", &keys.anonymous_id),
        ("user", &keys.user_id),
        ("email", &keys.email),
    ] {
        if let Some(value) = value {
            let _ = write!(text, " {name}={value}");
        }
    }
    for (kind, value) in &keys.external_ids {
        let _ = write!(text, " {kind}={value}");
    }
    match &fact.body {
        FactBody::Event(event) => {
            let _ = write!(text, "\n    {:?} `{}`", event.kind, event.name);
            if let Some(path) = &event.path {
                let _ = write!(text, " on {path}");
            }
            text.push_str(&shown_traits(&event.properties));
        }
        FactBody::Identify(traits) => {
            let _ = write!(text, "\n    Identify{}", shown_traits(traits));
        }
        FactBody::Group { group_id, traits } => {
            let _ = write!(text, "\n    Group `{group_id}`{}", shown_traits(traits));
        }
        FactBody::Alias { previous_id } => {
            let _ = write!(text, "\n    Alias of `{previous_id}`");
        }
    }
    if !fact.context_traits.is_empty() {
        let _ = write!(text, "\n    beside{}", shown_traits(&fact.context_traits));
    }
    text
}

fn shown_traits(traits: &Traits) -> String {
    let pairs: Vec<String> = traits
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!(" {{{}}}", pairs.join(", "))
    }
}

#[test]
fn a_batch_of_the_node_client() {
    check(
        r#"{"batch":[
            {"userId":"u1","anonymousId":"a1","event":"Demo Requested","properties":{"seats":20,"plan":"pro","nested":{"a":{"b":true}},"tags":["x","y"],"rows":[{"sku":1}]},
             "timestamp":"2026-03-04T12:00:00.000Z","type":"track","context":{"library":{"name":"@segment/analytics-node","version":"2.2.0"}},"messageId":"node-1","_metadata":{"nodeVersion":"20"}},
            {"userId":"u1","traits":{"email":" Ana@Acme.Example ","firstName":"Ana","company":{"name":"Acme","employee_count":300},"address":{"city":"Lyon","country":"FR"}},"type":"identify","messageId":"node-2","timestamp":"2026-03-04T12:00:01.000Z"}
           ],"writeKey":"bw_write_1","sentAt":"2026-03-04T12:00:05.000Z"}"#,
        Expected::Batch,
        &expect![[r#"
            key bw_write_1
            0 node-1 at 2026-03-04T12:00:05.000Z anonymous=a1 user=u1
                Track `Demo Requested` {nested.a.b=true, plan=pro, rows=[{"sku":1}], seats=20, tags=x, y}
            1 node-2 at 2026-03-04T12:00:06.000Z user=u1 email=ana@acme.example
                Identify {address.city=Lyon, address.country=FR, city=Lyon, company=Acme, company.employee_count=300, company.name=Acme, country=FR, email=ana@acme.example, employees=300, firstName=Ana, first_name=Ana}
        "#]],
    );
}

#[test]
fn a_batch_of_the_python_client() {
    check(
        r#"{"batch": [{"integrations": {}, "anonymousId": null, "userId": 42, "traits": {"email": "sam@gmail.com", "score": NaN, "age": 30, "income": Infinity}, "timestamp": "2026-03-04T12:00:00.123456+00:00", "context": {"library": {"name": "analytics-python", "version": "2.3.4"}}, "type": "identify", "channel": "server", "messageId": "0b8a"}], "sentAt": "2026-03-04T12:00:10.500000+00:00", "writeKey": "k"}"#,
        Expected::Batch,
        &expect![[r#"
            key k
            0 0b8a at 2026-03-04T11:59:59.623Z user=42 email=sam@gmail.com
                Identify {age=30, email=sam@gmail.com}
            0 dropped traits.score: not a finite number
            0 dropped traits.income: not a finite number
        "#]],
    );
}

#[test]
fn a_page_view_of_the_browser_client() {
    check(
        r#"{"timestamp":"2026-03-04T11:00:00.000Z","integrations":{},"anonymousId":"b0ab","type":"page","properties":{"path":"/pricing","referrer":"https://search.example/","search":"?utm_source=ad","title":"Pricing","url":"https://acme.example/pricing?utm_source=ad"},"name":"Pricing","context":{"page":{"path":"/pricing","referrer":"https://search.example/","url":"https://acme.example/pricing?utm_source=ad"},"userAgent":"Mozilla/5.0","locale":"en-GB","library":{"name":"analytics.js","version":"npm:next-1.84.3"},"timezone":"Europe/Paris","campaign":{"source":"ad","name":"spring"}},"messageId":"ajs-next-1","userId":null,"writeKey":"k","sentAt":"2026-03-04T11:00:00.010Z","_metadata":{"bundled":["Segment.io"]}}"#,
        Expected::One(Call::Page),
        &expect![[r#"
            key k
            0 ajs-next-1 at 2026-03-04T12:00:09.990Z anonymous=b0ab
                Page `page` on /pricing {context.campaign.name=spring, context.campaign.source=ad, context.page.referrer=https://search.example/, name=Pricing, path=/pricing, referrer=https://search.example/, search=?utm_source=ad, title=Pricing, url=https://acme.example/pricing?utm_source=ad}
        "#]],
    );
}

#[test]
fn group_and_alias_and_screen() {
    check(
        r#"{"batch":[
            {"type":"group","groupId":7,"traits":{"name":"Acme","employees":300},"messageId":"1"},
            {"type":"alias","previousId":"old","userId":"new","messageId":"2"},
            {"type":"alias","previousId":"old","messageId":"3"},
            {"type":"screen","name":"Home","anonymousId":"a","messageId":"4"},
            {"type":"track","event":"E","anonymousId":"a","messageId":"5","context":{"groupId":"g","traits":{"email":"X@Y.example","title":"CTO"},"externalIds":[{"id":"00Q1","type":"salesforce","collection":"users"},{"id":null},3]}},
            {"type":"page","anonymousId":"a","messageId":"6","context":{"page":{"url":"https://acme.example"}}},
            {"type":"page","anonymousId":"a","messageId":"7","properties":{"url":"https://acme.example/a/b?c#d"}},
            {"type":"page","anonymousId":"a","messageId":"8"}
        ]}"#,
        Expected::Batch,
        &expect![[r#"
            0 1 at 2026-03-04T12:00:10.000Z
                Group `7` {employees=300, name=Acme}
            1 2 at 2026-03-04T12:00:10.000Z user=new
                Alias of `old`
            2 3 at 2026-03-04T12:00:10.000Z
                Alias of `old`
            3 4 at 2026-03-04T12:00:10.000Z anonymous=a
                Screen `Home`
            4 5 at 2026-03-04T12:00:10.000Z anonymous=a email=x@y.example salesforce=00Q1
                Track `E`
                beside {email=x@y.example, title=CTO}
            4 5/group at 2026-03-04T12:00:10.000Z anonymous=a email=x@y.example salesforce=00Q1
                Group `g`
            5 6 at 2026-03-04T12:00:10.000Z anonymous=a
                Page `page` on / {context.page.host=acme.example}
            6 7 at 2026-03-04T12:00:10.000Z anonymous=a
                Page `page` on /a/b {url=https://acme.example/a/b?c#d}
            7 8 at 2026-03-04T12:00:10.000Z anonymous=a
                Page `page`
        "#]],
    );
}

#[test]
fn a_batchs_context_fills_in_what_its_events_lack() {
    check(
        r#"{"batch":[
            {"type":"track","event":"A","userId":"u","messageId":"1","context":{"traits":{"title":"CTO"}}},
            {"type":"page","userId":"u","messageId":"2"}
        ],"context":{"traits":{"title":"none","plan":"pro"},"page":{"path":"/x"},"groupId":"g"}}"#,
        Expected::Batch,
        &expect![[r#"
            0 1 at 2026-03-04T12:00:10.000Z user=u
                Track `A`
                beside {plan=pro, title=CTO}
            0 1/group at 2026-03-04T12:00:10.000Z user=u
                Group `g`
            1 2 at 2026-03-04T12:00:10.000Z user=u
                Page `page` on /x
                beside {plan=pro, title=none}
            1 2/group at 2026-03-04T12:00:10.000Z user=u
                Group `g`
        "#]],
    );
}

#[test]
fn bad_events_cost_the_good_ones_nothing() {
    check(
        r#"{"batch":[
            {"type":"track","event":"Good","userId":"u","messageId":"1"},
            {"type":"track","userId":"u","messageId":"2"},
            {"type":"purchase","userId":"u","messageId":"3"},
            {"userId":"u","messageId":"4"},
            {"type":"track","event":"E","messageId":"5"},
            {"type":"track","event":"  ","userId":"u"},
            {"type":"group","userId":"u"},
            {"type":"alias","userId":"u"},
            null, 3, [], "x",
            {"type":"track","event":"E","userId":{"id":1},"anonymousId":"a","messageId":"6"},
            {"type":"track","event":7,"userId":true,"messageId":8,"properties":null,"context":null},
            {"type":"track","event":"E","userId":"u","messageId":"9","properties":"text","timestamp":"yesterday"}
        ]}"#,
        Expected::Batch,
        &expect![[r#"
            0 1 at 2026-03-04T12:00:10.000Z user=u
                Track `Good`
            12 6 at 2026-03-04T12:00:10.000Z anonymous=a
                Track `E`
            13 8 at 2026-03-04T12:00:10.000Z user=true
                Track `7`
            14 9 at 2026-03-04T12:00:10.000Z user=u
                Track `E`
            1 refused 2: a track call needs the name of what was done in `event`
            2 refused 3: `purchase` is not a type of call; known are `track`, `identify`, `page`, `screen`, `group` or `alias`
            3 refused 4: an event of a batch needs a `type`: `track`, `identify`, `page`, `screen`, `group` or `alias`
            4 refused 5: nobody is named; give a `userId` or an `anonymousId`
            5 refused -: a track call needs the name of what was done in `event`
            6 refused -: a group call needs a `groupId`
            7 refused -: an alias call needs a `previousId`
            8 refused -: an event must be an object
            9 refused -: an event must be an object
            10 refused -: an event must be an object
            11 refused -: an event must be an object
            12 dropped userId: an id must be a text or a number
            14 dropped properties: must be an object
            14 dropped timestamp: not a time between 1970 and 2199; the time of receipt stands in for it
        "#]],
    );
}

#[test]
fn what_is_no_batch_is_an_error_with_its_place() {
    for body in [
        "",
        " ",
        "null",
        "[]",
        "{}",
        r#"{"batch":null}"#,
        r#"{"batch":{}}"#,
        "{\"batch\":[}",
        "{\"batch\":[]}x",
    ] {
        let error = decoded(body.as_bytes(), Expected::Batch);
        assert!(
            matches!(error, Err(DecodeError::Malformed { .. })),
            "{body}: {error:?}"
        );
    }
    let error = decoded(br#"{"batch":[{"type":"track",}]}"#, Expected::Batch).map(|_| ());
    assert_eq!(
        error,
        Err(DecodeError::Malformed {
            what: "expected a text in double quotes",
            at: 26
        })
    );
    assert!(batch(r#"{"batch":[]}"#).facts.is_empty());
}

#[test]
fn the_clock_of_the_sender_is_corrected() {
    let ts = |members: &str| event(members).facts[0].ts.to_string();
    let cases = [
        // Ten minutes behind: what it did five seconds before it sent was five seconds before it came.
        (
            r#""timestamp":"2026-03-04T11:50:00Z","sentAt":"2026-03-04T11:50:05Z""#,
            "2026-03-04T12:00:05.000Z",
        ),
        (
            r#""originalTimestamp":"2026-03-04T11:50:00Z","timestamp":"2020-01-01","sentAt":"2026-03-04T11:50:05Z""#,
            "2026-03-04T12:00:05.000Z",
        ),
        // No correction: no sentAt, an empty one, no time at all.
        (
            r#""timestamp":"2026-03-01T00:00:00Z""#,
            "2026-03-01T00:00:00.000Z",
        ),
        (
            r#""timestamp":"2026-03-01T00:00:00Z","sentAt":"""#,
            "2026-03-01T00:00:00.000Z",
        ),
        (
            r#""timestamp":"2026-03-01T00:00:00Z","sentAt":"soon""#,
            "2026-03-01T00:00:00.000Z",
        ),
        (r#""sentAt":"2026-03-04T11:50:05Z""#, "2026-03-04T12:00:10.000Z"),
        (
            r#""timestamp":"9999-12-31T23:59:59Z""#,
            "2026-03-04T12:00:10.000Z",
        ),
        // 23 hours ahead is believed, more is not.
        (
            r#""timestamp":"2026-03-05T11:00:10Z""#,
            "2026-03-05T11:00:10.000Z",
        ),
        (
            r#""timestamp":"2026-03-05T11:00:11Z""#,
            "2026-03-04T12:00:10.000Z",
        ),
        (
            r#""timestamp":"2026-03-04T12:00:00Z","sentAt":"1970-01-01T00:00:00Z""#,
            "2026-03-04T12:00:10.000Z",
        ),
        // Numbers are milliseconds or seconds.
        (r#""timestamp":1772582400000"#, "2026-03-04T00:00:00.000Z"),
        (r#""timestamp":1772582400"#, "2026-03-04T00:00:00.000Z"),
        (r#""timestamp":1772582400.5"#, "2026-03-04T00:00:00.000Z"),
        (r#""timestamp":-5"#, "2026-03-04T12:00:10.000Z"),
        (r#""timestamp":1e400"#, "2026-03-04T12:00:10.000Z"),
    ];
    for (members, expected) in cases {
        assert_eq!(ts(members), expected, "{members}");
    }
    let body = |own: &str| {
        format!(
            r#"{{"sentAt":"2026-03-04T12:00:00Z","batch":[{{"type":"track","event":"E","userId":"u","timestamp":"2026-03-01"{own}}}]}}"#
        )
    };
    let fact = batch(&body("")).facts.remove(0);
    assert_eq!(fact.ts, at("2026-03-01T00:00:10Z"));
    assert_eq!(
        (fact.original_at, fact.sent_at),
        (Some(at("2026-03-01")), Some(at("2026-03-04T12:00:00Z")))
    );
    let own = batch(&body(r#","sentAt":"""#)).facts.remove(0);
    assert_eq!(
        (own.ts, own.sent_at),
        (at("2026-03-01"), None),
        "an empty sentAt of its own means none"
    );
}

#[test]
fn numbers_that_are_none_are_dropped_and_listed() {
    let decoded = event(
        r#""properties":{"a":1e400,"b":-1e400,"c":NaN,"d":1.5e3,"e":-0,"f":123456789012345678901234567890,"g":{"h":Infinity}}"#,
    );
    assert_eq!(
        shown(&decoded),
        expect_lines(&[
            "0 m at 2026-03-04T12:00:10.000Z user=u",
            "    Track `E` {d=1500, e=0, f=123456789012345680000000000000}",
            "0 dropped properties.a: not a finite number",
            "0 dropped properties.b: not a finite number",
            "0 dropped properties.c: not a finite number",
            "0 dropped properties.g.h: not a finite number",
        ])
    );
}

fn expect_lines(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn what_is_nested_too_deep_is_dropped_and_listed() {
    let nest = |depth: usize| format!("{}1{}", r#"{"x":"#.repeat(depth), "}".repeat(depth));
    let kept = event(&format!(r#""properties":{}"#, nest(8)));
    assert_eq!(kept.dropped.len(), 0);
    let cut = event(&format!(r#""properties":{}"#, nest(9)));
    assert_eq!(cut.dropped[0].path, "properties.x.x.x.x.x.x.x.x");
    let deep = event(&format!(r#""properties":{{"keep":1,"deep":{}}}"#, nest(4_000)));
    assert_eq!((deep.facts.len(), deep.dropped.len()), (1, 1));
    let arrays = format!(r#"{{"batch":[{}1{}]}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(batch(&arrays).refused[0].reason, "an event must be an object");
}

#[test]
fn what_is_cut_or_put_at_another_time_is_listed() {
    let long = "é".repeat(600);
    for (members, path, reason) in [
        (format!(r#""event":"{long}""#), "event", "cut to 1,024 bytes"),
        (
            r#""timestamp":"2199-01-01T00:00:00Z""#.to_owned(),
            "timestamp",
            "more than 23 hours ahead; the time of receipt stands in for it",
        ),
    ] {
        let decoded = event(&members);
        let listed: Vec<_> = decoded
            .dropped
            .iter()
            .map(|dropped| (dropped.path.as_str(), dropped.reason))
            .collect();
        assert_eq!(
            (decoded.facts.len(), listed),
            (1, vec![(path, reason)]),
            "{members}"
        );
    }
}

#[test]
fn large_events_are_refused_alone() {
    let large = "x".repeat(EVENT_BYTES_MAX);
    let body = format!(
        r#"{{"batch":[{{"type":"track","event":"Small","userId":"u"}},{{"type":"track","event":"Large","userId":"u","messageId":"l","properties":{{"t":"{large}"}}}}]}}"#
    );
    let decoded = batch(&body);
    assert_eq!(decoded.facts.len(), 1);
    assert_eq!(decoded.refused[0].message_id.as_deref(), Some("l"));
    let single = format!(r#"{{"event":"Large","userId":"u","properties":{{"t":"{large}"}}}}"#);
    let error = decode(
        single.as_bytes(),
        Expected::One(Call::Track),
        Arrival {
            received_at: at("2026-03-04"),
            nonce: "n",
        },
    );
    assert!(matches!(error, Err(DecodeError::EventTooLarge { .. })));
    let many = vec![r#"{"type":"track","event":"E","userId":"u"}"#; BATCH_EVENTS_MAX + 2].join(",");
    let decoded = batch(&format!(r#"{{"batch":[{many}]}}"#));
    assert_eq!(
        (decoded.facts.len(), decoded.refused.len()),
        (BATCH_EVENTS_MAX, 2)
    );
    let wide: Vec<String> = (0..600).map(|n| format!(r#""p{n}":{n}"#)).collect();
    let decoded = event(&format!(r#""properties":{{{}}}"#, wide.join(",")));
    assert_eq!((decoded.facts.len(), decoded.dropped.len()), (1, 100));
}

#[test]
fn bytes_that_are_no_utf8_cost_their_event_alone() {
    let mut body =
        br#"{"batch":[{"type":"track","event":"A","userId":"u"},{"type":"track","event":"B"#.to_vec();
    body.extend_from_slice(b"\xff\xfe");
    body.extend_from_slice(
        br#"","userId":"u","messageId":"bad"},{"type":"track","event":"C \ufffd","userId":"u"}],"x":"#,
    );
    body.extend_from_slice(b"\"\xc3\"}");
    let decoded = decoded(&body, Expected::Batch).expect("a batch");
    let names: Vec<&str> = decoded
        .facts
        .iter()
        .filter_map(|fact| match &fact.body {
            FactBody::Event(event) => Some(event.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["A", "C \u{fffd}"]);
    assert_eq!(decoded.refused[0].reason, "it holds bytes that are not UTF-8");
    let single = decode(
        b"{\"event\":\"\xff\"}",
        Expected::One(Call::Track),
        Arrival {
            received_at: at("2026-03-04"),
            nonce: "n",
        },
    );
    assert!(matches!(single, Err(DecodeError::Malformed { .. })));
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(br#"{"batch":[]}"#);
    assert!(
        self::decoded(&marked, Expected::Batch).is_ok(),
        "a byte order mark is passed over"
    );
}

#[test]
fn message_ids_are_given_where_they_miss_and_hashed_where_they_are_long() {
    let long = "x".repeat(300);
    let decoded = batch(&format!(
        r#"{{"batch":[{{"type":"track","event":"E","userId":"u"}},{{"type":"track","event":"E","userId":"u","messageId":""}},{{"type":"track","event":"E","userId":"u","messageId":"{long}"}}]}}"#
    ));
    let ids: Vec<&str> = decoded
        .facts
        .iter()
        .map(|fact| fact.message_id.as_str())
        .collect();
    assert_eq!(ids[..2], ["bw-n-0", "bw-n-1"]);
    assert!(ids[2].starts_with("sha256-") && ids[2].len() == 71, "{}", ids[2]);
}

#[test]
fn the_last_of_two_members_of_one_name_counts() {
    let decoded = event(r#""event":"F","properties":{"a":1},"properties":{"b":1,"b":2},"userId":"v""#);
    assert_eq!(
        shown(&decoded),
        "0 m at 2026-03-04T12:00:10.000Z user=v\n    Track `F` {b=2}\n"
    );
}

#[test]
fn a_trait_set_to_null_is_taken_back() {
    let decoded = batch(
        r#"{"batch":[{"type":"identify","userId":"u","messageId":"m","traits":{"title":null,"tags":[],"company":{"name":null}}}]}"#,
    );
    assert_eq!(
        shown(&decoded),
        "0 m at 2026-03-04T12:00:10.000Z user=u\n    Identify {company=, company.name=, tags=, title=}\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decoded(&bytes, Expected::Batch);
        let _ = decoded(&bytes, Expected::One(Call::Identify));
    }

    #[test]
    fn a_good_body_with_bytes_changed_is_decoded_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut body = br#"{"batch":[{"type":"identify","userId":"u\u00e9","traits":{"email":"a@b.example","n":-1.5e3,"l":["x",1,null],"o":{"p":{}}},"timestamp":"2026-03-04T12:00:00Z","context":{"page":{"path":"/x"},"externalIds":[{"id":"1","type":"crm"}]}},{"type":"page","anonymousId":"a"}],"sentAt":"2026-03-04T12:00:05Z"}"#.to_vec();
        for (place, byte) in &changes {
            let index = place.index(body.len());
            body[index] = *byte;
        }
        body.truncate(cut.index(body.len()) + 1);
        if let Ok(decoded) = decoded(&body, Expected::Batch) {
            // Every event is there once: as a fact or with the reason why not.
            let mut seen: Vec<usize> = decoded.origins.clone();
            seen.extend(decoded.refused.iter().map(|refused| refused.index));
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen, (0..decoded.received).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_wrong_with_one_event_never_reaches_another(junk in r#"[\[\]{}":,0-9a-z \\]{0,40}"#) {
        let quoted = serde_json::to_string(&junk).expect("text is always printable");
        let body = format!(r#"{{"batch":[{{"type":"track","event":{quoted},"userId":{quoted},"properties":{{{quoted}:{quoted}}}}},{{"type":"track","event":"Good","userId":"u","messageId":"g"}}]}}"#);
        let decoded = batch(&body);
        prop_assert!(decoded.facts.iter().any(|fact| fact.message_id == "g"));
    }
}

#[test]
fn of_a_user_agent_the_name_of_a_program_is_kept_and_nothing_of_a_persons_browser() {
    let agent_of = |decoded: &Decoded| -> Vec<Option<String>> {
        let events = decoded.facts.iter().filter_map(|fact| match &fact.body {
            FactBody::Event(event) => Some(event),
            _ => None,
        });
        events
            .map(|event| event.properties.get("context.agent").map(ToString::to_string))
            .collect()
    };
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    for (context, agent) in [
        (r#"{}"#.to_owned(), None),
        (format!(r#"{{"userAgent":"{firefox}"}}"#), None),
        (
            r#"{"userAgent":"Mozilla/5.0 (compatible; Googlebot/2.1)"}"#.to_owned(),
            Some("Googlebot"),
        ),
        (
            r#"{"user_agent":"python-requests/2.32.3"}"#.to_owned(),
            Some("python-requests"),
        ),
        (r#"{"userAgent":7}"#.to_owned(), None),
        (r#"{"userAgent":null}"#.to_owned(), None),
    ] {
        let decoded = event(&format!(r#""context":{context}"#));
        assert_eq!(agent_of(&decoded), [agent.map(str::to_owned)], "{context}");
    }
    // A batch's program stands in for what names none, and only for that.
    let decoded = batch(&format!(
        r#"{{"context":{{"userAgent":"curl/8.5.0"}},"batch":[
            {{"type":"page","userId":"u"}},{{"type":"page","userId":"u","context":{{"userAgent":"{firefox}"}}}}]}}"#
    ));
    assert_eq!(agent_of(&decoded), [Some("curl".to_owned()), None]);
}

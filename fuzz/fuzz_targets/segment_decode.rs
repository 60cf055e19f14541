//! Any bytes as the body of any of Segment's routes: the same bytes give the same facts, white space after them changes
//! nothing, and no event is lost without being listed.

#![no_main]

use bellwether_core::domain::Timestamp;
use bellwether_server::limits::BATCH_EVENTS_MAX;
use bellwether_server::segment::{Arrival, Call, DecodeError, Decoded, Expected, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for expected in [
        Expected::Batch,
        Expected::One(Call::Track),
        Expected::One(Call::Identify),
    ] {
        let first = decoded(body, expected);
        let again = decoded(body, expected);
        assert_eq!(
            format!("{first:?}"),
            format!("{again:?}"),
            "the same bytes, other facts"
        );
        let Ok(decoded_once) = first else {
            continue;
        };
        check(&decoded_once);
        let spaced = decoded(&[body, b" \r\n\t"].concat(), expected);
        assert_eq!(
            format!("{decoded_once:?}"),
            format!("{:?}", spaced.expect("white space spoils nothing")),
        );
    }
});

fn decoded(body: &[u8], expected: Expected) -> Result<Decoded, DecodeError> {
    let received_at: Timestamp = "2026-03-04T12:00:10Z".parse().expect("a time");
    let nonce = "n";
    decode(body, expected, Arrival { received_at, nonce })
}

fn check(decoded: &Decoded) {
    assert_eq!(decoded.facts.len(), decoded.origins.len());
    assert!(
        decoded.origins.is_sorted(),
        "facts stand in the order of their events"
    );
    assert!(decoded.facts.len() <= BATCH_EVENTS_MAX);
    for index in 0..decoded.received {
        let kept = decoded.origins.contains(&index);
        let refused = decoded.refused.iter().any(|refused| refused.index == index);
        assert!(kept || refused, "event {index} is lost");
    }
}

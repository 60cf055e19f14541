//! What of a request couldn't be used, as findings: counted here, so that a batch with a thousand like faults is one
//! line of the list.

use std::collections::BTreeMap;

use bellwether_app::{Noted, NotedKind, SourceId};

use super::decode::Decoded;
use crate::limits::FINDINGS_OF_REQUEST_MAX;

/// What stands for those that had no room.
const OTHERS: &str = "(others)";

/// Everything that was refused, left out or doubtful in a request that came by this key.
pub(super) fn findings(decoded: &Decoded, source: SourceId) -> Vec<Noted> {
    let mut counted: BTreeMap<(NotedKind, &str, &str), u64> = BTreeMap::new();
    let mut count = |kind, subject, reason, times: usize| {
        let mut key = (kind, subject, reason);
        if counted.len() >= FINDINGS_OF_REQUEST_MAX && !counted.contains_key(&key) {
            key = (kind, OTHERS, "");
        }
        *counted.entry(key).or_default() += times as u64;
    };
    let key = format!("write key {source}");
    for refused in &decoded.refused {
        count(NotedKind::RefusedEvent, &key, fault(&refused.reason), 1);
    }
    for dropped in &decoded.dropped {
        count(NotedKind::DroppedValue, &dropped.path, dropped.reason, 1);
    }
    for (path, reason) in &decoded.dropped_beside {
        count(NotedKind::DroppedValue, path, reason, 1);
    }
    if decoded.without_message_id > 0 {
        let reason = "an event without a `messageId` counts again when it is sent again";
        count(NotedKind::NoMessageId, &key, reason, decoded.without_message_id);
    }
    let noted = counted.into_iter().map(|((kind, subject, reason), count)| Noted {
        kind,
        subject: subject.to_owned(),
        reason: reason.to_owned(),
        count,
    });
    noted.collect()
}

/// What is wrong, without the figures and remedies after it, so that like faults are counted together.
pub(super) fn fault(reason: &str) -> &str {
    reason.split("; ").next().unwrap_or(reason)
}

#[cfg(test)]
mod tests {
    use bellwether_core::domain::Timestamp;

    use super::super::{Arrival, Expected, decode};
    use super::*;

    fn of(body: &str) -> Vec<String> {
        let arrival = Arrival {
            received_at: Timestamp::from_ms(1_000_000).expect("a time"),
            nonce: "n",
        };
        let decoded = decode(body.as_bytes(), Expected::Batch, arrival).expect("a batch");
        let found = findings(&decoded, SourceId(3)).into_iter();
        found
            .map(|noted| {
                let Noted {
                    kind,
                    subject,
                    reason,
                    count,
                } = noted;
                format!("{} {subject}: {reason} x{count}", kind.as_str())
            })
            .collect()
    }

    #[test]
    fn a_good_batch_has_none() {
        let body = r#"{"batch":[{"type":"track","event":"E","userId":"u","messageId":"1"}],"sentAt":""}"#;
        assert!(of(body).is_empty(), "{:?}", of(body));
    }

    #[test]
    fn like_faults_are_counted_together() {
        let large = |bytes| {
            format!(
                r#"{{"type":"track","event":"E","userId":"u","x":"{}"}}"#,
                "x".repeat(bytes)
            )
        };
        let body = format!(
            r#"{{"sentAt":"soon","batch":[{}, {}, 7, {{"type":"track","event":"E","userId":"u","properties":{{"r":NaN}}}}]}}"#,
            large(33_000),
            large(34_000)
        );
        assert_eq!(
            of(&body),
            [
                "refused_event write key 3: an event has at most 32 KB x2",
                "refused_event write key 3: an event must be an object x1",
                "dropped_value properties.r: not a finite number x1",
                "dropped_value sentAt: not a time between 1970 and 2199; the time of receipt stands in for it x1",
                "no_message_id write key 3: an event without a `messageId` counts again when it is sent again x1",
            ]
        );
    }

    #[test]
    fn a_thousand_different_faults_are_bounded() {
        let members: Vec<String> = (0..400).map(|n| format!(r#""p{n}":NaN"#)).collect();
        let body = format!(
            r#"{{"batch":[{{"type":"track","event":"E","userId":"u","messageId":"1","properties":{{{}}}}}]}}"#,
            members.join(",")
        );
        let found = of(&body);
        assert_eq!(found.len(), FINDINGS_OF_REQUEST_MAX + 1);
        assert!(
            found.contains(&"dropped_value (others):  x300".to_owned()),
            "{found:?}"
        );
    }
}

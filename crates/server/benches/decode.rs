//! How many events a second one core decodes, for bodies as three clients send them: `cargo bench -p bellwether-server`.

use std::hint::black_box;
use std::time::Instant;

use bellwether_core::domain::Timestamp;
use bellwether_server::segment::{Arrival, Expected, decode};

const EVENTS_PER_BATCH: usize = 100;
const ROUNDS: usize = 400;

const NODE: &str = r#"{"userId":"user-%","anonymousId":"anon-%","event":"Demo Requested","properties":{"seats":20,"plan":"pro","source":"website","nested":{"team":"growth"}},"timestamp":"2026-03-04T12:00:00.000Z","type":"track","context":{"library":{"name":"@segment/analytics-node","version":"2.2.0"}},"integrations":{},"messageId":"node-next-1772625600000-%","_metadata":{"nodeVersion":"20.20.2"}}"#;
const PYTHON: &str = r#"{"integrations": {}, "anonymousId": null, "userId": "user-%", "traits": {"email": "ana-%@acme.example", "title": "VP Marketing", "company": "Acme", "employees": 300}, "timestamp": "2026-03-04T12:00:00.123456+00:00", "context": {"library": {"name": "analytics-python", "version": "2.3.4"}}, "type": "identify", "channel": "server", "messageId": "0b8a2b52-4d4f-4a6e-9a5a-%"}"#;
const BROWSER: &str = r#"{"timestamp":"2026-03-04T11:00:00.000Z","integrations":{},"anonymousId":"b0ab64ee-%","type":"page","properties":{"path":"/pricing","referrer":"https://search.example/","search":"?utm_source=ad","title":"Pricing","url":"https://acme.example/pricing?utm_source=ad"},"name":"Pricing","context":{"page":{"path":"/pricing","referrer":"https://search.example/","search":"?utm_source=ad","title":"Pricing","url":"https://acme.example/pricing?utm_source=ad"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-GB","library":{"name":"analytics.js","version":"npm:next-1.84.3"},"userAgentData":{"brands":[{"brand":"Chromium","version":"156"}],"mobile":false,"platform":"Linux"},"timezone":"Europe/Paris","campaign":{"source":"ad","name":"spring"}},"messageId":"ajs-next-1772625600000-%","userId":null,"writeKey":"bw_write_0123456789","_metadata":{"bundled":["Segment.io"],"unbundled":[],"bundledIds":[]}}"#;

fn main() {
    let arrival = Arrival {
        received_at: Timestamp::from_ms_clamped(1_772_625_610_000),
        nonce: "nonce",
    };
    println!(
        "{:<10} {:>12} {:>14} {:>10}",
        "client", "bytes/event", "events/s/core", "MB/s"
    );
    for (client, event) in [("node", NODE), ("python", PYTHON), ("browser", BROWSER)] {
        let body = batch(event);
        let begun = Instant::now();
        let mut events = 0;
        for _ in 0..ROUNDS {
            let decoded = decode(black_box(body.as_bytes()), Expected::Batch, arrival);
            events += decoded.map_or(0, |decoded| decoded.facts.len());
        }
        let elapsed_us = begun.elapsed().as_micros().max(1);
        let bytes = body.len() * ROUNDS;
        println!(
            "{client:<10} {:>12} {:>14} {:>10}",
            body.len() / EVENTS_PER_BATCH,
            events as u128 * 1_000_000 / elapsed_us,
            bytes as u128 / elapsed_us,
        );
    }
}

fn batch(event: &str) -> String {
    let events: Vec<String> = (0..EVENTS_PER_BATCH)
        .map(|index| event.replace('%', &index.to_string()))
        .collect();
    format!(
        r#"{{"batch":[{}],"sentAt":"2026-03-04T12:00:05.000Z","writeKey":"bw_write_0123456789"}}"#,
        events.join(",")
    )
}

//! Power cuts: the server is killed on the spot, again and again, while events come in. Whatever it acknowledged is there
//! once, and whoever qualified was handed off once.

mod answers;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, RwLock};
use std::thread;

use bellwether_testkit::clients::http::Http;
use bellwether_testkit::server::{KeyKind, TestServer};
use serde_json::{Value, json};

/// How often the server is killed.
const KILLS: u32 = 50;
/// Clients that send at the same time.
const SENDERS: u32 = 3;
/// Leads that each client tells of, over and over.
const LEADS_PER_SENDER: u32 = 7;

/// Draws the moments: a multiplicative congruential generator, of which only a spread is asked.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
fn what_was_acknowledged_survives_fifty_power_cuts_once() {
    let mut server = TestServer::start(env!("CARGO_BIN_EXE_bellwether"));
    let write = server.client(KeyKind::Write);
    let admin = server.client(KeyKind::Admin);
    let stop = Arc::new(RwLock::new(false));
    let (acknowledged, acknowledgements) = channel();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (write, stop, acknowledged) = (write.clone(), Arc::clone(&stop), acknowledged.clone());
            thread::spawn(move || send(sender, &write, &stop, &acknowledged))
        })
        .collect();

    let mut draw = Draw(20_261_121);
    let mut sent: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..KILLS {
        // A kill falls between any two steps of the work on the next batch: the count only says how many come before it.
        take(&acknowledgements, &mut sent, 1 + draw.below(6));
        for _ in 0..draw.below(40_000) {
            thread::yield_now();
        }
        server.restart();
    }
    *stop.write().expect("no sender panicked") = true;
    for sender in senders {
        sender.join().expect("a sender runs to its end");
    }
    drop(acknowledged);
    while let Ok((lead, events)) = acknowledgements.recv() {
        *sent.entry(lead).or_default() += events;
    }

    for (lead, events) in &sent {
        assert_eq!(stored_once(&admin, lead), *events, "{lead}");
    }
    assert_eq!(sent.len(), (SENDERS * LEADS_PER_SENDER) as usize);
    assert_eq!(
        handoffs(&admin),
        sent.keys().map(|lead| (lead.clone(), 1)).collect()
    );
}

/// Sends batch after batch, each again and again until it is acknowledged, as Segment's clients do.
fn send(sender: u32, write: &Http, stop: &RwLock<bool>, acknowledged: &Sender<(String, u64)>) {
    let mut batch_number = 0_u64;
    while !*stop.read().expect("nobody panicked") || batch_number < u64::from(LEADS_PER_SENDER) {
        let lead = format!("s{sender}-lead{}", batch_number % u64::from(LEADS_PER_SENDER));
        let batch = batch(&lead, batch_number);
        let body = json!({ "batch": batch }).to_string();
        let json = [("content-type", "application/json")];
        loop {
            match write.try_send("POST", "/v1/batch", &json, body.as_bytes()) {
                Ok(reply) if reply.status == 200 => break,
                Ok(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
                Err(_) => thread::yield_now(),
            }
        }
        let events = batch.iter().filter(|event| event["type"] != "identify").count() as u64;
        acknowledged.send((lead, events)).expect("the test listens");
        batch_number += 1;
    }
}

/// Who they are, what qualifies them, and page views besides.
fn batch(lead: &str, number: u64) -> Vec<Value> {
    let id = |part: &str| format!("{lead}-{number}-{part}");
    let traits = json!({
        "email": format!("{lead}@acme.example"), "title": "VP Marketing", "employees": 300, "industry": "Software",
    });
    vec![
        json!({ "type": "identify", "userId": lead, "messageId": id("identify"), "traits": traits }),
        json!({ "type": "track", "userId": lead, "messageId": id("demo"), "event": "Demo Requested",
                "properties": { "mark": id("demo") } }),
        json!({ "type": "page", "userId": lead, "messageId": id("page"),
                "properties": { "path": "/pricing", "mark": id("page") } }),
    ]
}

fn take(from: &Receiver<(String, u64)>, into: &mut BTreeMap<String, u64>, count: u64) {
    for _ in 0..count {
        let (lead, events) = from.recv().expect("the senders go on");
        *into.entry(lead).or_default() += events;
    }
}

/// How many events of a lead are stored, each of which must be there once.
fn stored_once(admin: &Http, user_id: &str) -> u64 {
    let found = admin
        .get(&format!("/api/v1/leads?user_id={user_id}"))
        .expect_status(200)
        .json();
    let id = found["items"][0]["id"]
        .as_i64()
        .unwrap_or_else(|| panic!("{user_id} is missing: {found}"));
    let mut marks = BTreeMap::new();
    for event in pages(admin, &format!("/api/v1/leads/{id}/events")) {
        if let Some(mark) = event["properties"]["mark"].as_str() {
            *marks.entry(mark.to_owned()).or_insert(0_u32) += 1;
        }
    }
    let twice: Vec<_> = marks.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "stored more than once: {twice:?}");
    marks.len() as u64
}

/// How many handoffs each lead has, by the name of its mailbox.
fn handoffs(admin: &Http) -> BTreeMap<String, u32> {
    let mut by_lead = BTreeMap::new();
    for handoff in pages(admin, "/api/v1/handoffs") {
        let email = handoff["email"].as_str().expect("each lead has an address");
        let lead = email.split('@').next().expect("an address has a name").to_owned();
        *by_lead.entry(lead).or_insert(0) += 1;
    }
    by_lead
}

/// Every item of a list, page by page.
pub(crate) fn pages(admin: &Http, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get(&format!("{path}?limit=200{cursor}"))
            .expect_status(200)
            .json();
        items.extend(
            page["items"]
                .as_array()
                .expect("a page has items")
                .iter()
                .cloned(),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

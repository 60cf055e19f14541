//! Power cuts while sales answers, messages go out and time runs out: the server is killed on the spot, again and again,
//! with all of that under way. What was acknowledged holds, every message arrives under one id, and every timer fires once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bellwether_testkit::clients::WebhookReceiver;
use bellwether_testkit::clients::http::Http;
use bellwether_testkit::server::{KeyKind, TestServer};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Draw, pages};

/// How often the server is killed.
const KILLS: u32 = 30;
/// How long nobody may leave a handoff unanswered, in milliseconds; as the agreement below says.
const EXPIRE_MS: i64 = 1_000;
const AGREEMENT: &str = r#"
[agreement]
name = "Answered or not"
timezone = "UTC"

[[fit]]
name = "Title"
when = { title = "VP*" }
points = 20

[[intent]]
name = "Demo"
level = "high"
on = "Demo Requested"
points = 50
max = 1

[qualify]
score = 60
fit = 10
intent = 20

[handoff]
expire = "1s"

[[route]]
name = "Everyone"
team = "sdr"
pick = "round_robin"

[[sla]]
name = "Standard"
first_contact = "24h"

[[rejection]]
reason = "No budget"
"#;
/// How long what must come may take, in seconds.
const WAIT_S_MAX: u64 = 60;

/// What a client does next with a handoff: every third is left to expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
    Leave,
}

fn answer_of(handoff: i64) -> Answer {
    match handoff % 3 {
        0 => Answer::Accept,
        1 => Answer::Reject,
        _ => Answer::Leave,
    }
}

/// What the clients share with whoever kills the server.
#[derive(Default)]
struct Work {
    over: AtomicBool,
    /// Requests that were sent and have no answer yet.
    under_way: AtomicU32,
}

/// What a power cut fell into.
#[derive(Debug, Default, Clone, Copy)]
struct Fell {
    /// Requests that had no answer.
    requests: u32,
    /// Messages that were promised and not noted as delivered.
    messages: u32,
    /// Timers that were still to fire.
    timers: u32,
}

#[test]
fn what_sales_was_told_holds_and_messages_and_timers_are_kept_through_power_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("agreement.toml");
    std::fs::write(&file, AGREEMENT).unwrap();
    let words = ["--allow-private-webhooks", "--agreement", file.to_str().unwrap()];
    let mut server = TestServer::start_with(env!("CARGO_BIN_EXE_bellwether"), &words);
    let (write, admin) = (server.client(KeyKind::Write), server.client(KeyKind::Admin));
    let receiver = WebhookReceiver::start(&[]);
    let webhook = json!({ "url": receiver.url() }).to_string();
    let put = admin.put("/api/v1/webhook", "application/json", &webhook);
    assert_eq!(put.status, 200, "{}", put.text());

    let work = Arc::new(Work::default());
    let (told, tellings) = channel();
    let sender = {
        let (work, told) = (Arc::clone(&work), told.clone());
        thread::spawn(move || send(&write, &work, &told))
    };
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    let answerer = {
        let (work, admin) = (Arc::clone(&work), admin.clone());
        let acknowledged = Arc::clone(&acknowledged);
        thread::spawn(move || answer(&admin, &work, &told, &acknowledged))
    };

    let fell = cut_power(&mut server, &work, &tellings);
    work.over.store(true, Ordering::SeqCst);
    let leads = sender.join().expect("the sender runs to its end");
    answerer.join().expect("the answerer runs to its end");

    let acknowledged = acknowledged.lock().unwrap().clone();
    let handoffs = when_quiet(&admin);
    check_handoffs(&admin, &handoffs, leads, &acknowledged);
    check_messages(&receiver, &handoffs);
    let within = |inside: fn(&Fell) -> u32| fell.iter().filter(|one| inside(one) > 0).count();
    let counts = [
        within(|fell| fell.requests),
        within(|fell| fell.messages),
        within(|fell| fell.timers),
    ];
    println!(
        "{KILLS} kills; with requests, messages, timers under way: {counts:?}; {} handoffs, {} answers acknowledged",
        handoffs.len(),
        acknowledged.len()
    );
    assert!(
        counts[0] >= 15 && counts[2] >= 15,
        "too few kills fell into work: {counts:?}"
    );
}

/// Kills the server again and again, each time after some more answers and a moment of chance.
fn cut_power(server: &mut TestServer, work: &Work, tellings: &Receiver<()>) -> Vec<Fell> {
    let mut draw = Draw(20_261_122);
    let mut fell = Vec::new();
    for _ in 0..KILLS {
        for _ in 0..=draw.below(7) {
            tellings.recv().expect("the clients go on");
        }
        for _ in 0..draw.below(40_000) {
            thread::yield_now();
        }
        let requests = work.under_way.load(Ordering::SeqCst);
        server.kill9();
        fell.push(left_behind(server.data(), requests));
        server.restart();
    }
    fell
}

/// What a power cut left to do, read from a copy of the files.
fn left_behind(data: &Path, requests: u32) -> Fell {
    let copy = tempfile::tempdir().unwrap();
    for name in ["bellwether.db", "bellwether.db-wal"] {
        if data.join(name).exists() {
            std::fs::copy(data.join(name), copy.path().join(name)).unwrap();
        }
    }
    let db = Connection::open(copy.path().join("bellwether.db")).unwrap();
    let count = |query: &str| db.query_row(query, [], |row| row.get(0)).unwrap();
    Fell {
        requests,
        messages: count("SELECT count(*) FROM outbox WHERE state = 'waiting'"),
        timers: count("SELECT count(*) FROM timer"),
    }
}

/// Sends one lead after the other, each until it is acknowledged; gives how many.
fn send(write: &Http, work: &Work, told: &Sender<()>) -> u64 {
    let json = [("content-type", "application/json")];
    let mut lead = 0_u64;
    while !work.over.load(Ordering::SeqCst) {
        let name = format!("lead{lead}");
        let traits = json!({ "email": format!("{name}@acme{lead}.example"), "title": "VP Marketing" });
        let batch = json!({ "batch": [
            { "type": "identify", "userId": name, "messageId": format!("{name}-who"), "traits": traits },
            { "type": "track", "userId": name, "messageId": format!("{name}-demo"), "event": "Demo Requested" },
        ]})
        .to_string();
        while ask(write, work, "/v1/batch", &json, batch.as_bytes()) != Some(200) {
            thread::yield_now();
        }
        lead += 1;
        // Nobody listens once the last kill is over.
        let _ = told.send(());
    }
    lead
}

/// Answers what is open, until nothing more comes. What has no answer is asked again; that somebody was faster is one.
fn answer(admin: &Http, work: &Work, told: &Sender<()>, acknowledged: &Mutex<BTreeMap<i64, Answer>>) {
    let json = [("content-type", "application/json")];
    let mut answered = BTreeSet::new();
    while !work.over.load(Ordering::SeqCst) {
        let Ok(open) = admin.try_send("GET", "/api/v1/handoffs?state=open&limit=200", &[], &[]) else {
            thread::yield_now();
            continue;
        };
        for handoff in open.json()["items"].as_array().into_iter().flatten() {
            let id = handoff["id"].as_i64().expect("a handoff has a number");
            let (path, body) = match answer_of(id) {
                Answer::Accept => (format!("/api/v1/handoffs/{id}/accept"), json!({})),
                Answer::Reject => (
                    format!("/api/v1/handoffs/{id}/reject"),
                    json!({ "reason": "No budget" }),
                ),
                Answer::Leave => continue,
            };
            if answered.contains(&id) {
                continue;
            }
            match ask(admin, work, &path, &json, body.to_string().as_bytes()) {
                Some(200) => {
                    acknowledged.lock().unwrap().insert(id, answer_of(id));
                    answered.insert(id);
                    let _ = told.send(());
                }
                // The answer to an earlier try got lost, or time ran out.
                Some(409) => {
                    answered.insert(id);
                }
                Some(503) | None => thread::yield_now(),
                Some(status) => panic!("{path}: {status}"),
            }
        }
    }
}

/// The status of an answer; nothing where none came.
fn ask(client: &Http, work: &Work, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<u16> {
    work.under_way.fetch_add(1, Ordering::SeqCst);
    let reply = client.try_send("POST", path, headers, body);
    work.under_way.fetch_sub(1, Ordering::SeqCst);
    reply.ok().map(|reply| reply.status)
}

/// All handoffs, once none is open and no message waits.
fn when_quiet(admin: &Http) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let counts = admin.get("/api/v1/counts").expect_status(200).json();
        if counts["handoffs_open"] == 0 && counts["outbox_waiting"] == 0 {
            return pages(admin, "/api/v1/handoffs");
        }
        assert!(
            begun.elapsed() < Duration::from_secs(WAIT_S_MAX),
            "timers or messages are lost: {counts}"
        );
        thread::yield_now();
    }
}

/// One handoff a lead; each ended once, and as it was acknowledged.
fn check_handoffs(admin: &Http, handoffs: &[Value], leads: u64, acknowledged: &BTreeMap<i64, Answer>) {
    let of: BTreeSet<_> = handoffs.iter().map(|handoff| handoff["lead"].as_i64()).collect();
    assert_eq!(of.len(), handoffs.len(), "a lead was handed off twice");
    assert_eq!(handoffs.len() as u64, leads);
    let mut expired = 0;
    for handoff in handoffs {
        let id = handoff["id"].as_i64().expect("a handoff has a number");
        let state = handoff["state"].as_str().expect("a handoff has a state");
        let must = match acknowledged.get(&id) {
            Some(Answer::Accept) => &["accepted"][..],
            Some(Answer::Reject) => &["rejected"],
            // It may have been answered without anybody hearing of it.
            _ if answer_of(id) == Answer::Accept => &["accepted", "expired"],
            _ if answer_of(id) == Answer::Reject => &["rejected", "expired"],
            _ => &["expired"],
        };
        assert!(
            must.contains(&state),
            "handoff {id} must be {must:?} and is {state}"
        );
        let whole = admin
            .get(&format!("/api/v1/handoffs/{id}"))
            .expect_status(200)
            .json();
        let moves: Vec<&str> = whole["history"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|made| made["to"].as_str())
            .collect();
        let after = if state == "accepted" { "sal" } else { "recycled" };
        assert_eq!(moves, ["mql", after], "handoff {id}, {state}");
        if state == "expired" {
            expired += 1;
            let took = ms(&handoff["decided_at"]) - ms(&handoff["created_at"]);
            assert!(took >= EXPIRE_MS, "handoff {id} expired after {took} ms");
        }
    }
    assert!(expired > 0, "no timer fired");
}

/// Milliseconds of a time of the API.
fn ms(time: &Value) -> i64 {
    let time = time.as_str().expect("a time is text");
    bellwether_core::domain::Timestamp::ms(time.parse().expect("a time of the API can be read"))
}

/// Each handoff was told of at least once, always under one id and in the same words.
fn check_messages(receiver: &WebhookReceiver, handoffs: &[Value]) {
    let mut came: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut of: BTreeMap<String, String> = BTreeMap::new();
    for delivery in receiver.rest() {
        let id = delivery
            .request
            .header("webhook-id")
            .expect("a message has an id")
            .to_owned();
        let payload: Value = serde_json::from_slice(&delivery.request.body).expect("a message is JSON");
        if payload["type"] == "lead.qualified" {
            let handoff = payload["data"]["handoff"]
                .as_str()
                .expect("it names its handoff")
                .to_owned();
            let first = of.entry(handoff.clone()).or_insert_with(|| id.clone());
            assert_eq!(*first, id, "handoff {handoff} was told of under two ids");
        }
        let body = delivery.request.body;
        let first = came.entry(id.clone()).or_insert_with(|| body.clone());
        assert_eq!(*first, body, "message {id} came in two forms");
    }
    let told: BTreeSet<String> = of.into_keys().collect();
    let made: BTreeSet<String> = handoffs.iter().map(|handoff| handoff["id"].to_string()).collect();
    assert_eq!(told, made);
}

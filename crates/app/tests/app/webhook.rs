//! A handoff is told to a webhook, signed, until it is heard.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::support::{AGREEMENT, START_MS, World, identify, keys, track};

#[derive(Debug)]
struct Heard {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(found, _)| found == name).unwrap().1
    }
}

/// Answers one request after another with these statuses.
fn receiver(statuses: &'static [u16]) -> (String, mpsc::Receiver<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (send, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let mut headers = Vec::new();
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            loop {
                line.clear();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim().split_once(": ") else {
                    break;
                };
                headers.push((name.to_lowercase(), value.to_owned()));
            }
            let length = headers
                .iter()
                .find(|(name, _)| name == "content-length")
                .unwrap()
                .1
                .parse()
                .unwrap();
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            send.send(Heard { headers, body }).unwrap();
        }
    });
    (url, heard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handoff_is_delivered_signed_and_again_after_a_failure() {
    let world = World::with(AGREEMENT, |options| options.webhooks_to_private_addresses = true);
    world.sales(&["ann"]).await;
    let (url, heard) = receiver(&[500, 204]);
    let (_, secret) = world.app.set_webhook(&url, None).await.unwrap();
    let facts = vec![
        identify(
            "m1",
            START_MS,
            keys("", "u1", ""),
            &[("title", "VP"), ("email", "eve@acme.example")],
        ),
        track("m2", START_MS, keys("", "u1", ""), "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
    let (first, heard) = tokio::task::spawn_blocking(move || (heard.recv().unwrap(), heard))
        .await
        .unwrap();
    assert_eq!(first.header("webhook-timestamp"), (START_MS / 1_000).to_string());
    // The next attempt is due some seconds after the first was noted as failed, which may be after it was heard.
    let clock = std::sync::Arc::clone(&world.clock);
    let second = tokio::task::spawn_blocking(move || {
        let mut now = START_MS;
        loop {
            now += 10_000;
            clock.set(now);
            if let Ok(second) = heard.recv_timeout(std::time::Duration::from_secs(1)) {
                return second;
            }
        }
    });
    let second = second.await.unwrap();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);

    let verifier = standardwebhooks::Webhook::new(&secret).unwrap();
    for heard in [&first, &second] {
        let seconds: i64 = heard.header("webhook-timestamp").parse().unwrap();
        let signature = verifier
            .sign(heard.header("webhook-id"), seconds, &heard.body)
            .unwrap();
        assert_eq!(heard.header("webhook-signature"), signature);
    }
    let body: serde_json::Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!(body["type"], "lead.qualified");
    assert_eq!(body["data"]["lead"]["email"], "eve@acme.example");
    assert_eq!(body["data"]["owner"]["name"], "ann");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_promised_before_a_restart_is_delivered_after_it() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let World {
        app,
        directory,
        clock,
    } = world;
    let (url, heard) = receiver(&[200]);
    app.set_webhook(&url, None).await.unwrap();
    let facts = vec![
        identify("m1", START_MS, keys("", "u1", ""), &[("title", "VP")]),
        track("m2", START_MS, keys("", "u1", ""), "Demo Requested"),
    ];
    app.accept(crate::support::submission(START_MS, facts))
        .await
        .unwrap();
    // Private addresses aren't allowed yet, so it can't have arrived.
    drop(app);
    let mut options = bellwether_app::Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
    options.clock = clock.clone();
    options.webhooks_to_private_addresses = true;
    clock.set(START_MS + 10_000);
    let app = bellwether_app::App::open(options).unwrap();
    let heard = tokio::task::spawn_blocking(move || heard.recv().unwrap())
        .await
        .unwrap();
    assert!(heard.header("webhook-id").starts_with("lead.qualified-1-"));
    drop(app);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_only_changes_something_leaves_messages_untried() {
    let world = World::with(AGREEMENT, |options| options.deliver = false);
    world.sales(&["ann"]).await;
    let World {
        app,
        directory,
        clock,
    } = world;
    let (url, heard) = receiver(&[200]);
    app.set_webhook(&url, None).await.unwrap();
    let facts = vec![
        identify("m1", START_MS, keys("", "u1", ""), &[("title", "VP")]),
        track("m2", START_MS, keys("", "u1", ""), "Demo Requested"),
    ];
    app.accept(crate::support::submission(START_MS, facts))
        .await
        .unwrap();
    drop(app);
    let mut options = bellwether_app::Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
    options.clock = clock;
    options.webhooks_to_private_addresses = true;
    // The clock hasn't moved: after a failed try the message would have to wait.
    let app = bellwether_app::App::open(options).unwrap();
    let heard = tokio::task::spawn_blocking(move || heard.recv().unwrap())
        .await
        .unwrap();
    assert!(heard.header("webhook-id").starts_with("lead.qualified-1-"));
    drop(app);
}

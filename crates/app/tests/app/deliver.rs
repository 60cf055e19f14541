//! Destinations of several kinds: what each is told, that none delays another, and what answers a handoff from outside.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bellwether_app::slack_action::{Action, Answer};
use bellwether_app::{App, DeliveryState, HandoffId, HandoffState, LinkState, NewDestination};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, identify, keys, track};

/// How long a test waits for what must come, in seconds.
const WAIT_S: u64 = 60;
/// How often a test looks for what must come.
const LOOKS_MAX: u32 = 100_000;

/// A request that came: its first line, its headers and its body.
#[derive(Debug)]
struct Heard {
    path: String,
    headers: String,
    body: serde_json::Value,
}

/// Hands each request on, and answers it as `answer` says.
fn receiver(answer: impl Fn(usize) -> &'static str + Send + 'static) -> (String, mpsc::Receiver<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let request = read(&mut stream);
            let text = answer(number);
            drop(stream.write_all(text.as_bytes()));
            if send.send(request).is_err() {
                return;
            }
        }
    });
    (url, heard)
}

fn read(stream: &mut TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let (mut path, mut headers) = (String::new(), String::new());
    reader.read_line(&mut path).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let lower = line.to_lowercase();
        if let Some(found) = lower.strip_prefix("content-length:") {
            length = found.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&lower);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Heard {
        path: path.split(' ').nth(1).unwrap().to_owned(),
        headers,
        body: serde_json::from_slice(&body).unwrap(),
    }
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

fn world() -> World {
    World::with(AGREEMENT, |options| {
        options.webhooks_to_private_addresses = true;
        options.public_url = Some("https://bell.example".to_owned());
    })
}

async fn put(app: &App, source: &str, secret: Option<&str>) {
    let wanted = NewDestination {
        source: source.to_owned(),
        secret: secret.map(str::to_owned),
        signing_secret: source.contains("slack").then(|| "signing".to_owned()),
    };
    app.put_destination(wanted).await.unwrap();
}

/// Somebody asks for a demo, and is handed off.
async fn asks_for_demo(world: &World, who: &str) {
    let email = format!("{who}@acme.example");
    let traits = [("title", "VP Sales"), ("email", email.as_str()), ("name", who)];
    let facts = vec![
        identify(&format!("i-{who}"), START_MS, keys("", who, ""), &traits),
        track(&format!("d-{who}"), START_MS, keys("", who, ""), "Demo Requested"),
    ];
    world.accept(START_MS, facts).await;
}

async fn next(heard: &Arc<std::sync::Mutex<mpsc::Receiver<Heard>>>) -> Heard {
    let heard = Arc::clone(heard);
    let next =
        tokio::task::spawn_blocking(move || heard.lock().unwrap().recv_timeout(Duration::from_secs(WAIT_S)));
    next.await.unwrap().unwrap()
}

fn shared(heard: mpsc::Receiver<Heard>) -> Arc<std::sync::Mutex<mpsc::Receiver<Heard>>> {
    Arc::new(std::sync::Mutex::new(heard))
}

/// Looks again until something is so.
async fn until<F: Future<Output = bool>>(mut is_so: impl FnMut() -> F) {
    for _ in 0..LOOKS_MAX {
        if is_so().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_never_answers_delays_nobody_else() {
    let world = world();
    world.sales(&["ann"]).await;
    // It takes the connection, and says nothing for as long as the test runs.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    put(
        &world.app,
        &format!("name = \"silent\"\nkind = \"webhook\"\nurl = \"{url}\""),
        None,
    )
    .await;
    let (url, heard) = receiver(|_| TAKEN);
    let heard = shared(heard);
    put(
        &world.app,
        &format!("name = \"crm\"\nkind = \"webhook\"\nurl = \"{url}/hook\""),
        None,
    )
    .await;
    for number in 0..20 {
        asks_for_demo(&world, &format!("eve{number}")).await;
    }
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let heard = next(&heard).await;
        assert_eq!(
            (heard.path.as_str(), &heard.body["type"]),
            ("/hook", &"lead.qualified".into())
        );
        ids.insert(
            heard
                .headers
                .lines()
                .find(|line| line.starts_with("webhook-id"))
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(ids.len(), 20);
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_destination_is_told_what_its_events_say() {
    let world = World::with(AGREEMENT, |options| options.deliver = false);
    world.sales(&["ann"]).await;
    for (name, events) in [("all", "[\"*\"]"), ("won", "[\"opportunity.*\"]")] {
        let source =
            format!("name = \"{name}\"\nkind = \"webhook\"\nurl = \"https://x.example\"\nevents = {events}");
        put(&world.app, &source, None).await;
    }
    put(
        &world.app,
        "name = \"off\"\nkind = \"webhook\"\nurl = \"https://x.example\"\nactive = false",
        None,
    )
    .await;
    let mail = "name = \"mail\"\nkind = \"smtp\"\nhost = \"mail.example\"\nfrom = \"b@acme.example\"";
    put(&world.app, mail, None).await;
    asks_for_demo(&world, "eve").await;
    let waiting = world
        .app
        .deliveries(DeliveryState::Waiting, None, 0)
        .await
        .unwrap();
    let mut told: Vec<_> = waiting
        .items
        .into_iter()
        .map(|one| (one.destination.unwrap(), one.event_type, one.recipient))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("all".to_owned(), "lead.qualified".to_owned(), None),
            (
                "mail".to_owned(),
                "lead.qualified".to_owned(),
                Some("ann@seller.example".to_owned())
            ),
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dry_run_would_send_is_listed_and_never_sent() {
    let World {
        app,
        directory,
        clock,
    } = World::with(AGREEMENT, |options| options.dry_run = true);
    let (url, heard) = receiver(|_| TAKEN);
    let source =
        format!("name = \"crm\"\nkind = \"webhook\"\nurl = \"{url}\"\nevents = [\"lead.qualified\"]");
    put(&app, &source, None).await;
    let facts = |who: &str| {
        vec![
            identify(
                &format!("i{who}"),
                START_MS,
                keys("", who, ""),
                &[("title", "VP")],
            ),
            track(&format!("d{who}"), START_MS, keys("", who, ""), "Demo Requested"),
        ]
    };
    app.accept(crate::support::submission(START_MS, facts("dry")))
        .await
        .unwrap();
    let listed = app.deliveries(DeliveryState::DryRun, None, 0).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    drop(app);
    let mut options = bellwether_app::Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
    options.clock = clock;
    options.webhooks_to_private_addresses = true;
    let app = App::open(options).unwrap();
    app.accept(crate::support::submission(START_MS, facts("wet")))
        .await
        .unwrap();
    let first = next(&shared(heard)).await;
    assert_eq!(first.body["data"]["handoff"], "2");
    assert_eq!(
        app.deliveries(DeliveryState::DryRun, None, 0)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_that_they_are_gone_is_called_no_more_until_put_again() {
    let world = world();
    world.sales(&["ann"]).await;
    let (url, heard) = receiver(|number| match number {
        0 => "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        _ => TAKEN,
    });
    let heard = shared(heard);
    let source = format!("name = \"crm\"\nkind = \"webhook\"\nurl = \"{url}\"");
    put(&world.app, &source, None).await;
    asks_for_demo(&world, "eve").await;
    let first = next(&heard).await;
    until(async || world.app.destinations().await.unwrap()[0].off_reason.is_some()).await;
    asks_for_demo(&world, "zoe").await;
    let dead = world
        .app
        .deliveries(DeliveryState::Dead, None, 0)
        .await
        .unwrap()
        .items;
    assert_eq!(dead.len(), 1);
    assert!(dead[0].last_error.as_ref().unwrap().contains("410"));
    assert!(
        world
            .app
            .deliveries(DeliveryState::Waiting, None, 0)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    put(&world.app, &source, None).await;
    world.app.replay_delivery(dead[0].id).await.unwrap();
    let again = next(&heard).await;
    assert_eq!(first.body, again.body);
    assert!(world.app.replay_delivery(dead[0].id).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_of_a_mail_accepts_once_in_its_time_and_never_by_a_look() {
    let world = World::with(AGREEMENT, |options| options.deliver = false);
    world.sales(&["ann"]).await;
    asks_for_demo(&world, "eve").await;
    asks_for_demo(&world, "zoe").await;
    let owner = world
        .app
        .handoff(HandoffId(1))
        .await
        .unwrap()
        .unwrap()
        .summary
        .owner
        .unwrap()
        .id;
    let token = |handoff: i64, owner: i64, days: i64| {
        let expires_at = crate::support::at(START_MS + days * DAY_MS);
        let accept = bellwether_connect::link::Accept {
            handoff,
            owner,
            expires_at,
        };
        accept.token(world.app.link_key())
    };
    let good = token(1, owner.0, 7);
    assert_eq!(world.app.accept_link(&good).await.unwrap().state, LinkState::Good);
    let open = world.app.handoff(HandoffId(1)).await.unwrap().unwrap();
    assert_eq!(open.summary.state, HandoffState::Open);
    let used = world.app.use_accept_link(&good).await.unwrap();
    assert_eq!(
        (used.state, used.handoff.summary.state),
        (LinkState::Good, HandoffState::Accepted)
    );
    assert_eq!(
        world.app.use_accept_link(&good).await.unwrap().state,
        LinkState::Used
    );
    let anothers = token(2, owner.0 + 1, 7);
    assert_eq!(
        world.app.use_accept_link(&anothers).await.unwrap().state,
        LinkState::Over
    );
    world.clock.set(START_MS + 8 * DAY_MS);
    assert_eq!(
        world
            .app
            .use_accept_link(&token(2, owner.0, 7))
            .await
            .unwrap()
            .state,
        LinkState::Expired
    );
    assert!(world.app.use_accept_link(&good[1..]).await.is_err());
    let open = world.app.handoff(HandoffId(2)).await.unwrap().unwrap();
    assert_eq!(open.summary.state, HandoffState::Open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buttons_in_slack_answer_and_the_message_says_so() {
    let world = world();
    world.sales(&["ann"]).await;
    let (url, heard) = receiver(|_| TAKEN);
    let heard = shared(heard);
    let source =
        format!("name = \"sales\"\nkind = \"slack\"\nurl = \"{url}/services/{{{{ secret }}}}\"\nrate = 6000");
    put(&world.app, &source, Some("T1/B2")).await;
    asks_for_demo(&world, "eve").await;
    let posted = next(&heard).await;
    assert_eq!(posted.path, "/services/T1/B2");
    let actions = posted.body["blocks"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(actions["elements"][0]["action_id"], "accept");
    assert_eq!(actions["elements"][1]["options"][1]["value"], "1:No budget");
    let press = |answer: Answer| Action {
        handoff: 1,
        answer,
        user_id: "U7".to_owned(),
        user_name: "zed".to_owned(),
        response_url: format!("{url}/answer"),
    };
    world
        .app
        .answer_from_slack("sales", press(Answer::Accept))
        .await
        .unwrap();
    let replaced = next(&heard).await;
    assert_eq!(
        (replaced.path.as_str(), &replaced.body["replace_original"]),
        ("/answer", &true.into())
    );
    assert_eq!(replaced.body["text"], "eve was accepted by zed.");
    // A second press says so to whoever pressed, and changes nothing.
    world
        .app
        .answer_from_slack("sales", press(Answer::Reject("No budget".to_owned())))
        .await
        .unwrap();
    let vain = next(&heard).await;
    assert_eq!(vain.body["response_type"], "ephemeral");
    let handoff = world.app.handoff(HandoffId(1)).await.unwrap().unwrap();
    assert_eq!(handoff.history.last().unwrap().actor, "slack zed");
    // Nothing is told to an address that isn't the destination's.
    let mut elsewhere = press(Answer::Accept);
    elsewhere.response_url = "http://169.254.169.254/latest".to_owned();
    world.app.answer_from_slack("sales", elsewhere).await.unwrap();
    let findings = world.app.findings(50).await.unwrap();
    assert!(findings.iter().any(|finding| finding.kind == "slack_answer"));
}

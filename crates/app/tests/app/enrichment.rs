//! What services know of leads becomes traits: asked once, within limits, and believed less than the person.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bellwether_app::{App, AppError, EnricherView, LeadId, Options, TraitSince};
use bellwether_core::domain::TraitSource;
use bellwether_testkit::clients::{Outgoing, Service};

use crate::support::{AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, submission, track};

const COMPANY: &str = r#"{"company": {"employees": 420, "industry": "Steel"}}"#;

/// An enricher's file, with lines of its own at the end.
fn file(service: &Service, name: &str, ask: &str, rest: &str) -> String {
    format!(
        "name = \"{name}\"\n[request]\nurl = \"{}/{name}?{ask}\"\n[answer]\nemployees = \"company.employees\"\n\
         industry = \"company.industry\"\n{rest}\n",
        service.url()
    )
}

fn by_email(service: &Service, rest: &str) -> String {
    file(service, "people", "email={{ email }}", rest)
}

fn by_domain(service: &Service, rest: &str) -> String {
    file(service, "companies", "domain={{ domain }}", rest)
}

fn world() -> World {
    World::with(AGREEMENT, |options| options.enrichers_at_private_addresses = true)
}

async fn learn(world: &World, message: &str, ms: i64, email: &str) -> LeadId {
    world.clock.set(ms);
    let facts = vec![identify(message, ms, keys("", "", email), &[("title", "VP")])];
    world.accept(ms, facts).await;
    world.lead_of("email", email).await
}

/// Waits until the enrichers look so.
async fn until(app: &App, there: impl Fn(&[EnricherView]) -> bool) -> Vec<EnricherView> {
    loop {
        let views = app.enrichers().await.unwrap();
        if there(&views) {
            return views;
        }
    }
}

async fn until_answered(app: &App, answered: u64) {
    until(app, |views| {
        views.iter().map(|view| view.counts.answered).sum::<u64>() >= answered
    })
    .await;
}

async fn known(world: &World, lead: LeadId, name: &str) -> Option<TraitSince> {
    let traits = world.detail(lead).await.traits;
    traits.into_iter().find(|known| known.name == name)
}

async fn found(world: &World, kind: &str) -> Vec<(String, String, u64)> {
    let findings = world.app.findings(100).await.unwrap().into_iter();
    findings
        .filter(|finding| finding.kind == kind)
        .map(|finding| (finding.subject, finding.reason, finding.count))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_service_knows_is_asked_once_and_the_persons_word_holds() {
    let service = Service::start(|_| Outgoing::new(200, COMPANY));
    let world = world();
    world
        .app
        .put_enricher(by_email(&service, ""), None)
        .await
        .unwrap();
    // The answer comes a minute after what the person did.
    world.clock.set(START_MS + MINUTE_MS);
    let facts = vec![identify(
        "m1",
        START_MS,
        keys("", "", "ana@acme.example"),
        &[("title", "VP")],
    )];
    world.accept(START_MS, facts).await;
    let lead = world.lead_of("email", "ana@acme.example").await;
    until_answered(&world.app, 1).await;
    assert_eq!(service.asked()[0].path, "/people?email=ana%40acme.example");
    let employees = known(&world, lead, "employees").await.unwrap();
    assert_eq!(
        (employees.value.to_string().as_str(), employees.source),
        ("420", TraitSource::Enrichment)
    );
    // Nobody did anything: the lead was last seen when it was.
    assert_eq!(world.detail(lead).await.summary.last_seen, at(START_MS));

    // Whatever the person says holds, though it was said before the answer came.
    let facts = vec![
        identify(
            "m2",
            START_MS - 1,
            keys("", "", "ana@acme.example"),
            &[("employees", "12")],
        ),
        identify(
            "m3",
            START_MS + 1,
            keys("", "", "ana@acme.example"),
            &[("title", "CEO")],
        ),
    ];
    world.accept(START_MS + MINUTE_MS, facts).await;
    let employees = known(&world, lead, "employees").await.unwrap();
    assert_eq!(
        (employees.value.to_string().as_str(), employees.source),
        ("12", TraitSource::Stated)
    );
    assert_eq!(employees.overridden.len(), 1);
    assert_eq!(employees.overridden[0].value.to_string(), "420");
    // The address is the person's own word alone, and nothing else was asked.
    assert!(known(&world, lead, "email").await.unwrap().overridden.is_empty());
    assert_eq!(service.asked().len(), 1);
    let other = learn(&world, "m4", START_MS + DAY_MS, "bob@acme.example").await;
    until_answered(&world.app, 2).await;
    assert!(known(&world, other, "industry").await.is_some());
    assert_eq!(service.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_holds_for_all_who_share_what_was_asked_and_so_does_ignorance() {
    let service = Service::start(|request| {
        if request.path.contains("nobody") {
            Outgoing::new(404, "")
        } else {
            Outgoing::new(200, COMPANY)
        }
    });
    let world = world();
    world
        .app
        .put_enricher(by_domain(&service, "[limits]\ncache_days = 2"), None)
        .await
        .unwrap();
    for (n, email) in [
        "a@acme.example",
        "b@acme.example",
        "c@nobody.example",
        "d@nobody.example",
    ]
    .iter()
    .enumerate()
    {
        learn(&world, &format!("m{n}"), START_MS, email).await;
    }
    until(&world.app, |views| {
        views[0].counts.answered == 2 && views[0].counts.unknown == 2
    })
    .await;
    assert_eq!(service.asked().len(), 2);
    assert_eq!(world.app.enrichers().await.unwrap()[0].requests_today, 2);
    // When the answer doesn't hold any more and more is learned, it is asked anew.
    let later = START_MS + 3 * DAY_MS;
    world.clock.set(later);
    let facts = vec![identify(
        "n1",
        later,
        keys("", "", "a@acme.example"),
        &[("title", "CEO")],
    )];
    world.accept(later, facts).await;
    until(&world.app, |views| {
        views[0].requests_today == 1 && views[0].counts.waiting == 0
    })
    .await;
    assert_eq!(service.asked().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_days_requests_are_counted_and_what_is_more_waits_for_the_next() {
    let service = Service::start(|_| Outgoing::new(200, COMPANY));
    let world = world();
    world
        .app
        .put_enricher(by_email(&service, "[limits]\nrequests_per_day = 2"), None)
        .await
        .unwrap();
    for name in ["a", "b", "c"] {
        learn(&world, name, START_MS, &format!("{name}@acme.example")).await;
    }
    until_answered(&world.app, 2).await;
    while found(&world, "enrichment_budget").await.is_empty() {}
    let [(subject, reason, 1)] = &found(&world, "enrichment_budget").await[..] else {
        panic!("it is listed once");
    };
    assert_eq!(subject, "people");
    assert!(reason.contains("2 requests are used up"), "{reason}");
    assert_eq!(service.asked().len(), 2);
    world.clock.set(START_MS + DAY_MS);
    until_answered(&world.app, 3).await;
    assert_eq!(world.app.enrichers().await.unwrap()[0].requests_today, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_keep_their_distance_and_a_service_that_asks_for_time_has_it() {
    let first = AtomicBool::new(true);
    let service = Service::start(move |_| {
        if first.swap(false, Ordering::SeqCst) {
            Outgoing::new(429, "").with("Retry-After", "3600")
        } else {
            Outgoing::new(200, COMPANY)
        }
    });
    let world = world();
    world
        .app
        .put_enricher(by_email(&service, "[limits]\nrequests_per_minute = 1"), None)
        .await
        .unwrap();
    for name in ["a", "b"] {
        learn(&world, name, START_MS, &format!("{name}@acme.example")).await;
    }
    while found(&world, "enrichment_failed").await.is_empty() {}
    // A minute later the rate would allow the second, but the service asked for an hour.
    world.clock.set(START_MS + 2 * MINUTE_MS);
    learn(&world, "c", START_MS + 2 * MINUTE_MS, "c@acme.example").await;
    assert_eq!(service.asked().len(), 1);
    for hour_and in 1..=3 {
        world.clock.set(START_MS + DAY_MS / 2 + hour_and * MINUTE_MS);
        until_answered(&world.app, hour_and.unsigned_abs()).await;
        assert_eq!(service.asked().len(), 1 + usize::try_from(hour_and).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_before_its_commit_counts_once() {
    let fails = Arc::new(AtomicBool::new(false));
    let (fault, failing, first) = (Arc::clone(&fails), Arc::clone(&fails), AtomicBool::new(true));
    let service = Service::start(move |_| {
        failing.store(first.swap(false, Ordering::SeqCst), Ordering::SeqCst);
        Outgoing::new(200, COMPANY)
    });
    let world = World::with(AGREEMENT, |options| {
        options.enrichers_at_private_addresses = true;
        options.commit_fault = Some(Arc::new(move || fault.swap(false, Ordering::SeqCst)));
    });
    world
        .app
        .put_enricher(by_email(&service, ""), None)
        .await
        .unwrap();
    let lead = learn(&world, "m1", START_MS, "ana@acme.example").await;
    until_answered(&world.app, 1).await;
    assert_eq!(service.asked().len(), 2);
    assert_eq!(world.detail(lead).await.events.items.len(), 2);
    assert_eq!(world.app.counts().await.unwrap().facts_accepted, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_promised_before_a_restart_is_asked_after_it() {
    let service = Service::start(|_| Outgoing::new(200, COMPANY));
    let World {
        app,
        directory,
        clock,
    } = World::with(AGREEMENT, |options| options.deliver = false);
    app.put_enricher(by_email(&service, ""), None).await.unwrap();
    let facts = vec![
        identify(
            "m1",
            START_MS,
            keys("b1", "", ""),
            &[("email", "ana@acme.example")],
        ),
        track("m2", START_MS, keys("b1", "", ""), "Demo Requested"),
    ];
    app.accept(submission(START_MS, facts)).await.unwrap();
    drop(app);
    assert!(service.asked().is_empty());
    let mut options = Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
    options.clock = clock;
    options.enrichers_at_private_addresses = true;
    let app = App::open(options).unwrap();
    until_answered(&app, 1).await;
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lacks_nothing_any_more_is_not_asked_about_again() {
    let service = Service::start(|_| Outgoing::new(200, COMPANY));
    let world = world();
    let when = "[when]\nmissing = [\"employees\"]";
    world
        .app
        .put_enricher(by_domain(&service, when), None)
        .await
        .unwrap();
    world
        .app
        .put_enricher(by_email(&service, when), None)
        .await
        .unwrap();
    learn(&world, "m1", START_MS, "ana@acme.example").await;
    until(&world.app, |views| {
        views[0].counts.answered == 1 && views[1].counts.skipped == 1
    })
    .await;
    assert_eq!(service.asked().len(), 1);
    assert_eq!(service.asked()[0].path, "/companies?domain=acme.example");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_service_refuses_or_garbles_is_listed_and_a_new_secret_asks_again() {
    let service = Service::start(|request| match request.header("x-api-key") {
        Some("good") if request.path.contains("bob") => Outgoing::new(200, "<html>"),
        Some("good") => Outgoing::new(200, COMPANY),
        _ => Outgoing::new(401, "no"),
    });
    let world = world();
    let with_key =
        by_email(&service, "").replace("[answer]", "headers = { X-Api-Key = \"{{ secret }}\" }\n[answer]");
    let view = world.app.put_enricher(with_key.clone(), None).await.unwrap();
    assert!(view.lacks_secret);
    let lead = learn(&world, "m1", START_MS, "ana@acme.example").await;
    while found(&world, "enricher_without_secret").await.is_empty() {}
    assert!(service.asked().is_empty());
    world
        .app
        .put_enricher(with_key.clone(), Some("bad".to_owned()))
        .await
        .unwrap();
    while found(&world, "enrichment_refused").await.is_empty() {}
    assert_eq!(
        found(&world, "enrichment_refused").await,
        [("people".to_owned(), "answered 401".to_owned(), 1)]
    );
    // Nobody else is asked about meanwhile.
    learn(&world, "m2", START_MS, "bob@acme.example").await;
    world
        .app
        .put_enricher(with_key, Some("good".to_owned()))
        .await
        .unwrap();
    while found(&world, "enrichment_failed").await.is_empty() {}
    assert_eq!(
        found(&world, "enrichment_failed").await,
        [("people".to_owned(), "the answer is not JSON".to_owned(), 1)]
    );
    world.clock.set(START_MS + DAY_MS / 2);
    until_answered(&world.app, 1).await;
    assert!(known(&world, lead, "employees").await.is_some());
    world.app.remove_enricher("people").await.unwrap();
    assert!(world.app.remove_enricher("people").await.is_err());
    assert!(world.app.enrichers().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_put_is_not_told_to_another_address() {
    let world = world();
    let put = async |url: &str, secret: Option<&str>| {
        let source = format!(
            "name = \"people\"\n[request]\nurl = \"{url}?email={{{{ email }}}}\"\n\
             headers = {{ X-Api-Key = \"{{{{ secret }}}}\" }}\n[answer]\nemployees = \"employees\"\n"
        );
        let put = world.app.put_enricher(source, secret.map(str::to_owned)).await;
        put.map(|view| (view.address, view.lacks_secret))
    };
    put("https://api.example/v1", Some("k")).await.unwrap();
    for same in ["https://api.example/v2", "https://API.example:443/v2"] {
        assert_eq!(put(same, None).await.unwrap(), (same.to_owned(), false));
    }
    for other in [
        "http://api.example/v2",
        "https://api.example:8443/v2",
        "https://api.example.attacker.example/v2",
    ] {
        let refused = put(other, None).await;
        assert!(
            matches!(&refused, Err(AppError::Invalid { field: "secret", message }) if message.contains("give the secret again")),
            "{other}: {refused:?}"
        );
    }
    // Nothing was changed by what was refused; with the secret, any address is taken.
    let views = world.app.enrichers().await.unwrap();
    assert_eq!(views[0].address, "https://API.example:443/v2");
    put("https://other.example/v2", Some("k")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_asks_with_the_secret_that_is_given() {
    let service = Service::start(|request| match request.header("x-api-key") {
        Some("good") => Outgoing::new(200, COMPANY),
        _ => Outgoing::new(401, "no"),
    });
    let world = world();
    let source =
        by_email(&service, "").replace("[answer]", "headers = { X-Api-Key = \"{{ secret }}\" }\n[answer]");
    world
        .app
        .put_enricher(source.clone(), Some("bad".to_owned()))
        .await
        .unwrap();
    for (file, secret, status) in [
        (None, None, 401),
        (None, Some("good"), 200),
        (Some(source.clone()), Some("good"), 200),
        // It was for the trial alone.
        (None, None, 401),
    ] {
        let tried = world
            .app
            .try_enricher(
                "people".to_owned(),
                file,
                secret.map(str::to_owned),
                "ana@acme.example",
            )
            .await
            .unwrap();
        assert_eq!(tried.status, Some(status), "{secret:?}");
    }
    // A file isn't asked about with the secret of the one that was put.
    let without = world
        .app
        .try_enricher("people".to_owned(), Some(source), None, "ana@acme.example")
        .await;
    assert!(
        matches!(without, Err(AppError::Invalid { field: "secret", .. })),
        "{without:?}"
    );
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_in_no_log_no_list_no_trial_and_no_error() {
    const SECRET: &str = "sk live/123";
    let lines = Lines::default();
    let writer = lines.clone();
    // Other tests of this process log too, which does no harm.
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .try_init();
    // It sends back what it was asked with.
    let service = Service::start(|request| {
        let header = request.header("authorization").unwrap_or_default();
        Outgoing::new(500, &format!("bad key {header} in {}", request.path))
    });
    let world = world();
    let source = file(&service, "people", "email={{ email }}&key={{ secret }}", "").replace(
        "[answer]",
        "headers = { Authorization = \"Bearer {{ secret }}\" }\n[answer]",
    );
    world
        .app
        .put_enricher(source.clone(), Some(SECRET.to_owned()))
        .await
        .unwrap();
    learn(&world, "m1", START_MS, "ana@acme.example").await;
    while found(&world, "enrichment_failed").await.is_empty() {}
    let trial = world
        .app
        .try_enricher("people".to_owned(), None, None, "ana@acme.example")
        .await
        .unwrap();
    assert_eq!(trial.status, Some(500));
    assert!(
        trial.answer.contains("bad key Bearer (secret) in /people"),
        "{}",
        trial.answer
    );
    let unreachable = source.replace(&service.url(), "http://127.0.0.1:1");
    let unreached = world
        .app
        .try_enricher(
            String::new(),
            Some(unreachable),
            Some(SECRET.to_owned()),
            "ana@acme.example",
        )
        .await
        .unwrap();
    let shown = format!(
        "{trial:?}{unreached:?}{:?}{:?}{}",
        world.app.enrichers().await.unwrap(),
        world.app.findings(100).await.unwrap(),
        String::from_utf8_lossy(&lines.0.lock().unwrap()),
    );
    assert!(shown.contains("an enricher gave no answer"), "{shown}");
    for secret in [SECRET, "sk%20live%2F123"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    // Both requests that were made by the enricher's name count.
    assert_eq!(world.app.enrichers().await.unwrap()[0].requests_today, 2);
}

//! A service is asked over HTTP, within its time and its size, and never within the server's own walls.

use std::sync::{Mutex, mpsc};

use bellwether_connect::enrich::{Enricher, Request, SendError, Sender, key_of, plan};
use bellwether_testkit::clients::{Outgoing, Service};

use crate::settings::{FILE, traits};

fn enricher(url: &str, limits: &str) -> (Enricher, Request) {
    let file = FILE.replace("https://api.example", url);
    let enricher = Enricher::parse(&format!("{file}[limits]\n{limits}\n")).unwrap();
    let key = key_of(&enricher, &traits(&[("email", "ana@acme.example")])).unwrap();
    let request = plan(&enricher, Some("s3cret"), &key).unwrap();
    (enricher, request)
}

#[test]
fn a_request_arrives_as_it_was_planned_and_its_answer_comes_back() {
    let service = Service::start(|_| Outgoing::new(429, "slow down").with("Retry-After", "7"));
    let (enricher, request) = enricher(&service.url(), "");
    let answer = Sender::new(true).send(&request, &enricher.limits).unwrap();
    assert_eq!((answer.status, answer.retry_after.as_deref()), (429, Some("7")));
    assert_eq!(answer.body, b"slow down");
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].path,
        "/v2/find?email=ana%40acme.example&domain=acme.example"
    );
    assert_eq!(asked[0].header("authorization"), Some("Bearer s3cret"));
    assert!(!format!("{answer:?}").contains("slow down"), "{answer:?}");
}

#[test]
fn an_answer_that_is_too_long_or_too_slow_is_none() {
    let service = Service::start(|_| Outgoing::new(200, &"x".repeat(2_000)));
    for (limit, fits) in [(2_000, true), (1_999, false)] {
        let (enricher, request) = enricher(&service.url(), &format!("answer_bytes_max = {limit}"));
        let answer = Sender::new(true).send(&request, &enricher.limits);
        assert_eq!(answer.is_ok(), fits, "{limit}");
        assert!(fits || answer == Err(SendError::TooLong(limit)), "{limit}");
    }
    let (over, waits) = mpsc::channel::<()>();
    let waits = Mutex::new(waits);
    let service = Service::start(move |_| {
        // Nothing is sent: it waits until the test is over.
        let _ = waits.lock().unwrap().recv();
        Outgoing::new(200, "{}")
    });
    let (enricher, request) = enricher(&service.url(), "timeout_s = 1");
    let answer = Sender::new(true).send(&request, &enricher.limits);
    assert!(matches!(answer, Err(SendError::Unreachable(_))), "{answer:?}");
    drop(over);
}

#[test]
fn no_redirect_is_followed_and_no_private_address_called() {
    let service = Service::start(|_| Outgoing::new(302, "").with("Location", "http://127.0.0.1:1/"));
    let (of_service, request) = enricher(&service.url(), "");
    assert_eq!(
        Sender::new(true)
            .send(&request, &of_service.limits)
            .unwrap()
            .status,
        302
    );
    for url in [
        service.url().as_str(),
        "http://localhost:9",
        "http://[::1]:9",
        "http://169.254.169.254",
    ] {
        let (enricher, request) = enricher(url, "");
        assert_eq!(
            Sender::new(false).send(&request, &enricher.limits),
            Err(SendError::Private),
            "{url}"
        );
    }
    assert_eq!(service.asked().len(), 1);
}

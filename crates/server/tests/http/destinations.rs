//! Where messages go, by the interface: added, shown without secrets, tried, removed; what receivers answer; and what was
//! given up, sent again.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use bellwether_testkit::clients::{Outgoing, Service};
use serde_json::{Value, json};

use crate::desk::{Answer, Desk};

const PATH: &str = "/api/v1/destinations";
const WAITING: &str = "/api/v1/deliveries";
const DEAD: &str = "/api/v1/deliveries?state=dead";
/// How often a test looks for what must come.
const LOOKS_MAX: u32 = 100_000;

/// A desk that sends nothing by itself.
async fn still() -> Desk {
    Desk::open_with(|options, _| {
        options.deliver = false;
        options.webhooks_to_private_addresses = true;
    })
    .await
}

fn webhook(name: &str, url: &str) -> String {
    format!("name = \"{name}\"\nkind = \"webhook\"\nurl = \"{url}\"\n")
}

async fn put(desk: &Desk, source: &str) -> Answer {
    desk.api("PUT", PATH, Some(json!({ "source": source }))).await
}

async fn items(desk: &Desk, path: &str) -> Vec<Value> {
    let answer = desk.api("GET", path, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["items"]
        .as_array()
        .expect("a page has items")
        .clone()
}

/// Looks until there are so many deliveries that are as they should be.
async fn until(desk: &Desk, path: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    for _ in 0..LOOKS_MAX {
        let found = items(desk, path).await;
        if is_so(&found) {
            return found;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came");
}

#[tokio::test]
async fn destinations_are_added_shown_changed_and_removed_and_their_secrets_never_shown() {
    let desk = still().await;
    assert_eq!(desk.get(PATH, &[]).await.status, StatusCode::UNAUTHORIZED);
    let refused = put(&desk, "name = \"x\"\nkind = \"fax\"").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("line 2"), "{}", refused.text());

    // A webhook without a secret is given one, which is shown this once.
    let source = webhook("crm", "https://crm.example/hook");
    let made = put(&desk, &source).await.json()["secret"].clone();
    assert!(
        made.as_str().is_some_and(|made| made.starts_with("whsec_")),
        "{made}"
    );
    assert_eq!(put(&desk, &source).await.json()["secret"], Value::Null);
    // Nobody who may change the address learns what is signed with the secret of another.
    let moved = put(&desk, &webhook("crm", "https://elsewhere.example/hook")).await;
    assert_eq!(moved.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", moved.text());

    let slack =
        "name = \"sales\"\nkind = \"slack\"\nurl = \"https://hooks.slack.com/services/{{ secret }}\"\n";
    let mail = "name = \"mail\"\nkind = \"smtp\"\nhost = \"mail.example\"\nuser = \"bell\"\nfrom = \"b@acme.example\"\n";
    for source in [slack, mail] {
        let file = json!({ "source": source, "secret": "T1/hush-hush", "signing_secret": "s1gning" });
        let answer = desk.api("PUT", PATH, Some(file)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.json()["secret"], Value::Null);
    }
    let listed = desk.api("GET", PATH, None).await;
    for secret in ["hush-hush", "s1gning", made.as_str().unwrap_or_default()] {
        assert!(!listed.text().contains(secret), "{}", listed.text());
    }
    let mut names: Vec<(String, String)> = items(&desk, PATH)
        .await
        .iter()
        .map(|one| (one["name"].to_string(), one["kind"].to_string()))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            ("\"crm\"", "\"webhook\""),
            ("\"mail\"", "\"smtp\""),
            ("\"sales\"", "\"slack\"")
        ]
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
    );

    let crm = format!("{PATH}/crm");
    assert_eq!(
        desk.api("DELETE", &crm, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(desk.api("DELETE", &crm, None).await.status, StatusCode::NOT_FOUND);
    let gone = desk.api("POST", &format!("{crm}/test"), None).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert_eq!(items(&desk, PATH).await.len(), 2);
}

#[tokio::test]
async fn what_a_removed_destination_was_to_be_told_is_given_up_listed_and_sent_again_once() {
    let desk = still().await;
    let source = webhook("crm", "https://crm.example/hook");
    put(&desk, &source).await;
    desk.qualify("eve", "Eve").await;
    desk.qualify("zoe", "Zoe").await;
    let waiting = items(&desk, WAITING).await;
    assert_eq!(waiting.len(), 2);
    assert_eq!(
        (&waiting[0]["event_type"], &waiting[0]["state"]),
        (&json!("lead.qualified"), &json!("waiting"))
    );
    let first = desk.api("GET", &format!("{WAITING}?limit=1"), None).await.json();
    let rest = format!(
        "{WAITING}?limit=1&cursor={}",
        first["next"].as_str().expect("there is more")
    );
    assert_eq!(items(&desk, &rest).await, waiting[1..]);

    desk.api("DELETE", &format!("{PATH}/crm"), None).await;
    assert_eq!(items(&desk, WAITING).await.len(), 0);
    let dead = items(&desk, DEAD).await;
    assert_eq!(dead.len(), 2);
    let replay = async |id: &Value| {
        desk.api("POST", &format!("{WAITING}/{id}/replay"), None)
            .await
            .status
    };
    assert_eq!(replay(&dead[0]["id"]).await, StatusCode::CONFLICT);
    assert_eq!(replay(&json!(4_711)).await, StatusCode::NOT_FOUND);
    let all = desk.api("POST", &format!("{WAITING}/replay"), None).await.json();
    assert_eq!(all["messages"], 0);
    for (path, key, status) in [
        (format!("{WAITING}?state=lost"), true, StatusCode::BAD_REQUEST),
        (WAITING.to_owned(), false, StatusCode::UNAUTHORIZED),
    ] {
        let answer = if key {
            desk.api("GET", &path, None).await
        } else {
            desk.get(&path, &[]).await
        };
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_was_given_up_is_sent_again_under_its_old_id() {
    let calls = AtomicUsize::new(0);
    let receiver = Service::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Outgoing::new(410, "gone"),
        _ => Outgoing::new(204, ""),
    });
    let desk = Desk::open_with(|options, _| options.webhooks_to_private_addresses = true).await;
    let source = webhook("crm", &receiver.url());
    put(&desk, &source).await;
    desk.qualify("eve", "Eve").await;
    let dead = until(&desk, DEAD, |found| found.len() == 1).await;
    let listed = until(&desk, PATH, |found| !found[0]["off_reason"].is_null()).await;
    assert_eq!(listed[0]["dead"], 1, "{listed:?}");
    put(&desk, &source).await;
    let path = format!("{WAITING}/{}/replay", dead[0]["id"]);
    let replayed = desk.api("POST", &path, None).await;
    assert_eq!(replayed.status, StatusCode::OK, "{}", replayed.text());
    until(&desk, "/api/v1/deliveries?state=delivered", |found| {
        found.len() == 1
    })
    .await;
    assert_eq!(desk.api("POST", &path, None).await.status, StatusCode::CONFLICT);
    let asked = receiver.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].header("webhook-id"), asked[1].header("webhook-id"));
    assert_eq!(asked[0].body, asked[1].body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_time_is_given_it() {
    for status in [429, 503] {
        let calls = AtomicUsize::new(0);
        let receiver = Service::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Outgoing::new(status, "not now").with("Retry-After", "1800"),
            _ => Outgoing::new(200, ""),
        });
        let desk = Desk::open_with(|options, _| options.webhooks_to_private_addresses = true).await;
        put(&desk, &webhook("crm", &receiver.url())).await;
        desk.qualify("eve", "Eve").await;
        let waiting = until(&desk, WAITING, |found| found[0]["attempts"] == 1).await;
        // The clock stands at 15:00.
        assert_eq!(waiting[0]["next_at"], "2026-03-04T15:30:00.000Z", "{waiting:?}");
        let error = waiting[0]["last_error"].as_str().unwrap_or_default();
        assert!(error.contains(&format!("answered {status}")), "{error}");
        // Whoever asks for time is well: calls aren't held off for all that follows.
        assert_eq!(items(&desk, PATH).await[0]["breaker"], "closed");
        desk.pass(31);
        until(&desk, WAITING, <[Value]>::is_empty).await;
        assert_eq!(receiver.asked().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_says_what_came_of_it_whatever_the_receiver_answers() {
    let receiver = Service::start(|request| match request.path.as_str() {
        "/well" => Outgoing::new(200, "ok"),
        "/huge" => Outgoing::new(500, &"no ".repeat(3_000_000)),
        "/moved" => Outgoing::new(302, "").with("Location", "/well"),
        "/silent" => Outgoing::new(0, ""),
        _ => Outgoing::new(404, "nobody here"),
    });
    let desk = still().await;
    let tried = async |url: String| {
        put(&desk, &webhook("crm", &url)).await;
        let answer = desk.api("POST", &format!("{PATH}/crm/test"), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(
            answer.body.len() < 4_000,
            "an answer of any size is told in a few words"
        );
        desk.api("DELETE", &format!("{PATH}/crm"), None).await;
        let tried = answer.json();
        assert_eq!(tried["arrived"], tried["error"].is_null());
        tried["error"].as_str().unwrap_or_default().to_owned()
    };
    let url = receiver.url();
    assert_eq!(tried(format!("{url}/well")).await, "");
    let huge = tried(format!("{url}/huge")).await;
    assert!(huge.starts_with("answered 500: no no"), "{huge}");
    // Following would send it where nobody looked whether that may be called.
    assert!(tried(format!("{url}/moved")).await.starts_with("answered 302"));
    assert!(
        tried(format!("{url}/nobody"))
            .await
            .starts_with("answered 404: nobody here")
    );
    assert!(tried(format!("{url}/silent")).await.starts_with("not reached"));
    // It speaks no TLS, though its address says so.
    let tls = tried(url.replace("http://", "https://")).await;
    assert!(tls.starts_with("not reached"), "{tls}");
    assert_eq!(receiver.asked().len(), 5);
    let sent = &receiver.asked()[0];
    assert!(
        sent.header("webhook-signature")
            .is_some_and(|signed| signed.starts_with("v1,"))
    );
    assert_eq!(items(&desk, WAITING).await.len(), 0);
}

#[tokio::test]
async fn nothing_within_the_walls_is_called_unless_it_is_allowed() {
    let receiver = Service::start(|_| Outgoing::new(200, ""));
    let desk = Desk::open_with(|options, _| options.deliver = false).await;
    put(&desk, &webhook("crm", &receiver.url())).await;
    let tried = desk.api("POST", &format!("{PATH}/crm/test"), None).await.json();
    assert_eq!(tried["arrived"], false);
    assert!(tried["error"].to_string().contains("private"), "{tried}");
    assert_eq!(receiver.asked().len(), 0);
}

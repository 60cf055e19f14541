//! A server with an agreement, a salesperson and keys, and what tests ask of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use bellwether_app::{App, Clock, KeyClass, Options, Role, SystemEntropy};
use bellwether_core::domain::Timestamp;
use bellwether_server::{ServerOptions, VisitorOptions, router};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const AGREEMENT: &str = r#"
[agreement]
name     = "Acme: <b>who</b> gets a call"
timezone = "America/New_York"

[[fit]]
name   = "Director or above"
when   = { title = ["*director*", "*vp*"] }
points = 20

[[intent]]
name   = "Requested a demo"
level  = "high"
on     = "Demo Requested"
points = 50
max    = 1

[[intent]]
name   = "Visited <i>pricing</i>"
level  = "medium"
on     = { page = "/pricing*" }
points = 10
decay  = { half_life = "30d" }

[qualify]
score = 60
fit   = 10

[[route]]
name = "Everyone"
team = "sdr"
pick = "round_robin"

[[sla]]
name          = "Standard"
first_contact = "2h"
pause         = ["Waiting for the lead's reply"]

[[rejection]]
reason = "No budget"
[[rejection]]
reason = "Timing not right"
again  = "90d"
"#;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Desk {
    pub(crate) write_key: String,
    pub(crate) admin_key: String,
    pub(crate) app: App,
    router: Router,
    clock: Arc<TestClock>,
    /// Makes the next commits fail.
    pub(crate) broken: Arc<AtomicBool>,
    _directory: TempDir,
}

pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms_clamped(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("headers are text"))
    }
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_as(None).await
    }

    pub(crate) async fn open_as(public_url: Option<&str>) -> Self {
        let public_url = public_url.map(str::to_owned);
        Self::open_with(|_, server| server.public_url = public_url).await
    }

    pub(crate) async fn open_with(change: impl FnOnce(&mut Options, &mut ServerOptions)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Arc::new(TestClock(AtomicI64::new(at("2026-03-04T15:00:00Z").ms())));
        let broken = Arc::new(AtomicBool::new(false));
        let mut options = Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
        options.clock = Arc::<TestClock>::clone(&clock);
        options.commit_fault = Some(fault(&broken));
        let mut server = ServerOptions {
            clock: Arc::<TestClock>::clone(&clock),
            entropy: Arc::new(SystemEntropy),
            public_url: None,
            visitors: VisitorOptions::default(),
        };
        change(&mut options, &mut server);
        let app = App::open(options).expect("the app opens");
        let (_, write_key) = app.create_key(KeyClass::Write, "Website").await.expect("a key");
        let (_, admin_key) = app.create_key(KeyClass::Admin, "Test").await.expect("a key");
        let ana = app
            .create_user("Ana Okoye", "ana@acme.example", PASSWORD, Role::Sales)
            .await
            .expect("a user");
        app.add_member("sdr", ana.id, 1).await.expect("a member");
        let router = router(app.clone(), server);
        Self {
            write_key,
            admin_key,
            app,
            router,
            clock,
            broken,
            _directory: directory,
        }
    }

    pub(crate) fn pass(&self, minutes: i64) {
        self.clock.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("a router always answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.expect("a whole body").to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// The body of an answer to a call with the admin key, of which nothing was read.
    pub(crate) async fn open_body(&self, path: &str) -> Body {
        let key = format!("Bearer {}", self.admin_key);
        let request = request("GET", path, &[("authorization", &key)], Body::empty());
        let response = self.router.clone().oneshot(request).await;
        response.expect("a router always answers").into_body()
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, Body::empty())).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        self.send(request("POST", path, headers, body.into())).await
    }

    /// A call of the REST interface with the admin key.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let key = format!("Bearer {}", self.admin_key);
        let mut headers = vec![("authorization", key.as_str())];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request(method, path, &headers, body)).await
    }

    /// Posts a batch with the write key in its body.
    pub(crate) async fn batch(&self, events: Value) -> Answer {
        let body = json!({ "writeKey": self.write_key, "batch": events });
        self.post(
            "/v1/batch",
            &[("content-type", "application/json")],
            body.to_string(),
        )
        .await
    }

    /// Somebody who qualifies by asking for a demo.
    pub(crate) async fn qualify(&self, user: &str, name: &str) {
        let answer = self
            .batch(json!([
                { "type": "identify", "userId": user, "traits": {
                    "email": format!("{user}@buyer.example"), "name": name, "title": "VP Sales",
                    "company": "Buyer <Inc>" } },
                { "type": "page", "userId": user, "properties": { "path": "/pricing" } },
                { "type": "track", "event": "Demo Requested", "userId": user },
            ]))
            .await;
        assert_eq!(answer.json()["okEvents"], 3, "{}", answer.text());
    }

    /// Signs Ana in and gives the cookie.
    pub(crate) async fn sign_in(&self) -> String {
        self.sign_in_as("ana@acme.example").await
    }

    /// Signs somebody in whose password is the usual one.
    pub(crate) async fn sign_in_as(&self, email: &str) -> String {
        let form = format!(
            "email={}&password={}",
            email.replace('@', "%40"),
            PASSWORD.replace(' ', "+")
        );
        let answer = self.form("/sign-in", "", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.get(path, &[("cookie", cookie)]).await
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// An answer whose body goes on.
    pub(crate) async fn open_stream(&self, path: &str, cookie: &str) -> axum::response::Response {
        let request = request("GET", path, &[("cookie", cookie)], Body::empty());
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("a router always answers")
    }

    pub(crate) async fn form(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let headers = [
            ("cookie", cookie),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.post(path, &headers, form.to_owned()).await
    }
}

fn fault(broken: &Arc<AtomicBool>) -> bellwether_app::CommitFault {
    let broken = Arc::clone(broken);
    Arc::new(move || broken.load(Ordering::SeqCst))
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "bell.example:7878");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).expect("a request")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

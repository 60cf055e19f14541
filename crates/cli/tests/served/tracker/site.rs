//! A company's site with the tracker on its pages, and what came of it at the server's gate.

use std::fs;

use bellwether_testkit::clients::{Gate, Post, Site, SiteFile};
use serde_json::Value;
use thirtyfour::{WebDriver, error::WebDriverResult};

use crate::company::{Company, clients};

/// A site, and the server that it sends to.
pub(crate) struct Tracked {
    pub(crate) company: Company,
    pub(crate) gate: Gate,
    site: Site,
}

impl Tracked {
    pub(crate) fn start() -> Tracked {
        let company = Company::start();
        let gate = Gate::start(&company.server.url(), 0, 0);
        let folder = clients().join("tracker");
        let read =
            |name: &str| fs::read_to_string(folder.join(name)).expect("the site's files are committed");
        let (page, script) = (read("page.html"), read("page.js"));
        let (server, key) = (gate.url(), company.write_key.clone());
        let site = Site::start(move |path| file(path, &page, &script, &server, &key));
        Tracked { company, gate, site }
    }

    /// Goes to a page of the site and waits until the tracker is there and nothing went wrong on the way.
    pub(crate) async fn visit(&self, driver: &WebDriver, path: &str) -> WebDriverResult<()> {
        driver.goto(&format!("{}{path}", self.site.url())).await?;
        let ready = "const done = arguments[0];
                     const look = () => bellwether.anonymousId ? done() : setTimeout(look, 10); look()";
        driver.execute_async(ready, Vec::new()).await?;
        assert_eq!(super::failures(driver).await?, Value::Array(Vec::new()), "{path}");
        Ok(())
    }

    /// The batches that the server took, in order.
    pub(crate) fn batches(&self) -> Vec<Vec<Value>> {
        taken(&self.gate.posts())
    }

    /// The events that the server took, in order, each once.
    pub(crate) fn events(&self) -> Vec<Value> {
        distinct(&self.gate.posts())
    }

    /// Everything that was sent, as text.
    pub(crate) fn sent(&self) -> String {
        let posts = self.gate.posts();
        posts
            .iter()
            .map(|post| String::from_utf8_lossy(&post.body).into_owned())
            .collect()
    }

    /// Waits until this is true of the events that the server took, and gives them.
    pub(crate) fn wait(&self, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        distinct(&self.gate.wait_for(|posts| is_so(&distinct(posts))))
    }

    /// Waits until an event of this type came from a page.
    pub(crate) fn until(&self, kind: &str, path: &str) {
        self.wait(|events| {
            events
                .iter()
                .any(|event| event["type"] == kind && event["context"]["page"]["path"] == path)
        });
    }
}

/// The events of this name.
pub(crate) fn named<'e>(events: &'e [Value], name: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

/// Each event once: what a page didn't live to hear of, the next one sends again, and the server counts it once.
fn distinct(posts: &[Post]) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    for event in taken(posts).concat() {
        if events
            .iter()
            .all(|known| known["messageId"] != event["messageId"])
        {
            events.push(event);
        }
    }
    events
}

fn taken(posts: &[Post]) -> Vec<Vec<Value>> {
    let taken = posts.iter().filter(|post| post.status == 200);
    taken
        .map(|post| {
            let body: Value = serde_json::from_slice(&post.body).expect("the tracker sends JSON");
            body["batch"].as_array().cloned().unwrap_or_default()
        })
        .collect()
}

fn file(path: &str, page: &str, script: &str, server: &str, key: &str) -> Option<SiteFile> {
    let policy = format!(
        "default-src 'none'; script-src 'self' {server}; connect-src {server}; form-action 'self'; base-uri 'none'"
    );
    if path == "/page.js" {
        return Some(SiteFile {
            content_type: "text/javascript",
            policy,
            text: script.to_owned(),
        });
    }
    if path.contains('.') {
        return None;
    }
    let text = page
        .replace("{gate}", server)
        .replace("{key}", key)
        .replace("{options}", options(path));
    Some(SiteFile {
        content_type: "text/html; charset=utf-8",
        policy,
        text,
    })
}

fn options(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("consent") => " data-consent=\"required\"",
        Some("storeless") => " data-cookie=\"none\"",
        Some("long") => " data-engagement=\"all\"",
        _ => "",
    }
}

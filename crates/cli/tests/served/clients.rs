//! Other people's programs, as they come from their registries: what mails and webhooks are read with (`mail`, `webhooks`),
//! and Segment's own clients, unmodified, as they come from their registries. Each tells one person's story: a visit to the
//! prices as somebody unknown, who then gives their name, downloads a case study (sent several times under one id), is
//! renamed, and asks for a demo. With all of it, and each event once, the lead has exactly the points that it needs.

mod mail;
mod webhooks;

use std::path::{Path, PathBuf};

use bellwether_testkit::clients::{Gate, RunningClient, node, python};
use serde_json::Value;

use crate::company::{Company, clients, kinds};

/// A client's program, its script, and whom the script tells of.
struct Client {
    program: PathBuf,
    script: PathBuf,
    email: &'static str,
}

impl Client {
    fn node() -> Option<Client> {
        let folder = clients().join("node");
        let program = node(&folder)?;
        Some(Client {
            program,
            script: folder.join("send.mjs"),
            email: "nora.node@acme.example",
        })
    }

    fn python() -> Option<Client> {
        let script = clients().join("python/send.py");
        Some(Client {
            program: python()?,
            script,
            email: "petra.python@acme.example",
        })
    }

    fn start(&self, url: &str, write_key: &str) -> RunningClient {
        RunningClient::start(&self.program, Path::new(&self.script), &[url, write_key])
    }
}

#[test]
fn node_tells_its_story() {
    let Some(client) = Client::node() else { return };
    let company = Company::start();
    client.start(&company.server.url(), &company.write_key).finish();
    story_is_complete(&company.lead(client.email));
}

#[test]
fn node_sends_again_what_was_refused_and_what_seemed_lost() {
    let Some(client) = Client::node() else { return };
    let company = Company::start();
    let gate = Gate::start(&company.server.url(), 1, 1);
    client.start(&gate.url(), &company.write_key).finish();
    assert_eq!(gate.statuses().iter().filter(|status| **status == 503).count(), 2);
    story_is_complete(&company.lead(client.email));
}

#[test]
fn node_waits_for_a_server_that_is_away() {
    let Some(client) = Client::node() else { return };
    let mut company = Company::start();
    company.server.kill9();
    let mut running = client.start(&company.server.url(), &company.write_key);
    running.wait_for("request", 4);
    company.server.restart();
    running.finish();
    story_is_complete(&company.lead(client.email));
}

#[test]
fn python_tells_its_story() {
    let Some(client) = Client::python() else { return };
    let company = Company::start();
    client.start(&company.server.url(), &company.write_key).finish();
    story_is_complete(&company.lead(client.email));
}

#[test]
fn python_sends_again_what_was_refused_and_what_seemed_lost() {
    let Some(client) = Client::python() else { return };
    let company = Company::start();
    let gate = Gate::start(&company.server.url(), 1, 1);
    client.start(&gate.url(), &company.write_key).finish();
    assert_eq!(gate.statuses().iter().filter(|status| **status == 503).count(), 2);
    story_is_complete(&company.lead(client.email));
}

/// Every event is there once, the person is one lead, and it was handed off once, with all its points.
fn story_is_complete(lead: &Value) {
    assert_eq!(
        kinds(lead),
        ["alias", "group", "identify", "page", "screen", "track", "track"],
        "{lead}"
    );
    assert_eq!(lead["lead"]["score"], "100.000", "{}", lead["ledger"]);
    assert_eq!(lead["lead"]["stage"], "mql");
    assert_eq!(lead["lead"]["owner"]["name"], "Sam Sales");
    assert_eq!(lead["handoffs"].as_array().map(Vec::len), Some(1));
    let known_by = |kind: &str| {
        let identities = lead["identities"].as_array().into_iter().flatten();
        identities.filter(|identity| identity["kind"] == kind).count()
    };
    // An alias doesn't say of which kind its previous id is, so that one is held as both.
    assert_eq!(
        (known_by("anonymous_id"), known_by("user_id"), known_by("email")),
        (2, 2, 1),
        "{}",
        lead["identities"]
    );
}

//! A company that uses the server: an agreement, one salesperson, and keys.

use std::path::{Path, PathBuf};

use bellwether_testkit::{
    clients::http::Http,
    server::{KeyKind, TestServer},
};
use serde_json::Value;

/// Who is to call.
pub(crate) const SALESPERSON_EMAIL: &str = "sam@acme.example";

/// A running server, set up for the stories that the clients tell.
pub(crate) struct Company {
    pub(crate) server: TestServer,
    pub(crate) admin: Http,
    pub(crate) write_key: String,
    /// The salesperson's.
    pub(crate) password: String,
}

impl Company {
    pub(crate) fn start() -> Company {
        let server = TestServer::start(env!("CARGO_BIN_EXE_bellwether"));
        let admin = server.client(KeyKind::Admin);
        let write_key = server.create_key(KeyKind::Write);
        let agreement = include_str!("../clients/agreement.toml");
        let _ = admin
            .put("/api/v1/agreement", "application/toml", agreement)
            .expect_status(200);
        let who = [
            "--email",
            SALESPERSON_EMAIL,
            "--name",
            "Sam Sales",
            "--team",
            "sales",
        ];
        let password = server
            .run(&[&["user", "add"], &who[..]].concat())
            .trim()
            .to_owned();
        Company {
            server,
            admin,
            write_key,
            password,
        }
    }

    /// Everything that is known about the lead with this email address.
    pub(crate) fn lead(&self, email: &str) -> Value {
        let found = self
            .admin
            .get(&format!("/api/v1/leads?email={email}"))
            .expect_status(200)
            .json();
        let id = &found["items"][0]["id"];
        assert!(
            id.is_i64(),
            "there is no lead with the email address {email}: {found}"
        );
        self.admin
            .get(&format!("/api/v1/leads/{id}"))
            .expect_status(200)
            .json()
    }
}

/// The kinds of a lead's events, sorted.
pub(crate) fn kinds(lead: &Value) -> Vec<&str> {
    let events = lead["events"]["items"]
        .as_array()
        .expect("a lead has its events in a list");
    let mut kinds: Vec<&str> = events.iter().filter_map(|event| event["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

/// The folder of the clients' scripts.
pub(crate) fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

//! Mails as a real mail server takes them, which lets nobody in but over TLS and with a password, and as Python's own
//! parser reads them; and their links, followed.

use bellwether_testkit::clients::http::Http;
use bellwether_testkit::clients::{RunningClient, python};
use bellwether_testkit::server::{KeyKind, TestServer};
use serde_json::{Value, json};

use crate::company::clients;

const PUBLIC_URL: &str = "https://bell.acme.example";
const USER: &str = "bellwether";
const PASSWORD: &str = "open sesame, please";

/// A mail server that tests started, and who vouches for it.
struct MailServer {
    running: RunningClient,
    port: u64,
    authority: String,
}

impl MailServer {
    fn start(refused: u32) -> Option<MailServer> {
        let script = clients().join("python/smtp.py");
        let mut running = RunningClient::start(&python()?, &script, &[USER, PASSWORD, &refused.to_string()]);
        let said = running.next_json();
        Some(MailServer {
            running,
            port: said["port"].as_u64().expect("it listens on a port"),
            authority: said["authority"]
                .as_str()
                .expect("somebody vouches for it")
                .to_owned(),
        })
    }

    /// The destination's file.
    fn source(&self, authority: &str) -> String {
        format!(
            "name = \"mail\"\nkind = \"smtp\"\nhost = \"localhost\"\nport = {}\nuser = \"{USER}\"\n\
             from = \"Bellwether <bell@acme.example>\"\nreply_to = \"team@acme.example\"\n{authority}",
            self.port
        )
    }

    fn trusted(&self) -> String {
        self.source(&format!("authority = '''\n{}'''\n", self.authority))
    }

    /// The next mail; it came as mails have to, and nothing about its form is wrong.
    fn next(&mut self) -> Value {
        let mail = self.running.next_json();
        assert_eq!((&mail["tls"], &mail["signed_in"]), (&json!(true), &json!(true)));
        assert_eq!(
            (&mail["defects"], &mail["lines_too_long"]),
            (&json!([]), &json!(false))
        );
        assert_eq!(mail["from"], "bell@acme.example");
        mail
    }
}

/// A server whose agreement sends a mail a second after sales sent somebody back.
fn company() -> (TestServer, Http) {
    let words = ["--allow-private-webhooks", "--public-url", PUBLIC_URL];
    let server = TestServer::start_with(env!("CARGO_BIN_EXE_bellwether"), &words);
    let admin = server.client(KeyKind::Admin);
    let agreement = include_str!("../../clients/agreement.toml")
        .replace("score  = 100 ", "score  = 40\nfast = [\"Demo Requested\"] ")
        .replace("fit    = 25", "fit = 0")
        .replace("intent = 75", "intent = 40")
        .replace("wait = \"14d\"", "wait = \"1s\"")
        .replace(
            "We are still here.",
            "Grüße, {{ lead.first_name }}!\\nNo more: {{ unsubscribe_url }}",
        );
    let _ = admin
        .put("/api/v1/agreement", "application/toml", &agreement)
        .expect_status(200);
    let sam = [
        "--email",
        "sam@acme.example",
        "--name",
        "Sam Sales",
        "--team",
        "sales",
    ];
    server.run(&[&["user", "add"], &sam[..]].concat());
    (server, admin)
}

fn put(admin: &Http, source: &str, secret: &str) {
    let file = json!({ "source": source, "secret": secret }).to_string();
    let put = admin.put("/api/v1/destinations", "application/json", &file);
    assert!(
        !put.expect_status(200).text().contains(secret),
        "a password is never shown"
    );
}

fn asks_for_a_demo(server: &TestServer) {
    let traits = json!({ "email": "eve@buyer.example", "name": "Eve Müller <eve>", "first_name": "Eve", "company": "Buyer & Co" });
    let batch = json!({ "batch": [
        { "type": "identify", "userId": "eve", "traits": traits },
        { "type": "track", "event": "Demo Requested", "userId": "eve" },
    ] });
    let _ = server
        .client(KeyKind::Write)
        .post("/v1/batch", &batch)
        .expect_status(200);
}

fn text<'a>(mail: &'a Value, part: &str) -> &'a str {
    mail["parts"][part]
        .as_str()
        .unwrap_or_else(|| panic!("no {part}: {mail}"))
}

fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    mail["headers"][name].as_str().unwrap_or_default()
}

/// The path of the first of our links in a text that begins with this.
fn path_in(text: &str, begins: &str) -> String {
    let start = text
        .find(&format!("{PUBLIC_URL}{begins}"))
        .unwrap_or_else(|| panic!("no link to {begins}: {text}"));
    let link = text[start + PUBLIC_URL.len()..].split(|c: char| c.is_whitespace() || "\"<>".contains(c));
    link.into_iter()
        .next()
        .expect("a split has a first part")
        .to_owned()
}

fn post(server: &TestServer, path: &str, form: &str) -> u16 {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    Http::new(&server.url())
        .send("POST", path, &headers, form.as_bytes())
        .status
}

fn state(admin: &Http) -> Value {
    admin.get("/api/v1/handoffs/1").expect_status(200).json()["handoff"]["state"].clone()
}

#[test]
fn the_owner_is_mailed_and_the_mails_link_accepts_once() {
    let Some(mut mails) = MailServer::start(1) else {
        return;
    };
    let (server, admin) = company();
    put(&admin, &mails.trusted(), PASSWORD);
    asks_for_a_demo(&server);
    let (refused, taken) = (mails.next(), mails.next());
    assert_eq!(
        (&refused["refused"], &taken["refused"]),
        (&json!(true), &json!(false))
    );
    // A mail server that took it both times knows by its id that it is one mail.
    for name in ["message-id", "date", "subject", "to"] {
        assert_eq!(header(&refused, name), header(&taken, name));
    }
    assert_eq!(refused["parts"], taken["parts"]);
    assert!(
        header(&taken, "message-id").ends_with("@acme.example>"),
        "{taken}"
    );
    assert_eq!(taken["to"], json!(["sam@acme.example"]));
    assert_eq!(taken["type"], "multipart/alternative");
    assert_eq!(header(&taken, "from"), "Bellwether <bell@acme.example>");
    assert_eq!(header(&taken, "reply-to"), "team@acme.example");
    assert_eq!(header(&taken, "auto-submitted"), "auto-generated");
    assert!(header(&taken, "subject").contains("Eve Müller"), "{taken}");
    assert!(!header(&taken, "date").is_empty());
    let (plain, html) = (text(&taken, "text/plain"), text(&taken, "text/html"));
    assert!(plain.contains("Call Eve Müller <eve>"), "{plain}");
    assert!(
        html.contains("Call Eve Müller &lt;eve&gt;") && html.contains("Buyer &amp; Co"),
        "{html}"
    );
    let link = path_in(plain, "/a/");
    assert_eq!(link, path_in(html, "/a/"));
    let outside = Http::new(&server.url());
    for _ in 0..2 {
        assert_eq!(outside.get(&link).status, 200);
        assert_eq!(outside.send("HEAD", &link, &[], &[]).status, 200);
    }
    assert_eq!(state(&admin), "open");
    assert_eq!(post(&server, &link, ""), 200);
    assert_eq!(state(&admin), "accepted");
    assert_eq!(post(&server, &link, ""), 410);
    assert_eq!(outside.get(&link).status, 410);
    assert_eq!(post(&server, &format!("{link}A"), ""), 404);
}

#[test]
fn a_mail_of_a_track_says_how_to_have_no_more_and_one_click_is_enough() {
    let Some(mut mails) = MailServer::start(0) else {
        return;
    };
    let (server, admin) = company();
    put(&admin, &mails.trusted(), PASSWORD);
    asks_for_a_demo(&server);
    assert_eq!(mails.next()["to"], json!(["sam@acme.example"]));
    let _ = admin
        .post(
            "/api/v1/handoffs/1/reject",
            &json!({ "reason": "Timing not right" }),
        )
        .expect_status(200);
    let mail = mails.next();
    assert_eq!(mail["to"], json!(["eve@buyer.example"]));
    assert_eq!(header(&mail, "subject"), "Still here");
    // It is marketing's again, so that answers don't go to who sent it back.
    assert_eq!(header(&mail, "reply-to"), "team@acme.example");
    assert!(text(&mail, "text/plain").contains("Grüße, Eve!"), "{mail}");
    assert!(text(&mail, "text/html").contains("Grüße, Eve!"), "{mail}");
    assert_eq!(
        header(&mail, "list-unsubscribe-post"),
        "List-Unsubscribe=One-Click"
    );
    let named = header(&mail, "list-unsubscribe");
    assert!(named.starts_with('<') && named.ends_with('>'), "{named}");
    let link = path_in(named, "/u/");
    assert_eq!(link, path_in(text(&mail, "text/plain"), "/u/"));
    let unsubscribed = || {
        let one = admin.get("/api/v1/unsubscribes/eve%40buyer.example");
        (one.status == 200).then(|| one.json()["how"].clone())
    };
    assert_eq!(Http::new(&server.url()).get(&link).status, 200);
    assert_eq!(unsubscribed(), None);
    assert_eq!(post(&server, &link, "List-Unsubscribe=One-Click"), 200);
    assert_eq!(unsubscribed(), Some(json!("one_click")));
    // Mail programs send it again when they heard no answer.
    assert_eq!(post(&server, &link, "List-Unsubscribe=One-Click"), 200);
    assert_eq!(unsubscribed(), Some(json!("one_click")));
}

#[test]
fn nothing_is_mailed_to_a_server_that_nobody_vouches_for_or_with_a_wrong_password() {
    let Some(mut mails) = MailServer::start(0) else {
        return;
    };
    let (_server, admin) = company();
    let tried = || {
        let tried = admin.post(
            "/api/v1/destinations/mail/test?to=ops%40acme.example",
            &Value::Null,
        );
        tried.expect_status(200).json()
    };
    put(&admin, &mails.source(""), PASSWORD);
    let unknown = tried();
    assert_eq!(unknown["arrived"], false);
    assert!(unknown["error"].to_string().contains("certificate"), "{unknown}");
    put(&admin, &mails.trusted(), "a guess");
    let outside = tried();
    assert_eq!(outside["arrived"], false);
    assert!(outside["error"].to_string().contains("535"), "{outside}");
    assert!(!outside.to_string().contains("a guess"), "{outside}");
    put(&admin, &mails.trusted(), PASSWORD);
    assert_eq!(tried()["arrived"], true);
    assert_eq!(mails.next()["to"], json!(["ops@acme.example"]));
}

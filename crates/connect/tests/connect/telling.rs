//! What destinations' files may say, and what each kind is sent.

use bellwether_connect::destination::{Destination, Kind, Tls};
use bellwether_connect::link::Accept;
use bellwether_connect::mail::Mail;
use bellwether_connect::outgoing::{Carrier, Here, Message, Planned, Secrets, Then, plan};
use bellwether_core::domain::Timestamp;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

const MAIL: &str =
    "name = \"mail\"\nkind = \"smtp\"\nhost = \"mail.acme.example\"\nfrom = \"Bell <bell@acme.example>\"\n";
const SLACK: &str =
    "name = \"sales\"\nkind = \"slack\"\nurl = \"https://hooks.slack.com/services/{{ secret }}\"\n";

fn refused(source: &str, expected: &Expect) {
    expected.assert_eq(&Destination::parse(source).unwrap_err().to_string());
}

#[test]
fn a_file_that_cannot_work_is_refused_with_its_line() {
    refused("name = \"x\"", &expect!["line 1: missing field `kind`"]);
    refused(
        "name = \"X y\"\nkind = \"webhook\"\nurl = \"https://x.example\"",
        &expect!["line 1: `X y` is not a destination's name; take 1 to 40 of `a-z`, `0-9`, `-` and `_`"],
    );
    refused(
        "name = \"x\"\nkind = \"fax\"",
        &expect!["line 2: `fax` is not a kind; write `webhook`, `slack` or `smtp`"],
    );
    refused(
        "name = \"x\"\nkind = \"webhook\"",
        &expect!["line 2: there is no `url`; write where it is, such as `url = \"https://host/path\"`"],
    );
    refused(
        "name = \"x\"\nkind = \"webhook\"\nurl = \"https://me:pw@x.example\"",
        &expect![
            "line 3: `https://me:pw@x.example` is not an address that can be called; give `https://host/path`"
        ],
    );
    refused(
        "name = \"x\"\nkind = \"slack\"\nurl = \"https://{{ secret }}/x\"",
        &expect![
            "line 3: `https://{{ secret }}/x` is not an address that can be called; give `https://host/path`"
        ],
    );
    refused(
        "name = \"x\"\nkind = \"webhook\"\nurl = \"https://x.example\"\nevents = [\"lead.won\"]",
        &expect![
            "line 4: `lead.won` fits no event; there are `lead.qualified`, `lead.activity`, `lead.accepted`, `lead.rejected`, `lead.expired`, `lead.sql`, `handoff.waiting`, `handoff.assigned`, `sla.escalated`, `opportunity.opened`, `opportunity.won`, `opportunity.lost`, `notice`, `message.send`"
        ],
    );
    refused(
        "name = \"x\"\nkind = \"webhook\"\nurl = \"https://x.example\"\nport = 25",
        &expect!["line 4: a destination of this kind has no `port`; take it out"],
    );
    refused(
        "name = \"x\"\nkind = \"webhook\"\nurl = \"https://x.example\"\nrate = 0",
        &expect!["line 4: `rate` is 0; give 1 to 600000 messages a minute"],
    );
    refused(
        &format!("{MAIL}tls = \"none\"\nuser = \"bell\""),
        &expect![[
            r#"line 6: a password isn't sent in the clear; use `tls = "starttls"` or `"implicit"`, or no user"#
        ]],
    );
    refused(
        &MAIL.replace("Bell <bell@acme.example>", "bell"),
        &expect!["line 4: `bell` is not a mail address, such as `Acme <sales@acme.example>`"],
    );
}

#[test]
fn a_mail_server_is_spoken_to_by_starttls_unless_its_file_says_otherwise() {
    let smtp = |more: &str| match Destination::parse(&format!("{MAIL}{more}")).unwrap().kind {
        Kind::Smtp(smtp) => (smtp.tls, smtp.port),
        other => panic!("{other:?}"),
    };
    assert_eq!(smtp(""), (Tls::StartTls, 587));
    assert_eq!(smtp("tls = \"implicit\""), (Tls::Implicit, 465));
    assert_eq!(smtp("tls = \"none\"\nport = 2525"), (Tls::None, 2525));
}

#[test]
fn mails_to_leads_go_elsewhere_only_where_they_are_asked_for_by_name() {
    let takes = |kind: &str, events: &str, event: &str| {
        let source = format!("name = \"x\"\n{kind}\n{events}");
        Destination::parse(&source).unwrap().takes(event)
    };
    let hook = "kind = \"webhook\"\nurl = \"https://x.example\"";
    assert!(takes(hook, "", "lead.qualified"));
    assert!(!takes(hook, "", "message.send"));
    assert!(!takes(hook, "events = [\"*\"]", "message.send"));
    assert!(takes(hook, "events = [\"*\", \"message.send\"]", "message.send"));
    assert!(!takes(
        "kind = \"slack\"\nurl = \"https://x.example\"",
        "events = [\"message.*\"]",
        "message.send"
    ));
    assert!(takes(
        "kind = \"smtp\"\nhost = \"m\"\nfrom = \"a@b.example\"",
        "",
        "message.send"
    ));
    assert!(!takes(
        "kind = \"smtp\"\nhost = \"m\"\nfrom = \"a@b.example\"",
        "",
        "lead.accepted"
    ));
}

fn handed() -> Value {
    json!({
        "handoff": "12",
        "lead": { "id": "7", "name": "Eve <Li>", "email": "eve@acme.example", "title": "VP Sales", "company": "Acme & Co" },
        "trigger": "Demo Requested", "why": "VP at a company of 250; asked for a demo",
        "score": { "score": "82.500", "grade": "A1" },
        "top_lines": [{ "rule": "Demo", "points": "40.000" }, { "rule": "Free mail", "points": "-5.000" }],
        "activities": [{ "text": "visited /pricing 3 times, last on 2026-09-21 10:00" }],
        "owner": { "id": "3", "name": "Ann", "reason": "her turn" },
        "task": { "title": "Call Eve", "due_at": "2026-09-21T14:13:20.000Z" },
    })
}

fn made(source: &str, event_type: &str, data: &Value, secrets: Secrets<'_>) -> Planned {
    let payload =
        json!({ "type": event_type, "timestamp": "2026-09-21T14:08:20Z", "data": data }).to_string();
    let at = Timestamp::from_ms_clamped(1_790_000_000_000);
    let message = Message {
        id: "lead.qualified-12-2",
        event_type,
        payload: &payload,
        recipient: Some("ann@acme.example"),
        created_at: at,
    };
    let here = Here {
        public_url: Some("https://bell.example"),
        link_key: Some(b"key"),
        timezone: "America/New_York",
        reasons: &["No budget".to_owned()],
    };
    plan(&Destination::parse(source).unwrap(), secrets, message, here, at).unwrap()
}

fn mail(event_type: &str, data: &Value) -> Mail {
    let secrets = Secrets {
        secret: None,
        takes_answers: false,
    };
    match made(MAIL, event_type, data, secrets) {
        Planned::Mail(mail) => *mail,
        Planned::Post(request) => panic!("{request:?}"),
    }
}

#[test]
fn the_owners_mail_says_whom_to_call_and_holds_the_link_that_accepts() {
    let mail = mail("lead.qualified", &handed());
    let link = mail
        .text
        .lines()
        .find_map(|line| line.strip_prefix("Accept this lead: https://bell.example/a/"));
    let accept = Accept::read(link.unwrap(), b"key").unwrap();
    assert_eq!((accept.handoff, accept.owner), (12, 3));
    let shown = mail.text.replace(link.unwrap(), "TOKEN");
    expect![[r"
        Eve <Li> is ready: Demo Requested

        Eve <Li>
        VP Sales at Acme & Co
        eve@acme.example

        VP at a company of 250; asked for a demo
          +40  Demo
          -5  Free mail
        - visited /pricing 3 times, last on 2026-09-21 10:00

        To do: Call Eve
        Due: Mon 21 Sep 2026, 10:13 EDT
        Owner: Ann
        Score: 82.5, grade A1

        Accept this lead: https://bell.example/a/TOKEN
        Open it: https://bell.example/leads/7"]]
    .assert_eq(&shown);
    assert_eq!(
        (mail.message_id.as_str(), mail.to.as_str()),
        ("<lead.qualified-12-2@acme.example>", "ann@acme.example")
    );
    let html = mail.html.unwrap();
    assert!(html.contains("Eve &lt;Li&gt;") && html.contains("Acme &amp; Co") && !html.contains("<Li>"));
}

#[test]
fn whoever_is_only_notified_gets_no_link_that_accepts() {
    let mut data = handed();
    data["notify"] = json!({ "id": "9", "name": "Max", "email": "max@acme.example" });
    assert!(!mail("sla.escalated", &data).text.contains("/a/"));
    data["notify"] = json!({ "id": "3", "name": "Ann", "email": "ann@acme.example" });
    assert!(mail("sla.escalated", &data).text.contains("/a/"));
    assert!(!mail("lead.activity", &handed()).text.contains("/a/"));
}

#[test]
fn a_mail_to_a_lead_is_sent_as_it_was_written_and_says_how_to_have_no_more() {
    let data = json!({
        "to": "eve@acme.example", "subject": "Hello\r\nBcc: x@y.example", "text": "Hi", "html": "<p>Hi</p>",
        "unsubscribe_url": "https://bell.example/u/1",
    });
    let mail = mail("message.send", &data);
    assert_eq!(mail.subject, "Hello  Bcc: x@y.example");
    assert_eq!(
        (mail.text.as_str(), mail.html.as_deref()),
        ("Hi", Some("<p>Hi</p>"))
    );
    assert_eq!(mail.unsubscribe.as_deref(), Some("https://bell.example/u/1"));
}

#[test]
fn a_channel_sees_who_why_and_until_when_and_buttons_where_they_work() {
    let secrets = |takes_answers| Secrets {
        secret: Some("T/B/x"),
        takes_answers,
    };
    let Planned::Post(request) = made(SLACK, "lead.qualified", &handed(), secrets(true)) else {
        panic!()
    };
    assert_eq!(request.url, "https://hooks.slack.com/services/T/B/x");
    let body: Value = serde_json::from_str(&request.body).unwrap();
    // Compared as values: the order of keys hangs on what else is built along.
    let shown: Value = serde_json::from_str(include_str!("channel.json")).unwrap();
    assert_eq!(body, shown);
    let Planned::Post(request) = made(SLACK, "lead.qualified", &handed(), secrets(false)) else {
        panic!()
    };
    assert!(!request.body.contains("\"accept\"") && request.body.contains("\"Open\""));
}

#[test]
fn a_mail_server_within_the_walls_is_not_called_unless_allowed_and_one_that_is_not_there_says_so() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let source = format!(
        "{}tls = \"none\"\nport = {port}",
        MAIL.replace("mail.acme.example", "localhost")
    );
    let to = Destination::parse(&source).unwrap();
    let planned = Planned::Mail(Box::new(mail("lead.qualified", &handed())));
    let walled = Carrier::new(false).send(&to, None, &planned).unwrap_err();
    assert!(walled.why.contains("private"), "{walled}");
    let refused = Carrier::new(true).send(&to, None, &planned).unwrap_err();
    assert_eq!(refused.then, Then::Later { retry_after_s: None });
}

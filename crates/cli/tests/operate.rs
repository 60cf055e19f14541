//! The commands of an operator, on the built program: what a first start prints, who may hold a data directory, and that
//! commands work while a server runs on it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_bellwether");

/// A server on a directory and a free port; killed when it goes.
struct Server {
    child: Child,
    url: String,
    said: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let url = loop {
            let mut line = String::new();
            assert!(
                out.read_line(&mut line).unwrap() > 0,
                "it ended early and said: {said}"
            );
            if let Some(url) = line.trim_end().strip_prefix("listening on ") {
                break url.to_owned();
            }
            said.push_str(&line);
        };
        Self { child, url, said }
    }

    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bellwether(words: &[&str], data: &Path) -> Output {
    let mut command = Command::new(BINARY);
    command.args(words).arg("--data").arg(data).stdin(Stdio::null());
    command
        .env_remove("BELLWETHER_DATA")
        .env_remove("BELLWETHER_LISTEN");
    command.output().unwrap()
}

/// A command that needs no data.
fn command(words: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(words).stdin(Stdio::null());
    command.env_remove("BELLWETHER_DATA").output().unwrap()
}

fn printed(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "it ended with {}", output.status);
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_first_start_shows_its_secrets_and_a_later_one_none() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let first = Server::start(&data);
    for wanted in [
        "admin@localhost",
        "password",
        "bw_write_",
        "bw_admin_",
        "bellwether user add",
    ] {
        assert!(
            first.said.contains(wanted),
            "`{wanted}` is missing in: {}",
            first.said
        );
    }
    drop(first);
    let again = Server::start(&data);
    for secret in ["bw_write_", "bw_admin_", "admin@localhost"] {
        assert!(!again.said.contains(secret), "{}", again.said);
    }
    assert!(again.said.contains(&data.display().to_string()), "{}", again.said);
}

#[test]
fn a_directory_and_an_address_have_one_server() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let server = Server::start(&data);
    let second = refused(&bellwether(&["serve", "--listen", "127.0.0.1:0"], &data));
    assert!(
        second.contains("another process holds") && second.contains("--data"),
        "{second}"
    );
    let elsewhere = place.path().join("elsewhere");
    let third = refused(&bellwether(&["serve", "--listen", server.address()], &elsewhere));
    assert!(
        third.contains("is taken") && third.contains("--listen"),
        "{third}"
    );
    // What failed before it began has left no half-made database behind that would never show its secrets.
    assert!(!elsewhere.join("bellwether.db").exists());
}

#[test]
fn keys_are_made_listed_and_revoked_with_and_without_a_running_server() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let server = Server::start(&data);
    let works = || {
        let key = printed(&bellwether(
            &["key", "create", "--kind", "admin", "--name", "nightly"],
            &data,
        ));
        let key = key.trim();
        assert!(
            key.starts_with("bw_admin_") && !key.contains(char::is_whitespace),
            "{key}"
        );
        let listed = printed(&bellwether(&["key", "list"], &data));
        assert!(listed.contains("nightly") && !listed.contains(key), "{listed}");
        let number = listed
            .lines()
            .last()
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned();
        printed(&bellwether(&["key", "revoke", &number], &data));
        let listed = printed(&bellwether(&["key", "list"], &data));
        assert!(listed.lines().last().unwrap().ends_with("(revoked)"), "{listed}");
        let again = refused(&bellwether(&["key", "revoke", &number], &data));
        assert!(again.contains(&number), "{again}");
    };
    works();
    drop(server);
    works();
}

#[test]
fn people_are_added_and_put_on_teams() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let _server = Server::start(&data);
    let add = [
        "user",
        "add",
        "--email",
        "ana@acme.example",
        "--name",
        "Ana O'Brien",
        "--team",
        "sdr",
    ];
    let password = printed(&bellwether(&add, &data));
    assert_eq!(password.trim().len(), 19, "{password}");
    let twice = refused(&bellwether(&add, &data));
    assert!(twice.contains("ana@acme.example"), "{twice}");
    printed(&bellwether(
        &["team", "add-member", "enterprise", "Ana@Acme.example"],
        &data,
    ));
    let teams = printed(&bellwether(&["team", "list"], &data));
    assert_eq!(teams.matches("Ana O'Brien").count(), 2, "{teams}");
    let unknown = refused(&bellwether(
        &["team", "add-member", "sdr", "bo@acme.example"],
        &data,
    ));
    assert!(
        unknown.contains("bo@acme.example") && unknown.contains("user list"),
        "{unknown}"
    );
    let users = printed(&bellwether(&["user", "list"], &data));
    assert!(
        users.contains("Ana O'Brien") && users.contains("admin@localhost"),
        "{users}"
    );
}

#[test]
fn a_password_may_come_from_standard_input() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Server::start(&data));
    let add = |password: &[u8], email: &str| {
        let mut child = Command::new(BINARY)
            .args([
                "user",
                "add",
                "--password-stdin",
                "--name",
                "Bo",
                "--email",
                email,
                "--data",
            ])
            .arg(&data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(password).unwrap();
        child.wait_with_output().unwrap()
    };
    assert_eq!(printed(&add(b"correct horse battery\n", "bo@acme.example")), "");
    let short = refused(&add(b"short\n", "cy@acme.example"));
    assert!(
        short.contains("characters") && !short.contains("short\n"),
        "{short}"
    );
}

#[test]
fn an_agreement_is_shown_put_and_refused() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let _server = Server::start(&data);
    let active = printed(&bellwether(&["agreement", "show"], &data));
    let file = place.path().join("agreement.toml");
    std::fs::write(&file, active.replacen("score  = 65", "score  = 66", 1)).unwrap();
    printed(&bellwether(&["agreement", "put", file.to_str().unwrap()], &data));
    assert!(printed(&bellwether(&["agreement", "show"], &data)).contains("score  = 66"));
    std::fs::write(&file, "[agreement]\nname = 3\n").unwrap();
    let bad = refused(&bellwether(&["agreement", "put", file.to_str().unwrap()], &data));
    assert!(bad.contains("line") && bad.contains("bellwether check"), "{bad}");
}

#[test]
fn an_agreement_is_proposed_signed_by_two_and_published() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Server::start(&data));
    for (email, more) in [
        ("mia@acme.example", Some("--marketing")),
        ("sam@acme.example", None),
    ] {
        let mut words = vec![
            "user",
            "add",
            "--email",
            email,
            "--name",
            email,
            "--password-stdin",
        ];
        words.extend(more);
        printed(&said(&words, &data, b"correct horse battery\n"));
    }
    let file = place.path().join("agreement.toml");
    let active = printed(&bellwether(&["agreement", "show"], &data));
    std::fs::write(&file, active.replacen("score  = 65", "score  = 66", 1)).unwrap();
    let file = file.to_str().unwrap();
    let proposed = printed(&bellwether(
        &["agreement", "propose", file, "--note", "fewer"],
        &data,
    ));
    assert!(proposed.contains("proposal  1, open") && proposed.contains("missing   marketing, sales"));
    assert!(proposed.contains("beside version 1"), "{proposed}");
    let early = refused(&bellwether(&["agreement", "publish", "1"], &data));
    assert!(early.contains("nobody of marketing and of sales"), "{early}");
    let sign =
        |email: &str, password: &[u8]| said(&["agreement", "sign", "1", "--as", email], &data, password);
    let wrong = refused(&sign("mia@acme.example", b"wrong\n"));
    assert!(wrong.contains("nobody signs in by this"), "{wrong}");
    for email in ["mia@acme.example", "sam@acme.example"] {
        printed(&sign(email, b"correct horse battery\n"));
    }
    printed(&bellwether(&["agreement", "publish", "1"], &data));
    let versions = printed(&bellwether(&["agreement", "versions"], &data));
    assert!(
        versions.contains("mia@acme.example (marketing), sam@acme.example (sales)"),
        "{versions}"
    );
    let unsigned = refused(&bellwether(&["agreement", "rollback", "1"], &data));
    assert!(unsigned.contains("wasn't signed"), "{unsigned}");
    std::fs::write(file, active).unwrap();
    let put = refused(&bellwether(&["agreement", "put", file], &data));
    assert!(put.contains("signed it"), "{put}");
    printed(&bellwether(
        &["agreement", "put", file, "--override", "a slip of the pen"],
        &data,
    ));
    assert!(printed(&bellwether(&["agreement", "versions"], &data)).contains("a slip of the pen"));
}

fn said(words: &[&str], data: &Path, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(words)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_webhook_shows_its_secret_once() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Server::start(&data));
    let secret = printed(&bellwether(
        &["webhook", "set", "https://crm.example/hooks/bellwether"],
        &data,
    ));
    assert!(secret.starts_with("whsec_"), "{secret}");
    let listed = printed(&bellwether(&["webhook", "list"], &data));
    assert!(
        listed.contains("https://crm.example/hooks/bellwether"),
        "{listed}"
    );
    assert!(!listed.contains("whsec_"), "{listed}");
}

#[test]
fn a_key_of_the_crm_speaks_as_the_crm() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Server::start(&data));
    let make = [
        "key",
        "create",
        "--kind",
        "write",
        "--name",
        "HubSpot",
        "--speaks-as",
        "crm",
    ];
    assert!(printed(&bellwether(&make, &data)).starts_with("bw_write_"));
    let listed = printed(&bellwether(&["key", "list"], &data));
    let line = listed.lines().find(|line| line.contains("HubSpot")).unwrap();
    assert!(line.contains("crm"), "{listed}");
    let admin = ["key", "create", "--kind", "admin", "--speaks-as", "crm"];
    let said = refused(&bellwether(&admin, &data));
    assert!(said.contains("an admin key brings no traits"), "{said}");
}

#[test]
fn an_enricher_is_put_tried_listed_and_removed_and_its_secret_never_shown() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Server::start(&data));
    let file = place.path().join("companies.toml");
    let secret = place.path().join("secret");
    std::fs::write(&secret, "sk-live-123\n").unwrap();
    let (file, secret) = (file.to_str().unwrap(), secret.to_str().unwrap());
    let source = "name = \"companies\"\n[request]\nurl = \"http://127.0.0.1:9/v2?domain={{ domain }}\"\n\
        headers = { Authorization = \"Bearer {{ secret }}\" }\n[answer]\nemployees = \"company.employees\"\n";
    std::fs::write(file, source.replace("[answer]", "[anwser]")).unwrap();
    let said = refused(&bellwether(&["enricher", "put", file], &data));
    assert!(said.contains("line 5: unknown field `anwser`"), "{said}");
    std::fs::write(file, source).unwrap();
    printed(&bellwether(
        &["enricher", "put", file, "--secret-file", secret],
        &data,
    ));
    let listed = printed(&bellwether(&["enricher", "list"], &data));
    assert!(
        listed.contains("companies") && listed.contains("http://127.0.0.1:9/v2"),
        "{listed}"
    );
    let tried = printed(&bellwether(
        &["enricher", "test", "companies", "ana@acme.example"],
        &data,
    ));
    assert!(
        tried.contains("GET http://127.0.0.1:9/v2?domain=acme.example"),
        "{tried}"
    );
    assert!(tried.contains("authorization: Bearer (secret)"), "{tried}");
    assert!(tried.contains("the address is private"), "{tried}");
    assert!(
        !listed.contains("sk-live") && !tried.contains("sk-live"),
        "{listed}{tried}"
    );
    printed(&bellwether(&["enricher", "remove", "companies"], &data));
    let gone = refused(&bellwether(&["enricher", "remove", "companies"], &data));
    assert!(gone.contains("there is no enricher `companies`"), "{gone}");
}

#[test]
fn whoever_unsubscribed_is_listed_until_it_is_taken_back() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Server::start(&data));
    let unsubscribe = |words: &[&str]| bellwether(&[&["unsubscribe"], words].concat(), &data);
    printed(&unsubscribe(&["add", "Ana@Acme.example"]));
    let listed = printed(&unsubscribe(&["list"]));
    assert!(
        listed.contains("ana@acme.example") && listed.contains("console"),
        "{listed}"
    );
    let wrong = refused(&unsubscribe(&["add", "ana"]));
    assert!(wrong.contains("name@company.example"), "{wrong}");
    printed(&unsubscribe(&["remove", "ana@acme.example"]));
    assert_eq!(printed(&unsubscribe(&["list"])), "");
    let twice = refused(&unsubscribe(&["remove", "ana@acme.example"]));
    assert!(twice.contains("hadn't unsubscribed"), "{twice}");
}

#[test]
fn a_message_is_shown_as_it_would_go_out_with_and_without_data() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    printed(&command(&["init", place.path().to_str().unwrap()]));
    let file = place.path().join("agreement.toml");
    let file = file.to_str().unwrap();
    let shown = printed(&command(&["message", "preview", file, "demo-confirmation"]));
    for wanted in [
        "Subject: Your demo, Ana",
        "Hello Ana,",
        "https://calendar.example/sam",
    ] {
        assert!(shown.contains(wanted), "{shown}");
    }
    assert!(
        !shown.contains("Unsubscribe"),
        "an answer needs no way out: {shown}"
    );
    let step = printed(&command(&["message", "preview", file, "customer-story"]));
    assert!(step.contains("Unsubscribe: https://"), "{step}");
    let wrong = refused(&command(&["message", "preview", file, "customer-stroy"]));
    assert!(wrong.contains("did you mean `customer-story`"), "{wrong}");

    drop(Server::start(&data));
    let leads = place.path().join("leads.csv");
    std::fs::write(&leads, "email,first_name\nbo@acme.example,Bo\n").unwrap();
    printed(&bellwether(
        &["import", "leads", leads.to_str().unwrap(), "--yes"],
        &data,
    ));
    let preview = |lead| {
        let words = ["message", "preview", file, "demo-confirmation", "--lead", lead];
        bellwether(&words, &data)
    };
    let shown = printed(&preview("1"));
    assert!(
        shown.contains("Hello Bo,") && !shown.contains("calendar"),
        "{shown}"
    );
    let none = refused(&preview("99"));
    assert!(none.contains("there is no lead `99`"), "{none}");
}

#[test]
fn a_start_says_where_mails_would_have_no_way_out() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let warning = "without a link to unsubscribe by";
    let first = Server::start(&data);
    assert!(
        !first.said.contains(warning),
        "nothing is mailed yet: {}",
        first.said
    );
    drop(first);
    let file = place.path().join("mail.toml");
    let source = "name = \"mail\"\nkind = \"smtp\"\nhost = \"smtp.acme.example\"\nfrom = \"bellwether@acme.example\"\n";
    std::fs::write(&file, source).unwrap();
    printed(&bellwether(
        &["destination", "put", file.to_str().unwrap()],
        &data,
    ));
    let second = Server::start(&data);
    assert!(
        second.said.contains(warning) && second.said.contains("--public-url"),
        "{}",
        second.said
    );
}

#[test]
fn without_a_database_commands_say_how_to_get_one() {
    let place = tempfile::tempdir().unwrap();
    let said = refused(&bellwether(&["key", "list"], place.path()));
    assert!(said.contains("bellwether serve --data"), "{said}");
}

#[test]
fn wrong_usage_is_told_apart_from_work_that_failed() {
    let place = tempfile::tempdir().unwrap();
    for words in [
        &["key", "create"][..],
        &["key", "create", "--kind", "root"],
        &["serve", "--public-url", "b.example"],
    ] {
        assert_eq!(
            bellwether(words, place.path()).status.code(),
            Some(2),
            "{words:?}"
        );
    }
}

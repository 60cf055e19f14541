//! What an enricher's file may say, which leads it wants, and what is sent.

use std::fmt::Write as _;

use bellwether_connect::enrich::{Answer, Enricher, Outcome, key_of, plan};
use bellwether_core::domain::{Timestamp, Traits, Value};
use expect_test::expect;

pub(crate) const FILE: &str = r#"
name = "example"

[request]
url = "https://api.example/v2/find?email={{ email }}&domain={{ domain }}"
headers = { Authorization = "Bearer {{ secret }}" }

[when]
missing = ["employees", "industry"]
is = { email_kind = ["business", "role"] }

[answer]
employees = { path = "company.metrics.employees", type = "number" }
industry = "company.category.industry"
technologies = "company.tech[].name"
"#;

pub(crate) fn traits(pairs: &[(&str, &str)]) -> Traits {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect()
}

fn now() -> Timestamp {
    Timestamp::from_ms_clamped(1_780_272_000_000)
}

#[test]
fn a_request_holds_the_leads_values_and_hides_the_secret() {
    let enricher = Enricher::parse(FILE).unwrap();
    let key = key_of(&enricher, &traits(&[("email", "ana+x&y@acme.example")])).unwrap();
    let request = plan(&enricher, Some("s3cret/key"), &key).unwrap();
    expect![[r"
        GET https://api.example/v2/find?email=ana%2Bx%26y%40acme.example&domain=acme.example
        authorization: Bearer (secret)
        accept: application/json
    "]]
    .assert_eq(&request.to_string());
    assert!(!format!("{request:?}").contains("s3cret"), "{request:?}");
    assert_eq!(
        request.hide("bad key s3cret/key or s3cret%2Fkey"),
        "bad key (secret) or (secret)"
    );
    // Without its secret or a value, there is nothing to send.
    assert_eq!(plan(&enricher, None, &key), None);
    assert_eq!(key_of(&enricher, &traits(&[("title", "VP")])), None);
}

#[test]
fn a_body_is_json_or_a_form_and_its_values_stay_values() {
    let key = |enricher: &Enricher| key_of(enricher, &traits(&[("email", "a\"b&c@acme.example")])).unwrap();
    let json = r#"
name = "post"
[request]
url = "https://api.example/find"
body = '{"person": {"email": "{{ email }}"}, "key": "{{ secret }}"}'
[answer]
title = "title"
"#;
    let enricher = Enricher::parse(json).unwrap();
    expect![[r#"
        POST https://api.example/find
        accept: application/json
        content-type: application/json

        {"person": {"email": "a\"b&c@acme.example"}, "key": "(secret)"}
    "#]]
    .assert_eq(&plan(&enricher, Some("k"), &key(&enricher)).unwrap().to_string());
    let form = json
        .replace(
            "body =",
            "headers = { Content-Type = \"application/x-www-form-urlencoded\" }\nbody =",
        )
        .replace(
            r#"{"person": {"email": "{{ email }}"}, "key": "{{ secret }}"}"#,
            "email={{ email }}",
        );
    let enricher = Enricher::parse(&form).unwrap();
    expect![[r"
        POST https://api.example/find
        content-type: application/x-www-form-urlencoded
        accept: application/json

        email=a%22b%26c%40acme.example
    "]]
    .assert_eq(&plan(&enricher, None, &key(&enricher)).unwrap().to_string());
}

#[test]
fn only_the_leads_that_the_file_names_are_asked_about() {
    let enricher = Enricher::parse(FILE).unwrap();
    for (pairs, known, wanted) in [
        (&[("email", "ana@acme.example")][..], true, true),
        (&[("email", "ana@acme.example")], false, false),
        (&[("email", "ana@gmail.com")], true, false),
        (&[("title", "VP")], true, false),
        (
            &[
                ("email", "ana@acme.example"),
                ("employees", "50"),
                ("industry", "Steel"),
            ],
            true,
            false,
        ),
        (&[("email", "ana@acme.example"), ("employees", "50")], true, true),
        (&[("email", "ana@acme.example"), ("employees", " ")], true, true),
    ] {
        assert_eq!(
            enricher.wants(&traits(pairs), known),
            wanted,
            "{pairs:?}, known {known}"
        );
    }
}

#[test]
fn a_file_that_cannot_work_is_refused_with_its_line() {
    let with = |from: &str, to: &str| FILE.replace(from, to);
    let url = "https://api.example/v2/find?email={{ email }}&domain={{ domain }}";
    let wrong = [
        with("name = \"example\"", "name = \"Example One\""),
        with("name = \"example\"", ""),
        with("[when]", "[whem]"),
        with(url, "ftp://api.example/{{ email }}"),
        with(url, "https://{{ domain }}/find"),
        with(url, "https://api.example{{ domain }}/find"),
        with(url, "https://me:pw@api.example/{{ email }}"),
        with(url, "https://api.example/find"),
        with(url, "https://api.example/{{ email"),
        with("[when]", "body = \"x\"\nmethod = \"GET\"\n[when]"),
        with("[when]", "method = \"PUT\"\n[when]"),
        with("[when]", "secret_env = \"sk-live-123\"\n[when]"),
        with("[when]", "secret_env = \"AWS_SECRET_ACCESS_KEY\"\n[when]"),
        with("[when]", "secret_env = \"BELLWETHER_SECRET_\"\n[when]"),
        with("Authorization", "Host"),
        with("Bearer", "Bea\\nrer"),
        with("{{ secret }}", "sk-live-123"),
        with("type = \"number\"", "type = \"integer\""),
        with("type = \"number\"", "kind = \"number\""),
        with("company.tech[].name", "company..tech"),
        with("industry = \"company", "email = \"company"),
        with("industry = \"company", "domain = \"company"),
        format!("{FILE}[limits]\nrequests_per_day = 0\n"),
        format!("{FILE}[limits]\ntimeout_s = 600\n"),
    ];
    let mut said = String::new();
    for file in &wrong {
        writeln!(said, "{}", Enricher::parse(file).unwrap_err()).unwrap();
    }
    expect![[r#"
        line 2: `Example One` is not an enricher's name; take 1 to 40 of `a-z`, `0-9`, `-` and `_`
        line 1: missing field `name`
        line 8: unknown field `whem`, expected one of `name`, `request`, `when`, `answer`, `limits`
        line 5: `ftp://api.example/{{ email }}` is not an address that can be called; give `https://host/path`, with fields only after the host
        line 5: `https://{{ domain }}/find` is not an address that can be called; give `https://host/path`, with fields only after the host
        line 5: `https://api.example{{ domain }}/find` is not an address that can be called; give `https://host/path`, with fields only after the host
        line 5: `https://me:pw@api.example/{{ email }}` is not an address that can be called; give `https://host/path`, with fields only after the host
        line 5: the request names no field of the lead; ask for one, as in `?email={{ email }}`
        line 5: a `{{` has no `}}`; close it, as in `{{ email }}`
        line 8: a `GET` has no body; set `method = "POST"`, or leave the body out
        line 8: `PUT` is not a method that is used; write `GET` or `POST`
        line 8: `secret_env` is the name of an environment variable that begins with `BELLWETHER_SECRET_`, such as `BELLWETHER_SECRET_EXAMPLE`, not the secret; no other variable of the server can be read
        line 8: `secret_env` is the name of an environment variable that begins with `BELLWETHER_SECRET_`, such as `BELLWETHER_SECRET_EXAMPLE`, not the secret; no other variable of the server can be read
        line 8: `secret_env` is the name of an environment variable that begins with `BELLWETHER_SECRET_`, such as `BELLWETHER_SECRET_EXAMPLE`, not the secret; no other variable of the server can be read
        line 6: `Host` is set by the connection itself; take it out
        line 6: the value of `Authorization` holds characters that no header may; use plain ASCII
        line 6: `Authorization` carries a secret, which has no place in a file; write it as `{{ secret }}` and give it beside
        line 13: `integer` is not a type; write `text`, `number`, `bool` or `list`
        line 13: unknown field `kind`, expected `path` or `type`
        line 15: `company..tech` is not a path into the answer; write one like `company.employees`, `offices[0].country` or `tech[].name`
        line 14: `email` says who somebody is or when they came, which no answer may; take it out
        line 12: `domain` is asked with and answered, which would go in circles; take it out of `[answer]`
        line 17: `requests_per_day` is between 1 and 1000000, not 0
        line 17: `timeout_s` is between 1 and 60, not 600
    "#]].assert_eq(&said);
    assert!(Enricher::parse(&"#".repeat(40_000)).is_err());
}

#[test]
fn an_answer_is_told_by_its_status_and_its_body() {
    let enricher = Enricher::parse(FILE).unwrap();
    let read = |status, retry_after: Option<&str>, body: &str| {
        let answer = Answer {
            status,
            retry_after: retry_after.map(str::to_owned),
            body: body.as_bytes().to_vec(),
        };
        enricher.read(&answer, now())
    };
    let company = r#"{"company": {"metrics": {"employees": "1,200"}, "category": {"industry": null},
        "tech": [{"name": "Rust"}]}}"#;
    let Outcome::Known(known) = read(200, None, company) else {
        panic!("an answer is known");
    };
    assert_eq!(
        serde_json::to_string(&known).unwrap(),
        r#"{"employees":1200.0,"technologies":["Rust"]}"#
    );
    let mut said = String::new();
    for (status, retry_after, body) in [
        (200, None, "{}"),
        (200, None, "<html>"),
        (202, None, ""),
        (204, None, ""),
        (301, None, ""),
        (400, None, ""),
        (401, None, ""),
        (402, None, ""),
        (404, None, ""),
        (429, Some("17"), ""),
        (429, Some("Mon, 01 Jun 2026 00:01:00 GMT"), ""),
        (429, Some("soon"), ""),
        (503, Some("99999999"), ""),
        (500, Some("17"), ""),
    ] {
        let outcome = read(status, retry_after, body);
        writeln!(said, "{status} {retry_after:?} {body}: {outcome:?}").unwrap();
    }
    expect![[r#"
        200 None {}: Known({})
        200 None <html>: Later { why: "the answer is not JSON", retry_after_s: None }
        202 None : Later { why: "answered 202", retry_after_s: None }
        204 None : Unknown
        301 None : Never("answered 301")
        400 None : Never("answered 400")
        401 None : Refused("answered 401")
        402 None : Refused("answered 402")
        404 None : Unknown
        429 Some("17") : Later { why: "answered 429", retry_after_s: Some(17) }
        429 Some("Mon, 01 Jun 2026 00:01:00 GMT") : Later { why: "answered 429", retry_after_s: Some(60) }
        429 Some("soon") : Later { why: "answered 429", retry_after_s: None }
        503 Some("99999999") : Later { why: "answered 503", retry_after_s: Some(86400) }
        500 Some("17") : Later { why: "answered 500", retry_after_s: None }
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_variable_that_is_meant_for_it_may_hold_the_secret() {
    let file = FILE.replace("[when]", "secret_env = \"BELLWETHER_SECRET_EXAMPLE\"\n[when]");
    let named = Enricher::parse(&file).unwrap().secret_env;
    assert_eq!(named.as_deref(), Some("BELLWETHER_SECRET_EXAMPLE"));
}

#[test]
fn no_value_leads_to_another_path_than_the_files() {
    let url = "https://api.example/v2/find?email={{ email }}&domain={{ domain }}";
    let asked = |to: &str, values: &[(&str, &str)]| {
        let enricher = Enricher::parse(&FILE.replace(url, to)).unwrap();
        let key = key_of(&enricher, &traits(values))?;
        plan(&enricher, Some("k"), &key).map(|request| request.to_string())
    };
    let by_path = "https://api.example/v2/{{ handle }}/profile";
    for dots in [".", ".."] {
        assert_eq!(asked(by_path, &[("handle", dots)]), None, "{dots}");
        // Elsewhere they are values like any others.
        let by_query = "https://api.example/v2/find?handle={{ handle }}";
        assert!(asked(by_query, &[("handle", dots)]).is_some(), "{dots}");
    }
    let joined = "https://api.example/v2/{{ a }}{{ b }}?x=1";
    let crossed = [("a", "."), ("b", ".")];
    assert_eq!(asked(joined, &crossed), None);
    for fine in ["...", "a.b", "%2e%2e", "../x"] {
        assert!(asked(by_path, &[("handle", fine)]).is_some(), "{fine}");
    }
    // What a caller has put together itself is looked at too.
    let enricher = Enricher::parse(&FILE.replace(url, by_path)).unwrap();
    let key = [("handle".to_owned(), "..".to_owned())].into();
    assert_eq!(plan(&enricher, Some("k"), &key), None);
    // A file's own path is without them.
    for path in ["a/../b", "a/%2E%2e/b"] {
        let file = FILE.replace("v2/find", path);
        let said = Enricher::parse(&file).unwrap_err().to_string();
        assert!(said.contains("write the path that it comes to"), "{said}");
    }
}

//! The REST interface: who may call it, what it answers, and how it says what went wrong.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::desk::{AGREEMENT, Answer, Desk, request};

fn assert_problem(answer: &Answer, status: StatusCode, kind: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{}",
        answer.text()
    );
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:bellwether:problem:{kind}"));
    assert_eq!(problem["status"], status.as_u16());
    assert!(problem["title"].is_string() && problem["detail"].is_string());
}

#[tokio::test]
async fn only_admin_keys_open_it() {
    let desk = Desk::open().await;
    let spec = desk.get("/api/v1/openapi.json", &[]).await.json();
    let paths = spec["paths"].as_object().expect("paths");
    assert!(paths.len() >= 13, "{}", paths.len());
    let write = format!("Bearer {}", desk.write_key);
    let cookie = desk.sign_in().await;
    for (path, methods) in paths {
        let path = path
            .replace("{id}", "1")
            .replace("{team}", "sdr")
            .replace("{user}", "1");
        for method in methods.as_object().expect("methods").keys() {
            let method = method.to_uppercase();
            for header in [
                ("x-none", ""),
                ("authorization", &write),
                ("authorization", "Bearer "),
                ("cookie", &cookie),
            ] {
                let answer = desk.send(request(&method, &path, &[header], Body::empty())).await;
                assert_problem(&answer, StatusCode::UNAUTHORIZED, "unauthorized");
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{method} {path}");
            }
            // With the key, every documented path is there.
            let answer = desk.api(&method, &path, None).await;
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            let no_such_path = answer.status == StatusCode::NOT_FOUND && answer.text().contains("no path");
            assert!(!no_such_path, "{method} {path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn leads_are_listed_found_and_explained() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    desk.batch(json!([
        { "type": "track", "event": "Read", "anonymousId": "anon-1" },
        { "type": "identify", "userId": "lou", "traits": { "email": "lou@buyer.example" } },
    ]))
    .await;
    let page = desk.api("GET", "/api/v1/leads", None).await.json();
    let items = page["items"].as_array().expect("items");
    assert_eq!(items.len(), 2, "{page}");
    assert_eq!(
        (&items[0]["name"], &items[0]["score"]),
        (&json!("Kim Lee"), &json!("80.000"))
    );
    assert_eq!(
        (&items[0]["stage"], &items[0]["trigger"]),
        (&json!("mql"), &json!("Demo Requested"))
    );
    assert_eq!(items[0]["owner"]["name"], "Ana Okoye");
    let id = items[0]["id"].as_i64().expect("a number");

    let first = desk.api("GET", "/api/v1/leads?limit=1", None).await.json();
    let cursor = first["next"].as_str().expect("a cursor");
    let second = desk
        .api("GET", &format!("/api/v1/leads?limit=1&cursor={cursor}"), None)
        .await
        .json();
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert_eq!(second["next"], Value::Null, "{second}");

    for query in [
        "user_id=kim",
        "email=KIM%40buyer.example",
        "stage=mql",
        "search=Kim",
    ] {
        let found = desk
            .api("GET", &format!("/api/v1/leads?{query}"), None)
            .await
            .json();
        assert_eq!(found["items"][0]["id"], id, "{query}: {found}");
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{query}");
    }
    let anonymous = desk
        .api("GET", "/api/v1/leads?anonymous_id=anon-1", None)
        .await
        .json();
    assert_eq!(anonymous["items"][0]["stage"], "visitor");
    let visitors = desk.api("GET", "/api/v1/leads?stage=visitor", None).await.json();
    assert_eq!(
        visitors["items"], anonymous["items"],
        "visitors are listed where they are asked for"
    );
    let nobody = desk.api("GET", "/api/v1/leads?user_id=nobody", None).await.json();
    assert_eq!(nobody, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn one_lead_has_every_point_behind_its_score() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    let found = desk.api("GET", "/api/v1/leads?user_id=kim", None).await.json();
    let id = found["items"][0]["id"].as_i64().expect("a number");
    let lead = desk.api("GET", &format!("/api/v1/leads/{id}"), None).await.json();
    assert_eq!(
        lead["ledger"]["totals"],
        json!({ "fit": "20.000", "intent": "60.000", "score": "80.000" })
    );
    assert!(
        lead["identities"]
            .as_array()
            .expect("identities")
            .iter()
            .any(|known| known["value"] == "kim")
    );
    assert!(
        lead["traits"]
            .as_array()
            .expect("traits")
            .iter()
            .any(|known| known["value"] == "VP Sales")
    );
    assert_eq!(lead["handoffs"][0]["state"], "open");
    assert!(
        lead["transitions"]
            .as_array()
            .expect("moves")
            .iter()
            .any(|moved| moved["to"] == "mql")
    );
    let events = desk
        .api("GET", &format!("/api/v1/leads/{id}/events?limit=2"), None)
        .await
        .json();
    assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
}

#[tokio::test]
async fn handoffs_are_answered_once() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    desk.qualify("lou", "Lou Roy").await;
    let open = desk.api("GET", "/api/v1/handoffs?state=open", None).await.json();
    let ids: Vec<i64> = open["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|handoff| handoff["id"].as_i64())
        .collect();
    assert_eq!(ids.len(), 2);
    let (kim, lou) = (ids[0], ids[1]);
    let detail = desk
        .api("GET", &format!("/api/v1/handoffs/{kim}"), None)
        .await
        .json();
    assert!(detail["packet"].is_object(), "{detail}");
    let accepted = desk
        .api("POST", &format!("/api/v1/handoffs/{kim}/accept"), None)
        .await;
    assert_eq!(
        accepted.json()["handoff"]["state"],
        "accepted",
        "{}",
        accepted.text()
    );
    let again = desk
        .api("POST", &format!("/api/v1/handoffs/{kim}/accept"), None)
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());

    let reject = format!("/api/v1/handoffs/{lou}/reject");
    let vague = desk
        .api("POST", &reject, Some(json!({ "reason": "Because" })))
        .await;
    assert_problem(&vague, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    let form = desk
        .api("POST", &reject, Some(json!({ "why": "No budget" })))
        .await;
    assert_problem(&form, StatusCode::BAD_REQUEST, "invalid");
    let body = json!({ "reason": "No budget", "note": "Next year" });
    let rejected = desk.api("POST", &reject, Some(body)).await.json();
    assert_eq!(
        (&rejected["handoff"]["state"], &rejected["note"]),
        (&json!("rejected"), &json!("Next year"))
    );
    assert_eq!(rejected["rejection_reason"], "No budget");
}

#[tokio::test]
async fn the_agreement_changes_only_on_top_of_what_was_read() {
    let desk = Desk::open().await;
    let answer = desk.api("GET", "/api/v1/agreement", None).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(answer.json()["source"], AGREEMENT);
    assert_eq!(
        answer.json()["summary"]["rejection_reasons"],
        json!(["No budget", "Timing not right"])
    );
    let key = format!("Bearer {}", desk.admin_key);
    let put = async |source: String, matches: &str, kind: &str| {
        let headers = [
            ("authorization", key.as_str()),
            ("if-match", matches),
            ("content-type", kind),
        ];
        desk.send(request("PUT", "/api/v1/agreement", &headers, Body::from(source)))
            .await
    };
    let changed = AGREEMENT.replace("points = 50", "points = 45");
    let published = put(changed.clone(), "\"1\"", "application/toml").await;
    assert_eq!(published.status, StatusCode::OK, "{}", published.text());
    assert_eq!(published.header("etag"), "\"2\"");
    let late = put(AGREEMENT.to_owned(), "\"1\"", "text/plain").await;
    assert_problem(&late, StatusCode::PRECONDITION_FAILED, "changed-meanwhile");
    let broken = put(
        changed.replace("title =", "titel ="),
        "*",
        "application/toml; charset=utf-8",
    )
    .await;
    assert_problem(&broken, StatusCode::UNPROCESSABLE_ENTITY, "agreement");
    let place = broken.json()["problems"][0].clone();
    assert_eq!(
        (&place["severity"], &place["line"]),
        (&json!("error"), &json!(8)),
        "{place}"
    );
    assert!(place["help"].is_string() && place["column"].is_u64());
    let form = put(changed, "*", "application/x-www-form-urlencoded").await;
    assert_problem(
        &form,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
    );
    let large = put("#".repeat(1_048_577), "*", "application/toml").await;
    assert_problem(&large, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_a_problem_that_says_so() {
    let desk = Desk::open().await;
    for (path, detail) in [
        ("/api/v1/leads?limit=0", "`limit` is 0; use 1 to 200"),
        ("/api/v1/leads?limit=201", "`limit` is 201; use 1 to 200"),
        ("/api/v1/leads?stage=mqls", "`mqls` is not a stage"),
        ("/api/v1/leads?sort=name", "`name` is not an order"),
        ("/api/v1/leads?colour=red", "unknown field `colour`"),
        ("/api/v1/leads?owner=ana", "invalid digit"),
        ("/api/v1/handoffs?state=gone", "`gone` is not a state"),
    ] {
        let answer = desk.api("GET", path, None).await;
        assert_problem(&answer, StatusCode::BAD_REQUEST, "invalid");
        assert!(answer.text().contains(detail), "{path}: {}", answer.text());
    }
    for path in [
        "/api/v1/leads/999",
        "/api/v1/leads/x",
        "/api/v1/handoffs/999",
        "/api/v1/nothing",
        "/api/v1/leads/1/2",
    ] {
        assert_problem(
            &desk.api("GET", path, None).await,
            StatusCode::NOT_FOUND,
            "not-found",
        );
    }
    let answer = desk.api("DELETE", "/api/v1/leads", None).await;
    assert_problem(&answer, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    let cursor = desk.api("GET", "/api/v1/leads?cursor=%00%ff", None).await;
    assert!(cursor.status.is_client_error(), "{}", cursor.text());
}

#[tokio::test]
async fn keys_users_members_and_webhooks_are_made() {
    let desk = Desk::open().await;
    let made = desk
        .api(
            "POST",
            "/api/v1/keys",
            Some(json!({ "class": "write", "name": "Shop" })),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let secret = made.json()["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("bw_write_"), "{secret}");
    let keys = desk.api("GET", "/api/v1/keys", None).await;
    assert!(!keys.text().contains(&secret) && keys.text().contains("Shop"));
    let wrong = desk
        .api(
            "POST",
            "/api/v1/keys",
            Some(json!({ "class": "root", "name": "x" })),
        )
        .await;
    assert_problem(&wrong, StatusCode::BAD_REQUEST, "invalid");

    let user = json!({ "name": "Bo", "email": "bo@acme.example", "password": "a long enough password", "role": "sales" });
    let made = desk.api("POST", "/api/v1/users", Some(user)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert!(!made.text().contains("password"));
    let id = made.json()["id"].as_i64().expect("a number");
    let member = desk
        .api(
            "PUT",
            &format!("/api/v1/teams/sdr/members/{id}"),
            Some(json!({ "weight": 2 })),
        )
        .await;
    assert_eq!(member.status, StatusCode::NO_CONTENT, "{}", member.text());
    let users = desk.api("GET", "/api/v1/users", None).await.json();
    assert_eq!(users["items"].as_array().map(Vec::len), Some(2));
    let team = desk.api("GET", "/api/v1/teams", None).await.json()["items"][0].clone();
    assert_eq!(
        (&team["name"], &team["routes"]),
        (&json!("sdr"), &json!(["Everyone"]))
    );
    assert_eq!(
        (
            &team["members"][1]["name"],
            &team["members"][1]["weight"],
            &team["members"][1]["active"]
        ),
        (&json!("Bo"), &json!(2), &json!(true))
    );
    let path = format!("/api/v1/teams/sdr/members/{id}");
    let gone = desk.api("DELETE", &path, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
    let again = desk.api("DELETE", &path, None).await;
    assert_problem(&again, StatusCode::NOT_FOUND, "not-found");
    let team = desk.api("GET", "/api/v1/teams", None).await.json()["items"][0].clone();
    assert_eq!(team["members"][1]["active"], false, "{team}");

    let hook = json!({ "url": "https://crm.acme.example/hook" });
    let set = desk.api("PUT", "/api/v1/webhook", Some(hook)).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text());
    assert!(
        set.json()["secret"]
            .as_str()
            .is_some_and(|secret| secret.starts_with("whsec_"))
    );
    assert_eq!(desk.get("/healthz", &[]).await.status, StatusCode::OK);
    assert_eq!(desk.get("/readyz", &[]).await.status, StatusCode::OK);
}

/// Rewrites the file where `UPDATE_OPENAPI` is set.
#[test]
fn the_description_that_is_kept_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let served = bellwether_server::openapi_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &served).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == served,
        "docs/openapi.json is stale; run this test with UPDATE_OPENAPI=1"
    );
    assert!(served.contains("\"openapi\": \"3.1.0\""));
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_then_on() {
    let desk = Desk::open().await;
    let event = json!([{ "type": "track", "event": "E", "userId": "u" }]);
    assert_eq!(desk.batch(event.clone()).await.status, StatusCode::OK);
    let keys = desk.api("GET", "/api/v1/keys", None).await.json();
    let key = &keys["items"][0];
    assert_eq!(key["class"], "write");
    let path = format!("/api/v1/keys/{}", key["id"]);
    let revoked = desk.api("DELETE", &path, None).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT, "{}", revoked.text());
    assert_eq!(desk.batch(event).await.status, StatusCode::UNAUTHORIZED);
    let again = desk.api("DELETE", &path, None).await;
    assert_problem(&again, StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn handoffs_are_listed_by_team_and_say_why() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    let own = desk.api("GET", "/api/v1/handoffs?team=sdr", None).await.json();
    let handoff = &own["items"][0];
    assert!(
        handoff["why"]
            .as_str()
            .is_some_and(|why| why.contains("Requested a demo +50")),
        "{own}"
    );
    assert!(handoff["latest_activity"].is_string(), "{own}");
    let others = desk
        .api("GET", "/api/v1/handoffs?team=enterprise", None)
        .await
        .json();
    assert_eq!(others["items"], json!([]));
}

#[tokio::test]
async fn a_lead_has_its_account_with_score_people_and_roles() {
    let desk = Desk::open().await;
    desk.qualify("kim", "Kim Lee").await;
    desk.batch(json!([
        { "type": "identify", "userId": "lou", "traits": { "email": "lou@buyer.example", "title": "CFO" } },
        { "type": "page", "userId": "lou", "properties": { "path": "/pricing" } },
    ]))
    .await;
    let handoff = &desk.api("GET", "/api/v1/handoffs", None).await.json()["items"][0];
    let path = format!("/api/v1/leads/{}", handoff["lead"]);
    assert_eq!(
        desk.api("GET", &path, None).await.json()["account"],
        Value::Null,
        "the agreement has none"
    );
    let with_account = format!(
        "{AGREEMENT}\n[account]\nper_person = 40\nqualify = {{ score = 45, people = 2, roles = 1 }}\n\
         [[account.committee]]\nrole = \"Budget\"\nwhen = {{ title = \"CFO\" }}\n\
         [[account.committee]]\nrole = \"User\"\nwhen = {{ title = \"Analyst\" }}\n"
    );
    let key = format!("Bearer {}", desk.admin_key);
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/toml"),
    ];
    let published = desk
        .send(request(
            "PUT",
            "/api/v1/agreement?override=a%20test",
            &headers,
            Body::from(with_account),
        ))
        .await;
    assert!(published.status.is_success(), "{}", published.text());
    let account = desk.api("GET", &path, None).await.json()["account"].clone();
    // Kim's 60 are cut at 40, and Lou's are 10.
    assert_eq!(
        (&account["score"], &account["people"]),
        (&json!("50.000"), &json!(2)),
        "{account}"
    );
    assert_eq!(
        (&account["name"], &account["qualified"]),
        (&json!("buyer.example"), &json!(true))
    );
    assert_eq!(
        account["roles"],
        json!([{ "role": "Budget", "held": true }, { "role": "User", "held": false }])
    );
    assert_eq!(account["leads"].as_array().map(Vec::len), Some(2));
    assert_eq!(account["more"], false);

    let cookie = desk.sign_in().await;
    let page = desk.page(&format!("/leads/{}", handoff["lead"]), &cookie).await;
    for text in [
        "Account: buyer.example",
        "2 people active",
        "Budget",
        "Standard: first contact within 2h",
        "<li>Visited /pricing <small>",
    ] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
}

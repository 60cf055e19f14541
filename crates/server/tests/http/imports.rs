//! Files of other systems over HTTP: taken in the background, with every row accounted for, and given back.

use axum::http::StatusCode;
use serde_json::Value;

use crate::desk::{Answer, Desk};

const LEADS: &str = "Record ID,Email,Job Title,Create Date,Owner\n\
                     1,ana@acme.example,VP Sales,2026-01-25,\n\
                     2,nobody,Buyer,2026-01-26,\n\
                     3,bob@acme.example,Buyer,2026-01-27,\n";

async fn send(desk: &Desk, query: &str, body: &str) -> Answer {
    let key = format!("Bearer {}", desk.admin_key);
    desk.post(
        &format!("/api/v1/imports?{query}"),
        &[("authorization", &key)],
        body.to_owned(),
    )
    .await
}

/// An import once it has ended.
async fn ended(desk: &Desk, id: &Value) -> Value {
    loop {
        let detail = desk
            .api("GET", &format!("/api/v1/imports/{id}"), None)
            .await
            .json();
        if detail["import"]["state"] != "running" {
            return detail;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_file_is_taken_once_and_every_row_is_accounted_for() {
    let desk = Desk::open().await;
    let mut seen = Vec::new();
    for query in [
        "kind=leads&dry_run=true",
        "kind=leads&name=hubspot.csv",
        "kind=leads",
    ] {
        let begun = send(&desk, query, LEADS).await;
        assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text());
        let begun = begun.json();
        assert_eq!(begun["columns"][2]["becomes"], "trait.title");
        let detail = ended(&desk, &begun["id"]).await;
        let import = &detail["import"];
        assert_eq!(import["state"], "done", "{detail}");
        assert_eq!(import["rejected_by_reason"]["not an email address"], 1);
        assert_eq!(detail["rejects"][0]["line"], 3);
        assert_eq!(detail["rejects"][0]["row"][1], "nobody");
        seen.push(
            [
                &import["rows"],
                &import["new"],
                &import["already_there"],
                &import["rejected"],
            ]
            .map(Value::as_u64),
        );
    }
    let some = |numbers: [u64; 4]| numbers.map(Some);
    assert_eq!(seen, [some([3, 2, 0, 1]), some([3, 2, 0, 1]), some([3, 0, 2, 1])]);
    let listed = desk.api("GET", "/api/v1/imports", None).await.json();
    assert_eq!(listed[1]["file"], "hubspot.csv");
    let given = desk.api("GET", "/api/v1/exports/leads?format=jsonl", None).await;
    let rows: Vec<Value> = given
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["traits"]["title"], "VP Sales");
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_with_the_remedy() {
    let desk = Desk::open().await;
    for (query, body, status, said) in [
        ("", LEADS, StatusCode::BAD_REQUEST, "`kind`"),
        ("kind=visits", LEADS, StatusCode::BAD_REQUEST, "none of leads"),
        (
            "kind=leads&colour=red",
            LEADS,
            StatusCode::BAD_REQUEST,
            "`colour`",
        ),
        (
            "kind=leads",
            "email,created\na@x.example,03/04/2026\n",
            StatusCode::UNPROCESSABLE_ENTITY,
            "`dates=dmy`",
        ),
        (
            "kind=leads&name=contacts.csv",
            "",
            StatusCode::UNPROCESSABLE_ENTITY,
            "contacts.csv",
        ),
        (
            "kind=outcomes",
            "colour\nred\n",
            StatusCode::UNPROCESSABLE_ENTITY,
            "`map=",
        ),
        (
            "kind=leads&map=email%3DMail",
            LEADS,
            StatusCode::UNPROCESSABLE_ENTITY,
            "names no column",
        ),
    ] {
        let answer = send(&desk, query, body).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert!(answer.text().contains(said), "{query}: {}", answer.text());
        // A caller has no flags and no path on this machine.
        assert!(!answer.text().contains("--"), "{query}: {}", answer.text());
        assert!(!answer.text().contains(".import-"), "{query}: {}", answer.text());
    }
    assert_eq!(
        desk.api("GET", "/api/v1/imports", None).await.json(),
        serde_json::json!([])
    );
}

#[tokio::test]
async fn no_more_exports_are_written_at_once_than_there_are_places_for() {
    let desk = Desk::open().await;
    // More than the pieces that wait to be sent.
    let mut leads = "email,notes\n".to_owned();
    for n in 0..2_000 {
        use std::fmt::Write as _;
        writeln!(leads, "u{n}@acme.example,{}", "word ".repeat(100)).expect("memory");
    }
    let begun = send(&desk, "kind=leads", &leads).await.json();
    assert_eq!(ended(&desk, &begun["id"]).await["import"]["new"], 2_000);
    let mut open = Vec::new();
    for _ in 0..bellwether_server::limits::EXPORTS_MAX {
        open.push(desk.open_body("/api/v1/exports/leads").await);
    }
    let refused = desk.api("GET", "/api/v1/exports/leads", None).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!refused.header("retry-after").is_empty());
    assert!(refused.text().contains("problem:busy"), "{}", refused.text());
    for body in open {
        let whole = axum::body::to_bytes(body, 10_000_000)
            .await
            .expect("a whole body");
        let whole = std::str::from_utf8(&whole).expect("text");
        assert_eq!(whole.lines().count(), 2_001);
    }
}

#[tokio::test]
async fn what_a_killed_process_left_of_its_uploads_is_removed_at_the_start() {
    let mut left = std::path::PathBuf::new();
    let mut other = std::path::PathBuf::new();
    let _desk = Desk::open_with(|options, _| {
        left = options.data_dir.join(".import-abc");
        other = options.data_dir.join("important.csv");
        std::fs::write(&left, LEADS).expect("written");
        std::fs::write(&other, LEADS).expect("written");
    })
    .await;
    assert!(!left.exists());
    assert!(other.exists());
}

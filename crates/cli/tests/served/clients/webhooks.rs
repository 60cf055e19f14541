//! Webhooks as the Standard Webhooks project's own library reads them.

use bellwether_testkit::clients::{RunningClient, python};
use bellwether_testkit::server::{KeyKind, TestServer};
use serde_json::{Value, json};

use crate::company::clients;

/// 32 bytes, as the library writes secrets.
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

#[test]
fn what_is_sent_is_genuine_and_what_is_sent_again_has_its_old_id() {
    let Some(python) = python() else { return };
    let script = clients().join("python/webhook.py");
    let mut receiver = RunningClient::start(&python, &script, &[SECRET, "1"]);
    let port = receiver.next_json()["port"].clone();
    let server = TestServer::start_with(env!("CARGO_BIN_EXE_bellwether"), &["--allow-private-webhooks"]);
    let admin = server.client(KeyKind::Admin);
    let agreement = include_str!("../../clients/agreement.toml");
    let agreement = agreement.replace("score  = 100 ", "score  = 40\nfast = [\"Demo Requested\"] ");
    let agreement = agreement
        .replace("fit    = 25", "fit = 0")
        .replace("intent = 75", "intent = 40");
    let _ = admin
        .put("/api/v1/agreement", "application/toml", &agreement)
        .expect_status(200);
    let source = format!(
        "name = \"crm\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/crm\"\nevents = [\"lead.*\"]\n"
    );
    let file = json!({ "source": source, "secret": SECRET }).to_string();
    let put = admin.put("/api/v1/destinations", "application/json", &file);
    assert!(!put.expect_status(200).text().contains(SECRET));
    let batch = json!({ "batch": [
        { "type": "identify", "userId": "eve", "traits": { "email": "eve@buyer.example", "name": "Eve Müller" } },
        { "type": "track", "event": "Demo Requested", "userId": "eve" },
    ] });
    let _ = server
        .client(KeyKind::Write)
        .post("/v1/batch", &batch)
        .expect_status(200);
    let (refused, taken) = (receiver.next_json(), receiver.next_json());
    for call in [&refused, &taken] {
        assert_eq!(call["genuine"], true, "{call}");
        assert_eq!(call["forged"], json!([false, false, false, false]), "{call}");
    }
    assert_eq!((&refused["status"], &taken["status"]), (&json!(500), &json!(200)));
    assert_eq!((&refused["id"], &refused["body"]), (&taken["id"], &taken["body"]));
    // It is signed anew, or a receiver that looks at the time would refuse what comes late.
    assert!(
        refused["timestamp"].as_i64() < taken["timestamp"].as_i64(),
        "{refused} {taken}"
    );
    assert_eq!(taken["body"]["type"], "lead.qualified");
    assert_eq!(taken["body"]["data"]["lead"]["name"], "Eve Müller");
    let accepted = admin.post("/api/v1/handoffs/1/accept", &Value::Null);
    let _ = accepted.expect_status(200);
    let told = receiver.next_json();
    assert_eq!(
        (&told["genuine"], &told["body"]["type"]),
        (&json!(true), &json!("lead.accepted"))
    );
    assert_ne!(told["id"], taken["id"]);
}

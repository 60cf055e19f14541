//! Rows of imported files on the socket between two processes of this program: the JSON that a record serializes to, read
//! back by hand.

use anyhow::Context as _;
use bellwether_core::domain::{Number, Stage, Timestamp, TraitSource, Traits, Value};
use bellwether_core::records::{
    AccountRecord, CallKind, EventRecord, LeadRecord, OutcomeRecord, Record, RecordKeys,
};
use serde_json::Value as Json;

/// Records as JSON.
pub(super) fn to_json(records: &[Record]) -> anyhow::Result<Vec<Json>> {
    let written = records.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    written.context("a row can't be written as JSON")
}

/// Records from JSON.
pub(super) fn from_json(rows: &[Json]) -> anyhow::Result<Vec<Record>> {
    rows.iter()
        .map(|row| record(row).context("a row isn't as this version writes it; restart the server"))
        .collect()
}

fn record(row: &Json) -> Option<Record> {
    let (kind, of) = row.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "lead" => Record::Lead(Box::new(LeadRecord {
            keys: keys(of.get("keys")?),
            more_keys: pairs(of.get("more_keys")?),
            at: time(of, "at"),
            created_at: time(of, "created_at"),
            stage: of
                .get("stage")
                .and_then(Json::as_str)
                .and_then(|name| name.parse::<Stage>().ok()),
            owner: text(of, "owner"),
            account: text(of, "account"),
            traits: values(of.get("traits")?),
        })),
        "event" => Record::Event(Box::new(EventRecord {
            keys: keys(of.get("keys")?),
            ts: time(of, "ts")?,
            kind: CallKind::named(of.get("kind")?.as_str()?)?,
            name: text(of, "name")?,
            path: text(of, "path"),
            properties: values(of.get("properties")?),
            traits: values(of.get("traits")?),
            id: text(of, "id"),
            said_by: of
                .get("said_by")
                .and_then(Json::as_str)
                .and_then(TraitSource::named),
            known: of.get("known").and_then(Json::as_bool),
        })),
        "account" => Record::Account(Box::new(AccountRecord {
            id: text(of, "id"),
            domain: text(of, "domain"),
            name: text(of, "name"),
            owner: text(of, "owner"),
            traits: values(of.get("traits")?),
        })),
        "outcome" => Record::Outcome(Box::new(OutcomeRecord {
            lead: text(of, "lead")?,
            lead_kind: text(of, "lead_kind"),
            won: of.get("won")?.as_bool()?,
            at: time(of, "at")?,
            amount_thousandths: of.get("amount_thousandths").and_then(Json::as_i64),
            currency: text(of, "currency"),
            reason: text(of, "reason"),
            opportunity: text(of, "opportunity"),
        })),
        _ => return None,
    })
}

fn keys(of: &Json) -> RecordKeys {
    RecordKeys {
        anonymous_id: text(of, "anonymous_id"),
        user_id: text(of, "user_id"),
        email: text(of, "email"),
        external_ids: of.get("external_ids").map(pairs).unwrap_or_default(),
    }
}

fn text(of: &Json, name: &str) -> Option<String> {
    of.get(name)?.as_str().map(str::to_owned)
}

fn time(of: &Json, name: &str) -> Option<Timestamp> {
    of.get(name)?.as_i64().and_then(Timestamp::from_ms)
}

fn pairs(of: &Json) -> Vec<(String, String)> {
    serde_json::from_value(of.clone()).unwrap_or_default()
}

fn values(of: &Json) -> Traits {
    let value = |json: &Json| {
        Some(match json {
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(Number::new(number.as_f64()?)?),
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(_) => Value::List(serde_json::from_value(json.clone()).ok()?),
            Json::Null | Json::Object(_) => return None,
        })
    };
    let members = of.as_object().into_iter().flatten();
    members
        .filter_map(|(name, json)| Some((name.clone(), value(json)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_row_comes_through_as_it_was() {
        let traits = Traits::from([
            ("title".to_owned(), Value::from("VP, \"Sales\"\n")),
            ("seats".to_owned(), Value::Number(Number::new(0.1).unwrap())),
            ("vip".to_owned(), Value::Bool(true)),
            (
                "tools".to_owned(),
                Value::List(vec!["a".to_owned(), "ü".to_owned()]),
            ),
        ]);
        let keys = RecordKeys {
            email: Some("ana@acme.example".to_owned()),
            external_ids: vec![("crm".to_owned(), "7".to_owned())],
            ..RecordKeys::default()
        };
        let at = Timestamp::from_ms_clamped(1_780_272_000_123);
        let records = [
            Record::Lead(Box::new(LeadRecord {
                keys: keys.clone(),
                more_keys: vec![("email".to_owned(), "a@acme.example".to_owned())],
                at: Some(at),
                created_at: None,
                stage: Some(Stage::Mql),
                owner: Some("o@acme.example".to_owned()),
                account: Some("acme".to_owned()),
                traits: traits.clone(),
            })),
            Record::Event(Box::new(EventRecord {
                keys,
                ts: at,
                kind: CallKind::Screen,
                name: "Home".to_owned(),
                path: Some("/".to_owned()),
                properties: traits.clone(),
                traits: Traits::new(),
                id: Some("1".to_owned()),
                said_by: Some(TraitSource::Enrichment),
                known: Some(false),
            })),
            Record::Account(Box::new(AccountRecord {
                id: None,
                domain: Some("acme.example".to_owned()),
                name: Some("Acme".to_owned()),
                owner: None,
                traits,
            })),
            Record::Outcome(Box::new(OutcomeRecord {
                lead: "7".to_owned(),
                lead_kind: Some("crm".to_owned()),
                won: true,
                at,
                amount_thousandths: Some(-5),
                currency: None,
                reason: Some("price".to_owned()),
                opportunity: Some("1".to_owned()),
            })),
        ];
        let text = serde_json::to_string(&to_json(&records).unwrap()).unwrap();
        let rows: Vec<Json> = serde_json::from_str(&text).unwrap();
        assert_eq!(from_json(&rows).unwrap(), records);
        assert!(from_json(&[serde_json::json!({"lead": 1})]).is_err());
    }
}

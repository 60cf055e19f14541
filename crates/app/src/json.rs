//! Properties and traits as text in the database: one JSON object with dotted keys, which reads back as exactly what was
//! written.

use std::collections::BTreeMap;
use std::fmt;

use bellwether_core::domain::{Number, Traits, Value};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// Writes values; nothing where there are none.
pub(crate) fn write<'b>(values: &BTreeMap<String, Value>, buffer: &'b mut Vec<u8>) -> Option<&'b str> {
    if values.is_empty() {
        return None;
    }
    buffer.clear();
    // Keys are text and numbers finite, so writing to memory doesn't fail; if it did, nothing is better than half.
    serde_json::to_writer(&mut *buffer, values).ok()?;
    std::str::from_utf8(buffer).ok()
}

/// Reads what [`write`] wrote. Text that it didn't write gives nothing.
pub(crate) fn read(text: Option<&str>) -> Traits {
    let stored: BTreeMap<String, Stored> = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let values = stored.into_iter();
    values
        .filter_map(|(name, stored)| Some((name, stored.0?)))
        .collect()
}

struct Stored(Option<Value>);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StoredVisitor).map(Stored)
    }
}

struct StoredVisitor;

impl<'de> Visitor<'de> for StoredVisitor {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or a list of texts")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Value>, E> {
        Ok(Some(Value::Bool(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<Value>, E> {
        Ok(Number::new(value).map(Value::Number))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers are floats; whole ones are written with a point and don't come here"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<Option<Value>, E> {
        Ok(Number::new(value as f64).map(Value::Number))
    }

    #[expect(clippy::cast_precision_loss, reason = "as for negative ones")]
    fn visit_u64<E>(self, value: u64) -> Result<Option<Value>, E> {
        Ok(Number::new(value as f64).map(Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Option<Value>, E> {
        Ok(Some(Value::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Option<Value>, E> {
        Ok(Some(Value::Text(value)))
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Value>, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = seq.next_element()? {
            texts.push(text);
        }
        Ok(Some(Value::List(texts)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<f64>().prop_filter_map("finite", |float| Number::new(float).map(Value::Number)),
            any::<String>().prop_map(Value::Text),
            prop::collection::vec(any::<String>(), 0..4).prop_map(Value::List),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_it_was(values in prop::collection::btree_map(any::<String>(), value(), 0..8)) {
            let mut buffer = Vec::new();
            let text = write(&values, &mut buffer);
            prop_assert_eq!(text.is_none(), values.is_empty());
            prop_assert_eq!(read(text), values);
        }
    }

    #[test]
    fn text_of_another_kind_gives_nothing() {
        for text in [None, Some(""), Some("[]"), Some("{"), Some(r#"{"a":{"b":1}}"#)] {
            assert!(read(text).is_empty(), "{text:?}");
        }
    }
}

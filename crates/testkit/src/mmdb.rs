//! Files in MaxMind's format, small ones for tests: networks with records, written as the format's specification 2.0 says.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

/// What stands between the tree and the records.
const GAP: [u8; 16] = [0; 16];
/// What the metadata begins with.
const MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";
const RECORD_BITS: u32 = 32;

#[derive(Clone, Copy)]
enum Slot {
    Nothing,
    Node(usize),
    Record(usize),
}

/// A file that says these records, each an object, of these networks, written like `192.0.2.0/24`.
///
/// # Panics
/// When a network isn't one, or two overlap.
pub fn mmdb(networks: &[(&str, Value)]) -> Vec<u8> {
    let mut nodes = vec![[Slot::Nothing; 2]];
    let mut records = Vec::new();
    for (network, record) in networks {
        let (address, length) = network.split_once('/').expect("a network has a length");
        let length: u32 = length.parse().expect("a network's length is a number");
        let (bits, length) = match address.parse().expect("a network has an address") {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), length + 96),
            IpAddr::V6(v6) => (u128::from(v6), length),
        };
        let offset = records.len();
        write(record, &mut records);
        insert(&mut nodes, bits, length, offset);
    }
    let mut file = Vec::new();
    let count = nodes.len();
    for slot in nodes.iter().flatten() {
        let number = match slot {
            Slot::Nothing => count,
            Slot::Node(index) => *index,
            Slot::Record(offset) => count + GAP.len() + offset,
        };
        let number = u32::try_from(number).expect("a test's file is small");
        file.extend(number.to_be_bytes());
    }
    file.extend(GAP);
    file.extend(records);
    file.extend(MARK);
    metadata(count, &mut file);
    file
}

fn insert(nodes: &mut Vec<[Slot; 2]>, bits: u128, length: u32, offset: usize) {
    let mut at = 0;
    for place in 0..length {
        let side = usize::from((bits >> (127 - place)) & 1 == 1);
        if place + 1 == length {
            nodes[at][side] = Slot::Record(offset);
            return;
        }
        at = match nodes[at][side] {
            Slot::Node(next) => next,
            Slot::Record(_) => panic!("networks of a test's file don't overlap"),
            Slot::Nothing => {
                nodes.push([Slot::Nothing; 2]);
                nodes[at][side] = Slot::Node(nodes.len() - 1);
                nodes.len() - 1
            }
        };
    }
}

fn metadata(nodes: usize, file: &mut Vec<u8>) {
    let fields: [(&str, u8, Value); 9] = [
        ("binary_format_major_version", 5, json!(2)),
        ("binary_format_minor_version", 5, json!(0)),
        ("build_epoch", 9, json!(1_780_272_000)),
        ("database_type", 2, json!("Test")),
        ("description", 7, Value::Object(Map::new())),
        ("ip_version", 5, json!(6)),
        ("languages", 11, json!([])),
        ("node_count", 6, json!(nodes)),
        ("record_size", 5, json!(RECORD_BITS)),
    ];
    head(7, fields.len(), file);
    for (name, kind, value) in fields {
        write(&json!(name), file);
        match value {
            Value::Number(number) => whole(kind, number.as_u64().expect("a whole number"), file),
            other => write(&other, file),
        }
    }
}

/// The kind and length before a value.
fn head(kind: u8, length: usize, file: &mut Vec<u8>) {
    let (size, rest) = match u8::try_from(length) {
        Ok(length) if length < 29 => (length, None),
        _ => (
            29,
            Some(u8::try_from(length - 29).expect("a test's values are short")),
        ),
    };
    if kind < 8 {
        file.push((kind << 5) | size);
    } else {
        file.extend([size, kind - 7]);
    }
    file.extend(rest);
}

fn whole(kind: u8, number: u64, file: &mut Vec<u8>) {
    let bytes = number.to_be_bytes();
    let bytes = &bytes[usize::try_from(number.leading_zeros() / 8).expect("at most eight")..];
    head(kind, bytes.len(), file);
    file.extend(bytes);
}

fn write(value: &Value, file: &mut Vec<u8>) {
    match value {
        Value::String(text) => {
            head(2, text.len(), file);
            file.extend(text.as_bytes());
        }
        Value::Object(members) => {
            head(7, members.len(), file);
            for (name, value) in members {
                write(&json!(name), file);
                write(value, file);
            }
        }
        Value::Array(elements) => {
            head(11, elements.len(), file);
            for element in elements {
                write(element, file);
            }
        }
        Value::Number(number) => whole(6, number.as_u64().expect("a whole number"), file),
        Value::Bool(yes) => head(14, usize::from(*yes), file),
        Value::Null => panic!("the format knows no null"),
    }
}

//! Lists in Parquet: read where they are lists of single values, and said to be left out where they aren't.

use std::sync::Arc;

use bellwether_replay::Reason;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::support::Bench;

const AGREEMENT: &str = r#"
[agreement]
name     = "Test"
timezone = "UTC"

[fields]
orders = "list"

[[fit]]
name   = "Runs what we connect to"
when   = { technologies = "hubspot" }
points = 10

[[fit]]
name   = "Ordered before"
when   = { orders = { exists = true } }
points = 100

[[intent]]
name   = "Demo"
on     = { event = "Demo Requested", topics = "price" }
points = 50

[qualify]
score = 60
"#;

/// A column of text with its levels, in the order of the schema's leaves.
enum Column<'c> {
    Text(&'c [&'c str], &'c [i16], &'c [i16]),
    Whole(&'c [i64]),
}

fn file(schema: &str, columns: &[Column<'_>]) -> Vec<u8> {
    let schema = parse_message_type(schema).expect("a schema");
    let mut bytes = Vec::new();
    let properties = Arc::new(WriterProperties::new());
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).expect("a writer");
    let mut group = writer.next_row_group().expect("a row group");
    for column in columns {
        let mut writer = group.next_column().expect("a column").expect("one more");
        match column {
            Column::Whole(values) => {
                let writer = writer.typed::<Int64Type>();
                writer.write_batch(values, None, None).expect("written");
            }
            Column::Text(values, levels, repetitions) => {
                let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(*text)).collect();
                let (levels, repetitions) = (
                    levels.first().map(|_| *levels),
                    repetitions.first().map(|_| *repetitions),
                );
                let writer = writer.typed::<ByteArrayType>();
                writer.write_batch(&values, levels, repetitions).expect("written");
            }
        }
        writer.close().expect("closed");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
    bytes
}

#[test]
fn lists_of_texts_are_traits_and_properties_in_every_usual_form() {
    let in_three_levels =
        "optional group NAME (LIST) { repeated group list { optional binary element (utf8); } }";
    let in_two_levels = "optional group NAME (LIST) { repeated binary array (utf8); }";
    let bare = "repeated binary NAME (utf8);";
    for (form, deepest) in [(in_three_levels, 3), (in_two_levels, 2), (bare, 1)] {
        // Ana has two, Bob none, Cid another one.
        let levels = [deepest, deepest, 0, deepest];
        let texts = Column::Text(&["Segment", "HubSpot", "Mautic"], &levels, &[0, 1, 0, 0]);
        let ids = || Column::Text(&["ana", "bob", "cid"], &[], &[]);
        let schema = format!(
            "message t {{ required binary lead (utf8); {} }}",
            form.replace("NAME", "technologies")
        );
        let bench = Bench::with(AGREEMENT);
        bench.file("l.parquet", file(&schema, &[ids(), texts]));
        let topics = Column::Text(&["team", "Price", "price, team"], &levels, &[0, 1, 0, 0]);
        let schema = format!(
            "message t {{ required binary lead (utf8); required int64 ts; required binary event (utf8); {} }}",
            form.replace("NAME", "topics")
        );
        let names = Column::Text(&["Demo Requested"; 3], &[], &[]);
        let times = Column::Whole(&[1_768_003_200_000; 3]);
        bench.file("e.parquet", file(&schema, &[ids(), times, names, topics]));
        let outcome = bench.score(Some("l.parquet"), Some("e.parquet"));
        let expected = [
            "ana,10.000,50.000,60.000,,true,2026-01-10T00:00:00.000Z,Demo Requested,",
            "bob,0.000,0.000,0.000,,false,,,",
            "cid,0.000,0.000,0.000,,false,,,",
        ];
        assert_eq!(outcome.rows(), expected, "{form}");
        assert_eq!(outcome.rejects, [], "{form}");
    }
}

#[test]
fn a_nested_column_that_a_rule_reads_is_said_to_be_left_out() {
    let schema = "message t { required binary lead (utf8);
        optional group orders (LIST) { repeated group list { optional group element {
            optional binary item (utf8); optional binary shop (utf8); } } }
        optional group visits (LIST) { repeated group list { optional group element {
            optional binary page (utf8); optional binary site (utf8); } } } }";
    let ids = Column::Text(&["ana"], &[], &[]);
    let nested = || Column::Text(&["x"], &[4], &[0]);
    let bench = Bench::with(AGREEMENT);
    bench.file(
        "l.parquet",
        file(schema, &[ids, nested(), nested(), nested(), nested()]),
    );
    let outcome = bench.score(Some("l.parquet"), None);
    assert_eq!(outcome.rows(), ["ana,0.000,0.000,0.000,,false,,,"]);
    assert_eq!(outcome.rejects, [(Reason::NestedColumn, 2)]);
    for column in ["orders.list.element.item", "orders.list.element.shop"] {
        let line = format!("l.parquet,0,nested column not read: {column},");
        assert!(outcome.listed.contains(&line), "{}", outcome.listed);
    }
}

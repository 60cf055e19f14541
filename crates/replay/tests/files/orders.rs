//! Formats, orders, threads and temporary files never show in what comes out.

use std::num::NonZeroUsize;

use bellwether_replay::Effort;
use bellwether_testkit::history::{HistoryFormat, HistoryPlan};

use crate::support::Bench;

const AGREEMENT: &str = include_str!("../../examples/bench_agreement.toml");
const PLAN: HistoryPlan = HistoryPlan {
    events: 20_000,
    leads: 700,
    seed: 11,
    whole_ids: false,
    shuffled: false,
};

fn threads(count: usize) -> Effort {
    Effort {
        threads: NonZeroUsize::new(count).expect("some"),
        ..Effort::default()
    }
}

#[test]
fn every_format_order_and_effort_gives_the_same_bytes() {
    let mut bench = Bench::with(AGREEMENT);
    PLAN.write_leads(&bench.path("leads.csv")).expect("written");
    let mut answers: Vec<(String, String)> = Vec::new();
    for format in [
        HistoryFormat::Csv,
        HistoryFormat::JsonLines,
        HistoryFormat::Parquet,
    ] {
        for shuffled in [false, true] {
            let name = format!("events.{}", format.extension());
            HistoryPlan { shuffled, ..PLAN }
                .write_events(&bench.path(&name), format)
                .expect("written");
            for effort in [
                threads(1),
                threads(2),
                threads(3),
                Effort {
                    records_in_memory_max: 999,
                    ..threads(2)
                },
            ] {
                bench.effort = effort;
                let outcome = bench.score(Some("leads.csv"), Some(&name));
                assert_eq!(outcome.rejects, []);
                assert_eq!(outcome.rows().len(), 700);
                answers.push((format!("{name} shuffled {shuffled} {effort:?}"), outcome.csv));
            }
        }
    }
    let (_, first) = &answers[0];
    assert!(
        first.contains(",true,") && first.contains(",false,"),
        "a history that decides nothing proves nothing"
    );
    for (how, answer) in &answers {
        assert!(answer == first, "{how}");
    }
}

#[test]
fn whole_number_ids_are_sorted_as_text_in_the_end() {
    let bench = Bench::with(AGREEMENT);
    let plan = HistoryPlan {
        whole_ids: true,
        ..PLAN
    };
    plan.write_events(&bench.path("sorted.parquet"), HistoryFormat::Parquet)
        .expect("written");
    HistoryPlan {
        shuffled: true,
        ..plan
    }
    .write_events(&bench.path("shuffled.csv"), HistoryFormat::Csv)
    .expect("written");
    let (sorted, shuffled) = (
        bench.score(None, Some("sorted.parquet")),
        bench.score(None, Some("shuffled.csv")),
    );
    assert!(sorted.rows().is_sorted());
    assert!(sorted.csv == shuffled.csv);
}

/// Enough leads for every thread to have several batches, the last of them not full.
#[test]
fn fits_are_those_of_their_leads_on_any_number_of_threads() {
    let plan = HistoryPlan {
        leads: 20_011,
        ..PLAN
    };
    let mut bench = Bench::with(AGREEMENT);
    plan.write_leads(&bench.path("leads.csv")).expect("written");
    bench.effort = threads(1);
    let alone = bench.score(Some("leads.csv"), None);
    assert_eq!(alone.rows().len(), 20_011);
    let fits: std::collections::BTreeSet<_> = alone.rows().iter().map(|row| row.split(',').nth(1)).collect();
    assert!(fits.len() > 3, "{fits:?}");
    for count in [2, 5] {
        bench.effort = threads(count);
        assert!(
            bench.score(Some("leads.csv"), None).csv == alone.csv,
            "{count} threads"
        );
    }
}

//! The engine alone, in memory, on one core: `bench_engine [--events N] [--leads N] [--rounds N] [--seed N]`. Prints one
//! line of JSON with the best round's events a second, of processor time where the system tells it, so that a busy machine
//! doesn't show, else by the clock. Signatures are worked out before the clock starts, as a replay
//! does once for a whole history.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{EventKind, EventView, Points, Properties, Timestamp, Traits};
use bellwether_core::engine::{Engine, Fit, LeadState, Signature};
use bellwether_testkit::history::{EVENT_NAMES, HistoryEvent, HistoryPlan};

const AGREEMENT: &str = include_str!("bench_agreement.toml");

fn main() -> ExitCode {
    let number = |name: &str, default: u64| {
        let mut words = std::env::args().skip_while(|word| word != name).skip(1);
        words.next().and_then(|word| word.parse().ok()).unwrap_or(default)
    };
    let plan = HistoryPlan {
        events: number("--events", 10_000_000),
        leads: number("--leads", 500_000).max(1),
        seed: number("--seed", 1),
        whole_ids: false,
        shuffled: false,
    };
    let Ok(agreement) = Agreement::parse(AGREEMENT) else {
        eprintln!("error: the benchmark's agreement can't be used");
        return ExitCode::from(1);
    };
    let engine = Engine::new(Arc::new(agreement));
    let none = Properties::new();
    let signatures = EVENT_NAMES.map(|name| {
        engine.classify(&EventView {
            kind: EventKind::Track,
            name,
            path: None,
            properties: &none,
        })
    });
    let history: Vec<HistoryEvent> = plan.sorted_events().collect();
    let mut best = f64::INFINITY;
    let mut outcome = (0, Points::ZERO);
    let clock = Instant::now();
    for _ in 0..number("--rounds", 5) {
        let now = || processor_seconds().unwrap_or_else(|| clock.elapsed().as_secs_f64());
        let begun = now();
        outcome = fold(&engine, &signatures, &history);
        best = best.min(now() - begun);
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate is printed to three digits")]
    let rate = history.len() as f64 / best;
    println!(
        r#"{{"bench":"engine","events":{},"leads":{},"seconds":{best:.4},"events_per_second":{rate:.0},"qualified":{},"points":"{}"}}"#,
        history.len(),
        plan.leads,
        outcome.0,
        outcome.1
    );
    ExitCode::SUCCESS
}

/// The processor time of this thread so far; Linux alone tells it in a file.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split(' ').next()?.parse().ok()?;
    Some(std::time::Duration::from_nanos(nanoseconds).as_secs_f64())
}

/// Folds every lead; how many qualified, and all scores' sum, which keeps the work from being left out.
fn fold(engine: &Engine, signatures: &[Signature], history: &[HistoryEvent]) -> (u64, Points) {
    let t = history
        .iter()
        .map(|event| event.ms)
        .max()
        .map_or(Timestamp::MIN, Timestamp::from_ms_clamped);
    let fit: Fit = engine.fit(&Traits::new());
    let mut state: LeadState<&Signature> = LeadState::new(engine);
    let (mut qualified, mut sum) = (0, Points::ZERO);
    for events in history.chunk_by(|a, b| a.lead == b.lead) {
        state.clear(engine);
        state.known_from_the_beginning(engine);
        state.learn_from_the_beginning(engine, fit);
        for event in events {
            state.event(
                engine,
                Timestamp::from_ms_clamped(event.ms),
                &signatures[event.name],
            );
        }
        qualified += u64::from(state.qualification(engine).is_some());
        sum = sum + engine.score(&state, t).total();
    }
    (qualified, sum)
}

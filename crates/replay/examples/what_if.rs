//! One agreement after the other on a history that is in memory already: `what_if --events FILE [--leads FILE] [--threads N]
//! [--rounds N] AGREEMENT...`. Prints a line of JSON for each agreement: how long reading took, how long judging took in the
//! fastest round, by the clock and in processor time, and how many events a second that is by the clock.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use bellwether_core::agreement::Agreement;
use bellwether_core::engine::Engine;
use bellwether_replay::{Chronicle, ColumnMap, Effort, Input, Rejects, Source};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

fn run() -> Result<(), String> {
    let (mut leads, mut events, mut agreements) = (None, None, Vec::new());
    let (mut rounds, mut effort) = (7, Effort::default());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("`{text}` is not a number"));
        match word.as_str() {
            "--leads" => leads = Some(source(&value()?)?),
            "--events" => events = Some(source(&value()?)?),
            "--rounds" => rounds = number(value()?)?,
            "--threads" => effort.threads = NonZeroUsize::new(number(value()?)?).unwrap_or(NonZeroUsize::MIN),
            _ => agreements.push(word),
        }
    }
    let input = Input {
        leads,
        events,
        columns: ColumnMap::default(),
        as_of: None,
    };
    let mut rejects = Rejects::new(None, false).map_err(|error| error.to_string())?;
    let begun = Instant::now();
    let chronicle =
        Chronicle::read(&input, effort, &mut rejects, &|_| {}).map_err(|error| error.to_string())?;
    let read = begun.elapsed().as_secs_f64();
    for file in agreements {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let agreement = Agreement::parse(&text).map_err(|_| format!("`{file}` can't be used"))?;
        let engine = Engine::new(Arc::new(agreement));
        let (mut first, mut best, mut qualified) = (None, f64::INFINITY, 0);
        let mut worked_least = f64::INFINITY;
        for _ in 0..rounds.max(1) {
            let (begun, worked) = (Instant::now(), processor_seconds());
            let judged = chronicle.judge(&engine, chronicle.latest(), effort.threads);
            let took = begun.elapsed().as_secs_f64();
            first.get_or_insert(took);
            best = best.min(took);
            worked_least = worked_least.min(processor_seconds() - worked);
            qualified = judged
                .leads
                .iter()
                .filter(|verdict| verdict.qualified.is_some())
                .count();
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate is printed to three digits")]
        let rate = chronicle.events() as f64 / best;
        println!(
            r#"{{"bench":"what_if","agreement":"{file}","events":{},"leads":{},"threads":{},"read_seconds":{read:.3},"first_seconds":{:.4},"seconds":{best:.4},"processor_seconds":{worked_least:.2},"events_per_second":{rate:.0},"qualified":{qualified}}}"#,
            chronicle.events(),
            chronicle.leads(),
            effort.threads,
            first.unwrap_or_default(),
        );
    }
    Ok(())
}

/// The processor time of this process so far, to the hundredth; Linux alone tells it in a file.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn source(path: &str) -> Result<Source, String> {
    Source::new(Path::new(path)).map_err(|error| error.to_string())
}

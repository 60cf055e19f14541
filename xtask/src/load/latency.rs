//! Single events at a steady rate, whatever the server does: an event's time counts from the moment at which it was due,
//! so a server that stalls is not spared the events that wait behind the stall.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};

use super::{
    Target,
    connection::Connection,
    events::{Stream, run_number},
    throughput,
};
use crate::bench::table::{grouped, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// How many events a second
    #[arg(long, default_value_t = 1_000)]
    rate: u32,

    /// For how long
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

/// Leads are made known in batches of this size before the measurement.
const IDENTIFY_BATCH: u32 = 100;

/// Lets every connection open before the first event is due.
const START_DELAY: Duration = Duration::from_millis(200);

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let run = run_number();
    throughput::make_leads_known(&arguments.target, IDENTIFY_BATCH, run)?;
    let mut latencies_us = send(arguments, run)?;
    latencies_us.sort_unstable();
    let target = &arguments.target;
    let command = format!(
        "cargo xtask load latency --url … --write-key … --leads {} --connections {} --rate {} --seconds {}",
        target.leads, target.connections, arguments.rate, arguments.seconds
    );
    let heads = ["events", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"];
    let mut row = vec![grouped(latencies_us.len() as u64)];
    row.extend([50, 90, 99].map(|percent| millis(&latencies_us, percent)));
    row.push(permille(&latencies_us, 999));
    row.push(millis(&latencies_us, 100));
    print("From when an event is due to its 200", &command, &heads, &[row]);
    Ok(())
}

fn send(arguments: &Arguments, run: u64) -> Result<Vec<u128>> {
    let target = &arguments.target;
    let start = Instant::now() + START_DELAY;
    let results: Vec<Result<Vec<u128>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..target.connections)
            .map(|number| scope.spawn(move || send_on_one(arguments, run, number, start)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(anyhow!("a sender panicked")))
            })
            .collect()
    });
    let latencies: Result<Vec<Vec<u128>>> = results.into_iter().collect();
    Ok(latencies?.concat())
}

/// Sends every n-th event of the schedule, where n is the number of connections.
fn send_on_one(arguments: &Arguments, run: u64, number: u32, start: Instant) -> Result<Vec<u128>> {
    let target = &arguments.target;
    let mut connection = Connection::open(&target.url, &target.write_key)?;
    let mut stream = Stream::new(run, number + target.connections, target.leads);
    let mut body = String::new();
    let mut latencies_us = Vec::new();
    let events = arguments.rate * arguments.seconds;
    for event in (number..events).step_by(target.connections as usize) {
        let due = start + Duration::from_secs(1) * event / arguments.rate;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let route = stream.single(&mut body);
        let answer = connection
            .post(route, &body)
            .context("an event was not answered")?;
        if answer.status != 200 {
            bail!(
                "an event was answered with {}: {}",
                answer.status,
                connection.last_body()
            );
        }
        latencies_us.push(due.elapsed().as_micros());
    }
    Ok(latencies_us)
}

/// The percentile of sorted microseconds, in milliseconds with two decimals.
pub(super) fn millis(sorted_us: &[u128], percent: usize) -> String {
    permille(sorted_us, percent * 10)
}

pub(super) fn permille(sorted_us: &[u128], permille: usize) -> String {
    // The nearest rank: the smallest value that so many of the values don't exceed.
    let rank = (sorted_us.len() * permille).div_ceil(1_000).max(1);
    match sorted_us.get(rank - 1) {
        Some(us) => format!("{}.{:02}", us / 1_000, us % 1_000 / 10),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let sorted: Vec<u128> = (1..=1_000).map(|ms| ms * 1_000).collect();
        assert_eq!(
            [50, 99, 100].map(|percent| millis(&sorted, percent)),
            ["500.00", "990.00", "1000.00"]
        );
        assert_eq!(permille(&sorted, 999), "999.00");
        assert_eq!(millis(&[1_234], 50), "1.23");
        assert_eq!(millis(&[], 50), "-");
    }
}

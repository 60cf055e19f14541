//! Batches as fast as the server takes them, each connection with one request under way.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};

use super::{
    Target,
    connection::Connection,
    events::{Stream, run_number},
};
use crate::bench::table::{grouped, per_second, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// How long to send, after every lead is known
    #[arg(long, default_value_t = 20)]
    seconds: u64,

    /// How many events a batch has
    #[arg(long, default_value_t = 100)]
    batch: u32,
}

/// What one connection did.
#[derive(Default)]
struct Done {
    events: u64,
    /// Answers 429 and 503: the batch was sent again.
    put_off: u64,
    batches_us: Vec<u128>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let run = run_number();
    let known = make_known(arguments, run)?;
    let sent = send(arguments, run)?;
    let target = &arguments.target;
    let command = format!(
        "cargo xtask load throughput --url … --write-key … --leads {} --connections {} --batch {} --seconds {}",
        target.leads, target.connections, arguments.batch, arguments.seconds
    );
    let heads = [
        "phase",
        "events",
        "seconds",
        "events/s",
        "batch p50 ms",
        "batch p99 ms",
        "put off",
    ];
    let rows = [known.row("identify every lead"), sent.row("pages and actions")];
    print(
        "Ingest over HTTP, durable before the 200",
        &command,
        &heads,
        &rows,
    );
    Ok(())
}

/// One phase of all connections.
struct Phase {
    took: Duration,
    done: Done,
}

impl Phase {
    fn row(&self, name: &str) -> Vec<String> {
        vec![
            name.to_owned(),
            grouped(self.done.events),
            format!("{:.1}", self.took.as_secs_f64()),
            grouped(per_second(self.done.events, self.took.as_micros())),
            super::latency::millis(&self.done.batches_us, 50),
            super::latency::millis(&self.done.batches_us, 99),
            grouped(self.done.put_off),
        ]
    }
}

/// Has every lead identified, in batches that the connections share out among themselves.
pub(super) fn make_leads_known(target: &Target, batch: u32, run: u64) -> Result<()> {
    let arguments = Arguments {
        target: target.clone(),
        seconds: 0,
        batch,
    };
    make_known(&arguments, run).map(|_| ())
}

fn make_known(arguments: &Arguments, run: u64) -> Result<Phase> {
    let leads = arguments.target.leads;
    let next = AtomicU32::new(0);
    on_connections(&arguments.target, |number, connection, done| {
        let mut stream = Stream::new(run, number, leads);
        let mut body = String::new();
        loop {
            let from = next.fetch_add(arguments.batch, Ordering::Relaxed);
            if from >= leads {
                return Ok(());
            }
            let to = leads.min(from + arguments.batch);
            stream.identify(from..to, &mut body);
            post_batch(connection, &body, to - from, done)?;
        }
    })
}

fn send(arguments: &Arguments, run: u64) -> Result<Phase> {
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    on_connections(&arguments.target, |number, connection, done| {
        // Streams of this phase are numbered on from those that identified, so that no message id comes twice.
        let number = number + arguments.target.connections;
        let mut stream = Stream::new(run, number, arguments.target.leads);
        let mut body = String::new();
        while Instant::now() < end {
            stream.batch(arguments.batch, &mut body);
            post_batch(connection, &body, arguments.batch, done)?;
        }
        Ok(())
    })
}

/// Runs the work on every connection, each on a thread, and adds up what they did.
fn on_connections(
    target: &Target,
    work: impl Fn(u32, &mut Connection, &mut Done) -> Result<()> + Sync,
) -> Result<Phase> {
    let start = Instant::now();
    let results: Vec<Result<Done>> = thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..target.connections)
            .map(|number| {
                scope.spawn(move || {
                    let mut connection = Connection::open(&target.url, &target.write_key)?;
                    let mut done = Done::default();
                    work(number, &mut connection, &mut done)?;
                    Ok(done)
                })
            })
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
    let mut all = Done::default();
    for result in results {
        let done = result?;
        all.events += done.events;
        all.put_off += done.put_off;
        all.batches_us.extend(done.batches_us);
    }
    all.batches_us.sort_unstable();
    Ok(Phase {
        took: start.elapsed(),
        done: all,
    })
}

/// Posts until the batch is taken; a 429 or 503 is waited out as the server asks.
fn post_batch(connection: &mut Connection, body: &str, events: u32, done: &mut Done) -> Result<()> {
    loop {
        let start = Instant::now();
        let answer = connection
            .post("/v1/batch", body)
            .context("a batch was not answered")?;
        match answer.status {
            200 => {
                done.events += u64::from(events);
                done.batches_us.push(start.elapsed().as_micros());
                return Ok(());
            }
            429 | 503 => {
                done.put_off += 1;
                thread::sleep(answer.retry_after);
            }
            status => bail!("a batch was answered with {status}: {}", connection.last_body()),
        }
    }
}

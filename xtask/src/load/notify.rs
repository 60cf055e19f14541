//! How long it takes from an event to the message about the lead that it qualified, on the receiver's socket, while others
//! come in at a steady rate. It counts from when the batch that held the event was due to be sent: decoding, waiting for a
//! group and committing are part of it.

use std::{
    net::TcpListener,
    sync::{
        Mutex,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};

use super::{
    Target,
    connection::Connection,
    events::{Stream, run_number},
    latency::{millis, permille},
    receiver::{self, Received},
    throughput,
};
use crate::bench::table::{grouped, print};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// Where to receive what the server's webhook sends, such as `127.0.0.1:9090`
    #[arg(long)]
    listen: String,

    /// How many events a second
    #[arg(long, default_value_t = 5_000)]
    rate: u32,

    /// How many events a batch has
    #[arg(long, default_value_t = 10)]
    batch: u32,

    /// For how long
    #[arg(long, default_value_t = 30)]
    seconds: u32,
}

/// Leads are made known in batches of this size before the measurement.
const IDENTIFY_BATCH: u32 = 100;
/// Lets every connection open before the first batch is due.
const START_DELAY: Duration = Duration::from_millis(200);
/// Nothing for this long after the last event means that every message has come.
const SILENCE: Duration = Duration::from_secs(3);

/// When each lead's latest event was due to be sent.
type Sent = Mutex<Vec<Option<Instant>>>;

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let (sender, received) = channel();
    let listener = TcpListener::bind(&arguments.listen).context("cannot listen for messages")?;
    receiver::start(listener, sender);
    let run = run_number();
    throughput::make_leads_known(&arguments.target, IDENTIFY_BATCH, run)?;
    // What identifying led to isn't measured.
    while received.recv_timeout(SILENCE).is_ok() {}
    let sent: Sent = Mutex::new(vec![None; arguments.target.leads as usize]);
    let (late_us, waits_us) = thread::scope(|scope| {
        let sent = &sent;
        let waits = scope.spawn(move || waits(&received, sent));
        let late = send(arguments, run, sent);
        let waits = waits
            .join()
            .unwrap_or_else(|_| Err(anyhow!("the receiver panicked")));
        anyhow::Ok((late?, waits?))
    })?;
    show(arguments, &late_us, &waits_us);
    Ok(())
}

fn show(arguments: &Arguments, late_us: &[u128], waits_us: &[u128]) {
    let target = &arguments.target;
    let command = format!(
        "cargo xtask load notify --url … --write-key … --listen … --leads {} --connections {} --rate {} --batch {} --seconds {}",
        target.leads, target.connections, arguments.rate, arguments.batch, arguments.seconds
    );
    let heads = [
        "what", "count", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms",
    ];
    let row = |what: &str, us: &[u128]| {
        let mut row = vec![what.to_owned(), grouped(us.len() as u64)];
        row.extend([50, 90, 99].map(|percent| millis(us, percent)));
        row.push(permille(us, 999));
        row.push(millis(us, 100));
        row
    };
    let rows = [
        row("event due → message at its receiver", waits_us),
        row("batch due → its 200", late_us),
    ];
    print("Handoffs told of, under load", &command, &heads, &rows);
}

/// Sends the batches as they are due; how long each took to its 200, sorted.
fn send(arguments: &Arguments, run: u64, sent: &Sent) -> Result<Vec<u128>> {
    let start = Instant::now() + START_DELAY;
    let results: Vec<Result<Vec<u128>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.target.connections)
            .map(|number| scope.spawn(move || send_on_one(arguments, run, number, start, sent)))
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
    let late: Result<Vec<Vec<u128>>> = results.into_iter().collect();
    let mut late_us = late?.concat();
    late_us.sort_unstable();
    Ok(late_us)
}

/// Sends every n-th batch of the schedule, where n is the number of connections.
fn send_on_one(
    arguments: &Arguments,
    run: u64,
    number: u32,
    start: Instant,
    sent: &Sent,
) -> Result<Vec<u128>> {
    let target = &arguments.target;
    let mut connection = Connection::open(&target.url, &target.write_key)?;
    let mut stream = Stream::new(run, number + target.connections, target.leads);
    let mut body = String::new();
    let mut late_us = Vec::new();
    let batches = arguments.rate * arguments.seconds / arguments.batch;
    for batch in (number..batches).step_by(target.connections as usize) {
        let due = start + Duration::from_secs(1) * batch * arguments.batch / arguments.rate;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.batch(arguments.batch, &mut body);
        note(sent, stream.named(), due)?;
        let answer = connection
            .post("/v1/batch", &body)
            .context("a batch was not answered")?;
        if answer.status != 200 {
            bail!(
                "a batch was answered with {}: {}",
                answer.status,
                connection.last_body()
            );
        }
        late_us.push(due.elapsed().as_micros());
    }
    Ok(late_us)
}

fn note(sent: &Sent, leads: &[u32], due: Instant) -> Result<()> {
    let mut sent = sent.lock().map_err(|_| anyhow!("a sender panicked"))?;
    for lead in leads {
        if let Some(at) = sent.get_mut(*lead as usize) {
            *at = Some(due);
        }
    }
    Ok(())
}

/// How long each message took since its lead's latest event was due, sorted; until nothing comes any more.
fn waits(received: &Receiver<Received>, sent: &Sent) -> Result<Vec<u128>> {
    let mut waits_us = Vec::new();
    loop {
        match received.recv_timeout(START_DELAY + SILENCE) {
            Ok(message) => {
                let sent = sent.lock().map_err(|_| anyhow!("a sender panicked"))?;
                let due = sent.get(message.lead as usize).copied().flatten();
                waits_us.extend(due.map(|due| message.at.saturating_duration_since(due).as_micros()));
            }
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => bail!("the receiver ended"),
        }
    }
    waits_us.sort_unstable();
    Ok(waits_us)
}

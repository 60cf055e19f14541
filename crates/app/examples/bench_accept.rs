//! How many events a second are taken, made durable, scored and handed off, without HTTP: batches of 100 over 50,000
//! leads, several callers at once. `cargo run --release -p bellwether-app --example bench_accept [EVENTS] [DIR]`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bellwether_app::{App, FactBody, IncomingFact, Keys, Options, Role, SourceId, Submission};
use bellwether_core::domain::{Event, EventKind, Number, Properties, Timestamp, TraitSource, Traits, Value};

// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LEADS: u64 = 50_000;
const BATCH_EVENTS: u64 = 100;
const CALLERS: u64 = 32;
const START_MS: i64 = 1_780_272_000_000;
const AGREEMENT: &str = include_str!("../../../examples/agreements/saas-fit-intent.toml");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let events: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let directory = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("bellwether-bench"), PathBuf::from);
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let app = App::open(Options::new(directory.clone(), AGREEMENT.to_owned()))?;
    let figures = runtime.block_on(run(app, events))?;
    println!("{figures}");
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

async fn run(app: App, events: u64) -> Result<String, Box<dyn std::error::Error>> {
    for name in ["ann", "bob", "cid"] {
        let user = app
            .create_user(
                name,
                &format!("{name}@seller.example"),
                "correct horse",
                Role::Sales,
            )
            .await?;
        for team in ["sdr", "sales", "ae"] {
            app.add_member(team, user.id, 1).await?;
        }
    }
    let next = Arc::new(AtomicU64::new(0));
    let batches = events / BATCH_EVENTS;
    let (began, before) = (Instant::now(), used());
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (app, next) = (app.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                let mut slowest_ms = 0.0_f64;
                loop {
                    let batch = next.fetch_add(1, Ordering::Relaxed);
                    if batch >= batches {
                        return slowest_ms;
                    }
                    let submission = submission(batch);
                    let sent = Instant::now();
                    if let Err(error) = app.accept(submission).await {
                        eprintln!("{error}");
                    }
                    slowest_ms = slowest_ms.max(sent.elapsed().as_secs_f64() * 1e3);
                }
            })
        })
        .collect();
    let mut slowest_ms = 0.0_f64;
    for caller in callers {
        slowest_ms = slowest_ms.max(caller.await?);
    }
    let seconds = began.elapsed().as_secs_f64();
    let (cpu_us, bytes) = used();
    let (cpu_us, bytes) = (
        cpu_us.saturating_sub(before.0) / events.max(1),
        bytes.saturating_sub(before.1) / events.max(1),
    );
    let (single_p50, single_p99) = singles(&app, batches).await;
    let counts = app.counts().await?;
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = events as f64 / seconds;
    Ok(format!(
        "{events} events in {seconds:.2} s: {rate:.0} events/s, {cpu_us} µs of processor time and {bytes} bytes written each; slowest batch {slowest_ms:.0} ms; one event alone: \
         p50 {single_p50:.2} ms, p99 {single_p99:.2} ms; {} accepted, {} handoffs open",
        counts.facts_accepted, counts.handoffs_open
    ))
}

/// The processor time of the process in microseconds, and the bytes that it wrote to files; nothing where the system
/// doesn't say.
fn used() -> (u64, u64) {
    const TICK_US: u64 = 10_000;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = ticks
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let written = io
        .lines()
        .find_map(|line| line.strip_prefix("wchar: ")?.parse().ok());
    (ticks * TICK_US, written.unwrap_or(0))
}

/// One event after another, each waited for.
async fn singles(app: &App, batches: u64) -> (f64, f64) {
    let mut waits_ms = Vec::new();
    for n in 0..1_000 {
        let mut one = submission(batches + n);
        one.facts.truncate(1);
        let sent = Instant::now();
        if let Err(error) = app.accept(one).await {
            eprintln!("{error}");
        }
        waits_ms.push(sent.elapsed().as_secs_f64() * 1e3);
    }
    waits_ms.sort_by(f64::total_cmp);
    (waits_ms[500], waits_ms[990])
}

fn submission(batch: u64) -> Submission {
    let first = batch * BATCH_EVENTS;
    let received_at = at(first + BATCH_EVENTS);
    Submission {
        source: SourceId(1),
        speaker: TraitSource::Stated,
        received_at,
        findings: Vec::new(),
        facts: (first..first + BATCH_EVENTS).map(fact).collect(),
    }
}

fn at(event: u64) -> Timestamp {
    Timestamp::from_ms_clamped(START_MS + i64::try_from(event).unwrap_or(0) * 10)
}

/// A lead's first fact is an identify call for every fifth lead; the rest are page views and track events.
fn fact(n: u64) -> IncomingFact {
    let draw = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let lead = (draw >> 20) % LEADS;
    let ts = at(n);
    let anonymous_id = Some(format!("5a2c1e7e-0000-4000-8000-{lead:012}"));
    let user_id = lead.is_multiple_of(5).then(|| format!("user-{lead}"));
    let identifies = user_id.is_some() && (draw >> 50).is_multiple_of(10);
    let body = if identifies {
        FactBody::Identify(traits(lead))
    } else {
        FactBody::Event(event(draw, ts))
    };
    IncomingFact {
        message_id: format!("ajs-next-{draw:016x}-{n:012}"),
        ts,
        original_at: Some(ts),
        sent_at: Some(ts),
        keys: Keys {
            anonymous_id,
            user_id,
            ..Keys::default()
        },
        seen_from: None,
        context_traits: Traits::new(),
        body,
    }
}

fn traits(lead: u64) -> Traits {
    let text = |name: &str, value: String| (name.to_owned(), Value::Text(value));
    let titles = ["VP Marketing", "Director of Sales", "Engineer", "Student"];
    let title = titles[usize::try_from(lead / 5 % 4).unwrap_or(0)];
    Traits::from([
        text("email", format!("p{lead}@company{}.example", lead / 10)),
        text("title", title.to_owned()),
        text("first_name", format!("First{lead}")),
        text("last_name", format!("Last{lead}")),
        (
            "employees".to_owned(),
            Number::new(250.0).map_or(Value::Bool(true), Value::Number),
        ),
    ])
}

fn event(draw: u64, ts: Timestamp) -> Event {
    let text = |name: &str, value: &str| (name.to_owned(), Value::Text(value.to_owned()));
    let paths = [
        "/",
        "/pricing",
        "/blog/a",
        "/blog/b",
        "/docs/start",
        "/customers/acme",
        "/careers/dev",
        "/about",
    ];
    let names = [
        "Asset Downloaded",
        "Webinar Attended",
        "Video Watched",
        "Trial Started",
        "Email Opened",
        "Clicked",
    ];
    let pick = usize::try_from(draw >> 40 & 0xff).unwrap_or(0);
    let properties = Properties::from([
        text("url", "https://www.acme.example/some/page?utm_source=x"),
        text("referrer", "https://www.search.example/"),
        text("title", "A page of the site"),
        text("search", "?utm_source=x"),
        (
            "width".to_owned(),
            Number::new(1_280.0).map_or(Value::Bool(true), Value::Number),
        ),
    ]);
    let asks = (draw >> 28).is_multiple_of(100);
    let is_page = !asks && !pick.is_multiple_of(3);
    Event {
        ts,
        kind: if is_page {
            EventKind::Page
        } else {
            EventKind::Track
        },
        name: match (asks, is_page) {
            (true, _) => "Demo Requested",
            (_, true) => "page",
            _ => names[pick % names.len()],
        }
        .to_owned(),
        path: is_page.then(|| paths[pick % paths.len()].to_owned()),
        properties,
    }
}

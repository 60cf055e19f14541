//! Timers: `bench_timers [--pending N] [--handoffs N] [--idle-seconds N]`. With so many timers pending in a far future, what an
//! idle process uses; then how late the steps of real handoffs' clocks are taken, spread over 20 s and all at one instant.
//! Prints one line of JSON. Pending timers are rows that are never due; what fires is what handoffs set.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use bellwether_app::{
    App, Clock as _, FactBody, HandoffId, IncomingFact, Keys, Options, Role, SourceId, Submission,
    SystemClock,
};
use bellwether_core::domain::{Event, EventKind, Properties, Timestamp, TraitSource, Traits};
use bellwether_store::Db;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const AGREEMENT: &str = r#"
[agreement]
name = "Timers"
timezone = "UTC"

[[intent]]
name = "Demo"
level = "high"
on = "Demo Requested"
points = 40
max = 1

[qualify]
intent = 20

[[route]]
name = "Everyone"
team = "sdr"
pick = "round_robin"

[[sla]]
name = "At once"
first_contact = "20s"
escalate = [{ at = 100, notify = "owner" }]

[[rejection]]
reason = "No budget"
"#;

/// Over how long the handoffs of the first part come.
const SPREAD_S: u64 = 20;
/// How long each handoff's clock runs, as the agreement says.
const CLOCK: Duration = Duration::from_secs(20);
/// How long to wait for steps beyond their time.
const GRACE: Duration = Duration::from_secs(5);
const FAR: Duration = Duration::from_hours(9_600);

struct Plan {
    pending: u64,
    handoffs: u64,
    idle: Duration,
}

fn main() -> ExitCode {
    let number = |name: &str, default: u64| {
        let mut words = std::env::args().skip_while(|word| word != name).skip(1);
        words.next().and_then(|word| word.parse().ok()).unwrap_or(default)
    };
    let plan = Plan {
        pending: number("--pending", 1_000_000),
        handoffs: number("--handoffs", 2_000),
        idle: Duration::from_secs(number("--idle-seconds", 10)),
    };
    match tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(&plan)))
    {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(plan: &Plan) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let empty = open(folder.path())?;
    let none = idle(plan.idle);
    drop(empty);
    fill(folder.path(), plan.pending)?;
    let app = open(folder.path())?;
    let pending = idle(plan.idle);
    for name in ["ann", "bob", "eve"] {
        let email = format!("{name}@seller.example");
        let user = app
            .create_user(name, &email, "correct horse", Role::Sales)
            .await?;
        app.add_member("sdr", user.id, 1).await?;
    }
    spread(&app, plan.handoffs).await?;
    let spread = Lags::of(&app, 0, plan.handoffs).await?;
    burst(&app, plan.handoffs).await?;
    let burst = Lags::of(&app, plan.handoffs, plan.handoffs).await?;
    Ok(format!(
        r#"{{"bench":"timers","pending":{},"idle_cpu_permille":{pending},"idle_cpu_permille_without":{none},"fired":{},"late_ms_p50":{},"late_ms_p99":{},"late_ms_max":{},"burst":{},"burst_late_ms_max":{}}}"#,
        plan.pending,
        spread.0.len(),
        spread.permille(500),
        spread.permille(990),
        spread.permille(1_000),
        burst.0.len(),
        burst.permille(1_000),
    ))
}

fn open(folder: &std::path::Path) -> Result<App> {
    Ok(App::open(Options::new(folder.to_owned(), AGREEMENT.to_owned()))?)
}

/// Writes timers of handoffs that nobody will ever see, due in a year and later.
fn fill(folder: &std::path::Path, pending: u64) -> Result<()> {
    const FIRST_SUBJECT: i64 = 1 << 40;
    let db = Db::open_writer(folder)?;
    let far = SystemClock.now().ms() + i64::try_from(FAR.as_millis())?;
    db.begin()?;
    for number in 0..i64::try_from(pending)? {
        db.put_timer(
            "escalate",
            FIRST_SUBJECT + number,
            Timestamp::from_ms_clamped(far + number),
        )?;
    }
    db.commit()?;
    Ok(())
}

/// How many thousandths of one processor the process uses while nothing comes in.
fn idle(time: Duration) -> u64 {
    // What opening left to do is over by then.
    std::thread::sleep(Duration::from_secs(2));
    let before = processor_ms();
    let begun = Instant::now();
    std::thread::sleep(time);
    let used = processor_ms().saturating_sub(before);
    used * 1_000
        / u64::try_from(begun.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1)
}

/// The processor time of this process so far. Linux alone tells it in a file; elsewhere it is nothing.
fn processor_ms() -> u64 {
    const MS_PER_TICK: u64 = 10;
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * MS_PER_TICK
}

/// Hands leads off at a steady rate, and waits until the last clock has run out.
async fn spread(app: &App, handoffs: u64) -> Result<()> {
    const STEPS: u64 = 100;
    let mut tick = tokio::time::interval(Duration::from_secs(SPREAD_S) / u32::try_from(STEPS)?);
    for step in 0..STEPS {
        tick.tick().await;
        hand_off(app, handoffs * step / STEPS..handoffs * (step + 1) / STEPS).await?;
    }
    let wait = CLOCK + GRACE;
    tokio::time::sleep(wait).await;
    Ok(())
}

/// Hands leads off all at one instant, and waits until their clocks have run out.
async fn burst(app: &App, handoffs: u64) -> Result<()> {
    hand_off(app, handoffs..2 * handoffs).await?;
    tokio::time::sleep(CLOCK + GRACE).await;
    Ok(())
}

/// By how many milliseconds after they were due the steps of these handoffs were taken, sorted.
struct Lags(Vec<i64>);

impl Lags {
    async fn of(app: &App, first: u64, count: u64) -> Result<Self> {
        let mut lags = Vec::new();
        for number in first..first + count {
            let id = HandoffId(i64::try_from(number + 1)?);
            let handoff = app.handoff(id).await?.context("a handoff is missing")?;
            let clock = handoff.clock.context("a handoff has no clock")?;
            let step = clock.steps.first().context("a clock has no step")?;
            let due = step.due_at.context("a step has no time")?;
            let taken = step.taken_at.context("a step wasn't taken")?;
            lags.push(taken.ms() - due.ms());
        }
        lags.sort_unstable();
        Ok(Self(lags))
    }

    fn permille(&self, permille: usize) -> i64 {
        let rank = (self.0.len() * permille).div_ceil(1_000).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }
}

async fn hand_off(app: &App, numbers: std::ops::Range<u64>) -> Result<()> {
    let now = SystemClock.now();
    let facts = numbers
        .map(|number| asks_for_demo(number, now))
        .collect::<Vec<_>>();
    if facts.is_empty() {
        return Ok(());
    }
    let submission = Submission {
        source: SourceId(1),
        speaker: TraitSource::Stated,
        received_at: now,
        facts,
        findings: Vec::new(),
    };
    app.accept(submission)
        .await
        .map_err(|error| anyhow!("{error:?}"))?;
    Ok(())
}

fn asks_for_demo(number: u64, now: Timestamp) -> IncomingFact {
    IncomingFact {
        message_id: format!("demo-{number}"),
        ts: now,
        original_at: None,
        sent_at: None,
        keys: Keys {
            anonymous_id: None,
            user_id: Some(format!("lead-{number}")),
            email: Some(format!("lead{number}@acme.example")),
            external_ids: Vec::new(),
        },
        seen_from: None,
        context_traits: Traits::new(),
        body: FactBody::Event(Event {
            ts: now,
            kind: EventKind::Track,
            name: "Demo Requested".to_owned(),
            path: None,
            properties: Properties::new(),
        }),
    }
}

//! Power cuts at every step: for each thing that the product does, a process of its own is killed (SIGKILL) right before
//! the first statement that SQLite is to run for it, then right before the second, and so on to its end; and where messages
//! are sent, also when a receiver has got one and its answer hasn't left yet.
//!
//! After each kill the product starts on what is left, and whoever had no answer asks again. Then the database must hold
//! what it holds when nobody is killed, row for row: each lead has one handoff in its cycle, each move, step and mail was
//! made once, every timer that is still to fire is there once, and none is that has fired. Between two transactions nothing
//! is half done: what a kill leaves is the whole state before or after one. Each message came at least once, under one id
//! and in the same words. Rows are compared, so how it goes on needn't be: that follows from them and the clock.
//!
//! That every step is met is checked, too: a process writes each step down before it is made, and one that is killed must
//! have made the same steps, up to there, as the one that isn't.

mod operations;
mod state;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use bellwether_app::{App, AppError, Options, Preview};
use bellwether_testkit::clients::{MailServer, WebhookReceiver};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::runtime::Runtime;

use self::operations::{Operation, Places, agreement};
use self::steps::Whose;
use crate::support::{MINUTE_MS, StillClock, World, open};

/// By which the test's own program, started again, knows that it is the one to be killed: where its files are, and before
/// which step it dies.
const FOLDER: &str = "BELLWETHER_CRASH_FOLDER";
const KILL_BEFORE: &str = "BELLWETHER_CRASH_BEFORE";
/// What it writes: the steps, one a line, and a file that is there once its caller had an answer.
const STEPS: &str = "steps";
const ANSWERED: &str = "answered";
const DATA: &str = "data";
/// How often is looked for messages that wait to be sent.
const LOOKS_MAX: u32 = 100_000;
/// When messages that didn't arrive are due again.
const AGAIN_MS: i64 = 10 * MINUTE_MS;

#[test]
fn a_first_start() {
    every_step("crash::a_first_start", Operation::FirstStart);
}

#[test]
fn a_start_after_a_crash() {
    every_step("crash::a_start_after_a_crash", Operation::Start);
}

#[test]
fn handing_off_and_telling_of_it() {
    every_step("crash::handing_off_and_telling_of_it", Operation::HandOff);
}

#[test]
fn accepting() {
    every_step("crash::accepting", Operation::Accept);
}

#[test]
fn accepting_by_a_link() {
    every_step("crash::accepting_by_a_link", Operation::AcceptByLink);
}

#[test]
fn rejecting() {
    every_step("crash::rejecting", Operation::Reject);
}

#[test]
fn a_handoff_that_nobody_answers() {
    every_step("crash::a_handoff_that_nobody_answers", Operation::Expire);
}

#[test]
fn a_step_of_a_clock() {
    every_step("crash::a_step_of_a_clock", Operation::Escalate);
}

#[test]
fn all_steps_of_a_clock_at_once() {
    every_step("crash::all_steps_of_a_clock_at_once", Operation::EscalateLate);
}

#[test]
fn somebody_comes_on_shift() {
    every_step("crash::somebody_comes_on_shift", Operation::TakeUp);
}

#[test]
fn a_step_of_a_track() {
    every_step("crash::a_step_of_a_track", Operation::Nurture);
}

#[test]
fn the_last_step_of_a_track() {
    every_step("crash::the_last_step_of_a_track", Operation::NurtureLast);
}

#[test]
fn timers_of_every_kind_at_once() {
    every_step("crash::timers_of_every_kind_at_once", Operation::AllDue);
}

#[test]
fn sending_mails() {
    every_step("crash::sending_mails", Operation::Mail);
}

#[test]
fn sending_to_a_receiver_that_fails() {
    every_step("crash::sending_to_a_receiver_that_fails", Operation::TellInVain);
}

/// Where a process is killed.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// Right before this step, counted from 0.
    Before(usize),
    /// When this message has come, counted from 0, and its receiver hasn't answered.
    Unanswered(usize),
}

/// What became of one process and of what it left.
struct Life {
    steps: Vec<String>,
    killed: bool,
    answered: bool,
    /// What the database held when the product had started again.
    found: Vec<String>,
    /// What it held when everything had been asked again and every message was sent.
    last: Vec<String>,
    /// What came of each message, by its id.
    heard: BTreeMap<String, String>,
    arrived: usize,
}

fn every_step(test: &'static str, operation: Operation) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return be_killed(Path::new(&folder), operation);
    }
    let bench = Bench::new(test, operation);
    let whole = bench.live(None);
    assert!(!whole.killed && !whole.steps.is_empty());
    let points = (0..whole.steps.len()).map(Kill::Before);
    let points = points.chain((0..whole.arrived).map(Kill::Unanswered));
    let mut found = BTreeSet::new();
    for point in points {
        let life = bench.live(Some(point));
        let place = match point {
            Kill::Before(step) => {
                assert_eq!(life.steps, whole.steps[..=step], "it went another way");
                format!("{operation:?}, killed before step {step}: {}", whole.steps[step])
            }
            Kill::Unanswered(message) => format!("{operation:?}, killed when message {message} had come"),
        };
        assert!(life.killed, "{place}: it wasn't");
        assert!(
            life.last == whole.last,
            "{place}: what it came to differs\n{}",
            state::difference(&whole.last, &life.last)
        );
        let ids = |life: &Life| life.heard.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&life), ids(&whole), "{place}: other messages");
        if life.answered && operation.acknowledges() {
            assert!(
                life.found != bench.before,
                "{place}: it was acknowledged and isn't there"
            );
        }
        found.insert(life.found);
    }
    let states = found.len();
    assert_eq!(
        states,
        operation.changes() + 1,
        "{operation:?}: something is half done"
    );
    println!(
        "{operation:?}: killed before each of {} steps, and with each of {} messages unanswered",
        whole.steps.len(),
        whole.arrived
    );
}

/// The process that is killed: does one thing on a prepared folder.
fn be_killed(folder: &Path, operation: Operation) {
    let before = std::env::var(KILL_BEFORE).ok().map(|step| step.parse().unwrap());
    let log = File::create(folder.join(STEPS)).unwrap();
    let data = folder.join(DATA);
    steps::hear();
    if operation.whose() == Whose::Opener {
        steps::arm(Whose::Opener, before, log);
        drop(start(&data, operation.ms(), 1_000_000, false));
        return;
    }
    // What is to be sent isn't due before it is asked for.
    let (app, clock) = start(&data, operation.ms() - 1, 1_000_000, operation.sends());
    steps::wait_for_start();
    steps::arm(Whose::Committer, before, log);
    clock.set(operation.ms());
    runtime().block_on(operation.ask(&app)).unwrap();
    fs::write(folder.join(ANSWERED), "").unwrap();
    steps::wait_for_commits(operation.commits());
}

fn start(data: &Path, ms: i64, bytes_from: u64, deliver: bool) -> (App, Arc<StillClock>) {
    open(data, &agreement(), ms, bytes_from, |options| {
        set(options, deliver);
    })
}

fn set(options: &mut Options, deliver: bool) {
    options.deliver = deliver;
    options.webhooks_to_private_addresses = true;
    options.public_url = Some("https://bell.example".to_owned());
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Who is killed when a message comes, and what came so far.
#[derive(Default)]
struct Watch {
    child: Option<Pid>,
    kill_at: Option<usize>,
    arrived: usize,
    /// Whether what comes is refused.
    fails: bool,
}

impl Watch {
    /// A message has come: the status to answer with, 0 for nothing.
    fn comes(watch: &Mutex<Watch>) -> u16 {
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        let number = watch.arrived;
        watch.arrived += 1;
        if let Some(child) = watch.child.filter(|_| watch.kill_at == Some(number)) {
            kill(child, Signal::SIGKILL).unwrap();
            return 0;
        }
        if watch.fails { 500 } else { 200 }
    }
}

/// A prepared folder, and receivers of messages.
struct Bench {
    test: &'static str,
    operation: Operation,
    prepared: tempfile::TempDir,
    before: Vec<String>,
    watch: Arc<Mutex<Watch>>,
    webhook: WebhookReceiver,
    mail: MailServer,
    runtime: Runtime,
}

impl Bench {
    fn new(test: &'static str, operation: Operation) -> Self {
        let watch: Arc<Mutex<Watch>> = Arc::default();
        let (of_webhook, of_mail) = (Arc::clone(&watch), Arc::clone(&watch));
        let webhook = WebhookReceiver::answering(move || Watch::comes(&of_webhook));
        let mail = MailServer::answering(move || Watch::comes(&of_mail) == 200);
        let places = Places {
            webhook: webhook.url(),
            mail_port: mail.port(),
        };
        let (runtime, prepared) = (runtime(), tempfile::tempdir().unwrap());
        let mut before = Vec::new();
        if operation != Operation::FirstStart {
            let world = World::with(&agreement(), |options| set(options, false));
            runtime.block_on(operation.prepare(&world, &places));
            before = state::of(world.directory.path());
            let World { app, directory, .. } = world;
            if operation == Operation::Start {
                // As a crash leaves it: the log is still beside the database.
                copy(directory.path(), prepared.path());
                drop(app);
            } else {
                drop(app);
                copy(directory.path(), prepared.path());
            }
        }
        Self {
            test,
            operation,
            prepared,
            before,
            watch,
            webhook,
            mail,
            runtime,
        }
    }

    /// Has a process live until it is killed or done, starts the product on what it left, and lets it finish.
    fn live(&self, kill: Option<Kill>) -> Life {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join(DATA);
        copy(self.prepared.path(), &data);
        let killed = self.run_child(folder.path(), kill);
        let steps = fs::read_to_string(folder.path().join(STEPS)).unwrap();
        let arrived = self.watching(|watch| watch.arrived);
        let mut heard = BTreeMap::new();
        let (app, _) = start(&data, self.operation.ms(), 2_000_000, false);
        let found = state::of(&data);
        if killed {
            self.ask_again(&app, found == self.before);
        }
        if self.operation.sends() {
            drop(app);
            self.send_all(&data);
        } else {
            let mut hear = |id: &str, said: &Preview| hear(&mut heard, id, &said.body);
            self.runtime.block_on(app.deliver_due(&mut hear)).unwrap();
            drop(app);
        }
        self.collect(&mut heard);
        Life {
            steps: steps.lines().map(str::to_owned).collect(),
            killed,
            answered: folder.path().join(ANSWERED).exists(),
            found,
            last: state::of(&data),
            heard,
            arrived,
        }
    }

    /// Whether it was killed.
    fn run_child(&self, folder: &Path, kill: Option<Kill>) -> bool {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([self.test, "--exact", "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::null());
        if let Some(Kill::Before(step)) = kill {
            command.env(KILL_BEFORE, step.to_string());
        }
        let mut child = self.watching(|watch| {
            let child = command.spawn().unwrap();
            *watch = Watch {
                child: Some(Pid::from_raw(i32::try_from(child.id()).unwrap())),
                kill_at: match kill {
                    Some(Kill::Unanswered(message)) => Some(message),
                    _ => None,
                },
                arrived: 0,
                fails: self.operation == Operation::TellInVain,
            };
            child
        });
        let status = child.wait().unwrap();
        self.watching(|watch| {
            watch.child = None;
            watch.fails = false;
        });
        let killed = status.signal() == Some(Signal::SIGKILL as i32);
        assert!(killed || status.success(), "it ended by itself: {status}");
        killed
    }

    /// Whoever had no answer asks again; that it is done already is one.
    fn ask_again(&self, app: &App, must_do: bool) {
        match self.runtime.block_on(self.operation.ask(app)) {
            Ok(()) => {}
            Err(AppError::Conflict { .. } | AppError::Refused { .. }) if !must_do => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the product once more, later, and waits until no message waits.
    fn send_all(&self, data: &Path) {
        let (app, _) = start(data, self.operation.ms() + AGAIN_MS, 3_000_000, true);
        let sent = self.runtime.block_on(async {
            for _ in 0..LOOKS_MAX {
                if app.counts().await.unwrap().outbox_waiting == 0 {
                    return true;
                }
                tokio::task::yield_now().await;
            }
            false
        });
        assert!(sent, "messages wait for ever");
    }

    /// What came to the receivers.
    fn collect(&self, heard: &mut BTreeMap<String, String>) {
        for delivery in self.webhook.rest() {
            let id = delivery.request.header("webhook-id").unwrap();
            hear(heard, id, &String::from_utf8_lossy(&delivery.request.body)).unwrap();
        }
        for mail in self.mail.rest() {
            let said = ["text/plain", "text/html"].map(|part| mail.part(part).unwrap());
            hear(heard, mail.header("message-id").unwrap(), &said.concat()).unwrap();
        }
    }

    fn watching<T>(&self, look: impl FnOnce(&mut Watch) -> T) -> T {
        look(&mut self.watch.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps what a message says; it may come twice, in the same words.
#[expect(clippy::unnecessary_wraps, reason = "it is a receiver, and one may fail")]
fn hear(heard: &mut BTreeMap<String, String>, id: &str, said: &str) -> Result<(), String> {
    let before = heard.insert(id.to_owned(), said.to_owned());
    assert!(
        before.is_none_or(|before| before == said),
        "message {id} came again in other words"
    );
    Ok(())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    // The log last: whatever of it is in the database's file by then is in the copied log as well.
    let mut files: Vec<PathBuf> = fs::read_dir(from)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.retain(|file| !file.ends_with("bellwether.db-shm"));
    files.sort();
    for file in files {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

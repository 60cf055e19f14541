//! The steps of a process at work: every statement that SQLite runs for it, heard of just before it is run, so that the
//! process can end itself there as a power cut would. The product knows nothing of it.
#![expect(
    unsafe_code,
    reason = "SQLite tells of its connections and statements through C alone"
)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::fs::File;
use std::io::Write as _;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rusqlite::ffi;

/// The thread that writes.
const COMMITTER: &str = "committer";
/// What the committer runs after each commit, when it has told everybody of it.
const AFTER_COMMIT: &str = "PRAGMA wal_checkpoint(NOOP)";
/// What the committer does by itself at every start: it looks for leads that are scored by an older agreement, and for old
/// message ids, again and again until it has taken none away.
const LOOKS_FOR_LEADS: &str = "SELECT id FROM lead WHERE id > ?1 AND agreement_version";
const LOOKS_FOR_OLD: &str = "SELECT max(hash)";
const TAKES_OLD_AWAY: &str = "DELETE FROM seen";

/// Whose steps are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The committer's: nobody else writes what decisions depend on.
    Committer,
    /// Those of whoever opens the product.
    Opener,
}

/// Before which step the process ends; never where it is nothing.
pub(super) type KillBefore = Option<usize>;

struct Armed {
    whose: Option<ThreadId>,
    kill_before: KillBefore,
    steps: usize,
    log: File,
}

struct Watch {
    armed: Option<Armed>,
    /// The transactions that were committed since it was armed.
    commits: u32,
    leads: Search,
    old_ids: Search,
}

/// Something that the committer looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Search {
    #[default]
    ToCome,
    /// The transaction that is under way found nothing so far.
    InVain,
    /// There is no more.
    Over,
}

static WATCH: Mutex<Watch> = Mutex::new(Watch {
    armed: None,
    commits: 0,
    leads: Search::ToCome,
    old_ids: Search::ToCome,
});
static CHANGED: Condvar = Condvar::new();

/// Hears of every statement of every connection that this process opens from now on.
pub(super) fn hear() {
    // SAFETY: `on_open` has the signature of an extension's entry point, and neither opens nor closes a database.
    unsafe { rusqlite::auto_extension::register_auto_extension(on_open) }
        .expect("SQLite tells of connections");
}

unsafe extern "C" fn on_open(
    db: *mut ffi::sqlite3,
    _error: *mut *mut c_char,
    _routines: *const ffi::sqlite3_api_routines,
) -> c_int {
    let statements = c_uint::try_from(ffi::SQLITE_TRACE_STMT).unwrap_or_default();
    // SAFETY: SQLite gives the connection that it is just opening; the function stays where it is.
    unsafe { ffi::sqlite3_trace_v2(db, statements, Some(on_statement), std::ptr::null_mut()) }
}

unsafe extern "C" fn on_statement(
    _kind: c_uint,
    _context: *mut c_void,
    _statement: *mut c_void,
    text: *mut c_void,
) -> c_int {
    // SAFETY: for a statement that begins, the last argument is its text, which ends in a zero.
    let text = unsafe { CStr::from_ptr(text.cast::<c_char>()) };
    step(&text.to_string_lossy());
    0
}

/// Counts from now on, and writes each step down before it is run.
pub(super) fn arm(whose: Whose, kill_before: KillBefore, log: File) {
    let mut watch = watch();
    watch.commits = 0;
    watch.armed = Some(Armed {
        whose: (whose == Whose::Opener).then(|| thread::current().id()),
        kill_before,
        steps: 0,
        log,
    });
}

/// Waits until the committer has done what it does by itself at every start.
pub(super) fn wait_for_start() {
    drop(CHANGED.wait_while(watch(), |watch| [watch.leads, watch.old_ids] != [Search::Over; 2]));
}

/// Waits until so many transactions were committed since it was armed.
pub(super) fn wait_for_commits(count: u32) {
    drop(CHANGED.wait_while(watch(), |watch| watch.commits < count));
}

fn watch() -> MutexGuard<'static, Watch> {
    WATCH.lock().unwrap_or_else(PoisonError::into_inner)
}

fn step(text: &str) {
    let thread = thread::current();
    let by_committer = thread.name() == Some(COMMITTER);
    let mut watch = watch();
    if let Some(armed) = &mut watch.armed
        && armed.whose.map_or(by_committer, |whose| whose == thread.id())
    {
        let words: Vec<&str> = text.split_whitespace().collect();
        writeln!(armed.log, "{}", words.join(" ")).expect("the steps can be written down");
        if armed.kill_before == Some(armed.steps) {
            die();
        }
        armed.steps += 1;
    }
    if by_committer {
        watch.follow(text);
        CHANGED.notify_all();
    }
}

impl Watch {
    fn follow(&mut self, text: &str) {
        if text.starts_with(LOOKS_FOR_LEADS) {
            self.leads = Search::InVain;
        } else if text.starts_with(LOOKS_FOR_OLD) {
            self.old_ids = Search::InVain;
        } else if text.starts_with(TAKES_OLD_AWAY) {
            self.old_ids = Search::ToCome;
        } else if text == AFTER_COMMIT {
            self.commits += 1;
            for search in [&mut self.leads, &mut self.old_ids] {
                if *search == Search::InVain {
                    *search = Search::Over;
                }
            }
        }
    }
}

/// Ends the process on the spot: nothing is closed, written or told.
fn die() -> ! {
    kill(Pid::this(), Signal::SIGKILL).expect("a process may kill itself");
    loop {
        thread::park();
    }
}

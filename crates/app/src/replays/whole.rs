//! What one agreement would have done with the database's whole history, and what became of those leads.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use bellwether_core::engine::Engine;
use bellwether_core::hours::LocalDate;
use bellwether_replay::report::{Asked, Background, Dates, Depth, ReplayReport, Window, replay_report};

use crate::columns::StoredHistory;
use crate::shared::{not_committed, shutting_down};
use crate::{App, AppError, agreement};

/// What is asked of a replay.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReplayAsked {
    /// The first day that is looked at, in the agreement's time zone; who had qualified before is left out.
    pub from: Option<LocalDate>,
    /// The last day that is looked at; what leads did later isn't known.
    pub to: Option<LocalDate>,
    /// Whether a lead whose fate isn't known counts as lost.
    pub others_lost: bool,
    /// How many leads sales can work a week; the line that gives at most that is looked for.
    pub capacity: Option<NonZeroU32>,
    /// How many salespeople there are; everybody who takes leads where nothing is said.
    pub people: Option<NonZeroU32>,
}

impl App {
    /// Replays an agreement, the active one where none is given, over the whole history. It must be good: else its problems
    /// are the answer. Nothing where as many are worked out as may be at once.
    pub async fn replay(
        &self,
        source: Option<String>,
        asked: ReplayAsked,
    ) -> Result<Option<ReplayReport>, AppError> {
        let shared = Arc::clone(self.shared());
        let engine = match source {
            Some(source) => agreement::compiled(source).await?.engine,
            None => Arc::clone(&shared.active().engine),
        };
        let dates = Dates::of(engine.agreement());
        let window = Window::of_days(&dates, asked.from, asked.to).ok_or_else(|| AppError::Invalid {
            field: "to",
            message: "`to` is before `from`".to_owned(),
        })?;
        let Some(place) = self.inner.replays.place_now() else {
            return Ok(None);
        };
        let replayed = tokio::task::spawn_blocking(move || {
            let history = shared.history(&|| shared.queue.is_open())?;
            let report = history.map(|history| report(&history, &engine, window, asked));
            drop(place);
            Ok::<_, AppError>(report)
        });
        let report = replayed.await.map_err(|_| not_committed())??;
        report.map(Some).ok_or_else(shutting_down)
    }
}

fn report(history: &StoredHistory, engine: &Engine, window: Window, asked: ReplayAsked) -> ReplayReport {
    let t = window.judged_at(history.chronicle.latest());
    let asked = Asked {
        window,
        others_lost: asked.others_lost,
        capacity: asked.capacity,
        people: asked.people.or(NonZeroU32::new(history.salespeople)),
        depth: Depth::Whole,
    };
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let background = Background::new(&history.chronicle, &history.outcomes, t);
    replay_report(&background, engine, &asked, threads)
}

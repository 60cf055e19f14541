//! A clock that is told the time while history is loaded, and then goes with another.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bellwether_app::Clock;
use bellwether_core::domain::Timestamp;

/// Stands at an instant of the story until it is let go.
pub(crate) struct StoryClock {
    behind: Arc<dyn Clock>,
    /// Milliseconds since the epoch; negative once the clock goes with the one behind it.
    stands_at: AtomicI64,
}

impl StoryClock {
    /// A clock that stands at that instant.
    pub(crate) fn standing_at(at: Timestamp, behind: Arc<dyn Clock>) -> Self {
        Self {
            behind,
            stands_at: AtomicI64::new(at.ms()),
        }
    }

    /// Moves it to a later instant; it never goes back.
    pub(crate) fn advance(&self, to: Timestamp) {
        self.stands_at.fetch_max(to.ms(), Ordering::SeqCst);
    }

    /// From now on it tells the present.
    pub(crate) fn let_go(&self) {
        self.stands_at.store(-1, Ordering::SeqCst);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        match self.stands_at.load(Ordering::SeqCst) {
            gone if gone < 0 => self.behind.now(),
            at => Timestamp::from_ms_clamped(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_ms_clamped(9_000)
        }
    }

    #[test]
    fn it_stands_moves_forward_only_and_is_let_go() {
        let at = Timestamp::from_ms_clamped;
        let clock = StoryClock::standing_at(at(1_000), Arc::new(Fixed));
        assert_eq!(clock.now(), at(1_000));
        clock.advance(at(3_000));
        clock.advance(at(2_000));
        assert_eq!(clock.now(), at(3_000));
        clock.let_go();
        assert_eq!(clock.now(), at(9_000));
    }
}

//! The time and the random bytes of a simulated quarter: set by the simulation, read by the product.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use bellwether_app::{Clock, Entropy};
use bellwether_core::domain::Timestamp;

/// A clock that stands still until the simulation moves it.
#[derive(Debug)]
pub(crate) struct SimClock(AtomicI64);

impl SimClock {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.ms()))
    }

    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.ms(), Ordering::SeqCst);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms_clamped(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that follow from the seed.
#[derive(Debug)]
pub(crate) struct SimEntropy(AtomicU64);

impl SimEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SimEntropy {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        for chunk in bytes.chunks_mut(8) {
            // One step of SplitMix64.
            let mut next = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
            next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            next ^= next >> 31;
            for (byte, drawn) in chunk.iter_mut().zip(next.to_le_bytes()) {
                *byte = drawn;
            }
        }
        true
    }
}

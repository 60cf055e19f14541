//! Chance by a seed: the same seed shuffles and draws alike on any machine.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng as _;

/// Draws whole numbers.
#[derive(Debug, Clone)]
pub(super) struct Seeded(Pcg64Mcg);

impl Seeded {
    /// The draws of one purpose: each has its own, so that a change to one doesn't change the others.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mixed = (u128::from(seed) << 64) | u128::from(purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut seeded = Self(Pcg64Mcg::new(mixed));
        // The generator's first numbers still resemble its seed.
        for _ in 0..8 {
            seeded.0.next_u64();
        }
        seeded
    }

    /// A number under `bound`; 0 where that is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Puts items into an order of chance.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_loses_nothing_and_its_seed_repeats_it() {
        let shuffled = |seed| {
            let mut items: Vec<u32> = (0..100).collect();
            Seeded::new(seed, 1).shuffle(&mut items);
            items
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        let mut sorted = shuffled(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<u32>>());
    }
}

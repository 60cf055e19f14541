//! The simulation's chance: one small generator, given by its seed, so that the same seed makes the same quarter on any machine.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng as _;

/// Draws numbers; integers only, so that no machine's floats can change a quarter.
#[derive(Debug, Clone)]
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    /// The dice of one actor: each has its own, so that a change to one doesn't change the others.
    pub(crate) fn new(seed: u64, actor: u64) -> Self {
        let mixed = (u128::from(seed) << 64) | u128::from(actor.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut dice = Self(Pcg64Mcg::new(mixed));
        // The generator's first numbers still resemble its seed.
        for _ in 0..8 {
            dice.0.next_u64();
        }
        dice
    }

    /// A number under `bound`; 0 where `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + i64::try_from(self.below(span + 1)).unwrap_or(0)
    }

    /// Whether something of that chance in a hundred happens.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let index = self.below(items.len() as u64);
        items[usize::try_from(index).unwrap_or(0)]
    }

    /// One of several, by weight.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(u64, T)]) -> T {
        let total = items.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, item) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        items[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn draws_stay_in_their_range_and_reach_its_ends() {
        let mut dice = Dice::new(1, 1);
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            let drawn = dice.between(-3, 3);
            seen[usize::try_from(drawn + 3).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (800..1_200).contains(count)), "{seen:?}");
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn actors_differ_and_seeds_differ() {
        let row = |seed, actor| {
            let mut dice = Dice::new(seed, actor);
            [(); 4].map(|()| dice.below(1 << 40))
        };
        assert_eq!(row(7, 3), row(7, 3));
        assert_ne!(row(7, 3), row(7, 4));
        assert_ne!(row(7, 3), row(8, 3));
    }
}

//! Resampling a series in blocks, so that what follows what is kept: the stationary bootstrap (Politis & Romano 1994,
//! JASA 89).

use super::super::Undefined;
use crate::chance::Chance;

/// The stationary bootstrap: blocks of geometric length that begin anywhere, on a series closed to a ring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationaryBootstrap {
    /// The probability that a new block begins: one over the mean length.
    restart: f64,
}

impl StationaryBootstrap {
    /// Blocks of this mean length: 1 draws every observation on its own, infinity turns the whole series as one block.
    ///
    /// # Errors
    /// When the length is below 1 or not a number.
    pub fn of_mean_length(block: f64) -> Result<Self, Undefined> {
        if block.is_nan() || block < 1.0 {
            return Err(Undefined("a mean block length is 1 or more"));
        }
        Ok(StationaryBootstrap { restart: 1.0 / block })
    }

    /// Fills `rows` with a resample of the rows of a series of this very length.
    pub fn draw(&self, chance: &mut Chance, rows: &mut [usize]) {
        let length = rows.len();
        let mut row = 0;
        for (place, drawn) in rows.iter_mut().enumerate() {
            let begins = place == 0 || chance.unit() < self.restart;
            row = if begins { chance.below(length as u64) as usize } else { (row + 1) % length };
            *drawn = row;
        }
    }

    /// Cuts `length` rows into consecutive pieces of geometric length and puts them in random order: every row once.
    pub fn shuffle(&self, chance: &mut Chance, length: usize) -> Vec<usize> {
        let mut starts = Vec::new();
        for row in 0..length {
            if row == 0 || chance.unit() < self.restart {
                starts.push(row);
            }
        }
        let ends = starts.iter().skip(1).copied().chain([length]);
        let mut pieces: Vec<std::ops::Range<usize>> =
            starts.iter().copied().zip(ends).map(|(from, to)| from..to).collect();
        for place in (1..pieces.len()).rev() {
            pieces.swap(place, chance.below(place as u64 + 1) as usize);
        }
        pieces.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::worked::W;
    use super::super::super::{moments, sharpe};
    use super::*;

    #[test]
    fn blocks_of_one_are_independent_draws() {
        let bootstrap = StationaryBootstrap::of_mean_length(1.0).unwrap();
        let (mut chance, mut same) = (Chance::new(4, 0), Chance::new(4, 0));
        let mut rows = [0; 40];
        bootstrap.draw(&mut chance, &mut rows);
        for (place, row) in rows.into_iter().enumerate() {
            if place > 0 {
                same.unit();
            }
            assert_eq!(row as u64, same.below(40));
        }
    }

    #[test]
    fn one_block_is_a_rotation_and_keeps_mean_spread_and_ratio() {
        let bootstrap = StationaryBootstrap::of_mean_length(f64::INFINITY).unwrap();
        // Eighths, so that sums are exact in any order.
        let series: Vec<f64> = W.iter().map(|value| (value * 8000.0).round() / 8.0).collect();
        let mut turns = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut rows = [0; 12];
            bootstrap.draw(&mut Chance::new(seed, 0), &mut rows);
            assert!(rows.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 12));
            turns.insert(rows[0]);
            let turned: Vec<f64> = rows.iter().map(|row| series[*row]).collect();
            assert_eq!(moments::mean(&turned), moments::mean(&series));
            let spread = |values: &[f64]| moments::sample_deviation(values).unwrap();
            assert!((spread(&turned) - spread(&series)).abs() < 1e-13 * spread(&series));
            let ratio = |values: &[f64]| sharpe::sharpe(values, 1.0).unwrap();
            assert!((ratio(&turned) - ratio(&series)).abs() < 1e-14);
        }
        assert_eq!(turns.len(), 12);
    }

    #[test]
    fn blocks_have_the_mean_length_asked_for() {
        let bootstrap = StationaryBootstrap::of_mean_length(8.0).unwrap();
        let mut rows = vec![0; 80_000];
        bootstrap.draw(&mut Chance::new(1, 0), &mut rows);
        let breaks = rows.windows(2).filter(|pair| pair[1] != (pair[0] + 1) % 80_000).count();
        let mean = 80_000.0 / (breaks + 1) as f64;
        assert!((mean - 8.0).abs() < 0.3, "{mean}");
    }

    #[test]
    fn a_shuffle_has_every_row_once_and_keeps_pieces_whole() {
        for (seed, block) in [(0, 1.0), (1, 3.0), (2, 50.0), (3, f64::INFINITY)] {
            let bootstrap = StationaryBootstrap::of_mean_length(block).unwrap();
            let rows = bootstrap.shuffle(&mut Chance::new(seed, 0), 200);
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..200).collect::<Vec<_>>());
            let joined = rows.windows(2).filter(|pair| pair[1] == pair[0] + 1).count();
            match block {
                1.0 => assert!(joined < 10),
                3.0 => assert!((110..160).contains(&joined), "{joined}"),
                50.0 => assert!(joined > 180),
                _ => assert_eq!(joined, 199),
            }
        }
    }

    #[test]
    fn every_order_is_as_likely_as_any_other() {
        let bootstrap = StationaryBootstrap::of_mean_length(1.0).unwrap();
        let mut chance = Chance::new(6, 0);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            *seen.entry(bootstrap.shuffle(&mut chance, 3)).or_insert(0) += 1;
        }
        // Six orders, a thousand each, within four deviations.
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|count| (885..=1115).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_block_has_at_least_one_row() {
        assert!([0.0, 0.99, -1.0, f64::NAN].iter().all(|block| StationaryBootstrap::of_mean_length(*block).is_err()));
    }
}

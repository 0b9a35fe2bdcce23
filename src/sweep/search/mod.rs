//! Which combinations are tried: all, some drawn beforehand, or each batch by the results of the batches before.

mod cmaes;
mod draw;
mod eigen;
mod guide;
mod nsga2;
mod space;
#[cfg(test)]
mod test_functions;
mod tpe;

pub use guide::{Guide, Method};

use super::expression::Condition;
use super::grid::Grid;
use crate::error::{Fault, Result};
use space::Space;

/// Which combinations are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// All of them.
    Grid,
    /// So many, drawn without putting back.
    Random {
        /// How many.
        trials: u64,
        /// Seed of the draw.
        seed: u64,
    },
    /// So many, spread evenly by a scrambled Sobol sequence.
    Sobol {
        /// How many.
        trials: u64,
        /// Seed of the scramble.
        seed: u64,
    },
    /// So many, in batches, each proposed by the results of those before.
    Guided(Guidance),
}

/// How a guided search proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guidance {
    /// By what rule.
    pub method: Method,
    /// How many combinations are tried in all.
    pub trials: u64,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// How many are proposed at once.
    pub batch: usize,
}

/// Combinations of a grid up to which all of them may be looked at one by one.
const LISTED_MAX: u64 = 1_000_000;

impl Search {
    /// Whether all trials are known before the first is run: then parts of them may be run apart from each other.
    pub fn is_known_beforehand(&self) -> bool {
        match self {
            Search::Grid | Search::Random { .. } | Search::Sobol { .. } => true,
            Search::Guided(_) => false,
        }
    }

    /// The combinations that are tried, ascending: of those that satisfy the condition all, or some that are drawn. Of a
    /// guided search, those that its first batch is chosen from.
    ///
    /// # Errors
    /// When the condition names nothing of the grid, or nothing is left.
    pub fn chosen(&self, grid: &Grid, condition: Option<&Condition>) -> Result<Vec<u64>> {
        let space = Space::new(grid, condition)?;
        let mut numbers = match self {
            Search::Grid => draw::listed(&space),
            Search::Random { trials, seed } => draw::random(&space, *trials, *seed),
            Search::Sobol { trials, seed } => draw::sobol(&space, *trials, *seed),
            Search::Guided(guidance) => draw::sobol(&space, guidance.trials.min(guidance.batch as u64), guidance.seed),
        };
        if numbers.is_empty() {
            return Err(Fault::user("no combination satisfies the condition").remedy("widen the axes or the condition"));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::super::axis::Axis;
    use super::*;

    fn axis(name: &str, text: &str) -> Axis {
        Axis::parse(name, text).unwrap().unwrap()
    }

    fn grid() -> Grid {
        Grid::new(vec![axis("fast", "5..50:5"), axis("slow", "20,50,100")], 1_000).unwrap()
    }

    #[test]
    fn a_condition_chooses_and_a_draw_is_the_same_for_a_seed() {
        let grid = grid();
        let below = Condition::parse("fast < slow").unwrap();
        let all = Search::Grid.chosen(&grid, Some(&below)).unwrap();
        assert_eq!(all.len(), 3 + 9 + 10);
        for search in [|seed| Search::Random { trials: 7, seed }, |seed| Search::Sobol { trials: 7, seed }] {
            let draw = |seed| search(seed).chosen(&grid, Some(&below)).unwrap();
            assert_eq!((draw(1).len(), draw(1)), (7, draw(1)));
            assert_ne!(draw(1), draw(2));
            assert!(draw(1).iter().all(|number| all.contains(number)) && draw(1).is_sorted());
        }
        for search in [Search::Random { trials: 99, seed: 1 }, Search::Sobol { trials: 99, seed: 1 }] {
            assert_eq!(search.chosen(&grid, Some(&below)).unwrap(), all);
        }
    }

    #[test]
    fn a_grid_too_large_to_look_at_is_drawn_from_all_the_same() {
        let axes = ["a", "b", "c", "d"].map(|name| axis(name, "1..1000"));
        let grid = Grid::new(axes.to_vec(), u64::MAX).unwrap();
        let condition = Condition::parse("a < b and b < c").unwrap();
        for search in [Search::Random { trials: 500, seed: 3 }, Search::Sobol { trials: 500, seed: 3 }] {
            let drawn = search.chosen(&grid, Some(&condition)).unwrap();
            assert!(drawn.len() == 500 && drawn.is_sorted_by(|one, other| one < other));
            let values =
                |number: &u64| grid.values(*number).iter().map(|text| text.parse().unwrap()).collect::<Vec<u32>>();
            assert!(drawn.iter().map(values).all(|of| of[0] < of[1] && of[1] < of[2]));
        }
        let none = Condition::parse("a > 1000").unwrap();
        assert!(Search::Random { trials: 5, seed: 3 }.chosen(&grid, Some(&none)).is_err());
    }

    #[test]
    fn a_sobol_draw_meets_every_value_of_an_axis_equally_often() {
        let grid = Grid::new(["a", "b"].map(|name| axis(name, "1..16")).to_vec(), 1_000).unwrap();
        let drawn = Search::Sobol { trials: 64, seed: 9 }.chosen(&grid, None).unwrap();
        let of =
            |place: usize, value: &str| drawn.iter().filter(|number| grid.values(**number)[place] == value).count();
        for value in &grid.axes[0].values {
            assert_eq!((of(0, value), of(1, value)), (4, 4), "{value}");
        }
    }

    #[test]
    fn strangers_in_the_condition_are_refused() {
        let grid = grid();
        let condition = |text: &str| Search::Grid.chosen(&grid, Some(&Condition::parse(text).unwrap()));
        let fault = condition("fats < slow").unwrap_err().to_string();
        assert!(fault.contains("no column 'fats'") && fault.contains("did you mean 'fast'"), "{fault}");
        assert!(condition("1 < 3").unwrap_err().to_string().contains("the axes are fast, slow"));
        assert!(condition("fast > 99").is_err());
    }
}

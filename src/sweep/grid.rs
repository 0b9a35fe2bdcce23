//! All combinations of the axes' values, numbered; and which of them are tried.

use super::axis::Axis;
use super::expression::{Condition, Value};
use super::scene::{SCENE_AXES, Settings};
use super::sheet::check_words;
use crate::chance::Chance;
use crate::error::{Fault, Result};
use std::collections::BTreeSet;

/// The axes of a sweep. Combinations are numbered from zero, the last axis turning fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The axes in order.
    pub axes: Vec<Axis>,
    count: u64,
}

/// Which combinations are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Search {
    /// Whether all trials are known before the first is run: then parts of them may be run apart from each other.
    pub fn is_known_beforehand(&self) -> bool {
        match self {
            Search::Grid | Search::Random { .. } => true,
        }
    }
}

impl Grid {
    /// The grid of these axes, of at most `limit` combinations.
    ///
    /// # Errors
    /// When there is no axis, one stands twice, or there are more combinations than that.
    pub fn new(axes: Vec<Axis>, limit: u64) -> Result<Self> {
        if axes.is_empty() {
            return Err(Fault::user("there is nothing to sweep: no axis has more than one value")
                .remedy("give at least one, such as --set fast=5..50:5, or write [sweep] axes into the scenario"));
        }
        let mut count = 1u64;
        for (index, axis) in axes.iter().enumerate() {
            if axes[..index].iter().any(|other| other.name == axis.name) {
                return Err(Fault::user(format!("the axis {} is given twice", axis.name)).remedy("keep one of them"));
            }
            count = count.saturating_mul(axis.values.len() as u64);
        }
        if count > limit {
            let parts: Vec<String> = axes.iter().map(|axis| format!("{} {}", axis.values.len(), axis.name)).collect();
            return Err(Fault::user(format!(
                "the grid has {count} combinations ({}), more than {limit}",
                parts.join(" x ")
            ))
            .remedy("take wider steps, draw some of them with --search random --trials N, or raise --limit"));
        }
        Ok(Grid { axes, count })
    }

    /// Number of combinations.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value of each axis in a combination.
    pub fn values(&self, number: u64) -> Vec<&str> {
        let mut rest = number;
        let mut values: Vec<&str> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let length = axis.values.len() as u64;
                let value = &axis.values[(rest % length) as usize];
                rest /= length;
                value.as_str()
            })
            .collect();
        values.reverse();
        values
    }

    /// A combination as names and values to set, without those that choose the scene.
    pub fn settings(&self, number: u64) -> Settings {
        let names = self.axes.iter().map(|axis| axis.name.clone());
        let all = names.zip(self.values(number).into_iter().map(str::to_owned));
        all.skip(self.scene_axes()).collect()
    }

    /// How many of the axes, the first ones, choose the scene.
    fn scene_axes(&self) -> usize {
        self.axes.iter().take_while(|axis| SCENE_AXES.contains(&axis.name.as_str())).count()
    }

    /// How many scenes the axes choose between.
    pub fn scenes(&self) -> usize {
        self.axes[..self.scene_axes()].iter().map(|axis| axis.values.len()).product()
    }

    /// The scene of a combination.
    pub fn scene(&self, number: u64) -> usize {
        (number / (self.count / self.scenes() as u64)) as usize
    }

    /// Combinations of a scene out of those that are tried, spread over all of them: the first ones may be those that do
    /// not fit together.
    pub fn spread(&self, numbers: &[u64], scene: usize) -> Vec<Settings> {
        const MOST: usize = 1_000;
        let of: Vec<u64> = numbers.iter().copied().filter(|number| self.scene(*number) == scene).collect();
        of.iter().step_by(of.len().div_ceil(MOST).max(1)).map(|number| self.settings(*number)).collect()
    }

    /// The combinations that are tried, ascending: those that satisfy the condition, of which some may be drawn.
    ///
    /// # Errors
    /// When the condition names nothing of the grid, or nothing is left.
    pub fn chosen(&self, condition: Option<&Condition>, search: &Search) -> Result<Vec<u64>> {
        if let Some(condition) = condition {
            self.check_names(condition)?;
        }
        let mut numbers: Vec<u64> = (0..self.count)
            .filter(|number| condition.is_none_or(|condition| self.satisfies(*number, condition)))
            .collect();
        if numbers.is_empty() {
            return Err(Fault::user("no combination satisfies the condition").remedy("widen the axes or the condition"));
        }
        if let Search::Random { trials, seed } = search
            && *trials < numbers.len() as u64
        {
            numbers = drawn(&numbers, *trials as usize, *seed);
        }
        Ok(numbers)
    }

    fn check_names(&self, condition: &Condition) -> Result<()> {
        let axes = || self.axes.iter().map(|axis| axis.name.as_str());
        check_words(condition, axes(), &self.axes, &[])?;
        if condition.names().iter().any(|name| axes().any(|axis| axis == *name)) {
            return Ok(());
        }
        Err(Fault::user("the condition names no axis")
            .remedy(format!("the axes are {}", axes().collect::<Vec<_>>().join(", "))))
    }

    fn satisfies(&self, number: u64, condition: &Condition) -> bool {
        let values = self.values(number);
        condition.holds(&|name| {
            let index = self.axes.iter().position(|axis| axis.name == name)?;
            Some(Value::of(values[index]))
        })
    }
}

/// Some of the numbers, each as likely as any other (Floyd's method), ascending.
fn drawn(numbers: &[u64], count: usize, seed: u64) -> Vec<u64> {
    let mut chance = Chance::new(seed, 0);
    let mut chosen = BTreeSet::new();
    for last in numbers.len() - count..numbers.len() {
        let place = chance.below(last as u64 + 1) as usize;
        if !chosen.insert(place) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().map(|place| numbers[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let axis = |name: &str, text: &str| Axis::parse(name, text).unwrap().unwrap();
        Grid::new(vec![axis("fast", "5..50:5"), axis("slow", "20,50,100")], 1_000).unwrap()
    }

    #[test]
    fn combinations_are_numbered_with_the_last_axis_fastest() {
        let grid = grid();
        assert_eq!(grid.count(), 30);
        assert_eq!(
            (grid.values(0), grid.values(1), grid.values(3)),
            (vec!["5", "20"], vec!["5", "50"], vec!["10", "20"])
        );
        assert_eq!(grid.values(29), ["50", "100"]);
        assert_eq!(grid.settings(29)[0], ("fast".to_owned(), "50".to_owned()));
    }

    #[test]
    fn a_condition_chooses_and_a_draw_is_the_same_for_a_seed() {
        let grid = grid();
        let below = Condition::parse("fast < slow").unwrap();
        let all = grid.chosen(Some(&below), &Search::Grid).unwrap();
        assert_eq!(all.len(), 3 + 9 + 10);
        let draw = |seed| grid.chosen(Some(&below), &Search::Random { trials: 7, seed }).unwrap();
        assert_eq!((draw(1).len(), draw(1)), (7, draw(1)));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().all(|number| all.contains(number)) && draw(1).is_sorted());
        assert_eq!(grid.chosen(None, &Search::Random { trials: 99, seed: 1 }).unwrap().len(), 30);
    }

    #[test]
    fn too_many_too_few_and_strangers_are_refused() {
        let axis = |name: &str| Axis::parse(name, "1..100").unwrap().unwrap();
        let fault = Grid::new(vec![axis("a"), axis("b")], 9_999).unwrap_err().to_string();
        assert!(fault.contains("10000 combinations (100 a x 100 b), more than 9999"), "{fault}");
        assert!(Grid::new(vec![], 10).is_err());
        assert!(Grid::new(vec![axis("a"), axis("a")], 99_999).is_err());
        let condition = |text: &str| grid().chosen(Some(&Condition::parse(text).unwrap()), &Search::Grid);
        let fault = condition("fats < slow").unwrap_err().to_string();
        assert!(fault.contains("no column 'fats'") && fault.contains("did you mean 'fast'"), "{fault}");
        assert!(condition("1 < 3").unwrap_err().to_string().contains("the axes are fast, slow"));
        assert!(condition("fast > 99").is_err());
    }
}

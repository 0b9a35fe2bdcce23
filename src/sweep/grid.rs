//! All combinations of the axes' values, numbered.

use super::axis::Axis;
use super::scene::{SCENE_AXES, Settings};
use crate::error::{Fault, Result};

/// The axes of a sweep. Combinations are numbered from zero, the last axis turning fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The axes in order.
    pub axes: Vec<Axis>,
    count: u64,
}

/// Numbers above this are not all whole floats: a table of trials could not tell them apart.
const COUNT_MAX: u64 = 1 << 53;

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
        let limit = limit.min(COUNT_MAX);
        if count > limit {
            let parts: Vec<String> = axes.iter().map(|axis| format!("{} {}", axis.values.len(), axis.name)).collect();
            return Err(Fault::user(format!(
                "the grid has {count} combinations ({}), more than {limit}",
                parts.join(" x ")
            ))
            .remedy("take wider steps, try some of them with --search sobol --trials N, or raise --limit"));
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
    fn too_many_and_too_few_are_refused() {
        let axis = |name: &str| Axis::parse(name, "1..100").unwrap().unwrap();
        let fault = Grid::new(vec![axis("a"), axis("b")], 9_999).unwrap_err().to_string();
        assert!(fault.contains("10000 combinations (100 a x 100 b), more than 9999"), "{fault}");
        assert!(Grid::new(vec![], 10).is_err());
        assert!(Grid::new(vec![axis("a"), axis("a")], 99_999).is_err());
        let fault =
            Grid::new(["a", "b", "c", "d", "e", "f", "g", "h"].map(axis).to_vec(), u64::MAX).unwrap_err().to_string();
        assert!(fault.contains("more than 9007199254740992"), "{fault}");
    }
}

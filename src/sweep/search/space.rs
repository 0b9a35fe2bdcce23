//! The grid as a space to search: a combination as a place on each axis.

use crate::chance::Chance;
use crate::error::{Fault, Result};
use crate::sweep::expression::{Condition, Value};
use crate::sweep::grid::Grid;
use crate::sweep::sheet::check_words;

/// A place on each axis, in order.
pub type Point = Vec<usize>;

/// The combinations that may be tried.
#[derive(Clone, Debug)]
pub struct Space<'a> {
    /// The grid.
    pub grid: &'a Grid,
    condition: Option<&'a Condition>,
    /// How many values each axis has.
    pub lengths: Vec<usize>,
    /// Whether neighbours on an axis are alike: its values are numbers. Words have no order.
    pub is_ordered: Vec<bool>,
}

impl<'a> Space<'a> {
    /// The combinations of a grid that satisfy a condition.
    ///
    /// # Errors
    /// When the condition names nothing of the grid.
    pub fn new(grid: &'a Grid, condition: Option<&'a Condition>) -> Result<Self> {
        if let Some(condition) = condition {
            check_names(grid, condition)?;
        }
        let lengths = grid.axes.iter().map(|axis| axis.values.len()).collect();
        let is_ordered = grid.axes.iter().map(|axis| axis.is_numeric()).collect();
        Ok(Space { grid, condition, lengths, is_ordered })
    }

    /// Whether a combination satisfies the condition.
    pub fn allows(&self, number: u64) -> bool {
        let Some(condition) = self.condition else { return true };
        let values = self.grid.values(number);
        condition.holds(&|name| {
            let index = self.grid.axes.iter().position(|axis| axis.name == name)?;
            Some(Value::of(values[index]))
        })
    }

    /// The number of a combination.
    pub fn number(&self, point: &[usize]) -> u64 {
        point.iter().zip(&self.lengths).fold(0, |number, (place, length)| number * *length as u64 + *place as u64)
    }

    /// The combination of a number.
    pub fn point(&self, number: u64) -> Point {
        let mut rest = number;
        let mut point: Point = self
            .lengths
            .iter()
            .rev()
            .map(|length| {
                let place = (rest % *length as u64) as usize;
                rest /= *length as u64;
                place
            })
            .collect();
        point.reverse();
        point
    }

    /// The combination at these shares, from 0 up to 1, of each axis.
    pub fn at(&self, shares: impl IntoIterator<Item = f64>) -> Point {
        let place = |(share, length): (f64, &usize)| ((share * *length as f64) as usize).min(length - 1);
        shares.into_iter().zip(&self.lengths).map(place).collect()
    }

    /// A combination that is allowed and of which `holds`, drawn at random. Where none of many draws is one, the next
    /// behind a random place of a grid that can be looked through; none where there is none.
    pub fn random(&self, chance: &mut Chance, holds: impl Fn(u64) -> bool) -> Option<u64> {
        const DRAWS: u32 = 10_000;
        let count = self.grid.count();
        let mut draws = (0..DRAWS).map(|_| chance.below(count));
        let found = draws.find(|number| holds(*number) && self.allows(*number));
        if found.is_some() || count > super::LISTED_MAX {
            return found;
        }
        let from = chance.below(count);
        (from..count).chain(0..from).find(|number| holds(*number) && self.allows(*number))
    }
}

/// Every name of the condition has to be an axis or one of its values, and one of them an axis.
fn check_names(grid: &Grid, condition: &Condition) -> Result<()> {
    let axes = || grid.axes.iter().map(|axis| axis.name.as_str());
    check_words(condition, axes(), &grid.axes, &[])?;
    if condition.names().iter().any(|name| axes().any(|axis| axis == *name)) {
        return Ok(());
    }
    Err(Fault::user("the condition names no axis")
        .remedy(format!("the axes are {}", axes().collect::<Vec<_>>().join(", "))))
}

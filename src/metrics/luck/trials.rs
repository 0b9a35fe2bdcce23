//! The returns of many trials over the same observations, one column per trial.

use super::super::Undefined;

/// Columns of equal length, one per trial: its returns, observation by observation.
#[derive(Clone, Debug)]
pub struct TrialMatrix<'a> {
    columns: Vec<&'a [f64]>,
    rows: usize,
}

impl<'a> TrialMatrix<'a> {
    /// From the returns of each trial.
    ///
    /// # Errors
    /// Without trials or observations, when the trials are not equally long, and when a return is not a finite number.
    pub fn of(columns: impl IntoIterator<Item = &'a [f64]>) -> Result<Self, Undefined> {
        let columns: Vec<&[f64]> = columns.into_iter().collect();
        let rows = columns.first().map_or(0, |column| column.len());
        if rows == 0 {
            return Err(Undefined("there are no returns of trials"));
        }
        if columns.iter().any(|column| column.len() != rows) {
            return Err(Undefined("the trials do not cover the same observations"));
        }
        if columns.iter().any(|column| column.iter().any(|value| !value.is_finite())) {
            return Err(Undefined("a return of a trial is not a finite number"));
        }
        Ok(TrialMatrix { columns, rows })
    }

    /// The returns of each trial.
    pub fn columns(&self) -> &[&'a [f64]] {
        &self.columns
    }

    /// How many trials there are.
    pub fn trials(&self) -> usize {
        self.columns.len()
    }

    /// How many observations each has.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// The sum of products, in eight interleaved sums that are added in a fixed order: the same bits everywhere, and several
/// times as fast as one sum.
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (left_blocks, right_blocks) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
    let rest: f64 =
        left_blocks.remainder().iter().zip(right_blocks.remainder()).fold(0.0, |sum, (one, other)| sum + one * other);
    for (one, other) in left_blocks.zip(right_blocks) {
        for lane in 0..LANES {
            sums[lane] += one[lane] * other[lane];
        }
    }
    sums.iter().fold(rest, |total, sum| total + sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_of_unequal_length_or_without_numbers_are_no_matrix() {
        let (long, short) = ([0.1, 0.2, 0.3], [0.1, 0.2]);
        let matrix = TrialMatrix::of([&long[..], &long[..]]).unwrap();
        assert_eq!((matrix.trials(), matrix.rows()), (2, 3));
        assert!(TrialMatrix::of([&long[..], &short[..]]).is_err());
        assert!(TrialMatrix::of([&long[..], &[0.1, f64::NAN, 0.0][..]]).is_err());
        assert!(TrialMatrix::of([]).is_err() && TrialMatrix::of([&[][..]]).is_err());
    }

    #[test]
    fn the_sum_of_products_has_every_product() {
        let left: Vec<f64> = (1..=19).map(f64::from).collect();
        let right: Vec<f64> = (1..=19).map(|number| f64::from(number * number)).collect();
        // The sum of the first nineteen cubes: (19 · 20 / 2)².
        assert_eq!(dot(&left, &right), 36_100.0);
        assert_eq!(dot(&left[..3], &right[..3]), 36.0);
    }
}

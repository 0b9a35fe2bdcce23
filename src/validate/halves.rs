//! The ways to halve the record, one by one: `overfitting-splits.csv`.

use crate::error::{Fault, Result};
use crate::metrics::DAYS_PER_YEAR;
use crate::metrics::luck::Overfitting;
use serde::{Deserialize, Serialize};

/// The file of all halves.
pub const HALVES: &str = "overfitting-splits.csv";

/// One way to halve the record: its row in the file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Half {
    /// The trial that was best in sample.
    pub trial: u64,
    /// Its annual Sharpe ratio there; none where its returns do not vary.
    pub in_sample: Option<f64>,
    /// The same out of sample.
    pub out_of_sample: Option<f64>,
    /// Its rank out of sample among all judged, 1 the worst.
    pub rank: f64,
    /// The logarithm of the odds of that rank: above zero it is better than the median.
    pub logit: f64,
}

impl Half {
    /// All of them. The columns of the record have these trials.
    pub(super) fn all(found: &Overfitting, trials: &[u64]) -> Vec<Self> {
        let annual = |ratio: f64| ratio.is_finite().then_some(ratio * DAYS_PER_YEAR.sqrt());
        let half = |split: &crate::metrics::luck::overfitting::Split| Half {
            trial: trials[split.winner],
            in_sample: annual(split.in_sample),
            out_of_sample: annual(split.out_of_sample),
            rank: split.rank,
            logit: split.logit,
        };
        found.splits.iter().map(half).collect()
    }

    /// Their file. Without any it has its head alone.
    ///
    /// # Errors
    /// When the library cannot encode them.
    pub fn csv(halves: &[Self]) -> Result<Vec<u8>> {
        let broken = |error: &dyn std::fmt::Display| Fault::failure(format!("writing {HALVES}: {error}"));
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        writer.write_record(HEAD).map_err(|error| broken(&error))?;
        halves.iter().try_for_each(|half| writer.serialize(half)).map_err(|error| broken(&error))?;
        writer.into_inner().map_err(|error| broken(&error))
    }

    /// Reads the file back.
    ///
    /// # Errors
    /// Names the line that is none of this file.
    pub fn read(text: &str) -> Result<Vec<Self>> {
        let damaged = |error: csv::Error| {
            Fault::failure(format!("reading {HALVES}: {error}")).remedy("run `tapeline validate` again")
        };
        csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<std::result::Result<_, _>>().map_err(damaged)
    }
}

const HEAD: [&str; 5] = ["trial", "in_sample", "out_of_sample", "rank", "logit"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_come_back_as_they_were_written() {
        let half = |trial: u64, in_sample| Half { trial, in_sample, out_of_sample: Some(-0.1), rank: 2.5, logit: 0.3 };
        let halves = [half(17, Some(1.25)), half(3, None)];
        let text = String::from_utf8(Half::csv(&halves).unwrap()).unwrap();
        assert_eq!(text, "trial,in_sample,out_of_sample,rank,logit\n17,1.25,-0.1,2.5,0.3\n3,,-0.1,2.5,0.3\n");
        assert_eq!(Half::read(&text).unwrap(), halves);
        assert_eq!(Half::read(&String::from_utf8(Half::csv(&[]).unwrap()).unwrap()).unwrap(), []);
        assert_eq!(Half::read("trial,rank\n1,2\n").unwrap_err().exit_code(), 1);
    }
}

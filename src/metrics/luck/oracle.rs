//! These statistics against the committed table of `tests/oracles/luck.py`: mpmath, scipy, arch, scikit-learn, skfolio and
//! statsmodels.

use super::super::normal;
use super::super::probabilistic_sharpe::Evidence;
use super::block_length::BlockLength;
use super::haircut::{Adjustment, adjusted};
use super::overfitting::{Overfitting, Performance};
use super::snooping::{Scale, judge, variance_of_mean};
use super::{EffectiveTrials, Purged, TrialMatrix, sharpe_interval};
use rand_mt::Mt;
use serde_json::Value;

fn table() -> Value {
    serde_json::from_str(include_str!("../../../tests/oracles/luck.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|one| one.as_u64().unwrap() as usize).collect()
}

fn lists<T>(value: &Value, list: fn(&Value) -> Vec<T>) -> Vec<Vec<T>> {
    value.as_array().unwrap().iter().map(list).collect()
}

fn matrix(columns: &[Vec<f64>]) -> TrialMatrix<'_> {
    TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap()
}

#[track_caller]
fn near(found: f64, wanted: f64, part: f64) {
    assert!((found - wanted).abs() <= part * wanted.abs(), "{found} instead of {wanted}");
}

#[test]
fn the_normal_distribution_has_the_digits_of_mpmath() {
    let table = table();
    for pair in lists(&table["normal"]["quantiles"], numbers) {
        near(normal::quantile(pair[0]), pair[1], 1e-15);
    }
    for pair in lists(&table["normal"]["cumulative"], numbers) {
        // The argument of the tail is a float: its last bit is worth x² there.
        near(normal::cumulative(pair[0]), pair[1], 4e-16 * (1.0 + pair[0] * pair[0]));
    }
}

#[test]
fn ratios_and_their_errors_are_those_of_scipy() {
    let table = table();
    let wanted = table["sharpe"].as_array().unwrap();
    let columns = lists(&table["calm"], numbers);
    assert_eq!(columns.len(), wanted.len());
    for (column, wanted) in columns.iter().zip(wanted) {
        let of = |key: &str| wanted[key].as_f64().unwrap();
        let evidence = Evidence::of(column).unwrap();
        let (low, high) = sharpe_interval::interval(&evidence, 0.95).unwrap();
        near(evidence.sharpe, of("sharpe"), 1e-12);
        near(sharpe_interval::standard_error(&evidence).unwrap(), of("error"), 1e-12);
        near(low, of("low"), 1e-11);
        near(high, of("high"), 1e-11);
        near(evidence.probability_above(0.0).unwrap(), of("above_zero"), 1e-12);
    }
}

#[test]
fn block_lengths_are_those_of_arch() {
    let table = table();
    let mut compared = 0;
    for (key, wanted) in ["calm", "stirred"].iter().zip(table["block_lengths"]["tables"].as_array().unwrap()) {
        for (column, wanted) in lists(&table[*key], numbers).iter().zip(lists(wanted, numbers)) {
            let found = BlockLength::of(column).unwrap();
            near(found.stationary, wanted[0], 1e-9);
            near(found.circular, wanted[1], 1e-9);
            compared += 1;
        }
    }
    assert_eq!(compared, 10);
}

/// Normal draws as NumPy's `RandomState` makes them: the polar method on the Mersenne Twister.
struct Numpy {
    twister: Mt,
    kept: Option<f64>,
}

impl Numpy {
    fn unit(&mut self) -> f64 {
        let (high, low) = (self.twister.next_u32() >> 5, self.twister.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let scale = (-2.0 * libm::log(square) / square).sqrt();
                self.kept = Some(scale * x);
                return scale * y;
            }
        }
    }
}

#[test]
fn the_fixture_of_arch_has_its_published_block_length() {
    let mut numpy = Numpy { twister: Mt::new(0), kept: None };
    let mut series: Vec<f64> = (0..10_100).map(|_| numpy.normal()).collect();
    for row in 1..series.len() {
        series[row] += 0.3 * series[row - 1];
    }
    let series = &series[100..];
    let ends = numbers(&table()["block_lengths"]["fixture_ends"]);
    near(series[0], ends[0], 1e-12);
    near(series[9999], ends[1], 1e-12);
    let (found, wanted) = (BlockLength::of(series).unwrap(), numbers(&table()["block_lengths"]["fixture"]));
    near(found.stationary, wanted[0], 1e-9);
    near(found.circular, wanted[1], 1e-9);
    assert_eq!(format!("{:.6} {:.5}", found.stationary, found.circular), "13.635665 15.60894");
}

#[test]
fn the_tests_on_the_resamples_of_arch_have_its_p_values() {
    let table = table();
    let (columns, wanted) = (lists(&table["calm"], numbers), &table["snooping"]);
    let block = wanted["block"].as_f64().unwrap();
    for (column, variance) in columns.iter().zip(numbers(&wanted["variances"])) {
        let mean = column.iter().sum::<f64>() / column.len() as f64;
        near(variance_of_mean(column, mean, block), variance, 1e-12);
    }
    let resamples = lists(&wanted["resamples"], indices);
    for (scale, key) in [(Scale::Plain, "plain"), (Scale::Studentized, "studentized")] {
        let mut drawn = resamples.iter();
        let found = judge(&matrix(&columns), block, resamples.len(), scale, |rows| {
            rows.copy_from_slice(drawn.next().unwrap());
        });
        let found = found.unwrap();
        assert_eq!(vec![found.lower, found.consistent, found.upper], numbers(&wanted[key]), "{key}");
        assert!(found.lower < found.consistent && found.consistent < found.upper);
        if scale == Scale::Studentized {
            near(found.statistic, wanted["statistic"].as_f64().unwrap(), 1e-12);
        }
    }
}

#[test]
fn overfitting_is_what_numpy_finds_split_by_split() {
    let table = table();
    let (columns, wanted) = (lists(&table["calm"], numbers), &table["overfitting"]);
    let blocks = wanted["blocks"].as_u64().unwrap() as usize;
    let found = Overfitting::of(&matrix(&columns), blocks, Performance::Sharpe).unwrap();
    let winners: Vec<usize> = found.splits.iter().map(|split| split.winner).collect();
    assert_eq!(winners, indices(&wanted["winners"]));
    for (logit, wanted) in found.logits().into_iter().zip(numbers(&wanted["logits"])) {
        assert!((logit - wanted).abs() < 1e-12, "{logit} instead of {wanted}");
    }
    near(found.probability, wanted["probability"].as_f64().unwrap(), 1e-12);
    near(found.loss_probability, wanted["loss"].as_f64().unwrap(), 1e-12);
    near(found.slope.unwrap(), wanted["slope"].as_f64().unwrap(), 1e-9);
}

#[test]
fn clusters_are_those_of_scipy_and_scikit_learn() {
    let table = table();
    let wanted = &table["clusters"];
    let columns = lists(&wanted["columns"], numbers);
    let found = EffectiveTrials::of(&matrix(&columns), 1000, 0).unwrap();
    assert_eq!(found.by_clusters, wanted["best"].as_f64().unwrap());
    near(found.silhouette.unwrap(), wanted["silhouette"].as_f64().unwrap(), 1e-9);
    near(found.correlation, wanted["correlation"].as_f64().unwrap(), 1e-9);
}

#[test]
fn purged_splits_and_paths_are_those_of_skfolio() {
    let table = table();
    for wanted in table["purged"].as_array().unwrap() {
        let of = |key: &str| wanted[key].as_u64().unwrap() as usize;
        let plan = Purged::new(of("rows"), of("groups"), of("tested"), of("embargo")).unwrap();
        // A constant purge of so many rows is a span of so many rows beyond each.
        let ends: Vec<usize> = (0..of("rows")).map(|row| row + of("purge")).collect();
        assert_eq!(plan.choices(), lists(&wanted["choices"], indices));
        let trained: Vec<Vec<usize>> =
            plan.choices().iter().map(|choice| plan.split(choice, &ends).unwrap().train).collect();
        assert_eq!(trained, lists(&wanted["train"], indices));
        assert_eq!(plan.paths(), lists(&wanted["paths"], indices));
    }
}

#[test]
fn adjusted_p_values_are_those_of_statsmodels() {
    let table = table();
    let wanted = &table["adjusted"];
    let values = numbers(&wanted["values"]);
    for (adjustment, key) in
        [(Adjustment::Bonferroni, "bonferroni"), (Adjustment::Holm, "holm"), (Adjustment::Bhy, "bhy")]
    {
        for (found, wanted) in adjusted(&values, adjustment).unwrap().into_iter().zip(numbers(&wanted[key])) {
            near(found, wanted, 1e-14);
        }
    }
}

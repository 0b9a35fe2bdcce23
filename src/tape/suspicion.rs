//! Statistical suspicions: outliers and switches of unit. The rules are stated in docs/data.md; change both together.

use super::check::{Findings, Rule};
use super::table::Table;
use crate::domain::{Span, Timestamp};

/// A return is far when it exceeds both this many robust deviations and [`FAR_AT_LEAST`].
const FAR_DEVIATIONS: f64 = 20.0;

/// Ten percent.
const FAR_AT_LEAST: f64 = 0.095_310_179_804_324_87;

/// Rows on either side of a jump whose median says whether it stays.
const STAYS: usize = 30;

/// Spikes that are taken back, and wicks beyond the usual.
pub fn outliers(table: &Table, findings: &mut Findings) {
    let [open, high, low, close] = [0, 1, 2, 3].map(|column| table.columns[column].as_slice());
    if close.len() < 3 || close.iter().chain(low).any(|price| *price <= 0) {
        return;
    }
    let step = |row: usize| libm::log(close[row] as f64 / close[row - 1] as f64);
    let returns: Vec<f64> = (1..close.len()).map(step).collect();
    let far = FAR_AT_LEAST.max(FAR_DEVIATIONS * robust_deviation(&returns));
    for row in 1..close.len() {
        let time = || Timestamp::from_nanos(table.time[row]);
        let jump = returns[row - 1];
        let taken_back = returns.get(row).is_some_and(|back| -back * jump.signum() >= jump.abs() / 2.0);
        if jump.abs() > far && taken_back {
            let percent = 100.0 * (libm::exp(jump) - 1.0);
            findings.add(Rule::Outlier, 1, || format!("{}: {percent:+.1} % and back", time()));
            continue;
        }
        let up = libm::log(high[row] as f64 / open[row].max(close[row]) as f64);
        let down = libm::log(open[row].min(close[row]) as f64 / low[row] as f64);
        let wick = up.max(down);
        if wick > far {
            let percent = 100.0 * (libm::exp(wick) - 1.0);
            findings.add(Rule::Outlier, 1, || format!("{}: a wick of {percent:.1} %", time()));
        }
    }
}

/// 1.4826 times the median magnitude: the standard deviation of a normal law, blind to its far tail. Zeros (quiet
/// candles) are left out, or a sleepy market would have no deviation at all.
fn robust_deviation(returns: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = returns.iter().map(|value| value.abs()).filter(|size| *size > 0.0).collect();
    if sizes.is_empty() {
        return 0.0;
    }
    let middle = sizes.len() / 2;
    let (_, median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
    1.4826 * *median
}

/// A step of at least five times between neighbouring closes, whose medians of 30 rows on either side differ by a
/// power of ten within 20 %.
pub fn price_units(table: &Table, findings: &mut Findings) {
    let close = &table.columns[3];
    for row in 1..close.len() {
        let (before, after) = (close[row - 1], close[row]);
        if before <= 0 || after <= 0 || (after / before < 5 && before / after < 5) {
            continue;
        }
        let earlier = median(&close[row.saturating_sub(STAYS)..row]);
        let later = median(&close[row..close.len().min(row + STAYS)]);
        if let Some(power) = power_of_ten_between(earlier, later, 0.2, 1) {
            let time = Timestamp::from_nanos(table.time[row]);
            findings.add(Rule::PriceUnit, 1, || format!("{time}: prices from here on are 10^{power} times as high"));
        }
    }
}

/// Median daily volumes of the three days on either side of a midnight that differ by a power of ten of at least
/// 100 within 30 %, where on each side no day leaves the median by more than three times.
pub fn volume_units(table: &Table, findings: &mut Findings) {
    let volume = &table.columns[4];
    let mut days: Vec<(i64, i64)> = Vec::new();
    for (nanos, volume) in table.time.iter().zip(volume) {
        let day = Timestamp::from_nanos(*nanos).midnight().nanos();
        match days.last_mut() {
            Some((last, sum)) if *last == day => *sum = sum.saturating_add(*volume),
            Some(_) | None => days.push((day, *volume)),
        }
    }
    let steady = |window: &[(i64, i64)]| {
        let sums: Vec<i64> = window.iter().map(|(_, sum)| *sum).collect();
        let middle = median(&sums);
        let spread = sums.iter().all(|sum| *sum <= middle.saturating_mul(3) && sum.saturating_mul(3) >= middle);
        let adjacent = window.windows(2).all(|pair| pair[1].0 - pair[0].0 == Span::DAY.nanos());
        (middle > 0 && spread && adjacent).then_some(middle)
    };
    for split in 3..days.len().saturating_sub(2) {
        let (Some(earlier), Some(later)) = (steady(&days[split - 3..split]), steady(&days[split..split + 3])) else {
            continue;
        };
        if let Some(power) = power_of_ten_between(earlier, later, 0.3, 2) {
            let time = Timestamp::from_nanos(days[split].0);
            findings.add(Rule::VolumeUnit, 1, || format!("{time}: volumes from here on are 10^{power} times as high"));
        }
    }
}

fn power_of_ten_between(earlier: i64, later: i64, tolerance: f64, least: i32) -> Option<i32> {
    if earlier <= 0 || later <= 0 {
        return None;
    }
    let logarithm = libm::log10(later as f64 / earlier as f64);
    let power = libm::round(logarithm);
    let near = (logarithm - power).abs() <= libm::log10(1.0 + tolerance);
    (near && power.abs() >= f64::from(least)).then_some(power as i32)
}

fn median(values: &[i64]) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

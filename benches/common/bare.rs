//! The least that any program could do: what the benchmarks compare with, in one process.

use std::hint::black_box;
use std::time::Instant;

/// Running sums, all-in at the next open, equity marked at every close, maximum drawdown kept; no rows beyond numbers.
pub fn bare_loop(opens: &[f64], closes: &[f64], fast: usize, slow: usize) -> (f64, f64, u64) {
    const FEE: f64 = 0.001;
    let (mut fast_sum, mut slow_sum) = (0.0, 0.0);
    let (fast_part, slow_part) = (1.0 / fast as f64, 1.0 / slow as f64);
    let (mut cash, mut quantity, mut peak, mut low) = (1e6, 0.0, 1e6f64, 1.0f64);
    let (mut above, mut known, mut pending, mut orders) = (false, false, 0i8, 0u64);
    for row in 0..closes.len() {
        if pending > 0 && quantity == 0.0 {
            quantity = cash / (opens[row] * (1.0 + FEE));
            cash = 0.0;
            orders += 1;
        } else if pending < 0 && quantity != 0.0 {
            cash += quantity * opens[row] * (1.0 - FEE);
            quantity = 0.0;
            orders += 1;
        }
        pending = 0;
        fast_sum += closes[row];
        slow_sum += closes[row];
        if row >= fast {
            fast_sum -= closes[row - fast];
        }
        if row >= slow {
            slow_sum -= closes[row - slow];
        }
        let equity = cash + quantity * closes[row];
        if equity > peak {
            peak = equity;
        } else if equity < low * peak {
            low = equity / peak;
        }
        if row + 1 >= slow {
            let now = fast_sum * fast_part > slow_sum * slow_part;
            if known && now != above {
                pending = if now { 1 } else { -1 };
            }
            (above, known) = (now, true);
        }
    }
    let last = closes.last().copied().unwrap_or_default();
    black_box((cash + quantity * last, 1.0 - low, orders))
}

/// Prices as real numbers.
pub fn prices(units: &[i64]) -> Vec<f64> {
    units.iter().map(|units| *units as f64 / 100.0).collect()
}

/// How long something takes.
pub fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// The middle one.
pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

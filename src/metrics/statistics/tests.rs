use super::*;
use crate::domain::Span;
use crate::metrics::worked::{W, day, equity, trades};

/// The worked series four times over: 48 days.
fn long_enough() -> Vec<f64> {
    W.iter().copied().cycle().take(48).collect()
}

fn value(statistics: &Statistics, key: &str) -> f64 {
    statistics.get(key).and_then(Metric::value).unwrap_or_else(|| panic!("{key} has no value"))
}

fn reason(statistics: &Statistics, key: &str) -> &'static str {
    statistics.get(key).and_then(Metric::reason).unwrap_or_else(|| panic!("{key} has a value"))
}

const ANNUALISED: [&str; 8] = ["cagr", "volatility", "sharpe", "lo_factor", "sharpe_lo", "psr", "sortino", "calmar"];
const DAILY: [&str; 6] = ["var_95", "cvar_95", "tail_ratio", "skew", "kurtosis", "kelly_continuous"];

#[test]
fn every_row_has_its_own_key_and_stands_in_the_documentation_word_for_word() {
    let documentation = include_str!("../../../docs/metrics.md");
    let mut with_risk = trades(&W);
    with_risk.iter_mut().for_each(|trade| trade.risk = Some(1.0));
    let mut lines = std::collections::BTreeSet::new();
    for trades in [&trades(&W), &with_risk] {
        let rows = Statistics::compute(&Inputs { trades, ..Inputs::default() }).rows();
        let mut keys: Vec<&str> = rows.iter().map(|row| row.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), rows.len());
        let units = ["fraction", "ratio", "currency", "days", "hours", "trades", "R"];
        for row in rows {
            assert!(units.contains(&row.unit), "{row:?}");
            let line = format!("| `{}` | {} | {} | {} |", row.key, row.label, row.unit, row.definition);
            assert!(documentation.contains(&line), "docs/metrics.md lacks: {line}");
            lines.insert(line);
        }
    }
    let documented = documentation.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(documented, lines.len(), "docs/metrics.md describes something that is not there");
}

#[test]
fn each_row_holds_the_metric_that_it_names() {
    let (samples, trades) = (equity(&long_enough()), trades(&W));
    let inputs = Inputs {
        equity: &samples,
        candle_drawdown: Some(0.07),
        trades: &trades,
        open_since: &[day(36)],
        halted_at: None,
    };
    let found = Statistics::compute(&inputs);
    let daily = returns::daily(&samples).unwrap();
    let last = samples[48].1;
    let depth = Drawdown::of(&samples).unwrap();
    let growth = cagr::cagr(1.0, last, 48.0).unwrap();
    let kelly = Kelly::of(&W).unwrap();
    let expected = [
        ("total_return", last - 1.0),
        ("cagr", growth),
        ("volatility", volatility::volatility(&daily, 365.0).unwrap()),
        ("sharpe", sharpe::sharpe(&daily, 365.0).unwrap()),
        ("psr", Evidence::of(&daily).unwrap().probability_above(0.0).unwrap()),
        ("sortino", sortino::sortino(&daily, 0.0, 365.0).unwrap()),
        ("calmar", growth / depth.depth),
        ("max_drawdown", depth.depth),
        ("max_drawdown_candles", 0.07),
        ("drawdown_longest", depth.longest as f64),
        ("drawdown_fall", depth.fall_days().unwrap()),
        ("drawdown_recovery", depth.recovery_days().unwrap()),
        ("ulcer", ulcer::ulcer(&samples).unwrap()),
        ("var_95", value_at_risk::value_at_risk(&daily, 0.05).unwrap()),
        ("cvar_95", value_at_risk::conditional(&daily, 0.05).unwrap()),
        ("tail_ratio", tail_ratio::tail_ratio(&daily).unwrap()),
        ("skew", moments::skew(&daily).unwrap()),
        ("kurtosis", moments::kurtosis(&daily).unwrap()),
        ("kelly_continuous", kelly::continuous(&daily).unwrap()),
        ("trades", 12.0),
        ("win_rate", 0.5),
        ("profit_factor", profit_factor::profit_factor(&W).unwrap()),
        ("expectancy", expectancy::expectancy(&W).unwrap()),
        ("sqn", quality::quality(&W).unwrap()),
        ("sqn_uncapped", quality::uncapped(&W).unwrap()),
        ("kelly", kelly.fraction),
        ("kelly_low", kelly.low),
        ("kelly_high", kelly.high),
        ("average_win", averages::win(&W).unwrap()),
        ("average_loss", averages::loss(&W).unwrap()),
        ("payoff", averages::payoff(&W).unwrap()),
        ("largest_win", 0.03),
        ("largest_loss", -0.04),
        ("winning_streak", 2.0),
        ("losing_streak", 1.0),
        ("average_duration", 24.0),
        ("exposure", 0.5),
    ];
    for (key, number) in expected {
        assert_eq!(value(&found, key), number, "{key}");
    }
    let without: Vec<&str> = found.rows().iter().filter(|row| row.value.value().is_none()).map(|row| row.key).collect();
    assert_eq!(without, ["lo_factor", "sharpe_lo", "expectancy_r"]);
    assert_eq!(found.rows().len(), expected.len() + without.len());
}

#[test]
fn two_years_have_an_autocorrelation_factor() {
    let daily: Vec<f64> = (0..730_u64).map(|i| (i * i * 7919 % 613) as f64 / 61_300.0 - 0.004).collect();
    let samples = equity(&daily);
    let found = Statistics::compute(&Inputs { equity: &samples, ..Inputs::default() });
    let root = 365.0_f64.sqrt();
    let ratio = value(&found, "sharpe_lo") / value(&found, "lo_factor");
    assert!((ratio - value(&found, "sharpe") / root).abs() < 1e-12);
    let shorter = Statistics::compute(&Inputs { equity: &samples[..730], ..Inputs::default() });
    assert!(reason(&shorter, "lo_factor").contains("730 daily returns"));
}

#[test]
fn risk_known_for_every_trade_turns_quality_and_expectancy_to_multiples() {
    let mut with_risk = trades(&[30.0, -5.0]);
    with_risk[0].risk = Some(10.0);
    with_risk[1].risk = Some(5.0);
    let found = Statistics::compute(&Inputs { trades: &with_risk, ..Inputs::default() });
    assert_eq!(value(&found, "expectancy_r"), 1.0);
    assert_eq!(value(&found, "expectancy"), 12.5);
    assert_eq!(value(&found, "sqn"), quality::quality(&[3.0, -1.0]).unwrap());
    assert!(found.rows().iter().any(|row| row.definition == quality::DEFINITION));
}

#[test]
fn fewer_than_thirty_daily_returns_give_no_ratio() {
    let samples = equity(&long_enough());
    let (short, enough) = (&samples[..30], &samples[..31]);
    let found = Statistics::compute(&Inputs { equity: short, ..Inputs::default() });
    for key in ANNUALISED.iter().chain(&DAILY) {
        assert_eq!(reason(&found, key), "fewer than 30 daily returns", "{key}");
    }
    for key in ["total_return", "max_drawdown", "drawdown_longest", "ulcer", "exposure"] {
        value(&found, key);
    }
    let found = Statistics::compute(&Inputs { equity: enough, ..Inputs::default() });
    for key in ["cagr", "sharpe", "var_95"] {
        value(&found, key);
    }
}

#[test]
fn idle_days_after_a_halt_change_no_ratio() {
    let mut samples = equity(&long_enough());
    let whole = Statistics::compute(&Inputs { equity: &samples, ..Inputs::default() });
    let last = samples[48].1;
    samples.extend((49..400).map(|number| (day(number), last)));
    // The halt comes in the middle of day 48, whose loss counts.
    let halted_at = Some(day(48).before(Span::HOUR.times(7)));
    let halted = Statistics::compute(&Inputs { equity: &samples, halted_at, ..Inputs::default() });
    let idle = Statistics::compute(&Inputs { equity: &samples, ..Inputs::default() });
    for key in ["cagr", "volatility", "sharpe", "psr", "sortino", "calmar", "var_95", "cvar_95", "skew"] {
        assert_eq!(halted.get(key), whole.get(key), "{key}");
        assert_ne!(halted.get(key), idle.get(key), "{key}");
    }
    assert_eq!(halted.get("drawdown_longest"), idle.get("drawdown_longest"));
    for row in halted.rows() {
        let of_ratios = ANNUALISED.contains(&row.key) || DAILY.contains(&row.key);
        assert_eq!(row.note == Some(HALTED), of_ratios, "{}", row.key);
    }
    assert!(idle.rows().iter().all(|row| row.note != Some(HALTED)));
}

#[test]
fn a_halt_at_or_after_the_last_sample_leaves_the_run_whole() {
    let samples = equity(&long_enough());
    let whole = Statistics::compute(&Inputs { equity: &samples, ..Inputs::default() });
    for halt in [day(48), day(60)] {
        let found = Statistics::compute(&Inputs { equity: &samples, halted_at: Some(halt), ..Inputs::default() });
        assert_eq!(found.get("cagr"), whole.get("cagr"));
    }
    let early = Inputs { equity: &samples, halted_at: Some(day(20)), ..Inputs::default() };
    assert_eq!(reason(&Statistics::compute(&early), "sharpe"), "fewer than 30 daily returns");
}

#[test]
fn the_drawdown_after_a_halt_still_lowers_calmar() {
    let mut samples = equity(&long_enough());
    samples.push((day(49), 0.5));
    let halted = Inputs { equity: &samples, halted_at: Some(day(48)), ..Inputs::default() };
    let found = Statistics::compute(&halted);
    assert_eq!(value(&found, "calmar"), value(&found, "cagr") / value(&found, "max_drawdown"));
    assert!(value(&found, "max_drawdown") > 0.5);
}

#[test]
fn a_recovery_that_did_not_come_says_so() {
    let note = |samples: &[(Timestamp, f64)]| {
        let rows = Statistics::compute(&Inputs { equity: samples, ..Inputs::default() }).rows();
        rows.iter().find(|row| row.key == "drawdown_recovery").unwrap().note
    };
    assert_eq!(note(&equity(&[-0.5, 0.1])), Some(UNRECOVERED));
    assert_eq!(note(&equity(&[-0.5, 1.5])), None);
}

#[test]
fn ruin_is_a_total_return_and_a_drawdown_and_no_ratio() {
    let mut samples = equity(&long_enough());
    samples[40].1 = -0.25;
    samples.truncate(41);
    let found = Statistics::compute(&Inputs { equity: &samples, ..Inputs::default() });
    assert_eq!(value(&found, "total_return"), -1.25);
    assert!(value(&found, "max_drawdown") > 1.0);
    for key in ANNUALISED.iter().chain(&DAILY) {
        assert_eq!(reason(&found, key), "the equity was not positive throughout", "{key}");
    }
}

#[test]
fn a_run_of_nothing_has_no_numbers_but_the_count_of_its_trades() {
    for row in Statistics::compute(&Inputs::default()).rows() {
        assert_eq!(row.value.value(), (row.key == "trades").then_some(0.0), "{}", row.key);
    }
}

#[test]
fn an_account_that_never_moved_has_no_ratio_and_no_drawdown() {
    let samples = equity(&[0.0; 60]);
    let found = Statistics::compute(&Inputs { equity: &samples, ..Inputs::default() });
    for key in ["total_return", "cagr", "volatility", "max_drawdown", "drawdown_longest", "ulcer", "var_95"] {
        assert_eq!(value(&found, key), 0.0, "{key}");
    }
    for key in ["sharpe", "sortino", "calmar", "psr", "skew", "kurtosis", "tail_ratio", "drawdown_fall"] {
        reason(&found, key);
    }
}

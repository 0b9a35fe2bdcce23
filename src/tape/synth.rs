//! The synthetic market: seeded candles with regimes, clustered volatility, jumps and volume that follows volatility,
//! for several correlated symbols, and trades that aggregate back to them.
//!
//! The same spec gives the same bits on every machine. What comes out is labelled synthetic and never anything else.

use super::gaps::Stretch;
use super::set::{CandleSet, QuietMinutes};
use crate::chance::{Chance, exp};
use crate::domain::{CandleColumns, Interval, Origin, Span, Timestamp};
use crate::error::{Fault, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The venue that synthetic series carry unless told otherwise.
pub const VENUE: &str = "synthetic";

/// A synthetic market.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthSpec {
    /// The seed; every number follows from it and the rest of the spec.
    pub seed: u64,
    /// The venue that the series carry.
    pub venue: String,
    /// The symbols.
    pub symbols: Vec<SynthSymbol>,
    /// Correlation of the symbols' returns, 0 to 1.
    pub correlation: f64,
    /// The length of each candle.
    pub interval: Interval,
    /// Open time of the first candle.
    pub from: Timestamp,
    /// Number of candles before holes are cut.
    pub candles: usize,
    /// Holes, if wanted.
    pub gaps: SynthGaps,
}

/// One symbol of a synthetic market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SynthSymbol {
    /// Its name.
    pub symbol: String,
    /// Price at the beginning.
    pub start_price: f64,
    /// Decimals of its prices.
    pub price_decimals: u8,
    /// Decimals of its quantities.
    pub quantity_decimals: u8,
    /// Volatility of a year, as a fraction (0.6 is 60 %), about.
    pub annual_volatility: f64,
    /// Drift of a year in log price.
    pub annual_drift: f64,
    /// Base quantity traded in an average day.
    pub daily_volume: f64,
    /// Share of candles without any trade, 0 to 1.
    pub quiet_share: f64,
}

/// Holes in synthetic series; the remaining candles are the same as without them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthGaps {
    /// Single candles left out, of every 10,000.
    pub missing_per_10_000: u32,
    /// Number of outages.
    pub outages: u32,
    /// Candles left out in each outage.
    pub outage_candles: u32,
}

impl SynthSymbol {
    /// A bitcoin-like symbol.
    pub fn named(symbol: &str) -> Self {
        SynthSymbol {
            symbol: symbol.to_owned(),
            start_price: 30_000.0,
            price_decimals: 2,
            quantity_decimals: 5,
            annual_volatility: 0.6,
            annual_drift: 0.15,
            daily_volume: 20_000.0,
            quiet_share: 0.0,
        }
    }
}

/// Generates the candles of every symbol, in the order of the spec.
pub fn synthesize(spec: &SynthSpec) -> Result<Vec<CandleSet>> {
    check(spec)?;
    let span = spec.interval.span().nanos();
    let opens = (0..spec.candles as i64).map(|row| spec.from.nanos() + span * row);
    let opens = Arc::new(opens.collect());
    spec.symbols.par_iter().enumerate().map(|(index, symbol)| generate(spec, &opens, symbol, index as u64)).collect()
}

fn check(spec: &SynthSpec) -> Result<()> {
    let refuse = |what: String| Err(Fault::user(format!("synthetic market: {what}")).remedy("correct the spec"));
    if spec.symbols.is_empty() || spec.candles == 0 {
        return refuse("it needs at least one symbol and one candle".into());
    }
    if !(0.0..=1.0).contains(&spec.correlation) {
        return refuse(format!("correlation {} is not between 0 and 1", spec.correlation));
    }
    if !spec.interval.opens_at(spec.from) {
        return refuse(format!("no {} candle opens at {}", spec.interval, spec.from));
    }
    let span = spec.interval.span().nanos();
    let end =
        i64::try_from(spec.candles).ok().and_then(|count| span.checked_mul(count)?.checked_add(spec.from.nanos()));
    if end.is_none() {
        return refuse("its last candle would lie beyond the year 2262".into());
    }
    for symbol in &spec.symbols {
        let name = &symbol.symbol;
        let units = symbol.start_price * ten_to(symbol.price_decimals);
        if !(1_000.0..1e13).contains(&units) {
            return refuse(format!("{name}: the start price must be 1,000 to 1e13 units of its last decimal"));
        }
        if !(0.0..=5.0).contains(&symbol.annual_volatility)
            || symbol.annual_drift.is_nan()
            || symbol.annual_drift.abs() > 5.0
        {
            return refuse(format!("{name}: volatility must be 0 to 5 and drift -5 to 5 a year"));
        }
        let volume = symbol.daily_volume * ten_to(symbol.quantity_decimals);
        if !(1.0..1e15).contains(&volume) {
            return refuse(format!("{name}: the daily volume must be 1 to 1e15 units of its last decimal"));
        }
        if !(0.0..1.0).contains(&symbol.quiet_share) || symbol.quantity_decimals > 12 || symbol.price_decimals > 12 {
            return refuse(format!("{name}: the quiet share must be below 1 and decimals at most 12"));
        }
    }
    Ok(())
}

/// What all symbols share: the mood of the market and its common shocks.
struct Market {
    chance: Chance,
    /// Candles left of the present regime.
    left: u64,
    mean_length: f64,
    volatility: f64,
    tilt: f64,
}

impl Market {
    fn new(spec: &SynthSpec) -> Self {
        // A regime lasts about two days, and never fewer than twenty candles.
        let mean_length = (Span::DAY.times(2).nanos() as f64 / spec.interval.span().nanos() as f64).max(20.0);
        Market { chance: Chance::new(spec.seed, 0), left: 0, mean_length, volatility: 1.0, tilt: 0.0 }
    }

    /// The common shock of the next candle.
    #[inline]
    fn step(&mut self) -> f64 {
        if self.left == 0 {
            self.change_regime();
        }
        self.left -= 1;
        self.chance.normal()
    }

    #[cold]
    fn change_regime(&mut self) {
        // Calm, usual and stormy markets, scaled so that the mean variance is one.
        self.volatility = match self.chance.below(100) {
            0..40 => 0.55,
            40..85 => 0.92,
            _ => 1.83,
        };
        self.tilt = 0.004 * self.chance.normal();
        self.left = 1 + (-self.mean_length * libm::log(self.chance.unit())) as u64;
    }
}

/// Share of a day's activity by UTC hour, mean one: quiet nights of Asia, busy hours of New York.
const HOURS: [f64; 24] = [
    1.05, 1.0, 0.95, 0.88, 0.82, 0.8, 0.82, 0.88, 0.98, 1.0, 0.98, 0.98, 1.05, 1.2, 1.35, 1.35, 1.25, 1.15, 1.08, 1.0,
    0.95, 0.88, 0.8, 0.8,
];

fn generate(spec: &SynthSpec, opens: &Arc<Vec<i64>>, symbol: &SynthSymbol, index: u64) -> Result<CandleSet> {
    let mut market = Market::new(spec);
    let mut own = Chance::new(spec.seed, 1 + 2 * index);
    let years = spec.interval.span().days() / 365.0;
    let sigma = symbol.annual_volatility * libm::sqrt(years);
    let drift = symbol.annual_drift * years;
    let pull = 0.35 * years;
    let (shared, private) = (libm::sqrt(spec.correlation), libm::sqrt(1.0 - spec.correlation));
    let jump_chance = (150.0 * years).min(0.5);
    let jump_size = 0.02 * symbol.annual_volatility;
    // Log volatility forgets itself over about a thousand minutes, whatever the interval.
    let memory = exp(-spec.interval.span().days() * 1.44);
    let noise = 0.35 * libm::sqrt(1.0 - memory * memory);
    let price_scale = ten_to(symbol.price_decimals);
    let usual_volume = symbol.daily_volume * ten_to(symbol.quantity_decimals) * spec.interval.span().days();

    let mut columns = CandleColumns { open_time: Arc::clone(opens), ..CandleColumns::with_capacity(spec.candles) };
    let (mut mood, mut mood_factor) = (0.0f64, 1.0f64);
    let mut level = 0.0f64;
    let start = symbol.start_price * price_scale;
    let mut price = start;
    let mut last = price_units(price);
    for open_time in opens.iter() {
        let common = market.step();
        let change = noise * own.normal() - (1.0 - memory) * mood;
        mood += change;
        mood_factor *= exp(change);
        let hour = open_time.rem_euclid(Span::DAY.nanos()) / Span::HOUR.nanos();
        let activity = HOURS[hour as usize];
        let wildness = market.volatility * mood_factor;
        let deviation = sigma * wildness * activity;
        let mut step = deviation * (shared * common + private * own.normal() + market.tilt) + drift - pull * level;
        let dice = own.unit();
        if dice < jump_chance {
            step += jump_size * own.normal();
        }
        // The extremes of a path that is free between its ends, exactly in law.
        let wide = 2.0 * deviation * deviation;
        let up = 0.5 * (step + libm::sqrt(step * step + wide * own.exponential()));
        let down = 0.5 * (step - libm::sqrt(step * step + wide * own.exponential()));
        // Mean one, from 0.38 to 4.2.
        let burst = 0.417 / (1.1 - own.unit());
        let quiet = symbol.quiet_share > 0.0 && own.unit() < symbol.quiet_share;

        if quiet {
            for column in [&mut columns.open, &mut columns.high, &mut columns.low, &mut columns.close] {
                column.push(last);
            }
            columns.volume.push(0);
            continue;
        }
        let range = if deviation > 0.0 { (up - down) / (1.6 * deviation) } else { 1.0 };
        let volume = usual_volume * activity * wildness * burst * (0.4 + 0.6 * range);
        let (high, low) = (price_units(price * exp(up)), price_units(price * exp(down)));
        level += step;
        price *= exp(step);
        let close = price_units(price);
        columns.open.push(last);
        columns.high.push(high.max(last).max(close));
        columns.low.push(low.min(last).min(close));
        columns.close.push(close);
        // Eight units are enough for a trade at each of the four prices.
        columns.volume.push((volume as i64).max(8));
        last = close;
    }
    let columns = cut_holes(columns, spec, index);
    let (price_decimals, quantity_decimals) = (symbol.price_decimals, symbol.quantity_decimals);
    let content_hash = CandleSet::hash_rows(&columns, spec.interval, price_decimals, quantity_decimals);
    Ok(CandleSet {
        venue: spec.venue.clone(),
        symbol: symbol.symbol.clone(),
        interval: spec.interval,
        price_decimals,
        quantity_decimals,
        columns,
        origin: Origin::Synthetic,
        quiet_minutes: QuietMinutes::ZeroVolume,
        asked: Stretch { from: spec.from, to: spec.from.after(spec.interval.span().times(spec.candles as i64)) },
        content_hash,
    })
}

/// A price never falls below its last decimal, nor rises out of the exact integers.
#[inline]
fn price_units(price: f64) -> i64 {
    ((price + 0.5) as i64).clamp(1, 1_000_000_000_000_000)
}

fn ten_to(decimals: u8) -> f64 {
    // Powers of ten up to 1e22 are exact, and products of exact tens stay so.
    (0..decimals).fold(1.0, |power, _| power * 10.0)
}

fn cut_holes(columns: CandleColumns, spec: &SynthSpec, index: u64) -> CandleColumns {
    let gaps = spec.gaps;
    let rows = columns.len();
    if gaps == SynthGaps::default() || rows < 3 {
        return columns;
    }
    let mut chance = Chance::new(spec.seed, 2 + 2 * index);
    let mut kept = vec![true; rows];
    for keep in &mut kept {
        *keep = chance.below(10_000) >= u64::from(gaps.missing_per_10_000);
    }
    for _ in 0..gaps.outages {
        let begin = 1 + chance.below(rows as u64 - 2) as usize;
        kept.iter_mut().skip(begin).take(gaps.outage_candles as usize).for_each(|keep| *keep = false);
    }
    // The ends stay, so that the series covers what was asked.
    kept[0] = true;
    kept[rows - 1] = true;
    let cut = |column: Vec<i64>| -> Vec<i64> {
        column.into_iter().zip(&kept).filter(|(_, keep)| **keep).map(|(value, _)| value).collect()
    };
    CandleColumns {
        open_time: cut(Arc::unwrap_or_clone(columns.open_time)).into(),
        open: cut(columns.open),
        high: cut(columns.high),
        low: cut(columns.low),
        close: cut(columns.close),
        volume: cut(columns.volume),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(candles: usize) -> SynthSpec {
        SynthSpec {
            seed: 42,
            venue: VENUE.into(),
            symbols: vec![SynthSymbol::named("BTCUSDT"), SynthSymbol::named("ETHUSDT")],
            correlation: 0.7,
            interval: Interval::MINUTE,
            from: "2020-01-01".parse().unwrap(),
            candles,
            gaps: SynthGaps::default(),
        }
    }

    fn returns(set: &CandleSet) -> Vec<f64> {
        set.columns.close.windows(2).map(|pair| libm::log(pair[1] as f64 / pair[0] as f64)).collect()
    }

    fn correlation(left: &[f64], right: &[f64]) -> f64 {
        let count = left.len() as f64;
        let (a, b) = (left.iter().sum::<f64>() / count, right.iter().sum::<f64>() / count);
        let product: f64 = left.iter().zip(right).map(|(x, y)| (x - a) * (y - b)).sum();
        let squares =
            |values: &[f64], mean: f64| values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        product / libm::sqrt(squares(left, a) * squares(right, b))
    }

    #[test]
    fn candles_are_sound_and_on_the_grid() {
        for set in synthesize(&spec(50_000)).unwrap() {
            let columns = &set.columns;
            assert_eq!(columns.len(), 50_000);
            assert_eq!(set.gaps(), vec![]);
            for row in 0..columns.len() {
                let (open, high, low, close) =
                    (columns.open[row], columns.high[row], columns.low[row], columns.close[row]);
                assert!(low > 0 && low <= open.min(close) && high >= open.max(close) && columns.volume[row] > 0);
            }
        }
    }

    #[test]
    fn the_market_moves_as_asked() {
        let sets = synthesize(&spec(525_600)).unwrap();
        let (left, right) = (returns(&sets[0]), returns(&sets[1]));
        let year = libm::sqrt(left.iter().map(|step| step * step).sum::<f64>());
        assert!((0.4..0.9).contains(&year), "volatility of the year {year}");
        let together = correlation(&left, &right);
        assert!((0.5..0.85).contains(&together), "correlation {together}");
        let size: Vec<f64> = left.iter().map(|step| step.abs()).collect();
        let clustered = correlation(&size[..size.len() - 60], &size[60..]);
        assert!(clustered > 0.1, "volatility an hour apart correlates by {clustered}");
        let volume: Vec<f64> = sets[0].columns.volume[1..].iter().map(|units| *units as f64).collect();
        assert!(correlation(&size, &volume) > 0.2);
        let fourth = left.iter().map(|step| step * step * step * step).sum::<f64>() * left.len() as f64;
        assert!(fourth / (year * year * year * year) > 4.0, "tails must be heavier than the normal law's");
    }

    #[test]
    fn the_bits_are_the_same_on_every_machine() {
        let hashes: Vec<String> =
            synthesize(&spec(20_000)).unwrap().iter().map(|set| format!("{:032x}", set.content_hash)).collect();
        assert_eq!(hashes, ["d8d5b8ce8155568148b92ad3fa04472d", "95dbc35ce6d2982a3794ae135f3ffbac"]);
    }

    #[test]
    fn holes_leave_the_other_candles_as_they_were() {
        let whole = synthesize(&spec(5_000)).unwrap().remove(0);
        let mut holed = spec(5_000);
        holed.gaps = SynthGaps { missing_per_10_000: 50, outages: 2, outage_candles: 90 };
        let holed = synthesize(&holed).unwrap().remove(0);
        assert!(holed.columns.len() < 4_900, "{}", holed.columns.len());
        assert!(holed.gaps().iter().any(|gap| gap.kind == super::super::GapKind::Outage));
        for row in 0..holed.columns.len() {
            let candle = holed.columns.rows().candle(row);
            let same = whole.columns.first_at_or_after(candle.open_time);
            assert_eq!(whole.columns.rows().candle(same), candle);
        }
    }

    #[test]
    fn a_spec_that_makes_no_sense_is_refused() {
        let broken: [fn(&mut SynthSpec); 6] = [
            |spec| spec.symbols.clear(),
            |spec| spec.candles = 0,
            |spec| spec.correlation = 1.5,
            |spec| spec.from = Timestamp::from_nanos(1),
            |spec| spec.symbols[0].start_price = f64::NAN,
            |spec| spec.candles = usize::MAX,
        ];
        for change in broken {
            let mut spec = spec(10);
            change(&mut spec);
            assert_eq!(synthesize(&spec).unwrap_err().exit_code(), 2);
        }
    }
}

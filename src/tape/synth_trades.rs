//! Trades beneath candles: a path of prints through each candle's prices whose quantities sum to its volume, so that
//! aggregating them gives the candles back exactly.

use super::set::CandleSet;
use super::ticks::{TickSet, TradeSet};
use crate::chance::Chance;
use crate::domain::{Candle, Span, Timestamp, TradeColumns};
use crate::error::{Fault, Result};

/// Makes trades beneath every candle that has volume.
pub fn trades_beneath(candles: &CandleSet, seed: u64) -> Result<TradeSet> {
    let mut chance = Chance::new(seed, 0x7261_6465);
    let mut columns = TradeColumns::default();
    let rows = candles.columns.rows();
    let span = candles.interval.span();
    for row in 0..rows.len() {
        let candle = rows.candle(row);
        if candle.volume.is_zero() {
            continue;
        }
        let path = path(&candle, &mut chance);
        if candle.volume.units() < path.len() as i64 {
            return Err(Fault::user(format!(
                "the candle of {} has too little volume for a trade at each of its prices",
                candle.open_time
            ))
            .remedy("give the symbol more volume or more quantity decimals"));
        }
        prints(&candle, &path, span, &mut chance, &mut columns);
    }
    let ids = (1..=columns.len() as i64).collect();
    let decimals = (candles.price_decimals, candles.quantity_decimals);
    Ok(TickSet::new((&candles.venue, &candles.symbol), decimals, (columns, ids), candles.origin))
}

/// Prices from open over both extremes to close, with up to one step between two of them.
fn path(candle: &Candle, chance: &mut Chance) -> Vec<i64> {
    let (open, high, low, close) = (candle.open.units(), candle.high.units(), candle.low.units(), candle.close.units());
    let corners = if chance.below(2) == 0 { [open, high, low, close] } else { [open, low, high, close] };
    let mut path = Vec::with_capacity(8);
    for corner in corners {
        match path.last() {
            Some(last) if *last == corner => continue,
            Some(last) if chance.below(2) == 0 && candle.volume.units() >= 8 => {
                let (from, to) = (corner.min(*last), corner.max(*last));
                let between = from + chance.below((to - from) as u64 + 1) as i64;
                path.push(between);
            }
            Some(_) | None => {}
        }
        path.push(corner);
    }
    path
}

fn prints(candle: &Candle, path: &[i64], span: Span, chance: &mut Chance, columns: &mut TradeColumns) {
    let count = path.len() as i64;
    // Whole milliseconds where the candle has enough of them, as exchanges stamp their trades.
    let tick = if span.millis() >= count { Span::from_millis(1).nanos() } else { 1_000 };
    let slot = span.nanos() / tick / count;
    let mut left = candle.volume.units();
    let mut before = path[0];
    for (index, price) in path.iter().enumerate() {
        let offset = (index as i64 * slot + chance.below(slot.max(1) as u64) as i64) * tick;
        let later = count - 1 - index as i64;
        let quantity = if later == 0 {
            left
        } else {
            // Every later trade keeps at least one unit; on average all get equal shares.
            let most = (left - later).min(2 * left / (later + 1)).max(1);
            1 + chance.below(most as u64) as i64
        };
        left -= quantity;
        let buys = *price > before || (*price == before && chance.below(2) == 0);
        columns.time.push(candle.open_time.after(Span::from_nanos(offset)).nanos());
        columns.price.push(*price);
        columns.signed_quantity.push(if buys { quantity } else { -quantity });
        before = *price;
    }
    debug_assert!(Timestamp::from_nanos(columns.time[columns.len() - 1]) < candle.open_time.after(span));
}

#[cfg(test)]
mod tests {
    use super::super::resample::candles_from_trades;
    use super::super::synth::{SynthGaps, SynthSpec, SynthSymbol, VENUE, synthesize};
    use super::*;
    use crate::domain::Interval;

    #[test]
    fn trades_aggregate_back_to_their_candles_exactly() {
        let mut thin = SynthSymbol::named("THIN");
        thin.daily_volume = 0.05;
        thin.quiet_share = 0.2;
        let spec = SynthSpec {
            seed: 3,
            venue: VENUE.into(),
            symbols: vec![SynthSymbol::named("BTCUSDT"), thin],
            correlation: 0.0,
            interval: Interval::MINUTE,
            from: "2020-01-01".parse().unwrap(),
            candles: 20_000,
            gaps: SynthGaps::default(),
        };
        for set in synthesize(&spec).unwrap() {
            let trades = trades_beneath(&set, 9).unwrap();
            assert!(trades.columns.time.is_sorted());
            let back = candles_from_trades(trades.columns.rows(), set.interval).unwrap();
            let traded: Vec<usize> = (0..set.columns.len()).filter(|row| set.columns.volume[*row] > 0).collect();
            assert_eq!(back.len(), traded.len());
            for (row, original) in traded.into_iter().enumerate() {
                assert_eq!(back.rows().candle(row), set.columns.rows().candle(original));
            }
        }
    }
}

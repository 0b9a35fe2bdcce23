//! What a report says about a run that its outcome does not know: names, data, policies.

use crate::domain::{
    Amount, Asset, AssetId, Candle, CandleColumns, CandleRows, ClosedTrade, Instrument, InstrumentId, Interval, Origin,
    Overflow, Price, Quantity, Tag, Timestamp,
};
use crate::engine::END_OF_DATA;
use crate::ledger::Valuation;
use serde::{Deserialize, Serialize};

/// The names and circumstances of a run.
#[derive(Clone, Copy, Debug)]
pub struct RunFacts<'a> {
    /// What the scenario calls itself.
    pub name: &'a str,
    /// The version of the engine that made the outcome.
    pub engine_version: &'a str,
    /// The resolved plan, TOML.
    pub plan: &'a str,
    /// What was traded, by [`InstrumentId`].
    pub instruments: &'a [Instrument],
    /// Assets, by [`AssetId`].
    pub assets: &'a [Asset],
    /// How assets turn into the account's currency.
    pub valuation: &'a Valuation,
    /// Desks, by their number.
    pub desks: &'a [DeskFacts],
    /// Names of tags; the first is that of no name.
    pub tags: &'a [String],
    /// The market data, series by series.
    pub data: &'a [SeriesFacts],
    /// What the scenario decided about the simulated exchange, as name and value.
    pub policy: &'a [(String, String)],
    /// The other engine whose rules the scenario follows, if it names one.
    pub profile: Option<ProfileFacts<'a>>,
    /// How often the venue met a doubt that the data could not settle.
    pub doubts: u64,
    /// Whether finer data were asked about the candles that may matter.
    pub in_detail: bool,
    /// What the run comes to with every doubt decided one way, then the other.
    pub band: Option<Band>,
    /// Prices over the run, for the charts.
    pub prices: &'a [PriceOverview],
    /// Single candles near trades, where the overview has merged them.
    pub near: &'a [NearCandles],
    /// What the strategies read beside the candles.
    pub indicators: &'a [IndicatorTrack],
    /// The candles that hold entry and exit of each round trip, counted from the instrument's first of the run: those of
    /// the finished ones, then those of the open ones.
    pub candles_of_trades: &'a [[u32; 2]],
}

/// The run with every doubt that the data leave open decided one way, and the other. A measure of how much rests on
/// doubts, not a bound: an early stop can avoid a later, larger loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// Against the account.
    pub worst: BandEnd,
    /// For the account.
    pub best: BandEnd,
}

/// One end of the band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandEnd {
    /// Equity at the end, in ledger units of the account's currency.
    pub final_equity: Amount,
    /// Finished round trips.
    pub trades: u64,
}

/// A profile: the rules of another engine as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileFacts<'a> {
    /// Its word in a scenario.
    pub name: &'a str,
    /// What its results are, in one word: `CHEAT`, `OPTIMISTIC`, `UNVERIFIED`.
    pub verdict: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Who a desk is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskFacts {
    /// Its name.
    pub name: String,
    /// Its strategy.
    pub strategy: String,
    /// Its parameters, as name and value.
    pub parameters: Vec<(String, String)>,
}

/// One series of market data that the run read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesFacts {
    /// The venue and product.
    pub venue: String,
    /// The venue's name of the instrument.
    pub symbol: String,
    /// What its rows are: the candles' interval, `trades` or `quotes`.
    pub rows_are: String,
    /// Number of rows.
    pub rows: u64,
    /// Time of the first row.
    pub first: Timestamp,
    /// Time of the last row.
    pub last: Timestamp,
    /// Where they come from.
    pub origin: Origin,
    /// Hash over their content.
    pub content_hash: String,
    /// What is missing in them.
    pub gaps: GapFacts,
}

/// What is missing in a series.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapFacts {
    /// Number of holes.
    pub count: u64,
    /// Rows missing in them.
    pub missing_rows: u64,
    /// Holes that nothing explains.
    pub unexplained: u64,
    /// The holes worth naming, in order of time; possibly not all.
    pub listed: Vec<GapLine>,
}

/// One hole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapLine {
    /// Open time of the first missing row, ISO 8601.
    pub from: String,
    /// Open time of the first row behind the hole, ISO 8601.
    pub to: String,
    /// Number of missing rows.
    pub rows: u64,
    /// What kind of hole.
    pub kind: String,
}

/// The candles of one instrument that lie near its trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearCandles {
    /// Whose they are.
    pub instrument: InstrumentId,
    /// In order of time; between trades there are none.
    pub rows: CandleColumns,
}

/// A column that a strategy read, where charts show it.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorTrack {
    /// Of which instrument.
    pub instrument: InstrumentId,
    /// Of which of its series.
    pub interval: Interval,
    /// What it is, with its parameters.
    pub name: String,
    /// Where it is drawn.
    pub panel: Panel,
    /// Closes of the candles at which it had the values, in nanoseconds.
    pub times: Vec<i64>,
    /// Its values; NaN where there was none yet.
    pub values: Vec<f64>,
}

/// Where a column is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Over the candles: it is a price.
    Price,
    /// Beneath them, on an axis of its own.
    Own,
}

impl Panel {
    /// Its word in files.
    pub const fn name(self) -> &'static str {
        match self {
            Panel::Price => "price",
            Panel::Own => "own",
        }
    }
}

/// Candles of one instrument in few enough buckets for a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceOverview {
    /// Whose prices.
    pub instrument: InstrumentId,
    /// How many candles went into each bucket.
    pub candles_per_row: u64,
    /// One row per bucket; its time is that of its first candle.
    pub rows: CandleColumns,
}

impl PriceOverview {
    /// Merges candles into at most `most` buckets of equal count, the last one possibly smaller.
    pub fn of(instrument: InstrumentId, candles: CandleRows<'_>, most: usize) -> Self {
        let size = candles.len().div_ceil(most.max(1)).max(1);
        let mut rows = CandleColumns::with_capacity(candles.len().div_ceil(size));
        for from in (0..candles.len()).step_by(size) {
            let bucket = candles.slice(from, candles.len().min(from + size));
            rows.push(&Candle {
                open_time: Timestamp::from_nanos(bucket.open_time[0]),
                open: Price::from_units(bucket.open[0]),
                high: Price::from_units(bucket.high.iter().copied().fold(i64::MIN, i64::max)),
                low: Price::from_units(bucket.low.iter().copied().fold(i64::MAX, i64::min)),
                close: Price::from_units(bucket.close[bucket.len() - 1]),
                volume: Quantity::from_units(bucket.volume.iter().copied().fold(0, i64::saturating_add)),
            });
        }
        PriceOverview { instrument, candles_per_row: size as u64, rows }
    }
}

impl<'a> RunFacts<'a> {
    /// A desk's name, or its number where it has none.
    pub fn desk(&self, desk: crate::domain::DeskId) -> &'a str {
        self.desks.get(usize::from(desk.0)).map_or("?", |desk| desk.name.as_str())
    }

    /// An instrument's symbol.
    pub fn symbol(&self, instrument: InstrumentId) -> &'a str {
        self.instruments.get(usize::from(instrument.0)).map_or("?", |instrument| instrument.symbol.as_str())
    }

    /// An instrument. Panics when the outcome is not of these instruments: a bug of the caller.
    pub fn instrument(&self, instrument: InstrumentId) -> &'a Instrument {
        &self.instruments[usize::from(instrument.0)]
    }

    /// An asset. Panics when the outcome is not of these assets: a bug of the caller.
    pub fn asset(&self, asset: AssetId) -> &'a Asset {
        &self.assets[usize::from(asset.0)]
    }

    /// The account's currency.
    pub fn currency(&self) -> &'a Asset {
        self.asset(self.valuation.currency())
    }

    /// An amount of a trade's quote asset in the account's currency, at these prices.
    ///
    /// # Errors
    /// When it leaves the range of exact integers.
    pub fn in_currency(&self, trade: &ClosedTrade, amount: Amount, prices: &[Price]) -> Result<Amount, Overflow> {
        self.valuation.worth(self.instrument(trade.instrument).quote, amount, prices)
    }

    /// The name of a tag; empty for none.
    pub fn tag(&self, tag: Tag) -> &'a str {
        if tag == END_OF_DATA {
            return END_OF_DATA_NAME;
        }
        self.tags.get(tag.0 as usize).map_or("", String::as_str)
    }
}

/// How the closure of what is open at the end is named in files.
pub const END_OF_DATA_NAME: &str = "end_of_data";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_keeps_the_extremes_of_its_candles() {
        let mut candles = CandleColumns::default();
        for row in 0..5i64 {
            candles.open_time_mut().push(row * 60);
            candles.open.push(100 + row);
            candles.high.push(110 - row);
            candles.low.push(90 + row);
            candles.close.push(101 + row);
            candles.volume.push(2);
        }
        let overview = PriceOverview::of(InstrumentId(0), candles.rows(), 3);
        assert_eq!(overview.candles_per_row, 2);
        assert_eq!(*overview.rows.open_time, [0, 120, 240]);
        assert_eq!(overview.rows.open, [100, 102, 104]);
        assert_eq!(overview.rows.high, [110, 108, 106]);
        assert_eq!(overview.rows.low, [90, 92, 94]);
        assert_eq!(overview.rows.close, [102, 104, 105]);
        assert_eq!(overview.rows.volume, [4, 4, 2]);
        assert_eq!(PriceOverview::of(InstrumentId(0), CandleRows::default(), 3).rows.len(), 0);
    }
}

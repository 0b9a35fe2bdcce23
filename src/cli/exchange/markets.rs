//! Where the simulated exchange's trades come from: a synthetic market, or stored candles.

use super::ExchangeArgs;
use crate::domain::{Interval, Quantity, Span, Timestamp};
use crate::error::{Fault, Result};
use crate::exchange::listing::SymbolSpec;
use crate::exchange::market::{CandleFacts, Expanded, Grid, LadderShape, SymbolMarket};
use crate::tape::{CandleSet, SynthGaps, SynthSpec, SynthSymbol, load_candles, synthesize};
use std::time::{SystemTime, UNIX_EPOCH};

/// Days of a synthetic market after the opening; then nothing trades any more.
const DAYS_AHEAD: i64 = 30;
/// Levels of each side of the displayed book.
const LEVELS: usize = 50;
/// Places of quantities on the exchange.
const PLACES: u8 = 8;

/// Assets that prices are told in, the longer names before those they end in.
const QUOTES: [&str; 9] = ["FDUSD", "USDT", "USDC", "TUSD", "EUR", "TRY", "BTC", "ETH", "BNB"];

/// What the exchange opens with.
pub(super) struct Opening {
    pub specs: Vec<SymbolSpec>,
    pub markets: Vec<SymbolMarket>,
    /// Where the history begins.
    pub from: Timestamp,
    /// When the exchange opens.
    pub start: Timestamp,
    /// Whether that is what the machine's clock showed.
    pub is_now: bool,
}

/// The market that the arguments ask for.
pub(super) fn open(args: &ExchangeArgs) -> Result<Opening> {
    let history = Span::HOUR.times(args.history.into());
    let (sets, shift, start) = match &args.data {
        None => {
            let start = args.start.unwrap_or_else(machine_time);
            (synthetic(args, start.before(history))?, Span::ZERO, start)
        }
        Some(root) => {
            let venue = args.venue.as_deref().unwrap_or("");
            let interval: Interval =
                args.interval.parse().map_err(|error| Fault::user(format!("--interval: {error}")))?;
            let load = |symbol: &String| {
                load_candles(root, venue, symbol, interval, Timestamp::MIN, Timestamp::MAX)
                    .map_err(|fault| fault.within(format!("loading {symbol}")))
            };
            let sets = args.symbols.iter().map(load).collect::<Result<Vec<CandleSet>>>()?;
            let first = sets.iter().filter_map(|set| set.columns.open_time.first()).max().copied();
            let first = first.ok_or_else(|| Fault::user("the stored series are empty"))?;
            let earliest = Timestamp::from_nanos(first).after(history);
            let start = args.start.unwrap_or(earliest);
            match args.as_of_now {
                false => (sets, Span::ZERO, start),
                true => {
                    let now = machine_time();
                    let days = now.since(earliest).nanos().div_euclid(Span::DAY.nanos());
                    (sets, Span::DAY.times(days), now)
                }
            }
        }
    };
    let from = start.before(history);
    let specs = sets.iter().map(spec).collect::<Result<Vec<SymbolSpec>>>()?;
    let seeds = (0..).map(|number| args.seed.wrapping_add(number * 1_000_003));
    let markets = sets.iter().zip(seeds).map(|(set, seed)| market(set, seed, from, shift)).collect();
    let is_now = if args.data.is_some() { args.as_of_now } else { args.start.is_none() };
    Ok(Opening { specs, markets, from, start, is_now })
}

/// What the machine's clock shows.
pub(super) fn machine_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn synthetic(args: &ExchangeArgs, from: Timestamp) -> Result<Vec<CandleSet>> {
    let from = from.midnight();
    let days = i64::from(args.history).div_euclid(24) + 2 + DAYS_AHEAD;
    let symbol = |(index, name): (usize, &String)| {
        // Prices a tenth apart from symbol to symbol, from that of a bitcoin down.
        let price = [60_000.0, 3_000.0, 600.0, 150.0].get(index).copied().unwrap_or(20.0);
        SynthSymbol {
            start_price: price,
            quantity_decimals: if index == 0 { 5 } else { 4 },
            daily_volume: 1.2e9 / price,
            ..SynthSymbol::named(name)
        }
    };
    synthesize(&SynthSpec {
        seed: args.seed,
        venue: "binance-spot".to_owned(),
        symbols: args.symbols.iter().enumerate().map(symbol).collect(),
        correlation: 0.7,
        interval: Interval::MINUTE,
        from,
        candles: (days * 1_440) as usize,
        gaps: SynthGaps::default(),
    })
}

fn spec(set: &CandleSet) -> Result<SymbolSpec> {
    let name = &set.symbol;
    let quote = QUOTES.iter().find(|quote| name.ends_with(*quote) && name.len() > quote.len());
    let quote = quote.ok_or_else(|| {
        Fault::user(format!("{name}: which asset its prices are in is not known"))
            .remedy(format!("name symbols that end in one of {}", QUOTES.join(", ")))
    })?;
    if set.price_decimals > PLACES || set.quantity_decimals > PLACES {
        return Err(Fault::user(format!("{name} has more decimals than the exchange's {PLACES}")));
    }
    Ok(SymbolSpec {
        symbol: name.clone(),
        base: name[..name.len() - quote.len()].to_owned(),
        quote: (*quote).to_owned(),
        price_decimals: set.price_decimals,
        quantity_decimals: set.quantity_decimals,
        minimum_notional: 500_000_000,
    })
}

/// A symbol's market: its candles from `from` on, moved by `shift`.
fn market(set: &CandleSet, seed: u64, from: Timestamp, shift: Span) -> SymbolMarket {
    let lot = 10i64.pow(u32::from(PLACES - set.quantity_decimals));
    let (rows, span) = (set.columns.rows(), set.interval.span());
    let first = set.columns.first_at_or_after(from.before(shift));
    let volume: i64 = (first..rows.len()).map(|row| rows.candle(row).volume.units()).fold(0, i64::saturating_add);
    // A level holds about as much as a trade: a candle has some fifteen of them.
    let mean_lots = (volume / 15 / (rows.len() - first).max(1) as i64).max(2);
    let columns = set.columns.clone();
    let candles = (first..rows.len()).map(move |row| {
        let mut candle = columns.rows().candle(row);
        candle.open_time = candle.open_time.after(shift);
        candle.volume = Quantity::from_units(candle.volume.units().saturating_mul(lot));
        CandleFacts { candle, span, quote_volume: None, trades: None }
    });
    let shape = LadderShape { seed, tick: 1, lot, spread_ticks: 1, levels: LEVELS, mean_lots };
    SymbolMarket::new(Box::new(Expanded::new(candles, Grid { tick: 1, lot }, seed)), shape)
}

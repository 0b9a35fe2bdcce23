//! The candles that both engines are given: real ones where they are at hand, and seeded ones.

use rust_decimal::Decimal;
use std::path::Path;
use tapeline::domain::{CandleColumns, Interval, Timestamp};
use tapeline::tape::decimal::DecimalLimits;
use tapeline::tape::{
    CandleSet, QuietMinutes, Source, SynthGaps, SynthSpec, SynthSymbol, read_candle_file, synthesize,
};

/// Candles with what a scenario has to say about them.
pub struct Candles {
    pub name: String,
    pub symbol: String,
    pub quote: &'static str,
    pub interval: Interval,
    pub price_decimals: u8,
    pub columns: CandleColumns,
    quantity_decimals: u8,
    /// Opening cash: enough that nothing is ever refused, and no more, so that equity is compared in fine units.
    pub cash: &'static str,
}

impl Candles {
    fn of(set: CandleSet, name: String, quote: &'static str, cash: &'static str, rows: std::ops::Range<usize>) -> Self {
        let rows = rows.start..rows.end.min(set.columns.len());
        Candles {
            name,
            symbol: set.symbol,
            quote,
            interval: set.interval,
            price_decimals: set.price_decimals,
            quantity_decimals: set.quantity_decimals,
            columns: set.columns.slice(rows.start, rows.end).to_columns(),
            cash,
        }
    }

    /// The file that both engines read.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("open_time,open,high,low,close,volume\n");
        let rows = self.columns.rows();
        for row in 0..rows.len() {
            let candle = rows.candle(row);
            let prices = [candle.open, candle.high, candle.low, candle.close];
            text += &candle.open_time.millis().to_string();
            for price in prices {
                let digits = usize::from(self.price_decimals);
                text += &format!(",{:.digits$}", price.to_decimal(self.price_decimals));
            }
            // Three decimals: no rule of the profile looks at how much was traded.
            text += &format!(",{:.3}\n", candle.volume.to_decimal(self.quantity_decimals).max(Decimal::new(1, 3)));
        }
        text
    }

    /// How many decimals of a price a float surely holds, at most so many more than the data have: fifteen digits in all.
    pub fn exact_decimals(&self, finer: u8) -> u8 {
        let highest = self.columns.high.iter().max().copied().unwrap_or_default();
        let whole = highest.to_string().len().saturating_sub(usize::from(self.price_decimals)).max(1);
        (self.price_decimals + finer).min(15 - whole as u8)
    }

    /// The candle that an instant lies in.
    pub fn bar_of(&self, at: Timestamp) -> usize {
        self.columns.open_time.partition_point(|open| *open <= at.nanos()) - 1
    }

    /// When a candle closes, in milliseconds.
    pub fn close_ms(&self, bar: usize) -> i64 {
        Timestamp::from_nanos(self.columns.open_time[bar]).after(self.interval.span()).millis()
    }
}

/// Real series of five venues and intervals: file, symbol, quote, opening cash, rows.
const REAL: &[(&str, &str, &str, &str, std::ops::Range<usize>)] = &[
    ("binance-spot/15m/BTCUSDT-15m-2023-04-01_2024-04-09.csv.gz", "BTCUSDT", "USDT", "2000000", 0..20_000),
    ("binance-spot/15m/DOGEUSDT-15m-2023-04-01_2024-04-09.csv.gz", "DOGEUSDT", "USDT", "10000", 0..20_000),
    ("binance-usdm/1h/ETHUSDT-1h-2025-09-13_2026-03-19.csv.gz", "ETHUSDT", "USDT", "200000", 0..5_000),
    ("bitfinex-spot/1m/BTCUSD-1m-2018.csv.gz", "BTCUSD", "USD", "2000000", 0..25_000),
    ("freqtrade-testdata/5m/ETHBTC-5m-2018-01-10_2018-01-30.csv.gz", "ETHBTC", "BTC", "100", 0..6_000),
    ("freqtrade-testdata/1m/XRPETH-1m-2019-10-11_2019-10-13.csv.gz", "XRPETH", "ETH", "10", 0..3_000),
];

/// Every real series that is at hand; a missing one is said plainly.
pub fn real() -> Vec<Candles> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/market-data");
    let mut found = Vec::new();
    for (file, symbol, quote, cash, rows) in REAL {
        let path = folder.join(file);
        if !path.exists() {
            println!("skipped: no real market data at {}", path.display());
            continue;
        }
        let source = Source {
            quiet_minutes: Some(QuietMinutes::Absent),
            limits: DecimalLimits { price: Some(8), quantity: Some(8) },
            ..Source::of("oracle", symbol, None)
        };
        let set = read_candle_file(&path, &source).unwrap();
        let name = file.split('-').take(3).collect::<Vec<_>>().join("-");
        found.push(Candles::of(set, name.replace('/', " "), quote, cash, rows.clone()));
    }
    found
}

/// Ten seeded series: prices in fine and in coarse steps, with holes and without, calm and wild.
pub fn seeded() -> Vec<Candles> {
    let series = |seed: u64| {
        let spec = SynthSpec {
            seed: 7_000 + seed,
            venue: "synthetic".into(),
            symbols: vec![SynthSymbol {
                start_price: 2_000.0,
                // Coarse steps make exact touches common.
                price_decimals: [2, 0, 1, 4, 2][seed as usize % 5],
                annual_volatility: [0.6, 1.5, 0.9][seed as usize % 3],
                ..SynthSymbol::named("AAAUSDT")
            }],
            correlation: 0.0,
            interval: Interval::new(tapeline::domain::Span::MINUTE.times(5)).unwrap(),
            from: Timestamp::from_millis(1_704_067_200_000),
            candles: 6_000,
            gaps: SynthGaps {
                missing_per_10_000: if seed % 2 == 1 { 200 } else { 0 },
                outages: seed as u32 % 4,
                outage_candles: 40,
            },
        };
        let set = synthesize(&spec).unwrap().remove(0);
        Candles::of(set, format!("seeded {seed}"), "USDT", "200000", 0..6_000)
    };
    (0..10).map(series).collect()
}

//! The single run against the least that any program could do, in one process.
//!
//! The work is `scenarios/benchmark-single.toml`: five years of synthetic minutes, a crossover of averages over 10 and
//! 50 candles, a fixed quantity, 0.1 % fee, shipped defaults of latency, slippage, participation and policy, every
//! limit on. The bare loop has the same signals and no orders, no ledger, no exactness. Prints medians and their ratio:
//! `cargo bench --bench single_run`.

#[path = "common/bare.rs"]
mod bare;

use bare::{bare_loop, median, prices, seconds};
use std::path::Path;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::domain::{InstrumentId, OrderUpdate, Price, Quantity, SeriesId, Side, TimerId};
use tapeline::scenario::{Overrides, load};
use tapeline::strategy::{Context, Ticket, Trader};

/// The allocator of the command itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 15;

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/benchmark-single.toml");
    let plan = load(&path, &Overrides::default(), &Book(ALL)).expect("the shipped scenario is sound");
    let market = Market::load(&plan).expect("the synthetic market can be made");
    let stage = Stage::new(plan, market).expect("the plan fits the data");
    let candles = stage.candles(InstrumentId(0));
    let count = candles.len() as f64;
    let (opens, closes) = (prices(&candles.open), prices(&candles.close));

    let (mut bare, mut whole, mut resting) = (Vec::new(), Vec::new(), Vec::new());
    let (mut orders, mut fills) = (0, 0);
    for _ in 0..ROUNDS {
        bare.push(seconds(|| orders = bare_loop(&opens, &closes, 10, 50).2));
        whole.push(seconds(|| {
            let run = stage.run(ALL, Manner::default()).expect("the benchmark runs");
            fills = run.outcome.records.fills.len();
        }));
        resting.push(seconds(|| {
            let run = stage.run_with(Manner::default(), |_, setup| {
                let instrument = setup.symbols()[0];
                setup.follow(instrument, setup.interval());
                Ok(Waiting { instrument, waits: false })
            });
            let run = run.expect("the benchmark runs");
            assert_eq!(run.outcome.records.orders.len(), 1, "the order was sent once and rested to the end");
        }));
    }
    let (bare, whole, resting) = (median(bare), median(whole), median(resting));
    println!("bare loop       {:>7.1} M candles/s  ({orders} orders)", count / bare / 1e6);
    println!("single run      {:>7.1} M candles/s  ({fills} fills)", count / whole / 1e6);
    println!("ratio           {:>7.3} of the bare loop", bare / whole);
    println!("resting order   {:>7.1} ns a candle, no trigger", resting / count * 1e9);
}

/// A strategy whose one limit order rests far from the market for five years.
struct Waiting {
    instrument: InstrumentId,
    waits: bool,
}

impl Trader for Waiting {
    fn on_candles(&mut self, context: &mut Context<'_>, _closed: &[SeriesId]) {
        if !self.waits && context.is_tradable() {
            let lot = context.instrument(self.instrument).filters_at(context.now()).lot;
            let quantity = Quantity::from_units(lot.units() * 1_000_000);
            let order = Ticket::limit(self.instrument, Side::Buy, quantity, Price::from_units(1_000));
            self.waits = context.submit(order).is_ok();
        }
    }

    fn on_update(&mut self, _context: &mut Context<'_>, _update: &OrderUpdate) {}

    fn on_timer(&mut self, _context: &mut Context<'_>, _timer: TimerId) {}
}

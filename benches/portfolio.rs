//! A portfolio against the least that any program could do, on one thread and in one process.
//!
//! The work: 50 correlated symbols of synthetic minutes over a year in one shared account, a desk for each symbol that
//! crosses averages over 10 and 50 candles, a fixed quantity, 0.1 % fee, shipped defaults of latency, slippage,
//! participation and policy, limits of account and desks on. The bare loop takes the symbols one after the other and has
//! no shared account, no orders, no ledger, no exactness. Prints medians, their ratio and the peak memory of the process:
//! `cargo bench --bench portfolio`. An argument gives another number of symbols.

#[path = "common/bare.rs"]
mod bare;
#[path = "common/memory.rs"]
mod memory;

use bare::{bare_loop, median, prices, seconds};
use memory::peak_memory_megabytes;
use std::fmt::Write;
use std::path::Path;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::domain::InstrumentId;
use tapeline::engine::Keep;
use tapeline::scenario::{Overrides, read};

/// The allocator of the command itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;

fn main() {
    let symbols = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(50);
    let text = scenario(symbols);
    let plan = read(&text, Path::new("portfolio.toml"), &Overrides::default(), &Book(ALL)).expect("a sound scenario");
    let market = Market::load(&plan).expect("the synthetic market can be made");
    let stage = Stage::new(plan, market).expect("the plan fits the data");
    println!("peak memory     {:>7} MB with the market made", peak_memory_megabytes());
    let (mut bare, mut whole, mut orders, mut fills) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..ROUNDS {
        let mut time = 0.0;
        orders = 0;
        for symbol in 0..symbols {
            let candles = stage.candles(InstrumentId(symbol));
            let (opens, closes) = (prices(&candles.open), prices(&candles.close));
            time += seconds(|| orders += bare_loop(&opens, &closes, 10, 50).2);
        }
        bare.push(time);
        whole.push(seconds(|| {
            let run = stage.run(ALL, Manner { keep: Keep::All, ..Manner::default() }).expect("the benchmark runs");
            assert!(run.outcome.complaints.is_empty() && run.outcome.halted_at.is_none(), "nothing went wrong");
            fills = run.outcome.records.fills.len();
        }));
    }
    let (bare, whole, count) = (median(bare), median(whole), stage.rows() as f64);
    println!("bare loop       {:>7.1} M candles/s  ({orders} orders)", count / bare / 1e6);
    println!("portfolio       {:>7.1} M candles/s  ({fills} fills)", count / whole / 1e6);
    println!("ratio           {:>7.3} of the bare loop", bare / whole);
    println!("peak memory     {:>7} MB", peak_memory_megabytes());
}

/// So many symbols in one account, one desk for each.
fn scenario(symbols: u16) -> String {
    let mut text = String::from(
        r#"version = 1
name = "benchmark-portfolio"
account.currency = "USDT"
account.opening = { USDT = "100000000" }
account.limits.maximum_exposure = { value = "1000000000", action = "enforce" }
account.limits.maximum_symbol_exposure = { value = "1000000000", action = "enforce" }
account.limits.maximum_open_orders = { value = 1_000, action = "enforce" }
account.limits.daily_loss = { value = "0.9", action = "enforce" }
account.limits.drawdown = { value = "0.99", action = "enforce" }
data.synthetic = { seed = 42, candles = 525_600, from = "2023-01-01", correlation = "0.5" }
"#,
    );
    for symbol in 0..symbols {
        write!(
            text,
            r#"
[[instrument]]
symbol = "C{symbol:02}USDT"
synthetic = {{ start_price = "{price}" }}
filters = {{ tick = "0.01", lot = "0.00001", minimum_quantity = "0.00001", minimum_notional = "5" }}
fees = {{ maker = "0.001", taker = "0.001" }}

[[desk]]
name = "desk-{symbol:02}"
strategy = "sma_cross"
symbols = ["C{symbol:02}USDT"]
interval = "1m"
parameters = {{ fast = 10, slow = 50, sizing = "fixed", quantity = "0.01" }}

[desk.limits]
maximum_order_notional = {{ value = "1000000000", action = "enforce" }}
maximum_position = {{ value = "1000000", action = "enforce" }}
maximum_desk_exposure = {{ value = "1000000000", action = "enforce" }}
maximum_open_orders = {{ value = 1_000, action = "enforce" }}
daily_trades = {{ value = 100_000, action = "enforce" }}
"#,
            price = 20_000 + 500 * u32::from(symbol),
        )
        .expect("a string takes everything");
    }
    text
}

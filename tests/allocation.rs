//! What a run asks of the allocator: counted on this thread, over a run of twice the length.

use crate::outside::repository;
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::engine::{Keep, TapeFeed};
use tapeline::scenario::{Overrides, load};

/// Allocations, and orders, of a run over so many days of the speed measurement, totals only; hiring and reading are
/// not counted, the reports of a run are not written.
fn of_days(scenario: &str, days: u32) -> (u64, u64) {
    let overrides = Overrides { timerange: Some(format!("20230101-202301{:02}", days + 1)), ..Overrides::default() };
    let plan = load(&repository(scenario), &overrides, &Book(ALL)).expect("the shipped scenario is sound");
    let market = Market::load(&plan).expect("the synthetic market can be made");
    let stage = Stage::new(plan, market).expect("the plan fits the data");
    let mut orders = 0;
    let counted = allocation_counter::measure(|| {
        let run = stage.run(ALL, Manner { keep: Keep::Totals, ..Manner::default() }).expect("it runs");
        orders = run.outcome.records.totals.iter().map(|totals| totals.orders).sum();
    });
    (counted.count_total, orders)
}

/// Each block of candles is handed over in a few lists; nothing else asks for memory, neither a candle nor an order.
#[test]
fn no_candle_and_no_order_allocates() {
    const LISTS_OF_A_BLOCK: u64 = 12;
    let (one, few_orders) = of_days("scenarios/benchmark-sweep.toml", 10);
    let (two, orders) = of_days("scenarios/benchmark-sweep.toml", 20);
    let candles = 10 * 24 * 60;
    let blocks = candles / TapeFeed::BLOCK_ROWS as u64 + 1;
    let (more, more_orders) = (two - one, orders - few_orders);
    assert!(more_orders > 2 * LISTS_OF_A_BLOCK * blocks, "{more_orders} more orders would be seen");
    assert!(more <= LISTS_OF_A_BLOCK * blocks, "{more} more allocations for {blocks} more blocks");
}

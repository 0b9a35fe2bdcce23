//! The books of a session, checked by hand: cost, fees, valuation, lots and excursions.

use crate::world::{Call, World, minute, price, quantity};
use std::sync::{Arc, Mutex};
use tapeline::domain::*;
use tapeline::engine::{FillRecord, Outcome};
use tapeline::ledger::Accounting;
use tapeline::strategy::{Context, Ticket};

const A: InstrumentId = InstrumentId(0);
const B: InstrumentId = InstrumentId(1);

fn buy(amount: &str) -> Ticket {
    Ticket::market(A, Side::Buy, quantity(amount))
}

fn sell(amount: &str) -> Ticket {
    Ticket::market(A, Side::Sell, quantity(amount))
}

/// Sends each order at the open of its minute, where it fills, and lets `look` see the desk at every close.
fn play(world: &World, orders: &[(i64, Ticket)], mut look: impl FnMut(&Context<'_>) + Send) -> Outcome {
    let times: Vec<Timestamp> = orders.iter().map(|(at, _)| minute(*at)).collect();
    let mut next = orders.iter();
    let (outcome, _) = world.run(&times, move |context, call| match call {
        Call::Timer(_) => drop(context.submit(next.next().unwrap().1)),
        Call::Candles(_) => look(context),
        Call::Update(_) => {}
    });
    assert_eq!(outcome.complaints, []);
    outcome
}

/// An amount of USDT with eight decimals.
fn usdt(text: &str) -> Amount {
    Amount::from_decimal(text.parse().unwrap(), 8).unwrap()
}

/// A market whose minutes stand still at these prices.
fn still(kind: InstrumentKind, prices: &str) -> World {
    let mut world = World::new(kind);
    let candles: Vec<String> = prices.split(' ').map(|price| format!("{price}/{price}/{price}/{price}")).collect();
    world.candles(0, 0, &candles.join(" "));
    world
}

fn fee(maker: &str, taker: &str, asset: FeeAsset) -> Dated<Fees> {
    let rate = |text: &str| Rate::from_decimal(text.parse().unwrap()).unwrap();
    Dated::always(Fees { maker: rate(maker), taker: rate(taker), asset, rounding: Rounding::Up })
}

/// Results before fees and remaining cost of a position at every close.
fn costs(accounting: Accounting) -> (Vec<(Amount, Amount)>, Outcome) {
    let mut world = still(InstrumentKind::Spot, "99 100 130 120 90 90");
    world.accounting = accounting;
    let orders = [(1, buy("2")), (2, buy("1")), (3, sell("1.5")), (4, sell("1.5"))];
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let outcome = play(&world, &orders, move |context| {
        let holding = context.holding(A);
        notes.lock().unwrap().push((holding.realised, holding.basis.cost));
    });
    let seen = seen.lock().unwrap().clone();
    (seen, outcome)
}

#[test]
fn a_partial_sale_gives_up_the_average_cost_or_the_oldest_lots() {
    // Bought 2 at 100 and 1 at 130: 330 in all, 110 on average. Sold 1.5 at 120 for 180, then 1.5 at 90 for 135.
    let (average, outcome) = costs(Accounting::AverageCost);
    let row = |realised: &str, cost: &str| (usdt(realised), usdt(cost));
    assert_eq!(average[2..5], [row("0", "330"), row("15", "165"), row("-15", "0")]);
    assert_eq!(outcome.records.trades[0].profit, usdt("-15"));
    // The oldest 1.5 cost 150; half a coin at 100 and one at 130 are left.
    let (oldest, outcome) = costs(Accounting::FirstInFirstOut);
    assert_eq!(oldest[2..5], [row("0", "330"), row("30", "180"), row("-15", "0")]);
    let trade = &outcome.records.trades[0];
    assert_eq!((trade.profit, trade.quantity), (usdt("-15"), quantity("3")), "flat to flat both come to the same");
    assert_eq!((trade.entry_notional, trade.exit_notional), (usdt("330"), usdt("315")));
    assert_eq!((trade.entry_fills, trade.exit_fills), (2, 2));
    assert_eq!(outcome.final_equity, usdt("999985"));
}

#[test]
fn a_fee_taken_from_the_coin_leaves_less_to_sell() {
    let mut world = still(InstrumentKind::Spot, "99 100 110 110 110");
    world.instruments[0].fees = fee("0.001", "0.001", FeeAsset::Received);
    let mut filters = *world.instruments[0].filters_at(minute(0));
    filters.lot = quantity("0.01");
    world.instruments[0].filters = Dated::always(filters);
    // One bought, 0.001 of it taken: 0.999 are there. One cannot be sold, 0.99 can.
    let orders = [(1, buy("1")), (2, sell("1")), (3, sell("0.99"))];
    let outcome = play(&world, &orders, |_| {});
    let refused: Vec<Refusal> = outcome.desks[0].refusal_list.iter().map(|record| record.refusal).collect();
    assert_eq!(refused, [Refusal::InsufficientBalance]);
    let base = usize::from(world.instruments[0].base.0);
    assert_eq!(outcome.balances[base], (Amount::from_units(9), Amount::from_units(1)), "dust, and the fee");
    // What is left is less than a lot: the round trip is over. Its cost is 990/999 of 100 = 99.09909910, it brought
    // 108.9, and the sale's fee is 0.1089.
    let trade = &outcome.records.trades[0];
    assert_eq!(trade.profit, usdt("9.69200090"));
    // The first fee, 0.001 coin at 100, counts among the fees and is in the cost already.
    assert_eq!(trade.fees, usdt("0.2089"));
    assert_eq!(outcome.balances[0].0, usdt("1000008.7911"), "1,000,000 - 100 + 108.9 - 0.1089");
}

/// A market A and a fee coin B with eight decimals at 300, of which the account holds so many units.
fn with_fee_coin(prices: &str, coin_units: i128) -> World {
    let mut world = still(InstrumentKind::Spot, prices);
    world.add_instrument("BBBUSDT", InstrumentKind::Spot);
    let minutes = prices.split(' ').count();
    world.candles(1, 0, &vec!["300/300/300/300"; minutes].join(" "));
    world.assets[0] = Asset { code: "USDT".into(), decimals: 10, increment: 100 };
    let (a, b) = (world.instruments[0].base, world.instruments[1].base);
    world.assets[usize::from(b.0)].decimals = 8;
    world.assets[usize::from(a.0)].decimals = 3;
    world.instruments[0].quote_factor = 100_000;
    world.instruments[1].quantity_decimals = 8;
    world.instruments[1].quote_factor = 1;
    for instrument in &mut world.instruments {
        instrument.fees = fee("0.00075", "0.00075", FeeAsset::Third(b));
    }
    world.opening.push((b, Amount::from_units(coin_units), None));
    world
}

/// An amount of USDT with ten decimals.
fn fine_usdt(text: &str) -> Amount {
    Amount::from_decimal(text.parse().unwrap(), 10).unwrap()
}

#[test]
fn a_third_coin_pays_the_fees_until_it_is_used_up() {
    // 0.075 % of 100 is 0.075 USDT, that is 0.00025 of a coin at 300. There are 0.0004: enough for one fee.
    let world = with_fee_coin("99 100 100 120 120", 40_000);
    let outcome = play(&world, &[(1, buy("1")), (2, buy("1")), (3, sell("1.999"))], |_| {});
    let (a, b) = (world.instruments[0].base, world.instruments[1].base);
    let fees: Vec<_> = outcome.records.fills.iter().map(|fill| (fill.fee_asset, fill.fee.units())).collect();
    // Then the received asset pays: 0.00075 A rounded up to the 0.001 it is counted in, then 0.17991 USDT.
    assert_eq!(fees, [(b, 25_000), (a, 1), (AssetId(0), fine_usdt("0.17991").units())]);
    assert_eq!(outcome.balances[usize::from(b.0)], (Amount::from_units(15_000), Amount::from_units(25_000)));
    let trade = &outcome.records.trades[0];
    assert_eq!(trade.fees, fine_usdt("0.35491"), "0.075 + 0.001 x 100 + 0.17991");
    // 1.999 x 120 - 200 - 0.075 - 0.17991; the second fee is in the quantity.
    assert_eq!(trade.profit, fine_usdt("39.62509"));
}

#[test]
fn a_fee_coin_that_is_traded_itself_pays_its_own_sale_out_of_the_profit() {
    // One coin bought at 300: its own coin pays 0.00075 of it, so 0.99925 are held and sold. The sale's fee,
    // 0.0007494375 rounded up to 0.00074944, comes out of the other coins of the account.
    let world = with_fee_coin("99 100 100 100 100", 100_000_000);
    let whole = Quantity::from_units(100_000_000);
    let held = Quantity::from_units(99_925_000);
    let orders = [(1, Ticket::market(B, Side::Buy, whole)), (2, Ticket::market(B, Side::Sell, held))];
    let outcome = play(&world, &orders, |_| {});
    let b = usize::from(world.instruments[1].base.0);
    assert_eq!(outcome.balances[b].1.units(), 75_000 + 74_944);
    let trade = &outcome.records.trades[0];
    // 0.99925 x 300 - 300 - 0.00074944 x 300.
    assert_eq!(trade.profit, fine_usdt("-0.449832"));
    assert_eq!(trade.fees, fine_usdt("0.449832"), "0.00149944 x 300");
}

#[test]
fn an_asset_quoted_in_another_one_is_valued_through_it() {
    // XRP is traded in ETH, ETH in USDT: an account in USDT values XRP by two prices.
    let mut world = World::new(InstrumentKind::Spot);
    world.add_instrument("ETHUSDT", InstrumentKind::Spot);
    let (xrp, eth) = (world.instruments[0].base, world.instruments[1].base);
    world.assets[usize::from(eth.0)] = Asset { code: "ETH".into(), decimals: 9, increment: 10 };
    world.assets[0] = Asset { code: "USDT".into(), decimals: 11, increment: 1_000 };
    let pair = &mut world.instruments[0];
    (pair.symbol, pair.quote, pair.price_decimals, pair.quote_factor) = ("XRPETH".into(), eth, 6, 1);
    (world.instruments[1].quote_factor, world.instruments[1].base_factor) = (1_000_000, 1_000_000);
    world.paths = vec![(xrp, vec![A, B])];
    world.opening = vec![(eth, Amount::from_units(1_000_000_000), None)];
    for (row, units) in [500, 500, 600, 600].into_iter().enumerate() {
        // With six decimals, 5.00 of the text is 0.000500.
        let text = Price::from_units(units).to_decimal(2);
        world.candles(0, row as i64, &format!("{text}/{text}/{text}/{text}*100000"));
    }
    world.candles(1, 0, "2000/2000/2000/2000 2000/2000/2000/2000 2200/2200/2200/2200 2200/2200/2200/2200");
    let outcome = play(&world, &[(1, buy("1000"))], |_| {});
    assert_eq!(outcome.balances[usize::from(eth.0)].0.units(), 500_000_000, "half an ETH paid for 1,000 XRP");
    assert_eq!(outcome.balances[usize::from(xrp.0)].0.units(), 1_000_000);
    // 0.5 ETH at 2,200 and 1,000 XRP at 0.0006 ETH at 2,200.
    assert_eq!(outcome.final_equity, Amount::from_units(2_420 * 100_000_000_000));
    // The open round trip is kept in ETH: 0.6 - 0.5.
    assert_eq!(outcome.open_trades[0].profit.units(), 100_000_000);
}

#[test]
fn a_short_contract_earns_what_the_price_falls() {
    let mut world = still(InstrumentKind::Linear, "101 100 90 90");
    world.instruments[0].fees = fee("0", "0.001", FeeAsset::Quote);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let outcome = play(&world, &[(1, sell("2")), (2, buy("2"))], move |context| {
        notes.lock().unwrap().push((context.position(A).units(), context.spendable(A)));
    });
    // While it is short by 200, 200 are collateral and 0.2 are paid.
    assert_eq!(seen.lock().unwrap()[1], (-2_000, usdt("999799.8")));
    let trade = &outcome.records.trades[0];
    assert_eq!((trade.direction, trade.profit), (Direction::Short, usdt("19.62")), "20 - 0.2 - 0.18");
    assert_eq!((trade.entry_notional, trade.exit_notional), (usdt("200"), usdt("180")));
    assert_eq!(outcome.final_equity, usdt("1000019.62"));
    assert_eq!(outcome.balances[usize::from(world.instruments[0].base.0)].0, Amount::ZERO, "no coin changes hands");
}

#[test]
fn every_partial_fill_is_a_lot_of_its_own() {
    let mut world = World::new(InstrumentKind::Spot);
    world.policy.participation = Some(Rate::from_units(10_000_000));
    world.candles(0, 0, "100/100/100/100 100/100/100/100*10 101/101/101/101*10 102/102/102/102*10");
    world.candles(0, 4, "110/110/110/110 110/110/110/110");
    let outcome = play(&world, &[(1, buy("3")), (4, sell("2.5"))], |_| {});
    let shown = |fill: &FillRecord| (fill.price, fill.quantity, fill.trade);
    let fills: Vec<_> = outcome.records.fills.iter().map(shown).collect();
    let row = |level: &str, amount: &str| (price(level), quantity(amount), 0);
    assert_eq!(fills, [row("100", "1"), row("101", "1"), row("102", "1"), row("110", "2.5")]);
    let lots: Vec<_> = outcome.records.lots.iter().map(|lot| (lot.closing, lot.opening, lot.quantity)).collect();
    assert_eq!(lots, [(3, 0, quantity("1")), (3, 1, quantity("1")), (3, 2, quantity("0.5"))]);
    assert_eq!(outcome.records.orders.len(), 2, "three fills, one order");
}

#[test]
fn a_fill_that_turns_the_position_ends_one_round_trip_and_begins_the_next() {
    let world = still(InstrumentKind::Linear, "99 100 110 105 105");
    let outcome = play(&world, &[(1, buy("1")), (2, sell("3")), (3, buy("2"))], |_| {});
    let fills: Vec<_> = outcome.records.fills.iter().map(|fill| fill.trade).collect();
    assert_eq!(fills, [0, 0, 1], "the turning fill belongs to the trip that it ends");
    let shown = |trade: &ClosedTrade| (trade.number, trade.direction, trade.quantity, trade.profit);
    let trades: Vec<_> = outcome.records.trades.iter().map(shown).collect();
    let long = (0, Direction::Long, quantity("1"), usdt("10"));
    let short = (1, Direction::Short, quantity("2"), usdt("10"));
    assert_eq!(trades, [long, short], "100 to 110, then 110 to 105 twice");
    let notionals = (outcome.records.trades[1].entry_notional, outcome.records.trades[1].exit_notional);
    assert_eq!(notionals, (usdt("220"), usdt("210")));
}

#[test]
fn excursions_count_adverse_prices_whole_and_favourable_ones_as_far_as_they_are_certain() {
    let excursions = |kind: Side, candles: &str| {
        let mut world = World::new(InstrumentKind::Linear);
        world.candles(0, 0, candles);
        let order = |side| Ticket::market(A, side, quantity("1"));
        let outcome = play(&world, &[(1, order(kind)), (3, order(kind.opposite()))], |_| {});
        let trade = &outcome.records.trades[0];
        (trade.worst_price, trade.best_price)
    };
    // Entered at 100, seen to 102 for certain in the first candle and to 110 in the second; left at 107 in a candle
    // that went to 90 and 120.
    let candles = "100/100/100/100 100/105/95/102 102/110/101/108 107/120/90/100";
    assert_eq!(excursions(Side::Buy, candles), (price("90"), price("110")));
    assert_eq!(excursions(Side::Sell, candles), (price("120"), price("100")));
}

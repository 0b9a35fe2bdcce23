//! A world by dice: instruments, rules, costs, balances and candles.

use super::dice::Dice;
use crate::world::{USDT, World, minute};
use std::sync::Arc;
use tapeline::domain::*;
use tapeline::engine::{DetailColumns, Role, TapeDetail, TapeTrades};
use tapeline::ledger::Accounting;
use tapeline::strategy::{Action, Limit, Throttle};
use tapeline::venue::{IntrabarPolicy, LimitPolicy, PathOrder, Policy, Slippage};

/// One whole unit of the quote asset in ledger units: prices have two decimals, quantities eight.
pub const WHOLE_QUOTE: i128 = 10_000_000_000;
/// One whole unit of a base asset.
pub const WHOLE_BASE: i64 = 100_000_000;

/// A world and the number of its desks.
pub fn world(dice: &mut Dice) -> (World, usize) {
    let kinds = [InstrumentKind::Spot, InstrumentKind::Spot, InstrumentKind::Linear];
    let mut world = World::new(dice.pick(&kinds));
    for symbol in ["BBBUSDT", "CCCUSDT"].into_iter().take(dice.below(3)) {
        world.add_instrument(symbol, dice.pick(&kinds));
    }
    world.assets[0] = Asset { code: "USDT".into(), decimals: 10, increment: 100 };
    for asset in &mut world.assets[1..] {
        asset.decimals = 8;
    }
    let last = world.instruments.len() - 1;
    let fee_coin = (world.instruments[last].kind == InstrumentKind::Spot).then(|| world.instruments[last].base);
    for instrument in &mut world.instruments {
        instrument.quantity_decimals = 8;
        instrument.quote_factor = 1;
        instrument.filters = filters(dice);
        instrument.fees = Dated::always(fees(dice, fee_coin));
    }
    world.policy = policy(dice);
    world.accounting = dice.pick(&[Accounting::AverageCost, Accounting::FirstInFirstOut]);
    let desks = 1 + dice.below(3);
    world.opening = opening(dice, desks, fee_coin);
    if dice.chance(15) {
        let value = Amount::from_units(WHOLE_QUOTE * i128::from(dice.between(100, 3_000)));
        world.limits.maximum_desk_exposure = Some(Limit { value, action: Action::Enforce });
    }
    if dice.chance(30) {
        limits(dice, &mut world);
    }
    let rows = dice.between(20, 60);
    for series in 0..world.instruments.len() {
        candles(dice, &mut world, series, rows);
        if dice.chance(25) {
            trades_beneath(dice, &mut world, series);
        } else if world.policy.intrabar == IntrabarPolicy::Detail {
            detail_beneath(dice, &mut world, series);
        }
    }
    (world, desks)
}

/// One or two of the limits on orders, their pace, and losses.
fn limits(dice: &mut Dice, world: &mut World) {
    let action = dice.pick(&[Action::Enforce, Action::Enforce, Action::Observe]);
    let instruments = world.instruments.len();
    for _ in 0..=dice.below(2) {
        let (few, units) = (dice.between(1, 4) as u32, Quantity::from_units(dice.between(1, 40) * 10_000_000));
        let (span, share) =
            (Span::MINUTE.times(dice.between(1, 10)), Rate::from_units(dice.between(1, 40) * 1_000_000));
        let limits = &mut world.limits;
        match dice.below(10) {
            0 => limits.maximum_order_quantity = vec![Some(Limit { value: units, action }); instruments],
            1 => limits.daily_quantity = vec![Some(Limit { value: units, action }); instruments],
            2 => limits.daily_trades = Some(Limit { value: few, action }),
            3 => limits.cooldown = Some(Limit { value: span, action }),
            4 => limits.maximum_open_orders = Some(Limit { value: few, action }),
            5 => limits.price_collar = Some(Limit { value: share, action }),
            6 => limits.duplicate_order = Some(Limit { value: span, action }),
            7 => limits.message_throttle = Some(Limit { value: Throttle { messages: few, per: span }, action }),
            8 => limits.drawdown = Some(Limit { value: share, action }),
            _ => world.account_limits.drawdown = Some(Limit { value: share, action }),
        }
    }
}

fn filters(dice: &mut Dice) -> Dated<Filters> {
    let first = Filters {
        tick: Price::from_units(dice.pick(&[1, 5, 10])),
        lot: Quantity::from_units(dice.pick(&[100_000, 1_000_000])),
        minimum_quantity: Quantity::from_units(100_000),
        maximum_quantity: None,
        minimum_notional: Amount::from_units(WHOLE_QUOTE * dice.pick(&[0, 1, 5])),
        price_band: dice
            .chance(20)
            .then(|| PriceBandRule { down: Rate::from_units(97_000_000), up: Rate::from_units(103_000_000) }),
        maximum_open_orders: dice.chance(20).then_some(3),
    };
    if dice.chance(70) {
        return Dated::always(first);
    }
    // The venue changes its rules while orders are on their way.
    let later = Filters {
        tick: Price::from_units(first.tick.units() * 2),
        lot: Quantity::from_units(first.lot.units() * 10),
        minimum_notional: Amount::from_units(WHOLE_QUOTE * 20),
        ..first
    };
    let from = minute(dice.between(3, 15)).after(Span::SECOND.times(dice.between(0, 30)));
    Dated::new(vec![(Timestamp::MIN, first), (from, later)]).unwrap()
}

fn fees(dice: &mut Dice, coin: Option<AssetId>) -> Fees {
    let asset = match dice.below(4) {
        0..2 => FeeAsset::Quote,
        2 => FeeAsset::Received,
        _ => coin.map_or(FeeAsset::Quote, FeeAsset::Third),
    };
    Fees {
        maker: Rate::from_units(dice.pick(&[-10_000, 0, 75_000, 100_000])),
        taker: Rate::from_units(dice.pick(&[0, 75_000, 100_000])),
        asset,
        rounding: dice.pick(&[Rounding::Up, Rounding::Down, Rounding::HalfEven]),
    }
}

fn policy(dice: &mut Dice) -> Policy {
    let latency = |dice: &mut Dice| match dice.below(3) {
        0 => Span::ZERO,
        1 => Span::from_millis(200),
        _ => Span::SECOND.times(dice.between(1, 90)),
    };
    Policy {
        intrabar: dice.pick(&[
            IntrabarPolicy::Worst,
            IntrabarPolicy::Worst,
            IntrabarPolicy::Best,
            IntrabarPolicy::Detail,
            IntrabarPolicy::Path(PathOrder::HighFirst),
            IntrabarPolicy::Path(PathOrder::Nearer),
        ]),
        limit_fill: {
            let chance = LimitPolicy::TouchByChance { probability: Rate::from_units(40_000_000), seed: 11 };
            dice.pick(&[LimitPolicy::Through, LimitPolicy::Touch, chance])
        },
        slippage: Slippage {
            minimum_ticks: dice.between(0, 3),
            fraction: Rate::from_units(dice.pick(&[0, 10_000, 50_000])),
        },
        participation: dice.pick(&[None, Some(Rate::from_units(10_000_000)), Some(Rate::from_units(2_500_000))]),
        order_latency: latency(dice),
        cancel_latency: latency(dice),
        response_latency: if dice.chance(40) { latency(dice) } else { Span::ZERO },
        ..Policy::default()
    }
}

fn opening(dice: &mut Dice, desks: usize, coin: Option<AssetId>) -> Vec<(AssetId, Amount, Option<DeskId>)> {
    let money = |dice: &mut Dice| Amount::from_units(WHOLE_QUOTE * i128::from(dice.pick(&[300, 3_000, 100_000])));
    let mut opening = vec![(USDT, money(dice), None)];
    for desk in 0..desks {
        if dice.chance(40) {
            opening.push((USDT, money(dice), Some(DeskId(desk as u16))));
        }
    }
    if let (Some(coin), true) = (coin, dice.chance(70)) {
        let amount = Amount::from_units(i128::from(WHOLE_BASE / dice.between(1, 1_000)));
        opening.push((coin, amount, None));
    }
    opening
}

fn candles(dice: &mut Dice, world: &mut World, series: usize, rows: i64) {
    let step = dice.pick(&[1, 10, 50]);
    let columns = Arc::make_mut(&mut world.tape.series[series].columns);
    let mut close = 10_000;
    for row in 0..rows {
        if dice.chance(8) {
            continue;
        }
        let jump = if dice.chance(6) { dice.between(-800, 800) } else { 0 };
        let wide = dice.pick(&[0, 40, 120]);
        let mut near = |from: i64, reach: i64| ((from + dice.between(-reach, reach)) / step * step).max(1_000);
        let open = near(close + jump, 10);
        let (one, other, last) = (near(open, wide), near(open, wide), near(open, wide));
        close = last;
        let volume = if dice.chance(10) { 0 } else { dice.between(1, 2_000_000_000) };
        let extremes = [open, one, other, last];
        columns.push(&Candle {
            open_time: minute(row),
            open: Price::from_units(open),
            high: Price::from_units(extremes.into_iter().max().unwrap()),
            low: Price::from_units(extremes.into_iter().min().unwrap()),
            close: Price::from_units(last),
            volume: Quantity::from_units(volume),
        });
    }
}

/// Matches the trades beneath the candles of a series instead of these.
fn trades_beneath(dice: &mut Dice, world: &mut World, series: usize) {
    let columns = Arc::new(trades(dice, world, series));
    let instrument = InstrumentId(series as u16);
    let quotes = if dice.chance(50) { quotes_around(dice, &columns) } else { QuoteColumns::default() };
    world.tape.trades.push(TapeTrades { instrument, columns, quotes: Arc::new(quotes) });
    world.roles[series] = Role::Measured;
}

/// Quotes before and at some trades, now and then far from them.
fn quotes_around(dice: &mut Dice, trades: &TradeColumns) -> QuoteColumns {
    let mut quotes = QuoteColumns::default();
    for (time, price) in trades.time.iter().zip(&trades.price) {
        let wide = dice.pick(&[5, 20, 200]);
        let bid = (price + dice.between(-wide, wide)).max(1);
        quotes.push(&Quote {
            time: Timestamp::from_nanos(time - dice.between(0, 1) * Span::SECOND.nanos()),
            bid: Price::from_units(bid),
            bid_quantity: Quantity::from_units(dice.between(0, 100_000_000)),
            ask: Price::from_units(bid + dice.between(1, 20)),
            ask_quantity: Quantity::from_units(dice.between(0, 100_000_000)),
        });
    }
    quotes
}

/// Trades decide those candles of a series that they add up to: their volume is a multiple of four.
fn detail_beneath(dice: &mut Dice, world: &mut World, series: usize) {
    let columns = DetailColumns::Trades(Arc::new(trades(dice, world, series)));
    world.tape.details.push(TapeDetail { instrument: InstrumentId(series as u16), columns });
}

/// Four trades beneath each candle that has volume: its open, its extremes, its close.
fn trades(dice: &mut Dice, world: &World, series: usize) -> TradeColumns {
    let candles = Arc::clone(&world.tape.series[series].columns);
    let mut columns = TradeColumns::default();
    for row in 0..candles.len() {
        let candle = candles.rows().candle(row);
        if candle.volume.units() < 4 {
            continue;
        }
        let extremes = if dice.chance(50) { [candle.high, candle.low] } else { [candle.low, candle.high] };
        for (second, price) in [(2, candle.open), (20, extremes[0]), (40, extremes[1]), (55, candle.close)] {
            columns.push(&MarketTrade {
                time: candle.open_time.after(Span::SECOND.times(second)),
                price,
                quantity: Quantity::from_units(candle.volume.units() / 4),
                taker: dice.pick(&[Side::Buy, Side::Sell]),
            });
        }
    }
    columns
}

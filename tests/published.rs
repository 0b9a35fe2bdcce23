//! Results that another engine published, trade by trade: our ledger is given each trade's entry and exit and has to come
//! to the same profit. Skipped, and plainly so, where the collection does not stand beside the repository.

use flate2::read::GzDecoder;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;
use tapeline::domain::*;
use tapeline::ledger::{Accounting, Ledger, Seen, Valuation, ValuationStep};

/// The publisher computes in binary fractions: a price of it has more digits than any market's. So many of them are kept.
const DIGITS: u8 = 14;
/// Ledger units of BTC have the digits of a price and those of a quantity.
const MONEY: u8 = 2 * DIGITS;

/// A decimal with what the publisher's number says, to so many digits.
fn digits(value: &Value) -> i64 {
    let value = Decimal::from_scientific(&value.to_string()).or_else(|_| value.to_string().parse()).unwrap();
    let value = value.round_dp_with_strategy(DIGITS.into(), RoundingStrategy::MidpointNearestEven);
    (value * Decimal::from(10i64.pow(DIGITS.into()))).to_i64().unwrap()
}

fn instrument(symbol: &str, number: u16, btc: AssetId, fee: Rate) -> Instrument {
    Instrument {
        venue: "published".into(),
        symbol: symbol.into(),
        kind: InstrumentKind::Spot,
        base: AssetId(number),
        quote: btc,
        price_decimals: DIGITS,
        quantity_decimals: DIGITS,
        quote_factor: 1,
        base_factor: 1,
        filters: Dated::always(Filters {
            tick: Price::from_units(1),
            lot: Quantity::from_units(1),
            minimum_quantity: Quantity::ZERO,
            maximum_quantity: None,
            minimum_notional: Amount::ZERO,
            price_band: None,
            maximum_open_orders: None,
        }),
        fees: Dated::always(Fees { maker: fee, taker: fee, asset: FeeAsset::Quote, rounding: Rounding::HalfEven }),
    }
}

/// One side of a published trade.
struct Step {
    at: i64,
    /// At one instant exits come before entries: the pair's place is free again.
    exit: bool,
    trade: usize,
}

fn book(
    ledger: &mut Ledger,
    instrument: &Instrument,
    id: InstrumentId,
    side: Side,
    step: &Step,
    trade: &Value,
) -> Option<ClosedTrade> {
    let (price, fee) = if step.exit { ("close_rate", "fee_close") } else { ("open_rate", "fee_open") };
    let price = Price::from_units(digits(&trade[price]));
    let quantity = Quantity::from_units(digits(&trade["amount"]));
    let notional = instrument.notional(price, quantity).unwrap();
    let rate = Rate::from_decimal(trade[fee].to_string().parse().unwrap()).unwrap();
    let fees = instrument.fees_at(Timestamp::MIN);
    assert_eq!(rate, fees.taker, "one rate for all");
    let order = Order {
        id: OrderId(step.trade as u32 * 2 + u32::from(step.exit)),
        desk: DeskId(0),
        instrument: id,
        side,
        kind: OrderKind::Market,
        quantity,
        time_in_force: TimeInForce::GoodTillCancelled,
        effect: PositionEffect::Any,
        crossing: Crossing::Allowed,
        link: Link::None,
        tag: Tag(0),
    };
    let fill = Fill {
        price,
        quantity,
        leaves: Quantity::ZERO,
        notional,
        fee: notional.fee(rate, 1, fees.rounding).unwrap(),
        fee_asset: instrument.quote,
        liquidity: Liquidity::Taker,
        certainty: Certainty::Certain,
        slipped: Price::ZERO,
    };
    let seen = Seen { low: price, high: price };
    let marks = vec![price; 64];
    ledger.fill(&order, &fill, Timestamp::from_millis(step.at), seen, &marks, |_| {}).unwrap().closed
}

#[test]
fn the_published_trades_of_freqtrade_come_to_the_same_profit() {
    let path =
        crate::outside::repository("../shared/market-data/published-results/freqtrade-tests/backtest-result.json.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        println!("SKIPPED: {} is not there; nothing was tested", path.display());
        return;
    };
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let published: Value = serde_json::from_str(&text).unwrap();
    let result = &published["strategy"]["StrategyTestV3"];
    let trades = result["trades"].as_array().unwrap();
    let pairs: BTreeSet<&str> = trades.iter().map(|trade| trade["pair"].as_str().unwrap()).collect();
    let pairs: Vec<&str> = pairs.into_iter().collect();
    let btc = AssetId(pairs.len() as u16);
    let fee = Rate::from_decimal("0.0025".parse().unwrap()).unwrap();
    let instruments: Arc<[Instrument]> =
        pairs.iter().enumerate().map(|(number, pair)| instrument(pair, number as u16, btc, fee)).collect();
    let steps = |(number, of): (usize, &Instrument)| vec![ValuationStep::of(InstrumentId(number as u16), of)];
    let paths = instruments.iter().enumerate().map(steps).chain([Vec::new()]).collect();
    let mut ledger =
        Ledger::new(instruments.clone(), pairs.len() + 1, 1, Valuation::new(btc, paths), Accounting::AverageCost);
    let opening = Amount::from_decimal(result["starting_balance"].to_string().parse().unwrap(), MONEY).unwrap();
    ledger.transfer(btc, opening, None).unwrap();

    let mut steps: Vec<Step> = Vec::new();
    for (number, trade) in trades.iter().enumerate() {
        assert_eq!((trade["leverage"].as_f64(), trade["is_short"].as_bool()), (Some(1.0), Some(false)));
        for (exit, time) in [(false, "open_timestamp"), (true, "close_timestamp")] {
            steps.push(Step { at: trade[time].as_f64().unwrap() as i64, exit, trade: number });
        }
    }
    // A trade may end in the candle that it began in; its entry still comes first.
    steps.sort_by_key(|step| {
        let trade = &trades[step.trade];
        (step.at, !step.exit || trade["open_timestamp"] == trade["close_timestamp"], step.trade, step.exit)
    });
    // A thousandth of a satoshi: what rounding to so many digits can come to on a hundred coins.
    let allowed = 1e-11;
    let (mut apart, mut fees): (f64, f64) = (0.0, 0.0);
    let mut finished = 0;
    for step in &steps {
        let trade = &trades[step.trade];
        let number = pairs.iter().position(|pair| *pair == trade["pair"]).unwrap();
        let side = if step.exit { Side::Sell } else { Side::Buy };
        let closed = book(&mut ledger, &instruments[number], InstrumentId(number as u16), side, step, trade);
        assert_eq!(closed.is_some(), step.exit, "trade {}", step.trade);
        if let Some(closed) = closed {
            let ours = closed.profit.to_f64(MONEY);
            // The published amount of money leaves both fees out.
            let (gross, theirs) = (ours + closed.fees.to_f64(MONEY), trade["profit_abs"].as_f64().unwrap());
            fees += closed.fees.to_f64(MONEY);
            assert!((gross - theirs).abs() <= allowed, "trade {}: {gross} here, {theirs} published", step.trade);
            // The published return counts them, rounded to eight digits: the profit on the stake with its fee.
            let stake = closed.entry_notional.to_f64(MONEY) * 1.0025;
            let ratio = trade["profit_ratio"].as_f64().unwrap();
            assert!(
                (ours / stake - ratio).abs() <= 1e-8,
                "trade {}: {} here, {ratio} published",
                step.trade,
                ours / stake
            );
            apart = apart.max((gross - theirs).abs());
            finished += 1;
        }
    }
    assert_eq!(finished, 179);
    let owned = ledger.accounts().owned(btc).to_f64(MONEY) + fees;
    let balance = result["final_balance"].as_f64().unwrap();
    println!(
        "{finished} trades on {} pairs, at most {apart:.1e} BTC apart; balance before fees {owned} here, {balance} published",
        pairs.len()
    );
    assert!((owned - balance).abs() <= allowed);
}

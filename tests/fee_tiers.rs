//! Fees by the volume of thirty days, on books checked by hand.

use crate::world::{Call, World, minute, quantity};
use tapeline::domain::*;
use tapeline::engine::Outcome;
use tapeline::strategy::Ticket;
use tapeline::venue::FeeTier;

const A: InstrumentId = InstrumentId(0);

fn rate(text: &str) -> Rate {
    Rate::from_decimal(text.parse().unwrap()).unwrap()
}

fn usdt(text: &str) -> Amount {
    Amount::from_decimal(text.parse().unwrap(), 8).unwrap()
}

/// From 1,000 USDT on half the fee, from 3,000 on a tenth of it.
fn tiers() -> Dated<Vec<FeeTier>> {
    let tier = |volume: &str, fee: &str| FeeTier { volume: usdt(volume), maker: rate(fee), taker: rate(fee) };
    Dated::always(vec![tier("1000", "0.0005"), tier("3000", "0.0001")])
}

/// A market that stands at 100, three minutes at the beginning of each of these days.
fn world(days: &[i64]) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    for day in days {
        world.candles(0, day * 1_440, "100/100/100/100 100/100/100/100 100/100/100/100");
    }
    let (asset, rounding) = (FeeAsset::Quote, Rounding::Up);
    world.instruments[0].fees = Dated::always(Fees { maker: rate("0.001"), taker: rate("0.001"), asset, rounding });
    world.fee_tiers = vec![tiers()];
    world
}

/// Trades at market one minute into each of these days, buying and selling in turn: the fees, and the outcome.
fn fees(world: &World, trades: &[(i64, &str)]) -> (Vec<String>, Outcome) {
    let times: Vec<Timestamp> = trades.iter().map(|(day, _)| minute(day * 1_440 + 1)).collect();
    let mut turn = trades.iter().enumerate();
    let (outcome, _) = world.run(&times, move |context, call| {
        let Call::Timer(_) = call else { return };
        let (index, (_, amount)) = turn.next().unwrap();
        let side = if index % 2 == 0 { Side::Buy } else { Side::Sell };
        context.submit(Ticket::market(A, side, quantity(amount))).unwrap();
    });
    assert_eq!(outcome.complaints, []);
    let fees = outcome.records.fills.iter().map(|fill| fill.fee.to_decimal(8).normalize().to_string());
    (fees.collect(), outcome)
}

#[test]
fn a_day_pays_by_the_thirty_days_before_it() {
    let days = [0, 1, 2, 3, 30, 31, 32, 33];
    let trades: Vec<(i64, &str)> =
        vec![(0, "9.99"), (1, "0.01"), (2, "10"), (3, "10"), (30, "10"), (31, "1"), (32, "1"), (33, "10")];
    let (got, _) = fees(&world(&days), &trades);
    // Day  volume of the days before      notional   rate
    //   0  nothing                           999      0.1 %
    //   1  999: a unit short of the tier       1      0.1 %
    //   2  1,000: the tier begins there     1,000      0.05 %
    //   3  2,000                            1,000      0.05 %
    //  30  3,000 (days 0 to 29)             1,000      0.01 %
    //  31  3,001 (days 1 to 30)               100      0.01 %
    //  32  3,100 (days 2 to 31)               100      0.01 %
    //  33  2,200 (days 3 to 32)             1,000      0.05 %
    assert_eq!(got, ["0.999", "0.001", "0.5", "0.5", "0.1", "0.01", "0.01", "0.5"]);
}

#[test]
fn what_is_traded_today_counts_from_tomorrow() {
    let mut world = world(&[0, 1]);
    // The same minute of day 0 thrice: 2,000 each.
    let (got, _) = fees(&world, &[(0, "20"), (0, "20"), (0, "20"), (1, "20")]);
    assert_eq!(got, ["2", "2", "2", "0.2"]);
    world.fee_tiers = Vec::new();
    let (got, _) = fees(&world, &[(0, "20"), (0, "20"), (0, "20"), (1, "20")]);
    assert_eq!(got, ["2", "2", "2", "2"], "without tiers it is the fee as stated");
}

#[test]
fn closing_costs_are_estimated_at_the_tier_of_the_day() {
    // Bought for 2,000 on day 0 and held: to close it on day 1 costs 0.05 % of 2,000.
    let (_, outcome) = fees(&world(&[0, 1]), &[(0, "20")]);
    let cost = outcome.final_equity.units() - outcome.flattened_equity.units();
    assert_eq!(Amount::from_units(cost), usdt("1"));
    let (_, outcome) = fees(&world(&[0]), &[(0, "20")]);
    let cost = outcome.final_equity.units() - outcome.flattened_equity.units();
    assert_eq!(Amount::from_units(cost), usdt("2"), "on day 0 nothing counts yet");
}

#[test]
fn the_volume_is_that_of_one_venue_in_one_quote_asset() {
    for (venue, expected) in [("test", "0.5"), ("another", "1")] {
        let mut world = world(&[0, 1]);
        let other = world.add_instrument("BBBUSDT", InstrumentKind::Linear);
        world.instruments[1].venue = venue.into();
        world.candles(1, 0, "100/100/100/100 100/100/100/100 100/100/100/100");
        world.fee_tiers.push(Dated::always(Vec::new()));
        let times = [minute(1), minute(1_441)];
        let mut instruments = [other, A].into_iter();
        let (outcome, _) = world.run(&times, move |context, call| {
            let Call::Timer(_) = call else { return };
            context.submit(Ticket::market(instruments.next().unwrap(), Side::Buy, quantity("10"))).unwrap();
        });
        let fee = outcome.records.fills[1].fee.to_decimal(8).normalize().to_string();
        assert_eq!(fee, expected, "1,000 traded on the other instrument at {venue}");
    }
}

#[test]
fn tiers_change_with_their_rows() {
    let mut world = world(&[0, 1, 2]);
    let later = vec![FeeTier { volume: usdt("1"), maker: rate("0.0002"), taker: rate("0.0002") }];
    let rows = vec![(Timestamp::MIN, tiers().at(Timestamp::MIN).clone()), (minute(2 * 1_440), later)];
    world.fee_tiers = vec![Dated::new(rows).unwrap()];
    let (got, _) = fees(&world, &[(0, "10"), (1, "10"), (2, "10")]);
    assert_eq!(got, ["1", "0.5", "0.2"]);
}

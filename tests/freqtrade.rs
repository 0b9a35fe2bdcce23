//! The trading bot freqtrade as an outside oracle of the profile named after it. Differences that the profile means to
//! keep are listed in docs/profiles.md.

use crate::engines::lists::{self, Chance};
use crate::engines::oracle::{COMMISSION, Oracle};
use crate::engines::{Terms, Ties, hold_against, ours, run, setting};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

/// Decimals beyond the data's.
const FINER: u8 = 4;

/// Without `shorts` the bot trades spot. Here both are a contract: a spot exchange would want the children cancelled before
/// the coins that they hold are sold.
fn hold(shorts: bool, seed: u64) {
    let Some(oracle) = Oracle::find("freqtrade", "freqtrade_backtest.py") else { return };
    let terms = Terms { profile: "freqtrade", kind: "linear", finer: Some(FINER), basis_points: None };
    hold_against(&oracle, Ties::None, |number, candles, directory| {
        let digits = candles.price_decimals + FINER;
        // Wide and narrow levels take turns: per mille of the entry.
        let (stop, target) = ([3, 8, 20, 50][number % 4], [50, 15, 4, 9][number % 4]);
        let (stoploss, roi) = (Decimal::new(stop, 3), Decimal::new(target, 3));
        let fee: Decimal = COMMISSION.parse().unwrap();
        let list = lists::positions(candles, &mut Chance(seed + number as u64), shorts, digits, |bar, up, _| {
            let entry = Decimal::new(candles.columns.open[bar + 1], candles.price_decimals.into());
            let (up, one) = (Decimal::from(up), Decimal::ONE);
            // The return counts the fees of both sides.
            let target = entry * (one + up * roi) * (one + up * fee) / (one - up * fee);
            let units = |price: Decimal, rounding| {
                let scaled =
                    price.round_dp_with_strategy(digits.into(), rounding) * Decimal::from(10i64.pow(digits.into()));
                scaled.to_i64()
            };
            let nearest = RoundingStrategy::MidpointAwayFromZero;
            [units(entry * (one - up * stoploss), nearest), units(target, nearest)]
        });
        std::fs::write(directory.join("orders-0.csv"), list).unwrap();
        let desk = "[[desk]]\nstrategy = \"order_list\"\nparameters = { file = \"orders-0.csv\" }\n";
        let (stage, run) = run(directory, candles, terms, desk);
        let mut told = setting(candles);
        told["tick_decimals"] = json!(digits);
        // Levels are floats there: a stop is rounded up, and with it what its float has too much.
        let exact = candles.exact_decimals(FINER);
        told["decimals"] = json!(exact);
        told["interval"] = json!(candles.interval.to_string());
        told["shorts"] = json!(shorts);
        told["stoploss"] = json!(stoploss.to_string());
        told["roi"] = json!(roi.to_string());
        (ours(candles, &stage, &run).rounded(exact).apart_by(exact), told)
    });
}

#[test]
fn random_longs_trade_as_in_freqtrade() {
    hold(false, 400);
}

#[test]
fn random_longs_and_shorts_trade_as_in_freqtrade() {
    hold(true, 500);
}

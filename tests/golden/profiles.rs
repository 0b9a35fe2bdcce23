//! What the profiles of other engines decide otherwise.

use super::{QUIET, Send, bracket, check, holding, order};
use tapeline::domain::Side::Buy;
use tapeline::venue::Policy;

#[test]
fn under_the_rule_of_the_same_close_a_market_order_gets_the_price_that_it_saw() {
    let profile = Policy::vectorbt();
    let market = |stop, target| vec![Send::Bracket(0, bracket(order(Buy, "market", ""), stop, target))];
    check(vec![
        (
            "alone",
            profile,
            QUIET,
            "105/106/104/105",
            vec![Send::Order(0, order(Buy, "market", ""))],
            &["buy 1 @ 100 taker certain"],
        ),
        (
            "both in its first candle",
            profile,
            QUIET,
            "105/107/94/100",
            market("95", "106"),
            &["buy 1 @ 100 taker certain", "sell 1 @ 95 taker ambiguous"],
        ),
        (
            "gap through the stop",
            profile,
            QUIET,
            "90/92/89/91",
            market("95", "106"),
            &["buy 1 @ 100 taker certain", "sell 1 @ 90 taker certain"],
        ),
        (
            "gap through the target",
            profile,
            QUIET,
            "107/108/106/107",
            market("95", "106"),
            &["buy 1 @ 100 taker certain", "sell 1 @ 107 maker certain"],
        ),
        (
            "a limit waits for the next candle",
            profile,
            QUIET,
            "99/99/98/99",
            vec![Send::Order(0, order(Buy, "limit", "98"))],
            &["buy 1 @ 98 maker certain"],
        ),
    ]);
}

#[test]
fn a_market_order_at_the_last_close_of_the_data_still_fills_at_it() {
    let sends = [Send::Order(60, order(Buy, "market", ""))];
    assert_eq!(super::fills(Policy::vectorbt(), QUIET, "105/106/104/103", &sends), ["buy 1 @ 103 taker certain"]);
    assert_eq!(super::fills(Policy::freqtrade(), QUIET, "105/106/104/103", &sends), Vec::<String>::new());
}

#[test]
fn under_freqtrades_rules_a_gapped_stop_gets_its_own_price_if_the_candle_comes_back_to_it() {
    let profile = Policy::freqtrade();
    check(vec![
        ("comes back", profile, QUIET, "94/96/93/95.5", holding(Buy, "95", ""), &["sell 1 @ 95 taker certain"]),
        ("touches", profile, QUIET, "94/95/93/94", holding(Buy, "95", ""), &["sell 1 @ 95 taker certain"]),
        ("stays beyond", profile, QUIET, "94/94.5/93/94", holding(Buy, "95", ""), &["sell 1 @ 94 taker certain"]),
        (
            "target in the candle",
            profile,
            QUIET,
            "107/108/104/106",
            holding(Buy, "", "105"),
            &["sell 1 @ 105 maker certain"],
        ),
        (
            "candle beyond the target",
            profile,
            QUIET,
            "107/108/106/107",
            holding(Buy, "", "105"),
            &["sell 1 @ 106 maker certain"],
        ),
        (
            "the stop before the target in the first candle",
            profile,
            QUIET,
            "100/106/94/100",
            vec![Send::Bracket(0, bracket(order(Buy, "market", ""), "95", "105"))],
            &["buy 1 @ 100 taker certain", "sell 1 @ 95 taker ambiguous"],
        ),
    ]);
}

#[test]
fn under_the_rules_said_of_tradingview_the_nearer_extreme_comes_first() {
    let profile = Policy::tradingview();
    check(vec![
        ("high nearer", profile, QUIET, "100/106/93/101", holding(Buy, "95", "105"), &["sell 1 @ 105 maker ambiguous"]),
        ("low nearer", profile, QUIET, "100/107/94/101", holding(Buy, "95", "105"), &["sell 1 @ 95 taker ambiguous"]),
        (
            "gap through a limit",
            profile,
            QUIET,
            "95/97/94/96",
            vec![Send::Order(-60, order(Buy, "limit", "98"))],
            &["buy 1 @ 95 maker certain"],
        ),
    ]);
}

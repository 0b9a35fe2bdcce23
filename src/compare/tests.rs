//! Records made by hand, compared.

use super::reading::sample::{record, trade};
use super::*;
use crate::domain::{Span, Timestamp};
use rust_decimal::Decimal;

fn compared(one: Record, two: Record) -> Comparison {
    Comparison::of(vec![one, two], &Settings::default()).unwrap()
}

fn said(comparison: &Comparison) -> String {
    comparison.sides[0].first().map_or_else(String::new, |parting| format!("{} {}", parting.at, parting.text))
}

#[test]
fn within_a_candle_is_the_same_and_a_whole_candle_later_is_not() {
    let candle = Some(Span::MINUTE.times(5));
    let bot = |entry: i64| Record { candle, ..record(Kind::Freqtrade, vec![trade("7", entry, 3_600)]) };
    let ours = || record(Kind::Tapeline, vec![trade("0", 900, 3_600)]);
    assert!(compared(bot(900 - 299), ours()).is_same());
    let late = compared(bot(600), ours());
    assert_eq!(said(&late), "1970-01-01T00:10:00Z trade 7 of A and 0 of B (BTCUSDT, long) differ in entry time");
    assert!(!compared(ours(), record(Kind::Tapeline, vec![trade("0", 901, 3_600)])).is_same(), "runs of ours exactly");
}

#[test]
fn every_difference_is_found_and_dated() {
    let base = trade("0", 60, 600);
    let of = |change: &dyn Fn(&mut Trade)| {
        let mut other = base.clone();
        change(&mut other);
        said(&compared(record(Kind::Tapeline, vec![base.clone()]), record(Kind::Tapeline, vec![other])))
    };
    let more = Decimal::new(1, 12);
    assert_eq!(of(&|_| {}), "");
    for (change, at, what) in [
        (&(|trade: &mut Trade| trade.entry_price += more) as &dyn Fn(&mut Trade), "00:01", "entry price"),
        (&|trade: &mut Trade| trade.quantity = trade.quantity.map(|quantity| quantity + more), "00:01", "quantity"),
        (&|trade: &mut Trade| trade.fees = Some(Decimal::TWO), "00:01", "fees"),
        (&|trade: &mut Trade| trade.exit_price = Some(Decimal::TEN), "00:10", "exit price"),
        (&|trade: &mut Trade| trade.exit_time = Timestamp::from_millis(300_000), "00:05", "exit time"),
        (&|trade: &mut Trade| trade.profit = Some(Decimal::from(18)), "00:10", "profit"),
        (&|trade: &mut Trade| trade.open_at_end = true, "00:10", "open or closed"),
    ] {
        let found = of(change);
        assert!(found.starts_with(&format!("1970-01-01T00:{}", &at[3..])) && found.ends_with(what), "{what}: {found}");
    }
    // What one side does not know is no difference.
    assert_eq!(of(&|trade| (trade.fees, trade.quantity, trade.exit_price) = (None, None, None)), "");
    assert_eq!(of(&|trade| trade.profit = None), "");
}

#[test]
fn accounts_that_began_otherwise_are_not_the_same_although_their_trades_are() {
    let one = || record(Kind::Tapeline, vec![trade("0", 60, 600)]);
    for (other, says) in [
        (Record { opening: Some(Decimal::from(1_001)), ..one() }, "opening capital is 1,000.00 in A and 1,001.00 in B"),
        (Record { currency: Some("EUR".into()), ..one() }, "in USDT in A and in EUR in B"),
    ] {
        let found = compared(one(), other);
        assert!(!found.is_same() && found.sides[0].first().is_none());
        let told = text(&found).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(says) && !told.contains("do not part"), "{told}");
        let told: serde_json::Value = serde_json::from_str(&json(&found)).unwrap();
        assert!(told["comparisons"][0]["same"] == false && told["same"] == false, "{told}");
    }
    assert!(compared(one(), Record { opening: None, currency: None, ..one() }).is_same(), "unknown is no difference");
}

#[test]
fn profits_are_as_exact_as_the_coarser_file_writes_them() {
    let of = |kind: Kind, profit: &str| {
        record(kind, vec![Trade { profit: Some(profit.parse().unwrap()), ..trade("0", 60, 600) }])
    };
    let same = |kind: Kind, profit: &str| compared(of(Kind::Tapeline, "19.004"), of(kind, profit)).is_same();
    assert!(same(Kind::TradingView, "19.00") && same(Kind::TradingView, "19"));
    assert!(!same(Kind::TradingView, "19.01"));
    assert!(!same(Kind::Freqtrade, "19.00") && !same(Kind::BacktestingPy, "19") && !same(Kind::Tapeline, "19.0040001"));
}

#[test]
fn a_trade_that_one_side_lacks_and_another_equity_are_partings() {
    let two = record(Kind::Tapeline, vec![trade("0", 60, 600), trade("1", 7_200, 7_300)]);
    let one = record(Kind::Tapeline, vec![trade("0", 60, 600)]);
    assert!(said(&compared(one.clone(), two)).contains("trade 1 of B (BTCUSDT, long) has no counterpart in A"));
    let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
    let with = |equity: Vec<(Timestamp, f64)>| Record { equity: Some(equity), ..one.clone() };
    let found =
        compared(with(vec![(at(0), 10.0), (at(5), 11.0), (at(9), 3.0)]), with(vec![(at(0), 10.0), (at(9), 4.0)]));
    assert_eq!(said(&found), "1970-01-01T00:00:09Z equity is 3.00 USDT in A and 4.00 USDT in B");
    let euro = Record { currency: Some("EUR".into()), ..with(vec![(at(0), 1.0)]) };
    assert!(compared(with(vec![(at(0), 2.0)]), euro).sides[0].first_equity.is_none(), "other currencies");
}

#[test]
fn directions_and_symbols_are_never_mixed_and_a_silent_file_takes_the_only_one() {
    let short = |trade: Trade| Trade { direction: crate::domain::Direction::Short, ..trade };
    let found = compared(
        record(Kind::Tapeline, vec![trade("0", 60, 600)]),
        record(
            Kind::Tapeline,
            vec![short(trade("0", 60, 600)), Trade { symbol: Some("ETHUSDT".into()), ..trade("1", 60, 600) }],
        ),
    );
    let matching = &found.sides[0].matching;
    assert_eq!((matching.pairs.len(), matching.only_reference.len(), matching.only_other.len()), (0, 1, 2));
    let silent = || record(Kind::TradingView, vec![Trade { symbol: None, ..trade("5", 60, 600) }]);
    let found = compared(record(Kind::Tapeline, vec![trade("0", 60, 600)]), silent());
    assert!(found.is_same() && found.sides[0].notes[0].contains("B names no symbol; it is taken to be BTCUSDT"));
    let several = record(
        Kind::Tapeline,
        vec![trade("0", 60, 600), Trade { symbol: Some("ETHUSDT".into()), ..trade("1", 60, 600) }],
    );
    let fault = Comparison::of(vec![several, silent()], &Settings::default()).unwrap_err();
    assert!(fault.to_string().contains("--symbol") && fault.exit_code() == 2, "{fault}");
}

#[test]
fn nothing_is_compared_with_nothing() {
    let found = compared(record(Kind::Tapeline, Vec::new()), record(Kind::Freqtrade, Vec::new()));
    assert!(found.is_same());
    assert!(text(&found).contains("do not part"));
    let place = tempfile::tempdir().unwrap();
    write_page(&found, &place.path().join("page.html")).unwrap();
    assert!(Comparison::of(vec![record(Kind::Tapeline, Vec::new())], &Settings::default()).is_err());
}

#[test]
fn names_never_become_markup() {
    let hostile = Record {
        name: "<b>x</b></script>".into(),
        notes: vec!["<i>".into()],
        ..record(Kind::Freqtrade, vec![trade("<u>", 1, 2)])
    };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("page.html");
    write_page(&compared(hostile.clone(), hostile), &path).unwrap();
    let page = std::fs::read_to_string(path).unwrap();
    for markup in ["<b>x", "<i>", "<u>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
}

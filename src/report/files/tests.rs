//! The files of a run, read back.

use super::*;
use crate::report::sample::Sample;
use crate::strategy::Halt;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn written(sample: &Sample) -> (tempfile::TempDir, Summary) {
    let place = tempfile::tempdir().unwrap();
    let facts = sample.facts();
    let summary = Summary::of(&sample.outcome, &facts).unwrap();
    assert_eq!(write(&place.path().join("run"), &sample.outcome, &facts, &summary), Ok(Written::New));
    assert!(Summary::read(&place.path().join("run")).unwrap() == summary, "the summary comes back as it was");
    (place, summary)
}

type Row = BTreeMap<String, String>;

fn rows(place: &tempfile::TempDir, name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(place.path().join("run").join(name)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Row>, column: &str) -> Decimal {
    rows.into_iter().map(|row| row[column].parse::<Decimal>().unwrap()).sum()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn the_sums_of_the_files_are_those_of_the_summary() {
    let (place, summary) = written(&Sample::of(301, 2));
    let trades = rows(&place, "trades.csv");
    assert_eq!(trades.len(), 303);
    let closed = || trades.iter().filter(|row| row["status"] == "closed");
    assert_eq!(closed().count() as u64, summary.trades.closed);
    assert_eq!(sum(closed(), "profit"), decimal(&summary.trades.profit));
    assert_eq!(
        sum(trades.iter().filter(|row| row["status"] == "open"), "profit"),
        decimal(&summary.trades.open_profit)
    );
    assert_eq!(sum(&trades, "fees"), decimal(&summary.costs.fees));
    assert_eq!(sum(&trades, "slippage"), decimal(&summary.costs.slippage));
    let of = |sign: i8| closed().filter(|row| decimal(&row["profit"]).is_sign_positive() == (sign > 0)).count() as u64;
    assert_eq!((of(1), of(-1)), (summary.trades.winners, summary.trades.losers));
    assert!(summary.trades.winners > 0 && summary.trades.losers > 0);
    assert_eq!(
        decimal(&summary.trades.gross_profit) + decimal(&summary.trades.gross_loss),
        decimal(&summary.trades.profit)
    );
    let result = &summary.result;
    assert_eq!(decimal(&result.final_equity) - decimal(&result.opening_equity), decimal(&result.profit));
    for (lines, column) in [
        (summary.desks.iter().map(|desk| (&desk.name, &desk.closed_profit)).collect::<Vec<_>>(), "desk"),
        (summary.symbols.iter().map(|symbol| (&symbol.symbol, &symbol.closed_profit)).collect(), "symbol"),
    ] {
        for (name, profit) in lines {
            assert_eq!(sum(closed().filter(|row| row[column] == *name), "profit"), decimal(profit), "{name}");
        }
    }
    let ambiguous = closed().filter(|row| row["ambiguous_fills"] != "0");
    assert_eq!(sum(ambiguous, "profit"), decimal(&summary.ambiguity.profit));
    assert!(summary.ambiguity.share_of_gross_profit_percent.unwrap() > 0.0);
}

#[test]
fn the_fills_of_an_order_sum_to_it_and_lots_to_what_was_closed() {
    let (place, summary) = written(&Sample::of(40, 2));
    let (fills, orders, lots) = (rows(&place, "fills.csv"), rows(&place, "orders.csv"), rows(&place, "lots.csv"));
    assert_eq!((fills.len() as u64, orders.len(), lots.len()), (summary.fills.count, 82, 40));
    for order in &orders {
        let own = || fills.iter().filter(|fill| fill["order"] == order["order"]);
        assert_eq!(sum(own(), "quantity"), decimal(&order["filled"]));
        assert_eq!(sum(own(), "notional"), decimal(&order["notional"]));
        assert_eq!(order["average_price"], own().next().unwrap()["price"]);
        assert_eq!((order["state"].as_str(), order["time_in_force"].as_str()), ("filled", "GTC"));
    }
    assert_eq!(sum(&fills, "fee"), decimal(&summary.costs.fees_by_asset[0].amount));
    let count = |column: &str, word: &str| fills.iter().filter(|fill| fill[column] == word).count() as u64;
    assert_eq!((count("liquidity", "maker"), count("liquidity", "taker")), (summary.fills.maker, summary.fills.taker));
    assert_eq!(count("certainty", "ambiguous"), summary.fills.ambiguous);
    for lot in &lots {
        assert_eq!(lot["opening_price"], fills[lot["opening_fill"].parse::<usize>().unwrap()]["price"]);
        assert_eq!(lot["quantity"], fills[lot["closing_fill"].parse::<usize>().unwrap()]["quantity"]);
    }
}

#[test]
fn a_trade_says_what_its_amounts_say() {
    let sample = Sample::of(30, 2);
    let (place, _) = written(&sample);
    let (orders, fills) = (rows(&place, "orders.csv"), rows(&place, "fills.csv"));
    let traded = |order: &String| fills.iter().find(|fill| fill["order"] == *order).unwrap()["trade"].clone();
    assert!(orders.iter().any(|order| order["role"] == "stop"));
    let mut sum = Decimal::ZERO;
    for trade in rows(&place, "trades.csv") {
        let cell = |name: &str| decimal(&trade[name]);
        let sign = if trade["direction"] == "long" { Decimal::ONE } else { -Decimal::ONE };
        assert_eq!(cell("quantity") * cell("entry_price"), cell("entry_notional"));
        assert_eq!(cell("quantity") * cell("exit_price"), cell("exit_notional"));
        assert_eq!(sign * (cell("exit_notional") - cell("entry_notional")) - cell("fees"), cell("profit"));
        let percent = cell("profit") / cell("entry_notional") * decimal("100");
        assert_eq!(percent.round_dp(6), cell("profit_percent"));
        assert_eq!(sign * (cell("worst_price") - cell("entry_price")) * cell("quantity"), cell("mae"));
        assert_eq!(sign * (cell("best_price") - cell("entry_price")) * cell("quantity"), cell("mfe"));
        let time = |name: &str| trade[name].parse::<crate::domain::Timestamp>().unwrap();
        let length = time("exit_time").since(time("entry_time"));
        assert_eq!(cell("duration_seconds"), Decimal::new(length.nanos(), 9));
        assert_eq!(trade["entry_tag"], "cross, up");
        let ends = (trade["status"].as_str(), trade["exit_tag"].as_str(), trade["exit_reason"].as_str());
        let by = if cell("trade") % decimal("3") == Decimal::ZERO { "stop" } else { "stop-market" };
        let closed = ("closed", "</script><b>stop</b>", by);
        assert!(ends == closed || ends == ("open", "end_of_data", "end_of_data"), "{ends:?}");
        let stop = orders.iter().find(|order| order["role"] == "stop" && traded(&order["order"]) == trade["trade"]);
        assert_eq!(trade["stop_price"], stop.map_or(String::new(), |order| order["stop_price"].clone()));
        assert_eq!(trade["target_price"], "");
        assert_eq!(trade["initial_stop_price"], trade["stop_price"]);
        assert_eq!(cell("end_drawdown"), cell("profit") + cell("fees") - cell("mfe"));
        sum += cell("profit");
        assert_eq!(cell("cumulative_profit"), sum);
        let of_trade = |fill: &&BTreeMap<String, String>| fill["trade"] == trade["trade"];
        assert_eq!(trade["entry_order"], fills.iter().find(of_trade).unwrap()["order"]);
        let last = fills.iter().rfind(of_trade).unwrap()["order"].clone();
        assert_eq!(trade["exit_order"], if trade["status"] == "open" { String::new() } else { last });
        let candle =
            |name: &str| time(name).since("2024-01-01".parse().unwrap()).nanos() / crate::domain::Span::HOUR.nanos();
        assert_eq!(cell("entry_candle"), Decimal::from(candle("entry_time")));
        let last_candle = Decimal::from(sample.outcome.candles / 2 - 1);
        assert_eq!(cell("exit_candle"), Decimal::from(candle("exit_time")).min(last_candle));
    }
}

#[test]
fn equity_is_written_day_by_day_and_ends_at_the_result() {
    let sample = Sample::of(100, 1);
    let (place, summary) = written(&sample);
    let equity = rows(&place, "equity.csv");
    assert_eq!(equity.len(), sample.outcome.daily.len());
    assert_eq!(equity[0]["equity"], summary.result.opening_equity);
    assert_eq!(equity[equity.len() - 1]["equity"], summary.result.final_equity);
    assert_eq!(equity[1]["time"], "2024-01-02T00:00:00Z");
    let mut peak = Decimal::ZERO;
    for row in &equity {
        peak = peak.max(decimal(&row["equity"]));
        let drawdown = (decimal(&row["equity"]) - peak) / peak * decimal("100");
        assert_eq!(drawdown.round_dp(6), decimal(&row["drawdown_percent"]));
    }
    assert_eq!(rows(&place, "prices.csv").len(), sample.prices.iter().map(|prices| prices.rows.len()).sum::<usize>());
}

#[test]
fn a_run_without_trades_has_all_its_files() {
    let (place, summary) = written(&Sample::empty());
    for name in ["trades.csv", "orders.csv", "fills.csv", "lots.csv", "prices.csv"] {
        assert!(rows(&place, name).is_empty(), "{name}");
    }
    assert_eq!(rows(&place, "equity.csv").len(), 2);
    let refusals = rows(&place, "refusals.csv");
    assert_eq!((refusals.len(), refusals[0]["quantity"].as_str()), (2, "0.12345"));
    assert_eq!(summary.refusals, [super::super::summary::Count { name: "insufficient-balance".into(), count: 2 }]);
    assert_eq!((summary.result.return_percent, summary.buy_and_hold.return_percent), (Some(0.0), None));
    assert_eq!(summary.ambiguity.share_of_gross_profit_percent, None);
    assert!(!place.path().join("run/equity.parquet").exists());
}

#[test]
fn a_single_trade_and_a_total_loss_are_summed_up() {
    let (_, summary) = written(&Sample::of(1, 0));
    assert_eq!((summary.trades.closed, summary.fills.count), (1, 2));
    let mut sample = Sample::of(1, 0);
    let nothing = crate::domain::Amount::ZERO;
    (sample.outcome.final_equity, sample.outcome.flattened_equity) = (nothing, nothing);
    sample.outcome.daily.push((sample.outcome.end.after(crate::domain::Span::DAY), nothing));
    sample.outcome.max_drawdown = 1.0;
    let (place, summary) = written(&sample);
    assert_eq!((summary.result.return_percent, summary.result.max_drawdown_percent), (Some(-100.0), 100.0));
    let last = rows(&place, "equity.csv").pop().unwrap();
    assert_eq!((last["equity"].as_str(), last["drawdown_percent"].as_str()), ("0", "-100"));
}

#[test]
fn a_halt_is_said_in_one_sentence() {
    let mut sample = Sample::of(10, 0);
    let at: crate::domain::Timestamp = "2024-02-03T04:05:00Z".parse().unwrap();
    sample.outcome.halted_at = Some(at);
    sample.outcome.desks[0].halt = Some(Halt { at, reason: "daily loss".into() });
    let (_, summary) = written(&sample);
    assert_eq!(summary.period.halted_at.as_deref(), Some("2024-02-03T04:05:00Z"));
    assert_eq!(summary.halts[0].text, "desk trend halted at 2024-02-03T04:05:00Z: daily loss");
    assert_eq!(summary.desks[0].halted_at.as_deref(), Some("2024-02-03T04:05:00Z"));
    assert_eq!(summary.desks[1].halted_at, None);
}

#[test]
fn every_candle_is_written_as_parquet_when_it_was_kept() {
    let mut sample = Sample::of(1, 0);
    let day = crate::domain::Span::DAY;
    let rows: Vec<_> = (0..70_000i64)
        .map(|row| (sample.outcome.start.after(day.times(row)), crate::domain::Amount::from_units(i128::from(row) - 9)))
        .collect();
    sample.outcome.every_candle = Some(rows.clone());
    let (place, _) = written(&sample);
    let file = fs::File::open(place.path().join("run/equity.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut read = Vec::new();
    for batch in reader {
        use arrow_array::cast::AsArray;
        use arrow_array::types::{Decimal128Type, TimestampNanosecondType};
        let batch = batch.unwrap();
        let times = batch.column(0).as_primitive::<TimestampNanosecondType>().values().to_vec();
        let equity = batch.column(1).as_primitive::<Decimal128Type>().values().to_vec();
        read.extend(times.into_iter().zip(equity));
    }
    let expected: Vec<_> = rows.iter().map(|(at, equity)| (at.nanos(), equity.units())).collect();
    assert_eq!(read, expected);
}

#[test]
fn a_run_that_stands_is_left_alone_and_the_same_run_is_the_same_bytes() {
    let sample = Sample::of(20, 1);
    let (place, summary) = written(&sample);
    let (run, again) = (place.path().join("run"), place.path().join("again"));
    fs::write(run.join("trades.csv"), "touched").unwrap();
    assert_eq!(write(&run, &sample.outcome, &sample.facts(), &summary), Ok(Written::AlreadyThere));
    assert_eq!(fs::read_to_string(run.join("trades.csv")).unwrap(), "touched");
    write(&again, &sample.outcome, &sample.facts(), &summary).unwrap();
    for name in [
        "summary.json",
        "plan.toml",
        "orders.csv",
        "fills.csv",
        "lots.csv",
        "equity.csv",
        "prices.csv",
        "candles.parquet",
        "indicators.parquet",
    ] {
        assert_eq!(fs::read(run.join(name)).unwrap(), fs::read(again.join(name)).unwrap(), "{name}");
    }
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_place_that_is_taken_is_refused_and_kept() {
    let place = tempfile::tempdir().unwrap();
    let sample = Sample::empty();
    let summary = Summary::of(&sample.outcome, &sample.facts()).unwrap();
    let taken = place.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("mine.txt"), "mine").unwrap();
    let fault = write(&taken, &sample.outcome, &sample.facts(), &summary).unwrap_err();
    assert!(fault.to_string().contains("is no run") && fault.exit_code() == 2, "{fault}");
    assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);
    let below_a_file = taken.join("mine.txt/run");
    assert!(write(&below_a_file, &sample.outcome, &sample.facts(), &summary).is_err());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_summary_of_another_version_is_refused_with_what_to_do() {
    let sample = Sample::empty();
    let text = Summary::of(&sample.outcome, &sample.facts()).unwrap().to_json();
    assert!(Summary::from_json(&text).is_ok());
    let later = text.replace("\"format_version\": 1", "\"format_version\": 99");
    let fault = Summary::from_json(&later).unwrap_err().to_string();
    assert!(
        fault.contains("format_version 99 is not known") && fault.contains("what to do: use the tapeline"),
        "{fault}"
    );
    for damaged in ["", "{}", "[]", "{\"format_version\": 1}", &text[..text.len() / 2]] {
        assert!(Summary::from_json(damaged).unwrap_err().to_string().contains("no summary of a run"), "{damaged}");
    }
}

#[test]
fn every_column_and_every_key_stands_in_the_documentation() {
    let page = include_str!("../../../docs/files.md");
    for (file, columns) in FILES {
        let (_, section) = page.split_once(&format!("\n## {file}")).expect(file);
        let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
        let documented: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(documented, columns.split(',').collect::<Vec<_>>(), "{file}");
        for line in section.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let expected = match cells[2] {
                "time" => CellType::Time,
                "number" | "count" => CellType::Whole,
                "name" | "code" => CellType::Text,
                words if words.starts_with('`') || words.contains("its sign") => CellType::Text,
                _ => CellType::Decimal,
            };
            assert_eq!(CellType::of(cells[1].trim_matches('`')), expected, "{file}: {line}");
        }
    }
    let sample = Sample::of(20, 2);
    let (place, summary) = written(&sample);
    for file in ["candles.parquet", "indicators.parquet"] {
        let reader = fs::File::open(place.path().join("run").join(file)).unwrap();
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(reader).unwrap();
        let columns: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        let (_, section) = page.split_once(&format!("\n## {file}")).expect(file);
        let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
        let documented: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(documented, columns, "{file}");
    }
    let (_, section) = page.split_once("\n## summary.json").unwrap();
    let mut unknown = Vec::new();
    keys(&serde_json::to_value(&summary).unwrap(), &mut |key| {
        if !section.contains(&format!("`{key}`")) {
            unknown.push(key.to_owned());
        }
    });
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn keys(value: &serde_json::Value, seen: &mut dyn FnMut(&str)) {
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| {
            seen(key);
            keys(value, seen);
        }),
        serde_json::Value::Array(list) => list.iter().for_each(|value| keys(value, seen)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

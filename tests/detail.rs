//! Finer data decide candles: what they show, what happens where they are missing, and that nobody is told before.

use crate::conservation::dice::Dice;
use crate::outside::{Folder, repository};
use crate::world::{Call, Script, World, free_policy, minute, price, quantity};
use std::sync::Arc;
use tapeline::domain::*;
use tapeline::engine::{DetailColumns, DetailCounts, Idle, Outcome, TapeDetail};
use tapeline::strategy::{BracketTicket, Context, Ticket};
use tapeline::tape::{candles_from_trades, resample};
use tapeline::venue::{IntrabarPolicy, Policy};

const A: InstrumentId = InstrumentId(0);

fn five_minutes() -> Interval {
    "5m".parse().unwrap()
}

fn in_detail() -> Policy {
    Policy { intrabar: IntrabarPolicy::Detail, ..free_policy() }
}

/// Candles of five minutes, and these minutes beneath them.
fn world(policy: Policy, minutes: &str) -> World {
    let mut finer = World::new(InstrumentKind::Linear);
    finer.candles(0, 0, minutes);
    let columns = Arc::clone(&finer.tape.series[0].columns);
    above(policy, DetailColumns::Candles(Interval::MINUTE, columns))
}

/// The candles of five minutes that finer rows make, with these beneath them.
fn above(policy: Policy, detail: DetailColumns) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy = policy;
    let coarse = match &detail {
        DetailColumns::Candles(interval, columns) => {
            let end = columns.rows().close_time(columns.len() - 1, *interval);
            resample(columns.rows(), *interval, five_minutes(), end).unwrap().columns
        }
        DetailColumns::Trades(columns) => candles_from_trades(columns.rows(), five_minutes()).unwrap(),
    };
    world.tape.series[0].series.interval = five_minutes();
    world.tape.series[0].columns = Arc::new(coarse);
    world.tape.details.push(TapeDetail { instrument: A, columns: detail });
    world
}

fn fills(outcome: &Outcome) -> Vec<String> {
    assert_eq!(outcome.complaints, []);
    let line = |fill: &tapeline::engine::FillRecord| {
        let second = fill.at.since(minute(0)).nanos() / Span::SECOND.nanos();
        let (side, price) = (fill.side.name(), fill.price.to_decimal(2));
        format!("{second} {side} {price} {}", fill.certainty.name())
    };
    outcome.records.fills.iter().map(line).collect()
}

/// Enters at the first close with a stop at 95 and a target at 105.
fn bracket(world: &World) -> Outcome {
    let mut sent = false;
    let (outcome, _) = world.run(&[], move |context, call| {
        if let (Call::Candles(_), false) = (&call, sent) {
            sent = true;
            let entry = Ticket::market(A, Side::Buy, quantity("1"));
            let stop = Some((OrderKind::StopMarket { trigger: price("95") }, Tag::default()));
            let target = Some((OrderKind::Limit { price: price("105") }, Tag::default()));
            context.bracket(BracketTicket { entry, stop, target }).unwrap();
        }
    });
    outcome
}

const FLAT: &str = "100/100/100/100 100/100/100/100 100/100/100/100 100/100/100/100 100/100/100/100";

#[test]
fn what_the_candle_leaves_open_the_finer_candles_decide() {
    // Both levels lie within the second candle of five minutes; its minutes show that the target came first.
    let minutes = format!("{FLAT} 100/101/99/101 101/106/101/104 104/104/100/100 100/100/94/96 96/101/96/101");
    let decided = bracket(&world(in_detail(), &minutes));
    assert_eq!(fills(&decided), ["300 buy 100 certain", "419 sell 105 certain"]);
    // The first candle meets no order.
    assert_eq!(decided.detail, DetailCounts { decided: 1, fell_back: 0 });
    let mut alone = world(free_policy(), &minutes);
    alone.tape.details.clear();
    let worst = bracket(&alone);
    assert_eq!(fills(&worst), ["300 buy 100 certain", "599 sell 95 ambiguous"]);
    // Where one minute alone reaches both, that is still a doubt, and it goes against the account.
    let doubtful = format!("{FLAT} 100/101/99/101 101/106/94/104 104/104/100/100 100/100/96/96 96/101/96/101");
    assert_eq!(fills(&bracket(&world(in_detail(), &doubtful))), ["300 buy 100 certain", "419 sell 95 ambiguous"]);
}

#[test]
fn trades_beneath_decide_at_their_own_prices() {
    let mut trades = World::new(InstrumentKind::Linear);
    trades.trades(A, "1:100:5 301:100:5 350:101:5 370:105.5:5 400:94:5 590:101:5");
    let columns = Arc::clone(&trades.tape.trades[0].columns);
    let outcome = bracket(&above(in_detail(), DetailColumns::Trades(columns)));
    assert_eq!(fills(&outcome), ["301 buy 100 certain", "370 sell 105 certain"]);
}

#[test]
fn where_the_finer_rows_are_missing_or_another_market_the_candle_decides_against_the_account() {
    let minutes = format!("{FLAT} 100/101/99/101 101/106/101/104 104/104/100/100 100/100/94/96 96/101/96/101");
    let whole = world(in_detail(), &minutes);
    let with = |change: &dyn Fn(&mut CandleColumns)| {
        let mut world = whole.clone();
        let DetailColumns::Candles(_, columns) = &mut world.tape.details[0].columns else { unreachable!() };
        change(Arc::make_mut(columns));
        bracket(&world)
    };
    type Change<'a> = &'a dyn Fn(&mut CandleColumns);
    let changes: [(&str, Change<'_>); 6] = [
        ("no row at all", &|columns| *columns = columns.slice(0, 5).to_columns()),
        ("the last row is missing", &|columns| *columns = columns.slice(0, 9).to_columns()),
        ("another open", &|columns| columns.open[5] += 1),
        ("another high", &|columns| columns.high[6] += 1),
        ("another close", &|columns| columns.close[9] -= 1),
        ("less volume", &|columns| columns.volume[7] -= 1),
    ];
    for (what, change) in changes {
        let outcome = with(change);
        assert_eq!(fills(&outcome), ["300 buy 100 certain", "599 sell 95 ambiguous"], "{what}");
        assert_eq!(outcome.detail, DetailCounts { decided: 0, fell_back: 1 }, "{what}");
    }
}

#[test]
fn an_order_that_came_late_in_a_candle_pays_no_less_than_its_close_at_the_next_trade() {
    let mut world = world(in_detail(), &format!("{FLAT} {FLAT} {FLAT}"));
    // The second candle has no trades of its own, the third has.
    let mut trades = World::new(InstrumentKind::Linear);
    trades.trades(A, "601:98:3000 650:100:2000");
    world.tape.details[0].columns = DetailColumns::Trades(Arc::clone(&trades.tape.trades[0].columns));
    let columns = Arc::make_mut(&mut world.tape.series[0].columns);
    (columns.open[2], columns.low[2]) = (price("98").units(), price("98").units());
    let (outcome, _) = world.run(&[minute(6)], |context, call| {
        if let Call::Timer(_) = call {
            context.submit(Ticket::market(A, Side::Buy, quantity("1"))).unwrap();
        }
    });
    assert_eq!(fills(&outcome), ["601 buy 100 certain"]);
    assert_eq!(outcome.detail, DetailCounts { decided: 1, fell_back: 1 });
}

/// Random minutes.
fn minutes(dice: &mut Dice, rows: i64) -> CandleColumns {
    let (mut columns, mut close) = (CandleColumns::default(), 10_000);
    for row in 0..rows {
        let open = close + dice.between(-20, 20);
        close = open + dice.between(-60, 60);
        let (high, low) = (open.max(close) + dice.between(0, 40), open.min(close) - dice.between(0, 40));
        let [open, high, low, close] = [open, high, low, close].map(Price::from_units);
        let volume = Quantity::from_units(dice.between(0, 9) * 1_000);
        if dice.chance(95) {
            columns.push(&Candle { open_time: minute(row), open, high, low, close, volume });
        }
    }
    columns
}

/// Sends what the dice say at the closes of this series, whatever becomes of it.
fn gamble(dice: &mut Dice, context: &mut Context<'_>) {
    let Some(last) = context.last(A).map(Price::units) else { return };
    let mut level = || Price::from_units(last + dice.between(-150, 150));
    let kinds = [
        OrderKind::Market,
        OrderKind::Limit { price: level() },
        OrderKind::StopMarket { trigger: level() },
        OrderKind::StopLimit { trigger: level(), price: level() },
        OrderKind::TakeProfit { trigger: level() },
        OrderKind::TrailingStop { trail: Trail::Distance(price("0.7")) },
    ];
    let (stop, target) = (level(), level());
    let kind = dice.pick(&kinds);
    let side = dice.pick(&[Side::Buy, Side::Sell]);
    let entry = Ticket::new(A, side, kind, Quantity::from_units(dice.between(1, 900)));
    if dice.chance(50) {
        let stop = Some((OrderKind::StopMarket { trigger: stop }, Tag::default()));
        let target = Some((OrderKind::Limit { price: target }, Tag::default()));
        let _ = context.bracket(BracketTicket { entry, stop, target });
    } else {
        let _ = context.submit(entry);
    }
}

/// Refinement: candles of five minutes decided by their minutes are those minutes, for whoever decides every five.
#[test]
fn candles_in_detail_fill_as_the_finer_candles_alone_do() {
    let (mut compared, mut decided) = (0, 0);
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let finer = Arc::new(minutes(&mut dice, 300));
        let policy = Policy { participation: dice.pick(&[None, Some(Rate::from_units(10_000_000))]), ..in_detail() };
        let mut coarse = above(policy, DetailColumns::Candles(Interval::MINUTE, Arc::clone(&finer)));
        // Both at the finer candles' end, so that the data end alike.
        let closed = coarse.tape.series[0].clone();
        let mut fine = World::new(InstrumentKind::Linear);
        fine.policy = Policy { intrabar: IntrabarPolicy::Worst, ..policy };
        let end = closed.columns.rows().close_time(closed.columns.len() - 1, five_minutes());
        let rows = finer.open_time.partition_point(|open| *open < end.nanos());
        fine.tape.series[0].columns = Arc::new(finer.slice(0, rows).to_columns());
        fine.add_instrument("BBBUSDT", InstrumentKind::Linear);
        fine.tape.series[1] = closed.clone();
        fine.roles[1] = tapeline::engine::Role::Shown;
        let run = |world: &World, series: SeriesId| {
            let mut dice = Dice::new(seed + 1_000);
            let trader = Script(move |context: &mut Context<'_>, call: Call<'_>| {
                if let Call::Candles(closed) = call
                    && closed.contains(&series)
                {
                    gamble(&mut dice, context);
                }
            });
            world.run_all(vec![trader], &[]).0
        };
        let (expected, found) = (run(&fine, SeriesId(1)), run(&coarse, SeriesId(0)));
        let list = |outcome: &Outcome| -> Vec<String> {
            assert_eq!(outcome.complaints, []);
            outcome.records.fills.iter().map(|fill| format!("{fill:?}")).collect()
        };
        assert_eq!(list(&found), list(&expected), "seed {seed}");
        assert_eq!(found.detail.fell_back, 0, "seed {seed}");
        compared += expected.records.fills.len();
        decided += found.detail.decided;
        for (idle, block_rows) in [(Idle::Turn, 1_024), (Idle::Skip, 1), (Idle::Skip, 7)] {
            (coarse.idle, coarse.block_rows) = (idle, block_rows);
            let again = run(&coarse, SeriesId(0));
            assert_eq!((again.fingerprint, again.detail), (found.fingerprint, found.detail), "{idle:?} {block_rows}");
        }
    }
    println!("{compared} fills in {decided} candles decided by their minutes");
    assert!(compared > 5_000, "only {compared} fills were compared");
}

/// A scenario on the store's five-minute candles, decided by what is finer.
fn scenario_on(detail: &str, more: &str) -> String {
    format!(
        "version = 1\n[data]\nstore = \"data\"\n[[instrument]]\nsymbol = \"BTCUSDT\"\nvenue = \"synthetic\"\ninterval = \"5m\"\n\
         detail = \"{detail}\"\n[policy]\nintrabar = \"detail\"\n{more}[[desk]]\nstrategy = \"breakout\"\n\
         parameters = {{ window = 10, atr_window = 5, atr_multiple = \"1\" }}\n"
    )
}

#[test]
fn the_report_counts_what_the_store_s_finer_series_decided() {
    let folder = Folder::new();
    folder.must(&["data", "synth", "--candles", "4000", "--seed", "3", "--trades"]);
    folder.must(&["data", "resample", "synthetic/BTCUSDT", "--interval", "5m"]);
    folder.put("minutes.toml", scenario_on("1m", ""));
    folder.put("trades.toml", scenario_on("trades", ""));
    for name in ["minutes.toml", "trades.toml"] {
        let (run, summary) = folder.run(name, "reports", &[]);
        let decided = summary["detail"]["decided"].as_u64().unwrap();
        assert!(decided > 100, "{name}: {decided}");
        assert_eq!(summary["detail"]["fell_back"], 0, "{name}");
        assert_eq!(summary["data"].as_array().unwrap().len(), 2, "{name}: the report names both series");
        let text = folder.text(&format!("{run}/report.html"));
        assert!(text.contains("candles that finer data decided"), "{name}");
        // The written plan is that run.
        let again = folder.must(&["verify", &run]);
        assert!(again.contains(summary["fingerprint"].as_str().unwrap()), "{again}");
    }
    let (_, worst) = folder.run("minutes.toml", "reports", &["--set", "policy.intrabar=worst"]);
    assert_eq!(worst["detail"], serde_json::Value::Null);
}

#[test]
fn detail_that_cannot_be_is_refused() {
    let folder = Folder::new();
    folder.must(&["data", "synth", "--candles", "400", "--seed", "3"]);
    folder.must(&["data", "resample", "synthetic/BTCUSDT", "--interval", "5m"]);
    let sound = scenario_on("1m", "");
    let with = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}");
        sound.replacen(from, to, 1)
    };
    let cases = [
        (with("detail = \"1m\"\n", ""), "BTCUSDT names none"),
        (with("detail = \"1m\"", "detail = \"off\""), "BTCUSDT names none"),
        (with("detail = \"1m\"", "detail = \"2m\""), "not made of whole candles of 2m"),
        (with("detail = \"1m\"", "detail = \"5m\""), "not made of whole candles of 5m"),
        (with("detail = \"1m\"", "detail = \"fine\""), "'fine' is not a candle interval"),
        (with("detail = \"1m\"", "detail = \"1m\"\nmatch = \"trades\""), "nothing is finer"),
        (with("detail = \"1m\"", "detail = \"1m\"\ndetail_file = \"a.csv\""), "a store's detail is found in the store"),
        (with("detail = \"1m\"", "detail = \"trades\""), "loading the detail of BTCUSDT"),
        (with("detail = \"1m\"", "detail = \"1m\"\nfile = \"a.csv\""), "add detail_file"),
        (with("detail = \"1m\"", "detail = \"trades\"\nfile = \"a.csv\""), "needs a file of trades"),
        (with("detail = \"1m\"", "file = \"a.csv\"\ndetail_file = \"b.csv\""), "does not say how long"),
    ];
    for (text, expected) in cases {
        folder.put("a.toml", &text);
        let done = folder.tapeline(&["run", "a.toml"]);
        assert_eq!(done.code, 2, "{expected}: {}", done.err);
        assert!(done.err.contains(expected), "{expected} is not in: {}", done.err);
        assert!(!folder.at("reports").exists(), "{expected}: something was written");
    }
}

/// The exchange's own trades make the exchange's own minutes: each of them is decided by its trades.
#[test]
fn real_trades_decide_the_minutes_that_they_make() {
    let of = |kind: &str| {
        let pattern = repository(&format!("../shared/market-data/freqtrade-testdata/{kind}/XRPETH-*.csv.gz"));
        pattern.to_string_lossy().into_owned()
    };
    let (trades, minutes) = (of("trades"), of("1m"));
    if [&trades, &minutes].iter().any(|pattern| glob::glob(pattern).unwrap().next().is_none()) {
        println!("SKIPPED: {trades} or {minutes} is not there; nothing was tested");
        return;
    }
    let folder = Folder::new();
    let import = ["data", "import", "--venue", "binance-spot", "--symbol", "XRPETH"];
    folder.must(&[&import[..], &[&trades]].concat());
    folder.must(&[&import[..], &[&minutes, "--interval", "1m", "--quiet-minutes", "absent"]].concat());
    let text = scenario_on("trades", "").replace("interval = \"5m\"", "interval = \"1m\"");
    let text = text.replace("\"BTCUSDT\"", "\"XRPETH\"").replace("\"synthetic\"", "\"binance-spot\"");
    let account = "version = 1\n[account]\ncurrency = \"ETH\"\nopening = { ETH = \"100\" }\n";
    folder.put("xrp.toml", text.replace("version = 1\n", account));
    let (_, summary) = folder.run("xrp.toml", "reports", &[]);
    assert!(summary["detail"]["decided"].as_u64().unwrap() > 100, "{}", summary["detail"]);
    assert_eq!(summary["detail"]["fell_back"], 0);
}

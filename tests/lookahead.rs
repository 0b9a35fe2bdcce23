//! Look-ahead and warm-up: every shipped strategy is audited, and strategies and data that leak are caught.

use crate::conservation::dice::Dice;
use crate::outside::Folder;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tapeline::audit::{Cast, Future, LookAhead, LookAheadReport, WarmUp, WarmUpReport, from_book};
use tapeline::catalog::{ALL, Book, Market, Stage};
use tapeline::domain::*;
use tapeline::scenario::{self, DeskPlan, Overrides};
use tapeline::strategy::{Context, Setup, SetupError, Ticket, Trader};

const CUTS: usize = 200;

fn audit(stage: &Stage, cast: &Cast<'_>, cuts: usize, seed: u64) -> LookAheadReport {
    LookAhead { cuts, seed, watch: &|| {} }.run(stage, cast).unwrap()
}

/// Two symbols with holes, and one desk.
fn stage(folder: &Path, candles: usize, desk: &str) -> Stage {
    stage_on(folder, candles, "", desk)
}

/// The same, with more said about each symbol, and more sections.
fn stage_on(folder: &Path, candles: usize, of_each: &str, desk: &str) -> Stage {
    let text = scenario_text(candles, of_each, desk);
    let plan = scenario::read(&text, &folder.join("scenario.toml"), &Overrides::default(), &Book(ALL)).unwrap();
    let market = Market::load(&plan).unwrap();
    Stage::new(plan, market).unwrap()
}

fn scenario_text(candles: usize, of_each: &str, desk: &str) -> String {
    format!(
        r#"
version = 1
[data]
synthetic = {{ seed = 5, candles = {candles}, missing_per_10_000 = 100, outages = 2, outage_candles = 30 }}
[[instrument]]
symbol = "BTCUSDT"
{of_each}
[[instrument]]
symbol = "ETHUSDT"
{of_each}
synthetic = {{ start_price = "2000", annual_volatility = "0.9" }}
[[desk]]
{desk}
"#
    )
}

/// Orders of every kind, some of them inside candles.
fn order_list() -> String {
    let mut text = String::from(
        "time,action,id,symbol,side,type,quantity,price,stop_price,trail,time_in_force,flags,group,replaces,on_failure\n",
    );
    for step in 0..60i64 {
        let at = Timestamp::from_millis(1_704_067_200_000)
            .after(Span::MINUTE.times(step * 30 + 5))
            .after(Span::SECOND.times(step % 3 * 20));
        let later = at.after(Span::MINUTE.times(11));
        let line = match step % 5 {
            0 => format!("{at},submit,m{step},BTCUSDT,buy,market,0.02,,,,,,,,\n"),
            1 => format!("{at},submit,l{step},ETHUSDT,buy,limit,0.3,{},,,,,,,\n", 1_990 - step),
            2 => format!("{at},submit,x{step},BTCUSDT,sell,market,0.01,,,,IOC,reduce-only,,,\n"),
            3 => format!("{at},submit,s{step},BTCUSDT,buy,stop-market,0.01,,{},,,,,,\n", 30_000 + step * 10),
            _ => format!(
                "{at},submit,e{step},ETHUSDT,buy,market,0.2,,,,,,g{step},,\n\
                 {at},submit,t{step},ETHUSDT,sell,limit,0.2,2050,,,,,g{step},,\n\
                 {at},submit,p{step},ETHUSDT,sell,stop-market,0.2,,1950,,,,g{step},,\n"
            ),
        };
        text.push_str(&line);
        match step % 5 {
            1 => {
                text.push_str(&format!("{later},replace,l{step},,,,,{},,,,,,,\n", 1_995 - step));
                let latest = later.after(Span::MINUTE.times(7));
                text.push_str(&format!("{latest},reduce,l{step},,,,0.1,,,,,,,,\n"));
            }
            3 if step % 2 == 0 => text.push_str(&format!(
                "{later},cancel-replace,r{step},BTCUSDT,buy,limit,0.01,{},,,,,,s{step},{}\n",
                29_900 + step * 10,
                if step % 4 == 0 { "stop" } else { "allow" }
            )),
            3 => text.push_str(&format!("{later},cancel,s{step},,,,,,,,,,,,\n")),
            _ => {}
        }
    }
    text
}

/// Signs that change every few minutes, some of them exactly at a close, some of them unknown.
fn signals() -> String {
    let mut text = String::from("available_at,score\n");
    let mut dice = Dice::new(77);
    let mut at = Timestamp::from_millis(1_704_067_200_000);
    for step in 0..2_500 {
        at = at.after(Span::SECOND.times(dice.between(1, 400)));
        if step % 4 == 0 {
            at = Timestamp::from_nanos(at.nanos() - at.nanos() % Span::MINUTE.nanos()).after(Span::MINUTE);
        }
        let cell = if step % 13 == 0 { String::new() } else { format!("0.{}", dice.between(-9, 9).abs()) };
        let sign = if dice.between(0, 1) == 0 && !cell.is_empty() { "-" } else { "" };
        text.push_str(&format!("{at},{sign}{cell}\n"));
    }
    text
}

#[test]
fn no_shipped_strategy_and_no_fill_depends_on_the_future() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("orders.csv"), order_list()).unwrap();
    std::fs::write(folder.path().join("signals.csv"), signals()).unwrap();
    let cases = [
        ("buy_and_hold", 400, r#"strategy = "buy_and_hold""#),
        (
            "sma_cross",
            2_000,
            "strategy = \"sma_cross\"\nparameters = { fast = 5, slow = 20, fraction = \"0.4\" }\ninterval = \"1m\"",
        ),
        (
            "sma_cross",
            9_000,
            "strategy = \"sma_cross\"\nparameters = { fast = 3, slow = 7, fraction = \"0.4\" }\ninterval = \"1h\"",
        ),
        (
            "breakout",
            2_000,
            "strategy = \"breakout\"\nparameters = { window = 10, atr_window = 5, atr_multiple = \"1\" }\ninterval = \"1m\"",
        ),
        (
            "breakout",
            9_000,
            "strategy = \"breakout\"\nparameters = { window = 6, atr_window = 4, atr_multiple = \"1\" }\ninterval = \"1h\"",
        ),
        (
            "vwap_reversion",
            2_000,
            "strategy = \"vwap_reversion\"\nparameters = { window = 20, width = \"1\", adx_window = 5, adx_limit = \"40\", \
             atr_window = 5, volatility_exit = \"1.3\" }\ninterval = \"1m\"",
        ),
        (
            "vwap_reversion",
            9_000,
            "strategy = \"vwap_reversion\"\nparameters = { anchor = \"session\", width = \"1\", adx_window = 4, \
             adx_limit = \"60\", atr_window = 4 }\ninterval = \"15m\"",
        ),
        (
            "signal_score",
            2_000,
            "strategy = \"signal_score\"\nparameters = { average_window = 20, enter = \"0.3\", confirm_minutes = 1, \
             cooldown_minutes = 3, tranche_sizes = \"pyramid_up\" }\ninterval = \"1m\"",
        ),
        (
            "signal_score",
            9_000,
            "strategy = \"signal_score\"\nparameters = { rsi_window = 5, average_window = 10, macd_fast = 3, macd_slow = 6, \
             macd_signal = 3, atr_window = 5, confirm_minutes = 0, cooldown_minutes = 60 }\ninterval = \"1h\"",
        ),
        ("order_list", 2_000, "strategy = \"order_list\"\nparameters = { file = \"orders.csv\" }\ninterval = \"5m\""),
        (
            "signal",
            2_000,
            "strategy = \"signal\"\nparameters = { series = \"score\", fraction = \"0.4\" }\ninterval = \"1m\"\n\
             [[series]]\nname = \"score\"\nfile = \"signals.csv\"",
        ),
        (
            "signal",
            9_000,
            "strategy = \"signal\"\nparameters = { series = \"score\", fraction = \"0.4\" }\ninterval = \"15m\"\n\
             [[series]]\nname = \"score\"\nfile = \"signals.csv\"\nmaximum_age = \"6m\"",
        ),
    ];
    for entry in ALL {
        assert!(cases.iter().any(|(name, ..)| *name == entry.name), "{} has no case here", entry.name);
    }
    for (seed, (name, candles, desk)) in cases.into_iter().enumerate() {
        let stage = stage(folder.path(), candles, desk);
        let report = audit(&stage, &from_book(ALL), CUTS, seed as u64);
        assert_eq!(report.leak, None, "{name}");
        assert!(report.is_sound(), "{name}: {:?}", report.foresights);
        assert!(report.compared > 100, "{name}: only {} fills were compared", report.compared);
        println!(
            "{name} on {candles} candles: {} cuts, {} at decisions, {} fills compared",
            report.cuts, report.at_decisions, report.compared
        );
    }
}

#[test]
fn no_fill_on_trades_quotes_or_finer_rows_depends_on_the_future() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("orders.csv"), order_list()).unwrap();
    let list = "strategy = \"order_list\"\nparameters = { file = \"orders.csv\" }\ninterval = \"5m\"";
    let cross = "strategy = \"sma_cross\"\nparameters = { fast = 5, slow = 20, fraction = \"0.4\" }\ninterval = \"1m\"";
    let in_detail = |desk: &str| format!("{desk}\n[policy]\nintrabar = \"detail\"");
    let on_trades = |desk: &str| stage_on(folder.path(), 2_000, "match = \"trades\"", desk);
    let on_detail = |detail: &str, desk: &str| stage_on(folder.path(), 2_000, detail, &in_detail(desk));
    let stages = [
        ("trades", on_trades(list)),
        ("trades and quotes, order_list", with_quotes(&on_trades(list))),
        ("trades and quotes, sma_cross", with_quotes(&on_trades(cross))),
        ("detail, order_list", on_detail("detail = \"trades\"", list)),
        ("detail, sma_cross", on_detail("detail = \"trades\"", cross)),
    ];
    for (seed, (name, stage)) in (50..).zip(stages) {
        let report = audit(&stage, &from_book(ALL), CUTS, seed);
        assert_eq!(report.leak, None, "{name}");
        assert!(report.compared > 100, "{name}: only {} fills were compared", report.compared);
        println!("{name}: {} cuts, {} fills compared", report.cuts, report.compared);
    }
}

/// Quotes around the trades of a stage, some of them an instant before a trade, some at it.
fn with_quotes(stage: &Stage) -> Stage {
    stage.with_ticks(|trades, quotes| {
        let mut dice = Dice::new(9);
        for (time, price) in trades.time.iter().zip(&trades.price) {
            let time = time - dice.between(0, 2) * 250_000_000;
            if quotes.time.last().is_some_and(|last| time < *last) {
                continue;
            }
            quotes.push(&Quote {
                time: Timestamp::from_nanos(time),
                bid: Price::from_units(price - dice.between(1, 40)),
                bid_quantity: Quantity::from_units(dice.between(0, 900_000)),
                ask: Price::from_units(price + dice.between(1, 40)),
                ask_quantity: Quantity::from_units(dice.between(0, 900_000)),
            });
        }
    })
}

/// Buys when the next candle, which it has no right to know, closes higher, and sells when it closes lower.
struct Cheat {
    candles: CandleColumns,
    /// Rows at which it looks; at all others it does nothing.
    looks: std::ops::Range<usize>,
}

impl Trader for Cheat {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        let Some(candle) = context.candle(closed[0]) else { return };
        let row = self.candles.first_at_or_after(candle.open_time);
        if !self.looks.contains(&row) {
            return;
        }
        let next = self.candles.close.get(row + 1).copied().unwrap_or_default();
        let instrument = context.series(closed[0]).instrument;
        let lot = context.instrument(instrument).filters_at(context.now()).lot;
        let (held, quantity) = (context.position(instrument), Quantity::from_units(lot.units() * 1_000));
        if next > candle.close.units() && held.is_zero() {
            let _ = context.submit(Ticket::market(instrument, Side::Buy, quantity));
        } else if next < candle.close.units() && !held.is_zero() {
            let _ = context.submit(Ticket::market(instrument, Side::Sell, held));
        }
    }

    fn on_update(&mut self, _: &mut Context<'_>, _: &OrderUpdate) {}

    fn on_timer(&mut self, _: &mut Context<'_>, _: TimerId) {}
}

/// No type gives a strategy the candles behind its view: this one gets them from the stage, past the contract.
fn cheating(
    looks: std::ops::Range<usize>,
) -> impl Fn(&Stage, &DeskPlan, &mut Setup<'_>) -> Result<Box<dyn Trader>, SetupError> + Sync {
    move |stage, _, setup| {
        setup.follow(setup.symbols()[0], setup.interval());
        Ok(Box::new(Cheat { candles: stage.candles(InstrumentId(0)).clone(), looks: looks.clone() }) as Box<dyn Trader>)
    }
}

#[test]
fn a_strategy_that_peeks_one_candle_ahead_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(folder.path(), 400, "strategy = \"buy_and_hold\"\nsymbols = [\"BTCUSDT\"]");
    let report = audit(&stage, &cheating(0..400), 10, 1);
    let leak = report.leak.clone().expect("it is caught");
    println!("caught: {leak:?}");
    assert!(!report.is_sound() && leak.text.contains("became"), "{leak:?}");
}

#[test]
fn a_strategy_that_peeks_at_one_single_candle_of_the_run_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(folder.path(), 4_000, "strategy = \"buy_and_hold\"\nsymbols = [\"BTCUSDT\"]");
    let closes = &stage.candles(InstrumentId(0)).close;
    let row = (2_000..3_000).find(|row| closes[row + 1] > closes[*row]).unwrap();
    // One buy at the one row where it looks: a cut right there meets it, random ones hardly would.
    let report = audit(&stage, &cheating(row..row + 1), 10, 1);
    let leak = report.leak.expect("it is caught");
    let close = Timestamp::from_nanos(stage.candles(InstrumentId(0)).open_time[row]).after(Span::MINUTE);
    assert_eq!((leak.cut, report.fills), (close, 1), "{}", leak.text);
}

#[test]
fn every_future_leaves_what_was_known_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("signals.csv"), signals()).unwrap();
    let desk = "strategy = \"signal\"\nparameters = { series = \"score\", fraction = \"0.4\" }\n\
                [[series]]\nname = \"score\"\nfile = \"signals.csv\"";
    let stage = stage(folder.path(), 500, desk);
    // The trader records every future that it is played on.
    let seen = std::sync::Mutex::new(Vec::new());
    let cast = |stage: &Stage, desk: &DeskPlan, setup: &mut Setup<'_>| {
        seen.lock().unwrap().push((stage.candles(InstrumentId(0)).clone(), (*stage.outside()[0]).clone()));
        from_book(ALL)(stage, desk, setup)
    };
    assert!(audit(&stage, &cast, 1, 3).is_sound());
    let (whole, rows) = (stage.candles(InstrumentId(0)), &stage.outside()[0]);
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 1 + Future::ALL.len());
    let known = seen.iter().map(|(candles, _)| candles.len()).min().unwrap();
    assert!(known < whole.len() && known > 0);
    let mut kinds = [0; 3];
    for (candles, outside) in &seen[1..] {
        assert_eq!(candles.slice(0, known).to_columns(), whole.slice(0, known).to_columns());
        let cut = Timestamp::from_nanos(candles.open_time[known - 1]).after(Span::MINUTE);
        let until = rows.available_at().partition_point(|at| *at <= cut);
        assert_eq!(outside.values()[..until], rows.values()[..until]);
        let is_later = candles.len() > known && candles.open_time[known] > whole.open_time[known];
        let is_other = candles.len() > known && candles.close[known..] != whole.close[known..candles.len()];
        kinds[if is_later { 2 } else { usize::from(is_other) }] += 1;
    }
    assert_eq!(kinds, [1, 1, 1], "one ends, one has other prices, one comes later");
}

/// A column computed from each candle, dated at its close plus a delay in seconds.
fn computed_column(stage: &Stage, delay: i64) -> String {
    let candles = stage.candles(InstrumentId(0));
    let mut text = String::from("available_at,score\n");
    for row in 1..candles.len() {
        let at = Timestamp::from_nanos(candles.open_time[row]).after(Span::SECOND.times(60 + delay));
        let step = candles.close[row] as f64 / candles.close[row - 1] as f64 - 1.0;
        let _ = writeln!(text, "{at},{step}");
    }
    text
}

#[test]
fn a_series_that_is_dated_too_early_is_caught_and_one_in_time_is_not() {
    let folder = Folder::new();
    folder.put("score.csv", "available_at,score\n2024-01-01T00:00:00Z,0.1\n");
    let desk = "strategy = \"signal\"\nparameters = { series = \"score\", fraction = \"0.4\" }\n\
                [[series]]\nname = \"score\"\nfile = \"score.csv\"";
    folder.put("scenario.toml", scenario_text(3_000, "", desk));
    let stage = stage(folder.path(), 3_000, desk);
    let arguments = ["audit", "lookahead", "signal", "scenario.toml", "--cuts", "6"];
    for (delay, code, says) in [
        (0, 0, "verdict: sound"),
        (1, 0, "verdict: sound"),
        // Known at the open of the candle that it was computed from, and two candles earlier than that.
        (-60, 1, "its available_at is too early"),
        (-180, 1, "its available_at is too early"),
    ] {
        folder.put("score.csv", computed_column(&stage, delay));
        let done = folder.tapeline(&arguments);
        assert_eq!(done.code, code, "{delay}: {}{}", done.out, done.err);
        assert!(done.out.contains(says), "{delay}: {}", done.out);
    }
}

/// Buys at every thirtieth candle that it has seen: where the data begin decides when.
struct Counter {
    seen: u64,
}

impl Trader for Counter {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        self.seen += 1;
        let instrument = context.series(closed[0]).instrument;
        let lot = context.instrument(instrument).filters_at(context.now()).lot;
        if self.seen.is_multiple_of(30) {
            let _ = context.submit(Ticket::market(instrument, Side::Buy, Quantity::from_units(lot.units() * 10)));
        }
    }

    fn on_update(&mut self, _: &mut Context<'_>, _: &OrderUpdate) {}

    fn on_timer(&mut self, _: &mut Context<'_>, _: TimerId) {}
}

/// Buys and sells by an average of the closes of the last 50 candles, of which it declares 20 as its warm-up.
struct TooShort {
    closes: Vec<i64>,
}

impl Trader for TooShort {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        let Some(close) = context.close(closed[0]) else { return };
        self.closes.push(close.units());
        let window = &self.closes[self.closes.len().saturating_sub(50)..];
        let instrument = context.series(closed[0]).instrument;
        let lot = context.instrument(instrument).filters_at(context.now()).lot;
        let (held, mean) = (context.position(instrument), window.iter().sum::<i64>() / window.len() as i64);
        if close.units() > mean && held.is_zero() {
            let quantity = Quantity::from_units(lot.units() * 10);
            let _ = context.submit(Ticket::market(instrument, Side::Buy, quantity));
        } else if close.units() < mean && !held.is_zero() {
            let _ = context.submit(Ticket::market(instrument, Side::Sell, held));
        }
    }

    fn on_update(&mut self, _: &mut Context<'_>, _: &OrderUpdate) {}

    fn on_timer(&mut self, _: &mut Context<'_>, _: TimerId) {}
}

fn audited_warm_up(stage: &Stage, cast: &Cast<'_>) -> WarmUpReport {
    let told = AtomicUsize::new(0);
    let watch = || {
        told.fetch_add(1, Ordering::Relaxed);
    };
    let report = WarmUp { starts: 15, rows: 600, seed: 4, watch: &watch }.run(stage, cast).unwrap();
    assert_eq!(told.into_inner(), report.starts);
    report
}

#[test]
fn a_warm_up_that_is_too_short_is_caught_and_the_one_that_would_do_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(folder.path(), 6_000, "strategy = \"buy_and_hold\"\nsymbols = [\"BTCUSDT\"]");
    let hire = |warm_up: u32, trader: fn() -> Box<dyn Trader>| {
        move |_: &Stage, _: &DeskPlan, setup: &mut Setup<'_>| {
            setup.follow(setup.symbols()[0], setup.interval());
            setup.warm_up(warm_up);
            Ok::<_, SetupError>(trader())
        }
    };
    let short = || Box::new(TooShort { closes: Vec::new() }) as Box<dyn Trader>;
    let report = audited_warm_up(&stage, &hire(20, short));
    assert!(!report.is_sound() && report.divergence.is_some(), "{report:?}");
    let enough = report.sufficient.expect("fifty are enough");
    assert!(enough > 20 && enough <= 50, "{report:?}");
    assert!(audited_warm_up(&stage, &hire(50, short)).is_sound());
    let counter = || Box::new(Counter { seen: 0 }) as Box<dyn Trader>;
    let report = audited_warm_up(&stage, &hire(30, counter));
    assert!(!report.is_sound(), "{report:?}");
}

#[test]
fn the_commands_say_what_they_found() {
    let folder = Folder::new();
    folder.put(
        "small.toml",
        "version = 1\n[data]\nsynthetic = { seed = 3, candles = 20000 }\n[[instrument]]\nsymbol = \"BTCUSDT\"\n\
         [[desk]]\nstrategy = \"sma_cross\"\nparameters = { fast = 10, slow = 50, fraction = \"0.5\" }\n",
    );
    let text = folder.must(&["audit", "lookahead", "sma_cross", "small.toml", "--cuts", "8"]);
    assert!(text.contains("8 cuts (4 at decisions)") && text.ends_with("lay behind it\n"), "{text}");
    assert_eq!(folder.must(&["audit", "lookahead", "sma_cross", "small.toml", "--cuts", "8"]), text);
    let text = folder.must(&["audit", "warmup", "sma_cross", "small.toml", "--starts", "5"]);
    assert!(text.contains("declared warm-up of 51 candles") && text.contains("verdict: sound"), "{text}");
    let refused = |arguments: &[&str], says: &str| {
        let done = folder.tapeline(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
    };
    refused(&["audit", "lookahead", "sma_cros", "small.toml"], "there is no strategy 'sma_cros'");
    refused(&["audit", "warmup", "sma_cross", "small.toml", "--set", "slow=9000"], "no more history to compare with");
}

//! Look-ahead: what has not happened yet changes nothing. Every shipped strategy is run on the whole market, on the
//! market cut off at an instant, and on one whose future is poisoned; up to the instant all three are the same.

use crate::conservation::dice::Dice;
use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::domain::*;
use tapeline::engine::DetailColumns;
use tapeline::scenario::{self, DeskPlan, Overrides};
use tapeline::strategy::{Context, Setup, SetupError, Ticket, Trader};

const CUTS: usize = 200;

/// What was delivered to one desk and what it did then, in order.
type Log = Arc<Mutex<Vec<(Timestamp, String)>>>;

/// Watches a trader: every piece of news, and its open orders whenever they have changed.
struct Watched {
    trader: Box<dyn Trader>,
    log: Log,
    desk: String,
    orders: String,
}

impl Watched {
    fn note(&mut self, context: &Context<'_>, news: Option<&OrderUpdate>) {
        let mut orders = String::new();
        for open in context.orders() {
            let _ = write!(orders, "{:?} {:?} {:?}; ", open.order, open.state, open.leaves());
        }
        let mut log = self.log.lock().unwrap();
        if let Some(news) = news {
            log.push((context.now(), format!("{} hears {news:?}", self.desk)));
        }
        if orders != self.orders {
            log.push((context.now(), format!("{} has {orders}", self.desk)));
            self.orders = orders;
        }
    }
}

impl Trader for Watched {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        self.trader.on_candles(context, closed);
        self.note(context, None);
    }

    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate) {
        self.trader.on_update(context, update);
        self.note(context, Some(update));
    }

    fn on_timer(&mut self, context: &mut Context<'_>, timer: TimerId) {
        self.trader.on_timer(context, timer);
        self.note(context, None);
    }
}

/// How the desks of a stage are filled.
type Hire = dyn Fn(&Stage, &DeskPlan, &mut Setup<'_>) -> Result<Box<dyn Trader>, SetupError>;

/// What one run showed.
struct Shown {
    log: Vec<(Timestamp, String)>,
    fills: Vec<(Timestamp, String)>,
    orders: Vec<(Timestamp, String)>,
    refusals: Vec<(Timestamp, String)>,
}

fn show(stage: &Stage, hire: &Hire) -> Shown {
    let log = Log::default();
    let run = stage.run_with(Manner::default(), |desk, setup| {
        let trader = hire(stage, desk, setup)?;
        Ok(Watched { trader, log: Arc::clone(&log), desk: desk.name.clone(), orders: String::new() })
    });
    let outcome = run.unwrap().outcome;
    assert_eq!(outcome.complaints, []);
    let log = std::mem::take(&mut *log.lock().unwrap());
    Shown {
        log,
        fills: outcome.records.fills.iter().map(|fill| (fill.at, format!("{fill:?}"))).collect(),
        orders: outcome.records.orders.iter().map(|order| (order.ended, format!("{order:?}"))).collect(),
        refusals: outcome
            .desks
            .iter()
            .flat_map(|desk| desk.refusal_list.iter().map(|refusal| (refusal.at, format!("{refusal:?}"))))
            .collect(),
    }
}

/// The first difference between two lists as far as both were decided before the cut.
fn differs(what: &str, whole: &[(Timestamp, String)], other: &[(Timestamp, String)], cut: Timestamp) -> Option<String> {
    let before = |list: &[(Timestamp, String)]| -> Vec<String> {
        list.iter().filter(|(at, _)| *at < cut).map(|(at, text)| format!("{at} {text}")).collect()
    };
    let (whole, other) = (before(whole), before(other));
    let place = (0..whole.len().max(other.len())).find(|place| whole.get(*place) != other.get(*place))?;
    Some(format!("{what} {place}: {:?} became {:?}", whole.get(place), other.get(place)))
}

/// What lies behind the cut.
#[derive(Clone, Copy, Debug)]
enum Future {
    /// Nothing.
    Truncated,
    /// Other candles.
    Poisoned,
}

/// Decisions at the cut itself were taken from what had closed by then. Where the data end there, what is open expires
/// at the same instant, afterwards.
fn decisions_differ(whole: &Shown, other: &Shown, cut: Timestamp, future: Future) -> Option<String> {
    let at_cut = |shown: &Shown| -> Vec<String> {
        shown.log.iter().filter(|(at, _)| *at == cut).map(|(_, text)| text.clone()).collect()
    };
    let (expected, mut got) = (at_cut(whole), at_cut(other));
    match future {
        Future::Truncated => {
            let end = got.iter().position(|text| text.contains("kind: Expired")).unwrap_or(got.len());
            // An order that has its own date expires in both.
            got.truncate(end.max(expected.len()));
        }
        Future::Poisoned => {}
    }
    (got != expected).then(|| format!("at the cut: {expected:?} became {got:?}"))
}

/// Compares runs on cut and poisoned markets with the run on the whole one. Counts what was compared.
fn check(stage: &Stage, hire: &Hire, seed: u64) -> Result<usize, String> {
    let whole = show(stage, hire);
    let opens = &stage.candles(InstrumentId(0)).open_time;
    let span = stage.plan.instruments[0].interval.span();
    let mut dice = Dice::new(seed);
    let mut compared = 0;
    for _ in 0..CUTS {
        let row = dice.between(opens.len() as i64 / 4, opens.len() as i64 - 2) as usize;
        let cut = Timestamp::from_nanos(opens[row]).after(span);
        let last_open = cut.before(span).nanos();
        let truncated = stage.with_candles(|columns| {
            let rows = columns.open_time.partition_point(|open| *open <= last_open);
            *columns = columns.slice(0, rows).to_columns();
        });
        let salt = dice.between(2, 9);
        let poisoned = stage.with_candles(|columns| {
            let from = columns.open_time.partition_point(|open| *open <= last_open);
            for row in from..columns.len() {
                let turn = if (row as i64 * salt) % 3 == 0 { salt } else { 1 };
                for column in [&mut columns.open, &mut columns.high, &mut columns.low, &mut columns.close] {
                    column[row] = column[row] * turn + salt;
                }
                columns.volume[row] = (columns.volume[row] * salt) % 1_000_003;
            }
        });
        // What becomes available exactly at the cut is known to the decision there.
        let truncated = truncated.with_outside(|series| outside_until(series, cut, None));
        let poisoned = poisoned.with_outside(|series| outside_until(series, cut, Some(salt as f64)));
        let (truncated, poisoned) = (ticks_until(&truncated, cut, None), ticks_until(&poisoned, cut, Some(salt)));
        for (future, stage) in [(Future::Truncated, truncated), (Future::Poisoned, poisoned)] {
            let other = show(&stage, hire);
            let found = differs("fill", &whole.fills, &other.fills, cut)
                .or_else(|| differs("order", &whole.orders, &other.orders, cut))
                .or_else(|| differs("refusal", &whole.refusals, &other.refusals, cut))
                .or_else(|| differs("delivery", &whole.log, &other.log, cut))
                .or_else(|| decisions_differ(&whole, &other, cut, future));
            if let Some(found) = found {
                return Err(format!("{future:?} after {cut}: {found}"));
            }
            compared += whole.fills.iter().filter(|(at, _)| *at < cut).count();
        }
    }
    Ok(compared)
}

/// The trades, quotes and finer rows as they were known at `cut`; what follows is left out, or other prices and sizes.
fn ticks_until(stage: &Stage, cut: Timestamp, poison: Option<i64>) -> Stage {
    let spoil = |prices: &mut [i64], sizes: &mut [i64], salt: i64| {
        for (row, (price, size)) in prices.iter_mut().zip(sizes).enumerate() {
            *price = *price * if (row as i64 * salt) % 3 == 0 { salt } else { 1 } + salt;
            *size = (*size * salt) % 1_000_003 + salt;
        }
    };
    let trades = |trades: &mut TradeColumns| {
        let known = trades.time.partition_point(|time| *time <= cut.nanos());
        match poison {
            None => *trades = trades.slice(0, known).to_columns(),
            Some(salt) => spoil(&mut trades.price[known..], &mut trades.signed_quantity[known..], salt),
        }
    };
    let stage = stage.with_ticks(|of_market, quotes| {
        trades(of_market);
        let known = quotes.time.partition_point(|time| *time <= cut.nanos());
        match poison {
            None => *quotes = quotes.slice(0, known).to_columns(),
            Some(salt) => {
                spoil(&mut quotes.bid[known..], &mut quotes.bid_quantity[known..], salt);
                quotes.ask[known..].iter_mut().zip(&quotes.bid[known..]).for_each(|(ask, bid)| *ask = bid + salt);
            }
        }
    });
    stage.with_details(|detail| match detail {
        DetailColumns::Trades(of_market) => trades(Arc::make_mut(of_market)),
        DetailColumns::Candles(..) => unreachable!("no case here asks for finer candles"),
    })
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

/// A series as it was known at `cut`; what follows is left out, or something else altogether.
fn outside_until(series: &OutsideSeries, cut: Timestamp, poison: Option<f64>) -> OutsideSeries {
    let rows = series.available_at().iter().zip(series.values());
    let rows = rows.filter(|(at, _)| **at <= cut || poison.is_some()).map(|(at, value)| match poison {
        Some(salt) if *at > cut => (*at, Some(salt - value.unwrap_or(0.5) * salt)),
        Some(_) | None => (*at, *value),
    });
    let (times, values) = rows.unzip();
    OutsideSeries::new(times, values).unwrap()
}

fn catalogued(_: &Stage, desk: &DeskPlan, setup: &mut Setup<'_>) -> Result<Box<dyn Trader>, SetupError> {
    let entry = ALL.iter().find(|entry| entry.name == desk.strategy).unwrap();
    (entry.hire)(&desk.parameters, setup)
}

/// Two symbols with holes, and one desk.
fn stage(folder: &Path, candles: usize, desk: &str) -> Stage {
    stage_on(folder, candles, "", desk)
}

/// The same, with more said about each symbol, and more sections.
fn stage_on(folder: &Path, candles: usize, of_each: &str, desk: &str) -> Stage {
    let text = format!(
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
    );
    let plan = scenario::read(&text, &folder.join("scenario.toml"), &Overrides::default(), &Book(ALL)).unwrap();
    let market = Market::load(&plan).unwrap();
    Stage::new(plan, market).unwrap()
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
        let compared = check(&stage, &catalogued, seed as u64).unwrap_or_else(|found| panic!("{name}: {found}"));
        assert!(compared > 100, "{name}: only {compared} fills were compared");
        println!("{name} on {candles} candles: {CUTS} cuts, each truncated and poisoned; {compared} fills compared");
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
    let stages = [
        ("trades", on_trades(list)),
        ("trades and quotes, order_list", with_quotes(&on_trades(list))),
        ("trades and quotes, sma_cross", with_quotes(&on_trades(cross))),
        ("detail, order_list", stage_on(folder.path(), 2_000, "detail = \"trades\"", &in_detail(list))),
        ("detail, sma_cross", stage_on(folder.path(), 2_000, "detail = \"trades\"", &in_detail(cross))),
    ];
    for (seed, (name, stage)) in (50..).zip(stages) {
        let compared = check(&stage, &catalogued, seed).unwrap_or_else(|found| panic!("{name}: {found}"));
        assert!(compared > 100, "{name}: only {compared} fills were compared");
        println!("{name}: {CUTS} cuts, each truncated and poisoned; {compared} fills compared");
    }
}

/// Buys when the next candle, which it has no right to know, closes higher.
struct Cheat {
    candles: CandleColumns,
}

impl Trader for Cheat {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        let Some(candle) = context.candle(closed[0]) else { return };
        let row = self.candles.first_at_or_after(candle.open_time);
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

#[test]
fn a_strategy_that_peeks_one_candle_ahead_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(folder.path(), 400, "strategy = \"buy_and_hold\"\nsymbols = [\"BTCUSDT\"]");
    let hire = |stage: &Stage, _: &DeskPlan, setup: &mut Setup<'_>| {
        setup.follow(setup.symbols()[0], setup.interval());
        Ok(Box::new(Cheat { candles: stage.candles(InstrumentId(0)).clone() }) as Box<dyn Trader>)
    };
    let found = check(&stage, &hire, 1).unwrap_err();
    println!("caught: {found}");
    assert!(found.contains("at the cut") || found.contains("fill") || found.contains("order"), "{found}");
}

//! Truth measured: the same orders against candles alone and against the trades beneath them. docs/truth.md shows what
//! comes of it, and is held to it here.

use crate::engines::lists::Chance;
use crate::outside::{Folder, repository};
use std::collections::BTreeMap;
use std::sync::Arc;
use tapeline::domain::*;
use tapeline::tape::{TradeSet, candles_from_trades, load_ticks};
use tapeline::venue::{Policy, SimVenue, StopInsidePolicy, Venue};

const A: InstrumentId = InstrumentId(0);
const QUOTE: AssetId = AssetId(0);

/// How long an order is followed.
const MINUTES: usize = 30;

/// Orders of each kind on each market.
const ORDERS: usize = 4_000;

const KINDS: [&str; 8] =
    ["market", "limit", "stop-market", "stop-limit", "take-profit", "take-profit-limit", "trailing-stop", "bracket"];

/// A market as trades, and as the minutes that they make.
struct Market {
    instrument: Instrument,
    trades: TradeColumns,
    candles: CandleColumns,
    /// Price units that a minute ranges over on average.
    range: i64,
}

impl Market {
    fn of(set: TradeSet) -> Self {
        let candles = candles_from_trades(set.columns.rows(), "1m".parse().unwrap()).unwrap();
        let ranges = candles.high.iter().zip(&candles.low).map(|(high, low)| high - low);
        let range = (ranges.sum::<i64>() / candles.len() as i64).max(1);
        let filters = Filters {
            tick: Price::from_units(1),
            lot: Quantity::from_units(1),
            minimum_quantity: Quantity::from_units(1),
            maximum_quantity: None,
            minimum_notional: Amount::ZERO,
            price_band: None,
            maximum_open_orders: None,
        };
        let (asset, rounding) = (FeeAsset::Quote, Rounding::Up);
        let instrument = Instrument {
            venue: set.venue,
            symbol: set.symbol,
            kind: InstrumentKind::Linear,
            base: AssetId(1),
            quote: QUOTE,
            price_decimals: set.price_decimals,
            quantity_decimals: set.quantity_decimals,
            quote_factor: 1,
            base_factor: 1,
            filters: Dated::always(filters),
            fees: Dated::always(Fees { maker: Rate::ZERO, taker: Rate::ZERO, asset, rounding }),
        };
        Market { instrument, trades: set.columns, candles, range }
    }

    /// What `orders`, sent at the close of candle `row`, come to: cash and position in price units times quantity units,
    /// the position valued at the last close, and whether a fill was ambiguous; none when nothing filled.
    fn play(
        &self,
        command: Command,
        row: usize,
        on_trades: bool,
        stop_inside: StopInsidePolicy,
    ) -> Option<(i128, bool)> {
        let asset = |code: &str| Asset { code: code.into(), decimals: 8, increment: 1 };
        let assets: Arc<[Asset]> = [asset("QUOTE"), asset("BASE")].into();
        let instruments: Arc<[Instrument]> = [self.instrument.clone()].into();
        // The shipped rules, but for the volume cap: what is compared is the price.
        let policy = Policy { participation: None, stop_inside, ..Policy::default() };
        let mut venue = SimVenue::new(assets, instruments, policy, 1, vec![None; 2]);
        venue.deposit(QUOTE, Amount::from_units(1 << 90)).unwrap();
        let (rows, minute) = (self.candles.rows(), Interval::MINUTE);
        let now = rows.close_time(row, minute);
        venue.passed(A, Price::from_units(rows.close[row]));
        venue.submit(now, command);
        let last = (row + MINUTES).min(rows.len() - 1);
        if on_trades {
            let end = rows.close_time(last, minute);
            let from = self.trades.first_at_or_after(now);
            for trade in from..self.trades.first_at_or_after(end) {
                venue.trade(A, &self.trades.rows().trade(trade));
            }
        } else {
            for row in row + 1..=last {
                venue.candle(A, &rows.candle(row), rows.close_time(row, minute));
            }
        }
        let (mut cash, mut held, mut ambiguous, mut filled) = (0i128, 0i64, false, false);
        let mut sides = BTreeMap::new();
        while let Some(update) = venue.poll(Timestamp::MAX) {
            if let UpdateKind::Filled(fill) = update.kind {
                let side = *sides.entry(update.order).or_insert(if update.order.0 == 0 { 1 } else { -1 });
                cash -= i128::from(side) * fill.notional.units();
                held += side * fill.quantity.units();
                ambiguous |= fill.certainty == Certainty::Ambiguous;
                filled = true;
            }
        }
        filled.then(|| (cash + i128::from(held) * i128::from(rows.close[last]), ambiguous))
    }

    /// A random order of a kind, a buy for one unit of quantity, around the last close.
    fn order(&self, kind: &str, close: i64, chance: &mut Chance) -> Command {
        let away = |chance: &mut Chance| chance.between(1, 4 * self.range);
        let price = |units: i64| Price::from_units(units.max(1));
        let (up, down) = (close + away(chance), close - away(chance));
        let simple = |kind: OrderKind| Command::Submit(order(0, Side::Buy, kind, Link::None));
        match kind {
            "market" => simple(OrderKind::Market),
            "limit" => simple(OrderKind::Limit { price: price(down) }),
            "stop-market" => simple(OrderKind::StopMarket { trigger: price(up) }),
            "stop-limit" => simple(OrderKind::StopLimit { trigger: price(up), price: price(up + self.range) }),
            "take-profit" => simple(OrderKind::TakeProfit { trigger: price(down) }),
            "take-profit-limit" => {
                simple(OrderKind::TakeProfitLimit { trigger: price(down), price: price(down + self.range) })
            }
            "trailing-stop" => simple(OrderKind::TrailingStop { trail: Trail::Distance(price(away(chance))) }),
            "bracket" => {
                let (stop, target) = (OrderId(1), OrderId(2));
                let entry =
                    order(0, Side::Buy, OrderKind::Market, Link::Entry { stop: Some(stop), target: Some(target) });
                let child = |id: u32, kind: OrderKind, sibling: OrderId| {
                    let link = Link::Child { entry: OrderId(0), sibling: Some(sibling) };
                    Order { effect: PositionEffect::ReduceOnly, ..order(id, Side::Sell, kind, link) }
                };
                let stop_order = child(1, OrderKind::StopMarket { trigger: price(down) }, target);
                let target_order = child(2, OrderKind::Limit { price: price(up) }, stop);
                let bracket = Bracket { entry, stop: Some(stop_order), target: Some(target_order) };
                Command::SubmitGroup(Box::new(Group::Bracket(bracket)))
            }
            other => panic!("{other}"),
        }
    }

    /// The table of the page, or those rows of it that another rule for stops changes.
    fn table(&self, seed: u64, stop_inside: StopInsidePolicy) -> String {
        let mut text = String::from(
            "| order | filled on both | on candles only | on trades only | candles better | equal | candles worse | mean difference, basis points | ambiguous |\n|---|---|---|---|---|---|---|---|---|\n",
        );
        let stops = ["stop-market", "trailing-stop", "bracket"];
        let all = stop_inside == StopInsidePolicy::AtLevel;
        for (number, kind) in KINDS.iter().enumerate().filter(|(_, kind)| all || stops.contains(kind)) {
            let mut chance = Chance(seed + number as u64);
            let (mut both, mut only_candles, mut only_trades, mut doubtful) = (0, 0, 0, 0);
            let (mut better, mut equal, mut worse, mut sum) = (0, 0, 0, 0.0);
            for _ in 0..ORDERS {
                let row = chance.between(0, (self.candles.len() - MINUTES - 1) as i64) as usize;
                let close = self.candles.close[row];
                let command = self.order(kind, close, &mut chance);
                let (candles, trades) =
                    (self.play(command.clone(), row, false, stop_inside), self.play(command, row, true, stop_inside));
                match (candles, trades) {
                    (Some((on_candles, ambiguous)), Some((on_trades, _))) => {
                        both += 1;
                        doubtful += usize::from(ambiguous);
                        let difference = on_trades - on_candles;
                        match difference.cmp(&0) {
                            std::cmp::Ordering::Less => better += 1,
                            std::cmp::Ordering::Equal => equal += 1,
                            std::cmp::Ordering::Greater => worse += 1,
                        }
                        sum += difference as f64 / close as f64 * 10_000.0;
                    }
                    (Some(_), None) => only_candles += 1,
                    (None, Some(_)) => only_trades += 1,
                    (None, None) => {}
                }
            }
            assert!(both > ORDERS / 20, "{kind}: only {both} filled on both");
            let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / both as f64);
            text += &format!(
                "| {kind} | {both} | {only_candles} | {only_trades} | {} | {} | {} | {:+.2} | {} |\n",
                share(better),
                share(equal),
                share(worse),
                sum / both as f64,
                share(doubtful)
            );
        }
        text
    }
}

fn order(id: u32, side: Side, kind: OrderKind, link: Link) -> Order {
    Order {
        id: OrderId(id),
        desk: DeskId(0),
        instrument: A,
        side,
        kind,
        quantity: Quantity::from_units(1),
        time_in_force: TimeInForce::GoodTillCancelled,
        effect: PositionEffect::Any,
        crossing: Crossing::Allowed,
        link,
        tag: Tag::default(),
    }
}

fn check(name: &str, market: &Market) {
    let page = std::fs::read_to_string(repository("docs/truth.md")).unwrap();
    let tables = [StopInsidePolicy::AtLevel, StopInsidePolicy::AtExtreme].map(|rule| (rule, market.table(11, rule)));
    for (rule, table) in &tables {
        println!("{name}, stops inside a candle: {rule:?}\n{table}");
    }
    for (rule, table) in &tables {
        assert!(page.contains(table), "docs/truth.md does not show the table of {name}, {rule:?}");
    }
}

#[test]
fn generated_trades_against_their_candles_come_to_what_the_page_says() {
    let folder = Folder::new();
    folder.must(&["data", "synth", "--candles", "20000", "--trades", "--seed", "7"]);
    let set: TradeSet = load_ticks(&folder.at("data"), "synthetic", "BTCUSDT", Timestamp::MIN, Timestamp::MAX).unwrap();
    check("the generated market", &Market::of(set));
}

#[test]
fn real_trades_against_their_candles_come_to_what_the_page_says() {
    let pattern = repository("../shared/market-data/freqtrade-testdata/trades/XRPETH-*.csv.gz");
    let files = pattern.to_string_lossy().into_owned();
    if glob::glob(&files).unwrap().next().is_none() {
        println!("SKIPPED: {files} is not there; nothing was tested");
        return;
    }
    let folder = Folder::new();
    folder.must(&["data", "import", &files, "--venue", "binance-spot", "--symbol", "XRPETH"]);
    let set: TradeSet =
        load_ticks(&folder.at("data"), "binance-spot", "XRPETH", Timestamp::MIN, Timestamp::MAX).unwrap();
    check("XRPETH", &Market::of(set));
}

//! Other engines as outside oracles of the profiles named after them: the same candles, the same orders, and every
//! trade must begin and end in the same candle at the same price. What stays different is listed in each one's page.

pub mod lists;
pub mod oracle;
pub mod series;

use oracle::{COMMISSION, Case, Oracle, Trade, Verdict};
use rust_decimal::Decimal;
use series::Candles;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use tapeline::catalog::{ALL, Book, Manner, Market, Run, Stage};
use tapeline::domain::{Side, Span};
use tapeline::engine::{FillRecord, KindOfOrder};
use tapeline::scenario::{self, Overrides};
use tapeline::venue::MarketFillPolicy;

/// What a scenario says beside the candles.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub profile: &'static str,
    /// Spot or linear.
    pub kind: &'static str,
    /// How many decimals finer than the data's prices come; none is as the data.
    pub finer: Option<u8>,
    /// Slippage in basis points, where the profile leaves it open.
    pub basis_points: Option<u8>,
}

/// What one case came to in tapeline.
pub struct Ours {
    trades: Vec<Trade>,
    equity: Decimal,
    /// How far apart a price may be.
    apart: Decimal,
    fills: usize,
}

/// Runs a scenario under a profile on the case's candles.
pub fn run(directory: &Path, candles: &Candles, terms: Terms, desks: &str) -> (Stage, Run) {
    let Candles { symbol, quote, cash, interval, .. } = candles;
    let Terms { profile, kind, .. } = terms;
    let mut text = format!(
        r#"
version = 1
name = "oracle"
[account]
currency = "{quote}"
opening = {{ {quote} = "{cash}" }}
accounting = "fifo"
[policy]
profile = "{profile}"
[[instrument]]
symbol = "{symbol}"
kind = "{kind}"
interval = "{interval}"
file = "candles.csv"
fees = {{ maker = "{COMMISSION}", taker = "{COMMISSION}", rounding = "half-even" }}
"#
    );
    if let Some(finer) = terms.finer {
        let tick = Decimal::new(1, u32::from(candles.price_decimals + finer));
        writeln!(text, "filters = {{ tick = \"{tick}\" }}").unwrap();
    }
    text += desks;
    if let Some(points) = terms.basis_points {
        write!(text, "[costs]\nslippage = {{ minimum_ticks = 0, basis_points = \"{points}\" }}\n").unwrap();
    }
    let book = Book(ALL);
    let plan = scenario::read(&text, &directory.join("oracle.toml"), &Overrides::default(), &book).unwrap();
    let market = Market::load(&plan).unwrap();
    let stage = Stage::new(plan, market).unwrap();
    let run = stage.run(ALL, Manner::default()).unwrap();
    assert_eq!(run.outcome.complaints, []);
    (stage, run)
}

/// The lots that closing fills took from opening ones are what the package calls trades.
pub fn ours(candles: &Candles, stage: &Stage, run: &Run) -> Ours {
    let records = &run.outcome.records;
    let of = &stage.listing.instruments[0];
    // A fill at the same close belongs to the candle that closed then.
    let same_close = stage.plan.policy.market_fill == MarketFillPolicy::SameClose;
    let market: BTreeSet<_> =
        records.orders.iter().filter(|order| order.kind == KindOfOrder::Market).map(|order| order.id).collect();
    let bar = |fill: &FillRecord| {
        let at_last_close = same_close && market.contains(&fill.order);
        candles.bar_of(if at_last_close { fill.at.before(Span::from_nanos(1)) } else { fill.at })
    };
    let trades = records.lots.iter().map(|lot| {
        let (entry, exit) = (&records.fills[lot.opening as usize], &records.fills[lot.closing as usize]);
        let size = lot.quantity.to_decimal(of.quantity_decimals).normalize();
        Trade {
            desk: entry.desk.0.to_string(),
            entry_bar: bar(entry),
            exit_bar: bar(exit),
            size: if entry.side == Side::Buy { size } else { -size },
            entry_price: entry.price.to_decimal(of.price_decimals).normalize(),
            exit_price: exit.price.to_decimal(of.price_decimals).normalize(),
        }
    });
    let quote = &stage.listing.assets[usize::from(of.quote.0)];
    Ours {
        trades: trades.collect(),
        equity: run.outcome.final_equity.to_decimal(quote.decimals),
        apart: Decimal::ZERO,
        fills: records.fills.len(),
    }
}

impl Ours {
    /// With prices to so many decimals: as many as the other engine's floats hold.
    pub fn rounded(mut self, decimals: u8) -> Self {
        for trade in &mut self.trades {
            for price in [&mut trade.entry_price, &mut trade.exit_price] {
                *price = price.round_dp(decimals.into()).normalize();
            }
        }
        self
    }

    /// Whose prices may each be apart by one unit of a decimal, as the other engine rounds otherwise.
    pub fn apart_by(mut self, decimals: u8) -> Self {
        self.apart = Decimal::new(1, decimals.into());
        self
    }

    /// Gives trades of the other engine our prices where they are no further apart than may be.
    fn snap(&self, theirs: &mut Verdict) {
        let key = |trade: &Trade| (trade.desk.clone(), trade.entry_bar, trade.exit_bar, trade.size);
        let mine: BTreeMap<_, &Trade> = self.trades.iter().map(|trade| (key(trade), trade)).collect();
        for trade in &mut theirs.trades {
            let Some(own) = mine.get(&key(trade)) else { continue };
            let near = |one: Decimal, other: Decimal| (one - other).abs() <= self.apart;
            if near(own.entry_price, trade.entry_price) && near(own.exit_price, trade.exit_price) {
                (trade.entry_price, trade.exit_price) = (own.entry_price, own.exit_price);
            }
        }
    }
}

/// Which differences between the trades are none between the engines.
#[derive(Clone, Copy)]
pub enum Ties {
    /// None at all.
    None,
    /// Several fills of one desk in one candle may be booked in another order: then the same fills make other pairs.
    FillsOfOneCandle,
}

/// Compares a case's two outcomes and prints how many trades there were. Returns what differs.
fn compare(engine: &str, name: &str, ours: &Ours, theirs: &Verdict, ties: Ties) -> Vec<String> {
    let (here, there) = (without(&ours.trades, &theirs.trades), without(&theirs.trades, &ours.trades));
    let tied = |trade: &Trade| match ties {
        Ties::None => false,
        Ties::FillsOfOneCandle => [trade.entry_bar, trade.exit_bar].iter().any(|bar| prices_in(&ours.trades, *bar) > 1),
    };
    let mut wrong = Vec::new();
    for (these, whose) in [(&here, "tapeline"), (&there, engine)] {
        let apart = these.iter().filter(|trade| !tied(trade));
        wrong.extend(apart.map(|trade| format!("{name}: only {whose}: {trade:?}")));
    }
    let (fills_here, fills_there) = (fills(&ours.trades), fills(&theirs.trades));
    for key in fills_here.keys().chain(fills_there.keys()) {
        let (one, other) = (fills_here.get(key), fills_there.get(key));
        if one != other {
            wrong.push(format!("{name}: fills {key:?}: {one:?} here, {other:?} there"));
        }
    }
    let apart = (ours.equity - theirs.equity).abs();
    // One part in a thousand million, and one smallest unit for each rounded fee.
    let allowed = theirs.equity.abs() * Decimal::new(1, 9)
        + Decimal::new(ours.fills as i64, 8)
        + ours.trades.iter().map(|trade| trade.size.abs()).sum::<Decimal>() * ours.apart;
    if apart > allowed {
        wrong.push(format!("{name}: equity {} here, {} there, {allowed} allowed", ours.equity, theirs.equity));
    }
    let (trades, paired) = (theirs.trades.len(), there.len());
    println!("{name}: {trades} trades, {paired} of them paired otherwise, equity {} ({apart} apart)", ours.equity);
    wrong
}

/// The trades that are left of `these` when each of `those` has taken one like it away.
fn without(these: &[Trade], those: &[Trade]) -> Vec<Trade> {
    let mut taken: BTreeMap<&Trade, usize> = BTreeMap::new();
    for trade in those {
        *taken.entry(trade).or_default() += 1;
    }
    let left = these.iter().filter(|trade| match taken.get_mut(trade) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        Some(_) | None => true,
    });
    left.cloned().collect()
}

/// What the trades say was bought and sold: by desk, candle, side and price.
fn fills(trades: &[Trade]) -> BTreeMap<(&str, usize, &str, Decimal), Decimal> {
    let mut fills = BTreeMap::new();
    for trade in trades {
        let (entry, exit) = if trade.size > Decimal::ZERO { ("buy", "sell") } else { ("sell", "buy") };
        for (bar, side, price) in
            [(trade.entry_bar, entry, trade.entry_price), (trade.exit_bar, exit, trade.exit_price)]
        {
            *fills.entry((trade.desk.as_str(), bar, side, price)).or_default() += trade.size.abs();
        }
    }
    fills
}

/// At how many prices something was bought or sold in a candle.
fn prices_in(trades: &[Trade], bar: usize) -> usize {
    let entries = trades.iter().filter(|trade| trade.entry_bar == bar).map(|trade| trade.entry_price);
    let exits = trades.iter().filter(|trade| trade.exit_bar == bar).map(|trade| trade.exit_price);
    entries.chain(exits).collect::<BTreeSet<_>>().len()
}

/// Every series that can be had: ten seeded ones, and the real ones that are at hand.
fn every_series() -> Vec<Candles> {
    series::real().into_iter().chain(series::seeded()).collect()
}

/// The settings that every engine is told, as JSON.
pub fn setting(candles: &Candles) -> serde_json::Value {
    serde_json::json!({ "cash": candles.cash, "commission": COMMISSION })
}

/// Prepares a directory for each series, runs both engines on it, and compares. What is prepared is our run and what
/// the other engine is told.
pub fn hold_against(
    oracle: &Oracle,
    ties: Ties,
    prepare: impl Fn(usize, &Candles, &Path) -> (Ours, serde_json::Value),
) {
    let all = every_series();
    let root = tempfile::tempdir().unwrap();
    let (mut cases, mut mine) = (Vec::new(), Vec::new());
    for (number, candles) in all.iter().enumerate() {
        let directory = root.path().join(number.to_string());
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("candles.csv"), candles.to_csv()).unwrap();
        let (ours, setting) = prepare(number, candles, &directory);
        mine.push(ours);
        cases.push(Case { directory, setting });
    }
    let mut verdicts = oracle.judge(&cases);
    mine.iter().zip(&mut verdicts).for_each(|(ours, theirs)| ours.snap(theirs));
    let mut wrong = Vec::new();
    let mut count = 0;
    for ((candles, ours), theirs) in all.iter().zip(&mine).zip(&verdicts) {
        assert!(theirs.trades.len() >= 20, "{}: only {} trades", candles.name, theirs.trades.len());
        count += theirs.trades.len();
        wrong.extend(compare(oracle.name, &candles.name, ours, theirs, ties));
    }
    println!("{count} trades on {} series", all.len());
    wrong.truncate(40);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

//! `summary.json`: everything about a run that a machine may want, and the page and the terminal are made from.
//!
//! Money and prices are decimals as text, exact. Ratios are numbers. What is undefined is null beside its reason.
//! Nothing in it is a timing: two runs of one plan write the same bytes.

mod count;
mod groups;
mod statistics;

use super::facts::GapFacts;
use crate::domain::Origin;
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The format that this engine writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// A run in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of this format.
    pub format_version: u32,
    /// Version of the engine that ran.
    pub engine_version: String,
    /// What the scenario calls itself.
    pub name: String,
    /// Hash over every command, every piece of news and the final books, hexadecimal.
    pub fingerprint: String,
    /// The account's currency; money without another asset beside it is in this one.
    pub currency: String,
    /// When.
    pub period: Period,
    /// What the account came to.
    pub result: AccountResult,
    /// What doing nothing would have come to.
    pub buy_and_hold: BuyAndHold,
    /// The statistics, in order of display.
    pub metrics: Vec<MetricRow>,
    /// How sure the Sharpe ratio is.
    #[serde(default)]
    pub sharpe_interval: IntervalLine,
    /// Finished round trips.
    pub trades: TradeCounts,
    /// Executions.
    pub fills: FillCounts,
    /// What rests on fills that the data cannot prove.
    pub ambiguity: Ambiguity,
    /// What trading cost.
    pub costs: Costs,
    /// Orders by how they ended.
    pub orders: Vec<Count>,
    /// Why the venue rejected or cancelled orders.
    pub order_reasons: Vec<Count>,
    /// What the desks did not send, by reason.
    pub refusals: Vec<Count>,
    /// Limits that were only observed, by name, and how often they were passed.
    pub observed_limits: Vec<Count>,
    /// How often the venue met a doubt that the data could not settle.
    pub doubts: u64,
    /// What finer data decided, where the plan asks them.
    #[serde(default)]
    pub detail: Option<DetailLine>,
    /// The run with every doubt decided against the account, and for it, where the plan asks for that.
    pub band: Option<BandLine>,
    /// Who was halted, when and why.
    pub halts: Vec<HaltLine>,
    /// What must not have happened.
    pub complaints: Vec<ComplaintLine>,
    /// Desk by desk.
    pub desks: Vec<DeskLine>,
    /// Instrument by instrument.
    pub symbols: Vec<SymbolLine>,
    /// Balances at the end.
    pub balances: Vec<BalanceLine>,
    /// The market data, series by series.
    pub data: Vec<DataLine>,
    /// What the scenario decided about the simulated exchange, as name and value.
    pub policy: Vec<(String, String)>,
    /// The other engine whose rules the run follows, if it names one.
    pub profile: Option<ProfileLine>,
    /// Finished trades by the name of the order that opened them.
    #[serde(default)]
    pub entry_tags: Vec<GroupLine>,
    /// Finished trades by the name of the order that closed them.
    #[serde(default)]
    pub exit_tags: Vec<GroupLine>,
    /// Finished trades by the kind of order that closed them.
    #[serde(default)]
    pub exit_reasons: Vec<GroupLine>,
    /// Candles delivered, of all series.
    pub candles: u64,
    /// Market trades delivered.
    pub market_trades: u64,
    /// Quotes delivered.
    #[serde(default)]
    pub market_quotes: u64,
}

/// Candles that may have mattered to an order, where the plan asks finer data about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailLine {
    /// Those that finer data decided.
    pub decided: u64,
    /// Those whose finer data are missing or make another candle: decided against the account.
    pub fell_back: u64,
}

/// A profile, and what a reader of its results has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileLine {
    /// Its word in a scenario.
    pub name: String,
    /// What its results are, in one word: `CHEAT`, `OPTIMISTIC`, `UNVERIFIED`.
    pub verdict: String,
    /// Why.
    pub reason: String,
}

/// Finished trades that have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLine {
    /// What they have in common; empty for orders without a name.
    pub name: String,
    /// How many.
    pub trades: u64,
    /// Finished with a profit.
    pub winners: u64,
    /// Finished with a loss.
    pub losers: u64,
    /// Sum of their profits, net, in the account's currency.
    pub profit: String,
    /// Their fees, valued in the account's currency.
    pub fees: String,
    /// Those with at least one ambiguous fill.
    pub ambiguous: u64,
}

/// The ends of the band of doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandLine {
    /// Every doubt against the account.
    pub worst: BandEndLine,
    /// Every doubt for the account.
    pub best: BandEndLine,
}

/// One end of the band of doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandEndLine {
    /// Equity at the end.
    pub final_equity: String,
    /// Final less opening equity.
    pub profit: String,
    /// Profit as a percentage of the opening equity.
    pub return_percent: Option<f64>,
    /// Finished round trips.
    pub trades: u64,
}

/// When a run took place in market time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// From when on orders were possible.
    pub start: String,
    /// The last instant of the data, or of the halt that ended the run.
    pub end: String,
    /// Length in seconds, exact.
    pub seconds: String,
    /// Since when every desk was halted, if that came: the run says nothing about the time after it.
    pub halted_at: Option<String>,
}

/// What the account came to, in its currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountResult {
    /// Equity at the start.
    pub opening_equity: String,
    /// Equity at the end, open positions at the last close.
    pub final_equity: String,
    /// Final less opening equity.
    pub profit: String,
    /// Profit as a percentage of the opening equity.
    pub return_percent: Option<f64>,
    /// Equity at the end had every open position been closed at market, slippage and taker fee included.
    pub flattened_equity: String,
    /// Flattened less opening equity.
    pub flattened_profit: String,
    /// That as a percentage of the opening equity.
    pub flattened_return_percent: Option<f64>,
    /// Largest drawdown over the closes of all candles, in percent of the peak before it.
    pub max_drawdown_percent: f64,
}

/// The benchmark: opening capital in equal parts in every instrument from first to last price, without costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuyAndHold {
    /// The mean of the instruments' returns in the account's currency.
    pub return_percent: Option<f64>,
    /// Why there is none.
    pub reason: Option<String>,
    /// The account's return less the benchmark's, in percentage points.
    pub excess_percent: Option<f64>,
}

/// One statistic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// Its name for machines.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// What one unit of its value is: `fraction`, `ratio`, `currency`, `days`, `hours`, `trades` or `R`.
    pub unit: String,
    /// How it is computed, in one line.
    pub definition: String,
    /// Its value, null when undefined.
    pub value: Option<f64>,
    /// Why it is undefined.
    pub reason: Option<String>,
    /// What a reader has to know about it in this run.
    pub note: Option<String>,
}

/// An interval around a statistic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IntervalLine {
    /// The probability that it is made for, as a fraction.
    pub confidence: f64,
    /// Its lower end, null when undefined.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Mean length of the blocks that were drawn, in days.
    pub block: Option<f64>,
    /// How it is computed, in one line.
    pub definition: String,
    /// Why it is undefined.
    pub reason: Option<String>,
}

/// Finished round trips; what is open at the end is counted apart and in no statistic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeCounts {
    /// Finished.
    pub closed: u64,
    /// Still open at the end.
    pub open_at_end: u64,
    /// Finished with a profit.
    pub winners: u64,
    /// Finished with a loss.
    pub losers: u64,
    /// Finished with neither.
    pub even: u64,
    /// Finished longs.
    pub longs: u64,
    /// Finished shorts.
    pub shorts: u64,
    /// Sum of the winners' profits.
    pub gross_profit: String,
    /// Sum of the losers' losses, zero or below.
    pub gross_loss: String,
    /// Sum over all finished trades.
    pub profit: String,
    /// What the trades open at the end would have come to, closing costs included.
    pub open_profit: String,
}

/// Executions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillCounts {
    /// All.
    pub count: u64,
    /// Of resting orders.
    pub maker: u64,
    /// Of orders that crossed the spread.
    pub taker: u64,
    /// Proven by the data.
    pub certain: u64,
    /// Chosen by the policy among several possible ones.
    pub ambiguous: u64,
}

/// What rests on fills that the data cannot prove.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ambiguity {
    /// Finished trades with at least one ambiguous fill.
    pub trades: u64,
    /// Their profit, net.
    pub profit: String,
    /// Their part of the gross profit of all winners, in percent.
    pub share_of_gross_profit_percent: Option<f64>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// What trading cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// Fees of all trades, open ones included; other assets valued at their fill, then at the last prices.
    pub fees: String,
    /// Modelled slippage of all trades.
    pub slippage: String,
    /// Both.
    pub total: String,
    /// What the venue took, asset by asset.
    pub fees_by_asset: Vec<FeeLine>,
}

/// Fees taken in one asset; below zero where rebates were more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeLine {
    /// Its code.
    pub asset: String,
    /// How much.
    pub amount: String,
    /// Of that, for fills of orders that waited.
    #[serde(default)]
    pub maker: String,
    /// For fills of orders that took.
    #[serde(default)]
    pub taker: String,
}

/// How often something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// A halt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HaltLine {
    /// The desk; null for the account.
    pub desk: Option<String>,
    /// Since when.
    pub at: String,
    /// Why.
    pub reason: String,
    /// All of it in one sentence: `halted at …`.
    pub text: String,
}

/// A complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintLine {
    /// The desk; null for the account.
    pub desk: Option<String>,
    /// When.
    pub at: String,
    /// What.
    pub text: String,
}

/// One desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskLine {
    /// Its name.
    pub name: String,
    /// Its strategy.
    pub strategy: String,
    /// Its parameters, as name and value.
    pub parameters: Vec<(String, String)>,
    /// Its result, open positions at the last close.
    pub profit: String,
    /// The result of its finished trades, in the account's currency.
    pub closed_profit: String,
    /// Finished trades.
    pub trades: u64,
    /// Finished with a profit.
    pub winners: u64,
    /// Finished with a loss.
    pub losers: u64,
    /// Executions.
    pub fills: u64,
    /// Orders.
    pub orders: u64,
    /// Fees, valued.
    pub fees: String,
    /// Modelled slippage, valued.
    pub slippage: String,
    /// Orders not sent.
    pub refusals: Vec<Count>,
    /// Since when it was halted.
    pub halted_at: Option<String>,
}

/// One instrument. Money is in its quote asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolLine {
    /// The venue and product.
    pub venue: String,
    /// The venue's name.
    pub symbol: String,
    /// Its quote asset.
    pub quote: String,
    /// The result of its finished trades.
    pub closed_profit: String,
    /// What its trades open at the end would have come to.
    pub open_profit: String,
    /// Finished trades.
    pub trades: u64,
    /// Finished with a profit.
    pub winners: u64,
    /// Finished with a loss.
    pub losers: u64,
    /// Executions.
    pub fills: u64,
    /// Fees, valued in the quote asset.
    pub fees: String,
    /// Modelled slippage.
    pub slippage: String,
    /// First known price at or after the start; null when there was none.
    pub first_price: Option<String>,
    /// Last known price; null when there was none.
    pub last_price: Option<String>,
    /// The price's own change, in percent.
    pub price_change_percent: Option<f64>,
    /// That change in the account's currency, in percent.
    pub buy_and_hold_percent: Option<f64>,
}

/// What is ours of an asset at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceLine {
    /// Its code.
    pub asset: String,
    /// How much is ours.
    pub owned: String,
}

/// One series of market data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataLine {
    /// The venue and product.
    pub venue: String,
    /// The venue's name of the instrument.
    pub symbol: String,
    /// The candles' interval, `trades` or `quotes`.
    pub interval: String,
    /// Number of rows.
    pub rows: u64,
    /// Time of the first row.
    pub first: String,
    /// Time of the last row.
    pub last: String,
    /// Real, of a test network, or synthetic.
    pub origin: Origin,
    /// Hash over the content.
    pub content_hash: String,
    /// What is missing.
    pub gaps: GapFacts,
}

impl Summary {
    /// The file's text.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a summary has only text keys");
        text.push('\n');
        text
    }

    /// Reads the summary of a run.
    ///
    /// # Errors
    /// When there is none, it is damaged, or of a version that this engine does not know.
    pub fn read(run: &Path) -> Result<Self> {
        let path = run.join(super::SUMMARY);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Fault::io("reading", &path, &error)
                .remedy("name the directory of a run, such as reports/quickstart-1a2b3c4d")
        })?;
        Summary::from_json(&text).map_err(|fault| fault.within(format_args!("reading {}", path.display())))
    }

    /// Reads the text of a summary.
    ///
    /// # Errors
    /// When it is damaged, or of a version that this engine does not know.
    pub fn from_json(text: &str) -> Result<Self> {
        // The version is looked at first: of a later format nothing else can be relied upon.
        #[derive(Deserialize)]
        struct Versioned {
            format_version: u32,
        }
        let damaged = |error: serde_json::Error| {
            Fault::user(format!("this is no summary of a run: {error}")).remedy("run the plan again")
        };
        let Versioned { format_version } = serde_json::from_str(text).map_err(damaged)?;
        if format_version != FORMAT_VERSION {
            return Err(Fault::user(format!(
                "format_version {format_version} is not known; this engine reads {FORMAT_VERSION}"
            ))
            .remedy("use the tapeline that wrote the run, or run its plan.toml again with this one"));
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// What a reader has to know where the rules of another engine decided: `CHEAT: …`.
    pub fn caution(&self) -> Option<String> {
        let ProfileLine { name, verdict, reason } = self.profile.as_ref()?;
        Some(format!("{verdict}: the rules of {name}: {reason}."))
    }

    /// Whether any of the data are made by a generator.
    pub fn is_synthetic(&self) -> bool {
        self.data.iter().any(|data| data.origin == Origin::Synthetic)
    }

    /// Whether any of the data come from a test network.
    pub fn is_testnet(&self) -> bool {
        self.data.iter().any(|data| data.origin == Origin::Testnet)
    }

    /// Holes in the data that nothing explains.
    pub fn unexplained_gaps(&self) -> u64 {
        self.data.iter().map(|data| data.gaps.unexplained).sum()
    }

    /// A statistic by its name for machines.
    pub fn metric(&self, key: &str) -> Option<&MetricRow> {
        self.metrics.iter().find(|row| row.key == key)
    }
}

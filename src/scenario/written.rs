//! The plan as text: every value stated, keys in one order, decimals in quotes. The same plan is the same text.

use super::VERSION;
use super::account::ACCOUNTINGS;
use super::costs::{CHILDREN, INTRABARS, LIMIT_GAPS, LIMITS, MARKETS, STOP_GAPS, STOPS_INSIDE};
use super::desk::DeskPlan;
use super::filters::{FeeAssetPlan, FeesPlan, FiltersPlan, ROUNDINGS};
use super::instrument::{DetailSource, InstrumentPlan, KINDS, MATCHINGS};
use super::limits::{ACTIONS, DeskLimitsPlan};
use super::market::{QuoteSupply, Supply, SyntheticMarket, SyntheticSymbol};
use super::plan::{BandRuns, EquityRows, Plan};
use super::profile::Profile;
use super::reading::{BAND_RUNS, EQUITY_ROWS};
use super::series::span_text;
use crate::domain::{Rate, Span, Timestamp};
use crate::strategy::{Limit, Throttle};
use crate::venue::LimitPolicy;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Display;
use toml::Value;

impl Plan {
    /// The text of `plan.toml`. Read again, it gives the same plan.
    pub fn to_toml(&self) -> String {
        let mut page = Page::default();
        page.0.push_str("# A plan: everything that decides this run, resolved. `tapeline verify` runs it again.\n");
        self.write(&mut page, Some(&self.directory.display().to_string()).filter(|_| self.uses_paths()));
        page.0
    }

    /// The text that identifies the run: as [`Plan::to_toml`], but without the folder that relative paths start from,
    /// so that it is the same on every machine.
    pub fn identity(&self) -> String {
        let mut page = Page::default();
        self.write(&mut page, None);
        page.0
    }

    /// The text that tells one trial from another: as [`Plan::identity`], but also without the run's name, what is
    /// written out, and where the data lie. What the data are is for their content to say.
    pub fn trial_identity(&self) -> String {
        let mut plan =
            Plan { name: "trial".to_owned(), equity: EquityRows::Daily, band: BandRuns::Off, ..self.clone() };
        for instrument in &mut plan.instruments {
            match &mut instrument.supply {
                Supply::Store { root } => root.clear(),
                supply @ Supply::Files { .. } => *supply = Supply::Store { root: String::new() },
                Supply::Synthetic(_) => {}
            }
            if let Some(quotes) = &mut instrument.quotes {
                *quotes = QuoteSupply::Store { root: String::new() };
            }
        }
        plan.identity()
    }

    fn write(&self, page: &mut Page, directory: Option<&String>) {
        page.raw("version", VERSION);
        page.text("kind", "plan");
        page.text("name", &self.name);
        if let Some(directory) = directory {
            page.text("directory", directory);
        }
        self.write_account(page);
        page.head("[period]");
        page.time_or("from", self.period.from, "first");
        page.time_or("to", self.period.to, "last");
        self.write_data(page);
        for instrument in &self.instruments {
            write_instrument(page, instrument);
        }
        for series in &self.series {
            page.head("[[series]]");
            page.text("name", &series.name);
            page.text("file", &series.file);
            page.text("column", &series.column);
            page.text("maximum_age", &series.maximum_age.map_or_else(|| "off".to_owned(), span_text));
        }
        self.write_rules(page);
        for desk in &self.desks {
            write_desk(page, desk);
        }
        page.head("[output]");
        page.word("equity", EQUITY_ROWS, self.equity);
        page.word("band", BAND_RUNS, self.band);
        for (path, hash) in &self.hashes {
            page.head("[[file]]");
            page.text("path", path);
            page.text("sha256", hash);
        }
    }

    fn write_account(&self, page: &mut Page) {
        let account = &self.account;
        page.head("[account]");
        page.text("currency", &account.currency);
        let opening = account.opening.iter().map(|(code, amount)| format!("{} = {}", key(code), quoted(amount)));
        page.raw("opening", inline(opening));
        page.word("accounting", ACCOUNTINGS, account.accounting);
        page.head("[account.limits]");
        page.limit("maximum_exposure", &account.limits.maximum_exposure);
        page.limit("maximum_symbol_exposure", &account.limits.maximum_symbol_exposure);
        page.limit("maximum_open_orders", &account.limits.maximum_open_orders);
        page.limit("daily_loss", &account.limits.daily_loss.map(as_decimal));
        page.limit("drawdown", &account.limits.drawdown.map(as_decimal));
    }

    fn write_data(&self, page: &mut Page) {
        let store = self.instruments.iter().find_map(|instrument| match (&instrument.supply, &instrument.quotes) {
            (Supply::Store { root }, _) | (_, Some(QuoteSupply::Store { root })) => Some(root),
            (Supply::Files { .. } | Supply::Synthetic(_), None | Some(QuoteSupply::File(_))) => None,
        });
        if let Some(root) = store {
            page.head("[data]");
            page.text("store", root);
        }
        if let Some(market) = &self.synthetic {
            write_market(page, market);
        }
    }

    fn write_rules(&self, page: &mut Page) {
        let policy = &self.policy;
        page.head("[costs]");
        let slippage = &policy.slippage;
        let points = slippage.fraction.to_decimal() * Decimal::from(10_000);
        page.raw(
            "slippage",
            inline([
                format!("minimum_ticks = {}", slippage.minimum_ticks),
                format!("basis_points = {}", quoted(points.normalize())),
            ]),
        );
        page.value_or("participation", policy.participation.map(Rate::to_decimal), "off");
        page.raw(
            "latency_ms",
            inline([
                format!("order = {}", policy.order_latency.millis()),
                format!("cancel = {}", policy.cancel_latency.millis()),
                format!("response = {}", policy.response_latency.millis()),
            ]),
        );
        page.raw("open_tolerance_ms", policy.open_tolerance.millis());
        page.head("[policy]");
        page.text("profile", self.profile.map_or("off", Profile::name));
        page.word("market", MARKETS, policy.market_fill);
        page.word("intrabar", INTRABARS, policy.intrabar);
        match policy.limit_fill {
            LimitPolicy::Through | LimitPolicy::Touch => page.word("limit", LIMITS, policy.limit_fill),
            LimitPolicy::TouchByChance { probability, seed } => page.raw(
                "limit",
                inline([format!("touch_probability = {}", quoted(probability.to_decimal())), format!("seed = {seed}")]),
            ),
        }
        page.word("limit_gap", LIMIT_GAPS, policy.limit_gap);
        page.word("stop_gap", STOP_GAPS, policy.stop_gap);
        page.word("stop_inside", STOPS_INSIDE, policy.stop_inside);
        page.word("children", CHILDREN, policy.children);
    }
}

fn write_market(page: &mut Page, market: &SyntheticMarket) {
    page.head("[data.synthetic]");
    page.raw("seed", market.seed);
    page.raw("candles", market.candles);
    page.text("interval", &market.interval.to_string());
    page.text("from", &market.from.to_string());
    page.text("correlation", &market.correlation.to_string());
    page.raw("missing_per_10_000", market.missing_per_10_000);
    page.raw("outages", market.outages);
    page.raw("outage_candles", market.outage_candles);
}

fn write_instrument(page: &mut Page, instrument: &InstrumentPlan) {
    page.head("[[instrument]]");
    page.text("symbol", &instrument.symbol);
    page.text("venue", &instrument.venue);
    page.word("kind", KINDS, instrument.kind);
    page.text("base", &instrument.base);
    page.text("quote", &instrument.quote);
    page.text("interval", &instrument.interval.to_string());
    page.word("match", MATCHINGS, instrument.matching);
    match instrument.detail {
        None => page.text("detail", "off"),
        Some(DetailSource::Trades) => page.text("detail", "trades"),
        Some(DetailSource::Candles(interval)) => page.text("detail", &interval.to_string()),
    }
    match &instrument.quotes {
        None => page.text("quotes", "off"),
        Some(QuoteSupply::Store { .. }) => page.text("quotes", "store"),
        Some(QuoteSupply::File(path)) => page.text("quotes", path),
    }
    page.value_or("queue_ahead", instrument.queue_ahead, "off");
    match &instrument.supply {
        Supply::Store { .. } => {}
        Supply::Files { candles, trades, finer } => {
            for (key, path) in [("file", candles), ("trades", trades), ("detail_file", finer)] {
                if let Some(path) = path {
                    page.text(key, path);
                }
            }
        }
        Supply::Synthetic(symbol) => write_symbol(page, symbol),
    }
    for (from, filters) in instrument.filters.rows() {
        page.head("[[instrument.filters]]");
        page.time_or("from", Some(*from).filter(|from| *from != Timestamp::MIN), "always");
        write_filters(page, filters);
    }
    for (from, fees) in instrument.fees.rows() {
        page.head("[[instrument.fees]]");
        page.time_or("from", Some(*from).filter(|from| *from != Timestamp::MIN), "always");
        write_fees(page, fees);
    }
}

fn write_symbol(page: &mut Page, symbol: &SyntheticSymbol) {
    page.head("[instrument.synthetic]");
    page.text("start_price", &symbol.start_price.to_string());
    page.raw("price_decimals", symbol.price_decimals);
    page.raw("quantity_decimals", symbol.quantity_decimals);
    page.text("annual_volatility", &symbol.annual_volatility.to_string());
    page.text("annual_drift", &symbol.annual_drift.to_string());
    page.text("daily_volume", &symbol.daily_volume.to_string());
    page.text("quiet_share", &symbol.quiet_share.to_string());
}

fn write_filters(page: &mut Page, filters: &FiltersPlan) {
    page.value_or("tick", filters.tick, "data");
    page.value_or("lot", filters.lot, "data");
    let bound = |value: Decimal| Some(value).filter(|value| !value.is_zero());
    page.value_or("minimum_quantity", bound(filters.minimum_quantity), "off");
    page.value_or("maximum_quantity", filters.maximum_quantity, "off");
    page.value_or("minimum_notional", bound(filters.minimum_notional), "off");
    match filters.price_band {
        Some(band) => page.raw(
            "price_band",
            inline([
                format!("down = {}", quoted(band.down.to_decimal())),
                format!("up = {}", quoted(band.up.to_decimal())),
            ]),
        ),
        None => page.text("price_band", "off"),
    }
    match filters.maximum_open_orders {
        Some(count) => page.raw("maximum_open_orders", count),
        None => page.text("maximum_open_orders", "off"),
    }
}

fn write_fees(page: &mut Page, fees: &FeesPlan) {
    page.text("maker", &fees.maker.to_decimal().to_string());
    page.text("taker", &fees.taker.to_decimal().to_string());
    page.text(
        "asset",
        match &fees.asset {
            FeeAssetPlan::Quote => "quote",
            FeeAssetPlan::Received => "received",
            FeeAssetPlan::Third(code) => code,
        },
    );
    page.word("rounding", ROUNDINGS, fees.rounding);
    if fees.tiers.is_empty() {
        return page.text("tiers", "off");
    }
    let tiers = fees.tiers.iter().map(|tier| {
        inline([
            format!("volume = {}", quoted(tier.volume.normalize())),
            format!("maker = {}", quoted(tier.maker.to_decimal())),
            format!("taker = {}", quoted(tier.taker.to_decimal())),
        ])
    });
    page.raw("tiers", format!("[{}]", tiers.collect::<Vec<_>>().join(", ")));
}

fn write_desk(page: &mut Page, desk: &DeskPlan) {
    page.head("[[desk]]");
    page.text("name", &desk.name);
    page.text("strategy", &desk.strategy);
    page.raw("symbols", Value::from(desk.symbols.clone()));
    page.text("interval", &desk.interval.to_string());
    page.value_or("share", desk.share.map(Rate::to_decimal), "pool");
    page.head("[desk.parameters]");
    // Sorted, whichever order the TOML library was built to keep.
    let mut parameters: Vec<(&String, &Value)> = desk.parameters.iter().collect();
    parameters.sort_by_key(|(name, _)| *name);
    for (name, value) in parameters {
        page.raw(name, value);
    }
    write_limits(page, &desk.limits);
}

fn write_limits(page: &mut Page, limits: &DeskLimitsPlan) {
    page.head("[desk.limits]");
    page.limit("maximum_order_notional", &limits.maximum_order_notional);
    page.limits("maximum_order_quantity", &limits.maximum_order_quantity);
    page.limits("maximum_position", &limits.maximum_position);
    page.limit("maximum_symbol_exposure", &limits.maximum_symbol_exposure);
    page.limit("maximum_desk_exposure", &limits.maximum_desk_exposure);
    page.limit("maximum_open_orders", &limits.maximum_open_orders);
    page.limits("daily_quantity", &limits.daily_quantity);
    page.limit("daily_trades", &limits.daily_trades);
    page.limit("daily_loss", &limits.daily_loss.map(as_decimal));
    page.limit("drawdown", &limits.drawdown.map(as_decimal));
    page.limit("consecutive_losses", &limits.consecutive_losses);
    page.limit("cooldown", &limits.cooldown);
    page.limit("price_collar", &limits.price_collar.map(as_decimal));
    page.limit("message_throttle", &limits.message_throttle);
    page.limit("duplicate_order", &limits.duplicate_order);
}

/// Lines of TOML.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, title: &str) {
        self.0.push_str(&format!("\n{title}\n"));
    }

    fn raw(&mut self, name: &str, value: impl Display) {
        self.0.push_str(&format!("{} = {value}\n", key(name)));
    }

    fn text(&mut self, name: &str, value: &str) {
        self.raw(name, quoted(value));
    }

    fn word<T: Copy + PartialEq>(&mut self, name: &str, words: &[(&'static str, T)], value: T) {
        self.text(name, word(words, value));
    }

    fn value_or(&mut self, name: &str, value: Option<Decimal>, absent: &str) {
        self.text(name, &value.map_or_else(|| absent.to_owned(), |value| value.normalize().to_string()));
    }

    fn time_or(&mut self, name: &str, value: Option<Timestamp>, absent: &str) {
        self.text(name, &value.map_or_else(|| absent.to_owned(), |value| value.to_string()));
    }

    fn limit<T: Bound>(&mut self, name: &str, limit: &Option<Limit<T>>) {
        match limit {
            Some(limit) => self.raw(name, bound(limit)),
            None => self.text(name, "off"),
        }
    }

    fn limits(&mut self, name: &str, limits: &BTreeMap<String, Limit<Decimal>>) {
        if limits.is_empty() {
            return self.text(name, "off");
        }
        self.raw(name, inline(limits.iter().map(|(symbol, limit)| format!("{} = {}", key(symbol), bound(limit)))));
    }
}

/// A limit's value as TOML: decimals and lengths of time as text, counts as numbers; a throttle's time is a key of its
/// own.
trait Bound {
    fn toml(&self) -> String;
}

impl Bound for Decimal {
    fn toml(&self) -> String {
        quoted(self.normalize())
    }
}

impl Bound for u32 {
    fn toml(&self) -> String {
        self.to_string()
    }
}

impl Bound for Span {
    fn toml(&self) -> String {
        quoted(span_text(*self))
    }
}

impl Bound for Throttle {
    fn toml(&self) -> String {
        format!("{}, per = {}", self.messages, self.per.toml())
    }
}

fn bound<T: Bound>(limit: &Limit<T>) -> String {
    inline([format!("value = {}", limit.value.toml()), format!("action = {}", quoted(word(ACTIONS, limit.action)))])
}

fn as_decimal(limit: Limit<Rate>) -> Limit<Decimal> {
    Limit { value: limit.value.to_decimal(), action: limit.action }
}

pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map(|(word, _)| *word).expect("every value has its word")
}

fn inline(entries: impl IntoIterator<Item = String>) -> String {
    format!("{{ {} }}", entries.into_iter().collect::<Vec<_>>().join(", "))
}

fn quoted(value: impl Display) -> String {
    Value::String(value.to_string()).to_string()
}

fn key(name: &str) -> String {
    let bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if bare { name.to_owned() } else { quoted(name) }
}

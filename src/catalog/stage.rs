//! From a plan and its data to a finished session: the stage is built, the strategies are hired, the tape is run.

use super::inspection::Inspector;
use super::market::Market;
use super::schedule::Schedule;
use crate::domain::{
    CandleColumns, DeskId, Instrument, InstrumentId, Interval, OutsideSeries, Price, QuoteColumns, Series, SeriesId,
    Timestamp, TradeColumns,
};
use crate::engine::{
    Block, Columns, DetailColumns, Engine, Feed, Idle, Keep, NoJournal, Outcome, Recipe, Role, Session, Tape,
    TapeDetail, TapeFeed, TapeSeries, TapeTrades,
};
use crate::error::{Fault, Result};
use crate::indicator::{AsOf, Decimals};
use crate::ledger::Ledger;
use crate::report::Band;
use crate::scenario::{DataFacts, DeskPlan, EquityRows, Listing, Plan};
use crate::strategy::{Floor, Registry, Setup, SetupError, Source, Trader};
use crate::tape::resample;
use crate::venue::{IntrabarPolicy, SimVenue};
use std::sync::Arc;

/// A plan with its data in the engine's integers: what any number of sessions can be run on.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The plan.
    pub plan: Plan,
    /// Its assets and instruments.
    pub listing: Listing,
    facts: Vec<DataFacts>,
    candles: Vec<Arc<CandleColumns>>,
    trades: Vec<Option<Arc<TradeColumns>>>,
    quotes: Vec<Arc<QuoteColumns>>,
    details: Vec<TapeDetail>,
    outside: Vec<Arc<OutsideSeries>>,
}

/// A finished session.
#[derive(Debug)]
pub struct Run {
    /// What it came to.
    pub outcome: Outcome,
    /// What the desks had declared: series, columns, the names of tags.
    pub registry: Registry,
    /// How often the data could not tell what happened.
    pub doubts: u64,
    /// What the run comes to with every doubt decided against the account, and for it, where the plan asks for that.
    pub band: Option<Band>,
}

/// How to run: what the result must not depend on.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// Whether rows at which nothing can happen are passed over.
    pub idle: Idle,
    /// Rows of the densest series in one block.
    pub block_rows: usize,
    /// What of the session is kept.
    pub keep: Keep,
    /// Told after each block how many candles have been handed out, and how many there are.
    pub watch: &'a dyn Fn(u64, u64),
    /// Who looks at lanes on their way and may stop one.
    pub inspector: Option<&'a dyn Inspector>,
}

impl Default for Manner<'_> {
    fn default() -> Self {
        Manner {
            idle: Idle::Skip,
            block_rows: TapeFeed::BLOCK_ROWS,
            keep: Keep::All,
            watch: &|_, _| {},
            inspector: None,
        }
    }
}

/// Builds the trader of a desk.
pub trait Hire<T>: FnMut(&DeskPlan, &mut Setup<'_>) -> std::result::Result<T, SetupError> {}

impl<T, F: FnMut(&DeskPlan, &mut Setup<'_>) -> std::result::Result<T, SetupError>> Hire<T> for F {}

/// A session with its books open, and what it wants to be played on.
#[derive(Debug)]
pub(super) struct Cast<T> {
    pub registry: Registry,
    /// Candles by series, all there are.
    pub columns: Vec<Arc<CandleColumns>>,
    pub schedule: Schedule,
    pub session: Session<T, SimVenue, NoJournal>,
}

/// Coarser candles that were derived already.
#[derive(Debug, Default)]
pub(super) struct Derived(Vec<(Series, Arc<CandleColumns>)>);

/// A feed that is watched.
struct Watched<'t, 'a> {
    feed: TapeFeed<'t>,
    watch: &'a dyn Fn(u64, u64),
    done: u64,
    all: u64,
}

impl Feed for Watched<'_, '_> {
    fn next(&mut self) -> Option<Block<'_>> {
        (self.watch)(self.done, self.all);
        let block = self.feed.next()?;
        let new = block.series.iter().zip(&block.new_from).map(|(series, from)| series.rows.len() - from);
        self.done += new.sum::<usize>() as u64;
        Some(block)
    }
}

impl Stage {
    /// Takes the data over into the plan's integers.
    ///
    /// # Errors
    /// When a number of the plan or the data does not fit them.
    pub fn new(plan: Plan, mut market: Market) -> Result<Self> {
        let facts = market.facts();
        let listing = plan.listing(&facts)?;
        let (mut candles, mut trades, mut quotes, mut details) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (id, (data, of)) in (0..).zip(market.instruments.iter_mut().zip(listing.instruments.iter())) {
            candles.push(Arc::new(data.take_candles(of.price_decimals, of.quantity_decimals)?));
            trades.push(data.take_trades(of.price_decimals, of.quantity_decimals)?.map(Arc::new));
            quotes.push(Arc::new(data.take_quotes(of.price_decimals, of.quantity_decimals)?));
            if let Some(detail) = &mut data.detail {
                details.push(detail.take(InstrumentId(id), of.price_decimals, of.quantity_decimals)?);
            }
        }
        let outside = market.outside.into_iter().map(Arc::new).collect();
        Ok(Stage { plan, listing, facts, candles, trades, quotes, details, outside })
    }

    /// The same data under another plan: other parameters, costs, policies or limits.
    ///
    /// # Errors
    /// When the other plan wants other data, or the same data in other decimals.
    pub fn with_plan(&self, plan: Plan) -> Result<Self> {
        if !plan.plays_the_data_of(&self.plan) {
            return Err(Fault::user("this changes which market data are played")
                .remedy("change parameters, costs, policies, limits or the account; other data are another scenario"));
        }
        // Where the base plan ends, the loading of its data ended.
        if self.plan.period.to.is_some_and(|loaded| plan.period.to.is_none_or(|to| to > loaded)) {
            return Err(Fault::user("this ends later than the data that were loaded")
                .remedy("give the scenario the latest end, and try earlier ones"));
        }
        let listing = plan.listing(&self.facts)?;
        let decimals = |listing: &Listing| -> Vec<(u8, u8)> {
            listing.instruments.iter().map(|of| (of.price_decimals, of.quantity_decimals)).collect()
        };
        if decimals(&listing) != decimals(&self.listing) {
            return Err(Fault::user("this changes the decimals of prices or quantities")
                .remedy("state in the scenario itself the finest tick and lot that are to be tried"));
        }
        Ok(Stage { plan, listing, ..self.clone() })
    }

    /// The finest candles of an instrument.
    pub fn candles(&self, instrument: InstrumentId) -> &CandleColumns {
        &self.candles[usize::from(instrument.0)]
    }

    /// Candles of the finest series of all instruments.
    pub fn rows(&self) -> usize {
        self.candles.iter().map(|columns| columns.len()).sum()
    }

    /// What the data take of memory, bytes, piece by piece; stages over the same data name the same pieces.
    pub fn data_bytes(&self) -> impl Iterator<Item = (usize, u64)> {
        fn piece<T>(columns: &Arc<T>, rows: usize, bytes: usize) -> (usize, u64) {
            (Arc::as_ptr(columns) as usize, (rows * bytes) as u64)
        }
        // Times, prices and quantities are eight bytes each; several series may share their times.
        let candles = |columns: &Arc<CandleColumns>| {
            [piece(&columns.open_time, columns.len(), 8), piece(columns, columns.len(), 5 * 8)]
        };
        let trades = |columns: &Arc<TradeColumns>| piece(columns, columns.len(), 3 * 8);
        let mut pieces: Vec<(usize, u64)> = self.candles.iter().flat_map(candles).collect();
        pieces.extend(self.trades.iter().flatten().map(trades));
        pieces.extend(self.quotes.iter().map(|columns| piece(columns, columns.len(), 5 * 8)));
        for detail in &self.details {
            match &detail.columns {
                DetailColumns::Candles(_, columns) => pieces.extend(candles(columns)),
                DetailColumns::Trades(columns) => pieces.push(trades(columns)),
            }
        }
        pieces.into_iter()
    }

    /// From the open of the first candle to the close of the last one, within the period.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let spans = self.candles.iter().zip(&self.plan.instruments).filter_map(|(columns, plan)| {
            let (first, last) = (columns.open_time.first()?, columns.open_time.last()?);
            Some((Timestamp::from_nanos(*first), Timestamp::from_nanos(*last).after(plan.interval.span())))
        });
        let (first, last) = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).unwrap_or_default();
        (
            self.plan.period.from.map_or(first, |from| from.max(first)),
            self.plan.period.to.map_or(last, |to| to.min(last)),
        )
    }

    /// UTC days that the candles within the period touch, at most.
    pub fn days(&self) -> u64 {
        let opens = || self.candles.iter().map(|columns| &columns.open_time);
        let bound = |instant: Option<i64>| instant.map(Timestamp::from_nanos);
        let first = bound(opens().filter_map(|opens| opens.first().copied()).min());
        let last = bound(opens().filter_map(|opens| opens.last().copied()).max());
        let (Some(first), Some(last)) = (first, last) else { return 0 };
        let from = self.plan.period.from.map_or(first, |from| from.max(first));
        let to = self.plan.period.to.map_or(last, |to| to.min(last));
        if to < from { 0 } else { to.midnight().since(from.midnight()).days() as u64 + 1 }
    }

    /// The stage with other candles, by instrument and interval: what audits and perturbed replays run on.
    #[must_use]
    pub fn with_candles(&self, change: impl Fn(InstrumentId, Interval, &CandleColumns) -> CandleColumns) -> Self {
        let finest = self.plan.instruments.iter().zip(&self.candles).enumerate();
        let changed =
            finest.map(|(index, (plan, columns))| Arc::new(change(InstrumentId(index as u16), plan.interval, columns)));
        Stage { candles: changed.collect(), ..self.clone() }
    }

    /// The stage with other trades and quotes: what audits run on.
    #[must_use]
    pub fn with_ticks(&self, change: impl Fn(&mut TradeColumns, &mut QuoteColumns)) -> Self {
        let mut stage = self.clone();
        for (trades, quotes) in stage.trades.iter_mut().zip(&mut stage.quotes) {
            if let Some(trades) = trades {
                change(Arc::make_mut(trades), Arc::make_mut(quotes));
            }
        }
        stage
    }

    /// The stage with other finer rows beneath its candles: what audits run on.
    #[must_use]
    pub fn with_details(&self, change: impl Fn(&mut DetailColumns)) -> Self {
        let mut stage = self.clone();
        stage.details.iter_mut().for_each(|detail| change(&mut detail.columns));
        stage
    }

    /// The series from outside, in the order of the plan.
    pub fn outside(&self) -> &[Arc<OutsideSeries>] {
        &self.outside
    }

    /// The stage with other series from outside: what audits run on.
    #[must_use]
    pub fn with_outside(&self, change: impl Fn(&OutsideSeries) -> OutsideSeries) -> Self {
        let mut stage = self.clone();
        for series in &mut stage.outside {
            *series = Arc::new(change(series));
        }
        stage
    }

    /// Runs the traders that `hire` builds, one for each desk of the plan.
    ///
    /// # Errors
    /// As [`Stage::run`].
    pub fn run_with<T: Trader>(&self, manner: Manner<'_>, hire: impl Hire<T>) -> Result<Run> {
        let Cast { registry, columns, schedule, mut session } = self.cast(manner, hire, &mut Derived::default())?;
        let tape = self.tape(&registry, &columns, &schedule);
        let recipes = registry.columns.iter().map(|(series, source)| self.recipe(&registry, *series, *source));
        let feed = TapeFeed::new(&tape, manner.block_rows);
        let mut feed = Watched { feed, watch: manner.watch, done: 0, all: tape.candles() as u64 };
        session.run(&mut feed, &mut Columns::of(recipes)).map_err(|error| Fault::failure(error.to_string()))?;
        let (outcome, venue) = session.finish(SimVenue::close, self.listing.assets.len());
        Ok(Run { outcome, registry, doubts: venue.doubts(), band: None })
    }

    /// Hires the traders and opens the books: a session that can be run.
    pub(super) fn cast<T: Trader>(
        &self,
        manner: Manner<'_>,
        mut hire: impl Hire<T>,
        derived: &mut Derived,
    ) -> Result<Cast<T>> {
        let mut registry = Registry::new();
        for (index, plan) in self.plan.instruments.iter().enumerate() {
            registry.series(Series { instrument: InstrumentId(index as u16), interval: plan.interval });
        }
        let outside: Vec<String> = self.plan.series.iter().map(|series| series.name.clone()).collect();
        let mut traders = Vec::new();
        for (index, desk) in self.plan.desks.iter().enumerate() {
            let symbols = self.plan.symbols(desk);
            let id = DeskId(index as u16);
            let files = &self.plan.files;
            let listed = &self.listing.instruments;
            let mut setup = Setup::new(&mut registry, id, listed, &symbols, desk.interval, files, &outside);
            let trader = hire(desk, &mut setup).map_err(|error| self.not_set_up(desk, &error))?;
            traders.push(trader);
        }
        let columns = registry.series.iter().map(|series| self.columns_of(*series, derived));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let schedule = Schedule::of(&self.plan, &registry, &columns)?;
        let mut session = self.session(&registry, traders, &schedule, manner)?;
        session
            .open(&self.marks_at(schedule.start))
            .map_err(|overflow| Fault::user(format!("the opening balances: {overflow}")))?;
        Ok(Cast { registry, columns, schedule, session })
    }

    /// What to do depends on what is at fault: a file that a parameter names, or the parameters themselves.
    fn not_set_up(&self, desk: &DeskPlan, error: &SetupError) -> Fault {
        let fault = Fault::user(format!("desk {}: setting up {}: {error}", desk.name, desk.strategy));
        match self.plan.files.keys().find(|file| error.0.starts_with(&format!("{file}: "))) {
            Some(file) => fault.remedy(format!("correct {file}")),
            None => fault.remedy("correct its parameters; `tapeline strategies` lists them with their ranges"),
        }
    }

    /// The candles of a series: the finest as they are, coarser ones derived from them.
    pub(super) fn columns_of(&self, series: Series, derived: &mut Derived) -> Result<Arc<CandleColumns>> {
        let index = usize::from(series.instrument.0);
        let (finest, plan) = (&self.candles[index], &self.plan.instruments[index]);
        if series.interval == plan.interval {
            return Ok(Arc::clone(finest));
        }
        if let Some((_, columns)) = derived.0.iter().find(|(of, _)| *of == series) {
            return Ok(Arc::clone(columns));
        }
        let last = finest.open_time.last().copied().unwrap_or_default();
        let known_until = Timestamp::from_nanos(last).after(plan.interval.span());
        let coarse = resample(finest.rows(), plan.interval, series.interval, known_until)
            .map_err(|fault| fault.within(format!("candles of {}", plan.symbol)))?;
        let columns = Arc::new(coarse.columns);
        derived.0.push((series, Arc::clone(&columns)));
        Ok(columns)
    }

    /// The part of the data that is played: from the warm-up on, to the end of the period.
    pub(super) fn tape(&self, registry: &Registry, columns: &[Arc<CandleColumns>], schedule: &Schedule) -> Tape {
        let cut = |(series, columns): (&Series, &Arc<CandleColumns>)| {
            let from = columns.first_at_or_after(schedule.data_from);
            let last_open = schedule.end.before(series.interval.span());
            let to = columns.open_time.partition_point(|open| *open <= last_open.nanos()).max(from);
            let whole = from == 0 && to == columns.len();
            let columns = if whole { Arc::clone(columns) } else { Arc::new(columns.slice(from, to).to_columns()) };
            TapeSeries { series: *series, columns }
        };
        let trades = self.trades.iter().enumerate().filter_map(|(index, trades)| {
            let trades = trades.as_ref()?;
            let from = trades.first_at_or_after(schedule.data_from);
            let to = trades.first_at_or_after(schedule.end).max(from);
            let whole = from == 0 && to == trades.len();
            let columns = if whole { Arc::clone(trades) } else { Arc::new(trades.slice(from, to).to_columns()) };
            let quotes = self.quotes_within(index, schedule);
            Some(TapeTrades { instrument: InstrumentId(index as u16), columns, quotes })
        });
        let details = if self.plays_in_detail() { self.details.clone() } else { Vec::new() };
        Tape { series: registry.series.iter().zip(columns).map(cut).collect(), trades: trades.collect(), details }
    }

    /// The quotes of an instrument that are played: from the one on that stands as the data begin.
    fn quotes_within(&self, index: usize, schedule: &Schedule) -> Arc<QuoteColumns> {
        let quotes = &self.quotes[index];
        let from = quotes.first_at_or_after(schedule.data_from).saturating_sub(1);
        let to = quotes.first_at_or_after(schedule.end).max(from);
        let whole = from == 0 && to == quotes.len();
        if whole { Arc::clone(quotes) } else { Arc::new(quotes.slice(from, to).to_columns()) }
    }

    /// Whether finer data decide the candles that may matter.
    pub(super) fn plays_in_detail(&self) -> bool {
        self.plan.policy.intrabar == IntrabarPolicy::Detail
    }

    fn session<T: Trader>(
        &self,
        registry: &Registry,
        traders: Vec<T>,
        schedule: &Schedule,
        manner: Manner<'_>,
    ) -> Result<Session<T, SimVenue, NoJournal>> {
        let (plan, listing) = (&self.plan, &self.listing);
        let desks = plan.desks.len();
        let instruments = Arc::clone(&listing.instruments);
        let mut ledger = Ledger::new(
            Arc::clone(&instruments),
            listing.assets.len(),
            desks,
            listing.valuation.clone(),
            plan.account.accounting,
        );
        let mut venue = SimVenue::new(
            Arc::clone(&listing.assets),
            Arc::clone(&instruments),
            plan.policy(),
            desks,
            listing.fee_prices.clone(),
        );
        if let Some(tiers) = &listing.fee_tiers {
            venue.charge_by_volume(tiers.clone());
        }
        for (instrument, ahead) in (0..).zip(&listing.queues) {
            if let Some(ahead) = ahead {
                venue.stand_behind(InstrumentId(instrument), *ahead);
            }
        }
        for deposit in plan.deposits(listing)? {
            let paid = ledger
                .transfer(deposit.asset, deposit.amount, deposit.desk)
                .and_then(|()| venue.deposit(deposit.asset, deposit.amount));
            paid.map_err(|overflow| Fault::user(format!("the opening balances: {overflow}")))?;
        }
        let mut floor = Floor::new(instruments, plan.account_limits(listing)?);
        for (index, desk) in plan.desks.iter().enumerate() {
            let id = floor.open_desk(plan.symbols(desk), plan.limits(desk, listing)?);
            floor.desk(id).tradable_from = schedule.tradable_from[index];
        }
        for (at, desk, timer) in &registry.timers {
            floor.timers.push(std::cmp::Reverse((*at, *desk, *timer)));
        }
        let every_candle = plan.equity == EquityRows::EveryCandle && manner.keep == Keep::All;
        let followed = registry.desk_series.clone();
        let mut engine = Engine::new(traders, followed, ledger, floor, schedule.start, every_candle, manner.keep);
        engine.expect_candles(self.rows());
        let roles = registry.series.iter().enumerate().map(|(index, series)| self.role(index, series)).collect();
        Ok(Session::new(engine, venue, NoJournal, roles, manner.idle))
    }

    /// The recipe of a column that a desk declared.
    pub(super) fn recipe(&self, registry: &Registry, id: SeriesId, source: Source) -> (SeriesId, Recipe) {
        let series = registry.series[usize::from(id.0)];
        let of = self.instrument(series);
        let recipe = match source {
            Source::Indicator(spec) => {
                Recipe::Indicator(spec, Decimals { price: of.price_decimals, quantity: of.quantity_decimals })
            }
            Source::Outside(id) => {
                let (rows, plan) = (&self.outside[usize::from(id.0)], &self.plan.series[usize::from(id.0)]);
                Recipe::Machine(Box::new(AsOf::new(Arc::clone(rows), series.interval, plan.maximum_age)))
            }
        };
        (id, recipe)
    }

    fn instrument(&self, series: Series) -> &Instrument {
        &self.listing.instruments[usize::from(series.instrument.0)]
    }

    /// The first series are the finest, one for each instrument.
    fn role(&self, index: usize, series: &Series) -> Role {
        if index >= self.candles.len() {
            return Role::Shown;
        }
        match self.trades[usize::from(series.instrument.0)] {
            Some(_) => Role::Measured,
            None => Role::Matched,
        }
    }

    /// The last price of each instrument at `start`. Before there is one, only what the account opens with is valued,
    /// at the first price to come.
    fn marks_at(&self, start: Timestamp) -> Vec<Price> {
        let opens_with = |index: usize| {
            let base = self.listing.instruments[index].base;
            let code = &self.listing.assets[usize::from(base.0)].code;
            self.plan.account.opening.contains_key(code)
        };
        let mark = |(index, columns): (usize, &Arc<CandleColumns>)| {
            let span = self.plan.instruments[index].interval.span();
            let closed = columns.open_time.partition_point(|open| *open <= start.before(span).nanos());
            match (closed.checked_sub(1), columns.open.first()) {
                (Some(row), _) => Price::from_units(columns.close[row]),
                (None, Some(first)) if opens_with(index) => Price::from_units(*first),
                (None, _) => Price::ZERO,
            }
        };
        self.candles.iter().enumerate().map(mark).collect()
    }
}

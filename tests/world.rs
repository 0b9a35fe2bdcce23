//! A small world for tests: instruments, candles as text, and a trader that is a closure.

use std::sync::Arc;
use tapeline::domain::*;
use tapeline::engine::{
    Block, Columns, Engine, Feed, Idle, Journal, Keep, NoJournal, Outcome, Role, Session, Tape, TapeFeed, TapeSeries,
    TapeTrades,
};
use tapeline::ledger::{Accounting, Ledger, Valuation, ValuationStep};
use tapeline::strategy::{AccountLimits, Context, Floor, Limits, SeriesView, Trader};
use tapeline::venue::{FeeTier, FeeTiers, Policy, SimVenue, Slippage};

/// The quote asset.
pub const USDT: AssetId = AssetId(0);

/// Prices with two decimals.
pub fn price(text: &str) -> Price {
    Price::from_decimal(text.parse().unwrap(), 2).unwrap()
}

/// Quantities with three decimals.
pub fn quantity(text: &str) -> Quantity {
    Quantity::from_decimal(text.parse().unwrap(), 3).unwrap()
}

/// Minutes after the start of the test's time.
pub fn minute(count: i64) -> Timestamp {
    Timestamp::from_millis(1_704_067_200_000).after(Span::MINUTE.times(count))
}

/// What a [`World`] calls when something happens to its trader.
pub enum Call<'a> {
    /// Candles closed.
    Candles(&'a [SeriesId]),
    /// News.
    Update(&'a OrderUpdate),
    /// A timer.
    Timer(TimerId),
}

/// A trader that is a closure.
pub struct Script<F>(pub F);

impl<F: FnMut(&mut Context<'_>, Call<'_>) + Send> Trader for Script<F> {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        (self.0)(context, Call::Candles(closed));
    }

    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate) {
        (self.0)(context, Call::Update(update));
    }

    fn on_timer(&mut self, context: &mut Context<'_>, timer: TimerId) {
        (self.0)(context, Call::Timer(timer));
    }
}

/// Everything around the traders.
#[derive(Clone)]
pub struct World {
    pub assets: Vec<Asset>,
    pub instruments: Vec<Instrument>,
    pub policy: Policy,
    pub tape: Tape,
    pub roles: Vec<Role>,
    pub opening: Vec<(AssetId, Amount, Option<DeskId>)>,
    pub limits: Limits,
    pub account_limits: AccountLimits,
    /// The account's currency.
    pub currency: AssetId,
    /// By asset, how it is valued, where that is not the price of its own instrument in the currency.
    pub paths: Vec<(AssetId, Vec<InstrumentId>)>,
    pub accounting: Accounting,
    pub idle: Idle,
    pub block_rows: usize,
    /// Fees by volume, by instrument; none has such where this is empty.
    pub fee_tiers: Vec<Dated<Vec<FeeTier>>>,
    /// What stands ahead of a limit order on the first instrument.
    pub queue_ahead: Option<Quantity>,
}

/// The default rules without costs or delay, as in the golden cases.
pub fn free_policy() -> Policy {
    Policy {
        slippage: Slippage { minimum_ticks: 0, fraction: Rate::ZERO },
        participation: None,
        order_latency: Span::ZERO,
        cancel_latency: Span::ZERO,
        ..Policy::default()
    }
}

impl World {
    /// One instrument of this kind with two price and three quantity decimals, quoted in USDT, and no candles yet.
    pub fn new(kind: InstrumentKind) -> Self {
        let mut world = World {
            assets: vec![Asset { code: "USDT".into(), decimals: 8, increment: 1 }],
            instruments: Vec::new(),
            policy: free_policy(),
            tape: Tape::default(),
            roles: Vec::new(),
            opening: vec![(USDT, Amount::from_units(1_000_000 * 100_000_000), None)],
            limits: Limits::default(),
            account_limits: AccountLimits::default(),
            currency: USDT,
            paths: Vec::new(),
            accounting: Accounting::default(),
            idle: Idle::Skip,
            block_rows: TapeFeed::BLOCK_ROWS,
            fee_tiers: Vec::new(),
            queue_ahead: None,
        };
        world.add_instrument("AAAUSDT", kind);
        world
    }

    /// Adds an instrument with its own base asset and a one-minute series.
    pub fn add_instrument(&mut self, symbol: &str, kind: InstrumentKind) -> InstrumentId {
        let base = AssetId(self.assets.len() as u16);
        self.assets.push(Asset { code: symbol[..3].into(), decimals: 3, increment: 1 });
        let id = InstrumentId(self.instruments.len() as u16);
        self.instruments.push(Instrument {
            venue: "test".into(),
            symbol: symbol.into(),
            kind,
            base,
            quote: USDT,
            price_decimals: 2,
            quantity_decimals: 3,
            quote_factor: 1_000,
            base_factor: 1,
            filters: Dated::always(Filters {
                tick: Price::from_units(1),
                lot: Quantity::from_units(1),
                minimum_quantity: Quantity::from_units(1),
                maximum_quantity: None,
                minimum_notional: Amount::ZERO,
                price_band: None,
                maximum_open_orders: None,
            }),
            fees: Dated::always(Fees {
                maker: Rate::ZERO,
                taker: Rate::ZERO,
                asset: FeeAsset::Quote,
                rounding: Rounding::Up,
            }),
        });
        self.tape.series.push(TapeSeries {
            series: Series { instrument: id, interval: Interval::MINUTE },
            columns: Arc::new(CandleColumns::default()),
        });
        self.roles.push(Role::Matched);
        id
    }

    /// Adds candles `open/high/low/close[*volume]` from the given minute on to a series; volume is 1000 when not said.
    pub fn candles(&mut self, series: usize, from: i64, text: &str) {
        let columns = Arc::make_mut(&mut self.tape.series[series].columns);
        for (row, word) in text.split_whitespace().enumerate() {
            let (prices, volume) = word.split_once('*').unwrap_or((word, "1000"));
            let prices: Vec<Price> = prices.split('/').map(price).collect();
            columns.push(&Candle {
                open_time: minute(from + row as i64),
                open: prices[0],
                high: prices[1],
                low: prices[2],
                close: prices[3],
                volume: quantity(volume),
            });
        }
    }

    /// Matches an instrument on these trades `second:price:quantity` after the start instead of on its candles; the
    /// taker bought unless `:sell` stands behind them.
    pub fn trades(&mut self, instrument: InstrumentId, text: &str) {
        let mut columns = TradeColumns::default();
        for word in text.split_whitespace() {
            let parts: Vec<&str> = word.split(':').collect();
            columns.push(&MarketTrade {
                time: minute(0).after(Span::SECOND.times(parts[0].parse().unwrap())),
                price: price(parts[1]),
                quantity: quantity(parts[2]),
                taker: if parts.get(3) == Some(&"sell") { Side::Sell } else { Side::Buy },
            });
        }
        let quotes = Arc::default();
        self.tape.trades.push(TapeTrades { instrument, columns: Arc::new(columns), quotes });
        self.roles[usize::from(instrument.0)] = Role::Measured;
    }

    /// A session with these traders, one desk each, all following every series.
    pub fn session<T: Trader>(&self, traders: Vec<T>, timers: &[Timestamp]) -> Session<T, SimVenue, NoJournal> {
        self.session_journalled(traders, timers, NoJournal)
    }

    /// The same with a journal.
    pub fn session_journalled<T: Trader, J: Journal>(
        &self,
        traders: Vec<T>,
        timers: &[Timestamp],
        journal: J,
    ) -> Session<T, SimVenue, J> {
        let desks = traders.len();
        let instruments: Arc<[Instrument]> = self.instruments.clone().into();
        let step = |id: InstrumentId| ValuationStep::of(id, &instruments[usize::from(id.0)]);
        let paths = self.assets.iter().enumerate().map(|(index, _)| {
            if let Some((_, path)) = self.paths.iter().find(|(asset, _)| usize::from(asset.0) == index) {
                return path.iter().copied().map(step).collect();
            }
            let priced = |(_, instrument): &(usize, &Instrument)| usize::from(instrument.base.0) == index;
            let of = instruments.iter().enumerate().find(priced);
            of.map(|(id, _)| vec![step(InstrumentId(id as u16))]).unwrap_or_default()
        });
        let valuation = Valuation::new(self.currency, paths.collect());
        let mut ledger = Ledger::new(Arc::clone(&instruments), self.assets.len(), desks, valuation, self.accounting);
        let fee_prices = (0..self.assets.len()).map(|asset| {
            instruments.iter().position(|of| usize::from(of.base.0) == asset).map(|id| InstrumentId(id as u16))
        });
        let mut venue = SimVenue::new(
            self.assets.clone().into(),
            Arc::clone(&instruments),
            self.policy,
            desks,
            fee_prices.collect(),
        );
        if !self.fee_tiers.is_empty() {
            let tiers = FeeTiers::new(&self.instruments, self.fee_tiers.clone());
            venue.charge_by_volume(tiers.expect("an instrument has a tier"));
        }
        if let Some(ahead) = self.queue_ahead {
            venue.stand_behind(InstrumentId(0), ahead);
        }
        for (asset, amount, desk) in &self.opening {
            ledger.transfer(*asset, *amount, *desk).unwrap();
            venue.deposit(*asset, *amount).unwrap();
        }
        let mut floor = Floor::new(Arc::clone(&instruments), self.account_limits);
        for _ in 0..desks {
            let symbols = (0..instruments.len()).map(|id| InstrumentId(id as u16)).collect();
            floor.open_desk(symbols, self.limits.clone());
        }
        for at in timers {
            floor.wake(DeskId(0), *at);
        }
        let series: Vec<SeriesId> = (0..self.tape.series.len()).map(|id| SeriesId(id as u16)).collect();
        let start = minute(-1_000_000);
        let engine = Engine::new(traders, vec![series; desks], ledger, floor, start, false, Keep::All);
        let mut session = Session::new(engine, venue, journal, self.roles.clone(), self.idle);
        session.open(&vec![Price::ZERO; instruments.len()]).unwrap();
        session
    }

    /// Runs one trader over the whole tape.
    pub fn run(
        &self,
        timers: &[Timestamp],
        script: impl FnMut(&mut Context<'_>, Call<'_>) + Send,
    ) -> (Outcome, SimVenue) {
        self.run_all(vec![Script(script)], timers)
    }

    /// Runs several traders over the whole tape.
    pub fn run_all<T: Trader>(&self, traders: Vec<T>, timers: &[Timestamp]) -> (Outcome, SimVenue) {
        let mut session = self.session(traders, timers);
        session.run(&mut TapeFeed::new(&self.tape, self.block_rows), &mut Columns::of([])).unwrap();
        session.finish(SimVenue::close, self.assets.len())
    }

    /// The same as a live session is run: market data as they come, and before each of them every piece of news and every
    /// timer at an instant of its own.
    pub fn run_as_it_comes<T: Trader>(&self, traders: Vec<T>, timers: &[Timestamp]) -> (Outcome, SimVenue) {
        let mut session = World { idle: Idle::Turn, ..self.clone() }.session(traders, timers);
        let mut feed = TapeFeed::new(&self.tape, 1);
        while let Some(block) = feed.next() {
            let delivered = block.series.iter().zip(&block.new_from);
            let shown =
                delivered.map(|(shown, from)| SeriesView { series: shown.series, rows: shown.rows.slice(0, *from) });
            let idle = Block { series: shown.collect(), trades: Vec::new(), ..block.clone() };
            let closes: Vec<Option<Timestamp>> = block
                .series
                .iter()
                .zip(&block.new_from)
                .map(|(shown, from)| {
                    Some(Timestamp::from_nanos(*shown.rows.open_time.get(*from)?).after(shown.series.interval.span()))
                })
                .collect();
            let ticks = block.trades.iter().flat_map(|trades| [trades.rows.time.first(), trades.quotes.time.first()]);
            let ticks = ticks.flatten().map(|time| Timestamp::from_nanos(*time));
            let first = closes.iter().flatten().copied().chain(ticks).min();
            if let Some(first) = first {
                session.attend(first.before(Span::from_nanos(1)), &idle, &[]).unwrap();
            }
            if session.is_over() {
                break;
            }
            // A block ends with the densest series; where all its candles close at one instant behind its ticks, that is how a
            // live session is told of them.
            let together = closes.iter().flatten().all(|close| Some(close) == closes.iter().flatten().max());
            match closes.iter().flatten().max() {
                Some(at) if together => session.deliver(*at, &block, &[]).unwrap(),
                Some(_) | None => session.run_block(&block, &[]).unwrap(),
            }
        }
        session.finish(SimVenue::close, self.assets.len())
    }
}

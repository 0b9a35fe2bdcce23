//! A run under observation: everything that was delivered to each desk, and what it did then.

use crate::catalog::{Entry, Manner, Stage};
use crate::domain::{OrderUpdate, SeriesId, TimerId, Timestamp};
use crate::error::Result;
use crate::scenario::DeskPlan;
use crate::strategy::{Context, Setup, SetupError, Trader};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// How the desks of a stage are filled.
pub type Cast<'a> =
    dyn Fn(&Stage, &DeskPlan, &mut Setup<'_>) -> std::result::Result<Box<dyn Trader>, SetupError> + Sync + 'a;

/// The strategies that the plan names, out of a list.
pub fn from_book(
    book: &[Entry],
) -> impl Fn(&Stage, &DeskPlan, &mut Setup<'_>) -> std::result::Result<Box<dyn Trader>, SetupError> + Sync {
    |_, desk, setup| match book.iter().find(|entry| entry.name == desk.strategy) {
        Some(entry) => (entry.hire)(&desk.parameters, setup),
        None => Err(SetupError(format!("there is no strategy '{}'", desk.strategy))),
    }
}

/// Lines in the order in which they were written, each with its instant.
pub(super) type Lines = Vec<(Timestamp, String)>;

/// What one run showed.
#[derive(Debug)]
pub(super) struct Shown {
    /// News and changes of open orders, as the desks saw them.
    pub log: Lines,
    /// Executions by their instant.
    pub fills: Lines,
    /// Orders by their end.
    pub orders: Lines,
    /// Orders that a desk did not send.
    pub refusals: Lines,
    /// When trading began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// The largest warm-up that a desk had, in candles of each series it follows.
    pub warm_up: u32,
    /// The first complaint: what was halted by one proves nothing.
    pub complaint: Option<String>,
}

/// Watches a trader: every piece of news, and its open orders whenever they have changed.
struct Watched {
    trader: Box<dyn Trader>,
    log: Arc<Mutex<Lines>>,
    desk: String,
    orders: String,
}

impl Watched {
    fn note(&mut self, context: &Context<'_>, news: Option<&OrderUpdate>) {
        let mut orders = String::new();
        for open in context.orders() {
            // Writing into a string cannot fail.
            let _ = write!(orders, "{:?} {:?} {:?}; ", open.order, open.state, open.leaves());
        }
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
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

/// Runs a stage under observation; every desk warms up on at least this many candles.
///
/// # Errors
/// As [`Stage::run_with`].
pub(super) fn show(stage: &Stage, cast: &Cast<'_>, warm_up: u32) -> Result<Shown> {
    let log = Arc::new(Mutex::new(Lines::new()));
    let run = stage.run_with(Manner::default(), |desk: &DeskPlan, setup: &mut Setup<'_>| {
        let trader = cast(stage, desk, setup)?;
        setup.warm_up(warm_up);
        Ok(Watched { trader, log: Arc::clone(&log), desk: desk.name.clone(), orders: String::new() })
    })?;
    let outcome = run.outcome;
    let log = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
    let refusals = outcome.desks.iter().flat_map(|desk| &desk.refusal_list);
    Ok(Shown {
        log,
        fills: outcome.records.fills.iter().map(|fill| (fill.at, format!("{fill:?}"))).collect(),
        orders: outcome.records.orders.iter().map(|order| (order.ended, format!("{order:?}"))).collect(),
        refusals: refusals.map(|refusal| (refusal.at, format!("{refusal:?}"))).collect(),
        start: outcome.start,
        end: outcome.end,
        warm_up: run.registry.warm_up.iter().copied().max().unwrap_or(0),
        complaint: outcome.complaints.first().map(|complaint| complaint.text.clone()),
    })
}

//! The contract: what a strategy is, what it may see, and the desk that stands before every order it sends.
//!
//! A strategy holds a [`Context`] and nothing else. It cannot reach the future, the venue or another strategy: the rows
//! behind its view end at the candle that has just closed.

mod conduct;
mod context;
mod desk;
mod exposure;
mod halts;
mod limits;
mod outbox;
mod params;
mod risk;
mod setup;
mod sizing;
mod tally;
mod ticket;
mod view;
mod wake;

pub use context::{Books, Context};
pub use desk::{Desk, Floor, Halt, OpenOrder, RefusalRecord};
pub use limits::{AccountLimits, Action, Limit, Limits, Throttle};
pub use outbox::Outbox;
pub use params::{Axis, AxisKind, Params};
pub use setup::{Registry, Setup, SetupError, Slot, Source};
pub use ticket::{BracketTicket, Ticket};
pub use view::{SeriesView, View};
pub use wake::{Slumber, Wake};

use crate::domain::{OrderUpdate, SeriesId, TimerId};

/// A trading strategy. The same code runs in a backtest, on paper and live.
pub trait Strategy: Sized + Send + 'static {
    /// Its name on the command line and in scenarios.
    const NAME: &'static str;
    /// One sentence about it.
    const ABOUT: &'static str;
    /// Its parameters.
    type Params: Params;

    /// Declares what it needs: series, indicators, warm-up, timers.
    ///
    /// # Errors
    /// When the parameters and the scenario do not fit together; the text is shown to the user.
    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError>;

    /// Once per instant, with every series of this desk that closed then.
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]);

    /// News of one of its orders.
    fn on_update(&mut self, _context: &mut Context<'_>, _update: &OrderUpdate) {}

    /// A timer that it set is due.
    fn on_timer(&mut self, _context: &mut Context<'_>, _timer: TimerId) {}

    /// Which candles can make it decide something, as it stands now: saying so spares it the calls in between.
    #[inline]
    fn wake(&self) -> Wake {
        Wake::EveryCandle
    }
}

/// What the engine calls. Every strategy is one; so is a boxed one, for accounts whose desks differ in type.
pub trait Trader: Send {
    /// See [`Strategy::on_candles`].
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]);
    /// See [`Strategy::on_update`].
    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate);
    /// See [`Strategy::on_timer`].
    fn on_timer(&mut self, context: &mut Context<'_>, timer: TimerId);
    /// See [`Strategy::wake`].
    #[inline]
    fn wake(&self) -> Wake {
        Wake::EveryCandle
    }
}

/// A strategy as the engine holds it.
#[derive(Debug)]
pub struct Hired<S>(pub S);

impl<S: Strategy> Trader for Hired<S> {
    #[inline]
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        self.0.on_candles(context, closed);
    }

    #[inline]
    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate) {
        self.0.on_update(context, update);
    }

    #[inline]
    fn on_timer(&mut self, context: &mut Context<'_>, timer: TimerId) {
        self.0.on_timer(context, timer);
    }

    #[inline]
    fn wake(&self) -> Wake {
        self.0.wake()
    }
}

impl Trader for Box<dyn Trader> {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        (**self).on_candles(context, closed);
    }

    fn on_update(&mut self, context: &mut Context<'_>, update: &OrderUpdate) {
        (**self).on_update(context, update);
    }

    fn on_timer(&mut self, context: &mut Context<'_>, timer: TimerId) {
        (**self).on_timer(context, timer);
    }

    fn wake(&self) -> Wake {
        (**self).wake()
    }
}

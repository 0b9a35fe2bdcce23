//! One account: its venue, and what its orders and fills look like from outside.

use super::listing::Listing;
use super::market::Level;
use super::record::{FillRecord, ListRecord, OrderRecord, OrderStatus, OrderType};
use crate::domain::{
    Amount, AssetId, CancelReason, InstrumentId, Liquidity, OrderUpdate, Price, Quantity, Rate, RejectReason, Side,
    Span, Timestamp, UpdateKind,
};
use crate::venue::{LimitPolicy, Policy, SimVenue, Slippage, Venue};
use std::collections::BTreeMap;

/// News of an order, for its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// The place of the order among the account's.
    pub order: usize,
    /// What kind of news, in the exchange's word: NEW, TRADE, CANCELED, EXPIRED, REPLACED.
    pub execution: &'static str,
    /// The fill that it tells of.
    pub fill: Option<FillRecord>,
    /// The order as it stood then.
    pub record: OrderRecord,
}

/// One account.
pub struct Account {
    /// Its matching and its balances.
    pub venue: SimVenue,
    /// Every order, by its number at the venue.
    pub orders: Vec<OrderRecord>,
    /// Every fill, in order.
    pub fills: Vec<FillRecord>,
    /// Every list.
    pub lists: Vec<ListRecord>,
    /// Why an order was refused, by its place.
    pub refusals: BTreeMap<usize, RejectReason>,
    /// Whether the last cancel or amendment of an order failed.
    pub change_refused: Option<RejectReason>,
    by_number: BTreeMap<i64, usize>,
    told: Vec<(Amount, Amount)>,
    taken: BTreeMap<InstrumentId, Taken>,
    /// When the account last changed.
    pub updated: Timestamp,
}

/// What the account has taken of a displayed book, until the book changes.
#[derive(Clone, Debug, Default)]
struct Taken {
    update: i64,
    levels: BTreeMap<(Side, Price), i64>,
}

/// The venue's policy: only public trades fill what rests, up to their size; what a stop takes when it goes off is one
/// tick worse than the trade that set it off. Latency is the network's.
fn policy() -> Policy {
    Policy {
        limit_fill: LimitPolicy::Through,
        slippage: Slippage { minimum_ticks: 1, fraction: Rate::ZERO },
        participation: Some(Rate::ONE),
        order_latency: Span::ZERO,
        cancel_latency: Span::ZERO,
        response_latency: Span::ZERO,
        ..Policy::default()
    }
}

impl Account {
    /// An account without money.
    pub fn new(listing: &Listing) -> Self {
        let assets = listing.assets.len();
        let venue = SimVenue::new(listing.assets.clone(), listing.instruments.clone(), policy(), 1, vec![None; assets]);
        Account {
            venue,
            orders: Vec::new(),
            fills: Vec::new(),
            lists: Vec::new(),
            refusals: BTreeMap::new(),
            change_refused: None,
            by_number: BTreeMap::new(),
            told: vec![(Amount::ZERO, Amount::ZERO); assets],
            taken: BTreeMap::new(),
            updated: Timestamp::from_nanos(0),
        }
    }

    /// Free and locked of an asset.
    pub fn balance(&self, asset: AssetId) -> (Amount, Amount) {
        (self.venue.wallet().free(asset), self.venue.wallet().locked(asset))
    }

    /// The assets whose balances have changed since this was last asked.
    pub fn changed_balances(&mut self) -> Vec<AssetId> {
        let mut changed = Vec::new();
        for index in 0..self.told.len() {
            let asset = AssetId(index as u16);
            let now = self.balance(asset);
            if std::mem::replace(&mut self.told[index], now) != now {
                changed.push(asset);
            }
        }
        changed
    }

    /// Keeps an order that is about to be sent. Its place is its number at the venue.
    pub fn keep(&mut self, record: OrderRecord) -> usize {
        self.by_number.insert(record.number, self.orders.len());
        self.orders.push(record);
        self.orders.len() - 1
    }

    /// The place of an order on this symbol by the exchange's number. Refused orders are not found.
    pub fn by_number(&self, instrument: InstrumentId, number: i64) -> Option<usize> {
        let place = *self.by_number.get(&number)?;
        let record = &self.orders[place];
        (record.ticket.instrument == instrument && record.status != OrderStatus::Rejected).then_some(place)
    }

    /// The place of the latest order on this symbol with the client's name.
    pub fn by_client_id(&self, instrument: InstrumentId, client_id: &str) -> Option<usize> {
        let named = |record: &OrderRecord| {
            record.ticket.client_id == client_id
                && record.ticket.instrument == instrument
                && record.status != OrderStatus::Rejected
        };
        self.orders.iter().rposition(named)
    }

    /// Places of the open orders, of one symbol or of all.
    pub fn open_orders(&self, instrument: Option<InstrumentId>) -> impl Iterator<Item = usize> + '_ {
        // The venue's own list: an account with a long history is not gone through for its few open orders.
        let mut open: Vec<usize> = self.venue.open_orders().map(|order| order.0 as usize).collect();
        open.sort_unstable();
        open.into_iter().filter(move |place| {
            let record = &self.orders[*place];
            record.status.is_open() && instrument.is_none_or(|wanted| record.ticket.instrument == wanted)
        })
    }

    /// The levels of a displayed book less what this account has taken of them since it last changed.
    pub fn left_of(&self, instrument: InstrumentId, side: Side, update: i64, levels: &[Level]) -> Vec<Level> {
        let taken = self.taken.get(&instrument).filter(|taken| taken.update == update);
        let left = |level: &Level| {
            let taken = taken.and_then(|taken| taken.levels.get(&(side, level.0))).copied().unwrap_or(0);
            (level.0, Quantity::from_units(level.1.units() - taken))
        };
        levels.iter().map(left).filter(|level| level.1.units() > 0).collect()
    }

    /// Notes what fills of a taker have taken of the displayed book.
    pub fn note_taken(&mut self, instrument: InstrumentId, update: i64, fills: &[FillRecord]) {
        let taken = self.taken.entry(instrument).or_default();
        if taken.update != update {
            *taken = Taken { update, levels: BTreeMap::new() };
        }
        for fill in fills {
            let side = self.orders[fill.order].ticket.side;
            *taken.levels.entry((side, fill.price)).or_default() += fill.quantity.units();
        }
    }

    /// Takes the venue's news by `now` into the records. `next_fill` numbers the fills.
    pub fn drain(&mut self, now: Timestamp, next_fill: &mut i64) -> Vec<News> {
        let mut news = Vec::new();
        while let Some(update) = self.venue.poll(now) {
            news.extend(self.apply(&update, next_fill));
        }
        if !news.is_empty() {
            self.updated = now;
        }
        news
    }

    fn apply(&mut self, update: &OrderUpdate, next_fill: &mut i64) -> Option<News> {
        let (place, at) = (update.order.0 as usize, update.at);
        let record = &mut self.orders[place];
        let mut fill_record = None;
        let execution = match update.kind {
            UpdateKind::Accepted => {
                record.working = (!record.ticket.kind.is_contingent()).then_some(at);
                "NEW"
            }
            UpdateKind::Triggered => {
                record.working = Some(at);
                "NEW"
            }
            UpdateKind::Filled(fill) => {
                record.working.get_or_insert(at);
                record.executed = record.executed.plus(fill.quantity).expect("no more fills than was asked for");
                record.executed_quote = record.executed_quote.plus(fill.notional).expect("sums of fills fit");
                record.status = if fill.leaves.is_zero() { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
                *next_fill += 1;
                let made = FillRecord {
                    id: *next_fill,
                    order: place,
                    price: fill.price,
                    quantity: fill.quantity,
                    quote: fill.notional,
                    commission: fill.fee,
                    commission_asset: fill.fee_asset,
                    time: at,
                    is_maker: fill.liquidity == Liquidity::Maker,
                };
                self.fills.push(made);
                fill_record = Some(made);
                "TRADE"
            }
            UpdateKind::Cancelled(reason) => {
                let market = record.ticket.kind == OrderType::Market;
                let (status, why) = ended_by(reason, market);
                record.status = status;
                record.expiry_reason = why;
                if status == OrderStatus::Canceled { "CANCELED" } else { "EXPIRED" }
            }
            UpdateKind::Expired => {
                record.status = OrderStatus::Expired;
                "EXPIRED"
            }
            UpdateKind::Replaced(terms) => {
                record.ticket.quantity = terms.quantity;
                record.amends += 1;
                "REPLACED"
            }
            UpdateKind::Rejected(reason) => {
                record.status = OrderStatus::Rejected;
                self.refusals.insert(place, reason);
                return None;
            }
            UpdateKind::CancelRejected => {
                self.change_refused = Some(RejectReason::UnknownOrder);
                return None;
            }
            UpdateKind::ReplaceRejected(reason) => {
                self.change_refused = Some(reason);
                return None;
            }
            UpdateKind::Held | UpdateKind::Released { .. } => return None,
        };
        record.updated = at;
        Some(News { order: place, execution, fill: fill_record, record: self.orders[place].clone() })
    }
}

/// What the exchange calls the end of an order, and its reason.
fn ended_by(reason: CancelReason, market: bool) -> (OrderStatus, Option<&'static str>) {
    match reason {
        CancelReason::Requested | CancelReason::PairGone => (OrderStatus::Canceled, None),
        CancelReason::ImmediateOrCancel if market => (OrderStatus::Expired, Some("INSUFFICIENT_LIQUIDITY")),
        CancelReason::ImmediateOrCancel => (OrderStatus::Expired, Some("UNFILLED_IOC_QUANTITY_EXPIRED")),
        CancelReason::FillOrKill => (OrderStatus::Expired, Some("UNFILLED_FOK_ORDER_EXPIRED")),
        CancelReason::Sibling => (OrderStatus::Expired, Some("OCO_TRIGGER")),
        CancelReason::EntryGone
        | CancelReason::NothingToReduce
        | CancelReason::InsufficientBalance
        | CancelReason::Overflow
        | CancelReason::WouldTake => (OrderStatus::Expired, Some("EXCHANGE_CANCELED")),
    }
}

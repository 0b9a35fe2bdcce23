//! The ledger: accounts of the whole, books of the desks, and the one place where a fill is booked.

use super::accounts::{Accounts, Entry};
use super::open_trade::OpenTrade;
use super::position::{Accounting, Position};
use super::valuation::Valuation;
use crate::domain::{
    Amount, AssetId, ClosedTrade, CostBasis, DeskId, Direction, Fill, Instrument, InstrumentId, InstrumentKind, Order,
    Overflow, Price, Quantity, Rounding, Side, Timestamp, wide_product,
};
use std::sync::Arc;

/// The books of one account and its desks.
#[derive(Clone, Debug)]
pub struct Ledger {
    instruments: Arc<[Instrument]>,
    accounts: Accounts,
    contracts: Vec<CostBasis>,
    /// Whether any instrument is a contract at all.
    holds_contracts: bool,
    desks: Vec<DeskBook>,
    pool: Vec<Amount>,
    valuation: Valuation,
    /// By instrument: the desks with a round trip open on it.
    traders_of: Vec<Vec<DeskId>>,
    /// By instrument: the assets whose worth depends on its price.
    valued_by: Vec<Vec<AssetId>>,
    accounting: Accounting,
    trades: u32,
    fills: u32,
}

/// One desk's view: what flowed through it, and its positions. All desks and the pool sum to the account.
#[derive(Clone, Debug)]
pub struct DeskBook {
    /// Balances by asset: the desk's share of the opening balance and all that its fills brought and took.
    pub balances: Vec<Amount>,
    /// Reserved by its open orders, by asset.
    pub reserved: Vec<Amount>,
    /// Positions by instrument.
    pub positions: Vec<Position>,
    /// Whether it has capital of its own; otherwise it draws from the pool.
    pub has_share: bool,
}

/// The prices seen in the candle (or trade) that a fill belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Lowest.
    pub low: Price,
    /// Highest.
    pub high: Price,
}

/// A part of a closing fill and the opening fill whose lot it closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotMatch {
    /// The fill that closed.
    pub closing: u32,
    /// The fill that had opened.
    pub opening: u32,
    /// How much.
    pub quantity: Quantity,
}

/// What booking a fill came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The fill's number, counted from zero over the session.
    pub number: u32,
    /// The round trip that it reduced, or else opened or enlarged.
    pub trade: u32,
    /// The round trip that it finished, if it did.
    pub closed: Option<ClosedTrade>,
}

impl Ledger {
    /// Empty books.
    pub fn new(
        instruments: Arc<[Instrument]>,
        assets: usize,
        desks: usize,
        valuation: Valuation,
        accounting: Accounting,
    ) -> Self {
        let book = DeskBook {
            balances: vec![Amount::ZERO; assets],
            reserved: vec![Amount::ZERO; assets],
            positions: vec![Position::default(); instruments.len()],
            has_share: false,
        };
        let depend_on = |index: usize| {
            let depends =
                |asset: &AssetId| valuation.path(*asset).iter().any(|step| usize::from(step.instrument.0) == index);
            (0..assets).map(|asset| AssetId(asset as u16)).filter(depends).collect()
        };
        Ledger {
            traders_of: vec![Vec::new(); instruments.len()],
            valued_by: (0..instruments.len()).map(depend_on).collect(),
            accounts: Accounts::new(assets),
            contracts: vec![CostBasis::default(); instruments.len()],
            holds_contracts: instruments.iter().any(|instrument| instrument.kind == InstrumentKind::Linear),
            desks: vec![book; desks],
            pool: vec![Amount::ZERO; assets],
            valuation,
            accounting,
            trades: 0,
            fills: 0,
            instruments,
        }
    }

    /// Money comes into the account, for one desk or for the pool that desks without a share draw from.
    pub fn transfer(&mut self, asset: AssetId, amount: Amount, desk: Option<DeskId>) -> Result<(), Overflow> {
        self.accounts.post(asset, Entry::Outside, Entry::Free, amount)?;
        let slot = usize::from(asset.0);
        let balance = match desk {
            Some(desk) => {
                let book = &mut self.desks[usize::from(desk.0)];
                book.has_share = true;
                &mut book.balances[slot]
            }
            None => &mut self.pool[slot],
        };
        *balance = balance.plus(amount)?;
        Ok(())
    }

    /// The account's balances.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// One desk's book.
    #[inline]
    pub fn desk(&self, desk: DeskId) -> &DeskBook {
        &self.desks[usize::from(desk.0)]
    }

    /// One desk's position on an instrument.
    #[inline]
    pub fn position(&self, desk: DeskId, instrument: InstrumentId) -> &Position {
        &self.desks[usize::from(desk.0)].positions[usize::from(instrument.0)]
    }

    /// The account's valuation.
    pub fn valuation(&self) -> &Valuation {
        &self.valuation
    }

    /// What a desk may still spend of an asset: of its own share, or of the pool's free rest.
    #[inline]
    pub fn spendable(&self, desk: DeskId, asset: AssetId) -> Amount {
        let slot = usize::from(asset.0);
        let free = self.accounts.balance(asset, Entry::Free);
        let book = &self.desks[usize::from(desk.0)];
        let own = if book.has_share {
            book.balances[slot].units() - book.reserved[slot].units() - self.desk_margin(book, asset)
        } else {
            let reserved_by_owners: i128 = self
                .desks
                .iter()
                .filter(|other| other.has_share)
                .map(|other| {
                    other.balances[slot].units() - other.reserved[slot].units() - self.desk_margin(other, asset)
                })
                .sum();
            free.units() - reserved_by_owners
        };
        Amount::from_units(own.min(free.units()))
    }

    fn desk_margin(&self, book: &DeskBook, asset: AssetId) -> i128 {
        let linear = |instrument: &Instrument| instrument.kind == InstrumentKind::Linear && instrument.quote == asset;
        let positions = self.instruments.iter().zip(&book.positions).filter(|(instrument, _)| linear(instrument));
        positions.map(|(_, position)| position.basis.cost.abs().units()).sum()
    }

    /// Sets money aside for an open order.
    #[inline]
    pub fn reserve(&mut self, desk: DeskId, asset: AssetId, amount: Amount) -> Result<(), Overflow> {
        if amount.is_zero() {
            return Ok(());
        }
        self.accounts.post(asset, Entry::Free, Entry::Reserved, amount)?;
        let reserved = &mut self.desks[usize::from(desk.0)].reserved[usize::from(asset.0)];
        *reserved = reserved.plus(amount)?;
        Ok(())
    }

    /// Gives back what was set aside.
    #[inline]
    pub fn release(&mut self, desk: DeskId, asset: AssetId, amount: Amount) -> Result<(), Overflow> {
        self.reserve(desk, asset, amount.negated())
    }

    /// Books a fill. `closes` is told the lots that it took from.
    #[inline]
    pub fn fill(
        &mut self,
        order: &Order,
        fill: &Fill,
        at: Timestamp,
        seen: Seen,
        marks: &[Price],
        closes: impl FnMut(LotMatch),
    ) -> Result<Booking, Overflow> {
        let number = self.fills;
        self.fills += 1;
        self.post_fill(order, fill)?;
        let (trade, closed) = self.book_position(order, fill, number, at, seen, marks, closes)?;
        let instrument = &self.instruments[usize::from(order.instrument.0)];
        let balanced = self.accounts.balances(instrument.base)
            && self.accounts.balances(instrument.quote)
            && (fill.fee_asset == instrument.quote || self.accounts.balances(fill.fee_asset));
        assert!(balanced, "the ledger balances after every fill");
        Ok(Booking { number, trade, closed })
    }

    /// The postings of a fill: what changed hands, and the fee.
    #[inline]
    fn post_fill(&mut self, order: &Order, fill: &Fill) -> Result<(), Overflow> {
        let instrument = &self.instruments[usize::from(order.instrument.0)];
        let (base, quote) = (instrument.base, instrument.quote);
        let book = &mut self.desks[usize::from(order.desk.0)];
        let mut flow = |asset: AssetId, amount: Amount| -> Result<(), Overflow> {
            let balance = &mut book.balances[usize::from(asset.0)];
            *balance = balance.plus(amount)?;
            Ok(())
        };
        match instrument.kind {
            InstrumentKind::Spot => {
                let base_amount = instrument.base_amount(fill.quantity);
                let (bought, paid) = match order.side {
                    Side::Buy => (base_amount, fill.notional),
                    Side::Sell => (base_amount.negated(), fill.notional.negated()),
                };
                self.accounts.post(base, Entry::Market, Entry::Free, bought)?;
                self.accounts.post(quote, Entry::Free, Entry::Market, paid)?;
                flow(base, bought)?;
                flow(quote, paid.negated())?;
            }
            InstrumentKind::Linear => {
                let contract = &mut self.contracts[usize::from(order.instrument.0)];
                let margin = contract.cost.abs();
                let settled = contract.fill(order.side, fill.quantity, fill.notional)?;
                let margin_change = contract.cost.abs().minus(margin)?;
                self.accounts.post(quote, Entry::Market, Entry::Free, settled.realised)?;
                self.accounts.post(quote, Entry::Free, Entry::Margin, margin_change)?;
                // The desk's own result is booked from its own position, where netting against other desks ends.
            }
        }
        if !fill.fee.is_zero() {
            self.accounts.post(fill.fee_asset, Entry::Free, Entry::Fees, fill.fee)?;
            flow(fill.fee_asset, fill.fee.negated())?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one booking needs all of these, and only one caller has them")]
    #[inline]
    fn book_position(
        &mut self,
        order: &Order,
        fill: &Fill,
        number: u32,
        at: Timestamp,
        seen: Seen,
        marks: &[Price],
        mut closes: impl FnMut(LotMatch),
    ) -> Result<(u32, Option<ClosedTrade>), Overflow> {
        let instrument = &self.instruments[usize::from(order.instrument.0)];
        let fee_in_base = fill.fee_asset == instrument.base && instrument.kind == InstrumentKind::Spot;
        let fee = self.fee_in_quote(instrument, fill, marks)?;
        let slippage = instrument.notional(fill.slipped, fill.quantity)?;
        let quantity = instrument.net_quantity(order.side, fill)?;
        let book = &mut self.desks[usize::from(order.desk.0)];
        let position = &mut book.positions[usize::from(order.instrument.0)];
        let was_open = position.open.is_some();
        let note = |opening, quantity| closes(LotMatch { closing: number, opening, quantity });
        let settled = position.fill(self.accounting, number, order.side, quantity, fill.notional, note)?;
        if instrument.kind == InstrumentKind::Linear {
            let balance = &mut book.balances[usize::from(instrument.quote.0)];
            *balance = balance.plus(settled.realised)?;
        }
        // A fee taken from the coin that was bought already cost quantity; it must not be taken off the result again.
        let charged = if fee_in_base && order.side == Side::Buy { Amount::ZERO } else { fee };
        let costs = Costs { fee, slippage, charged };
        let (mut finished, mut number_of_trade) = (None, 0);
        let trades = &mut self.trades;
        let mut begin = |side: Side| {
            *trades += 1;
            OpenTrade::new(*trades - 1, direction(side), at, fill, order.tag)
        };
        if !settled.closed.is_zero() {
            let trade = position.open.get_or_insert_with(|| begin(order.side.opposite()));
            number_of_trade = trade.number;
            trade.exit_fills += 1;
            let costs = costs.of(settled.closed, quantity)?;
            trade.count(fill, costs.fee, costs.slippage)?;
            trade.exit_notional = trade.exit_notional.plus(settled.closed_notional)?;
            trade.profit = trade.profit.plus(settled.realised)?.minus(costs.charged)?;
            trade.saw_partly(seen.low, seen.high, fill.price);
            let rest = position.basis.quantity.units().saturating_abs();
            let is_dust = rest < instrument.filters_at(at).lot.units();
            if is_dust || !settled.opened.is_zero() {
                finished = position.open.take().map(|trade| trade.close(order.desk, order.instrument, at, order.tag));
            }
        }
        if !settled.opened.is_zero() {
            let trade = position.open.get_or_insert_with(|| begin(order.side));
            if settled.closed.is_zero() {
                number_of_trade = trade.number;
            }
            trade.entry_fills += 1;
            trade.quantity = trade.quantity.plus(settled.opened)?;
            trade.entry_notional = trade.entry_notional.plus(fill.notional.minus(settled.closed_notional)?)?;
            let costs = costs.of(settled.opened, quantity)?;
            trade.count(fill, costs.fee, costs.slippage)?;
            trade.profit = trade.profit.minus(costs.charged)?;
            trade.saw_partly(seen.low, seen.high, fill.price);
        }
        match (was_open, position.open.is_some()) {
            (false, true) => self.traders_of[usize::from(order.instrument.0)].push(order.desk),
            (true, false) => self.traders_of[usize::from(order.instrument.0)].retain(|desk| *desk != order.desk),
            (true, true) | (false, false) => {}
        }
        Ok((number_of_trade, finished))
    }

    /// A fee valued in the quote asset of the instrument that it was paid for.
    #[inline]
    fn fee_in_quote(&self, instrument: &Instrument, fill: &Fill, marks: &[Price]) -> Result<Amount, Overflow> {
        if fill.fee.is_zero() || fill.fee_asset == instrument.quote {
            return Ok(fill.fee);
        }
        if fill.fee_asset == instrument.base {
            let cost = i128::from(fill.price.units()) * i128::from(instrument.quote_factor);
            return fill.fee.scaled(cost, instrument.base_factor.into(), Rounding::HalfEven);
        }
        match self.valuation.path(fill.fee_asset).first() {
            Some(step) if self.instruments[usize::from(step.instrument.0)].quote == instrument.quote => {
                let price = i128::from(marks[usize::from(step.instrument.0)].units()) * i128::from(step.factor);
                fill.fee.scaled(price, 1, Rounding::HalfEven)
            }
            Some(_) | None => Ok(Amount::ZERO),
        }
    }

    /// What the whole account is worth in its currency at the last prices.
    #[inline]
    pub fn equity(&self, marks: &[Price]) -> Result<Amount, Overflow> {
        let mut sum = Amount::ZERO;
        for asset in 0..self.accounts.len() {
            let asset = AssetId(asset as u16);
            let owned = self.accounts.owned(asset);
            if !owned.is_zero() {
                sum = sum.plus(self.valuation.worth(asset, owned, marks)?)?;
            }
        }
        if self.holds_contracts {
            for (index, contract) in self.contracts.iter().enumerate() {
                sum = sum.plus(self.contract_worth(index, contract, marks)?)?;
            }
        }
        Ok(sum)
    }

    /// What one desk's own balances and positions are worth in the account's currency. A desk that draws from the pool
    /// starts at zero: this is then its result.
    pub fn desk_equity(&self, desk: DeskId, marks: &[Price]) -> Result<Amount, Overflow> {
        let book = &self.desks[usize::from(desk.0)];
        let mut sum = Amount::ZERO;
        for (asset, balance) in book.balances.iter().enumerate() {
            let asset = AssetId(u16::try_from(asset).map_err(|_| Overflow)?);
            sum = sum.plus(self.valuation.worth(asset, *balance, marks)?)?;
        }
        for (index, position) in book.positions.iter().enumerate() {
            if self.instruments[index].kind == InstrumentKind::Linear {
                sum = sum.plus(self.contract_worth(index, &position.basis, marks)?)?;
            }
        }
        Ok(sum)
    }

    fn contract_worth(&self, index: usize, contract: &CostBasis, marks: &[Price]) -> Result<Amount, Overflow> {
        if contract.quantity.is_zero() && contract.cost.is_zero() {
            return Ok(Amount::ZERO);
        }
        let instrument = &self.instruments[index];
        let value = instrument.notional(marks[index], contract.quantity)?.minus(contract.cost)?;
        self.valuation.worth(instrument.quote, value, marks)
    }

    /// By how much the account's worth changes when the price of `instrument` rises by one unit, when that is a
    /// constant: none when the instrument also values other holdings on their way to the currency.
    #[inline]
    pub fn slope(&self, instrument: InstrumentId) -> Option<i128> {
        let index = usize::from(instrument.0);
        let mut slope = 0i128;
        for asset in &self.valued_by[index] {
            let owned = self.accounts.owned(*asset);
            if owned.is_zero() {
                continue;
            }
            let [step] = self.valuation.path(*asset) else { return None };
            slope = slope.checked_add(wide_product(owned.units(), step.factor.into())?)?;
        }
        let contract = &self.contracts[index];
        if !contract.quantity.is_zero() {
            let of = &self.instruments[index];
            if of.quote != self.valuation.currency() {
                return None;
            }
            let part = i128::from(contract.quantity.units()) * i128::from(of.quote_factor);
            slope = slope.checked_add(part)?;
        }
        Some(slope)
    }

    /// Candles wholly inside the open round trips on an instrument ranged between these prices.
    #[inline]
    pub fn saw(&mut self, instrument: InstrumentId, low: Price, high: Price) {
        let index = usize::from(instrument.0);
        for desk in &self.traders_of[index] {
            if let Some(trade) = &mut self.desks[usize::from(desk.0)].positions[index].open {
                trade.saw(low, high);
            }
        }
    }

    /// Whether any desk has a round trip open on an instrument.
    #[inline]
    pub fn is_open(&self, instrument: InstrumentId) -> bool {
        !self.traders_of[usize::from(instrument.0)].is_empty()
    }

    /// A candle in which round trips were opened, or went on, closed with these prices: those that were opened at or
    /// after `since` count its favourable end only as far as its close.
    pub fn saw_candle(&mut self, instrument: InstrumentId, since: Timestamp, seen: Seen, close: Price) {
        let index = usize::from(instrument.0);
        for desk in &self.traders_of[index] {
            if let Some(trade) = &mut self.desks[usize::from(desk.0)].positions[index].open {
                if trade.entry_time >= since {
                    trade.saw_partly(seen.low, seen.high, close);
                } else {
                    trade.saw(seen.low, seen.high);
                }
            }
        }
    }

    /// Number of fills booked.
    pub fn fills(&self) -> u32 {
        self.fills
    }

    /// Asserts that the desks and the pool sum to the account, asset by asset and contract by contract.
    pub fn assert_desks_sum_to_account(&self) {
        for asset in 0..self.accounts.len() {
            let id = AssetId(asset as u16);
            let desks: i128 = self.desks.iter().map(|book| book.balances[asset].units()).sum();
            let (mut contracts, mut positions) = (0i128, 0i128);
            for (index, instrument) in self.instruments.iter().enumerate() {
                if instrument.kind == InstrumentKind::Linear && usize::from(instrument.quote.0) == asset {
                    contracts -= self.contracts[index].cost.units();
                    positions -= self.desks.iter().map(|book| book.positions[index].basis.cost.units()).sum::<i128>();
                }
            }
            let whole = self.accounts.owned(id).units() + contracts;
            assert_eq!(desks + self.pool[asset].units() + positions, whole, "desks and pool sum to the account");
            assert!(self.accounts.balances(id), "the entries of an asset sum to zero");
        }
        for index in 0..self.instruments.len() {
            if self.instruments[index].kind == InstrumentKind::Linear {
                let desks: i64 = self.desks.iter().map(|book| book.positions[index].quantity().units()).sum();
                assert_eq!(desks, self.contracts[index].quantity.units(), "desks' contracts sum to the account's");
            }
        }
    }
}

/// What a fill cost beside its price, in ledger units of the quote asset.
#[derive(Clone, Copy, Debug)]
struct Costs {
    fee: Amount,
    slippage: Amount,
    /// What of the fee is taken off the result.
    charged: Amount,
}

impl Costs {
    /// What falls to a part of the fill's quantity.
    #[inline]
    fn of(self, part: Quantity, whole: Quantity) -> Result<Self, Overflow> {
        if part == whole {
            return Ok(self);
        }
        let share = |amount: Amount| amount.scaled(part.units().into(), whole.units().into(), Rounding::HalfEven);
        Ok(Costs { fee: share(self.fee)?, slippage: share(self.slippage)?, charged: share(self.charged)? })
    }
}

fn direction(side: Side) -> Direction {
    match side {
        Side::Buy => Direction::Long,
        Side::Sell => Direction::Short,
    }
}

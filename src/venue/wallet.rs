//! The account as the simulated exchange knows it: balances, what open orders lock, contract positions.

use crate::domain::{
    Amount, AssetId, CostBasis, DeskId, Fill, Instrument, InstrumentId, InstrumentKind, Overflow, Quantity, Side,
};

/// One account at the venue. The desks of the account share its balances; what each desk holds is kept beside them,
/// since a reduce-only order reduces the position of its own desk.
#[derive(Clone, Debug)]
pub struct Wallet {
    free: Vec<Amount>,
    locked: Vec<Amount>,
    contracts: Vec<CostBasis>,
    held: Vec<Quantity>,
    instruments: usize,
}

/// What an open order keeps locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Which asset.
    pub asset: AssetId,
    /// How much of it.
    pub amount: Amount,
}

impl Wallet {
    /// An empty account.
    pub fn new(assets: usize, instruments: usize, desks: usize) -> Self {
        Wallet {
            free: vec![Amount::ZERO; assets],
            locked: vec![Amount::ZERO; assets],
            contracts: vec![CostBasis::default(); instruments],
            held: vec![Quantity::ZERO; instruments * desks],
            instruments,
        }
    }

    /// Money comes in or goes out by declaration.
    pub fn transfer(&mut self, asset: AssetId, amount: Amount) -> Result<(), Overflow> {
        let free = &mut self.free[usize::from(asset.0)];
        *free = free.plus(amount)?;
        Ok(())
    }

    /// What is free of an asset.
    #[inline]
    pub fn free(&self, asset: AssetId) -> Amount {
        self.free[usize::from(asset.0)]
    }

    /// What open orders and contract positions lock of an asset.
    pub fn locked(&self, asset: AssetId) -> Amount {
        self.locked[usize::from(asset.0)]
    }

    /// The signed position of one desk.
    #[inline]
    pub fn held(&self, desk: DeskId, instrument: InstrumentId) -> Quantity {
        self.held[usize::from(desk.0) * self.instruments + usize::from(instrument.0)]
    }

    /// The signed position of all desks together.
    pub fn held_in_all(&self, instrument: InstrumentId) -> Quantity {
        let of = self.held.iter().skip(usize::from(instrument.0)).step_by(self.instruments);
        Quantity::from_units(of.map(|held| held.units()).fold(0, i64::saturating_add))
    }

    /// Locks what `lock` says; none and no change when that much is not free.
    pub fn lock(&mut self, lock: Lock) -> Result<Option<()>, Overflow> {
        let asset = usize::from(lock.asset.0);
        if self.free[asset] < lock.amount {
            return Ok(None);
        }
        self.free[asset] = self.free[asset].minus(lock.amount)?;
        self.locked[asset] = self.locked[asset].plus(lock.amount)?;
        Ok(Some(()))
    }

    /// Gives a lock back.
    pub fn unlock(&mut self, lock: Lock) -> Result<(), Overflow> {
        let asset = usize::from(lock.asset.0);
        self.locked[asset] = self.locked[asset].minus(lock.amount)?;
        self.free[asset] = self.free[asset].plus(lock.amount)?;
        Ok(())
    }

    /// Whether the account can settle a fill out of what is free. Nothing is changed.
    #[inline]
    pub fn affords(
        &self,
        id: InstrumentId,
        instrument: &Instrument,
        side: Side,
        fill: &Fill,
    ) -> Result<bool, Overflow> {
        let fee_in = |asset: AssetId| if fill.fee_asset == asset { fill.fee } else { Amount::ZERO };
        match (instrument.kind, side) {
            (InstrumentKind::Spot, Side::Buy) => {
                Ok(self.free(instrument.quote) >= fill.notional.plus(fee_in(instrument.quote))?)
            }
            (InstrumentKind::Spot, Side::Sell) => {
                Ok(self.free(instrument.base) >= instrument.base_amount(fill.quantity).plus(fee_in(instrument.base))?)
            }
            (InstrumentKind::Linear, _) => {
                let mut after = self.contracts[usize::from(id.0)];
                let before = after.cost.abs();
                let settled = after.fill(side, fill.quantity, fill.notional)?;
                // A reducing fill is always let through: refusing to close would only deepen a loss.
                if settled.opened.is_zero() {
                    return Ok(true);
                }
                let needed = after.cost.abs().minus(before)?.minus(settled.realised)?.plus(fee_in(instrument.quote))?;
                Ok(self.free(instrument.quote) >= needed)
            }
        }
    }

    /// Books a fill. The caller has asked [`Wallet::affords`] first.
    #[inline]
    pub fn settle(
        &mut self,
        desk: DeskId,
        id: InstrumentId,
        instrument: &Instrument,
        side: Side,
        fill: &Fill,
    ) -> Result<(), Overflow> {
        let net = instrument.net_quantity(side, fill)?;
        let fee_slot = usize::from(fill.fee_asset.0);
        self.free[fee_slot] = self.free[fee_slot].minus(fill.fee)?;
        let quote = usize::from(instrument.quote.0);
        match instrument.kind {
            InstrumentKind::Spot => {
                let base = usize::from(instrument.base.0);
                let base_amount = instrument.base_amount(fill.quantity);
                match side {
                    Side::Buy => {
                        self.free[quote] = self.free[quote].minus(fill.notional)?;
                        self.free[base] = self.free[base].plus(base_amount)?;
                    }
                    Side::Sell => {
                        self.free[base] = self.free[base].minus(base_amount)?;
                        self.free[quote] = self.free[quote].plus(fill.notional)?;
                    }
                }
            }
            InstrumentKind::Linear => {
                let contract = &mut self.contracts[usize::from(id.0)];
                let before = contract.cost.abs();
                let settled = contract.fill(side, fill.quantity, fill.notional)?;
                let margin_change = contract.cost.abs().minus(before)?;
                self.free[quote] = self.free[quote].plus(settled.realised)?.minus(margin_change)?;
                self.locked[quote] = self.locked[quote].plus(margin_change)?;
            }
        }
        let slot = usize::from(desk.0) * self.instruments + usize::from(id.0);
        self.held[slot] = self.held[slot].plus(side.signed(net))?;
        Ok(())
    }
}

//! Double entry: every posting takes from one account what it gives to another, per asset.

use crate::domain::{Amount, AssetId, Overflow};

/// The accounts of each asset. Their sum is always zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Ours, at our disposal.
    Free = 0,
    /// Ours, set aside for open orders.
    Reserved = 1,
    /// Ours, collateral of contract positions.
    Margin = 2,
    /// What the market gave us less what we gave it.
    Market = 3,
    /// What the venue took as fees.
    Fees = 4,
    /// The world outside: deposits and withdrawals.
    Outside = 5,
}

const ENTRIES: usize = 6;

/// The balances of every entry of every asset.
#[derive(Clone, Debug)]
pub struct Accounts {
    assets: Vec<[Amount; ENTRIES]>,
}

impl Accounts {
    /// Empty accounts for this many assets.
    pub fn new(assets: usize) -> Self {
        Accounts { assets: vec![[Amount::ZERO; ENTRIES]; assets] }
    }

    /// Moves `amount` of `asset` from one entry to another. A negative amount moves the other way.
    #[inline]
    pub fn post(&mut self, asset: AssetId, from: Entry, to: Entry, amount: Amount) -> Result<(), Overflow> {
        let row = &mut self.assets[usize::from(asset.0)];
        let less = row[from as usize].minus(amount)?;
        let more = row[to as usize].plus(amount)?;
        row[from as usize] = less;
        row[to as usize] = more;
        Ok(())
    }

    /// The balance of one entry.
    #[inline]
    pub fn balance(&self, asset: AssetId, entry: Entry) -> Amount {
        self.assets[usize::from(asset.0)][entry as usize]
    }

    /// All that is ours of an asset: free, reserved and margin.
    #[inline]
    pub fn owned(&self, asset: AssetId) -> Amount {
        let row = &self.assets[usize::from(asset.0)];
        let units = row[0].units() + row[1].units() + row[2].units();
        Amount::from_units(units)
    }

    /// Whether the entries of an asset sum to zero.
    #[inline]
    pub fn balances(&self, asset: AssetId) -> bool {
        self.assets[usize::from(asset.0)].iter().map(|amount| amount.units()).sum::<i128>() == 0
    }

    /// Number of assets.
    pub fn len(&self) -> usize {
        self.assets.len()
    }

    /// Whether there is no asset.
    pub fn is_empty(&self) -> bool {
        self.assets.is_empty()
    }
}

//! The sums of a session in numbers: of one that is over, and of one on its way.

use crate::catalog::Stage;
use crate::domain::{Amount, InstrumentId, Price};
use crate::engine::Totals;
use crate::error::{Fault, Result};

/// Totals over all instruments, valued in the account's currency.
#[derive(Clone, Copy, Debug)]
pub struct Sums {
    /// The totals.
    pub totals: Totals,
    decimals: u8,
}

impl Sums {
    /// Values the totals of each instrument at these prices.
    ///
    /// # Errors
    /// When a sum leaves the range of exact integers.
    pub fn of(stage: &Stage, of_instruments: &[Totals], prices: &[Price]) -> Result<Self> {
        let listing = &stage.listing;
        let decimals = listing.assets[usize::from(listing.valuation.currency().0)].decimals;
        let mut totals = Totals::default();
        for (index, of) in of_instruments.iter().enumerate() {
            let quote = listing.instruments[usize::from(InstrumentId(index as u16).0)].quote;
            let worth = |amount: Amount| listing.valuation.worth(quote, amount, prices);
            let valued = of.valued(worth).and_then(|valued| totals.plus(&valued));
            totals = valued.map_err(|overflow| Fault::failure(format!("summing up the trial: {overflow}")))?;
        }
        Ok(Sums { totals, decimals })
    }

    /// An amount of the account's currency.
    pub fn money(&self, amount: Amount) -> f64 {
        amount.to_f64(self.decimals)
    }

    /// Equity less opening equity, account currency.
    pub fn profit(&self, opening: Amount, equity: Amount) -> f64 {
        self.money(Amount::from_units(equity.units() - opening.units()))
    }

    /// Share of the finished round trips with a profit.
    pub fn win_rate(&self) -> Option<f64> {
        share(self.totals.winners as f64, self.totals.trades as f64)
    }

    /// Gross profit over gross loss of the finished round trips.
    pub fn profit_factor(&self) -> Option<f64> {
        share(self.money(self.totals.gross_profit), -self.money(self.totals.gross_loss))
    }

    /// Mean net profit of a finished round trip.
    pub fn expectancy(&self) -> Option<f64> {
        let net = self.money(self.totals.gross_profit) + self.money(self.totals.gross_loss);
        share(net, self.totals.trades as f64)
    }

    /// Mean length of a finished round trip, hours.
    pub fn average_hours(&self) -> Option<f64> {
        share(self.totals.open_nanos as f64 / 3.6e12, self.totals.trades as f64)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

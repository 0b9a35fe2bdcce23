//! temp
#![allow(missing_docs)]
use crate::domain::{Candle, CandleRows};
pub trait Machine: Send {
    fn next(&mut self, candle: &Candle) -> Option<f64>;
    fn fill(&mut self, rows: CandleRows<'_>, out: &mut [f64]) {
        for (row, place) in out.iter_mut().enumerate() {
            *place = self.next(&rows.candle(row)).unwrap_or(f64::NAN);
        }
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spec {
    Sma { window: u32 },
    Atr { window: u32 },
    RollingHigh { window: u32 },
}
impl Spec {
    pub fn check(&self) -> Result<(), String> {
        Ok(())
    }
    pub fn warm_up(&self) -> u32 {
        match self {
            Spec::Sma { window } | Spec::Atr { window } | Spec::RollingHigh { window } => *window,
        }
    }
    pub fn machine(&self, decimals: u8) -> Box<dyn Machine> {
        let scale = 10f64.powi(-i32::from(decimals));
        match *self {
            Spec::Sma { window } | Spec::Atr { window } | Spec::RollingHigh { window } => {
                Box::new(Sma { ring: vec![0; window as usize], at: 0, seen: 0, sum: 0, k: scale / f64::from(window) })
            }
        }
    }
}
struct Sma {
    ring: Vec<i64>,
    at: usize,
    seen: usize,
    sum: i64,
    k: f64,
}
impl Machine for Sma {
    fn next(&mut self, c: &Candle) -> Option<f64> {
        let x = c.close.units();
        self.sum += x - self.ring[self.at];
        self.ring[self.at] = x;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0
        }
        self.seen += 1;
        (self.seen >= self.ring.len()).then(|| self.sum as f64 * self.k)
    }
}

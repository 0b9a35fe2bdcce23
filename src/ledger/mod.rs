//! The account's own books: double entry per asset, a position book per desk, and what it is all worth.
//!
//! The ledger changes only by a fill, a fee, a reservation or a declared transfer, and it balances to the last unit
//! after each of them; a funding settlement will be one more kind of posting. It knows nothing of venues and
//! strategies.

mod accounts;
mod journal;
mod line;
mod open_trade;
mod position;
mod valuation;

pub use accounts::{Accounts, Entry};
pub use journal::{Booking, DeskBook, Ledger, LotMatch, Seen};
pub use line::Line;
pub use open_trade::OpenTrade;
pub use position::{Accounting, Lot, Position};
pub use valuation::{Valuation, ValuationStep};

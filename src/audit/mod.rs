//! Audits: whether a strategy, with its data, decides by what it could have known.
//!
//! A run is replayed on markets whose future is another one, and from starts with more history before them; what was
//! decided has to be the same, exactly. Nothing here judges what a strategy earns.

mod compare;
mod foresight;
mod future;
mod look_ahead;
mod warm_up;
mod watched;

pub use foresight::{FORESIGHT_MAX, Foresight};
pub use future::Future;
pub use look_ahead::{Leak, LookAhead, LookAheadReport};
pub use warm_up::{Divergence, WarmUp, WarmUpReport};
pub use watched::{Cast, from_book};

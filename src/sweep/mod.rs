//! Sweeps: one scenario under many combinations of parameters, costs or policies, in lanes over one tape.
//!
//! A trial is a whole session with the fingerprint of a single run. Nothing that a sweep writes depends on the number of
//! threads: parts are cut before it begins, and the file of all trials is made from them in order.

mod axis;
mod crew;
mod expression;
mod fronts;
mod grid;
mod memory;
mod merge;
mod objective;
mod pace;
mod question;
mod record;
mod returns;
mod scene;
mod search;
mod shard;
mod sheet;
mod shelf;
mod stop;
mod sums;
mod table;
mod trial;
mod twin;

pub use axis::Axis;
pub use crew::{Crew, THREAD_NAME, trials_per_part};
pub use expression::{Condition, Value};
pub use fronts::fronts;
pub use grid::Grid;
pub use memory::Demand;
pub use merge::{Merged, merge};
pub use objective::{Objective, scores};
pub use pace::Pace;
pub use question::{Question, Shape, column_names};
pub use record::Record;
pub use returns::{BYTES_PER_RETURN, DailyReturns};
pub use scene::{SCENE_AXES, Scene, SceneWords, Settings, TIMERANGE};
pub use search::{Guidance, Guide, Method, Search};
pub use shard::{Shard, shards_in};
pub use sheet::{Cells, Direction, STATUSES, Sheet, SheetColumn, check_words, unknown};
pub use shelf::{AxisWords, FORMAT_VERSION, Found, Keeps, RETURNS, Shelf, SweepFile, TRIALS};
pub use stop::StopRule;
pub use trial::{COLUMNS, Column, FRONT, Status, Trial};

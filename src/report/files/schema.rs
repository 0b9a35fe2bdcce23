//! What a run's CSV files hold, column by column, with the type that a typed file gives it. `docs/files.md` says what each
//! column means and in which unit; a test holds the two together.

use super::{curves, fills, orders, refusals, trades};

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellType {
    /// Words.
    Text,
    /// A whole number from zero.
    Whole,
    /// An exact decimal.
    Decimal,
    /// An instant, ISO 8601 in UTC.
    Time,
}

/// The CSV files of a run, each with its columns.
pub const FILES: [(&str, &str); 7] = [
    ("trades.csv", trades::COLUMNS),
    ("orders.csv", orders::COLUMNS),
    ("fills.csv", fills::FILL_COLUMNS),
    ("lots.csv", fills::LOT_COLUMNS),
    ("refusals.csv", refusals::COLUMNS),
    ("equity.csv", curves::EQUITY_COLUMNS),
    ("prices.csv", curves::PRICE_COLUMNS),
];

impl CellType {
    /// What a cell of this type is, in words.
    pub const fn word(self) -> &'static str {
        match self {
            CellType::Text => "text",
            CellType::Whole => "whole number",
            CellType::Decimal => "decimal number",
            CellType::Time => "time",
        }
    }

    /// The type of a column by its name, which means the same in every file.
    pub fn of(column: &str) -> CellType {
        match column {
            "time" | "entry_time" | "exit_time" | "open_time" | "opening_time" | "closing_time" | "good_till"
            | "submitted" | "ended" => CellType::Time,
            "trade" | "order" | "fill" | "group_order" | "entry_order" | "exit_order" | "closing_fill"
            | "opening_fill" | "entry_fills" | "exit_fills" | "ambiguous_fills" | "entry_candle" | "exit_candle"
            | "candles" => CellType::Whole,
            "desk" | "symbol" | "direction" | "status" | "quote" | "entry_tag" | "exit_tag" | "exit_reason"
            | "side" | "type" | "trail" | "time_in_force" | "reduce_only" | "post_only" | "role" | "tag" | "state"
            | "reason" | "fee_asset" | "liquidity" | "certainty" => CellType::Text,
            _ => CellType::Decimal,
        }
    }
}

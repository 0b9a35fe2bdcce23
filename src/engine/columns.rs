//! The indicator columns beside the market data of a block.

use super::block::Block;
use crate::domain::{CandleRows, SeriesId};
use crate::indicator::{Centre, CentreKey, Decimals, Line, Machine, Spec};

/// What fills a column of a session.
pub enum Recipe {
    /// A machine of its own.
    Machine(Box<dyn Machine>),
    /// An indicator of a series whose integers have these decimals.
    Indicator(Spec, Decimals),
}

impl Recipe {
    /// The machine for a column that shares nothing with others.
    pub fn machine(self) -> Box<dyn Machine> {
        match self {
            Recipe::Machine(machine) => machine,
            Recipe::Indicator(spec, decimals) => spec.machine(decimals),
        }
    }
}

/// The indicator columns of a session: each machine fills its column block by block.
pub struct Columns {
    centres: Vec<CentreColumns>,
    columns: Vec<Column>,
}

/// What several columns have in common, over the new rows of a block.
struct CentreColumns {
    series: SeriesId,
    key: CentreKey,
    centre: Box<dyn Centre>,
    averages: Vec<f64>,
    deviations: Vec<f64>,
}

struct Column {
    series: SeriesId,
    filler: Filler,
    values: Vec<f64>,
}

enum Filler {
    Machine(Box<dyn Machine>),
    /// A line around a centre, by its number.
    Line(usize, Line),
}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} indicator columns", self.columns.len())
    }
}

impl Columns {
    /// Columns by these recipes, each at the beginning of its series. Lines around one centre share it.
    pub fn of(recipes: impl IntoIterator<Item = (SeriesId, Recipe)>) -> Self {
        let recipes: Vec<(SeriesId, Recipe)> = recipes.into_iter().collect();
        let around = |(series, recipe): &(SeriesId, Recipe)| match recipe {
            Recipe::Indicator(spec, decimals) => spec.around(*decimals).map(|(key, line)| (*series, key, line)),
            Recipe::Machine(_) => None,
        };
        let lines: Vec<Option<(SeriesId, CentreKey, Line)>> = recipes.iter().map(around).collect();
        let mut centres: Vec<CentreColumns> = Vec::new();
        let mut columns = Vec::new();
        for ((series, recipe), line) in recipes.into_iter().zip(&lines) {
            let is_shared = |key: &CentreKey| {
                lines.iter().flatten().filter(|(other, known, _)| (*other, known) == (series, key)).count() > 1
            };
            let filler = match (recipe, line) {
                (_, Some((_, key, line))) if is_shared(key) => {
                    let known = centres.iter().position(|known| (known.series, known.key) == (series, *key));
                    let number = known.unwrap_or_else(|| {
                        centres.push(CentreColumns::new(series, *key));
                        centres.len() - 1
                    });
                    Filler::Line(number, *line)
                }
                (recipe, _) => Filler::Machine(recipe.machine()),
            };
            columns.push(Column { series, filler, values: Vec::new() });
        }
        Columns { centres, columns }
    }

    /// Computes the values of the new rows of a block. The value of a row delivered before stands first.
    pub fn fill(&mut self, block: &Block<'_>) {
        for shared in &mut self.centres {
            shared.fill(block.new_rows(shared.series));
        }
        for column in &mut self.columns {
            let new = block.new_rows(column.series);
            let from = block.new_from[usize::from(column.series.0)];
            let last = column.values.last().copied().unwrap_or(f64::NAN);
            column.values.resize(from + new.len(), f64::NAN);
            if from > 0 {
                column.values[from - 1] = last;
            }
            let values = &mut column.values[from..];
            match &mut column.filler {
                Filler::Machine(machine) => machine.fill(new, values),
                Filler::Line(number, line) => {
                    let shared = &self.centres[*number];
                    line.fill(&shared.averages, &shared.deviations, values);
                }
            }
        }
    }

    /// One of the columns as a view shows it.
    pub fn slice(&self, column: usize) -> (SeriesId, &[f64]) {
        let column = &self.columns[column];
        (column.series, &column.values)
    }

    /// The columns as a view shows them.
    pub fn slices(&self) -> Vec<(SeriesId, &[f64])> {
        self.columns.iter().map(|column| (column.series, column.values.as_slice())).collect()
    }
}

impl CentreColumns {
    fn new(series: SeriesId, key: CentreKey) -> Self {
        CentreColumns { series, key, centre: key.centre(), averages: Vec::new(), deviations: Vec::new() }
    }

    fn fill(&mut self, rows: CandleRows<'_>) {
        self.averages.resize(rows.len(), f64::NAN);
        self.deviations.resize(rows.len(), f64::NAN);
        self.centre.fill(rows, &mut self.averages, &mut self.deviations);
    }
}

impl<'a> Block<'a> {
    /// The rows of a series that were not delivered before.
    fn new_rows(&self, series: SeriesId) -> CandleRows<'a> {
        let index = usize::from(series.0);
        let rows = self.series[index].rows;
        rows.slice(self.new_from[index], rows.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Candle, CandleColumns, InstrumentId, Interval, Price, Quantity, Rate, Series, Timestamp};
    use crate::indicator::Band;
    use crate::strategy::SeriesView;

    /// Prices that wander, with candles without volume among them.
    fn market(rows: i64) -> CandleColumns {
        let mut columns = CandleColumns::default();
        for row in 0..rows {
            let close = 10_000 + (row * 37) % 211 - (row * 53) % 97;
            let [open, high, low, close] = [close, close + row % 7, close - row % 5, close].map(Price::from_units);
            let open_time = Timestamp::from_nanos(row * Interval::MINUTE.span().nanos());
            let volume = Quantity::from_units(row % 4 * 100);
            columns.push(&Candle { open_time, open, high, low, close, volume });
        }
        columns
    }

    #[test]
    fn lines_that_share_a_centre_have_the_bits_of_machines_of_their_own() {
        let (columns, decimals) = (market(2_000), Decimals { price: 2, quantity: 3 });
        let mut specs = Vec::new();
        for width in ["0.5", "2", "3"].map(|width| Rate::from_decimal(width.parse().unwrap()).unwrap()) {
            for band in [Band::Upper, Band::Middle, Band::Lower] {
                specs.push(Spec::RollingVwap { window: 20, width, band });
                specs.push(Spec::SessionVwap { width, band });
            }
        }
        specs.push(Spec::RollingVwap { window: 21, width: Rate::ONE, band: Band::Upper });
        specs.push(Spec::Sma { window: 5 });
        let recipe = |spec: &Spec| (SeriesId(0), Recipe::Indicator(*spec, decimals));
        let mut shared = Columns::of(specs.iter().map(recipe));
        assert_eq!(shared.centres.len(), 2, "one for each kind; what only one line needs is no centre");
        let mut alone: Vec<Box<dyn Machine>> = specs.iter().map(|spec| spec.machine(decimals)).collect();
        let series = Series { instrument: InstrumentId(0), interval: Interval::MINUTE };
        let (mut from, mut defined) = (0, 0);
        for rows in [1, 7, 500, 300, 1_192] {
            let start = if from == 0 { 0 } else { from - 1 };
            let view = SeriesView { series, rows: columns.slice(start, from + rows) };
            let block = Block { series: vec![view], new_from: vec![from - start], trades: Vec::new(), details: &[] };
            shared.fill(&block);
            for (number, machine) in alone.iter_mut().enumerate() {
                let mut values = vec![f64::NAN; rows];
                machine.fill(columns.slice(from, from + rows), &mut values);
                let (_, filled) = shared.slice(number);
                for (value, other) in values.iter().zip(&filled[from - start..]) {
                    assert!(value.to_bits() == other.to_bits() || (value.is_nan() && other.is_nan()));
                    defined += usize::from(!value.is_nan());
                }
            }
            from += rows;
        }
        assert!(defined > 30_000, "{defined}");
    }
}

//! A candle becomes trades that aggregate back to it: open, high, low, close and volume always, quote volume and number
//! of trades where they are known, all exactly and in integers.
//!
//! One unit of volume goes to each price that must be there. The rest is put on two neighbouring prices, so that its
//! quote volume is met to the unit; then prints are split into pairs at equal distances above and below, which changes
//! neither sum.

use crate::chance::Chance;
use crate::domain::{Candle, MarketTrade, Price, Quantity, Side, Span};

/// What is known of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CandleFacts {
    /// Prices and volume.
    pub candle: Candle,
    /// Its length.
    pub span: Span,
    /// Sum of price times quantity, in price units times quantity units.
    pub quote_volume: Option<i128>,
    /// Number of trades.
    pub trades: Option<u64>,
}

/// The steps of prices and quantities, in units: every print lies on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Price units of one tick.
    pub tick: i64,
    /// Quantity units of one lot.
    pub lot: i64,
}

/// Why a candle cannot be made of trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A price or quantity lies off the grid, or the prices are out of order.
    #[error("its prices or quantities are off the grid or out of order")]
    Grid,
    /// There is less volume than one lot for each price that must have traded.
    #[error("its volume is too small for a trade at each of its prices")]
    Volume,
    /// No prints between low and high have this quote volume.
    #[error("its quote volume does not fit its prices and volume")]
    QuoteVolume,
    /// This construction finds no prints of that number.
    #[error("its number of trades does not fit its prices and volumes")]
    Trades,
}

/// One print before it has a time. All in ticks and lots.
#[derive(Clone, Copy, Debug)]
struct Piece {
    price: i64,
    quantity: i64,
}

/// The candle in ticks and lots.
struct Shape {
    low: i64,
    high: i64,
    /// Open, the extremes that are neither open nor close, close: what the path visits, in order.
    corners: Vec<i64>,
    volume: i64,
    quote: Option<i128>,
}

/// Trades beneath a candle, in order of time. A candle without volume has none.
///
/// # Errors
/// When what is known of the candle contradicts itself, or its number of trades is out of this construction's reach.
pub fn expand(facts: &CandleFacts, grid: Grid, chance: &mut Chance) -> Result<Vec<MarketTrade>, Contradiction> {
    let Some(shape) = shape(facts, grid, chance)? else { return Ok(Vec::new()) };
    let (mut corners, mut between) = pieces(&shape, chance)?;
    match facts.trades {
        Some(trades) => {
            let trades = usize::try_from(trades).map_err(|_| Contradiction::Trades)?;
            if i64::try_from(trades).is_ok_and(|trades| trades > shape.volume) {
                return Err(Contradiction::Trades);
            }
            fold(&shape, &mut corners, &mut between, trades)?;
            split(&shape, &mut corners, &mut between, trades, chance);
            if corners.len() + between.len() != trades {
                return Err(Contradiction::Trades);
            }
        }
        None => {
            let wanted = corners.len() + between.len() + chance.below(20) as usize;
            split(&shape, &mut corners, &mut between, wanted, chance);
        }
    }
    Ok(stamped(&ordered(&corners, &between, chance), facts, grid, chance))
}

fn shape(facts: &CandleFacts, grid: Grid, chance: &mut Chance) -> Result<Option<Shape>, Contradiction> {
    let candle = &facts.candle;
    let units = [candle.open.units(), candle.high.units(), candle.low.units(), candle.close.units()];
    let volume = candle.volume.units();
    if volume % grid.lot != 0 || volume < 0 || units.iter().any(|price| price % grid.tick != 0) {
        return Err(Contradiction::Grid);
    }
    if volume == 0 {
        return match (facts.quote_volume.unwrap_or(0), facts.trades.unwrap_or(0)) {
            (0, 0) => Ok(None),
            _ => Err(Contradiction::Volume),
        };
    }
    let [open, high, low, close] = units.map(|price| price / grid.tick);
    if low < 1 || low > open.min(close) || high < open.max(close) {
        return Err(Contradiction::Grid);
    }
    let step = i128::from(grid.tick) * i128::from(grid.lot);
    let quote = match facts.quote_volume {
        Some(quote) if quote % step != 0 => return Err(Contradiction::QuoteVolume),
        quote => quote.map(|quote| quote / step),
    };
    let extremes = if chance.below(2) == 0 { [high, low] } else { [low, high] };
    let mut corners = vec![open];
    corners.extend(extremes.into_iter().filter(|price| *price != open && *price != close));
    if corners.len() > 1 || close != open {
        corners.push(close);
    }
    Ok(Some(Shape { low, high, corners, volume: volume / grid.lot, quote }))
}

/// One lot at each corner, and the rest on one or two prices that give the quote volume.
fn pieces(shape: &Shape, chance: &mut Chance) -> Result<(Vec<Piece>, Vec<Piece>), Contradiction> {
    let corners: Vec<Piece> = shape.corners.iter().map(|price| Piece { price: *price, quantity: 1 }).collect();
    let rest = shape.volume - corners.len() as i64;
    if rest < 0 {
        return Err(Contradiction::Volume);
    }
    let at_corners: i128 = shape.corners.iter().copied().map(i128::from).sum();
    let quote = match shape.quote {
        Some(quote) => quote - at_corners,
        None => i128::from(rest) * i128::from(shape.low + chance.below((shape.high - shape.low) as u64 + 1) as i64),
    };
    if rest == 0 {
        return if quote == 0 { Ok((corners, Vec::new())) } else { Err(Contradiction::QuoteVolume) };
    }
    let lower = i64::try_from(quote.div_euclid(i128::from(rest))).map_err(|_| Contradiction::QuoteVolume)?;
    let above = quote.rem_euclid(i128::from(rest)) as i64;
    if lower < shape.low || lower > shape.high || (above > 0 && lower + 1 > shape.high) {
        return Err(Contradiction::QuoteVolume);
    }
    let both = [Piece { price: lower, quantity: rest - above }, Piece { price: lower + 1, quantity: above }];
    Ok((corners, both.into_iter().filter(|piece| piece.quantity > 0).collect()))
}

/// Brings the number of prints down to `wanted`, where that is possible: into a corner of the same price, or, with open
/// and close alone, by the two equations that their sizes must meet.
fn fold(shape: &Shape, corners: &mut [Piece], between: &mut Vec<Piece>, wanted: usize) -> Result<(), Contradiction> {
    if corners.len() + between.len() <= wanted {
        return Ok(());
    }
    if let ([first, last], Some(quote), 2) = (&mut *corners, shape.quote, wanted) {
        let difference = i128::from(first.price - last.price);
        let over = quote - i128::from(last.price) * i128::from(shape.volume);
        let quantity = i64::try_from(over / difference).map_err(|_| Contradiction::Trades)?;
        if over % difference != 0 || quantity < 1 || quantity >= shape.volume {
            return Err(Contradiction::Trades);
        }
        first.quantity = quantity;
        last.quantity = shape.volume - quantity;
        between.clear();
        return Ok(());
    }
    between.retain(|piece| match corners.iter_mut().find(|corner| corner.price == piece.price) {
        Some(corner) => {
            corner.quantity += piece.quantity;
            false
        }
        None => true,
    });
    if corners.len() + between.len() <= wanted { Ok(()) } else { Err(Contradiction::Trades) }
}

/// Splits prints until there are `wanted`, or nothing is left to split.
fn split(shape: &Shape, corners: &mut [Piece], between: &mut Vec<Piece>, wanted: usize, chance: &mut Chance) {
    while corners.len() + between.len() < wanted {
        let large = |pieces: &[Piece]| -> Vec<usize> {
            (0..pieces.len()).filter(|index| pieces[*index].quantity > 1).collect()
        };
        let places = large(between);
        if places.is_empty() {
            let Some(place) = large(corners).first().copied() else { return };
            let piece = Piece { quantity: corners[place].quantity - 1, ..corners[place] };
            corners[place].quantity = 1;
            between.push(piece);
            continue;
        }
        // The larger of two, so that no print keeps most of the volume.
        let any = |chance: &mut Chance| places[chance.below(places.len() as u64) as usize];
        let (one, other) = (any(chance), any(chance));
        let place = if between[one].quantity >= between[other].quantity { one } else { other };
        let piece = between[place];
        let reach = (shape.high - piece.price).min(piece.price - shape.low);
        let moved = 1 + chance.below((piece.quantity / 2) as u64) as i64;
        let missing = wanted - corners.len() - between.len();
        if reach > 0 && (missing > 1 || moved * 2 == piece.quantity) {
            let distance = 1 + chance.below(reach as u64) as i64;
            between[place] = Piece { price: piece.price + distance, quantity: moved };
            between.push(Piece { price: piece.price - distance, quantity: moved });
            if piece.quantity > moved * 2 {
                between.push(Piece { quantity: piece.quantity - moved * 2, ..piece });
            }
        } else {
            between[place].quantity -= moved;
            between.push(Piece { quantity: moved, ..piece });
        }
    }
}

/// The prints along a path from corner to corner, each leg rising or falling.
fn ordered(corners: &[Piece], between: &[Piece], chance: &mut Chance) -> Vec<Piece> {
    let [first, rest @ ..] = corners else { return Vec::new() };
    if rest.is_empty() {
        return [*first].into_iter().chain(between.iter().copied()).collect();
    }
    let mut legs: Vec<Vec<Piece>> = vec![Vec::new(); rest.len()];
    for piece in between {
        let holds = |leg: &usize| {
            let (from, to) = (corners[*leg].price, corners[leg + 1].price);
            (from.min(to)..=from.max(to)).contains(&piece.price)
        };
        let fitting: Vec<usize> = (0..legs.len()).filter(holds).collect();
        legs[fitting[chance.below(fitting.len() as u64) as usize]].push(*piece);
    }
    let mut path = vec![*first];
    for (leg, (mut pieces, end)) in legs.into_iter().zip(rest).enumerate() {
        let rises = corners[leg].price <= end.price;
        pieces.sort_by_key(|piece| if rises { piece.price } else { -piece.price });
        path.extend(pieces);
        path.push(*end);
    }
    path
}

fn stamped(path: &[Piece], facts: &CandleFacts, grid: Grid, chance: &mut Chance) -> Vec<MarketTrade> {
    let count = path.len() as i64;
    let span = facts.span;
    // Whole milliseconds where the candle has enough of them, as exchanges stamp their trades.
    let step = if span.millis() >= count { Span::from_millis(1).nanos() } else { 1_000 };
    let slot = (span.nanos() / step / count).max(1);
    let mut before = path.first().map_or(0, |piece| piece.price);
    let mut trades = Vec::with_capacity(path.len());
    for (index, piece) in path.iter().enumerate() {
        let offset = (index as i64 * slot + chance.below(slot as u64) as i64) * step;
        let rises = piece.price > before || (piece.price == before && chance.below(2) == 0);
        trades.push(MarketTrade {
            time: facts.candle.open_time.after(Span::from_nanos(offset)),
            price: Price::from_units(piece.price * grid.tick),
            quantity: Quantity::from_units(piece.quantity * grid.lot),
            taker: if rises { Side::Buy } else { Side::Sell },
        });
        before = piece.price;
    }
    trades
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use proptest::prelude::*;

    /// Open, high, low, close, volume, quote volume and number of the trades.
    fn sums(trades: &[MarketTrade]) -> (i64, i64, i64, i64, i64, i128, u64) {
        let price = |trade: &MarketTrade| trade.price.units();
        let quote = |trade: &MarketTrade| i128::from(trade.price.units()) * i128::from(trade.quantity.units());
        (
            trades.first().map_or(0, price),
            trades.iter().map(price).max().unwrap_or(0),
            trades.iter().map(price).min().unwrap_or(0),
            trades.last().map_or(0, price),
            trades.iter().map(|trade| trade.quantity.units()).sum(),
            trades.iter().map(quote).sum(),
            trades.len() as u64,
        )
    }

    fn facts_of(trades: &[MarketTrade]) -> CandleFacts {
        let (open, high, low, close, volume, quote, count) = sums(trades);
        let candle = Candle {
            open_time: Timestamp::from_millis(1_700_000_000_000 - 1_700_000_000_000 % 60_000),
            open: Price::from_units(open),
            high: Price::from_units(high),
            low: Price::from_units(low),
            close: Price::from_units(close),
            volume: Quantity::from_units(volume),
        };
        CandleFacts { candle, span: Span::MINUTE, quote_volume: Some(quote), trades: Some(count) }
    }

    fn any_trades() -> impl Strategy<Value = Vec<MarketTrade>> {
        let trade = (1i64..400, 1i64..1_000_000).prop_map(|(price, quantity)| MarketTrade {
            time: Timestamp::from_millis(0),
            price: Price::from_units((10_000 + price) * 5),
            quantity: Quantity::from_units(quantity * 1_000),
            taker: Side::Buy,
        });
        proptest::collection::vec(trade, 1..60)
    }

    proptest! {
        /// Whatever really traded, trades can be made that aggregate to the same candle.
        #[test]
        fn trades_aggregate_back_to_what_was_known(traded in any_trades(), seed in 0u64..1_000) {
            let grid = Grid { tick: 5, lot: 1_000 };
            let known = facts_of(&traded);
            let partly = [
                known,
                CandleFacts { trades: None, ..known },
                CandleFacts { trades: None, quote_volume: None, ..known },
            ];
            for facts in partly {
                let made = match expand(&facts, grid, &mut Chance::new(seed, 7)) {
                    Err(Contradiction::Trades) => {
                        // Few trades leave no freedom; with two to spare there is always a way.
                        prop_assert!(traded.len() < 6, "{} trades", traded.len());
                        continue;
                    }
                    Err(Contradiction::QuoteVolume) => {
                        // The unit at each corner may already be more than its share where lots are few.
                        prop_assert!(traded.len() < 6, "{} trades", traded.len());
                        continue;
                    }
                    other => other.unwrap(),
                };
                let (wanted, got) = (sums(&traded), sums(&made));
                prop_assert_eq!((got.0, got.1, got.2, got.3, got.4), (wanted.0, wanted.1, wanted.2, wanted.3, wanted.4));
                if facts.quote_volume.is_some() {
                    prop_assert_eq!(got.5, wanted.5);
                }
                if facts.trades.is_some() {
                    prop_assert_eq!(got.6, wanted.6);
                }
                let on_grid = |trade: &MarketTrade| trade.price.units() % 5 == 0 && trade.quantity.units() % 1_000 == 0;
                prop_assert!(made.iter().all(|trade| on_grid(trade) && trade.quantity.units() > 0));
                prop_assert!(made.is_sorted_by_key(|trade| trade.time));
                let close = known.candle.open_time.after(Span::MINUTE);
                prop_assert!(made[0].time >= known.candle.open_time && made[made.len() - 1].time < close);
            }
        }
    }

    #[test]
    fn a_seed_gives_one_path_and_another_seed_another() {
        let traded: Vec<MarketTrade> = (0..9i64)
            .map(|step| MarketTrade {
                time: Timestamp::from_millis(0),
                price: Price::from_units(1_000 + step * step),
                quantity: Quantity::from_units(50),
                taker: Side::Sell,
            })
            .collect();
        let grid = Grid { tick: 1, lot: 1 };
        let path = |seed| expand(&facts_of(&traded), grid, &mut Chance::new(seed, 0)).unwrap();
        assert_eq!(path(1), path(1));
        assert_ne!(path(1), path(2));
    }

    #[test]
    fn contradictions_are_told() {
        let one = MarketTrade {
            time: Timestamp::from_millis(0),
            price: Price::from_units(100),
            quantity: Quantity::from_units(10),
            taker: Side::Buy,
        };
        let facts = facts_of(&[one]);
        let grid = Grid { tick: 1, lot: 1 };
        let tried = |facts: CandleFacts| expand(&facts, grid, &mut Chance::new(1, 1)).unwrap_err();
        assert_eq!(tried(CandleFacts { quote_volume: Some(1_001), ..facts }), Contradiction::QuoteVolume);
        assert_eq!(tried(CandleFacts { trades: Some(11), ..facts }), Contradiction::Trades);
        let mut thin = facts;
        thin.candle.high = Price::from_units(102);
        thin.candle.low = Price::from_units(98);
        thin.candle.volume = Quantity::from_units(3);
        thin.quote_volume = None;
        assert_eq!(tried(thin), Contradiction::Volume);
        thin.candle.low = Price::from_units(101);
        assert_eq!(tried(thin), Contradiction::Grid);
    }
}

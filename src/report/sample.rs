//! Outcomes for this room's tests: made by hand, consistent to the last unit, and of any size.

use super::facts::{
    Band, BandEnd, DeskFacts, GapFacts, GapLine, IndicatorTrack, NearCandles, Panel, PriceOverview, ProfileFacts,
    RunFacts, SeriesFacts,
};
use crate::domain::*;
use crate::engine::{
    DeskOutcome, DetailCounts, END_OF_DATA, Ending, FillRecord, KindOfOrder, OrderExtra, OrderRecord, Outcome, Records,
};
use crate::ledger::{LotMatch, Valuation, ValuationStep};
use crate::strategy::RefusalRecord;

/// Decimals of USDT.
const MONEY: u8 = 8;
const OPENING: i128 = 10_000 * 100_000_000;

/// A run, with everything a report needs to know of it.
pub struct Sample {
    pub outcome: Outcome,
    pub name: String,
    pub instruments: Vec<Instrument>,
    pub assets: Vec<Asset>,
    pub valuation: Valuation,
    pub desks: Vec<DeskFacts>,
    pub tags: Vec<String>,
    pub data: Vec<SeriesFacts>,
    pub policy: Vec<(String, String)>,
    pub profile: Option<ProfileFacts<'static>>,
    pub prices: Vec<PriceOverview>,
    pub near: Vec<NearCandles>,
    pub indicators: Vec<IndicatorTrack>,
    pub candles_of_trades: Vec<[u32; 2]>,
}

impl Sample {
    /// Two desks on two instruments, with this many finished trades in all and `open` at the end.
    pub fn of(trades: usize, open: usize) -> Sample {
        let mut sample = Sample::empty();
        let each = trades.div_ceil(2);
        let candles = (each * 12).max(24 * 400);
        let mut tapes = Vec::new();
        for index in 0..2u16 {
            let tape = tape(u64::from(index) + 7, candles, [4_200_000, 230_000][usize::from(index)]);
            sample.prices.push(PriceOverview::of(InstrumentId(index), tape.rows(), 2_000));
            sample.outcome.first_prices[usize::from(index)] = Price::from_units(tape.open[0]);
            sample.outcome.last_prices[usize::from(index)] = Price::from_units(tape.close[candles - 1]);
            sample.near_and_indicator(InstrumentId(index), &tape);
            tapes.push(tape);
        }
        let (start, end) = (tapes[0].open_time[0], tapes[0].open_time[candles - 1] + HOUR);
        sample.outcome.start = Timestamp::from_nanos(start);
        sample.outcome.end = Timestamp::from_nanos(end);
        sample.outcome.candles = 2 * candles as u64;
        let step = candles / (each + 1);
        for number in 0..trades + open {
            let (index, place) = (number % 2, number / 2);
            sample.trade(&tapes[index], index as u16, place * step, step, number >= trades);
        }
        sample.settle(&tapes);
        let (records, start) = (&sample.outcome.records, start);
        let candles = |trade: &ClosedTrade| {
            [trade.entry_time, trade.exit_time].map(|at| ((at.nanos() - start) / HOUR).min(candles as i64 - 1) as u32)
        };
        sample.candles_of_trades = records.trades.iter().chain(&sample.outcome.open_trades).map(candles).collect();
        sample
    }

    /// A part of the candles one by one, and their closes as an indicator that has no first value.
    fn near_and_indicator(&mut self, instrument: InstrumentId, tape: &CandleColumns) {
        let rows = tape.slice(100, 300).to_columns();
        let values = rows.close.iter().enumerate();
        self.indicators.push(IndicatorTrack {
            instrument,
            interval: Interval::HOUR,
            name: "sma(1)".into(),
            panel: Panel::Price,
            times: rows.open_time.iter().map(|open| open + HOUR).collect(),
            values: values.map(|(row, close)| if row == 0 { f64::NAN } else { *close as f64 / 100.0 }).collect(),
        });
        self.near.push(NearCandles { instrument, rows });
    }

    /// A run without a trade.
    pub fn empty() -> Sample {
        let asset = |code: &str| Asset { code: code.into(), decimals: MONEY, increment: 1 };
        let instruments = vec![instrument("BTCUSDT", 0), instrument("ETHUSDT", 1)];
        let path = |index: u16| vec![ValuationStep::of(InstrumentId(index), &instruments[usize::from(index)])];
        let valuation = Valuation::new(AssetId(2), vec![path(0), path(1), vec![]]);
        let desk = |name: &str, strategy: &str| DeskFacts {
            name: name.into(),
            strategy: strategy.into(),
            parameters: vec![("fast".into(), "10".into()), ("slow".into(), "50".into())],
        };
        let start: Timestamp = "2024-01-01".parse().unwrap();
        let names: Vec<&str> = vec!["BTCUSDT", "ETHUSDT"];
        Sample {
            outcome: nothing(start),
            name: "sample <run> & \"co\"".into(),
            valuation,
            desks: vec![desk("trend", "sma_cross"), desk("<b>break</b>, \"out\"", "breakout")],
            tags: vec![String::new(), "cross, up".into(), "</script><b>stop</b>".into()],
            data: names.iter().map(|name| series(name, start)).collect(),
            policy: vec![("intrabar".into(), "worst".into()), ("participation".into(), "0.1".into())],
            profile: None,
            prices: Vec::new(),
            near: Vec::new(),
            indicators: Vec::new(),
            candles_of_trades: Vec::new(),
            assets: vec![asset("BTC"), asset("ETH"), asset("USDT")],
            instruments,
        }
    }

    pub fn facts(&self) -> RunFacts<'_> {
        RunFacts {
            name: &self.name,
            engine_version: "0.1.0",
            plan: "version = 1\nname = \"sample <run>\"\n",
            instruments: &self.instruments,
            assets: &self.assets,
            valuation: &self.valuation,
            desks: &self.desks,
            tags: &self.tags,
            data: &self.data,
            policy: &self.policy,
            profile: self.profile,
            doubts: 3,
            in_detail: true,
            band: Some(Band {
                worst: BandEnd { final_equity: self.outcome.final_equity, trades: 100 },
                best: BandEnd { final_equity: self.outcome.opening_equity, trades: 90 },
            }),
            prices: &self.prices,
            near: &self.near,
            indicators: &self.indicators,
            candles_of_trades: &self.candles_of_trades,
        }
    }

    /// One round trip: a market entry, a stop that ends it, or the end of the data.
    fn trade(&mut self, tape: &CandleColumns, index: u16, row: usize, step: usize, stays_open: bool) {
        let instrument = &self.instruments[usize::from(index)];
        let quantity = Quantity::from_units([500, 8_000][usize::from(index)]);
        let long = row / step.max(1) % 3 != 2;
        let side = if long { Side::Buy } else { Side::Sell };
        let out = (row + 1 + step / 2).min(tape.len() - 1);
        let (entry_at, exit_at) = (tape.open_time[row] + 200_000_000, tape.open_time[out] + 30_000_000_000);
        let prices = [tape.open[row] + 10 * side.sign(), tape.close[out] - 10 * side.sign()];
        let number = (self.outcome.records.trades.len() + self.outcome.open_trades.len()) as u32;
        let mut trade = ClosedTrade {
            number,
            desk: DeskId(index),
            instrument: InstrumentId(index),
            direction: if long { Direction::Long } else { Direction::Short },
            entry_time: Timestamp::from_nanos(entry_at),
            exit_time: Timestamp::from_nanos(if stays_open { self.outcome.end.nanos() } else { exit_at }),
            quantity,
            entry_notional: Amount::ZERO,
            exit_notional: Amount::ZERO,
            fees: Amount::ZERO,
            slippage: Amount::ZERO,
            profit: Amount::ZERO,
            worst_price: Price::from_units(prices[0].min(prices[1]) - 500),
            best_price: Price::from_units(prices[0].max(prices[1]) + 300),
            entry_fills: 1,
            exit_fills: 1,
            ambiguous_fills: u32::from(number % 10 == 3),
            entry_tag: Tag(1),
            exit_tag: if stays_open { END_OF_DATA } else { Tag(2) },
        };
        if !long {
            std::mem::swap(&mut trade.worst_price, &mut trade.best_price);
        }
        let legs = [(side, entry_at, prices[0]), (side.opposite(), exit_at, prices[1])];
        for (leg, (side, at, price)) in legs.into_iter().enumerate() {
            let notional = instrument.notional(Price::from_units(price), quantity).unwrap();
            let fee = notional.fee(Rate::from_units(100_000), 1, Rounding::Up).unwrap();
            let slippage = instrument.notional(Price::from_units(10), quantity).unwrap();
            match leg {
                0 => trade.entry_notional = notional,
                _ => trade.exit_notional = notional,
            }
            if leg == 1 && stays_open {
                continue;
            }
            trade.fees = trade.fees.plus(fee).unwrap();
            trade.slippage = trade.slippage.plus(slippage).unwrap();
            let certainty =
                if leg == 1 && trade.ambiguous_fills > 0 { Certainty::Ambiguous } else { Certainty::Certain };
            let liquidity = if number % 4 == 1 { Liquidity::Maker } else { Liquidity::Taker };
            let id = OrderId(self.outcome.records.orders.len() as u32);
            let (at, price) = (Timestamp::from_nanos(at), Price::from_units(price));
            let (desk, on) = (DeskId(index), InstrumentId(index));
            let (fills, records) = (self.outcome.records.fills.len() as u32, &mut self.outcome.records);
            records.fills.push(FillRecord {
                order: id,
                trade: number,
                at,
                price,
                quantity,
                fee,
                slipped: Price::from_units(10),
                fee_asset: AssetId(2),
                desk,
                instrument: on,
                side,
                liquidity,
                certainty,
            });
            records.orders.push(OrderRecord {
                id,
                tag: Tag(leg as u32 + 1),
                submitted: at.before(Span::SECOND),
                ended: at,
                level: if leg == 1 { price } else { Price::ZERO },
                quantity,
                filled: quantity,
                desk,
                instrument: on,
                side,
                kind: [KindOfOrder::Market, KindOfOrder::StopMarket][leg],
                effect: PositionEffect::Any,
                ending: Ending::Filled,
            });
            // Every third way out is the stop of a bracket.
            if leg == 1 && number.is_multiple_of(3) {
                let link = Link::Child { entry: OrderId(id.0 - 1), sibling: None };
                records.extras.push(OrderExtra { link, ..OrderExtra::none(id) });
            }
            if leg == 1 {
                records.lots.push(LotMatch { closing: fills, opening: fills - 1, quantity });
            }
        }
        let gain = match trade.direction {
            Direction::Long => trade.exit_notional.minus(trade.entry_notional),
            Direction::Short => trade.entry_notional.minus(trade.exit_notional),
        };
        trade.profit = gain.unwrap().minus(trade.fees).unwrap();
        match stays_open {
            true => self.outcome.open_trades.push(trade),
            false => self.outcome.records.trades.push(trade),
        }
    }

    /// The equity that the trades amount to.
    fn settle(&mut self, tapes: &[CandleColumns]) {
        let outcome = &mut self.outcome;
        outcome.records.trades.sort_by_key(|trade| (trade.exit_time, trade.number));
        let (mut equity, mut peak, mut next) = (OPENING, OPENING, 0);
        outcome.daily = vec![(outcome.start, Amount::from_units(OPENING))];
        let mut day = outcome.start.after(Span::DAY);
        let trades = &outcome.records.trades;
        while day < outcome.end {
            while next < trades.len() && trades[next].exit_time < day {
                equity += trades[next].profit.units();
                next += 1;
            }
            peak = peak.max(equity);
            outcome.max_drawdown = outcome.max_drawdown.max(1.0 - equity as f64 / peak as f64);
            outcome.daily.push((day, Amount::from_units(equity)));
            day = day.after(Span::DAY);
        }
        equity = OPENING + trades.iter().map(|trade| trade.profit.units()).sum::<i128>();
        let open: i128 = outcome.open_trades.iter().map(|trade| trade.profit.units()).sum();
        outcome.final_equity = Amount::from_units(equity + open);
        outcome.flattened_equity = Amount::from_units(equity + open - i128::from(open != 0) * 1_000_000);
        outcome.daily.push((outcome.end, outcome.final_equity));
        for (index, desk) in outcome.desks.iter_mut().enumerate() {
            let all = outcome.records.trades.iter().chain(&outcome.open_trades);
            let own = all.filter(|trade| usize::from(trade.desk.0) == index);
            desk.profit = Amount::from_units(own.map(|trade| trade.profit.units()).sum());
        }
        let fees = outcome.records.fills.iter().map(|fill| fill.fee.units()).sum();
        outcome.balances[2] = (outcome.final_equity, Amount::from_units(fees));
        assert_eq!(tapes.len(), 2);
    }
}

const HOUR: i64 = Span::HOUR.nanos();

fn instrument(symbol: &str, base: u16) -> Instrument {
    Instrument {
        venue: "synthetic".into(),
        symbol: symbol.into(),
        kind: InstrumentKind::Linear,
        base: AssetId(base),
        quote: AssetId(2),
        price_decimals: 2,
        quantity_decimals: 5,
        quote_factor: 10,
        base_factor: 1_000,
        filters: Dated::always(Filters {
            tick: Price::from_units(1),
            lot: Quantity::from_units(1),
            minimum_quantity: Quantity::ZERO,
            maximum_quantity: None,
            minimum_notional: Amount::ZERO,
            price_band: None,
            maximum_open_orders: None,
        }),
        fees: Dated::always(Fees {
            maker: Rate::from_units(100_000),
            taker: Rate::from_units(100_000),
            asset: FeeAsset::Quote,
            rounding: Rounding::Up,
        }),
    }
}

fn nothing(start: Timestamp) -> Outcome {
    let opening = Amount::from_units(OPENING);
    let mut refusals = vec![0; Refusal::ALL.len()];
    refusals[Refusal::InsufficientBalance as usize] = 2;
    let refusal = RefusalRecord {
        at: start,
        instrument: InstrumentId(0),
        side: Side::Buy,
        quantity: Quantity::from_units(12_345),
        refusal: Refusal::InsufficientBalance,
    };
    let desk = |refusals: Vec<u64>, refusal_list| DeskOutcome {
        halt: None,
        observed: vec![0; refusals.len()],
        refusals,
        refusal_list,
        profit: Amount::ZERO,
    };
    Outcome {
        start,
        end: start.after(Span::DAY),
        halted_at: None,
        account_halt: None,
        opening_equity: opening,
        final_equity: opening,
        flattened_equity: opening,
        daily: vec![(start, opening), (start.after(Span::DAY), opening)],
        every_candle: None,
        max_drawdown: 0.0,
        records: Records::default(),
        open_trades: Vec::new(),
        desks: vec![desk(refusals, vec![refusal; 2]), desk(vec![0; Refusal::ALL.len()], vec![])],
        complaints: Vec::new(),
        balances: vec![(Amount::ZERO, Amount::ZERO), (Amount::ZERO, Amount::ZERO), (opening, Amount::ZERO)],
        first_prices: vec![Price::ZERO; 2],
        last_prices: vec![Price::ZERO; 2],
        candles: 1_440,
        market_trades: 0,
        market_quotes: 0,
        detail: DetailCounts { decided: 40, fell_back: 2 },
        fingerprint: 0x0123_4567_89ab_cdef_0011_2233_4455_6677,
    }
}

fn series(symbol: &str, start: Timestamp) -> SeriesFacts {
    SeriesFacts {
        venue: "synthetic".into(),
        symbol: symbol.into(),
        rows_are: Interval::HOUR.to_string(),
        rows: 9_600,
        first: start,
        last: start.after(Span::DAY.times(400)),
        origin: Origin::Synthetic,
        content_hash: "5f3a9c0e77d1".into(),
        gaps: GapFacts {
            count: 2,
            missing_rows: 7,
            unexplained: 1,
            listed: vec![GapLine {
                from: "2024-03-01T00:00:00Z".into(),
                to: "2024-03-01T06:00:00Z".into(),
                rows: 6,
                kind: "outage".into(),
            }],
        },
    }
}

/// A seeded walk in whole numbers.
fn tape(seed: u64, candles: usize, from: i64) -> CandleColumns {
    let mut tape = CandleColumns::with_capacity(candles);
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64
    };
    let start: Timestamp = "2024-01-01".parse().unwrap();
    let mut price = from;
    for row in 0..candles {
        let open = price;
        price = (price + price * (random() % 2_001 - 995) / 200_000).max(1_000);
        tape.push(&Candle {
            open_time: Timestamp::from_nanos(start.nanos() + row as i64 * HOUR),
            open: Price::from_units(open),
            high: Price::from_units(open.max(price) + random() % 500),
            low: Price::from_units(open.min(price) - random() % 500),
            close: Price::from_units(price),
            volume: Quantity::from_units(random() % 10_000_000),
        });
    }
    tape
}

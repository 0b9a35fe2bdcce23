//! From an outcome to its summary: one pass over the records, exact sums.

use super::groups::Groups;
use super::{
    AccountResult, Ambiguity, BalanceLine, BandEndLine, BandLine, BuyAndHold, ComplaintLine, Costs, Count, DataLine,
    DeskLine, DetailLine, FORMAT_VERSION, FeeLine, FillCounts, HaltLine, Period, ProfileLine, Summary, SymbolLine,
    TradeCounts, statistics,
};
use crate::domain::{
    Amount, AssetId, CancelReason, Certainty, ClosedTrade, DeskId, Direction, Liquidity, OrderState, Overflow, Price,
    Refusal, RejectReason,
};
use crate::engine::{Ending, Outcome};
use crate::error::{Fault, Result};
use crate::report::digits;
use crate::report::facts::{Band, BandEnd, RunFacts};
use crate::report::trail::Trail;
use crate::strategy::Halt;

/// Sums over trades. Amounts are in one asset.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    closed: u64,
    winners: u64,
    losers: u64,
    fills: u64,
    orders: u64,
    profit: Amount,
    open_profit: Amount,
    fees: Amount,
    slippage: Amount,
}

/// What is summed over all trades, in the account's currency.
#[derive(Clone, Copy, Debug, Default)]
struct Whole {
    longs: u64,
    open: u64,
    gross_profit: Amount,
    gross_loss: Amount,
    ambiguous_trades: u64,
    ambiguous_profit: Amount,
    ambiguous_gross: Amount,
}

struct Counting<'a> {
    outcome: &'a Outcome,
    facts: &'a RunFacts<'a>,
    /// In the account's currency.
    account: Tally,
    /// In the account's currency, by desk.
    desks: Vec<Tally>,
    /// In each instrument's quote asset.
    symbols: Vec<Tally>,
    whole: Whole,
    profits: Vec<Amount>,
    trail: Trail<'a>,
}

impl Summary {
    /// Sums a run up.
    ///
    /// # Errors
    /// When a sum leaves the range of exact integers.
    pub fn of(outcome: &Outcome, facts: &RunFacts<'_>) -> Result<Summary> {
        let mut counting = Counting {
            outcome,
            facts,
            account: Tally::default(),
            desks: vec![Tally::default(); outcome.desks.len().max(facts.desks.len())],
            symbols: vec![Tally::default(); facts.instruments.len()],
            whole: Whole::default(),
            profits: Vec::with_capacity(outcome.records.trades.len()),
            trail: Trail::of(outcome, facts)?,
        };
        counting
            .count()
            .and_then(|()| counting.summary())
            .map_err(|Overflow| Fault::failure("summing up the run: an amount left the range of exact integers"))
    }
}

impl Counting<'_> {
    fn count(&mut self) -> std::result::Result<(), Overflow> {
        for trade in &self.outcome.records.trades {
            self.costs(trade)?;
            let profit = self.in_currency(trade, trade.profit)?;
            self.profits.push(profit);
            let places = self.places(trade.desk, trade.instrument.0);
            for (tally, profit) in [(0, profit), (1, profit), (2, trade.profit)] {
                let tally = self.tally(tally, places);
                tally.closed += 1;
                tally.winners += u64::from(profit > Amount::ZERO);
                tally.losers += u64::from(profit < Amount::ZERO);
                tally.profit = tally.profit.plus(profit)?;
            }
            let whole = &mut self.whole;
            whole.longs += u64::from(trade.direction == Direction::Long);
            let won = profit.max(Amount::ZERO);
            whole.gross_profit = whole.gross_profit.plus(won)?;
            whole.gross_loss = whole.gross_loss.plus(profit.min(Amount::ZERO))?;
            if trade.ambiguous_fills > 0 {
                whole.ambiguous_trades += 1;
                whole.ambiguous_profit = whole.ambiguous_profit.plus(profit)?;
                whole.ambiguous_gross = whole.ambiguous_gross.plus(won)?;
            }
        }
        for trade in &self.outcome.open_trades {
            self.costs(trade)?;
            let profit = self.in_currency(trade, trade.profit)?;
            self.whole.open += 1;
            let places = self.places(trade.desk, trade.instrument.0);
            for (tally, profit) in [(0, profit), (1, profit), (2, trade.profit)] {
                let tally = self.tally(tally, places);
                tally.open_profit = tally.open_profit.plus(profit)?;
            }
        }
        for fill in &self.outcome.records.fills {
            let places = self.places(fill.desk, fill.instrument.0);
            (0..3).for_each(|tally| self.tally(tally, places).fills += 1);
        }
        for record in &self.outcome.records.orders {
            let places = self.places(record.desk, record.instrument.0);
            (0..3).for_each(|tally| self.tally(tally, places).orders += 1);
        }
        Ok(())
    }

    fn places(&self, desk: DeskId, instrument: u16) -> [usize; 2] {
        [usize::from(desk.0), usize::from(instrument)]
    }

    /// The account's tally, that of the desk, that of the instrument.
    fn tally(&mut self, which: usize, [desk, instrument]: [usize; 2]) -> &mut Tally {
        [&mut self.account, &mut self.desks[desk], &mut self.symbols[instrument]].into_iter().nth(which).expect("three")
    }

    fn costs(&mut self, trade: &ClosedTrade) -> std::result::Result<(), Overflow> {
        let (fees, slippage) = (self.in_currency(trade, trade.fees)?, self.in_currency(trade, trade.slippage)?);
        let places = self.places(trade.desk, trade.instrument.0);
        for (tally, fees, slippage) in [(0, fees, slippage), (1, fees, slippage), (2, trade.fees, trade.slippage)] {
            let tally = self.tally(tally, places);
            tally.fees = tally.fees.plus(fees)?;
            tally.slippage = tally.slippage.plus(slippage)?;
        }
        Ok(())
    }

    fn in_currency(&self, trade: &ClosedTrade, amount: Amount) -> std::result::Result<Amount, Overflow> {
        self.facts.in_currency(trade, amount, &self.outcome.last_prices)
    }

    fn summary(&self) -> std::result::Result<Summary, Overflow> {
        let (outcome, facts) = (self.outcome, self.facts);
        let symbols = self.symbol_lines();
        let result = self.result()?;
        let buy_and_hold = buy_and_hold(&symbols, result.return_percent);
        let (orders, order_reasons) = self.orders();
        let groups = Groups::of(outcome, facts, &self.trail, &self.profits)?;
        Ok(Summary {
            format_version: FORMAT_VERSION,
            engine_version: facts.engine_version.to_owned(),
            name: facts.name.to_owned(),
            fingerprint: format!("{:032x}", outcome.fingerprint),
            currency: facts.currency().code.clone(),
            period: Period {
                start: outcome.start.to_string(),
                end: outcome.end.to_string(),
                seconds: digits::text(|out| digits::seconds(out, outcome.end.since(outcome.start))),
                halted_at: outcome.halted_at.map(|at| at.to_string()),
            },
            result,
            buy_and_hold,
            metrics: statistics::rows(outcome, &self.profits, facts.currency().decimals),
            sharpe_interval: statistics::sharpe_interval(outcome, facts.currency().decimals),
            trades: self.trades(),
            fills: self.fills(),
            ambiguity: self.ambiguity(),
            costs: self.costs_line()?,
            orders,
            order_reasons,
            refusals: refusals(outcome.desks.iter().map(|desk| desk.refusals.as_slice())),
            observed_limits: refusals(outcome.desks.iter().map(|desk| desk.observed.as_slice())),
            doubts: facts.doubts,
            detail: facts
                .in_detail
                .then_some(DetailLine { decided: outcome.detail.decided, fell_back: outcome.detail.fell_back }),
            band: self.band()?,
            halts: self.halts(),
            complaints: self.complaints(),
            desks: self.desk_lines(),
            symbols,
            balances: self.balances(),
            data: facts.data.iter().map(data_line).collect(),
            policy: facts.policy.to_vec(),
            profile: facts.profile.map(|profile| ProfileLine {
                name: profile.name.to_owned(),
                verdict: profile.verdict.to_owned(),
                reason: profile.reason.to_owned(),
            }),
            entry_tags: groups.entry_tags,
            exit_tags: groups.exit_tags,
            exit_reasons: groups.exit_reasons,
            candles: outcome.candles,
            market_trades: outcome.market_trades,
            market_quotes: outcome.market_quotes,
        })
    }

    fn money(&self, amount: Amount) -> String {
        amount_text(amount, self.facts.currency().decimals)
    }

    /// An amount as a percentage of the opening equity; none where there was nothing.
    fn percent(&self, profit: Amount) -> Option<f64> {
        let opening = self.outcome.opening_equity;
        (opening > Amount::ZERO).then(|| 100.0 * (profit.units() as f64 / opening.units() as f64))
    }

    fn band(&self) -> std::result::Result<Option<BandLine>, Overflow> {
        let end = |end: BandEnd| -> std::result::Result<BandEndLine, Overflow> {
            let profit = end.final_equity.minus(self.outcome.opening_equity)?;
            Ok(BandEndLine {
                final_equity: self.money(end.final_equity),
                profit: self.money(profit),
                return_percent: self.percent(profit),
                trades: end.trades,
            })
        };
        match self.facts.band {
            Some(Band { worst, best }) => Ok(Some(BandLine { worst: end(worst)?, best: end(best)? })),
            None => Ok(None),
        }
    }

    fn result(&self) -> std::result::Result<AccountResult, Overflow> {
        let outcome = self.outcome;
        let opening = outcome.opening_equity;
        let percent = |profit: Amount| self.percent(profit);
        let profit = outcome.final_equity.minus(opening)?;
        let flattened = outcome.flattened_equity.minus(opening)?;
        Ok(AccountResult {
            opening_equity: self.money(opening),
            final_equity: self.money(outcome.final_equity),
            profit: self.money(profit),
            return_percent: percent(profit),
            flattened_equity: self.money(outcome.flattened_equity),
            flattened_profit: self.money(flattened),
            flattened_return_percent: percent(flattened),
            max_drawdown_percent: 100.0 * outcome.max_drawdown,
        })
    }

    fn trades(&self) -> TradeCounts {
        let (account, whole) = (&self.account, &self.whole);
        TradeCounts {
            closed: account.closed,
            open_at_end: whole.open,
            winners: account.winners,
            losers: account.losers,
            even: account.closed - account.winners - account.losers,
            longs: whole.longs,
            shorts: account.closed - whole.longs,
            gross_profit: self.money(whole.gross_profit),
            gross_loss: self.money(whole.gross_loss),
            profit: self.money(account.profit),
            open_profit: self.money(account.open_profit),
        }
    }

    fn fills(&self) -> FillCounts {
        let fills = &self.outcome.records.fills;
        let maker = fills.iter().filter(|fill| fill.liquidity == Liquidity::Maker).count() as u64;
        let ambiguous = fills.iter().filter(|fill| fill.certainty == Certainty::Ambiguous).count() as u64;
        let count = fills.len() as u64;
        FillCounts { count, maker, taker: count - maker, certain: count - ambiguous, ambiguous }
    }

    fn ambiguity(&self) -> Ambiguity {
        let whole = &self.whole;
        let share = (whole.gross_profit > Amount::ZERO)
            .then(|| 100.0 * (whole.ambiguous_gross.units() as f64 / whole.gross_profit.units() as f64));
        Ambiguity {
            trades: whole.ambiguous_trades,
            profit: self.money(whole.ambiguous_profit),
            share_of_gross_profit_percent: share,
            reason: share.is_none().then(|| "no finished trade made a profit".to_owned()),
        }
    }

    fn costs_line(&self) -> std::result::Result<Costs, Overflow> {
        // What makers and takers paid, by asset.
        let mut paid = vec![(Amount::ZERO, Amount::ZERO); self.facts.assets.len()];
        for fill in &self.outcome.records.fills {
            let (maker, taker) = &mut paid[usize::from(fill.fee_asset.0)];
            let sum = if fill.liquidity == Liquidity::Maker { maker } else { taker };
            *sum = sum.plus(fill.fee)?;
        }
        let assets = self.facts.assets.iter().zip(&self.outcome.balances).zip(paid);
        let has_fees = |fees: &Amount, maker: &Amount| !fees.is_zero() || !maker.is_zero();
        let fees_by_asset = assets.filter(|((_, (_, fees)), (maker, _))| has_fees(fees, maker)).map(
            |((asset, (_, fees)), (maker, taker))| FeeLine {
                asset: asset.code.clone(),
                amount: amount_text(*fees, asset.decimals),
                maker: amount_text(maker, asset.decimals),
                taker: amount_text(taker, asset.decimals),
            },
        );
        Ok(Costs {
            fees: self.money(self.account.fees),
            slippage: self.money(self.account.slippage),
            total: self.money(self.account.fees.plus(self.account.slippage)?),
            fees_by_asset: fees_by_asset.collect(),
        })
    }

    fn orders(&self) -> (Vec<Count>, Vec<Count>) {
        let (mut filled, mut expired) = (0, 0);
        let mut cancelled = [0u64; CancelReason::ALL.len()];
        let mut rejected = [0u64; RejectReason::ALL.len()];
        for record in &self.outcome.records.orders {
            match record.ending {
                Ending::Filled => filled += 1,
                Ending::Expired => expired += 1,
                Ending::Cancelled(reason) => cancelled[reason as usize] += 1,
                Ending::Rejected(reason) => rejected[reason as usize] += 1,
            }
        }
        let endings = [
            (OrderState::Filled, filled),
            (OrderState::Cancelled, cancelled.iter().sum()),
            (OrderState::Expired, expired),
            (OrderState::Rejected, rejected.iter().sum()),
        ];
        let endings = endings.into_iter().map(|(state, count)| (state.name().to_owned(), count));
        let cancelled = CancelReason::ALL.iter().map(|reason| format!("cancelled: {}", reason.name())).zip(cancelled);
        let rejected = RejectReason::ALL.iter().map(|reason| format!("rejected: {}", reason.name())).zip(rejected);
        (counts(endings), counts(cancelled.chain(rejected)))
    }

    fn halts(&self) -> Vec<HaltLine> {
        let line = |desk: Option<&str>, halt: &Halt| HaltLine {
            desk: desk.map(str::to_owned),
            at: halt.at.to_string(),
            reason: halt.reason.clone(),
            text: match desk {
                Some(desk) => format!("desk {desk} halted at {}: {}", halt.at, halt.reason),
                None => format!("account halted at {}: {}", halt.at, halt.reason),
            },
        };
        let account = self.outcome.account_halt.iter().map(|halt| line(None, halt));
        let desks = self.outcome.desks.iter().enumerate().filter_map(|(number, desk)| {
            desk.halt.as_ref().map(|halt| line(Some(self.facts.desk(DeskId(number as u16))), halt))
        });
        account.chain(desks).collect()
    }

    fn complaints(&self) -> Vec<ComplaintLine> {
        let line = |complaint: &crate::engine::Complaint| ComplaintLine {
            desk: complaint.desk.map(|desk| self.facts.desk(desk).to_owned()),
            at: complaint.at.to_string(),
            text: complaint.text.clone(),
        };
        self.outcome.complaints.iter().map(line).collect()
    }

    fn desk_lines(&self) -> Vec<DeskLine> {
        let line = |(number, desk): (usize, &crate::engine::DeskOutcome)| {
            let (tally, facts) = (&self.desks[number], self.facts.desks.get(number));
            DeskLine {
                name: self.facts.desk(DeskId(number as u16)).to_owned(),
                strategy: facts.map_or_else(String::new, |facts| facts.strategy.clone()),
                parameters: facts.map_or_else(Vec::new, |facts| facts.parameters.clone()),
                profit: self.money(desk.profit),
                closed_profit: self.money(tally.profit),
                trades: tally.closed,
                winners: tally.winners,
                losers: tally.losers,
                fills: tally.fills,
                orders: tally.orders,
                fees: self.money(tally.fees),
                slippage: self.money(tally.slippage),
                refusals: refusals(std::iter::once(desk.refusals.as_slice())),
                halted_at: desk.halt.as_ref().map(|halt| halt.at.to_string()),
            }
        };
        self.outcome.desks.iter().enumerate().map(line).collect()
    }

    fn symbol_lines(&self) -> Vec<SymbolLine> {
        let line = |(index, tally): (usize, &Tally)| {
            let instrument = &self.facts.instruments[index];
            let quote = self.facts.asset(instrument.quote);
            let money = |amount| amount_text(amount, quote.decimals);
            let known = |prices: &[Price]| prices.get(index).copied().filter(|price| !price.is_zero());
            let (first, last) = (known(&self.outcome.first_prices), known(&self.outcome.last_prices));
            let text = |price: Price| price.to_decimal(instrument.price_decimals).to_string();
            let change = first.zip(last).map(|(first, last)| last.units() as f64 / first.units() as f64 - 1.0);
            // The quote asset itself may have changed its worth meanwhile.
            let drift = self.drift(instrument.quote);
            SymbolLine {
                venue: instrument.venue.clone(),
                symbol: instrument.symbol.clone(),
                quote: quote.code.clone(),
                closed_profit: money(tally.profit),
                open_profit: money(tally.open_profit),
                trades: tally.closed,
                winners: tally.winners,
                losers: tally.losers,
                fills: tally.fills,
                fees: money(tally.fees),
                slippage: money(tally.slippage),
                first_price: first.map(text),
                last_price: last.map(text),
                price_change_percent: change.map(|change| 100.0 * change),
                buy_and_hold_percent: change.zip(drift).map(|(change, drift)| 100.0 * ((1.0 + change) * drift - 1.0)),
            }
        };
        self.symbols.iter().enumerate().map(line).collect()
    }

    /// An asset's worth in the account's currency at the last prices over that at the first ones.
    fn drift(&self, asset: AssetId) -> Option<f64> {
        self.facts.valuation.path(asset).iter().try_fold(1.0, |drift, step| {
            let place = usize::from(step.instrument.0);
            let first = self.outcome.first_prices.get(place).filter(|price| !price.is_zero())?;
            let last = self.outcome.last_prices.get(place).filter(|price| !price.is_zero())?;
            Some(drift * (last.units() as f64 / first.units() as f64))
        })
    }

    fn balances(&self) -> Vec<BalanceLine> {
        let assets = self.facts.assets.iter().zip(&self.outcome.balances);
        let lines = assets.map(|(asset, (owned, _))| BalanceLine {
            asset: asset.code.clone(),
            owned: amount_text(*owned, asset.decimals),
        });
        lines.collect()
    }
}

fn buy_and_hold(symbols: &[SymbolLine], account: Option<f64>) -> BuyAndHold {
    let returns: Vec<f64> = symbols.iter().filter_map(|symbol| symbol.buy_and_hold_percent).collect();
    let complete = !returns.is_empty() && returns.len() == symbols.len();
    let mean = complete.then(|| returns.iter().sum::<f64>() / returns.len() as f64);
    BuyAndHold {
        return_percent: mean,
        reason: mean.is_none().then(|| "an instrument has no price in the period".to_owned()),
        excess_percent: account.zip(mean).map(|(account, mean)| account - mean),
    }
}

pub(super) fn amount_text(amount: Amount, decimals: u8) -> String {
    digits::text(|out| digits::decimal(out, amount.units(), decimals))
}

fn counts(pairs: impl Iterator<Item = (String, u64)>) -> Vec<Count> {
    pairs.filter(|(_, count)| *count > 0).map(|(name, count)| Count { name, count }).collect()
}

fn refusals<'a>(desks: impl Iterator<Item = &'a [u64]>) -> Vec<Count> {
    let mut sums = vec![0u64; Refusal::ALL.len()];
    for desk in desks {
        for (sum, count) in sums.iter_mut().zip(desk) {
            *sum += count;
        }
    }
    counts(Refusal::ALL.iter().map(|refusal| refusal.name().to_owned()).zip(sums))
}

fn data_line(series: &crate::report::facts::SeriesFacts) -> DataLine {
    DataLine {
        venue: series.venue.clone(),
        symbol: series.symbol.clone(),
        interval: series.rows_are.clone(),
        rows: series.rows,
        first: series.first.to_string(),
        last: series.last.to_string(),
        origin: series.origin,
        content_hash: series.content_hash.clone(),
        gaps: series.gaps.clone(),
    }
}

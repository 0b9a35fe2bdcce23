//! Answers to questions for market data.

use crate::domain::{InstrumentId, Timestamp};
use crate::exchange::core::Core;
use crate::exchange::dispatch::Call;
use crate::exchange::listing::Listed;
use crate::exchange::market::{Bar, INTERVALS, Print, interval_named};
use crate::exchange::params::Params;
use crate::exchange::wire::market::Names;
use crate::exchange::wire::{Json, Refused, info, object};

type Answer = Result<Json, Refused>;

impl Core {
    /// The symbol that a request names.
    pub(in crate::exchange) fn symbol(&self, params: &Params) -> Result<InstrumentId, Refused> {
        let name = params.require("symbol")?;
        let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        if !name.bytes().all(legal) {
            return Err(Refused::illegal("symbol", "^[A-Z0-9-_.]{1,20}$"));
        }
        self.listing.find(name).ok_or_else(Refused::symbol)
    }

    /// The symbols of a request: the one of `symbol`, those of the list `symbols`, or all. Whether it was one.
    fn symbols(&self, params: &Params) -> Result<(Vec<InstrumentId>, bool), Refused> {
        if params.get("symbol").is_some() {
            return Ok((vec![self.symbol(params)?], true));
        }
        let Some(list) = params.get("symbols") else {
            return Ok(((0..self.markets.len()).map(|index| InstrumentId(index as u16)).collect(), false));
        };
        let illegal =
            || Refused::illegal("symbols", "^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$");
        let names: Vec<String> = serde_json::from_str(list).map_err(|_| illegal())?;
        let ids: Result<Vec<InstrumentId>, Refused> =
            names.iter().map(|name| self.listing.find(name).ok_or_else(Refused::symbol)).collect();
        Ok((ids?, false))
    }

    fn names(&self, id: InstrumentId) -> Names<'_> {
        Names { listing: &self.listing, id }
    }

    /// One row, or a list of rows, as it was asked.
    fn rows(&self, params: &Params, row: impl Fn(InstrumentId) -> Option<Json>) -> Answer {
        let (ids, single) = self.symbols(params)?;
        let mut rows: Vec<Json> = ids.into_iter().filter_map(row).collect();
        if single {
            rows.pop().ok_or_else(|| {
                Refused::new(-2016, "No trading window could be found for the symbol. Try ticker/24hrs instead.")
            })
        } else {
            Ok(Json::List(rows))
        }
    }
}

pub(super) fn ping(_: &mut Core, _: &Call) -> Answer {
    Ok(object! {})
}

pub(super) fn time(core: &mut Core, _: &Call) -> Answer {
    Ok(object! { "serverTime": core.faults.clock(core.now) })
}

pub(super) fn exchange_info(core: &mut Core, call: &Call) -> Answer {
    if call.params.get("symbol").is_some() && call.params.get("symbols").is_some() {
        return Err(Refused::new(-1128, "Combination of optional parameters invalid."));
    }
    let status = call.params.get("symbolStatus");
    if status.is_some_and(|status| !["TRADING", "HALT", "BREAK", "END_OF_DAY", "CANCEL_ONLY"].contains(&status)) {
        return Err(Refused::new(-1122, "Invalid symbolStatus."));
    }
    let (ids, _) = core.symbols(&call.params)?;
    let wanted = |listed: &&Listed| status.is_none_or(|status| listed.status.name() == status);
    let listed = ids.iter().map(|id| core.listing.listed(*id)).filter(wanted);
    Ok(info::exchange_info(core.now, listed))
}

pub(super) fn depth(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    let limit = call.params.limit(100, 5_000)?;
    Ok(core.names(id).depth(&core.markets[usize::from(id.0)], limit))
}

pub(super) fn trades(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    let limit = call.params.limit(500, 1_000)?;
    let prints = core.markets[usize::from(id.0)].prints();
    let first = prints.len().saturating_sub(limit);
    Ok(Json::List(prints.iter().skip(first).map(|print| core.names(id).trade_row(print)).collect()))
}

pub(super) fn historical_trades(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    let limit = call.params.limit(500, 1_000)?;
    let Some(from) = call.params.integer("fromId")? else { return trades(core, call) };
    let prints = core.markets[usize::from(id.0)].prints().iter().filter(|print| print.id >= from).take(limit);
    Ok(Json::List(prints.map(|print| core.names(id).trade_row(print)).collect()))
}

pub(super) fn aggregate_trades(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    let limit = call.params.limit(500, 1_000)?;
    let (from, begin, end) =
        (call.params.integer("fromId")?, call.params.time("startTime")?, call.params.time("endTime")?);
    let prints = core.markets[usize::from(id.0)].prints();
    let fits = |print: &&Print| {
        from.is_none_or(|from| print.id >= from)
            && begin.is_none_or(|begin| print.time >= begin)
            && end.is_none_or(|end| Timestamp::from_millis(print.time.millis()) <= end)
    };
    let row = |print: &Print| core.names(id).aggregate_row(print);
    let rows = windowed(prints.iter().filter(fits), from.is_some() || begin.is_some(), limit, row);
    Ok(Json::List(rows))
}

/// The first rows where a beginning was given, else the last.
fn windowed<'a, T: 'a>(
    rows: impl Iterator<Item = &'a T>,
    from_start: bool,
    limit: usize,
    write: impl Fn(&T) -> Json,
) -> Vec<Json> {
    if from_start {
        return rows.take(limit).map(write).collect();
    }
    let rows: Vec<&T> = rows.collect();
    rows[rows.len().saturating_sub(limit)..].iter().map(|row| write(row)).collect()
}

pub(super) fn klines(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    let place =
        interval_named(call.params.require("interval")?).ok_or_else(|| Refused::new(-1120, "Invalid interval."))?;
    if call.params.get("timeZone").is_some_and(|zone| !["0", "00:00", "+00:00", "0:00"].contains(&zone)) {
        return Err(Refused::invalid("timeZone"));
    }
    let limit = call.params.limit(500, 1_000)?;
    let (begin, end) = (call.params.time("startTime")?, call.params.time("endTime")?);
    let bars = core.markets[usize::from(id.0)].bars(place);
    let fits =
        |bar: &&Bar| begin.is_none_or(|begin| bar.open_time >= begin) && end.is_none_or(|end| bar.open_time <= end);
    let row = |bar: &Bar| core.names(id).kline_row(bar, INTERVALS[place]);
    Ok(Json::List(windowed(bars.iter().filter(fits), begin.is_some(), limit, row)))
}

pub(super) fn average_price(core: &mut Core, call: &Call) -> Answer {
    let id = core.symbol(&call.params)?;
    Ok(core.names(id).average_price(&core.markets[usize::from(id.0)], core.now))
}

pub(super) fn price_ticker(core: &mut Core, call: &Call) -> Answer {
    core.rows(&call.params, |id| Some(core.names(id).price_ticker(&core.markets[usize::from(id.0)])))
}

pub(super) fn book_ticker(core: &mut Core, call: &Call) -> Answer {
    core.rows(&call.params, |id| Some(core.names(id).book_ticker(&core.markets[usize::from(id.0)])))
}

pub(super) fn day_ticker(core: &mut Core, call: &Call) -> Answer {
    let small = match call.params.get("type") {
        None | Some("FULL") => false,
        Some("MINI") => true,
        Some(_) => return Err(Refused::new(-1139, "Invalid ticker type.")),
    };
    let row = |id: InstrumentId| {
        let market = &core.markets[usize::from(id.0)];
        Some(core.names(id).day_ticker(market, &market.rolling(core.now)?, small))
    };
    core.rows(&call.params, row)
}

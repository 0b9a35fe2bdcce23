//! Layouts of foreign CSV files: which column means what, told by the header or by the shape of the first line.

use super::place::SeriesKind;
use crate::domain::Interval;
use crate::error::{Fault, Result, nearest};

/// A family of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `open_time,open,high,low,close,volume[,quote_volume,trades]` with a header.
    Tapeline,
    /// Binance public data klines: twelve columns, with or without a header.
    Binance,
    /// freqtrade exports: `date,open,high,low,close,volume` with a header.
    Freqtrade,
    /// Trades: `time,id,side,price,amount`, or Binance trades and aggTrades.
    Trades,
    /// Quotes: `time[,id],bid,bid_quantity,ask,ask_quantity`, or Binance bookTicker, with a header.
    Quotes,
}

/// What one cell of a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Open time of a candle, or time of a trade or quote.
    Time,
    /// When the candle ends; held against its interval.
    CloseTime,
    /// A number for this column of the table.
    Number(usize),
    /// The traded quantity; its sign comes from the side.
    Quantity,
    /// `buy` or `sell`: the taker's side.
    Side,
    /// Whether the buyer was the maker, so that the taker sold.
    BuyerIsMaker,
    /// Known and not kept.
    Ignored,
}

/// How to read the lines of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The family.
    pub layout: Layout,
    /// The meaning of each cell.
    pub cells: Vec<Cell>,
    /// Whether the first line names the columns.
    pub header: Header,
}

/// Whether the first line names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It does.
    Present,
    /// It holds data already.
    Absent,
}

use Cell::{BuyerIsMaker, CloseTime, Ignored, Number, Quantity, Side, Time};

const BINANCE_KLINE: [Cell; 12] = [
    Time,
    Number(0),
    Number(1),
    Number(2),
    Number(3),
    Number(4),
    CloseTime,
    Number(5),
    Number(6),
    Number(7),
    Number(8),
    Ignored,
];
const BINANCE_TRADE: [Cell; 7] = [Number(0), Number(1), Quantity, Ignored, Time, BuyerIsMaker, Ignored];
const BINANCE_AGGREGATE: [Cell; 8] = [Number(0), Number(1), Quantity, Ignored, Ignored, Time, BuyerIsMaker, Ignored];

/// Names in headers of candle files, and what they mean.
const CANDLE_NAMES: [(&str, Cell); 20] = [
    ("open_time", Time),
    ("date", Time),
    ("timestamp", Time),
    ("open", Number(0)),
    ("high", Number(1)),
    ("low", Number(2)),
    ("close", Number(3)),
    ("volume", Number(4)),
    ("close_time", CloseTime),
    ("quote_volume", Number(5)),
    ("quote_asset_volume", Number(5)),
    ("trades", Number(6)),
    ("count", Number(6)),
    ("number_of_trades", Number(6)),
    ("taker_buy_volume", Number(7)),
    ("taker_buy_base_volume", Number(7)),
    ("taker_buy_quote_volume", Number(8)),
    ("taker_buy_quote_asset_volume", Number(8)),
    ("missing_rows", Number(9)),
    ("ignore", Ignored),
];

/// Names in headers of trade files, and what they mean.
const TRADE_NAMES: [(&str, Cell); 19] = [
    ("time", Time),
    ("timestamp", Time),
    ("transact_time", Time),
    ("id", Number(0)),
    ("agg_trade_id", Number(0)),
    ("agg_id", Number(0)),
    ("side", Side),
    ("price", Number(1)),
    ("amount", Quantity),
    ("qty", Quantity),
    ("quantity", Quantity),
    ("quote_qty", Ignored),
    ("base_qty", Ignored),
    ("first_trade_id", Ignored),
    ("last_trade_id", Ignored),
    ("first_id", Ignored),
    ("last_id", Ignored),
    ("is_buyer_maker", BuyerIsMaker),
    ("is_best_match", Ignored),
];

/// Names in headers of quote files, and what they mean.
const QUOTE_NAMES: [(&str, Cell); 14] = [
    ("time", Time),
    ("timestamp", Time),
    ("transaction_time", Time),
    ("event_time", Ignored),
    ("id", Number(0)),
    ("update_id", Number(0)),
    ("bid", Number(1)),
    ("best_bid_price", Number(1)),
    ("bid_quantity", Number(2)),
    ("best_bid_qty", Number(2)),
    ("ask", Number(3)),
    ("best_ask_price", Number(3)),
    ("ask_quantity", Number(4)),
    ("best_ask_qty", Number(4)),
];

impl Layout {
    /// What its rows are; candles are called minutes until the import says how long they are.
    pub fn kind(self) -> SeriesKind {
        match self {
            Layout::Tapeline | Layout::Binance | Layout::Freqtrade => SeriesKind::Candles(Interval::MINUTE),
            Layout::Trades => SeriesKind::Trades,
            Layout::Quotes => SeriesKind::Quotes,
        }
    }
}

/// The names that the headers of such files use.
fn dictionary(kind: SeriesKind) -> &'static [(&'static str, Cell)] {
    match kind {
        SeriesKind::Candles(_) => &CANDLE_NAMES,
        SeriesKind::Trades => &TRADE_NAMES,
        SeriesKind::Quotes => &QUOTE_NAMES,
    }
}

/// The columns without which such a file means nothing, each with what may stand for it.
fn needed(kind: SeriesKind) -> &'static [(&'static str, &'static [Cell])] {
    match kind {
        SeriesKind::Candles(_) => &[
            ("open_time", &[Time]),
            ("open", &[Number(0)]),
            ("high", &[Number(1)]),
            ("low", &[Number(2)]),
            ("close", &[Number(3)]),
            ("volume", &[Number(4)]),
        ],
        SeriesKind::Trades => &[
            ("time", &[Time]),
            ("id", &[Number(0)]),
            ("side", &[Side, BuyerIsMaker]),
            ("price", &[Number(1)]),
            ("amount", &[Quantity]),
        ],
        SeriesKind::Quotes => &[
            ("time", &[Time]),
            ("bid", &[Number(1)]),
            ("bid_quantity", &[Number(2)]),
            ("ask", &[Number(3)]),
            ("ask_quantity", &[Number(4)]),
        ],
    }
}

/// Reads the first line; `asked` is the user's word for the layout, if any.
pub fn plan(first_line: &[&str], asked: Option<Layout>) -> Result<Plan> {
    let begins_with_digit =
        first_line.first().is_some_and(|cell| cell.trim().starts_with(|c: char| c.is_ascii_digit()));
    let plan = if begins_with_digit { headerless(first_line)? } else { headed(first_line, asked)? };
    match asked {
        Some(layout) if layout != plan.layout && !similar(layout, plan.layout) => {
            Err(Fault::user(format!("line 1 looks like the {:?} layout, not {layout:?}", plan.layout))
                .remedy("leave --layout at auto, or name files of one layout"))
        }
        Some(_) | None => Ok(plan),
    }
}

/// Candle files with a header are read by their names, whichever family was asked for.
fn similar(asked: Layout, found: Layout) -> bool {
    asked.kind().interval().is_some() && found.kind().interval().is_some()
}

fn headerless(line: &[&str]) -> Result<Plan> {
    let is_flag = |cell: Option<&&str>| {
        cell.is_some_and(|cell| matches!(cell.trim().to_ascii_lowercase().as_str(), "true" | "false"))
    };
    let count = line.len();
    let flags = (is_flag(line.get(count.wrapping_sub(2))), is_flag(line.last()));
    let (layout, cells): (Layout, &[Cell]) = match (count, flags) {
        (12, (false, false)) => (Layout::Binance, &BINANCE_KLINE),
        (6, (false, true)) => (Layout::Trades, &BINANCE_TRADE[..6]),
        (7, (true, true)) => (Layout::Trades, &BINANCE_TRADE),
        (7, (false, true)) => (Layout::Trades, &BINANCE_AGGREGATE[..7]),
        (8, (true, true)) => (Layout::Trades, &BINANCE_AGGREGATE),
        _ => {
            let fault = Fault::user(format!("line 1 has {count} cells and no header; no known layout looks so"));
            return Err(fault.remedy(
                "put a header line on top: open_time,open,high,low,close,volume for candles, \
                 time,id,side,price,amount for trades, time,bid,bid_quantity,ask,ask_quantity for quotes",
            ));
        }
    };
    Ok(Plan { layout, cells: cells.to_vec(), header: Header::Absent })
}

fn headed(line: &[&str], asked: Option<Layout>) -> Result<Plan> {
    let names: Vec<String> =
        line.iter().map(|cell| cell.trim().trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
    if let [only] = names.as_slice()
        && let Some(separator) = only.chars().find(|c| matches!(c, ';' | '\t' | '|'))
    {
        return Err(Fault::user(format!("line 1 is separated by {separator:?}")).remedy("separate the cells by commas"));
    }
    let kind = meant(&names, asked);
    let dictionary = dictionary(kind);
    let mut cells = Vec::with_capacity(names.len());
    for name in &names {
        let Some(cell) = meaning(dictionary, name) else {
            let fault = Fault::user(format!("line 1: unknown column '{name}'"));
            // What another column is already called was not meant here.
            let taken: Vec<Cell> = names.iter().filter_map(|name| meaning(dictionary, name)).collect();
            let free = dictionary.iter().filter(|(_, cell)| !taken.contains(cell)).map(|(known, _)| *known);
            return Err(match nearest(name, free) {
                Some(near) => fault.remedy(format!("did you mean '{near}'?")),
                None => fault.remedy(format!("remove it; known are {}", listed(dictionary))),
            });
        };
        if cell != Ignored && cells.contains(&cell) {
            return Err(Fault::user(format!("line 1: the column '{name}' comes twice")).remedy("remove one of them"));
        }
        cells.push(cell);
    }
    for (name, any) in needed(kind) {
        if !any.iter().any(|cell| cells.contains(cell)) {
            return Err(Fault::user(format!("line 1: the column '{name}' is missing"))
                .remedy(format!("known columns are {}", listed(dictionary))));
        }
    }
    let has = |name: &str| names.iter().any(|known| known == name);
    let layout = match (kind, has("date"), has("close_time")) {
        (SeriesKind::Trades, _, _) => Layout::Trades,
        (SeriesKind::Quotes, _, _) => Layout::Quotes,
        (SeriesKind::Candles(_), true, _) => Layout::Freqtrade,
        (SeriesKind::Candles(_), false, true) => Layout::Binance,
        (SeriesKind::Candles(_), false, false) => Layout::Tapeline,
    };
    Ok(Plan { layout, cells, header: Header::Present })
}

/// What a header is meant for: the kind of rows that most of its names are those of. Where no kind has more, the user's
/// word decides, and without one candles are the commonest.
fn meant(names: &[String], asked: Option<Layout>) -> SeriesKind {
    let candles = Layout::Tapeline.kind();
    let fit = |kind: SeriesKind| names.iter().filter(|name| meaning(dictionary(kind), name).is_some()).count();
    let most = [candles, SeriesKind::Trades, SeriesKind::Quotes].map(fit).into_iter().max().unwrap_or(0);
    let asked = asked.map_or(candles, Layout::kind);
    let by_preference = [asked, candles, SeriesKind::Trades, SeriesKind::Quotes];
    by_preference.into_iter().find(|kind| fit(*kind) == most).unwrap_or(candles)
}

fn meaning(dictionary: &[(&str, Cell)], name: &str) -> Option<Cell> {
    dictionary.iter().find(|(known, _)| *known == name).map(|(_, cell)| *cell)
}

fn listed(dictionary: &[(&str, Cell)]) -> String {
    dictionary.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Layout, header: Header) {
        let cells: Vec<&str> = line.split(',').collect();
        let plan = plan(&cells, None).unwrap_or_else(|fault| panic!("{line}: {fault}"));
        assert_eq!((plan.layout, plan.header), (expect, header), "{line}");
        assert_eq!(plan.cells.len(), cells.len(), "{line}");
    }

    #[test]
    fn every_documented_layout_is_known_by_its_first_line() {
        use Header::{Absent, Present};
        check("open_time,open,high,low,close,volume", Layout::Tapeline, Present);
        check("open_time,open,high,low,close,volume,quote_volume,trades", Layout::Tapeline, Present);
        check("date,open,high,low,close,volume", Layout::Freqtrade, Present);
        check(
            "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore",
            Layout::Binance,
            Present,
        );
        check("1609459200000,1,2,1,2,5,1609459259999,9,3,2,4,0", Layout::Binance, Absent);
        check("time,id,side,price,amount", Layout::Trades, Present);
        check("time,bid,bid_quantity,ask,ask_quantity", Layout::Quotes, Present);
        check(
            "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time",
            Layout::Quotes,
            Present,
        );
        check("id,price,qty,quote_qty,time,is_buyer_maker", Layout::Trades, Present);
        check(
            "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
            Layout::Trades,
            Present,
        );
        check("1,2.5,3,7.5,1609459200000,true", Layout::Trades, Absent);
        check("1,2.5,3,7.5,1609459200000,True,True", Layout::Trades, Absent);
        check("1,2.5,3,7,8,1609459200000,true", Layout::Trades, Absent);
        check("1,2.5,3,7,8,1609459200000,True,True", Layout::Trades, Absent);
    }

    #[test]
    fn a_first_line_that_means_nothing_is_refused_with_the_nearest_name() {
        for (line, words) in [
            ("open_time,open,high,low,close,volumee", "did you mean 'volume'"),
            ("open_time,open,high,low,close", "'volume' is missing"),
            ("open_time,open,open,high,low,close,volume", "comes twice"),
            ("open_time;open;high;low;close;volume", "separated by ';'"),
            ("1,2,3", "no known layout"),
            ("time,id,price,amount", "'side' is missing"),
            ("when,open,high,low,close,volume", "known are open_time"),
            ("bucket,first,highest,lowest,last,traded", "known are open_time"),
            ("opn_time,opn,hihg,lwo,closs,volume", "did you mean 'open_time'"),
            ("tiem,id,side,price,amount", "did you mean 'time'"),
            ("time,bid,bid_quantity,ask", "'ask_quantity' is missing"),
            ("time,bid,bid_quantity,ask,ask_quantiy", "did you mean 'ask_quantity'"),
        ] {
            let cells: Vec<&str> = line.split(',').collect();
            let fault = plan(&cells, None).unwrap_err().to_string();
            assert!(fault.contains(words), "{line}: {fault}");
        }
        let trades = plan(&["time", "id", "side", "price", "amount"], Some(Layout::Binance));
        assert!(trades.unwrap_err().to_string().contains("Trades"));
    }
}

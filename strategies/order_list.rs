//! Replays a list of orders: a trader's own history through the simulated exchange, and the way to drive it from
//! outside without writing Rust. The format is described in docs/order-list.md.

use crate::domain::{
    Instrument, InstrumentId, OrderId, OrderKind, PositionEffect, Price, Quantity, Refusal, SeriesId, Side, Tag, Terms,
    TimeInForce, TimerId, Timestamp,
};
use crate::error::nearest;
use crate::strategy::{Axis, AxisKind, BracketTicket, Context, Params, Setup, SetupError, Strategy, Ticket};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Submits, cancels and replaces orders at the times that its file says.
#[derive(Debug)]
pub struct OrderList {
    steps: Vec<(Timestamp, Step)>,
    by_timer: BTreeMap<TimerId, Vec<usize>>,
    sent: BTreeMap<usize, OrderId>,
}

/// Parameters of [`OrderList`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderListParams {
    /// The CSV file.
    pub file: String,
}

impl Params for OrderListParams {
    fn axes() -> &'static [Axis] {
        &[Axis { name: "file", about: "CSV of orders, see docs/order-list.md", kind: AxisKind::File }]
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
enum Step {
    Submit(Ticket),
    /// An entry and its children; the places of the children's lines, for later cancels and replacements.
    Bracket {
        ticket: BracketTicket,
        stop: Option<usize>,
        target: Option<usize>,
    },
    Cancel {
        line: usize,
    },
    Replace {
        line: usize,
        terms: Terms,
    },
    /// A child that its entry's line submits.
    Nothing,
}

/// One line of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    time: String,
    action: String,
    id: String,
    #[serde(default)]
    symbol: String,
    #[serde(default)]
    side: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    price: String,
    #[serde(default)]
    stop_price: String,
    #[serde(default)]
    trail: String,
    #[serde(default)]
    time_in_force: String,
    #[serde(default)]
    flags: String,
    #[serde(default)]
    group: String,
}

impl Strategy for OrderList {
    const NAME: &'static str = "order_list";
    const ABOUT: &'static str = "Replays a CSV of orders through the simulated exchange.";
    type Params = OrderListParams;

    fn new(params: &Self::Params, setup: &mut Setup<'_>) -> Result<Self, SetupError> {
        let interval = setup.interval();
        for symbol in setup.symbols() {
            setup.follow(*symbol, interval);
        }
        let text = setup.file(&params.file);
        let text = text.ok_or_else(|| SetupError(format!("the order list {} was not loaded", params.file)))?;
        let lines = read(text).map_err(|error| SetupError(format!("{}: {error}", params.file)))?;
        let mut list = OrderList { steps: Vec::new(), by_timer: BTreeMap::new(), sent: BTreeMap::new() };
        let mut timers: BTreeMap<Timestamp, TimerId> = BTreeMap::new();
        for (place, (number, line)) in lines.iter().enumerate() {
            let wrong = |text: String| SetupError(format!("{}: line {number}: {text}", params.file));
            let at: Timestamp = line.time.parse().map_err(|error| wrong(format!("time: {error}")))?;
            let step = step(place, &lines, setup).map_err(wrong)?;
            list.steps.push((at, step));
            let timer = *timers.entry(at).or_insert_with(|| setup.timer(at));
            list.by_timer.entry(timer).or_default().push(place);
        }
        Ok(list)
    }

    fn on_candles(&mut self, _context: &mut Context<'_>, _closed: &[SeriesId]) {}

    fn on_timer(&mut self, context: &mut Context<'_>, timer: TimerId) {
        for place in self.by_timer.remove(&timer).unwrap_or_default() {
            let (at, step) = self.steps[place].clone();
            // What is dated before trading begins comes up at the beginning. It belongs to another day's market.
            let late = context.now() > at;
            // The desk counts and lists every refusal; the list goes on.
            match step {
                Step::Nothing => {}
                Step::Submit(ticket) | Step::Bracket { ticket: BracketTicket { entry: ticket, .. }, .. } if late => {
                    context.decline(&ticket, Refusal::WarmUp);
                }
                Step::Submit(ticket) => {
                    if let Ok(id) = context.submit(ticket) {
                        self.sent.insert(place, id);
                    }
                }
                Step::Bracket { ticket, stop, target } => {
                    if let Ok(id) = context.bracket(ticket) {
                        self.sent.insert(place, id);
                        let children = [stop, target].into_iter().flatten();
                        for (child, number) in children.zip(id.0 + 1..) {
                            self.sent.insert(child, OrderId(number));
                        }
                    }
                }
                Step::Cancel { line } => {
                    if let Some(id) = self.sent.get(&line) {
                        let _ = context.cancel(*id);
                    }
                }
                Step::Replace { line, terms } => {
                    if let Some(id) = self.sent.get(&line) {
                        let _ = context.replace(*id, terms);
                    }
                }
            }
        }
    }
}

fn read(text: &str) -> Result<Vec<(u64, Line)>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| cells(&error))?.clone();
    check_columns(&headers)?;
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| cells(&error))?;
        let number = record.position().map_or(0, csv::Position::line);
        let line = record.deserialize(Some(&headers)).map_err(|error| format!("line {number}: {error}"))?;
        lines.push((number, line));
    }
    if lines.is_empty() {
        return Err("it holds no orders".into());
    }
    Ok(lines)
}

/// The columns in the order of the documentation; the first three must be there.
const COLUMNS: &[&str] = &[
    "time",
    "action",
    "id",
    "symbol",
    "side",
    "type",
    "quantity",
    "price",
    "stop_price",
    "trail",
    "time_in_force",
    "flags",
    "group",
];

fn check_columns(headers: &csv::StringRecord) -> Result<(), String> {
    let known = |name: &str| COLUMNS.contains(&name);
    if let Some(name) = headers.iter().find(|name| !known(name)) {
        let near = nearest(name, COLUMNS.iter().copied()).map(|near| format!("; did you mean '{near}'?"));
        return Err(format!("line 1: unknown column '{name}'{}", near.unwrap_or_default()));
    }
    match COLUMNS[..3].iter().find(|name| !headers.iter().any(|header| header == **name)) {
        Some(name) => Err(format!("line 1: column '{name}' is missing; the columns are {}", COLUMNS.join(","))),
        None => Ok(()),
    }
}

fn cells(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line}: has {len} cells where {expected_len} are expected")
        }
        _ => error.to_string(),
    }
}

fn step(place: usize, lines: &[(u64, Line)], setup: &mut Setup<'_>) -> Result<Step, String> {
    let line = &lines[place].1;
    if !line.trail.is_empty() {
        return Err("trail: trailing stops are not offered yet; leave the column empty".into());
    }
    match line.action.as_str() {
        "submit" if line.group.is_empty() => Ok(Step::Submit(ticket(line, setup)?)),
        "submit" => bracket(place, lines, setup),
        "cancel" => Ok(Step::Cancel { line: submitted(place, lines)? }),
        "replace" => {
            let target = submitted(place, lines)?;
            let old = &lines[target].1;
            let (_, instrument) = instrument(old, setup)?;
            let pick = |new: &str, old: &str| if new.is_empty() { old.to_owned() } else { new.to_owned() };
            let merged = Line {
                kind: old.kind.clone(),
                quantity: pick(&line.quantity, &old.quantity),
                price: pick(&line.price, &old.price),
                stop_price: pick(&line.stop_price, &old.stop_price),
                ..line.clone()
            };
            let terms = Terms { kind: kind(&merged, instrument)?, quantity: quantity(&merged, instrument)? };
            Ok(Step::Replace { line: target, terms })
        }
        other => Err(format!("action '{other}' is none of submit, cancel, replace")),
    }
}

/// The earlier line that submits the order which this line names.
fn submitted(place: usize, lines: &[(u64, Line)]) -> Result<usize, String> {
    let id = &lines[place].1.id;
    let earlier = lines[..place].iter().rposition(|(_, line)| line.action == "submit" && line.id == *id);
    earlier.ok_or_else(|| format!("no earlier line submits an order with id '{id}'"))
}

/// The lines of one group at one time: the first is the entry, a stop-market its stop, a limit its target.
fn bracket(place: usize, lines: &[(u64, Line)], setup: &mut Setup<'_>) -> Result<Step, String> {
    let line = &lines[place].1;
    let members: Vec<usize> = (0..lines.len())
        .filter(|other| {
            let other = &lines[*other].1;
            other.action == "submit" && other.group == line.group && other.time == line.time
        })
        .collect();
    if members[0] != place {
        return Ok(Step::Nothing);
    }
    let entry = ticket(line, setup)?;
    let mut bracket = BracketTicket { entry, stop: None, target: None };
    let (mut stop_line, mut target_line) = (None, None);
    for member in &members[1..] {
        let child = &lines[*member].1;
        let of = ticket(child, setup)?;
        if of.instrument != entry.instrument || of.side == entry.side || of.quantity != entry.quantity {
            return Err(format!(
                "group '{}': a child trades the entry's symbol and quantity on the other side",
                line.group
            ));
        }
        match (of.kind, bracket.stop, bracket.target) {
            (OrderKind::StopMarket { trigger }, None, _) => {
                bracket.stop = Some((trigger, of.tag));
                stop_line = Some(*member);
            }
            (OrderKind::Limit { price }, _, None) => {
                bracket.target = Some((price, of.tag));
                target_line = Some(*member);
            }
            (OrderKind::StopMarket { .. } | OrderKind::Limit { .. } | OrderKind::Market, _, _) => {
                return Err(format!(
                    "group '{}': a bracket is an entry, at most one stop-market and at most one limit",
                    line.group
                ));
            }
        }
    }
    Ok(Step::Bracket { ticket: bracket, stop: stop_line, target: target_line })
}

fn ticket(line: &Line, setup: &mut Setup<'_>) -> Result<Ticket, String> {
    let (id, of) = instrument(line, setup)?;
    let side = match line.side.as_str() {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        other => return Err(format!("side '{other}' is neither buy nor sell")),
    };
    Ok(Ticket {
        instrument: id,
        side,
        kind: kind(line, of)?,
        quantity: quantity(line, of)?,
        time_in_force: time_in_force(line)?,
        effect: effect(line)?,
        tag: tag(line, setup),
    })
}

fn tag(line: &Line, setup: &mut Setup<'_>) -> Tag {
    setup.tag(&line.id)
}

fn instrument<'a>(line: &Line, setup: &Setup<'a>) -> Result<(InstrumentId, &'a Instrument), String> {
    let id = setup.find(&line.symbol).ok_or_else(|| format!("symbol '{}' is not one of the desk's", line.symbol))?;
    Ok((id, setup.instrument(id)))
}

fn kind(line: &Line, of: &Instrument) -> Result<OrderKind, String> {
    let level = |name: &str, text: &str| -> Result<Price, String> {
        let value = decimal(name, text)?;
        Price::from_decimal(value, of.price_decimals).filter(|price| price.units() > 0).ok_or_else(|| {
            format!(
                "{name} {value} is not above zero, or has more decimals than {} has ({})",
                of.symbol, of.price_decimals
            )
        })
    };
    // A price that the type does not use would be a wish that is silently dropped.
    let without = |name: &str, text: &str| match text {
        "" => Ok(()),
        _ => Err(format!("{name}: a {} order has none; leave the cell empty", line.kind)),
    };
    match line.kind.as_str() {
        "market" => {
            without("price", &line.price)?;
            without("stop_price", &line.stop_price)?;
            Ok(OrderKind::Market)
        }
        "limit" => {
            without("stop_price", &line.stop_price)?;
            Ok(OrderKind::Limit { price: level("price", &line.price)? })
        }
        "stop-market" => {
            without("price", &line.price)?;
            Ok(OrderKind::StopMarket { trigger: level("stop_price", &line.stop_price)? })
        }
        other => Err(format!("type '{other}' is none of market, limit, stop-market")),
    }
}

fn quantity(line: &Line, of: &Instrument) -> Result<Quantity, String> {
    let value = decimal("quantity", &line.quantity)?;
    Quantity::from_decimal(value, of.quantity_decimals).filter(|quantity| quantity.units() > 0).ok_or_else(|| {
        format!(
            "quantity {value} is not above zero, or has more decimals than {} has ({})",
            of.symbol, of.quantity_decimals
        )
    })
}

fn time_in_force(line: &Line) -> Result<TimeInForce, String> {
    match line.time_in_force.as_str() {
        "" | "GTC" => Ok(TimeInForce::GoodTillCancelled),
        "IOC" => Ok(TimeInForce::ImmediateOrCancel),
        other => match other.strip_prefix("GTD:") {
            Some(until) => {
                until.parse().map(TimeInForce::GoodTillDate).map_err(|error| format!("time_in_force: {error}"))
            }
            None => Err(format!("time_in_force '{other}' is none of GTC, IOC, GTD:<time>")),
        },
    }
}

fn effect(line: &Line) -> Result<PositionEffect, String> {
    match line.flags.as_str() {
        "" => Ok(PositionEffect::Any),
        "reduce-only" => Ok(PositionEffect::ReduceOnly),
        other => Err(format!("flags '{other}': only reduce-only is offered")),
    }
}

fn decimal(name: &str, text: &str) -> Result<Decimal, String> {
    if text.is_empty() {
        return Err(format!("{name} is missing"));
    }
    text.parse().map_err(|_| format!("{name} '{text}' is not a decimal number"))
}

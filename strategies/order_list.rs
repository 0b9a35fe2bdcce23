//! Replays a list of orders: a trader's own history through the simulated exchange, and the way to drive it from
//! outside without writing Rust. The format is described in docs/order-list.md.

use crate::domain::{
    CancelFailure, Crossing, Instrument, InstrumentId, OrderId, OrderKind, PositionEffect, Price, Quantity, Rate,
    Refusal, SeriesId, Side, Tag, Terms, TimeInForce, TimerId, Timestamp, Trail,
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
    /// Two orders of which only one may fill; the place of the second's line.
    Pair {
        tickets: [Ticket; 2],
        second: usize,
    },
    Cancel {
        line: usize,
    },
    Replace {
        line: usize,
        terms: Terms,
    },
    Reduce {
        line: usize,
        quantity: Quantity,
    },
    /// Another order in the stead of an earlier line's.
    CancelReplace {
        line: usize,
        ticket: Ticket,
        on_failure: CancelFailure,
    },
    /// A line that the first one of its group submits.
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
    #[serde(default)]
    replaces: String,
    #[serde(default)]
    on_failure: String,
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
                Step::Submit(ticket)
                | Step::CancelReplace { ticket, .. }
                | Step::Pair { tickets: [ticket, _], .. }
                | Step::Bracket { ticket: BracketTicket { entry: ticket, .. }, .. }
                    if late =>
                {
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
                Step::Pair { tickets, second } => {
                    if let Ok(id) = context.pair(tickets) {
                        self.sent.insert(place, id);
                        self.sent.insert(second, OrderId(id.0 + 1));
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
                Step::Reduce { line, quantity } => {
                    if let Some(id) = self.sent.get(&line) {
                        let _ = context.reduce(*id, quantity);
                    }
                }
                Step::CancelReplace { line, ticket, on_failure } => {
                    self.cancel_replace(context, place, line, ticket, on_failure);
                }
            }
        }
    }
}

impl OrderList {
    /// The desk knows of orders that have ended; a cancel that it knows to fail decides as one that fails at the venue.
    fn cancel_replace(
        &mut self,
        context: &mut Context<'_>,
        place: usize,
        line: usize,
        ticket: Ticket,
        on_failure: CancelFailure,
    ) {
        let old = self.sent.get(&line).copied();
        let open = old.filter(|id| context.orders().iter().any(|open| open.order.id == *id));
        let sent = match (open, on_failure) {
            (Some(id), _) => context.cancel_replace(id, ticket, on_failure),
            (None, CancelFailure::Allow) => context.submit(ticket),
            (None, CancelFailure::Stop) => {
                context.decline(&ticket, Refusal::UnknownOrder);
                return;
            }
        };
        if let Ok(id) = sent {
            self.sent.insert(place, id);
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
    "replaces",
    "on_failure",
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
    let swaps = line.action == "cancel-replace";
    let states_a_swap = !line.replaces.is_empty() || !line.on_failure.is_empty();
    if states_a_swap && !swaps {
        return Err("replaces and on_failure are for cancel-replace; leave the cells empty".into());
    }
    match line.action.as_str() {
        "submit" if line.group.is_empty() => Ok(Step::Submit(ticket(line, setup)?)),
        "submit" => group(place, lines, setup),
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
                trail: pick(&line.trail, &old.trail),
                ..line.clone()
            };
            let terms = Terms { kind: kind(&merged, instrument)?, quantity: quantity(&merged, instrument)? };
            Ok(Step::Replace { line: target, terms })
        }
        "reduce" => {
            let target = submitted(place, lines)?;
            let (_, instrument) = instrument(&lines[target].1, setup)?;
            Ok(Step::Reduce { line: target, quantity: quantity(line, instrument)? })
        }
        "cancel-replace" => {
            if !line.group.is_empty() {
                return Err("group: the new order of a cancel-replace stands alone; leave the cell empty".into());
            }
            let target = sent_as(&line.replaces, place, lines).map_err(|error| format!("replaces: {error}"))?;
            if lines[target].1.symbol != line.symbol {
                return Err("symbol: a cancel-replace stays on the symbol of the order that it replaces".into());
            }
            let on_failure = match line.on_failure.as_str() {
                "" | "stop" => CancelFailure::Stop,
                "allow" => CancelFailure::Allow,
                other => return Err(format!("on_failure '{other}' is neither stop nor allow")),
            };
            Ok(Step::CancelReplace { line: target, ticket: ticket(line, setup)?, on_failure })
        }
        other => Err(format!("action '{other}' is none of submit, cancel, replace, reduce, cancel-replace")),
    }
}

/// The earlier line that submits the order which this line names.
fn submitted(place: usize, lines: &[(u64, Line)]) -> Result<usize, String> {
    sent_as(&lines[place].1.id, place, lines)
}

/// The latest line before `place` that submits an order under this name.
fn sent_as(id: &str, place: usize, lines: &[(u64, Line)]) -> Result<usize, String> {
    let submits = |line: &Line| line.action == "submit" || line.action == "cancel-replace";
    let earlier = lines[..place].iter().rposition(|(_, line)| submits(line) && line.id == *id);
    earlier.ok_or_else(|| format!("no earlier line submits an order with id '{id}'"))
}

/// The lines of one group at one time: two orders of one side are a pair, anything else is a bracket.
fn group(place: usize, lines: &[(u64, Line)], setup: &mut Setup<'_>) -> Result<Step, String> {
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
    if let [_, second] = members[..]
        && lines[second].1.side == line.side
    {
        return Ok(Step::Pair { tickets: pair(line, &lines[second].1, setup)?, second });
    }
    bracket(&members, lines, setup)
}

fn pair(first: &Line, second: &Line, setup: &mut Setup<'_>) -> Result<[Ticket; 2], String> {
    let pair = [ticket(first, setup)?, ticket(second, setup)?];
    let [one, other] = &pair;
    let waits = |ticket: &Ticket| ticket.kind != OrderKind::Market && !ticket.time_in_force.is_immediate();
    let same = one.instrument == other.instrument && one.quantity == other.quantity && one.effect == other.effect;
    if same && pair.iter().all(waits) {
        return Ok(pair);
    }
    Err(format!(
        "group '{}': the two orders of a pair share symbol, side, quantity and reduce-only, and both wait for a price",
        first.group
    ))
}

/// The first line is the entry, a stop of any kind its stop, a limit or take-profit its target.
fn bracket(members: &[usize], lines: &[(u64, Line)], setup: &mut Setup<'_>) -> Result<Step, String> {
    let line = &lines[members[0]].1;
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
        if of.time_in_force != TimeInForce::GoodTillCancelled || of.crossing != Crossing::Allowed {
            return Err(format!(
                "group '{}': '{}' is good till cancelled and may take, as every child of a bracket: leave time_in_force \
                 empty and post-only away",
                line.group, child.id
            ));
        }
        let favourable = of.kind.is_favourable();
        let (part, its_line) =
            if favourable { (&mut bracket.target, &mut target_line) } else { (&mut bracket.stop, &mut stop_line) };
        if of.kind == OrderKind::Market || part.is_some() {
            return Err(format!(
                "group '{}': a bracket is an entry, at most one stop and at most one target (limit or take-profit)",
                line.group
            ));
        }
        *part = Some((of.kind, of.tag));
        *its_line = Some(*member);
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
    let (effect, crossing) = flags(line)?;
    let ticket = Ticket {
        instrument: id,
        side,
        kind: kind(line, of)?,
        quantity: quantity(line, of)?,
        time_in_force: time_in_force(line)?,
        effect,
        crossing,
        tag: tag(line, setup),
    };
    ticket.check_form().map_err(|_| {
        format!(
            "a {} order cannot be {} {}: only limit orders are post-only, and only market and limit orders fill at \
             arrival or go (a stop-market may be IOC)",
            line.kind, line.time_in_force, line.flags
        )
    })?;
    Ok(ticket)
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
    let uses = |price: bool, stop_price: bool, trail: bool| {
        let cells = [
            (price, "price", &line.price),
            (stop_price, "stop_price", &line.stop_price),
            (trail, "trail", &line.trail),
        ];
        cells.iter().filter(|(used, _, _)| !used).try_for_each(|(_, name, text)| without(name, text))
    };
    let price = || level("price", &line.price);
    let trigger = || level("stop_price", &line.stop_price);
    match line.kind.as_str() {
        "market" => uses(false, false, false).map(|()| OrderKind::Market),
        "limit" => {
            uses(true, false, false)?;
            Ok(OrderKind::Limit { price: price()? })
        }
        "stop-market" => {
            uses(false, true, false)?;
            Ok(OrderKind::StopMarket { trigger: trigger()? })
        }
        "stop-limit" => {
            uses(true, true, false)?;
            Ok(OrderKind::StopLimit { trigger: trigger()?, price: price()? })
        }
        "take-profit" => {
            uses(false, true, false)?;
            Ok(OrderKind::TakeProfit { trigger: trigger()? })
        }
        "take-profit-limit" => {
            uses(true, true, false)?;
            Ok(OrderKind::TakeProfitLimit { trigger: trigger()?, price: price()? })
        }
        "trailing-stop" => {
            uses(false, false, true)?;
            Ok(OrderKind::TrailingStop { trail: trail(line, of)? })
        }
        other => Err(format!(
            "type '{other}' is none of market, limit, stop-market, stop-limit, take-profit, take-profit-limit, \
             trailing-stop"
        )),
    }
}

/// How far a trailing stop stays behind: a distance in price, or a percentage.
fn trail(line: &Line, of: &Instrument) -> Result<Trail, String> {
    let wrong = |what: &str| format!("trail '{}' is not {what}", line.trail);
    match line.trail.strip_suffix('%') {
        Some(percent) => {
            let percent = decimal("trail", percent.trim())?;
            let rate = Rate::from_decimal(percent / Decimal::ONE_HUNDRED);
            let fits = rate.filter(|rate| rate.units() > 0 && *rate < Rate::ONE).map(Trail::Fraction);
            fits.ok_or_else(|| wrong("a percentage above 0 and below 100 with at most six decimals"))
        }
        None => {
            let distance = Price::from_decimal(decimal("trail", &line.trail)?, of.price_decimals);
            let fits = distance.filter(|distance| distance.units() > 0).map(Trail::Distance);
            fits.ok_or_else(|| wrong("a price distance above zero with the instrument's decimals, nor a percentage"))
        }
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
        "FOK" => Ok(TimeInForce::FillOrKill),
        other => match other.strip_prefix("GTD:") {
            Some(until) => {
                until.parse().map(TimeInForce::GoodTillDate).map_err(|error| format!("time_in_force: {error}"))
            }
            None => Err(format!("time_in_force '{other}' is none of GTC, IOC, FOK, GTD:<time>")),
        },
    }
}

fn flags(line: &Line) -> Result<(PositionEffect, Crossing), String> {
    let (mut effect, mut crossing) = (PositionEffect::Any, Crossing::Allowed);
    for flag in line.flags.split_whitespace() {
        match flag {
            "reduce-only" => effect = PositionEffect::ReduceOnly,
            "post-only" => crossing = Crossing::PostOnly,
            other => return Err(format!("flags: '{other}' is neither reduce-only nor post-only")),
        }
    }
    Ok((effect, crossing))
}

fn decimal(name: &str, text: &str) -> Result<Decimal, String> {
    if text.is_empty() {
        return Err(format!("{name} is missing"));
    }
    text.parse().map_err(|_| format!("{name} '{text}' is not a decimal number"))
}

//! Best bid and ask beside trades: what takers pay at least, what resting orders meet, and the way of quotes from a file to
//! a run.

use crate::outside::Folder;
use crate::world::{Call, World, free_policy, minute, price, quantity};
use std::sync::Arc;
use tapeline::domain::*;
use tapeline::strategy::Ticket;
use tapeline::venue::{LimitPolicy, Policy, Slippage};

const A: InstrumentId = InstrumentId(0);

/// Quotes `second:bid*quantity:ask*quantity` and trades `second:price:quantity[:sell]` beneath flat candles.
fn world(policy: Policy, quotes: &str, trades: &str) -> World {
    let mut world = World::new(InstrumentKind::Linear);
    world.policy = policy;
    world.candles(0, 0, "100/100/100/100 100/100/100/100 100/100/100/100");
    world.trades(A, trades);
    let mut columns = QuoteColumns::default();
    for word in quotes.split_whitespace() {
        let parts: Vec<&str> = word.split([':', '*']).collect();
        columns.push(&Quote {
            time: minute(0).after(Span::SECOND.times(parts[0].parse().unwrap())),
            bid: price(parts[1]),
            bid_quantity: quantity(parts[2]),
            ask: price(parts[3]),
            ask_quantity: quantity(parts[4]),
        });
    }
    world.tape.trades[0].quotes = Arc::new(columns);
    world
}

/// Sends these orders at second 15 and lists what fills, `second side price quantity liquidity`, and what is refused.
fn fills(policy: Policy, quotes: &str, trades: &str, tickets: &[Ticket]) -> Vec<String> {
    let at = minute(0).after(Span::SECOND.times(15));
    let tickets = tickets.to_vec();
    let (outcome, _) = world(policy, quotes, trades).run(&[at], move |context, call| {
        if let Call::Timer(_) = call {
            for ticket in &tickets {
                context.submit(*ticket).unwrap();
            }
        }
    });
    assert_eq!(outcome.complaints, []);
    let second = |at: Timestamp| at.since(minute(0)).nanos() / Span::SECOND.nanos();
    let line = |fill: &tapeline::engine::FillRecord| {
        assert_eq!(fill.certainty, Certainty::Certain);
        let (price, quantity) = (fill.price.to_decimal(2), fill.quantity.to_decimal(3));
        format!("{} {} {price} {quantity} {}", second(fill.at), fill.side.name(), fill.liquidity.name())
    };
    let mut lines: Vec<String> = outcome.records.fills.iter().map(line).collect();
    let rejected = outcome.records.orders.iter().filter_map(|order| match order.ending {
        tapeline::engine::Ending::Rejected(reason) => Some(format!("{reason:?}")),
        _ => None,
    });
    lines.extend(rejected);
    lines
}

fn slipping() -> Policy {
    Policy { slippage: Slippage { minimum_ticks: 2, fraction: Rate::ZERO }, ..free_policy() }
}

fn buy(units: &str) -> Ticket {
    Ticket::market(A, Side::Buy, quantity(units))
}

/// Both ways: for a buyer as it stands, and reflected about 100 for a seller.
fn check(policy: Policy, quotes: &str, trades: &str, tickets: &[Ticket], expected: &[&str]) {
    assert_eq!(fills(policy, quotes, trades, tickets), expected, "quotes {quotes}, trades {trades}");
    let mirror = |text: &str| (price("200").units() - price(text).units()).to_string();
    let cents = |text: &str| format!("{}.{:0>2}", text[..text.len() - 2].to_owned(), &text[text.len() - 2..]);
    let mirrored = |text: &str| cents(&mirror(text));
    let quote = |word: &str| {
        let parts: Vec<&str> = word.split([':', '*']).collect();
        format!("{}:{}*{}:{}*{}", parts[0], mirrored(parts[3]), parts[4], mirrored(parts[1]), parts[2])
    };
    let trade = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        let taker = if parts.get(3) == Some(&"sell") { "" } else { ":sell" };
        format!("{}:{}:{}{taker}", parts[0], mirrored(parts[1]), parts[2])
    };
    let flip = |ticket: &Ticket| {
        let turned = |of: Price| Price::from_units(price("200").units() - of.units());
        let kind = match ticket.kind {
            OrderKind::Limit { price } => OrderKind::Limit { price: turned(price) },
            OrderKind::StopMarket { trigger } => OrderKind::StopMarket { trigger: turned(trigger) },
            OrderKind::StopLimit { trigger, price } => {
                OrderKind::StopLimit { trigger: turned(trigger), price: turned(price) }
            }
            other => other,
        };
        Ticket { side: ticket.side.opposite(), kind, ..*ticket }
    };
    let join = |words: Vec<String>| words.join(" ");
    let quotes = join(quotes.split_whitespace().map(quote).collect());
    let trades = join(trades.split_whitespace().map(trade).collect());
    let tickets: Vec<Ticket> = tickets.iter().map(flip).collect();
    let line = |line: &&str| {
        let parts: Vec<&str> = line.split(' ').collect();
        let [second, side, at, units, liquidity] = parts[..] else { return (*line).to_owned() };
        let side = if side == "buy" { "sell" } else { "buy" };
        let at = Price::from_units(price("200").units() - price(at).units()).to_decimal(2);
        format!("{second} {side} {at} {units} {liquidity}")
    };
    let expected: Vec<String> = expected.iter().map(line).collect();
    assert_eq!(fills(policy, &quotes, &trades, &tickets), expected, "mirrored: quotes {quotes}, trades {trades}");
}

#[test]
fn a_taker_pays_the_quote_or_worse() {
    let quote = "10:99*5:101*5";
    check(free_policy(), quote, "1:100:9 20:100:9", &[buy("1")], &["20 buy 101 1 taker"]);
    // A trade beyond the quote shows that it was gone; then slippage comes on top.
    check(slipping(), quote, "1:100:9 20:102:9", &[buy("1")], &["20 buy 102.02 1 taker"]);
    // No better than any quote that has stood since it came.
    let moving = "10:99*5:101*5 17:102*5:103*5 18:99*5:100*5";
    check(free_policy(), moving, "1:100:9 20:100:9", &[buy("1")], &["20 buy 103 1 taker"]);
    check(free_policy(), "10:99*5:104*5 18:99*5:100*5", "1:100:9 20:100:9", &[buy("1")], &["20 buy 104 1 taker"]);
    // A quote of the trade's instant comes before it.
    check(free_policy(), "10:99*5:101*5 20:99*5:105*5", "1:100:9 20:100:9", &[buy("1")], &["20 buy 105 1 taker"]);
}

#[test]
fn what_is_displayed_costs_no_slippage_and_more_than_that_costs_it_on_all() {
    let quote = "10:99*5:101*5";
    check(slipping(), quote, "1:100:9 20:100:9", &[buy("5")], &["20 buy 101 5 taker"]);
    check(slipping(), quote, "1:100:9 20:100:9", &[buy("5.001")], &["20 buy 101.02 5.001 taker"]);
    // Ours share it, also when the same price is quoted again.
    check(
        slipping(),
        "10:99*5:101*5 18:98*5:101*5",
        "1:100:9 20:100:9",
        &[buy("3"), buy("2"), buy("1")],
        &["20 buy 101 3 taker", "20 buy 101 2 taker", "20 buy 101.02 1 taker"],
    );
    check(
        slipping(),
        "10:99*5:101*5 22:98*5:101*5 30:98*5:102*5",
        "1:100:2 20:100:40 25:100:20 32:100:30",
        &[Ticket::market(A, Side::Buy, quantity("9"))],
        &["20 buy 101.02 9 taker"],
    );
    // The cap on what is traded holds as ever.
    let capped = Policy { participation: Some(Rate::from_units(10_000_000)), ..slipping() };
    check(
        capped,
        "10:99*5:101*5",
        "1:100:2 20:100:40 25:100:20",
        &[buy("6")],
        &["20 buy 101 4 taker", "25 buy 101.02 2 taker"],
    );
}

#[test]
fn a_resting_limit_is_filled_by_a_trade_through_it_or_a_quote_beyond_it() {
    let limit = Ticket::limit(A, Side::Buy, quantity("6"), price("99"));
    let trades = "1:100:9 50:100:9";
    check(free_policy(), "10:99*5:101*5 20:98*5:98.99*4", trades, &[limit], &["20 buy 99 4 maker"]);
    check(free_policy(), "10:99*5:101*5 20:98*5:99*4", trades, &[limit], &[]);
    let touch = Policy { limit_fill: LimitPolicy::Touch, ..free_policy() };
    check(touch, "10:99*5:101*5 20:98*5:99*4", trades, &[limit], &["20 buy 99 4 maker"]);
    // The same ask again is the same size; another price is another.
    check(
        free_policy(),
        "10:99*5:101*5 20:98*5:98.99*4 21:98*6:98.99*5 22:98*6:98.98*9",
        trades,
        &[limit],
        &["20 buy 99 4 maker", "21 buy 99 1 maker", "22 buy 99 1 maker"],
    );
    let capped = Policy { participation: Some(Rate::from_units(10_000_000)), ..free_policy() };
    check(capped, "10:99*5:101*5 20:98*5:98.99*40", trades, &[limit], &["20 buy 99 4 maker"]);
    check(free_policy(), "10:99*5:101*5", "1:100:9 20:99:9 30:98.99:9", &[limit], &["30 buy 99 6 maker"]);
}

#[test]
fn whether_a_limit_takes_on_arrival_is_for_the_quote_to_say() {
    let limit = Ticket::limit(A, Side::Buy, quantity("1"), price("100"));
    let quote = "10:99*5:101*5";
    // By the last trade it would take; by the quote it rests, and needs a trade through its price.
    check(free_policy(), quote, "1:100:9 20:100:9", &[limit], &[]);
    check(free_policy(), quote, "1:100:9 20:100:9 30:99.99:9", &[limit], &["30 buy 100 1 maker"]);
    check(free_policy(), quote, "1:100:9 20:99.99:9", &[limit], &["20 buy 100 1 maker"]);
    check(free_policy(), "10:99*5:100*5", "1:103:9 20:99:9", &[limit], &["20 buy 100 1 taker"]);
    // Marketable when it came, but the ask has gone up before anything traded: then it rests at its price.
    check(free_policy(), "10:99*5:100*5 18:100*5:102*5", "1:103:9 20:99.99:9", &[limit], &["20 buy 100 1 maker"]);
    check(free_policy(), quote, "1:100:9 20:99.99:9", &[limit.post_only()], &["20 buy 100 1 maker"]);
    check(free_policy(), "10:99*5:100*5", "1:103:9 20:99:9", &[limit.post_only()], &["WouldTake"]);
    check(free_policy(), quote, "1:100:9 20:99:9", &[limit.immediate_or_cancel()], &[]);
}

#[test]
fn stops_go_off_by_trades_and_take_at_the_quote_or_worse() {
    let stop = Ticket::stop(A, Side::Buy, quantity("1"), price("102"));
    check(free_policy(), "10:99*5:101*5 18:105*5:106*5 19:99*5:101*5", "1:100:9 20:101:9", &[stop], &[]);
    check(free_policy(), "10:99*5:101*5 18:103*5:104*5", "1:100:9 20:102:9", &[stop], &["20 buy 104 1 taker"]);
    // The trade that sets off a stop-limit is not one that its limit has waited for.
    let stop_limit =
        Ticket::new(A, Side::Buy, OrderKind::StopLimit { trigger: price("102"), price: price("103") }, quantity("1"));
    let quotes = "10:99*5:101*5 18:103*5:104*5";
    check(free_policy(), quotes, "1:100:9 20:102:9", &[stop_limit], &[]);
    check(free_policy(), quotes, "1:100:9 20:102:9 25:102.5:9", &[stop_limit], &["25 buy 103 1 maker"]);
}

const TRADES: &str = "time,id,side,price,amount\n";
const QUOTES: &str = "time,bid,bid_quantity,ask,ask_quantity\n";

/// Half an hour of trades and of quotes around them.
fn files() -> (String, String) {
    let (mut trades, mut quotes) = (TRADES.to_owned(), QUOTES.to_owned());
    for step in 0..1_800i64 {
        let time = 1_704_067_200_000 + step * 1_000;
        let price = 10_000 + (step * 7_919 % 613) - (step * 31 % 299);
        let (bid, ask) = (price - 1 - step % 3, price + 1 + step % 2);
        let cents = |units: i64| format!("{}.{:02}", units / 100, units % 100);
        quotes += &format!("{},{},{},{},{}\n", time - 300, cents(bid), 1 + step % 5, cents(ask), 1 + step % 7);
        let side = if step % 2 == 0 { "buy" } else { "sell" };
        trades += &format!("{time},{step},{side},{},{}\n", cents(price), 1 + step % 11);
    }
    (trades, quotes)
}

fn scenario(store: &str, instrument: &str) -> String {
    format!(
        "version = 1\n{store}[[instrument]]\nsymbol = \"AAAUSDT\"\nvenue = \"v\"\nmatch = \"trades\"\n{instrument}\
         [[desk]]\nstrategy = \"sma_cross\"\nparameters = {{ fast = 2, slow = 4, fraction = \"0.02\" }}\n"
    )
}

#[test]
fn quotes_go_from_a_file_through_the_store_into_a_run() {
    let folder = Folder::new();
    let (trades, quotes) = files();
    // A file that runs backwards is turned round, and rows that come twice are dropped.
    let mut lines: Vec<&str> = quotes.lines().skip(1).collect();
    lines.reverse();
    lines.push(lines[5]);
    folder.put("t.csv", &trades);
    folder.put("q.csv", &quotes);
    folder.put("backwards.csv", format!("{QUOTES}{}\n", lines.join("\n")));
    folder.must(&["data", "import", "t.csv", "--venue", "v", "--symbol", "AAAUSDT"]);
    let said = folder.must(&["data", "import", "backwards.csv", "--venue", "v", "--symbol", "AAAUSDT"]);
    assert!(said.contains("v/AAAUSDT/quotes"), "{said}");
    assert!(folder.must(&["data", "list"]).contains("v/AAAUSDT/quotes"));
    folder.must(&["data", "check", "v/AAAUSDT/quotes"]);
    for name in ["again.csv", "again.parquet"] {
        folder.must(&["data", "export", "v/AAAUSDT/quotes", name]);
        let again = folder.must(&["data", "import", name, "--venue", "v", "--symbol", "AAAUSDT"]);
        assert!(again.contains("1800 duplicates") || again.contains("1,800 duplicates"), "{again}");
    }
    let files = |quotes: &str| scenario("", &format!("trades = \"t.csv\"\n{quotes}"));
    folder.put("without.toml", files(""));
    folder.put("csv.toml", files("quotes = \"q.csv\"\n"));
    folder.put("parquet.toml", files("quotes = \"again.parquet\"\n"));
    folder.put("store.toml", scenario("[data]\nstore = \"data\"\n", "trades = \"t.csv\"\nquotes = \"store\"\n"));
    let run = |name: &str| {
        let (run, summary) = folder.run(name, "reports", &[]);
        assert!(folder.must(&["verify", &run]).contains("identical"), "{name}");
        summary
    };
    let (without, csv) = (run("without.toml"), run("csv.toml"));
    assert_eq!((&without["market_quotes"], &csv["market_quotes"]), (&0.into(), &1_800.into()));
    assert!(csv["fills"]["count"].as_u64().unwrap() > 5, "{}", csv["fills"]);
    assert_ne!(without["fingerprint"], csv["fingerprint"]);
    for name in ["parquet.toml", "store.toml"] {
        assert_eq!(run(name)["fingerprint"], csv["fingerprint"], "{name}");
    }
    let kinds: Vec<&str> =
        csv["data"].as_array().unwrap().iter().map(|row| row["interval"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["1m", "trades", "quotes"]);
}

#[test]
fn quotes_that_cannot_be_are_refused() {
    let folder = Folder::new();
    folder.put("t.csv", files().0);
    let rows = "1704067200000,99.5,1,100.5,2\n";
    let cases = [
        ("1704067201000,100.5,1,100.5,2", "line 3: the bid 100.5 is not below the ask 100.5: a crossed quote"),
        ("1704067201000,101,1,100.5,2", "a crossed quote"),
        ("1704067201000,-1,1,100.5,2", "column 'bid': '-1': a price must be above zero"),
        ("1704067201000,0,1,100.5,2", "a price must be above zero"),
        ("1704067201000,99,-1,100.5,2", "column 'bid_quantity': '-1': it must not be negative"),
        ("1704067201000,99,1,NaN,2", "column 'ask': 'NaN'"),
        ("1704067201000,99,1,100.5", "has 4 cells where 5 are expected"),
        ("tomorrow,99,1,100.5,2", "'tomorrow' is not a time"),
        ("1704067201000,99,1,100.5,99999999999999999999", "column 'ask_quantity'"),
        ("1704067200000,99.4,1,100.5,2", "1970"),
    ];
    for (line, expected) in &cases[..9] {
        folder.put("q.csv", format!("{QUOTES}{rows}{line}\n"));
        for command in [vec!["data", "import", "q.csv", "--venue", "v", "--symbol", "AAAUSDT"], vec!["run", "a.toml"]] {
            folder.put("a.toml", scenario("", "trades = \"t.csv\"\nquotes = \"q.csv\"\n"));
            let done = folder.tapeline(&command);
            assert_eq!(done.code, 2, "{line}: {}{}", done.out, done.err);
            assert!(done.err.contains(expected) && done.err.contains("q.csv"), "{expected} is not in: {}", done.err);
            assert!(!folder.at("data").exists() && !folder.at("reports").exists(), "{line}: something was written");
        }
    }
    // Two different quotes of one instant need numbers that say which came first.
    folder.put("q.csv", format!("{QUOTES}{rows}{}\n", cases[9].0));
    let done = folder.tapeline(&["data", "import", "q.csv", "--venue", "v", "--symbol", "AAAUSDT"]);
    assert_eq!(done.code, 2, "{}", done.err);
    let numbered = QUOTES.replace("time,", "time,id,");
    folder.put("q.csv", format!("{numbered}1704067200000,7,99,1,100,2\n1704067200000,8,99.5,1,100,2\n"));
    folder.must(&["data", "import", "q.csv", "--venue", "v", "--symbol", "AAAUSDT"]);
    let more = ["--interval", "1m"];
    let done = folder.tapeline(&[&["data", "import", "q.csv", "--venue", "v", "--symbol", "B"], &more[..]].concat());
    assert!(done.code == 2 && done.err.contains("the files hold quotes"), "{}", done.err);
}

#[test]
fn a_scenario_that_asks_for_quotes_where_none_can_be_is_refused() {
    let folder = Folder::new();
    let (trades, quotes) = files();
    folder.put("t.csv", trades);
    folder.put("q.csv", quotes);
    let sound = scenario("", "trades = \"t.csv\"\nquotes = \"q.csv\"\n");
    let cases = [
        (sound.replace("match = \"trades\"", "match = \"candles\"\nfile = \"c.csv\""), "quotes stand beside trades"),
        (sound.replace("quotes = \"q.csv\"", "quotes = \"store\""), "no store is named"),
        (sound.replace("quotes = \"q.csv\"", "quotes = 7"), "must be a text"),
        (sound.replace("quotes = \"q.csv\"", "quotes = \"none.csv\""), "none.csv"),
        (sound.replace("quotes = \"q.csv\"", "quotes = \"t.csv\""), "t.csv holds trades, not quotes"),
        (
            "version = 1\n[data]\nsynthetic = { candles = 400 }\n[[instrument]]\nsymbol = \"AAAUSDT\"\nmatch = \"trades\"\n\
             quotes = \"q.csv\"\n[[desk]]\nstrategy = \"buy_and_hold\"\n"
                .to_owned(),
            "the synthetic market has no quotes",
        ),
    ];
    for (text, expected) in cases {
        folder.put("a.toml", &text);
        let done = folder.tapeline(&["run", "a.toml"]);
        assert_eq!(done.code, 2, "{expected}: {}", done.err);
        assert!(done.err.contains(expected), "{expected} is not in: {}", done.err);
        assert!(!folder.at("reports").exists(), "{expected}: something was written");
    }
}

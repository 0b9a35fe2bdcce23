use super::recorder::FILE;
use super::*;
use crate::domain::*;
use crate::engine::Journal;
use std::path::Path;

fn identity(environment: Environment, account: &str) -> Identity {
    Identity { environment, venue: "binance-spot".into(), account: account.into() }
}

fn paper() -> Identity {
    identity(Environment::Paper, "main")
}

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn begun(folder: &Path) -> Store {
    let store = Store::open(folder, &paper()).unwrap();
    store.begin(&epoch("preset = 1")).unwrap();
    store
}

fn epoch(preset: &str) -> Epoch {
    Epoch { preset: preset.into(), engine_version: "0.1.0".into(), opened_at: at(5), opening: "{}".into() }
}

fn order(id: u32, kind: OrderKind) -> Order {
    Order {
        id: OrderId(id),
        desk: DeskId(1),
        instrument: InstrumentId(3),
        side: Side::Sell,
        kind,
        quantity: Quantity::from_units(12_345),
        time_in_force: TimeInForce::GoodTillDate(at(i64::MAX)),
        effect: PositionEffect::ReduceOnly,
        crossing: Crossing::PostOnly,
        link: Link::Entry { stop: Some(OrderId(id + 1)), target: None },
        tag: Tag(7),
    }
}

/// Every kind of thing that a session is told.
fn events() -> Vec<Event> {
    let price = Price::from_units;
    let candle = Candle {
        open_time: at(60_000_000_000),
        open: price(100),
        high: price(i64::MAX),
        low: price(1),
        close: price(99),
        volume: Quantity::from_units(0),
    };
    let fill = Fill {
        price: price(4_200_000),
        quantity: Quantity::from_units(5),
        leaves: Quantity::from_units(2),
        notional: Amount::from_units((1 << 94) - 1),
        fee: Amount::from_units(-(1 << 93)),
        fee_asset: AssetId(2),
        liquidity: Liquidity::Maker,
        certainty: Certainty::Ambiguous,
        slipped: Price::ZERO,
    };
    let terms = Terms { kind: OrderKind::Limit { price: price(7) }, quantity: Quantity::from_units(9) };
    let mut news = vec![
        UpdateKind::Accepted,
        UpdateKind::Held,
        UpdateKind::Released { quantity: Quantity::from_units(1) },
        UpdateKind::Triggered,
        UpdateKind::Filled(fill),
        UpdateKind::CancelRejected,
        UpdateKind::Replaced(terms),
        UpdateKind::Expired,
    ];
    news.extend(CancelReason::ALL.iter().map(|reason| UpdateKind::Cancelled(*reason)));
    news.extend(RejectReason::ALL.iter().map(|reason| UpdateKind::Rejected(*reason)));
    news.extend(RejectReason::ALL.iter().map(|reason| UpdateKind::ReplaceRejected(*reason)));
    let update = |kind| EventKind::Order(OrderUpdate { order: OrderId(4), desk: DeskId(0), at: at(8), kind });
    let trade = MarketTrade { time: at(9), price: price(3), quantity: Quantity::from_units(4), taker: Side::Sell };
    let mut kinds = vec![
        EventKind::Candles(vec![(SeriesId(0), candle), (SeriesId(5), candle)]),
        EventKind::Trade(InstrumentId(1), trade),
        EventKind::Clock,
        EventKind::Control(Control::Halt(DeskId(3))),
        EventKind::Transfer(Transfer { asset: AssetId(1), amount: Amount::from_units(-5) }),
    ];
    kinds.extend(news.into_iter().map(update));
    kinds.into_iter().enumerate().map(|(place, kind)| Event { at: at(place as i64), kind }).collect()
}

/// Every kind of thing that a session decides.
fn commands() -> Vec<Command> {
    let (price, trigger) = (Price::from_units(3), Price::from_units(4));
    let kinds = [
        OrderKind::Market,
        OrderKind::Limit { price },
        OrderKind::StopMarket { trigger },
        OrderKind::StopLimit { trigger, price },
        OrderKind::TakeProfit { trigger },
        OrderKind::TakeProfitLimit { trigger, price },
        OrderKind::TrailingStop { trail: Trail::Distance(price) },
        OrderKind::TrailingStop { trail: Trail::Fraction(Rate::ONE) },
    ];
    let orders: Vec<Order> = (0..).zip(kinds).map(|(id, kind)| order(id, kind)).collect();
    let target = Target { desk: DeskId(0), instrument: InstrumentId(1), order: OrderId(2) };
    let terms = Terms { kind: kinds[3], quantity: Quantity::from_units(1) };
    let bracket = Bracket { entry: orders[0], stop: Some(orders[1]), target: None };
    let swap = CancelReplace { target, order: orders[2], on_failure: CancelFailure::Allow };
    let mut commands: Vec<Command> = orders.iter().copied().map(Command::Submit).collect();
    commands.extend([
        Command::SubmitGroup(Box::new(Group::Bracket(bracket))),
        Command::SubmitGroup(Box::new(Group::Pair([orders[4], orders[5]]))),
        Command::Cancel(target),
        Command::Replace(target, terms),
        Command::Reduce(target, terms),
        Command::CancelReplace(Box::new(swap)),
    ]);
    commands
}

#[test]
fn what_was_told_and_decided_is_read_back_to_the_last_digit() {
    let folder = tempfile::tempdir().unwrap();
    let (events, commands) = (events(), commands());
    let store = begun(folder.path());
    for event in &events {
        store.note(event).unwrap();
    }
    Recorder(store.clone()).record(at(77), &commands).unwrap();
    store.note(&events[0]).unwrap();
    drop(store);
    // The last event was not on the disk when the process ended: it was never acted on.
    let store = Store::open(folder.path(), &paper()).unwrap();
    let recorded = store.resume(0).unwrap();
    let read: Vec<Event> = recorded.iter().map(|one| one.event.clone()).collect();
    assert_eq!(read, events);
    let (last, before) = recorded.split_last().unwrap();
    assert!(before.iter().all(|one| one.commands.is_empty()), "the cause is what was told last");
    let decided: Vec<(u64, Timestamp, Command)> =
        (0..).zip(&commands).map(|(number, command)| (number, at(77), command.clone())).collect();
    assert_eq!(last.commands, decided);
    assert_eq!(store.note(&events[1]).unwrap(), events.len() as u64, "it goes on where it ended");
}

#[test]
fn the_text_of_a_body_is_part_of_the_format() {
    let text = serde_json::to_string(&commands()[3]).unwrap();
    assert_eq!(
        text,
        r#"{"Submit":{"id":3,"desk":1,"instrument":3,"side":"Sell","kind":{"StopLimit":{"trigger":4,"price":3}},"quantity":12345,"time_in_force":{"GoodTillDate":9223372036854775807},"effect":"ReduceOnly","crossing":"PostOnly","link":{"Entry":{"stop":4,"target":null}},"tag":7}}"#
    );
    let fill = events()
        .into_iter()
        .find(|event| matches!(&event.kind, EventKind::Order(update) if matches!(update.kind, UpdateKind::Filled(_))));
    assert_eq!(
        serde_json::to_string(&fill.unwrap().kind).unwrap(),
        r#"{"Order":{"order":4,"desk":0,"at":8,"kind":{"Filled":{"price":4200000,"quantity":5,"leaves":2,"notional":19807040628566084398385987583,"fee":-9903520314283042199192993792,"fee_asset":2,"liquidity":"Maker","certainty":"Ambiguous","slipped":0}}}}"#
    );
}

#[test]
fn an_execution_counts_once_however_often_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = begun(folder.path());
    let event = &events()[6];
    assert_eq!(store.note_execution(event, "BTCUSDT", "17").unwrap(), Some(0));
    assert_eq!(store.note_execution(event, "BTCUSDT", "17").unwrap(), None);
    assert_eq!(store.note_execution(event, "ETHUSDT", "17").unwrap(), Some(1));
    store.settle().unwrap();
    drop(store);
    let store = Store::open(folder.path(), &paper()).unwrap();
    assert_eq!(store.resume(0).unwrap().len(), 2);
    assert_eq!(store.note_execution(event, "BTCUSDT", "17").unwrap(), None, "known across a restart");
    store.begin(&epoch("preset = 2")).unwrap();
    assert_eq!(store.note_execution(event, "ETHUSDT", "17").unwrap(), None, "and across an epoch");
    assert_eq!(store.latest().unwrap(), Some((1, epoch("preset = 2"))));
}

#[test]
fn an_attempt_is_durable_before_it_is_made_and_settled_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = begun(folder.path());
    store.note(&events()[0]).unwrap();
    Recorder(store.clone()).record(at(1), &commands()[..3]).unwrap();
    for (command, id) in [(0, "tl-0"), (1, "tl-1"), (2, "tl-2")] {
        store.intend(command, id, at(2)).unwrap();
    }
    store.became("tl-1", Sending::Unknown, at(3), "timeout").unwrap();
    store.became("tl-2", Sending::Accepted, at(3), "").unwrap();
    drop(store);
    let store = Store::open(folder.path(), &paper()).unwrap();
    store.resume(0).unwrap();
    assert!(store.unsettled().unwrap().iter().all(|attempt| attempt.epoch == 0));
    let open: Vec<(String, Sending)> =
        store.unsettled().unwrap().into_iter().map(|attempt| (attempt.client_id, attempt.state)).collect();
    assert_eq!(open, [("tl-0".to_owned(), Sending::Intended), ("tl-1".to_owned(), Sending::Unknown)]);
    let again = store.became("tl-2", Sending::Refused, at(4), "").unwrap_err().to_string();
    assert!(again.contains("tl-2 is accepted and cannot become refused"), "{again}");
    store.became("tl-1", Sending::NotPlaced, at(4), "asked three times").unwrap();
    assert!(store.became("tl-9", Sending::Accepted, at(4), "").is_err());
    assert!(store.intend(0, "tl-1", at(5)).is_err(), "a client id is never used twice");
    let broken = store.note(&events()[0]).unwrap_err().to_string();
    assert!(broken.contains("it failed before") && broken.contains("restart the session"), "{broken}");
}

#[test]
fn nobody_takes_the_memory_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = begun(folder.path());
    let busy = Store::open(folder.path(), &paper()).unwrap_err();
    assert!(busy.to_string().contains("is run by another process") && busy.exit_code() == 2, "{busy}");
    drop(store);
    for other in [identity(Environment::Live, "main"), identity(Environment::Paper, "second")] {
        let fault = Store::open(folder.path(), &other).unwrap_err().to_string();
        assert!(fault.contains("is the memory of binance-spot account main in environment paper"), "{fault}");
    }
    Store::open(folder.path(), &paper()).unwrap();
}

#[test]
fn a_backup_is_a_store_of_its_own() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = begun(folder.path());
    for event in &events() {
        store.note(event).unwrap();
    }
    store.backup(&other.path().join(FILE)).unwrap();
    assert!(store.backup(&other.path().join(FILE)).is_err(), "never over a file");
    let copy = Store::open(other.path(), &paper()).unwrap();
    assert_eq!(copy.resume(0).unwrap(), store.resume(0).unwrap());
}

#[test]
fn a_damaged_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = begun(folder.path());
    for round in 0..200 {
        for event in &events() {
            store.note(&Event { at: at(round), ..event.clone() }).unwrap();
        }
    }
    store.settle().unwrap();
    drop(store);
    let path = folder.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 4_096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let fault = Store::open(folder.path(), &paper()).unwrap_err().to_string();
    assert!(fault.contains("session.sqlite") && fault.contains("restore it from a backup"), "{fault}");
}

#[test]
fn a_thread_that_panics_while_it_writes_leaves_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    let store = begun(folder.path());
    store.note(&events()[0]).unwrap();
    store.settle().unwrap();
    let other = store.clone();
    let panicked = std::thread::spawn(move || {
        let mut inner = other.lock();
        inner.note(&events()[1]).unwrap();
        panic!("between an event and its command");
    });
    assert!(panicked.join().is_err());
    let fault = store.settle().unwrap_err().to_string();
    assert!(fault.contains("it failed before"), "{fault}");
    assert!(Recorder(store.clone()).record(at(1), &[]).is_err(), "even without a command");
    drop(store);
    assert_eq!(Store::open(folder.path(), &paper()).unwrap().resume(0).unwrap().len(), 1);
}

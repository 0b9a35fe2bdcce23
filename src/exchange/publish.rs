//! What goes out on streams: market data to whoever has subscribed, news of an account to its owner.

use super::connection::{Connection, Message, Outgoing, Purpose};
use super::core::Core;
use super::faults::Told;
use super::market::{INTERVALS, Print};
use super::stream::{Stream, Topic};
use super::wire::market::Names;
use super::wire::report::enveloped;
use super::wire::{Json, object};
use crate::domain::{InstrumentId, Span, Timestamp};

impl Core {
    /// A trade goes out to the streams that tell each of them.
    pub(super) fn publish_trade(&mut self, id: InstrumentId, print: &Print) {
        let now = self.now;
        for topic in [Topic::Trade, Topic::AggregateTrade, Topic::BookTicker] {
            self.publish(id, topic, |names, core| match topic {
                Topic::Trade => names.trade_event(print, now),
                Topic::AggregateTrade => names.aggregate_event(print, now),
                _ => names.book_ticker_event(&core.markets[usize::from(id.0)]),
            });
        }
    }

    /// What streams tell at an instant on the grid of tenths of a second.
    pub(super) fn tick(&mut self, at: Timestamp) {
        for index in 0..self.markets.len() {
            let id = InstrumentId(index as u16);
            self.markets[index].roll(at);
            self.tick_depth(id, 0);
            self.tick_klines(id, at);
            if at.floor(Span::SECOND) == at {
                self.tick_depth(id, 1);
                self.tick_statistics(id, at);
            }
        }
        if at.floor(Span::SECOND) == at {
            self.tick_all_statistics(at);
        }
        self.expire_connections(at);
    }

    fn tick_depth(&mut self, id: InstrumentId, speed: usize) {
        let now = self.now;
        let Some(change) = self.markets[usize::from(id.0)].depth_change(speed) else { return };
        self.publish(id, Topic::Depth(speed), |names, _| names.depth_event(&change, now));
        for levels in [5, 10, 20] {
            self.publish(id, Topic::PartialDepth(levels, speed), |names, core| {
                names.depth(&core.markets[usize::from(id.0)], levels)
            });
        }
    }

    /// A candle that has just closed, and each second (of one second) or each other second the forming one.
    fn tick_klines(&mut self, id: InstrumentId, at: Timestamp) {
        for (place, interval) in INTERVALS.iter().enumerate() {
            if !self.is_wanted(id, Topic::Kline(place)) {
                continue;
            }
            let bars = self.markets[usize::from(id.0)].bars(place);
            let (forming, closed) = (bars.back().copied(), bars.iter().rev().nth(1).copied());
            if interval.open_of(at) == at
                && let Some(bar) = closed
            {
                self.publish(id, Topic::Kline(place), |names, _| names.kline_event(&bar, *interval, true, at));
                continue;
            }
            let beat = if place == 0 { Span::SECOND } else { Span::SECOND.times(2) };
            if at.floor(beat) == at
                && let Some(bar) = forming.filter(|bar| bar.trades > 0)
            {
                self.publish(id, Topic::Kline(place), |names, _| names.kline_event(&bar, *interval, false, at));
            }
        }
    }

    fn tick_statistics(&mut self, id: InstrumentId, at: Timestamp) {
        let market = usize::from(id.0);
        let Some(day) = self.markets[market].rolling(at) else { return };
        self.publish(id, Topic::Ticker, |names, core| names.day_event(&core.markets[market], &day));
        self.publish(id, Topic::MiniTicker, |names, _| names.small_day_event(&day));
        self.publish(id, Topic::AveragePrice, |names, core| names.average_event(&core.markets[market], at));
    }

    fn tick_all_statistics(&mut self, at: Timestamp) {
        let wanted = Stream { instrument: None, topic: Topic::MiniTicker };
        if !self.connections.values().any(|connection| connection.streams.iter().any(|one| one.1 == wanted)) {
            return;
        }
        let of = |index: usize| {
            let day = self.markets[index].rolling(at)?;
            Some(Names { listing: &self.listing, id: InstrumentId(index as u16) }.small_day_event(&day))
        };
        let rows: Vec<Json> = (0..self.markets.len()).filter_map(of).collect();
        self.send_to(wanted, Told::Other, &Json::List(rows));
    }

    fn is_wanted(&self, id: InstrumentId, topic: Topic) -> bool {
        let wanted = Stream { instrument: Some(id), topic };
        self.connections.values().any(|connection| connection.streams.iter().any(|stream| stream.1 == wanted))
    }

    fn publish(&mut self, id: InstrumentId, topic: Topic, event: impl FnOnce(&Names<'_>, &Core) -> Json) {
        if self.is_wanted(id, topic) {
            let event = event(&Names { listing: &self.listing, id }, self);
            let told = match topic {
                Topic::Kline(_) if is_closed_candle(&event) => Told::ClosedCandle,
                Topic::Kline(_) => Told::FormingCandle,
                _ => Told::Other,
            };
            self.send_to(Stream { instrument: Some(id), topic }, told, &event);
        }
    }

    /// Sends an event to every connection that has subscribed to its stream.
    fn send_to(&mut self, stream: Stream, told: Told, event: &Json) {
        let message = |connection: &Connection| {
            let name = connection.streams.iter().find(|one| one.1 == stream).map(|one| one.0.clone())?;
            let event = match connection.purpose {
                Purpose::CombinedStreams => object! { "stream": name, "data": event.clone() },
                Purpose::Streams | Purpose::Api => event.clone(),
            };
            Some(event.text(connection.unit))
        };
        let messages: Vec<(u64, String)> =
            self.connections.iter().filter_map(|(id, connection)| Some((*id, message(connection)?))).collect();
        for (connection, text) in messages {
            self.send_event(connection, told, text);
        }
    }

    /// Sends news of an account to every subscription that is its own.
    pub(super) fn publish_user(&mut self, account: usize, event: Json) {
        let mut messages = Vec::new();
        for (id, connection) in &self.connections {
            for (subscription, owner) in &connection.users {
                if *owner == account {
                    messages.push((*id, enveloped(*subscription, event.clone()).text(connection.unit)));
                }
            }
        }
        for (connection, text) in messages {
            self.send_event(connection, Told::Other, text);
        }
    }

    /// Sends an event, through whatever the faults make of it.
    fn send_event(&mut self, connection: u64, told: Told, text: String) {
        for (at, message) in self.faults.event(self.now, told, text) {
            self.outbox.push_back(Outgoing { at, connection, message });
        }
    }

    /// Sends an answer.
    pub(super) fn send(&mut self, connection: u64, text: String) {
        self.outbox.push_back(Outgoing { at: self.now, connection, message: Message::Text(text) });
    }

    /// A connection lives a day at most.
    fn expire_connections(&mut self, at: Timestamp) {
        let over: Vec<u64> = self
            .connections
            .iter()
            .filter(|(_, connection)| at.since(connection.opened) >= Span::DAY)
            .map(|(id, _)| *id)
            .collect();
        for connection in over {
            self.outbox.push_back(Outgoing { at, connection, message: Message::Cut });
            self.connections.remove(&connection);
        }
    }
}

/// Whether a candle's event says that it has closed.
fn is_closed_candle(event: &Json) -> bool {
    let Json::Object(fields) = event else { return false };
    let candle = fields.iter().find(|field| field.0 == "k").map(|field| &field.1);
    matches!(candle, Some(Json::Object(fields)) if fields.contains(&("x", Json::Bool(true))))
}

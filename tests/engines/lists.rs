//! Random order lists, in the format of `order_list`, that mean the same to both engines.

use super::series::Candles;
use tapeline::domain::Price;

/// The first line of every list.
pub const HEADER: &str = "time,action,id,symbol,side,type,quantity,price,stop_price,trail,time_in_force,flags,group\n";

/// Seeded chance: SplitMix64.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, chance: i64) -> bool {
        self.between(1, 100) <= chance
    }
}

/// A list under construction.
pub struct List<'a> {
    candles: &'a Candles,
    pub text: String,
    /// Decimals of the levels.
    digits: u8,
}

impl<'a> List<'a> {
    pub fn new(candles: &'a Candles) -> Self {
        List { candles, text: HEADER.to_owned(), digits: candles.price_decimals }
    }

    /// One order: `level` is its limit price or its trigger.
    pub fn submit(&mut self, bar: usize, id: &str, order: Entry, flags: &str, group: &str) {
        let Entry { side, kind, quantity, level } = order;
        let (time, symbol) = (self.candles.close_ms(bar), &self.candles.symbol);
        let (limit, stop) = self.columns(kind, level);
        self.text +=
            &format!("{time},submit,{id},{symbol},{side},{kind},{quantity},{limit},{stop},,,{flags},{group}\n");
    }

    pub fn cancel(&mut self, bar: usize, id: &str) {
        self.text += &format!("{},cancel,{id},,,,,,,,,,\n", self.candles.close_ms(bar));
    }

    pub fn replace(&mut self, bar: usize, id: &str, kind: &str, level: i64) {
        let (limit, stop) = self.columns(kind, level);
        self.text += &format!("{},replace,{id},,,,,{limit},{stop},,,,\n", self.candles.close_ms(bar));
    }

    fn columns(&self, kind: &str, level: i64) -> (String, String) {
        let text = Price::from_units(level).to_decimal(self.digits).to_string();
        match kind {
            "market" => (String::new(), String::new()),
            "limit" => (text, String::new()),
            "stop-market" => (String::new(), text),
            other => panic!("{other}"),
        }
    }
}

/// What an order says, the level in units of the price's last decimal.
#[derive(Clone, Copy)]
pub struct Entry {
    pub side: &'static str,
    pub kind: &'static str,
    pub quantity: i64,
    pub level: i64,
}

/// Brackets one after the other: an entry of any kind with a stop, a target, both or neither; sometimes a level is
/// moved; at the end of its time everything is cancelled and closed. The next begins at the same close or later.
pub fn brackets(candles: &Candles, chance: &mut Chance) -> String {
    let mut list = List::new(candles);
    let mut bar = 60 + chance.between(0, 20) as usize;
    let mut number = 0;
    while bar + 60 < candles.columns.len() {
        number += 1;
        bar = bracket(&mut list, bar, &number.to_string(), chance) + chance.between(0, 4) as usize;
    }
    list.text
}

/// One bracket from the close of `bar` on. Returns the candle at whose close it is over.
fn bracket(list: &mut List<'_>, bar: usize, id: &str, chance: &mut Chance) -> usize {
    let candles = list.candles;
    let (range, last) = (typical_range(candles, bar), candles.columns.close[bar]);
    let up = if chance.percent(50) { 1 } else { -1 };
    let (side, other) = if up == 1 { ("buy", "sell") } else { ("sell", "buy") };
    let kind = ["market", "limit", "stop-market"][chance.between(0, 2) as usize];
    // Mostly on the side where it waits, at times already reached, often exactly at the last price.
    let away = chance.between(-30, 200) * range / 100;
    let level = match kind {
        "market" => last,
        "limit" => last - up * away,
        _ => last + up * away,
    };
    let quantity = chance.between(1, 3);
    let stop = level - up * (chance.between(20, 400) * range / 100).max(1);
    let target = level + up * (chance.between(20, 400) * range / 100).max(1);
    let (has_stop, has_target) = (chance.percent(80), chance.percent(80));
    let group = if has_stop || has_target { id } else { "" };
    let (stop_id, target_id) = (format!("{id}-stop"), format!("{id}-target"));
    list.submit(bar, id, Entry { side, kind, quantity, level }, "", group);
    if has_stop {
        list.submit(bar, &stop_id, Entry { side: other, kind: "stop-market", quantity, level: stop }, "", group);
    }
    if has_target {
        list.submit(bar, &target_id, Entry { side: other, kind: "limit", quantity, level: target }, "", group);
    }
    let mut at = bar + chance.between(1, 20) as usize;
    if chance.percent(40) {
        // Levels stay on their own side of the entry, so that the order stays one that both engines accept.
        let part = |chance: &mut Chance, far: i64| level + (far - level) * chance.between(40, 200) / 100;
        let moved_stop = part(chance, stop);
        let moved_target = part(chance, target);
        if has_stop && moved_stop != level && chance.percent(60) {
            list.replace(at, &stop_id, "stop-market", moved_stop);
        } else if has_target && moved_target != level {
            list.replace(at, &target_id, "limit", moved_target);
        }
        at += chance.between(1, 20) as usize;
    }
    list.cancel(at, id);
    for (present, child) in [(has_stop, &stop_id), (has_target, &target_id)] {
        if present {
            list.cancel(at, child);
        }
    }
    list.submit(at, &format!("{id}-close"), Entry { side: other, kind: "market", quantity, level }, "reduce-only", "");
    at
}

/// Positions one after the other, each from one signal to another, most of them with a stop and a target that may end
/// them before. `levels` gives the two for the candle of the signal and the side, in units of a finer tick, whose
/// decimals `digits` says. `shorts` allows sales first.
pub fn positions(
    candles: &Candles,
    chance: &mut Chance,
    shorts: bool,
    digits: u8,
    mut levels: impl FnMut(usize, i64, &mut Chance) -> [Option<i64>; 2],
) -> String {
    let mut list = List { candles, text: HEADER.to_owned(), digits };
    let (mut bar, mut number) = (60, 0);
    while bar + 60 < candles.columns.len() {
        number += 1;
        let up = if shorts && chance.percent(50) { -1 } else { 1 };
        let (side, other) = if up == 1 { ("buy", "sell") } else { ("sell", "buy") };
        let quantity = chance.between(1, 3);
        let id = number.to_string();
        let [stop, target] = levels(bar, up, chance);
        let group = if stop.is_some() || target.is_some() { id.as_str() } else { "" };
        list.submit(bar, &id, Entry { side, kind: "market", quantity, level: 0 }, "", group);
        let children = [("stop", "stop-market", stop), ("target", "limit", target)];
        let children =
            children.into_iter().filter_map(|(name, kind, level)| Some((format!("{id}-{name}"), kind, level?)));
        let children: Vec<_> = children.collect();
        for (child, kind, level) in &children {
            list.submit(bar, child, Entry { side: other, kind, quantity, level: *level }, "", group);
        }
        bar += chance.between(2, 30) as usize;
        for (child, _, _) in &children {
            list.cancel(bar, child);
        }
        let close = Entry { side: other, kind: "market", quantity, level: 0 };
        list.submit(bar, &format!("{id}-close"), close, "reduce-only", "");
        bar += chance.between(2, 6) as usize;
    }
    list.text
}

/// The mean range of the fifty candles up to `bar`, at least two units.
pub fn typical_range(candles: &Candles, bar: usize) -> i64 {
    let rows = bar + 1 - 50..=bar;
    let sum: i64 = rows.map(|row| candles.columns.high[row] - candles.columns.low[row]).sum();
    (sum / 50).max(2)
}

/// Single orders that overlap and net against each other, either way and of any kind, each cancelled after a while.
/// From time to time everything is closed, so that no position outgrows the account.
pub fn singles(candles: &Candles, chance: &mut Chance) -> String {
    let mut list = List::new(candles);
    let (mut bar, mut number) = (60, 0);
    while bar + 300 < candles.columns.len() {
        let end = bar + 250;
        let mut steps = Vec::new();
        while bar < end {
            number += 1;
            steps.push((bar, chance.between(0, 9), true, number));
            let cancelled = (bar + chance.between(1, 40) as usize).min(end);
            steps.push((cancelled, chance.between(0, 9), false, number));
            bar += chance.between(0, 12) as usize;
        }
        // Of one instant, submissions and cancels come in any order.
        steps.sort_unstable();
        for (bar, _, submits, number) in steps {
            let id = number.to_string();
            if submits {
                list.submit(bar, &id, single(candles, bar, chance), "", "");
            } else {
                list.cancel(bar, &id);
            }
        }
        for side in ["buy", "sell"] {
            let all = Entry { side, kind: "market", quantity: 1_000, level: 0 };
            list.submit(end, &format!("{number}-{side}"), all, "reduce-only", "");
        }
        bar = end + 1;
    }
    list.text
}

fn single(candles: &Candles, bar: usize, chance: &mut Chance) -> Entry {
    let last = candles.columns.close[bar];
    let away = chance.between(-30, 200) * typical_range(candles, bar) / 100;
    let up = if chance.percent(50) { 1 } else { -1 };
    let side = if up == 1 { "buy" } else { "sell" };
    let quantity = chance.between(1, 3);
    match chance.between(0, 2) {
        0 => Entry { side, kind: "market", quantity, level: last },
        1 => Entry { side, kind: "limit", quantity, level: last - up * away },
        _ => Entry { side, kind: "stop-market", quantity, level: last + up * away },
    }
}

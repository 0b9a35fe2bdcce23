//! The walk through time: whole months from the archive, days where a month is not there, REST for days that the
//! archive does not have yet. What lies on the shelf is not asked for again.

use super::binance::{Addresses, Candles, Product, checksum, rows, says_unknown_symbol, server_time};
use super::calendar::{Piece, days_of, next_day, next_month, pieces, start};
use super::client::{Answer, Client};
use super::shelf::{Settled, Shelf};
use crate::domain::{Interval, Span, Timestamp};
use crate::error::{Fault, Result};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// A candle is taken this long after its close: exchanges have revised one that had just closed.
const FINAL_AFTER: Span = Span::MINUTE.times(10);
/// A day without a candle has none for good when it is this long over: archives come late.
const NOTHING_AFTER: Span = Span::DAY.times(7);

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// Spot or futures.
    pub product: Product,
    /// The exchange's name of the instrument.
    pub symbol: &'a str,
    /// Length of the candles, at most a day.
    pub interval: Interval,
    /// The day of this instant is the first.
    pub from: Timestamp,
    /// The day before this instant is the last, but none later than today.
    pub to: Timestamp,
    /// Where the servers are.
    pub addresses: &'a Addresses,
    /// The folder of fetched files.
    pub cache: &'a Path,
}

/// What was brought.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// The files that hold the candles, in order of time.
    pub files: Vec<PathBuf>,
    /// What is to be said about them.
    pub notes: Vec<String>,
}

/// What happens on the way.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// So many days are to be looked after.
    Days(u64),
    /// One thing is being looked after, by its name.
    Begun(&'a str),
    /// So many bytes of a file have come.
    Bytes(u64),
    /// So many days are done.
    Done(u64),
    /// Nothing is asked for so long, and why.
    Waiting {
        /// How long.
        seconds: u64,
        /// Why.
        why: &'a str,
    },
}

/// Brings the candles that are wanted to the shelf and says in which files they are.
///
/// # Errors
/// When there are none, a server cannot be reached or gives files that are not what their checksums say, or the cache
/// cannot be written. What was fetched until then is kept.
pub fn bring(wish: &Wish<'_>, watch: &dyn Fn(News<'_>)) -> Result<Brought> {
    let candles = Candles::new(wish.product, wish.symbol, wish.interval)?;
    let now = now()?;
    let pieces = pieces(wish.from, wish.to, now);
    if pieces.is_empty() {
        return Err(Fault::user(format!("{}: there is no day between --from and --to that has begun", candles.symbol))
            .remedy("give --from a day in the past, and --to a later one"));
    }
    refuse_strange(&wish.addresses.archive)?;
    refuse_strange(&wish.addresses.rest)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Fault::failure(format!("preparing to speak to servers: {error}")))?;
    let shelf = Shelf::open(wish.cache, &candles)?;
    let mut walk = Walk {
        from: wish.from,
        client: Client::new(wish.product.weight_limit(), watch)?,
        addresses: wish.addresses,
        candles,
        watch,
        listing: shelf.listed().map_or(Listing::NotAsked, Listing::Since),
        shelf,
        server_time: None,
        brought: Brought::default(),
        nothing: Vec::new(),
    };
    watch(News::Days(pieces.iter().map(days_in).sum()));
    runtime.block_on(walk.all(&pieces))?;
    walk.told()
}

fn days_in(piece: &Piece) -> u64 {
    match piece {
        Piece::Month(first) => days_of(*first).count() as u64,
        Piece::Day(_) | Piece::Today(_) => 1,
    }
}

fn refuse_strange(address: &str) -> Result<()> {
    let sound =
        reqwest::Url::parse(address).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
    if sound {
        return Ok(());
    }
    Err(Fault::user(format!("'{address}' is no address of a server"))
        .remedy("write addresses as https://host or http://127.0.0.1:8080"))
}

fn now() -> Result<Timestamp> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = since.ok().and_then(|since| i64::try_from(since.as_nanos()).ok());
    nanos
        .map(Timestamp::from_nanos)
        .ok_or_else(|| Fault::failure("the system's clock stands before 1970 or after 2262").remedy("set the clock"))
}

/// What is known about the beginning of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    NotAsked,
    Since(Timestamp),
    /// The REST interface does not know the instrument: never listed, or not any more.
    Unknown,
}

impl Listing {
    /// Whether the first candle is known to open on the day `end` or later.
    fn is_after(self, end: Date) -> bool {
        match self {
            Listing::Since(since) => start(end) <= since,
            Listing::NotAsked | Listing::Unknown => false,
        }
    }
}

struct Walk<'a> {
    from: Timestamp,
    shelf: Shelf,
    client: Client<'a>,
    addresses: &'a Addresses,
    candles: Candles,
    watch: &'a dyn Fn(News<'_>),
    listing: Listing,
    server_time: Option<Timestamp>,
    brought: Brought,
    /// Days that neither archive nor REST has.
    nothing: Vec<Date>,
}

impl Walk<'_> {
    async fn all(&mut self, pieces: &[Piece]) -> Result<()> {
        for piece in pieces {
            match piece {
                Piece::Month(first) => self.month(*first).await?,
                Piece::Day(day) => self.day(*day).await?,
                Piece::Today(day) => self.rest_day(*day).await?,
            }
            (self.watch)(News::Done(days_in(piece)));
        }
        Ok(())
    }

    async fn month(&mut self, first: Date) -> Result<()> {
        let name = self.candles.month_name(first);
        (self.watch)(News::Begun(&name));
        if let Some(path) = self.shelf.zip(&name)? {
            self.brought.files.push(path);
            return Ok(());
        }
        let mut all_settled = true;
        for day in days_of(first) {
            all_settled = all_settled && self.shelf.settled(&self.candles.day_name(day))?.is_some();
        }
        if !all_settled {
            if self.listing.is_after(next_month(first)) {
                return Ok(());
            }
            let url = self.candles.month_url(self.addresses, first);
            if let Some(path) = self.archived(&name, &url).await? {
                self.brought.files.push(path);
                return Ok(());
            }
            if self.is_before_listing(next_month(first)).await? {
                return Ok(());
            }
        }
        for day in days_of(first) {
            self.day(day).await?;
        }
        Ok(())
    }

    async fn day(&mut self, day: Date) -> Result<()> {
        let name = self.candles.day_name(day);
        (self.watch)(News::Begun(&name));
        match self.shelf.settled(&name)? {
            Some(Settled::Candles(path)) => self.brought.files.push(path),
            Some(Settled::Nothing) => self.nothing.push(day),
            None if self.listing.is_after(next_day(day)) => {}
            None => {
                let url = self.candles.day_url(self.addresses, day);
                match self.archived(&name, &url).await? {
                    Some(path) => self.brought.files.push(path),
                    None if self.is_before_listing(next_day(day)).await? => {}
                    None => self.rest_day(day).await?,
                }
            }
        }
        Ok(())
    }

    /// A file of the archive, verified; none when the archive does not have it.
    async fn archived(&mut self, name: &str, url: &str) -> Result<Option<PathBuf>> {
        let file = format!("{name}.zip");
        let stated = match self.client.text(&format!("{url}.CHECKSUM")).await? {
            Answer::Text(text) => checksum(&text, &file)?,
            Answer::Absent => return Ok(None),
            Answer::Refused(text) => return Err(strange(url, &text)),
        };
        let mut found = String::new();
        // Once more from the beginning: what was left of an earlier visit may be of another version.
        for _ in 0..2 {
            if !self.client.file(url, &self.shelf.part(name)).await? {
                self.shelf.drop_part(name)?;
                return Ok(None);
            }
            match self.shelf.take_in(name, &stated) {
                Ok(Ok(path)) => return Ok(Some(path)),
                Ok(Err(hash)) => found = hash,
                Err(fault) => {
                    self.shelf.drop_part(name)?;
                    return Err(fault);
                }
            }
            self.shelf.drop_part(name)?;
        }
        Err(Fault::failure(format!("{url} has the SHA-256 {found}; its checksum file states {stated}")).remedy(
            "the archive contradicts itself; try again another day, or leave its time out with --from and --to",
        ))
    }

    /// A day's candles as the REST interface has them: those that will surely not change.
    async fn rest_day(&mut self, day: Date) -> Result<()> {
        let name = self.candles.day_name(day);
        (self.watch)(News::Begun(&name));
        let (begin, end) = (start(day), start(next_day(day)));
        if self.listing == Listing::Unknown {
            self.nothing.push(day);
            return Ok(());
        }
        // Asked before the rows are: what had closed by then is closed in every answer that follows.
        let now = self.server_time().await?;
        let (mut lines, mut next) = (String::new(), begin);
        while next < end {
            let url = self.candles.rows_url(self.addresses, next, day);
            let answer = match self.client.text(&url).await? {
                Answer::Text(text) => rows(&text).map_err(|fault| fault.within(format!("asking {url}")))?,
                Answer::Refused(text) if says_unknown_symbol(&text) => {
                    self.listing = Listing::Unknown;
                    break;
                }
                Answer::Refused(text) => return Err(strange(&url, &text)),
                Answer::Absent => return Err(strange(&url, b"not found")),
            };
            let before = next;
            for row in answer.iter().filter(|row| row.open_time >= before && row.open_time < end) {
                if row.close_time.after(FINAL_AFTER) < now {
                    lines.push_str(&row.line);
                    lines.push('\n');
                }
                next = row.open_time.after(self.candles.interval.span());
            }
            // The end of what there is, or an answer to another question.
            if next == before {
                break;
            }
        }
        let over_for = now.since(end);
        if lines.is_empty() {
            if over_for >= NOTHING_AFTER {
                self.shelf.note_nothing(&name)?;
            }
            self.nothing.push(day);
        } else if over_for > FINAL_AFTER {
            self.brought.files.push(self.shelf.keep_day(&name, &lines)?);
        } else {
            self.brought.files.push(self.shelf.keep_open_day(&name, &lines)?);
        }
        Ok(())
    }

    async fn server_time(&mut self) -> Result<Timestamp> {
        let url = self.candles.time_url(self.addresses);
        if let Some(time) = self.server_time {
            return Ok(time);
        }
        let time = match self.client.text(&url).await? {
            Answer::Text(text) => server_time(&text).map_err(|fault| fault.within(format!("asking {url}")))?,
            Answer::Refused(text) => return Err(strange(&url, &text)),
            Answer::Absent => return Err(strange(&url, b"not found")),
        };
        self.server_time = Some(time);
        Ok(time)
    }

    /// Whether all before the day `end` is before the instrument's first candle. Asked only while nothing was found.
    async fn is_before_listing(&mut self, end: Date) -> Result<bool> {
        if self.brought.files.is_empty() && self.listing == Listing::NotAsked {
            self.listing = self.ask_listing().await?;
        }
        Ok(self.listing.is_after(end))
    }

    async fn ask_listing(&mut self) -> Result<Listing> {
        let url = self.candles.first_url(self.addresses);
        let first = match self.client.text(&url).await? {
            Answer::Text(text) => rows(&text).map_err(|fault| fault.within(format!("asking {url}")))?,
            Answer::Refused(text) if says_unknown_symbol(&text) => return Ok(Listing::Unknown),
            Answer::Refused(text) => return Err(strange(&url, &text)),
            Answer::Absent => return Err(strange(&url, b"not found")),
        };
        match first.first() {
            Some(row) => {
                self.shelf.note_listed(row.open_time)?;
                Ok(Listing::Since(row.open_time))
            }
            None => Ok(Listing::Unknown),
        }
    }

    /// The files, and in words what is missing; nothing at all is a fault.
    fn told(mut self) -> Result<Brought> {
        let Candles { symbol, interval, .. } = &self.candles;
        if self.brought.files.is_empty() {
            let since = match self.listing {
                Listing::Since(since) => format!("; its first candle is that of {since}"),
                Listing::Unknown => "; the exchange does not know it (any more)".to_owned(),
                Listing::NotAsked => String::new(),
            };
            return Err(Fault::user(format!("{symbol}: there are no {interval} candles in that time{since}"))
                .remedy("check the symbol, --product, --from and --to"));
        }
        if let Listing::Since(since) = self.listing
            && since > self.from
        {
            self.brought.notes.push(format!("{symbol} is listed since {since}: there is nothing before"));
        }
        for (first, last) in runs(&self.nothing) {
            let days = if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
            self.brought.notes.push(format!("{symbol} has no candle {days}, neither in the archive nor over REST"));
        }
        Ok(self.brought)
    }
}

fn strange(url: &str, text: &[u8]) -> Fault {
    Fault::failure(format!("asking {url}: the server refuses: {}", super::binance::excerpt(text)))
        .remedy("check the symbol and the addresses; what was fetched is kept")
}

/// Days that follow each other, as first and last of each run.
fn runs(days: &[Date]) -> Vec<(Date, Date)> {
    let mut runs: Vec<(Date, Date)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if next_day(*last) == *day => *last = *day,
            Some(_) | None => runs.push((*day, *day)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_that_follow_each_other_are_told_as_one_stretch() {
        let days = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 5)];
        assert_eq!(runs(&days), [(date(2024, 2, 28), date(2024, 3, 1)), (date(2024, 3, 5), date(2024, 3, 5))]);
    }
}

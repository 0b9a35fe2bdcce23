//! Asking a server: again where it was a hiccup, later where it says so, on from where a broken answer ended.

use super::binance::excerpt;
use super::fetch::News;
use crate::error::{Fault, Result};
use reqwest::header::{HeaderMap, RANGE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Failures one after the other before a question is given up.
const TRIES: u32 = 6;
/// The wait after the first failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait that a server may ask for; longer ones are left to the user.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// What "too many requests" waits for when it does not say how long.
const USUAL_WAIT: Duration = Duration::from_secs(60);

/// The header that says how much weight was used in this minute.
const USED_WEIGHT: &str = "x-mbx-used-weight-1m";

/// What a server says to a question for a small text.
pub(super) enum Answer {
    /// The text.
    Text(Vec<u8>),
    /// There is no such thing.
    Absent,
    /// The question was refused as senseless, with the reason.
    Refused(Vec<u8>),
}

/// Whoever asks.
pub(super) struct Client<'a> {
    http: reqwest::Client,
    weight_limit: u64,
    watch: &'a dyn Fn(News<'_>),
}

/// What one attempt came to.
enum Attempt {
    Settled(Response),
    Wait(Duration, String),
}

impl<'a> Client<'a> {
    /// # Errors
    /// When the system has no certificates to trust servers by.
    pub fn new(weight_limit: u64, watch: &'a dyn Fn(News<'_>)) -> Result<Self> {
        // A second call finds the same provider there already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("tapeline/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_secs(60))
            .build()
            .map_err(|error| {
                Fault::failure(format!("preparing to speak to servers: {}", causes(&error)))
                    .remedy("install the system's certificates (the package ca-certificates)")
            })?;
        Ok(Client { http, weight_limit, watch })
    }

    /// Asks for a small text.
    pub async fn text(&self, url: &str) -> Result<Answer> {
        let mut failures = 0;
        loop {
            let response = self.response(url, 0, &mut failures).await?;
            let status = response.status();
            if status == StatusCode::NOT_FOUND {
                return Ok(Answer::Absent);
            }
            self.spare_weight(response.headers()).await;
            match response.bytes().await {
                Ok(text) if status.is_success() => return Ok(Answer::Text(text.to_vec())),
                Ok(text) if status == StatusCode::BAD_REQUEST => return Ok(Answer::Refused(text.to_vec())),
                Ok(text) => return Err(refused(url, status, &text)),
                Err(error) => self.after_failure(url, &mut failures, &causes(&error)).await?,
            }
        }
    }

    /// Fetches a file to `part`, on from what is there of it. False when there is no such file.
    pub async fn file(&self, url: &str, part: &Path) -> Result<bool> {
        let unwritable = |error: &std::io::Error| {
            Fault::unwritable("writing", part, error).remedy("give a --cache folder that can be written and has room")
        };
        let mut failures = 0;
        loop {
            let mut file = File::options().create(true).append(true).open(part).map_err(|error| unwritable(&error))?;
            let have = file.metadata().map_err(|error| unwritable(&error))?.len();
            let mut response = self.response(url, have, &mut failures).await?;
            let resumed = response.status() == StatusCode::PARTIAL_CONTENT;
            match response.status() {
                StatusCode::PARTIAL_CONTENT => {}
                // The whole of it from its beginning, or more was there than the server has.
                StatusCode::OK => file.set_len(0).map_err(|error| unwritable(&error))?,
                StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
                    return Ok(true);
                }
                StatusCode::NOT_FOUND => return Ok(false),
                status => return Err(refused(url, status, &response.bytes().await.unwrap_or_default())),
            }
            let broken = loop {
                match response.chunk().await {
                    Ok(Some(piece)) => {
                        file.write_all(&piece).map_err(|error| unwritable(&error))?;
                        (self.watch)(News::Bytes(piece.len() as u64));
                        // Where every answer begins anew, what came is no progress.
                        failures = if resumed { 0 } else { failures };
                    }
                    Ok(None) => break None,
                    Err(error) => break Some(causes(&error)),
                }
            };
            match broken {
                None => {
                    file.sync_all().map_err(|error| unwritable(&error))?;
                    return Ok(true);
                }
                Some(why) => self.after_failure(url, &mut failures, &why).await?,
            }
        }
    }

    /// Asks until there is an answer that means something, from byte `from` of it on.
    async fn response(&self, url: &str, from: u64, failures: &mut u32) -> Result<Response> {
        loop {
            let mut request = self.http.get(url);
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let attempt = match request.send().await {
                Ok(response) => judged(response),
                Err(error) => {
                    self.after_failure(url, failures, &causes(&error)).await?;
                    continue;
                }
            };
            match attempt {
                Attempt::Settled(response) => return Ok(response),
                Attempt::Wait(wait, why) if wait > LONGEST_WAIT => {
                    return Err(Fault::failure(format!(
                        "asking {url}: {why}; it wants {} s of silence",
                        wait.as_secs()
                    ))
                    .remedy("run the same command again after that: what was fetched is kept"));
                }
                Attempt::Wait(wait, why) => {
                    *failures += 1;
                    if *failures >= TRIES {
                        return Err(given_up(url, &why));
                    }
                    (self.watch)(News::Waiting { seconds: wait.as_secs(), why: &why });
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    async fn after_failure(&self, url: &str, failures: &mut u32, why: &str) -> Result<()> {
        *failures += 1;
        if *failures >= TRIES {
            return Err(given_up(url, why));
        }
        tokio::time::sleep(FIRST_WAIT * 2u32.pow(*failures - 1)).await;
        Ok(())
    }

    /// Waits for the next minute when most of this minute's weight is used.
    async fn spare_weight(&self, headers: &HeaderMap) {
        let used = headers.get(USED_WEIGHT).and_then(|value| value.to_str().ok()?.parse().ok());
        let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 60);
        let wait = rest_of_minute(used.unwrap_or(0), self.weight_limit, second);
        if wait > 0 {
            (self.watch)(News::Waiting { seconds: wait, why: "most of this minute's requests are used" });
            tokio::time::sleep(Duration::from_secs(wait)).await;
        }
    }
}

/// Seconds to wait when so much of the weight of a minute is used at this second of it: others at the same address use
/// it too, so a fifth is left to them.
fn rest_of_minute(used: u64, limit: u64, second: u64) -> u64 {
    if used * 5 >= limit * 4 { 61 - second.min(60) } else { 0 }
}

fn judged(response: Response) -> Attempt {
    let status = response.status();
    let why = format!("the server answers {status}");
    match status.as_u16() {
        // 418: it has been told to be silent before and was not.
        418 | 429 => Attempt::Wait(asked_wait(&response).unwrap_or(USUAL_WAIT), why),
        500.. => Attempt::Wait(asked_wait(&response).unwrap_or(FIRST_WAIT * 4), why),
        _ => Attempt::Settled(response),
    }
}

fn asked_wait(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn refused(url: &str, status: StatusCode, text: &[u8]) -> Fault {
    let fault = Fault::failure(format!("asking {url}: the server answers {status}: {}", excerpt(text)));
    match status.as_u16() {
        403 | 451 => {
            fault.remedy("the exchange refuses this place; name another address with --rest-url or --archive-url")
        }
        _ => fault.remedy("try again later; what was fetched is kept"),
    }
}

fn given_up(url: &str, why: &str) -> Fault {
    Fault::failure(format!("asking {url}: {why}; given up after {TRIES} attempts"))
        .remedy("check the connection and run the same command again: what was fetched is kept")
}

/// An error with what caused it: the outermost alone says little.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_waited_out_when_four_fifths_of_its_weight_are_used() {
        assert_eq!(rest_of_minute(0, 6_000, 10), 0);
        assert_eq!(rest_of_minute(4_799, 6_000, 10), 0);
        assert_eq!(rest_of_minute(4_800, 6_000, 10), 51);
        assert_eq!(rest_of_minute(2_400, 2_400, 59), 2);
    }
}

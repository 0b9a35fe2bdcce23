//! `tapeline exchange`: a simulated exchange that other programs trade on.

mod markets;

use super::print;
use crate::domain::{Rate, Timestamp};
use crate::error::{Fault, Result};
use crate::exchange::keyring::{open_accounts, open_usual_account};
use crate::exchange::listing::{Listing, SymbolSpec};
use crate::exchange::server::{Pace, Settings, Summary, make_certificate, serve};
use crate::exchange::{Core, Faults};
use clap::Args;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tokio::sync::mpsc;

/// Arguments of `tapeline exchange`.
#[derive(Args, Debug)]
pub(super) struct ExchangeArgs {
    /// A symbol to trade; repeat it for more
    #[arg(long = "symbol", value_name = "SYMBOL", default_values_t = ["BTCUSDT".to_owned(), "ETHUSDT".to_owned()])]
    symbols: Vec<String>,
    /// The store whose candles are traded; without it the market is synthetic
    #[arg(long, value_name = "FOLDER", requires = "venue")]
    data: Option<PathBuf>,
    /// The venue of the stored candles, such as binance-spot
    #[arg(long, value_name = "VENUE", requires = "data")]
    venue: Option<String>,
    /// The interval of the stored candles
    #[arg(long, value_name = "INTERVAL", default_value = "1m")]
    interval: String,
    /// What the exchange's clock shows when it opens; by default the machine's clock, or, with --data, the earliest time
    /// that leaves the history
    #[arg(long, value_name = "TIME")]
    start: Option<Timestamp>,
    /// Move stored candles by whole days so that the exchange opens now: for clients that sign with their own clock
    #[arg(long, requires = "data", conflicts_with = "start")]
    as_of_now: bool,
    /// Hours of market before the opening that clients can ask for
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    history: u32,
    /// The seed of everything that no data tell
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The port, 0 for a free one
    #[arg(long, value_name = "PORT", default_value_t = 8099)]
    port: u16,
    /// The address to listen on: anybody who can reach it can trade with the keys
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// How fast time passes: a factor such as 1 or 60, or as-fast-as-clients for a clock that only --control moves
    #[arg(long, value_name = "SPEED", default_value = "1")]
    speed: String,
    /// The accounts and their keys; without it there is one account with a key that is shown once
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// What goes wrong on purpose
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Serve under TLS with a certificate made for this session, written to this file for clients to trust
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// Let clients move the clock, break connections and ask for counts, under /tapeline/
    #[arg(long)]
    control: bool,
}

/// Runs the command.
pub(super) fn run(args: &ExchangeArgs) -> Result<u8> {
    let pace = pace(&args.speed)?;
    if pace == Pace::AsFastAsClients && !args.control {
        return Err(Fault::user("a clock that only clients move needs --control").remedy("add --control"));
    }
    let faults = match &args.faults {
        Some(path) => Faults::read(&read(path)?, &path.display().to_string())?,
        None => Faults::default(),
    };
    let opening = markets::open(args)?;
    let fee = Rate::from_units(100_000);
    let listing = Listing::new(&opening.specs, fee, fee)?;
    let mut core = Core::new(opening.from, listing, opening.markets, faults);
    core.advance(opening.start);
    let made = match &args.accounts {
        Some(path) => {
            open_accounts(&mut core, &read(path)?, &path.display().to_string())?;
            None
        }
        None => Some(open_usual_account(&mut core)?),
    };
    let certificate = match &args.tls {
        Some(path) => {
            let certificate = make_certificate()?;
            std::fs::write(path, &certificate.pem).map_err(|error| Fault::unwritable("writing", path, &error))?;
            Some(certificate)
        }
        None => None,
    };
    let secure = certificate.is_some();
    let (stop, stopped) = mpsc::channel(1);
    ctrlc::set_handler(move || {
        // A second interrupt finds the first one still there.
        let _ = stop.try_send(());
    })
    .map_err(|error| Fault::failure(format!("preparing for an interrupt: {error}")))?;
    // Clients sign with the machine's clock: the time that the history took to make has passed for them too.
    if opening.is_now {
        core.advance(markets::machine_time().max(core.now()));
    }
    let start = core.now();
    let settings =
        Settings { address: SocketAddr::new(args.listen, args.port), pace, certificate, control: args.control };
    let summary = serve(core, settings, stopped, |address| {
        let mut text = welcome(address, secure, &opening.specs, start);
        if let Some(made) = &made {
            write!(text, "key:      {}\nsecret:   {}   (shown this once)\n", made.key, made.secret)
                .expect("writing to text succeeds");
        }
        let _ = print(&text);
    })?;
    print(&farewell(&summary))?;
    Ok(0)
}

fn pace(text: &str) -> Result<Pace> {
    if text == "as-fast-as-clients" {
        return Ok(Pace::AsFastAsClients);
    }
    match f64::from_str(text.trim_end_matches('x')) {
        Ok(factor) if (0.01..=100_000.0).contains(&factor) => Ok(Pace::Times(factor)),
        _ => Err(Fault::user(format!("--speed {text} is no speed"))
            .remedy("write a factor from 0.01 to 100000, or as-fast-as-clients")),
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Fault::io("reading", path, &error))
}

fn welcome(address: SocketAddr, secure: bool, specs: &[SymbolSpec], start: Timestamp) -> String {
    let symbols: Vec<&str> = specs.iter().map(|spec| spec.symbol.as_str()).collect();
    let (http, ws) = if secure { ("https", "wss") } else { ("http", "ws") };
    format!(
        "simulated exchange: {} from {start}\nREST:     {http}://{address}/api\nstreams:  {ws}://{address}/ws and /stream\n\
         WS API:   {ws}://{address}/ws-api/v3\n",
        symbols.join(", ")
    )
}

fn farewell(summary: &Summary) -> String {
    let Summary { requests, connections, messages, orders, fills, contradictions, faults } = summary;
    let mut text = format!(
        "{requests} requests, {connections} WebSocket connections, {messages} messages, {orders} orders, {fills} fills\n"
    );
    if *contradictions > 0 {
        writeln!(text, "{contradictions} candles could not be made of trades as they stand in the data")
            .expect("writing to text succeeds");
    }
    for (name, count) in faults {
        writeln!(text, "fault {name}: {count}").expect("writing to text succeeds");
    }
    text
}

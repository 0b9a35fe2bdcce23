//! The exchange on the network: HTTP/1.1 and WebSockets over TCP, in clear or under TLS, on one thread.

mod certificate;
mod clock;
mod http;
mod reply;
mod websocket;

pub use certificate::{Certificate, make_certificate};
pub use clock::Pace;

use super::connection::Message;
use super::core::Core;
use crate::domain::Timestamp;
use crate::error::{Fault, Result};
use clock::Clock;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::LocalSet;

/// Messages that may wait for a client that does not read; beyond, its connection breaks.
const WAITING: usize = 100_000;

/// How the exchange is served.
pub struct Settings {
    /// Where it listens. Port 0 takes a free one.
    pub address: SocketAddr,
    /// How its time passes.
    pub pace: Pace,
    /// The certificate, where connections are under TLS.
    pub certificate: Option<Certificate>,
    /// Whether clients may move its clock and ask for its counts, under `/tapeline/`.
    pub control: bool,
}

/// What has happened by the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// REST requests.
    pub requests: u64,
    /// WebSocket connections.
    pub connections: u64,
    /// Messages sent to them.
    pub messages: u64,
    /// Orders of all accounts.
    pub orders: usize,
    /// Their fills.
    pub fills: usize,
    /// Candles that could not be made of trades.
    pub contradictions: u64,
    /// Faults by kind.
    pub faults: Vec<(&'static str, u64)>,
}

/// What all connections share.
pub(super) struct Shared {
    core: Core,
    clock: Clock,
    control: bool,
    senders: BTreeMap<u64, mpsc::Sender<Message>>,
    requests: u64,
    connections: u64,
    messages: u64,
}

/// A handle on it.
#[derive(Clone)]
pub(super) struct Hub {
    shared: Rc<RefCell<Shared>>,
    moved: Rc<Notify>,
}

impl Hub {
    /// Does something with the exchange as it stands now, and sends what comes of it.
    pub fn with<T>(&self, act: impl FnOnce(&mut Shared, Timestamp) -> T) -> T {
        let mut shared = self.shared.borrow_mut();
        let now = shared.clock.now(shared.core.now());
        let value = act(&mut shared, now);
        shared.deliver();
        value
    }

    /// The same, for what may change when something is due next.
    pub fn change<T>(&self, act: impl FnOnce(&mut Shared, Timestamp) -> T) -> T {
        let value = self.with(act);
        self.moved.notify_one();
        value
    }
}

impl Shared {
    /// Counts a request.
    pub fn note_request(&mut self) {
        self.requests += 1;
    }

    /// Makes a way to a connection.
    pub fn open_way(&mut self, connection: u64) -> mpsc::Receiver<Message> {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.senders.insert(connection, sender);
        self.connections += 1;
        receiver
    }

    /// A connection is gone.
    pub fn close_way(&mut self, connection: u64) {
        self.senders.remove(&connection);
        self.core.disconnect(connection);
    }

    /// Every WebSocket breaks.
    pub fn cut_all(&mut self) {
        let all: Vec<u64> = self.senders.keys().copied().collect();
        all.into_iter().for_each(|connection| self.close_way(connection));
    }

    /// What has happened so far.
    pub fn summary(&self) -> Summary {
        let (orders, fills) = self.core.totals();
        Summary {
            requests: self.requests,
            connections: self.connections,
            messages: self.messages,
            orders,
            fills,
            contradictions: self.core.contradictions(),
            faults: self.core.fault_counts(),
        }
    }

    fn deliver(&mut self) {
        while let Some(outgoing) = self.core.poll_event() {
            self.messages += 1;
            let sent = match self.senders.get(&outgoing.connection) {
                Some(sender) => sender.try_send(outgoing.message).is_ok(),
                None => false,
            };
            if !sent {
                self.close_way(outgoing.connection);
            }
        }
    }
}

/// Serves an exchange until `stop` is told. `ready` hears where it listens.
///
/// # Errors
/// When the address cannot be listened on.
pub fn serve(
    core: Core,
    settings: Settings,
    stop: mpsc::Receiver<()>,
    ready: impl FnOnce(SocketAddr),
) -> Result<Summary> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failure(format!("starting the exchange's runtime: {error}")))?;
    LocalSet::new().block_on(&runtime, run(core, settings, stop, ready))
}

async fn run(
    core: Core,
    settings: Settings,
    mut stop: mpsc::Receiver<()>,
    ready: impl FnOnce(SocketAddr),
) -> Result<Summary> {
    let listening = |error: std::io::Error| {
        Fault::user(format!("listening on {}: {error}", settings.address)).remedy("choose another --listen or --port")
    };
    let listener = TcpListener::bind(settings.address).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let clock = Clock::new(settings.pace, core.now());
    let shared = Shared {
        core,
        clock,
        control: settings.control,
        senders: BTreeMap::new(),
        requests: 0,
        connections: 0,
        messages: 0,
    };
    let hub = Hub { shared: Rc::new(RefCell::new(shared)), moved: Rc::new(Notify::new()) };
    let acceptor = settings.certificate.map(|certificate| certificate.acceptor());
    ready(address);
    tokio::task::spawn_local(keep_time(hub.clone()));
    loop {
        tokio::select! {
            _ = stop.recv() => break,
            accepted = listener.accept() => {
                let Ok((stream, peer)) = accepted else { continue };
                let (hub, acceptor) = (hub.clone(), acceptor.clone());
                tokio::task::spawn_local(async move { welcome(hub, stream, peer, acceptor).await });
            }
        }
    }
    Ok(hub.with(|shared, _| shared.summary()))
}

/// Time passes: whatever is due happens when it is due.
async fn keep_time(hub: Hub) {
    loop {
        let wait = hub.with(|shared, now| {
            shared.core.advance(now);
            let next = shared.core.next_instant();
            next.and_then(|at| shared.clock.until(at, now))
        });
        match wait {
            Some(wait) => {
                // A client that subscribes in the meantime may be due something earlier.
                tokio::select! {
                    () = tokio::time::sleep(wait.max(Duration::from_millis(1))) => {}
                    () = hub.moved.notified() => {}
                }
            }
            None => hub.moved.notified().await,
        }
    }
}

async fn welcome(hub: Hub, stream: TcpStream, peer: SocketAddr, acceptor: Option<tokio_rustls::TlsAcceptor>) {
    // Answers are small and awaited: none waits for another.
    let _ = stream.set_nodelay(true);
    let peer = peer.ip().to_string();
    match acceptor {
        None => http::serve_connection(hub, stream, peer).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                http::serve_connection(hub, stream, peer).await;
            }
        }
    }
}

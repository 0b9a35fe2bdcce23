//! One connection's HTTP: requests to the exchange, upgrades to WebSockets, and the control of the clock.

use super::super::connection::Purpose;
use super::super::dispatch::{Request, Response};
use super::super::faults::Fate;
use super::super::params::Params;
use super::reply::Reply;
use super::{Hub, websocket};
use crate::domain::Span;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::service::service_fn;
use hyper::{Request as HttpRequest, Response as HttpResponse, StatusCode};
use hyper_util::rt::TokioIo;
use std::fmt::Write;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The largest body of a request, in bytes.
const BODY: usize = 65_536;

type Answer = Result<HttpResponse<Reply>, std::io::Error>;

/// Serves one connection until it ends.
pub(super) async fn serve_connection(
    hub: Hub,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: String,
) {
    let service = service_fn(|request| answer(hub.clone(), request, peer.clone()));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's business, or a fault that was wanted.
    let _ = connection.with_upgrades().await;
}

async fn answer(hub: Hub, request: HttpRequest<Incoming>, peer: String) -> Answer {
    if request.headers().contains_key(SEC_WEBSOCKET_KEY) {
        return upgrade(&hub, request, &peer);
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY).collect().await else {
        return plain(413, "the body is too large");
    };
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or("").to_owned();
    if let Some(command) = path.strip_prefix("/tapeline/") {
        return control(&hub, command, &query);
    }
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let asked = Request {
        method: head.method.as_str().to_owned(),
        path,
        query,
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        key: header("x-mbx-apikey"),
        time_unit: header("x-mbx-time-unit"),
        peer,
    };
    let (response, wait) = hub.change(|shared, now| {
        shared.note_request();
        let response = shared.core.request(now, &asked);
        let wait = match response.fate {
            Fate::Late(by) => shared.clock.wait(by),
            Fate::Whole | Fate::Lost | Fate::Torn => None,
        };
        (response, wait)
    });
    if let Some(wait) = wait {
        tokio::time::sleep(wait).await;
    }
    written(response)
}

fn written(response: Response) -> Answer {
    let mut built = HttpResponse::builder()
        .status(StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(CONTENT_TYPE, "application/json;charset=UTF-8")
        .header(CONTENT_LENGTH, response.body.len());
    for (name, value) in response.headers {
        built = built.header(name, value);
    }
    let body = match response.fate {
        Fate::Lost => return Err(std::io::ErrorKind::ConnectionReset.into()),
        Fate::Torn => Reply::torn(&response.body),
        Fate::Whole | Fate::Late(_) => Reply::whole(response.body),
    };
    built.body(body).map_err(std::io::Error::other)
}

fn plain(status: u16, text: &str) -> Answer {
    let body = Reply::whole(format!("{text}\n"));
    HttpResponse::builder().status(status).body(body).map_err(std::io::Error::other)
}

/// What steers the exchange from outside of its protocol.
fn control(hub: &Hub, command: &str, query: &str) -> Answer {
    if !hub.with(|shared, _| shared.control) {
        return plain(404, "the control of this exchange is off: start it with --control");
    }
    let params = Params::read(query, "");
    match command {
        "advance" => {
            let Ok(Some(millis)) = params.integer("milliseconds") else {
                return plain(400, "advance needs milliseconds");
            };
            if !(0..=86_400_000).contains(&millis) {
                return plain(400, "milliseconds is 0 to 86400000");
            }
            let now = hub.with(|shared, now| {
                let to = now.after(Span::from_millis(millis));
                shared.core.advance(to);
                shared.core.now().millis()
            });
            plain(200, &format!("{{\"now\":{now}}}"))
        }
        "summary" => {
            let summary = hub.with(|shared, _| shared.summary());
            let mut faults = String::new();
            for (index, (name, count)) in summary.faults.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                write!(faults, "{comma}\"{name}\":{count}").expect("writing to text succeeds");
            }
            let text = format!(
                "{{\"requests\":{},\"connections\":{},\"messages\":{},\"orders\":{},\"fills\":{},\"faults\":{{{faults}}}}}",
                summary.requests, summary.connections, summary.messages, summary.orders, summary.fills
            );
            plain(200, &text)
        }
        "disconnect" => {
            hub.with(|shared, _| shared.cut_all());
            plain(200, "{}")
        }
        _ => plain(404, "there are advance, summary and disconnect"),
    }
}

/// Makes a WebSocket of a connection.
fn upgrade(hub: &Hub, mut request: HttpRequest<Incoming>, peer: &str) -> Answer {
    let path = request.uri().path().to_owned();
    let params = Params::read(request.uri().query().unwrap_or(""), "");
    let (purpose, names) = if path.starts_with("/ws-api/") {
        (Purpose::Api, String::new())
    } else if path == "/stream" || path.starts_with("/stream/") {
        (Purpose::CombinedStreams, params.get("streams").unwrap_or("").to_owned())
    } else if let Some(names) = path.strip_prefix("/ws") {
        (Purpose::Streams, names.trim_start_matches('/').to_owned())
    } else {
        return plain(404, "there are /ws, /stream and /ws-api/v3");
    };
    let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes())) else {
        return plain(400, "no key");
    };
    let opened = hub.change(|shared, now| {
        let connection = shared.core.connect(now, purpose, &names, params.get("timeUnit"), peer)?;
        Ok::<_, super::super::wire::Refused>((connection, shared.open_way(connection)))
    });
    let (connection, receiver) = match opened {
        Ok(opened) => opened,
        Err(refused) => return plain(refused.status, &refused.message),
    };
    let hub = hub.clone();
    tokio::task::spawn_local(async move {
        match hyper::upgrade::on(&mut request).await {
            Ok(upgraded) => websocket::serve(hub, TokioIo::new(upgraded), connection, receiver).await,
            Err(_) => hub.with(|shared, _| shared.close_way(connection)),
        }
    });
    HttpResponse::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "Upgrade")
        .header(SEC_WEBSOCKET_ACCEPT, key)
        .body(Reply::Whole(None))
        .map_err(std::io::Error::other)
}

//! One WebSocket: what the exchange has for it goes out, what the client says comes in.

use super::super::connection::Message;
use super::Hub;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::Role;

/// The exchange asks whether a client is there at this distance; who has not answered by the third time is gone.
const PING: Duration = Duration::from_secs(20);
const PATIENCE: u32 = 3;

/// Serves a WebSocket until it ends.
pub(super) async fn serve(
    hub: Hub,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: u64,
    mut receiver: mpsc::Receiver<Message>,
) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let mut pings = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
    let mut unanswered = 0;
    loop {
        tokio::select! {
            message = receiver.recv() => match message {
                Some(Message::Text(text)) => {
                    if socket.send(Frame::text(text)).await.is_err() {
                        break;
                    }
                }
                Some(Message::Torn(text)) => {
                    tear(socket.get_mut(), &text).await;
                    break;
                }
                Some(Message::Cut) | None => break,
            },
            frame = socket.next() => match frame {
                Some(Ok(Frame::Text(text))) => hub.change(|shared, now| shared.core.receive(now, connection, &text)),
                Some(Ok(Frame::Pong(_))) => unanswered = 0,
                Some(Ok(Frame::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            _ = pings.tick() => {
                unanswered += 1;
                if unanswered > PATIENCE || socket.send(Frame::Ping(Vec::new().into())).await.is_err() {
                    break;
                }
            }
        }
    }
    hub.with(|shared, _| shared.close_way(connection));
}

/// Writes the beginning of a text frame that will never be whole.
async fn tear(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
    let bytes = text.as_bytes();
    let mut frame = vec![0x81];
    match u16::try_from(bytes.len()) {
        Ok(length @ 0..=125) => frame.push(length as u8),
        Ok(length) => {
            frame.push(126);
            frame.extend(length.to_be_bytes());
        }
        Err(_) => {
            frame.push(127);
            frame.extend((bytes.len() as u64).to_be_bytes());
        }
    }
    frame.extend(&bytes[..bytes.len() / 2]);
    // The connection ends here whatever becomes of this.
    let _ = stream.write_all(&frame).await;
    let _ = stream.flush().await;
}

//! The body of an answer: whole, or broken off in its middle.

use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of an answer.
pub(super) enum Reply {
    /// What is left to send.
    Whole(Option<Bytes>),
    /// Half of the body, and then the connection breaks.
    Torn(Option<Bytes>),
}

impl Reply {
    pub fn whole(text: String) -> Self {
        Reply::Whole(Some(Bytes::from(text)))
    }

    pub fn torn(text: &str) -> Self {
        Reply::Torn(Some(Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2])))
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.get_mut() {
            Reply::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Reply::Torn(bytes) => Poll::Ready(Some(match bytes.take() {
                Some(bytes) => Ok(Frame::data(bytes)),
                None => Err(std::io::ErrorKind::ConnectionReset.into()),
            })),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Reply::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Reply::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Reply::Torn(_) => SizeHint::default(),
        }
    }
}

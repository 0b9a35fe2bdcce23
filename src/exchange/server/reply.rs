//! The body of an answer: whole, or broken off in its middle.

use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of an answer.
pub(super) enum Reply {
    /// What is left to send.
    Whole(Option<Bytes>),
    /// Half of the body, and then the connection breaks.
    Torn(Torn),
}

/// What is left of an answer that breaks off.
pub(super) enum Torn {
    /// The half that is sent.
    Half(Bytes),
    /// That half is with the connection, and has to leave before it breaks: what is not flushed would be lost with it.
    Leaving,
    /// Now it breaks.
    Broken,
}

impl Reply {
    pub fn whole(text: String) -> Self {
        Reply::Whole(Some(Bytes::from(text)))
    }

    pub fn torn(text: &str) -> Self {
        Reply::Torn(Torn::Half(Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2])))
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.get_mut() {
            Reply::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Reply::Torn(torn) => match std::mem::replace(torn, Torn::Broken) {
                Torn::Half(bytes) => {
                    *torn = Torn::Leaving;
                    Poll::Ready(Some(Ok(Frame::data(bytes))))
                }
                Torn::Leaving => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Torn::Broken => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into()))),
            },
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

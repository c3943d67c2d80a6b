//! Moves bytes between a stream and two buffers, with a bound, and cuts what comes into messages.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWrite};
use wire::Limits;
use wire::backend::{Incoming, take};

use crate::error::LinkError;
use crate::stream::Stream;

/// How much memory is set aside at a time; rows of one reading share it.
const CHUNK_BYTES: usize = 128 << 10;
/// With less room than this a reading would be small; then the next chunk is begun.
const ROOM_BYTES_MIN: usize = 16 << 10;
/// LIMIT: what is read ahead while something is written. Behind it the server has to wait, so that a
/// slow client slows the server down and not our memory up.
const AHEAD_BYTES_MAX: usize = 256 << 10;

/// A stream with its buffers.
#[derive(Debug)]
pub(crate) struct Channel {
    stream: Stream,
    inbox: BytesMut,
    pub(crate) outbox: BytesMut,
    limits: Limits,
    /// Something was handed to the stream and may still lie in TLS's own buffer.
    is_unflushed: bool,
}

impl Channel {
    pub(crate) fn new(stream: Stream, limits: Limits) -> Self {
        Self {
            stream,
            inbox: BytesMut::new(),
            outbox: BytesMut::new(),
            limits,
            is_unflushed: false,
        }
    }

    pub(crate) const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Whether nothing waits on either side.
    pub(crate) fn is_empty(&self) -> bool {
        self.inbox.is_empty() && self.outbox.is_empty() && !self.is_unflushed
    }

    /// The next message or block of rows. What lies in the outbox goes out meanwhile.
    ///
    /// Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Incoming, LinkError> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The next message if it is there, without waiting.
    pub(crate) fn try_next(&mut self) -> Result<Option<Incoming>, LinkError> {
        match self.poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(incoming) => incoming.map(Some),
            Poll::Pending => Ok(None),
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Incoming, LinkError>> {
        // A server that is gone may have said why; so what it said is read before a failure to
        // write to it counts.
        let written = self.poll_write(context);
        loop {
            if let Some(incoming) = take(&mut self.inbox, &self.limits)? {
                return Poll::Ready(Ok(incoming));
            }
            match self.poll_read(context) {
                Poll::Ready(read) => read?,
                Poll::Pending => {
                    return match written {
                        Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                        Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
                    };
                }
            }
        }
    }

    /// Writes what lies in the outbox. If the server does not take it because it has much to say
    /// itself, the rest goes out while that is read with [`Channel::next`].
    ///
    /// Dropping the future loses nothing.
    pub(crate) async fn flush(&mut self) -> Result<(), LinkError> {
        poll_fn(|context| {
            loop {
                if self.poll_write(context)?.is_ready() {
                    return Poll::Ready(Ok(()));
                }
                if self.inbox.len() >= AHEAD_BYTES_MAX {
                    return Poll::Ready(Ok(()));
                }
                match self.poll_read(context) {
                    Poll::Ready(read) => read?,
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LinkError>> {
        while !self.outbox.is_empty() {
            let stream = Pin::new(&mut self.stream);
            match stream.poll_write(context, &self.outbox) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(LinkError::Closed)),
                Poll::Ready(Ok(count)) => {
                    self.outbox.advance(count);
                    self.is_unflushed = true;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(LinkError::Broken(error))),
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.is_unflushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Ready(Ok(())) => self.is_unflushed = false,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(LinkError::Broken(error))),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LinkError>> {
        if self.inbox.capacity().saturating_sub(self.inbox.len()) < ROOM_BYTES_MIN {
            self.inbox.reserve(CHUNK_BYTES);
        }
        let reading = pin!(self.stream.read_buf(&mut self.inbox));
        match reading.poll(context) {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(LinkError::Closed)),
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(LinkError::Broken(error))),
            Poll::Pending => Poll::Pending,
        }
    }
}

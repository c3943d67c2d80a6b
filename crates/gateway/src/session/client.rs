//! The client's side of a session: bytes in, messages out, bounded on both sides.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use wire::Limits;
use wire::client::{Frame, take_frame};

use crate::limits::OUT_BYTES;

/// What can be read from and written to: TCP, TLS or a Unix socket.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for S {}

/// Why a client's side ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("the client closed the connection")]
    Closed,
    #[error("the connection to the client broke")]
    Broken(#[from] std::io::Error),
    #[error("the client does not read what it asked for")]
    Slow,
    #[error("the client sent what is no message")]
    Malformed(#[from] wire::Error),
}

/// One client.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    /// What came and is not taken yet.
    pub(crate) inbox: BytesMut,
    /// What is to be written.
    pub(crate) out: BytesMut,
    limits: Limits,
    patience: Duration,
    /// Whether the gateway stops.
    stopping: watch::Receiver<bool>,
}

/// How long a client may take to read once the gateway stops.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// How much is read at a time.
const CHUNK_BYTES: usize = 16 * 1024;

impl Client {
    pub(crate) fn new(
        stream: Box<dyn Stream>,
        limits: Limits,
        patience: Duration,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            stream,
            inbox: BytesMut::new(),
            out: BytesMut::new(),
            limits,
            patience,
            stopping,
        }
    }

    /// The next message, if a whole one has come already.
    pub(crate) fn ready(&mut self) -> Result<Option<Frame>, ClientError> {
        Ok(take_frame(&mut self.inbox, &self.limits)?)
    }

    /// Reads more. Dropping the future loses nothing.
    pub(crate) async fn read(&mut self) -> Result<(), ClientError> {
        self.inbox.reserve(CHUNK_BYTES);
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(ClientError::Closed),
            _ => Ok(()),
        }
    }

    /// Waits until the client goes away, reading ahead no more than a message's length.
    pub(crate) async fn gone(&mut self) -> ClientError {
        loop {
            if self.inbox.len() >= OUT_BYTES {
                // It sends ahead. That it is gone is seen when it is written to.
                std::future::pending::<()>().await;
            }
            if let Err(error) = self.read().await {
                return error;
            }
        }
    }

    /// Writes what was collected.
    pub(crate) async fn flush(&mut self) -> Result<(), ClientError> {
        if self.out.is_empty() {
            return Ok(());
        }
        let writing = async {
            self.stream.write_all_buf(&mut self.out).await?;
            self.stream.flush().await
        };
        let written = bounded(writing, self.patience, &mut self.stopping).await;
        self.out.clear();
        written
    }

    /// Writes a block, in its order among what was collected.
    pub(crate) async fn pass(&mut self, block: Bytes) -> Result<(), ClientError> {
        if self.out.len() + block.len() <= OUT_BYTES {
            self.out.extend_from_slice(&block);
            return Ok(());
        }
        self.flush().await?;
        if block.len() < OUT_BYTES / 2 {
            self.out.extend_from_slice(&block);
            return Ok(());
        }
        let mut block = block;
        let writing = self.stream.write_all_buf(&mut block);
        bounded(writing, self.patience, &mut self.stopping).await
    }

    /// Writes what was collected if it is much.
    pub(crate) async fn relieve(&mut self) -> Result<(), ClientError> {
        if self.out.len() >= OUT_BYTES {
            return self.flush().await;
        }
        Ok(())
    }

    /// Says good bye; what is still unread does not matter.
    pub(crate) async fn close(&mut self) {
        let _ = self.flush().await;
        let _ = timeout(Duration::from_secs(1), self.stream.shutdown()).await;
    }
}

/// Writes with patience, and with little once the gateway stops.
async fn bounded(
    writing: impl Future<Output = std::io::Result<()>>,
    patience: Duration,
    stopping: &mut watch::Receiver<bool>,
) -> Result<(), ClientError> {
    let stopped = async {
        // The sender lives as long as the gateway.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        sleep(LAST_PATIENCE).await;
    };
    tokio::select! {
        biased;
        written = timeout(patience, writing) => Ok(written.map_err(|_| ClientError::Slow)??),
        () = stopped => Err(ClientError::Slow),
    }
}

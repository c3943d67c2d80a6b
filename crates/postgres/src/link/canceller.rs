//! Cancels what a link runs, and never what its next user runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use wire::{Cancel, frontend};

use crate::error::LinkError;
use crate::stream::Stream;
use crate::target::Target;

/// Who uses a link now, and whether somebody wants it to stop.
#[derive(Debug, Default)]
struct State {
    /// Counts the users of the link.
    user: u64,
    /// Whether a cancel was begun for this user. It may take effect late.
    is_cancelled: bool,
}

/// What a link and its cancellers share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses(Arc<Mutex<State>>);

impl Uses {
    /// Ends a use: cancellers made for it have no effect any more. Returns whether one already had;
    /// then nobody knows when the server is done with it, and the link must not be used again.
    pub(crate) fn end(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.user = state.user.wrapping_add(1);
        state.is_cancelled
    }

    fn user(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).user
    }

    /// Begins a cancel, if the user is still the same.
    fn begin(&self, user: u64) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = state.user == user;
        state.is_cancelled |= is_same;
        is_same
    }
}

/// Cancels what a link runs for its present user.
#[derive(Clone, Debug)]
pub struct Canceller {
    target: Target,
    cancel: Cancel,
    uses: Uses,
    user: u64,
}

impl Canceller {
    pub(super) fn new(target: Target, cancel: Cancel, uses: Uses) -> Self {
        let user = uses.user();
        Self {
            target,
            cancel,
            uses,
            user,
        }
    }

    /// Asks the server to stop what the link runs, over a connection of its own, with TLS if the
    /// link has it. Returns false, and asks for nothing, if the link has another user by now.
    ///
    /// The server does not say whether there was something to stop. A link that was cancelled is
    /// not used again once its user is done with it.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached in time.
    pub async fn cancel(&self, patience: Duration) -> Result<bool, LinkError> {
        if !self.uses.begin(self.user) {
            return Ok(false);
        }
        let asking = async {
            let mut stream = Stream::open(&self.target).await?;
            let mut request = BytesMut::new();
            frontend::cancel_request(&mut request, &self.cancel)?;
            stream
                .write_all(&request)
                .await
                .map_err(LinkError::Broken)?;
            stream.flush().await.map_err(LinkError::Broken)?;
            // The server closes once it has passed the request on. How it closes does not matter.
            let mut nothing = [0];
            let _closed = stream.read(&mut nothing).await;
            Ok(true)
        };
        timeout(patience, asking)
            .await
            .map_err(|_| LinkError::Late {
                doing: "cancelling",
            })?
    }
}

//! Anchors: what the control log says an access log cannot take back.

use std::sync::PoisonError;

use merkle::SignedCheckpoint;
use record::{Anchor, Digest, LogClose};

use crate::books::access::Core;
use crate::books::pen::digest;
use crate::error::LedgerError;

/// How far an access log is anchored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchored {
    /// The size that the last anchor says.
    pub size: u64,
    /// What it says witnesses have cosigned.
    pub witnessed: u64,
    /// Why the last attempt failed, if it did. It is tried again.
    pub trouble: Option<String>,
}

impl Core {
    /// Anchors what is published, if the log grew or more of it is witnessed.
    pub(crate) fn anchor(&self) -> Result<(), LedgerError> {
        // One at a time, so that anchors never shrink.
        let mut anchored = self.anchored.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.anchor_after(&anchored);
        match written {
            Ok(Some(now)) => *anchored = now,
            Ok(None) => anchored.trouble = None,
            Err(error) => {
                anchored.trouble = Some(error.to_string());
                return Err(error);
            }
        }
        Ok(())
    }

    fn anchor_after(&self, before: &Anchored) -> Result<Option<Anchored>, LedgerError> {
        let Some(checkpoint) = self.log.checkpoint() else {
            return Ok(None);
        };
        let head = *checkpoint.checkpoint().head();
        // Asked after the checkpoint, so that it may already be about a later one.
        let witnessed = self.log.progress().borrow().witnessed;
        let witnessed = witnessed.min(head.size).max(before.witnessed);
        if head.size < before.size || (head.size, witnessed) == (before.size, before.witnessed) {
            return Ok(None);
        }
        let body = Anchor {
            log: self.log.recorded_name().clone(),
            size: head.size,
            root: Digest::new(*head.root.bytes()),
            checkpoint: hash(&checkpoint),
            witnessed_size: witnessed,
        };
        self.control.desk.submit(body, Vec::new())?;
        Ok(Some(Anchored {
            size: head.size,
            witnessed,
            trouble: None,
        }))
    }

    /// Closes the log in the control log, at its latest checkpoint.
    pub(crate) fn record_close(&self) -> Result<(), LedgerError> {
        let Some(checkpoint) = self.log.checkpoint() else {
            return Ok(());
        };
        let head = *checkpoint.checkpoint().head();
        let body = LogClose {
            log: self.log.recorded_name().clone(),
            size: head.size,
            root: Digest::new(*head.root.bytes()),
            checkpoint: hash(&checkpoint),
        };
        self.control.desk.submit(body, Vec::new()).map(|_| ())
    }
}

/// The hash of a checkpoint with the log's own signature alone: it does not depend on which witnesses
/// had answered by then.
fn hash(signed: &SignedCheckpoint) -> Digest {
    let origin = signed.checkpoint().origin();
    let ours = signed
        .signatures()
        .iter()
        .filter(|line| line.name() == origin)
        .map(ToString::to_string);
    let text = format!("{}\n{}", signed.checkpoint(), ours.collect::<String>());
    digest(text.as_bytes())
}

//! Asks witnesses to cosign what is published, and keeps what they answer. No threads in here, and
//! never in the way of a commit.

use std::sync::{Arc, PoisonError};

use merkle::{AddCheckpoint, NoteSignature, SignedCheckpoint, VerifierKey, consistency_proof};

use crate::error::LedgerError;
use crate::progress::Board;
use crate::storage::{CHECKPOINT, Objects, WITNESSED};
use crate::surroundings::Clock;

use super::publisher::Latest;
use super::tiles::ObjectTiles;

/// A witness, however it is reached.
pub trait Cosign: Send {
    /// The key that its cosignatures are verified with.
    fn key(&self) -> &VerifierKey;
    /// Asks it to cosign. It may take as long as its own time-out.
    fn cosign(&mut self, request: &AddCheckpoint) -> Result<Vec<NoteSignature>, CosignRefused>;
}

/// Why a witness did not cosign.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CosignRefused {
    /// It has cosigned another size last (HTTP 409).
    #[error("the witness stands at size {size}")]
    Conflict {
        /// Which.
        size: u64,
    },
    /// It refuses, or cannot be reached.
    #[error("{0}")]
    Failed(String),
}

/// The witnesses of one log.
pub(crate) struct Witnesses {
    pub(crate) witnesses: Vec<(Box<dyn Cosign>, u64)>,
    pub(crate) needed: usize,
    pub(crate) objects: Arc<dyn Objects>,
    pub(crate) latest: Latest,
    pub(crate) board: Board,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Witnesses {
    /// Whether anybody is to be asked.
    pub(crate) fn are_asked(&self) -> bool {
        self.needed > 0 && !self.witnesses.is_empty()
    }

    /// Asks every witness once for the latest checkpoint, and stores it when enough have cosigned.
    pub(crate) fn ask(&mut self) -> Result<(), LedgerError> {
        let latest = self
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(mut signed) = latest else {
            return Ok(());
        };
        let asked_ms = self.clock.now_ms();
        let mut troubles = Vec::new();
        let mut count = 0;
        for (witness, old_size) in &mut self.witnesses {
            match ask_one(witness.as_mut(), old_size, &signed, self.objects.as_ref()) {
                Ok(line) => {
                    signed.add(line).map_err(LedgerError::tree)?;
                    count += 1;
                }
                Err(trouble) => troubles.push(format!("`{}`: {trouble}", witness.key().name())),
            }
        }
        if count < self.needed {
            self.board.witness_failed(troubles.join("; "));
            return Ok(());
        }
        self.store(&signed)?;
        self.board
            .witnessed(signed.checkpoint().head().size, asked_ms);
        Ok(())
    }

    fn store(&self, signed: &SignedCheckpoint) -> Result<(), LedgerError> {
        let text = signed.to_string();
        self.objects.replace(WITNESSED, text.as_bytes())?;
        // If the log has not gone on meanwhile, its latest checkpoint carries them too.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest
            .as_ref()
            .is_some_and(|latest| latest.checkpoint() == signed.checkpoint())
        {
            self.objects.replace(CHECKPOINT, text.as_bytes())?;
            *latest = Some(signed.clone());
        }
        Ok(())
    }
}

/// One witness, asked at most twice: its first answer may be the size it stands at.
fn ask_one(
    witness: &mut dyn Cosign,
    old_size: &mut u64,
    signed: &SignedCheckpoint,
    objects: &dyn Objects,
) -> Result<NoteSignature, String> {
    let head = *signed.checkpoint().head();
    for _ in 0..2 {
        if *old_size > head.size {
            return Err(format!(
                "it cosigned size {old_size}, this log has {}: it lost state, or two logs share its name",
                head.size
            ));
        }
        let proof = consistency_proof(&ObjectTiles(objects), *old_size, &head);
        let request = AddCheckpoint {
            old_size: *old_size,
            proof: proof.map_err(|error| error.to_string())?,
            checkpoint: signed.clone(),
        };
        match witness.cosign(&request) {
            Ok(lines) => {
                let key = witness.key();
                let ours = lines.into_iter().find(|line| line.claims(key));
                let line = ours.ok_or("it answered without its signature")?;
                signed
                    .check_line(&line, key)
                    .map_err(|error| error.to_string())?;
                *old_size = head.size;
                return Ok(line);
            }
            Err(CosignRefused::Conflict { size }) if size != *old_size => *old_size = size,
            Err(refused) => return Err(refused.to_string()),
        }
    }
    Err("it named two sizes one after the other".to_owned())
}

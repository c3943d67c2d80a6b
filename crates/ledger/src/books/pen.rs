//! Writes the entries that the books make themselves: their envelope, and payloads with fresh salts.

use record::{Body, Commitments, Digest, Draft, Entry, Field, Marks, Payload, Salt};
use sha2::{Digest as _, Sha256};

use crate::error::LedgerError;
use crate::surroundings::Surroundings;

/// What stands in the envelope of every entry of one writer.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) surroundings: Surroundings,
    pub(crate) marks: Marks,
}

impl Pen {
    pub(crate) fn now_ms(&self) -> u64 {
        self.surroundings.clock.now_ms()
    }

    pub(crate) fn draft(
        &self,
        control_size: u64,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> Result<Draft, LedgerError> {
        let body = body.into();
        let kind = body.kind();
        let mut salted = Vec::with_capacity(payloads.len());
        for (field, bytes) in payloads {
            let mut salt = [0; 32];
            self.surroundings.randomness.fill(&mut salt)?;
            let payload = Payload::new(kind, field, Salt::new(salt), bytes);
            salted.push(payload.map_err(|error| refused(&error))?);
        }
        let entry = Entry {
            time_ms: self.now_ms(),
            control_size,
            marks: self.marks,
            idempotency: None,
            body,
            commitments: Commitments::new(),
        };
        Draft::new(entry, salted).map_err(|error| refused(&error))
    }
}

/// SHA-256 of something public.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

/// For `map_err` where `record` is asked.
pub(crate) fn refused(error: &dyn std::error::Error) -> LedgerError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    LedgerError::Refused { reason }
}

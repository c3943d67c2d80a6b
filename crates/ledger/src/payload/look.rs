//! Reads a log's payloads from another process or on a copy, with the deployment's payload key.

use std::path::Path;

use record::{Entry, Field, Salt};

use crate::books::PayloadKey;
use crate::error::LedgerError;
use crate::name::LogName;
use crate::surroundings::Surroundings;

use super::{Found, Vault};

/// The payloads of one log, to be read. Nothing is locked, mended or written: what the writer of a
/// live log has not synced yet may be missing here, which is no verdict about entries that are not
/// published.
pub struct PayloadReader(Vault);

impl PayloadReader {
    /// Opens the payloads that lie in a log's folder.
    ///
    /// # Errors
    /// [`LedgerError::WrongKey`] for the key of another deployment, [`LedgerError::Io`] where no
    /// payloads lie.
    pub fn open(
        surroundings: &Surroundings,
        folder: &Path,
        log: &LogName,
        key: &PayloadKey,
    ) -> Result<Self, LedgerError> {
        let payloads = folder.join("payloads");
        Vault::look(surroundings, &payloads, log.hash(), key.bytes()).map(Self)
    }

    /// What the store has for a field that an entry commits to; `None` if it commits to none.
    pub fn find(
        &mut self,
        index: u64,
        entry: &Entry,
        field: Field,
    ) -> Result<Option<Found>, LedgerError> {
        let Some(commitment) = entry.commitments.get(&field) else {
            return Ok(None);
        };
        let kind = entry.kind();
        let fits = |salt: &[u8; 32], bytes: &[u8]| {
            record::check(kind, field, &Salt::new(*salt), bytes, commitment)
        };
        self.0.read(index, field.0, &fits).map(Some)
    }
}

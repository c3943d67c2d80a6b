//! Entries out of their bundles, one after the other. Nothing is verified here.

use merkle::{BundlePath, SignedCheckpoint, decode_bundle};

use super::Shown;
use crate::heads;
use crate::source::{Files, Source};
use crate::{Error, VerifierKey};

/// Reads entries of one log as its latest checkpoint has it.
pub struct Reader<'a> {
    source: &'a dyn Source,
    latest: SignedCheckpoint,
    /// The bundle that was read last.
    bundle: Option<(u64, Vec<Vec<u8>>)>,
}

impl<'a> Reader<'a> {
    /// Reads the latest checkpoint.
    ///
    /// # Errors
    /// [`Error::NotALog`], [`Error::Given`] or [`Error::Read`].
    pub fn new(source: &'a dyn Source) -> Result<Self, Error> {
        Ok(Self {
            source,
            latest: heads::read_latest(source)?,
            bundle: None,
        })
    }

    /// The log's name, as its checkpoint says.
    pub fn log(&self) -> &str {
        self.latest.checkpoint().origin()
    }

    /// How many entries its checkpoint has.
    pub const fn size(&self) -> u64 {
        self.latest.checkpoint().head().size
    }

    /// Checks who signed the latest checkpoint.
    ///
    /// # Errors
    /// [`Error::Given`] when it was not this key.
    pub fn verify_log(&self, key: &VerifierKey) -> Result<(), Error> {
        let checked = self.latest.verify_log(key);
        checked.map(|_| ()).map_err(|source| Error::Given {
            place: self.source.place("checkpoint"),
            source,
        })
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// [`Error::NoEntry`], [`Error::Entry`] or [`Error::Read`].
    pub fn bytes(&mut self, index: u64) -> Result<Vec<u8>, Error> {
        let size = self.size();
        if index >= size {
            return Err(Error::NoEntry { index, size });
        }
        let number = index / 256;
        if self.bundle.as_ref().is_none_or(|(read, _)| *read != number) {
            self.bundle = Some((number, self.read_bundle(index)?));
        }
        let (_, entries) = self.bundle.as_ref().ok_or(Error::NoEntry { index, size })?;
        let place = usize::try_from(index % 256).unwrap_or_default();
        let entry = entries.get(place).cloned();
        entry.ok_or(Error::NoEntry { index, size })
    }

    /// An entry to be shown.
    ///
    /// # Errors
    /// As [`Reader::bytes`], and [`Error::NotAnEntry`].
    pub fn show(&mut self, index: u64) -> Result<Shown, Error> {
        let bytes = self.bytes(index)?;
        Shown::new(self.log(), index, bytes)
    }

    fn read_bundle(&self, index: u64) -> Result<Vec<Vec<u8>>, Error> {
        let size = self.size();
        let first = index - index % 256;
        let width = u16::try_from((size - first).min(256)).unwrap_or(256);
        let path = BundlePath::new(first / 256, width).map_err(Error::Proof)?;
        let unread = || Error::Entry {
            index,
            place: self.source.place(&path.to_string()),
        };
        let files = Files {
            source: self.source,
            size,
        };
        let (bytes, width) = files.bundle(&path)?.ok_or_else(unread)?;
        let entries = decode_bundle(&bytes, width).map_err(|_| unread())?;
        Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
    }
}

/// Follows a log from an index on, as it is published.
pub struct Tail<'a> {
    source: &'a dyn Source,
    next: u64,
}

impl<'a> Tail<'a> {
    /// The last `count` entries and what comes after them.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn new(source: &'a dyn Source, count: u64) -> Result<Self, Error> {
        let size = Reader::new(source)?.size();
        Ok(Self {
            source,
            next: size.saturating_sub(count),
        })
    }

    /// The entries that were published since the last call, at most 4,096 of them.
    ///
    /// # Errors
    /// As [`Reader::show`].
    pub fn ready(&mut self) -> Result<Vec<Shown>, Error> {
        let mut reader = Reader::new(self.source)?;
        let until = reader.size().min(self.next.saturating_add(4096));
        let mut shown = Vec::new();
        while self.next < until {
            shown.push(reader.show(self.next)?);
            self.next += 1;
        }
        Ok(shown)
    }
}

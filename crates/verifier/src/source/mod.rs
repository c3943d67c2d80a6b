//! Where a log's files come from: one small trait, and what to do about partial tiles and bundles
//! that a growing log has replaced.

mod directory;
mod http;
mod memory;
mod open;

pub use directory::DirectorySource;
pub use http::HttpSource;
pub use memory::MemorySource;
pub use open::open;

use merkle::{BundlePath, ReadFailure, TilePath, TileReader};

use crate::Error;

/// LIMIT: a bundle of 256 entries of the largest size, the largest file that a log has.
pub(crate) const FILE_BYTES_MAX: u64 = 256 * (65_535 + 2);

/// The latest checkpoint's file.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// The latest checkpoint that enough witnesses cosigned, as Cordon keeps it beside the first.
pub(crate) const WITNESSED: &str = "checkpoint.witnessed";

/// The files of one log under their C2SP names. Nothing that it gives is trusted.
pub trait Source: Send + Sync {
    /// The bytes of a file, or `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Read`] when it is not known whether there is one, [`Error::TooLarge`].
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Where a file lies, for people.
    fn place(&self, path: &str) -> String;

    /// Names of checkpoints that are kept beside the latest.
    ///
    /// # Errors
    /// As [`Source::read`].
    fn kept_checkpoints(&self) -> Result<Vec<String>, Error> {
        Ok(vec![WITNESSED.to_owned()])
    }
}

/// Tiles and bundles of a log of a known size.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    pub source: &'a dyn Source,
    pub size: u64,
}

impl Files<'_> {
    /// The bytes of a tile; of a wider one in its place if the log went on since.
    pub fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, Error> {
        if let Some(bytes) = self.source.read(&path.to_string())? {
            return Ok(Some(bytes));
        }
        let count = self.size >> (u32::from(path.level()) * 8);
        let present = width_of(count, path.index());
        for width in [256, present] {
            let Ok(wider) = TilePath::new(path.level(), path.index(), width) else {
                continue;
            };
            if width <= path.width() {
                continue;
            }
            if let Some(mut bytes) = self.source.read(&wider.to_string())?
                && bytes.len() == wider.bytes()
            {
                bytes.truncate(path.bytes());
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// The bytes of a bundle and how many entries they should be.
    pub fn bundle(&self, path: &BundlePath) -> Result<Option<(Vec<u8>, u16)>, Error> {
        if let Some(bytes) = self.source.read(&path.to_string())? {
            return Ok(Some((bytes, path.width())));
        }
        if path.is_partial()
            && let Some(bytes) = self.source.read(&path.as_full().to_string())?
        {
            return Ok(Some((bytes, 256)));
        }
        Ok(None)
    }
}

impl TileReader for Files<'_> {
    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, ReadFailure> {
        Files::tile(self, path).map_err(Into::into)
    }
}

/// How wide the tile with this index is in a level of `count` hashes.
fn width_of(count: u64, index: u64) -> u16 {
    let rest = count.saturating_sub(index.saturating_mul(256)).min(256);
    u16::try_from(rest).unwrap_or_default()
}

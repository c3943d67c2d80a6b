//! Reads tiles wherever they lie: one small trait, and what to do about a partial tile that is gone.

use crate::{Error, ReadFailure, TilePath};

/// Where tiles come from: a directory, a web server, a map.
pub trait TileReader {
    /// The bytes of the tile with this very name, or `None` if there is none.
    ///
    /// A log may delete a partial tile once the full one stands, so that a reader need not look for
    /// another width: the full tile is asked for next. What is read is not trusted.
    ///
    /// # Errors
    /// A failure after which nobody knows whether the tile is there.
    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, ReadFailure>;
}

/// Exactly the bytes that the path promises, from the tile or from the full one in its place.
pub(crate) fn read_tile(reader: &dyn TileReader, path: &TilePath) -> Result<Vec<u8>, Error> {
    if let Some(bytes) = read_exactly(reader, path)? {
        return Ok(bytes);
    }
    if path.is_partial() {
        let full = read_exactly(reader, &path.as_full())?;
        if let Some(mut bytes) = full {
            bytes.truncate(path.bytes());
            return Ok(bytes);
        }
    }
    Err(Error::MissingTile { path: *path })
}

fn read_exactly(reader: &dyn TileReader, path: &TilePath) -> Result<Option<Vec<u8>>, Error> {
    let read = reader.tile(path).map_err(|source| Error::Read {
        path: *path,
        source,
    })?;
    match read {
        Some(bytes) if bytes.len() != path.bytes() => Err(Error::TileLength {
            path: *path,
            bytes: bytes.len(),
        }),
        found => Ok(found),
    }
}

//! Tiles read from the objects of a log.

use merkle::{ReadFailure, TilePath, TileReader};

use crate::storage::Objects;

/// The tiles among a log's objects.
pub(crate) struct ObjectTiles<'a>(pub(crate) &'a dyn Objects);

impl TileReader for ObjectTiles<'_> {
    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, ReadFailure> {
        Ok(self.0.read(&path.to_string())?)
    }
}

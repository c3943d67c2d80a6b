//! Entry bundles (C2SP tlog-tiles): each entry with its length before it, 256 to a full bundle.

use crate::error::{Format, malformed};
use crate::{BundlePath, Error, TILE_WIDTH_MAX};

/// How many entries a full bundle has.
pub const BUNDLE_WIDTH_MAX: u16 = TILE_WIDTH_MAX;

/// The longest entry: its length stands in two bytes.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// Appends an entry to the bytes of a bundle: big-endian u16 length, then the entry.
///
/// # Errors
/// [`Error::TooLarge`] for an entry above 65,535 bytes; nothing is appended then.
pub fn encode_entry(entry: &[u8], bundle: &mut Vec<u8>) -> Result<(), Error> {
    let length = u16::try_from(entry.len()).map_err(|_| Error::TooLarge {
        format: Format::Bundle,
        limit: ENTRY_BYTES_MAX,
        unit: "bytes an entry",
    })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The bytes of a bundle with these entries, 1 to 256 of them.
///
/// # Errors
/// [`Error::TooLarge`] for a long entry, [`Error::Malformed`] for no entry or more than 256.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, Error> {
    check_width(entries.len())?;
    let mut bytes = Vec::new();
    for entry in entries {
        encode_entry(entry.as_ref(), &mut bytes)?;
    }
    Ok(bytes)
}

/// The entries of a bundle, as many as its path's width says; nothing may follow them.
///
/// # Errors
/// [`Error::Malformed`] for fewer or more entries, a cut one, or a width outside 1 to 256.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, Error> {
    check_width(usize::from(width))?;
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    for _ in 0..width {
        let (length, after) = rest
            .split_first_chunk::<2>()
            .ok_or(malformed(Format::Bundle, "it ends before its last entry"))?;
        let (entry, after) = after
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or(malformed(Format::Bundle, "an entry is cut"))?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(malformed(Format::Bundle, "bytes follow its last entry"))
    }
}

const fn check_width(width: usize) -> Result<(), Error> {
    if width == 0 || width > BUNDLE_WIDTH_MAX as usize {
        return Err(malformed(Format::Bundle, "it has 1 to 256 entries"));
    }
    Ok(())
}

/// The last bundle of a growing log, and the completed ones that wait to be stored.
#[derive(Clone, Debug, Default)]
pub struct BundleWriter {
    index: u64,
    width: u16,
    bytes: Vec<u8>,
    has_grown: bool,
    completed: Vec<(BundlePath, Vec<u8>)>,
}

impl BundleWriter {
    /// A log without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on with a log of this size; `partial` has the bytes of its partial bundle, none if the
    /// size is a multiple of 256.
    ///
    /// # Errors
    /// [`Error::Malformed`] if `partial` is not that bundle's length in entries.
    pub fn resume(size: u64, partial: &[u8]) -> Result<Self, Error> {
        // The remainder is below 256, so that it fits.
        let width = u16::try_from(size & 0xff).unwrap_or_default();
        if width == 0 && !partial.is_empty() {
            return Err(malformed(
                Format::Bundle,
                "no partial bundle belongs to this size",
            ));
        }
        if width > 0 {
            decode_bundle(partial, width)?;
        }
        Ok(Self {
            index: size >> 8,
            width,
            bytes: partial.to_vec(),
            ..Self::default()
        })
    }

    /// How many entries the log has.
    pub const fn size(&self) -> u64 {
        (self.index << 8) + self.width as u64
    }

    /// Appends an entry.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for an entry above 65,535 bytes; nothing is appended then.
    pub fn push(&mut self, entry: &[u8]) -> Result<(), Error> {
        encode_entry(entry, &mut self.bytes)?;
        self.width += 1;
        self.has_grown = true;
        if self.width == BUNDLE_WIDTH_MAX {
            let path = BundlePath::of_log(self.index, self.width);
            self.completed.push((path, std::mem::take(&mut self.bytes)));
            self.index += 1;
            self.width = 0;
            self.has_grown = false;
        }
        Ok(())
    }

    /// The bundles that changed since they were last taken, in order; the partial one comes last.
    pub fn take_changed(&mut self) -> Vec<(BundlePath, Vec<u8>)> {
        let mut changed = std::mem::take(&mut self.completed);
        if std::mem::take(&mut self.has_grown) {
            let path = BundlePath::of_log(self.index, self.width);
            changed.push((path, self.bytes.clone()));
        }
        changed
    }
}

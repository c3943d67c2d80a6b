//! Names of tiles and bundles (C2SP tlog-tiles), and which of them a tree has. Knows no content.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::error::{Format, malformed};

/// How many hashes a full tile has, and how many entries a full bundle.
pub const TILE_WIDTH_MAX: u16 = 256;

/// LIMIT: seven groups hold the largest index; nothing longer is looked at.
const PATH_BYTES_MAX: usize = 64;

/// The name of a tile: `tile/<level>/<index>[.p/<width>]`.
///
/// A hash at level `l` covers 256^l entries; tile `n` of a level has its hashes from `256 n` on. A
/// width of 256 means full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    level: u8,
    index: u64,
    width: u16,
}

impl TilePath {
    /// A tile; partial if its width is below 256.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a level above 63 or a width outside 1 to 256.
    pub const fn new(level: u8, index: u64, width: u16) -> Result<Self, Error> {
        if level > 63 {
            return Err(malformed(Format::TilePath, "the level is 0 to 63"));
        }
        if width == 0 || width > TILE_WIDTH_MAX {
            return Err(malformed(Format::TilePath, "the width is 1 to 256"));
        }
        Ok(Self {
            level,
            index,
            width,
        })
    }

    /// A tile that a tree of u64 size has: the level is below 8, the width 1 to 256.
    pub(crate) const fn of_tree(level: u8, index: u64, width: u16) -> Self {
        Self {
            level,
            index,
            width,
        }
    }

    /// The level; 0 has the hashes of entries.
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// The number of the tile in its level.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes it has, 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has fewer than 256 hashes.
    pub const fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH_MAX
    }

    /// The full tile in the same place, which may be read instead of a partial one.
    #[must_use]
    pub const fn as_full(&self) -> Self {
        Self {
            width: TILE_WIDTH_MAX,
            ..*self
        }
    }

    /// How many bytes it has: 32 for each hash.
    pub const fn bytes(&self) -> usize {
        self.width as usize * 32
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_index(f, self.index, self.width)
    }
}

impl FromStr for TilePath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || malformed(Format::TilePath, "write `tile/0/x001/067` or with `.p/8`");
        let rest = text.strip_prefix("tile/").ok_or_else(refuse)?;
        let (level, rest) = rest.split_once('/').ok_or_else(refuse)?;
        let level = level.parse().map_err(|_| refuse())?;
        let (index, width) = read_index(rest).ok_or_else(refuse)?;
        let path = Self::new(level, index, width)?;
        // One spelling for each tile: signs, leading zeroes and empty groups are refused.
        if path.to_string() != text {
            return Err(refuse());
        }
        Ok(path)
    }
}

/// The name of an entry bundle: `tile/entries/<index>[.p/<width>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundlePath {
    index: u64,
    width: u16,
}

impl BundlePath {
    /// A bundle; partial if its width is below 256.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a width outside 1 to 256.
    pub const fn new(index: u64, width: u16) -> Result<Self, Error> {
        if width == 0 || width > TILE_WIDTH_MAX {
            return Err(malformed(Format::BundlePath, "the width is 1 to 256"));
        }
        Ok(Self { index, width })
    }

    /// A bundle that a log has: the width is 1 to 256.
    pub(crate) const fn of_log(index: u64, width: u16) -> Self {
        Self { index, width }
    }

    /// The number of the bundle; its first entry is 256 times this.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many entries it has, 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has fewer than 256 entries.
    pub const fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH_MAX
    }

    /// The full bundle in the same place.
    #[must_use]
    pub const fn as_full(&self) -> Self {
        Self {
            width: TILE_WIDTH_MAX,
            ..*self
        }
    }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_index(f, self.index, self.width)
    }
}

impl FromStr for BundlePath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || malformed(Format::BundlePath, "write `tile/entries/x001/067`");
        let rest = text.strip_prefix("tile/entries/").ok_or_else(refuse)?;
        let (index, width) = read_index(rest).ok_or_else(refuse)?;
        let path = Self::new(index, width)?;
        if path.to_string() != text {
            return Err(refuse());
        }
        Ok(path)
    }
}

/// All tiles of a tree, partial ones of the right edge included; level 0 first. Empty for size 0.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TilePath> {
    tiles_changed(0, size)
}

/// The tiles that a tree of the new size has and one of the old size had not: full ones that were
/// completed, partial ones that grew. Nothing if the new size is not larger.
pub fn tiles_changed(old: u64, new: u64) -> impl Iterator<Item = TilePath> {
    (0_u8..8).flat_map(move |level| {
        let shift = u32::from(level) * 8;
        changed(old >> shift, new >> shift).map(move |(index, width)| TilePath {
            level,
            index,
            width,
        })
    })
}

/// All entry bundles of a tree, the partial one at the end included. Empty for size 0.
pub fn bundles_of(size: u64) -> impl Iterator<Item = BundlePath> {
    bundles_changed(0, size)
}

/// The bundles that a tree of the new size has and one of the old size had not. Nothing if the new
/// size is not larger.
pub fn bundles_changed(old: u64, new: u64) -> impl Iterator<Item = BundlePath> {
    changed(old, new).map(|(index, width)| BundlePath { index, width })
}

/// Index and width of the groups of 256 that differ between two counts.
fn changed(old: u64, new: u64) -> impl Iterator<Item = (u64, u16)> {
    let full = (old >> 8..new >> 8).map(|index| (index, TILE_WIDTH_MAX));
    // The remainder is below 256, so that it fits.
    let rest = u16::try_from(new & 0xff).unwrap_or_default();
    let partial = (new > old && rest > 0).then_some((new >> 8, rest));
    full.chain(partial)
}

/// 1234067 is written `x001/x234/067`, a partial width follows as `.p/8`.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    for (place, group) in groups.iter().enumerate().rev() {
        match place {
            0 => write!(f, "{group:03}")?,
            _ => write!(f, "x{group:03}/")?,
        }
    }
    if width < TILE_WIDTH_MAX {
        write!(f, ".p/{width}")?;
    }
    Ok(())
}

/// Reads loosely; the caller compares with the one right spelling.
fn read_index(text: &str) -> Option<(u64, u16)> {
    if text.len() > PATH_BYTES_MAX {
        return None;
    }
    let (groups, width) = match text.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().ok()?),
        None => (text, TILE_WIDTH_MAX),
    };
    let mut index = 0_u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let value: u64 = digits.parse().ok().filter(|value| *value < 1000)?;
        index = index.checked_mul(1000)?.checked_add(value)?;
    }
    Some((index, width))
}

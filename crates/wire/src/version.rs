//! Which version of the protocol is spoken.

use crate::Error;

/// The minor versions of protocol 3 that are spoken here. PostgreSQL never released a 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Minor {
    /// 3.0: cancel keys of four bytes.
    Zero,
    /// 3.2, since PostgreSQL 18: longer cancel keys.
    Two,
}

impl Minor {
    /// The number on the wire: major in the upper half.
    pub(crate) const fn code(self) -> u32 {
        match self {
            Self::Zero => 3 << 16,
            Self::Two => (3 << 16) | 2,
        }
    }
}

/// A version that a client asks for: 3, and any minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    minor: u16,
}

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    ///
    /// When the major version is not 3.
    pub(crate) const fn from_code(code: u32) -> Result<Self, Error> {
        let [major_high, major_low, minor_high, minor_low] = code.to_be_bytes();
        let major = u16::from_be_bytes([major_high, major_low]);
        let minor = u16::from_be_bytes([minor_high, minor_low]);
        if major == 3 {
            Ok(Self { minor })
        } else {
            Err(Error::Version { major, minor })
        }
    }

    /// The minor version that the client asks for.
    #[must_use]
    pub const fn minor(self) -> u16 {
        self.minor
    }

    /// The newest version that both sides know.
    #[must_use]
    pub const fn agreed(self) -> Minor {
        if self.minor >= 2 {
            Minor::Two
        } else {
            Minor::Zero
        }
    }

    /// Whether what is agreed is what was asked for. If not, NegotiateProtocolVersion says so.
    #[must_use]
    pub const fn is_spoken(self) -> bool {
        matches!(self.minor, 0 | 2)
    }
}

//! Two small things that both directions name: where a transaction stands, and what a message is
//! about.

/// Where a session's transaction stands, as ReadyForQuery says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// In none.
    Idle,
    /// In one.
    Open,
    /// In one that failed; only ROLLBACK helps.
    Failed,
}

impl TransactionStatus {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Idle => b'I',
            Self::Open => b'T',
            Self::Failed => b'E',
        }
    }

    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'I' => Some(Self::Idle),
            b'T' => Some(Self::Open),
            b'E' => Some(Self::Failed),
            _ => None,
        }
    }
}

/// What Describe and Close are about. The empty name is the unnamed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A prepared statement.
    Statement(&'a str),
    /// A portal.
    Portal(&'a str),
}

impl<'a> Subject<'a> {
    pub(crate) const fn parts(self) -> (u8, &'a str) {
        match self {
            Self::Statement(name) => (b'S', name),
            Self::Portal(name) => (b'P', name),
        }
    }
}

//! How long a payload is kept and whether it may be erased.

use std::fmt;

/// What a payload is about. The class follows from kind and field alone; nobody chooses it.
///
/// Source: ledger.md, rule 6: party, purpose, volume, method and approval are locked for ten years
/// (28 CFR 202 asks for ten); literals and references to subjects can be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Who took part, and how that was proved.
    Party,
    /// What for.
    Purpose,
    /// How much.
    Volume,
    /// By what means.
    Method,
    /// Who agreed, to what, with which signature.
    Approval,
    /// Values out of statements and messages, which may be about anybody.
    Literal,
    /// Which data subjects.
    Subject,
}

impl Class {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Party,
        Self::Purpose,
        Self::Volume,
        Self::Method,
        Self::Approval,
        Self::Literal,
        Self::Subject,
    ];

    /// Its name, as `erase` says it when it refuses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Purpose => "purpose",
            Self::Volume => "volume",
            Self::Method => "method",
            Self::Approval => "approval",
            Self::Literal => "literal",
            Self::Subject => "subject",
        }
    }

    /// Whether a quorum may have it erased before its time.
    pub const fn may_erase(self) -> bool {
        match self {
            Self::Party | Self::Purpose | Self::Volume | Self::Method | Self::Approval => false,
            Self::Literal | Self::Subject => true,
        }
    }

    /// For how many years it is locked.
    pub const fn locked_years(self) -> u8 {
        if self.may_erase() { 0 } else { 10 }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

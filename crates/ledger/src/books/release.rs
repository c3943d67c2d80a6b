//! Whether sensitive data may leave in clear while entries wait for a witness.
//!
//! The degraded window (pre-signed, four hours, never for covered persons; ledger.md, rule 1) is not
//! built. It would be one more [`Release`], given by an entry of the control log that allows it.

use std::time::Duration;

use crate::progress::Progress;

/// How long the oldest entry that no witness has cosigned has waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// In milliseconds; 0 if all are witnessed.
    pub unwitnessed_ms: u64,
}

/// Whether views of sensitive data may be released in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// They may: witnesses keep up.
    Witnessed(Lag),
    /// They may, because this is an evaluation without a witness. It is a gap, to be shown as one.
    Unwitnessed,
    /// They may not: witnesses have been away for too long.
    Held(Lag),
}

impl Release {
    pub(crate) fn of(
        progress: &Progress,
        is_witnessed: bool,
        unwitnessed_max: Duration,
        now_ms: u64,
    ) -> Self {
        if !is_witnessed {
            return Self::Unwitnessed;
        }
        let lag = Lag {
            unwitnessed_ms: progress.unwitnessed_ms(now_ms),
        };
        if u128::from(lag.unwitnessed_ms) <= unwitnessed_max.as_millis() {
            Self::Witnessed(lag)
        } else {
            Self::Held(lag)
        }
    }

    /// Whether they may.
    pub const fn is_allowed(&self) -> bool {
        match self {
            Self::Witnessed(_) | Self::Unwitnessed => true,
            Self::Held(_) => false,
        }
    }

    /// Whether the answer is a gap that reports must name.
    pub const fn is_gap(&self) -> bool {
        matches!(self, Self::Unwitnessed)
    }
}

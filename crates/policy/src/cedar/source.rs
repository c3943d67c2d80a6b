//! Where a policy comes from decides what it may be.

use model::RegimeId;

/// Which of the three tiers a policy belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// What law forbids: `forbid` only, nothing lifts it, not even observe mode.
    Floor(RegimeId),
    /// Compiled-in house rules and the oversight of a regime: `forbid` only.
    House,
    /// The deployment's own.
    Rules,
}

impl Tier {
    /// Whether policies of this tier may permit.
    pub const fn may_permit(&self) -> bool {
        matches!(self, Self::Rules)
    }
}

/// A file of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file as the operator knows it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Its tier.
    pub tier: Tier,
}

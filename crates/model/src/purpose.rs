//! Why data is looked at, in the words the law asks to be recorded.

use crate::{PurposeId, ReasonCode};

/// A purpose that people of this deployment may state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its id, as in `SET cordon.purpose`.
    pub id: PurposeId,
    /// What it means.
    pub title: String,
    /// The reason codes that a request for it may carry.
    pub reason_codes: Vec<ReasonCode>,
}

crate::label::words! {
    /// Source: 28 CFR 202 subparts C and D: the classes of covered data transactions; `none` is
    /// the requester's statement that it is none of them.
    TransactionType, "transaction type" {
        /// Selling or licensing data.
        DataBrokerage = "data_brokerage",
        /// A vendor agreement.
        Vendor = "vendor",
        /// An employment agreement.
        Employment = "employment",
        /// An investment agreement.
        Investment = "investment",
        /// None of them.
        None = "none",
    }
}

/// An exemption somebody claims. The software records the claim and never decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The rule, e.g. `28 CFR 202.505`.
    pub rule: String,
    /// Where counsel's opinion is filed.
    pub counsel_reference: String,
}

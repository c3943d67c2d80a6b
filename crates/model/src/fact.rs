//! A statement about someone that has a source and ends.

use crate::Timestamp;

/// A value with where it comes from and until when it may be believed.
///
/// Source: design.md section 5: all facts but the network country come from the people register,
/// "each fact with source and expiry"; an expired fact is unknown (promise 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    /// What is stated.
    pub value: T,
    /// Who or what states it.
    pub source: String,
    /// The first moment at which it may no longer be believed.
    pub expires: Timestamp,
}

impl<T> Fact<T> {
    /// The value while it may be believed, nothing from the moment of expiry on.
    pub fn at(&self, now: Timestamp) -> Option<&T> {
        (now < self.expires).then_some(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_fact_is_unknown() {
        let end = Timestamp::from_seconds(100);
        let fact = Fact {
            value: 7,
            source: "register".into(),
            expires: end,
        };
        assert_eq!(fact.at(Timestamp::from_seconds(99)), Some(&7));
        assert_eq!(fact.at(end), None);
    }
}

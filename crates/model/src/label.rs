//! What a field is: its level of sensitivity, its legal categories, its Fideslang categories.

use std::fmt;
use std::sync::Arc;

/// A word that is no level or no legal category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLabel {
    /// `level` or `legal category`.
    pub kind: &'static str,
    /// The word.
    pub text: String,
    /// The words that would have been understood.
    pub known: Vec<&'static str>,
}

impl fmt::Display for UnknownLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a {}; known are {}",
            self.text.escape_debug(),
            self.kind,
            self.known.join(", ")
        )
    }
}

impl std::error::Error for UnknownLabel {}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in files, policies and output.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word.
            ///
            /// # Errors
            /// [`crate::UnknownLabel`] naming the words that are known.
            pub fn parse(text: &str) -> Result<Self, $crate::UnknownLabel> {
                Self::ALL.iter().copied().find(|label| label.as_str() == text).ok_or_else(|| {
                    $crate::UnknownLabel {
                        kind: $kind,
                        text: text.to_owned(),
                        known: Self::ALL.iter().map(|label| label.as_str()).collect(),
                    }
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Sensitivity, strictest last. A field without a label is [`Level::Restricted`].
    Level, "level" {
        /// Anyone registered may see it.
        Public = "public",
        /// Counts and sums over groups.
        Aggregated = "aggregated",
        /// What systems abroad need to work with each other.
        Interoperability = "interoperability",
        /// Personal data.
        Protected = "protected",
        /// Personal data whose loss hurts.
        Sensitive = "sensitive",
        /// The strictest; what nobody has labelled is here.
        Restricted = "restricted",
    }
}

words! {
    /// What a law counts a field as; apart from its level.
    ///
    /// Source: the items of 28 CFR 202.205 and 202.249, and Article 9 of Regulation (EU) 2016/679
    /// for `special_category`.
    LegalCategory, "legal category" {
        /// Human genomic data.
        HumanGenomic = "human_genomic",
        /// Human epigenomic, proteomic or transcriptomic data.
        OtherOmic = "other_omic",
        /// Fingerprints, faces, voices, gaits.
        Biometric = "biometric",
        /// Location of a person or device within 1,000 metres.
        PreciseGeolocation = "precise_geolocation",
        /// Health.
        PersonalHealth = "personal_health",
        /// Accounts, credit, purchases.
        PersonalFinancial = "personal_financial",
        /// An identifier of 28 CFR 202.212 and 202.234.
        CoveredPersonalIdentifier = "covered_personal_identifier",
        /// Data about government personnel or places.
        GovernmentRelated = "government_related",
        /// Special categories of EU law not named above.
        SpecialCategory = "special_category",
    }
}

impl LegalCategory {
    /// Whether 28 CFR 202 forbids every transfer of it to covered persons, assessed or not.
    pub const fn is_omic(self) -> bool {
        matches!(self, Self::HumanGenomic | Self::OtherOmic)
    }
}

/// A Fideslang data category, e.g. `user.contact.email`. Whether the taxonomy has it is checked
/// where manifests are read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataCategory(Arc<str>);

impl DataCategory {
    /// Takes a category that the caller has looked up.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The dotted path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Itself and everything above it: `user.contact.email`, `user.contact`, `user`.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |path| {
            path.rsplit_once('.').map(|(up, _)| up)
        })
    }

    /// Whether it is the other or lies below it.
    pub fn is_within(&self, other: &str) -> bool {
        self.ancestors().any(|ancestor| ancestor == other)
    }
}

impl fmt::Display for DataCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_strictest_last() {
        assert!(Level::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Level::ALL.last(), Some(&Level::Restricted));
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        let error = Level::parse("secret").unwrap_err().to_string();
        assert!(
            error.contains("`secret` is not a level") && error.contains("restricted"),
            "{error}"
        );
    }

    #[test]
    fn a_category_lies_within_its_ancestors() {
        let email = DataCategory::new("user.contact.email");
        assert!(email.is_within("user.contact") && email.is_within("user"));
        assert!(!email.is_within("user.con"));
    }
}

//! Names that cannot be mixed up: one newtype per kind of thing, checked when it is made.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// LIMIT: longer than any name PostgreSQL (63 bytes) or Fides uses, short enough to log.
const LENGTH_MAX: usize = 200;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadId {
    /// What the text should have named, e.g. `person`.
    pub kind: &'static str,
    /// The text itself.
    pub text: String,
    /// What is wrong with it.
    pub cause: &'static str,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not the name of a {}: {}",
            self.text.escape_debug(),
            self.kind,
            self.cause
        )
    }
}

impl std::error::Error for BadId {}

/// Names of people, organisations and the like: what can stand in a file name or a log line.
fn check_plain(text: &str) -> Result<(), &'static str> {
    check_length(text)?;
    if text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_.-:<>".contains(c))
    {
        Ok(())
    } else {
        Err("only letters, digits and `_ . - : < >` are allowed")
    }
}

/// Names of columns and relations: whatever a data store accepts, but nothing invisible.
fn check_column(text: &str) -> Result<(), &'static str> {
    check_length(text)?;
    if text.chars().any(char::is_control) {
        return Err("control characters are not allowed");
    }
    if text.trim() != text {
        return Err("it begins or ends with a space");
    }
    Ok(())
}

fn check_dataset(text: &str) -> Result<(), &'static str> {
    check_column(text)?;
    match text.split_once('/') {
        Some((key, collection)) if !key.is_empty() && !collection.is_empty() => check_plain(key),
        _ => Err("write it as `fides_key/collection`, e.g. `app/public.users`"),
    }
}

fn check_length(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > LENGTH_MAX {
        return Err("it is longer than 200 bytes");
    }
    Ok(())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text and keeps it.
            ///
            /// # Errors
            /// [`BadId`] when the text is empty, too long or holds a character not allowed here.
            pub fn new(text: &str) -> Result<Self, BadId> {
                match $check(text) {
                    Ok(()) => Ok(Self(Arc::from(text))),
                    Err(cause) => Err(BadId { kind: $kind, text: text.to_owned(), cause }),
                }
            }

            /// The text it was made from.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// An id is looked up by its text: it is ordered and hashed as that.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &*self.0)
            }
        }
    )*};
}

ids! {
    /// A human being in the people register.
    PersonId, "person", check_plain;
    /// A legal entity in the people register.
    OrganisationId, "organisation", check_plain;
    /// A shared tool account with a registered audience.
    ServiceId, "service", check_plain;
    /// A group of people that policies may name.
    TeamId, "team", check_plain;
    /// A dataset as `fides_key/collection`.
    DatasetId, "dataset", check_dataset;
    /// A column of a dataset; a nested field is written `parent.child`.
    FieldName, "field", check_column;
    /// A place where data lies.
    StoreId, "store", check_plain;
    /// A pseudonym domain, shared by a key and its foreign keys.
    DomainId, "pseudonym domain", check_plain;
    /// A body of law or promise, e.g. `us-dsp`.
    RegimeId, "regime", check_plain;
    /// A list of designated persons that a regime keeps.
    ListId, "designation list", check_plain;
    /// A Cedar policy, from its `@id` annotation.
    PolicyId, "policy", check_plain;
    /// An approval flow of the ladder.
    FlowId, "approval flow", check_plain;
    /// An approved right.
    GrantId, "grant", check_plain;
    /// A signed assessment of what a class of recipients may see masked.
    AssessmentId, "assessment", check_plain;
    /// The kind of recipient an assessment was made for.
    RecipientClass, "recipient class", check_plain;
    /// Why data is looked at.
    PurposeId, "purpose", check_plain;
    /// The code that a purpose asks for, e.g. a ticket kind.
    ReasonCode, "reason code", check_plain;
    /// One connection of one asker.
    SessionId, "session", check_plain;
}

impl DatasetId {
    /// The manifest's key: the part before the slash.
    pub fn manifest(&self) -> &str {
        self.0
            .split_once('/')
            .map_or(self.as_str(), |(manifest, _)| manifest)
    }

    /// The collection (for PostgreSQL `schema.relation`): the part after the slash.
    pub fn collection(&self) -> &str {
        self.0
            .split_once('/')
            .map_or(self.as_str(), |(_, collection)| collection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_checked_when_it_is_made() {
        assert!(PersonId::new("ana.home").is_ok());
        assert!(PersonId::new("").is_err());
        assert!(PersonId::new("a\nb").is_err());
        assert!(PersonId::new(&"a".repeat(201)).is_err());
        assert!(FieldName::new("Unit Price").is_ok());
        assert!(FieldName::new("price ").is_err());
        assert!(DatasetId::new("public.users").is_err());
    }

    #[test]
    fn a_dataset_splits_at_the_first_slash() {
        let id = DatasetId::new("app/public.users").unwrap();
        assert_eq!((id.manifest(), id.collection()), ("app", "public.users"));
    }
}

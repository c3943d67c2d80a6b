//! Extensions that were reviewed, by version and signature. Any other extension, version or
//! signature is refused.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::review::{FunctionClass, Section, words};
use super::types::type_by_oid;
use crate::index::Schema;
use crate::snapshot::{Function, Oid, Operator, Type};

const TEXTS: &[(&str, &str, &str)] = &[
    (
        "citext",
        "1.6",
        include_str!("../../data/extensions/citext-1.6.txt"),
    ),
    // PostgreSQL 18's: the same signatures, and its SQL functions name what they call in full.
    (
        "citext",
        "1.8",
        include_str!("../../data/extensions/citext-1.6.txt"),
    ),
    (
        "hstore",
        "1.8",
        include_str!("../../data/extensions/hstore-1.8.txt"),
    ),
    (
        "pg_trgm",
        "1.6",
        include_str!("../../data/extensions/pg_trgm-1.6.txt"),
    ),
    (
        "postgis",
        "3.3.2",
        include_str!("../../data/extensions/postgis-3.3.2.txt"),
    ),
    (
        "uuid-ossp",
        "1.1",
        include_str!("../../data/extensions/uuid-ossp-1.1.txt"),
    ),
];

/// What was found out about one function or operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// What it may be used for.
    pub class: FunctionClass,
    /// As for [`super::FunctionOverload::total`].
    pub total: bool,
}

/// One version of an extension as it was reviewed.
///
/// Types are named as in the catalogue, arrays with `_` in front; each is built in or the extension's
/// own. An extension can be in any schema, so a name alone means nothing: ask with what a [`Schema`]
/// found, which knows what belongs to the extension.
#[derive(Debug)]
pub struct Profile {
    functions: HashMap<&'static str, FunctionClass>,
    operators: HashSet<&'static str>,
    types: HashSet<&'static str>,
    total: HashSet<&'static str>,
    faults: Vec<String>,
}

/// Few enough to look through.
static PROFILES: LazyLock<Vec<(&'static str, &'static str, Profile)>> = LazyLock::new(|| {
    TEXTS
        .iter()
        .map(|(extension, version, text)| (*extension, *version, read(text)))
        .collect()
});

/// The profile of an extension's version; `None` when it was not reviewed.
#[must_use]
pub fn profile(extension: &str, version: &str) -> Option<&'static Profile> {
    let mut all = PROFILES.iter();
    all.find(|one| one.0 == extension && one.1 == version)
        .map(|(_, _, profile)| profile)
}

impl Profile {
    /// What was found out about a function; `None` when nobody looked at this signature.
    #[must_use]
    pub fn function(&self, name: &str, arguments: &[&str]) -> Option<Reviewed> {
        let signature = format!("{name}({})", arguments.join(","));
        let class = *self.functions.get(signature.as_str())?;
        Some(Reviewed {
            class,
            total: self.total.contains(signature.as_str()),
        })
    }

    /// What was found out about an operator, prefix without `left`; `None` when nobody looked.
    #[must_use]
    pub fn operator(&self, name: &str, left: Option<&str>, right: &str) -> Option<Reviewed> {
        let signature = match left {
            Some(left) => format!("{name}({left},{right})"),
            None => format!("{name}({right})"),
        };
        self.operators
            .contains(signature.as_str())
            .then(|| Reviewed {
                class: FunctionClass::Pure,
                total: self.total.contains(signature.as_str()),
            })
    }

    /// Whether a type of the extension may be cast to; its array may be too.
    #[must_use]
    pub fn allows_type(&self, name: &str) -> bool {
        self.types.contains(name)
            || name
                .strip_prefix('_')
                .is_some_and(|element| self.types.contains(element))
    }
}

/// What the profiles say about this schema's extensions.
impl Schema {
    /// What was found out about a function that an extension brought; `None` for one that is
    /// anybody's own, or of an extension or version that was not reviewed.
    #[must_use]
    pub fn reviewed_function(&self, function: &Function) -> Option<Reviewed> {
        let extension = function.extension.as_deref()?;
        let arguments: Option<Vec<&str>> = function
            .arguments
            .iter()
            .map(|oid| self.plain_name(extension, *oid))
            .collect();
        self.profile_of(extension)?
            .function(&function.name, &arguments?)
    }

    /// What was found out about an operator that an extension brought.
    #[must_use]
    pub fn reviewed_operator(&self, operator: &Operator) -> Option<Reviewed> {
        let extension = operator.extension.as_deref()?;
        let left = match operator.left {
            Some(left) => Some(self.plain_name(extension, left)?),
            None => None,
        };
        let right = self.plain_name(extension, operator.right)?;
        self.profile_of(extension)?
            .operator(&operator.name, left, right)
    }

    /// Whether a type that an extension brought may be cast to.
    #[must_use]
    pub fn reviewed_type(&self, item: &Type) -> bool {
        let extension = item.extension.as_deref();
        extension
            .and_then(|extension| self.profile_of(extension))
            .is_some_and(|profile| profile.allows_type(&item.name))
    }

    fn profile_of(&self, extension: &str) -> Option<&'static Profile> {
        let mut installed = self.snapshot().extensions.iter();
        let version = &installed.find(|one| one.name == extension)?.version;
        profile(extension, version)
    }

    /// A type's name, if the name says it all: built in, or of the extension that is asked about.
    fn plain_name(&self, extension: &str, oid: Oid) -> Option<&str> {
        if let Some(builtin) = type_by_oid(oid) {
            return Some(builtin.name);
        }
        let item = self.type_by_oid(oid)?;
        (item.extension.as_deref() == Some(extension)).then_some(item.name.as_str())
    }
}

fn read(text: &'static str) -> Profile {
    let (words, mut faults) = words(text);
    let mut profile = Profile {
        functions: HashMap::new(),
        operators: HashSet::new(),
        types: HashSet::new(),
        total: HashSet::new(),
        faults: Vec::new(),
    };
    for (section, word) in words {
        let new = match section {
            Section::Class(class) => match profile.functions.insert(word, class) {
                None => true,
                Some(_) => {
                    // Which of two classes was meant is for people to say.
                    profile.functions.insert(word, FunctionClass::Refused);
                    false
                }
            },
            Section::Operator => profile.operators.insert(word),
            Section::Type => profile.types.insert(word),
            Section::Total => profile.total.insert(word),
        };
        if !new {
            faults.push(format!("listed twice: {word}"));
        }
    }
    for word in &profile.total {
        let pure = profile.functions.get(word) == Some(&FunctionClass::Pure);
        if !pure && !profile.operators.contains(word) {
            faults.push(format!("total, but neither pure nor an operator: {word}"));
        }
    }
    profile.faults = faults;
    profile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_reads_without_fault() {
        for (extension, version, profile) in PROFILES.iter() {
            assert_eq!(
                profile.faults,
                Vec::<String>::new(),
                "{extension} {version}"
            );
        }
    }

    #[test]
    fn what_nobody_looked_at_is_not_there() {
        assert!(profile("citext", "1.5").is_none());
        assert!(profile("dblink", "1.2").is_none());
        let citext = profile("citext", "1.6").unwrap();
        assert_eq!(citext.function("replace", &["text", "text", "text"]), None);
        assert_eq!(citext.operator("=", Some("text"), "citext"), None);
        assert!(!citext.allows_type("hstore"));
    }

    #[test]
    fn what_was_looked_at_says_what_was_found() {
        let citext = profile("citext", "1.6").unwrap();
        let total = Reviewed {
            class: FunctionClass::Pure,
            total: true,
        };
        assert_eq!(citext.operator("=", Some("citext"), "citext"), Some(total));
        let like = citext.operator("~~", Some("citext"), "text").unwrap();
        assert!(!like.total, "a pattern may end in its escape");
        assert!(citext.allows_type("citext") && citext.allows_type("_citext"));
        let uuid = profile("uuid-ossp", "1.1").unwrap();
        let address = uuid.function("uuid_generate_v1", &[]).unwrap();
        assert_eq!(address.class, FunctionClass::Refused);
        let hstore = profile("hstore", "1.8").unwrap();
        assert!(hstore.operator("%%", None, "hstore").is_some());
    }
}

//! Stores, datasets, fields, and how a row tells whose it is.

use std::collections::BTreeSet;

use crate::{
    DataCategory, DatasetId, FieldName, Jurisdiction, LegalCategory, Level, Mask, PersonId,
    Predicate, StoreId, Timestamp, TypeFamily,
};

/// A place where data lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Its id.
    pub id: StoreId,
    /// The country it stands in.
    pub jurisdiction: Jurisdiction,
}

/// A collection of the catalogue: a table, a topic, a folder of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Its id.
    pub id: DatasetId,
    /// The upstream that serves it, as named in `cordon.toml`.
    pub upstream: Option<String>,
    /// Where it lies.
    pub store: Option<StoreId>,
    /// Who owns the data.
    pub owner: Option<PersonId>,
    /// Its fields in the manifest's order; names are unique.
    pub fields: Vec<Field>,
    /// Whom its rows are about.
    pub subjects: Subjects,
    /// While set, what would be masked is recorded instead; the floor still enforces.
    pub observe: Option<Observe>,
    /// Foreign keys to people that no subject declares: while there is one, every row counts as
    /// home, because nobody can tell whose it also is.
    pub undeclared_subjects: BTreeSet<FieldName>,
}

impl Dataset {
    /// The field of this name.
    pub fn field(&self, name: &FieldName) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: FieldName,
    /// Its label; `None` is unlabelled, which is [`Level::Restricted`] and a gap.
    pub label: Option<Level>,
    /// Fideslang categories.
    pub categories: BTreeSet<DataCategory>,
    /// Legal categories, stated or implied by the Fideslang ones.
    pub legal: BTreeSet<LegalCategory>,
    /// What stands in for it; without one it cannot be shown masked.
    pub mask: Option<Mask>,
    /// Its type as the manifest writes it.
    pub type_name: Option<String>,
    /// The type's family, if the manifest names a type.
    pub family: Option<TypeFamily>,
    /// Part of the primary key.
    pub primary_key: bool,
    /// The fields it refers to.
    pub references: Vec<FieldReference>,
    /// When the row makes it public.
    pub public_when: Option<PublicWhen>,
}

impl Field {
    /// The label in force: the strictest where there is none.
    pub fn level(&self) -> Level {
        self.label.unwrap_or(Level::Restricted)
    }
}

/// The condition under which a row's field is public, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicWhen {
    /// The condition; NULL means no.
    pub condition: Predicate,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldReference {
    /// The other dataset.
    pub dataset: DatasetId,
    /// Its field.
    pub field: FieldName,
}

/// Whom a dataset's rows are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// Nobody has said: every row counts as home, and it is a gap.
    Undeclared,
    /// Declared to be about nobody.
    Nobody,
    /// About these; the strictest governs a row.
    Some(Vec<Subject>),
}

/// One data subject of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The columns that identify the subject (never empty).
    pub key: Vec<FieldName>,
    /// How the subject's residency is found.
    pub path: SubjectPath,
}

/// How a subject's residency is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectPath {
    /// From the row itself.
    Own(Residence),
    /// From the row of this dataset that the key names; the dataset itself is about subjects.
    Through(DatasetId),
}

/// Evidence of residency: any home signal makes the row home, conflict and NULL are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residence {
    /// The signals (never empty).
    pub evidence: Vec<ResidencyEvidence>,
}

/// One signal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResidencyEvidence {
    /// A column that holds a country.
    Column(FieldName),
    /// All rows are of this country.
    Constant(Jurisdiction),
}

/// A dataset that is being rolled out: what would change is recorded, the floor still enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observe {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment it is over, at most 30 days later.
    pub until: Timestamp,
}

impl Observe {
    /// LIMIT: design.md section 6: "at most 30 days".
    pub const DAYS_MAX: i64 = 30;

    /// Whether it is on.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

//! One difference between two catalogues, in words a compliance officer reads, and whether it
//! loosens protection.

use std::collections::BTreeSet;
use std::fmt;

use model::{
    DataCategory, DatasetId, DomainId, FieldName, FieldReference, LegalCategory, Level, Mask,
    Observe, PublicWhen, ResidencyEvidence, Subject, SubjectPath, Subjects,
};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// In which dataset.
    pub dataset: DatasetId,
    /// Of which field; none when it is the dataset's own.
    pub field: Option<FieldName>,
    /// What differs.
    pub what: What,
    /// Whether somebody could see more after it than before. Where that cannot be told it is so,
    /// because a loosening needs a quorum and anything less must be certain.
    pub loosens: bool,
}

/// What differs, old first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A dataset that was not there, with its number of labelled and of all fields.
    DatasetAdded {
        /// Fields with a level.
        labelled: usize,
        /// All fields.
        fields: usize,
    },
    /// A dataset that is gone.
    DatasetRemoved,
    /// A field that was not there, with its level.
    FieldAdded(Option<Level>),
    /// A field that is gone.
    FieldRemoved,
    /// The level; none is unlabelled, which is restricted.
    Level(Option<Level>, Option<Level>),
    /// The mask, other than by its domain alone.
    Mask(Option<Mask>, Option<Mask>),
    /// The pseudonym domain.
    Domain(DomainId, DomainId),
    /// Data categories that are gone, and new ones.
    Categories(BTreeSet<DataCategory>, BTreeSet<DataCategory>),
    /// Legal categories that are gone, and new ones.
    Legal(BTreeSet<LegalCategory>, BTreeSet<LegalCategory>),
    /// When the field is public.
    PublicWhen(Option<PublicWhen>, Option<PublicWhen>),
    /// The type.
    Type(Option<String>, Option<String>),
    /// Whether the field is part of the primary key, now.
    PrimaryKey(bool),
    /// References that are gone, and new ones.
    References(Vec<FieldReference>, Vec<FieldReference>),
    /// Whom the rows are about.
    Subjects(Subjects, Subjects),
    /// The rollout.
    Observe(Option<Observe>, Option<Observe>),
    /// The upstream that serves it.
    Upstream(Option<String>, Option<String>),
    /// The store it lies in.
    Store(Option<String>, Option<String>),
    /// Who owns the data.
    Owner(Option<String>, Option<String>),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.dataset)?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        let mark = if self.loosens {
            " (loosens protection)"
        } else {
            ""
        };
        write!(f, ": {}{mark}", self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DatasetAdded { labelled, fields } => {
                write!(f, "dataset added, {labelled} of {fields} fields labelled")
            }
            Self::DatasetRemoved => f.write_str("dataset removed"),
            Self::FieldAdded(None) => f.write_str("field added without a level"),
            Self::FieldAdded(Some(level)) => write!(f, "field added as {level}"),
            Self::FieldRemoved => f.write_str("field removed"),
            Self::Level(old, new) => {
                let level = |label: &Option<Level>| label.unwrap_or(Level::Restricted);
                let word = if level(new) < level(old) {
                    "lowered"
                } else if level(new) > level(old) {
                    "raised"
                } else {
                    "changed"
                };
                let said = |label: &Option<Level>| match label {
                    Some(level) => level.to_string(),
                    None => "unlabelled".to_owned(),
                };
                write!(f, "level {word} from {} to {}", said(old), said(new))
            }
            Self::Mask(old, new) => {
                write!(f, "mask changed from {} to {}", or_none(old), or_none(new))
            }
            Self::Domain(old, new) => write!(f, "pseudonym domain changed from {old} to {new}"),
            Self::Categories(gone, new) => listed(f, "data categories", gone, new),
            Self::Legal(gone, new) => listed(f, "legal categories", gone, new),
            Self::PublicWhen(old, new) => {
                let said = |when: &Option<PublicWhen>| match when {
                    Some(when) => format!("where {}", when.condition),
                    None => "never".to_owned(),
                };
                write!(f, "public {} instead of {}", said(new), said(old))
            }
            Self::Type(old, new) => {
                write!(f, "type changed from {} to {}", or_none(old), or_none(new))
            }
            Self::PrimaryKey(true) => f.write_str("now part of the primary key"),
            Self::PrimaryKey(false) => f.write_str("no longer part of the primary key"),
            Self::References(gone, new) => {
                let said = |list: &Vec<FieldReference>| -> Vec<String> {
                    list.iter()
                        .map(|one| format!("{}.{}", one.dataset, one.field))
                        .collect()
                };
                listed(f, "references", &said(gone), &said(new))
            }
            Self::Subjects(old, new) => {
                write!(f, "about {} instead of {}", about(new), about(old))
            }
            Self::Observe(old, new) => {
                let said = |observe: &Option<Observe>| match observe {
                    Some(on) => format!("from {} until {}", on.from, on.until),
                    None => "never".to_owned(),
                };
                write!(f, "observed {} instead of {}", said(new), said(old))
            }
            Self::Upstream(old, new) => {
                write!(
                    f,
                    "upstream changed from {} to {}",
                    or_none(old),
                    or_none(new)
                )
            }
            Self::Store(old, new) => {
                write!(f, "store changed from {} to {}", or_none(old), or_none(new))
            }
            Self::Owner(old, new) => {
                write!(f, "owner changed from {} to {}", or_none(old), or_none(new))
            }
        }
    }
}

fn or_none<T: fmt::Display>(value: &Option<T>) -> String {
    value
        .as_ref()
        .map_or("none".to_owned(), ToString::to_string)
}

/// `legal categories: without biometric, with personal_health`.
fn listed<'t, T: fmt::Display + 't>(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    gone: impl IntoIterator<Item = &'t T>,
    new: impl IntoIterator<Item = &'t T>,
) -> fmt::Result {
    let joined = |words: Vec<String>| words.join(", ");
    let gone = joined(gone.into_iter().map(ToString::to_string).collect());
    let new = joined(new.into_iter().map(ToString::to_string).collect());
    match (gone.is_empty(), new.is_empty()) {
        (false, false) => write!(f, "{what}: without {gone}, with {new}"),
        (false, true) => write!(f, "{what}: without {gone}"),
        _ => write!(f, "{what}: with {new}"),
    }
}

fn about(subjects: &Subjects) -> String {
    match subjects {
        Subjects::Undeclared => "nobody has said whom".to_owned(),
        Subjects::Nobody => "nobody".to_owned(),
        Subjects::Some(list) => {
            let said: Vec<String> = list.iter().map(one_subject).collect();
            said.join(" and ")
        }
    }
}

fn one_subject(subject: &Subject) -> String {
    let key: Vec<&str> = subject.key.iter().map(FieldName::as_str).collect();
    let key = key.join(", ");
    match &subject.path {
        SubjectPath::Through(parent) => format!("({key}) through {parent}"),
        SubjectPath::Own(residence) => {
            let signals = residence.evidence.iter().map(|signal| match signal {
                ResidencyEvidence::Column(column) => format!("column {column}"),
                ResidencyEvidence::Constant(country) => format!("all in {country}"),
            });
            let signals: Vec<String> = signals.collect();
            format!("({key}) residing by {}", signals.join(", "))
        }
    }
}

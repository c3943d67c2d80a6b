//! `subjects:` as written: whom a collection's rows are about and how their residency is found.

use document::tree::Value;
use model::{FieldName, Jurisdiction, ResidencyEvidence};

use crate::entry::{Entry, Faults, Keys, Place};

/// What a collection says; nothing is looked up yet.
#[derive(Clone, Debug, Default)]
pub(crate) enum SubjectsBlock {
    #[default]
    Undeclared,
    Nobody(Place),
    Some(Vec<SubjectBlock>),
}

#[derive(Clone, Debug)]
pub(crate) struct SubjectBlock {
    pub(crate) key: Vec<(FieldName, Place)>,
    pub(crate) path: PathBlock,
}

#[derive(Clone, Debug)]
pub(crate) enum PathBlock {
    Own(Vec<(ResidencyEvidence, Place)>),
    Through(String, Place),
}

const SUBJECT: &str = "write `{ key: [column], residency: { column: country } }`, \
    `{ key: [column], through: collection }`, or `subjects: none` when it is about nobody";

impl SubjectsBlock {
    pub(super) fn read(block: &Keys<'_>, faults: &mut Faults) -> Self {
        let Some(entry) = block.get("subjects") else {
            return Self::Undeclared;
        };
        if let Value::Text(text) = entry.value {
            if text == "none" {
                return Self::Nobody(entry.place);
            }
            let cause = format!("`{}` does not say whom it is about", text.escape_debug());
            faults.push(entry.place.error(cause, SUBJECT));
            return Self::Undeclared;
        }
        let Some(list) = entry.list(faults) else {
            return Self::Undeclared;
        };
        if list.is_empty() {
            let cause = "the list of subjects is empty";
            faults.push(entry.place.error(cause, SUBJECT));
            return Self::Undeclared;
        }
        let subjects = list
            .iter()
            .filter_map(|entry| subject(entry, faults))
            .collect();
        Self::Some(subjects)
    }
}

fn subject(entry: &Entry<'_>, faults: &mut Faults) -> Option<SubjectBlock> {
    let keys = entry.keys(faults)?;
    keys.deny_unknown(&["key", "residency", "through"], faults);
    let key = keys
        .require("key", faults)
        .and_then(|entry| key(&entry, faults));
    let path = match (keys.get("residency"), keys.get("through")) {
        (Some(residency), None) => evidence(&residency, faults).map(PathBlock::Own),
        (None, Some(through)) => {
            let text = through.text(faults);
            text.map(|text| PathBlock::Through(text.to_owned(), through.place))
        }
        (None, None) => {
            let cause = "nothing says where the subject resides";
            faults.push(keys.place.error(cause, SUBJECT));
            None
        }
        (Some(_), Some(through)) => {
            let cause = "both `residency` and `through` say where the subject resides";
            faults.push(through.place.error(cause, "keep one of the two"));
            None
        }
    };
    Some(SubjectBlock {
        key: key?,
        path: path?,
    })
}

fn key(entry: &Entry<'_>, faults: &mut Faults) -> Option<Vec<(FieldName, Place)>> {
    let list = entry.list(faults)?;
    if list.is_empty() {
        let cause = "the key has no columns";
        faults.push(
            entry
                .place
                .error(cause, "name the columns that identify the subject"),
        );
        return None;
    }
    let mut key: Vec<(FieldName, Place)> = Vec::new();
    for entry in &list {
        let found = entry.parse(FieldName::new, "write the name of a column", faults)?;
        if key.iter().any(|(name, _)| *name == found.value) {
            let cause = format!("the key names `{}` twice", found.value);
            faults.push(entry.place.error(cause, "name it once"));
            return None;
        }
        key.push((found.value, entry.place.clone()));
    }
    Some(key)
}

fn evidence(entry: &Entry<'_>, faults: &mut Faults) -> Option<Vec<(ResidencyEvidence, Place)>> {
    let list = if let Value::List(_) = entry.value {
        entry.list(faults)?
    } else {
        vec![entry.clone()]
    };
    if list.is_empty() {
        let cause = "the evidence of residency is an empty list";
        faults.push(
            entry
                .place
                .error(cause, "write `{ column: country }` or `{ country: US }`"),
        );
        return None;
    }
    // One bad signal must not leave a weaker list behind, so all are read before any is dropped.
    let signals: Vec<_> = list.iter().map(|entry| signal(entry, faults)).collect();
    signals.into_iter().collect()
}

fn signal(entry: &Entry<'_>, faults: &mut Faults) -> Option<(ResidencyEvidence, Place)> {
    const KNOWN: &str = "`{ column: country }` or `{ country: US }`";
    let (kind, value) = entry.keys(faults)?.only(KNOWN, faults)?;
    let found = match kind {
        "column" => {
            let column = value.parse(FieldName::new, "write the name of a column", faults)?;
            ResidencyEvidence::Column(column.value)
        }
        "country" => {
            let remedy = "write a country's name or its code of ISO 3166, e.g. `US`; \
                quote `\"NO\"`, which YAML takes for false";
            let country = value.parse(Jurisdiction::parse, remedy, faults)?;
            ResidencyEvidence::Constant(country.value)
        }
        _ => {
            let cause = format!("`{}` is no evidence of residency", kind.escape_debug());
            faults.push(value.place.error(cause, format!("write {KNOWN}")));
            return None;
        }
    };
    Some((found, value.place))
}

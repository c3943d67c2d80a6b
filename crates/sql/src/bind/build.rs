//! Binding: from datasets and a schema to what guards are written from.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named holds no countries"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use model::{
    Dataset, DatasetId, DomainId, Field, FieldName, Mask, ResidencyEvidence, Subject, SubjectPath,
    Subjects, TypeFamily,
};
use pgschema::{ColumnNumber, Oid, Relation, RelationKind, Schema};

use super::{Binding, Bound, BoundField, BoundSubject, Homes, Hop, Signal, Spellings, Whose};
use crate::kind::{Kind, kind_of};

/// LIMIT: longer ways to a person's row than any schema has.
const HOPS_MAX: usize = 8;
/// LIMIT: more subjects of one row than any schema has.
const SUBJECTS_MAX: usize = 16;

/// Something the catalogue says and the schema does not bear out. What it is about is treated as
/// strictly as can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch {
    /// The dataset.
    pub dataset: DatasetId,
    /// What differs, and how it is treated.
    pub cause: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.dataset, self.cause)
    }
}

impl Binding {
    /// Binds the datasets of one upstream. A dataset's relation is the one its collection names,
    /// `schema.name`, or `name` in `public`.
    pub fn new(
        datasets: &BTreeMap<DatasetId, Dataset>,
        upstream: &str,
        homes: &Homes,
        schema: &Schema,
    ) -> Self {
        let mut mismatches = Vec::new();
        let mut found: BTreeMap<&DatasetId, (&Dataset, &Relation)> = BTreeMap::new();
        let here = datasets
            .iter()
            .filter(|(_, dataset)| dataset.upstream.as_deref() == Some(upstream));
        for (id, dataset) in here {
            match relation_of(id, schema) {
                Ok(relation) => {
                    found.insert(id, (dataset, relation));
                }
                Err(cause) => mismatches.push(Mismatch {
                    dataset: id.clone(),
                    cause,
                }),
            }
        }
        let domains = Domains::new(&found, schema);
        let mut tables = BTreeMap::new();
        let mut by_relation: HashMap<Oid, DatasetId> = HashMap::new();
        for (&id, &(dataset, relation)) in &found {
            let mut say = |cause: String| {
                mismatches.push(Mismatch {
                    dataset: id.clone(),
                    cause,
                });
            };
            let fields = bind_fields(dataset, relation, &domains, &mut say);
            let residency = bind_subjects(dataset, &found, schema, &mut say);
            if by_relation.insert(relation.oid, id.clone()).is_some() {
                say("another dataset is the same relation; neither is shown".to_owned());
                tables.retain(|_, bound: &mut Bound| bound.relation != relation.oid);
                continue;
            }
            let relation = relation.oid;
            let bound = Bound {
                relation,
                fields,
                residency,
            };
            tables.insert(id.clone(), bound);
        }
        Self {
            tables,
            by_relation,
            spellings: Spellings::new(homes),
            mismatches,
        }
    }
}

fn relation_of<'a>(id: &DatasetId, schema: &'a Schema) -> Result<&'a Relation, String> {
    let collection = id.as_str().split_once('/').map_or("", |(_, name)| name);
    let (namespace, name) = collection.split_once('.').unwrap_or(("public", collection));
    let relation = schema
        .relation_named(namespace, name)
        .ok_or_else(|| format!("there is no relation `{namespace}.{name}`; it is not shown"))?;
    match relation.kind {
        RelationKind::Table
        | RelationKind::PartitionedTable
        | RelationKind::MaterializedView
        | RelationKind::ForeignTable => Ok(relation),
        RelationKind::View => {
            Err("it is a view, which is guarded by the relations it reads; label those".to_owned())
        }
        RelationKind::Sequence | RelationKind::CompositeType | RelationKind::Other => {
            Err("it is not a table; it is not shown".to_owned())
        }
    }
}

/// The pseudonym domains whose fields all have one type.
struct Domains {
    types: BTreeMap<DomainId, BTreeSet<Option<Kind>>>,
}

impl Domains {
    fn new(found: &BTreeMap<&DatasetId, (&Dataset, &Relation)>, schema: &Schema) -> Self {
        let mut types: BTreeMap<DomainId, BTreeSet<Option<Kind>>> = BTreeMap::new();
        for (dataset, relation) in found.values() {
            for field in &dataset.fields {
                let domain = field.mask.as_ref().and_then(Mask::domain);
                let column = relation.column_named(field.name.as_str());
                if let (Some(domain), Some(column)) = (domain, column) {
                    let kind = kind_of(schema, column.type_oid).filter(|kind| kind.has_pseudonym());
                    types.entry(domain.clone()).or_default().insert(kind);
                }
            }
        }
        Self { types }
    }

    fn is_sound(&self, domain: &DomainId) -> bool {
        self.types
            .get(domain)
            .is_some_and(|kinds| kinds.len() == 1 && !kinds.contains(&None))
    }
}

fn bind_fields(
    dataset: &Dataset,
    relation: &Relation,
    domains: &Domains,
    say: &mut dyn FnMut(String),
) -> BTreeMap<FieldName, BoundField> {
    let mut fields = BTreeMap::new();
    for field in &dataset.fields {
        let Some(column) = relation.column_named(field.name.as_str()) else {
            say(format!("there is no column `{}`", field.name));
            continue;
        };
        let domain = field.mask.as_ref().and_then(Mask::domain).cloned();
        let sound = domain.clone().filter(|domain| domains.is_sound(domain));
        if let (Some(domain), None) = (&domain, &sound) {
            say(format!(
                "the fields of pseudonym domain `{domain}` have several types, or one that has no \
                 pseudonyms; `{}` is shown only in clear",
                field.name
            ));
        }
        let generated_from = column
            .generated_from
            .iter()
            .flatten()
            .map(|&source| name_of(dataset, relation, source))
            .collect();
        let bound = BoundField {
            column: column.number,
            level: field.level(),
            public_when: public_when(field, dataset, relation, say),
            generated_from,
            domain: sound,
        };
        fields.insert(field.name.clone(), bound);
    }
    fields
}

fn name_of(dataset: &Dataset, relation: &Relation, number: ColumnNumber) -> Option<FieldName> {
    let name = &relation.column(number)?.name;
    let field = dataset.fields.iter().find(|f| f.name.as_str() == name)?;
    Some(field.name.clone())
}

/// The condition, if all columns it reads are there.
fn public_when(
    field: &Field,
    dataset: &Dataset,
    relation: &Relation,
    say: &mut dyn FnMut(String),
) -> Option<model::Predicate> {
    let condition = &field.public_when.as_ref()?.condition;
    let missing = condition.fields().into_iter().find(|name| {
        dataset.field(name).is_none() || relation.column_named(name.as_str()).is_none()
    });
    if let Some(name) = missing {
        say(format!(
            "the condition that makes `{}` public reads `{name}`, which is no column; it never holds",
            field.name
        ));
        return Some(never(name));
    }
    Some(condition.clone())
}

/// A condition that holds for no row.
fn never(name: &FieldName) -> model::Predicate {
    model::Predicate::And(vec![
        model::Predicate::IsNull(name.clone()),
        model::Predicate::IsNotNull(name.clone()),
    ])
}

fn bind_subjects(
    dataset: &Dataset,
    found: &BTreeMap<&DatasetId, (&Dataset, &Relation)>,
    schema: &Schema,
    say: &mut dyn FnMut(String),
) -> Whose {
    if !dataset.undeclared_subjects.is_empty() {
        return Whose::OneClass;
    }
    if !matches!(dataset.subjects, Subjects::Some(_)) {
        return Whose::OneClass;
    }
    let mut subjects = Vec::new();
    let way = Way { found, schema };
    match way.collect(dataset, &[], &[], &mut subjects) {
        Ok(()) => Whose::Subjects(subjects),
        Err(cause) => {
            say(format!("{cause}; every row counts as of unknown residency"));
            Whose::Broken
        }
    }
}

struct Way<'a> {
    found: &'a BTreeMap<&'a DatasetId, (&'a Dataset, &'a Relation)>,
    schema: &'a Schema,
}

impl Way<'_> {
    /// Adds the subjects of a dataset's rows, reached over `hops`.
    fn collect(
        &self,
        dataset: &Dataset,
        hops: &[Hop],
        keys: &[(DatasetId, Vec<ColumnNumber>)],
        into: &mut Vec<BoundSubject>,
    ) -> Result<(), String> {
        let Subjects::Some(subjects) = &dataset.subjects else {
            return Err(format!("the subjects of `{}` are not declared", dataset.id));
        };
        let &(_, relation) = self
            .found
            .get(&dataset.id)
            .ok_or_else(|| format!("`{}` is not in this database", dataset.id))?;
        for subject in subjects {
            if into.len() >= SUBJECTS_MAX || hops.len() >= HOPS_MAX {
                return Err("the way to its subjects is too long".to_owned());
            }
            self.collect_one(dataset, subject, relation, hops, keys, into)?;
        }
        Ok(())
    }

    fn collect_one(
        &self,
        dataset: &Dataset,
        subject: &Subject,
        relation: &Relation,
        hops: &[Hop],
        keys: &[(DatasetId, Vec<ColumnNumber>)],
        into: &mut Vec<BoundSubject>,
    ) -> Result<(), String> {
        let mut keys = keys.to_vec();
        let key = columns(relation, &subject.key)?;
        match &subject.path {
            SubjectPath::Own(residence) => {
                if hops.is_empty() {
                    keys.push((dataset.id.clone(), key));
                }
                let evidence = residence
                    .evidence
                    .iter()
                    .map(|evidence| self.signal(relation, evidence))
                    .collect::<Result<_, String>>()?;
                into.push(BoundSubject {
                    hops: hops.to_vec(),
                    evidence,
                    keys,
                });
                Ok(())
            }
            SubjectPath::Through(id) => {
                let &(parent, parent_relation) = self
                    .found
                    .get(id)
                    .ok_or_else(|| format!("`{id}` is not in this database"))?;
                let names = catalog::parent_key(dataset, subject, parent)
                    .ok_or_else(|| format!("the key of `{id}` is not known"))?;
                let theirs = columns(parent_relation, &names)?;
                if !self.schema.is_unique(parent_relation.oid, &theirs) {
                    return Err(format!(
                        "`{id}` has no unique index on the columns that `{}` refers to",
                        dataset.id
                    ));
                }
                if hops.is_empty() {
                    keys.push((id.clone(), key.clone()));
                }
                let mut hops = hops.to_vec();
                hops.push(Hop {
                    parent: parent_relation.oid,
                    on: key.into_iter().zip(theirs).collect(),
                });
                self.collect(parent, &hops, &keys, into)
            }
        }
    }

    fn signal(&self, relation: &Relation, evidence: &ResidencyEvidence) -> Result<Signal, String> {
        match evidence {
            ResidencyEvidence::Constant(place) => Ok(Signal::Constant(*place)),
            ResidencyEvidence::Column(name) => {
                let column = relation
                    .column_named(name.as_str())
                    .ok_or_else(|| format!("there is no column `{name}` to tell residency by"))?;
                let kind = kind_of(self.schema, column.type_oid);
                match kind.map(Kind::family) {
                    Some(TypeFamily::Text) => Ok(Signal::Column(column.number)),
                    _ => Err(format!(
                        "the column `{name}` does not hold names of countries"
                    )),
                }
            }
        }
    }
}

fn columns(relation: &Relation, names: &[FieldName]) -> Result<Vec<ColumnNumber>, String> {
    names
        .iter()
        .map(|name| {
            relation
                .column_named(name.as_str())
                .map(|column| column.number)
                .ok_or_else(|| format!("there is no column `{name}` to tell the subject by"))
        })
        .collect()
}

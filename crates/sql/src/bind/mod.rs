//! The catalogue bound to a database's schema: which relation a dataset is, which column a field,
//! and where the residency of a row's subjects is found.

mod build;
mod spelling;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{DatasetId, DomainId, FieldName, Jurisdiction, Predicate, RegimeId, Residency};
use pgschema::{ColumnNumber, Oid};

pub use build::Mismatch;
pub(crate) use spelling::Spellings;

/// The catalogue of one upstream, bound to its schema. Built once for both.
#[derive(Clone, Debug)]
pub struct Binding {
    pub(crate) tables: BTreeMap<DatasetId, Bound>,
    by_relation: HashMap<Oid, DatasetId>,
    pub(crate) spellings: Spellings,
    /// What the catalogue says and the schema does not bear out.
    pub mismatches: Vec<Mismatch>,
}

impl Binding {
    /// The relations of the catalogue's datasets.
    pub fn relations(&self) -> impl Iterator<Item = Oid> {
        self.tables.values().map(|bound| bound.relation)
    }

    /// The datasets that are relations of this upstream.
    pub fn datasets(&self) -> impl Iterator<Item = &DatasetId> {
        self.tables.keys()
    }

    /// The fields of a dataset that can be selected as columns, where a view shows them.
    pub fn columns<'a>(
        &'a self,
        schema: &'a pgschema::Schema,
        dataset: &DatasetId,
    ) -> impl Iterator<Item = &'a FieldName> {
        let bound = self.tables.get(dataset);
        let relation = bound.and_then(|bound| schema.relation(bound.relation));
        let readable = move |field: &BoundField| {
            let columns = relation.map(|relation| relation.columns.as_slice());
            let column = columns
                .unwrap_or_default()
                .iter()
                .find(|column| column.number == field.column);
            column.is_some_and(|column| {
                pgschema::builtin::type_by_oid(column.type_oid).is_none_or(|known| known.allowed)
            })
        };
        bound
            .into_iter()
            .flat_map(|bound| &bound.fields)
            .filter(move |(_, field)| readable(field))
            .map(|(name, _)| name)
    }
}

/// A dataset and its relation.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) relation: Oid,
    /// Fields that are columns; a column without a field is not here and never shown.
    pub(crate) fields: BTreeMap<FieldName, BoundField>,
    pub(crate) residency: Whose,
}

/// A field and its column.
#[derive(Clone, Debug)]
pub(crate) struct BoundField {
    pub(crate) column: ColumnNumber,
    /// The label in force, for the check against writing down.
    pub(crate) level: model::Level,
    pub(crate) public_when: Option<Predicate>,
    /// Other columns it is generated from: it shows no more than they do. `None` among them is a
    /// column that is no field.
    pub(crate) generated_from: Vec<Option<FieldName>>,
    /// The domain whose pseudonyms it can carry, where its type is that of all its fields.
    pub(crate) domain: Option<DomainId>,
}

/// Whose a dataset's rows are.
#[derive(Clone, Debug)]
pub(crate) enum Whose {
    /// Nobody's, or nobody can tell: all rows are of the one class that the view has.
    OneClass,
    /// These subjects'; never empty.
    Subjects(Vec<BoundSubject>),
    /// The way to them is not as the catalogue says: every row is of unknown residency.
    Broken,
}

/// One subject: where its key and its evidence are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoundSubject {
    /// From the row to the row that has the evidence.
    pub(crate) hops: Vec<Hop>,
    /// The evidence there; never empty.
    pub(crate) evidence: Vec<Signal>,
    /// The row's columns that identify the subject, by the dataset whose key they are equal to.
    pub(crate) keys: Vec<(DatasetId, Vec<ColumnNumber>)>,
}

/// A step to a parent's row through a unique key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Hop {
    pub(crate) parent: Oid,
    /// Columns of the child and of the parent that are equal.
    pub(crate) on: Vec<(ColumnNumber, ColumnNumber)>,
}

/// One signal of residency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Column(ColumnNumber),
    Constant(Jurisdiction),
}

impl Binding {
    /// The dataset whose labels hold for a relation: its own, or that of the relation it inherits
    /// from. `Err` when two datasets claim it.
    pub(crate) fn dataset_of(
        &self,
        schema: &pgschema::Schema,
        relation: Oid,
    ) -> Result<Option<&DatasetId>, ()> {
        let mut found: BTreeSet<&DatasetId> = BTreeSet::new();
        found.extend(self.by_relation.get(&relation));
        for ancestor in schema.ancestors(relation) {
            found.extend(self.by_relation.get(&ancestor));
        }
        if found.len() > 1 {
            return Err(());
        }
        Ok(found.into_iter().next())
    }
}

/// The homes of the regimes in force, as the decider has them.
pub type Homes = BTreeMap<RegimeId, BTreeSet<Jurisdiction>>;

/// The residency class of one country.
pub(crate) fn class_of(homes: &Homes, place: Jurisdiction) -> Residency {
    let of: BTreeSet<RegimeId> = homes
        .iter()
        .filter(|(_, places)| places.contains(&place))
        .map(|(regime, _)| regime.clone())
        .collect();
    if of.is_empty() {
        Residency::Other
    } else {
        Residency::Home(of)
    }
}

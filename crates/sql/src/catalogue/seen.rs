//! What a person sees of a database, as lists that the catalogue is filtered by.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::FieldName;
use pgschema::{Oid, Relation, RelationKind, TypeKind, builtin};

use crate::guard::Parameter;
use crate::resolve::Resolver;
use crate::tree::{Alias, NodeId, RelationItem, RelationName};

/// Numbers of parameters from here on stand for the lists, until the statement is guarded.
pub(crate) const FIRST: u32 = 2_000_000;

/// Objects below are made by initdb.
const OWN_MIN: u32 = 16_384;

/// What a person sees: the lists behind `$tables` and its kin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(super) tables: Arc<[i64]>,
    pub(super) whole: Arc<[i64]>,
    pub(super) columns: Arc<[i64]>,
    pub(super) types: Arc<[i64]>,
    pub(super) functions: Arc<[i64]>,
    pub(super) schemas: Arc<[String]>,
    pub(super) path: Arc<[String]>,
    pub(super) extensions: Arc<[String]>,
}

impl Seen {
    /// The list of a parameter, where the number is one of ours.
    pub(crate) fn parameter(&self, number: u32) -> Option<Parameter> {
        Some(match number.checked_sub(FIRST)? {
            1 => Parameter::Numbers(Arc::clone(&self.tables)),
            2 => Parameter::Numbers(Arc::clone(&self.whole)),
            3 => Parameter::Numbers(Arc::clone(&self.columns)),
            4 => Parameter::Numbers(Arc::clone(&self.types)),
            5 => Parameter::Numbers(Arc::clone(&self.functions)),
            6 => Parameter::Names(Arc::clone(&self.schemas)),
            7 => Parameter::Names(Arc::clone(&self.path)),
            8 => Parameter::Names(Arc::clone(&self.extensions)),
            _ => return None,
        })
    }

    /// The path to set before a statement about the catalogue.
    pub(crate) fn search_path(&self) -> Vec<String> {
        let mut path = vec!["pg_catalog".to_owned()];
        path.extend(self.path.iter().cloned());
        path
    }
}

impl Resolver<'_> {
    /// What the person sees, found out once a statement.
    pub(super) fn seen(&mut self) -> Arc<Seen> {
        if let Some(seen) = &self.resolution.catalogue {
            return Arc::clone(seen);
        }
        let seen = Arc::new(self.look());
        self.resolution.catalogue = Some(Arc::clone(&seen));
        seen
    }

    fn look(&mut self) -> Seen {
        let context = self.context;
        let snapshot = context.schema.snapshot();
        let mut tables = BTreeSet::new();
        let mut whole = BTreeSet::new();
        let mut columns = BTreeSet::new();
        let mut types = BTreeSet::new();
        let mut schemas = BTreeSet::new();
        for relation in &snapshot.relations {
            let shown = self.columns_seen(relation);
            if shown.is_empty() {
                continue;
            }
            let oid = i64::from(relation.oid.0);
            tables.insert(oid);
            schemas.insert(relation.schema.clone());
            if shown.len() == relation.columns.len() {
                whole.insert(oid);
            }
            for column in &relation.columns {
                if shown.contains(&column.name) {
                    columns.insert(oid * 65_536 + i64::from(column.number.0));
                    types.insert(column.type_oid);
                }
            }
            types.extend(
                context
                    .schema
                    .type_named(&relation.schema, &relation.name)
                    .filter(|row| row.kind == TypeKind::Composite)
                    .map(|row| row.oid),
            );
        }
        let types = self.types_seen(types, &mut schemas);
        let mut functions = BTreeSet::new();
        for function in &snapshot.functions {
            if context.is_profiled_function(&function.schema, &function.name) {
                functions.insert(i64::from(function.oid.0));
                schemas.insert(function.schema.clone());
            }
        }
        let extensions = snapshot
            .extensions
            .iter()
            .filter(|one| builtin::profile(&one.name, &one.version).is_some())
            .map(|one| one.name.clone())
            .collect();
        let path = context
            .path
            .iter()
            .filter(|name| schemas.contains(*name) || *name == "public")
            .cloned()
            .collect();
        Seen {
            tables: tables.into_iter().collect(),
            whole: whole.into_iter().collect(),
            columns: columns.into_iter().collect(),
            types,
            functions: functions.into_iter().collect(),
            schemas: schemas.into_iter().collect(),
            path,
            extensions,
        }
    }

    /// Types, what they are made of, and their arrays.
    fn types_seen(&self, from: BTreeSet<Oid>, schemas: &mut BTreeSet<String>) -> Arc<[i64]> {
        let schema = self.context.schema;
        let mut open: Vec<Oid> = from.into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(oid) = open.pop() {
            if oid.0 < OWN_MIN || !found.insert(oid) {
                continue;
            }
            if let Some(known) = schema.type_by_oid(oid) {
                schemas.insert(known.schema.clone());
                open.extend(known.of);
            }
        }
        let arrays = schema.snapshot().types.iter().filter(|one| {
            one.kind == TypeKind::Array && one.of.is_some_and(|of| found.contains(&of))
        });
        let arrays: Vec<Oid> = arrays.map(|one| one.oid).collect();
        found.extend(arrays);
        found.into_iter().map(|oid| i64::from(oid.0)).collect()
    }

    /// The names of a relation's columns that the person sees: nothing where it is not theirs to
    /// know of.
    fn columns_seen(&mut self, relation: &Relation) -> BTreeSet<String> {
        match relation.kind {
            RelationKind::Table
            | RelationKind::PartitionedTable
            | RelationKind::MaterializedView
            | RelationKind::ForeignTable => self.fields_seen(relation),
            RelationKind::View if self.is_view_seen(relation) => relation
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            RelationKind::View
            | RelationKind::Sequence
            | RelationKind::CompositeType
            | RelationKind::Other => BTreeSet::new(),
        }
    }

    fn fields_seen(&mut self, relation: &Relation) -> BTreeSet<String> {
        let context = self.context;
        let dataset = context.binding.dataset_of(context.schema, relation.oid);
        let Ok(Some(dataset)) = dataset else {
            return BTreeSet::new();
        };
        let Some(bound) = context.binding.tables.get(dataset) else {
            return BTreeSet::new();
        };
        let Ok(visible) = self.sees(&dataset.clone()) else {
            return BTreeSet::new();
        };
        relation
            .columns
            .iter()
            .filter(|column| {
                let readable =
                    builtin::type_by_oid(column.type_oid).is_none_or(|known| known.allowed);
                FieldName::new(&column.name).is_ok_and(|field| {
                    readable && bound.fields.contains_key(&field) && visible.contains_key(&field)
                })
            })
            .map(|column| column.name.clone())
            .collect()
    }

    /// Whether the person may read a view: whether it can be written out for them.
    fn is_view_seen(&mut self, view: &Relation) -> bool {
        let item = RelationItem {
            id: NodeId::default(),
            name: RelationName {
                database: None,
                schema: Some(view.schema.clone()),
                name: view.name.clone(),
            },
            only: false,
            alias: Some(Alias {
                name: view.name.clone(),
                columns: Vec::new(),
            }),
        };
        let mut apart = Resolver::new(self.context, &mut *self.sight, self.next_id);
        apart.expand(&item, view).is_ok()
    }
}

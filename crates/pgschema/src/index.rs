//! A [`Snapshot`] with look-ups. Built once and checked, so that who reads it need not doubt it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::builtin::VERSIONS;
use crate::snapshot::{Column, ColumnNumber, Function, Oid, Operator, Relation, Snapshot, Type};

/// Why a snapshot cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Written by another version.
    #[error(
        "the snapshot has format {found}, this version reads {}: take it again",
        Snapshot::FORMAT
    )]
    Format {
        /// The format it says it has.
        found: u32,
    },
    /// A server whose functions nobody reviewed.
    #[error(
        "the server is PostgreSQL {major}, and what {}, {} and those between have built in was \
         reviewed: use one of these",
        VERSIONS.start(),
        VERSIONS.end()
    )]
    NotReviewed {
        /// Its major version.
        major: u32,
    },
    /// Two objects of one kind with the same number.
    #[error("two {what} have the number {}: take the snapshot again", .oid.0)]
    DuplicateOid {
        /// The kind of object.
        what: &'static str,
        /// The number.
        oid: Oid,
    },
    /// Two objects of one kind with the same name in one schema.
    #[error("two {what} are called `{schema}`.`{name}`: take the snapshot again")]
    DuplicateName {
        /// The kind of object.
        what: &'static str,
        /// Their schema.
        schema: String,
        /// Their name.
        name: String,
    },
    /// Two columns of a relation with the same number or name.
    #[error("`{schema}`.`{relation}` has two columns `{column}`: take the snapshot again")]
    DuplicateColumn {
        /// The relation's schema.
        schema: String,
        /// The relation.
        relation: String,
        /// The second column's name.
        column: String,
    },
    /// An index or a generated column names a column that is not there.
    #[error("`{schema}`.`{relation}` has no column number {}: take the snapshot again", .number.0)]
    UnknownColumn {
        /// The relation's schema.
        schema: String,
        /// The relation.
        relation: String,
        /// The number.
        number: ColumnNumber,
    },
    /// A parent that is not among the relations.
    #[error("`{schema}`.`{relation}` inherits from relation {}, which is missing: take the snapshot again", .parent.0)]
    UnknownParent {
        /// The child's schema.
        schema: String,
        /// The child.
        relation: String,
        /// The parent's number.
        parent: Oid,
    },
    /// A relation that inherits from itself.
    #[error("`{schema}`.`{relation}` inherits from itself: take the snapshot again")]
    Cycle {
        /// The relation's schema.
        schema: String,
        /// The relation.
        relation: String,
    },
}

/// A snapshot with look-ups, to be shared in an `Arc`.
#[derive(Debug)]
pub struct Schema {
    snapshot: Snapshot,
    relations: HashMap<Oid, usize>,
    relation_names: Names<usize>,
    types: HashMap<Oid, usize>,
    type_names: Names<usize>,
    functions: Names<Vec<usize>>,
    operators: Names<Vec<usize>>,
}

impl Schema {
    /// Checks a snapshot and builds the look-ups.
    ///
    /// # Errors
    ///
    /// When the snapshot is of another format, of a server that nobody reviewed, or contradicts itself.
    pub fn new(snapshot: Snapshot) -> Result<Self, SchemaError> {
        if snapshot.format != Snapshot::FORMAT {
            return Err(SchemaError::Format {
                found: snapshot.format,
            });
        }
        let major = snapshot.server_version / 10_000;
        if !VERSIONS.contains(&major) {
            return Err(SchemaError::NotReviewed { major });
        }
        let mut relations = HashMap::new();
        let mut relation_names = Names::default();
        for (place, relation) in snapshot.relations.iter().enumerate() {
            unique_oid(&mut relations, "relations", relation.oid, place)?;
            unique_name(
                &mut relation_names,
                "relations",
                &relation.schema,
                &relation.name,
                place,
            )?;
            check_columns(relation)?;
        }
        let mut types = HashMap::new();
        let mut type_names = Names::default();
        for (place, item) in snapshot.types.iter().enumerate() {
            unique_oid(&mut types, "types", item.oid, place)?;
            unique_name(&mut type_names, "types", &item.schema, &item.name, place)?;
        }
        let mut functions = Names::<Vec<usize>>::default();
        let mut seen = HashMap::new();
        for (place, function) in snapshot.functions.iter().enumerate() {
            unique_oid(&mut seen, "functions", function.oid, place)?;
            functions
                .of(&function.schema)
                .entry(function.name.clone())
                .or_default()
                .push(place);
        }
        let mut operators = Names::<Vec<usize>>::default();
        let mut seen = HashMap::new();
        for (place, operator) in snapshot.operators.iter().enumerate() {
            unique_oid(&mut seen, "operators", operator.oid, place)?;
            operators
                .of(&operator.schema)
                .entry(operator.name.clone())
                .or_default()
                .push(place);
        }
        let schema = Self {
            snapshot,
            relations,
            relation_names,
            types,
            type_names,
            functions,
            operators,
        };
        schema.check_parents()?;
        Ok(schema)
    }

    /// What it was built from.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// A relation by its number.
    #[must_use]
    pub fn relation(&self, oid: Oid) -> Option<&Relation> {
        self.snapshot.relations.get(*self.relations.get(&oid)?)
    }

    /// A relation by its schema and name.
    #[must_use]
    pub fn relation_named(&self, schema: &str, name: &str) -> Option<&Relation> {
        self.snapshot
            .relations
            .get(*self.relation_names.find(schema, name)?)
    }

    /// A type of the snapshot by its number. What is built in may not be here: ask
    /// [`crate::builtin::type_by_oid`] next.
    #[must_use]
    pub fn type_by_oid(&self, oid: Oid) -> Option<&Type> {
        self.snapshot.types.get(*self.types.get(&oid)?)
    }

    /// A type of the snapshot by its schema and name.
    #[must_use]
    pub fn type_named(&self, schema: &str, name: &str) -> Option<&Type> {
        self.snapshot
            .types
            .get(*self.type_names.find(schema, name)?)
    }

    /// Every function of the snapshot with this schema and name.
    pub fn functions_named(&self, schema: &str, name: &str) -> impl Iterator<Item = &Function> {
        let places = self
            .functions
            .find(schema, name)
            .map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter_map(|place| self.snapshot.functions.get(*place))
    }

    /// Every operator of the snapshot with this schema and name.
    pub fn operators_named(&self, schema: &str, name: &str) -> impl Iterator<Item = &Operator> {
        let places = self
            .operators
            .find(schema, name)
            .map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter_map(|place| self.snapshot.operators.get(*place))
    }

    /// Whether any schema outside `pg_catalog` has a function of this name.
    #[must_use]
    pub fn has_function_called(&self, name: &str) -> bool {
        self.functions
            .0
            .values()
            .any(|names| names.contains_key(name))
    }

    /// Everything a relation inherits from, directly or not, each once, nearest first.
    #[must_use]
    pub fn ancestors(&self, oid: Oid) -> Vec<Oid> {
        let mut found = Vec::new();
        let mut open = vec![oid];
        while let Some(next) = open.pop() {
            for parent in self
                .relation(next)
                .map_or(&[][..], |relation| &relation.parents)
            {
                if !found.contains(parent) {
                    found.push(*parent);
                    open.insert(0, *parent);
                }
            }
        }
        found
    }

    /// Whether at most one row has any given values, none of them NULL, in these columns: some unique
    /// index is over a part of them.
    #[must_use]
    pub fn is_unique(&self, relation: Oid, columns: &[ColumnNumber]) -> bool {
        self.relation(relation).is_some_and(|relation| {
            relation
                .unique
                .iter()
                .any(|index| !index.is_empty() && index.iter().all(|one| columns.contains(one)))
        })
    }

    fn check_parents(&self) -> Result<(), SchemaError> {
        for relation in &self.snapshot.relations {
            for parent in &relation.parents {
                if self.relation(*parent).is_none() {
                    return Err(SchemaError::UnknownParent {
                        schema: relation.schema.clone(),
                        relation: relation.name.clone(),
                        parent: *parent,
                    });
                }
            }
            if self.ancestors(relation.oid).contains(&relation.oid) {
                return Err(SchemaError::Cycle {
                    schema: relation.schema.clone(),
                    relation: relation.name.clone(),
                });
            }
        }
        Ok(())
    }
}

impl Relation {
    /// A column by its number.
    #[must_use]
    pub fn column(&self, number: ColumnNumber) -> Option<&Column> {
        self.columns.iter().find(|column| column.number == number)
    }

    /// A column by its name.
    #[must_use]
    pub fn column_named(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Schema, then name: so that a look-up needs no owned key.
#[derive(Debug)]
struct Names<T>(HashMap<String, HashMap<String, T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Names<T> {
    fn of(&mut self, schema: &str) -> &mut HashMap<String, T> {
        self.0.entry(schema.to_owned()).or_default()
    }

    fn find(&self, schema: &str, name: &str) -> Option<&T> {
        self.0.get(schema)?.get(name)
    }
}

fn unique_oid(
    seen: &mut HashMap<Oid, usize>,
    what: &'static str,
    oid: Oid,
    place: usize,
) -> Result<(), SchemaError> {
    match seen.insert(oid, place) {
        None => Ok(()),
        Some(_) => Err(SchemaError::DuplicateOid { what, oid }),
    }
}

fn unique_name(
    names: &mut Names<usize>,
    what: &'static str,
    schema: &str,
    name: &str,
    place: usize,
) -> Result<(), SchemaError> {
    match names.of(schema).entry(name.to_owned()) {
        Entry::Vacant(free) => {
            free.insert(place);
            Ok(())
        }
        Entry::Occupied(_) => Err(SchemaError::DuplicateName {
            what,
            schema: schema.to_owned(),
            name: name.to_owned(),
        }),
    }
}

fn check_columns(relation: &Relation) -> Result<(), SchemaError> {
    for (place, column) in relation.columns.iter().enumerate() {
        let same = |other: &Column| other.number == column.number || other.name == column.name;
        if relation.columns.iter().take(place).any(same) {
            return Err(SchemaError::DuplicateColumn {
                schema: relation.schema.clone(),
                relation: relation.name.clone(),
                column: column.name.clone(),
            });
        }
    }
    let generated = relation
        .columns
        .iter()
        .filter_map(|column| column.generated_from.as_ref());
    for number in relation.unique.iter().chain(generated).flatten() {
        if relation.column(*number).is_none() {
            return Err(SchemaError::UnknownColumn {
                schema: relation.schema.clone(),
                relation: relation.name.clone(),
                number: *number,
            });
        }
    }
    Ok(())
}

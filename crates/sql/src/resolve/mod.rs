//! What the names of a statement mean: relations, columns, functions, operators, types.
//!
//! The statement is changed on the way: views are replaced by what they select, objects are written
//! with their full names, and values of the session by the gate's own. What is not understood
//! refuses. Nothing is guarded here.

mod about_catalogue;
mod expression;
mod figure;
mod from;
mod join;
mod objects;
mod query;
mod scope;
mod statement;
mod table_function;
mod view;

pub(crate) use from::{named, shown};
pub(crate) use query::{Output, renamed};
pub(crate) use scope::{Namespace, Scope, ScopeColumn, ScopeRelation};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::{DatasetId, FieldName, Refusal};
use pgschema::builtin::FunctionClass;
use pgschema::{Oid, Schema};

use crate::bind::Binding;
use crate::catalogue::{Position, Seen, Told};
use crate::error::Refused;
use crate::tree::{NodeId, Statement};

/// What a session calls itself, answered by the gate and not by the server.
#[derive(Clone, Debug, Default)]
pub struct SessionNames {
    /// The person: `current_user`.
    pub user: String,
    /// `session_user`, where the session is somebody else's than `user`.
    pub session_user: Option<String>,
    /// `version()`.
    pub version: String,
    /// `pg_backend_pid()`.
    pub backend_pid: i32,
}

impl SessionNames {
    pub(crate) fn session_user(&self) -> &str {
        self.session_user.as_deref().unwrap_or(&self.user)
    }
}

/// What statements are read against.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The database's schema.
    pub schema: &'a Schema,
    /// The catalogue bound to it.
    pub binding: &'a Binding,
    /// The session's own search path, which never reaches the server.
    pub path: Vec<String>,
    /// The session's names.
    pub names: SessionNames,
}

/// Which fields of a dataset a person may see, asked once a dataset: all others do not exist for
/// them. An error refuses the statement.
pub trait Sight {
    /// The fields that are seen in any row, and whether they are clear in all rows that are seen.
    ///
    /// # Errors
    /// Why nothing of the dataset may be seen.
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, Refused>;
}

/// What the reference is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Its rows are read.
    Read,
    /// Its rows are inserted, changed or deleted.
    Write,
}

/// One reference to a governed relation.
#[derive(Clone, Debug)]
pub struct Use {
    /// The reference in the tree.
    pub(crate) node: u32,
    /// The relation.
    pub relation: Oid,
    /// The dataset whose labels hold for it.
    pub dataset: DatasetId,
    /// By which name the statement speaks of it.
    pub alias: String,
    /// What for.
    pub role: Role,
    /// The fields it may show: what the person sees of the dataset.
    pub(crate) visible: Arc<BTreeMap<FieldName, bool>>,
    /// The fields the statement names.
    pub fields: BTreeSet<FieldName>,
    /// Those of them whose values it reads; the others it only writes.
    pub(crate) read: BTreeSet<FieldName>,
    /// Whether it asks for all fields, as by `*` or a whole row.
    pub all: bool,
    /// Whether nothing but columns by name is asked of it, so that further columns beside the
    /// visible ones go unnoticed.
    pub(crate) by_name_only: bool,
}

impl Use {
    /// The statement reads a field's values.
    pub(crate) fn reads(&mut self, field: &FieldName) {
        if self.read.insert(field.clone()) {
            self.fields.insert(field.clone());
        }
    }
}

/// What a column path turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A field of the reference with this index; whether through a merged column of a join.
    Field {
        source: usize,
        field: FieldName,
        qualifier: Option<String>,
        levels_up: usize,
    },
    /// Anything else.
    Other,
}

/// One side of a column that a join merges.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) source: usize,
    pub(crate) field: FieldName,
    /// By which the column can be written in full.
    pub(crate) qualifier: String,
    pub(crate) name: String,
}

/// Everything that is known of a statement's names.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The references to governed relations, in order of appearance.
    pub uses: Vec<Use>,
    /// Column paths by node.
    pub(crate) references: HashMap<u32, Reference>,
    /// Column paths that mean something of a query around theirs, or may.
    pub(crate) outer: HashSet<u32>,
    /// What the merged columns of a join are on its two sides, by the join's node.
    pub(crate) merged: HashMap<u32, Vec<[Option<Side>; 2]>>,
    /// What a star stands for: qualifier and column, where all are known.
    pub(crate) stars: HashMap<u32, Vec<(Option<String>, String)>>,
    /// The functions called, by name; those outside `pg_catalog` with their schema.
    pub functions: BTreeSet<String>,
    /// The operators used.
    pub operators: BTreeSet<String>,
    /// The views that were expanded.
    pub views: BTreeSet<Oid>,
    /// Whether a volatile function is called.
    pub is_volatile: bool,
    /// The highest parameter number.
    pub parameters: u32,
    /// Where each field is written to: assignments by target, for the check against writing down.
    pub(crate) writes: Vec<Write>,
    /// What the session is told of itself.
    pub(crate) told: Vec<Told>,
    /// What the person sees of the schema, where the statement is about the catalogue.
    pub(crate) catalogue: Option<Arc<Seen>>,
}

/// One value that is written into a field.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) dataset: DatasetId,
    pub(crate) field: FieldName,
}

/// Resolves one statement.
pub(crate) struct Resolver<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) sight: &'a mut dyn Sight,
    pub(crate) resolution: Resolution,
    seen: BTreeMap<DatasetId, Arc<BTreeMap<FieldName, bool>>>,
    /// The next number for nodes of expanded views.
    pub(crate) next_id: u32,
    /// The views being expanded, outermost first.
    expanding: Vec<Oid>,
    /// Whether the statement reads the catalogue alone, or nothing.
    is_catalogue: bool,
    /// Whether a view of the catalogue is being written out.
    pub(crate) in_catalogue_view: bool,
    /// How many queries are around what is being resolved.
    pub(crate) depth: usize,
    /// The depth of the query whose targets are columns of the answer.
    answer_depth: usize,
    /// Where the next expression stands.
    position: Position,
    /// Whether a column without its relation stands in a query of our own.
    pub(crate) has_bare: bool,
    /// Whether a name that is nothing is no mistake: within `to_regclass` and its kin.
    pub(crate) in_look_up: bool,
    /// Where the call stands that is being resolved.
    pub(crate) position_of_call: Position,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(context: &'a Context<'a>, sight: &'a mut dyn Sight, next_id: u32) -> Self {
        Self {
            context,
            sight,
            resolution: Resolution::default(),
            seen: BTreeMap::new(),
            next_id,
            expanding: Vec::new(),
            is_catalogue: false,
            in_catalogue_view: false,
            depth: 0,
            answer_depth: 1,
            position: Position::Other,
            has_bare: false,
            in_look_up: false,
            position_of_call: Position::Other,
        }
    }
}

/// Resolves a statement, changing it as the module says.
///
/// # Errors
/// The first thing that may not be used or is not understood.
pub fn resolve(
    statement: &mut Statement,
    context: &Context<'_>,
    sight: &mut dyn Sight,
) -> Result<Resolution, Refused> {
    let next_id = highest_id(statement) + 1;
    let mut resolver = Resolver::new(context, sight, next_id);
    resolver.is_catalogue = crate::catalogue::reads_only(statement);
    resolver.statement(statement)?;
    if resolver.has_bare {
        return Err(Refused::new(
            Refusal::SyntaxNotSupported,
            "a column without its table, in a function about objects: write the table before it",
        ));
    }
    Ok(resolver.resolution)
}

fn highest_id(statement: &mut Statement) -> u32 {
    struct Highest(u32);
    impl crate::tree::walk::Visit for Highest {
        fn id(&mut self, id: &mut NodeId) {
            self.0 = self.0.max(id.0);
        }
    }
    let mut highest = Highest(0);
    crate::tree::walk::statement(statement, &mut highest);
    highest.0
}

impl Resolution {
    /// Whether the statement is about the catalogue.
    pub const fn is_about_catalogue(&self) -> bool {
        self.catalogue.is_some()
    }
}

impl Resolver<'_> {
    /// What the person sees of a dataset, asked once.
    pub(crate) fn sees(
        &mut self,
        dataset: &DatasetId,
    ) -> Result<Arc<BTreeMap<FieldName, bool>>, Refused> {
        if let Some(known) = self.seen.get(dataset) {
            return Ok(Arc::clone(known));
        }
        let fields = Arc::new(self.sight.fields(dataset)?);
        self.seen.insert(dataset.clone(), Arc::clone(&fields));
        Ok(fields)
    }
}

impl Context<'_> {
    /// Whether every function of this name in this schema is one that a profile has reviewed, and
    /// found harmless.
    pub(crate) fn is_profiled_function(&self, schema: &str, name: &str) -> bool {
        let mut found = self.schema.functions_named(schema, name).peekable();
        found.peek().is_some()
            && found.all(|function| {
                self.schema
                    .reviewed_function(function)
                    .is_some_and(|reviewed| {
                        matches!(
                            reviewed.class,
                            FunctionClass::Pure
                                | FunctionClass::Aggregate
                                | FunctionClass::SetReturning
                        )
                    })
            })
    }

    /// Whether every operator of this name in this schema is one that a profile has reviewed.
    pub(crate) fn is_profiled_operator(&self, schema: &str, name: &str) -> bool {
        let mut found = self.schema.operators_named(schema, name).peekable();
        found.peek().is_some()
            && found.all(|operator| {
                self.schema
                    .reviewed_operator(operator)
                    .is_some_and(|reviewed| reviewed.class == FunctionClass::Pure)
            })
    }
}

/// A name that means nothing the person may use.
pub(crate) fn not_visible(name: &str) -> Refused {
    Refused::new(Refusal::NotVisible, format!("`{name}`"))
}

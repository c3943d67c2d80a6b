//! What names mean at a place of a statement.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named means what was found"
)]

use std::rc::Rc;

use model::FieldName;

/// A column that a name can mean.
#[derive(Clone, Debug)]
pub(crate) struct ScopeColumn {
    pub(crate) name: String,
    /// The field it is, and of which reference to a governed relation.
    pub(crate) origin: Option<(usize, FieldName)>,
    /// The relation's name at this level, by which the column can be written in full; `None` for a
    /// column that two sides of a join were merged into.
    pub(crate) qualifier: Option<String>,
    /// Whether its values are names of objects by number: see `catalogue`.
    pub(crate) is_reg: bool,
}

/// A relation that a name can mean.
#[derive(Clone, Debug)]
pub(crate) struct ScopeRelation {
    pub(crate) name: String,
    /// The schema, for `schema.relation.column`; only where no alias hides it.
    pub(crate) schema: Option<String>,
    pub(crate) columns: Vec<Rc<ScopeColumn>>,
    /// The references to governed relations that are in it.
    pub(crate) sources: Vec<usize>,
    /// Whether it may have columns that are not known here (functions).
    pub(crate) open: bool,
    /// The number of the relation of the catalogue that it is.
    pub(crate) catalogue: Option<u32>,
}

/// What `FROM` offers. Joins and subqueries look at it from many places: what is shared is not copied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Namespace {
    /// By name, for `t.a` and `t`.
    pub(crate) relations: Vec<Rc<ScopeRelation>>,
    /// What `*` stands for and unqualified names are looked up in.
    pub(crate) columns: Vec<Rc<ScopeColumn>>,
    /// Whether there may be more columns.
    pub(crate) open: bool,
    /// Whether one of its relations is the raw target of a write: then no name may be guessed.
    pub(crate) strict: bool,
}

impl Namespace {
    pub(crate) fn of(relation: ScopeRelation) -> Self {
        Self {
            columns: relation.columns.clone(),
            open: relation.open,
            strict: false,
            relations: vec![Rc::new(relation)],
        }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.relations.extend(other.relations);
        self.columns.extend(other.columns);
        self.open |= other.open;
        self.strict |= other.strict;
    }
}

/// A common table in sight.
#[derive(Clone, Debug)]
pub(crate) struct ScopeTable {
    pub(crate) name: String,
    /// `None` while it is read itself and not recursive beyond its first part.
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) open: bool,
}

/// One level of query within the levels around it.
#[derive(Debug, Default)]
pub(crate) struct Scope<'p> {
    pub(crate) outer: Option<&'p Scope<'p>>,
    pub(crate) namespace: Namespace,
    pub(crate) tables: Vec<Rc<ScopeTable>>,
}

/// What a column path means.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// A column; how many levels out.
    Column(Rc<ScopeColumn>, usize),
    /// A whole row of this relation; how many levels out.
    Row(Rc<ScopeRelation>, usize),
    /// A name that an open relation may have.
    Open,
    /// Two columns or relations at one level.
    Ambiguous,
    /// Nothing in sight.
    Nothing,
}

impl<'p> Scope<'p> {
    pub(crate) fn within(outer: &'p Scope<'p>) -> Self {
        Self {
            outer: Some(outer),
            ..Self::default()
        }
    }

    pub(crate) fn levels(&self) -> impl Iterator<Item = &Scope<'p>> {
        std::iter::successors(Some(self), |scope| {
            scope.outer.map(|outer| {
                // The outer levels live at least as long as this one.
                let shorter: &Scope<'p> = outer;
                shorter
            })
        })
    }

    /// A common table of this name, nearest first.
    pub(crate) fn table(&self, name: &str) -> Option<&ScopeTable> {
        self.levels()
            .find_map(|scope| scope.tables.iter().rev().find(|table| table.name == name))
            .map(|table| &**table)
    }

    /// What an unqualified name means: a column of the nearest level that has one, else a row.
    ///
    /// Source: PostgreSQL's `transformColumnRef`: all levels are searched for a column before any is
    /// searched for a relation.
    pub(crate) fn unqualified(&self, name: &str) -> Meaning {
        let mut open = false;
        for (levels_up, scope) in self.levels().enumerate() {
            let mut found = scope.namespace.columns.iter().filter(|c| c.name == name);
            if let Some(column) = found.next() {
                if found.next().is_some() {
                    return Meaning::Ambiguous;
                }
                let mut column = Rc::clone(column);
                if open {
                    // A nearer relation may have the name: it counts as read, and stays as written.
                    Rc::make_mut(&mut column).qualifier = None;
                }
                return Meaning::Column(column, levels_up);
            }
            open |= scope.namespace.open;
        }
        let strict = self.levels().any(|scope| scope.namespace.strict);
        match self.relation(None, name) {
            Meaning::Nothing if open && !strict => Meaning::Open,
            other => other,
        }
    }

    /// The relation that a qualifier means.
    pub(crate) fn relation(&self, schema: Option<&str>, name: &str) -> Meaning {
        for (levels_up, scope) in self.levels().enumerate() {
            let mut found = scope.namespace.relations.iter().filter(|relation| {
                relation.name == name
                    && schema.is_none_or(|schema| relation.schema.as_deref() == Some(schema))
            });
            if let Some(relation) = found.next() {
                if found.next().is_some() {
                    return Meaning::Ambiguous;
                }
                return Meaning::Row(Rc::clone(relation), levels_up);
            }
        }
        Meaning::Nothing
    }
}

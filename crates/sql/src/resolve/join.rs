//! Joins: what their names mean, and which columns they merge.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named has no name of its own"
)]

use std::rc::Rc;

use model::Refusal;

use super::query::renamed;
use super::scope::{Namespace, Scope, ScopeColumn, ScopeRelation};
use super::{Resolver, Side};
use crate::error::Refused;
use crate::tree::{Constant, Expression, Join, JoinKind, JoinOn};

impl Resolver<'_> {
    pub(super) fn join(
        &mut self,
        join: &mut Join,
        scope: &Scope<'_>,
    ) -> Result<Namespace, Refused> {
        let left = self.item(&mut join.left, scope)?;
        // What is on the left is in sight of what is lateral on the right.
        let beside = Scope {
            outer: scope.outer,
            namespace: {
                let mut both = scope.namespace.clone();
                both.extend(left.clone());
                both
            },
            tables: scope.tables.clone(),
        };
        let right = self.item(&mut join.right, &beside)?;
        let merged = match &join.on {
            JoinOn::Using(names, _) => names.clone(),
            JoinOn::Natural => {
                let names = common_names(&left, &right)?;
                // Written out, so that what is added beside a column takes no part in it.
                join.on = if names.is_empty() {
                    JoinOn::Condition(Expression::Constant(Constant::Boolean(true)))
                } else {
                    JoinOn::Using(names.clone(), None)
                };
                names
            }
            JoinOn::Nothing | JoinOn::Condition(_) => Vec::new(),
        };
        self.use_merged(join.id.0, &left, &right, &merged)?;
        if let JoinOn::Condition(condition) = &mut join.on {
            let mut both = left.clone();
            both.extend(right.clone());
            let inner = Scope {
                outer: scope.outer,
                namespace: both,
                tables: scope.tables.clone(),
            };
            self.expression(condition, &inner)?;
        }
        if join
            .alias
            .as_ref()
            .is_some_and(|alias| !alias.columns.is_empty())
        {
            // Names by position: nothing may be added between the columns.
            for relation in left.relations.iter().chain(&right.relations) {
                self.whole_row(relation)?;
            }
        }
        let same_type = |name: &str| self.is_one_type(&left, &right, name);
        let one_type: Vec<bool> = merged.iter().map(|name| same_type(name)).collect();
        Ok(joined(join, left, right, &merged, &one_type))
    }

    /// Whether a merged column is a field of the same type and modifier on both sides.
    fn is_one_type(&self, left: &Namespace, right: &Namespace, name: &str) -> bool {
        let of = |side: &Namespace| {
            let column = side.columns.iter().find(|column| column.name == name)?;
            column.qualifier.as_ref()?;
            let (source, field) = column.origin.as_ref()?;
            let used = self.resolution.uses.get(*source)?;
            let relation = self.context.schema.relation(used.relation)?;
            let found = relation.column_named(field.as_str())?;
            Some((found.type_oid, found.typmod, found.collation.clone()))
        };
        of(left).is_some_and(|left| Some(left) == of(right))
    }

    /// The columns of `USING` are read on both sides.
    fn use_merged(
        &mut self,
        join: u32,
        left: &Namespace,
        right: &Namespace,
        merged: &[String],
    ) -> Result<(), Refused> {
        let origin = |side: &Namespace, name: &String| {
            let column = side.columns.iter().find(|column| column.name == *name)?;
            let (source, field) = column.origin.clone()?;
            Some(Side {
                source,
                field,
                qualifier: column.qualifier.clone()?,
                name: name.clone(),
            })
        };
        let pairs = merged
            .iter()
            .map(|name| [origin(left, name), origin(right, name)])
            .collect();
        self.resolution.merged.insert(join, pairs);
        for name in merged {
            for side in [left, right] {
                let found: Vec<&Rc<ScopeColumn>> =
                    side.columns.iter().filter(|c| c.name == *name).collect();
                match found.as_slice() {
                    [column] => {
                        if let Some((source, field)) = &column.origin
                            && let Some(used) = self.resolution.uses.get_mut(*source)
                        {
                            used.fields.insert(field.clone());
                        }
                    }
                    [] if side.open => {}
                    [] => {
                        return Err(Refused::new(Refusal::FieldNotVisible, format!("`{name}`")));
                    }
                    _ => {
                        return Err(Refused::new(Refusal::NameAmbiguous, format!("`{name}`")));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The columns that both sides have, in the order of the left one.
fn common_names(left: &Namespace, right: &Namespace) -> Result<Vec<String>, Refused> {
    if left.open || right.open {
        return Err(Refused::new(
            Refusal::SyntaxNotSupported,
            "NATURAL JOIN with a function",
        ));
    }
    let on_right = |name: &str| right.columns.iter().any(|c| c.name == name);
    let names = left.columns.iter().map(|column| &column.name);
    Ok(names.filter(|name| on_right(name)).cloned().collect())
}

/// What a join offers: merged columns first, then the rest of both sides.
///
/// Where both sides are of one type, a merged column is that of the side that keeps all rows
/// (PostgreSQL's `buildMergedJoinVar`), and can be written as such.
fn joined(
    join: &Join,
    left: Namespace,
    right: Namespace,
    merged: &[String],
    one_type: &[bool],
) -> Namespace {
    let is_merged = |column: &&Rc<ScopeColumn>| merged.contains(&column.name);
    let kept = match join.kind {
        JoinKind::Inner | JoinKind::Left => Some(&left),
        JoinKind::Right => Some(&right),
        JoinKind::Full => None,
    };
    let is_reg = |name: &str| {
        let mut both = left.columns.iter().chain(&right.columns);
        both.any(|column| column.is_reg && column.name == name)
    };
    let mut columns: Vec<Rc<ScopeColumn>> = merged
        .iter()
        .zip(one_type)
        .map(|(name, one_type)| {
            let same = kept
                .filter(|_| *one_type)
                .and_then(|side| side.columns.iter().find(|column| column.name == *name));
            same.cloned().unwrap_or_else(|| {
                Rc::new(ScopeColumn {
                    name: name.clone(),
                    origin: None,
                    qualifier: None,
                    is_reg: is_reg(name),
                })
            })
        })
        .collect();
    let rest = left.columns.iter().chain(&right.columns);
    columns.extend(rest.filter(|column| !is_merged(column)).cloned());
    let open = left.open || right.open;
    let strict = left.strict || right.strict;
    let sources: Vec<usize> = left
        .relations
        .iter()
        .chain(&right.relations)
        .flat_map(|relation| relation.sources.iter().copied())
        .collect();
    let mut namespace = match &join.alias {
        Some(alias) => {
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let columns = renamed(names, &alias.columns)
                .into_iter()
                .zip(columns)
                .map(|(name, column)| {
                    Rc::new(ScopeColumn {
                        name,
                        origin: column.origin.clone(),
                        qualifier: Some(alias.name.clone()),
                        is_reg: column.is_reg,
                    })
                })
                .collect();
            return Namespace::of(ScopeRelation {
                name: alias.name.clone(),
                schema: None,
                columns,
                sources,
                open,
                catalogue: None,
            });
        }
        None => {
            let mut relations = left.relations;
            relations.extend(right.relations);
            Namespace {
                relations,
                columns,
                open,
                strict,
            }
        }
    };
    if let JoinOn::Using(names, Some(alias)) = &join.on {
        let columns = names
            .iter()
            .map(|name| {
                Rc::new(ScopeColumn {
                    name: name.clone(),
                    origin: None,
                    qualifier: Some(alias.clone()),
                    is_reg: namespace
                        .columns
                        .iter()
                        .any(|column| column.is_reg && column.name == *name),
                })
            })
            .collect();
        namespace.relations.push(Rc::new(ScopeRelation {
            name: alias.clone(),
            schema: None,
            columns,
            sources: Vec::new(),
            open: false,
            catalogue: None,
        }));
    }
    namespace
}

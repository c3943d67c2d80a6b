//! Views: replaced by what they select, so that what they read is guarded inside.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is not visible: the strict answer"
)]

use model::Refusal;
use pgschema::Relation;

use super::from::{named, shown};
use super::query::Output;
use super::scope::Scope;
use super::{Resolver, not_visible};
use crate::error::Refused;
use crate::tree::{Alias, FromItem, NodeId, Query, RelationItem, Statement, SubqueryItem, walk};

/// LIMIT: views over views; each may be expanded within the next.
const DEPTH_MAX: usize = 16;

/// A view in place.
pub(crate) struct Expanded {
    pub(crate) item: FromItem,
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) output: Output,
}

impl Resolver<'_> {
    /// The view's query under the name the statement gives it.
    pub(crate) fn expand(
        &mut self,
        item: &RelationItem,
        view: &Relation,
    ) -> Result<Expanded, Refused> {
        let unreadable = || not_visible(&shown(&item.name));
        if self.expanding.contains(&view.oid) || self.expanding.len() >= DEPTH_MAX {
            return Err(unreadable());
        }
        let definition = view.definition.as_deref().ok_or_else(unreadable)?;
        let mut query = self.definition(definition).ok_or_else(unreadable)?;
        self.expanding.push(view.oid);
        // A view sees nothing of the statement around it.
        let result = self.query(&mut query, &Scope::default());
        self.expanding.pop();
        let output = result.map_err(|refused| match refused.code {
            // What it reads is not the asker's to know.
            Refusal::ApprovalNeeded => refused,
            _ => unreadable(),
        })?;
        if output.open || output.columns.len() != view.columns.len() {
            return Err(unreadable());
        }
        self.resolution.views.insert(view.oid);
        let (name, names) = named(item.alias.as_ref(), &item.name.name);
        let columns: Vec<String> = super::query::renamed(
            view.columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            names,
        );
        let alias = Alias {
            name: name.clone(),
            columns: columns.clone(),
        };
        self.next_id += 1;
        Ok(Expanded {
            item: FromItem::Subquery(Box::new(SubqueryItem {
                id: NodeId(self.next_id),
                lateral: false,
                query,
                alias: Some(alias),
            })),
            name,
            columns,
            output,
        })
    }

    /// A view of the catalogue under the name the statement gives it, read over guarded relations.
    pub(crate) fn expand_catalogue_view(
        &mut self,
        item: &RelationItem,
        definition: &str,
    ) -> Result<Expanded, Refused> {
        let mut query = self
            .definition(definition)
            .ok_or_else(|| not_visible(&shown(&item.name)))?;
        let was = std::mem::replace(&mut self.in_catalogue_view, true);
        // A view's own columns are never columns of the answer.
        self.depth += 1;
        let result = self.query(&mut query, &Scope::default());
        self.depth -= 1;
        self.in_catalogue_view = was;
        let output = result?;
        let (name, names) = named(item.alias.as_ref(), &item.name.name);
        let columns = super::query::renamed(output.columns.clone(), names);
        self.next_id += 1;
        Ok(Expanded {
            item: FromItem::Subquery(Box::new(SubqueryItem {
                id: NodeId(self.next_id),
                lateral: false,
                query,
                alias: Some(Alias {
                    name: name.clone(),
                    columns: columns.clone(),
                }),
            })),
            name,
            columns,
            output,
        })
    }

    /// Reads a definition and gives its nodes numbers of their own.
    fn definition(&mut self, text: &str) -> Option<Query> {
        let limits = crate::read::Limits::default();
        let mut statements = crate::read::read(text, &limits).ok()?;
        let mut statement = match (statements.pop(), statements.is_empty()) {
            (Some(statement), true) => statement,
            _ => return None,
        };
        struct Renumber<'a>(&'a mut u32);
        impl walk::Visit for Renumber<'_> {
            fn id(&mut self, id: &mut NodeId) {
                *self.0 += 1;
                id.0 = *self.0;
            }
        }
        walk::statement(&mut statement, &mut Renumber(&mut self.next_id));
        match statement {
            Statement::Query(query) => Some(*query),
            _ => None,
        }
    }
}

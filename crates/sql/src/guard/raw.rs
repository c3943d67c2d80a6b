//! Comparisons of pseudonyms of one domain, written as comparisons of the raw values behind them: so
//! they use the indexes, and no pseudonym is made for them.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named stays a comparison of pseudonyms"
)]

use std::collections::BTreeSet;

use model::{FieldName, Mask};

use super::Guard;
use super::parameter::{KeyKind, Parameter};
use super::plan::Shown;
use super::relation::{is_raw, raw_name};
use super::total::is_constant;
use crate::kind::{Kind, kind_of};
use crate::resolve::Reference;
use crate::tree::{
    Body, ColumnPath, Constant, Expression, FromItem, JoinKind, JoinOn, ListTest, NodeId,
    Quantifier, Query, Statement, Target,
    walk::{self, Child},
};

impl Guard<'_> {
    /// The fields of each reference that the statement still names after [`Guard::compare_raw`]: a
    /// key that is only compared needs no pseudonym.
    pub(super) fn needed_fields(
        &self,
        statement: &mut Statement,
    ) -> Vec<Option<BTreeSet<FieldName>>> {
        struct Named<'a> {
            resolution: &'a crate::resolve::Resolution,
            found: BTreeSet<(usize, FieldName)>,
        }
        impl walk::Visit for Named<'_> {
            fn expression(&mut self, expression: &mut Expression) {
                if let Expression::Column(path) = expression
                    && !path.parts.last().is_some_and(|name| is_raw(name))
                    && let Some(Reference::Field { source, field, .. }) =
                        self.resolution.references.get(&path.id.0)
                {
                    self.found.insert((*source, field.clone()));
                }
            }
            fn from_item(&mut self, item: &mut FromItem) {
                if let FromItem::Join(join) = item
                    && let JoinOn::Using(_, _) = &join.on
                    && let Some(pairs) = self.resolution.merged.get(&join.id.0)
                {
                    let sides = pairs.iter().flatten().flatten();
                    self.found
                        .extend(sides.map(|side| (side.source, side.field.clone())));
                }
            }
        }
        let mut named = Named {
            resolution: self.resolution,
            found: BTreeSet::new(),
        };
        walk::statement(statement, &mut named);
        let uses = self.resolution.uses.iter().enumerate();
        uses.map(|(source, used)| {
            let keep = |field: &&FieldName| {
                let key = (source, (*field).clone());
                named.found.contains(&key) || !self.raw_used.contains(&key)
            };
            (used.by_name_only && !used.all)
                .then(|| used.fields.iter().filter(keep).cloned().collect())
        })
        .collect()
    }

    /// Conditions that compare pseudonyms of one domain compare raw values instead, in every query.
    pub(super) fn compare_raw(&mut self, statement: &mut Statement) {
        match statement {
            Statement::Query(query) => self.raw_in_query(query),
            Statement::Declare(declare) => self.raw_in_query(&mut declare.query),
            Statement::CopyOut(copy) => self.raw_in_query(&mut copy.query),
            Statement::Explain(explain) => self.compare_raw(&mut explain.statement),
            Statement::Prepare(prepare) => self.compare_raw(&mut prepare.statement),
            // A write reads only what is clear.
            Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Execute(_)
            | Statement::Deallocate(_)
            | Statement::Fetch(_)
            | Statement::Close(_)
            | Statement::Set(_)
            | Statement::Show(_)
            | Statement::Transaction(_)
            | Statement::Discard(_) => {}
        }
    }

    fn raw_in_query(&mut self, query: &mut Query) {
        for table in query.with.iter_mut().flat_map(|with| &mut with.tables) {
            self.compare_raw(&mut table.statement);
        }
        match &mut query.body {
            Body::Select(select) => {
                if let Some(filter) = &mut select.filter {
                    self.raw_in_condition(filter);
                }
                for item in &mut select.from {
                    self.raw_in_from(item);
                }
                let rest = |guard: &mut Self, expression: &mut Expression| {
                    guard.raw_below(expression);
                };
                for Target { value, .. } in &mut select.targets {
                    rest(self, value);
                }
                if let Some(having) = &mut select.having {
                    rest(self, having);
                }
            }
            Body::Values(rows) => {
                for value in rows.iter_mut().flatten() {
                    self.raw_below(value);
                }
            }
            Body::SetOperation { left, right, .. } => {
                self.raw_in_query(left);
                self.raw_in_query(right);
            }
        }
    }

    fn raw_in_from(&mut self, item: &mut FromItem) {
        match item {
            FromItem::Relation(_) | FromItem::Function(_) => {}
            FromItem::Subquery(item) => self.raw_in_query(&mut item.query),
            FromItem::Join(join) => {
                self.raw_in_from(&mut join.left);
                self.raw_in_from(&mut join.right);
                self.raw_using(join);
                if let JoinOn::Condition(condition) = &mut join.on {
                    self.raw_in_condition(condition);
                }
            }
        }
    }

    /// `USING (key)` over pseudonyms of one domain, written as a condition that compares raw values.
    /// Merged columns are written as those of one side already, where that is the same.
    fn raw_using(&mut self, join: &mut crate::tree::Join) {
        let JoinOn::Using(_, None) = &join.on else {
            return;
        };
        if join.kind == JoinKind::Full || join.alias.is_some() {
            return;
        }
        let Some(pairs) = self.resolution.merged.get(&join.id.0) else {
            return;
        };
        let mut any = false;
        let mut parts = Vec::new();
        for pair in pairs {
            let [Some(left), Some(right)] = pair else {
                return;
            };
            match (self.raw_side(left), self.raw_side(right)) {
                (Some(a), Some(b)) if a.domain == b.domain && a.kind == b.kind => {
                    any = true;
                    parts.push((self.raw(a), self.raw(b)));
                }
                _ => {
                    let plain = |side: &crate::resolve::Side| {
                        super::write::column(&side.qualifier, &side.name)
                    };
                    parts.push((plain(left), plain(right)));
                }
            }
        }
        if any {
            let equal = parts
                .into_iter()
                .map(|(left, right)| super::write::operator("=", left, right))
                .collect();
            join.on = JoinOn::Condition(super::write::and(equal));
        }
    }

    fn raw_side(&self, side: &crate::resolve::Side) -> Option<RawField> {
        let used = self.resolution.uses.get(side.source)?;
        let planned = self.plans.of(side.source)?.column(&side.field)?;
        let Shown::Masked(Mask::Pseudonym(domain)) = &planned.shown else {
            return None;
        };
        let is_reachable = used.by_name_only
            && side.qualifier == used.alias
            && planned.bound.domain.as_ref() == Some(domain)
            && planned.column.collation.is_none();
        is_reachable.then(|| RawField {
            source: side.source,
            field: side.field.clone(),
            alias: used.alias.clone(),
            domain: domain.clone(),
            kind: kind_of(self.context.schema, planned.column.type_oid)
                .filter(|kind| kind.has_pseudonym()),
            id: NodeId::default(),
        })
    }

    /// Queries under an expression that is no condition: what they compare of outer rows may be
    /// grouped there, so outer rows stay pseudonymised.
    fn raw_below(&mut self, expression: &mut Expression) {
        self.outer_fixed += 1;
        walk::children(expression, &mut |child| match child {
            Child::Expression(inner) => self.raw_below(inner),
            Child::Query(inner) => self.raw_in_query(inner),
        });
        self.outer_fixed -= 1;
    }

    fn raw_in_condition(&mut self, condition: &mut Expression) {
        walk::children(condition, &mut |child| match child {
            Child::Expression(inner) => self.raw_in_condition(inner),
            Child::Query(inner) => self.raw_in_query(inner),
        });
        match condition {
            Expression::Operator {
                name,
                left: Some(left),
                right,
            } if matches!(name.name.as_str(), "=" | "<>") => {
                self.raw_pair(left, right);
            }
            Expression::Binary(
                crate::tree::BinaryTest::Distinct | crate::tree::BinaryTest::NotDistinct,
                left,
                right,
            ) => self.raw_pair(left, right),
            Expression::List(ListTest::In | ListTest::NotIn, value, list) => {
                self.raw_list(value, list);
            }
            Expression::OperatorArray {
                name,
                quantifier: Quantifier::Any,
                left,
                right,
            } if name.name == "=" => self.raw_array(left, right),
            _ => {}
        }
    }

    /// The pseudonymised field that an expression is.
    fn pseudonymised(&self, expression: &Expression) -> Option<RawField> {
        let Expression::Column(path) = expression else {
            return None;
        };
        let Some(Reference::Field {
            source,
            field,
            qualifier: Some(qualifier),
            levels_up,
        }) = self.resolution.references.get(&path.id.0)
        else {
            return None;
        };
        let used = self.resolution.uses.get(*source)?;
        let planned = self.plans.of(*source)?.column(field)?;
        let Shown::Masked(Mask::Pseudonym(domain)) = &planned.shown else {
            return None;
        };
        let is_reachable = used.by_name_only
            && *qualifier == used.alias
            && planned.bound.domain.as_ref() == Some(domain)
            // Under another collation, equal texts need not be equal bytes.
            && planned.column.collation.is_none()
            && (*levels_up == 0 || self.outer_fixed == 0);
        is_reachable.then(|| RawField {
            source: *source,
            field: field.clone(),
            alias: used.alias.clone(),
            domain: domain.clone(),
            kind: kind_of(self.context.schema, planned.column.type_oid)
                .filter(|kind| kind.has_pseudonym()),
            id: path.id,
        })
    }

    fn raw_pair(&mut self, left: &mut Expression, right: &mut Expression) {
        match (self.pseudonymised(left), self.pseudonymised(right)) {
            (Some(a), Some(b)) if a.domain == b.domain => {
                *left = self.raw(a);
                *right = self.raw(b);
            }
            (Some(field), None) => {
                if let Some(value) = self.taken_back(&field, right) {
                    *right = value;
                    *left = self.raw(field);
                }
            }
            (None, Some(field)) => {
                if let Some(value) = self.taken_back(&field, left) {
                    *left = value;
                    *right = self.raw(field);
                }
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    fn raw_list(&mut self, value: &mut Expression, list: &mut [Expression]) {
        let Some(field) = self.pseudonymised(value) else {
            return;
        };
        let taken: Option<Vec<Expression>> = list
            .iter()
            .map(|one| self.taken_back(&field, one))
            .collect();
        if let Some(taken) = taken {
            for (place, new) in list.iter_mut().zip(taken) {
                *place = new;
            }
            *value = self.raw(field);
        }
    }

    /// `key = ANY ($1)`, where the client declared an array of the key's type.
    fn raw_array(&mut self, left: &mut Expression, right: &mut Expression) {
        let Some(field) = self.pseudonymised(left) else {
            return;
        };
        let number = match &*right {
            Expression::Parameter(number) => *number,
            Expression::Cast(inner, _) => match &**inner {
                Expression::Parameter(number) => *number,
                _ => return,
            },
            _ => return,
        };
        let Some(kind) = field
            .kind
            .filter(|kind| kind.is_invertible())
            .and_then(KeyKind::of)
        else {
            return;
        };
        let parameter = Parameter::Raw {
            number,
            domain: field.domain.clone(),
            kind,
            is_array: true,
        };
        *right = self.parameters.typed(parameter, kind.array_name());
        *left = self.raw(field);
    }

    /// A constant or parameter, taken back from its pseudonym when the statement is bound.
    fn taken_back(&mut self, field: &RawField, value: &Expression) -> Option<Expression> {
        let kind = KeyKind::of(field.kind.filter(|kind| kind.is_invertible())?)?;
        let domain = field.domain.clone();
        let parameter = match value {
            Expression::Parameter(number) => Parameter::Raw {
                number: *number,
                domain,
                kind,
                is_array: false,
            },
            Expression::Cast(inner, type_name)
                if type_name.name.name == kind.name() && type_name.dimensions.is_empty() =>
            {
                match &**inner {
                    Expression::Parameter(number) => Parameter::Raw {
                        number: *number,
                        domain,
                        kind,
                        is_array: false,
                    },
                    other => Parameter::RawConstant {
                        text: key_text(other, kind)?,
                        domain,
                        kind,
                    },
                }
            }
            other => Parameter::RawConstant {
                text: key_text(other, kind)?,
                domain,
                kind,
            },
        };
        Some(self.parameters.typed(parameter, kind.name()))
    }

    /// The raw value beside the pseudonym.
    fn raw(&mut self, field: RawField) -> Expression {
        self.raw_used.insert((field.source, field.field.clone()));
        Expression::Column(ColumnPath {
            id: field.id,
            parts: vec![field.alias, raw_name(&field.field)],
            star: false,
        })
    }
}

/// A pseudonymised field that a condition compares.
struct RawField {
    source: usize,
    field: FieldName,
    alias: String,
    domain: model::DomainId,
    kind: Option<Kind>,
    id: NodeId,
}

/// A constant that could be a key of this type, as text.
fn key_text(value: &Expression, kind: KeyKind) -> Option<String> {
    let text = match value {
        Expression::Constant(Constant::Integer(number)) => number.to_string(),
        Expression::Constant(Constant::Number(digits) | Constant::Text(digits)) => digits.clone(),
        // `-5` is the operator on 5.
        Expression::Operator {
            name,
            left: None,
            right,
        } if name.name == "-" => format!("-{}", key_text(right, kind)?),
        _ => return None,
    };
    let text = text.trim().to_owned();
    let is_key = match kind {
        KeyKind::Int2 => text.parse::<i16>().is_ok(),
        KeyKind::Int4 => text.parse::<i32>().is_ok(),
        KeyKind::Int8 => text.parse::<i64>().is_ok(),
        KeyKind::Uuid => {
            let digits: Vec<char> = text.chars().filter(|c| *c != '-').collect();
            digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit)
        }
        KeyKind::Text => false,
    };
    debug_assert!(is_constant(value));
    is_key.then_some(text)
}

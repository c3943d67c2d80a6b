//! Expressions of statements about the catalogue.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is like anywhere else"
)]

use model::Refusal;

use super::Resolver;
use super::scope::{Meaning, Scope};
use crate::catalogue::Position;
use crate::error::Refused;
use crate::tree::{ColumnPath, Constant, Expression, SublinkKind, TypeName};

impl Resolver<'_> {
    /// What statements about the catalogue may say beyond others; whether that is all there is to do.
    pub(super) fn of_catalogue(
        &mut self,
        expression: &mut Expression,
        position: Position,
        scope: &Scope<'_>,
    ) -> Result<bool, Refused> {
        match expression {
            Expression::Column(path)
                if !path.star && position == Position::Other && is_row_of_reg(path, scope) =>
            {
                // A field of it would stand beside texts without having become a number.
                Err(row_of_names())
            }
            Expression::Column(path) if !path.star => {
                if let Some(number) = catalogue_number(path, scope) {
                    *expression = number;
                    return Ok(true);
                }
                let is_reg = is_reg(path, scope);
                let whole = whole_path(path, scope);
                self.column(path, scope)?;
                if let Some(parts) = whole {
                    path.parts = parts;
                }
                if is_reg && position == Position::Other {
                    let value = std::mem::replace(expression, Expression::Default);
                    *expression = Expression::Cast(Box::new(value), TypeName::builtin("oid"));
                }
                Ok(true)
            }
            Expression::Cast(inner, type_name) => {
                let type_name = type_name.clone();
                if let Some(number) = self.reg_cast(inner, &type_name, position, scope)? {
                    *expression = number;
                    return Ok(true);
                }
                if matches!(type_name.name.name.as_str(), "text" | "varchar" | "name")
                    && type_name.dimensions.is_empty()
                {
                    self.position = Position::Text;
                }
                Ok(false)
            }
            // Beside an access list it would be read as one, and the error tells which roles there are.
            Expression::Constant(Constant::Text(text))
                if position == Position::Other
                    && !self.in_catalogue_view
                    && text.contains('=')
                    && !text.starts_with("check_option=") =>
            {
                Err(Refused::new(
                    Refusal::SyntaxNotSupported,
                    "a text with `=` in a statement about the catalogue: write `::text` behind it",
                ))
            }
            Expression::Operator { name, .. } if name.name == "||" => {
                self.text_operands(expression, scope)?;
                Ok(true)
            }
            Expression::Call(call) => {
                self.position_of_call = position;
                texts_of_names(call, scope);
                match self.catalogue_call(call, scope)? {
                    Some(answer) => {
                        *expression = answer;
                        Ok(true)
                    }
                    None => Ok(false),
                }
            }
            Expression::Sublink(sublink)
                if position == Position::Output && sublink.kind == SublinkKind::Scalar =>
            {
                let was = std::mem::replace(&mut self.answer_depth, self.depth + 1);
                let result = self.query(&mut sublink.query, scope).map(|_| true);
                self.answer_depth = was;
                result
            }
            _ => Ok(false),
        }
    }

    /// `a || b`, where the names of objects become texts.
    fn text_operands(
        &mut self,
        expression: &mut Expression,
        scope: &Scope<'_>,
    ) -> Result<(), Refused> {
        let Expression::Operator { name, left, right } = expression else {
            return Ok(());
        };
        self.operator(name)?;
        for side in left.iter_mut().chain(std::iter::once(right)) {
            let is_name = match &**side {
                Expression::Cast(_, to) => to.name.name.starts_with("reg"),
                Expression::Column(path) => is_reg(path, scope),
                // As a text it is appended; beside an access list there is no such operator.
                Expression::Constant(Constant::Text(text)) => text.contains('='),
                _ => false,
            };
            if is_name {
                self.position = Position::Text;
                self.expression(side, scope)?;
                let value = std::mem::replace(&mut **side, Expression::Default);
                **side = Expression::Cast(Box::new(value), TypeName::builtin("text"));
            } else {
                self.expression(side, scope)?;
            }
        }
        Ok(())
    }
}

/// `tableoid` and `xmin` of a relation of the catalogue. pgAdmin keeps the latter to see later whether
/// an object was changed; it tells how busy the server is, so it is 0, as frozen rows have it.
fn catalogue_number(path: &ColumnPath, scope: &Scope<'_>) -> Option<Expression> {
    let name = path.parts.last()?;
    if name != "tableoid" && name != "xmin" {
        return None;
    }
    let relation = match path.parts.as_slice() {
        [_] => match scope.namespace.relations.as_slice() {
            [relation] => relation.clone(),
            _ => return None,
        },
        [.., relation, _] => match scope.relation(None, relation) {
            Meaning::Row(relation, _) => relation,
            _ => return None,
        },
        [] => return None,
    };
    // A column may be called so.
    if relation.columns.iter().any(|column| column.name == *name) {
        return None;
    }
    let number = i32::try_from(relation.catalogue?).ok()?;
    let (value, type_name) = match name.as_str() {
        "xmin" => (Constant::Text("0".to_owned()), "xid"),
        _ => (Constant::Integer(number), "oid"),
    };
    Some(Expression::Cast(
        Box::new(Expression::Constant(value)),
        TypeName::builtin(type_name),
    ))
}

/// A column with its relation, where that means the same.
fn whole_path(path: &ColumnPath, scope: &Scope<'_>) -> Option<Vec<String>> {
    let [name] = path.parts.as_slice() else {
        return None;
    };
    let Meaning::Column(column, levels_up) = scope.unqualified(name) else {
        return None;
    };
    let qualifier = column.qualifier.clone()?;
    match scope.relation(None, &qualifier) {
        Meaning::Row(_, nearest) if nearest == levels_up => Some(vec![qualifier, name.clone()]),
        _ => None,
    }
}

/// Functions that make texts of what they are given: names of objects are given as texts.
fn texts_of_names(call: &mut crate::tree::Call, scope: &Scope<'_>) {
    let makes_texts = [
        "format",
        "concat",
        "concat_ws",
        "array_agg",
        "string_agg",
        "quote_ident",
    ];
    // Each overload of these takes texts alone where a constant may stand.
    let takes_texts = ["replace", "split_part", "strpos", "substring"];
    let makes_texts = makes_texts.contains(&call.name.name.as_str());
    if !makes_texts && !takes_texts.contains(&call.name.name.as_str()) {
        return;
    }
    for argument in &mut call.arguments {
        let is_name = match &argument.value {
            Expression::Cast(_, to) => makes_texts && to.name.name.starts_with("reg"),
            Expression::Constant(Constant::Text(text)) => text.contains('='),
            Expression::Column(path) => makes_texts && is_reg(path, scope),
            _ => false,
        };
        if is_name {
            let value = std::mem::replace(&mut argument.value, Expression::Default);
            argument.value = Expression::Cast(Box::new(value), TypeName::builtin("text"));
        }
    }
}

/// Whether a row is meant some of whose columns are names of objects by number.
fn is_row_of_reg(path: &ColumnPath, scope: &Scope<'_>) -> bool {
    let found = match path.parts.as_slice() {
        [name] => match scope.unqualified(name) {
            Meaning::Column(_, _) => return false,
            _ => scope.relation(None, name),
        },
        [schema, name] => scope.relation(Some(schema), name),
        _ => return false,
    };
    let Meaning::Row(relation, _) = found else {
        return false;
    };
    relation.columns.iter().any(|column| column.is_reg)
}

pub(super) fn row_of_names() -> Refused {
    let about = "a whole row of this relation of the catalogue: write its columns";
    Refused::new(Refusal::SyntaxNotSupported, about)
}

/// Whether a column's values are names of objects by number.
fn is_reg(path: &ColumnPath, scope: &Scope<'_>) -> bool {
    let Some(name) = path.parts.last() else {
        return false;
    };
    scope
        .levels()
        .flat_map(|scope| &scope.namespace.columns)
        .any(|column| column.is_reg && column.name == *name)
        || scope
            .levels()
            .flat_map(|scope| &scope.namespace.relations)
            .flat_map(|relation| &relation.columns)
            .any(|column| column.is_reg && column.name == *name)
}

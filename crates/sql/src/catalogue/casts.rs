//! Casts to types whose values print the names of objects: `regclass` and its kin.
//!
//! Such a value is only made from a number that the person sees. Because PostgreSQL looks a text up
//! that stands beside such a value, and its error tells what exists, one may stand only where
//! nothing is beside it: as a column of the answer, or right below a cast to text. Anywhere else it is
//! the number alone.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is treated as a number"
)]

use model::Refusal;
use pgschema::builtin;

use super::source;
use crate::error::Refused;
use crate::resolve::{Resolver, Scope};
use crate::tree::walk::{self, Visit};
use crate::tree::{Constant, Expression, ObjectName, TypeName};

/// Where an expression stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Position {
    /// It is a column of the answer.
    Output,
    /// It becomes a text.
    Text,
    /// Anywhere else.
    #[default]
    Other,
}

/// What names of one kind become.
struct Reg {
    type_name: &'static str,
    /// The test of a number.
    only: &'static str,
    /// The look-up of a name; none where PostgreSQL's own names alone are read.
    named: Option<&'static str>,
}

const REGS: [Reg; 10] = [
    reg("regclass", "only_relation", Some("relation_named")),
    reg("regtype", "only_type", Some("type_named")),
    reg("regnamespace", "only_schema", Some("schema_named")),
    reg("regrole", "only_role", Some("role_named")),
    reg("regproc", "only_function", None),
    reg("regprocedure", "only_function", None),
    reg("regoper", "only_system", None),
    reg("regoperator", "only_system", None),
    reg("regcollation", "only_system", None),
    reg("regdictionary", "only_system", None),
];

const fn reg(type_name: &'static str, only: &'static str, named: Option<&'static str>) -> Reg {
    Reg {
        type_name,
        only,
        named,
    }
}

impl Resolver<'_> {
    /// A cast to such a type, written as its number with the person's test; `None` where the cast is
    /// to another type.
    pub(crate) fn reg_cast(
        &mut self,
        inner: &mut Expression,
        type_name: &TypeName,
        position: Position,
        scope: &Scope<'_>,
    ) -> Result<Option<Expression>, Refused> {
        let in_catalog = type_name
            .name
            .schema
            .as_deref()
            .is_none_or(|s| s == "pg_catalog");
        let found = REGS.iter().find(|reg| reg.type_name == type_name.name.name);
        let (Some(reg), true) = (found, in_catalog) else {
            return Ok(None);
        };
        if !type_name.dimensions.is_empty() {
            return Err(Refused::new(
                Refusal::TypeNotAllowed,
                format!("type `{}[]`", reg.type_name),
            ));
        }
        let number = self.reg_number(reg, inner, !self.in_look_up, scope)?;
        Ok(Some(match position {
            Position::Output | Position::Text => {
                Expression::Cast(Box::new(number), TypeName::builtin(reg.type_name))
            }
            Position::Other => number,
        }))
    }

    /// An object as a number that the person sees, or NULL.
    fn reg_number(
        &mut self,
        reg: &Reg,
        inner: &mut Expression,
        is_cast: bool,
        scope: &Scope<'_>,
    ) -> Result<Expression, Refused> {
        if let Expression::Constant(Constant::Text(text)) = inner {
            if text == "-" {
                return Ok(as_oid(Expression::Constant(Constant::Integer(0))));
            }
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number {
                return self.reg_name(reg, &text.clone(), is_cast);
            }
        }
        let by_name = match &*inner {
            Expression::Parameter(_) | Expression::Call(_) => true,
            Expression::Operator { name, .. } => name.name == "||",
            Expression::Cast(_, to) => matches!(to.name.name.as_str(), "text" | "varchar" | "name"),
            _ => false,
        };
        self.expression(inner, scope)?;
        let inner = std::mem::replace(inner, Expression::Default);
        match reg.named.filter(|_| by_name) {
            Some(named) => Ok(self.our_own(named, vec![inner])),
            None => Ok(self.our_own(reg.only, vec![inner])),
        }
    }

    /// A name that the statement says itself.
    fn reg_name(&mut self, reg: &Reg, text: &str, is_cast: bool) -> Result<Expression, Refused> {
        let bare = text.strip_prefix("pg_catalog.").unwrap_or(text);
        let own = match reg.type_name {
            "regclass" => source::is_relation(bare),
            "regtype" => is_builtin_type(text),
            "regproc" => builtin::function(bare).is_some(),
            "regprocedure" => bare
                .strip_suffix(')')
                .and_then(|bare| bare.split_once('('))
                .is_some_and(|(name, arguments)| {
                    builtin::function(name).is_some()
                        && arguments
                            .split(',')
                            .all(|one| one.trim().is_empty() || is_builtin_type(one.trim()))
                }),
            "regoper" => builtin::operator(bare).is_some(),
            "regcollation" => matches!(bare.trim_matches('"'), "default" | "C" | "POSIX"),
            _ => false,
        };
        if own {
            let text = if reg.type_name == "regtype" {
                text.to_owned()
            } else {
                format!("pg_catalog.{bare}")
            };
            return Ok(as_oid(Expression::Cast(
                Box::new(Expression::Constant(Constant::Text(text))),
                TypeName::builtin(reg.type_name),
            )));
        }
        match reg.named {
            Some(_) if is_cast && matches!(reg.type_name, "regclass" | "regtype") => self
                .seen_by_name(reg.type_name == "regclass", text)
                .map(|oid| as_oid(Expression::Constant(Constant::Text(oid.to_string()))))
                .ok_or_else(|| crate::resolve::not_visible(text)),
            Some(named) => Ok(self.our_own(
                named,
                vec![Expression::Constant(Constant::Text(text.to_owned()))],
            )),
            None => Err(Refused::new(
                Refusal::FunctionNotAllowed,
                format!("`{text}`"),
            )),
        }
    }

    /// The number of a table or type that the person sees, by the name a statement says.
    fn seen_by_name(&mut self, is_class: bool, text: &str) -> Option<u32> {
        let seen = self.seen();
        let schema = self.context.schema;
        let parts: Vec<String> = text
            .split('.')
            .map(|part| {
                match part
                    .strip_prefix('"')
                    .and_then(|part| part.strip_suffix('"'))
                {
                    Some(quoted) => quoted.to_owned(),
                    None => part.to_ascii_lowercase(),
                }
            })
            .collect();
        let (schemas, name) = match parts.as_slice() {
            [name] => (seen.path.to_vec(), name),
            [schema, name] => (vec![schema.clone()], name),
            _ => return None,
        };
        let is_seen = |oid: &u32| {
            let list = if is_class { &seen.tables } else { &seen.types };
            list.contains(&i64::from(*oid))
        };
        schemas
            .iter()
            .filter_map(|namespace| {
                if is_class {
                    schema
                        .relation_named(namespace, name)
                        .map(|found| found.oid.0)
                } else {
                    schema.type_named(namespace, name).map(|found| found.oid.0)
                }
            })
            .find(is_seen)
    }

    /// Checks a type that a statement about the catalogue may cast to, and writes its name in full.
    pub(crate) fn catalogue_type(&self, type_name: &mut TypeName) -> bool {
        const OF_CATALOGUE: [&str; 12] = [
            "oid",
            "char",
            "name",
            "int2vector",
            "oidvector",
            "_oid",
            "_char",
            "_name",
            "xid",
            "xid8",
            "cid",
            "pg_node_tree",
        ];
        let ObjectName { schema, name } = &type_name.name;
        let in_standard = schema.as_deref() == Some("information_schema")
            && matches!(
                name.as_str(),
                "sql_identifier"
                    | "character_data"
                    | "cardinal_number"
                    | "yes_or_no"
                    | "time_stamp"
            );
        if in_standard {
            return true;
        }
        let in_catalog = schema
            .as_deref()
            .is_none_or(|schema| schema == "pg_catalog");
        if in_catalog && OF_CATALOGUE.contains(&name.as_str()) {
            type_name.name.schema = Some("pg_catalog".to_owned());
            return true;
        }
        false
    }

    /// One of our own expressions, with these arguments.
    pub(super) fn our_own(&mut self, name: &str, arguments: Vec<Expression>) -> Expression {
        self.seen();
        let Some(found) = source::expression(name) else {
            return Expression::Constant(Constant::Null);
        };
        let mut expression = found.clone();
        walk::expression(&mut expression, &mut self.filler());
        let arguments = self.apart(arguments);
        walk::expression(&mut expression, &mut Arguments(arguments));
        walk::expression(&mut expression, &mut Shift(false));
        expression
    }

    /// One of our own queries, with these arguments.
    pub(super) fn our_own_query(
        &mut self,
        found: &crate::tree::Query,
        arguments: Vec<Expression>,
    ) -> crate::tree::Query {
        self.seen();
        let mut query = found.clone();
        self.fill(&mut query);
        let arguments = self.apart(arguments);
        walk::query(&mut query, &mut Arguments(arguments));
        walk::query(&mut query, &mut Shift(false));
        query
    }

    /// Arguments that go into a query of our own. A column without its relation would be one of that
    /// query's; and the walk goes on below what was put in, where a client's own `$101` could stand.
    fn apart(&mut self, mut arguments: Vec<Expression>) -> Vec<Expression> {
        struct Bare(bool);
        impl Visit for Bare {
            fn expression(&mut self, expression: &mut Expression) {
                if let Expression::Column(path) = expression {
                    self.0 |= path.parts.len() < 2;
                }
            }
        }
        for argument in &mut arguments {
            let mut bare = Bare(false);
            walk::expression(argument, &mut bare);
            self.has_bare |= bare.0;
            walk::expression(argument, &mut Shift(true));
        }
        arguments
    }
}

/// Puts arguments into a query of our own.
struct Arguments(Vec<Expression>);

impl Visit for Arguments {
    fn expression(&mut self, expression: &mut Expression) {
        if let Expression::Parameter(number) = expression
            && let Some(index) = number.checked_sub(source::ARGUMENT)
            && let Some(value) = usize::try_from(index).ok().and_then(|i| self.0.get(i))
        {
            *expression = value.clone();
        }
    }
}

/// Keeps a client's parameters out of the way of our own.
struct Shift(bool);

const AWAY: u32 = 1_000_000_000;

impl Visit for Shift {
    fn expression(&mut self, expression: &mut Expression) {
        if let Expression::Parameter(number) = expression {
            if self.0 {
                *number = number.saturating_add(AWAY);
            } else if *number >= AWAY {
                *number -= AWAY;
            }
        }
    }
}

pub(super) fn as_oid(value: Expression) -> Expression {
    Expression::Cast(Box::new(value), TypeName::builtin("oid"))
}

/// Whether a text is the name of a type of PostgreSQL itself, read as PostgreSQL reads it.
fn is_builtin_type(text: &str) -> bool {
    let limits = crate::read::Limits::default();
    let Ok(statements) = crate::read::read(&format!("SELECT NULL::{text}"), &limits) else {
        return false;
    };
    let [crate::tree::Statement::Query(query)] = statements.as_slice() else {
        return false;
    };
    let crate::tree::Body::Select(select) = &query.body else {
        return false;
    };
    let [
        crate::tree::Target {
            value: Expression::Cast(_, type_name),
            name: None,
        },
    ] = select.targets.as_slice()
    else {
        return false;
    };
    let name = &type_name.name;
    select.from.is_empty()
        && select.filter.is_none()
        && name
            .schema
            .as_deref()
            .is_none_or(|schema| schema == "pg_catalog")
        && builtin::type_named(&name.name).is_some()
}

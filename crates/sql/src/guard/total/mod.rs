//! Which expressions are *total*: on no input do they fail, emit or take a user's code.
//!
//! A total expression may run on rows that the person does not see, because nothing comes of it.
//! Source: PostgreSQL's leakproof functions, and those proved in `pgschema`'s review. What is not
//! known to be total is not.

mod look;
mod statement;

use pgschema::builtin::{self, FunctionClass};

use super::plan::Plan;
use super::{Plans, parameter::ParameterTypes, relation::raw_field};
use crate::kind::{Kind, kind_of};
use crate::resolve::{Context, Reference, Resolution};
use crate::tree::{
    BinaryTest, Body, Call, ColumnPath, Constant, Expression, ListTest, Query, SessionValue,
    SublinkKind, TypeName,
};

pub(super) use look::{conjuncts, each, is_constant};

/// What is known of the type of a total expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// This type.
    Kind(Kind),
    /// A quoted constant or NULL: it takes the type of what it meets, once, before any row.
    Literal,
    /// Some type.
    Opaque,
}

/// Judges expressions of one statement.
pub(super) struct Judge<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) resolution: &'a Resolution,
    pub(super) plans: &'a Plans,
    pub(super) types: &'a ParameterTypes,
}

impl Judge<'_> {
    /// What is known of a total expression's type; `None` if it is not known to be total.
    pub(super) fn judge(&self, expression: &Expression) -> Option<Typed> {
        match expression {
            Expression::Column(path) => {
                if path.star {
                    return None;
                }
                Some(self.raw(path).unwrap_or_else(|| self.column(path.id.0)))
            }
            Expression::Constant(constant) => Some(constant_type(constant)),
            Expression::Parameter(number) => Some(
                self.types
                    .of(*number)
                    .and_then(Kind::of_oid)
                    .map_or(Typed::Opaque, Typed::Kind),
            ),
            Expression::Cast(inner, type_name) => self.cast(inner, type_name),
            Expression::Session(value) => Some(session_type(*value)),
            Expression::Operator { name, left, right } => {
                self.operator(&name.name, left.as_deref(), right, expression)
            }
            Expression::OperatorArray {
                name, left, right, ..
            } => {
                let left = self.judge(left)?;
                let element = self.element(right, left)?;
                total_operator(&name.name, left, element)?;
                Some(Typed::Kind(Kind::Bool))
            }
            Expression::Binary(test, left, right) => self.binary(*test, left, right),
            Expression::List(test, value, list) => self.list(*test, value, list),
            Expression::Boolean(_, parts) => {
                for part in parts {
                    self.judge(part)?;
                }
                Some(Typed::Kind(Kind::Bool))
            }
            Expression::IsNull(inner, _) | Expression::IsTruth(inner, _) => {
                self.judge(inner)?;
                Some(Typed::Kind(Kind::Bool))
            }
            Expression::Coalesce(parts) => {
                let mut found = Typed::Literal;
                for part in parts {
                    let typed = self.judge(part)?;
                    if found == Typed::Literal {
                        found = typed;
                    } else if typed != Typed::Literal && typed != found {
                        return None;
                    }
                }
                Some(found)
            }
            Expression::Call(call) => self.call(call, expression),
            Expression::Sublink(sublink) => match &sublink.kind {
                // The query's own conditions are judged where it stands.
                SublinkKind::Exists => Some(Typed::Kind(Kind::Bool)),
                SublinkKind::In(left) => {
                    let left = self.judge(left)?;
                    let right = self.only_target(&sublink.query)?;
                    total_operator("=", left, right)?;
                    Some(Typed::Kind(Kind::Bool))
                }
                // More than one row is an error.
                SublinkKind::Scalar | SublinkKind::Array | SublinkKind::Compare { .. } => None,
            },
            Expression::Collate(_, _)
            | Expression::Case { .. }
            | Expression::MinMax(_, _)
            | Expression::Row(_, _)
            | Expression::Array(_)
            | Expression::Steps(_, _)
            | Expression::Grouping(_)
            | Expression::Default => self.constant(expression),
        }
    }

    /// Something that reads no row: it fails, if at all, whatever the rows are.
    #[expect(clippy::unused_self, reason = "reads beside its siblings")]
    fn constant(&self, expression: &Expression) -> Option<Typed> {
        is_constant(expression).then_some(Typed::Opaque)
    }

    /// The type of a raw value beside its pseudonym.
    fn raw(&self, path: &ColumnPath) -> Option<Typed> {
        let [alias, name] = path.parts.as_slice() else {
            return None;
        };
        let field = raw_field(name)?;
        let source = self
            .resolution
            .uses
            .iter()
            .position(|used| used.alias == *alias)?;
        let column = self.plans.of(source)?.column(&field)?;
        kind_of(self.context.schema, column.column.type_oid).map(Typed::Kind)
    }

    fn column(&self, node: u32) -> Typed {
        match self.resolution.references.get(&node) {
            // Texts of a collation of their own may not be comparable with what they meet, which
            // PostgreSQL finds out row by row.
            Some(Reference::Field { source, field, .. }) => self
                .plans
                .of(*source)
                .and_then(|plan: &Plan| plan.column(field))
                .filter(|column| column.column.collation.is_none())
                .and_then(|column| kind_of(self.context.schema, column.column.type_oid))
                .map_or(Typed::Opaque, Typed::Kind),
            Some(Reference::Other) | None => Typed::Opaque,
        }
    }

    fn cast(&self, inner: &Expression, type_name: &TypeName) -> Option<Typed> {
        let to = if type_name.dimensions.is_empty() {
            Kind::of_name(&type_name.name.name)
        } else {
            None
        };
        let typed = to.map_or(Typed::Opaque, Typed::Kind);
        if is_constant(inner) {
            return Some(typed);
        }
        let Typed::Kind(from) = self.judge(inner)? else {
            return None;
        };
        let is_relabelling = type_name.modifiers.is_empty()
            && match (from, to?) {
                (from, to) if from == to => true,
                (Kind::Varchar | Kind::Text, Kind::Text | Kind::Varchar)
                | (Kind::Int2, Kind::Int4 | Kind::Int8)
                | (Kind::Int4, Kind::Int8)
                | (Kind::Int2 | Kind::Int4 | Kind::Int8, Kind::Numeric)
                | (Kind::Float4, Kind::Float8) => true,
                _ => false,
            };
        is_relabelling.then_some(typed)
    }

    fn operator(
        &self,
        name: &str,
        left: Option<&Expression>,
        right: &Expression,
        whole: &Expression,
    ) -> Option<Typed> {
        if is_constant(whole) {
            return Some(self.arithmetic(name, left, right));
        }
        let left = self.judge(left?)?;
        let right = self.judge(right)?;
        total_operator(name, left, right)
    }

    /// The type of a constant calculation: moments plus and minus intervals keep theirs.
    fn arithmetic(&self, name: &str, left: Option<&Expression>, right: &Expression) -> Typed {
        let left = left.and_then(|left| self.judge(left));
        match (name, left, self.judge(right)) {
            (
                "+" | "-",
                Some(Typed::Kind(moment @ (Kind::Timestamp | Kind::Timestamptz))),
                Some(Typed::Kind(Kind::Interval)),
            ) => Typed::Kind(moment),
            ("+" | "-", Some(Typed::Kind(Kind::Date)), Some(Typed::Kind(Kind::Interval))) => {
                Typed::Kind(Kind::Timestamp)
            }
            ("+" | "-", Some(Typed::Kind(Kind::Date)), Some(Typed::Kind(Kind::Int4))) => {
                Typed::Kind(Kind::Date)
            }
            ("-", None, Some(Typed::Kind(number))) => Typed::Kind(number),
            ("+" | "-" | "*", Some(Typed::Kind(a)), Some(Typed::Kind(b))) if a == b => match a {
                Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Numeric | Kind::Float8 => {
                    Typed::Kind(a)
                }
                _ => Typed::Opaque,
            },
            _ => Typed::Opaque,
        }
    }

    fn binary(&self, test: BinaryTest, left: &Expression, right: &Expression) -> Option<Typed> {
        let left_type = self.judge(left)?;
        match test {
            BinaryTest::Distinct | BinaryTest::NotDistinct => {
                total_operator("=", left_type, self.judge(right)?)
            }
            BinaryTest::NullIf => {
                total_operator("=", left_type, self.judge(right)?)?;
                Some(left_type)
            }
            BinaryTest::Like | BinaryTest::NotLike => {
                let Expression::Constant(Constant::Text(pattern)) = right else {
                    return self.constant_pair(left, right);
                };
                let is_text = matches!(left_type, Typed::Kind(Kind::Text | Kind::Varchar));
                // A pattern that ends in its escape fails on the values that get so far.
                let escapes = pattern.chars().rev().take_while(|&c| c == '\\').count();
                (is_text && escapes % 2 == 0).then_some(Typed::Kind(Kind::Bool))
            }
            BinaryTest::NotILike
            | BinaryTest::ILike
            | BinaryTest::Similar
            | BinaryTest::NotSimilar => self.constant_pair(left, right),
        }
    }

    #[expect(clippy::unused_self, reason = "reads beside its siblings")]
    fn constant_pair(&self, left: &Expression, right: &Expression) -> Option<Typed> {
        (is_constant(left) && is_constant(right)).then_some(Typed::Kind(Kind::Bool))
    }

    fn list(&self, test: ListTest, value: &Expression, list: &[Expression]) -> Option<Typed> {
        let value = self.judge(value)?;
        let operators: &[&str] = match test {
            ListTest::In => &["="],
            ListTest::NotIn => &["<>"],
            ListTest::Between
            | ListTest::NotBetween
            | ListTest::BetweenSymmetric
            | ListTest::NotBetweenSymmetric => &["<", "<=", ">", ">="],
        };
        for one in list {
            let one = self.judge(one)?;
            for name in operators {
                total_operator(name, value, one)?;
            }
        }
        Some(Typed::Kind(Kind::Bool))
    }

    /// The type of an array's elements.
    fn element(&self, array: &Expression, left: Typed) -> Option<Typed> {
        match array {
            Expression::Array(elements) => {
                for element in elements {
                    let typed = self.judge(element)?;
                    if typed != Typed::Literal && typed != left {
                        return None;
                    }
                }
                Some(left)
            }
            Expression::Parameter(number) => {
                let array = builtin::type_by_oid(self.types.of(*number)?)?;
                Some(Typed::Kind(Kind::of_oid(array.element?)?))
            }
            Expression::Constant(Constant::Text(_)) => Some(Typed::Literal),
            Expression::Cast(inner, type_name) if is_constant(inner) => {
                if !type_name.dimensions.is_empty() {
                    return Some(Typed::Kind(Kind::of_name(&type_name.name.name)?));
                }
                let array = builtin::type_named(&type_name.name.name)?;
                Some(Typed::Kind(Kind::of_oid(array.element?)?))
            }
            _ => None,
        }
    }

    fn call(&self, call: &Call, whole: &Expression) -> Option<Typed> {
        let function = builtin::function(&call.name.name)
            .filter(|_| call.name.schema.as_deref() == Some("pg_catalog"))?;
        if is_constant(whole) {
            let returns: std::collections::BTreeSet<_> =
                function.overloads.iter().map(|one| one.returns).collect();
            let only = returns.into_iter().next().filter(|_| {
                function.overloads.windows(2).all(|pair| match pair {
                    [a, b] => a.returns == b.returns,
                    _ => true,
                })
            });
            return Some(
                only.and_then(Kind::of_oid)
                    .map_or(Typed::Opaque, Typed::Kind),
            );
        }
        let is_plain = call.over.is_none()
            && call.filter.is_none()
            && !call.distinct
            && !call.variadic
            && call.order_by.is_empty()
            && call
                .arguments
                .iter()
                .all(|argument| argument.name.is_none());
        if function.class != FunctionClass::Pure || !is_plain {
            return None;
        }
        let mut kinds = Vec::new();
        for argument in &call.arguments {
            let Typed::Kind(kind) = self.judge(&argument.value)? else {
                return None;
            };
            kinds.push(
                if kind == Kind::Varchar {
                    Kind::Text
                } else {
                    kind
                }
                .oid(),
            );
        }
        let found = function
            .overloads
            .iter()
            .find(|overload| overload.arguments == kinds)?;
        found
            .total
            .then(|| Kind::of_oid(found.returns).map_or(Typed::Opaque, Typed::Kind))
    }

    fn only_target(&self, query: &Query) -> Option<Typed> {
        let Body::Select(select) = &query.body else {
            return None;
        };
        match select.targets.as_slice() {
            [target] => self.judge(&target.value),
            _ => None,
        }
    }
}

/// Whether an operator is total between these, and what it gives.
fn total_operator(name: &str, left: Typed, right: Typed) -> Option<Typed> {
    let (left, right) = match (left, right) {
        (Typed::Kind(left), Typed::Kind(right)) => meet(left, right),
        (Typed::Kind(kind), Typed::Literal) | (Typed::Literal, Typed::Kind(kind)) => {
            meet(kind, kind)
        }
        _ => return None,
    };
    let operator = builtin::operator(name)?;
    let found = operator
        .overloads
        .iter()
        .find(|one| one.left == Some(left.oid()) && one.right == right.oid())?;
    found
        .total
        .then(|| Kind::of_oid(found.result).map_or(Typed::Opaque, Typed::Kind))
}

/// The types between which PostgreSQL compares these two, where it converts without failing.
const fn meet(left: Kind, right: Kind) -> (Kind, Kind) {
    use Kind::{Float4, Float8, Int2, Int4, Int8, Numeric, Text, Varchar};
    match (left, right) {
        (Varchar | Text, Varchar | Text) => (Text, Text),
        (Int2 | Int4 | Int8, Numeric) | (Numeric, Int2 | Int4 | Int8) => (Numeric, Numeric),
        (Int2 | Int4 | Int8, Float4 | Float8) => (Float8, Float8),
        (Float4 | Float8, Int2 | Int4 | Int8) => (Float8, Float8),
        other => other,
    }
}

fn constant_type(constant: &Constant) -> Typed {
    match constant {
        Constant::Null | Constant::Text(_) => Typed::Literal,
        Constant::Boolean(_) => Typed::Kind(Kind::Bool),
        Constant::Integer(_) => Typed::Kind(Kind::Int4),
        Constant::Number(digits) => {
            let is_whole = digits.parse::<i64>().is_ok();
            Typed::Kind(if is_whole { Kind::Int8 } else { Kind::Numeric })
        }
        Constant::Bits(_) => Typed::Opaque,
    }
}

const fn session_type(value: SessionValue) -> Typed {
    match value {
        SessionValue::CurrentDate => Typed::Kind(Kind::Date),
        SessionValue::CurrentTimestamp(_) => Typed::Kind(Kind::Timestamptz),
        SessionValue::LocalTimestamp(_) => Typed::Kind(Kind::Timestamp),
        SessionValue::CurrentTime(_)
        | SessionValue::LocalTime(_)
        | SessionValue::CurrentRole
        | SessionValue::CurrentUser
        | SessionValue::User
        | SessionValue::SessionUser
        | SessionValue::CurrentCatalog
        | SessionValue::CurrentSchema => Typed::Opaque,
    }
}

//! Which expressions are *total*: on no input do they fail, emit or take a user's code.
//!
//! A total expression may run on rows that the person does not see, because nothing comes of it.
//! Source: PostgreSQL's leakproof functions, and those proved in `pgschema`'s review. What is not
//! known to be total is not.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is not total: the strict answer"
)]

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
    pub(super) plans: &'a Plans<'a>,
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
                self.operator(&name.name, left.as_deref(), right)
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
            Expression::Call(call) => self.call(call),
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
            | Expression::Default => None,
        }
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
                .and_then(|plan: &Plan<'_>| plan.column(field))
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
        // A quoted text is read into the type while the statement is, before any row.
        if matches!(
            inner,
            Expression::Constant(Constant::Text(_) | Constant::Null)
        ) {
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

    fn operator(&self, name: &str, left: Option<&Expression>, right: &Expression) -> Option<Typed> {
        if let Some(moment) = self.moment(name, left, right) {
            return Some(moment);
        }
        if let (None, "-", Expression::Constant(Constant::Integer(_))) = (left, name, right) {
            return Some(Typed::Kind(Kind::Int4));
        }
        total_operator(name, self.judge(left?)?, self.judge(right)?)
    }

    /// `now() - interval '7 days'`: the clock is near, and so is a small interval.
    fn moment(&self, name: &str, left: Option<&Expression>, right: &Expression) -> Option<Typed> {
        if !matches!(name, "+" | "-") || !is_small_interval(right) {
            return None;
        }
        match self.clock(left?)? {
            Kind::Date => Some(Typed::Kind(Kind::Timestamp)),
            moment => Some(Typed::Kind(moment)),
        }
    }

    /// What the clock says, and its beginnings of days and months.
    fn clock(&self, expression: &Expression) -> Option<Kind> {
        match expression {
            Expression::Session(value) => match session_type(*value) {
                Typed::Kind(kind) => Some(kind),
                Typed::Literal | Typed::Opaque => None,
            },
            Expression::Call(call) => self.clock_call(call),
            _ => None,
        }
    }

    fn clock_call(&self, call: &Call) -> Option<Kind> {
        if call.name.schema.as_deref() != Some("pg_catalog") {
            return None;
        }
        match (call.name.name.as_str(), call.arguments.as_slice()) {
            ("now" | "transaction_timestamp" | "statement_timestamp", []) => {
                Some(Kind::Timestamptz)
            }
            ("date_trunc", [unit, moment])
                if matches!(&unit.value, Expression::Constant(Constant::Text(unit))
                    if ["hour", "day", "week", "month", "quarter", "year"]
                        .contains(&unit.as_str())) =>
            {
                self.clock(&moment.value).filter(|kind| *kind != Kind::Date)
            }
            _ => None,
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
                    return None;
                };
                let is_text = matches!(left_type, Typed::Kind(Kind::Text | Kind::Varchar));
                // A pattern that ends in its escape fails on the values that get so far.
                let escapes = pattern.chars().rev().take_while(|&c| c == '\\').count();
                (is_text && escapes % 2 == 0).then_some(Typed::Kind(Kind::Bool))
            }
            BinaryTest::NotILike
            | BinaryTest::ILike
            | BinaryTest::Similar
            | BinaryTest::NotSimilar => None,
        }
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
        // PostgreSQL may bring all values to one type first.
        let mut met: Option<Kind> = None;
        for one in list {
            let one = self.judge(one)?;
            if let Typed::Kind(kind) = one {
                if met.is_some_and(|met| !is_same_family(met, kind)) {
                    return None;
                }
                met = Some(kind);
            }
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
            Expression::Cast(inner, type_name)
                if matches!(**inner, Expression::Constant(Constant::Text(_))) =>
            {
                if !type_name.dimensions.is_empty() {
                    return Some(Typed::Kind(Kind::of_name(&type_name.name.name)?));
                }
                let array = builtin::type_named(&type_name.name.name)?;
                Some(Typed::Kind(Kind::of_oid(array.element?)?))
            }
            _ => None,
        }
    }

    fn call(&self, call: &Call) -> Option<Typed> {
        if let Some(kind) = self.clock_call(call) {
            return Some(Typed::Kind(kind));
        }
        let function = builtin::function(&call.name.name)
            .filter(|_| call.name.schema.as_deref() == Some("pg_catalog"))?;
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

/// Whether values of both are compared as they are, or widened without loss.
const fn is_same_family(a: Kind, b: Kind) -> bool {
    use Kind::{Int2, Int4, Int8, Text, Varchar};
    matches!(
        (a, b),
        (Int2 | Int4 | Int8, Int2 | Int4 | Int8) | (Text | Varchar, Text | Varchar)
    ) || a as u8 == b as u8
}

/// `CAST('7 days' AS interval)`: a number of at most four digits and a unit.
fn is_small_interval(expression: &Expression) -> bool {
    let Expression::Cast(inner, type_name) = expression else {
        return false;
    };
    let Expression::Constant(Constant::Text(text)) = &**inner else {
        return false;
    };
    let Some((number, unit)) = text.trim().split_once(' ') else {
        return false;
    };
    let units = ["second", "minute", "hour", "day", "week", "month", "year"];
    Kind::of_name(&type_name.name.name) == Some(Kind::Interval)
        && type_name.dimensions.is_empty()
        && (1..=4).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && units.contains(&unit.strip_suffix('s').unwrap_or(unit))
}

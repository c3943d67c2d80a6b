//! Expressions. Each is written so that it can stand wherever the grammar allows a single value.

use super::word;
use super::writer::Writer;
use crate::tree::{
    CaseArm, ColumnPath, Constant, Expression, ObjectName, SessionValue, Step, Sublink, SublinkKind,
};

impl Writer {
    pub(super) fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Column(path) => self.column(path),
            Expression::Constant(constant) => self.constant(constant),
            Expression::Parameter(number) => {
                self.word("$");
                self.integer((*number).into());
            }
            Expression::Cast(value, type_name) => {
                self.word("CAST(");
                self.expression(value);
                self.word(" AS ");
                self.type_name(type_name);
                self.word(")");
            }
            Expression::Collate(value, name) => self.collate(value, name),
            Expression::Call(call) => self.call(call),
            Expression::Operator { name, left, right } => {
                self.operation(left.as_deref(), name, right);
            }
            Expression::OperatorArray {
                name,
                quantifier,
                left,
                right,
            } => self.operator_array(left, name, *quantifier, right),
            Expression::Binary(test, left, right) => self.binary(*test, left, right),
            Expression::List(test, value, list) => self.list(*test, value, list),
            Expression::Boolean(connective, operands) => self.boolean(*connective, operands),
            Expression::IsNull(value, is_null) => {
                self.tested(value, if *is_null { " IS NULL" } else { " IS NOT NULL" });
            }
            Expression::IsTruth(value, test) => self.tested(value, word::truth_test(*test)),
            Expression::Case {
                subject,
                arms,
                otherwise,
            } => self.case(subject.as_deref(), arms, otherwise.as_deref()),
            Expression::Coalesce(values) => self.form("COALESCE", values),
            Expression::MinMax(which, values) => self.form(word::min_max(*which), values),
            Expression::Session(value) => self.session_value(*value),
            Expression::Sublink(sublink) => self.sublink(sublink),
            Expression::Row(values, is_explicit) => {
                self.form(if *is_explicit { "ROW" } else { "" }, values);
            }
            Expression::Array(values) => {
                self.word("ARRAY[");
                self.expressions(values);
                self.word("]");
            }
            Expression::Steps(base, steps) => self.steps(base, steps),
            Expression::Grouping(values) => self.form("GROUPING", values),
            Expression::Default => self.word("DEFAULT"),
        }
    }

    /// Expressions with commas between them.
    pub(super) fn expressions(&mut self, expressions: &[Expression]) {
        self.commas(expressions, Self::expression);
    }

    /// `name(a, b)` with a name of the grammar.
    fn form(&mut self, name: &str, values: &[Expression]) {
        self.word(name);
        self.bracketed(|writer| writer.expressions(values));
    }

    /// `(value test)`
    fn tested(&mut self, value: &Expression, test: &str) {
        self.bracketed(|writer| {
            writer.expression(value);
            writer.word(test);
        });
    }

    pub(super) fn column(&mut self, path: &ColumnPath) {
        for (at, part) in path.parts.iter().enumerate() {
            if at > 0 {
                self.word(".");
            }
            self.name(part);
        }
        if path.star {
            self.word(if path.parts.is_empty() { "*" } else { ".*" });
        }
    }

    /// A constant. A number with a sign is bracketed: `-2147483648` is one number to the reader, and
    /// `- 1` before an operator that binds tighter is not.
    pub(super) fn constant(&mut self, constant: &Constant) {
        match constant {
            Constant::Null => self.word("NULL"),
            Constant::Boolean(true) => self.word("true"),
            Constant::Boolean(false) => self.word("false"),
            Constant::Integer(number) if *number < 0 => {
                self.bracketed(|writer| writer.integer((*number).into()));
            }
            Constant::Integer(number) => self.integer((*number).into()),
            Constant::Number(digits) if digits.starts_with('-') => {
                self.bracketed(|writer| writer.number(digits));
            }
            Constant::Number(digits) => self.number(digits),
            Constant::Text(text) => self.literal(text),
            Constant::Bits(bits) => {
                // The scanner keeps the letter before the digits.
                let (base, digits) = match bits.strip_prefix('x') {
                    Some(digits) => ("X", digits),
                    None => ("B", bits.strip_prefix('b').unwrap_or(bits)),
                };
                self.word(base);
                self.literal(digits);
            }
        }
    }

    /// The digits of a number, which are written bare: one that is anything else, which no reader
    /// makes, is written as a text.
    pub(super) fn number(&mut self, digits: &str) {
        let is_number = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
            && !digits.contains("--");
        if is_number {
            self.word(digits);
        } else {
            self.literal(digits);
        }
    }

    fn collate(&mut self, value: &Expression, name: &ObjectName) {
        self.bracketed(|writer| {
            writer.expression(value);
            writer.word(" COLLATE ");
            writer.object_name(name);
        });
    }

    fn case(
        &mut self,
        subject: Option<&Expression>,
        arms: &[CaseArm],
        otherwise: Option<&Expression>,
    ) {
        self.word("CASE");
        if let Some(subject) = subject {
            self.word(" ");
            self.expression(subject);
        }
        for CaseArm { condition, result } in arms {
            self.word(" WHEN ");
            self.expression(condition);
            self.word(" THEN ");
            self.expression(result);
        }
        if let Some(otherwise) = otherwise {
            self.word(" ELSE ");
            self.expression(otherwise);
        }
        self.word(" END");
    }

    fn session_value(&mut self, value: SessionValue) {
        let (name, precision) = match value {
            SessionValue::CurrentDate => ("CURRENT_DATE", None),
            SessionValue::CurrentTime(precision) => ("CURRENT_TIME", precision),
            SessionValue::CurrentTimestamp(precision) => ("CURRENT_TIMESTAMP", precision),
            SessionValue::LocalTime(precision) => ("LOCALTIME", precision),
            SessionValue::LocalTimestamp(precision) => ("LOCALTIMESTAMP", precision),
            SessionValue::CurrentRole => ("CURRENT_ROLE", None),
            SessionValue::CurrentUser => ("CURRENT_USER", None),
            SessionValue::User => ("USER", None),
            SessionValue::SessionUser => ("SESSION_USER", None),
            SessionValue::CurrentCatalog => ("CURRENT_CATALOG", None),
            SessionValue::CurrentSchema => ("CURRENT_SCHEMA", None),
        };
        self.word(name);
        if let Some(precision) = precision {
            self.bracketed(|writer| writer.integer(precision.into()));
        }
    }

    fn sublink(&mut self, sublink: &Sublink) {
        let Sublink { kind, query } = sublink;
        match kind {
            SublinkKind::Exists => self.word("EXISTS "),
            SublinkKind::Scalar => {}
            SublinkKind::Array => self.word("ARRAY "),
            SublinkKind::In(left) => {
                self.bracketed(|writer| {
                    writer.expression(left);
                    writer.word(" IN ");
                    writer.bracketed(|writer| writer.query(query));
                });
                return;
            }
            SublinkKind::Compare {
                left,
                operator,
                quantifier,
            } => {
                self.bracketed(|writer| {
                    writer.expression(left);
                    writer.word(" ");
                    writer.operator(operator);
                    writer.word(word::quantifier(*quantifier));
                    writer.bracketed(|writer| writer.query(query));
                });
                return;
            }
        }
        self.bracketed(|writer| writer.query(query));
    }

    fn steps(&mut self, base: &Expression, steps: &[Step]) {
        self.bracketed(|writer| writer.expression(base));
        for step in steps {
            match step {
                Step::Field(name) => {
                    self.word(".");
                    self.name(name);
                }
                Step::Star => self.word(".*"),
                Step::Index(index) => {
                    self.word("[");
                    self.expression(index);
                    self.word("]");
                }
                Step::Slice(from, to) => {
                    self.word("[");
                    if let Some(from) = from {
                        self.expression(from);
                    }
                    // Spaces: two colons would be a cast.
                    self.word(" : ");
                    if let Some(to) = to {
                        self.expression(to);
                    }
                    self.word("]");
                }
            }
        }
    }
}

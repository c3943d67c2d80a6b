//! Operators, tests and connectives, each in brackets of its own.

use super::word;
use super::writer::Writer;
use crate::tree::{
    BinaryTest, Boolean, Call, CallArgument, Expression, ListTest, ObjectName, Quantifier,
};

impl Writer {
    pub(super) fn operation(
        &mut self,
        left: Option<&Expression>,
        name: &ObjectName,
        right: &Expression,
    ) {
        self.bracketed(|writer| {
            if let Some(left) = left {
                writer.expression(left);
                writer.word(" ");
            }
            writer.operator(name);
            writer.word(" ");
            writer.expression(right);
        });
    }

    pub(super) fn operator_array(
        &mut self,
        left: &Expression,
        name: &ObjectName,
        quantifier: Quantifier,
        right: &Expression,
    ) {
        self.bracketed(|writer| {
            writer.expression(left);
            writer.word(" ");
            writer.operator(name);
            writer.word(word::quantifier(quantifier));
            writer.bracketed(|writer| writer.expression(right));
        });
    }

    pub(super) fn binary(&mut self, test: BinaryTest, left: &Expression, right: &Expression) {
        if test == BinaryTest::NullIf {
            self.word("NULLIF");
        }
        self.bracketed(|writer| {
            writer.expression(left);
            writer.word(word::binary_test(test));
            let pattern = match test {
                BinaryTest::Similar | BinaryTest::NotSimilar => similar_pattern(right),
                BinaryTest::Distinct
                | BinaryTest::NotDistinct
                | BinaryTest::NullIf
                | BinaryTest::Like
                | BinaryTest::NotLike
                | BinaryTest::ILike
                | BinaryTest::NotILike => None,
            };
            match pattern {
                None => writer.expression(right),
                Some((pattern, escape)) => {
                    writer.expression(pattern);
                    if let Some(escape) = escape {
                        writer.word(" ESCAPE ");
                        writer.expression(escape);
                    }
                }
            }
        });
    }

    pub(super) fn list(&mut self, test: ListTest, value: &Expression, list: &[Expression]) {
        let (word, is_range) = word::list_test(test);
        self.bracketed(|writer| {
            writer.expression(value);
            writer.word(word);
            if is_range {
                for (at, end) in list.iter().enumerate() {
                    if at > 0 {
                        writer.word(" AND ");
                    }
                    writer.expression(end);
                }
            } else {
                writer.bracketed(|writer| writer.expressions(list));
            }
        });
    }

    pub(super) fn boolean(&mut self, connective: Boolean, operands: &[Expression]) {
        let word = word::connective(connective);
        self.bracketed(|writer| {
            for (at, operand) in operands.iter().enumerate() {
                if at > 0 || connective == Boolean::Not {
                    writer.word(word);
                }
                writer.expression(operand);
            }
        });
    }
}

/// The grammar wraps what follows `SIMILAR TO` in a call, and would wrap it again.
fn similar_pattern(right: &Expression) -> Option<(&Expression, Option<&Expression>)> {
    let Expression::Call(call) = right else {
        return None;
    };
    let Call {
        id: _,
        name,
        arguments,
        star: false,
        variadic: false,
        distinct: false,
        order_by,
        within_group: false,
        filter: None,
        over: None,
    } = call.as_ref()
    else {
        return None;
    };
    let is_wrapper = name.schema.as_deref() == Some("pg_catalog")
        && name.name == "similar_to_escape"
        && order_by.is_empty();
    match arguments.as_slice() {
        [CallArgument { name: None, value }] if is_wrapper => Some((value, None)),
        [
            CallArgument { name: None, value },
            CallArgument {
                name: None,
                value: escape,
            },
        ] if is_wrapper => Some((value, Some(escape))),
        [..] => None,
    }
}

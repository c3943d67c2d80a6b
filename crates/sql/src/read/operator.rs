//! Operators, and what the grammar keeps as operators: `IN`, `LIKE`, `BETWEEN`, `NULLIF`.

use pg_query::NodeEnum;
use pg_query::protobuf::{AExpr, AExprKind, List, Node};

use super::reader::{Reader, absent, kind, present, unexpected};
use crate::Refused;
use crate::tree::{BinaryTest, Expression, ListTest, ObjectName, Quantifier};

/// What the grammar calls the operators of `LIKE` and its kin: plainly, or negated.
const LIKE: (&str, &str) = ("~~", "!~~");
const ILIKE: (&str, &str) = ("~~*", "!~~*");
const SIMILAR: (&str, &str) = ("~", "!~");
const EQUAL: (&str, &str) = ("=", "<>");

impl Reader<'_> {
    pub(super) fn operator(&mut self, node: AExpr) -> Result<Expression, Refused> {
        // Where a list's brackets stand is a place in the text.
        let AExpr {
            kind: expression_kind,
            name,
            lexpr,
            rexpr,
            rexpr_list_start: _,
            rexpr_list_end: _,
            location: at,
        } = node;
        let name = self.object_name(name, "an operator", at)?;
        let sides = Sides {
            left: lexpr,
            right: rexpr,
            at,
        };
        match kind(expression_kind, "an operator", at)? {
            AExprKind::Undefined => Err(unexpected("an operator", at)),
            AExprKind::AexprOp => Ok(Expression::Operator {
                name,
                left: self.maybe(sides.left, Reader::expression)?.map(Box::new),
                right: self.operand(sides.right, "an operator", at)?,
            }),
            AExprKind::AexprOpAny => self.operator_array(name, Quantifier::Any, sides),
            AExprKind::AexprOpAll => self.operator_array(name, Quantifier::All, sides),
            AExprKind::AexprDistinct => self.word(&name, "=", BinaryTest::Distinct, sides),
            AExprKind::AexprNotDistinct => self.word(&name, "=", BinaryTest::NotDistinct, sides),
            AExprKind::AexprNullif => self.word(&name, "=", BinaryTest::NullIf, sides),
            AExprKind::AexprIn => {
                let test = either(&name, EQUAL, ListTest::In, ListTest::NotIn, at)?;
                self.list(test, sides)
            }
            AExprKind::AexprLike => {
                let test = either(&name, LIKE, BinaryTest::Like, BinaryTest::NotLike, at)?;
                self.binary(test, sides)
            }
            AExprKind::AexprIlike => {
                let test = either(&name, ILIKE, BinaryTest::ILike, BinaryTest::NotILike, at)?;
                self.binary(test, sides)
            }
            AExprKind::AexprSimilar => {
                let (yes, no) = (BinaryTest::Similar, BinaryTest::NotSimilar);
                let test = either(&name, SIMILAR, yes, no, at)?;
                self.binary(test, sides)
            }
            AExprKind::AexprBetween => self.range(&name, "BETWEEN", ListTest::Between, sides),
            AExprKind::AexprNotBetween => {
                self.range(&name, "NOT BETWEEN", ListTest::NotBetween, sides)
            }
            AExprKind::AexprBetweenSym => {
                let test = ListTest::BetweenSymmetric;
                self.range(&name, "BETWEEN SYMMETRIC", test, sides)
            }
            AExprKind::AexprNotBetweenSym => {
                let test = ListTest::NotBetweenSymmetric;
                self.range(&name, "NOT BETWEEN SYMMETRIC", test, sides)
            }
        }
    }

    fn operator_array(
        &mut self,
        name: ObjectName,
        quantifier: Quantifier,
        sides: Sides,
    ) -> Result<Expression, Refused> {
        Ok(Expression::OperatorArray {
            name,
            quantifier,
            left: self.operand(sides.left, "an operator", sides.at)?,
            right: self.operand(sides.right, "an operator", sides.at)?,
        })
    }

    fn word(
        &mut self,
        name: &ObjectName,
        expected: &str,
        test: BinaryTest,
        sides: Sides,
    ) -> Result<Expression, Refused> {
        absent(is_plainly(name, expected), "an unknown test", sides.at)?;
        self.binary(test, sides)
    }

    fn binary(&mut self, test: BinaryTest, sides: Sides) -> Result<Expression, Refused> {
        Ok(Expression::Binary(
            test,
            self.operand(sides.left, "a test", sides.at)?,
            self.operand(sides.right, "a test", sides.at)?,
        ))
    }

    fn range(
        &mut self,
        name: &ObjectName,
        expected: &str,
        test: ListTest,
        sides: Sides,
    ) -> Result<Expression, Refused> {
        absent(is_plainly(name, expected), "an unknown test", sides.at)?;
        let at = sides.at;
        let range = self.list(test, sides)?;
        let has_two_ends = matches!(&range, Expression::List(_, _, ends) if ends.len() == 2);
        absent(has_two_ends, "`BETWEEN` without two ends", at)?;
        Ok(range)
    }

    fn list(&mut self, test: ListTest, sides: Sides) -> Result<Expression, Refused> {
        let at = sides.at;
        let value = self.operand(sides.left, "a test against a list", at)?;
        match present(sides.right, "a test against a list", at)?.node {
            Some(NodeEnum::List(List { items })) if !items.is_empty() => Ok(Expression::List(
                test,
                value,
                self.each(items, Reader::expression)?,
            )),
            Some(_) | None => Err(unexpected("a test against a list", at)),
        }
    }
}

struct Sides {
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
    at: i32,
}

fn is_plainly(name: &ObjectName, expected: &str) -> bool {
    name.schema.is_none() && name.name == expected
}

fn either<T>(
    name: &ObjectName,
    (plain, negated): (&str, &str),
    yes: T,
    no: T,
    at: i32,
) -> Result<T, Refused> {
    if is_plainly(name, plain) {
        Ok(yes)
    } else if is_plainly(name, negated) {
        Ok(no)
    } else {
        Err(unexpected("a test", at))
    }
}

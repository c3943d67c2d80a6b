//! Conditions that have a syntax of their own: tests, `CASE`, `COALESCE`, `GREATEST`.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    BoolTestType, BooleanTest, CaseExpr, CaseWhen, CoalesceExpr, MinMaxExpr, MinMaxOp, Node,
    NullTest, NullTestType,
};

use super::reader::{Reader, absent, kind, unexpected};
use crate::Refused;
use crate::tree::{CaseArm, Expression, MinMax, TruthTest};

impl Reader<'_> {
    pub(super) fn null_test(&mut self, node: NullTest) -> Result<Expression, Refused> {
        let NullTest {
            xpr,
            arg,
            nulltesttype,
            argisrow,
            location: at,
        } = node;
        absent(xpr.is_none() && !argisrow, "an analysed test", at)?;
        let is_null = match kind(nulltesttype, "`IS NULL`", at)? {
            NullTestType::Undefined => return Err(unexpected("`IS NULL`", at)),
            NullTestType::IsNull => true,
            NullTestType::IsNotNull => false,
        };
        Ok(Expression::IsNull(
            self.operand(arg, "`IS NULL`", at)?,
            is_null,
        ))
    }

    pub(super) fn boolean_test(&mut self, node: BooleanTest) -> Result<Expression, Refused> {
        let BooleanTest {
            xpr,
            arg,
            booltesttype,
            location: at,
        } = node;
        absent(xpr.is_none(), "an analysed test", at)?;
        let test = match kind(booltesttype, "`IS TRUE`", at)? {
            BoolTestType::Undefined => return Err(unexpected("`IS TRUE`", at)),
            BoolTestType::IsTrue => TruthTest::True,
            BoolTestType::IsNotTrue => TruthTest::NotTrue,
            BoolTestType::IsFalse => TruthTest::False,
            BoolTestType::IsNotFalse => TruthTest::NotFalse,
            BoolTestType::IsUnknown => TruthTest::Unknown,
            BoolTestType::IsNotUnknown => TruthTest::NotUnknown,
        };
        Ok(Expression::IsTruth(
            self.operand(arg, "`IS TRUE`", at)?,
            test,
        ))
    }

    pub(super) fn case(&mut self, node: CaseExpr) -> Result<Expression, Refused> {
        let CaseExpr {
            xpr,
            casetype,
            casecollid,
            arg,
            args,
            defresult,
            location: at,
        } = node;
        let plain = xpr.is_none() && casetype == 0 && casecollid == 0;
        absent(plain && !args.is_empty(), "an analysed `CASE`", at)?;
        Ok(Expression::Case {
            subject: self.maybe(arg, Reader::expression)?.map(Box::new),
            arms: self.each(args, Reader::case_arm)?,
            otherwise: self.maybe(defresult, Reader::expression)?.map(Box::new),
        })
    }

    fn case_arm(&mut self, node: Node) -> Result<CaseArm, Refused> {
        let Some(NodeEnum::CaseWhen(node)) = node.node else {
            return Err(unexpected("`CASE`", -1));
        };
        let CaseWhen {
            xpr,
            expr,
            result,
            location: at,
        } = *node;
        absent(xpr.is_none(), "an analysed `CASE`", at)?;
        Ok(CaseArm {
            condition: *self.operand(expr, "`CASE`", at)?,
            result: *self.operand(result, "`CASE`", at)?,
        })
    }

    pub(super) fn coalesce(&mut self, node: CoalesceExpr) -> Result<Expression, Refused> {
        let CoalesceExpr {
            xpr,
            coalescetype,
            coalescecollid,
            args,
            location: at,
        } = node;
        let plain = xpr.is_none() && coalescetype == 0 && coalescecollid == 0;
        absent(plain, "an analysed `COALESCE`", at)?;
        self.each(args, Reader::expression)
            .map(Expression::Coalesce)
    }

    pub(super) fn min_max(&mut self, node: MinMaxExpr) -> Result<Expression, Refused> {
        let MinMaxExpr {
            xpr,
            minmaxtype,
            minmaxcollid,
            inputcollid,
            op,
            args,
            location: at,
        } = node;
        let plain = xpr.is_none() && minmaxtype == 0 && minmaxcollid == 0 && inputcollid == 0;
        absent(plain, "an analysed `GREATEST`", at)?;
        let which = match kind(op, "`GREATEST`", at)? {
            MinMaxOp::Undefined => return Err(unexpected("`GREATEST`", at)),
            MinMaxOp::IsGreatest => MinMax::Greatest,
            MinMaxOp::IsLeast => MinMax::Least,
        };
        Ok(Expression::MinMax(
            which,
            self.each(args, Reader::expression)?,
        ))
    }
}

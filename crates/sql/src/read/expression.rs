//! Expressions: which one it is.

use pg_query::NodeEnum;
use pg_query::protobuf::CoercionForm;
use pg_query::protobuf::{
    AArrayExpr, AIndices, AIndirection, AStar, BoolExpr, BoolExprType, CollateClause, ColumnRef,
    GroupingFunc, Node, ParamRef, RowExpr, SetToDefault, String as StringNode, TypeCast,
};

use super::reader::{Reader, absent, kind, present, unexpected, unsupported};
use super::sort::{ExpressionNode, Sorted, sort};
use crate::Refused;
use crate::tree::{Boolean, ColumnPath, Expression, Step};

impl Reader<'_> {
    pub(super) fn expression(&mut self, node: Node) -> Result<Expression, Refused> {
        match sort(node) {
            Sorted::Expression(node) => self.deeper(|reader| reader.expression_node(node)),
            Sorted::Unsupported(what) => Err(unsupported(what, -1)),
            Sorted::Statement(_)
            | Sorted::From(_)
            | Sorted::Command(_)
            | Sorted::Part
            | Sorted::Unexpected => Err(unexpected("an expression", -1)),
        }
    }

    fn expression_node(&mut self, node: ExpressionNode) -> Result<Expression, Refused> {
        match node {
            ExpressionNode::Column(node) => self.column(node).map(Expression::Column),
            ExpressionNode::Constant(node) => self.constant(node).map(Expression::Constant),
            ExpressionNode::Parameter(node) => parameter(node),
            ExpressionNode::Cast(node) => self.cast(*node),
            ExpressionNode::Collate(node) => self.collate(*node),
            ExpressionNode::Call(node) => {
                let call = self.call(*node)?;
                Ok(Expression::Call(Box::new(call)))
            }
            ExpressionNode::Operator(node) => self.operator(*node),
            ExpressionNode::Boolean(node) => self.boolean(*node),
            ExpressionNode::NullTest(node) => self.null_test(*node),
            ExpressionNode::BooleanTest(node) => self.boolean_test(*node),
            ExpressionNode::Case(node) => self.case(*node),
            ExpressionNode::Coalesce(node) => self.coalesce(*node),
            ExpressionNode::MinMax(node) => self.min_max(*node),
            ExpressionNode::Session(node) => super::constant::session_value(*node),
            ExpressionNode::Sublink(node) => self.sublink(*node),
            ExpressionNode::Row(node) => self.row(*node),
            ExpressionNode::Array(node) => self.array(node),
            ExpressionNode::Steps(node) => self.steps(*node),
            ExpressionNode::Grouping(node) => self.grouping(*node),
            ExpressionNode::Default(node) => default(*node),
        }
    }

    /// An expression in a place where the grammar always writes one.
    pub(super) fn operand(
        &mut self,
        node: Option<Box<Node>>,
        what: &str,
        at: i32,
    ) -> Result<Box<Expression>, Refused> {
        self.expression(*present(node, what, at)?).map(Box::new)
    }

    fn column(&mut self, node: ColumnRef) -> Result<ColumnPath, Refused> {
        let ColumnRef {
            mut fields,
            location: at,
        } = node;
        let last_is_star = matches!(
            fields.last(),
            Some(Node {
                node: Some(NodeEnum::AStar(AStar {})),
            })
        );
        if last_is_star {
            fields.pop();
        }
        let id = self.id();
        let parts = self.names(fields, at)?;
        absent(
            last_is_star || !parts.is_empty(),
            "a column without a name",
            at,
        )?;
        absent(parts.len() <= 4, "a column with more than four names", at)?;
        Ok(ColumnPath {
            id,
            parts,
            star: last_is_star,
        })
    }

    pub(super) fn cast(&mut self, node: TypeCast) -> Result<Expression, Refused> {
        let TypeCast {
            arg,
            type_name,
            location: at,
        } = node;
        let value = self.operand(arg, "a cast", at)?;
        let type_name = self.type_name(present(type_name, "a cast", at)?)?;
        Ok(Expression::Cast(value, type_name))
    }

    fn collate(&mut self, node: CollateClause) -> Result<Expression, Refused> {
        let CollateClause {
            arg,
            collname,
            location: at,
        } = node;
        let value = self.operand(arg, "`COLLATE`", at)?;
        let name = self.object_name(collname, "a collation", at)?;
        Ok(Expression::Collate(value, name))
    }

    fn boolean(&mut self, node: BoolExpr) -> Result<Expression, Refused> {
        let BoolExpr {
            xpr,
            boolop,
            args,
            location: at,
        } = node;
        absent(xpr.is_none(), "an analysed expression", at)?;
        let (connective, is_valid) = match kind(boolop, "a connective", at)? {
            BoolExprType::Undefined => return Err(unexpected("a connective", at)),
            BoolExprType::AndExpr => (Boolean::And, args.len() >= 2),
            BoolExprType::OrExpr => (Boolean::Or, args.len() >= 2),
            BoolExprType::NotExpr => (Boolean::Not, args.len() == 1),
        };
        absent(is_valid, "a connective with too few operands", at)?;
        let operands = self.each(args, Reader::expression)?;
        Ok(Expression::Boolean(connective, operands))
    }

    fn row(&mut self, node: RowExpr) -> Result<Expression, Refused> {
        let RowExpr {
            xpr,
            args,
            row_typeid,
            row_format,
            colnames,
            location: at,
        } = node;
        let plain = xpr.is_none() && row_typeid == 0 && colnames.is_empty();
        absent(plain, "an analysed row", at)?;
        let is_explicit = match kind(row_format, "a row", at)? {
            CoercionForm::CoerceExplicitCall => true,
            CoercionForm::CoerceImplicitCast => false,
            CoercionForm::Undefined
            | CoercionForm::CoerceExplicitCast
            | CoercionForm::CoerceSqlSyntax => return Err(unexpected("a row", at)),
        };
        absent(
            is_explicit || args.len() >= 2,
            "a row of one without `ROW`",
            at,
        )?;
        Ok(Expression::Row(
            self.each(args, Reader::expression)?,
            is_explicit,
        ))
    }

    fn array(&mut self, node: AArrayExpr) -> Result<Expression, Refused> {
        // Where the brackets stand is a place in the text.
        let AArrayExpr {
            elements,
            list_start: _,
            list_end: _,
            location: _,
        } = node;
        self.each(elements, Reader::expression)
            .map(Expression::Array)
    }

    fn steps(&mut self, node: AIndirection) -> Result<Expression, Refused> {
        let AIndirection { arg, indirection } = node;
        let base = self.operand(arg, "a path into a value", -1)?;
        let steps = self.each(indirection, Reader::step)?;
        absent(!steps.is_empty(), "a path into a value without steps", -1)?;
        Ok(Expression::Steps(base, steps))
    }

    fn step(&mut self, node: Node) -> Result<Step, Refused> {
        match node.node {
            Some(NodeEnum::String(StringNode { sval })) => self.name(sval, -1).map(Step::Field),
            Some(NodeEnum::AStar(AStar {})) => Ok(Step::Star),
            Some(NodeEnum::AIndices(node)) => self.indices(*node),
            Some(_) | None => Err(unexpected("a path into a value", -1)),
        }
    }

    fn indices(&mut self, node: AIndices) -> Result<Step, Refused> {
        let AIndices {
            is_slice,
            lidx,
            uidx,
        } = node;
        if is_slice {
            let from = self.maybe(lidx, Reader::expression)?;
            let to = self.maybe(uidx, Reader::expression)?;
            return Ok(Step::Slice(from, to));
        }
        absent(lidx.is_none(), "an index with two ends", -1)?;
        let index = self.operand(uidx, "an index", -1)?;
        Ok(Step::Index(*index))
    }

    fn grouping(&mut self, node: GroupingFunc) -> Result<Expression, Refused> {
        let GroupingFunc {
            xpr,
            args,
            refs,
            agglevelsup,
            location: at,
        } = node;
        let plain = xpr.is_none() && refs.is_empty() && agglevelsup == 0;
        absent(plain, "an analysed `GROUPING`", at)?;
        self.each(args, Reader::expression)
            .map(Expression::Grouping)
    }
}

fn parameter(node: ParamRef) -> Result<Expression, Refused> {
    let ParamRef {
        number,
        location: at,
    } = node;
    match u32::try_from(number) {
        Ok(number) if number > 0 => Ok(Expression::Parameter(number)),
        Ok(_) | Err(_) => Err(unsupported("a parameter without a number", at)),
    }
}

fn default(node: SetToDefault) -> Result<Expression, Refused> {
    let SetToDefault {
        xpr,
        type_id,
        type_mod,
        collation,
        location: at,
    } = node;
    let plain =
        xpr.is_none() && type_id == 0 && (type_mod == 0 || type_mod == -1) && collation == 0;
    absent(plain, "an analysed `DEFAULT`", at)?;
    Ok(Expression::Default)
}

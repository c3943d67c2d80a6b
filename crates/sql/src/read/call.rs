//! Calls of functions, in parentheses or in a syntax of their own.

use pg_query::NodeEnum;
use pg_query::protobuf::{CoercionForm, FuncCall, NamedArgExpr, Node};

use super::reader::{Reader, absent, kind, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Call, CallArgument};

impl Reader<'_> {
    pub(super) fn call(&mut self, node: FuncCall) -> Result<Call, Refused> {
        let FuncCall {
            funcname,
            args,
            agg_order,
            agg_filter,
            over,
            agg_within_group,
            agg_star,
            agg_distinct,
            func_variadic,
            funcformat,
            location: at,
        } = node;
        let id = self.id();
        let name = self.object_name(funcname, "a function", at)?;
        match kind(funcformat, "a call", at)? {
            CoercionForm::CoerceExplicitCall => {}
            // The server resolves the call by its name and arguments alone and keeps the form only
            // to show it again (PostgreSQL's ParseFuncOrColumn), so it is dropped.
            CoercionForm::CoerceSqlSyntax => {
                absent(name.name != "xmlexists", "XML syntax", at)?;
                let is_new = name.name == "timezone" && args.len() == 1;
                absent(!is_new, "`AT LOCAL`", at)?;
            }
            CoercionForm::Undefined
            | CoercionForm::CoerceExplicitCast
            | CoercionForm::CoerceImplicitCast => return Err(unexpected("a call", at)),
        }
        let is_plain = !agg_star || (args.is_empty() && !func_variadic && !agg_distinct);
        absent(is_plain, "a call of `*` with arguments", at)?;
        absent(
            !func_variadic || !args.is_empty(),
            "`VARIADIC` of nothing",
            at,
        )?;
        Ok(Call {
            id,
            name,
            arguments: self.each(args, Reader::argument)?,
            star: agg_star,
            variadic: func_variadic,
            distinct: agg_distinct,
            order_by: self.each(agg_order, Reader::sort)?,
            within_group: agg_within_group,
            filter: self.maybe(agg_filter, Reader::expression)?,
            over: over.map(|over| self.over(*over)).transpose()?,
        })
    }

    fn argument(&mut self, node: Node) -> Result<CallArgument, Refused> {
        let node = match node.node {
            Some(NodeEnum::NamedArgExpr(node)) => *node,
            Some(_) | None => {
                return Ok(CallArgument {
                    name: None,
                    value: self.expression(node)?,
                });
            }
        };
        let NamedArgExpr {
            xpr,
            arg,
            name,
            argnumber,
            location: at,
        } = node;
        if xpr.is_some() || argnumber != -1 {
            return Err(unsupported("an analysed argument", at));
        }
        Ok(CallArgument {
            name: Some(self.name(name, at)?),
            value: *self.operand(arg, "a named argument", at)?,
        })
    }
}

//! Subqueries in expressions.

use pg_query::protobuf::{SubLink, SubLinkType};

use super::reader::{Reader, absent, kind, present, unexpected};
use crate::Refused;
use crate::tree::{Expression, Quantifier, Sublink, SublinkKind};

impl Reader<'_> {
    pub(super) fn sublink(&mut self, node: SubLink) -> Result<Expression, Refused> {
        let SubLink {
            xpr,
            sub_link_type,
            sub_link_id,
            testexpr,
            oper_name,
            subselect,
            location: at,
        } = node;
        absent(
            xpr.is_none() && sub_link_id == 0,
            "an analysed subquery",
            at,
        )?;
        let link: SubLinkType = kind(sub_link_type, "a subquery", at)?;
        let has_test = testexpr.is_some();
        let has_operator = !oper_name.is_empty();
        let kind = match link {
            SubLinkType::ExistsSublink if !has_test && !has_operator => SublinkKind::Exists,
            SubLinkType::ExprSublink if !has_test && !has_operator => SublinkKind::Scalar,
            SubLinkType::ArraySublink if !has_test && !has_operator => SublinkKind::Array,
            SubLinkType::AnySublink if !has_operator => {
                SublinkKind::In(*self.operand(testexpr, "a subquery", at)?)
            }
            SubLinkType::AnySublink | SubLinkType::AllSublink => {
                let is_any = link == SubLinkType::AnySublink;
                SublinkKind::Compare {
                    left: *self.operand(testexpr, "a subquery", at)?,
                    operator: self.object_name(oper_name, "an operator", at)?,
                    quantifier: if is_any {
                        Quantifier::Any
                    } else {
                        Quantifier::All
                    },
                }
            }
            SubLinkType::Undefined
            | SubLinkType::ExistsSublink
            | SubLinkType::ExprSublink
            | SubLinkType::ArraySublink
            | SubLinkType::RowcompareSublink
            | SubLinkType::MultiexprSublink
            | SubLinkType::CteSublink => return Err(unexpected("a subquery", at)),
        };
        let query = self.query_node(*present(subselect, "a subquery", at)?)?;
        Ok(Expression::Sublink(Box::new(Sublink { kind, query })))
    }
}

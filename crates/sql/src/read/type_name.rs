//! Names of types.

use pg_query::NodeEnum;
use pg_query::protobuf::a_const::Val;
use pg_query::protobuf::{AConst, Integer, Node, TypeName as TypeNameNode};

use super::reader::{Reader, absent, unexpected, unsupported};
use crate::Refused;
use crate::tree::TypeName;

impl Reader<'_> {
    pub(super) fn type_name(&mut self, node: TypeNameNode) -> Result<TypeName, Refused> {
        let TypeNameNode {
            names,
            type_oid,
            setof,
            pct_type,
            typmods,
            typemod,
            array_bounds,
            location: at,
        } = node;
        absent(!setof, "`SETOF`", at)?;
        absent(!pct_type, "`%TYPE`", at)?;
        absent(type_oid == 0 && typemod == -1, "an analysed type", at)?;
        Ok(TypeName {
            name: self.object_name(names, "a type", at)?,
            modifiers: self.each(typmods, |reader, node| reader.modifier(node, at))?,
            dimensions: self.each(array_bounds, |_, node| dimension(&node, at))?,
        })
    }

    /// A node that is a type.
    pub(super) fn type_node(&mut self, node: Node) -> Result<TypeName, Refused> {
        match node.node {
            Some(NodeEnum::TypeName(node)) => self.type_name(node),
            Some(_) | None => Err(unexpected("a type", -1)),
        }
    }

    fn modifier(&mut self, node: Node, at: i32) -> Result<i32, Refused> {
        match node.node {
            Some(NodeEnum::AConst(AConst {
                isnull: false,
                location,
                val: Some(Val::Ival(Integer { ival })),
            })) => {
                self.plain_digits(location)?;
                Ok(ival)
            }
            Some(_) | None => Err(unsupported(
                "a type modifier that is not a whole number",
                at,
            )),
        }
    }
}

fn dimension(node: &Node, at: i32) -> Result<i32, Refused> {
    match node.node {
        Some(NodeEnum::Integer(Integer { ival })) => Ok(ival),
        Some(_) | None => Err(unexpected("an array type", at)),
    }
}

//! Names: identifiers and what is made of them with dots.

use std::collections::HashSet;

use model::Refusal;
use pg_query::NodeEnum;
use pg_query::protobuf::{Alias as AliasNode, Node, RangeVar, String as StringNode};

use super::reader::{Reader, absent, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Alias, ObjectName, RelationName};

/// What names of the guard's own begin with.
const RESERVED: &str = "cordon:";

/// PostgreSQL cuts a name at 63 bytes, or a few less where a character would be split.
const NAME_BYTES_MAX: usize = 63;
const CUT_NAME_BYTES_MIN: usize = NAME_BYTES_MAX - 3;

/// The words of a text that are too long for a name. Made once a text, and only where it has a name
/// that may be cut: looking for each name in the text would take the square of its length.
pub(super) struct LongWords {
    beginnings: HashSet<Vec<u8>>,
    /// Whether the text may have names written with escapes, whose length cannot be seen.
    escapes: bool,
}

impl LongWords {
    fn of(text: &[u8]) -> Self {
        let is_word = |byte: &u8| {
            byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$' || *byte >= 0x80
        };
        let plain = text.split(|byte| !is_word(byte));
        // What stands between any two quotes, for it cannot be known here which of them begin a name.
        let quoted = text.split(|byte| *byte == b'"');
        Self {
            beginnings: plain
                .chain(quoted)
                .filter(|word| word.len() > NAME_BYTES_MAX)
                .map(beginning)
                .collect(),
            escapes: text
                .windows(3)
                .any(|three| three.eq_ignore_ascii_case(b"u&\"")),
        }
    }
}

fn beginning(word: &[u8]) -> Vec<u8> {
    let mut beginning = word.to_ascii_lowercase();
    beginning.truncate(CUT_NAME_BYTES_MIN);
    beginning
}

impl Reader<'_> {
    /// An identifier.
    pub(super) fn name(&mut self, name: String, at: i32) -> Result<String, Refused> {
        if name.is_empty() {
            return Err(unexpected("a name", at));
        }
        if name.starts_with(RESERVED) && !self.reserved_allowed {
            let about = format!("names beginning with `{RESERVED}` are reserved");
            return Err(Refused::new(Refusal::SyntaxNotSupported, about).at(at));
        }
        if name.len() >= CUT_NAME_BYTES_MIN && self.may_be_cut(&name) {
            return Err(unsupported(
                format!("the name `{name}` is longer than {NAME_BYTES_MAX} bytes"),
                at,
            ));
        }
        Ok(name)
    }

    /// An identifier, where one is written.
    pub(super) fn name_if(&mut self, name: String, at: i32) -> Result<Option<String>, Refused> {
        if name.is_empty() {
            Ok(None)
        } else {
            self.name(name, at).map(Some)
        }
    }

    /// Whether the parser may have cut this name. It cuts silently, so the text is asked whether it
    /// has a longer word that begins so, wherever it stands: such names are rare.
    fn may_be_cut(&mut self, name: &str) -> bool {
        // The end of a name with a quote in it cannot be told from the quote.
        if name.len() > NAME_BYTES_MAX || name.contains('"') {
            return true;
        }
        let words = self
            .long_words
            .get_or_insert_with(|| LongWords::of(self.text.as_bytes()));
        words.escapes || words.beginnings.contains(&beginning(name.as_bytes()))
    }

    /// A node that is an identifier.
    pub(super) fn name_node(&mut self, node: Node, at: i32) -> Result<String, Refused> {
        match node.node {
            Some(NodeEnum::String(StringNode { sval })) => self.name(sval, at),
            Some(_) | None => Err(unexpected("a name", at)),
        }
    }

    /// Nodes that are identifiers.
    pub(super) fn names(&mut self, nodes: Vec<Node>, at: i32) -> Result<Vec<String>, Refused> {
        self.each(nodes, |reader, node| reader.name_node(node, at))
    }

    /// `name` or `schema.name`.
    pub(super) fn object_name(
        &mut self,
        nodes: Vec<Node>,
        what: &str,
        at: i32,
    ) -> Result<ObjectName, Refused> {
        let mut nodes = nodes.into_iter();
        match (nodes.next(), nodes.next(), nodes.next()) {
            (Some(name), None, _) => Ok(ObjectName {
                schema: None,
                name: self.name_node(name, at)?,
            }),
            (Some(schema), Some(name), None) => Ok(ObjectName {
                schema: Some(self.name_node(schema, at)?),
                name: self.name_node(name, at)?,
            }),
            (Some(_), Some(_), Some(_)) => {
                Err(unsupported(format!("{what} named with a database"), at))
            }
            (None, _, _) => Err(unexpected(what, at)),
        }
    }

    /// A relation's name, whether its descendants are meant too, and its alias.
    pub(super) fn relation(
        &mut self,
        node: RangeVar,
    ) -> Result<(RelationName, bool, Option<Alias>), Refused> {
        let RangeVar {
            catalogname,
            schemaname,
            relname,
            inh,
            relpersistence,
            alias,
            location: at,
        } = node;
        let is_plain = relpersistence.is_empty() || relpersistence == "p";
        absent(is_plain, "a temporary or unlogged relation", at)?;
        let name = RelationName {
            database: self.name_if(catalogname, at)?,
            schema: self.name_if(schemaname, at)?,
            name: self.name(relname, at)?,
        };
        Ok((name, !inh, self.alias_if(alias, at)?))
    }

    /// The target of a write: its alias has no columns.
    pub(super) fn target_relation(
        &mut self,
        node: Option<RangeVar>,
    ) -> Result<(RelationName, bool, Option<String>), Refused> {
        let node = super::reader::present(node, "the target of a write", -1)?;
        let at = node.location;
        let (name, only, alias) = self.relation(node)?;
        let alias = match alias {
            None => None,
            Some(Alias { name, columns }) => {
                absent(columns.is_empty(), "columns of a target's alias", at)?;
                Some(name)
            }
        };
        Ok((name, only, alias))
    }

    /// `AS name (columns)`
    pub(super) fn alias(&mut self, node: AliasNode, at: i32) -> Result<Alias, Refused> {
        let AliasNode {
            aliasname,
            colnames,
        } = node;
        Ok(Alias {
            name: self.name(aliasname, at)?,
            columns: self.names(colnames, at)?,
        })
    }

    /// `AS name (columns)`, where it is written.
    pub(super) fn alias_if(
        &mut self,
        node: Option<AliasNode>,
        at: i32,
    ) -> Result<Option<Alias>, Refused> {
        node.map(|node| self.alias(node, at)).transpose()
    }
}

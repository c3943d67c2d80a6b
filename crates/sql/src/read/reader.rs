//! What every part of the reader shares: numbering, depth, and how a refusal is said.

use model::Refusal;
use pg_query::protobuf::Node;

use super::name::LongWords;
use crate::Refused;
use crate::tree::NodeId;

/// Reads the parser's nodes of one text.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) reserved_allowed: bool,
    pub(super) long_words: Option<LongWords>,
    depth_left: usize,
    next_id: u32,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, depth_max: usize, reserved_allowed: bool) -> Self {
        Self {
            text,
            reserved_allowed,
            long_words: None,
            depth_left: depth_max,
            next_id: 1,
        }
    }

    /// A number that no other node of this text has.
    pub(super) fn id(&mut self) -> NodeId {
        let id = NodeId(self.next_id);
        // INVARIANT: a node takes a byte of text at least, and no text has 2^32 bytes.
        self.next_id = self.next_id.saturating_add(1);
        id
    }

    /// Reads one level further down.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or_else(|| {
            Refused::new(Refusal::StatementTooLarge, "the statement nests too deeply")
        })?;
        let result = read(self);
        self.depth_left += 1;
        result
    }

    /// Reads each node of a list.
    pub(super) fn each<T>(
        &mut self,
        nodes: Vec<Node>,
        mut read: impl FnMut(&mut Self, Node) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        let mut items = Vec::with_capacity(nodes.len());
        for node in nodes {
            items.push(read(self, node)?);
        }
        Ok(items)
    }

    /// Reads a node where there is one.
    pub(super) fn maybe<T>(
        &mut self,
        node: Option<Box<Node>>,
        read: impl FnOnce(&mut Self, Node) -> Result<T, Refused>,
    ) -> Result<Option<T>, Refused> {
        node.map(|node| read(self, *node)).transpose()
    }
}

/// Syntax that has no counterpart in the tree.
pub(super) fn unsupported(what: impl Into<String>, at: i32) -> Refused {
    Refused::new(Refusal::SyntaxNotSupported, what).at(at)
}

/// A statement that is not allowed, by the name that PostgreSQL gives it.
pub(super) fn not_allowed(command: impl Into<String>) -> Refused {
    Refused::new(Refusal::StatementNotAllowed, command)
}

/// A tree that the grammar does not make. Refused like any other that is not understood.
pub(super) fn unexpected(what: &str, at: i32) -> Refused {
    unsupported(format!("an unexpected form of {what}"), at)
}

/// Refuses syntax unless it is not there.
pub(super) fn absent(is_absent: bool, what: &str, at: i32) -> Result<(), Refused> {
    if is_absent {
        Ok(())
    } else {
        Err(unsupported(what, at))
    }
}

/// A value of one of the parser's enumerations.
pub(super) fn kind<T: TryFrom<i32>>(number: i32, what: &str, at: i32) -> Result<T, Refused> {
    T::try_from(number).map_err(|_| unexpected(what, at))
}

/// A node that the grammar always writes.
pub(super) fn present<T>(node: Option<T>, what: &str, at: i32) -> Result<T, Refused> {
    node.ok_or_else(|| unexpected(what, at))
}

//! How much of a statement is looked at before it is refused.

/// Limits on one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// LIMIT: bytes of text. The longest statements that tools write by themselves (inserts of many
    /// rows, long lists of keys) stay below a tenth of it; above it the parser's memory, some fifty
    /// times the text, is worth more to the other sessions.
    pub bytes_max: usize,
    /// LIMIT: levels of nesting of queries, expressions and `FROM` items, together. The parser hands
    /// its tree over in at most 100 nested messages, two for most levels, so that a tree deeper than
    /// about 46 levels is refused before this is reached. It stands here so that the stack that the
    /// reader uses is bounded by this crate, not by a habit of another's.
    pub depth_max: usize,
    /// LIMIT: statements in one text. Migration tools send files; nobody sends a thousand
    /// statements in one message through a gate that records each one.
    pub statements_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 1024 * 1024,
            depth_max: 100,
            statements_max: 1_000,
        }
    }
}

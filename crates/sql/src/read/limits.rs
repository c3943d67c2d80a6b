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
    /// LIMIT: operator characters in a row, wherever they stand. The scanner takes all of them, gives
    /// back all but a few and starts again: a text of `/*/*/*...` takes the square of its length,
    /// 7 seconds for 80 KB, and a quarter of a second for 1 MiB of rows of this length. A ruler of
    /// dashes in a comment is shorter.
    pub signs_max: usize,
    /// LIMIT: statements in one text. Migration tools send files; nobody sends a thousand
    /// statements in one message through a gate that records each one.
    pub statements_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 1024 * 1024,
            depth_max: 100,
            signs_max: 256,
            statements_max: 1_000,
        }
    }
}

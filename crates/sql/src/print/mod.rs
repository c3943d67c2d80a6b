//! From [`tree`](crate::tree) to text, the only text that this product sends.
//!
//! INVARIANT: one tree, one text, and reading that text gives the tree again. Names are always
//! quoted and operations always bracketed, so that neither reserved words nor precedence can make a
//! difference; what the grammar spells in words is spelt in words that mean `pg_catalog`. Texts
//! are quoted so that they mean the same whatever `standard_conforming_strings` is, though the link
//! pins it.
//!
//! A tree that no text can say (an operator with an empty name, a row of one without `ROW`) prints
//! as something else or as nothing PostgreSQL reads: whoever sends a text reads it again first.

mod call;
mod cursor;
mod expression;
mod from;
mod operation;
mod query;
mod setting;
mod statement;
mod type_name;
mod window;
mod word;
mod write;
mod writer;

use self::writer::Writer;
use crate::tree::Statement;

/// Prints a statement, without a semicolon.
pub fn print(statement: &Statement) -> String {
    let mut writer = Writer::new();
    writer.statement(statement);
    writer.finish()
}

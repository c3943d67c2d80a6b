//! From text to [`tree`](crate::tree): PostgreSQL's own grammar reads the text, and this keeps of
//! its tree what the tree's types can say.
//!
//! INVARIANT: nothing is dropped. Each struct of the parser is taken apart field by field, without
//! `..`, so that a field of a newer grammar breaks the build; a field that the tree has no place for
//! must be empty or the text is refused. The only things left out are places in the text and
//! whether a function was called in a syntax of its own.

mod call;
mod command;
mod conditional;
mod constant;
mod copy;
mod cursor;
mod expression;
mod from;
mod limits;
mod name;
mod operator;
mod parse;
mod query;
mod reader;
mod select;
mod set_config;
mod setting;
mod sort;
mod statement;
mod sublink;
mod transaction;
mod type_name;
mod window;
mod with;
mod write;

use model::Refusal;

pub use self::limits::Limits;
use self::reader::Reader;
use crate::Refused;
use crate::tree::Statement;

/// Reads a text that may hold several statements, or none.
///
/// Every statement is understood or the text is refused. Names that begin with `cordon:` are
/// refused: the guard writes them.
pub fn read(text: &str, limits: &Limits) -> Result<Vec<Statement>, Refused> {
    read_with(text, limits, false)
}

/// Reads a text as it came over the wire: bytes that are not UTF-8 are refused, not replaced, for
/// what is judged must be what was sent.
pub fn read_bytes(bytes: &[u8], limits: &Limits) -> Result<Vec<Statement>, Refused> {
    let text = std::str::from_utf8(bytes).map_err(|error| Refused {
        code: Refusal::TextNotValid,
        about: "the text is not UTF-8".to_owned(),
        at: Some(error.valid_up_to()),
    })?;
    read(text, limits)
}

/// Reads one statement that this crate printed. Differs from [`read`] in that reserved names are
/// allowed, and that it may be longer: guards make a statement grow.
pub(crate) fn reread(text: &str) -> Result<Statement, Refused> {
    // LIMIT: what is printed quotes every name and brackets every operation, which triples a text at
    // worst, and every governed relation becomes a subquery with its columns spelt out.
    let limits = Limits {
        bytes_max: 16 * Limits::default().bytes_max,
        ..Limits::default()
    };
    let mut statements = read_with(text, &limits, true)?.into_iter();
    match (statements.next(), statements.next()) {
        (Some(statement), None) => Ok(statement),
        (None, _) => Err(Refused::new(Refusal::SyntaxError, "no statement")),
        (Some(_), Some(_)) => Err(Refused::new(
            Refusal::SeveralStatements,
            "several statements where one is allowed",
        )),
    }
}

fn read_with(
    text: &str,
    limits: &Limits,
    reserved_allowed: bool,
) -> Result<Vec<Statement>, Refused> {
    let parsed = parse::parse(text, limits)?;
    let mut reader = Reader::new(text, limits.depth_max, reserved_allowed);
    parsed
        .into_iter()
        .map(|raw| reader.raw_statement(raw))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::reread;

    #[test]
    fn what_is_read_again_is_one_statement() {
        let code = |text| reread(text).map_err(|refused| refused.code.as_str().to_owned());
        assert!(code("select 1").is_ok());
        assert_eq!(
            code("select 1; select 2"),
            Err("several-statements".to_owned())
        );
        assert_eq!(code(";"), Err("syntax-error".to_owned()));
    }
}

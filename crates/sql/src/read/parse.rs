//! The way into the parser: what is checked before a text reaches it, and what its errors mean.

use model::Refusal;
use pg_query::protobuf::{ParseResult, RawStmt};

use super::Limits;
use crate::Refused;

/// The parser's statements.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Vec<RawStmt>, Refused> {
    if text.len() > limits.bytes_max {
        return Err(Refused::new(
            Refusal::StatementTooLarge,
            format!(
                "the text has {} bytes, more than {}",
                text.len(),
                limits.bytes_max
            ),
        ));
    }
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Err(Refused {
            code: Refusal::TextNotValid,
            about: "the text has a zero byte".to_owned(),
            at: Some(at),
        });
    }
    let is_sign = |byte: &u8| b"~!@#^&|`?+-*/%<>=".contains(byte);
    let mut rows = text.as_bytes().split(|byte| !is_sign(byte));
    if rows.any(|row| row.len() > limits.signs_max) {
        return Err(Refused::new(
            Refusal::StatementTooLarge,
            format!(
                "the text has more than {} operator signs in a row",
                limits.signs_max
            ),
        ));
    }
    let ParseResult { version: _, stmts } = pg_query::parse(text, 0).map_err(refused)?.protobuf;
    if stmts.len() > limits.statements_max {
        return Err(Refused::new(
            Refusal::StatementTooLarge,
            format!(
                "the text has {} statements, more than {}",
                stmts.len(),
                limits.statements_max
            ),
        ));
    }
    Ok(stmts)
}

fn refused(error: pg_query::Error) -> Refused {
    match error {
        pg_query::Error::Parse(message) => parse_error(message),
        // The bytes come from the parser itself, so the one thing that can be wrong with them is
        // that they nest too deeply.
        pg_query::Error::Decode(_) => {
            Refused::new(Refusal::StatementTooLarge, "the statement nests too deeply")
        }
        pg_query::Error::Conversion(_) => {
            Refused::new(Refusal::TextNotValid, "the text has a zero byte")
        }
        pg_query::Error::InvalidJson(_)
        | pg_query::Error::InvalidPointer
        | pg_query::Error::Scan(_)
        | pg_query::Error::IsUtility(_)
        | pg_query::Error::Split(_) => {
            Refused::new(Refusal::SyntaxError, "the text could not be parsed")
        }
    }
}

/// The parser's own limits are its stack of 10,000 symbols, the stack of the thread, and 10,000
/// nested messages. Their messages quote nothing of the text but what it breaks off at, and begin so.
fn parse_error(message: String) -> Refused {
    let is_too_large = [
        "memory exhausted",
        "stack depth limit exceeded",
        "parse tree is nested too deeply",
        "out of memory",
    ]
    .iter()
    .any(|sign| message.starts_with(sign));
    if is_too_large {
        Refused::new(Refusal::StatementTooLarge, "the statement nests too deeply")
    } else {
        Refused::new(Refusal::SyntaxError, message)
    }
}

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
    if longest_row_of_signs(text) > limits.signs_max {
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

/// The signs that operators are made of.
const SIGNS: u128 = set_of(b"~!@#^&|`?+-*/%<>=");

/// A set of ASCII characters, one bit each.
const fn set_of(mut characters: &[u8]) -> u128 {
    let mut set = 0;
    while let [first, rest @ ..] = characters {
        set |= 1 << *first;
        characters = rest;
    }
    set
}

/// How many operator signs stand in a row at most. A set of bits, because to search a list of signs
/// for every byte takes as long as the parser's own scanner.
fn longest_row_of_signs(text: &str) -> usize {
    let mut longest = 0_usize;
    let mut row = 0_usize;
    for byte in text.bytes() {
        let is_sign = byte.is_ascii() && (SIGNS >> byte) & 1 == 1;
        row = if is_sign { row.saturating_add(1) } else { 0 };
        longest = longest.max(row);
    }
    longest
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

//! The conditions of `level_when`: a small grammar of our own, so that what it takes is all there
//! is. No functions, no arithmetic, no casts; it knows nothing of manifests.
//!
//! ```text
//! any      = all { OR all }
//! all      = one { AND one }
//! one      = NOT one | ( any ) | column [ test ]
//! test     = op literal | IS [NOT] NULL | [NOT] IN ( literal {, literal} )
//! op       = = | <> | != | < | <= | > | >=
//! literal  = 'text' | number | TRUE | FALSE
//! column   = name (read in lower case, as SQL does) | "any name"
//! ```

mod fit;
mod parse;
mod token;

use std::fmt;

pub(crate) use fit::fits;
pub use parse::parse;

/// LIMIT: bytes of a condition, as written and as printed; a longer one is not one a person reviews.
pub const LENGTH_MAX: usize = 4_000;

/// LIMIT: ANDs, ORs and NOTs within each other.
pub const DEPTH_MAX: usize = 32;

/// LIMIT: parentheses and NOTs as written, so that the parser's stack is bounded. Printing puts each
/// NOT into parentheses, so this is twice [`DEPTH_MAX`] and what is printed can be read back.
const NESTING_MAX: usize = 2 * DEPTH_MAX;

/// Why a text is not a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCondition {
    /// The character it went wrong at, from 1.
    pub position: usize,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub remedy: &'static str,
}

impl fmt::Display for BadCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at character {} of the condition: {}",
            self.position, self.cause
        )
    }
}

impl std::error::Error for BadCondition {}

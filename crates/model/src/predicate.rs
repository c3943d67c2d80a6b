//! Conditions on a row, total by construction: they cannot fail and cannot run code.

use std::fmt;

use crate::FieldName;

/// A condition over one row's own columns. It has no function calls, no arithmetic and no casts,
/// so that no engine can fail or emit while it is evaluated; NULL means no.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Predicate {
    /// All of them.
    And(Vec<Predicate>),
    /// Any of them.
    Or(Vec<Predicate>),
    /// Not it; not NULL is NULL.
    Not(Box<Predicate>),
    /// `field op literal`.
    Compare(FieldName, Comparison, Literal),
    /// `field IN (literals)`.
    In(FieldName, Vec<Literal>),
    /// `field IS NULL`.
    IsNull(FieldName),
    /// `field IS NOT NULL`.
    IsNotNull(FieldName),
    /// A boolean column on its own.
    Holds(FieldName),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator as SQL writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// A quoted text (also how dates are written).
    Text(String),
    /// A number as written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
}

impl Predicate {
    /// Every column it reads, in order of appearance, with repetitions.
    pub fn fields(&self) -> Vec<&FieldName> {
        let mut found = Vec::new();
        self.collect_fields(&mut found);
        found
    }

    fn collect_fields<'a>(&'a self, found: &mut Vec<&'a FieldName>) {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.collect_fields(found);
                }
            }
            Self::Not(part) => part.collect_fields(found),
            Self::Compare(field, _, _)
            | Self::In(field, _)
            | Self::IsNull(field)
            | Self::IsNotNull(field)
            | Self::Holds(field) => found.push(field),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Number(digits) => f.write_str(digits),
            Self::Boolean(value) => write!(f, "{value}"),
        }
    }
}

/// The canonical text: one spelling for one condition, every group in parentheses.
impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn joined(f: &mut fmt::Formatter<'_>, parts: &[Predicate], word: &str) -> fmt::Result {
            f.write_str("(")?;
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                write!(f, "{part}")?;
            }
            f.write_str(")")
        }
        let quoted = |field: &FieldName| format!("\"{}\"", field.as_str().replace('"', "\"\""));
        match self {
            Self::And(parts) => joined(f, parts, "AND"),
            Self::Or(parts) => joined(f, parts, "OR"),
            Self::Not(part) => write!(f, "(NOT {part})"),
            Self::Compare(field, op, literal) => {
                write!(f, "{} {} {literal}", quoted(field), op.as_str())
            }
            Self::In(field, literals) => {
                let list: Vec<String> = literals.iter().map(ToString::to_string).collect();
                write!(f, "{} IN ({})", quoted(field), list.join(", "))
            }
            Self::IsNull(field) => write!(f, "{} IS NULL", quoted(field)),
            Self::IsNotNull(field) => write!(f, "{} IS NOT NULL", quoted(field)),
            Self::Holds(field) => f.write_str(&quoted(field)),
        }
    }
}

//! What stands in a cell instead of its value, and which type can carry which mask.

use std::fmt;

use crate::DomainId;

crate::label::words! {
    /// The kinds of mask of design.md section 6.
    MaskKind, "mask" {
        /// SQL NULL.
        Null = "null",
        /// One fixed value.
        Constant = "constant",
        /// A keyed stand-in, equal for equal values of one domain.
        Pseudonym = "pseudonym",
        /// A few characters of the value.
        Partial = "partial",
        /// A date or number with its fine part cut off.
        Truncate = "truncate",
        /// The lower bound of the interval a number lies in.
        Bucket = "bucket",
    }
}

/// A mask with its parameters. Masks keep a column's type, typmod and collation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mask {
    /// SQL NULL.
    Null,
    /// This text, read as a literal of the column's type.
    Constant(String),
    /// A stand-in from this domain.
    Pseudonym(DomainId),
    /// The first and last so many characters, the rest as `*`.
    Partial {
        /// Characters kept at the beginning.
        first: u8,
        /// Characters kept at the end.
        last: u8,
    },
    /// A date cut to this unit in UTC, or a number cut to so many decimals.
    Truncate(Precision),
    /// Numbers rounded down to a multiple of this width (above zero).
    Bucket(u32),
}

/// How much of a date or number stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// The year.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
    /// The hour.
    Hour,
    /// So many digits after the point; for coordinates 1 is about 11 km.
    Decimals(u8),
}

impl Mask {
    /// Its kind.
    pub const fn kind(&self) -> MaskKind {
        match self {
            Self::Null => MaskKind::Null,
            Self::Constant(_) => MaskKind::Constant,
            Self::Pseudonym(_) => MaskKind::Pseudonym,
            Self::Partial { .. } => MaskKind::Partial,
            Self::Truncate(_) => MaskKind::Truncate,
            Self::Bucket(_) => MaskKind::Bucket,
        }
    }

    /// The pseudonym domain, if it is a pseudonym.
    pub const fn domain(&self) -> Option<&DomainId> {
        match self {
            Self::Pseudonym(domain) => Some(domain),
            Self::Null
            | Self::Constant(_)
            | Self::Partial { .. }
            | Self::Truncate(_)
            | Self::Bucket(_) => None,
        }
    }

    /// The type x mask table.
    ///
    /// `not_null` says that the column's *type* refuses NULL (a domain with NOT NULL); a plain
    /// NOT NULL column may carry a NULL mask, because masks stand in a query, not in the table.
    ///
    /// # Errors
    /// [`MaskProblem`] says why the pair is impossible.
    pub fn fits(&self, family: TypeFamily, not_null: bool) -> Result<(), MaskProblem> {
        use TypeFamily as T;
        let (fits, reason) = match self {
            Self::Null => (!not_null, "its type is a domain that refuses NULL"),
            Self::Constant(_) => (family != T::Other, "the type is not one Cordon knows"),
            Self::Pseudonym(_) => (
                matches!(family, T::Integer | T::Uuid | T::Text),
                "only integers, uuid and text have pseudonyms",
            ),
            Self::Partial { .. } => (family == T::Text, "only text can be shown in part"),
            Self::Truncate(Precision::Decimals(_)) => (
                matches!(family, T::Numeric | T::Float),
                "only numeric and float have decimals to cut",
            ),
            Self::Truncate(Precision::Hour) => {
                (family == T::Timestamp, "only timestamps have hours to keep")
            }
            Self::Truncate(Precision::Year | Precision::Month | Precision::Day) => (
                matches!(family, T::Timestamp | T::Date),
                "only dates and timestamps can be cut to a day, month or year",
            ),
            Self::Bucket(_) => (
                matches!(family, T::Integer | T::Numeric | T::Float),
                "only numbers have buckets",
            ),
        };
        if fits {
            return Ok(());
        }
        Err(MaskProblem {
            mask: self.kind(),
            family,
            reason,
        })
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Constant(text) => write!(f, "constant `{}`", text.escape_debug()),
            Self::Pseudonym(domain) => write!(f, "pseudonym of {domain}"),
            Self::Partial { first, last } => write!(f, "partial, first {first} and last {last}"),
            Self::Truncate(Precision::Year) => f.write_str("truncated to the year"),
            Self::Truncate(Precision::Month) => f.write_str("truncated to the month"),
            Self::Truncate(Precision::Day) => f.write_str("truncated to the day"),
            Self::Truncate(Precision::Hour) => f.write_str("truncated to the hour"),
            Self::Truncate(Precision::Decimals(n)) => write!(f, "truncated to {n} decimals"),
            Self::Bucket(width) => write!(f, "bucket of {width}"),
        }
    }
}

crate::label::words! {
    /// Types, as far as masks must tell them apart.
    TypeFamily, "type" {
        /// `text`, `varchar`, `char`.
        Text = "text",
        /// `smallint`, `integer`, `bigint`.
        Integer = "integer",
        /// `numeric`.
        Numeric = "numeric",
        /// `real`, `double precision`.
        Float = "float",
        /// `boolean`.
        Boolean = "boolean",
        /// `uuid`.
        Uuid = "uuid",
        /// `date`.
        Date = "date",
        /// `timestamp`, with or without time zone.
        Timestamp = "timestamp",
        /// `bytea`.
        Bytes = "bytes",
        /// `json`, `jsonb`, nested objects: whole-value masks only.
        Json = "json",
        /// Arrays: whole-value masks only.
        Array = "array",
        /// Anything else: NULL only.
        Other = "other",
    }
}

impl TypeFamily {
    /// The family of a type as SQL or Fides writes it; length, precision and time zone make no
    /// difference. A name not known is [`TypeFamily::Other`].
    pub fn of(type_name: &str) -> Self {
        let name = type_name.trim().to_ascii_lowercase();
        if name.ends_with("[]") || name.ends_with(" array") {
            return Self::Array;
        }
        let bare = name.split('(').next().unwrap_or_default().trim();
        match bare {
            "text" | "varchar" | "character varying" | "char" | "character" | "bpchar"
            | "string" | "citext" | "object_id" => Self::Text,
            "smallint" | "integer" | "bigint" | "int" | "int2" | "int4" | "int8" | "serial"
            | "bigserial" => Self::Integer,
            "numeric" | "decimal" => Self::Numeric,
            "real" | "double precision" | "float" | "float4" | "float8" => Self::Float,
            "boolean" | "bool" => Self::Boolean,
            "uuid" => Self::Uuid,
            "date" => Self::Date,
            "bytea" => Self::Bytes,
            "json" | "jsonb" | "object" => Self::Json,
            _ if bare.starts_with("timestamp") => Self::Timestamp,
            _ => Self::Other,
        }
    }
}

/// A mask on a type that cannot carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskProblem {
    /// The mask.
    pub mask: MaskKind,
    /// The type.
    pub family: TypeFamily,
    /// Why not.
    pub reason: &'static str,
}

impl fmt::Display for MaskProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a {} mask does not fit type {}: {}",
            self.mask, self.family, self.reason
        )
    }
}

impl std::error::Error for MaskProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_by_mask_table_is_whole() {
        let domain = DomainId::new("person").unwrap();
        let masks = [
            Mask::Null,
            Mask::Constant("x".into()),
            Mask::Pseudonym(domain),
            Mask::Partial { first: 1, last: 0 },
            Mask::Truncate(Precision::Day),
            Mask::Truncate(Precision::Hour),
            Mask::Truncate(Precision::Decimals(1)),
            Mask::Bucket(10),
        ];
        let table: Vec<String> = TypeFamily::ALL
            .iter()
            .map(|&family| {
                let fits = masks.iter().map(|m| {
                    if m.fits(family, false).is_ok() {
                        'x'
                    } else {
                        '.'
                    }
                });
                format!("{family:<10}{}", fits.collect::<String>())
            })
            .collect();
        assert_eq!(
            table.join("\n"),
            "text      xxxx....\n\
             integer   xxx....x\n\
             numeric   xx....xx\n\
             float     xx....xx\n\
             boolean   xx......\n\
             uuid      xxx.....\n\
             date      xx..x...\n\
             timestamp xx..xx..\n\
             bytes     xx......\n\
             json      xx......\n\
             array     xx......\n\
             other     x......."
        );
    }

    #[test]
    fn a_domain_that_refuses_null_takes_no_null_mask() {
        assert!(Mask::Null.fits(TypeFamily::Text, true).is_err());
    }

    #[test]
    fn type_names_are_understood() {
        for (name, family) in [
            ("varchar(40)", TypeFamily::Text),
            ("BIGINT", TypeFamily::Integer),
            ("timestamp(3) with time zone", TypeFamily::Timestamp),
            ("text[]", TypeFamily::Array),
            ("string[]", TypeFamily::Array),
            ("tsvector", TypeFamily::Other),
        ] {
            assert_eq!(TypeFamily::of(name), family, "{name}");
        }
    }
}

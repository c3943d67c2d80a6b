//! What travels beside a guarded statement: never in its text, which logs and plans could show.

use std::collections::HashMap;
use std::sync::Arc;

use model::{DomainId, GrantId};
use pgschema::Oid;

use crate::catalogue::Told;
use crate::kind::Kind;
use crate::tree::Expression;

/// One parameter of a guarded statement, in the order of its number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// The client's parameter of this number, as it is.
    Client(u32),
    /// The client's parameter of this number, taken back from its pseudonym.
    Raw {
        /// The client's number.
        number: u32,
        /// The domain.
        domain: DomainId,
        /// The type of the key.
        kind: KeyKind,
        /// Whether it is an array of pseudonyms.
        is_array: bool,
    },
    /// A constant of the statement, taken back from its pseudonym.
    RawConstant {
        /// The constant as text.
        text: String,
        /// The domain.
        domain: DomainId,
        /// The type of the key.
        kind: KeyKind,
    },
    /// The 32 bytes of a domain's key.
    Key(DomainId),
    /// Texts, as an array: spellings of countries.
    Texts(Arc<[String]>),
    /// Numbers of objects, as an array.
    Numbers(Arc<[i64]>),
    /// Names of schemas and extensions, as an array of texts.
    Names(Arc<[String]>),
    /// What the session is told of itself, as a JSON array of rows.
    Told(Told),
    /// The raw keys of a grant's subjects, as an array of this type.
    Subjects {
        /// The grant.
        grant: GrantId,
        /// The type of the key.
        kind: KeyKind,
    },
}

/// Types that keys have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `uuid`
    Uuid,
    /// `text`, `varchar`
    Text,
}

impl KeyKind {
    pub(crate) const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Int2 => Some(Self::Int2),
            Kind::Int4 => Some(Self::Int4),
            Kind::Int8 => Some(Self::Int8),
            Kind::Uuid => Some(Self::Uuid),
            Kind::Text | Kind::Varchar => Some(Self::Text),
            Kind::Bool
            | Kind::Bytea
            | Kind::Numeric
            | Kind::Float4
            | Kind::Float8
            | Kind::Bpchar
            | Kind::Date
            | Kind::Timestamp
            | Kind::Timestamptz
            | Kind::Interval
            | Kind::Json
            | Kind::Jsonb => None,
        }
    }

    /// The kind of a type by its number in `pg_catalog`; `None` for one that no pseudonym has.
    pub const fn of_type(oid: Oid) -> Option<Self> {
        match oid.0 {
            21 => Some(Self::Int2),
            23 => Some(Self::Int4),
            20 => Some(Self::Int8),
            2950 => Some(Self::Uuid),
            25 | 1043 => Some(Self::Text),
            _ => None,
        }
    }

    /// The name of the type in `pg_catalog`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int2 => "int2",
            Self::Int4 => "int4",
            Self::Int8 => "int8",
            Self::Uuid => "uuid",
            Self::Text => "text",
        }
    }

    /// The name of the array type in `pg_catalog`.
    pub const fn array_name(self) -> &'static str {
        match self {
            Self::Int2 => "_int2",
            Self::Int4 => "_int4",
            Self::Int8 => "_int8",
            Self::Uuid => "_uuid",
            Self::Text => "_text",
        }
    }
}

/// Numbers from here on are ours until all parameters are numbered in one row. PostgreSQL has at
/// most 65,535.
pub(super) const OWN: u32 = 1_000_000;

/// The parameters of a statement being written.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    list: Vec<Parameter>,
    numbers: HashMap<Parameter, u32>,
}

impl Parameters {
    /// The parameter as an expression; the same parameter has one number.
    pub(super) fn number(&mut self, parameter: Parameter) -> u32 {
        if let Parameter::Texts(texts) = &parameter {
            // Long lists are shared, so that they need not be compared.
            let same = |one: &Parameter| matches!(one, Parameter::Texts(other) if Arc::ptr_eq(other, texts));
            let index = self.list.iter().position(same).unwrap_or_else(|| {
                self.list.push(parameter.clone());
                self.list.len() - 1
            });
            return OWN + u32::try_from(index + 1).unwrap_or(OWN);
        }
        if let Some(&known) = self.numbers.get(&parameter) {
            return known;
        }
        self.list.push(parameter.clone());
        let number = OWN + u32::try_from(self.list.len()).unwrap_or(OWN);
        self.numbers.insert(parameter, number);
        number
    }

    /// With its type written, so that the server has nothing to infer.
    pub(super) fn typed(&mut self, parameter: Parameter, type_name: &str) -> Expression {
        let number = self.number(parameter);
        Expression::Cast(
            Box::new(Expression::Parameter(number)),
            crate::tree::TypeName::builtin(type_name),
        )
    }

    pub(super) fn into_list(self) -> Vec<Parameter> {
        self.list
    }
}

/// The types that the client declared for its parameters, where it did; the first is `$1`.
#[derive(Clone, Debug, Default)]
pub struct ParameterTypes(pub Vec<Option<Oid>>);

impl ParameterTypes {
    pub(crate) fn of(&self, number: u32) -> Option<Oid> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.0.get(index).copied().flatten()
    }
}

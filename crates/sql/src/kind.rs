//! Types, as far as masks and tests must tell them apart.

use model::TypeFamily;
use pgschema::{Oid, Schema, TypeKind};

/// A type of `pg_catalog` that Cordon can mask or compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Bool,
    Bytea,
    Int2,
    Int4,
    Int8,
    Numeric,
    Float4,
    Float8,
    Text,
    Varchar,
    Bpchar,
    Date,
    Timestamp,
    Timestamptz,
    Interval,
    Uuid,
    Json,
    Jsonb,
}

/// The numbers are fixed in PostgreSQL's `pg_type.dat`.
const OIDS: [(Kind, u32, &str); 18] = [
    (Kind::Bool, 16, "bool"),
    (Kind::Bytea, 17, "bytea"),
    (Kind::Int8, 20, "int8"),
    (Kind::Int2, 21, "int2"),
    (Kind::Int4, 23, "int4"),
    (Kind::Text, 25, "text"),
    (Kind::Json, 114, "json"),
    (Kind::Float4, 700, "float4"),
    (Kind::Float8, 701, "float8"),
    (Kind::Bpchar, 1042, "bpchar"),
    (Kind::Varchar, 1043, "varchar"),
    (Kind::Date, 1082, "date"),
    (Kind::Timestamp, 1114, "timestamp"),
    (Kind::Timestamptz, 1184, "timestamptz"),
    (Kind::Interval, 1186, "interval"),
    (Kind::Numeric, 1700, "numeric"),
    (Kind::Uuid, 2950, "uuid"),
    (Kind::Jsonb, 3802, "jsonb"),
];

impl Kind {
    pub(crate) fn of_oid(oid: Oid) -> Option<Self> {
        OIDS.iter()
            .find(|(_, number, _)| *number == oid.0)
            .map(|(kind, _, _)| *kind)
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        OIDS.iter()
            .find(|(_, _, known)| *known == name)
            .map(|(kind, _, _)| *kind)
    }

    pub(crate) fn oid(self) -> Oid {
        let found = OIDS.iter().find(|(kind, _, _)| *kind == self);
        Oid(found.map_or(0, |(_, number, _)| *number))
    }

    /// Its name in `pg_catalog`.
    pub(crate) fn name(self) -> &'static str {
        let found = OIDS.iter().find(|(kind, _, _)| *kind == self);
        found.map_or("unknown", |(_, _, name)| *name)
    }

    pub(crate) const fn family(self) -> TypeFamily {
        match self {
            Self::Bool => TypeFamily::Boolean,
            Self::Bytea => TypeFamily::Bytes,
            Self::Int2 | Self::Int4 | Self::Int8 => TypeFamily::Integer,
            Self::Numeric => TypeFamily::Numeric,
            Self::Float4 | Self::Float8 => TypeFamily::Float,
            Self::Text | Self::Varchar | Self::Bpchar => TypeFamily::Text,
            Self::Date => TypeFamily::Date,
            Self::Timestamp | Self::Timestamptz => TypeFamily::Timestamp,
            Self::Interval => TypeFamily::Other,
            Self::Uuid => TypeFamily::Uuid,
            Self::Json | Self::Jsonb => TypeFamily::Json,
        }
    }

    /// Whether keys of this type have pseudonyms.
    pub(crate) const fn has_pseudonym(self) -> bool {
        matches!(
            self,
            Self::Int2 | Self::Int4 | Self::Int8 | Self::Uuid | Self::Text | Self::Varchar
        )
    }

    /// Whether pseudonyms of this type can be taken back with the key.
    pub(crate) const fn is_invertible(self) -> bool {
        matches!(self, Self::Int2 | Self::Int4 | Self::Int8 | Self::Uuid)
    }
}

/// The kind of a column's type; of a domain, that of its base type. `None` for a domain with checks
/// or that refuses NULL: a mask cast to it could fail on the value it hides.
pub(crate) fn kind_of(schema: &Schema, oid: Oid) -> Option<Kind> {
    let mut oid = oid;
    // LIMIT: domains over domains; PostgreSQL allows any depth, nobody uses three.
    for _ in 0..8 {
        if let Some(kind) = Kind::of_oid(oid) {
            return Some(kind);
        }
        let found = schema.type_by_oid(oid)?;
        if found.kind != TypeKind::Domain || found.checked || found.not_null {
            return None;
        }
        oid = found.of?;
    }
    None
}

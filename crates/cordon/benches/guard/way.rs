//! One way to ask: a link, a text, values.

use std::collections::BTreeSet;
use std::error::Error;

use sql::{KeyKind, Parameter};
use tokio::runtime::Runtime;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Client, Statement};

use super::cases::Case;

/// A value in PostgreSQL's text format, whatever its type.
#[derive(Debug)]
pub struct Text(pub Option<String>);

impl ToSql for Text {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }
    to_sql_checked!();
}

pub fn pg_type(name: &str) -> Type {
    Type::from_oid(pgschema::builtin::type_named(name).unwrap().oid.0).unwrap()
}

pub fn parameter_type(parameter: &Parameter, case: &Case) -> Type {
    let key = |kind: &KeyKind, is_array: bool| {
        pg_type(if is_array {
            kind.array_name()
        } else {
            kind.name()
        })
    };
    match parameter {
        Parameter::Client(number) => pg_type(case.values[*number as usize - 1].0),
        Parameter::Raw { kind, is_array, .. } => key(kind, *is_array),
        Parameter::RawConstant { kind, .. } => key(kind, false),
        Parameter::Key(_) => Type::BYTEA,
        Parameter::Texts(_) | Parameter::Names(_) => Type::TEXT_ARRAY,
        Parameter::Numbers(_) => Type::INT8_ARRAY,
        Parameter::Told(_) => Type::JSONB,
        Parameter::Subjects { kind, .. } => key(kind, true),
    }
}

/// One way to ask, with what to bind.
pub struct Way<'a> {
    pub client: &'a Client,
    pub text: String,
    pub values: Vec<Text>,
    pub types: Vec<Type>,
}

impl Way<'_> {
    pub fn simple(&self, runtime: &Runtime) -> usize {
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = self
            .values
            .iter()
            .zip(&self.types)
            .map(|(value, ty)| (value as &(dyn ToSql + Sync), ty.clone()))
            .collect();
        runtime
            .block_on(self.client.query_typed(&self.text, &typed))
            .unwrap()
            .len()
    }

    pub fn prepare(&self, runtime: &Runtime) -> Statement {
        runtime
            .block_on(self.client.prepare_typed(&self.text, &self.types))
            .unwrap()
    }

    pub fn prepared(&self, runtime: &Runtime, statement: &Statement) -> usize {
        let values: Vec<&(dyn ToSql + Sync)> = self
            .values
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .collect();
        runtime
            .block_on(self.client.query(statement, &values))
            .unwrap()
            .len()
    }

    /// The indexes in the plan.
    pub fn indexes(&self, runtime: &Runtime) -> BTreeSet<String> {
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = self
            .values
            .iter()
            .zip(&self.types)
            .map(|(value, ty)| (value as &(dyn ToSql + Sync), ty.clone()))
            .collect();
        let text = format!("EXPLAIN (COSTS OFF) {}", self.text);
        runtime
            .block_on(self.client.query_typed(&text, &typed))
            .unwrap()
            .iter()
            .filter_map(|row| {
                let line: String = row.get(0);
                let (_, rest) = line
                    .split_once("Scan using ")
                    .or_else(|| line.split_once("Index Scan on "))?;
                rest.split_whitespace().next().map(str::to_owned)
            })
            .collect()
    }
}

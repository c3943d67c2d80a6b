//! Reads a database's schema into a [`Snapshot`]: one query for each kind of object, all in one
//! transaction, each answering with JSON in the shape of the snapshot's own types.

use pgschema::{Extension, Function, Oid, Operator, Relation, Snapshot, Type};
use serde::Deserialize;
use serde::de::DeserializeOwned;

mod asker;

use asker::{Asker, Source};

/// The path is `pg_catalog` alone, so that view definitions come with every other name qualified.
/// The rest decides how constants in them are printed.
const BEGIN: &str = "
    begin transaction isolation level repeatable read, read only;
    set local search_path = pg_catalog;
    set local standard_conforming_strings = on;
    set local quote_all_identifiers = off;
    set local datestyle = 'ISO, MDY';
    set local intervalstyle = 'postgres';
    set local timezone = 'UTC';
    set local bytea_output = 'hex';
    set local extra_float_digits = 1;
    set local xmlbinary = 'base64';
";

/// Why a schema could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntrospectError {
    /// The server refused a query.
    #[error("the upstream does not tell its {what}: see that the role may read pg_catalog")]
    Query {
        /// What was asked for.
        what: &'static str,
        /// What the server said.
        source: Source,
    },
    /// The server's answer has another shape than the query asks for.
    #[error("the upstream's answer about its {what} cannot be read: is its version supported?")]
    Answer {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

#[derive(Deserialize)]
struct About {
    server_version: u32,
    server_encoding: String,
    database: String,
    may_read_views: bool,
}

#[derive(Deserialize)]
struct Definition {
    oid: Oid,
    definition: Option<String>,
}

/// Reads the schema of the database that a link leads to.
///
/// The link must be in no transaction. Whoever drops the future before it is done must drop the link
/// too: it may still be in this one.
///
/// # Errors
///
/// When the server refuses a query or answers what no supported version answers.
pub async fn introspect(mut link: impl Asker) -> Result<Snapshot, IntrospectError> {
    let failed = |what| move |source| IntrospectError::Query { what, source };
    link.run(BEGIN).await.map_err(failed("transaction"))?;
    let read = read(&mut link).await;
    // Nothing was written, so that there is nothing to lose; but the link must come out of it.
    link.run("rollback").await.map_err(failed("transaction"))?;
    read
}

async fn read(link: &mut impl Asker) -> Result<Snapshot, IntrospectError> {
    let about: About = ask(link, "settings", include_str!("about.sql")).await?;
    let mut relations: Vec<Relation> =
        ask(link, "relations", include_str!("relations.sql")).await?;
    if about.may_read_views {
        let definitions: Vec<Definition> = ask(link, "views", include_str!("views.sql")).await?;
        for view in definitions {
            if let Some(relation) = relations.iter_mut().find(|one| one.oid == view.oid) {
                relation.definition = view.definition;
            }
        }
    }
    let types: Vec<Type> = ask(link, "types", include_str!("types.sql")).await?;
    let functions: Vec<Function> = ask(link, "functions", include_str!("functions.sql")).await?;
    let operators: Vec<Operator> = ask(link, "operators", include_str!("operators.sql")).await?;
    let extensions: Vec<Extension> =
        ask(link, "extensions", include_str!("extensions.sql")).await?;
    Ok(Snapshot {
        format: Snapshot::FORMAT,
        server_version: about.server_version,
        server_encoding: about.server_encoding,
        database: about.database,
        relations,
        types,
        functions,
        operators,
        extensions,
    })
}

async fn ask<T: DeserializeOwned>(
    link: &mut impl Asker,
    what: &'static str,
    query: &str,
) -> Result<T, IntrospectError> {
    let text = link
        .text(query)
        .await
        .map_err(|source| IntrospectError::Query { what, source })?;
    serde_json::from_str(&text).map_err(|source| IntrospectError::Answer { what, source })
}

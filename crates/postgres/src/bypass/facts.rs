//! What a server says about who may do what. Names are quoted as SQL wants them where they are called
//! so or nothing else is said.

use std::collections::BTreeSet;

use pgschema::Oid;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::introspect::IntrospectError;
use crate::link::Link;

/// Everything that the judgement rests on, as the gateway's account sees it.
#[derive(Clone, Debug)]
pub struct Facts {
    pub(super) about: About,
    pub(super) roles: Vec<Role>,
    pub(super) relations: Vec<Relation>,
    pub(super) functions: Vec<Function>,
    pub(super) objects: Objects,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct About {
    /// The account that asks.
    pub(super) account: Oid,
    pub(super) database: String,
    pub(super) public_may_make_temporary: bool,
    pub(super) public_may_make_schemas: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Role {
    pub(super) oid: Oid,
    pub(super) name: String,
    pub(super) may_log_in: bool,
    pub(super) is_superuser: bool,
    pub(super) may_make_roles: bool,
    pub(super) may_replicate: bool,
    pub(super) passes_row_security: bool,
    /// Directly.
    pub(super) member_of: Vec<Oid>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Relation {
    pub(super) oid: Oid,
    pub(super) name: String,
    pub(super) schema: String,
    /// By the account.
    pub(super) is_schema_usable: bool,
    pub(super) holds_rows: bool,
    pub(super) owner: Oid,
    pub(super) columns: Vec<Column>,
    pub(super) grants: Vec<Grant>,
    /// What a view reads.
    pub(super) made_from: Vec<Oid>,
    /// Whose partition or heir it is.
    pub(super) part_of: Vec<Oid>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Column {
    /// As it is, not quoted.
    pub(super) name: String,
    pub(super) quoted: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Grant {
    /// 0 is everybody.
    pub(super) grantee: Oid,
    pub(super) privilege: String,
    /// As it is, not quoted; none for the whole relation.
    pub(super) column: Option<String>,
}

/// A function that everybody may call.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Function {
    pub(super) signature: String,
    /// As it is, not quoted.
    pub(super) name: String,
    pub(super) is_of_system: bool,
    pub(super) runs_as_owner: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Objects {
    /// Schemas in which everybody may make objects.
    pub(super) open_schemas: Vec<String>,
    pub(super) extensions: Vec<Column>,
    pub(super) untrusted_languages: Vec<String>,
    pub(super) foreign_servers: Vec<String>,
    pub(super) publications: Vec<Publication>,
    pub(super) replication_slots: Vec<Slot>,
    pub(super) default_grants: Vec<DefaultGrant>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Publication {
    pub(super) name: String,
    pub(super) is_of_all: bool,
    /// Named one by one.
    pub(super) relations: Vec<Oid>,
    /// However they came in.
    pub(super) published: Vec<Oid>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Slot {
    /// As it is, not quoted.
    pub(super) name: String,
    pub(super) literal: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct DefaultGrant {
    pub(super) owner: String,
    /// None for all schemas.
    pub(super) schema: Option<String>,
    pub(super) grantee: Oid,
}

/// A relation of the catalogue, and what of it the gateway reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Governed {
    /// The relation.
    pub relation: Oid,
    /// The columns that are labelled. The account needs these and no other.
    pub columns: BTreeSet<String>,
}

/// Asks a server who may do what. The link must be the gateway's own account's.
///
/// # Errors
/// When the server refuses a question or answers in another shape than it asks for.
pub async fn ask(link: &mut Link) -> Result<Facts, IntrospectError> {
    Ok(Facts {
        about: one(link, "account", include_str!("about.sql")).await?,
        roles: one(link, "roles", include_str!("roles.sql")).await?,
        relations: one(link, "grants", include_str!("relations.sql")).await?,
        functions: one(link, "functions", include_str!("functions.sql")).await?,
        objects: one(link, "objects", include_str!("objects.sql")).await?,
    })
}

/// The path of every link is `pg_catalog` alone, so that names in questions need no schema.
async fn one<T: DeserializeOwned>(
    link: &mut Link,
    what: &'static str,
    question: &str,
) -> Result<T, IntrospectError> {
    let failed = |source| IntrospectError::Query { what, source };
    let mut rows = link
        .ask(question)
        .await
        .map_err(|error| failed(Box::new(error)))?;
    let text = rows.pop().and_then(|mut row| row.pop()).flatten();
    let text = text.ok_or_else(|| failed("there is no text in the answer".into()))?;
    serde_json::from_str(&text).map_err(|source| IntrospectError::Answer { what, source })
}

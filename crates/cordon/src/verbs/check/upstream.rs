//! One upstream as the gateway's own account finds it: what it is, how far it is as the catalogue says,
//! and which ways lead past the gate.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use deployment::Url;
use enforce::Enforcer;
use model::Dataset;
use pgschema::{Relation, RelationKind, Schema, Snapshot};
use policy::Decider;
use postgres::bypass::{self, Bypass, Governed};
use postgres::{Link, Options};
use tokio::time::Instant;

use crate::serve;

/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was seen.
pub(super) struct Seen {
    /// The server's version.
    pub(super) version: String,
    /// What the catalogue says and the schema does not bear out.
    pub(super) mismatches: Vec<String>,
    /// Columns of catalogued relations that the catalogue does not name: nobody sees them.
    pub(super) unnamed: Vec<String>,
    /// Relations that the catalogue does not name: nobody sees them either.
    pub(super) uncatalogued: Vec<String>,
    /// The ways past the gate.
    pub(super) bypasses: Vec<Bypass>,
}

/// Asks an upstream everything.
pub(super) async fn look(
    dir: &Path,
    name: &str,
    url: &Url,
    decider: &Arc<Decider>,
) -> anyhow::Result<Seen> {
    let target = serve::target(dir, name, url)?;
    let mut link = Link::connect(&target, &Options::default(), Instant::now() + PATIENCE)
        .await
        .with_context(|| format!("the upstream `{name}` does not let the gateway in"))?;
    let snapshot = postgres::introspect(&mut link).await?;
    let facts = bypass::ask(&mut link).await?;
    let schema = Schema::new(snapshot.clone())
        .with_context(|| format!("the schema of the upstream `{name}` is not understood"))?;
    let enforcer = Enforcer::new(Arc::clone(decider), name, Arc::new(schema));
    let binding = enforcer.binding();
    let bound: BTreeSet<_> = binding.relations().collect();
    let pairs: Vec<(&Dataset, &Relation)> = snapshot
        .relations
        .iter()
        .filter(|relation| bound.contains(&relation.oid))
        .filter_map(|relation| Some((dataset_of(relation, name, decider)?, relation)))
        .collect();
    let governed: Vec<Governed> = pairs
        .iter()
        .map(|(dataset, one)| governed(dataset, one))
        .collect();
    Ok(Seen {
        version: snapshot.version(),
        mismatches: binding.mismatches.iter().map(ToString::to_string).collect(),
        unnamed: unnamed(&pairs),
        uncatalogued: uncatalogued(&snapshot, &bound),
        bypasses: bypass::judge(&facts, &governed),
    })
}

fn full_name(relation: &Relation) -> String {
    format!("{}.{}", relation.schema, relation.name)
}

fn dataset_of<'a>(
    relation: &Relation,
    upstream: &str,
    decider: &'a Decider,
) -> Option<&'a Dataset> {
    let name = full_name(relation);
    let found = decider.datasets().iter().find(|(id, dataset)| {
        id.collection() == name && dataset.upstream.as_deref() == Some(upstream)
    });
    found.map(|(_, dataset)| dataset)
}

fn governed(dataset: &Dataset, relation: &Relation) -> Governed {
    let labelled = dataset.fields.iter().filter(|field| field.label.is_some());
    Governed {
        relation: relation.oid,
        columns: labelled.map(|field| field.name.to_string()).collect(),
    }
}

fn unnamed(pairs: &[(&Dataset, &Relation)]) -> Vec<String> {
    let mut unnamed = Vec::new();
    for (dataset, relation) in pairs {
        for column in &relation.columns {
            let is_field = dataset
                .fields
                .iter()
                .any(|field| field.name.as_str() == column.name);
            if !is_field {
                unnamed.push(format!("{}.{}", full_name(relation), column.name));
            }
        }
    }
    unnamed
}

/// Views are left out: they are read as what they read.
fn uncatalogued(snapshot: &Snapshot, bound: &BTreeSet<pgschema::Oid>) -> Vec<String> {
    let holds_rows = |kind| {
        matches!(
            kind,
            RelationKind::Table
                | RelationKind::PartitionedTable
                | RelationKind::MaterializedView
                | RelationKind::ForeignTable
        )
    };
    snapshot
        .relations
        .iter()
        .filter(|one| holds_rows(one.kind) && one.parents.is_empty() && !bound.contains(&one.oid))
        .map(full_name)
        .collect()
}

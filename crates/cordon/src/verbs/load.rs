//! A deployment from its directory, ready to decide with; names as people type them.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use deployment::Bundle;
use model::{DatasetId, Timestamp};
use policy::{Decider, WorldError};

use crate::output::{Faults, NotUsable, Output};

/// A deployment and the decider over it.
pub struct Loaded {
    /// What the directory says.
    pub bundle: Bundle,
    /// What decides by it.
    pub decider: Decider,
}

/// Loads and compiles, printing warnings.
pub fn load(dir: &Path, output: &mut Output) -> anyhow::Result<Loaded> {
    let bundle = deployment::load(dir).map_err(Faults)?;
    output.warnings(&bundle.warnings);
    let decider =
        Decider::new(bundle.world.clone()).map_err(|WorldError(faults)| Faults(faults))?;
    output.warnings(decider.warnings());
    Ok(Loaded { bundle, decider })
}

/// A moment from the command line, or now.
pub fn moment(at: Option<&str>) -> anyhow::Result<Timestamp> {
    match at {
        Some(text) => Ok(Timestamp::parse(text).map_err(|error| NotUsable(error.to_string()))?),
        None => {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .context("the clock is wrong")?;
            Ok(Timestamp::from_seconds(i64::try_from(now.as_secs())?))
        }
    }
}

/// A dataset by its whole id, or by its collection where only one manifest has it.
pub fn dataset(bundle: &Bundle, name: &str) -> anyhow::Result<DatasetId> {
    let all = &bundle.world.datasets;
    if let Ok(id) = DatasetId::new(name)
        && all.contains_key(&id)
    {
        return Ok(id);
    }
    let matching: Vec<&DatasetId> = all.keys().filter(|id| id.collection() == name).collect();
    match matching.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let known: Vec<&str> = all.keys().map(DatasetId::as_str).collect();
            let text = format!(
                "there is no dataset `{name}`; the catalogue has {}",
                known.join(", ")
            );
            Err(NotUsable(text).into())
        }
        several => {
            let names: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            let text = format!(
                "`{name}` is in several manifests; write {}",
                names.join(" or ")
            );
            Err(NotUsable(text).into())
        }
    }
}

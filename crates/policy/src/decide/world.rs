//! Everything a decider is made from: the active bundle as plain types.

use std::collections::{BTreeMap, BTreeSet};

use model::{Dataset, DatasetId, Diagnostic, Purpose, PurposeId, RegimeId, Register};

use crate::cedar::{Source, Tier};
use crate::ladder::Ladder;
use crate::regime::Regime;

/// The house rules that are compiled in.
const BASE: &str = include_str!("../../../../policies/base.cedar");

/// A bundle: law, ladder, policies, catalogue and people.
#[derive(Clone, Debug)]
pub struct World {
    /// The regimes in force; their floors add up.
    pub regimes: Vec<Regime>,
    /// A regime may be looked at without the one it requires: for study only.
    pub museum: bool,
    /// The ladder.
    pub ladder: Ladder,
    /// The deployment's own policies.
    pub rules: Vec<RulesFile>,
    /// The catalogue.
    pub datasets: BTreeMap<DatasetId, Dataset>,
    /// The people.
    pub register: Register,
    /// The purposes people may state.
    pub purposes: BTreeMap<PurposeId, Purpose>,
}

/// A file of the deployment's own Cedar policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesFile {
    /// Its name, for messages.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// A bundle that cannot be decided with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", list(.0))]
pub struct WorldError(pub Vec<Diagnostic>);

fn list(faults: &[Diagnostic]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl World {
    /// The ids of the regimes.
    pub fn regime_ids(&self) -> BTreeSet<RegimeId> {
        self.regimes
            .iter()
            .map(|regime| regime.id.clone())
            .collect()
    }

    /// What keeps the regimes from being loaded together.
    pub(super) fn regime_problems(&self) -> Vec<Diagnostic> {
        let ids = self.regime_ids();
        let mut found = Vec::new();
        if self.regimes.is_empty() {
            found.push(Diagnostic::error(
                "cordon.toml",
                "no regime is loaded, so no law would set a floor",
                "name at least one, e.g. `regimes = [\"us-dsp\"]`",
            ));
        }
        if ids.len() < self.regimes.len() {
            found.push(Diagnostic::error(
                "cordon.toml",
                "a regime is loaded twice",
                "name each regime once",
            ));
        }
        for regime in &self.regimes {
            let missing = regime
                .requires
                .as_ref()
                .filter(|needed| !ids.contains(*needed));
            if let Some(needed) = missing
                && !self.museum
            {
                found.push(Diagnostic::error(
                    "cordon.toml",
                    format!(
                        "the regime `{}` loads only together with `{needed}`",
                        regime.id
                    ),
                    format!("add `{needed}` to `regimes`, or set `museum = true` to study it"),
                ));
            }
        }
        for regime in self
            .regimes
            .iter()
            .filter(|regime| regime.historical && !self.museum)
        {
            if regime.requires.is_none() {
                found.push(Diagnostic::error(
                    "cordon.toml",
                    format!(
                        "the regime `{}` is historical and names none that must be with it",
                        regime.id
                    ),
                    "give it `requires`, or set `museum = true` to study it",
                ));
            }
        }
        // LIMIT: every union of homes is a row class of its own.
        if self.regimes.len() > super::residency::REGIMES_MAX {
            found.push(Diagnostic::error(
                "cordon.toml",
                format!("{} regimes are loaded", self.regimes.len()),
                format!("load at most {}", super::residency::REGIMES_MAX),
            ));
        }
        found
    }

    /// All policies with the tier each has.
    pub(super) fn sources(&self) -> Vec<Source> {
        let mut sources = vec![Source {
            file: "policies/base.cedar".to_owned(),
            text: BASE.to_owned(),
            tier: Tier::House,
        }];
        for regime in &self.regimes {
            sources.push(Source {
                file: format!("regimes/{}/floor.cedar", regime.id),
                text: regime.floor.clone(),
                tier: Tier::Floor(regime.id.clone()),
            });
            sources.push(Source {
                file: format!("regimes/{}/oversight.cedar", regime.id),
                text: regime.oversight.clone(),
                tier: Tier::House,
            });
        }
        sources.extend(self.rules.iter().map(|rules| Source {
            file: rules.file.clone(),
            text: rules.text.clone(),
            tier: Tier::Rules,
        }));
        sources
    }
}

//! Where each thing lies in the directory of a deployment.

use std::path::{Path, PathBuf};

/// The files and folders of one directory DIR.
///
/// ```text
/// cordon.toml            name, home, regimes, stores, upstreams, purposes
/// people.yaml            the people register
/// catalog/*.yaml         Fides manifests
/// policy/*.cedar         the deployment's own policies
/// ladder.yaml            optional: approvals by level, never fewer than the ladder that is shipped
/// regimes/ID/            optional: regime.yaml, floor.cedar, oversight.cedar (optional)
/// grants.yaml            optional, evaluation only
/// assessments.yaml       optional, evaluation only
/// delegations/*.yaml     optional: for whom services may act, each with its signature, *.yaml.sig
/// secrets/               keys and passwords, mode 0600; this crate never looks inside
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) const SETTINGS: &'static str = "cordon.toml";
    pub(crate) const PEOPLE: &'static str = "people.yaml";
    pub(crate) const LADDER: &'static str = "ladder.yaml";
    pub(crate) const GRANTS: &'static str = "grants.yaml";
    pub(crate) const ASSESSMENTS: &'static str = "assessments.yaml";
    pub(crate) const DELEGATIONS: &'static str = "delegations";
    pub(crate) const CATALOG: &'static str = "catalog";
    pub(crate) const POLICY: &'static str = "policy";
    pub(crate) const REGIMES: &'static str = "regimes";

    /// The files that may lie directly in DIR.
    pub(crate) const FILES: [&'static str; 5] = [
        Self::SETTINGS,
        Self::PEOPLE,
        Self::LADDER,
        Self::GRANTS,
        Self::ASSESSMENTS,
    ];

    /// The layout of a directory.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// DIR itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The settings.
    pub fn settings(&self) -> PathBuf {
        self.root.join(Self::SETTINGS)
    }

    /// The people register.
    pub fn people(&self) -> PathBuf {
        self.root.join(Self::PEOPLE)
    }

    /// The folder of manifests.
    pub fn catalog(&self) -> PathBuf {
        self.root.join(Self::CATALOG)
    }

    /// The folder of policies.
    pub fn policy(&self) -> PathBuf {
        self.root.join(Self::POLICY)
    }

    /// The ladder.
    pub fn ladder(&self) -> PathBuf {
        self.root.join(Self::LADDER)
    }

    /// The grants.
    pub fn grants(&self) -> PathBuf {
        self.root.join(Self::GRANTS)
    }

    /// The assessments.
    pub fn assessments(&self) -> PathBuf {
        self.root.join(Self::ASSESSMENTS)
    }

    /// The folder of delegations.
    pub fn delegations(&self) -> PathBuf {
        self.root.join(Self::DELEGATIONS)
    }

    /// The folder of the deployment's own regimes.
    pub fn regimes(&self) -> PathBuf {
        self.root.join(Self::REGIMES)
    }

    /// The folder of keys and passwords.
    pub fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// A file of DIR by the name that messages use for it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

//! What the checks look at: the workspace's crates, every locked package, every text file.
//!
//! This is the only file that runs cargo and git or reads the disk; checks take a [`House`] and are
//! tested with small made-up ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// Everything a check may look at.
#[derive(Default)]
pub struct House {
    /// The folder of the workspace.
    pub root: PathBuf,
    /// The crates of the workspace, by name.
    pub members: Vec<Member>,
    /// Every package in `Cargo.lock` that is not ours.
    pub packages: Vec<Locked>,
    /// Every text file that git tracks, or would track when added.
    pub files: Vec<File>,
}

/// A crate of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Its name, which is also its folder's.
    pub name: String,
    /// Its folder, relative to the root.
    pub folder: String,
    /// What it says of itself in `[package.metadata.cordon] ring`.
    pub ring: Option<String>,
    /// What its manifest names.
    pub dependencies: Vec<Dependency>,
    /// Packages that are not ours and that it reaches without passing through another crate of
    /// ours, tests aside.
    pub reaches: BTreeSet<String>,
}

/// One line of a manifest.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// Whether it is a crate of the workspace.
    pub ours: bool,
    /// Whether only tests use it.
    pub dev: bool,
}

/// A package of `Cargo.lock` that is not ours.
#[derive(Clone, Debug)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its SPDX expression.
    pub licence: Option<String>,
}

/// A text file.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl House {
    /// Asks cargo and git.
    pub fn read() -> Result<Self> {
        // All features: a package behind a feature nobody turns on today is still in the lock.
        let metadata = MetadataCommand::new()
            .features(cargo_metadata::CargoOpt::AllFeatures)
            .exec()
            .context("cargo metadata failed")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let members = read_members(&metadata);
        let ours: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
        let packages = metadata
            .packages
            .iter()
            .filter(|package| !ours.contains(&package.id))
            .map(|package| Locked {
                name: package.name.to_string(),
                version: package.version.to_string(),
                licence: package.license.clone(),
            })
            .collect();
        let files = read_files(&root)?;
        Ok(Self {
            root,
            members,
            packages,
            files,
        })
    }

    /// The text of a file, or nothing.
    pub fn text(&self, path: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.path == path)?;
        Some(&file.text)
    }
}

fn read_members(metadata: &Metadata) -> Vec<Member> {
    let packages = metadata.workspace_packages();
    let names: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let mut members: Vec<Member> = packages
        .iter()
        .map(|package| Member {
            name: package.name.to_string(),
            folder: folder_of(package, metadata),
            ring: package.metadata["cordon"]["ring"]
                .as_str()
                .map(str::to_owned),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    name: dependency.name.clone(),
                    ours: dependency.path.is_some() && names.contains(dependency.name.as_str()),
                    dev: dependency.kind == DependencyKind::Development,
                })
                .collect(),
            reaches: reached_from(&package.id, metadata),
        })
        .collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

fn folder_of(package: &Package, metadata: &Metadata) -> String {
    let folder = package
        .manifest_path
        .parent()
        .unwrap_or(&package.manifest_path);
    let folder = folder
        .strip_prefix(&metadata.workspace_root)
        .unwrap_or(folder);
    folder.as_str().replace('\\', "/")
}

/// Walks the resolved graph and stops at the other crates of the workspace.
fn reached_from(start: &PackageId, metadata: &Metadata) -> BTreeSet<String> {
    let Some(resolve) = &metadata.resolve else {
        return BTreeSet::new();
    };
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, &p.name)).collect();
    let mut seen = BTreeSet::from([start]);
    let mut waiting = vec![start];
    while let Some(node) = waiting.pop().and_then(|id| nodes.get(id)) {
        for dependency in &node.deps {
            let for_tests_only = dependency
                .dep_kinds
                .iter()
                .all(|kind| kind.kind == DependencyKind::Development);
            let ours = metadata.workspace_members.contains(&dependency.pkg);
            if !for_tests_only && !ours && seen.insert(&dependency.pkg) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    seen.remove(start);
    seen.into_iter()
        .filter_map(|id| names.get(id).map(|name| name.to_string()))
        .collect()
}

/// New files count before they are added, so that a check fails before the commit, not after.
fn read_files(root: &Path) -> Result<Vec<File>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others"])
        .args(["--exclude-standard", "--deduplicate"])
        .current_dir(root)
        .output()
        .context("git is needed to list the files of the repository")?;
    ensure!(
        output.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listed = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // A file that was deleted but not yet committed, or one that is not text, has nothing to
        // check.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            files.push(File {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_reaches_through_others_packages_but_not_through_our_crates() {
        let metadata = MetadataCommand::new().exec().unwrap();
        let members = read_members(&metadata);
        let document = members.iter().find(|m| m.name == "document").unwrap();
        assert_eq!(document.ring.as_deref(), Some("pure"));
        assert_eq!(document.folder, "crates/document");
        // `serde_core` stands behind `serde`; `chrono` only behind our `model`; `insta` is for tests.
        assert!(document.reaches.contains("serde_core"));
        assert!(!document.reaches.contains("chrono"));
        assert!(!document.reaches.contains("insta"));
    }
}

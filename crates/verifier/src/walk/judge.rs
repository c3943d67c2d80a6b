//! What follows from the root: whether entries or tiles were changed, and which.

use std::collections::BTreeSet;

use merkle::{Hash, TilePath, TreeHead, inclusion_proof};

use super::{Progressing, Suspect};
use crate::finding::{At, Findings};
use crate::{Code, Error};

impl Progressing<'_> {
    /// Compares the root of the entries with the one that was signed. If it is the same, the
    /// entries are right and every tile that differs is wrong. If not, an entry whose tile leads to
    /// the signed root is the one that was changed.
    pub(super) fn conclude(
        &mut self,
        head: &TreeHead,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let root = self.tree.frontier().root();
        self.walked.roots.insert(head.size, root);
        if root == head.root {
            self.blame_tiles(findings);
            return Ok(());
        }
        let text = format!(
            "the {} entries give the root {root}, the checkpoint says {}",
            head.size, head.root
        );
        findings.add(Code::RootMismatch, At::Log, text);
        self.blame_entries(head, findings)
    }

    fn blame_tiles(&self, findings: &mut Findings) {
        let of_entries = self.suspects.iter().map(|suspect| suspect.index / 256);
        let leaves: BTreeSet<u64> = of_entries.collect();
        for index in leaves {
            let left = self.files.size.saturating_sub(index * 256).min(256);
            let width = u16::try_from(left).unwrap_or(256);
            if let Ok(path) = TilePath::new(0, index, width) {
                blame_tile(&path, findings);
            }
        }
        for path in &self.altered {
            blame_tile(path, findings);
        }
    }

    fn blame_entries(&self, head: &TreeHead, findings: &mut Findings) -> Result<(), Error> {
        let mut swapped = BTreeSet::new();
        for suspect in &self.suspects {
            let partner = self.suspects.iter().find(|other| {
                other.in_tile == suspect.computed && other.computed == suspect.in_tile
            });
            if let Some(other) = partner {
                if swapped.insert(suspect.index.min(other.index)) {
                    let text = format!("it stands in the place of entry {}", other.index);
                    findings.add(Code::EntriesSwapped, At::Entry(suspect.index), text);
                }
                continue;
            }
            self.blame_entry(head, suspect, findings);
        }
        Ok(())
    }

    fn blame_entry(&self, head: &TreeHead, suspect: &Suspect, findings: &mut Findings) {
        // The proof is checked against the signed root before it is given.
        if inclusion_proof(&self.files, head, suspect.index).is_ok() {
            let text = format!(
                "its hash is {}, the log signed {}",
                short(&suspect.computed),
                short(&suspect.in_tile)
            );
            findings.add(Code::EntryAltered, At::Entry(suspect.index), text);
        }
    }
}

fn blame_tile(path: &TilePath, findings: &mut Findings) {
    findings.add(
        Code::TileAltered,
        At::File(path.to_string()),
        "it is not what the entries give; derive it again from them",
    );
}

/// Enough of a hash to tell two apart.
fn short(hash: &Hash) -> String {
    hash.to_hex().chars().take(16).collect()
}

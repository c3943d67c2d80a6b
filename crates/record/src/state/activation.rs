//! Versions of constitution, people register, catalogue and policies; changes of labels.

use super::facts::Version;
use super::{Refused, State};
use crate::body::{Catalogue, Constitution, LabelChange, People, Policy};
use crate::entry::Entry;
use crate::fixed::Digest;

impl State {
    pub(super) fn check_constitution(
        &self,
        body: &Constitution,
        entry: &Entry,
    ) -> Result<(), Refused> {
        let before = self.facts.constitution.as_ref();
        follows("constitution", before, body.version, body.previous)?;
        if body.expires_ms <= entry.time_ms {
            return Err(Refused::EndsEarly("constitution"));
        }
        // One that has expired can still be followed by the next, or nobody ever could again.
        self.check_signers(&body.by)
    }

    pub(super) fn check_people(&self, body: &People, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        let before = self.facts.people.as_ref();
        follows("people register", before, body.version, body.previous)?;
        self.check_signers(&body.by)
    }

    pub(super) fn check_catalogue(&self, body: &Catalogue, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        let before = self.facts.catalogue.as_ref();
        follows("catalogue", before, body.version, body.previous)?;
        let announced = self.facts.label_changes.values();
        let announced = announced.map(|fields| fields.len() as u64).sum();
        if body.label_changes != announced {
            return Err(Refused::LabelChanges {
                announced,
                brought: body.label_changes,
            });
        }
        self.check_signers(&body.by)
    }

    pub(super) fn check_policy(&self, body: &Policy, entry: &Entry) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        let before = self.facts.policy.as_ref();
        follows("policy", before, body.version, body.previous)?;
        self.check_signers(&body.by)
    }

    pub(super) fn check_label_change(
        &self,
        body: &LabelChange,
        entry: &Entry,
    ) -> Result<(), Refused> {
        self.check_constituted(entry)?;
        let expected = next(self.facts.catalogue.as_ref());
        if body.catalogue != expected {
            return Err(Refused::Version {
                what: "catalogue",
                expected,
                version: body.catalogue,
            });
        }
        let (dataset, field) = (body.dataset.clone(), body.field.clone());
        if body.from == body.to {
            return Err(Refused::LabelSame { dataset, field });
        }
        let announced = self.facts.label_changes.get(&dataset);
        if let Some(index) = announced.and_then(|fields| fields.get(&field)).copied() {
            return Err(Refused::LabelTwice {
                dataset,
                field,
                index,
            });
        }
        self.check_signers(&body.by)
    }
}

fn next(before: Option<&Version>) -> u64 {
    before.map_or(1, |before| before.number.saturating_add(1))
}

/// Versions have no gap, and each names the one before it.
fn follows(
    what: &'static str,
    before: Option<&Version>,
    version: u64,
    previous: Option<Digest>,
) -> Result<(), Refused> {
    let expected = next(before);
    if version != expected {
        return Err(Refused::Version {
            what,
            expected,
            version,
        });
    }
    if previous == before.map(|before| before.hash) {
        Ok(())
    } else {
        Err(Refused::Previous { what })
    }
}

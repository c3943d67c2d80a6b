//! What comes after the policies: observe mode, unseen rows, whole domains, partly hidden rows.

use std::collections::BTreeSet;

use model::{DomainId, Field, Mask, PersonId};

use super::case::{Case, Part, PersonAnswer};
use super::decision::Observed;
use super::domain::{mask_whole, masked_domains};
use super::observe::lift;
use super::residency::row_classes;
use crate::error::Failure;

impl<'a> Case<'a> {
    /// Everything that comes after the policies, in this order: observe mode lifts, unseen rows
    /// hide their cells, pseudonym domains are made whole, partly hidden rows are left out.
    pub(super) fn settle(
        &self,
        parts: &[Part<'a>],
        whole: &mut PersonAnswer,
        observed: &mut Vec<Observed>,
        via_service: bool,
        people: &[PersonId],
    ) -> Result<(), Failure> {
        for (part, draft) in parts.iter().zip(&mut whole.drafts) {
            observed.extend(lift(part.dataset, draft, self.now));
            draft.hide_unseen_rows();
        }
        let mut masked = BTreeSet::new();
        let uses_domains = parts.iter().any(|part| {
            part.fields
                .iter()
                .any(|f| f.mask.as_ref().and_then(Mask::domain).is_some())
        });
        if uses_domains {
            for id in people {
                masked.extend(self.masked_everywhere(id, via_service)?);
            }
            for (part, draft) in parts.iter().zip(&whole.drafts) {
                masked.extend(masked_domains(part.dataset, draft));
            }
        }
        for (part, draft) in parts.iter().zip(&mut whole.drafts) {
            mask_whole(part.dataset, draft, &masked);
            draft.leave_out_partly_hidden_rows();
            draft.hide_unseen_rows();
        }
        Ok(())
    }

    /// The domains that the person sees masked anywhere in the catalogue.
    pub(super) fn masked_everywhere(
        &self,
        id: &PersonId,
        via_service: bool,
    ) -> Result<BTreeSet<DomainId>, Failure> {
        let world = &self.decider.world;
        let parts: Vec<Part<'a>> = self
            .decider
            .world
            .datasets
            .values()
            .filter_map(|dataset| {
                let keyed = |f: &&Field| f.mask.as_ref().and_then(Mask::domain).is_some();
                let fields: Vec<&Field> = dataset.fields.iter().filter(keyed).collect();
                let classes = row_classes(dataset, &world.datasets, &self.decider.residencies);
                (!fields.is_empty()).then_some(Part {
                    dataset,
                    fields,
                    classes,
                })
            })
            .collect();
        let mut masked = BTreeSet::new();
        if let Some(mut answer) = self.person_whatever_teams(id, &parts, via_service)? {
            for (part, draft) in parts.iter().zip(&mut answer.drafts) {
                lift(part.dataset, draft, self.now);
                draft.hide_unseen_rows();
                masked.extend(masked_domains(part.dataset, draft));
            }
        }
        Ok(masked)
    }
}

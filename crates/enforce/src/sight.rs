//! What a person sees of each dataset, as `sql` asks it while it reads names.

use std::collections::BTreeMap;

use model::{DatasetId, FieldName, Rows, Verdict, View};
use policy::{Ask, Decider, Hash, Outcome};

use crate::enforcer::{Moment, Request};

/// Asks the decider for everything in a dataset, and keeps the first refusal with its hint.
pub(crate) struct Sight<'a> {
    pub(crate) decider: &'a Decider,
    pub(crate) request: &'a Request<'a>,
    pub(crate) refused: Option<policy::Refused>,
    /// The view of everything in each dataset that was asked for.
    pub(crate) seen: BTreeMap<DatasetId, Hash>,
}

impl sql::Sight for Sight<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, sql::Refused> {
        let Moment {
            session,
            rights,
            now,
        } = self.request.moment;
        let outcome = self
            .decider
            .decide(session, &Ask::view(dataset.clone()), rights, now);
        match outcome {
            Outcome::Permitted(permit) => {
                let Some(interned) = permit.view(dataset) else {
                    return Ok(BTreeMap::new());
                };
                self.seen.insert(dataset.clone(), interned.hash);
                Ok(fields_of(&interned.view))
            }
            Outcome::Refused(refused) => {
                let code = refused.code;
                self.refused = Some(refused);
                Err(sql::Refused::new(code, ""))
            }
        }
    }
}

/// The fields of a view, and whether each is clear in every row that is seen.
fn fields_of(view: &View) -> BTreeMap<FieldName, bool> {
    view.fields
        .iter()
        .map(|(name, field)| {
            let is_clear = view
                .rows
                .iter()
                .filter(|(_, rows)| **rows != Rows::Unseen)
                .all(|(class, _)| {
                    field
                        .cells
                        .get(class)
                        .is_some_and(|cell| cell.verdict == Verdict::Clear)
                });
            (name.clone(), is_clear)
        })
        .collect()
}

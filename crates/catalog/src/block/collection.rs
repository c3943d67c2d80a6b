//! The block of a collection: whom it is about, when its rows are public, its rollout, its owner.

use model::{Observe, PersonId, Timestamp};

use super::condition::{self, Condition};
use super::subjects::SubjectsBlock;
use super::{manifest, open};
use crate::entry::{Entry, Faults, Keys};

#[derive(Clone, Debug, Default)]
pub(crate) struct CollectionBlock {
    pub(crate) subjects: SubjectsBlock,
    pub(crate) level_when: Option<Condition>,
    pub(crate) observe: Option<Observe>,
    pub(crate) owner: Option<PersonId>,
}

impl CollectionBlock {
    pub(crate) fn read(keys: &Keys<'_>, faults: &mut Faults) -> Self {
        let known = ["subjects", "level_when", "observe", "owner"];
        let Some(block) = open(keys, &known, faults) else {
            return Self::default();
        };
        Self {
            subjects: SubjectsBlock::read(&block, faults),
            level_when: block
                .get("level_when")
                .and_then(|entry| condition::read(&entry, faults)),
            observe: block
                .get("observe")
                .and_then(|entry| observe(&entry, faults)),
            owner: manifest::owner(&block, faults).map(|found| found.value),
        }
    }
}

fn observe(entry: &Entry<'_>, faults: &mut Faults) -> Option<Observe> {
    let keys = entry.keys(faults)?;
    keys.deny_unknown(&["from", "until"], faults);
    let mut moment = |name: &str| {
        let entry = keys.require(name, faults)?;
        let found = entry.parse(Timestamp::parse, "write a date or a time in UTC", faults)?;
        Some((found.value, entry.place))
    };
    let (from, until) = (moment("from"), moment("until"));
    let ((from, _), (until, place)) = (from?, until?);
    if until <= from {
        let cause = format!("observing would end at {until}, before it begins at {from}");
        faults.push(place.error(cause, "write a later `until`"));
        return None;
    }
    let latest = from.plus_days(Observe::DAYS_MAX);
    if until > latest {
        let cause = format!(
            "observing may last {} days at most, until {latest}",
            Observe::DAYS_MAX
        );
        faults.push(place.error(
            cause,
            "write an earlier `until`, and ask again when it is over",
        ));
        return None;
    }
    Some(Observe { from, until })
}

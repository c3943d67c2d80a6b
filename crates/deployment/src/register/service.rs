//! A shared tool account with everybody who looks at its screens.

use model::{ServiceAudience, ServiceId};

use super::organisation::person;
use super::{id, name_or};
use crate::entry::Keys;
use crate::notes::{Notes, Place};

pub(super) fn read(
    name: (&str, &Place),
    keys: &Keys<'_>,
    notes: &mut Notes,
) -> Option<ServiceAudience> {
    let id = id(name, ServiceId::new, notes)?;
    keys.deny_unknown(&["name", "audience"], notes);
    let entry = keys.require("audience", notes)?;
    let audience = entry.all(notes, person)?;
    if audience.is_empty() {
        let cause = "nobody is in the audience, so nobody can say what the tool may see";
        notes.fault(
            entry
                .place
                .error(cause, "name everybody who looks at its screens"),
        );
        return None;
    }
    Some(ServiceAudience {
        name: name_or(keys, id.as_str(), notes),
        audience: audience.into_iter().collect(),
        id,
    })
}

//! One approval: `{ by: sam, role: home_security, signed_from: US, at: 2026-01-31T09:00:00Z }`.

use model::Approval;

use crate::entry::{Entry, Keys};
use crate::notes::Notes;
use crate::register::fact::moment;
use crate::register::organisation::person;
use crate::register::person::role;
use crate::settings::country;

pub(super) fn list(keys: &Keys<'_>, notes: &mut Notes) -> Option<Vec<Approval>> {
    keys.require("approvals", notes)?.all(notes, approval)
}

fn approval(entry: &Entry<'_>, notes: &mut Notes) -> Option<Approval> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["by", "role", "signed_from", "at"], notes);
    let approver = keys
        .require("by", notes)
        .and_then(|entry| person(&entry, notes));
    let role = keys
        .require("role", notes)
        .and_then(|entry| role(&entry, notes));
    let signed_from = match keys.get("signed_from") {
        None => Some(None),
        Some(entry) => country(&entry, notes).map(Some),
    };
    let at = keys
        .require("at", notes)
        .and_then(|entry| moment(&entry, notes));
    Some(Approval {
        approver: approver?,
        role: role?,
        signed_from: signed_from?,
        at: at?,
    })
}

//! An assessment: one dataset, one class of recipients, the masks that were assessed.

use document::tree::Value;
use model::{Assessment, AssessmentId, MaskKind, RecipientClass, RegimeId};

use super::{approval, dataset, period, some_of, transaction};
use crate::entry::{Entry, Keys};
use crate::notes::{Notes, Place, Target};

const KNOWN: [&str; 8] = [
    "regime",
    "dataset",
    "recipient",
    "transaction",
    "masks",
    "start",
    "expires",
    "approvals",
];

pub(super) fn read(name: (&str, &Place), keys: &Keys<'_>, notes: &mut Notes) -> Option<Assessment> {
    keys.deny_unknown(&KNOWN, notes);
    let id = crate::register::id(name, AssessmentId::new, notes);
    let regime = keys.require("regime", notes).and_then(|entry| {
        let id = entry.parse(RegimeId::new, "name a regime of cordon.toml", notes)?;
        notes.refer(Target::Regime(id.clone()), &entry.place);
        Some(id)
    });
    let dataset = keys
        .require("dataset", notes)
        .and_then(|entry| dataset(&entry, notes));
    let recipient = keys.require("recipient", notes).and_then(|entry| {
        entry.parse(
            RecipientClass::new,
            "name a `recipient_class` of people",
            notes,
        )
    });
    let transaction = transaction(keys, notes);
    let masks = keys
        .require("masks", notes)
        .and_then(|entry| some_of(&entry, notes, mask));
    let period = period(keys, notes);
    let approvals = approval::list(keys, notes);
    let (start, expires, _) = period?;
    Some(Assessment {
        id: id?,
        regime: regime?,
        dataset: dataset?,
        recipient: recipient?,
        transaction: transaction?,
        masks: masks?,
        start,
        expires,
        approvals: approvals?,
    })
}

/// A plain `null` is the mask of that name, as in manifests.
fn mask(entry: &Entry<'_>, notes: &mut Notes) -> Option<MaskKind> {
    if *entry.value == Value::Null {
        return Some(MaskKind::Null);
    }
    let known: Vec<&str> = MaskKind::ALL.iter().map(|kind| kind.as_str()).collect();
    entry.word(MaskKind::parse, &known, notes)
}

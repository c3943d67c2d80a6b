//! A grant: who, for what purpose, which fields of which rows, from when until when, by whom.

use std::collections::BTreeSet;

use document::tree::Value;
use model::{
    Action, Exemption, FieldName, FlowId, Grant, GrantId, GrantKind, GrantScope, SubjectSet,
};

use super::{PlacedGrant, approval, dataset, period, purpose, some_of, transaction};
use crate::entry::{Entry, Keys};
use crate::notes::{Notes, Place, Target};
use crate::register::fact::moment;
use crate::register::organisation::person;

const KNOWN: [&str; 12] = [
    "flow",
    "break_glass",
    "requester",
    "purpose",
    "transaction",
    "exemption",
    "scope",
    "subjects",
    "start",
    "expires",
    "revoked",
    "approvals",
];

pub(super) fn read(
    name: (&str, &Place),
    keys: &Keys<'_>,
    notes: &mut Notes,
) -> Option<PlacedGrant> {
    keys.deny_unknown(&KNOWN, notes);
    let id = crate::register::id(name, GrantId::new, notes);
    let kind = kind(keys, notes);
    let requester = keys
        .require("requester", notes)
        .and_then(|entry| person(&entry, notes));
    let purpose = keys
        .require("purpose", notes)
        .and_then(|entry| purpose(&entry, notes));
    let transaction = transaction(keys, notes);
    let exemption = optional(keys, "exemption", notes, exemption);
    let scope = keys
        .require("scope", notes)
        .and_then(|entry| scopes(&entry, notes));
    let subjects = optional(keys, "subjects", notes, subjects);
    let period = period(keys, notes);
    let revoked = optional(keys, "revoked", notes, moment);
    let approvals = approval::list(keys, notes);
    let (start, expires, ends) = period?;
    let grant = Grant {
        id: id?,
        kind: kind?,
        requester: requester?,
        purpose: purpose?,
        transaction: transaction?,
        exemption: exemption?,
        scope: scope?,
        subjects: subjects?,
        start,
        expires,
        revoked: revoked?,
        approvals: approvals?,
    };
    Some(PlacedGrant { grant, ends })
}

/// `Some(None)` where it is absent, `None` where it is faulty: a limit that cannot be read must not
/// become no limit.
fn optional<'n, T>(
    keys: &Keys<'n>,
    key: &str,
    notes: &mut Notes,
    read: impl FnOnce(&Entry<'n>, &mut Notes) -> Option<T>,
) -> Option<Option<T>> {
    match keys.get(key) {
        None if keys.holds(key) => {
            let cause = format!("the key `{key}` has no value");
            let remedy = format!("write one, or take `{key}` out");
            notes.fault(keys.place.error(cause, remedy));
            None
        }
        None => Some(None),
        Some(entry) => read(&entry, notes).map(Some),
    }
}

fn kind(keys: &Keys<'_>, notes: &mut Notes) -> Option<GrantKind> {
    match (keys.get("flow"), keys.get("break_glass")) {
        (Some(entry), None) => {
            let id = entry.parse(FlowId::new, "name a flow of the ladder", notes)?;
            notes.refer(Target::Flow(id.clone()), &entry.place);
            Some(GrantKind::Ladder(id))
        }
        (None, Some(entry)) => entry.title(notes).map(GrantKind::BreakGlass),
        (Some(_), Some(_)) | (None, None) => {
            let cause = "a grant came about through a flow or through break-glass, not both";
            let remedy = "write `flow: id` or `break_glass: incident`";
            notes.fault(keys.place.error(cause, remedy));
            None
        }
    }
}

fn exemption(entry: &Entry<'_>, notes: &mut Notes) -> Option<Exemption> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["rule", "counsel_reference"], notes);
    let rule = keys
        .require("rule", notes)
        .and_then(|entry| entry.title(notes));
    let reference = keys
        .require("counsel_reference", notes)
        .and_then(|entry| entry.title(notes));
    Some(Exemption {
        rule: rule?,
        counsel_reference: reference?,
    })
}

fn scopes(entry: &Entry<'_>, notes: &mut Notes) -> Option<Vec<GrantScope>> {
    let scopes = entry.all(notes, scope)?;
    if scopes.is_empty() {
        notes.fault(
            entry
                .place
                .error("the grant opens nothing", "name a dataset and fields"),
        );
        return None;
    }
    Some(scopes)
}

fn scope(entry: &Entry<'_>, notes: &mut Notes) -> Option<GrantScope> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["dataset", "fields", "rows", "actions"], notes);
    let dataset = keys
        .require("dataset", notes)
        .and_then(|entry| dataset(&entry, notes));
    let fields = keys.require("fields", notes).and_then(|entry| {
        some_of(&entry, notes, |item, notes| {
            let field = item.parse(FieldName::new, "name a field of the dataset", notes)?;
            if let Some(dataset) = &dataset {
                let target = Target::Field(dataset.clone(), field.clone());
                notes.refer(target, &item.place);
            }
            Some(field)
        })
    });
    let rows = keys.require("rows", notes).and_then(|entry| {
        some_of(&entry, notes, |item, notes| {
            let parse = |text: &str| match text {
                "home" | "other" => Ok(text.to_owned()),
                _ => Err(format!("`{}` are no rows", text.escape_debug())),
            };
            item.word(parse, &["home", "other"], notes)
        })
    });
    let actions = keys
        .require("actions", notes)
        .and_then(|entry| some_of(&entry, notes, action));
    let rows: BTreeSet<String> = rows?;
    Some(GrantScope {
        dataset: dataset?,
        fields: fields?,
        home: rows.contains("home"),
        other: rows.contains("other"),
        actions: actions?,
    })
}

fn action(entry: &Entry<'_>, notes: &mut Notes) -> Option<Action> {
    let known: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    entry.word(Action::parse, &known, notes)
}

fn subjects(entry: &Entry<'_>, notes: &mut Notes) -> Option<SubjectSet> {
    let keys = entry.keys(notes)?;
    keys.deny_unknown(&["dataset", "keys"], notes);
    let dataset = keys
        .require("dataset", notes)
        .and_then(|entry| dataset(&entry, notes));
    let values = keys.require("keys", notes).and_then(|entry| {
        some_of(&entry, notes, |item, notes| {
            if let Value::Whole(number) = item.value {
                return Some(number.to_string());
            }
            item.title(notes)
        })
    });
    Some(SubjectSet {
        dataset: dataset?,
        keys: values?.into_iter().collect(),
    })
}

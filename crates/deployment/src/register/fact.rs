//! Facts in short form (`residence: US`, with the source and expiry of the person) and in long form
//! (`residence: { value: US, source: lease of May, expires: 2027-05-01 }`).

use document::tree::Value;
use model::{Fact, Timestamp};

use crate::entry::{Entry, Keys};
use crate::notes::{Notes, Place};

const LONG_FORM: [&str; 3] = ["value", "source", "expires"];

/// What a person or organisation says for all of its facts.
pub(super) struct Defaults {
    source: Stated<String>,
    expires: Stated<Timestamp>,
    /// Facts that have none of their own either.
    without_source: Vec<String>,
    without_expiry: Vec<String>,
}

/// A default that was written wrongly must not make each fact complain once more.
#[derive(Clone)]
enum Stated<T> {
    Absent,
    Faulty,
    Is(T),
}

impl<T> Stated<T> {
    fn or(self, other: Self) -> Self {
        match self {
            Self::Absent => other,
            Self::Faulty | Self::Is(_) => self,
        }
    }
}

impl Defaults {
    pub(super) fn read(keys: &Keys<'_>, notes: &mut Notes) -> Self {
        Self {
            source: stated(keys, "source", notes, Entry::title),
            expires: stated(keys, "expires", notes, moment),
            without_source: Vec::new(),
            without_expiry: Vec::new(),
        }
    }

    /// A fact without source or expiry is a fault: nobody could say who believes it, or for how
    /// long. Told once for all facts of a person.
    pub(super) fn finish(self, place: &Place, notes: &mut Notes) {
        for (key, facts) in [
            ("source", self.without_source),
            ("expires", self.without_expiry),
        ] {
            if facts.is_empty() {
                continue;
            }
            let cause = format!("no `{key}` is written for {}", facts.join(", "));
            let remedy = format!(
                "write `{key}:` beside the facts, or `{{ value: .., {key}: .. }}` for one of them"
            );
            notes.fault(place.error(cause, remedy));
        }
    }
}

fn stated<'n, T>(
    keys: &Keys<'n>,
    key: &str,
    notes: &mut Notes,
    read: impl FnOnce(&Entry<'n>, &mut Notes) -> Option<T>,
) -> Stated<T> {
    match keys.get(key) {
        None => Stated::Absent,
        Some(entry) => read(&entry, notes).map_or(Stated::Faulty, Stated::Is),
    }
}

/// A date is its first second in UTC.
pub(crate) fn moment(entry: &Entry<'_>, notes: &mut Notes) -> Option<Timestamp> {
    entry.parse(
        Timestamp::parse,
        "write a date or a time in UTC, e.g. `2027-01-31`",
        notes,
    )
}

/// Reads one fact; `None` where it is absent or faulty.
pub(super) fn fact<'n, T>(
    keys: &Keys<'n>,
    name: &str,
    defaults: &mut Defaults,
    notes: &mut Notes,
    read: impl FnOnce(&Entry<'n>, &mut Notes) -> Option<T>,
) -> Option<Fact<T>> {
    let entry = keys.get(name)?;
    let (value, source, expires) = match long_form(&entry, notes) {
        Some(long) => {
            long.deny_unknown(&LONG_FORM, notes);
            let value = long
                .require("value", notes)
                .and_then(|entry| read(&entry, notes));
            let source = stated(&long, "source", notes, Entry::title);
            let expires = stated(&long, "expires", notes, moment);
            (value, source, expires)
        }
        None => (read(&entry, notes), Stated::Absent, Stated::Absent),
    };
    let source = source.or(defaults.source.clone());
    let expires = expires.or(defaults.expires.clone());
    if matches!(source, Stated::Absent) {
        defaults.without_source.push(name.to_owned());
    }
    if matches!(expires, Stated::Absent) {
        defaults.without_expiry.push(name.to_owned());
    }
    match (value, source, expires) {
        (Some(value), Stated::Is(source), Stated::Is(expires)) => Some(Fact {
            value,
            source,
            expires,
        }),
        _ => None,
    }
}

/// The keys of the long form. `{ state: CN }` and `{ holdings: .. }` are values in short form.
fn long_form<'n>(entry: &Entry<'n>, notes: &mut Notes) -> Option<Keys<'n>> {
    match entry.value {
        Value::Map(_) => entry
            .keys(notes)
            .filter(|keys| LONG_FORM.iter().any(|key| keys.holds(key))),
        Value::Null
        | Value::Boolean(_)
        | Value::Whole(_)
        | Value::Fraction
        | Value::Text(_)
        | Value::List(_) => None,
    }
}

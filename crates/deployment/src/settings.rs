//! `cordon.toml`: who the deployment is, under which law, where its data lies, what it is used for.

use std::collections::{BTreeMap, BTreeSet};

use model::{Jurisdiction, Purpose, PurposeId, ReasonCode, RegimeId, Store, StoreId};

use crate::entry::{Entry, Keys};
use crate::layout::Layout;
use crate::notes::{Notes, Place};
use crate::service::{self, Service};
use crate::table;
use crate::url::{Url, holds_password};

pub(crate) const COUNTRY: &str =
    "write an ISO 3166 code or a usual country name; in YAML, Norway is \"NO\"";

/// The settings as far as they could be read.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) home: Option<(Jurisdiction, Place)>,
    pub(crate) regimes: Option<Vec<(RegimeId, Place)>>,
    pub(crate) museum: bool,
    pub(crate) stores: BTreeMap<StoreId, Store>,
    pub(crate) upstreams: BTreeMap<String, Url>,
    /// Stores, upstreams and purposes by the names written, also where the rest is faulty: a name
    /// must not look unknown because of another fault.
    pub(crate) written: Written,
    pub(crate) purposes: BTreeMap<PurposeId, Purpose>,
    pub(crate) service: Service,
}

/// Names that the settings define, well or badly.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) stores: BTreeSet<String>,
    pub(crate) upstreams: BTreeSet<String>,
    pub(crate) purposes: BTreeSet<String>,
}

/// Reads the settings; `None` where the text is not TOML at all.
pub(crate) fn read(text: &str, notes: &mut Notes) -> Option<Settings> {
    let tree = match table::read(Layout::SETTINGS, text) {
        Ok(tree) => tree,
        Err(faults) => {
            notes.faults.extend(faults);
            return None;
        }
    };
    let keys = Entry::root(Layout::SETTINGS, &tree).keys(notes)?;
    let known = [
        "name", "home", "regimes", "museum", "store", "upstream", "purpose", "gateway", "tls",
        "limits", "oidc", "witness", "network",
    ];
    keys.deny_unknown(&known, notes);
    let mut written = Written::default();
    Some(Settings {
        name: keys
            .require("name", notes)
            .and_then(|entry| entry.title(notes)),
        home: keys
            .require("home", notes)
            .and_then(|entry| Some((country(&entry, notes)?, entry.place))),
        regimes: regimes(&keys, notes),
        museum: keys
            .get("museum")
            .and_then(|entry| entry.truth(notes))
            .unwrap_or(false),
        stores: stores(&keys, &mut written, notes),
        upstreams: upstreams(&keys, &mut written, notes),
        purposes: purposes(&keys, &mut written, notes),
        service: service::read(&keys, notes),
        written,
    })
}

pub(crate) fn country(entry: &Entry<'_>, notes: &mut Notes) -> Option<Jurisdiction> {
    entry.parse(Jurisdiction::parse, COUNTRY, notes)
}

fn regimes(keys: &Keys<'_>, notes: &mut Notes) -> Option<Vec<(RegimeId, Place)>> {
    let entry = keys.require("regimes", notes)?;
    entry.all(notes, |item, notes| {
        let id = item.parse(RegimeId::new, "name a regime, e.g. `us-dsp`", notes)?;
        Some((id, item.place.clone()))
    })
}

fn stores(keys: &Keys<'_>, written: &mut Written, notes: &mut Notes) -> BTreeMap<StoreId, Store> {
    let mut stores = BTreeMap::new();
    let items = keys.get("store").and_then(|entry| entry.list(notes));
    for item in items.unwrap_or_default() {
        let Some(keys) = item.keys(notes) else {
            continue;
        };
        keys.deny_unknown(&["id", "country"], notes);
        let id = keys.require("id", notes).and_then(|entry| {
            let id = entry.parse(StoreId::new, "name the store, e.g. `us-1`", notes)?;
            written.stores.insert(id.to_string());
            Some((id, entry.place))
        });
        let jurisdiction = keys
            .require("country", notes)
            .and_then(|entry| country(&entry, notes));
        if let (Some((id, place)), Some(jurisdiction)) = (id, jurisdiction) {
            let store = Store {
                id: id.clone(),
                jurisdiction,
            };
            if stores.insert(id.clone(), store).is_some() {
                let cause = format!("the store `{id}` is written twice");
                notes.fault(place.error(cause, "keep one of the two"));
            }
        }
    }
    stores
}

fn upstreams(keys: &Keys<'_>, written: &mut Written, notes: &mut Notes) -> BTreeMap<String, Url> {
    let mut upstreams = BTreeMap::new();
    let tables = keys.get("upstream").and_then(|entry| entry.keys(notes));
    for (name, entry) in tables.iter().flat_map(Keys::entries) {
        written.upstreams.insert(name.value.to_owned());
        let Some(keys) = entry.keys(notes) else {
            continue;
        };
        keys.deny_unknown(&["url"], notes);
        let Some(entry) = keys.require("url", notes) else {
            continue;
        };
        // No message may hold the address itself.
        match entry.text(notes) {
            Some(text) if holds_password(text) => {
                let cause = "the address holds a password, and this file is read by many";
                let remedy = "take it out and write it to a file in secrets/, mode 0600";
                notes.fault(entry.place.error(cause, remedy));
            }
            Some(text) if text.trim().is_empty() => {
                notes.fault(entry.place.error(
                    "the address is empty",
                    "write it, e.g. `postgres://host:5432/database`",
                ));
            }
            Some(text) => {
                upstreams.insert(name.value.to_owned(), Url::new(text.to_owned()));
            }
            None => {}
        }
    }
    upstreams
}

fn purposes(
    keys: &Keys<'_>,
    written: &mut Written,
    notes: &mut Notes,
) -> BTreeMap<PurposeId, Purpose> {
    let mut purposes = BTreeMap::new();
    let Some(tables) = keys.get("purpose").and_then(|entry| entry.keys(notes)) else {
        return purposes;
    };
    for (name, entry) in tables.entries() {
        written.purposes.insert(name.value.to_owned());
        let id = match PurposeId::new(name.value) {
            Ok(id) => id,
            Err(error) => {
                let place = tables.place_of(&name);
                notes.fault(place.error(error.to_string(), "name the purpose in one word"));
                continue;
            }
        };
        let Some(keys) = entry.keys(notes) else {
            continue;
        };
        keys.deny_unknown(&["title", "reason_codes"], notes);
        let title = keys
            .require("title", notes)
            .and_then(|entry| entry.title(notes));
        let codes = keys.get("reason_codes").map_or(Some(Vec::new()), |entry| {
            entry.all(notes, |item, notes| {
                item.parse(ReasonCode::new, "write a short code", notes)
            })
        });
        if let (Some(title), Some(reason_codes)) = (title, codes) {
            let purpose = Purpose {
                id: id.clone(),
                title,
                reason_codes,
            };
            purposes.insert(id, purpose);
        }
    }
    purposes
}

//! `delegations/`: for whom services may act. Each is a document in one exact form, `NAME.yaml`, and a
//! signature beside it, `NAME.yaml.sig`, by a key of the people register.

mod signature;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

use document::tree;
use model::{Delegation, Diagnostic, PersonId, Register, ServiceId, TeamId};

use crate::entry::{Entry, Keys};
use crate::files::{self, DOCUMENT_LENGTH_MAX, Unreadable};
use crate::layout::Layout;
use crate::notes::{Notes, Place, Target};
use crate::register::fact::moment;
use crate::register::organisation::person;

pub use signature::DELEGATION_NAMESPACE;
pub(crate) use signature::public_key;
pub use terms::DelegationTerms;

const DOCUMENT: &str = ".yaml";
const SIGNATURE: &str = ".yaml.sig";

/// A document with its place, not verified yet.
pub(crate) struct Draft {
    terms: DelegationTerms,
    text: String,
    place: Place,
    signature: Option<String>,
}

/// Reads the folder. Signatures are verified once the register is known.
pub(crate) fn read(layout: &Layout, notes: &mut Notes) -> Vec<Draft> {
    let listed = match files::list(&layout.file(Layout::DELEGATIONS)) {
        Ok(listed) => listed,
        Err(Unreadable::Missing) => return Vec::new(),
        Err(error) => {
            notes.fault(error.diagnostic(Layout::DELEGATIONS, "create the folder"));
            return Vec::new();
        }
    };
    let mut texts = BTreeMap::new();
    for entry in listed {
        let name = format!("{}/{}", Layout::DELEGATIONS, entry.name);
        let is_ours = name.ends_with(DOCUMENT) || name.ends_with(SIGNATURE);
        if entry.is_folder || !is_ours {
            let remedy = "a delegation is NAME.yaml, and its signature NAME.yaml.sig";
            notes.warn(Diagnostic::error(&name, "it is not read", remedy));
            continue;
        }
        match files::text(&layout.file(&name), DOCUMENT_LENGTH_MAX) {
            Ok(text) => {
                texts.insert(name, text);
            }
            Err(error) => notes.fault(error.diagnostic(&name, "remove it, or let it be read")),
        }
    }
    let mut drafts = Vec::new();
    for (name, text) in &texts {
        if let Some(document) = name.strip_suffix(".sig") {
            if !texts.contains_key(document) {
                let remedy = format!("put {document} beside it, or remove it");
                notes.fault(Diagnostic::error(name, "it signs nothing", remedy));
            }
            continue;
        }
        let signature = texts.get(&format!("{name}.sig")).cloned();
        drafts.extend(draft(name, text, signature, notes));
    }
    drafts
}

const KNOWN: [&str; 8] = [
    "delegation",
    "deployment",
    "service",
    "people",
    "teams",
    "purposes",
    "from",
    "until",
];

fn draft(name: &str, text: &str, signature: Option<String>, notes: &mut Notes) -> Option<Draft> {
    let tree = tree::read(name, text)
        .map_err(|fault| notes.fault(*fault))
        .ok()?;
    let keys = Entry::root(name, &tree).keys(notes)?;
    keys.deny_unknown(&KNOWN, notes);
    let version = keys.require("delegation", notes)?;
    if version.text(notes)? != "v1" {
        let cause = "it is of a version that is not known";
        notes.fault(version.place.error(cause, "write `delegation: v1`"));
        return None;
    }
    let terms = terms(&keys, notes)?;
    if terms.to_string() != text {
        let cause =
            "the document is not in its one form, so what is signed could be read in two ways";
        let remedy = "write it as `cordon people delegate` prints it, byte by byte, and sign that";
        notes.fault(Diagnostic::error(name, cause, remedy).at(first_difference(&terms, text), 0));
        return None;
    }
    if terms.until <= terms.from {
        let place = keys
            .get("until")
            .map_or(keys.place.clone(), |entry| entry.place);
        notes.fault(place.error("it would end before it begins", "write a later `until`"));
        return None;
    }
    Some(Draft {
        terms,
        text: text.to_owned(),
        place: Place::file(name),
        signature,
    })
}

fn terms(keys: &Keys<'_>, notes: &mut Notes) -> Option<DelegationTerms> {
    let service = keys.require("service", notes).and_then(|entry| {
        let id = entry.parse(ServiceId::new, "name a service of people.yaml", notes)?;
        notes.refer(Target::Service(id.clone()), &entry.place);
        Some(id)
    });
    let people = some(keys, "people", notes, person);
    let teams = some(keys, "teams", notes, |entry, notes| {
        entry.parse(TeamId::new, "name a team", notes)
    });
    let purposes = some(keys, "purposes", notes, crate::rights::purpose);
    let mut at = |key| {
        let entry = keys.require(key, notes)?;
        moment(&entry, notes)
    };
    let (from, until) = (at("from"), at("until"));
    let deployment = keys
        .require("deployment", notes)
        .and_then(|entry| entry.title(notes));
    let (people, teams, purposes) = (people?, teams?, purposes?);
    if people.is_empty() && teams.is_empty() {
        let cause = "it names nobody";
        notes.fault(keys.place.error(cause, "name people or teams"));
        return None;
    }
    if purposes.is_empty() {
        let cause = "it names no purpose";
        notes.fault(keys.place.error(cause, "name purposes of cordon.toml"));
        return None;
    }
    Some(DelegationTerms {
        deployment: deployment?,
        service: service?,
        people,
        teams,
        purposes,
        from: from?,
        until: until?,
    })
}

fn some<'n, T: Ord>(
    keys: &Keys<'n>,
    key: &str,
    notes: &mut Notes,
    read: impl FnMut(&Entry<'n>, &mut Notes) -> Option<T>,
) -> Option<BTreeSet<T>> {
    let entry = keys.require(key, notes)?;
    Some(entry.all(notes, read)?.into_iter().collect())
}

/// The first line that is not as it should be.
fn first_difference(terms: &DelegationTerms, text: &str) -> u64 {
    let wanted = terms.to_string();
    let same = wanted.lines().zip(text.lines());
    let line = same.take_while(|(a, b)| a == b).count() + 1;
    u64::try_from(line).unwrap_or_default()
}

/// Verifies each against the keys of the register; what is not signed so is a fault.
pub(crate) fn verified(
    drafts: Vec<Draft>,
    deployment: &str,
    register: &Register,
    notes: &mut Notes,
) -> Vec<Delegation> {
    let signers = signers(register, notes);
    let mut found = Vec::new();
    for draft in drafts {
        match one(&draft, deployment, &signers) {
            Ok((signer, key)) => found.push(Delegation {
                name: draft.place.file.to_string(),
                service: draft.terms.service,
                people: draft.terms.people,
                teams: draft.terms.teams,
                purposes: draft.terms.purposes,
                from: draft.terms.from,
                until: draft.terms.until,
                signer,
                key,
            }),
            Err(fault) => notes.fault(*fault),
        }
    }
    found
}

fn one(
    draft: &Draft,
    deployment: &str,
    signers: &BTreeMap<String, PersonId>,
) -> Result<(PersonId, String), Box<Diagnostic>> {
    let file = draft.place.file.as_ref();
    let fault = |cause: String, remedy: &str| Box::new(Diagnostic::error(file, cause, remedy));
    if draft.terms.deployment != deployment {
        let named = draft.terms.deployment.escape_debug();
        let cause = format!("it is for the deployment `{named}`");
        return Err(fault(cause, "have one signed that names this deployment"));
    }
    let Some(signature) = &draft.signature else {
        let remedy = format!(
            "sign it: ssh-keygen -Y sign -f KEY -n {DELEGATION_NAMESPACE} {file}, which writes {file}.sig"
        );
        return Err(fault("nobody has signed it".to_owned(), &remedy));
    };
    let key = signature::verify(&draft.text, signature).map_err(|error| {
        let remedy = error.remedy();
        let file = format!("{file}.sig");
        Box::new(Diagnostic::error(&file, error.to_string(), remedy))
    })?;
    let Some(signer) = signers.get(&key) else {
        let cause = format!("it is signed with `{key}`, which is nobody's key in people.yaml");
        let remedy = "let home security or the person sign it, with a key that stands under `keys`";
        return Err(fault(cause, remedy));
    };
    Ok((signer.clone(), key))
}

/// Whose each key is. A key of two people is nobody's proof.
fn signers(register: &Register, notes: &mut Notes) -> BTreeMap<String, PersonId> {
    let mut signers: BTreeMap<String, PersonId> = BTreeMap::new();
    for person in register.people.values() {
        for key in person.keys.iter().flat_map(|fact| &fact.value) {
            let other = signers.insert(key.clone(), person.id.clone());
            if let Some(other) = other {
                let cause = format!("{other} and {} have the same key", person.id);
                let remedy = "leave it to the one who holds it";
                notes.fault(Diagnostic::error(Layout::PEOPLE, cause, remedy));
            }
        }
    }
    signers
}

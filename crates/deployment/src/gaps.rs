//! What the deployment cannot vouch for: always, and at a moment.

use model::{Fact, Gap, GapKind, Organisation, Person, Rest, Share, Timestamp};

use crate::bundle::Bundle;

/// All gaps at a moment: those of the bundle, and facts of the register that are absent or expired.
/// Sorted; people who are disabled have none, because nothing is decided for them.
pub fn gaps_at(bundle: &Bundle, now: Timestamp) -> Vec<Gap> {
    let register = &bundle.world.register;
    let mut gaps = bundle.gaps.clone();
    let people = register.people.values().filter(|person| !person.disabled);
    gaps.extend(people.filter_map(|person| person_gap(person, now)));
    let organisations = register.organisations.values();
    gaps.extend(organisations.filter_map(|one| organisation_gap(one, now)));
    gaps.sort();
    gaps
}

/// The gaps that no moment changes.
pub(crate) fn always(catalog: Vec<Gap>, name: &str, museum: bool) -> Vec<Gap> {
    let mut gaps = catalog;
    gaps.push(Gap {
        kind: GapKind::Unsigned,
        subject: name.to_owned(),
        text: "no quorum has signed these files: they are drafts, for evaluation only".to_owned(),
    });
    if museum {
        gaps.push(Gap {
            kind: GapKind::Museum,
            subject: name.to_owned(),
            text: "regimes may be loaded without those they require: for study only".to_owned(),
        });
    }
    gaps.sort();
    gaps
}

/// The state of some facts: which are absent, which have expired and when.
struct Unknowns {
    now: Timestamp,
    found: Vec<String>,
}

impl Unknowns {
    /// A fact that the law asks about.
    fn needed<T>(&mut self, name: &str, fact: Option<&Fact<T>>) -> &mut Self {
        if fact.is_none() {
            self.found.push(format!("{name} is not entered"));
        }
        self.if_entered(name, fact)
    }

    /// A fact whose absence only means fewer rights.
    fn if_entered<T>(&mut self, name: &str, fact: Option<&Fact<T>>) -> &mut Self {
        if let Some(fact) = fact.filter(|fact| fact.at(self.now).is_none()) {
            let expired = format!("{name} has expired at {}", fact.expires);
            self.found.push(expired);
        }
        self
    }

    fn gap(self, subject: &str, treated: &str) -> Option<Gap> {
        (!self.found.is_empty()).then(|| Gap {
            kind: GapKind::FactUnknown,
            subject: subject.to_owned(),
            text: format!("{}: {treated}", self.found.join("; ")),
        })
    }
}

fn person_gap(person: &Person, now: Timestamp) -> Option<Gap> {
    let mut unknown = Unknowns {
        now,
        found: Vec::new(),
    };
    unknown
        .needed("citizenships", person.citizenships.as_ref())
        .needed("statuses", person.statuses.as_ref())
        .needed("residence", person.residence.as_ref())
        .needed("employer", person.employer.as_ref())
        .needed("contracts", person.contracts.as_ref())
        .needed("designations", person.designations.as_ref())
        .needed("office", person.office.as_ref())
        .needed("manager", person.manager.as_ref())
        .if_entered("teams", person.teams.as_ref())
        .if_entered("roles", person.roles.as_ref())
        .if_entered("recipient_class", person.recipient_class.as_ref());
    unknown.gap(person.id.as_str(), "what is unknown counts against them")
}

fn organisation_gap(one: &Organisation, now: Timestamp) -> Option<Gap> {
    let mut unknown = Unknowns {
        now,
        found: Vec::new(),
    };
    // A branch is its parent, which is asked instead.
    if one.branch_of.is_none() {
        unknown
            .needed("organised_in", one.organised_in.as_ref())
            .needed("principal_place", one.principal_place.as_ref())
            .needed("ownership", one.ownership.as_ref())
            .needed("designations", one.designations.as_ref());
        if let Some(ownership) = one.ownership.as_ref().and_then(|fact| fact.at(now)) {
            let holdings = ownership.holdings.iter();
            let known = holdings.fold(Share::NONE, |sum, holding| sum.plus(holding.share));
            if ownership.rest == Rest::Unknown && known.rest() > Share::NONE {
                let text = format!("nobody has established who holds {} of it", known.rest());
                unknown.found.push(text);
            }
        }
    }
    unknown.gap(
        one.id.as_str(),
        "what is unknown counts against those who work for it",
    )
}

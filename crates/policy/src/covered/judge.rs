//! One rule, one person or entity, one fact: does it hold?

use std::collections::BTreeSet;

use model::{Connection, Employer, Fact, Jurisdiction, ListId, Organisation, Person, Timestamp};

use super::fixpoint::Belief;
use super::reason::Step;
use crate::regime::{CoveredRule, HomePersonRule, Regime};

const UNKNOWN: &str = "unknown is strictest";

/// A state of concern and since when.
pub(super) fn state(regime: &Regime, country: Jurisdiction, now: Timestamp) -> Option<Step> {
    let since = regime.concern(country, now)?;
    let day = since.to_string();
    let day = day.split('T').next().unwrap_or(&day);
    let text = format!("{} is a country of concern since {day}", country.name());
    Some(Step::new(text, regime.id.to_string()))
}

/// The person is covered by one of the regime's rules about people; the first that holds.
pub(super) fn person(
    regime: &Regime,
    person: &Person,
    now: Timestamp,
    belief: Belief,
    employer: &dyn Fn(&Employer) -> Option<Vec<Step>>,
) -> Option<Vec<Step>> {
    // What is doubtful is settled against the person: believing only what is established, somebody
    // who may be a home person is one; counting what is possible, they are not.
    let home = home_person(regime, person, now, belief).is_some();
    regime.covered.rules.iter().find_map(|(rule, source)| {
        if home && *rule != CoveredRule::Designated {
            return None;
        }
        person_rule(regime, person, *rule, source, now, belief, employer)
    })
}

fn person_rule(
    regime: &Regime,
    person: &Person,
    rule: CoveredRule,
    source: &str,
    now: Timestamp,
    belief: Belief,
    employer: &dyn Fn(&Employer) -> Option<Vec<Step>>,
) -> Option<Vec<Step>> {
    let who = &person.id;
    match rule {
        CoveredRule::Designated => designated(
            regime,
            &person.designations,
            &who.to_string(),
            source,
            now,
            belief,
        )
        .map(|step| vec![step]),
        CoveredRule::Resident => {
            let place = person.residence.as_ref();
            in_concern(
                regime,
                place,
                &format!("{who} primarily resides in"),
                source,
                now,
                belief,
            )
        }
        CoveredRule::Office => {
            let place = person.office.as_ref();
            in_concern(
                regime,
                place,
                &format!("{who} has a desk in"),
                source,
                now,
                belief,
            )
        }
        CoveredRule::Employed => match person.employer.as_ref().and_then(|fact| fact.at(now)) {
            Some(by) => {
                let step = Step::new(
                    format!("{who} is employed by {}", employer_name(by)),
                    source,
                );
                Some(join(step, employer(by)?))
            }
            None => missing(belief, format!("the employer of {who} is not established")),
        },
        CoveredRule::Contracted => match person.contracts.as_ref().and_then(|fact| fact.at(now)) {
            Some(contracts) => contracts.iter().find_map(|by| {
                let text = format!("{who} works on contract for {}", employer_name(by));
                Some(join(Step::new(text, source), employer(by)?))
            }),
            None => missing(
                belief,
                format!("the contracts of {who} are not established"),
            ),
        },
        CoveredRule::OutsideHome => outside_home(regime, person, source, now, belief),
        CoveredRule::OrganisedIn
        | CoveredRule::PrincipalPlace
        | CoveredRule::Owned
        | CoveredRule::Connected => None,
    }
}

fn outside_home(
    regime: &Regime,
    person: &Person,
    source: &str,
    now: Timestamp,
    belief: Belief,
) -> Option<Vec<Step>> {
    for (fact, what) in [
        (&person.residence, "lives in"),
        (&person.office, "has a desk in"),
    ] {
        match fact.as_ref().and_then(|fact| fact.at(now)) {
            Some(place) if regime.home.contains(place) => {}
            Some(place) => {
                let text = format!("{} {what} {}, outside the home", person.id, place.name());
                return Some(vec![Step::new(text, source)]);
            }
            None if belief == Belief::Possible => {
                let text = format!("nobody has established where {} {what}", person.id);
                return Some(vec![Step::new(
                    text.trim_end_matches(" in").to_owned(),
                    UNKNOWN,
                )]);
            }
            None => {}
        }
    }
    None
}

/// A rule about entities other than ownership.
pub(super) fn entity(
    regime: &Regime,
    entity: &Organisation,
    rule: CoveredRule,
    source: &str,
    now: Timestamp,
    belief: Belief,
) -> Option<Step> {
    let who = &entity.id;
    let first = |path: Option<Vec<Step>>| {
        path.map(|path| {
            let text = path
                .iter()
                .map(|step| step.text.clone())
                .collect::<Vec<_>>()
                .join("; ");
            Step::new(text, path.first().map_or(source, |step| &step.source))
        })
    };
    match rule {
        CoveredRule::Designated => designated(
            regime,
            &entity.designations,
            &who.to_string(),
            source,
            now,
            belief,
        ),
        CoveredRule::OrganisedIn => first(in_concern(
            regime,
            entity.organised_in.as_ref(),
            &format!("{who} is organised in"),
            source,
            now,
            belief,
        )),
        CoveredRule::PrincipalPlace => first(in_concern(
            regime,
            entity.principal_place.as_ref(),
            &format!("{who} is run from"),
            source,
            now,
            belief,
        )),
        CoveredRule::Resident
        | CoveredRule::Employed
        | CoveredRule::Contracted
        | CoveredRule::Owned
        | CoveredRule::Office
        | CoveredRule::Connected
        | CoveredRule::OutsideHome => None,
    }
}

/// Whether an entity is a home entity: organised under the home's law. What is doubtful is settled
/// against it.
pub(super) fn home_entity(
    regime: &Regime,
    entity: &Organisation,
    now: Timestamp,
    belief: Belief,
) -> bool {
    if regime.covered.home_person.is_empty() {
        return false;
    }
    match entity.organised_in.as_ref().and_then(|fact| fact.at(now)) {
        Some(place) => regime.home.contains(place),
        None => belief == Belief::Established,
    }
}

/// Why the person is a home person, if they are. Counting what is possible, only an established
/// fact makes one; believing what is established, a missing fact may.
pub(super) fn home_person(
    regime: &Regime,
    person: &Person,
    now: Timestamp,
    belief: Belief,
) -> Option<Step> {
    let source = &regime.covered.home_person_source;
    let generous = belief == Belief::Established;
    regime.covered.home_person.iter().find_map(|rule| {
        let (known, text) = match rule {
            HomePersonRule::Citizen => {
                let all = person.citizenships.as_ref().and_then(|fact| fact.at(now));
                let home = all.map(|all| all.iter().find(|place| regime.home.contains(place)));
                (home.map(|h| h.copied()), "is a citizen of")
            }
            HomePersonRule::Status => {
                let all = person.statuses.as_ref().and_then(|fact| fact.at(now));
                let home = all.map(|all| {
                    all.iter()
                        .map(|status| status.jurisdiction)
                        .find(|p| regime.home.contains(p))
                });
                (home, "has a lasting status in")
            }
            HomePersonRule::Resident => {
                let place = person.residence.as_ref().and_then(|fact| fact.at(now));
                (
                    place.map(|p| regime.home.contains(p).then_some(*p)),
                    "primarily resides in",
                )
            }
        };
        match known {
            Some(Some(place)) => Some(Step::new(
                format!("{} {text} {}", person.id, place.name()),
                source.clone(),
            )),
            Some(None) => None,
            None => {
                generous.then(|| Step::new(format!("{} may be a home person", person.id), UNKNOWN))
            }
        }
    })
}

/// Whether the connection makes the person covered, under regimes with that rule.
pub(super) fn connected(
    regime: &Regime,
    connection: Connection,
    now: Timestamp,
    belief: Belief,
) -> Option<Step> {
    let (_, source) = regime
        .covered
        .rules
        .iter()
        .find(|(r, _)| *r == CoveredRule::Connected)?;
    match connection {
        Connection::Country(place) => {
            regime.concern(place, now)?;
            Some(Step::new(
                format!("the connection comes from {}", place.name()),
                source.clone(),
            ))
        }
        Connection::Unknown => (belief == Belief::Possible)
            .then(|| Step::new("nobody knows from where the connection comes", UNKNOWN)),
    }
}

/// The path of somebody who is not covered: the home fact, or that no rule holds.
pub(super) fn why_not_covered(regime: &Regime, person: &Person, now: Timestamp) -> Vec<Step> {
    match home_person(regime, person, now, Belief::Possible) {
        Some(step) => vec![step],
        None => vec![Step::new(
            format!("no rule of {} reaches {}", regime.id, person.id),
            "the people register",
        )],
    }
}

fn designated(
    regime: &Regime,
    fact: &Option<Fact<BTreeSet<ListId>>>,
    who: &str,
    source: &str,
    now: Timestamp,
    belief: Belief,
) -> Option<Step> {
    let list = regime.covered.designation_list.as_ref()?;
    match fact.as_ref().and_then(|fact| fact.at(now)) {
        Some(lists) => lists
            .contains(list)
            .then(|| Step::new(format!("{who} is designated on list {list}"), source)),
        None => (belief == Belief::Possible).then(|| {
            Step::new(
                format!("nobody has checked whether {who} is on list {list}"),
                UNKNOWN,
            )
        }),
    }
}

fn in_concern(
    regime: &Regime,
    fact: Option<&Fact<Jurisdiction>>,
    what: &str,
    source: &str,
    now: Timestamp,
    belief: Belief,
) -> Option<Vec<Step>> {
    match fact.and_then(|fact| fact.at(now)) {
        Some(place) => {
            let concern = state(regime, *place, now)?;
            Some(join(
                Step::new(format!("{what} {}", place.name()), source),
                vec![concern],
            ))
        }
        None => missing(belief, format!("not established: {what} ...")),
    }
}

fn missing(belief: Belief, text: String) -> Option<Vec<Step>> {
    (belief == Belief::Possible).then(|| vec![Step::new(text, UNKNOWN)])
}

fn join(step: Step, path: Vec<Step>) -> Vec<Step> {
    let mut whole = vec![step];
    whole.extend(path);
    whole
}

fn employer_name(employer: &Employer) -> String {
    match employer {
        Employer::Organisation(id) => id.to_string(),
        Employer::State(country) => format!("the state of {}", country.name()),
    }
}

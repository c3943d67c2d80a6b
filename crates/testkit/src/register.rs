//! A people register from a few lines that anybody can read.
//!
//! ```text
//! entity harbor: organised SG; run from SG; owned 60% by northern, rest others
//! person jun: citizen SG; lives SG; desk SG; works for harbor
//! ```
//! What a line does not say is a harmless, established fact: an entity is organised and run in
//! Singapore and owned by others; a person is a citizen of Singapore who lives and works there for
//! nobody of concern. `?` makes a fact unknown: `lives ?`.

use std::collections::BTreeSet;

use model::{
    Employer, Fact, Holding, HomeStatus, Jurisdiction, ListId, Organisation, OrganisationId, Owner,
    Ownership, Person, PersonId, RecipientClass, Register, Rest, Role, Share, StatusKind, TeamId,
    Timestamp,
};

/// 2026-01-15T00:00:00Z: the moment at which tests ask.
pub const NOW: Timestamp = Timestamp::from_seconds(1_768_435_200);

/// 2029-01-01T00:00:00Z: when facts of tests expire.
pub const END: Timestamp = Timestamp::from_seconds(1_861_920_000);

/// A line that says nothing understandable.
#[derive(Debug)]
pub struct BadLine(pub String);

/// A fact good until [`END`].
pub fn fact<T>(value: T) -> Option<Fact<T>> {
    Some(Fact {
        value,
        source: "test register".to_owned(),
        expires: END,
    })
}

/// Reads a register; empty lines and lines of other words are skipped by the caller.
///
/// # Errors
/// [`BadLine`] with the line and what is wrong.
pub fn register(text: &str) -> Result<Register, BadLine> {
    let mut register = Register::default();
    // The harmless employer of everybody who names none.
    let nobody = entity("nobody", &[]).map_err(BadLine)?;
    register.organisations.insert(nobody.id.clone(), nobody);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let bad = |what: String| BadLine(format!("{line}: {what}"));
        let (head, facts) = line.split_once(':').unwrap_or((line, ""));
        let facts: Vec<&str> = facts
            .split(';')
            .map(str::trim)
            .filter(|fact| !fact.is_empty())
            .collect();
        match head.split_once(' ') {
            Some(("entity", name)) => {
                let entity = entity(name.trim(), &facts).map_err(bad)?;
                register.organisations.insert(entity.id.clone(), entity);
            }
            Some(("person", name)) => {
                let person = person(name.trim(), &facts).map_err(bad)?;
                register.people.insert(person.id.clone(), person);
            }
            _ => return Err(bad("begin with `entity NAME:` or `person NAME:`".into())),
        }
    }
    Ok(register)
}

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

fn place(word: &str) -> Result<Option<Fact<Jurisdiction>>, String> {
    if word == "?" {
        Ok(None)
    } else {
        Ok(fact(Jurisdiction::parse(word).map_err(text)?))
    }
}

fn designations(word: &str) -> Result<Option<Fact<BTreeSet<ListId>>>, String> {
    if word == "?" {
        return Ok(None);
    }
    Ok(fact([ListId::new(word).map_err(text)?].into()))
}

fn entity(name: &str, facts: &[&str]) -> Result<Organisation, String> {
    let mut entity = Organisation {
        id: OrganisationId::new(name).map_err(text)?,
        name: name.to_owned(),
        branch_of: None,
        organised_in: place("SG")?,
        principal_place: place("SG")?,
        ownership: fact(Ownership {
            holdings: Vec::new(),
            rest: Rest::Others,
        }),
        designations: fact(BTreeSet::new()),
    };
    for said in facts {
        if let Some(word) = said.strip_prefix("organised ") {
            entity.organised_in = place(word)?;
            entity.principal_place = place(word)?;
        } else if let Some(word) = said.strip_prefix("run from ") {
            entity.principal_place = place(word)?;
        } else if let Some(word) = said.strip_prefix("branch of ") {
            entity.branch_of = Some(OrganisationId::new(word).map_err(text)?);
        } else if *said == "owned ?" {
            entity.ownership = None;
        } else if let Some(list) = said.strip_prefix("owned ") {
            entity.ownership = fact(ownership(list)?);
        } else if let Some(word) = said.strip_prefix("designated ") {
            entity.designations = designations(word)?;
        } else {
            return Err(format!("`{said}` is not understood"));
        }
    }
    Ok(entity)
}

fn ownership(list: &str) -> Result<Ownership, String> {
    let mut ownership = Ownership {
        holdings: Vec::new(),
        rest: Rest::Unknown,
    };
    for part in list.split(',').map(str::trim) {
        match part.split_once(" by ") {
            Some((share, owner)) => ownership.holdings.push(Holding {
                owner: owner_of(owner)?,
                share: Share::parse(share).map_err(text)?,
            }),
            None if part == "rest others" => ownership.rest = Rest::Others,
            None if part == "rest ?" => ownership.rest = Rest::Unknown,
            None => return Err(format!("`{part}` is not a holding")),
        }
    }
    Ok(ownership)
}

fn owner_of(word: &str) -> Result<Owner, String> {
    if let Some(country) = word.strip_prefix("state ") {
        return Ok(Owner::State(Jurisdiction::parse(country).map_err(text)?));
    }
    if let Some(person) = word.strip_prefix("person ") {
        return Ok(Owner::Person(PersonId::new(person).map_err(text)?));
    }
    Ok(Owner::Organisation(
        OrganisationId::new(word).map_err(text)?,
    ))
}

fn employer_of(word: &str) -> Result<Employer, String> {
    match word.strip_prefix("state ") {
        Some(country) => Ok(Employer::State(Jurisdiction::parse(country).map_err(text)?)),
        None => Ok(Employer::Organisation(
            OrganisationId::new(word).map_err(text)?,
        )),
    }
}

fn list<T: Ord>(
    words: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<Fact<BTreeSet<T>>>, String> {
    if words == "?" {
        return Ok(None);
    }
    let all: Result<BTreeSet<T>, String> = words.split(',').map(|w| read(w.trim())).collect();
    Ok(fact(all?))
}

fn person(name: &str, facts: &[&str]) -> Result<Person, String> {
    let mut person = Person {
        id: PersonId::new(name).map_err(text)?,
        name: name.to_owned(),
        disabled: false,
        citizenships: list("SG", |w| Jurisdiction::parse(w).map_err(text))?,
        statuses: fact(BTreeSet::new()),
        residence: place("SG")?,
        employer: fact(Employer::Organisation(
            OrganisationId::new("nobody").map_err(text)?,
        )),
        contracts: fact(Vec::new()),
        designations: fact(BTreeSet::new()),
        office: place("SG")?,
        manager: fact(None),
        teams: fact(BTreeSet::new()),
        roles: fact(BTreeSet::new()),
        recipient_class: None,
        keys: None,
    };
    for said in facts {
        said_of_person(&mut person, said)?;
    }
    Ok(person)
}

fn said_of_person(person: &mut Person, said: &str) -> Result<(), String> {
    if let Some(words) = said.strip_prefix("citizen ") {
        person.citizenships = list(words, |w| Jurisdiction::parse(w).map_err(text))?;
    } else if let Some(words) = said.strip_prefix("status ") {
        person.statuses = list(words, status)?;
    } else if let Some(word) = said.strip_prefix("lives ") {
        person.residence = place(word)?;
    } else if let Some(word) = said.strip_prefix("desk ") {
        person.office = place(word)?;
    } else if said == "works for ?" {
        person.employer = None;
    } else if let Some(word) = said.strip_prefix("works for ") {
        person.employer = fact(employer_of(word)?);
    } else if said == "contracts for ?" {
        person.contracts = None;
    } else if let Some(words) = said.strip_prefix("contracts for ") {
        let all: Result<Vec<_>, _> = words.split(',').map(|w| employer_of(w.trim())).collect();
        person.contracts = fact(all?);
    } else if let Some(word) = said.strip_prefix("designated ") {
        person.designations = designations(word)?;
    } else if let Some(words) = said.strip_prefix("teams ") {
        person.teams = list(words, |w| TeamId::new(w).map_err(text))?;
    } else if let Some(words) = said.strip_prefix("roles ") {
        person.roles = list(words, |w| Role::parse(w).map_err(text))?;
    } else if let Some(word) = said.strip_prefix("recipient ") {
        person.recipient_class = fact(RecipientClass::new(word).map_err(text)?);
    } else if let Some(word) = said.strip_prefix("reports to ") {
        person.manager = fact(Some(PersonId::new(word).map_err(text)?));
    } else if said == "disabled" {
        person.disabled = true;
    } else {
        return Err(format!("`{said}` is not understood"));
    }
    Ok(())
}

fn status(words: &str) -> Result<HomeStatus, String> {
    let (country, kind) = words
        .split_once(' ')
        .ok_or("write `US permanent_resident`")?;
    Ok(HomeStatus {
        jurisdiction: Jurisdiction::parse(country).map_err(text)?,
        kind: StatusKind::parse(kind).map_err(text)?,
    })
}

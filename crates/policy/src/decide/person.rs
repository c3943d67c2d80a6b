//! A session's person as policies know them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Connection, Person, PersonId, RegimeId, Register, Session, Timestamp};

use crate::cedar::PrincipalFacts;
use crate::covered::{Coverage, Reach, Standing};
use crate::regime::Regime;

/// Everybody's standing under all regimes, worked out together and good until `until`.
#[derive(Debug)]
pub(super) struct Standings {
    reaches: BTreeMap<RegimeId, Reach>,
    from: Timestamp,
    until: Timestamp,
}

impl Standings {
    pub(super) fn at(regimes: &[Regime], register: &Register, now: Timestamp) -> Self {
        let dates = regimes.iter().map(|regime| regime.changes_after(now));
        Self {
            reaches: regimes
                .iter()
                .map(|regime| (regime.id.clone(), Reach::at(regime, register, now)))
                .collect(),
            from: now,
            until: dates.fold(register.changes_after(now), Timestamp::min),
        }
    }

    /// Whether it may be used at this moment. A clock that runs back does not get the future's.
    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }

    pub(super) const fn until(&self) -> Timestamp {
        self.until
    }

    /// The coverage under each regime.
    pub(super) fn coverages<'a>(
        &'a self,
        regimes: &'a [Regime],
        register: &'a Register,
        now: Timestamp,
    ) -> impl Iterator<Item = Coverage<'a>> {
        regimes.iter().filter_map(move |regime| {
            let reach = self.reaches.get(&regime.id)?;
            Some(Coverage {
                regime,
                register,
                reach,
                now,
            })
        })
    }
}

/// One person's facts at one moment, on one connection.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) facts: PrincipalFacts,
    pub(crate) standings: BTreeMap<RegimeId, Standing>,
    pub(crate) connection_suspect: bool,
}

pub(super) fn resolve(
    standings: &Standings,
    regimes: &[Regime],
    register: &Register,
    person: &Person,
    session: &Session,
    now: Timestamp,
) -> Resolved {
    let id = &person.id;
    let coverages: Vec<_> = standings.coverages(regimes, register, now).collect();
    let under = |holds: &dyn Fn(&Coverage<'_>) -> bool| -> BTreeSet<RegimeId> {
        coverages
            .iter()
            .filter(|c| holds(c))
            .map(|c| c.regime.id.clone())
            .collect()
    };
    let by_regime: BTreeMap<RegimeId, Standing> = coverages
        .iter()
        .map(|coverage| {
            (
                coverage.regime.id.clone(),
                coverage.standing(id, session.connection),
            )
        })
        .collect();
    let mut teams = person
        .teams
        .as_ref()
        .and_then(|fact| fact.at(now))
        .cloned()
        .unwrap_or_default();
    if let Some(at_most) = &session.teams_at_most {
        teams.retain(|team| at_most.contains(team));
    }
    let facts = PrincipalFacts {
        id: id.clone(),
        teams,
        home_person_of: under(&|coverage| coverage.is_home_person(id)),
        not_covered_by: by_regime
            .iter()
            .filter(|(_, standing)| standing.is_not_covered())
            .map(|(regime, _)| regime.clone())
            .collect(),
        at_home_of: under(&|coverage| coverage.is_at_home(id)),
        residence: person
            .residence
            .as_ref()
            .and_then(|fact| fact.at(now))
            .copied(),
        office: person
            .office
            .as_ref()
            .and_then(|fact| fact.at(now))
            .copied(),
        recipient_class: person
            .recipient_class
            .as_ref()
            .and_then(|f| f.at(now))
            .cloned(),
    };
    Resolved {
        facts,
        standings: by_regime,
        connection_suspect: is_suspect(session.connection, regimes, now),
    }
}

/// A connection from a country of concern of any regime, or from nobody knows where. It narrows;
/// it never widens.
fn is_suspect(connection: Connection, regimes: &[Regime], now: Timestamp) -> bool {
    match connection {
        Connection::Unknown => true,
        Connection::Country(place) => regimes
            .iter()
            .any(|regime| regime.concern(place, now).is_some()),
    }
}

/// The regimes at whose home a person lives, works and signed.
pub(super) fn home_of_approver(
    coverages: &[Coverage<'_>],
    approver: &PersonId,
    signed_from: Option<model::Jurisdiction>,
) -> BTreeSet<RegimeId> {
    coverages
        .iter()
        .filter(|coverage| {
            signed_from.is_some_and(|place| coverage.regime.home.contains(&place))
                && coverage.is_at_home(approver)
        })
        .map(|coverage| coverage.regime.id.clone())
        .collect()
}

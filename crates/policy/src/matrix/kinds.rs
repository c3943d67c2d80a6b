//! Fills the matrix: each person of the register once, grouped by what policies know of them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Asker as AskerId, Connection, DataCategory, DatasetId, Level, MaskKind, Person,
    PersonId, Residency, Session, SessionId, Strength, Timestamp, Verdict,
};

use super::{Cells, Kind, KindFacts, Leave, Matrix};
use crate::cedar::{CellFacts, Principal, ResourceFacts, Situation};
use crate::covered::Standing;
use crate::decide::{Asker, Decider, Resolved, home_of};
use crate::error::Failure;

/// The actions that are neither seeing nor knowing.
const ACTS: [Action; 6] = [
    Action::Aggregate,
    Action::Export,
    Action::Train,
    Action::Copy,
    Action::Erase,
    Action::Write,
];

impl Decider {
    /// The whole meaning of the bundle at one moment. Cost: a few hundred policy evaluations a
    /// kind of person.
    ///
    /// # Errors
    /// [`Failure`] when a policy errs, which would refuse the request it erred on.
    pub fn matrix(&self, now: Timestamp) -> Result<Matrix, Failure> {
        let mut residencies = self.residencies().to_vec();
        residencies.push(Residency::NoSubject);
        let mut kinds: Vec<Kind> = Vec::new();
        for person in self
            .world()
            .register
            .people
            .values()
            .filter(|person| !person.disabled)
        {
            let resolved = self.resolve_at_desk(person, now);
            let facts = kind_of(&resolved);
            let cells = self.cells(&resolved, &residencies)?;
            match kinds
                .iter_mut()
                .find(|kind| kind.facts == facts && kind.cells == cells)
            {
                Some(kind) => kind.people.push(person.id.clone()),
                None => kinds.push(Kind {
                    facts,
                    people: vec![person.id.clone()],
                    cells,
                }),
            }
        }
        kinds.sort_by(|a, b| (&a.facts, &a.people).cmp(&(&b.facts, &b.people)));
        Ok(Matrix { residencies, kinds })
    }

    /// One cell of the matrix for one person: may they, at their own desk, with two factors and
    /// without a grant, do this with data of this level and residency?
    ///
    /// # Errors
    /// [`Failure`] when a policy errs, which refuses.
    pub fn allows(
        &self,
        person: &PersonId,
        action: Action,
        level: Level,
        residency: &Residency,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let Some(person) = self.world().register.people.get(person) else {
            return Ok(false);
        };
        let resolved = self.resolve_at_desk(person, now);
        let situation = situation(&resolved);
        let principal = Principal::new(&resolved.facts)?;
        let (rows, field) = self.resources(level, residency);
        let resource = if action.is_per_field() { field } else { rows };
        let none = BTreeMap::new();
        let asker = Asker {
            engine: self.engine(),
            principal: &principal,
            situation: &situation,
            grants: &none,
        };
        let nothing = BTreeSet::new();
        Ok(asker
            .determine(action, &resource, &nothing, &[], &BTreeSet::new())?
            .allowed)
    }

    /// The person at their own desk, with two factors.
    fn resolve_at_desk(&self, person: &Person, now: Timestamp) -> Resolved {
        let office = person
            .office
            .as_ref()
            .and_then(|fact| fact.at(now))
            .copied();
        let session = Session {
            id: session_id(),
            asker: AskerId::Person(person.id.clone()),
            strength: Strength::Aal2,
            connection: office.map_or(Connection::Unknown, Connection::Country),
            purpose: None,
            teams_at_most: None,
        };
        self.resolve(person, &session, now)
    }

    fn cells(
        &self,
        resolved: &Resolved,
        residencies: &[Residency],
    ) -> Result<BTreeMap<(Level, Residency), Cells>, Failure> {
        let situation = situation(resolved);
        let principal = Principal::new(&resolved.facts)?;
        let none = BTreeMap::new();
        let engine = self.engine();
        let asker = Asker {
            engine,
            principal: &principal,
            situation: &situation,
            grants: &none,
        };
        let mut cells = BTreeMap::new();
        for &level in Level::ALL {
            for residency in residencies {
                let answer = self.cell(&asker, level, residency)?;
                cells.insert((level, residency.clone()), answer);
            }
        }
        Ok(cells)
    }

    /// Rows of a level and residency, and a field in them that has a mask.
    fn resources(&self, level: Level, residency: &Residency) -> (ResourceFacts, ResourceFacts) {
        let rows = ResourceFacts {
            dataset: any_dataset(),
            level,
            legal: BTreeSet::new(),
            residency: residency.clone(),
            home_of: home_of(residency, &self.world().regimes),
            cell: None,
        };
        let field = ResourceFacts {
            cell: Some(CellFacts {
                categories: [DataCategory::new("user")].into(),
                mask: Some(MaskKind::Null),
                // The allow-list opens single fields; the matrix shows the rule.
                allow_listed: false,
            }),
            ..rows.clone()
        };
        (rows, field)
    }

    fn cell(
        &self,
        asker: &Asker<'_>,
        level: Level,
        residency: &Residency,
    ) -> Result<Cells, Failure> {
        let (rows, field) = self.resources(level, residency);
        let allows = |action, resource: &ResourceFacts| -> Result<bool, Failure> {
            let none = BTreeSet::new();
            Ok(asker
                .determine(action, resource, &none, &[], &none_joined())?
                .allowed)
        };
        let sees_rows = allows(Action::ViewRow, &rows)?;
        let seen = if !sees_rows {
            Verdict::Hidden
        } else if allows(Action::ViewClear, &field)? {
            Verdict::Clear
        } else if allows(Action::ViewMasked, &field)? {
            Verdict::Masked
        } else {
            Verdict::Hidden
        };
        let may_ask = seen != Verdict::Clear
            && asker.is_requestable(Action::ViewClear, &field)?
            && (sees_rows || asker.is_requestable(Action::ViewRow, &rows)?);
        let mut actions = BTreeMap::new();
        for action in ACTS {
            let leave = if allows(action, &rows)? {
                Leave::Allowed
            } else if asker.is_requestable(action, &rows)? {
                Leave::MayAsk
            } else {
                Leave::Refused
            };
            actions.insert(action, leave);
        }
        Ok(Cells {
            seen,
            rows: sees_rows,
            may_ask,
            actions,
        })
    }
}

/// Two factors, no purpose, no right.
fn situation(resolved: &Resolved) -> Situation {
    Situation {
        strength: Strength::Aal2,
        via_service: false,
        connection: resolved.facts.office,
        connection_suspect: resolved.connection_suspect,
        purpose: None,
        joined: BTreeSet::new(),
        grant: None,
        breakglass: None,
        assessment: None,
    }
}

const fn none_joined() -> BTreeSet<model::LegalCategory> {
    BTreeSet::new()
}

fn kind_of(resolved: &Resolved) -> KindFacts {
    let facts = &resolved.facts;
    let covered = resolved
        .standings
        .iter()
        .filter_map(|(regime, standing)| match standing {
            Standing::NotCovered(_) => None,
            Standing::Covered(_) => Some((regime.clone(), true)),
            Standing::Unknown(_) => Some((regime.clone(), false)),
        });
    KindFacts {
        not_covered_by: facts.not_covered_by.iter().cloned().collect(),
        covered: covered.collect(),
        at_home_of: facts.at_home_of.iter().cloned().collect(),
        teams: facts.teams.iter().cloned().collect(),
    }
}

#[expect(
    clippy::expect_used,
    reason = "INVARIANT: the constant is a dataset's name"
)]
fn any_dataset() -> DatasetId {
    DatasetId::new("matrix/any").expect("a dataset's name")
}

#[expect(
    clippy::expect_used,
    reason = "INVARIANT: the constant is a plain name"
)]
fn session_id() -> SessionId {
    SessionId::new("matrix").expect("a plain name")
}

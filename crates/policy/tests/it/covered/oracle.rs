//! Who is covered, counted a second way: no reasons, no rounds, booleans until nothing changes.

use std::collections::BTreeMap;

use model::{
    Employer, Fact, Jurisdiction, Organisation, OrganisationId, Owner, Person, PersonId, Register,
    Rest,
};
use policy::{Coverage, Reach, Regime, Standing};
use proptest::prelude::*;

use crate::setting::regime;

/// `pessimist` believes the worst of everything unknown.
struct Count<'a> {
    regime: &'a Regime,
    register: &'a Register,
    pessimist: bool,
}

impl Count<'_> {
    fn known<'a, T>(&self, fact: &'a Option<Fact<T>>) -> Option<&'a T> {
        fact.as_ref()
            .filter(|fact| testkit::NOW < fact.expires)
            .map(|fact| &fact.value)
    }

    fn of_concern(&self, place: Jurisdiction) -> bool {
        self.regime
            .countries_of_concern
            .iter()
            .any(|entry| entry.country == place)
    }

    /// A branch of branches without end: nobody can say of whom. Made-up worlds have them; a register
    /// that is read from files has not.
    fn is_in_circle(&self, org: &Organisation) -> bool {
        let mut seen = vec![&org.id];
        let mut current = org;
        while let Some(parent) = &current.branch_of {
            if seen.contains(&parent) {
                return true;
            }
            seen.push(parent);
            current = &self.register.organisations[parent];
        }
        false
    }

    fn is_home(&self, place: Jurisdiction) -> bool {
        self.regime.home.contains(&place)
    }

    fn home_person(&self, person: &Person) -> bool {
        let citizen = self
            .known(&person.citizenships)
            .map(|all| all.iter().any(|p| self.is_home(*p)));
        let status = self
            .known(&person.statuses)
            .map(|all| all.iter().any(|s| self.is_home(s.jurisdiction)));
        let resident = self.known(&person.residence).map(|p| self.is_home(*p));
        [citizen, status, resident]
            .into_iter()
            .any(|known| known.unwrap_or(!self.pessimist))
    }

    fn people(&self) -> BTreeMap<PersonId, bool> {
        let mut owned: BTreeMap<OrganisationId, bool> = BTreeMap::new();
        let mut entity: BTreeMap<OrganisationId, bool> = BTreeMap::new();
        let mut person: BTreeMap<PersonId, bool> = BTreeMap::new();
        for _ in 0..50 {
            for (id, org) in &self.register.organisations {
                let o = self.owned(org, &owned, &entity, &person);
                owned.insert(id.clone(), o);
                let e = self.entity(org, &owned, &entity);
                entity.insert(id.clone(), e);
            }
            for (id, who) in &self.register.people {
                let covered = self.person(who, &entity);
                person.insert(id.clone(), covered);
            }
        }
        person
    }

    fn owned(
        &self,
        org: &Organisation,
        owned: &BTreeMap<OrganisationId, bool>,
        entity: &BTreeMap<OrganisationId, bool>,
        person: &BTreeMap<PersonId, bool>,
    ) -> bool {
        if let Some(parent) = &org.branch_of {
            return self.is_in_circle(org) && self.pessimist || owned.get(parent) == Some(&true);
        }
        let Some(ownership) = self.known(&org.ownership) else {
            return self.pessimist;
        };
        let mut named = 0.0;
        let mut bad = 0.0;
        for holding in &ownership.holdings {
            let share: f64 = holding
                .share
                .to_string()
                .trim_end_matches([' ', '%'])
                .parse()
                .unwrap();
            named += share;
            let counts = match &holding.owner {
                Owner::State(place) => self.of_concern(*place),
                Owner::Person(id) => person.get(id) == Some(&true),
                Owner::Organisation(id) => {
                    entity.get(id) == Some(&true) || owned.get(id) == Some(&true)
                }
            };
            bad += if counts { share } else { 0.0 };
        }
        if self.pessimist && ownership.rest == Rest::Unknown {
            bad += (100.0_f64 - named).max(0.0);
        }
        bad >= 50.0
    }

    fn entity(
        &self,
        org: &Organisation,
        owned: &BTreeMap<OrganisationId, bool>,
        entity: &BTreeMap<OrganisationId, bool>,
    ) -> bool {
        if let Some(parent) = &org.branch_of {
            return self.is_in_circle(org) && self.pessimist || entity.get(parent) == Some(&true);
        }
        let organised = self.known(&org.organised_in).copied();
        if organised.map_or(!self.pessimist, |place| self.is_home(place)) {
            return false;
        }
        let run_from = self.known(&org.principal_place).copied();
        [organised, run_from]
            .into_iter()
            .any(|place| place.map_or(self.pessimist, |place| self.of_concern(place)))
            || owned.get(&org.id) == Some(&true)
    }

    fn person(&self, who: &Person, entity: &BTreeMap<OrganisationId, bool>) -> bool {
        if self.home_person(who) {
            return false;
        }
        let employer = |by: &Employer| match by {
            Employer::State(place) => self.of_concern(*place),
            Employer::Organisation(id) => entity.get(id) == Some(&true),
        };
        let resident = self
            .known(&who.residence)
            .map(|place| self.of_concern(*place));
        let employed = self.known(&who.employer).map(employer);
        let contracted = self
            .known(&who.contracts)
            .map(|all| all.iter().any(employer));
        [resident, employed, contracted]
            .into_iter()
            .any(|k| k.unwrap_or(self.pessimist))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: testkit::cases(400), failure_persistence: None, ..Default::default() })]

    #[test]
    fn standing_agrees_with_an_independent_count(world in testkit::world()) {
        let regime = regime("us-dsp");
        let register = &world.register;
        let surely = Count { regime: &regime, register, pessimist: false }.people();
        let possibly = Count { regime: &regime, register, pessimist: true }.people();
        let reach = Reach::at(&regime, register, testkit::NOW);
        let coverage = Coverage { regime: &regime, register, reach: &reach, now: testkit::NOW };
        for id in register.people.keys() {
            let connection = model::Connection::Unknown;
            let expected = match (surely[id], possibly[id]) {
                (true, _) => "covered",
                (false, true) => "unknown",
                (false, false) => "not covered",
            };
            let standing = match coverage.standing(id, connection) {
                Standing::Covered(_) => "covered",
                Standing::Unknown(_) => "unknown",
                Standing::NotCovered(_) => "not covered",
            };
            prop_assert_eq!(standing, expected, "{}", id);
        }
    }
}

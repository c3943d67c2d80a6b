//! Whether the people who signed fill a flow's factors: distinct people, one factor each.

use model::{PersonId, Role};

use super::{Factor, Flow};

/// LIMIT: signatures under one request that are looked at; the search below is exhaustive.
const SIGNATURES_MAX: usize = 16;

/// One valid signature of somebody outside the requester's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) person: PersonId,
    pub(crate) role: Role,
    pub(crate) at_home: bool,
}

impl Factor {
    fn takes(&self, signed: &Signed) -> bool {
        self.roles.contains(&signed.role) && (signed.at_home || !self.at_home)
    }
}

impl Flow {
    /// Whether every factor gets the people it needs, nobody twice. The signatures are of people
    /// outside the requester's line already, so `outside_line` needs no look here.
    pub(crate) fn is_satisfied(&self, signatures: &[Signed]) -> bool {
        let places: Vec<&Factor> = self
            .factors
            .iter()
            .flat_map(|factor| (0..factor.need).map(move |_| factor))
            .take(SIGNATURES_MAX + 1)
            .collect();
        let signatures: Vec<&Signed> = signatures.iter().take(SIGNATURES_MAX).collect();
        places.len() <= signatures.len() && fill(&places, &signatures, &mut Vec::new())
    }
}

/// Fills the first place with each signature in turn and goes on with the rest.
fn fill(places: &[&Factor], signatures: &[&Signed], used: &mut Vec<PersonId>) -> bool {
    let Some((place, rest)) = places.split_first() else {
        return true;
    };
    for signed in signatures {
        if used.contains(&signed.person) || !place.takes(signed) {
            continue;
        }
        used.push(signed.person.clone());
        if fill(rest, signatures, used) {
            return true;
        }
        used.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ladder::{SHIPPED_LADDER, read_ladder};

    fn signed(text: &str) -> Vec<Signed> {
        text.split_whitespace()
            .map(|word| {
                let (person, role) = word.split_once(':').unwrap();
                let role = Role::parse(role.trim_end_matches('!')).unwrap();
                let person = PersonId::new(person).unwrap();
                Signed {
                    person,
                    role,
                    at_home: !word.ends_with('!'),
                }
            })
            .collect()
    }

    #[test]
    fn factors_are_filled_by_distinct_people() {
        let ladder = read_ladder("ladder.yaml", SHIPPED_LADDER).unwrap();
        let holds = |flow: &str, text: &str| {
            let flow = ladder
                .flows
                .iter()
                .find(|(id, _)| id.as_str() == flow)
                .unwrap()
                .1;
            flow.is_satisfied(&signed(text))
        };
        assert!(holds("protected-data", "a:home_security b:validator"));
        // The order does not matter, even where the first could fill either place.
        assert!(holds("protected-data", "b:validator a:home_security"));
        assert!(!holds("protected-data", "a:home_security a:validator"));
        assert!(!holds(
            "protected-data",
            "a:home_security! b:home_security!"
        ));
        assert!(holds(
            "sensitive-data",
            "a:home_security b:home_security c:data_owner"
        ));
        assert!(!holds(
            "sensitive-data",
            "a:home_security b:home_security a:data_owner"
        ));
        assert!(!holds(
            "sensitive-data",
            "a:home_security b:home_security! c:data_owner"
        ));
        assert!(!holds(
            "restricted-data",
            "a:home_security b:home_security c:privacy"
        ));
    }
}

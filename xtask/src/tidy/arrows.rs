//! Arrows point inward only: which crate of ours may depend on which, and who may reach the three
//! big engines.

use super::Finding;
use crate::house::{House, Member};

/// A ring and the rings its crates may depend on.
const RINGS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("pure", &["model", "pure"]),
    ("port", &["model", "pure"]),
    ("plane", &["model", "pure", "port"]),
    ("tool", &["model", "pure"]),
    ("binary", &["model", "pure", "port", "plane", "tool"]),
    ("test", &["model"]),
    ("build", &["model"]),
];

/// An engine and the one crate that may reach it; a `-` after the name is the engine's family.
const ENGINES: &[(&str, &str)] = &[
    ("datafusion", "lake"),
    ("pg_query", "sql"),
    ("cedar-policy-symcc", "proofs"),
];

/// Crates that only a binary may depend on, whatever their ring allows.
const BINARY_ONLY: &[&str] = &["lake"];

/// Starts a throw-away database: any crate's tests may use it, though it is a port.
const FOR_TESTS: &[&str] = &["scratch"];

pub fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &house.members {
        match ring_of(member) {
            Ok(allowed) => findings.extend(wrong_arrows(member, allowed, house)),
            Err(finding) => findings.push(finding),
        }
        findings.extend(wrong_engines(member));
    }
    findings
}

/// The rings a crate may depend on.
fn ring_of(member: &Member) -> Result<&'static [&'static str], Finding> {
    let known = || {
        let names: Vec<&str> = RINGS.iter().map(|(ring, _)| *ring).collect();
        names.join(", ")
    };
    let Some(ring) = &member.ring else {
        return Err(Finding::problem(format!(
            "`{}` declares no ring; add `[package.metadata.cordon] ring = \"..\"`, one of {}",
            member.name,
            known()
        )));
    };
    let row = RINGS.iter().find(|(name, _)| name == ring);
    row.map(|(_, allowed)| *allowed).ok_or_else(|| {
        Finding::problem(format!(
            "`{}` declares the ring `{ring}`, which is none of {}",
            member.name,
            known()
        ))
    })
}

fn wrong_arrows(member: &Member, allowed: &[&str], house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let ours = member.dependencies.iter().filter(|to| to.ours);
    for dependency in ours.filter(|to| to.name != member.name) {
        let Some(to) = house.members.iter().find(|to| to.name == dependency.name) else {
            let text = format!("`{}` -> `{}`: no such crate", member.name, dependency.name);
            findings.push(Finding::problem(text));
            continue;
        };
        // A crate without a ring has its own problem already.
        let Some(ring) = to.ring.as_deref() else {
            continue;
        };
        let for_tests = ring == "test" || FOR_TESTS.contains(&to.name.as_str());
        let by_ring = allowed.contains(&ring) || (dependency.dev && for_tests);
        let from_binary = member.ring.as_deref() == Some("binary");
        let reserved = BINARY_ONLY.contains(&to.name.as_str()) && !from_binary;
        if !by_ring || reserved {
            let kind = if dependency.dev { " (in tests)" } else { "" };
            let from = member.ring.as_deref().unwrap_or_default();
            findings.push(Finding::problem(format!(
                "`{}` ({from}) -> `{}` ({ring}){kind}: the arrow points the wrong way; \
                 move the shared part inward or pass it in as an argument",
                member.name, to.name
            )));
        }
    }
    findings
}

fn wrong_engines(member: &Member) -> Vec<Finding> {
    let direct = member.dependencies.iter().filter(|to| !to.ours);
    let mut reached: Vec<&str> = direct.map(|to| to.name.as_str()).collect();
    reached.extend(member.reaches.iter().map(String::as_str));
    let mut findings = Vec::new();
    for (engine, owner) in ENGINES {
        let family = format!("{engine}-");
        let hit = reached
            .iter()
            .find(|name| *name == engine || name.starts_with(&family));
        if let Some(name) = hit.filter(|_| member.name != *owner) {
            findings.push(Finding::problem(format!(
                "`{}` reaches `{name}`; only `{owner}` may",
                member.name
            )));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{member, on, problems};

    fn house(members: Vec<Member>) -> House {
        House {
            members,
            ..House::default()
        }
    }

    fn found(members: Vec<Member>) -> Vec<String> {
        problems(check(&house(members)))
    }

    #[test]
    fn inward_arrows_are_allowed() {
        let none: Vec<String> = Vec::new();
        let members = vec![
            member("model", "model", &[]),
            member("policy", "pure", &["model"]),
            member("ledger", "port", &["model", "policy"]),
            member("gateway", "plane", &["model", "policy", "ledger"]),
            member("verifier", "tool", &["model", "policy"]),
            member("cordon", "binary", &["gateway", "ledger", "verifier"]),
        ];
        assert_eq!(found(members), none);
    }

    #[test]
    fn outward_and_sideways_arrows_are_refused() {
        for (from, ring, to, to_ring) in [
            ("model", "model", "policy", "pure"),
            ("policy", "pure", "ledger", "port"),
            ("ledger", "port", "postgres", "port"),
            ("gateway", "plane", "control", "plane"),
            ("verifier", "tool", "ledger", "port"),
            ("testkit", "test", "policy", "pure"),
            ("cordon", "binary", "testkit", "test"),
            ("xtask", "build", "policy", "pure"),
            ("gateway", "plane", "lake", "port"),
        ] {
            let found = found(vec![member(from, ring, &[to]), member(to, to_ring, &[])]);
            assert_eq!(found.len(), 1, "{from} -> {to}: {found:?}");
            assert!(found[0].contains("wrong way"), "{found:?}");
        }
    }

    #[test]
    fn a_crate_without_a_known_ring_is_refused() {
        let mut nowhere = member("attic", "pure", &[]);
        nowhere.ring = None;
        let found = found(vec![nowhere, member("cellar", "damp", &[])]);
        assert!(found[0].contains("declares no ring"), "{found:?}");
        assert!(found[1].contains("`damp`"), "{found:?}");
    }

    #[test]
    fn only_tests_may_use_testkit_and_scratch() {
        let mut policy = member("policy", "pure", &[]);
        policy.dependencies = vec![on("testkit", true, true), on("scratch", true, true)];
        let others = [
            member("testkit", "test", &[]),
            member("scratch", "port", &[]),
        ];
        let mut members = vec![policy];
        members.extend(others);
        assert!(found(members.clone()).is_empty());
        members[0].dependencies = vec![on("testkit", true, false), on("scratch", true, false)];
        assert_eq!(found(members).len(), 2);
    }

    #[test]
    fn an_engine_has_one_owner() {
        for (engine, owner, ring) in [
            ("datafusion-expr", "lake", "port"),
            ("pg_query", "sql", "pure"),
            ("cedar-policy-symcc", "proofs", "tool"),
        ] {
            let mut right = member(owner, ring, &[]);
            right.reaches.insert(engine.to_owned());
            assert!(found(vec![right.clone()]).is_empty(), "{owner}");
            right.name = "other".to_owned();
            assert_eq!(found(vec![right]).len(), 1, "{engine}");
        }
    }
}

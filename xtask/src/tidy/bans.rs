//! Packages that may not be in the lock, and packages that a pure crate may not depend on.

use super::{Finding, list};
use crate::house::House;

const ANYWHERE: &str = include_str!("../../data/banned-packages.txt");
const IN_PURE: &str = include_str!("../../data/banned-in-pure.txt");

pub fn check(house: &House) -> Vec<Finding> {
    let mut findings = banned_anywhere(house);
    findings.extend(banned_in_pure(house));
    findings
}

fn banned_anywhere(house: &House) -> Vec<Finding> {
    // The lock is read beside cargo's answer because it also names what other platforms use.
    let locked = house.text("Cargo.lock").unwrap_or_default();
    let in_lock = locked.lines().filter_map(|line| {
        let name = line.strip_prefix("name = \"")?;
        name.strip_suffix('"')
    });
    let mut names: Vec<&str> = house.packages.iter().map(|p| p.name.as_str()).collect();
    names.extend(in_lock);
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let line = list::lines(ANYWHERE).find(|line| line.means(name))?;
            let text = format!("`{name}` is banned: {}", line.reason);
            Some(Finding::problem(text))
        })
        .collect()
}

fn banned_in_pure(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &house.members {
        if !matches!(member.ring.as_deref(), Some("model" | "pure")) {
            continue;
        }
        for dependency in member.dependencies.iter().filter(|to| !to.ours && !to.dev) {
            let banned = list::lines(IN_PURE).find(|line| line.means(&dependency.name));
            if let Some(line) = banned {
                findings.push(Finding::problem(format!(
                    "the pure crate `{}` may not depend on `{}`: {}",
                    member.name, dependency.name, line.reason
                )));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::Locked;
    use crate::made_up::{member, on, problems, with_files};

    #[test]
    fn a_banned_package_is_refused_by_name_and_family() {
        let mut house = with_files(&[("Cargo.lock", "name = \"pgwire\"\nname = \"serde\"\n")]);
        house.packages.push(Locked {
            name: "openssl-sys".to_owned(),
            version: "1.0.0".to_owned(),
            licence: None,
        });
        let found = problems(check(&house));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("`openssl-sys` is banned: "));
        assert!(found[1].starts_with("`pgwire` is banned: "));
    }

    #[test]
    fn a_pure_crate_may_use_randomness_in_tests_only() {
        let mut policy = member("policy", "pure", &[]);
        policy.dependencies = vec![on("rand", false, true)];
        let mut house = House {
            members: vec![policy],
            ..House::default()
        };
        assert!(check(&house).is_empty());
        house.members[0].dependencies = vec![on("rand", false, false), on("tokio", false, false)];
        assert_eq!(problems(check(&house)).len(), 2);
        house.members[0].ring = Some("port".to_owned());
        assert!(check(&house).is_empty());
    }
}

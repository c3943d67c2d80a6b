//! Every dependency may be used under a licence that we accept.

use super::{Finding, list, spdx};
use crate::house::House;

const ALLOWED: &str = include_str!("../../data/licences.txt");

pub fn check(house: &House) -> Vec<Finding> {
    let allowed: Vec<&str> = list::lines(ALLOWED).map(|line| line.name).collect();
    let mut findings = Vec::new();
    for package in &house.packages {
        let name = format!("`{} {}`", package.name, package.version);
        let Some(licence) = &package.licence else {
            findings.push(Finding::problem(format!("{name} states no licence")));
            continue;
        };
        match spdx::is_satisfied(licence, &allowed) {
            Ok(true) => {}
            Ok(false) => findings.push(Finding::problem(format!(
                "{name} is under `{licence}`, which xtask/data/licences.txt does not allow"
            ))),
            Err(error) => findings.push(Finding::problem(format!(
                "the licence `{licence}` of {name} cannot be read: {error}"
            ))),
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::Locked;
    use crate::made_up::problems;

    fn found(licence: Option<&str>) -> Vec<String> {
        let package = Locked {
            name: "left-pad".to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
        };
        problems(check(&House {
            packages: vec![package],
            ..House::default()
        }))
    }

    #[test]
    fn a_dependency_without_an_allowed_licence_is_refused() {
        assert!(found(Some("MIT OR Apache-2.0")).is_empty());
        assert!(found(Some("AGPL-3.0-only"))[0].contains("does not allow"));
        assert!(found(Some("MIT OR"))[0].contains("cannot be read"));
        assert!(found(None)[0].contains("states no licence"));
    }
}

//! Generated documents say what their sources say.

use super::Finding;
use crate::generated::{catalogue, map, refusals};
use crate::house::House;

pub fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    if house.text(refusals::PATH) != Some(refusals::render().as_str()) {
        findings.push(Finding::problem(format!(
            "{} is not what the refusal table says; run `./x docs`",
            refusals::PATH
        )));
    }
    if house.text(catalogue::PATH) != Some(catalogue::render().as_str()) {
        findings.push(Finding::problem(format!(
            "{} is not what crates/sql/data/catalogue says; run `./x docs`",
            catalogue::PATH
        )));
    }
    let architecture = house.text(map::PATH).unwrap_or_default();
    match map::inserted(architecture, house) {
        Ok(expected) if expected == architecture => {}
        Ok(_) => findings.push(Finding::problem(format!(
            "the table of crates in {} is out of date; run `./x map`",
            map::PATH
        ))),
        Err(error) => findings.push(Finding::problem(error.to_string())),
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{member, problems, with_files};

    #[test]
    fn documents_that_fell_behind_name_their_command() {
        let empty = format!("{}\n{}\n", map::BEGIN, map::END);
        let mut house = with_files(&[
            (map::PATH, &empty),
            (refusals::PATH, "old"),
            (catalogue::PATH, "old"),
        ]);
        house.members = vec![member("policy", "pure", &[])];
        let found = problems(check(&house));
        assert!(found[0].contains("./x docs"), "{found:?}");
        assert!(found[1].contains("./x docs"), "{found:?}");
        assert!(found[2].contains("./x map"), "{found:?}");

        let current = map::inserted(&empty, &house).unwrap();
        let table = refusals::render();
        let relations = catalogue::render();
        let mut house = with_files(&[
            (map::PATH, &current),
            (refusals::PATH, &table),
            (catalogue::PATH, &relations),
        ]);
        house.members = vec![member("policy", "pure", &[])];
        assert!(check(&house).is_empty());
    }

    #[test]
    fn a_missing_document_is_a_problem() {
        assert_eq!(problems(check(&House::default())).len(), 3);
    }
}

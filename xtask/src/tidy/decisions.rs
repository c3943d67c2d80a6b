//! Every direct dependency that is not ours has its line of reason in the decisions.

use std::collections::BTreeSet;

use super::Finding;
use crate::house::House;

const PATH: &str = "docs/decisions/0002-dependencies.md";

pub fn check(house: &House) -> Vec<Finding> {
    let direct: BTreeSet<&str> = house
        .members
        .iter()
        .flat_map(|member| &member.dependencies)
        .filter(|dependency| !dependency.ours)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let text = house.text(PATH).unwrap_or_default();
    direct
        .into_iter()
        .filter(|name| !has_row(text, name))
        .map(|name| {
            Finding::problem(format!(
                "`{name}` has no line in {PATH}; write why it is worth having"
            ))
        })
        .collect()
}

/// A row of the table begins with the package's name and ends with a reason.
fn has_row(text: &str, name: &str) -> bool {
    let beginning = format!("| `{name}` |");
    text.lines()
        .filter_map(|line| line.strip_prefix(&beginning))
        .any(|rest| !rest.trim_matches([' ', '|']).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{member, on, problems, with_files};

    #[test]
    fn a_dependency_without_a_reason_is_refused() {
        let found = |text: &str| {
            let mut house = with_files(&[(PATH, text)]);
            let mut policy = member("policy", "pure", &["model"]);
            policy.dependencies.push(on("left-pad", false, false));
            house.members = vec![policy];
            problems(check(&house)).len()
        };
        assert_eq!(found("| `left-pad` | pads | written once already |"), 0);
        assert_eq!(found("| `left-pad` | |"), 1);
        assert_eq!(found("| `right-pad` | pads |"), 1);
    }
}

//! What a ladder must ask for at least, whoever wrote it.
//!
//! Source: design.md section 7: "`protected` two people, one of them home security. `sensitive` two
//! home security and the data owner. `restricted` two home security, privacy, and the validator. A
//! look-up of one named person is a class of its own, with a second party outside the requester's
//! line."

use model::{FlowId, Level, Role};

use super::{Factor, Ladder, Rung};

pub(super) struct Problem {
    pub(super) level: Option<Level>,
    pub(super) cause: String,
    pub(super) remedy: String,
}

/// Everything in which the ladder asks for too little.
pub(super) fn problems(ladder: &Ladder) -> Vec<Problem> {
    let mut found = Vec::new();
    for &level in Level::ALL {
        let problem = |cause: String, remedy: &str| Problem {
            level: Some(level),
            cause,
            remedy: remedy.to_owned(),
        };
        match (level, ladder.rungs.get(&level)) {
            (_, None) => found.push(problem(
                format!("the level `{level}` is missing"),
                "add it; a level without a rung could not be refused or approved",
            )),
            (_, Some(Rung::Flow(flow))) => found.extend(flow_problems(ladder, Some(level), flow)),
            (_, Some(Rung::Refused(_))) | (Level::Public, Some(Rung::NoApproval)) => {}
            (Level::Interoperability, Some(Rung::AllowList)) => {}
            (Level::Aggregated, Some(_)) => found.push(problem(
                "aggregates are refused until minimum group sizes and differencing checks exist"
                    .into(),
                "write `approval: refused`",
            )),
            (_, Some(Rung::NoApproval | Rung::AllowList)) => found.push(problem(
                format!("the level `{level}` would open without an approval"),
                "write `approval: flow` with a flow, or `approval: refused`",
            )),
        }
        if level == Level::Aggregated && matches!(ladder.rungs.get(&level), Some(Rung::Flow(_))) {
            found.push(problem(
                "aggregates are refused until minimum group sizes and differencing checks exist"
                    .into(),
                "write `approval: refused`",
            ));
        }
    }
    found.extend(flow_problems(ladder, None, &ladder.single_person));
    found.extend(allow_list_problems(ladder));
    found
}

fn flow_problems(ladder: &Ladder, level: Option<Level>, id: &FlowId) -> Vec<Problem> {
    let Some(flow) = ladder.flows.get(id) else {
        let cause = format!("the flow `{id}` is not defined");
        return vec![Problem {
            level,
            cause,
            remedy: "define it under `flows`".into(),
        }];
    };
    let minimum: &[(u32, Role, bool)] = match level {
        Some(Level::Sensitive) => &[(2, Role::HomeSecurity, true), (1, Role::DataOwner, false)],
        Some(Level::Restricted) => &[
            (2, Role::HomeSecurity, true),
            (1, Role::Privacy, false),
            (1, Role::Validator, false),
        ],
        Some(Level::Public | Level::Aggregated | Level::Interoperability | Level::Protected)
        | None => &[(1, Role::HomeSecurity, true)],
    };
    let mut found = Vec::new();
    for &(need, role, at_home) in minimum {
        if sure_of(&flow.factors, role, at_home) < need {
            let place = if at_home { " at home" } else { "" };
            let wanted = role.as_str().replace('_', " ");
            found.push(Problem {
                level,
                cause: format!("the flow `{id}` does not make sure of {need} of {wanted}{place}"),
                remedy: format!("add a factor that needs {need} of `{role}` alone"),
            });
        }
    }
    let total: u32 = flow
        .factors
        .iter()
        .fold(0, |sum, factor| sum.saturating_add(factor.need));
    if total < 2 {
        found.push(Problem {
            level,
            cause: format!("the flow `{id}` can be filled by one person"),
            remedy: "ask for at least two people".into(),
        });
    }
    if level.is_none() && !flow.factors.iter().any(|factor| factor.outside_line) {
        found.push(Problem {
            level,
            cause: format!("the flow `{id}` for one named person can stay in the requester's line"),
            remedy: "set `outside_line: true` on a factor".into(),
        });
    }
    found
}

/// How many people of this role the factors are sure to include: only factors that name no other
/// role count.
fn sure_of(factors: &[Factor], role: Role, at_home: bool) -> u32 {
    factors
        .iter()
        .filter(|factor| factor.roles.len() == 1 && factor.roles.contains(&role))
        .filter(|factor| factor.at_home || !at_home)
        .fold(0, |sum, factor| sum.saturating_add(factor.need))
}

fn allow_list_problems(ladder: &Ladder) -> Vec<Problem> {
    if ladder.allow_list.fields.is_empty() || ladder.allow_list.is_accepted() {
        return Vec::new();
    }
    vec![Problem {
        level: Some(Level::Interoperability),
        cause: "the allow-list is not accepted by home security and the validator".into(),
        remedy: "list both, two different people, under `allow_list.accepted`".into(),
    }]
}

#[cfg(test)]
mod tests {
    use crate::ladder::{SHIPPED_LADDER, read_ladder};

    fn faults(text: &str) -> String {
        match read_ladder("ladder.yaml", text) {
            Ok(_) => "accepted".into(),
            Err(faults) => faults
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    #[test]
    fn the_shipped_ladder_is_accepted() {
        assert_eq!(faults(SHIPPED_LADDER), "accepted");
    }

    #[test]
    fn a_ladder_that_asks_for_too_little_is_named() {
        let weaker = [
            SHIPPED_LADDER.replace("need: 2", "need: 1"),
            SHIPPED_LADDER.replace("roles: [data_owner], ", "roles: [data_owner, privacy], "),
            SHIPPED_LADDER.replace("roles: [home_security], at_home: true", "roles: [home_security], at_home: false"),
            SHIPPED_LADDER.replace("protected:        { approval: flow, flow: protected-data }", "protected: { approval: none }"),
            SHIPPED_LADDER.replace("{ approval: refused, reason: minimum group sizes and differencing checks do not exist yet }", "{ approval: none }"),
            SHIPPED_LADDER.replace("outside_line: true", "outside_line: false"),
            SHIPPED_LADDER.replace("  restricted:       { approval: flow, flow: restricted-data }\n", ""),
            SHIPPED_LADDER.replace("flow: sensitive-data }", "flow: nobody-knows }"),
            SHIPPED_LADDER.replace("fields: []", "fields: [ { dataset: app/t, fields: [a] } ]"),
            SHIPPED_LADDER.replace("roles: [privacy]", "roles: [king]"),
        ];
        let all: Vec<String> = weaker.iter().map(|text| faults(text)).collect();
        assert!(all.iter().all(|text| text != "accepted"));
        insta::assert_snapshot!(all.join("\n---\n"));
    }
}

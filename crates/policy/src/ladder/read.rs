//! A ladder from its YAML text.

use std::collections::{BTreeMap, BTreeSet};

use document::Located;
use model::{DatasetId, Diagnostic, FieldName, FlowId, Level, PersonId, Role};
use serde::Deserialize;

use super::{AllowList, Factor, Flow, Ladder, Rung, check};

/// The ladder that comes with Cordon.
pub const SHIPPED_LADDER: &str = include_str!("../../../../policies/ladder.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    ladder: BTreeMap<String, Located<RungText>>,
    single_person: SinglePersonText,
    #[serde(default)]
    allow_list: AllowListText,
    flows: Vec<FlowText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RungText {
    approval: Approval,
    flow: Option<Located<String>>,
    reason: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Approval {
    None,
    Refused,
    AllowList,
    Flow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinglePersonText {
    flow: Located<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowListText {
    #[serde(default)]
    fields: Vec<FieldsText>,
    #[serde(default)]
    accepted: Vec<AcceptedText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldsText {
    dataset: Located<String>,
    fields: Vec<Located<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedText {
    by: Located<String>,
    role: Located<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowText {
    flow: Located<String>,
    title: String,
    hours_max: Located<u32>,
    factors: Vec<FactorText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactorText {
    need: Located<u32>,
    roles: Vec<Located<String>>,
    at_home: bool,
    outside_line: bool,
}

/// Reads a ladder and holds it against the minimum each level must ask for.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn read(file: &str, text: &str) -> Result<Ladder, Vec<Diagnostic>> {
    let parsed: File = document::read(file, text).map_err(|fault| vec![*fault])?;
    let mut faults = Vec::new();
    let mut fail = |fault: Diagnostic| faults.push(fault);
    let mut rungs = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for (word, rung) in &parsed.ladder {
        match Level::parse(word) {
            Ok(level) => {
                lines.insert(level, rung.line);
                if let Some(rung) = rung_of(file, word, rung, &mut fail) {
                    rungs.insert(level, rung);
                }
            }
            Err(error) => {
                fail(rung.error(file, "ladder", error.to_string(), "use one of the levels"));
            }
        }
    }
    let mut flows = BTreeMap::new();
    for text in &parsed.flows {
        if let Some(flow) = flow_of(file, text, &mut fail)
            && flows.insert(flow.id.clone(), flow).is_some()
        {
            let cause = format!("the flow `{}` is defined twice", text.flow.value);
            fail(text.flow.error(file, "flows", cause, "keep one of the two"));
        }
    }
    let single = FlowId::new(&parsed.single_person.flow.value);
    if let Err(error) = &single {
        let place = &parsed.single_person.flow;
        fail(place.error(file, "single_person.flow", error.to_string(), "name a flow"));
    }
    let allow_list = allow_list_of(file, &parsed.allow_list, &mut fail);
    let Ok(single_person) = single else {
        return Err(faults);
    };
    let ladder = Ladder {
        rungs,
        single_person,
        allow_list,
        flows,
    };
    if faults.is_empty() {
        faults.extend(check::problems(&ladder).into_iter().map(|problem| {
            let line = problem
                .level
                .and_then(|level| lines.get(&level))
                .copied()
                .unwrap_or(0);
            Diagnostic::error(file, problem.cause, problem.remedy)
                .at(line, 0)
                .under(
                    problem
                        .level
                        .map_or_else(String::new, |level| format!("ladder.{level}")),
                )
        }));
    }
    if faults.is_empty() {
        Ok(ladder)
    } else {
        Err(faults)
    }
}

fn rung_of(
    file: &str,
    word: &str,
    text: &Located<RungText>,
    fail: &mut impl FnMut(Diagnostic),
) -> Option<Rung> {
    let path = format!("ladder.{word}");
    match (text.value.approval, &text.value.flow) {
        (Approval::None, None) => Some(Rung::NoApproval),
        (Approval::AllowList, None) => Some(Rung::AllowList),
        (Approval::Refused, None) => {
            Some(Rung::Refused(text.value.reason.clone().unwrap_or_default()))
        }
        (Approval::Flow, Some(flow)) => match FlowId::new(&flow.value) {
            Ok(id) => Some(Rung::Flow(id)),
            Err(error) => {
                fail(flow.error(file, path, error.to_string(), "name one of the flows"));
                None
            }
        },
        (Approval::Flow, None) => {
            let cause = "`approval: flow` does not say which flow";
            fail(text.error(file, path, cause, "add `flow: NAME`"));
            None
        }
        (Approval::None | Approval::AllowList | Approval::Refused, Some(flow)) => {
            let cause = "a flow is named, but the approval is not `flow`";
            fail(flow.error(
                file,
                path,
                cause,
                "write `approval: flow` or remove the flow",
            ));
            None
        }
    }
}

fn flow_of(file: &str, text: &FlowText, fail: &mut impl FnMut(Diagnostic)) -> Option<Flow> {
    let path = format!("flows.{}", text.flow.value);
    let mut factors = Vec::new();
    for factor in &text.factors {
        let mut roles = BTreeSet::new();
        for role in &factor.roles {
            match Role::parse(&role.value) {
                Ok(role) => {
                    roles.insert(role);
                }
                Err(error) => {
                    fail(role.error(
                        file,
                        path.clone(),
                        error.to_string(),
                        "use one of the roles",
                    ));
                }
            }
        }
        if factor.need.value == 0 || factor.roles.is_empty() {
            let cause = "a factor that needs nobody is no factor";
            fail(factor.need.error(
                file,
                path.clone(),
                cause,
                "set `need` to 1 or more and name roles",
            ));
        }
        factors.push(Factor {
            need: factor.need.value,
            roles,
            at_home: factor.at_home,
            outside_line: factor.outside_line,
        });
    }
    if text.hours_max.value == 0 {
        let cause = "a grant of 0 hours is never in force";
        fail(
            text.hours_max
                .error(file, path.clone(), cause, "give at least one hour"),
        );
    }
    match FlowId::new(&text.flow.value) {
        Ok(id) => Some(Flow {
            id,
            title: text.title.clone(),
            hours_max: text.hours_max.value,
            factors,
        }),
        Err(error) => {
            fail(
                text.flow
                    .error(file, path, error.to_string(), "use letters, digits and `-`"),
            );
            None
        }
    }
}

fn allow_list_of(file: &str, text: &AllowListText, fail: &mut impl FnMut(Diagnostic)) -> AllowList {
    let mut list = AllowList::default();
    for entry in &text.fields {
        match DatasetId::new(&entry.dataset.value) {
            Ok(dataset) => {
                for field in &entry.fields {
                    match FieldName::new(&field.value) {
                        Ok(name) => {
                            list.fields.insert((dataset.clone(), name));
                        }
                        Err(error) => fail(field.error(
                            file,
                            "allow_list.fields",
                            error.to_string(),
                            "name a field of the catalogue",
                        )),
                    }
                }
            }
            Err(error) => fail(entry.dataset.error(
                file,
                "allow_list.fields",
                error.to_string(),
                "name a dataset of the catalogue",
            )),
        }
    }
    for entry in &text.accepted {
        match (
            PersonId::new(&entry.by.value),
            Role::parse(&entry.role.value),
        ) {
            (Ok(person), Ok(role)) => {
                list.accepted.insert((person, role));
            }
            (Err(error), _) => fail(entry.by.error(
                file,
                "allow_list.accepted",
                error.to_string(),
                "name a person of the register",
            )),
            (_, Err(error)) => fail(entry.role.error(
                file,
                "allow_list.accepted",
                error.to_string(),
                "use one of the roles",
            )),
        }
    }
    list
}

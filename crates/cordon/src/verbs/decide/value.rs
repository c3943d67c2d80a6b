//! A decision as programs read it.

use model::Rows;
use policy::{CellReason, Decision, Outcome, Standing};
use serde_json::{Map, Value, json};

use super::text::Answer;

/// The whole answer.
pub fn of(answer: &Answer<'_>) -> Value {
    let mut value = Map::new();
    value.insert("at".into(), json!(answer.now.to_string()));
    match answer.outcome {
        Outcome::Permitted(_) => {
            value.insert("permitted".into(), json!(true));
        }
        Outcome::Refused(refused) => {
            let entry = refused.code.entry();
            value.insert("permitted".into(), json!(false));
            value.insert(
                "refusal".into(),
                json!({
                    "code": refused.code.as_str(),
                    "sqlstate": entry.sqlstate,
                    "http": entry.http,
                    "meaning": entry.meaning,
                    "remedy": entry.remedy,
                    "hint": refused.hint.as_ref().map(ToString::to_string),
                    "failure": refused.failure.as_ref().map(ToString::to_string),
                }),
            );
        }
    }
    if let Some(decision) = answer.decision() {
        value.insert("decision".into(), decision_value(decision));
    }
    Value::Object(value)
}

fn decision_value(decision: &Decision) -> Value {
    let datasets = decision.cells.iter().map(|(id, fields)| {
        let view = decision.views.get(id);
        json!({
            "dataset": id.as_str(),
            "view": view.map(|view| view.hash.to_string()),
            "rows": decision.rows.get(id).map(|rows| {
                rows.iter()
                    .map(|(class, reason)| json!({
                        "class": class.to_string(),
                        "rows": rows_word(&reason.rows),
                        "policies": strings(&reason.policies),
                        "left_out_for": reason.left_out_for.as_ref().map(ToString::to_string),
                        "may_ask": reason.requestable,
                    }))
                    .collect::<Vec<_>>()
            }),
            "fields": fields
                .iter()
                .map(|(name, cells)| json!({
                    "field": name.as_str(),
                    "cells": cells.iter().map(|(class, cell)| cell_value(&class.to_string(), cell)).collect::<Vec<_>>(),
                }))
                .collect::<Vec<_>>(),
            "actions": decision.actions.get(id).map(|answers| {
                answers
                    .iter()
                    .map(|(class, answer)| json!({
                        "class": class.to_string(),
                        "action": answer.action.as_str(),
                        "allowed": answer.allowed,
                        "for_subjects_of": strings(&answer.for_subjects),
                        "policies": strings(&answer.policies),
                        "may_ask": answer.requestable,
                    }))
                    .collect::<Vec<_>>()
            }),
        })
    });
    let standings = decision.standings.iter().map(|under| {
        let word = match under.standing {
            Standing::NotCovered(_) => "not_covered",
            Standing::Covered(_) => "covered",
            Standing::Unknown(_) => "unknown",
        };
        json!({
            "person": under.person.as_str(),
            "regime": under.regime.as_str(),
            "standing": word,
            "path": under.standing.path().iter().map(|step| json!({ "text": step.text, "source": step.source })).collect::<Vec<_>>(),
        })
    });
    json!({
        "id": decision.id.to_string(),
        "policy_set": decision.policies.to_string(),
        "schema": decision.schema.to_string(),
        "inputs": decision.inputs.to_string(),
        "valid_until": decision.valid_until.to_string(),
        "determining": strings(&decision.determining),
        "standings": standings.collect::<Vec<_>>(),
        "datasets": datasets.collect::<Vec<_>>(),
        "hints": decision.hints.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn rows_word(rows: &Rows) -> Value {
    match rows {
        Rows::Seen => json!("seen"),
        Rows::Unseen => json!("unseen"),
        Rows::SeenFor(grants) => json!({ "seen_for_subjects_of": strings(grants) }),
    }
}

fn cell_value(class: &str, cell: &CellReason) -> Value {
    json!({
        "class": class,
        "verdict": cell.verdict.to_string(),
        "clear_for_subjects_of": strings(&cell.clear_for),
        "grant": cell.grant.as_ref().map(ToString::to_string),
        "policies": strings(&cell.policies),
        "may_ask": cell.requestable,
    })
}

fn strings<T: ToString>(items: &std::collections::BTreeSet<T>) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

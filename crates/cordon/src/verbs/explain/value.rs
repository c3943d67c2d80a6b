//! What was made of a statement, for programs.

use enforce::{Checked, Refused};
use serde_json::{Value, json};
use sql::Role;

use super::Answer;
use super::text::{action, form, parameter_text};

/// One object; `statements` or `refused`.
pub fn of(answer: &Answer<'_>) -> Value {
    let mut value = json!({ "as": answer.who, "sql": answer.sql });
    if let Some(object) = value.as_object_mut() {
        match answer.result {
            Ok(all) => {
                object.insert("statements".to_owned(), all.iter().map(statement).collect());
            }
            Err(refused) => {
                object.insert("refused".to_owned(), refusal(refused));
            }
        }
    }
    value
}

fn refusal(refused: &Refused) -> Value {
    let entry = refused.code.entry();
    json!({
        "code": refused.code.to_string(),
        "sqlstate": entry.sqlstate,
        "http": entry.http,
        "about": refused.about,
        "at": refused.at,
        "remedy": entry.remedy,
        "hint": refused.hint.as_ref().map(ToString::to_string),
    })
}

fn statement(checked: &Checked) -> Value {
    let relations: Vec<Value> = checked
        .resolution
        .uses
        .iter()
        .map(|used| {
            let verdicts: serde_json::Map<String, Value> = checked
                .permit
                .as_ref()
                .and_then(|permit| permit.view(&used.dataset))
                .map(|interned| {
                    interned
                        .view
                        .fields
                        .iter()
                        .map(|(name, field)| {
                            let cells: serde_json::Map<String, Value> = field
                                .cells
                                .iter()
                                .map(|(class, cell)| {
                                    (class.to_string(), cell.verdict.to_string().into())
                                })
                                .collect();
                            let mask = field.mask.as_ref().map(ToString::to_string);
                            (name.to_string(), json!({ "mask": mask, "cells": cells }))
                        })
                        .collect()
                })
                .unwrap_or_default();
            json!({
                "dataset": used.dataset.as_str(),
                "alias": used.alias,
                "role": match used.role { Role::Read => "read", Role::Write => "write" },
                "fields": used.fields.iter().map(|field| field.as_str()).collect::<Vec<_>>(),
                "all": used.all,
                "verdicts": verdicts,
            })
        })
        .collect();
    let shapes: Vec<Value> = checked
        .guarded
        .shapes()
        .iter()
        .map(|shape| {
            json!({
                "alias": shape.alias,
                "form": form(shape.form),
                "pushed": shape.pushed,
                "why": shape.why,
            })
        })
        .collect();
    let parameters: Vec<String> = checked
        .guarded
        .parameters()
        .iter()
        .map(parameter_text)
        .collect();
    json!({
        "action": action(checked.guarded.action()),
        "relations": relations,
        "functions": checked.resolution.functions,
        "operators": checked.resolution.operators,
        "volatile": checked.resolution.is_volatile,
        "shapes": shapes,
        "sent": checked.guarded.text(),
        "parameters": parameters,
    })
}

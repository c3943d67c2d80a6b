//! `cordon.explain('...')`: what would become of a statement. It goes the way of a statement up to its
//! being sent; a refusal is a row. What is sent upstream is told only where nothing is held back: it
//! names the columns by which rows and values are.

use std::collections::BTreeSet;

use enforce::Checked;
use model::{DatasetId, FieldName, Rows, Verdict};
use serde_json::{Value, json};
use sql::{Action, Parameter, Role};

use super::super::Session;
use super::access::{rows_in_words, verdict_in_words};
use crate::problem::Problem;

impl Session {
    pub(super) fn explained(&mut self, text: &str) -> Vec<Value> {
        match self.check(text, &[]) {
            Err(problem) => vec![refused(&problem)],
            Ok(all) => (1..)
                .zip(all.iter())
                .flat_map(|(number, checked)| one(number, checked))
                .collect(),
        }
    }
}

fn refused(problem: &Problem) -> Value {
    let code = problem.refusal.map(|code| code.to_string());
    json!({
        "statement": 1,
        "kind": "refused",
        "about": code.unwrap_or_else(|| problem.sqlstate.as_str().to_owned()),
        "answer": problem.message,
        "remedy": problem.hint,
    })
}

fn one(number: i32, checked: &Checked) -> Vec<Value> {
    let mut rows = vec![row(number, "does", None, does(checked.guarded.action()))];
    let mut datasets = BTreeSet::new();
    for used in &checked.resolution.uses {
        let kind = match used.role {
            Role::Read => "reads",
            Role::Write => "writes",
        };
        let names: Vec<&str> = used.fields.iter().map(FieldName::as_str).collect();
        let fields = match names.as_slice() {
            _ if used.all => "every field that you may see".to_owned(),
            [] => "rows alone".to_owned(),
            names => names.join(", "),
        };
        rows.push(row(number, kind, Some(used.dataset.collection()), &fields));
        datasets.insert(&used.dataset);
    }
    for dataset in datasets {
        rows.extend(verdicts(number, checked, dataset));
    }
    let text = checked.guarded.text();
    if !text.is_empty() {
        let sent = if holds_nothing_back(checked) {
            text
        } else {
            "not told: it says how rows and values are held back"
        };
        rows.push(row(number, "sent", None, sent));
    }
    rows
}

fn row(number: i32, kind: &str, about: Option<&str>, answer: &str) -> Value {
    json!({ "statement": number, "kind": kind, "about": about, "answer": answer })
}

/// What is shown of each field that the decision is about.
fn verdicts(number: i32, checked: &Checked, dataset: &DatasetId) -> Vec<Value> {
    let Some(permit) = &checked.permit else {
        return Vec::new();
    };
    let Some(interned) = permit.view(dataset) else {
        return Vec::new();
    };
    let view = &interned.view;
    let hints = &permit.decision().hints;
    let hint = hints.iter().find(|hint| hint.dataset == *dataset);
    let about = dataset.collection();
    let mut rows = vec![row(number, "rows", Some(about), rows_in_words(view))];
    for name in view.fields.keys() {
        let Some(verdict) = verdict_in_words(view, name) else {
            continue;
        };
        let asked = hint.filter(|hint| hint.fields.contains(name));
        rows.push(json!({
            "statement": number,
            "kind": "field",
            "about": format!("{about}.{name}"),
            "answer": verdict,
            "remedy": asked.map(ToString::to_string),
        }));
    }
    rows
}

/// Whether everything that the statement reads is clear in all rows, and nothing of ours goes with it.
fn holds_nothing_back(checked: &Checked) -> bool {
    let is_clear = |dataset: &DatasetId| {
        let permit = checked.permit.as_ref();
        let view = permit.and_then(|permit| permit.view(dataset));
        view.is_some_and(|interned| {
            let view = &interned.view;
            let cells = view.fields.values().flat_map(|field| field.cells.values());
            view.rows.values().all(|rows| *rows == Rows::Seen)
                && cells.into_iter().all(|cell| cell.verdict == Verdict::Clear)
        })
    };
    let mut parameters = checked.guarded.parameters().iter();
    !checked.resolution.is_about_catalogue()
        && checked.basis.datasets().all(is_clear)
        && parameters.all(|parameter| matches!(parameter, Parameter::Client(_)))
}

fn does(action: &Action) -> &'static str {
    match action {
        Action::Query => "runs the query",
        Action::Write(_) => "runs the change",
        Action::CopyOut(_) => "runs the query and gives its rows as COPY does",
        Action::Explain { redact: true } => "explains it, with the types of plan nodes alone",
        Action::Explain { redact: false } => "explains it",
        Action::Declare { .. } => "opens a cursor",
        Action::Prepare(..) => "keeps it to be run later",
        Action::Execute(_) => "runs what is kept under a name",
        Action::Deallocate(_) => "forgets what is kept",
        Action::Fetch(_) => "moves in a cursor",
        Action::Close(_) => "closes a cursor",
        Action::Transaction(_) => "begins or ends a transaction",
        Action::Set(_) | Action::SetVirtual(_) => "sets a setting",
        Action::Show(_) => "shows a setting",
        Action::Discard(_) => "forgets the session's state",
    }
}

//! `cordon.my_access`: what somebody may see, in words, and what they may ask for. Nothing stands here
//! that a statement, its notice or its refusal would not tell: a field that is hidden is named only
//! where the ladder would open it, as the hint of a refusal names it.

use model::{Cell, DatasetId, FieldName, RowClass, Rows, Verdict, View};
use policy::{Ask, Because, DatasetAsk, Decision, FieldsAsked, Hint};
use serde_json::{Value, json};

use super::super::Session;
use super::super::names::leaves_rows_out;

impl Session {
    pub(super) fn access(&mut self) -> Vec<Value> {
        let world = std::sync::Arc::clone(&self.world);
        let enforcer = world.enforcer();
        let mut rows = Vec::new();
        for dataset in enforcer.binding().datasets() {
            let columns: Vec<&FieldName> = enforcer
                .binding()
                .columns(enforcer.schema(), dataset)
                .collect();
            let ask = Ask::view(dataset.clone());
            let session = self.session_facts();
            let decider = enforcer.decider();
            let outcome = decider.decide(&session, &ask, world.rights(), self.now());
            match outcome {
                policy::Outcome::Permitted(permit) => {
                    let Some(interned) = permit.view(dataset) else {
                        continue;
                    };
                    let told = Seen {
                        dataset,
                        view: &interned.view,
                        decision: permit.decision(),
                        columns: &columns,
                    };
                    let ask = |field: &FieldName| self.ask_for(&session, dataset, field);
                    rows.extend(told.rows(|field| self.level(dataset, field), ask));
                }
                policy::Outcome::Refused(refused) => {
                    let Some(hint) = refused.hint else { continue };
                    rows.extend(requestable(dataset, &hint, |field| {
                        self.level(dataset, field)
                    }));
                }
            }
        }
        rows
    }

    /// How to ask for one field that is shown in some form.
    fn ask_for(
        &self,
        session: &model::Session,
        dataset: &DatasetId,
        field: &FieldName,
    ) -> Option<String> {
        let ask = Ask {
            datasets: vec![DatasetAsk {
                dataset: dataset.clone(),
                fields: FieldsAsked::Named([field.clone()].into()),
            }],
            ..Ask::view(dataset.clone())
        };
        let decider = self.world.enforcer().decider();
        match decider.decide(session, &ask, self.world.rights(), self.now()) {
            policy::Outcome::Permitted(permit) => {
                permit.decision().hints.first().map(ToString::to_string)
            }
            policy::Outcome::Refused(_) => None,
        }
    }

    fn level(&self, dataset: &DatasetId, field: &FieldName) -> Option<&'static str> {
        let dataset = self.world.enforcer().decider().dataset(dataset)?;
        Some(dataset.field(field)?.level().as_str())
    }
}

/// A dataset of which something is seen.
struct Seen<'a> {
    dataset: &'a DatasetId,
    view: &'a View,
    decision: &'a Decision,
    columns: &'a [&'a FieldName],
}

impl Seen<'_> {
    fn rows(
        &self,
        level: impl Fn(&FieldName) -> Option<&'static str>,
        ask: impl Fn(&FieldName) -> Option<String>,
    ) -> Vec<Value> {
        let hint = self
            .decision
            .hints
            .iter()
            .find(|hint| hint.dataset == *self.dataset);
        let mut rows = vec![json!({
            "dataset": self.dataset.as_str(),
            "relation": self.dataset.collection(),
            "verdict": rows_in_words(self.view),
        })];
        for field in self.columns {
            let asked = hint.filter(|hint| hint.fields.contains(*field));
            let shown = verdict_in_words(self.view, field);
            let (verdict, why) = match (shown, asked) {
                (Some(verdict), _) => (verdict, self.why(field, asked)),
                (None, Some(_)) => (NOT_SHOWN.to_owned(), NEEDS_APPROVAL.to_owned()),
                // Its name is not theirs to know.
                (None, None) => continue,
            };
            rows.push(json!({
                "dataset": self.dataset.as_str(),
                "relation": self.dataset.collection(),
                "field": field.as_str(),
                "level": level(field),
                "verdict": verdict,
                "why": why,
                "ask": asked.map(|hint| ask(field).unwrap_or_else(|| hint.to_string())),
            }));
        }
        rows
    }

    fn why(&self, field: &FieldName, asked: Option<&Hint>) -> String {
        let cells = self.decision.cells.get(self.dataset);
        let cells = cells.and_then(|cells| cells.get(field));
        let seen = |class: &RowClass| self.view.rows.get(class) != Some(&Rows::Unseen);
        let reasons = || {
            cells
                .into_iter()
                .flatten()
                .filter(|(class, _)| seen(class))
                .map(|(_, reason)| reason)
        };
        if let Some(grant) = reasons().find_map(|reason| reason.grant.as_ref()) {
            return format!("your grant {grant}");
        }
        if let Some(grant) = reasons().find_map(|reason| reason.clear_for.first()) {
            return format!("your grant {grant}, for its subjects");
        }
        if reasons().any(|reason| matches!(reason.because, Because::Domain(_))) {
            return "its key is masked for you somewhere, so it is masked everywhere".to_owned();
        }
        if asked.is_some() {
            return NEEDS_APPROVAL.to_owned();
        }
        "the policies in force".to_owned()
    }
}

const NOT_SHOWN: &str = "not shown";
const NEEDS_APPROVAL: &str = "it needs an approval that you do not have";

/// A dataset of which nothing is seen, and that the ladder would open.
fn requestable(
    dataset: &DatasetId,
    hint: &Hint,
    level: impl Fn(&FieldName) -> Option<&'static str>,
) -> Vec<Value> {
    hint.fields
        .iter()
        .map(|field| {
            json!({
                "dataset": dataset.as_str(),
                "relation": dataset.collection(),
                "field": field.as_str(),
                "level": level(field),
                "verdict": NOT_SHOWN,
                "why": NEEDS_APPROVAL,
                "ask": hint.to_string(),
            })
        })
        .collect()
}

/// Which rows of a dataset are seen.
pub(super) fn rows_in_words(view: &View) -> &'static str {
    if leaves_rows_out(view) {
        "not all rows"
    } else {
        "all rows"
    }
}

/// What is shown of a field in the rows that are seen; `None` for one that is not there.
pub(super) fn verdict_in_words(view: &View, field: &FieldName) -> Option<String> {
    let shown = view.fields.get(field)?;
    let seen = |class: &RowClass| {
        let rows = view.rows.get(class);
        rows.is_some_and(|rows| *rows != Rows::Unseen)
    };
    let cells = || {
        let cells = shown.cells.iter().filter(|(class, _)| seen(class));
        cells.map(|(_, cell)| cell)
    };
    let is = |verdict: Verdict| move |cell: &Cell| cell.verdict == verdict;
    if cells().all(is(Verdict::Hidden)) {
        return None;
    }
    let clear = cells().any(is(Verdict::Clear));
    let masked = cells().any(is(Verdict::Masked));
    let mask = shown.mask.as_ref().map(ToString::to_string);
    let mask = mask.unwrap_or_else(|| "null".to_owned());
    let for_subjects = cells().any(|cell| !cell.clear_for.is_empty());
    Some(match (clear, masked) {
        (true, false) => "clear".to_owned(),
        (true, true) => format!("clear in some rows, masked in others: {mask}"),
        (false, _) if for_subjects => {
            format!("clear for the subjects of your grant, masked for others: {mask}")
        }
        (false, _) => format!("masked: {mask}"),
    })
}

//! A decision as people read it.

use std::collections::BTreeSet;
use std::fmt;

use model::{DatasetId, Refusal, RowClass, Rows, Session, Timestamp, Verdict};
use policy::{Ask, Because, CellReason, Decision, Outcome, Standing};

use crate::verbs::load::Loaded;

/// A question with its answer.
pub struct Answer<'a> {
    /// The deployment.
    pub loaded: &'a Loaded,
    /// Who asked.
    pub session: &'a Session,
    /// For what.
    pub ask: &'a Ask,
    /// The answer.
    pub outcome: &'a Outcome,
    /// When.
    pub now: Timestamp,
}

impl Answer<'_> {
    /// The decision, if it came to one.
    pub fn decision(&self) -> Option<&Decision> {
        match self.outcome {
            Outcome::Permitted(permit) => Some(permit.decision()),
            Outcome::Refused(refused) => refused.decision.as_deref(),
        }
    }

    fn who(&self) -> String {
        match &self.session.asker {
            model::Asker::Person(person) => person.to_string(),
            model::Asker::Service(service) => format!("the service {service}"),
            model::Asker::OnBehalf(service, person) => {
                format!("the service {service} for {person}")
            }
        }
    }
}

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self
            .ask
            .datasets
            .iter()
            .map(|d| d.dataset.as_str())
            .collect();
        let purpose = match &self.session.purpose {
            Some(purpose) => format!(" for {purpose}"),
            None => String::new(),
        };
        writeln!(
            f,
            "{} asks for {}{purpose} at {}",
            self.who(),
            names.join(", "),
            self.now
        )?;
        if let Outcome::Refused(refused) = self.outcome {
            write_refusal(f, refused.code)?;
            if let Some(hint) = &refused.hint {
                writeln!(f, "  hint    {hint}")?;
            }
            if let Some(failure) = &refused.failure {
                writeln!(f, "  failure {failure}")?;
            }
        }
        let Some(decision) = self.decision() else {
            return Ok(());
        };
        self.write_standings(f, decision)?;
        for dataset in decision.cells.keys() {
            self.write_dataset(f, decision, dataset)?;
        }
        self.write_policies(f, decision)?;
        for hint in &decision.hints {
            writeln!(f, "hint: {hint}")?;
        }
        for observed in &decision.observed {
            let what = observed
                .field
                .as_ref()
                .map_or("rows".to_owned(), ToString::to_string);
            let (rows, would_be) = (&observed.rows, observed.would_be);
            writeln!(f, "observed: {what} of {rows} would be {would_be}")?;
        }
        writeln!(
            f,
            "decision {} valid until {}",
            decision.id, decision.valid_until
        )
    }
}

fn write_refusal(f: &mut fmt::Formatter<'_>, code: Refusal) -> fmt::Result {
    let entry = code.entry();
    writeln!(f, "refused: {code} ({})", entry.sqlstate)?;
    writeln!(f, "  meaning {}", entry.meaning)?;
    writeln!(f, "  remedy  {}", entry.remedy)
}

/// Row classes with the same answer stand in one line.
fn group<T: PartialEq>(pairs: impl Iterator<Item = (RowClass, T)>) -> Vec<(String, T)> {
    let mut groups: Vec<(Vec<String>, T)> = Vec::new();
    for (class, answer) in pairs {
        match groups.iter_mut().find(|(_, known)| *known == answer) {
            Some((classes, _)) => classes.push(class.to_string()),
            None => groups.push((vec![class.to_string()], answer)),
        }
    }
    groups
        .into_iter()
        .map(|(classes, answer)| (classes.join("; "), answer))
        .collect()
}

impl Answer<'_> {
    fn write_standings(&self, f: &mut fmt::Formatter<'_>, decision: &Decision) -> fmt::Result {
        for under in &decision.standings {
            let word = match under.standing {
                Standing::NotCovered(_) => "not covered",
                Standing::Covered(_) => "covered",
                Standing::Unknown(_) => "not established, which counts as covered",
            };
            writeln!(
                f,
                "standing of {} under {}: {word}",
                under.person, under.regime
            )?;
            for step in under.standing.path() {
                writeln!(f, "    {step}")?;
            }
        }
        Ok(())
    }

    fn write_dataset(
        &self,
        f: &mut fmt::Formatter<'_>,
        decision: &Decision,
        id: &DatasetId,
    ) -> fmt::Result {
        writeln!(f, "{id}")?;
        if let Some(rows) = decision.rows.get(id) {
            let lines = group(rows.iter().map(|(class, reason)| {
                let seen = match &reason.rows {
                    Rows::Seen => "seen".to_owned(),
                    Rows::Unseen => "not seen".to_owned(),
                    Rows::SeenFor(grants) => format!("seen for the subjects of {}", list(grants)),
                };
                let left_out = reason.left_out_for.as_ref();
                let left_out = left_out.map(|field| format!(", because {field} is hidden in them"));
                let by = list(&reason.policies);
                (
                    class.clone(),
                    format!("{seen}{} [{by}]", left_out.unwrap_or_default()),
                )
            }));
            for (classes, answer) in lines {
                writeln!(f, "  rows ({classes}): {answer}")?;
            }
        }
        if let Some(answers) = decision.actions.get(id) {
            let lines = group(answers.iter().map(|(class, answer)| {
                let word = match (answer.allowed, answer.for_subjects.is_empty()) {
                    (true, _) => "allowed".to_owned(),
                    (false, false) => format!("for the subjects of {}", list(&answer.for_subjects)),
                    (false, true) if answer.requestable => "refused, may be asked for".to_owned(),
                    (false, true) => "refused".to_owned(),
                };
                (
                    class.clone(),
                    format!("{} {word} [{}]", answer.action, list(&answer.policies)),
                )
            }));
            for (classes, answer) in lines {
                writeln!(f, "  {answer} ({classes})")?;
            }
        }
        let Some(cells) = decision.cells.get(id) else {
            return Ok(());
        };
        let dataset = self.loaded.decider.dataset(id);
        for (name, by_class) in cells {
            let field = dataset.and_then(|dataset| dataset.field(name));
            let level = match field {
                Some(field) if field.label.is_some() => field.level().to_string(),
                Some(field) => format!("{}, unlabelled", field.level()),
                None => "unknown".to_owned(),
            };
            let mask = field
                .and_then(|field| field.mask.as_ref())
                .map(ToString::to_string);
            writeln!(f, "  {name} ({level})")?;
            let lines = by_class
                .iter()
                .map(|(class, cell)| (class.clone(), cell_text(cell, &mask)));
            for (classes, answer) in group(lines) {
                writeln!(f, "    {classes}: {answer}")?;
            }
        }
        Ok(())
    }

    fn write_policies(&self, f: &mut fmt::Formatter<'_>, decision: &Decision) -> fmt::Result {
        if decision.determining.is_empty() {
            return Ok(());
        }
        writeln!(f, "policies that decided")?;
        let texts = self.loaded.decider.engine().policies();
        for id in &decision.determining {
            let title = texts.get(id).map_or("", |policy| policy.title.as_str());
            writeln!(f, "  {id}: {title}")?;
        }
        Ok(())
    }
}

fn cell_text(cell: &CellReason, mask: &Option<String>) -> String {
    let mut text = match (cell.verdict, mask) {
        (Verdict::Masked, Some(mask)) => format!("masked ({mask})"),
        (verdict, _) => verdict.to_string(),
    };
    if !cell.clear_for.is_empty() {
        text.push_str(&format!(
            ", clear for the subjects of {}",
            list(&cell.clear_for)
        ));
    }
    if let Some(grant) = &cell.grant {
        text.push_str(&format!(", by grant {grant}"));
    }
    if cell.requestable {
        text.push_str(", may be asked for");
    }
    match &cell.because {
        Because::Policies => {}
        Because::Domain(domain) => {
            text.push_str(&format!(
                ", because domain {domain} is not clear everywhere"
            ));
        }
        Because::RowsUnseen => text.push_str(", because its rows are not seen"),
        Because::Observed(would_be) => text.push_str(&format!(", observed: would be {would_be}")),
        Because::NoMask => text.push_str(", because it has no mask"),
    }
    if cell.policies.is_empty() {
        text.push_str(" [nothing permits it]");
    } else {
        text.push_str(&format!(" [{}]", list(&cell.policies)));
    }
    text
}

fn list<T: fmt::Display>(items: &BTreeSet<T>) -> String {
    if items.is_empty() {
        return "nothing permits it".to_owned();
    }
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

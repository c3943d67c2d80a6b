//! The one case format, `who / ask / see`: what people expect of a decision, in lines that people
//! who do not program can read and write.
//!
//! ```text
//! case: the covered engineer gets nothing
//! who: jun.covered for incident at 2026-01-15
//! ask: app/public.users id, email
//! see: refused not-visible
//! ```
//! `who` is a name, then any of `aal1`, `from COUNTRY`, `for PURPOSE`, `at TIME`. `ask` is a dataset
//! and optionally fields. `see` is `refused CODE`, `hint FLOW`, `path TEXT` (in the reason path),
//! `rows CLASS, ...` (exactly these are seen) or `FIELD VERDICT [in CLASS, ...]` with a verdict of
//! `clear`, `masked`, `hidden` or `absent`; without `in` it holds in all rows that are seen.

use std::collections::BTreeSet;

use deployment::Bundle;
use model::{
    Asker, Connection, DatasetId, FieldName, Jurisdiction, PersonId, PurposeId, Rows, ServiceId,
    Session, SessionId, Strength, Timestamp, View,
};
use policy::{Ask, Asked, DatasetAsk, Decider, Decision, FieldsAsked, Outcome};

/// One expectation, read.
#[derive(Debug)]
pub struct Case {
    /// What must hold, in words.
    pub title: String,
    who: String,
    ask: String,
    see: Vec<String>,
}

/// Reads stanzas separated by empty lines; `#` begins a comment.
///
/// # Errors
/// The first line that is not understood.
pub fn read(text: &str) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for stanza in text.split("\n\n") {
        let lines = stanza
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with('#'));
        let mut case = Case {
            title: String::new(),
            who: String::new(),
            ask: String::new(),
            see: Vec::new(),
        };
        for line in lines {
            match line.split_once(": ") {
                Some(("case", text)) => case.title = text.to_owned(),
                Some(("who", text)) => case.who = text.to_owned(),
                Some(("ask", text)) => case.ask = text.to_owned(),
                Some(("see", text)) => case.see.push(text.to_owned()),
                _ => return Err(format!("`{line}`: begin with case, who, ask or see")),
            }
        }
        if case.title.is_empty() && case.see.is_empty() {
            continue;
        }
        if case.who.is_empty() || case.ask.is_empty() || case.see.is_empty() {
            return Err(format!(
                "`{}`: a case has who, ask and at least one see",
                case.title
            ));
        }
        cases.push(case);
    }
    Ok(cases)
}

impl Case {
    /// Asks and compares; returns what was seen in one line, or what was not as expected.
    pub fn check(&self, bundle: &Bundle, decider: &Decider) -> Result<String, String> {
        let (session, now) = self.session(bundle)?;
        let ask = self.ask()?;
        let outcome = decider.decide(&session, &ask, &bundle.rights, now);
        for expected in &self.see {
            check_one(expected, &ask, &outcome)
                .map_err(|found| format!("expected `{expected}`, found {found}"))?;
        }
        Ok(match &outcome {
            Outcome::Permitted(permit) => {
                let hash = ask.datasets.first().and_then(|d| permit.view(&d.dataset));
                format!(
                    "view {}",
                    hash.map_or_else(String::new, |view| view.hash.short())
                )
            }
            Outcome::Refused(refused) => format!("refused {}", refused.code),
        })
    }

    fn session(&self, bundle: &Bundle) -> Result<(Session, Timestamp), String> {
        let mut words = self.who.split_whitespace();
        let name = words.next().ok_or("`who` is empty")?;
        let mut at = Timestamp::parse("2026-01-15").map_err(text)?;
        let mut session = Session {
            id: SessionId::new("case").map_err(text)?,
            asker: Asker::Person(PersonId::new(name).map_err(text)?),
            strength: Strength::Aal2,
            connection: Connection::Unknown,
            purpose: None,
            teams_at_most: None,
        };
        let service = ServiceId::new(name).map_err(text)?;
        let mut place = None;
        while let Some(word) = words.next() {
            match word {
                "aal1" => session.strength = Strength::Aal1,
                "from" => place = Some(words.next().ok_or("`from` needs a country")?),
                "for" => {
                    let purpose = words.next().ok_or("`for` needs a purpose")?;
                    session.purpose = Some(PurposeId::new(purpose).map_err(text)?);
                }
                "at" => at = Timestamp::parse(words.next().unwrap_or_default()).map_err(text)?,
                other => return Err(format!("`{other}` is not understood in `who`")),
            }
        }
        let register = &bundle.world.register;
        if register.services.contains_key(&service) {
            session.asker = Asker::Service(service);
            session.connection = Connection::Country(bundle.home);
        } else if let Ok(id) = PersonId::new(name) {
            let office = register
                .people
                .get(&id)
                .and_then(|p| p.office.as_ref()?.at(at).copied());
            session.connection = office.map_or(Connection::Unknown, Connection::Country);
        }
        match place {
            Some("unknown") => session.connection = Connection::Unknown,
            Some(place) => {
                session.connection = Connection::Country(Jurisdiction::parse(place).map_err(text)?);
            }
            None => {}
        }
        Ok((session, at))
    }

    fn ask(&self) -> Result<Ask, String> {
        let (dataset, fields) = self.ask.split_once(' ').unwrap_or((&self.ask, ""));
        let names: BTreeSet<FieldName> = fields
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| FieldName::new(name).map_err(text))
            .collect::<Result<_, _>>()?;
        let fields = if names.is_empty() {
            FieldsAsked::All
        } else {
            FieldsAsked::Named(names)
        };
        let dataset = DatasetId::new(dataset).map_err(text)?;
        Ok(Ask {
            datasets: vec![DatasetAsk { dataset, fields }],
            asked: Asked::View,
        })
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn decision(outcome: &Outcome) -> Option<&Decision> {
    match outcome {
        Outcome::Permitted(permit) => Some(permit.decision()),
        Outcome::Refused(refused) => refused.decision.as_deref(),
    }
}

/// Whether one `see` line holds; if not, what was found.
fn check_one(expected: &str, ask: &Ask, outcome: &Outcome) -> Result<(), String> {
    let (word, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    match word {
        "refused" => match outcome {
            Outcome::Refused(refused) if refused.code.as_str() == rest => Ok(()),
            Outcome::Refused(refused) => Err(format!("refused {}", refused.code)),
            Outcome::Permitted(_) => Err("it permitted".to_owned()),
        },
        "hint" => {
            let flows: Vec<String> = decision(outcome)
                .map(|d| d.hints.iter().map(|hint| hint.flow.to_string()).collect())
                .unwrap_or_default();
            if flows.iter().any(|flow| flow == rest) || (rest == "none" && flows.is_empty()) {
                Ok(())
            } else {
                Err(format!("hints {flows:?}"))
            }
        }
        "path" => {
            let steps: Vec<String> = decision(outcome)
                .map(|d| {
                    d.standings
                        .iter()
                        .flat_map(|s| s.standing.path())
                        .map(ToString::to_string)
                })
                .map(Iterator::collect)
                .unwrap_or_default();
            if steps.iter().any(|step| step.contains(rest)) {
                Ok(())
            } else {
                Err(format!("the path {steps:?}"))
            }
        }
        field => {
            let Outcome::Permitted(permit) = outcome else {
                return Err("a refusal".to_owned());
            };
            let view = ask.datasets.first().and_then(|d| permit.view(&d.dataset));
            let view = view.ok_or("no view")?;
            if field == "rows" {
                check_rows(rest, &view.view)
            } else {
                check_field(field, rest, &view.view)
            }
        }
    }
}

fn seen_classes(view: &View) -> BTreeSet<String> {
    view.rows
        .iter()
        .filter(|(_, rows)| **rows != Rows::Unseen)
        .map(|(class, _)| class.to_string())
        .collect()
}

fn listed(text: &str) -> BTreeSet<String> {
    text.split(';')
        .map(|class| class.trim().to_owned())
        .filter(|c| !c.is_empty())
        .collect()
}

fn check_rows(expected: &str, view: &View) -> Result<(), String> {
    let seen = seen_classes(view);
    if seen == listed(expected) {
        Ok(())
    } else {
        Err(format!("rows {seen:?}"))
    }
}

fn check_field(field: &str, expected: &str, view: &View) -> Result<(), String> {
    let (verdict, classes) = expected.split_once(" in ").unwrap_or((expected, ""));
    let name = FieldName::new(field).map_err(text)?;
    let Some(shown) = view.fields.get(&name) else {
        return if verdict == "absent" {
            Ok(())
        } else {
            Err("the field is absent".to_owned())
        };
    };
    let classes = if classes.is_empty() {
        seen_classes(view)
    } else {
        listed(classes)
    };
    for class in &classes {
        let cell = shown
            .cells
            .iter()
            .find(|(known, _)| known.to_string() == *class);
        let found = match cell {
            None => "no such rows".to_owned(),
            Some((_, cell)) if cell.clear_for.is_empty() => cell.verdict.to_string(),
            Some((_, cell)) => format!("{} but for subjects", cell.verdict),
        };
        if found != verdict {
            return Err(format!("`{found}` in {class}"));
        }
    }
    if classes.is_empty() {
        Err("no rows at all".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_cannot_be_understood_is_an_error() {
        assert!(read("case: x\nwho: a\nask: app/t\nsee: rows other\n").is_ok());
        assert!(read("case: x\nwho: a\nsee: rows other\n").is_err());
        assert!(read("case: x\nwho: a\nask: app/t\n").is_err());
        assert!(read("who is this\n").is_err());
        assert_eq!(read("# nothing\n\n").map(|cases| cases.len()), Ok(0));
    }
}

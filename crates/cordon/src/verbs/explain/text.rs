//! What was made of a statement, as people read it.

use std::fmt;

use enforce::{Checked, Refused};
use model::{DatasetId, Verdict};
use sql::{Action, Form, Parameter, Role};

use super::Answer;

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.result {
            Ok(all) => {
                for (index, checked) in all.iter().enumerate() {
                    if index > 0 {
                        writeln!(f)?;
                    }
                    one(f, checked)?;
                }
                Ok(())
            }
            Err(refused) => refusal(f, refused, self.sql),
        }
    }
}

fn refusal(f: &mut fmt::Formatter<'_>, refused: &Refused, sql: &str) -> fmt::Result {
    let entry = refused.code.entry();
    writeln!(
        f,
        "refused    {} (SQLSTATE {})",
        refused.code, entry.sqlstate
    )?;
    writeln!(f, "because    {refused}")?;
    if let Some(at) = refused.at {
        let before = sql.get(..at).unwrap_or(sql);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        writeln!(f, "at         line {line}, column {column}")?;
    }
    match &refused.hint {
        Some(hint) => writeln!(f, "hint       {hint}"),
        None => writeln!(f, "remedy     {}", entry.remedy),
    }
}

fn one(f: &mut fmt::Formatter<'_>, checked: &Checked) -> fmt::Result {
    writeln!(f, "action     {}", action(checked.guarded.action()))?;
    for used in &checked.resolution.uses {
        let does = match used.role {
            Role::Read => "reads",
            Role::Write => "writes",
        };
        let fields: Vec<&str> = used.fields.iter().map(model::FieldName::as_str).collect();
        let fields = if fields.is_empty() {
            "rows alone".to_owned()
        } else {
            fields.join(", ")
        };
        writeln!(f, "{does:<10} {} as {}: {fields}", used.dataset, used.alias)?;
    }
    verdicts(f, checked)?;
    for shape in checked.guarded.shapes() {
        let pushed = match shape.pushed {
            0 => String::new(),
            1 => ", 1 condition within".to_owned(),
            more => format!(", {more} conditions within"),
        };
        let form = form(shape.form);
        writeln!(
            f,
            "shape      {}: {form}{pushed}: {}",
            shape.alias, shape.why
        )?;
    }
    if !checked.guarded.text().is_empty() {
        writeln!(f, "sent       {}", checked.guarded.text())?;
    }
    for (number, parameter) in (1..).zip(checked.guarded.parameters()) {
        writeln!(f, "with       ${number} {}", parameter_text(parameter))?;
    }
    Ok(())
}

fn verdicts(f: &mut fmt::Formatter<'_>, checked: &Checked) -> fmt::Result {
    let Some(permit) = &checked.permit else {
        return Ok(());
    };
    let mut datasets: Vec<&DatasetId> = checked
        .resolution
        .uses
        .iter()
        .map(|used| &used.dataset)
        .collect();
    datasets.sort();
    datasets.dedup();
    for dataset in datasets {
        let Some(interned) = permit.view(dataset) else {
            continue;
        };
        for (class, rows) in &interned.view.rows {
            let rows = match rows {
                model::Rows::Unseen => "rows unseen",
                model::Rows::SeenFor(_) => "rows of a grant's subjects",
                model::Rows::Seen => "all rows",
            };
            write!(f, "verdict    {} {class}: {rows}", dataset.collection())?;
            for (name, field) in &interned.view.fields {
                if let Some(cell) = field.cells.get(class)
                    && cell.verdict != Verdict::Hidden
                {
                    write!(f, "; {name} {}", cell.verdict)?;
                    if cell.verdict == Verdict::Masked
                        && let Some(mask) = &field.mask
                    {
                        write!(f, " ({mask})")?;
                    }
                }
            }
            writeln!(f)?;
        }
    }
    Ok(())
}

pub(super) const fn form(form: Form) -> &'static str {
    match form {
        Form::Inline => "inline",
        Form::Fence => "fence",
        Form::Union => "union",
    }
}

pub(super) fn action(action: &Action) -> String {
    match action {
        Action::Query => "run the query".to_owned(),
        Action::Write(_) => "run the change".to_owned(),
        Action::CopyOut(_) => "run the query and encode its rows as COPY does".to_owned(),
        Action::Explain { redact: true } => "explain, showing node types alone".to_owned(),
        Action::Explain { redact: false } => "explain".to_owned(),
        Action::Declare { name, .. } => format!("open the cursor `{name}`"),
        Action::Prepare(name, _) => format!("keep it as `{name}`"),
        Action::Execute(execute) => format!("run what is kept as `{}`", execute.name),
        Action::Deallocate(Some(name)) => format!("forget `{name}`"),
        Action::Deallocate(None) => "forget all that is kept".to_owned(),
        Action::Fetch(fetch) => format!("move in the cursor `{}`", fetch.name),
        Action::Close(Some(name)) => format!("close the cursor `{name}`"),
        Action::Close(None) => "close all cursors".to_owned(),
        Action::Transaction(_) => "begin or end a transaction".to_owned(),
        Action::Set(setting) => format!("set `{}` at the server", setting.name),
        Action::SetVirtual(setting) => format!("remember `{}`", setting.name),
        Action::Show(name) => format!("show `{name}`"),
        Action::Discard(_) => "forget the session's state".to_owned(),
    }
}

pub(super) fn parameter_text(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Client(number) => format!("the client's ${number}"),
        Parameter::Raw {
            number,
            domain,
            is_array,
            ..
        } => {
            let what = if *is_array { "values" } else { "value" };
            format!("the {what} behind the client's ${number}, a pseudonym of {domain}")
        }
        Parameter::RawConstant { text, domain, .. } => {
            format!("the value behind `{text}`, a pseudonym of {domain}")
        }
        Parameter::Key(domain) => format!("the key of {domain}"),
        Parameter::Texts(texts) => {
            let first: Vec<&str> = texts.iter().take(3).map(String::as_str).collect();
            let rest = texts.len().saturating_sub(first.len());
            let and = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            format!("spellings of countries: {}{and}", first.join(", "))
        }
        Parameter::Numbers(numbers) => format!("the numbers of {} visible objects", numbers.len()),
        Parameter::Names(names) => format!("visible names: {}", names.join(", ")),
        Parameter::Told(_) => "what the session is told of itself".to_owned(),
        Parameter::Subjects { grant, .. } => format!("the subjects of the grant {grant}"),
    }
}

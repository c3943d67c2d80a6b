//! The format as text: the tables of docs/ledger-format.md, printed from what the code reads by.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::class::Class;
use crate::kind::{KINDS, Kind, Place};
use crate::shape::{Form, Shape, Table};
use crate::state::State;
use crate::trail::Trail;

/// All kinds with their keys and committed fields, in Markdown.
pub fn describe() -> String {
    let mut text = overview();
    let mut told = BTreeSet::new();
    for kind in KINDS {
        text.push_str(&describe_kind(kind, &mut told));
    }
    text
}

/// What the folds remember, in Markdown.
pub fn describe_states() -> String {
    // Maps that entries have too are described with them.
    let mut told = BTreeSet::from(["RequestEntry"]);
    for kind in KINDS {
        let _ = describe_kind(kind, &mut told);
    }
    let mut text = String::new();
    for (name, shape) in [("State", State::SHAPE), ("Trail", Trail::SHAPE)] {
        let Shape::Table(table) = shape else {
            continue;
        };
        let _ = write!(text, "### `{name}`\n\n{}\n\n{}", table.about, keys(table));
        for inner in inner_tables(table) {
            text.push_str(&describe_inner(inner, &mut told));
        }
        text.push('\n');
    }
    text
}

/// Every committed field with its retention class, in Markdown.
pub fn retention_table() -> String {
    let mut text =
        String::from("| class | locked for | may be erased | fields |\n|---|---|---|---|\n");
    for class in Class::ALL {
        let fields: Vec<String> = KINDS
            .iter()
            .flat_map(|kind| {
                let fields = kind.fields.iter().filter(|field| field.class == *class);
                fields.map(|field| format!("`{}` `{}`", kind.name, field.name))
            })
            .collect();
        let locked = match class.locked_years() {
            0 => "-".to_owned(),
            years => format!("{years} years"),
        };
        let erase = if class.may_erase() { "yes" } else { "no" };
        let fields = fields.join(", ");
        // Writing into a String cannot fail.
        let _ = writeln!(text, "| {class} | {locked} | {erase} | {fields} |");
    }
    text
}

fn overview() -> String {
    let mut text = String::from("| number | kind | stands in | commits to |\n|---|---|---|---|\n");
    for kind in KINDS {
        let place = match kind.place {
            Place::Control => "the control log",
            Place::Access => "access logs",
            Place::Every => "every log",
        };
        let fields: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
        let (number, name, fields) = (kind.number, kind.name, fields.join(", "));
        let _ = writeln!(text, "| {number} | `{name}` | {place} | {fields} |");
    }
    text
}

fn describe_kind(kind: &Kind, told: &mut BTreeSet<&'static str>) -> String {
    let mut text = format!("\n### {} `{}`\n", kind.number, kind.name);
    let Shape::Table(table) = kind.body else {
        return text;
    };
    let _ = write!(text, "\n{}\n\n{}", table.about, keys(table));
    if !kind.fields.is_empty() {
        text.push_str("\n| field | commits to | class | | meaning |\n|---|---|---|---|---|\n");
        for field in kind.fields {
            let need = if field.required { "always" } else { "if there" };
            let _ = writeln!(
                text,
                "| {} | `{}` | {} | {need} | {} |",
                field.field, field.name, field.class, field.meaning
            );
        }
    }
    for inner in inner_tables(table) {
        text.push_str(&describe_inner(inner, told));
    }
    text
}

/// A map inside a body is described where it is first met.
fn describe_inner(table: &'static Table, told: &mut BTreeSet<&'static str>) -> String {
    if !told.insert(table.name) {
        return String::new();
    }
    let mut text = format!("\n`{}`: {}\n\n{}", table.name, table.about, keys(table));
    for inner in inner_tables(table) {
        text.push_str(&describe_inner(inner, told));
    }
    text
}

fn keys(table: &Table) -> String {
    let mut text = String::from("| key | name | type | | meaning |\n|---|---|---|---|---|\n");
    for key in table.keys {
        let need = if key.required { "always" } else { "if there" };
        let (number, name, shape) = (key.number, key.name, type_of(key.shape));
        let _ = writeln!(
            text,
            "| {number} | `{name}` | {shape} | {need} | {} |",
            key.meaning
        );
    }
    text
}

fn inner_tables(table: &Table) -> Vec<&'static Table> {
    table
        .keys
        .iter()
        .filter_map(|key| inner_table(key.shape))
        .collect()
}

fn inner_table(shape: &'static Shape) -> Option<&'static Table> {
    match shape {
        Shape::Table(table) => Some(table),
        Shape::List(of, _) | Shape::Set(of, _) | Shape::Map(_, of, _) => inner_table(of),
        Shape::Unsigned | Shape::Truth | Shape::Bytes(..) | Shape::Text(_) | Shape::Word(..) => {
            None
        }
    }
}

fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Unsigned => "uint".to_owned(),
        Shape::Truth => "bool".to_owned(),
        Shape::Bytes(length, called) => format!("bstr of {length} ({called})"),
        Shape::Text(form) => format!("tstr ({})", form_of(*form)),
        // The refusal table has a page of its own.
        Shape::Word("refusal", _) => "tstr (code of [refusals.md](refusals.md))".to_owned(),
        Shape::Word(_, words) => {
            let words: Vec<String> = words().iter().map(|word| format!("`{word}`")).collect();
            format!("tstr: {}", words.join(", "))
        }
        Shape::List(of, _) => format!("array of {}", type_of(of)),
        Shape::Set(of, _) => format!("ascending array of {}", type_of(of)),
        Shape::Map(from, to, _) => format!("map from {} to {}", type_of(from), type_of(to)),
        Shape::Table(table) => format!("map `{}`", table.name),
    }
}

const fn form_of(form: Form) -> &'static str {
    match form {
        Form::Name(kind) => kind,
        Form::Column => "field",
        Form::Dataset => "dataset",
        Form::Country => "country",
        Form::Log => "log",
        Form::Line => "line",
    }
}

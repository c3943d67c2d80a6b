//! The guarded statement: printed, read again, compared. Only that makes one.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is refused"
)]

use std::collections::BTreeSet;

use model::Refusal;

use super::parameter::{OWN, Parameter, Parameters};
use super::rewrite::Shape;
use crate::error::Refused;
use crate::settings::{Treatment, treatment};
use crate::tree::{
    CommonTable, DiscardTarget, Execute, Expression, Fetch, FromItem, OptionValue, SetValue,
    Setting, Statement, StatementOption, Transaction, TypeName, walk,
};

/// A statement that may be sent, made by the round trip alone: its text is what was printed from a
/// tree that was checked, and reading the text gives that tree.
#[derive(Debug)]
pub struct Guarded {
    text: String,
    parameters: Vec<Parameter>,
    action: Action,
    shapes: Vec<Shape>,
    search_path: Option<Vec<String>>,
}

/// How governed data is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Rows are added, or changed where they are there already (`ON CONFLICT`).
    Insert,
    /// Rows are changed.
    Update,
    /// Rows are removed.
    Delete,
}

/// What is to be done with the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run it and pass its rows on.
    Query,
    /// Run it: it changes governed data.
    Write(Change),
    /// Run the query and encode its rows as `COPY` does, with these options.
    CopyOut(Vec<StatementOption>),
    /// Run it; if `redact`, only the types of plan nodes may be shown.
    Explain {
        /// Whether anything in it is masked or filtered.
        redact: bool,
    },
    /// Run it: it opens a cursor.
    Declare {
        /// Its name.
        name: String,
        /// Whether it outlives its transaction (`WITH HOLD`).
        is_held: bool,
        /// Whether it was opened to go back as well (`SCROLL`).
        is_scroll: bool,
    },
    /// Keep the text under this name; these are its parameters' types.
    Prepare(String, Vec<TypeName>),
    /// Run what is kept under the name.
    Execute(Execute),
    /// Forget what is kept under the name, or everything.
    Deallocate(Option<String>),
    /// Run it: it moves in a cursor.
    Fetch(Fetch),
    /// Run it: it closes a cursor, or all.
    Close(Option<String>),
    /// Run it.
    Transaction(Transaction),
    /// Run it, the setting is harmless; the gate remembers it.
    Set(Setting),
    /// Do not run it: the gate remembers the setting.
    SetVirtual(Setting),
    /// Do not run it: the gate answers.
    Show(String),
    /// Do not run it: the gate forgets and starts anew.
    Discard(DiscardTarget),
}

impl Guarded {
    /// What is sent, where the action is to run it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its parameters; the first is `$1`.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What is to be done with it.
    pub const fn action(&self) -> &Action {
        &self.action
    }

    /// The path to set on the link for this statement alone (`SET LOCAL`), where it is about the
    /// catalogue: that tells what is found on the path. `pg_catalog` comes first, then those schemas
    /// of the session's own path in which the person sees something.
    pub fn search_path(&self) -> Option<&[String]> {
        self.search_path.as_deref()
    }

    /// The same, for a statement about the catalogue.
    pub(super) fn on_path(mut self, path: Vec<String>) -> Self {
        self.search_path = Some(path);
        self
    }

    /// How each governed relation was guarded.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }
}

/// Prints what is to be sent, reads it again and compares.
pub(super) fn seal(
    statement: Statement,
    mut parameters: Parameters,
    shapes: Vec<Shape>,
    all_clear: bool,
    writes: bool,
) -> Result<Guarded, Refused> {
    let (action, sent) = action(statement, all_clear)?;
    // A query can write, in its WITH; how, its text says.
    let action = if writes && action == Action::Query {
        Action::Write(Change::Update)
    } else {
        action
    };
    let Some(mut sent) = sent else {
        return Ok(Guarded {
            text: String::new(),
            parameters: Vec::new(),
            action,
            shapes,
            search_path: None,
        });
    };
    number(&mut sent, &mut parameters);
    let text = crate::print::print(&sent);
    let mut again = crate::read::reread(&text)?;
    if again != sent {
        return Err(Refused::new(
            Refusal::SyntaxNotSupported,
            "a part that reads differently when it is written out",
        ));
    }
    audit(&mut again)?;
    Ok(Guarded {
        text,
        parameters: parameters.into_list(),
        action,
        shapes,
        search_path: None,
    })
}

/// Numbers all parameters in one row, the client's and ours.
fn number(statement: &mut Statement, parameters: &mut Parameters) {
    struct Number<'a>(&'a mut Parameters);
    impl walk::Visit for Number<'_> {
        fn expression(&mut self, expression: &mut Expression) {
            if let Expression::Parameter(number) = expression {
                *number = match number.checked_sub(OWN) {
                    Some(own) => own,
                    None => self.0.number(Parameter::Client(*number)) - OWN,
                };
            }
        }
    }
    walk::statement(statement, &mut Number(parameters));
}

/// Every relation that is read by name is one that a guard wrote, or a common table: any other name
/// was missed, whatever the cause. Targets of writes are no items of FROM.
fn audit(statement: &mut Statement) -> Result<(), Refused> {
    struct Audit {
        tables: BTreeSet<String>,
        unguarded: Option<String>,
    }
    impl walk::Visit for Audit {
        fn from_item(&mut self, item: &mut FromItem) {
            let FromItem::Relation(relation) = item else {
                return;
            };
            let is_ours = relation
                .alias
                .as_ref()
                .is_some_and(|alias| alias.name.starts_with("cordon:"));
            let is_table =
                relation.name.schema.is_none() && self.tables.contains(&relation.name.name);
            if !is_ours && !is_table {
                self.unguarded = Some(relation.name.name.clone());
            }
        }
    }
    let mut tables = BTreeSet::new();
    common_tables(statement, &mut tables);
    let mut audit = Audit {
        tables,
        unguarded: None,
    };
    walk::statement(statement, &mut audit);
    match audit.unguarded {
        None => Ok(()),
        Some(name) => Err(Refused::new(
            Refusal::GuardNotPossible,
            format!("`{name}` stands where no guard was written"),
        )),
    }
}

/// The names of all common tables of a statement.
fn common_tables(statement: &mut Statement, into: &mut BTreeSet<String>) {
    struct Names<'a>(&'a mut BTreeSet<String>);
    impl walk::Visit for Names<'_> {
        fn common_table(&mut self, table: &mut CommonTable) {
            self.0.insert(table.name.clone());
        }
    }
    walk::statement(statement, &mut Names(into));
}

/// What is done, and with which statement.
fn action(statement: Statement, all_clear: bool) -> Result<(Action, Option<Statement>), Refused> {
    Ok(match statement {
        Statement::Query(_) => (Action::Query, Some(statement)),
        Statement::Insert(_) => (Action::Write(Change::Insert), Some(statement)),
        Statement::Update(_) => (Action::Write(Change::Update), Some(statement)),
        Statement::Delete(_) => (Action::Write(Change::Delete), Some(statement)),
        Statement::Prepare(prepare) => (
            Action::Prepare(prepare.name, prepare.types),
            Some(prepare.statement),
        ),
        Statement::Execute(execute) => {
            let all_constant = execute.arguments.iter().all(super::total::is_constant);
            if !all_constant {
                return Err(Refused::new(
                    Refusal::SyntaxNotSupported,
                    "EXECUTE with an argument that is no constant",
                ));
            }
            (Action::Execute(execute), None)
        }
        Statement::Deallocate(name) => (Action::Deallocate(name), None),
        Statement::Declare(ref declare) => (
            Action::Declare {
                name: declare.name.clone(),
                is_held: declare.hold,
                is_scroll: declare.scroll == Some(true),
            },
            Some(statement),
        ),
        Statement::Fetch(ref fetch) => (Action::Fetch(fetch.clone()), Some(statement)),
        Statement::Close(ref name) => (Action::Close(name.clone()), Some(statement)),
        Statement::CopyOut(copy) => (
            Action::CopyOut(copy.options),
            Some(Statement::Query(Box::new(copy.query))),
        ),
        Statement::Explain(mut explain) => {
            explain.options = explain_options(&explain.options, all_clear)?;
            let redact = !all_clear;
            (
                Action::Explain { redact },
                Some(Statement::Explain(explain)),
            )
        }
        Statement::Set(setting) => set(setting)?,
        Statement::Show(name) => match treatment(&name) {
            Treatment::Refused => return Err(setting_refused(&name)),
            Treatment::Applied | Treatment::Virtual => (Action::Show(name), None),
        },
        Statement::Transaction(ref transaction) => {
            (Action::Transaction(transaction.clone()), Some(statement))
        }
        Statement::Discard(target) => (Action::Discard(target), None),
    })
}

fn setting_refused(name: &str) -> Refused {
    Refused::new(Refusal::SettingNotAllowed, format!("`{name}`"))
}

fn set(setting: Setting) -> Result<(Action, Option<Statement>), Refused> {
    if setting.value == SetValue::Current {
        return Err(setting_refused(&setting.name));
    }
    // RESET ALL is never sent: the gate knows what the client set, and has pins of its own.
    if setting.name == "all" && setting.value == SetValue::Default {
        return Ok((Action::SetVirtual(setting), None));
    }
    match treatment(&setting.name) {
        Treatment::Virtual | Treatment::Refused if setting.by_call => Err(Refused::new(
            Refusal::FunctionNotAllowed,
            format!("`set_config` of `{}`", setting.name),
        )),
        Treatment::Applied => Ok((Action::Set(setting.clone()), Some(Statement::Set(setting)))),
        Treatment::Virtual => Ok((Action::SetVirtual(setting), None)),
        Treatment::Refused => Err(setting_refused(&setting.name)),
    }
}

/// Estimates of rows come from all rows, and an analysed plan counts them: neither passes where
/// anything is masked or filtered, and ANALYZE never.
fn explain_options(
    options: &[StatementOption],
    all_clear: bool,
) -> Result<Vec<StatementOption>, Refused> {
    let mut kept = Vec::new();
    for option in options {
        let is_off = match &option.value {
            OptionValue::Integer(value) => *value == 0,
            OptionValue::Text(text) => matches!(text.as_str(), "false" | "off" | "0"),
            OptionValue::None | OptionValue::Star | OptionValue::List(_) => false,
        };
        match option.name.as_str() {
            "format" | "costs" | "verbose" | "summary" => kept.push(option.clone()),
            "analyze" | "buffers" | "timing" | "settings" | "wal" if is_off => {}
            other => {
                return Err(Refused::new(
                    Refusal::StatementNotAllowed,
                    format!("EXPLAIN with `{other}`"),
                ));
            }
        }
    }
    if all_clear {
        return Ok(kept);
    }
    Ok(vec![
        StatementOption {
            name: "costs".to_owned(),
            value: OptionValue::Text("off".to_owned()),
        },
        StatementOption {
            name: "format".to_owned(),
            value: OptionValue::Text("json".to_owned()),
        },
    ])
}

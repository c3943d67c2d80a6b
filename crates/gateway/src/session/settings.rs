//! The settings of one session that Cordon keeps itself, and those that the server has.
//!
//! The table `sql::treatment` says which is which; here are their values.

use std::collections::BTreeMap;

use model::{PurposeId, Refusal};
use sql::tree::{Constant, SetScope, SetValue, Setting};
use sql::{Treatment, treatment};

use super::canonical;
use crate::limits::SETTING_BYTES_MAX;
use crate::problem::Problem;

/// What a client sees as the settings of its session.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What they were at the start; `RESET` goes back to it.
    initial: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    /// In a transaction: the values at its beginning, and those that it leaves if it commits.
    transaction: Option<(BTreeMap<String, String>, BTreeMap<String, String>)>,
    /// The savepoints of the transaction, oldest first.
    points: Vec<Point>,
    /// Whether the server has other values than a new link has.
    differs_upstream: bool,
    /// Something may be otherwise than when the client was told last.
    is_changed: bool,
    /// What the client's first message set of what the server has to know.
    from_start: Vec<(String, String)>,
}

/// What the settings were at a savepoint.
#[derive(Clone, Debug)]
struct Point {
    name: String,
    values: BTreeMap<String, String>,
    kept: BTreeMap<String, String>,
    writes: usize,
}

/// What `SHOW role` says where nobody acts for anybody.
pub(crate) const NO_ROLE: &str = "none";

/// What drivers are told without asking (`ParameterStatus`), as PostgreSQL 15 does.
pub(crate) const REPORTED: [&str; 11] = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "server_encoding",
    "standard_conforming_strings",
    "TimeZone",
];

impl Settings {
    pub(crate) fn new(version: &str, version_number: i32) -> Self {
        let number = version_number.to_string();
        let values: BTreeMap<String, String> = [
            ("application_name", ""),
            ("client_encoding", "UTF8"),
            ("client_min_messages", "notice"),
            ("datestyle", "ISO, MDY"),
            ("default_transaction_read_only", "on"),
            ("in_hot_standby", "off"),
            ("integer_datetimes", "on"),
            ("intervalstyle", "postgres"),
            ("is_superuser", "off"),
            ("idle_in_transaction_session_timeout", "0"),
            ("role", NO_ROLE),
            ("search_path", "\"$user\", public"),
            ("server_encoding", "UTF8"),
            ("server_version", version),
            ("server_version_num", &number),
            ("standard_conforming_strings", "on"),
            ("timezone", "UTC"),
            ("default_transaction_deferrable", "off"),
            ("default_transaction_isolation", "read committed"),
            ("transaction_isolation", "read committed"),
            ("transaction_read_only", "on"),
            ("transaction_deferrable", "off"),
            ("extra_float_digits", "1"),
            ("bytea_output", "hex"),
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("cordon.purpose", ""),
            ("cordon.masked_mode", "show"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        Self {
            initial: values.clone(),
            values,
            transaction: None,
            points: Vec::new(),
            differs_upstream: false,
            is_changed: false,
            from_start: Vec::new(),
        }
    }

    /// The value of a setting, if there is one by that name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let known = self.values.get(name);
        // Ours are in small letters; a client's need not be.
        let known = known.or_else(|| self.values.get(&name.to_ascii_lowercase()));
        known.map(String::as_str)
    }

    /// All settings, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The search path, names as they are written in the catalogue; `"$user"` names nothing.
    pub(crate) fn path(&self) -> Vec<String> {
        names(self.value("search_path").unwrap_or_default())
            .into_iter()
            .filter(|name| name != "$user")
            .collect()
    }

    /// The purpose stated.
    pub(crate) fn purpose(&self) -> Option<PurposeId> {
        let value = self.value("cordon.purpose").unwrap_or_default();
        PurposeId::new(value).ok()
    }

    /// Whether statements on masked columns fail.
    pub(crate) fn refuses_masked(&self) -> bool {
        self.value("cordon.masked_mode") == Some("refuse")
    }

    /// Whether notices are wanted.
    pub(crate) fn wants_notices(&self) -> bool {
        let level = self.value("client_min_messages").unwrap_or_default();
        !matches!(level, "warning" | "error" | "fatal" | "panic")
    }

    /// Sets what the client said at the start. Names that Cordon does not keep are an error there as
    /// they are in SQL.
    pub(crate) fn begin_with(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let name = name.to_ascii_lowercase();
        // For whom a service acts is said once it has a session, so that it is recorded.
        if treatment(&name) == Treatment::Refused || name == "role" {
            let about = format!("`{name}`");
            return Err(Problem::refusal(Refusal::SettingNotAllowed, &about));
        }
        let value = accepted(&name, value)?;
        if treatment(&name) == Treatment::Applied {
            self.differs_upstream = true;
            self.from_start.push((name.clone(), value.clone()));
        }
        self.initial.insert(name.clone(), value.clone());
        self.values.insert(name, value);
        Ok(())
    }

    /// Sets or resets a setting. Which of them are sent to the server as well is not known here.
    pub(crate) fn set(&mut self, setting: &Setting) -> Result<(), Problem> {
        let name = setting.name.to_ascii_lowercase();
        let value = match &setting.value {
            SetValue::Values(constants) => text(&name, constants),
            SetValue::Default => self.initial.get(&name).cloned().unwrap_or_default(),
            SetValue::Current | SetValue::Modes(_) => return Ok(()),
        };
        let value = accepted(&name, &value)?;
        self.differs_upstream |= treatment(&name) == Treatment::Applied;
        match (&mut self.transaction, setting.scope) {
            (Some(_), SetScope::Local) => {}
            // As in PostgreSQL, outside a transaction it changes nothing.
            (None, SetScope::Local) => return Ok(()),
            (Some((_, kept)), SetScope::Session) => {
                kept.insert(name.clone(), value.clone());
            }
            (None, SetScope::Session) => {}
        }
        self.values.insert(name, value);
        self.is_changed = true;
        Ok(())
    }

    /// Whether a setting that the server knows was changed, so that the link cannot be shared.
    pub(crate) const fn differ_upstream(&self) -> bool {
        self.differs_upstream
    }

    /// The statements that give a new link what the client set at the start; names are those of our
    /// own table.
    pub(crate) fn for_new_link(&self) -> Vec<String> {
        let set = |(name, value): &(String, String)| {
            format!("SET {name} = '{}'", value.replace('\'', "''"))
        };
        self.from_start.iter().map(set).collect()
    }

    /// Their names.
    pub(crate) fn names_for_new_link(&self) -> impl Iterator<Item = &str> {
        self.from_start.iter().map(|(name, _)| name.as_str())
    }

    /// A transaction begins: what is set in it goes with it if it fails.
    pub(crate) fn begin(&mut self) {
        let now = || (self.values.clone(), self.values.clone());
        if self.transaction.is_none() {
            self.transaction = Some(now());
        }
    }

    /// A savepoint of the transaction is there, after so many writes.
    pub(crate) fn savepoint(&mut self, name: &str, writes: usize) {
        if let Some((_, kept)) = &self.transaction {
            self.points.push(Point {
                name: name.to_owned(),
                writes,
                values: self.values.clone(),
                kept: kept.clone(),
            });
        }
    }

    /// What was set after the savepoint is undone; the savepoint stays. Returns how many writes came
    /// before it.
    pub(crate) fn roll_back_to(&mut self, name: &str) -> Option<usize> {
        let place = self.points.iter().rposition(|point| point.name == name)?;
        self.points.truncate(place + 1);
        let point = self.points.last()?;
        if let Some((_, kept)) = &mut self.transaction {
            self.values = point.values.clone();
            *kept = point.kept.clone();
        }
        Some(point.writes)
    }

    /// The savepoint is gone, and those after it.
    pub(crate) fn release(&mut self, name: &str) {
        if let Some(place) = self.points.iter().rposition(|point| point.name == name) {
            self.points.truncate(place);
        }
    }

    /// A transaction is over.
    pub(crate) fn end(&mut self, is_committed: bool) {
        self.points.clear();
        if let Some((before, kept)) = self.transaction.take() {
            self.values = if is_committed { kept } else { before };
            self.is_changed = true;
        }
    }

    /// `DISCARD ALL`.
    pub(crate) fn discard(&mut self) {
        self.values = self.initial.clone();
        self.is_changed = true;
    }

    /// `RESET ALL`: as at the start, unless the transaction fails. What a transaction says of itself
    /// stays.
    pub(crate) fn reset(&mut self) {
        let stays = |name: &str| name.starts_with("transaction_");
        let mut values = self.initial.clone();
        values.retain(|name, _| !stays(name));
        if let Some((_, kept)) = &mut self.transaction {
            kept.extend(values.clone());
        }
        self.values.extend(values);
        self.is_changed = true;
    }

    /// Whether a setting may be otherwise than when this was asked last.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.is_changed)
    }

    /// Whether a setting is not what it was at the start, or was set there.
    pub(crate) fn differs(&self, name: &str) -> bool {
        self.values.get(name) != self.initial.get(name)
            || self.from_start.iter().any(|(known, _)| known == name)
    }

    /// What the decision's record says of the session, as far as it mattered.
    pub(crate) fn recorded(&self, user: &str) -> Vec<u8> {
        let mut text = format!("user={user}\n");
        for name in [
            "role",
            "search_path",
            "cordon.purpose",
            "cordon.masked_mode",
            "timezone",
            "datestyle",
            "intervalstyle",
        ] {
            let value = self.value(name).unwrap_or_default();
            text.extend([name, "=", value, "\n"]);
        }
        text.into_bytes()
    }
}

/// The value as it is kept, if it may be one.
fn accepted(name: &str, value: &str) -> Result<String, Problem> {
    let is_known = match name {
        "client_encoding" => matches!(
            value.to_ascii_lowercase().replace(['-', '_'], "").as_str(),
            "utf8" | "unicode"
        ),
        "standard_conforming_strings" => matches!(value, "on" | "true" | "1" | "yes"),
        "cordon.masked_mode" => matches!(value, "show" | "refuse"),
        "cordon.purpose" => value.is_empty() || PurposeId::new(value).is_ok(),
        "default_transaction_read_only" => canonical::truth(value).is_some(),
        "idle_in_transaction_session_timeout" => canonical::milliseconds(value).is_some(),
        "client_min_messages" => matches!(
            value.to_ascii_lowercase().as_str(),
            "debug5"
                | "debug4"
                | "debug3"
                | "debug2"
                | "debug1"
                | "debug"
                | "log"
                | "notice"
                | "warning"
                | "error"
        ),
        "server_version" | "server_version_num" | "server_encoding" | "in_hot_standby"
        | "integer_datetimes" | "is_superuser" => false,
        _ => value.len() <= SETTING_BYTES_MAX,
    };
    if !is_known {
        let about = format!("`{name}`");
        return Err(Problem::refusal(Refusal::SettingValueNotAllowed, &about));
    }
    Ok(match name {
        "client_encoding" => "UTF8".to_owned(),
        "standard_conforming_strings" => "on".to_owned(),
        "client_min_messages" => value.to_ascii_lowercase(),
        "default_transaction_read_only" => canonical::truth(value).unwrap_or("on").to_owned(),
        "idle_in_transaction_session_timeout" => canonical::milliseconds(value).unwrap_or_default(),
        "datestyle" => canonical::date_style(value),
        "intervalstyle" => value.to_ascii_lowercase(),
        // As PostgreSQL keeps it: what is not printable ASCII becomes a question mark.
        "application_name" => value
            .chars()
            .map(|c| {
                if c.is_ascii_graphic() || c == ' ' {
                    c
                } else {
                    '?'
                }
            })
            .take(63)
            .collect(),
        _ => value.to_owned(),
    })
}

/// What `SET name = a, b` sets.
fn text(name: &str, constants: &[Constant]) -> String {
    let words = constants.iter().map(|constant| {
        let word = match constant {
            Constant::Null => String::new(),
            Constant::Boolean(true) => "on".to_owned(),
            Constant::Boolean(false) => "off".to_owned(),
            Constant::Integer(number) => number.to_string(),
            Constant::Number(text) | Constant::Text(text) | Constant::Bits(text) => text.clone(),
        };
        // Names of schemas may hold commas and quotes.
        match name {
            "search_path" => quoted(&word),
            _ => word,
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
    if is_plain && !name.is_empty() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A list of names as `search_path` spells it.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
        let Some(first) = rest.next() else {
            return names;
        };
        let mut name = String::new();
        if first == '"' {
            while let Some(c) = rest.next() {
                if c != '"' {
                    name.push(c);
                } else if rest.next_if_eq(&'"').is_some() {
                    name.push('"');
                } else {
                    break;
                }
            }
        } else {
            name.extend(first.to_lowercase());
            while let Some(c) = rest.next_if(|c| *c != ',' && !c.is_whitespace()) {
                name.extend(c.to_lowercase());
            }
        }
        names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_path_is_a_list_of_names() {
        let path = |text: &str| {
            let mut settings = Settings::new("15.0", 150_000);
            assert_eq!(settings.begin_with("search_path", text), Ok(()));
            settings.path()
        };
        assert_eq!(path("\"$user\", public"), ["public"]);
        assert_eq!(path("App,  Other"), ["app", "other"]);
        assert_eq!(path("\"A\"\"b\", \"c,d\""), ["A\"b", "c,d"]);
        assert_eq!(path(""), Vec::<String>::new());
    }

    #[test]
    fn what_cordon_does_not_keep_is_refused_at_the_start_too() {
        let mut settings = Settings::new("15.0", 150_000);
        for name in [
            "role",
            "session_authorization",
            "row_security",
            "work_mem",
            "no_such",
        ] {
            let refused = settings.begin_with(name, "x");
            let code = refused.err().and_then(|problem| problem.refusal);
            assert_eq!(code, Some(Refusal::SettingNotAllowed), "{name}");
        }
        for (name, value) in [
            ("client_encoding", "LATIN1"),
            ("standard_conforming_strings", "off"),
            ("cordon.masked_mode", "perhaps"),
            ("server_version", "99"),
        ] {
            let refused = settings.begin_with(name, value);
            let code = refused.err().and_then(|problem| problem.refusal);
            assert_eq!(code, Some(Refusal::SettingValueNotAllowed), "{name}");
        }
    }

    #[test]
    fn what_a_transaction_set_goes_when_it_fails() {
        let mut settings = Settings::new("15.0", 150_000);
        let set = |settings: &mut Settings, scope, value: &str| {
            let setting = Setting {
                scope,
                name: "application_name".to_owned(),
                value: SetValue::Values(vec![Constant::Text(value.to_owned())]),
                by_call: false,
            };
            assert_eq!(settings.set(&setting), Ok(()));
        };
        settings.begin();
        set(&mut settings, SetScope::Session, "x");
        settings.end(false);
        assert_eq!(settings.value("application_name"), Some(""));
        // A local value goes in any case, and outside a transaction there is none.
        settings.begin();
        set(&mut settings, SetScope::Session, "kept");
        set(&mut settings, SetScope::Local, "local");
        assert_eq!(settings.value("application_name"), Some("local"));
        settings.end(true);
        assert_eq!(settings.value("application_name"), Some("kept"));
        set(&mut settings, SetScope::Local, "nothing");
        assert_eq!(settings.value("application_name"), Some("kept"));
    }
}

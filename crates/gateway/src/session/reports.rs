//! What a client learns of its settings: what SHOW answers, and what it is told without asking before
//! each ReadyForQuery, as PostgreSQL does. The server's own spelling counts for what the server has.

use std::collections::BTreeMap;

use model::Refusal;
use sql::tree::{Constant, OptionValue, SetScope, SetValue, Setting, StatementOption};
use sql::{Treatment, treatment};
use wire::backend::{Incoming, Message};
use wire::{Report, Severity, TransactionStatus, server};

use super::canonical;
use super::settings::REPORTED;
use super::steps::{Step, internal};
use super::{Session, Settings, Stop};
use crate::problem::Problem;
use crate::redact;

/// Those of the reported settings that the server has, under its own names.
const UPSTREAM: [&str; 3] = ["DateStyle", "IntervalStyle", "TimeZone"];

/// What the first messages of a session tell.
pub(super) fn told(settings: &Settings) -> BTreeMap<&'static str, String> {
    let value = |name| settings.value(name).unwrap_or_default().to_owned();
    REPORTED.iter().map(|name| (*name, value(name))).collect()
}

/// How PostgreSQL heads the answer to SHOW.
pub(super) fn shown_as(name: &str) -> String {
    let known = REPORTED
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name));
    known.map_or_else(|| name.to_ascii_lowercase(), |known| (*known).to_owned())
}

impl Session {
    /// Tells the client of settings that have changed since it was told last.
    pub(super) fn report_settings(&mut self) {
        // The server may have changed some of them itself, when a transaction was rolled back.
        if !self.settings.take_changed() && !self.settings.differ_upstream() {
            return;
        }
        for name in REPORTED {
            let upstream = self.link.as_ref().filter(|_| UPSTREAM.contains(&name));
            let value = upstream
                .and_then(|link| link.reported(name))
                .or_else(|| self.settings.value(name))
                .unwrap_or_default();
            if self.told.get(name).is_some_and(|told| told == value) {
                continue;
            }
            // Values are kept free of NUL.
            let _ = server::parameter_status(&mut self.client.out, name, value);
            self.told.insert(name, value.to_owned());
        }
    }

    /// Passes a notice of the server on: what it is about and its words, nothing else.
    pub(super) fn pass_notice(&mut self, report: &Report<'_>) {
        let level = self
            .settings
            .value("client_min_messages")
            .unwrap_or_default();
        if level == "error"
            || (report.severity != Severity::Warning && !self.settings.wants_notices())
        {
            return;
        }
        let told = Report::new(report.severity, report.sqlstate, report.message);
        server::notice(&mut self.client.out, &told);
    }

    /// The value of a setting as SHOW tells it.
    pub(super) async fn value_shown(&mut self, name: &str) -> Result<Option<String>, Stop> {
        // LIMIT: what the gateway sets on all links (`statement_timeout`) is no business of clients;
        // only what they set themselves is asked for.
        let default = format!("default_{name}");
        let is_idle = self.status == TransactionStatus::Idle;
        if is_idle && name == "transaction_read_only" {
            return Ok(self.settings.value(&default).map(str::to_owned));
        }
        let is_of_transaction =
            name.starts_with("transaction_") && (!is_idle || self.settings.differs(&default));
        let is_upstream = treatment(name) == Treatment::Applied
            && (is_of_transaction || self.settings.differs(name));
        let kept = self.settings.value(name).map(str::to_owned);
        if !is_upstream {
            return Ok(kept);
        }
        self.ensure_link().await?;
        // The name is one of our own table.
        self.send_own(&format!("SHOW {name}"), Step::Shown)?;
        self.settle_queue().await?;
        let shown = self.shown.take();
        // Back to the gateway's own, after a savepoint for example.
        let own = canonical::milliseconds(&self.gate.limits().statement.as_millis().to_string());
        let is_own = name == "statement_timeout" && shown.is_some() && shown == own;
        let set = kept.as_deref().and_then(canonical::milliseconds);
        Ok(if is_own && set != own {
            Some("0".to_owned())
        } else {
            shown
        })
    }

    /// Reads the one row of a SHOW of our own.
    pub(super) async fn take_shown(&mut self) -> Result<(), Stop> {
        loop {
            match self.receive().await? {
                Incoming::Rows(rows) => {
                    let row = rows.iter().next();
                    let cell = row.as_ref().and_then(|row| row.cells().next());
                    let cell = cell
                        .transpose()
                        .map_err(|error| internal(&error))?
                        .flatten();
                    let text = cell.map(|cell| std::str::from_utf8(cell).unwrap_or_default());
                    self.shown = text.map(str::to_owned);
                }
                Incoming::Control(frame) => match frame.message().map_err(|e| internal(&e))? {
                    Message::Error(report) => return Err(redact::ungoverned(&report).into()),
                    Message::CommandComplete { .. } => return Ok(()),
                    _ => {}
                },
            }
        }
    }

    /// `RESET ALL`: what the client set goes back to what it was when the session began, here and at
    /// the server, whose pins stay.
    pub(super) async fn reset_all(&mut self) -> Result<(), Stop> {
        if self.link.is_some() && self.settings.differ_upstream() {
            for name in RESETTABLE {
                self.link()?.allow_any(name);
                self.send_quietly(&format!("RESET {name}"))?;
            }
            for set in self.settings.for_new_link() {
                self.send_quietly(&set)?;
            }
            self.settle_queue().await?;
        }
        self.settings.reset();
        self.remembered.forget();
        self.complete_local("RESET")
    }

    /// `SET SESSION CHARACTERISTICS`: the same as setting the defaults of later transactions.
    pub(super) async fn set_characteristics(&mut self, setting: &Setting) -> Result<(), Stop> {
        let SetValue::Modes(modes) = &setting.value else {
            return Err(Problem::refusal(Refusal::SettingNotAllowed, "").into());
        };
        for mode in modes {
            let name = format!("default_{}", mode.name);
            let value = mode_of(mode).ok_or_else(|| {
                Problem::refusal(Refusal::SettingValueNotAllowed, &format!("`{name}`"))
            })?;
            match mode.name.as_str() {
                // Links are read-only; who may write is decided by statement.
                "transaction_read_only" => {}
                "transaction_isolation" | "transaction_deferrable" => {
                    self.ensure_link().await?;
                    self.send_quietly(&format!("SET {name} = '{value}'"))?;
                    self.settle_queue().await?;
                }
                _ => return Err(Problem::refusal(Refusal::SettingNotAllowed, &name).into()),
            }
            self.settings.set(&Setting {
                scope: SetScope::Session,
                name,
                value: SetValue::Values(vec![Constant::Text(value.to_owned())]),
                by_call: false,
            })?;
        }
        self.complete_local("SET")
    }
}

/// What a client can have changed at the server, which takes it back by name.
const RESETTABLE: [&str; 9] = [
    "DateStyle",
    "TimeZone",
    "IntervalStyle",
    "extra_float_digits",
    "bytea_output",
    "statement_timeout",
    "lock_timeout",
    "default_transaction_isolation",
    "default_transaction_deferrable",
];

fn mode_of(mode: &StatementOption) -> Option<&'static str> {
    match &mode.value {
        OptionValue::Integer(0) => Some("off"),
        OptionValue::Integer(_) => Some("on"),
        OptionValue::Text(text) => [
            "serializable",
            "repeatable read",
            "read committed",
            "read uncommitted",
        ]
        .into_iter()
        .find(|known| known == text),
        OptionValue::None | OptionValue::Star | OptionValue::List(_) => None,
    }
}

//! Who has a session, and the link and world that it works with.

use std::sync::Arc;

use enforce::Checked;
use identity::Authenticated;
use model::{DatasetId, Refusal, Session as Facts, Timestamp};
use policy::Permit;
use sql::tree::{StatementOption, Transaction};
use sql::{Action, Treatment, treatment};
use tokio::time::timeout;
use wire::{Formats, Report, Severity, TransactionStatus, server};

use super::{Client, Over, Session, Settings, Stop, names};
use crate::database::Database;
use crate::gate::Gate;
use crate::live::Live;
use crate::problem::{Problem, sqlstate};
use crate::record::SessionBook;
use crate::world::World;

/// Somebody whose identity is proved.
pub(crate) struct Who {
    authenticated: Authenticated,
    facts: Facts,
    name: String,
}

impl Who {
    pub(crate) const fn new(authenticated: Authenticated, facts: Facts, name: String) -> Self {
        Self {
            authenticated,
            facts,
            name,
        }
    }

    /// The facts that decisions are made with.
    pub(crate) const fn session(&self) -> &Facts {
        &self.facts
    }

    /// The name they came with.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Why they may not go on, if they may not.
    pub(crate) fn turned_away(&self, world: &World, now: Timestamp) -> Option<Problem> {
        if self
            .authenticated
            .is_still_welcome(world.register())
            .is_err()
        {
            return Some(Problem::refusal(Refusal::PersonDisabled, ""));
        }
        let is_over = now >= self.authenticated.valid_until();
        is_over.then(|| Problem::refusal(Refusal::RightEnded, "the proof of who you are"))
    }

    /// How long their proof still counts, in seconds; `None` for one without an end.
    pub(crate) fn seconds_left(&self, now: Timestamp) -> Option<u64> {
        let until = self.authenticated.valid_until();
        if until == Timestamp::MAX {
            return None;
        }
        Some(u64::try_from(until.seconds().saturating_sub(now.seconds())).unwrap_or(0))
    }
}

impl Session {
    /// A session that is let in; its start is recorded under this number.
    pub(crate) fn new(
        gate: Arc<Gate>,
        database: Arc<Database>,
        client: Client,
        who: Who,
        live: Live,
        settings: Settings,
        number: u64,
    ) -> Self {
        let worlds = database.worlds();
        let held_time = database.held_time();
        let world = Arc::clone(&worlds.borrow());
        let book = SessionBook::new(Arc::clone(gate.recorder()), number);
        Self {
            gate,
            database,
            client,
            who,
            live,
            told: super::reports::told(&settings),
            shown: None,
            begins_to_write: false,
            settings,
            book,
            world,
            worlds,
            link: None,
            steps: std::collections::VecDeque::new(),
            statements: std::collections::HashMap::new(),
            portals: std::collections::HashMap::new(),
            cursors: std::collections::HashMap::new(),
            kept: std::collections::HashMap::new(),
            remembered: super::check::Remembered::default(),
            judged: None,
            asked: None,
            held_time,
            status: TransactionStatus::Idle,
            transaction_since: None,
            busy_since: None,
            is_failed: false,
            is_to_undo: false,
            is_sent: false,
            noticed: std::collections::HashSet::new(),
            last_refusal: None,
            next_portal: 0,
            writes: Vec::new(),
            held_bytes: 0,
            unsent_bytes: 0,
            local_formats: Formats::Unsaid,
        }
    }

    /// The link, which [`Session::ensure_link`] has seen to.
    pub(super) fn link(&mut self) -> Result<&mut postgres::PooledLink, Problem> {
        let missing = || Problem::refusal(Refusal::UpstreamUnavailable, "");
        self.link.as_mut().ok_or_else(missing)
    }

    /// Takes a link from the pool if the session has none.
    pub(super) async fn ensure_link(&mut self) -> Result<(), Stop> {
        if self.link.is_some() {
            return Ok(());
        }
        if self.status != TransactionStatus::Idle {
            // What the transaction did went with its link.
            let problem = Problem::refusal(Refusal::UpstreamUnavailable, "");
            let ending = record::SessionEnding::Stopped;
            return Err(Over::Told(Box::new(problem), ending).into());
        }
        let wait = self.gate.limits().link_wait;
        let acquired = timeout(wait, self.database.pool().acquire()).await;
        let mut link = match acquired {
            Ok(Ok(link)) => link,
            Ok(Err(error)) => {
                tracing::warn!(%error, "no link to the data store");
                return Err(Problem::refusal(Refusal::UpstreamUnavailable, "").into());
            }
            Err(_) => return Err(Problem::refusal(Refusal::UpstreamUnavailable, "").into()),
        };
        let set = self.settings.for_new_link();
        if !set.is_empty() {
            for name in self.settings.names_for_new_link() {
                link.allow_any(name);
            }
            if let Err(error) = link.ask(&set.join("; ")).await {
                tracing::debug!(%error, "a setting of the start is not taken");
                let about = "one that was given when the session began";
                return Err(Problem::refusal(Refusal::SettingValueNotAllowed, about).into());
            }
        }
        self.live.has_link(link.canceller());
        self.link = Some(link);
        Ok(())
    }

    /// A link that is ready for a statement: settings that it will report are expected, and a change
    /// outside a transaction may change something only if the session asked for that.
    pub(super) async fn prepare_link(&mut self, checked: &Checked) -> Result<(), Stop> {
        self.ensure_link().await?;
        match checked.guarded.action() {
            Action::Set(setting) if treatment(&setting.name) == Treatment::Applied => {
                let name = setting.name.clone();
                self.link()?.allow_any(&name);
            }
            Action::Transaction(Transaction::Rollback(_) | Transaction::RollbackTo(_)) => {
                // A setting may go back to what it was, which is reported too.
                for name in ["DateStyle", "TimeZone", "IntervalStyle"] {
                    self.link()?.allow_any(name);
                }
            }
            Action::Transaction(Transaction::Begin(modes)) => {
                let says = |mode: &StatementOption| mode.name == "transaction_read_only";
                self.begins_to_write = self.wants_to_write()
                    && self.status == TransactionStatus::Idle
                    && !self.is_sent
                    && !modes.iter().any(says);
            }
            Action::Write(_) => self.allow_write().await?,
            _ => {}
        }
        Ok(())
    }

    /// What is sent behind a statement: a transaction that a session which may write begins is told so,
    /// before anything else happens in it.
    pub(super) fn follow_up(&mut self, checked: &Checked) -> Result<(), Stop> {
        let begins = matches!(
            checked.guarded.action(),
            Action::Transaction(Transaction::Begin(_))
        );
        if begins && std::mem::take(&mut self.begins_to_write) {
            self.send_quietly("SET TRANSACTION READ WRITE")?;
        }
        Ok(())
    }

    /// Whether the session asked for transactions that may change something.
    pub(super) fn wants_to_write(&self) -> bool {
        self.settings.value("default_transaction_read_only") == Some("off")
    }

    /// Links are read-only. A session that set `default_transaction_read_only = off` may write, if its
    /// permit says so: the transaction of this statement alone is told.
    async fn allow_write(&mut self) -> Result<(), Stop> {
        if !self.wants_to_write() {
            let message = "cannot change data in a read-only transaction";
            let mut problem = Problem::plain(sqlstate("25006"), message);
            problem.hint = Some(
                "BEGIN READ WRITE, or SET default_transaction_read_only = off for this session"
                    .to_owned(),
            );
            if self.status == TransactionStatus::Idle && !self.is_sent {
                return Err(problem.into());
            }
            // A transaction that began as READ WRITE is the server's to judge.
            return Ok(());
        }
        if self.status == TransactionStatus::Idle && !self.is_sent {
            self.send_quietly("SET TRANSACTION READ WRITE")?;
        }
        Ok(())
    }

    /// Says once for each dataset what of it is masked or left out, and how to ask.
    pub(super) fn notice(&mut self, checked: &Checked, permit: &Permit) {
        if !self.settings.wants_notices() {
            return;
        }
        let datasets: Vec<DatasetId> = checked.basis.datasets().cloned().collect();
        for dataset in datasets {
            let Some(view) = permit.view(&dataset) else {
                continue;
            };
            let masked = names::masked(&view.view);
            let leaves_out = names::leaves_rows_out(&view.view);
            if (masked.is_empty() && !leaves_out) || !self.noticed.insert(dataset.clone()) {
                continue;
            }
            let list: Vec<&str> = masked.iter().map(model::FieldName::as_str).collect();
            let mut message = String::new();
            if !list.is_empty() {
                message = format!(
                    "masked for you in {}: {}",
                    dataset.collection(),
                    list.join(", ")
                );
            }
            if leaves_out {
                let rows = format!("not all rows of {} are shown to you", dataset.collection());
                message = match message.as_str() {
                    "" => rows,
                    masked => format!("{masked}; {rows}"),
                };
            }
            let hint = permit
                .decision()
                .hints
                .iter()
                .find(|hint| hint.dataset == dataset)
                .map(ToString::to_string);
            let report = Report {
                hint: hint.as_deref(),
                ..Report::new(Severity::Notice, sqlstate("01000"), &message)
            };
            let said = self.say(|out| {
                server::notice(out, &report);
                Ok(())
            });
            // A notice that cannot be written is no reason to show less.
            drop(said);
        }
    }
}

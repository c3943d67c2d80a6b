//! The settings that a link pins, and what becomes of them.

use std::time::Duration;

use crate::error::LinkError;

/// What is pinned on every link, and why: a lexer, a path or an encoding that differs between the
/// gate and the server is how statements are smuggled; the rest fixes how values are printed.
const PINNED: [(&str, &str); 9] = [
    ("search_path", "pg_catalog"),
    ("client_encoding", "UTF8"),
    ("standard_conforming_strings", "on"),
    ("row_security", "on"),
    ("default_transaction_read_only", "on"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("bytea_output", "hex"),
    ("application_name", "cordon"),
];

/// Those of them that only change how values are printed or how long a statement may take, so that
/// clients may set them.
const CLIENTS: [&str; 5] = [
    "DateStyle",
    "IntervalStyle",
    "bytea_output",
    "TimeZone",
    "statement_timeout",
];

/// What may be chosen for a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// In which zone the server prints moments.
    pub time_zone: String,
    /// After what time the server ends a statement; none where something else does.
    pub statement_timeout: Option<Duration>,
    /// How long a statement waits for a lock; without end where nothing is said. Links that run
    /// governed statements need one: see [`crate::Sentinel::start`].
    pub lock_timeout: Option<Duration>,
    /// Whether transactions are read-only unless they say otherwise.
    pub is_read_only: bool,
    /// How many statements stay prepared on it.
    pub statements_max: usize,
    /// How long what the server sends may be.
    pub limits: wire::Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            statement_timeout: None,
            lock_timeout: None,
            is_read_only: true,
            statements_max: 256,
            limits: wire::Limits::default(),
        }
    }
}

/// One pinned setting.
#[derive(Clone, Debug)]
struct Pin {
    name: &'static str,
    value: String,
    /// Another value that was asked for since.
    asked: Asked,
    /// What the server said last that it is, where it says so at all.
    reported: Option<String>,
}

/// Which other values a setting may have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    None,
    One(String),
    /// Whatever the server makes of what the client wrote.
    Any,
}

impl Asked {
    fn allows(&self, value: &str) -> bool {
        match self {
            Self::None => false,
            Self::One(one) => one == value,
            Self::Any => true,
        }
    }
}

/// All pinned settings of a link.
#[derive(Clone, Debug)]
pub(crate) struct Pins(Vec<Pin>);

impl Pins {
    pub(crate) fn new(options: &Options) -> Self {
        let in_ms = |timeout: Option<Duration>| timeout.unwrap_or_default().as_millis().to_string();
        let mut pins: Vec<Pin> = PINNED
            .into_iter()
            .map(|(name, value)| Pin {
                name,
                value: value.to_owned(),
                asked: Asked::None,
                reported: None,
            })
            .collect();
        for pin in &mut pins {
            if pin.name == "default_transaction_read_only" && !options.is_read_only {
                "off".clone_into(&mut pin.value);
            }
        }
        let more = [
            ("TimeZone", options.time_zone.clone()),
            ("statement_timeout", in_ms(options.statement_timeout)),
            ("lock_timeout", in_ms(options.lock_timeout)),
            // The sentinel's transaction is idle by design, and a client's age is the gate's to
            // bound.
            ("idle_in_transaction_session_timeout", "0".to_owned()),
        ];
        pins.extend(more.map(|(name, value)| Pin {
            name,
            value,
            asked: Asked::None,
            reported: None,
        }));
        Self(pins)
    }

    /// What the startup message says.
    pub(crate) fn startup(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|pin| (pin.name, pin.value.as_str()))
    }

    /// Takes note of another value that is being set.
    pub(crate) fn allow(&mut self, name: &str, value: &str) {
        if let Some(pin) = self.find(name) {
            pin.asked = Asked::One(value.to_owned());
        }
    }

    /// Takes note that a setting is being set, to a value that the server spells in its own way. False
    /// for those that no client may change.
    pub(crate) fn allow_any(&mut self, name: &str) -> bool {
        let may_change = CLIENTS.iter().any(|free| free.eq_ignore_ascii_case(name));
        if may_change && let Some(pin) = self.find(name) {
            pin.asked = Asked::Any;
        }
        may_change
    }

    /// Only the first values count again.
    pub(crate) fn forget_asked(&mut self) {
        for pin in &mut self.0 {
            pin.asked = Asked::None;
        }
    }

    /// Compares what the server reports.
    pub(crate) fn check(&mut self, name: &str, value: &str) -> Result<(), LinkError> {
        match self.find(name) {
            Some(pin) if pin.value != value && !pin.asked.allows(value) => {
                Err(LinkError::Deviated {
                    setting: pin.name.to_owned(),
                })
            }
            Some(pin) => {
                pin.reported = Some(value.to_owned());
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What the server said last that a pinned setting is.
    pub(crate) fn reported(&self, name: &str) -> Option<&str> {
        let pin = self.0.iter().find(|pin| pin.name == name)?;
        pin.reported.as_deref()
    }

    /// A query that gives one row: the value of each pinned setting, reported or not. `pg_settings`
    /// has the timeouts in their unit, where `current_setting` would write `1min`.
    pub(crate) fn question(&self) -> String {
        let values: Vec<String> = self
            .0
            .iter()
            .map(|pin| {
                format!(
                    "(select s.setting from pg_catalog.pg_settings s \
                     where s.name operator(pg_catalog.=) '{}')",
                    pin.name
                )
            })
            .collect();
        format!("select {}", values.join(", "))
    }

    /// Compares the answer to [`Pins::question`].
    pub(crate) fn check_answer(&self, row: &[Option<String>]) -> Result<(), LinkError> {
        for (place, pin) in self.0.iter().enumerate() {
            if row.get(place).and_then(Option::as_ref) != Some(&pin.value) {
                return Err(LinkError::Deviated {
                    setting: pin.name.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn find(&mut self, name: &str) -> Option<&mut Pin> {
        self.0
            .iter_mut()
            .find(|pin| pin.name.eq_ignore_ascii_case(name))
    }
}

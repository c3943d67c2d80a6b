//! What the gateway tells its operator while it runs: events on standard error, as text or JSON.
//!
//! No event holds a value, a statement or a person's name above the level `debug`.

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;

/// From which level on events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// What somebody must look at now.
    Error,
    /// What somebody should look at.
    Warn,
    /// What happens.
    Info,
    /// What a developer wants to know; it may name people.
    Debug,
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
        }
    }
}

/// Writes events from now on, for as long as the process lives. The first call counts.
pub fn write(level: Level, as_json: bool) {
    let events = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::from(level))
        .with_writer(std::io::stderr);
    // Another subscriber is there already if this fails, and it gets the events.
    let _ = if as_json {
        events.json().flatten_event(true).try_init()
    } else {
        events.try_init()
    };
}

//! A moment in UTC, always handed in: nothing in the pure crates reads a clock.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat};

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is not a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTime(pub String);

impl fmt::Display for BadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a time; write `2026-01-31` or `2026-01-31T09:00:00Z`",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for BadTime {}

impl Timestamp {
    /// The latest moment there is: "never ends".
    pub const MAX: Self = Self(i64::MAX);
    /// The earliest moment there is: "has always been".
    pub const MIN: Self = Self(i64::MIN);

    /// A moment from seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 (`2026-01-31T09:00:00Z`, any offset) or a date, which is its first second
    /// in UTC.
    ///
    /// # Errors
    /// [`BadTime`] for anything else.
    pub fn parse(text: &str) -> Result<Self, BadTime> {
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(moment.timestamp()));
        }
        let date = text
            .parse::<NaiveDate>()
            .ok()
            .and_then(|date| date.and_hms_opt(0, 0, 0));
        // The width keeps `26-1-1` out, which chrono would read as the year 26.
        match date {
            Some(midnight) if text.len() == "2026-01-31".len() => {
                Ok(Self(midnight.and_utc().timestamp()))
            }
            _ => Err(BadTime(text.to_owned())),
        }
    }

    /// The moment this many seconds later; stops at [`Timestamp::MAX`].
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The moment this many days later; stops at [`Timestamp::MAX`].
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::MAX {
            return f.write_str("never");
        }
        match DateTime::from_timestamp(self.0, 0) {
            Some(moment) => f.write_str(&moment.to_rfc3339_opts(SecondsFormat::Secs, true)),
            None => write!(f, "{} seconds after 1970", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_in_utc() {
        let noon = Timestamp::parse("2026-01-31T12:00:00Z").unwrap();
        assert_eq!(noon.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(Timestamp::parse("2026-01-31T14:00:00+02:00"), Ok(noon));
        assert_eq!(
            Timestamp::parse("2026-01-31").map(|t| t.plus_seconds(43_200)),
            Ok(noon)
        );
        for bad in [
            "",
            "tomorrow",
            "2026-02-30",
            "2026-1-31",
            "26-01-31",
            "2026-01-31T12:00:00",
        ] {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn time_does_not_wrap() {
        assert_eq!(Timestamp::MAX.plus_days(1), Timestamp::MAX);
    }
}

//! Times of entries and cosignatures as people write them. Reads no clock.

use chrono::{DateTime, SecondsFormat};

/// RFC 3339 with milliseconds, in UTC; the number itself where no calendar has such a time.
pub(crate) fn of_millis(unix_ms: u64) -> String {
    let time = i64::try_from(unix_ms).ok();
    let time = time.and_then(DateTime::from_timestamp_millis);
    match time {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Millis, true),
        None => format!("{unix_ms} ms"),
    }
}

/// RFC 3339 with seconds, in UTC.
pub(crate) fn of_seconds(unix_s: u64) -> String {
    let time = i64::try_from(unix_s).ok();
    let time = time.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match time {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        None => format!("{unix_s} s"),
    }
}

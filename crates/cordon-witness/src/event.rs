//! Structured lines for the operator, on standard error: `time=.. level=.. event=.. key=value`.
//! They never carry keys or whole requests.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

/// How much an event matters.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Level {
    Info,
    /// Somebody should look.
    Warning,
    /// It stops.
    Error,
}

/// Where lines go.
pub type Say = fn(&str);

/// Standard error. A line that cannot be written is lost; the answers do not depend on it.
pub(crate) fn to_stderr(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// One line without its end.
pub(crate) fn line(
    now_s: u64,
    level: Level,
    event: &str,
    fields: &[(&str, &dyn Display)],
) -> String {
    let level = match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let mut line = format!("time={now_s} level={level} event={event}");
    for (name, value) in fields {
        let _ = write!(line, " {name}={}", quoted(&value.to_string()));
    }
    line
}

/// Text from strangers cannot end the line or look like another field.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '=' && c != '\\';
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_stays_in_its_field() {
        assert_eq!(quoted("example.org/log"), "example.org/log");
        assert_eq!(quoted("a b\nlevel=error"), r#""a b\nlevel=error""#);
        assert_eq!(quoted(""), r#""""#);
    }
}

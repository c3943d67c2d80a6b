//! What happens to each setting: the one table is `data/settings.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What happens to a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It is sent to the server.
    Applied,
    /// Cordon keeps it.
    Virtual,
    /// It is refused.
    Refused,
}

static TABLE: LazyLock<HashMap<&'static str, Treatment>> =
    LazyLock::new(|| read(include_str!("../data/settings.txt")));

fn read(text: &'static str) -> HashMap<&'static str, Treatment> {
    text.lines()
        .filter_map(|line| {
            let line = line.split('#').next()?.trim_end();
            let (name, word) = line.rsplit_once(char::is_whitespace)?;
            let treatment = match word {
                "applied" => Treatment::Applied,
                "virtual" => Treatment::Virtual,
                _ => return None,
            };
            Some((name.trim(), treatment))
        })
        .collect()
}

/// What happens to the setting of this name. Upper-case names are the grammar's own.
pub fn treatment(name: &str) -> Treatment {
    let lower = name.to_ascii_lowercase();
    TABLE
        .get(name)
        .or_else(|| TABLE.get(lower.as_str()))
        .copied()
        .unwrap_or(Treatment::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_table_is_refused() {
        assert_eq!(treatment("search_path"), Treatment::Virtual);
        assert_eq!(treatment("DateStyle"), Treatment::Applied);
        assert_eq!(treatment("SESSION CHARACTERISTICS"), Treatment::Applied);
        for name in [
            "row_security",
            "session_authorization",
            "work_mem",
            "plan_cache_mode",
            "enable_seqscan",
            "TRANSACTION SNAPSHOT",
            "all",
            "log_statement",
            "debug_print_plan",
        ] {
            assert_eq!(treatment(name), Treatment::Refused, "{name}");
        }
    }

    #[test]
    fn every_line_is_understood() {
        let lines = include_str!("../data/settings.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .count();
        assert_eq!(lines, TABLE.len());
    }
}

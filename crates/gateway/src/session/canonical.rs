//! Values of settings as PostgreSQL writes them, for those that the server is not asked about.

/// A truth value: `on` or `off`. Source: `parse_bool` of PostgreSQL.
pub(super) fn truth(value: &str) -> Option<&'static str> {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str, least: usize| value.len() >= least && word.starts_with(&value);
    if begins("true", 1) || begins("yes", 1) || value == "on" || value == "1" {
        Some("on")
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || value == "0" {
        Some("off")
    } else {
        None
    }
}

/// Units of time by their names, longest first, in milliseconds.
const UNITS: [(&str, i64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A time in milliseconds, written in the largest unit that divides it. Source: `convert_int_from_base_unit`
/// of PostgreSQL.
pub(super) fn milliseconds(value: &str) -> Option<String> {
    let value = value.trim();
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = value.get(digits.len()..).unwrap_or_default();
    let number: i64 = digits.trim().parse().ok()?;
    let factor = match unit {
        "" => 1,
        unit => UNITS.iter().find(|(known, _)| *known == unit)?.1,
    };
    let all = number.checked_mul(factor)?;
    if !(0..=i64::from(i32::MAX)).contains(&all) {
        return None;
    }
    let (unit, factor) = UNITS.iter().find(|(_, factor)| all % factor == 0)?;
    Some(match all {
        0 => "0".to_owned(),
        all => format!("{}{unit}", all / factor),
    })
}

/// A style of dates with the order of day and month. What is not understood stays as it is, for the
/// server to judge.
pub(super) fn date_style(value: &str) -> String {
    let (mut style, mut order) = ("ISO", "MDY");
    let mut is_ordered = false;
    for word in value.split(',') {
        match word.trim().to_ascii_lowercase().as_str() {
            "iso" => style = "ISO",
            "sql" => style = "SQL",
            "postgres" => style = "Postgres",
            "german" => {
                style = "German";
                if !is_ordered {
                    order = "DMY";
                }
            }
            "mdy" | "us" | "noneuro" | "noneuropean" => (order, is_ordered) = ("MDY", true),
            "dmy" | "euro" | "european" => (order, is_ordered) = ("DMY", true),
            "ymd" => (order, is_ordered) = ("YMD", true),
            _ => return value.to_owned(),
        }
    }
    format!("{style}, {order}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_postgresql_writes_them() {
        for (value, written) in [
            ("500", "500ms"),
            ("5000", "5s"),
            ("60000", "1min"),
            ("2 h", "2h"),
            ("0", "0"),
            ("90s", "90s"),
        ] {
            assert_eq!(milliseconds(value).as_deref(), Some(written));
        }
        for value in ["", "-1", "x", "5 weeks", "99999999999"] {
            assert_eq!(milliseconds(value), None, "{value}");
        }
        for (value, written) in [
            ("t", Some("on")),
            ("TRUE", Some("on")),
            ("of", Some("off")),
            ("n", Some("off")),
            ("o", None),
            ("", None),
        ] {
            assert_eq!(truth(value), written, "{value}");
        }
        for (value, written) in [
            ("iso", "ISO, MDY"),
            ("German", "German, DMY"),
            ("SQL, European", "SQL, DMY"),
            ("dmy", "ISO, DMY"),
            ("odd", "odd"),
        ] {
            assert_eq!(date_style(value), written);
        }
    }
}

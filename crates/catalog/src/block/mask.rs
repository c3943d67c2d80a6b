//! The spellings of masks, read and written.

use document::tree::Value;
use model::{DomainId, Mask, Precision};

use crate::entry::{Entry, Faults};

const KNOWN: &str =
    "null, constant, pseudonym, partial, truncate or bucket, e.g. `{ pseudonym: person }`";

/// LIMIT: a mask stands in every row.
const CONSTANT_LENGTH_MAX: usize = 1_000;

pub(super) fn read(entry: &Entry<'_>, faults: &mut Faults) -> Option<Mask> {
    match entry.value {
        Value::Null => Some(Mask::Null),
        Value::Text(text) if text == "null" => Some(Mask::Null),
        Value::Map(_) => with_parameter(entry, faults),
        Value::Text(text) => {
            let cause = format!("`{}` is not a mask", text.escape_debug());
            faults.push(entry.place.error(cause, format!("write one of {KNOWN}")));
            None
        }
        Value::Boolean(_) | Value::Whole(_) | Value::Fraction | Value::List(_) => {
            entry.expected("a mask", faults);
            None
        }
    }
}

fn with_parameter(entry: &Entry<'_>, faults: &mut Faults) -> Option<Mask> {
    let (kind, parameter) = entry.keys(faults)?.only(KNOWN, faults)?;
    match kind {
        "constant" => constant(&parameter, faults).map(Mask::Constant),
        "pseudonym" => parameter
            .parse(
                DomainId::new,
                "write the name of a pseudonym domain, e.g. `person`",
                faults,
            )
            .map(|found| Mask::Pseudonym(found.value)),
        "partial" => partial(&parameter, faults),
        "truncate" => truncate(&parameter, faults).map(Mask::Truncate),
        "bucket" => parameter.whole(1, u32::MAX, faults).map(Mask::Bucket),
        _ => {
            let cause = format!("`{}` is not a mask", kind.escape_debug());
            faults.push(
                parameter
                    .place
                    .error(cause, format!("write one of {KNOWN}")),
            );
            None
        }
    }
}

/// A number with a point is refused, because YAML would lose how it was written.
fn constant(entry: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let text = match entry.value {
        Value::Text(text) => text.clone(),
        Value::Whole(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Null | Value::Fraction | Value::List(_) | Value::Map(_) => {
            entry.expected("a text", faults);
            return None;
        }
    };
    if text.len() > CONSTANT_LENGTH_MAX || text.contains('\0') {
        let cause = "the constant is too long or holds a zero byte";
        faults.push(entry.place.error(cause, "write a short text"));
        return None;
    }
    Some(text)
}

fn partial(entry: &Entry<'_>, faults: &mut Faults) -> Option<Mask> {
    let keys = entry.keys(faults)?;
    keys.deny_unknown(&["first", "last"], faults);
    let mut side = |name: &str| {
        let Some(entry) = keys.get(name) else {
            return Some(0);
        };
        let number = entry.whole(0, u32::from(u8::MAX), faults)?;
        u8::try_from(number).ok()
    };
    let (first, last) = (side("first")?, side("last")?);
    if first == 0 && last == 0 {
        let cause = "a partial mask that keeps nothing";
        let remedy = "write `first`, `last` or both above zero, or use a constant";
        faults.push(entry.place.error(cause, remedy));
        return None;
    }
    Some(Mask::Partial { first, last })
}

fn truncate(entry: &Entry<'_>, faults: &mut Faults) -> Option<Precision> {
    const REMEDY: &str = "write year, month, day, hour or `{ decimals: 1 }`";
    let Value::Map(_) = entry.value else {
        let found = match entry.text(faults)? {
            "year" => Precision::Year,
            "month" => Precision::Month,
            "day" => Precision::Day,
            "hour" => Precision::Hour,
            other => {
                let cause = format!("`{}` is nothing to truncate to", other.escape_debug());
                faults.push(entry.place.error(cause, REMEDY));
                return None;
            }
        };
        return Some(found);
    };
    let keys = entry.keys(faults)?;
    keys.deny_unknown(&["decimals"], faults);
    let decimals = keys.require("decimals", faults)?.whole(0, 20, faults)?;
    u8::try_from(decimals).ok().map(Precision::Decimals)
}

/// The mask as a manifest writes it, on one line.
pub(crate) fn written(mask: &Mask) -> String {
    match mask {
        Mask::Null => "\"null\"".to_owned(),
        Mask::Constant(text) => format!("{{ constant: {} }}", quoted(text)),
        Mask::Pseudonym(domain) => format!("{{ pseudonym: {} }}", quoted(domain.as_str())),
        Mask::Partial { first, last } => {
            format!("{{ partial: {{ first: {first}, last: {last} }} }}")
        }
        Mask::Truncate(Precision::Year) => "{ truncate: year }".to_owned(),
        Mask::Truncate(Precision::Month) => "{ truncate: month }".to_owned(),
        Mask::Truncate(Precision::Day) => "{ truncate: day }".to_owned(),
        Mask::Truncate(Precision::Hour) => "{ truncate: hour }".to_owned(),
        Mask::Truncate(Precision::Decimals(n)) => format!("{{ truncate: {{ decimals: {n} }} }}"),
        Mask::Bucket(width) => format!("{{ bucket: {width} }}"),
    }
}

/// A YAML text in double quotes. A name that cannot be taken for anything else goes without.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&text);
    if plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}' => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

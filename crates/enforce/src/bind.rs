//! The values that travel beside a guarded statement, as PostgreSQL reads them in text.

use model::{DomainId, GrantId, Refusal};
use sql::{KeyKind, Parameter, PseudonymKey, Told};

use crate::refused::Refused;

/// Where keys and subjects come from.
pub trait Secrets {
    /// The key of a domain for this session's class of recipients and purpose.
    fn key(&self, domain: &DomainId) -> Option<PseudonymKey>;
    /// The raw keys of a grant's subjects.
    fn subjects(&self, grant: &GrantId) -> Option<Vec<String>>;
    /// What a session is told of itself: a JSON array of rows. Only a gateway knows any.
    fn told(&self, told: &Told) -> Option<String> {
        let _ = told;
        None
    }
}

/// The value of each parameter in text; `None` is NULL. `client` has the client's own values, `$1`
/// first. What has no value because it is no pseudonym of its domain is NULL: nothing equals it.
///
/// # Errors
/// When a value that must be there is missing.
pub fn bind(
    parameters: &[Parameter],
    client: &[Option<String>],
    secrets: &dyn Secrets,
) -> Result<Vec<Option<String>>, Refused> {
    parameters
        .iter()
        .map(|parameter| value(parameter, client, secrets))
        .collect()
}

fn value(
    parameter: &Parameter,
    client: &[Option<String>],
    secrets: &dyn Secrets,
) -> Result<Option<String>, Refused> {
    let missing = |what: String| Refused {
        code: Refusal::GuardNotPossible,
        about: what,
        at: None,
        hint: None,
    };
    let sent = |number: u32| {
        usize::try_from(number)
            .ok()
            .and_then(|number| client.get(number.checked_sub(1)?))
            .cloned()
            .ok_or_else(|| missing(format!("no value for ${number}")))
    };
    let key = |domain: &DomainId| {
        secrets
            .key(domain)
            .ok_or_else(|| missing(format!("no key for the domain {domain}")))
    };
    Ok(match parameter {
        Parameter::Client(number) => sent(*number)?,
        Parameter::Raw {
            number,
            domain,
            kind,
            is_array: false,
        } => match sent(*number)? {
            Some(pseudonym) => key(domain)?.raw(&pseudonym, *kind),
            None => None,
        },
        Parameter::Raw {
            number,
            domain,
            kind,
            is_array: true,
        } => match sent(*number)? {
            Some(array) => Some(raw_array(&array, &key(domain)?, *kind)),
            None => None,
        },
        Parameter::RawConstant { text, domain, kind } => key(domain)?.raw(text, *kind),
        Parameter::Key(domain) => {
            let mut text = String::from("\\x");
            for byte in key(domain)?.bytes() {
                text.push_str(&format!("{byte:02x}"));
            }
            Some(text)
        }
        Parameter::Numbers(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            Some(format!("{{{}}}", numbers.join(",")))
        }
        Parameter::Texts(texts) | Parameter::Names(texts) => {
            Some(array(texts.iter().map(|text| Some(text.as_str()))))
        }
        Parameter::Told(told) => Some(
            secrets
                .told(told)
                .ok_or_else(|| missing("what only a session knows".to_owned()))?,
        ),
        Parameter::Subjects { grant, .. } => {
            let keys = secrets
                .subjects(grant)
                .ok_or_else(|| missing(format!("no subjects for the grant {grant}")))?;
            Some(array(keys.iter().map(|key| Some(key.as_str()))))
        }
    })
}

/// Each pseudonym of a flat array taken back; one that is none becomes NULL.
fn raw_array(text: &str, key: &PseudonymKey, kind: KeyKind) -> String {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let raw: Vec<Option<String>> = inner
        .split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| key.raw(part.trim().trim_matches('"'), kind))
        .collect();
    array(raw.iter().map(Option::as_deref))
}

/// A one-dimensional array as PostgreSQL writes it.
fn array<'a>(values: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut text = String::from("{");
    for (index, value) in values.enumerate() {
        if index > 0 {
            text.push(',');
        }
        match value {
            None => text.push_str("NULL"),
            Some(value) => {
                text.push('"');
                text.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
                text.push('"');
            }
        }
    }
    text.push('}');
    text
}

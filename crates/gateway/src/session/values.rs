//! Values of parameters: the client's as they came, and those that the guard adds.

use bytes::Bytes;
use enforce::Secrets;
use model::Refusal;
use sql::{KeyKind, Parameter};
use wire::{Format, Formats};

use super::Session;
use crate::keys::SessionKeys;
use crate::problem::{Problem, sqlstate};

/// The values of a client, `$1` first.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) values: Vec<Option<Bytes>>,
    pub(super) formats: Formats,
    /// Their types, as they were declared or learned; 0 where nobody knows.
    pub(super) types: Vec<u32>,
}

/// The values of a statement as it is sent.
pub(super) struct Upstream {
    values: Vec<Option<Bytes>>,
    pub(super) formats: Formats,
    pub(super) types: Vec<u32>,
}

impl Upstream {
    pub(super) fn slices(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.values.iter().map(Option::as_deref)
    }
}

impl Values {
    pub(super) const fn none() -> Self {
        Self {
            values: Vec::new(),
            formats: Formats::Unsaid,
            types: Vec::new(),
        }
    }

    /// Values as text.
    pub(super) fn texts(values: Vec<Option<String>>) -> Self {
        Self {
            values: values
                .into_iter()
                .map(|value| value.map(Bytes::from))
                .collect(),
            formats: Formats::Unsaid,
            types: Vec::new(),
        }
    }

    /// What the decision's record keeps of them: each with its form and length.
    pub(super) fn recorded(&self) -> Option<Vec<u8>> {
        if self.values.is_empty() {
            return None;
        }
        let mut bytes = Vec::new();
        for (place, value) in self.values.iter().enumerate() {
            let format = self.formats.at(place).unwrap_or(Format::Text);
            bytes.push(u8::from(format == Format::Binary));
            match value {
                None => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
                Some(value) => {
                    let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
                    bytes.extend_from_slice(&length.to_be_bytes());
                    bytes.extend_from_slice(value);
                }
            }
        }
        Some(bytes)
    }

    /// How much memory they hold.
    pub(super) fn bytes(&self) -> usize {
        let lengths = self.values.iter().flatten().map(Bytes::len);
        lengths.sum::<usize>() + self.values.len() * 16
    }

    pub(super) fn client(&self, number: u32) -> Result<(Option<&Bytes>, Format, u32), Problem> {
        let place = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        let found = place.and_then(|place| {
            let value = self.values.get(place)?;
            let format = self.formats.at(place).unwrap_or(Format::Text);
            let oid = self.types.get(place).copied().unwrap_or(0);
            Some((value.as_ref(), format, oid))
        });
        found.ok_or_else(|| {
            let message = format!("there is no parameter ${number}");
            Problem::plain(sqlstate("08P01"), message)
        })
    }
}

impl Session {
    /// The values of a guarded statement.
    pub(super) async fn upstream_values(
        &mut self,
        checked: &enforce::Checked,
        client: &Values,
    ) -> Result<Upstream, Problem> {
        let parameters = checked.guarded.parameters();
        if parameters.is_empty() {
            return Ok(Upstream {
                values: Vec::new(),
                formats: Formats::Unsaid,
                types: Vec::new(),
            });
        }
        let told = self.told(parameters, client).await?;
        let (root, asker) = (self.gate.keys(), self.asker());
        let keys = SessionKeys::new(root, &self.world, &asker, &self.settings, &told, self.now());
        upstream(parameters, client, &keys)
    }
}

fn upstream(
    parameters: &[Parameter],
    client: &Values,
    keys: &dyn Secrets,
) -> Result<Upstream, Problem> {
    let texts = texts_needed(parameters, client)?;
    let bound =
        enforce::bind(parameters, &texts, keys).map_err(|refused| Problem::of(&refused, ""))?;
    let mut values = Vec::with_capacity(parameters.len());
    let mut formats = Vec::with_capacity(parameters.len());
    let mut types = Vec::with_capacity(parameters.len());
    for (parameter, bound) in parameters.iter().zip(bound) {
        if let Parameter::Client(number) = parameter {
            let (value, format, oid) = client.client(*number)?;
            values.push(value.cloned());
            formats.push(format);
            types.push(oid);
        } else {
            values.push(bound.map(Bytes::from));
            formats.push(Format::Text);
            types.push(0);
        }
    }
    let formats = match formats.as_slice() {
        all if all.iter().all(|format| *format == Format::Text) => Formats::Unsaid,
        [one] => Formats::All(*one),
        _ => Formats::Each(formats),
    };
    Ok(Upstream {
        values,
        formats,
        types,
    })
}

/// The client's values in text, as far as they must be taken back from their pseudonyms.
fn texts_needed(parameters: &[Parameter], client: &Values) -> Result<Vec<Option<String>>, Problem> {
    let mut texts = vec![None; client.values.len()];
    for parameter in parameters {
        let Parameter::Raw {
            number,
            kind,
            is_array,
            ..
        } = parameter
        else {
            continue;
        };
        let (value, format, _) = client.client(*number)?;
        let Some(value) = value else { continue };
        let text = match format {
            Format::Text => std::str::from_utf8(value).ok().map(str::to_owned),
            Format::Binary if *is_array => array_text(value, *kind),
            Format::Binary => text_of(value, *kind),
        };
        let Some(text) = text else {
            let about = format!("${number}");
            return Err(Problem::refusal(Refusal::TextNotValid, &about));
        };
        let place = usize::try_from(*number).ok().and_then(|n| n.checked_sub(1));
        if let Some(slot) = place.and_then(|place| texts.get_mut(place)) {
            *slot = Some(text);
        }
    }
    Ok(texts)
}

/// A key as PostgreSQL writes it, from its binary form.
fn text_of(bytes: &[u8], kind: KeyKind) -> Option<String> {
    Some(match kind {
        KeyKind::Int2 => i16::from_be_bytes(bytes.try_into().ok()?).to_string(),
        KeyKind::Int4 => i32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        KeyKind::Int8 => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        KeyKind::Uuid => {
            let all: [u8; 16] = bytes.try_into().ok()?;
            let mut text = String::with_capacity(36);
            for (place, byte) in all.iter().enumerate() {
                if matches!(place, 4 | 6 | 8 | 10) {
                    text.push('-');
                }
                text.push_str(&format!("{byte:02x}"));
            }
            text
        }
        KeyKind::Text => std::str::from_utf8(bytes).ok()?.to_owned(),
    })
}

/// A one-dimensional array: dimensions, whether there are NULLs, the type, length and lower bound,
/// then each element with its length. Source: `array_send` of PostgreSQL.
fn array_text(bytes: &[u8], kind: KeyKind) -> Option<String> {
    let mut rest = bytes;
    let mut number = || -> Option<i32> {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        rest = tail;
        Some(i32::from_be_bytes(*head))
    };
    let dimensions = number()?;
    let _has_nulls = number()?;
    let _element_type = number()?;
    if dimensions == 0 {
        return Some("{}".to_owned());
    }
    if dimensions != 1 {
        return None;
    }
    let count = number()?;
    let _lower = number()?;
    let mut elements = Vec::new();
    for _ in 0..count {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let length = i32::from_be_bytes(*head);
        rest = tail;
        // NULL equals nothing, as a pseudonym that is none does.
        let Ok(length) = usize::try_from(length) else {
            continue;
        };
        let (value, tail) = rest.split_at_checked(length)?;
        rest = tail;
        let text = text_of(value, kind)?;
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        elements.push(format!("\"{text}\""));
    }
    rest.is_empty()
        .then(|| format!("{{{}}}", elements.join(",")))
}

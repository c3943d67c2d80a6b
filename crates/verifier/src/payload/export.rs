//! A payload export, read once and kept as commitments: the payloads themselves are let go.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use record::{Class, Digest, Field, Kind, PAYLOAD_MAX, commit};

use super::line::{ExportHead, FORMAT, Found, PayloadLine};
use crate::Error;

/// LIMIT: a line with the largest payload in base64, and its names.
const LINE_BYTES_MAX: u64 = PAYLOAD_MAX as u64 / 3 * 4 + 4096;

/// What one line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disclosed {
    /// The commitment to salt and bytes.
    Present(Digest),
    Erased(Option<u64>),
    Missing,
    Mismatch,
    Withheld,
}

/// Disclosed payloads of any number of logs.
#[derive(Clone, Debug)]
pub struct Export {
    head: ExportHead,
    withheld: BTreeSet<Class>,
    lines: BTreeMap<String, BTreeMap<(u64, Field), Disclosed>>,
}

impl Export {
    /// Reads an export and computes the commitment to each payload in it.
    ///
    /// # Errors
    /// [`Error::Export`] with the line that is wrong.
    pub fn read(input: &mut dyn BufRead) -> Result<Self, Error> {
        let mut number = 0;
        let first = next_line(input, &mut number)?;
        let refuse = |line, cause: &str| Error::Export {
            line,
            cause: cause.to_owned(),
        };
        let head: ExportHead = first
            .and_then(|line| serde_json::from_str(&line).ok())
            .filter(ExportHead::is_known)
            .ok_or_else(|| refuse(1, &format!("it must be the head of `{FORMAT}`")))?;
        let mut withheld = BTreeSet::new();
        for name in &head.withheld {
            let class = Class::ALL.iter().find(|class| class.as_str() == name);
            let unknown = || {
                refuse(
                    1,
                    &format!("`{}` is no retention class", name.escape_debug()),
                )
            };
            withheld.insert(*class.ok_or_else(unknown)?);
        }
        let mut export = Self {
            head,
            withheld,
            lines: BTreeMap::new(),
        };
        while let Some(line) = next_line(input, &mut number)? {
            let line: PayloadLine =
                serde_json::from_str(&line).map_err(|error| refuse(number, &error.to_string()))?;
            export.add(&line).map_err(|cause| refuse(number, &cause))?;
        }
        Ok(export)
    }

    fn add(&mut self, line: &PayloadLine) -> Result<(), String> {
        let kind = Kind::named(&line.kind)
            .ok_or_else(|| format!("`{}` is no kind of entry", line.kind.escape_debug()))?;
        let field = kind.field_named(&line.field).ok_or_else(|| {
            format!(
                "`{}` commits to no `{}`",
                kind.name,
                line.field.escape_debug()
            )
        })?;
        let disclosed = match line.found {
            Found::Present => {
                let opened = line.opened();
                let (salt, bytes) =
                    opened.ok_or("`present` needs a salt in hexadecimal and bytes in base64")?;
                Disclosed::Present(commit(kind, field.field, &salt, &bytes))
            }
            Found::Erased => Disclosed::Erased(line.by),
            Found::Missing => Disclosed::Missing,
            Found::Mismatch => Disclosed::Mismatch,
            Found::Withheld => Disclosed::Withheld,
        };
        let of_log = self.lines.entry(line.log.clone()).or_default();
        let earlier = of_log.insert((line.index, field.field), disclosed);
        match earlier {
            Some(_) => Err("the payload is there twice".to_owned()),
            None => Ok(()),
        }
    }

    pub(crate) fn lines_of(&self, log: &str) -> Option<&BTreeMap<(u64, Field), Disclosed>> {
        self.lines.get(log)
    }

    /// Whether the export claims to have every payload of this class of this entry.
    pub(crate) fn covers(&self, log: &str, index: u64, class: Class) -> bool {
        let size = self.head.logs.get(log).copied().unwrap_or_default();
        index < size && !self.withheld.contains(&class)
    }
}

fn next_line(input: &mut dyn BufRead, number: &mut u64) -> Result<Option<String>, Error> {
    *number += 1;
    let refuse = |cause: String| Error::Export {
        line: *number,
        cause,
    };
    let mut line = Vec::new();
    let mut limited = std::io::Read::take(&mut *input, LINE_BYTES_MAX);
    let count = limited.read_until(b'\n', &mut line);
    let count = count.map_err(|error| refuse(error.to_string()))?;
    if count == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(refuse("it is cut or too long".to_owned()));
    }
    let line = String::from_utf8(line).map_err(|_| refuse("it is not UTF-8".to_owned()))?;
    Ok(Some(line))
}

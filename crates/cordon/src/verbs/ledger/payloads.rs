//! `cordon ledger export --payloads`: decrypts what lies beside logs and writes it for an auditor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ledger::{Found, LogName, PayloadKey, PayloadReader, Surroundings};
use record::{Class, Entry, Field, Kind, Salt};
use verifier::{ExportHead, PayloadLine, Reader, open};

use crate::output::{Exit, NotUsable, Output};

/// Writes the payloads of all logs in a place.
pub fn export(
    place: &str,
    key: &Path,
    withhold: &[String],
    output: &mut Output,
) -> anyhow::Result<Exit> {
    if place.contains("://") {
        let text = "payloads are never published; give the directory that the gateway writes to, or a copy of all of it";
        return Err(NotUsable(text.to_owned()).into());
    }
    let withheld = classes(withhold)?;
    let key = PayloadKey::load(key).map_err(|error| NotUsable(error.to_string()))?;
    let sources = open(place)?;
    let mut readers = Vec::new();
    let mut sizes = BTreeMap::new();
    for source in &sources {
        let reader = Reader::new(source.as_ref())?;
        sizes.insert(reader.log().to_owned(), reader.size());
        let checkpoint = PathBuf::from(source.place("checkpoint"));
        let folder = checkpoint.parent().unwrap_or(Path::new(".")).to_owned();
        readers.push((folder, reader));
    }
    let names = withheld.iter().map(|class| class.as_str().to_owned());
    if !output.line(&ExportHead::new(sizes, names.collect()).to_line())? {
        return Ok(Exit::Done);
    }
    for (folder, reader) in &mut readers {
        if !export_log(folder, reader, &key, &withheld, output)? {
            break;
        }
    }
    Ok(Exit::Done)
}

/// One log's payloads. False once the reader of the output went away.
fn export_log(
    folder: &Path,
    reader: &mut Reader<'_>,
    key: &PayloadKey,
    withheld: &BTreeSet<Class>,
    output: &mut Output,
) -> anyhow::Result<bool> {
    let log = reader.log().to_owned();
    let name: LogName = log.parse()?;
    let mut payloads = PayloadReader::open(&Surroundings::real(), folder, &name, key)?;
    for index in 0..reader.size() {
        let entry = Entry::decode(&reader.bytes(index)?)
            .with_context(|| format!("entry {index} of `{log}`"))?;
        for field in entry.commitments.keys() {
            let Some(shape) = entry.kind().field(*field) else {
                continue;
            };
            if withheld.contains(&shape.class) {
                continue;
            }
            let found = payloads.find(index, &entry, *field)?;
            let Some(line) = line_of(&log, index, entry.kind(), *field, found) else {
                continue;
            };
            if !output.line(&line.to_line())? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn line_of(
    log: &str,
    index: u64,
    kind: &Kind,
    field: Field,
    found: Option<Found>,
) -> Option<PayloadLine> {
    let name = kind.field(field)?.name;
    let absent = |found| PayloadLine::absent(log, index, kind.name, name, found);
    Some(match found? {
        Found::Present { salt, bytes } => {
            PayloadLine::present(log, index, kind.name, name, &Salt::new(salt), &bytes)
        }
        Found::Erased { by } => PayloadLine {
            by: Some(by),
            ..absent(verifier::Found::Erased)
        },
        Found::Missing => absent(verifier::Found::Missing),
        Found::Mismatch => absent(verifier::Found::Mismatch),
    })
}

fn classes(names: &[String]) -> anyhow::Result<BTreeSet<Class>> {
    let mut found = BTreeSet::new();
    for name in names {
        let class = Class::ALL.iter().find(|class| class.as_str() == name);
        let class = class.ok_or_else(|| {
            let all: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
            NotUsable(format!(
                "`{name}` is no retention class; there are {}",
                all.join(", ")
            ))
        })?;
        found.insert(*class);
    }
    Ok(found)
}

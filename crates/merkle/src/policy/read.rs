//! Reads policy files, line by line, and refuses what the specification does not allow.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Member, Party, Policy, Quorum, WitnessName};
use crate::error::{Format, malformed};
use crate::{Algorithm, Error, VerifierKey};

/// LIMIT: 32 logs, 32 witnesses and 32 groups, which C2SP asks for, have under 20 KiB with Ed25519
/// keys; ML-DSA keys have 2 KiB each.
const POLICY_BYTES_MAX: usize = 256 * 1024;
/// LIMIT: of logs, of witnesses, of groups.
const PARTIES_MAX: usize = 256;

type Why = &'static str;

/// What the lines so far have said.
#[derive(Default)]
struct Reading {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    names: BTreeMap<Vec<u8>, Member>,
    /// Names that are already a member of some group.
    taken: BTreeSet<Vec<u8>>,
    quorum: Option<Quorum>,
}

pub(super) fn policy(file: &[u8]) -> Result<Policy, Error> {
    if file.len() > POLICY_BYTES_MAX {
        return Err(Error::TooLarge {
            format: Format::Policy,
            limit: POLICY_BYTES_MAX,
            unit: "bytes",
        });
    }
    let lines = file
        .strip_suffix(b"\n")
        .ok_or(malformed(Format::Policy, "end each line with a newline"))?;
    let mut reading = Reading::default();
    for (line, number) in lines.split(|byte| *byte == b'\n').zip(1..) {
        read_line(&mut reading, line).map_err(|why| Error::PolicyLine { line: number, why })?;
    }
    let quorum = reading
        .quorum
        .ok_or(malformed(Format::Policy, "add a `quorum` line"))?;
    Ok(Policy {
        logs: reading.logs,
        witnesses: reading.witnesses,
        groups: reading.groups,
        quorum,
    })
}

pub(super) fn of_keys(
    logs: &[VerifierKey],
    witnesses: &[VerifierKey],
    threshold: usize,
) -> Result<Policy, Error> {
    let mut file = String::new();
    for key in logs {
        file += &format!("log {key}\n");
    }
    let mut names = String::new();
    for (key, number) in witnesses.iter().zip(1..) {
        file += &format!("witness w{number} {key}\n");
        names += &format!(" w{number}");
    }
    file += &match threshold {
        0 => "quorum none\n".to_owned(),
        _ => format!("group witnesses {threshold}{names}\nquorum witnesses\n"),
    };
    policy(file.as_bytes())
}

fn read_line(reading: &mut Reading, line: &[u8]) -> Result<(), Why> {
    if line
        .iter()
        .any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f)
    {
        return Err("leave out control characters other than tab");
    }
    let items: Vec<&[u8]> = line
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|item| !item.is_empty())
        .collect();
    match items.as_slice() {
        [] => Ok(()),
        [first, ..] if first.starts_with(b"#") => Ok(()),
        [b"log", key] => add_log(reading, key, None),
        [b"log", key, url] => add_log(reading, key, Some(url)),
        [b"witness", name, key] => add_witness(reading, name, key, None),
        [b"witness", name, key, url] => add_witness(reading, name, key, Some(url)),
        [b"group", name, threshold, members @ ..] if !members.is_empty() => {
            add_group(reading, name, threshold, members)
        }
        [b"quorum", name] => set_quorum(reading, name),
        [b"log", ..] => Err("write `log KEY` or `log KEY URL`"),
        [b"witness", ..] => Err("write `witness NAME KEY` or `witness NAME KEY URL`"),
        [b"group", ..] => Err("write `group NAME all|any|NUMBER MEMBER..`"),
        [b"quorum", ..] => Err("write `quorum NAME` or `quorum none`"),
        [..] => Err("begin the line with `log`, `witness`, `group`, `quorum` or `#`"),
    }
}

fn add_log(reading: &mut Reading, key: &[u8], url: Option<&[u8]>) -> Result<(), Why> {
    let key = read_key(key)?;
    if !matches!(key.algorithm(), Algorithm::Ed25519 | Algorithm::MlDsa44) {
        return Err("a log's key has type 0x01 or 0x06; a witness's goes on a `witness` line");
    }
    let name = WitnessName(key.name().as_bytes().to_vec());
    add_party(&mut reading.logs, name, key, url)
}

fn add_witness(
    reading: &mut Reading,
    name: &[u8],
    key: &[u8],
    url: Option<&[u8]>,
) -> Result<(), Why> {
    let key = read_key(key)?;
    if !matches!(key.algorithm(), Algorithm::Cosignature | Algorithm::MlDsa44) {
        return Err("a witness's key has type 0x04 or 0x06; a log's goes on a `log` line");
    }
    define(reading, name, Member::Witness(reading.witnesses.len()))?;
    let name = WitnessName(name.to_vec());
    add_party(&mut reading.witnesses, name, key, url)
}

fn add_party(
    parties: &mut Vec<Party>,
    name: WitnessName,
    key: VerifierKey,
    url: Option<&[u8]>,
) -> Result<(), Why> {
    if parties.len() >= PARTIES_MAX {
        return Err("at most 256 logs and 256 witnesses");
    }
    let mut others = parties.iter();
    if others.any(|other| other.key.public_bytes() == key.public_bytes()) {
        return Err("this key stands on an earlier line; name each key once");
    }
    parties.push(Party {
        name,
        key,
        url: url.map(<[u8]>::to_vec),
    });
    Ok(())
}

fn add_group(
    reading: &mut Reading,
    name: &[u8],
    threshold: &[u8],
    members: &[&[u8]],
) -> Result<(), Why> {
    if reading.groups.len() >= PARTIES_MAX {
        return Err("at most 256 groups");
    }
    let threshold = match threshold {
        b"all" => members.len(),
        b"any" => 1,
        number => read_threshold(number)
            .filter(|number| (1..=members.len()).contains(number))
            .ok_or("the threshold is `all`, `any` or a number from 1 to that of the members")?,
    };
    let mut found = Vec::new();
    for member in members {
        let known = reading.names.get(*member).copied();
        found.push(known.ok_or("define each member on a line before")?);
        if !reading.taken.insert(member.to_vec()) {
            return Err("a member stands in a group already; each counts in one way only");
        }
    }
    define(reading, name, Member::Group(reading.groups.len()))?;
    reading.groups.push(Group {
        threshold,
        members: found,
    });
    Ok(())
}

fn set_quorum(reading: &mut Reading, name: &[u8]) -> Result<(), Why> {
    if reading.quorum.is_some() {
        return Err("only one `quorum` line");
    }
    let known = reading.names.get(name).copied();
    reading.quorum = Some(match (name, known) {
        (b"none", _) => Quorum::None,
        (_, Some(member)) => Quorum::Of(member),
        (_, None) => return Err("define the quorum's witness or group on a line before"),
    });
    Ok(())
}

fn define(reading: &mut Reading, name: &[u8], member: Member) -> Result<(), Why> {
    if name == b"none" {
        return Err("`none` means no witness and names nothing else; choose another name");
    }
    if reading.names.insert(name.to_vec(), member).is_some() {
        return Err("the name stands on an earlier line; choose another");
    }
    Ok(())
}

fn read_key(text: &[u8]) -> Result<VerifierKey, Why> {
    str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or("the key is not right; copy `name+id+key` again")
}

fn read_threshold(text: &[u8]) -> Option<usize> {
    let text = str::from_utf8(text).ok()?;
    let number: usize = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

//! An entry: the envelope around a body, as bytes and back.

use sha2::{Digest as _, Sha256};

use crate::cbor::{Keys, Reader, Writer};
use crate::commitment::{Commitments, Field};
use crate::fixed::{Digest, IdempotencyKey};
use crate::kind::{Body, Kind};
use crate::malformed::{Cause, Malformed};
use crate::value::{Member, Value};

/// The version of the format.
pub const VERSION: u64 = 1;
/// LIMIT: a bundle gives an entry's length in two bytes (C2SP tlog-tiles).
pub const SIZE_MAX: usize = 65_535;
/// LIMIT: no kind has more fields; a longer list is refused before it is read.
const COMMITMENTS_MAX: usize = 64;

/// The keys of the envelope.
mod key {
    pub(super) const VERSION: u64 = 0;
    pub(super) const KIND: u64 = 1;
    pub(super) const TIME_MS: u64 = 2;
    pub(super) const CONTROL_SIZE: u64 = 3;
    pub(super) const MARKS: u64 = 4;
    pub(super) const IDEMPOTENCY: u64 = 5;
    pub(super) const BODY: u64 = 6;
    pub(super) const COMMITMENTS: u64 = 7;
}

/// What must be seen in every entry and every report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The deployment is an evaluation: its constitution was made without a ceremony, or not at
    /// all. It can never become anything else.
    pub evaluation: bool,
}

impl Marks {
    const EVALUATION: u64 = 1;

    const fn bits(self) -> u64 {
        if self.evaluation { Self::EVALUATION } else { 0 }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = reader.at();
        let bits = reader.unsigned()?;
        if bits > Self::EVALUATION {
            return Err(Reader::failed(at, Cause::Mark));
        }
        Ok(Self {
            evaluation: bits & Self::EVALUATION != 0,
        })
    }
}

/// One entry of a log. It holds nobody's data: people are pseudonyms, texts are commitments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the writer made it, in unix milliseconds, by the writer's clock.
    pub time_ms: u64,
    /// The size of the control log that the writer had applied.
    pub control_size: u64,
    /// What must be seen in every entry.
    pub marks: Marks,
    /// Recognises a repeated request.
    pub idempotency: Option<IdempotencyKey>,
    /// What it says.
    pub body: Body,
    /// What it commits to. Filled by [`crate::Draft::new`] from the payloads; put in beforehand only
    /// what is carried elsewhere.
    pub commitments: Commitments,
}

impl Entry {
    /// Of which kind it is.
    pub const fn kind(&self) -> &'static Kind {
        self.body.kind()
    }

    /// The canonical bytes, the ones whose hash is the leaf.
    ///
    /// # Errors
    /// [`Malformed`] when it is too large, has too many of something, or lacks a commitment: what
    /// could not be read again is not written.
    pub fn encode(&self) -> Result<Vec<u8>, Malformed> {
        let bytes = self.write();
        let read = Self::read(&bytes)?;
        if read == *self {
            Ok(bytes)
        } else {
            Err(Reader::failed(0, Cause::NotCanonical))
        }
    }

    /// Reads an entry; strict, so that an entry has one sequence of bytes and no other.
    ///
    /// # Errors
    /// [`Malformed`] for everything that [`Entry::encode`] would not have written, with the place.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let entry = Self::read(bytes)?;
        // The reader refuses each other form where it meets it. That no form was overlooked is not
        // taken on trust.
        if entry.write() == bytes {
            Ok(entry)
        } else {
            Err(Reader::failed(0, Cause::NotCanonical))
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut writer = Writer::for_entry();
        writer.map(7 + usize::from(self.idempotency.is_some()));
        VERSION.write_under(key::VERSION, &mut writer);
        u64::from(self.kind().number).write_under(key::KIND, &mut writer);
        self.time_ms.write_under(key::TIME_MS, &mut writer);
        self.control_size
            .write_under(key::CONTROL_SIZE, &mut writer);
        self.marks.bits().write_under(key::MARKS, &mut writer);
        self.idempotency.write_under(key::IDEMPOTENCY, &mut writer);
        writer.unsigned(key::BODY);
        self.body.write(&mut writer);
        writer.unsigned(key::COMMITMENTS);
        writer.array(self.commitments.len());
        for (field, commitment) in &self.commitments {
            writer.array(2);
            writer.unsigned(u64::from(field.0));
            commitment.write(&mut writer);
        }
        writer.finish()
    }

    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > SIZE_MAX {
            let size = bytes.len();
            return Err(Reader::failed(SIZE_MAX, Cause::TooLarge { size }));
        }
        let mut reader = Reader::new(bytes);
        let mut keys = reader.keys()?;
        require(&mut keys, key::VERSION, "version")?;
        let at = keys.reader().at();
        let version = keys.reader().unsigned()?;
        if version != VERSION {
            return Err(Reader::failed(at, Cause::Version(version)));
        }
        require(&mut keys, key::KIND, "kind")?;
        let at = keys.reader().at();
        let number = keys.reader().unsigned()?;
        let kind = Kind::numbered(number).ok_or_else(|| Reader::failed(at, Cause::Kind(number)))?;
        let time_ms = u64::read_under(&mut keys, key::TIME_MS, "time_ms")?;
        let control_size = u64::read_under(&mut keys, key::CONTROL_SIZE, "control_size")?;
        require(&mut keys, key::MARKS, "marks")?;
        let marks = Marks::read(keys.reader())?;
        let idempotency = Option::read_under(&mut keys, key::IDEMPOTENCY, "idempotency")?;
        require(&mut keys, key::BODY, "body")?;
        let body = Body::read(kind, keys.reader())?;
        require(&mut keys, key::COMMITMENTS, "commitments")?;
        let commitments = read_commitments(kind, keys.reader())?;
        keys.finish()?;
        reader.finish()?;
        Ok(Self {
            time_ms,
            control_size,
            marks,
            idempotency,
            body,
            commitments,
        })
    }
}

/// The RFC 6962 hash of an entry as a leaf of its log: SHA-256 of a zero byte and the entry.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(entry);
    Digest::new(hasher.finalize().into())
}

fn require(keys: &mut Keys<'_, '_>, key: u64, name: &'static str) -> Result<(), Malformed> {
    if keys.has(key)? {
        Ok(())
    } else {
        Err(keys.missing(key, name))
    }
}

fn read_commitments(
    kind: &'static Kind,
    reader: &mut Reader<'_>,
) -> Result<Commitments, Malformed> {
    let start = reader.at();
    let count = reader.array(COMMITMENTS_MAX)?;
    let mut commitments = Commitments::new();
    let mut last: Option<Field> = None;
    for _ in 0..count {
        let at = reader.at();
        if reader.array(2)? != 2 {
            return Err(Reader::failed(at, Cause::Wanted("an array of two")));
        }
        let at = reader.at();
        let number = reader.unsigned()?;
        let unknown = || Reader::failed(at, Cause::UnknownField(number));
        let field = u16::try_from(number).map(Field).map_err(|_| unknown())?;
        kind.field(field).ok_or_else(unknown)?;
        if last.is_some_and(|last| field <= last) {
            return Err(Reader::failed(at, Cause::Order));
        }
        last = Some(field);
        commitments.insert(field, Digest::read(reader)?);
    }
    let missing =
        |field: &&crate::kind::Committed| field.required && !commitments.contains_key(&field.field);
    match kind.fields.iter().find(missing) {
        Some(field) => {
            let cause = Cause::MissingField {
                field: field.field.0,
                name: field.name,
            };
            Err(Reader::failed(start, cause))
        }
        None => Ok(commitments),
    }
}

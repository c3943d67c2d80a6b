//! Signature lines of notes (C2SP signed-note), and a note taken apart. Judges no text.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::{Format, malformed};
use crate::key::check_name;
use crate::{Algorithm, Error, KeyId, VerifierKey};

/// LIMIT: sixteen post-quantum signatures, which C2SP asks for, have 112 KB; this is twice that.
const NOTE_BYTES_MAX: usize = 256 * 1024;
/// LIMIT: as `signed_note` has it.
const SIGNATURES_MAX: usize = 100;

/// One signature line: who claims to have signed, and the bytes. Proves nothing before it is
/// verified by a key that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: KeyId,
    bytes: Vec<u8>,
}

impl NoteSignature {
    pub(crate) fn by(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name().to_owned(),
            id: key.id(),
            bytes,
        }
    }

    /// The name of the key that the line claims.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that the line claims.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The signature without the key id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the line claims this key. A line that shares only the name or only the id does not.
    pub fn claims(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    fn parse(line: &str) -> Result<Self, Error> {
        let refuse = || malformed(Format::Note, "write `— name base64` for each signature");
        let port = signed_note::Signature::from_bytes(line.as_bytes()).map_err(|_| refuse())?;
        check_name(port.name(), Format::Note)?;
        let signature = Self {
            name: port.name().to_owned(),
            id: KeyId::new(port.id()),
            bytes: port.signature().to_vec(),
        };
        if signature.to_string().trim_end_matches('\n') != line {
            return Err(refuse());
        }
        Ok(signature)
    }
}

/// The line with its newline.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.number().to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        let bytes = BASE64_STANDARD.encode(bytes);
        writeln!(f, "— {} {bytes}", self.name)
    }
}

/// Reads signature lines alone, as a witness answers them: one or more, each with its newline.
///
/// # Errors
/// [`Error::Malformed`] for anything else, [`Error::TooLarge`] above 256 KiB or 100 lines.
pub fn parse_signature_lines(text: &[u8]) -> Result<Vec<NoteSignature>, Error> {
    check_bytes(text)?;
    let text = str::from_utf8(text).map_err(|_| malformed(Format::Note, "write UTF-8"))?;
    let lines = text
        .strip_suffix('\n')
        .ok_or(malformed(Format::Note, "end each line with a newline"))?;
    if lines.split('\n').count() > SIGNATURES_MAX {
        return Err(too_many_signatures());
    }
    lines.split('\n').map(NoteSignature::parse).collect()
}

/// A text with signature lines, verified by nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// INVARIANT: ends in a newline and has no control character but newlines.
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A text that ends in a newline and has no other control character, not signed yet.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::TooLarge`].
    pub fn new(text: &str) -> Result<Self, Error> {
        check_bytes(text.as_bytes())?;
        signed_note::Note::new(text.as_bytes(), &[]).map_err(|_| {
            let why = "end the text with a newline and leave out control characters";
            malformed(Format::Note, why)
        })?;
        Ok(Self {
            text: text.to_owned(),
            signatures: Vec::new(),
        })
    }

    /// Reads a note: text, empty line, one or more signature lines. The last empty line counts.
    ///
    /// # Errors
    /// [`Error::Malformed`], or [`Error::TooLarge`] above 256 KiB or 100 signatures.
    pub fn parse(note: &[u8]) -> Result<Self, Error> {
        check_bytes(note)?;
        let refuse = || {
            let why = "write a text, an empty line and signature lines, in UTF-8";
            malformed(Format::Note, why)
        };
        // The crate checks the whole form, but hands out no signature that nobody verified.
        signed_note::Note::from_bytes(note).map_err(|_| refuse())?;
        let note = str::from_utf8(note).map_err(|_| refuse())?;
        let blank = note.rfind("\n\n").ok_or_else(refuse)?;
        let (text, signatures) = note.split_at_checked(blank + 1).ok_or_else(refuse)?;
        let signatures = signatures.strip_prefix('\n').ok_or_else(refuse)?;
        Ok(Self {
            text: text.to_owned(),
            signatures: parse_signature_lines(signatures.as_bytes())?,
        })
    }

    /// The signed text with its final newline. Trust it only after a signature is verified.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines, verified or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line, in the place of earlier ones by the same key.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 100 lines.
    pub fn add(&mut self, line: NoteSignature) -> Result<(), Error> {
        let is_other_key =
            |other: &NoteSignature| (other.name(), other.id()) != (line.name(), line.id());
        let others = self.signatures.iter().filter(|other| is_other_key(other));
        if others.count() >= SIGNATURES_MAX {
            return Err(too_many_signatures());
        }
        self.signatures.retain(is_other_key);
        self.signatures.push(line);
        Ok(())
    }

    /// Verifies the signatures of an Ed25519 key (type 0x01): there is one, and every line that
    /// claims the key is right.
    ///
    /// # Errors
    /// [`Error::WrongAlgorithm`], [`Error::NotSigned`] or [`Error::WrongSignature`].
    pub fn verify(&self, key: &VerifierKey) -> Result<(), Error> {
        key.must_be(Algorithm::Ed25519)?;
        self.lines_of(key)?
            .into_iter()
            .try_for_each(|line| self.check_ed25519(line, key))
    }

    pub(crate) fn check_ed25519(
        &self,
        line: &NoteSignature,
        key: &VerifierKey,
    ) -> Result<(), Error> {
        let signature = <&[u8; 64]>::try_from(line.bytes());
        if signature.is_ok_and(|bytes| key.is_signed(self.text.as_bytes(), bytes)) {
            return Ok(());
        }
        Err(Error::WrongSignature {
            name: key.name().to_owned(),
            id: key.id(),
        })
    }

    /// The lines that claim this key, at least one.
    pub(crate) fn lines_of(&self, key: &VerifierKey) -> Result<Vec<&NoteSignature>, Error> {
        let lines: Vec<_> = self.signatures.iter().filter(|l| l.claims(key)).collect();
        if lines.is_empty() {
            return Err(not_signed(key));
        }
        Ok(lines)
    }
}

/// The whole note: text, empty line, signature lines.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

pub(crate) fn not_signed(key: &VerifierKey) -> Error {
    Error::NotSigned {
        name: key.name().to_owned(),
        id: key.id(),
    }
}

const fn too_many_signatures() -> Error {
    Error::TooLarge {
        format: Format::Note,
        limit: SIGNATURES_MAX,
        unit: "signatures",
    }
}

const fn check_bytes(text: &[u8]) -> Result<(), Error> {
    if text.len() > NOTE_BYTES_MAX {
        return Err(Error::TooLarge {
            format: Format::Note,
            limit: NOTE_BYTES_MAX,
            unit: "bytes",
        });
    }
    Ok(())
}

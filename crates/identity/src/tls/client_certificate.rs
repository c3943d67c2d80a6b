//! What a verified client certificate says: whom it names, and which one it is.

use std::fmt;

use model::{PersonId, Timestamp};
use rustls::ServerConnection;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::error::IdentityError;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// A URI SAN that begins so names a person of the register.
const PERSON_URN: &str = "urn:cordon:person:";

/// The SHA-256 of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The hash itself.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    /// 64 hex digits, as `openssl x509 -fingerprint -sha256` shows them without colons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A client certificate that the handshake verified; made from a connection alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    person: PersonId,
    serial: String,
    fingerprint: Fingerprint,
    not_after: Timestamp,
}

impl ClientCertificate {
    /// The certificate that the client of a connection showed; `None` when it showed none.
    ///
    /// The connection must have finished its handshake, under the configuration of
    /// [`ServerTls`](super::ServerTls): it is that which verifies chain, time, use and revocation.
    ///
    /// # Errors
    /// [`IdentityError::CertificateRefused`] when it names nobody or more than one person.
    pub fn of_connection(connection: &ServerConnection) -> Result<Option<Self>, IdentityError> {
        let Some(leaf) = connection.peer_certificates().and_then(<[_]>::first) else {
            return Ok(None);
        };
        Self::read(leaf).map(Some)
    }

    /// Whom it names: a SAN `urn:cordon:person:NAME`, or the common name when there is no such SAN.
    pub const fn person(&self) -> &PersonId {
        &self.person
    }

    /// The serial number in hex digits, as revocation lists count.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Which certificate.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Until when it is valid; the session must not outlive it.
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    fn read(der: &[u8]) -> Result<Self, IdentityError> {
        let refused = |cause| IdentityError::CertificateRefused { cause };
        let certificate =
            Certificate::from_der(der).map_err(|_| refused("it cannot be read".to_owned()))?;
        let person = name_in(&certificate).map_err(refused)?;
        let body = &certificate.tbs_certificate;
        let serial = body.serial_number.as_bytes();
        let seconds = body.validity.not_after.to_unix_duration().as_secs();
        Ok(Self {
            person,
            serial: serial.iter().map(|byte| format!("{byte:02x}")).collect(),
            fingerprint: Fingerprint(Sha256::digest(der).into()),
            not_after: Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)),
        })
    }
}

fn name_in(certificate: &Certificate) -> Result<PersonId, String> {
    let mut names = person_urns(certificate)?;
    let mut source = "SAN";
    if names.is_empty() {
        names = common_names(certificate)?;
        source = "common name";
    }
    match names.as_slice() {
        [name] => PersonId::new(name).map_err(|error| format!("its {source} {error}")),
        [] => Err(
            "it names nobody: it has neither a SAN `urn:cordon:person:NAME` nor a common name"
                .to_owned(),
        ),
        _ => Err(format!("it has more than one {source} that names a person")),
    }
}

fn person_urns(certificate: &Certificate) -> Result<Vec<String>, String> {
    let found = certificate.tbs_certificate.get::<SubjectAltName>();
    let found = found.map_err(|_| "its alternative names cannot be read".to_owned())?;
    let Some((_, SubjectAltName(names))) = found else {
        return Ok(Vec::new());
    };
    let uris = names.iter().filter_map(|name| match name {
        GeneralName::UniformResourceIdentifier(uri) => uri.as_str().strip_prefix(PERSON_URN),
        GeneralName::OtherName(_)
        | GeneralName::Rfc822Name(_)
        | GeneralName::DnsName(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::IpAddress(_)
        | GeneralName::RegisteredId(_) => None,
    });
    Ok(uris.map(str::to_owned).collect())
}

fn common_names(certificate: &Certificate) -> Result<Vec<String>, String> {
    let parts = certificate.tbs_certificate.subject.0.iter();
    let names = parts.flat_map(|part| part.0.iter());
    names
        .filter(|name| name.oid == COMMON_NAME)
        .map(|name| {
            let plain = [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String];
            let text = std::str::from_utf8(name.value.value()).ok();
            text.filter(|_| plain.contains(&name.value.tag()))
                .map(str::to_owned)
                .ok_or_else(|| "its common name is not UTF-8".to_owned())
        })
        .collect()
}

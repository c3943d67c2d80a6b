//! An authority of our own for demos and tests: it makes server and client certificates. Nothing here
//! is for production, where an organisation's own authority issues certificates.

use std::path::Path;

use model::{PersonId, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SanType, SerialNumber,
};

use crate::error::IdentityError;
use crate::secret_file;

/// From when until when a certificate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub from: Timestamp,
    /// The last moment.
    pub until: Timestamp,
}

/// A certificate with its key, both in PEM. The key belongs into a file of mode 0600.
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Issued {
    /// Writes `NAME.crt` and `NAME.key` into a folder, the key for its owner alone, as libpq wants it.
    ///
    /// # Errors
    /// [`IdentityError::Io`] when they cannot be written.
    pub fn write(&self, folder: &Path, name: &str) -> Result<(), IdentityError> {
        let certificate = folder.join(format!("{name}.crt"));
        std::fs::write(&certificate, &self.certificate)
            .map_err(IdentityError::io("write", &certificate))?;
        secret_file::replace(&folder.join(format!("{name}.key")), &self.key)
    }
}

/// A certificate authority with a key that lives as long as the value. ECDSA on P-256 with SHA-256.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Makes an authority with a fresh key.
    ///
    /// # Errors
    /// [`IdentityError::NotMade`] when the system has no random numbers.
    pub fn make(name: &str, validity: Validity) -> Result<Self, IdentityError> {
        let mut request = request(name, validity, Vec::new())?;
        request.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        request.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(not_made)?;
        CertifiedIssuer::self_signed(request, key)
            .map(Self)
            .map_err(not_made)
    }

    /// Its own certificate, in PEM: what the other side is told to trust.
    pub fn certificate(&self) -> String {
        self.0.pem()
    }

    /// Its key, in PEM: with it more certificates can be made later.
    pub fn key(&self) -> String {
        self.0.key().serialize_pem()
    }

    /// A server's certificate for DNS names and addresses.
    ///
    /// # Errors
    /// [`IdentityError::NotMade`] when a name is none.
    pub fn server(&self, names: &[&str], validity: Validity) -> Result<Issued, IdentityError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let title = names.first().cloned().unwrap_or_default();
        let mut request = request(&title, validity, names)?;
        request.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(request)
    }

    /// A person's certificate, with their name as common name and in a SAN.
    ///
    /// # Errors
    /// [`IdentityError::NotMade`] when the system has no random numbers.
    pub fn client(&self, person: &PersonId, validity: Validity) -> Result<Issued, IdentityError> {
        let mut request = request(person.as_str(), validity, Vec::new())?;
        let urn = format!("urn:cordon:person:{person}");
        let urn = urn.as_str().try_into().map_err(not_made)?;
        request.subject_alt_names.push(SanType::URI(urn));
        request.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(request)
    }

    /// A revocation list in PEM over serial numbers as
    /// [`ClientCertificate::serial`](crate::tls::ClientCertificate::serial) tells them, current until
    /// `validity` ends.
    ///
    /// # Errors
    /// [`IdentityError::NotMade`] when a serial number is not in hex digits.
    pub fn revoke(&self, serials: &[&str], validity: Validity) -> Result<String, IdentityError> {
        let revoked: Option<Vec<RevokedCertParams>> = serials
            .iter()
            .map(|serial| {
                Some(RevokedCertParams {
                    serial_number: SerialNumber::from(hex(serial)?),
                    revocation_time: rcgen::date_time_ymd(1970, 1, 1) + seconds_of(validity.from),
                    reason_code: None,
                    invalidity_date: None,
                })
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(1970, 1, 1) + seconds_of(validity.from),
            next_update: rcgen::date_time_ymd(1970, 1, 1) + seconds_of(validity.until),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.ok_or_else(|| IdentityError::NotMade {
                cause: "a serial number is not in hex digits".to_owned(),
            })?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0)
            .and_then(|list| list.pem())
            .map_err(not_made)
    }

    fn issue(&self, request: CertificateParams) -> Result<Issued, IdentityError> {
        let key = KeyPair::generate().map_err(not_made)?;
        let certificate = request.signed_by(&key, &self.0).map_err(not_made)?;
        Ok(Issued {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn request(
    name: &str,
    validity: Validity,
    names: Vec<String>,
) -> Result<CertificateParams, IdentityError> {
    let mut request = CertificateParams::new(names).map_err(not_made)?;
    request.distinguished_name = rcgen::DistinguishedName::new();
    request.distinguished_name.push(DnType::CommonName, name);
    request.not_before = rcgen::date_time_ymd(1970, 1, 1) + seconds_of(validity.from);
    request.not_after = rcgen::date_time_ymd(1970, 1, 1) + seconds_of(validity.until);
    request.use_authority_key_identifier_extension = true;
    Ok(request)
}

/// LIMIT: X.509 counts to the year 9999; what is beyond, or before 1970, is its nearest end.
const SECONDS_MAX: i64 = 253_402_300_799;

fn seconds_of(moment: Timestamp) -> std::time::Duration {
    let seconds = moment.seconds().clamp(0, SECONDS_MAX);
    std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty())?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

fn not_made(error: rcgen::Error) -> IdentityError {
    IdentityError::NotMade {
        cause: error.to_string(),
    }
}

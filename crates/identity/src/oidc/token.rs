//! The parts of a signed token (RFC 7515, compact form), before anybody believes them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::json::Object;

/// LIMIT: tokens of large organisations reach 8 KiB with their groups.
pub(super) const BYTES_MAX: usize = 16 * 1024;

/// A token whose form is right.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key: String,
    /// What is signed.
    pub(super) message: &'a [u8],
    pub(super) signature: Vec<u8>,
    claims: &'a str,
}

impl<'a> Token<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        if bytes.len() > BYTES_MAX {
            return Err("it is longer than 16 KiB".to_owned());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not text".to_owned())?;
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("it has not the three parts of a signed token".to_owned());
        };
        let message = text.strip_suffix(signature).unwrap_or_default();
        let message = message.strip_suffix('.').unwrap_or_default();
        let (algorithm, key) = read_header(header)?;
        Ok(Self {
            algorithm,
            key,
            message: message.as_bytes(),
            signature: decode(signature, "signature")?,
            claims,
        })
    }

    /// The claims; to be asked after the signature has been verified.
    pub(super) fn claims(&self) -> Result<Object, String> {
        let bytes = decode(self.claims, "claims")?;
        Object::read(&bytes).ok_or_else(|| "its claims are not a JSON object".to_owned())
    }
}

fn read_header(text: &str) -> Result<(Algorithm, String), String> {
    let header = Object::read(&decode(text, "header")?)
        .ok_or_else(|| "its header is not a JSON object".to_owned())?;
    // What tells where the key is, or is one, is the token's own word; the issuer's set alone counts.
    for name in ["jwk", "jku", "x5c", "x5u"] {
        if header.has(name) {
            return Err(format!("its header brings a key of its own (`{name}`)"));
        }
    }
    if header.has("crit") {
        return Err("its header demands an extension".to_owned());
    }
    let kind = header.text("typ")?.map(str::to_ascii_lowercase);
    let access = ["jwt", "at+jwt", "application/at+jwt"];
    if let Some(kind) = kind.filter(|kind| !access.contains(&kind.as_str())) {
        return Err(format!(
            "its type `{}` is not that of an access token",
            kind.escape_debug()
        ));
    }
    let name = header.text("alg")?.ok_or("its header names no algorithm")?;
    let algorithm = Algorithm::parse(name)
        .ok_or_else(|| format!("its algorithm `{}` never counts", name.escape_debug()))?;
    let key = header.text("kid")?.ok_or("its header names no key")?;
    Ok((algorithm, key.to_owned()))
}

fn decode(text: &str, part: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| format!("its {part} is not base64url"))
}

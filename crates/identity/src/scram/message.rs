//! The two messages of a client, read strictly (RFC 5802 section 7). No decision is made here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::hash::Key;
use crate::error::IdentityError;

/// LIMIT: PostgreSQL takes SASL messages of 1,024 bytes; libpq's first has some 30, its last 150.
const BYTES_MAX: usize = 1024;

/// What the client says of channel binding (`gs2-cbind-flag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// `n`: it cannot.
    Cannot,
    /// `y`: it could, and believes that the server cannot.
    NotOffered,
    /// `p=tls-server-end-point`.
    EndPoint,
}

/// `client-first-message`.
#[derive(Debug)]
pub(super) struct ClientFirst<'a> {
    pub(super) flag: Flag,
    /// The header with both its commas: it comes again in the last message.
    pub(super) gs2_header: &'a str,
    /// The rest, which both sides sign.
    pub(super) bare: &'a str,
    pub(super) nonce: &'a str,
}

/// `client-final-message`.
#[derive(Debug)]
pub(super) struct ClientFinal<'a> {
    /// The decoded `c=`: the GS2 header and the binding's data.
    pub(super) binding: Vec<u8>,
    pub(super) nonce: &'a str,
    pub(super) proof: Key,
    pub(super) without_proof: &'a str,
}

pub(super) fn client_first(bytes: &[u8]) -> Result<ClientFirst<'_>, IdentityError> {
    let text = text(bytes)?;
    let (flag, rest) = split(text, ',', "it has no channel binding flag")?;
    let flag = match flag {
        "n" => Flag::Cannot,
        "y" => Flag::NotOffered,
        "p=tls-server-end-point" => Flag::EndPoint,
        other if other.starts_with("p=") => {
            return malformed("the kind of channel binding is not tls-server-end-point");
        }
        _ => return malformed("the channel binding flag is none of n, y, p"),
    };
    let (authorization, bare) = split(rest, ',', "the GS2 header does not end")?;
    if !authorization.is_empty() {
        return malformed("an authorization identity is not supported");
    }
    let gs2_header = text.strip_suffix(bare).unwrap_or_default();
    let mut attributes = bare.split(',');
    let user = attributes.next().unwrap_or_default();
    if user.starts_with("m=") {
        return malformed("it asks for a mandatory extension, and there are none");
    }
    // The name of the startup message counts, as in PostgreSQL; this one only has to be well formed.
    let user = user
        .strip_prefix("n=")
        .ok_or(error("it has no user name"))?;
    check_name(user)?;
    let nonce = attributes.next().and_then(|part| part.strip_prefix("r="));
    let nonce = nonce.ok_or(error("it has no nonce"))?;
    if nonce.is_empty() || !nonce.bytes().all(is_printable) {
        return malformed("its nonce is empty or not printable");
    }
    attributes.try_for_each(extension)?;
    Ok(ClientFirst {
        flag,
        gs2_header,
        bare,
        nonce,
    })
}

pub(super) fn client_final(bytes: &[u8]) -> Result<ClientFinal<'_>, IdentityError> {
    let text = text(bytes)?;
    let Some((without_proof, proof)) = text.rsplit_once(",p=") else {
        return malformed("it does not end with a proof");
    };
    let mut attributes = without_proof.split(',');
    let binding = attributes.next().and_then(|part| part.strip_prefix("c="));
    let binding = binding.and_then(|text| STANDARD.decode(text).ok());
    let nonce = attributes.next().and_then(|part| part.strip_prefix("r="));
    attributes.try_for_each(extension)?;
    let proof = STANDARD.decode(proof).ok();
    Ok(ClientFinal {
        binding: binding.ok_or(error("it does not begin with a channel binding in base64"))?,
        nonce: nonce.ok_or(error("it has no nonce"))?,
        proof: proof
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(error("its proof is not 32 bytes in base64"))?,
        without_proof,
    })
}

fn text(bytes: &[u8]) -> Result<&str, IdentityError> {
    if bytes.len() > BYTES_MAX {
        return malformed("it is longer than 1,024 bytes");
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) => malformed("it holds a NUL"),
        Err(_) => malformed("it is not UTF-8"),
    }
}

/// `saslname`: `=` only as the escapes of a comma and of itself.
fn check_name(name: &str) -> Result<(), IdentityError> {
    let escaped = |rest: &str| rest.starts_with("2C") || rest.starts_with("3D");
    if name.split('=').skip(1).all(escaped) {
        Ok(())
    } else {
        malformed("its user name has an escape that is none")
    }
}

/// `attr-val` after those that are known: one letter, `=`, a value. It is signed with the rest and
/// otherwise without meaning (RFC 5802 section 5.1).
fn extension(part: &str) -> Result<(), IdentityError> {
    let mut bytes = part.bytes();
    let letter = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if letter && bytes.next() == Some(b'=') && bytes.next().is_some() {
        Ok(())
    } else {
        malformed("it has an attribute that is none")
    }
}

fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b','
}

fn split<'a>(
    text: &'a str,
    at: char,
    cause: &'static str,
) -> Result<(&'a str, &'a str), IdentityError> {
    text.split_once(at).ok_or(error(cause))
}

fn malformed<T>(cause: &'static str) -> Result<T, IdentityError> {
    Err(error(cause))
}

fn error(cause: &'static str) -> IdentityError {
    IdentityError::malformed(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drivers_send_is_read() {
        for (text, flag, nonce) in [
            (
                "n,,n=,r=fyko+d2lbbFgONRv9qkxdawL",
                Flag::Cannot,
                "fyko+d2lbbFgONRv9qkxdawL",
            ),
            ("y,,n=*,r=abc", Flag::NotOffered, "abc"),
            (
                "p=tls-server-end-point,,n=a=2Cb=3D,r=x,z=later",
                Flag::EndPoint,
                "x",
            ),
        ] {
            let read = client_first(text.as_bytes()).unwrap();
            assert_eq!((read.flag, read.nonce), (flag, nonce), "{text}");
            assert_eq!(format!("{}{}", read.gs2_header, read.bare), text);
        }
    }

    #[test]
    fn a_first_message_of_another_form_is_refused() {
        for bad in [
            "",
            "n",
            "n,",
            "n,,",
            "x,,n=,r=a",
            "N,,n=,r=a",
            "p,,n=,r=a",
            "p=tls-unique,,n=,r=a",
            "p=tls-server-end-point ,,n=,r=a",
            "n,a=root,n=,r=a",
            "n,root,n=,r=a",
            "n,,m=x,n=,r=a",
            "n,,r=a",
            "n,,n=",
            "n,,n=,r=",
            "n,,n=,r=a b",
            "n,,n=,r=\u{e9}",
            "n,,n=a=b,r=a",
            "n,,n=a=,r=a",
            "n,,n=a=2c,r=a",
            "n,,n=,r=a,",
            "n,,n=,r=a,zz",
            "n,,n=,r=a,z=",
            "n,,n=,r=a,1=x",
            "n,,n=\0,r=a",
            "n,,r=a,n=",
        ] {
            assert!(client_first(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(client_first(b"n,,n=\xff,r=a").is_err());
        let long = format!("n,,n=,r={}", "a".repeat(1024));
        assert!(client_first(long.as_bytes()).is_err());
    }

    #[test]
    fn a_final_message_of_another_form_is_refused() {
        let proof = STANDARD.encode([1; 32]);
        let good = format!("c=biws,r=abc,p={proof}");
        assert_eq!(client_final(good.as_bytes()).unwrap().binding, b"n,,");
        for bad in [
            String::new(),
            "c=biws,r=abc".to_owned(),
            format!("c=biws,p={proof}"),
            format!("r=abc,c=biws,p={proof}"),
            format!("c=biw,r=abc,p={proof}"),
            format!("c=biwt=,r=abc,p={proof}"),
            format!("c=bi ws,r=abc,p={proof}"),
            format!("c=biws,r=abc,p={proof},"),
            format!("c=biws,r=abc,p={proof},z=x"),
            format!("c=biws,r=abc,,p={proof}"),
            format!("c=biws,r=abc,zz,p={proof}"),
            format!("c=biws,r=abc,p={}", STANDARD.encode([1; 31])),
            format!("c=biws,r=abc,p={}", STANDARD.encode([1; 33])),
            format!("c=biws,r=abc,p={proof}\n"),
            format!("c=biws,r=abc,p={}", proof.trim_end_matches('=')),
        ] {
            assert!(client_final(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}

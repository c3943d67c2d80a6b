//! What a server wants as proof.

use crate::Error;
use crate::body::Body;

/// A request for proof, or that it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication<'a> {
    /// We are let in.
    Ok,
    /// Kerberos 5, which no server since PostgreSQL 9.3 asks for.
    Kerberos,
    /// The password in clear.
    Cleartext,
    /// The password, hashed with MD5 and a salt.
    Md5,
    /// GSSAPI, begun or continued.
    Gss,
    /// SSPI.
    Sspi,
    /// One of these SASL mechanisms.
    Sasl(Mechanisms<'a>),
    /// The next challenge of the mechanism.
    SaslContinue(&'a [u8]),
    /// What the mechanism says last.
    SaslFinal(&'a [u8]),
}

impl<'a> Authentication<'a> {
    pub(super) fn read(mut body: Body<'a>) -> Result<Self, Error> {
        let request = match body.u32("the kind")? {
            0 => Self::Ok,
            2 => Self::Kerberos,
            3 => Self::Cleartext,
            5 => {
                body.bytes(4, "the salt")?;
                Self::Md5
            }
            7 => Self::Gss,
            8 => {
                body.rest();
                Self::Gss
            }
            9 => Self::Sspi,
            10 => Self::Sasl(Mechanisms::read(&mut body)?),
            11 => Self::SaslContinue(body.rest()),
            12 => Self::SaslFinal(body.rest()),
            _ => return Err(body.refuse("the kind")),
        };
        body.end()?;
        Ok(request)
    }
}

/// The SASL mechanisms that a server offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mechanisms<'a> {
    /// Names, each with its NUL.
    list: &'a [u8],
}

impl<'a> Mechanisms<'a> {
    fn read(body: &mut Body<'a>) -> Result<Self, Error> {
        let before = *body;
        let mut bytes = 0_usize;
        loop {
            let name = body.text("a mechanism")?;
            if name.is_empty() {
                break;
            }
            bytes = bytes.saturating_add(name.len()).saturating_add(1);
        }
        let list = { before }.bytes(bytes, "a mechanism")?;
        Ok(Self { list })
    }

    /// Their names in the server's order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            // INVARIANT: `read` refuses what is not UTF-8.
            .filter_map(|name| std::str::from_utf8(name).ok())
    }
}

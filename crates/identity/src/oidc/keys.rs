//! The keys that an issuer publishes at one time.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::json::Object;
use super::key::Key;

/// LIMIT: issuers have two or three keys, the largest some dozens.
const KEYS_MAX: usize = 100;

/// A key set (RFC 7517 section 5), without what is no use to us.
#[derive(Debug)]
pub(super) struct Keys(BTreeMap<String, Key>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Object>,
}

impl Keys {
    /// Reads the document. An id that stands twice means neither key.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(bytes)
            .map_err(|_| "its key set is not a JSON object with a list `keys`".to_owned())?;
        if document.keys.len() > KEYS_MAX {
            return Err("its key set has more than 100 keys".to_owned());
        }
        let mut found = BTreeMap::new();
        let mut doubled = BTreeSet::new();
        for key in document.keys.iter().filter_map(Key::read) {
            let id = key.id.clone();
            if found.insert(id.clone(), key).is_some() {
                doubled.insert(id);
            }
        }
        found.retain(|id, _| !doubled.contains(id));
        if found.is_empty() {
            return Err("its key set has no key that could sign a token".to_owned());
        }
        Ok(Self(found))
    }

    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        self.0.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 32 bytes in base64url: enough to be read as a coordinate.
    const PART: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn key(id: &str, more: &str) -> String {
        format!(r#"{{"kty":"EC","crv":"P-256","kid":"{id}","x":"{PART}","y":"{PART}"{more}}}"#)
    }

    fn read(keys: &[String]) -> Result<Keys, String> {
        Keys::read(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes())
    }

    #[test]
    fn what_cannot_sign_a_token_is_left_out() {
        for more in [
            "",
            r#","use":"sig""#,
            r#","alg":"ES256""#,
            r#","key_ops":["sign","verify"]"#,
            r#","unknown":[1]"#,
        ] {
            let found = read(&[key("a", more)]).unwrap();
            assert!(found.find("a").is_some(), "{more}");
        }
        let okp = |curve| format!(r#"{{"kty":"OKP","crv":"{curve}","kid":"bad","x":"{PART}"}}"#);
        assert!(read(&[okp("Ed25519")]).unwrap().find("bad").is_some());
        for bad in [
            key("bad", r#","use":"enc""#),
            key("bad", r#","use":1"#),
            key("bad", r#","alg":"ES384""#),
            key("bad", r#","alg":"RS256""#),
            key("bad", r#","alg":"none""#),
            key("bad", r#","alg":1"#),
            key("bad", r#","key_ops":["encrypt"]"#),
            key("bad", &format!(r#","d":"{PART}""#)),
            key("", ""),
            key("bad", "").replace("P-256", "P-384"),
            key("bad", "").replace("P-256", "secp256k1"),
            key("bad", "").replacen(PART, "AA", 1),
            key("bad", "").replacen(PART, "A+A=", 1),
            key("bad", "").replace("kid", "id"),
            format!(r#"{{"kty":"oct","kid":"bad","k":"{PART}"}}"#),
            r#"{"kty":"RSA","kid":"bad","n":"","e":"AQAB"}"#.to_owned(),
            okp("X25519"),
        ] {
            let found = read(&[key("a", ""), bad.clone()]).unwrap();
            assert!(
                found.find("bad").is_none() && found.find("").is_none(),
                "{bad}"
            );
            assert!(found.find("a").is_some());
            assert!(read(&[bad]).is_err(), "no key is left");
        }
    }

    #[test]
    fn an_id_that_stands_twice_means_no_key() {
        let found = read(&[key("a", ""), key("b", ""), key("a", "")]).unwrap();
        assert!(found.find("a").is_none() && found.find("b").is_some());
    }

    #[test]
    fn a_set_of_another_form_or_size_is_refused() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[1]}"#,
            r#"{"keys":[]}"#,
        ] {
            assert!(Keys::read(bad.as_bytes()).is_err(), "{bad}");
        }
        let many = |count: usize| -> Vec<String> {
            (0..count)
                .map(|number| key(&number.to_string(), ""))
                .collect()
        };
        assert!(read(&many(100)).is_ok());
        assert!(read(&many(101)).is_err());
    }
}

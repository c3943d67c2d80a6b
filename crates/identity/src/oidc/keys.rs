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

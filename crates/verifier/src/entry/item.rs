//! An entry's CBOR as a tree of items. `record` has judged the bytes before; this only takes them
//! apart, so that they can be shown with the names of their shapes.

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Unsigned(u64),
    Truth(bool),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
}

/// The first item of some bytes and what follows it; nothing for a form that entries do not have.
pub(super) fn read(bytes: &[u8]) -> Option<(Item, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (major, minor) = (first >> 5, first & 0x1f);
    if major == 7 {
        let truth = match minor {
            20 => false,
            21 => true,
            _ => return None,
        };
        return Some((Item::Truth(truth), rest));
    }
    let width = match minor {
        0..=23 => 0,
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (digits, mut rest) = rest.split_at_checked(width)?;
    let number = match width {
        0 => u64::from(minor),
        _ => digits
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
    };
    // Each member has a byte at least, so that no length asks for more memory than there are bytes.
    let count = usize::try_from(number).ok();
    let item = match major {
        0 => Item::Unsigned(number),
        2 | 3 => {
            let (content, after) = rest.split_at_checked(count?)?;
            rest = after;
            match major {
                2 => Item::Bytes(content.to_vec()),
                _ => Item::Text(String::from_utf8(content.to_vec()).ok()?),
            }
        }
        4 => {
            let mut items = Vec::new();
            for _ in 0..count? {
                let (item, after) = read(rest)?;
                rest = after;
                items.push(item);
            }
            Item::Array(items)
        }
        5 => {
            let mut pairs = Vec::new();
            for _ in 0..count? {
                let (key, after) = read(rest)?;
                let (value, after) = read(after)?;
                rest = after;
                pairs.push((key, value));
            }
            Item::Map(pairs)
        }
        _ => return None,
    };
    Some((item, rest))
}

impl Item {
    /// What stands under a key of a map.
    pub fn at(&self, key: u64) -> Option<&Self> {
        let Self::Map(pairs) = self else {
            return None;
        };
        let key = Self::Unsigned(key);
        pairs
            .iter()
            .find(|(at, _)| *at == key)
            .map(|(_, value)| value)
    }
}

//! The block of a dataset: which upstream serves it, where it lies, who owns it.

use document::Located;
use model::{PersonId, StoreId};

use super::open;
use crate::entry::{Faults, Keys};

const UPSTREAM_REMEDY: &str = "write the upstream's name as in `cordon.toml`";

#[derive(Clone, Debug, Default)]
pub(crate) struct ManifestBlock {
    pub(crate) upstream: Option<String>,
    pub(crate) store: Option<StoreId>,
    pub(crate) owner: Option<PersonId>,
}

impl ManifestBlock {
    pub(crate) fn read(keys: &Keys<'_>, faults: &mut Faults) -> Self {
        let Some(block) = open(keys, &["upstream", "store", "owner"], faults) else {
            return Self::default();
        };
        Self {
            upstream: block
                .get("upstream")
                .and_then(|entry| entry.parse(upstream, UPSTREAM_REMEDY, faults))
                .map(|found| found.value),
            store: block
                .get("store")
                .and_then(|entry| entry.parse(StoreId::new, "write the store's name", faults))
                .map(|found| found.value),
            owner: owner(&block, faults).map(|found| found.value),
        }
    }
}

fn upstream(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if text.is_empty() || text.len() > 100 || !text.chars().all(plain) {
        return Err(format!(
            "`{}` is not the name of an upstream",
            text.escape_debug()
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn owner(block: &Keys<'_>, faults: &mut Faults) -> Option<Located<PersonId>> {
    let remedy = "write the person's id as in the people register";
    block.get("owner")?.parse(PersonId::new, remedy, faults)
}

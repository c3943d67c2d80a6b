//! An access log against what a control log recorded of it.

use std::collections::BTreeSet;

use merkle::Hash;

use crate::Code;
use crate::finding::{At, Findings};
use crate::fold::Book;

/// Sizes at which the access log's root must be known.
pub(crate) fn sizes(book: &Book) -> BTreeSet<u64> {
    book.anchors.iter().map(|anchor| anchor.size).collect()
}

/// Compares sizes and roots. `size` is that of the access log, `root_at` what its entries give.
pub(crate) fn compare(
    book: &Book,
    size: u64,
    root_at: &dyn Fn(u64) -> Option<Hash>,
    findings: &mut Findings,
) {
    for anchor in &book.anchors {
        let found = root_at(anchor.size).filter(|_| anchor.size <= size);
        if let Some(found) = found
            && found.bytes() != anchor.root.bytes()
        {
            let expected = Hash::new(*anchor.root.bytes());
            let text = format!(
                "control entry {} anchors {} entries with the root {expected}; they give {found}",
                anchor.by, anchor.size
            );
            findings.add(Code::AnchorContradicted, At::Log, text);
        }
    }
    let last = book.anchors.iter().max_by_key(|anchor| anchor.size);
    let anchored = last.map_or(0, |anchor| anchor.size);
    if let Some(last) = last.filter(|last| last.size > size) {
        let text = format!(
            "control entry {} anchors {} entries, {size} are there: entries {size} to {} were cut",
            last.by,
            last.size,
            last.size - 1
        );
        findings.add(Code::LogCut, At::Log, text);
    }
    if let Some((by, closed)) = book.closed
        && size > closed
    {
        let text = format!("control entry {by} closed it at {closed} entries; it has {size}");
        findings.add(Code::GrownAfterClose, At::Log, text);
    }
    if let Some((by, witnessed)) = book.lost {
        let text = format!(
            "control entry {by}: the log lost its state; what came after entry {witnessed} is \
             unknown"
        );
        findings.add(Code::LogLost, At::Log, text);
    }
    if size > anchored {
        let text = format!("{} entries come after the last anchor", size - anchored);
        findings.add(Code::Unanchored, At::Log, text);
    }
}

/// The size that control entries below a witnessed size anchor.
pub(crate) fn witnessed_through(book: &Book, control_witnessed: u64) -> u64 {
    let anchors = book.anchors.iter();
    let sizes = anchors
        .filter(|anchor| anchor.by < control_witnessed)
        .map(|anchor| anchor.size);
    sizes.max().unwrap_or_default()
}

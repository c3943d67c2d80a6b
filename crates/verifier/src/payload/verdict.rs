//! The verdict on each commitment: present, erased by entry N, withheld, MISSING, MISMATCH.

use std::collections::{BTreeMap, BTreeSet};

use record::{Entry, Field, Kind};

use super::export::{Disclosed, Export};
use crate::Code;
use crate::finding::{At, Findings};
use crate::report::PayloadCounts;

/// Which control entry ordered each payload of one log to be erased.
pub(crate) type Erasures = BTreeMap<(u64, Field), Ordered>;

/// An order to erase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ordered {
    /// The control entry.
    pub by: u64,
    /// The number of the kind that it says the entry has. Its class follows from that.
    pub kind: u64,
}

/// A commitment whose payload is not given: what became of it is known when all erasures are.
struct Absent {
    index: u64,
    kind: &'static Kind,
    field: Field,
    said: Said,
}

enum Said {
    /// Nothing, though the export claims to have it.
    Nothing,
    Missing,
    Erased(Option<u64>),
}

/// The verdicts on one log's commitments while it is gone through.
pub(crate) struct Verdicts<'a> {
    log: &'a str,
    export: Option<&'a Export>,
    counts: PayloadCounts,
    absent: Vec<Absent>,
    seen: BTreeSet<(u64, Field)>,
    /// The kind of every entry; 0 for one that cannot be read.
    kinds: Vec<u16>,
}

impl<'a> Verdicts<'a> {
    pub fn new(log: &'a str, export: Option<&'a Export>) -> Self {
        Self {
            log,
            export,
            counts: PayloadCounts::default(),
            absent: Vec::new(),
            seen: BTreeSet::new(),
            kinds: Vec::new(),
        }
    }

    /// An entry that cannot be read commits to nothing that could be judged.
    pub fn skip(&mut self) {
        self.kinds.push(0);
    }

    /// Looks at the commitments of an entry.
    pub fn take(&mut self, index: u64, entry: &Entry, findings: &mut Findings) {
        let kind = entry.kind();
        self.kinds.push(kind.number);
        for (field, commitment) in &entry.commitments {
            let Some(export) = self.export else {
                self.counts.withheld += 1;
                continue;
            };
            let lines = export.lines_of(self.log);
            let line = lines.and_then(|lines| lines.get(&(index, *field)).copied());
            if line.is_some() {
                self.seen.insert((index, *field));
            }
            let mut absent = |said| {
                self.absent.push(Absent {
                    index,
                    kind,
                    field: *field,
                    said,
                });
            };
            match line {
                Some(Disclosed::Present(found)) if found == *commitment => self.counts.present += 1,
                Some(Disclosed::Present(_)) => {
                    self.counts.mismatch += 1;
                    let text = format!(
                        "MISMATCH: the payload given for `{}` is not what the entry commits to",
                        name_of(kind, *field)
                    );
                    findings.add(Code::PayloadMismatch, At::Entry(index), text);
                }
                Some(Disclosed::Mismatch) => {
                    self.counts.mismatch += 1;
                    let name = name_of(kind, *field);
                    let text = format!("MISMATCH: the store says that `{name}` is damaged");
                    findings.add(Code::PayloadMismatch, At::Entry(index), text);
                }
                Some(Disclosed::Withheld) => self.counts.withheld += 1,
                Some(Disclosed::Missing) => absent(Said::Missing),
                Some(Disclosed::Erased(by)) => absent(Said::Erased(by)),
                None => {
                    let class = kind.field(*field).map(|committed| committed.class);
                    if class.is_some_and(|class| export.covers(self.log, index, class)) {
                        absent(Said::Nothing);
                    } else {
                        self.counts.withheld += 1;
                    }
                }
            }
        }
    }

    /// Settles what is absent, once the erasures of all control logs are known.
    pub fn finish(
        mut self,
        size: u64,
        erasures: Option<&Erasures>,
        findings: &mut Findings,
    ) -> PayloadCounts {
        let none = Erasures::new();
        let erasures = erasures.unwrap_or(&none);
        let mut settled = BTreeSet::new();
        for absent in std::mem::take(&mut self.absent) {
            self.settle(&absent, erasures, findings);
            settled.insert((absent.index, absent.field));
        }
        let lines = self.export.and_then(|export| export.lines_of(self.log));
        for ((index, field), Ordered { by, kind }) in erasures {
            let is = usize::try_from(*index)
                .ok()
                .and_then(|index| self.kinds.get(index).copied());
            if let Some(is) = is.filter(|is| *is != 0 && u64::from(*is) != *kind) {
                let text = format!(
                    "control entry {by} orders field {field} erased as of kind {kind}; the entry is \
                     of kind {is}"
                );
                findings.add(Code::ErasureWrong, At::Entry(*index), text);
                continue;
            }
            match lines.and_then(|lines| lines.get(&(*index, *field))) {
                Some(Disclosed::Present(_)) => {
                    let text =
                        format!("entry {by} of the control log ordered field {field} erased");
                    findings.add(Code::ErasureNotDone, At::Entry(*index), text);
                }
                // Counted as withheld when its entry was read, where no export said more.
                None if *index < size && !settled.contains(&(*index, *field)) => {
                    self.counts.withheld = self.counts.withheld.saturating_sub(1);
                    self.counts.erased += 1;
                }
                Some(_) | None => {}
            }
        }
        self.report_strays(size, findings);
        if self.counts.withheld > 0 {
            let text = match self.export {
                Some(_) => format!("{} payloads are not disclosed", self.counts.withheld),
                None => format!(
                    "{} payloads: no export was given (`--payloads`)",
                    self.counts.withheld
                ),
            };
            findings.add(Code::PayloadsWithheld, At::Log, text);
        }
        self.counts
    }

    fn settle(&mut self, absent: &Absent, erasures: &Erasures, findings: &mut Findings) {
        let Absent {
            index, kind, field, ..
        } = *absent;
        let name = name_of(kind, field);
        let ordered = erasures.get(&(index, field));
        let ordered = ordered.filter(|order| order.kind == u64::from(kind.number));
        let ordered = ordered.map(|order| order.by);
        let at = At::Entry(index);
        match (&absent.said, ordered) {
            (Said::Erased(Some(said)), Some(by)) if *said != by => {
                self.counts.missing += 1;
                let text = format!("`{name}` is said to be erased by entry {said}; it was by {by}");
                findings.add(Code::ErasedWithoutEntry, at, text);
            }
            (_, Some(_)) => self.counts.erased += 1,
            (Said::Erased(_), None) => {
                self.counts.missing += 1;
                let text = format!("`{name}` is said to be erased, and no entry orders that");
                findings.add(Code::ErasedWithoutEntry, at, text);
            }
            (Said::Missing, None) => {
                self.counts.missing += 1;
                let text = format!("MISSING: the store does not have `{name}`, nothing erased it");
                findings.add(Code::PayloadMissing, at, text);
            }
            (Said::Nothing, None) => {
                self.counts.missing += 1;
                let text =
                    format!("MISSING: `{name}` is not in the export, which claims to have it");
                findings.add(Code::PayloadMissing, at, text);
            }
        }
    }

    /// Lines that belong to no commitment.
    fn report_strays(&self, size: u64, findings: &mut Findings) {
        let lines = self.export.and_then(|export| export.lines_of(self.log));
        let mut outside = 0_u64;
        for (index, field) in lines.into_iter().flat_map(BTreeMap::keys) {
            if *index >= size {
                outside += 1;
            } else if !self.seen.contains(&(*index, *field)) {
                let text = format!("the export has field {field}, the entry commits to none");
                findings.add(Code::PayloadUncommitted, At::Entry(*index), text);
            }
        }
        if outside > 0 {
            let text = format!("{outside} payloads of entries from {size} on are in the export");
            findings.add(Code::PayloadOutside, At::Log, text);
        }
    }
}

fn name_of(kind: &Kind, field: Field) -> &'static str {
    kind.field(field).map_or("?", |committed| committed.name)
}

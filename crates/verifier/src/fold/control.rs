//! The fold over a control log, and its book of access logs.

use std::collections::BTreeMap;

use record::{Applied, Body, Digest, Entry, Field, State};

use crate::Code;
use crate::finding::{At, Findings};
use crate::payload::{Erasures, Ordered};

/// What a control log says of one access log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// The key that its checkpoints are signed with, as the entry has it.
    pub key: String,
    pub anchors: Vec<Anchored>,
    /// The control entry that closed it, and its size then.
    pub closed: Option<(u64, u64)>,
    /// The control entry that gave it up, and the last size that was witnessed.
    pub lost: Option<(u64, u64)>,
}

/// A size and root that a control log recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchored {
    /// The control entry.
    pub by: u64,
    pub size: u64,
    pub root: Digest,
}

/// A control log while it is folded.
#[derive(Default)]
pub(crate) struct ControlFold {
    state: State,
    stopped: bool,
    pub books: BTreeMap<String, Book>,
    pub erasures: BTreeMap<String, Erasures>,
}

impl ControlFold {
    pub fn take(&mut self, index: u64, entry: &Entry, findings: &mut Findings) {
        if self.stopped {
            return;
        }
        match self.state.apply(index, entry) {
            Ok(Applied::New) => self.book(index, &entry.body),
            Ok(Applied::Duplicate(_)) => {}
            Err(refused) => {
                let text = format!("it does not follow: {refused}");
                findings.add(Code::ControlDoesNotFollow, At::Entry(index), text);
                self.stop(index + 1, findings);
            }
        }
    }

    /// What stands after this is not to be trusted.
    pub fn stop(&mut self, index: u64, findings: &mut Findings) {
        if !self.stopped {
            self.stopped = true;
            findings.add(Code::FoldStopped, At::Entry(index), super::stop_text());
        }
    }

    /// The name that the entries claim.
    pub fn name(&self) -> Option<String> {
        self.state.log().map(ToString::to_string)
    }

    fn book(&mut self, index: u64, body: &Body) {
        if let Body::LogOpen(open) = body {
            let book = self.books.entry(open.log.to_string()).or_default();
            book.key = open.key.to_string();
        } else if let Body::Anchor(anchor) = body {
            self.anchor(anchor.log.as_str(), index, anchor.size, anchor.root);
        } else if let Body::LogClose(close) = body {
            self.anchor(close.log.as_str(), index, close.size, close.root);
            let book = self.books.entry(close.log.to_string()).or_default();
            book.closed = Some((index, close.size));
        } else if let Body::LogLost(lost) = body {
            let book = self.books.entry(lost.log.to_string()).or_default();
            book.lost = Some((index, lost.witnessed_size));
        } else if let Body::Erasure(erasure) = body {
            let erasures = self.erasures.entry(erasure.log.to_string()).or_default();
            for field in &erasure.fields {
                // The fold took it, so that it is a field's number.
                if let Ok(field) = u16::try_from(*field) {
                    let ordered = Ordered {
                        by: index,
                        kind: erasure.kind,
                    };
                    erasures.insert((erasure.index, Field(field)), ordered);
                }
            }
        }
    }

    fn anchor(&mut self, log: &str, by: u64, size: u64, root: Digest) {
        let book = self.books.entry(log.to_owned()).or_default();
        book.anchors.push(Anchored { by, size, root });
    }
}

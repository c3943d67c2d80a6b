//! Erasure, in the one order that can be defended: the order stands in the control log, a witness has
//! seen it, and only then the payloads are destroyed.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use record::{Digest, Endorsement, Entry, Field, Kind, LogName as RecordedName};

use crate::books::access::AccessLog;
use crate::books::control::{ControlLog, Desk};
use crate::books::settings::Books;
use crate::books::wait::wait_for;
use crate::error::LedgerError;
use crate::name::LogName;
use crate::open::{Opening, Parts};
use crate::payload::{Erasure, Found};
use crate::progress::{Progress, Standing};
use crate::recorded::{entry_of, verdict};
use crate::submission::AcceptAll;

/// What a quorum wants destroyed. Whether these people may order it, and whether their signatures are
/// good, was checked by who hands this in.
#[derive(Clone, Debug)]
pub struct ErasureOrder {
    /// The entry.
    pub index: u64,
    /// Which of its fields.
    pub fields: BTreeSet<Field>,
    /// SHA-256 of the statement that was signed.
    pub statement: Digest,
    /// Who signed; in an evaluation it may be nobody.
    pub by: Vec<Endorsement>,
    /// Why, and the demand of the person concerned. Kept as a payload, for ten years.
    pub reason: Vec<u8>,
    /// The statement and the signatures under it, kept likewise.
    pub signatures: Option<Vec<u8>>,
}

/// What was destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureReport {
    /// The log that the entry stands in.
    pub log: String,
    /// The index of the order in the control log.
    pub by: u64,
    /// What the store says of each field now.
    pub verdicts: Vec<(Field, Found)>,
    /// Who had seen the order before.
    pub assurance: Assurance,
}

/// Who had seen an order before it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// Witnesses.
    Witnessed,
    /// Nobody: an evaluation without a witness. It is a gap, to be shown as one.
    Unwitnessed,
}

/// Orders that stand and are not carried out yet, with their indexes.
pub(crate) type Unfinished = Vec<(u64, record::Erasure)>;

impl ControlLog {
    /// Erases payloads of the control log itself. It blocks until a witness has seen the order, for
    /// as long as the settings say.
    ///
    /// # Errors
    /// [`LedgerError::LockedClass`] before anything is written, by the name of the class.
    /// [`LedgerError::NotWitnessed`] if no witness came: the order stands, nothing is destroyed yet,
    /// and it will be as soon as one comes; asking again with the same order waits again.
    pub fn erase(&self, order: ErasureOrder) -> Result<ErasureReport, LedgerError> {
        let desk = &self.desk;
        desk.erase(desk.log.parts(), order, &desk.unfinished)
    }

    /// As [`ControlLog::erase`], of an access log that was closed. Its directory is opened for it; nothing
    /// is appended to it. An order that is not witnessed in time must be given again.
    pub fn erase_in_closed(
        &self,
        books: &Books,
        log: &LogName,
        order: ErasureOrder,
    ) -> Result<ErasureReport, LedgerError> {
        let opened = Opening {
            root: books.root.clone(),
            name: log.clone(),
            secrets: books.keys.secrets(log)?,
            settings: books.settings.access.clone(),
            surroundings: books.surroundings.clone(),
            fold: Box::new(AcceptAll),
            notice: Box::new(|_, _| None),
        }
        .open()?;
        self.desk.erase(&opened.parts, order, &Mutex::default())
    }

    /// The indexes of orders about the control log that wait to be carried out.
    pub fn unfinished_erasures(&self) -> Vec<u64> {
        indexes(&self.desk.unfinished)
    }
}

impl AccessLog {
    /// Erases payloads of this log, as [`ControlLog::erase`] does; the order stands in the control log.
    /// The log is anchored first if the entry is younger than its last anchor.
    pub fn erase(&self, order: ErasureOrder) -> Result<ErasureReport, LedgerError> {
        let core = &self.core;
        if order.index >= self.anchored().size {
            core.wait_published(order.index)?;
            core.anchor()?;
        }
        let desk = &core.control.desk;
        desk.erase(core.log.parts(), order, &core.unfinished)
    }

    /// The indexes, in the control log, of orders about this log that wait to be carried out.
    pub fn unfinished_erasures(&self) -> Vec<u64> {
        indexes(&self.core.unfinished)
    }
}

fn indexes(unfinished: &Mutex<Unfinished>) -> Vec<u64> {
    let unfinished = unfinished.lock().unwrap_or_else(PoisonError::into_inner);
    unfinished.iter().map(|(by, _)| *by).collect()
}

impl Desk {
    fn erase(
        &self,
        parts: &Parts,
        order: ErasureOrder,
        unfinished: &Mutex<Unfinished>,
    ) -> Result<ErasureReport, LedgerError> {
        let (by, body) = self.order(parts, order)?;
        self.wait_witnessed(by);
        let done = self.destroy(parts, by, &body);
        if let Err(LedgerError::NotWitnessed { .. }) = done {
            let mut unfinished = unfinished.lock().unwrap_or_else(PoisonError::into_inner);
            if !unfinished.iter().any(|(known, _)| *known == by) {
                unfinished.push((by, body));
            }
        }
        done
    }

    /// Appends the order, or finds it if it stands already.
    fn order(
        &self,
        parts: &Parts,
        order: ErasureOrder,
    ) -> Result<(u64, record::Erasure), LedgerError> {
        let entry = must_be_there(parts, order.index)?;
        for field in &order.fields {
            check_erasable(order.index, &entry, *field)?;
        }
        let log = &parts.recorded_name;
        if let Some(standing) = self.standing_order(log, &order) {
            return Ok(standing);
        }
        let body = record::Erasure {
            log: log.clone(),
            index: order.index,
            kind: u64::from(entry.kind().number),
            fields: order
                .fields
                .iter()
                .map(|field| u64::from(field.0))
                .collect(),
            statement: order.statement,
            by: order.by,
        };
        let mut payloads = vec![(record::Erasure::REASON, order.reason)];
        payloads.extend(
            order
                .signatures
                .map(|bytes| (record::Erasure::SIGNATURES, bytes)),
        );
        let receipt = self.submit(body.clone(), payloads)?;
        Ok((receipt.index, body))
    }

    /// An order that covers all the fields. One that covers some is for the fold to refuse.
    fn standing_order(
        &self,
        log: &RecordedName,
        order: &ErasureOrder,
    ) -> Option<(u64, record::Erasure)> {
        let judge = self.judge.look();
        let covers = |body: &record::Erasure| {
            let mut fields = order.fields.iter().map(|field| u64::from(field.0));
            body.log == *log
                && body.index == order.index
                && fields.all(|field| body.fields.contains(&field))
        };
        judge.orders.iter().find(|(_, body)| covers(body)).cloned()
    }

    fn wait_witnessed(&self, by: u64) {
        let is_evaluation = self.settings.control.witnesses_needed == 0;
        let mut progress = self.log.progress();
        let is_over = |progress: &Progress| {
            let size = if is_evaluation {
                progress.published
            } else {
                progress.witnessed
            };
            size > by || !matches!(progress.standing, Standing::Open | Standing::Full)
        };
        // Whether it is witnessed is asked of the log afterwards, whatever ended the waiting.
        let _ = wait_for(progress.wait_for(is_over), self.settings.erasure_wait);
    }

    /// Destroys what an order names, if the order is witnessed and the entry is what the order says.
    fn destroy(
        &self,
        parts: &Parts,
        by: u64,
        body: &record::Erasure,
    ) -> Result<ErasureReport, LedgerError> {
        let Some(proof) = self.log.witnessed(by) else {
            return Err(LedgerError::NotWitnessed { entry: by });
        };
        let entry = must_be_there(parts, body.index)?;
        if u64::from(entry.kind().number) != body.kind {
            return Err(LedgerError::OtherKind {
                index: body.index,
                is: entry.kind().name,
                claimed: body.kind,
            });
        }
        let fields = fields_of(body);
        for field in &fields {
            check_erasable(body.index, &entry, *field)?;
        }
        let erasure = Erasure {
            by,
            payloads: fields.iter().map(|field| (body.index, field.0)).collect(),
            keys: Vec::new(),
        };
        parts.erase(&erasure, &proof)?;
        let mut verdicts = Vec::with_capacity(fields.len());
        for field in fields {
            if let Some(found) = verdict(parts, body.index, &entry, field)? {
                verdicts.push((field, found));
            }
        }
        let is_evaluation = self.settings.control.witnesses_needed == 0;
        Ok(ErasureReport {
            log: parts.name.to_string(),
            by,
            verdicts,
            assurance: if is_evaluation {
                Assurance::Unwitnessed
            } else {
                Assurance::Witnessed
            },
        })
    }

    /// Orders about the control log whose payloads are still there, e.g. after a crash.
    pub(crate) fn find_unfinished(&self) -> Result<(), LedgerError> {
        let found = self.unfinished_in(self.log.parts())?;
        *self
            .unfinished
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }

    /// Orders about a log whose payloads are still there.
    pub(crate) fn unfinished_in(&self, parts: &Parts) -> Result<Unfinished, LedgerError> {
        let mut orders = self.judge.look().orders.clone();
        orders.retain(|(_, body)| body.log == parts.recorded_name);
        let mut unfinished = Vec::new();
        for (by, body) in orders {
            let Some(entry) = entry_of(parts, body.index)? else {
                continue;
            };
            for field in fields_of(&body) {
                let found = verdict(parts, body.index, &entry, field)?;
                if matches!(found, Some(Found::Present { .. })) {
                    unfinished.push((by, body));
                    break;
                }
            }
        }
        Ok(unfinished)
    }

    pub(crate) fn finish_erasures(&self) {
        self.finish(self.log.parts(), &self.unfinished);
    }

    /// Carries out what can be by now. What cannot stays listed.
    pub(crate) fn finish(&self, parts: &Parts, unfinished: &Mutex<Unfinished>) {
        let mut unfinished = unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.retain(|(by, body)| self.destroy(parts, *by, body).is_err());
    }
}

fn fields_of(body: &record::Erasure) -> Vec<Field> {
    let numbers = body.fields.iter();
    // The fold lets no number pass that is not a field's.
    numbers
        .filter_map(|number| u16::try_from(*number).ok().map(Field))
        .collect()
}

fn must_be_there(parts: &Parts, index: u64) -> Result<Entry, LedgerError> {
    entry_of(parts, index)?.ok_or_else(|| LedgerError::NoEntry {
        index,
        size: parts.board.now().durable,
    })
}

fn check_erasable(index: u64, entry: &Entry, field: Field) -> Result<(), LedgerError> {
    let kind: &Kind = entry.kind();
    let class = kind.field(field).map(|committed| committed.class);
    if let Some(class) = class.filter(|class| !class.may_erase()) {
        return Err(LedgerError::LockedClass {
            index,
            field: field.0,
            class,
        });
    }
    if entry.commitments.contains_key(&field) {
        Ok(())
    } else {
        Err(LedgerError::NotCommitted {
            index,
            field: field.0,
        })
    }
}

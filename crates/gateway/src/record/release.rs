//! Promise 1 in types: a permit and a guarded statement make [`Running`], and only together with the
//! receipt of a durable decision does that become [`Releasing`], which alone lets rows out.

use std::sync::Arc;

use enforce::Checked;
use policy::{Decision, Permit};
use record::Durable;
use wire::backend::Rows;

/// A statement that was sent, or is about to be, under a permit that is used up by it.
///
/// Made by [`Running::begin`] alone; it cannot be copied.
pub(crate) struct Running {
    checked: Arc<Checked>,
    permit: Permit,
}

impl Running {
    /// Uses the permit up. `None` if it is not about this very statement: a permit that was made for
    /// other data leaves nothing running.
    pub(crate) fn begin(permit: Permit, checked: Arc<Checked>) -> Option<Self> {
        let all = checked
            .basis
            .datasets()
            .all(|dataset| permit.view(dataset).is_some());
        all.then_some(Self { checked, permit })
    }

    /// What was decided.
    pub(crate) fn decision(&self) -> &Arc<Decision> {
        self.permit.decision()
    }

    /// The statement.
    pub(crate) fn checked(&self) -> &Arc<Checked> {
        &self.checked
    }

    /// The decision is durable: rows may leave, up to what it says.
    pub(crate) fn release(self, durable: Durable, rows_until: u64, bytes_until: u64) -> Releasing {
        Releasing {
            running: self,
            _decided: durable,
            rows: 0,
            bytes: 0,
            rows_until,
            bytes_until,
        }
    }
}

/// The only thing that can forward rows of governed data.
pub(crate) struct Releasing {
    running: Running,
    _decided: Durable,
    rows: u64,
    bytes: u64,
    rows_until: u64,
    bytes_until: u64,
}

impl Releasing {
    /// What runs.
    pub(crate) const fn running(&self) -> &Running {
        &self.running
    }

    /// How many rows and bytes have left.
    pub(crate) const fn released(&self) -> (u64, u64) {
        (self.rows, self.bytes)
    }

    /// Whether so much more may leave without another reservation.
    pub(crate) const fn covers(&self, rows: u64, bytes: u64) -> bool {
        self.rows.saturating_add(rows) <= self.rows_until
            && self.bytes.saturating_add(bytes) <= self.bytes_until
    }

    /// Whether a reservation should be made ahead, so that nobody waits for it.
    pub(crate) const fn runs_low(&self) -> bool {
        self.rows.saturating_mul(2) > self.rows_until
            || self.bytes.saturating_mul(2) > self.bytes_until
    }

    /// How many rows and bytes may leave in all.
    pub(crate) const fn until(&self) -> (u64, u64) {
        (self.rows_until, self.bytes_until)
    }

    /// A durable reservation lets more out.
    pub(crate) fn extend(&mut self, reserved: super::Reserved) {
        let (rows, bytes) = reserved.until();
        self.rows_until = self.rows_until.max(rows);
        self.bytes_until = self.bytes_until.max(bytes);
    }

    /// Lets a block of rows out, to be written to the client; `None` if it is not reserved.
    pub(crate) fn forward(&mut self, rows: Rows) -> Option<Rows> {
        let (count, bytes) = (u64::from(rows.count()), rows.bytes().len() as u64);
        if !self.covers(count, bytes) {
            return None;
        }
        self.rows += count;
        self.bytes += bytes;
        Some(rows)
    }
}

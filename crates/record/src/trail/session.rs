//! One session's statements, in the fold over an access log.

use super::{Irregular, Open, SessionFacts, Trail};
use crate::body::{Decision, Outcome, RefusalEntry, Reservation, SessionEnd, Ungoverned};

impl Trail {
    pub(super) fn decision(&mut self, index: u64, body: &Decision) -> Result<(), Irregular> {
        let known = self.facts.snapshots.contains(&body.snapshot);
        let session = self.session(body.session)?;
        let numbered = takes(session, body.number, 1);
        let open = Open {
            index,
            rows_until: body.rows_until,
            bytes_until: body.bytes_until,
        };
        let before = session.open.insert(body.number, open);
        if let Some(before) = before {
            self.facts.without_outcome.insert(before.index);
        }
        numbered?;
        if known {
            Ok(())
        } else {
            Err(Irregular::UnknownSchema(body.snapshot))
        }
    }

    pub(super) fn reservation(&mut self, body: &Reservation) -> Result<(), Irregular> {
        let (session, number) = (body.session, body.number);
        let facts = self.session(session)?;
        let Some(open) = facts.open.get_mut(&number) else {
            return Err(Irregular::NoDecision { session, number });
        };
        let grows = body.rows_until >= open.rows_until
            && body.bytes_until >= open.bytes_until
            && (body.rows_until, body.bytes_until) != (open.rows_until, open.bytes_until);
        open.rows_until = open.rows_until.max(body.rows_until);
        open.bytes_until = open.bytes_until.max(body.bytes_until);
        if grows {
            Ok(())
        } else {
            Err(Irregular::ReservationShrank { session, number })
        }
    }

    pub(super) fn outcome(&mut self, body: &Outcome) -> Result<(), Irregular> {
        let (session, number) = (body.session, body.number);
        let facts = self.session(session)?;
        let Some(open) = facts.open.remove(&number) else {
            return Err(Irregular::NoDecision { session, number });
        };
        if body.rows > open.rows_until || body.bytes > open.bytes_until {
            return Err(Irregular::MoreThanReserved { session, number });
        }
        Ok(())
    }

    pub(super) fn refusal(&mut self, body: &RefusalEntry) -> Result<(), Irregular> {
        match (body.session, body.number) {
            (Some(session), Some(number)) => takes(self.session(session)?, number, body.count),
            (None, None) if body.count > 0 => Ok(()),
            (None, None) => Err(Irregular::Nothing),
            (Some(_), None) | (None, Some(_)) => Err(Irregular::HalfNumbered),
        }
    }

    pub(super) fn ungoverned(&mut self, body: &Ungoverned) -> Result<(), Irregular> {
        let session = self.session(body.session)?;
        let expected = session.next_ungoverned;
        session.next_ungoverned = body.first.saturating_add(body.count);
        if body.count == 0 {
            return Err(Irregular::Nothing);
        }
        if body.first == expected {
            Ok(())
        } else {
            Err(Irregular::Number {
                session: body.session,
                expected,
                number: body.first,
            })
        }
    }

    pub(super) fn session_end(&mut self, body: &SessionEnd) -> Result<(), Irregular> {
        let Some(session) = self.facts.sessions.remove(&body.session) else {
            return Err(Irregular::NoSession(body.session));
        };
        self.abandon(&session);
        let statements = session.next_number.saturating_sub(1);
        let ungoverned = session.next_ungoverned.saturating_sub(1);
        if (body.statements, body.ungoverned) == (statements, ungoverned) {
            Ok(())
        } else {
            Err(Irregular::Counts(body.session))
        }
    }

    fn session(&mut self, session: u64) -> Result<&mut SessionFacts, Irregular> {
        let facts = self.facts.sessions.get_mut(&session);
        facts.ok_or(Irregular::NoSession(session))
    }
}

/// Takes numbers; after a gap it goes on behind it, so that one gap is reported once.
fn takes(session: &mut SessionFacts, number: u64, count: u64) -> Result<(), Irregular> {
    let expected = session.next_number;
    session.next_number = number.saturating_add(count);
    if count == 0 {
        return Err(Irregular::Nothing);
    }
    if number == expected {
        Ok(())
    } else {
        Err(Irregular::Number {
            session: session.number,
            expected,
            number,
        })
    }
}

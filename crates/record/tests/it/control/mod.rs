//! The control log: what may follow what, and each thing that may not, refused by its own name.

mod frame;
mod logs;
mod requests;
mod rules;

use record::{Denial, Dismissal, Revocation};

use crate::history::*;

fn denial(request: u64) -> Denial {
    Denial {
        request,
        statement: digest(11),
        by: signed(1),
    }
}

fn dismissal(request: u64) -> Dismissal {
    Dismissal {
        request,
        statement: digest(12),
        by: signed(9),
    }
}

fn revocation(grant: u64) -> Revocation {
    Revocation {
        grant,
        statement: digest(13),
        by: signed(1),
    }
}

/// With a request, approved by 1 and 3; its index.
fn approved() -> (History, u64) {
    let mut history = History::constituted();
    let index = history.add(request());
    history.add(approval(index, 0, 1));
    history.add(approval(index, 1, 3));
    (history, index)
}

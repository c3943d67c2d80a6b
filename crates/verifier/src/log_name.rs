//! What the name of a log says: which sort of log it is, and whether its entries agree.

use crate::finding::{At, Findings};
use crate::{Code, Error};

/// The first entry says which log it stands in, so that no log can be passed off as another.
pub(crate) fn check_name(name: &str, claimed: Option<String>, findings: &mut Findings) {
    if let Some(claimed) = claimed.filter(|claimed| claimed != name) {
        let text = format!("its first entry says that it is `{claimed}`");
        findings.add(Code::WrongLog, At::Entry(0), text);
    }
}

/// Which sort of log a name is of; source: docs/ledger-format.md.
pub(crate) fn is_control(name: &str) -> Result<bool, Error> {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [.., "cordon", "control", _] => Ok(true),
        [.., "cordon", "access", _, _] => Ok(false),
        _ => Err(Error::LogName {
            name: name.to_owned(),
        }),
    }
}

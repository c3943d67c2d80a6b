//! Names of logs: the origin that checkpoints carry, and the folder that holds the files.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::error::LedgerError;

/// LIMIT: DNS has the same bound for one label; folder names stay far below 255 bytes.
const PART_BYTES_MAX: usize = 63;

/// The name of a log: `<organisation>/cordon/control/<epoch>` or
/// `<organisation>/cordon/access/<gateway>/<epoch>`. A log that lost state is never gone on with; its
/// successor has the next epoch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogName {
    organisation: String,
    /// None for the control log.
    gateway: Option<String>,
    epoch: u32,
}

impl LogName {
    /// An organisation's control log.
    pub fn control(organisation: &str, epoch: u32) -> Result<Self, LedgerError> {
        Self::new(organisation, None, epoch)
    }

    /// A gateway's access log.
    pub fn access(organisation: &str, gateway: &str, epoch: u32) -> Result<Self, LedgerError> {
        Self::new(organisation, Some(gateway), epoch)
    }

    fn new(organisation: &str, gateway: Option<&str>, epoch: u32) -> Result<Self, LedgerError> {
        check(organisation)?;
        gateway.map(check).transpose()?;
        if epoch == 0 {
            return Err(bad("0", "epochs are counted from 1"));
        }
        Ok(Self {
            organisation: organisation.to_owned(),
            gateway: gateway.map(str::to_owned),
            epoch,
        })
    }

    /// Whether it is a control log.
    pub fn is_control(&self) -> bool {
        self.gateway.is_none()
    }

    /// Which of the log's successors it is, from 1.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The name of the log that follows when this one lost state.
    pub fn next_epoch(&self) -> Self {
        Self {
            epoch: self.epoch.saturating_add(1),
            ..self.clone()
        }
    }

    /// The folder that holds the log, below that of all logs.
    pub fn folder(&self) -> String {
        match &self.gateway {
            None => format!("control-{}", self.epoch),
            Some(gateway) => format!("access-{gateway}-{}", self.epoch),
        }
    }

    /// The name as entries and receipts carry it.
    pub(crate) fn recorded(&self) -> Result<record::LogName, LedgerError> {
        let origin = self.to_string();
        record::LogName::new(&origin).map_err(|_| bad(&origin, "it is too long"))
    }

    /// What files of the log are bound to.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_string().as_bytes()).into()
    }
}

/// The origin.
impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            organisation,
            gateway,
            epoch,
        } = self;
        match gateway {
            None => write!(f, "{organisation}/cordon/control/{epoch}"),
            Some(gateway) => write!(f, "{organisation}/cordon/access/{gateway}/{epoch}"),
        }
    }
}

impl FromStr for LogName {
    type Err = LedgerError;

    fn from_str(origin: &str) -> Result<Self, LedgerError> {
        let parts: Vec<&str> = origin.split('/').collect();
        let (organisation, gateway, epoch) = match parts.as_slice() {
            [organisation, "cordon", "control", epoch] => (organisation, None, epoch),
            [organisation, "cordon", "access", gateway, epoch] => {
                (organisation, Some(*gateway), epoch)
            }
            _ => return Err(bad(origin, "it is no origin of a control or access log")),
        };
        let number = epoch
            .parse()
            .map_err(|_| bad(origin, "its epoch is no number"))?;
        let name = Self::new(organisation, gateway, number)?;
        if name.to_string() != origin {
            return Err(bad(origin, "its epoch is not in its one spelling"));
        }
        Ok(name)
    }
}

/// Small letters, digits, `-` and `.`, so that a name is its own folder on every file system and
/// cannot leave it.
fn check(part: &str) -> Result<(), LedgerError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if part.is_empty() || part.len() > PART_BYTES_MAX {
        return Err(bad(part, "each part has 1 to 63 letters"));
    }
    if !part.chars().all(is_plain) || part.starts_with(['.', '-']) {
        return Err(bad(
            part,
            "write small letters, digits, `-` and `.`, a letter or digit first",
        ));
    }
    Ok(())
}

fn bad(name: &str, cause: &'static str) -> LedgerError {
    LedgerError::BadName {
        name: name.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_names_its_folder() {
        for (origin, folder) in [
            ("acme.example/cordon/control/1", "control-1"),
            ("acme.example/cordon/access/gate-7/12", "access-gate-7-12"),
        ] {
            let name: LogName = origin.parse().unwrap();
            assert_eq!(
                (name.to_string().as_str(), name.folder().as_str()),
                (origin, folder)
            );
        }
        let next = LogName::control("acme", 1).unwrap().next_epoch();
        assert_eq!(next.to_string(), "acme/cordon/control/2");
    }

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for origin in [
            "",
            "a/cordon/control/0",
            "a/cordon/control/01",
            "a/cordon/control/x",
            "a/cordon/other/1",
            "../cordon/control/1",
            "a/cordon/access/../1",
            "a/cordon/access/x y/1",
            "A/cordon/control/1",
            "a/cordon/access//1",
            "a/cordon/control/1/",
        ] {
            assert!(origin.parse::<LogName>().is_err(), "{origin}");
        }
    }
}

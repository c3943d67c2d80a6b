//! Who the server runs as. PostgreSQL refuses to run as root, which is who tests in containers are.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::error::ScratchError;

/// The system's own list of users.
const USERS: &str = "/etc/passwd";

/// Who owns the server's files and runs its processes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    /// The user's number.
    pub(crate) user: u32,
    /// The user and group to become, when we are root.
    become_other: Option<(u32, u32)>,
}

impl Account {
    /// The account to use, given a folder that this process has just made: its owner is who we are.
    pub(crate) fn owning(folder: &Path) -> Result<Self, ScratchError> {
        let user = fs::metadata(folder)
            .map_err(ScratchError::io("look at", folder))?
            .uid();
        if user != 0 {
            return Ok(Self {
                user,
                become_other: None,
            });
        }
        let users = fs::read_to_string(USERS).map_err(ScratchError::io("read", USERS))?;
        let other = find(&users, "postgres").ok_or(ScratchError::NoAccount)?;
        Ok(Self {
            user: other.0,
            become_other: Some(other),
        })
    }

    /// Makes a file or folder the account's.
    pub(crate) fn give(self, path: &Path) -> Result<(), ScratchError> {
        match self.become_other {
            None => Ok(()),
            Some((user, group)) => chown(path, Some(user), Some(group))
                .map_err(ScratchError::io("change the owner of", path)),
        }
    }

    /// Makes a command run as the account, in a process group of its own: an interrupt that is typed
    /// at the tests is not for the server.
    pub(crate) fn run(self, command: &mut Command) -> &mut Command {
        if let Some((user, group)) = self.become_other {
            command.uid(user).gid(group);
        }
        command.process_group(0)
    }
}

/// A user's number and group in the text of `/etc/passwd`.
fn find(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some((user, group))
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:104:112::/:/bin/sh\n";
        assert_eq!(find(users, "postgres"), Some((104, 112)));
        assert_eq!(find(users, "post"), None);
        assert_eq!(find("postgres:x", "postgres"), None);
    }
}

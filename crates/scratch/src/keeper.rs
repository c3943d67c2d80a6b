//! Stops a server whose owner did not live to do it: killed, aborted, or holding it in a `static`.
//!
//! A shell waits at a pipe that this process holds. The pipe ends when the process does, however it
//! ends; the shell then stops the server and removes its files.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::ScratchError;

/// `$1` is the server's process, `$2` its folder. A word at the pipe means that all is done already;
/// that matters because the number may belong to somebody else by then.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
if read -r word; then exit 0; fi
kill -QUIT "$1" 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
done
rm -rf -- "$2"
"#;

/// The shell that waits.
#[derive(Debug)]
pub(crate) struct Keeper(Child);

impl Keeper {
    /// Begins to watch over a process and its folder.
    pub(crate) fn watch(process: u32, folder: &Path) -> Result<Self, ScratchError> {
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(process.to_string())
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .process_group(0)
            .spawn()
            .map_err(ScratchError::io("run", "sh"))?;
        Ok(Self(child))
    }

    /// Says that there is nothing left to do.
    pub(crate) fn dismiss(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            // If the shell is gone there is nobody to tell.
            let _gone = pipe.write_all(b"done\n");
        }
        let _status = self.0.wait();
    }
}

/// Asks a server to stop at once. It is a child of ours that has not been waited for, so the number
/// is still its own.
pub(crate) fn quit(process: u32) {
    let _status = Command::new("sh")
        .args(["-c", r#"kill -QUIT "$1""#, "sh"])
        .arg(process.to_string())
        .stderr(Stdio::null())
        .status();
}

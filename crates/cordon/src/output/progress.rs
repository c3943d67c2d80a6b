//! A line on standard error while something takes long, for people at a terminal only.

use std::io::{self, IsTerminal, Write};

/// Shows what is being done until it is dropped.
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Begins; silent where nobody watches.
    pub fn begin(what: &str, json: bool) -> Self {
        let shown = !json && io::stderr().is_terminal();
        if shown {
            let mut to = io::stderr().lock();
            // Progress that cannot be shown is not worth failing for.
            let _ = write!(to, "{what} ...\r").and_then(|()| to.flush());
        }
        Self { shown }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "\x1b[2K\r");
        }
    }
}

//! Finds out whether a server answers: a connection that gets as far as authentication.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A start-up message of protocol 3.0 for user and database `postgres`, with its length in front.
const STARTUP: &[u8] = b"\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0";
/// Ends a session politely, or the server's log says that it was lost.
const TERMINATE: &[u8] = b"X\0\0\0\x04";
/// A server that takes this long to greet is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the server behind a socket lets us in. While it starts it answers with an error.
pub(crate) fn is_ready(socket: &Path) -> bool {
    let greet = || -> std::io::Result<bool> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(STARTUP)?;
        let mut kind = [0];
        stream.read_exact(&mut kind)?;
        stream.write_all(TERMINATE)?;
        Ok(kind == *b"R")
    };
    greet().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_message_says_its_own_length() {
        assert_eq!(super::STARTUP.len(), 0x29);
    }
}

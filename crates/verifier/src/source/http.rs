//! A log behind a web server: plain HTTP/1.1, one GET a connection, no redirects followed.
//!
//! LIMIT: no TLS. What is read is verified, so that nobody on the way can change it unseen; they can
//! see what is read. Behind `https://` copy the files with any program and verify the directory.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::{FILE_BYTES_MAX, Source};
use crate::Error;

/// LIMIT: of a connection, and of each read and write on it.
const WAIT: Duration = Duration::from_secs(30);
/// LIMIT: of an answer's head.
const HEAD_BYTES_MAX: u64 = 64 * 1024;

/// Files of a log below an address.
pub struct HttpSource {
    /// `host:port`
    authority: String,
    /// Begins with a slash and ends without one; empty for the root.
    prefix: String,
}

/// What the head of an answer says of its body.
#[derive(Default)]
struct Head {
    status: u16,
    length: Option<u64>,
    is_chunked: bool,
}

impl HttpSource {
    /// The log below an address such as `http://logs.example.org/control-1`.
    ///
    /// # Errors
    /// [`Error::Address`] for anything else than a plain `http://` address.
    pub fn new(address: &str) -> Result<Self, Error> {
        let refuse = || Error::Address {
            place: address.to_owned(),
        };
        let rest = address.strip_prefix("http://").ok_or_else(refuse)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let has_extras = |text: &str| text.contains(['?', '#', '@']);
        if authority.is_empty() || !is_plain(rest) || has_extras(rest) {
            return Err(refuse());
        }
        let path = path.trim_end_matches('/');
        Ok(Self {
            authority: authority.to_owned(),
            prefix: match path {
                "" => String::new(),
                path => format!("/{path}"),
            },
        })
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let mut stream = self.connect()?;
        let Self { authority, prefix } = self;
        let request = format!(
            "GET {prefix}/{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
             Accept-Encoding: identity\r\nUser-Agent: cordon-verifier\r\n\r\n"
        );
        let words = |error: std::io::Error| error.to_string();
        stream.write_all(request.as_bytes()).map_err(words)?;
        let mut reader = BufReader::new(stream);
        let head = read_head(&mut reader)?;
        match head.status {
            200 => read_body(&mut reader, &head).map(Some),
            404 | 410 => Ok(None),
            status => Err(format!("the server answered with status {status}")),
        }
    }

    fn connect(&self) -> Result<TcpStream, String> {
        let words = |error: std::io::Error| error.to_string();
        let has_port = self
            .authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let target = match has_port {
            true => self.authority.clone(),
            false => format!("{}:80", self.authority),
        };
        let mut last = "the name has no address".to_owned();
        for address in target.to_socket_addrs().map_err(words)? {
            match TcpStream::connect_timeout(&address, WAIT) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(WAIT)).map_err(words)?;
                    stream.set_write_timeout(Some(WAIT)).map_err(words)?;
                    return Ok(stream);
                }
                Err(error) => last = error.to_string(),
            }
        }
        Err(last)
    }
}

impl Source for HttpSource {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let answer = self.get(path).map_err(|cause| Error::Read {
            place: self.place(path),
            cause,
        })?;
        match answer {
            Some(bytes) if bytes.len() as u64 > FILE_BYTES_MAX => Err(Error::TooLarge {
                place: self.place(path),
                limit: FILE_BYTES_MAX,
            }),
            answer => Ok(answer),
        }
    }

    fn place(&self, path: &str) -> String {
        format!("http://{}{}/{path}", self.authority, self.prefix)
    }
}

fn read_head(reader: &mut impl std::io::BufRead) -> Result<Head, String> {
    let mut limited = reader.take(HEAD_BYTES_MAX);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let count = limited.read_line(&mut line).map_err(|e| e.to_string())?;
        if count == 0 {
            return Err("the answer ends in its head".to_owned());
        }
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let status = lines
        .first()
        .filter(|line| line.starts_with("HTTP/1."))
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok());
    let mut head = Head {
        status: status.ok_or("the answer is not HTTP/1.1")?,
        ..Head::default()
    };
    for line in lines.iter().skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let length = value.parse().map_err(|_| "its length is no number")?;
                head.length = Some(length);
            }
            "transfer-encoding" => head.is_chunked = value.eq_ignore_ascii_case("chunked"),
            "content-encoding" if !value.eq_ignore_ascii_case("identity") => {
                return Err(format!("the server compresses with `{value}` unasked"));
            }
            _ => {}
        }
    }
    Ok(head)
}

/// At most one byte more than a file may have, so that the caller sees that it is too long.
fn read_body(reader: &mut impl std::io::BufRead, head: &Head) -> Result<Vec<u8>, String> {
    if head.is_chunked {
        return read_chunks(reader);
    }
    let mut body = Vec::new();
    let most = head.length.unwrap_or(u64::MAX).min(FILE_BYTES_MAX + 1);
    reader
        .take(most)
        .read_to_end(&mut body)
        .map_err(|error| error.to_string())?;
    let has_all = head.length.is_none_or(|_| body.len() as u64 == most);
    if has_all {
        Ok(body)
    } else {
        Err("the answer ends early".to_owned())
    }
}

fn read_chunks(reader: &mut impl std::io::BufRead) -> Result<Vec<u8>, String> {
    let cut = || "the answer ends early".to_owned();
    let mut body = Vec::new();
    while body.len() as u64 <= FILE_BYTES_MAX {
        let mut line = String::new();
        let count = reader.by_ref().take(1024).read_line(&mut line);
        count.map_err(|error| error.to_string())?;
        let digits = line.trim().split(';').next().unwrap_or_default();
        let length = u64::from_str_radix(digits, 16).map_err(|_| cut())?;
        if length == 0 {
            return Ok(body);
        }
        if length > FILE_BYTES_MAX {
            return Err("a chunk is longer than any file of a log".to_owned());
        }
        let before = body.len() as u64;
        let chunk = reader.by_ref().take(length).read_to_end(&mut body);
        chunk.map_err(|error| error.to_string())?;
        let mut end = [0; 2];
        reader.read_exact(&mut end).map_err(|_| cut())?;
        if body.len() as u64 - before != length || end != *b"\r\n" {
            return Err(cut());
        }
    }
    Ok(body)
}

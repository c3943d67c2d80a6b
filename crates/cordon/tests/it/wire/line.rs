//! A client that keeps every byte it is sent, message for message, and understands only what a test
//! asks about.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use wire::{Formats, Minor, Subject, frontend};

/// Longer than anything takes; a client that waits for ever fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// One message of a server as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub tag: u8,
    pub body: Vec<u8>,
}

/// A stream of bytes, TLS or not.
pub trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// A session that hears everything.
pub struct Line {
    stream: Box<dyn Stream>,
    inbox: Vec<u8>,
    /// What is to be sent.
    pub out: BytesMut,
    /// The messages of the login, without those of authentication.
    pub greeting: Vec<Message>,
    /// Whether the other side has closed the connection.
    pub is_closed: bool,
}

/// Who connects to what.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    pub user: &'a str,
    pub password: &'a str,
    pub database: &'a str,
    pub minor: Minor,
    pub more: &'a [(&'a str, &'a str)],
}

impl<'a> Login<'a> {
    /// With the password of the tests.
    pub const fn new(user: &'a str, database: &'a str) -> Self {
        Self {
            user,
            password: crate::serve::PASSWORD,
            database,
            minor: Minor::Zero,
            more: &[],
        }
    }
}

impl Line {
    /// A connection over TCP on which nothing is said.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(Box::new(stream))
    }

    /// A connection over any stream.
    pub fn over(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            inbox: Vec::new(),
            out: BytesMut::new(),
            greeting: Vec::new(),
            is_closed: false,
        }
    }

    /// A session that must be let in.
    pub fn login(address: SocketAddr, login: &Login<'_>) -> Self {
        let mut line = Self::open(address);
        line.enter(login);
        let last = line.greeting.last().map(Message::words);
        assert_eq!(last.as_deref(), Some("Ready I"), "{:?}", line.said());
        line
    }

    /// Asks for a session and proves who asks, up to its being ready or refused.
    pub fn enter(&mut self, login: &Login<'_>) {
        let parameters = [("user", login.user), ("database", login.database)];
        let parameters = parameters.iter().chain(login.more).copied();
        frontend::startup(&mut self.out, login.minor, parameters).unwrap();
        self.send();
        let mut scram = ScramSha256::new(login.password.as_bytes(), ChannelBinding::unsupported());
        while let Some(message) = self.next() {
            let kind = match (message.tag, message.body.first_chunk::<4>()) {
                (b'R', Some(kind)) => i32::from_be_bytes(*kind),
                _ => -1,
            };
            match kind {
                10 => {
                    let first = Some(scram.message());
                    frontend::sasl_initial(&mut self.out, "SCRAM-SHA-256", first).unwrap();
                    self.send();
                }
                11 => {
                    scram.update(&message.body[4..]).unwrap();
                    frontend::sasl_response(&mut self.out, scram.message()).unwrap();
                    self.send();
                }
                0 | 12 => {}
                _ => {
                    let is_over = matches!(message.tag, b'Z' | b'E');
                    self.greeting.push(message);
                    if is_over {
                        return;
                    }
                }
            }
        }
    }

    /// The login in words.
    pub fn said(&self) -> Vec<String> {
        self.greeting.iter().map(Message::words).collect()
    }

    pub fn parse(&mut self, name: &str, sql: &str) -> &mut Self {
        self.parse_typed(name, sql, &[])
    }

    pub fn parse_typed(&mut self, name: &str, sql: &str, types: &[u32]) -> &mut Self {
        frontend::parse(&mut self.out, name, sql, types).unwrap();
        self
    }

    /// Binds values in text, with these forms for the results.
    pub fn bind(
        &mut self,
        portal: &str,
        statement: &str,
        values: &[Option<&str>],
        result_formats: &Formats,
    ) -> &mut Self {
        let bind = frontend::Bind {
            portal,
            statement,
            formats: &Formats::Unsaid,
            result_formats,
        };
        let values = values.iter().map(|value| value.map(str::as_bytes));
        frontend::bind(&mut self.out, &bind, values).unwrap();
        self
    }

    pub fn describe(&mut self, subject: Subject<'_>) -> &mut Self {
        frontend::describe(&mut self.out, subject).unwrap();
        self
    }

    pub fn execute(&mut self, portal: &str, rows_max: u32) -> &mut Self {
        frontend::execute(&mut self.out, portal, rows_max).unwrap();
        self
    }

    /// Sends Sync and reads up to the server's being ready.
    pub fn sync(&mut self) -> Vec<Message> {
        frontend::sync(&mut self.out);
        self.send();
        self.until_ready()
    }

    /// A simple query and all its answers.
    pub fn query(&mut self, sql: &str) -> Vec<Message> {
        frontend::query(&mut self.out, sql).unwrap();
        self.send();
        self.until_ready()
    }

    /// Sends what was written.
    pub fn send(&mut self) {
        // The other side may have closed already, which the answers tell.
        let sent = self.stream.write_all(&self.out);
        self.is_closed |= sent.and_then(|()| self.stream.flush()).is_err();
        self.out.clear();
    }

    /// Everything up to ReadyForQuery, or to the end of the connection.
    pub fn until_ready(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(message) = self.next() {
            let is_over = message.tag == b'Z';
            messages.push(message);
            if is_over {
                break;
            }
        }
        messages
    }

    /// The next message; none when the connection is closed.
    pub fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.take() {
                return Some(message);
            }
            if !self.read() {
                return None;
            }
        }
    }

    /// One byte that is no message: the answer to a wish for TLS.
    pub fn byte(&mut self) -> Option<u8> {
        while self.inbox.is_empty() {
            if !self.read() {
                return None;
            }
        }
        Some(self.inbox.remove(0))
    }

    fn read(&mut self) -> bool {
        let mut chunk = [0; 64 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => {
                self.is_closed = true;
                false
            }
            Ok(count) => {
                self.inbox.extend_from_slice(&chunk[..count]);
                true
            }
            Err(error) if is_end(&error) => {
                self.is_closed = true;
                false
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }

    fn take(&mut self) -> Option<Message> {
        let (head, _) = self.inbox.split_first_chunk::<5>()?;
        let [tag, length @ ..] = *head;
        let length = usize::try_from(i32::from_be_bytes(length)).unwrap();
        let end = 1 + length;
        if self.inbox.len() < end {
            return None;
        }
        let body = self.inbox[5..end].to_vec();
        self.inbox.drain(..end);
        Some(Message { tag, body })
    }
}

fn is_end(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), ConnectionReset | UnexpectedEof | BrokenPipe)
}

impl Message {
    /// The fields of an error or notice, by their letters.
    pub fn fields(&self) -> Vec<(char, String)> {
        let parts = self.body.split(|byte| *byte == 0);
        parts
            .filter_map(|part| {
                let (code, text) = part.split_first()?;
                Some((char::from(*code), String::from_utf8(text.to_vec()).unwrap()))
            })
            .collect()
    }

    /// A field of an error or notice; empty where it has none.
    pub fn field(&self, code: char) -> String {
        let found = self.fields().into_iter().find(|(known, _)| *known == code);
        found.map(|(_, text)| text).unwrap_or_default()
    }

    /// The cells of a row.
    pub fn cells(&self) -> Vec<Option<Vec<u8>>> {
        assert_eq!(self.tag, b'D');
        let mut rest = &self.body[2..];
        let mut cells = Vec::new();
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            match usize::try_from(i32::from_be_bytes(*length)) {
                Ok(length) => {
                    cells.push(Some(tail[..length].to_vec()));
                    rest = &tail[length..];
                }
                Err(_) => {
                    cells.push(None);
                    rest = tail;
                }
            }
        }
        cells
    }

    /// For people: the kind and the texts, with all that is not printable written out.
    pub fn words(&self) -> String {
        match self.tag {
            b'Z' => format!("Ready {}", char::from(self.body[0])),
            b'E' | b'N' => {
                let fields = self.fields();
                let fields: Vec<String> = fields
                    .iter()
                    .filter(|(code, _)| "VCMDH".contains(*code))
                    .map(|(code, text)| format!("{code}={text}"))
                    .collect();
                format!("{} {}", char::from(self.tag), fields.join(" "))
            }
            tag => format!("{} {}", char::from(tag), self.body.escape_ascii()),
        }
    }
}

/// What came back, in words.
pub fn words(messages: &[Message]) -> String {
    let all: Vec<String> = messages.iter().map(Message::words).collect();
    all.join("\n")
}

/// The error among the answers, if there is one.
pub fn error(messages: &[Message]) -> Option<&Message> {
    messages.iter().find(|message| message.tag == b'E')
}

/// The code of a refusal among the answers, or the SQLSTATE of an error.
pub fn failure(messages: &[Message]) -> Option<String> {
    let error = error(messages)?;
    let detail = error.field('D');
    Some(match detail.strip_prefix("refusal code: ") {
        Some(code) => code.to_owned(),
        None => error.field('C'),
    })
}

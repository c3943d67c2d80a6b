//! A client that sends what it is told to and writes down what comes back.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use wire::backend::{Incoming, Message, take};
use wire::{Formats, Limits, Subject, TransactionStatus, frontend};

/// Longer than anything takes; a client that waits for ever fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session on a raw socket.
pub struct Raw {
    stream: TcpStream,
    inbox: BytesMut,
    read: Vec<u8>,
    pub out: BytesMut,
    /// Bytes of rows so far.
    row_bytes: u64,
    /// What cancels its statements, once it has a session.
    pub key: Option<wire::Cancel>,
}

impl Raw {
    /// A session of somebody of the sample.
    pub fn connect(address: SocketAddr, user: &str) -> Self {
        let (raw, end) =
            Self::try_connect(address, user, super::super::serve::PASSWORD, "app", &[]);
        assert_eq!(end.last().map(String::as_str), Some("Ready I"), "{end:?}");
        raw
    }

    /// A connection without anything said.
    pub fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// The same over a connection that is there.
    pub fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            inbox: BytesMut::new(),
            read: Vec::new(),
            out: BytesMut::new(),
            row_bytes: 0,
            key: None,
        }
    }

    /// Tries to get a session; the answers up to its being ready or refused.
    pub fn try_connect(
        address: SocketAddr,
        user: &str,
        password: &str,
        database: &str,
        more: &[(&str, &str)],
    ) -> (Self, Vec<String>) {
        Self::open(address).enter(user, password, database, more)
    }

    /// Tries to get a session over this connection.
    pub fn enter(
        self,
        user: &str,
        password: &str,
        database: &str,
        more: &[(&str, &str)],
    ) -> (Self, Vec<String>) {
        let mut raw = self;
        let parameters = [("user", user), ("database", database)];
        let parameters = parameters.iter().chain(more).copied();
        frontend::startup(&mut raw.out, wire::Minor::Zero, parameters).unwrap();
        raw.send();
        let first = raw.next();
        if !first.starts_with("Sasl ") {
            return (raw, vec![first]);
        }
        let mut scram = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
        frontend::sasl_initial(&mut raw.out, "SCRAM-SHA-256", Some(scram.message())).unwrap();
        raw.send();
        let challenge = raw.next();
        let Some(challenge) = challenge.strip_prefix("SaslContinue ") else {
            return (raw, vec![challenge]);
        };
        scram.update(challenge.as_bytes()).unwrap();
        frontend::sasl_response(&mut raw.out, scram.message()).unwrap();
        raw.send();
        let mut answers = Vec::new();
        loop {
            let answer = raw.next();
            let is_over =
                answer.starts_with("Ready") || answer.starts_with("Error") || answer == "closed";
            if !answer.starts_with("Parameter ") {
                answers.push(answer);
            }
            if is_over {
                return (raw, answers);
            }
        }
    }

    pub fn parse(&mut self, name: &str, sql: &str) -> &mut Self {
        frontend::parse(&mut self.out, name, sql, &[]).unwrap();
        self
    }

    pub fn bind(&mut self, portal: &str, statement: &str) -> &mut Self {
        self.bind_with(portal, statement, &[])
    }

    pub fn bind_with(&mut self, portal: &str, statement: &str, values: &[&str]) -> &mut Self {
        let bind = frontend::Bind {
            portal,
            statement,
            formats: &Formats::Unsaid,
            result_formats: &Formats::Unsaid,
        };
        let values = values.iter().map(|value| Some(value.as_bytes()));
        frontend::bind(&mut self.out, &bind, values).unwrap();
        self
    }

    pub fn execute(&mut self, portal: &str, rows_max: u32) -> &mut Self {
        frontend::execute(&mut self.out, portal, rows_max).unwrap();
        self
    }

    pub fn describe_portal(&mut self, portal: &str) -> &mut Self {
        frontend::describe(&mut self.out, Subject::Portal(portal)).unwrap();
        self
    }

    pub fn close_portal(&mut self, portal: &str) -> &mut Self {
        frontend::close(&mut self.out, Subject::Portal(portal)).unwrap();
        self
    }

    /// Parse, Bind and Execute in one.
    pub fn run(&mut self, sql: &str) -> &mut Self {
        self.parse("", sql).bind("", "").execute("", 0)
    }

    /// Sends Sync and reads up to the server's being ready.
    pub fn sync(&mut self) -> Vec<String> {
        frontend::sync(&mut self.out);
        self.send();
        self.until_ready()
    }

    /// A simple query and all its answers.
    pub fn query(&mut self, sql: &str) -> Vec<String> {
        frontend::query(&mut self.out, sql).unwrap();
        self.send();
        self.until_ready()
    }

    pub fn until_ready(&mut self) -> Vec<String> {
        let mut answers = Vec::new();
        loop {
            let answer = self.next();
            let is_over = answer.starts_with("Ready") || answer == "closed";
            answers.push(answer);
            if is_over {
                return answers;
            }
        }
    }

    /// How many bytes of rows have come, a row that is not whole included.
    pub fn row_bytes(&self) -> u64 {
        let is_row = self.inbox.first() == Some(&b'D');
        self.row_bytes + if is_row { self.inbox.len() as u64 } else { 0 }
    }

    /// Every byte that was read so far.
    pub fn bytes_read(&self) -> &[u8] {
        &self.read
    }

    /// Sends what was written.
    pub fn send(&mut self) {
        let bytes = self.out.split();
        self.send_bytes(&bytes);
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        // The other side may have closed already, which the answers tell.
        let _ = self.stream.write_all(bytes);
    }

    /// All answers up to the end of the connection.
    pub fn until_closed(&mut self) -> Vec<String> {
        let answers = std::iter::from_fn(|| Some(self.next()).filter(|answer| answer != "closed"));
        answers.collect()
    }

    /// Reads at most so many bytes and forgets them: how many there were, none at the end.
    pub fn read_some(&mut self, bytes_max: usize) -> usize {
        let mut chunk = vec![0; bytes_max];
        self.stream.read(&mut chunk).unwrap_or(0)
    }

    /// As [`Raw::next`], before a session begins: the one byte that answers a request is passed over.
    pub fn next_or_garbage(&mut self) -> String {
        let mut first = [0];
        while matches!(self.stream.peek(&mut first), Ok(1)) && matches!(first[0], b'N' | b'S') {
            let _ = self.stream.read(&mut first);
        }
        self.next()
    }

    /// The next answer in words; `closed` when there is none.
    pub fn next(&mut self) -> String {
        loop {
            if let Some(incoming) = take(&mut self.inbox, &Limits::default()).unwrap() {
                if let Incoming::Rows(rows) = &incoming {
                    self.row_bytes += rows.bytes().len() as u64;
                }
                if let Incoming::Control(frame) = &incoming
                    && let Ok(Message::BackendKeyData(key)) = frame.message()
                {
                    self.key = Some(key);
                }
                return words(&incoming);
            }
            let mut chunk = [0; 64 * 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) => return "closed".to_owned(),
                Ok(count) => {
                    self.read.extend_from_slice(&chunk[..count]);
                    self.inbox.extend_from_slice(&chunk[..count]);
                }
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                    return "closed".to_owned();
                }
                Err(error) => panic!("no answer: {error}"),
            }
        }
    }
}

fn words(incoming: &Incoming) -> String {
    let frame = match incoming {
        Incoming::Rows(rows) => return format!("Rows {}", rows.count()),
        Incoming::Control(frame) => frame,
    };
    match frame.message().unwrap() {
        Message::Error(report) => {
            let hint = report.hint.unwrap_or_default();
            let detail = report.detail.unwrap_or_default();
            format!(
                "Error {} {} {detail} {hint}",
                report.sqlstate, report.message
            )
        }
        Message::Notice(report) => format!("Notice {}", report.message),
        Message::CommandComplete { tag } => format!("Complete {tag}"),
        Message::ReadyForQuery(status) => format!(
            "Ready {}",
            match status {
                TransactionStatus::Idle => "I",
                TransactionStatus::Open => "T",
                TransactionStatus::Failed => "E",
            }
        ),
        Message::ParameterStatus { name, value } => format!("Parameter {name}={value}"),
        Message::Authentication(wire::backend::Authentication::Sasl(mechanisms)) => {
            format!("Sasl {}", mechanisms.iter().collect::<Vec<_>>().join(" "))
        }
        Message::Authentication(wire::backend::Authentication::SaslContinue(data)) => {
            format!("SaslContinue {}", String::from_utf8(data.to_vec()).unwrap())
        }
        Message::RowDescription(columns) => {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            format!("Columns {}", names.join(" "))
        }
        Message::Authentication(_)
        | Message::BackendKeyData(_)
        | Message::BindComplete
        | Message::CloseComplete
        | Message::CopyData(_)
        | Message::CopyDone
        | Message::CopyIn(_)
        | Message::CopyOut(_)
        | Message::EmptyQuery
        | Message::NegotiateVersion { .. }
        | Message::NoData
        | Message::Notification { .. }
        | Message::ParameterDescription(_)
        | Message::ParseComplete
        | Message::PortalSuspended => frame.tag().name().to_owned(),
    }
}

//! An error or a notice: the fields that both have.

use bytes::BufMut;

use crate::body::Body;
use crate::frame::Writer;
use crate::limits::REPORT_TEXT_BYTES_MAX;
use crate::{Error, SqlState};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "PostgreSQL's own words")]
pub enum Severity {
    Error,
    Fatal,
    Panic,
    Warning,
    Notice,
    Debug,
    Info,
    Log,
}

impl Severity {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
            Self::Panic => "PANIC",
            Self::Warning => "WARNING",
            Self::Notice => "NOTICE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Log => "LOG",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "ERROR" => Self::Error,
            "FATAL" => Self::Fatal,
            "PANIC" => Self::Panic,
            "WARNING" => Self::Warning,
            "NOTICE" => Self::Notice,
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "LOG" => Self::Log,
            _ => return None,
        })
    }
}

/// The fields of ErrorResponse and NoticeResponse. Positions count characters from 1.
///
/// Where in the server's source it happened is neither read nor written: it says what runs there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of PostgreSQL's documentation")]
pub struct Report<'a> {
    pub severity: Severity,
    pub sqlstate: SqlState,
    pub message: &'a str,
    pub detail: Option<&'a str>,
    pub hint: Option<&'a str>,
    pub position: Option<u32>,
    pub internal_position: Option<u32>,
    pub internal_query: Option<&'a str>,
    pub context: Option<&'a str>,
    pub schema: Option<&'a str>,
    pub table: Option<&'a str>,
    pub column: Option<&'a str>,
    pub data_type: Option<&'a str>,
    pub constraint: Option<&'a str>,
}

impl<'a> Report<'a> {
    /// One with nothing but what every one has.
    #[must_use]
    pub const fn new(severity: Severity, sqlstate: SqlState, message: &'a str) -> Self {
        Self {
            severity,
            sqlstate,
            message,
            detail: None,
            hint: None,
            position: None,
            internal_position: None,
            internal_query: None,
            context: None,
            schema: None,
            table: None,
            column: None,
            data_type: None,
            constraint: None,
        }
    }

    /// Reads the fields. Types of fields that are not known are passed over, as the protocol asks.
    pub(crate) fn read(mut body: Body<'a>) -> Result<Self, Error> {
        let mut severity = None;
        let mut severity_shown = None;
        let mut sqlstate = None;
        let mut message = None;
        let mut report = Self::new(Severity::Error, SqlState::PROTOCOL_VIOLATION, "");
        loop {
            let field = body.byte("a field")?;
            if field == 0 {
                break;
            }
            let text = body.text("a field")?;
            let slot = match field {
                b'V' => &mut severity,
                b'S' => &mut severity_shown,
                b'C' => &mut sqlstate,
                b'M' => &mut message,
                b'D' => &mut report.detail,
                b'H' => &mut report.hint,
                b'q' => &mut report.internal_query,
                b'W' => &mut report.context,
                b's' => &mut report.schema,
                b't' => &mut report.table,
                b'c' => &mut report.column,
                b'd' => &mut report.data_type,
                b'n' => &mut report.constraint,
                b'P' => {
                    report.position = Some(position(&body, text)?);
                    continue;
                }
                b'p' => {
                    report.internal_position = Some(position(&body, text)?);
                    continue;
                }
                _ => continue,
            };
            if slot.replace(text).is_some() {
                return Err(Error::Twice {
                    message: body.message(),
                    field: "a field",
                });
            }
        }
        // The word under `S` may be translated; the one under `V` never is.
        report.severity = severity
            .or(severity_shown)
            .and_then(Severity::parse)
            .ok_or_else(|| body.refuse("the severity"))?;
        report.sqlstate = SqlState::parse(sqlstate.ok_or_else(|| body.refuse("the sqlstate"))?)?;
        report.message = message.ok_or_else(|| body.refuse("the message"))?;
        body.end()?;
        Ok(report)
    }

    /// Writes the fields. There is no use for an error about an error, so NULs are left out and
    /// texts without end are cut.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let mut put = |field: u8, text: &str| {
            let end = text.floor_char_boundary(REPORT_TEXT_BYTES_MAX);
            writer.out.put_u8(field);
            for piece in text.get(..end).unwrap_or_default().split('\0') {
                writer.out.put_slice(piece.as_bytes());
            }
            writer.out.put_u8(0);
        };
        put(b'S', self.severity.as_str());
        put(b'V', self.severity.as_str());
        put(b'C', self.sqlstate.as_str());
        put(b'M', self.message);
        let texts = [
            (b'D', self.detail),
            (b'H', self.hint),
            (b'q', self.internal_query),
            (b'W', self.context),
            (b's', self.schema),
            (b't', self.table),
            (b'c', self.column),
            (b'd', self.data_type),
            (b'n', self.constraint),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                put(field, text);
            }
        }
        if let Some(position) = self.position {
            put(b'P', &position.to_string());
        }
        if let Some(position) = self.internal_position {
            put(b'p', &position.to_string());
        }
        writer.out.put_u8(0);
    }
}

fn position(body: &Body<'_>, text: &str) -> Result<u32, Error> {
    text.parse().map_err(|_| body.refuse("the position"))
}

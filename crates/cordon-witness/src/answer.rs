//! What the witness answers (C2SP tlog-witness), without HTTP.

use merkle::format_size;

/// The answer to one `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: signature lines over the checkpoint. The record of it is durable.
    Cosigned(String),
    /// 400: not a request, or one whose old size is above its checkpoint's.
    Malformed(String),
    /// 403: no key of the log signed it.
    NotSigned(String),
    /// 404: nobody told the witness of this log.
    UnknownLog(String),
    /// 409: the witness stands at this size, or at this size with another root.
    Conflict(u64),
    /// 422: the consistency proof does not hold.
    NotProved(String),
    /// 503: the witness cannot cosign now; its own fault, nothing was decided.
    Unable(String),
}

impl Answer {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::Malformed(_) => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict(_) => 409,
            Self::NotProved(_) => 422,
            Self::Unable(_) => 503,
        }
    }

    /// The media type of the body.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "text/x.tlog.size",
            Self::Cosigned(_)
            | Self::Malformed(_)
            | Self::NotSigned(_)
            | Self::UnknownLog(_)
            | Self::NotProved(_)
            | Self::Unable(_) => "text/plain; charset=utf-8",
        }
    }

    /// The body: signature lines, a size, or a sentence for people.
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(lines) => lines.clone(),
            Self::Conflict(size) => format_size(*size),
            Self::Malformed(why)
            | Self::NotSigned(why)
            | Self::UnknownLog(why)
            | Self::NotProved(why)
            | Self::Unable(why) => format!("{why}\n"),
        }
    }
}

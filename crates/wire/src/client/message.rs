//! What a message after authentication says.

use bytes::Bytes;

use super::bind::Bind;
use super::framing::{Frame, HEADER_BYTES, Tag};
use crate::body::Body;
use crate::{Error, Subject};

/// A message of a client that has been let in. Texts lie in the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Statements to run at once.
    Query {
        /// Their text.
        sql: &'a str,
    },
    /// A statement to prepare.
    Parse {
        /// What to call it; empty for the unnamed one.
        statement: &'a str,
        /// Its text.
        sql: &'a str,
        /// The types of its first parameters by their numbers, 0 where the server shall find out.
        types: Vec<u32>,
    },
    /// Values for a statement.
    Bind(Bind<'a>),
    /// What a statement or portal takes and gives.
    Describe(Subject<'a>),
    /// Rows of a portal.
    Execute {
        /// Which one.
        portal: &'a str,
        /// How many at most; 0 for all.
        rows_max: u32,
    },
    /// A statement or portal that is not needed any more.
    Close(Subject<'a>),
    /// Answers are wanted now.
    Flush,
    /// The end of a pipeline, where errors stop.
    Sync,
    /// Good bye.
    Terminate,
    /// A call past SQL. It is not looked into, because it is never allowed.
    FunctionCall,
    /// A piece of COPY data.
    CopyData(Bytes),
    /// The end of COPY data.
    CopyDone,
    /// COPY data that the client cannot send to its end.
    CopyFail {
        /// Why.
        reason: &'a str,
    },
    /// An answer to an authentication request, when nobody asked.
    Password,
}

impl Frame {
    /// Reads the message, to its last byte.
    ///
    /// # Errors
    ///
    /// When a field is not what it must be, or bytes are missing or left over.
    pub fn message(&self) -> Result<Message<'_>, Error> {
        let mut body = Body::new(self.tag.name(), &self.bytes, HEADER_BYTES);
        let message = match self.tag {
            Tag::Bind => return Bind::read(body).map(Message::Bind),
            Tag::Parse => Message::Parse {
                statement: body.name("the statement's name")?,
                sql: body.text("the statement")?,
                types: types(&mut body)?,
            },
            Tag::Query => Message::Query {
                sql: body.text("the statement")?,
            },
            Tag::Describe => Message::Describe(subject(&mut body)?),
            Tag::Close => Message::Close(subject(&mut body)?),
            Tag::Execute => Message::Execute {
                portal: body.name("the portal's name")?,
                rows_max: rows_max(&mut body)?,
            },
            Tag::Flush => Message::Flush,
            Tag::Sync => Message::Sync,
            Tag::Terminate => Message::Terminate,
            Tag::CopyDone => Message::CopyDone,
            Tag::CopyFail => Message::CopyFail {
                reason: body.text("the reason")?,
            },
            Tag::CopyData => {
                let data = body.rest();
                Message::CopyData(body.share(data))
            }
            Tag::FunctionCall => {
                body.rest();
                Message::FunctionCall
            }
            Tag::Password => {
                body.rest();
                Message::Password
            }
        };
        body.end()?;
        Ok(message)
    }
}

fn types(body: &mut Body<'_>) -> Result<Vec<u32>, Error> {
    let count = body.count(4, "the parameter types")?;
    (0..count).map(|_| body.u32("a parameter type")).collect()
}

fn subject<'a>(body: &mut Body<'a>) -> Result<Subject<'a>, Error> {
    match body.byte("the kind")? {
        b'S' => body.name("the statement's name").map(Subject::Statement),
        b'P' => body.name("the portal's name").map(Subject::Portal),
        _ => Err(body.refuse("the kind")),
    }
}

/// PostgreSQL takes a negative number for "all"; no driver sends one.
fn rows_max(body: &mut Body<'_>) -> Result<u32, Error> {
    u32::try_from(body.i32("the number of rows")?).map_err(|_| body.refuse("the number of rows"))
}

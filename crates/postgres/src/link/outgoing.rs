//! Writes messages to a link, and takes note of the answers that each will have.

use wire::Subject;
use wire::frontend::{self, Bind};

use super::Link;
use super::expected::Expected;
use crate::error::LinkError;

/// Appends to what a link will send. Nothing goes out before [`Link::flush`] or [`Link::next`].
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub(super) link: &'a mut Link,
}

impl Outgoing<'_> {
    /// Query: statements to run at once.
    ///
    /// # Errors
    ///
    /// When the text holds a NUL; nothing is written then. So with all of these.
    pub fn query(&mut self, sql: &str) -> Result<&mut Self, LinkError> {
        frontend::query(&mut self.link.channel.outbox, sql)?;
        self.expect(Expected::Query { columns: None });
        Ok(self)
    }

    /// Parse, under the empty name. Statements with names are the link's: see [`Link::statement`].
    ///
    /// # Errors
    ///
    /// When the text holds a NUL or there are too many types.
    pub fn parse_unnamed(&mut self, sql: &str, types: &[u32]) -> Result<&mut Self, LinkError> {
        frontend::parse(&mut self.link.channel.outbox, "", sql, types)?;
        self.expect(Expected::Parse);
        Ok(self)
    }

    /// Bind.
    ///
    /// # Errors
    ///
    /// When a name holds a NUL, there are too many values, or the forms do not fit them.
    pub fn bind<'v>(
        &mut self,
        bind: &Bind<'_>,
        values: impl IntoIterator<Item = Option<&'v [u8]>>,
    ) -> Result<&mut Self, LinkError> {
        frontend::bind(&mut self.link.channel.outbox, bind, values)?;
        self.expect(Expected::Bind);
        Ok(self)
    }

    /// Describe.
    ///
    /// # Errors
    ///
    /// When the name holds a NUL.
    pub fn describe(&mut self, subject: Subject<'_>) -> Result<&mut Self, LinkError> {
        frontend::describe(&mut self.link.channel.outbox, subject)?;
        self.expect(match subject {
            Subject::Statement(_) => Expected::Statement,
            Subject::Portal(_) => Expected::Columns,
        });
        Ok(self)
    }

    /// Execute; `rows_max` of 0 means all.
    ///
    /// # Errors
    ///
    /// When the name holds a NUL or the number is above 2^31 - 1.
    pub fn execute(&mut self, portal: &str, rows_max: u32) -> Result<&mut Self, LinkError> {
        frontend::execute(&mut self.link.channel.outbox, portal, rows_max)?;
        self.expect(Expected::Execute);
        Ok(self)
    }

    /// Close of a portal. Statements are the link's: see [`Link::forget`].
    ///
    /// # Errors
    ///
    /// When the name holds a NUL.
    pub fn close_portal(&mut self, portal: &str) -> Result<&mut Self, LinkError> {
        frontend::close(&mut self.link.channel.outbox, Subject::Portal(portal))?;
        self.expect(Expected::Close);
        Ok(self)
    }

    /// Flush: answers are wanted before the pipeline ends.
    pub fn flush(&mut self) -> &mut Self {
        frontend::flush(&mut self.link.channel.outbox);
        self
    }

    /// Sync: the end of a pipeline.
    pub fn sync(&mut self) -> &mut Self {
        frontend::sync(&mut self.link.channel.outbox);
        self.expect(Expected::Sync);
        self.link.is_unsynced = false;
        self
    }

    fn expect(&mut self, expected: Expected) {
        self.link.is_unsynced |= !matches!(expected, Expected::Query { .. });
        self.link.expected.push(expected);
    }
}

//! What a server may send next, given what was sent to it. Anything else means that the two sides
//! no longer agree on where they are, and answers could reach the wrong person.

use std::collections::VecDeque;

use wire::backend::Tag;

/// One answer to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// ParseComplete, for the caller to see.
    Parse,
    /// ParseComplete of a statement that the link prepares itself, by its number.
    OwnParse(u64),
    Bind,
    /// CloseComplete, for the caller to see.
    Close,
    /// CloseComplete of a statement that the link closes itself, by its number.
    OwnClose(u64),
    /// ParameterDescription, then columns.
    Statement,
    /// Columns, or that there are none.
    Columns,
    /// Rows of a portal.
    Execute,
    /// COPY data, after which the statement is done.
    Copy,
    Sync,
    /// All of a simple query. `columns` are those of the rows that may come now.
    Query {
        columns: Option<u16>,
    },
    /// COPY data within a simple query.
    QueryCopy,
}

/// What becomes of a message that may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is for the caller.
    Pass,
    /// It was for the link itself.
    Own,
    /// A statement of the link's is prepared.
    Prepared(u64),
    /// It cannot come here.
    Wrong,
}

/// All answers to come, in their order.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    queue: VecDeque<Expected>,
    /// After an error the server passes over everything up to the next Sync.
    is_skipping: bool,
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes note of a message that is sent. Returns whether the server will look at it: after an
    /// error and before a Sync it does not.
    pub(crate) fn push(&mut self, expected: Expected) -> bool {
        if self.is_skipping {
            if expected != Expected::Sync {
                return false;
            }
            self.is_skipping = false;
        }
        self.queue.push_back(expected);
        true
    }

    /// Whether so many columns may come in a row now.
    pub(crate) fn rows(&self, columns: u16) -> bool {
        match self.queue.front() {
            Some(Expected::Execute) => true,
            Some(Expected::Query { columns: known }) => *known == Some(columns),
            Some(_) | None => false,
        }
    }

    /// Passes over what the server passes over after an error, and returns the answers that do not
    /// come any more.
    pub(crate) fn fail(&mut self) -> Option<Vec<Expected>> {
        let front = self.queue.front_mut()?;
        if matches!(front, Expected::Query { .. } | Expected::QueryCopy) {
            *front = Expected::Query { columns: None };
            return Some(Vec::new());
        }
        let sync = |expected: &Expected| *expected == Expected::Sync;
        let end = self.queue.iter().position(sync);
        self.is_skipping = end.is_none();
        let end = end.unwrap_or(self.queue.len());
        Some(self.queue.drain(..end).collect())
    }

    /// Judges a message that is neither a row nor an error nor one that may come at any time.
    /// `columns` is what RowDescription says.
    pub(crate) fn take(&mut self, tag: Tag, columns: Option<u16>) -> Verdict {
        let Some(front) = self.queue.front_mut() else {
            return Verdict::Wrong;
        };
        let (next, verdict) = match (&*front, tag) {
            (Expected::Parse, Tag::ParseComplete)
            | (Expected::Bind, Tag::BindComplete)
            | (Expected::Close, Tag::CloseComplete)
            | (Expected::Columns, Tag::RowDescription | Tag::NoData)
            | (
                Expected::Execute,
                Tag::CommandComplete | Tag::PortalSuspended | Tag::EmptyQueryResponse,
            )
            | (Expected::Sync | Expected::Query { .. }, Tag::ReadyForQuery) => {
                (None, Verdict::Pass)
            }
            (Expected::OwnParse(number), Tag::ParseComplete) => (None, Verdict::Prepared(*number)),
            (Expected::OwnClose(_), Tag::CloseComplete) => (None, Verdict::Own),
            (Expected::Statement, Tag::ParameterDescription) => {
                (Some(Expected::Columns), Verdict::Pass)
            }
            (Expected::Execute, Tag::CopyOutResponse) => (Some(Expected::Copy), Verdict::Pass),
            (Expected::Copy, Tag::CopyDone) => (Some(Expected::Execute), Verdict::Pass),
            (Expected::Copy, Tag::CopyData) => (Some(Expected::Copy), Verdict::Pass),
            (Expected::Query { .. }, Tag::RowDescription) => {
                (Some(Expected::Query { columns }), Verdict::Pass)
            }
            (Expected::Query { .. }, Tag::CommandComplete | Tag::EmptyQueryResponse) => {
                (Some(Expected::Query { columns: None }), Verdict::Pass)
            }
            (Expected::Query { .. }, Tag::CopyOutResponse) => {
                (Some(Expected::QueryCopy), Verdict::Pass)
            }
            (Expected::QueryCopy, Tag::CopyDone) => {
                (Some(Expected::Query { columns: None }), Verdict::Pass)
            }
            (Expected::QueryCopy, Tag::CopyData) => (Some(Expected::QueryCopy), Verdict::Pass),
            _ => return Verdict::Wrong,
        };
        match next {
            Some(next) => *front = next,
            None => {
                self.queue.pop_front();
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(list: &[Expected]) -> Queue {
        let mut queue = Queue::default();
        for expected in list {
            queue.push(*expected);
        }
        queue
    }

    #[test]
    fn each_answer_comes_once_and_in_its_place() {
        let mut queue = queue(&[
            Expected::OwnClose(1),
            Expected::OwnParse(2),
            Expected::Bind,
            Expected::Statement,
            Expected::Execute,
            Expected::Sync,
        ]);
        assert_eq!(queue.take(Tag::ParseComplete, None), Verdict::Wrong);
        assert_eq!(queue.take(Tag::CloseComplete, None), Verdict::Own);
        assert_eq!(queue.take(Tag::ParseComplete, None), Verdict::Prepared(2));
        assert_eq!(queue.take(Tag::BindComplete, None), Verdict::Pass);
        assert!(!queue.rows(1));
        assert_eq!(queue.take(Tag::RowDescription, Some(1)), Verdict::Wrong);
        assert_eq!(queue.take(Tag::ParameterDescription, None), Verdict::Pass);
        assert_eq!(queue.take(Tag::RowDescription, Some(1)), Verdict::Pass);
        assert!(queue.rows(1));
        assert_eq!(queue.take(Tag::ReadyForQuery, None), Verdict::Wrong);
        assert_eq!(queue.take(Tag::CommandComplete, None), Verdict::Pass);
        assert!(!queue.rows(1));
        assert_eq!(queue.take(Tag::ReadyForQuery, None), Verdict::Pass);
        assert!(queue.is_empty());
        assert_eq!(queue.take(Tag::ReadyForQuery, None), Verdict::Wrong);
    }

    #[test]
    fn an_error_ends_a_pipeline_up_to_its_sync() {
        let mut queue = queue(&[Expected::Bind, Expected::OwnParse(7), Expected::Sync]);
        assert_eq!(
            queue.fail(),
            Some(vec![Expected::Bind, Expected::OwnParse(7)])
        );
        assert!(!queue.rows(0));
        assert_eq!(queue.take(Tag::ReadyForQuery, None), Verdict::Pass);
        // Nothing asked for it.
        assert_eq!(queue.fail(), None);
    }

    #[test]
    fn what_is_sent_after_an_error_and_before_sync_is_passed_over() {
        let mut queue = queue(&[Expected::Bind]);
        assert_eq!(queue.fail(), Some(vec![Expected::Bind]));
        assert!(!queue.push(Expected::Execute));
        assert!(queue.push(Expected::Sync));
        assert!(queue.push(Expected::Bind));
        assert_eq!(queue.take(Tag::ReadyForQuery, None), Verdict::Pass);
        assert_eq!(queue.take(Tag::BindComplete, None), Verdict::Pass);
    }

    #[test]
    fn rows_of_a_simple_query_have_the_columns_that_were_described() {
        let mut queue = queue(&[Expected::Query { columns: None }]);
        assert!(!queue.rows(0));
        assert_eq!(queue.take(Tag::RowDescription, Some(2)), Verdict::Pass);
        assert!(queue.rows(2));
        assert!(!queue.rows(3));
        assert_eq!(queue.take(Tag::CommandComplete, None), Verdict::Pass);
        assert!(!queue.rows(2));
        assert_eq!(queue.fail(), Some(Vec::new()));
        assert_eq!(queue.take(Tag::ReadyForQuery, None), Verdict::Pass);
    }

    #[test]
    fn the_server_never_waits_for_copy_data() {
        let mut queue = queue(&[Expected::Execute]);
        assert_eq!(queue.take(Tag::CopyInResponse, None), Verdict::Wrong);
        assert_eq!(queue.take(Tag::CopyData, None), Verdict::Wrong);
        assert_eq!(queue.take(Tag::CopyOutResponse, None), Verdict::Pass);
        assert_eq!(queue.take(Tag::CopyData, None), Verdict::Pass);
        assert_eq!(queue.take(Tag::CommandComplete, None), Verdict::Wrong);
        assert_eq!(queue.take(Tag::CopyDone, None), Verdict::Pass);
        assert_eq!(queue.take(Tag::CommandComplete, None), Verdict::Pass);
    }
}

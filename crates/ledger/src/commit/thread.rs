//! The committer's thread: takes who waits, commits, answers. The sync that runs is the window in
//! which the next batch gathers; there is no timer.

use std::sync::Arc;

use super::queue::{Closing, Queue};
use super::writer::Writer;

/// Runs until the queue is closed or a commit fails. `committed` is told after each commit.
pub(crate) fn run(mut writer: Writer, queue: &Arc<Queue>, committed: &dyn Fn()) {
    while let Some(batch) = queue.take() {
        match writer.commit(&batch) {
            Ok(answers) => {
                queue.answer(answers);
                committed();
            }
            Err(error) => {
                queue.close(Closing::Failed(error));
                committed();
                return;
            }
        }
    }
}

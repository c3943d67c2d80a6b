//! Waits on a thread for something asynchronous, up to a time. It needs no runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The future's answer, or none when the time has passed. It blocks the thread.
pub(crate) fn wait_for<F: Future>(future: F, time: Duration) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let begin = Instant::now();
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return Some(answer);
        }
        thread::park_timeout(time.checked_sub(begin.elapsed())?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_when_there_is_an_answer_and_gives_up_when_there_is_none() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let thread = thread::spawn(move || sender.send(7));
        assert_eq!(wait_for(receiver, Duration::from_secs(60)), Some(Ok(7)));
        thread.join().unwrap().unwrap();
        let never = std::future::pending::<()>();
        assert_eq!(wait_for(never, Duration::from_millis(1)), None);
    }
}

//! Many at once, strangers, slow and broken clients, a data store that dies: everybody gets their own
//! answers or a plain error, the gateway lives, and its memory stays bounded.
//!
//! Ordinary runs take a slice; with `CORDON_LONG` the sizes are those of docs/performance.md.

mod cancels;
mod half_open;
mod malformed;
mod memory;
mod sessions;
mod slow;
mod upstream;

/// The one number of an ordinary run, or the other of a long one.
fn size(usual: usize, long: usize) -> usize {
    if testkit::is_long() { long } else { usual }
}

/// Tells threads that it is over when it is dropped, also by a test that fails.
struct Until<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

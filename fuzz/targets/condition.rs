#![no_main]
//! Any text may stand where a manifest has a condition: it becomes a predicate or an error with a
//! position, and never panics.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Err(error) = catalog::condition::parse(text) {
        let _ = error.to_string();
    }
});

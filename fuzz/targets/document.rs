#![no_main]
//! Any bytes may stand in a YAML file: reading them answers with a value or a diagnostic, in
//! bounded time and memory, and never panics.

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|bytes: &[u8]| {
    // `document` takes text: whoever reads the file refuses what is not UTF-8 before this point.
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Err(diagnostic) = document::read::<IgnoredAny>("fuzz.yaml", text) {
        // Printing a diagnostic must not fail either.
        let _ = diagnostic.to_string();
    }
});

#![no_main]
//! Any bytes may stand in a manifest: reading it answers with datasets or with diagnostics, in
//! bounded time and memory, and never panics.

use catalog::Options;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let found = catalog::read(&[("fuzz.yaml", text)], &Options::default());
    let diagnostics = found.map_or_else(|faults| faults, |catalog| catalog.warnings);
    for diagnostic in diagnostics {
        // Printing a diagnostic must not fail either.
        let _ = diagnostic.to_string();
    }
});

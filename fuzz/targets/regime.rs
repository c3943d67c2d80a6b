#![no_main]
//! Any bytes may stand in a regime's data: reading it answers with a regime or with diagnostics,
//! and never panics.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for diagnostic in policy::read_regime("fuzz.yaml", text, "", "")
        .err()
        .unwrap_or_default()
    {
        let _ = diagnostic.to_string();
    }
});

#![no_main]
//! Any bytes may come as a statement: they are read or refused, and what was read reads again as it
//! was printed.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(statements) = sql::read_bytes(bytes, &sql::Limits::default()) else {
        return;
    };
    for statement in statements {
        let printed = sql::print(&statement);
        // Nesting grows by brackets alone, so that a print may be refused as too deep; what is read
        // must be the same.
        if let Ok(again) = sql::read(&printed, &sql::Limits::default()) {
            assert_eq!(again, [statement], "{printed}");
        }
    }
});

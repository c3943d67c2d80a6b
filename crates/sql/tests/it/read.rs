//! What is read, what is refused, and with which code.

use sql::{Limits, Refused, read, read_bytes};

fn refused(text: &str) -> Refused {
    match read(text, &Limits::default()) {
        Err(refused) => refused,
        Ok(statements) => panic!("`{text}` is read: {statements:?}"),
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let refused = read_bytes(b"select '\xff'", &Limits::default()).unwrap_err();
    assert_eq!(refused.code.as_str(), "text-not-valid");
    assert_eq!(refused.at, Some(8));
}

#[test]
fn a_zero_byte_is_refused() {
    assert_eq!(
        refused("select 1\0; drop table t").code.as_str(),
        "text-not-valid"
    );
}

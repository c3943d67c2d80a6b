//! Every message both ways, and every way to be wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod both_ways;
mod damaged;
mod rows;
mod startup;

use bytes::BytesMut;

/// What a function writes.
fn written(write: impl FnOnce(&mut BytesMut)) -> BytesMut {
    let mut out = BytesMut::new();
    write(&mut out);
    out
}

/// A frame with this type and body, its length right.
fn framed(tag: u8, body: &[u8]) -> BytesMut {
    let mut out = BytesMut::from(&[tag][..]);
    out.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    out.extend_from_slice(body);
    out
}

//! The part of CBOR that entries use, in its deterministic form (RFC 8949, section 4.2.1): unsigned
//! integers, byte and text strings, arrays, maps, true and false.

mod reader;
mod writer;

pub(crate) use reader::{Keys, Reader};
pub(crate) use writer::Writer;

/// Major types of RFC 8949, section 3.1.
mod major {
    pub(super) const UNSIGNED: u8 = 0;
    pub(super) const BYTES: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const ARRAY: u8 = 4;
    pub(super) const MAP: u8 = 5;
    pub(super) const SIMPLE: u8 = 7;
}

/// Simple values of RFC 8949, section 3.3.
mod simple {
    pub(super) const FALSE: u64 = 20;
    pub(super) const TRUE: u64 = 21;
}

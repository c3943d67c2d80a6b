//! Byte strings of a fixed length, each a type of its own: hashes, pseudonyms, keys, salts.

use std::fmt;

use crate::cbor::{Reader, Writer};
use crate::malformed::{Cause, Malformed};
use crate::shape::Shape;
use crate::value::Value;

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident $length:literal $called:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Takes the bytes as they are.
            pub const fn new(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl Value for $name {
            const SHAPE: &'static Shape = &Shape::Bytes($length, $called);

            fn write(&self, writer: &mut Writer) {
                writer.bytes(&self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let at = reader.at();
                let bytes = reader.bytes()?.try_into();
                bytes
                    .map(Self)
                    .map_err(|_| Reader::failed(at, Cause::Wanted(concat!(stringify!($length), " bytes"))))
            }
        }
    )*};
}

fixed! {
    /// A SHA-256 value over something public or of high entropy: a bundle, a view, a statement that
    /// holds a nonce. What could be guessed is a commitment instead.
    Digest 32 "hash";
    /// A person, service or client as a keyed hash; who it is stands in a payload.
    Pseudonym 32 "pseudonym";
    /// SHA-256 of a public key, as `ssh-keygen -l` prints it.
    KeyId 32 "key id";
    /// What makes a repeated request recognisable; chosen at random by who asks.
    IdempotencyKey 16 "idempotency key";
}

/// 32 random bytes that keep a commitment from being guessed. Kept with the payload, erased with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// Takes the bytes, which must come from the system's random source.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

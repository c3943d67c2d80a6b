//! What can stand in an entry: one way to write each value, and a strict way to read it.

use std::collections::{BTreeMap, BTreeSet};

use crate::cbor::{Keys, Reader, Writer};
use crate::malformed::{Cause, Malformed};
use crate::shape::Shape;

/// LIMIT: of a list or set in an entry. More than any join or any quorum that is not an attack; the
/// size of an entry limits long names before that.
const COUNT_MAX: usize = 4_096;
/// LIMIT: of a map in a state. A snapshot is our own cache, so this only keeps a damaged length
/// from asking for memory.
const MAP_MAX: usize = 1 << 28;

/// A value with one canonical form.
pub(crate) trait Value: Sized {
    /// The form, for documents and tests.
    const SHAPE: &'static Shape;

    fn write(&self, writer: &mut Writer);

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// The bytes of one value.
pub(crate) fn bytes_of(value: &impl Value) -> Vec<u8> {
    let mut writer = Writer::default();
    value.write(&mut writer);
    writer.finish()
}

/// A value under a key of a map: a value, or an optional one that is left out.
pub(crate) trait Member: Sized {
    const SHAPE: &'static Shape;
    const REQUIRED: bool;

    fn is_present(&self) -> bool;

    fn write_under(&self, key: u64, writer: &mut Writer);

    fn read_under(keys: &mut Keys<'_, '_>, key: u64, name: &'static str)
    -> Result<Self, Malformed>;
}

impl<T: Value> Member for T {
    const SHAPE: &'static Shape = <T as Value>::SHAPE;
    const REQUIRED: bool = true;

    fn is_present(&self) -> bool {
        true
    }

    fn write_under(&self, key: u64, writer: &mut Writer) {
        writer.unsigned(key);
        self.write(writer);
    }

    fn read_under(
        keys: &mut Keys<'_, '_>,
        key: u64,
        name: &'static str,
    ) -> Result<Self, Malformed> {
        if keys.has(key)? {
            T::read(keys.reader())
        } else {
            Err(keys.missing(key, name))
        }
    }
}

impl<T: Value> Member for Option<T> {
    const SHAPE: &'static Shape = <T as Value>::SHAPE;
    const REQUIRED: bool = false;

    fn is_present(&self) -> bool {
        self.is_some()
    }

    fn write_under(&self, key: u64, writer: &mut Writer) {
        if let Some(value) = self {
            value.write_under(key, writer);
        }
    }

    fn read_under(
        keys: &mut Keys<'_, '_>,
        key: u64,
        _name: &'static str,
    ) -> Result<Self, Malformed> {
        if keys.has(key)? {
            T::read(keys.reader()).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl Value for u64 {
    const SHAPE: &'static Shape = &Shape::Unsigned;

    fn write(&self, writer: &mut Writer) {
        writer.unsigned(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.unsigned()
    }
}

impl Value for bool {
    const SHAPE: &'static Shape = &Shape::Truth;

    fn write(&self, writer: &mut Writer) {
        writer.truth(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.truth()
    }
}

impl<T: Value> Value for Vec<T> {
    const SHAPE: &'static Shape = &Shape::List(<T as Value>::SHAPE, COUNT_MAX);

    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        for value in self {
            value.write(writer);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = reader.array(COUNT_MAX)?;
        (0..count).map(|_| T::read(reader)).collect()
    }
}

impl<T: Value + Ord> Value for BTreeSet<T> {
    const SHAPE: &'static Shape = &Shape::Set(<T as Value>::SHAPE, COUNT_MAX);

    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        // Not the order of the type, which is nobody else's business, but that of the bytes.
        writer.in_order(self.iter(), |writer, value| value.write(writer));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = reader.array(COUNT_MAX)?;
        let mut set = Self::new();
        let mut last: &[u8] = &[];
        for _ in 0..count {
            let start = reader.at();
            set.insert(T::read(reader)?);
            last = ascending(reader, start, last)?;
        }
        Ok(set)
    }
}

impl<K: Value + Ord, V: Value> Value for BTreeMap<K, V> {
    const SHAPE: &'static Shape = &Shape::Map(<K as Value>::SHAPE, <V as Value>::SHAPE, MAP_MAX);

    fn write(&self, writer: &mut Writer) {
        writer.map(self.len());
        writer.in_order(self.iter(), |writer, (key, value)| {
            key.write(writer);
            value.write(writer);
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = reader.map(MAP_MAX)?;
        let mut map = Self::new();
        let mut last: &[u8] = &[];
        for _ in 0..count {
            let start = reader.at();
            let key = K::read(reader)?;
            last = ascending(reader, start, last)?;
            map.insert(key, V::read(reader)?);
        }
        Ok(map)
    }
}

/// What was just read must come after what was read before it. No item is a prefix of another, so
/// the order of pairs is the order of their keys.
fn ascending<'a>(reader: &Reader<'a>, start: usize, last: &[u8]) -> Result<&'a [u8], Malformed> {
    let bytes = reader.since(start);
    if bytes > last {
        Ok(bytes)
    } else {
        Err(Reader::failed(start, Cause::Order))
    }
}

/// A struct that is a map with integer keys. The comments are also the words of the documents.
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $($(#[doc = $doc:literal])* $key:literal $field:ident: $type:ty,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        $crate::value::table_value! { $(#[doc = $about])* $name { $($(#[doc = $doc])* $key $field: $type,)* } }
    };
}
pub(crate) use table;

/// The canonical form of a struct.
macro_rules! table_value {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $($(#[doc = $doc:literal])* $key:literal $field:ident: $type:ty,)*
        }
    ) => {
        impl $crate::value::Value for $name {
            const SHAPE: &'static $crate::shape::Shape =
                &$crate::shape::Shape::Table(&$crate::shape::Table {
                    name: stringify!($name),
                    about: concat!($($about),*).trim_ascii(),
                    keys: &[$($crate::shape::Key {
                        number: $key,
                        name: stringify!($field),
                        shape: <$type as $crate::value::Member>::SHAPE,
                        required: <$type as $crate::value::Member>::REQUIRED,
                        meaning: concat!($($doc),*).trim_ascii(),
                    },)*],
                });

            fn write(&self, writer: &mut $crate::cbor::Writer) {
                let present = [$($crate::value::Member::is_present(&self.$field),)*];
                writer.map(present.into_iter().filter(|present| *present).count());
                $($crate::value::Member::write_under(&self.$field, $key, writer);)*
            }

            fn read(
                reader: &mut $crate::cbor::Reader<'_>,
            ) -> Result<Self, $crate::malformed::Malformed> {
                let mut keys = reader.keys()?;
                let read = Self {
                    $($field: $crate::value::Member::read_under(&mut keys, $key, stringify!($field))?,)*
                };
                keys.finish()?;
                Ok(read)
            }
        }
    };
}
pub(crate) use table_value;

//! Texts that may stand openly in an entry: names of things, words, lines. None of them is a person.

use std::fmt;
use std::sync::Arc;

use model::{
    Action, DatasetId, FieldName, FlowId, GrantId, Jurisdiction, Level, PurposeId, ReasonCode,
    Refusal, RegimeId, Role, TeamId, TransactionType,
};

use crate::cbor::{Reader, Writer};
use crate::malformed::{Cause, Malformed};
use crate::shape::{Form, Shape};
use crate::value::Value;

/// LIMIT: of a [`Line`]; the longest is a log's verification key.
const LINE_MAX: usize = 400;
/// LIMIT: of a [`LogName`]; as long as the names of `model`.
const LOG_NAME_MAX: usize = 200;

/// A text that cannot be what it was given as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {wanted}", text.escape_debug())]
pub struct BadText {
    /// The text.
    pub text: String,
    /// What it should have been.
    pub wanted: &'static str,
}

/// The origin of a log, e.g. `example.org/cordon/control/1` (C2SP tlog-checkpoint).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogName(Arc<str>);

impl LogName {
    const WANTED: &'static str = "the name of a log: 1 to 200 visible ascii characters, no `+`";

    /// Checks the text and keeps it.
    ///
    /// # Errors
    /// [`BadText`] when it cannot be an origin and the name of a key at the same time.
    pub fn new(text: &str) -> Result<Self, BadText> {
        let is_good = !text.is_empty()
            && text.len() <= LOG_NAME_MAX
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'+');
        if is_good {
            Ok(Self(Arc::from(text)))
        } else {
            Err(BadText {
                text: text.to_owned(),
                wanted: Self::WANTED,
            })
        }
    }
}

/// A short text without control characters: a build, an upstream, a key to verify with.
///
/// INVARIANT: nobody's data. What a person typed goes into a payload.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(Arc<str>);

impl Line {
    const WANTED: &'static str = "one line of 1 to 400 bytes";

    /// Checks the text and keeps it.
    ///
    /// # Errors
    /// [`BadText`] when it is empty, too long, has control characters or spaces around it.
    pub fn new(text: &str) -> Result<Self, BadText> {
        let is_good = !text.is_empty()
            && text.len() <= LINE_MAX
            && text.trim() == text
            && !text.chars().any(char::is_control);
        if is_good {
            Ok(Self(Arc::from(text)))
        } else {
            Err(BadText {
                text: text.to_owned(),
                wanted: Self::WANTED,
            })
        }
    }
}

macro_rules! ours {
    ($($name:ident $form:expr;)*) => {$(
        impl $name {
            /// The text it was made from.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &*self.0)
            }
        }

        impl Value for $name {
            const SHAPE: &'static Shape = &Shape::Text($form);

            fn write(&self, writer: &mut Writer) {
                writer.text(&self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let at = reader.at();
                Self::new(reader.text()?).map_err(|bad| Reader::failed(at, Cause::BadText(bad.wanted)))
            }
        }
    )*};
}

ours! {
    LogName Form::Log;
    Line Form::Line;
}

macro_rules! ids {
    ($($name:ident $form:expr, $wanted:literal;)*) => {$(
        impl Value for $name {
            const SHAPE: &'static Shape = &Shape::Text($form);

            fn write(&self, writer: &mut Writer) {
                writer.text(self.as_str());
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let at = reader.at();
                Self::new(reader.text()?).map_err(|_| Reader::failed(at, Cause::BadText($wanted)))
            }
        }
    )*};
}

ids! {
    DatasetId Form::Dataset, "the name of a dataset";
    FieldName Form::Column, "the name of a field";
    FlowId Form::Name("approval flow"), "the name of an approval flow";
    GrantId Form::Name("grant"), "the name of a grant";
    PurposeId Form::Name("purpose"), "the name of a purpose";
    ReasonCode Form::Name("reason code"), "a reason code";
    RegimeId Form::Name("regime"), "the name of a regime";
    TeamId Form::Name("team"), "the name of a team";
}

macro_rules! words {
    ($($name:ident $kind:literal;)*) => {$(
        impl Value for $name {
            const SHAPE: &'static Shape =
                &Shape::Word($kind, || Self::ALL.iter().map(|word| word.as_str()).collect());

            fn write(&self, writer: &mut Writer) {
                writer.text(self.as_str());
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let at = reader.at();
                Self::parse(reader.text()?)
                    .map_err(|_| Reader::failed(at, Cause::UnknownWord($kind)))
            }
        }
    )*};
}

words! {
    Action "action";
    Level "level";
    Refusal "refusal";
    Role "role";
    TransactionType "transaction type";
}

impl Value for Jurisdiction {
    const SHAPE: &'static Shape = &Shape::Text(Form::Country);

    fn write(&self, writer: &mut Writer) {
        writer.text(self.alpha2());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = reader.at();
        let text = reader.text()?;
        // `parse` understands other spellings too; only one of them is canonical.
        Self::parse(text)
            .ok()
            .filter(|place| place.alpha2() == text)
            .ok_or_else(|| Reader::failed(at, Cause::BadText("an alpha-2 country code")))
    }
}

/// An enum of words that stand in entries as text.
macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident $kind:literal {
        $($(#[$vdoc:meta])* $variant:ident = $word:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// The word that stands for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::value::Value for $name {
            const SHAPE: &'static $crate::shape::Shape =
                &$crate::shape::Shape::Word($kind, || vec![$($word,)*]);

            fn write(&self, writer: &mut $crate::cbor::Writer) {
                writer.text(self.as_str());
            }

            fn read(
                reader: &mut $crate::cbor::Reader<'_>,
            ) -> Result<Self, $crate::malformed::Malformed> {
                let at = reader.at();
                match reader.text()? {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::cbor::Reader::failed(
                        at,
                        $crate::malformed::Cause::UnknownWord($kind),
                    )),
                }
            }
        }
    )*};
}
pub(crate) use vocabulary;

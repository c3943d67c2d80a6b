//! The kinds of entry: their numbers, what they hold, which log they stand in.

use crate::body::{
    Anchor, Approval, BreakGlass, BreakGlassReview, Catalogue, Constitution, Decision, Denial,
    Dismissal, Erasure, GrantEntry, Heartbeat, LabelChange, LogClose, LogLost, LogOpen, Outcome,
    People, Policy, RefusalEntry, RequestEntry, Reservation, Revocation, SchemaSeen, SessionEnd,
    SessionStart, Start, Stop, Ungoverned,
};
use crate::cbor::{Reader, Writer};
use crate::class::Class;
use crate::commitment::Field;
use crate::malformed::{Cause, Malformed};
use crate::shape::Shape;
use crate::value::Value;

/// One kind of entry.
#[derive(Debug)]
pub struct Kind {
    /// Its number; never given to another kind.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// Which log it stands in.
    pub place: Place,
    /// What it says openly.
    pub body: &'static Shape,
    /// What it commits to.
    pub fields: &'static [Committed],
}

/// Which logs a kind stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The control log only.
    Control,
    /// Access logs only.
    Access,
    /// Every log.
    Every,
}

/// A field that an entry commits to.
#[derive(Clone, Copy, Debug)]
pub struct Committed {
    /// Its number.
    pub field: Field,
    /// Its name.
    pub name: &'static str,
    /// How long the payload is kept.
    pub class: Class,
    /// Whether the entry must commit to it.
    pub required: bool,
    /// What the payload is.
    pub meaning: &'static str,
}

impl Kind {
    /// The kind of this number.
    pub fn numbered(number: u64) -> Option<&'static Self> {
        let kinds = KINDS.iter().copied();
        kinds
            .into_iter()
            .find(|kind| u64::from(kind.number) == number)
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }

    /// A field it commits to.
    pub fn field(&self, field: Field) -> Option<&'static Committed> {
        self.fields
            .iter()
            .find(|committed| committed.field == field)
    }

    /// A field it commits to, by name.
    pub fn field_named(&self, name: &str) -> Option<&'static Committed> {
        self.fields.iter().find(|committed| committed.name == name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Kind {}

/// A struct that is the body of a kind.
pub(crate) trait OfKind: Value {
    const KIND: &'static Kind;
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What an entry says openly.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Body { $($(#[$doc])* $name($name),)* }

        /// Every kind, by number.
        pub const KINDS: &[&Kind] = &[$(<$name as OfKind>::KIND,)*];

        impl Body {
            /// Of which kind it is.
            pub const fn kind(&self) -> &'static Kind {
                match self { $(Self::$name(_) => <$name as OfKind>::KIND,)* }
            }

            pub(crate) fn write(&self, writer: &mut Writer) {
                match self { $(Self::$name(body) => body.write(writer),)* }
            }

            pub(crate) fn read(
                kind: &'static Kind,
                reader: &mut Reader<'_>,
            ) -> Result<Self, Malformed> {
                $(if kind.number == <$name as OfKind>::KIND.number {
                    return <$name as Value>::read(reader).map(Self::$name);
                })*
                Err(Reader::failed(reader.at(), Cause::Kind(u64::from(kind.number))))
            }
        }

        $(impl From<$name> for Body {
            fn from(body: $name) -> Self {
                Self::$name(body)
            }
        })*
    };
}

bodies! {
    /// A writer began.
    Start,
    /// A writer ended.
    Stop,
    /// Nothing else was written for a while.
    Heartbeat,
    /// A session began.
    SessionStart,
    /// A session ended.
    SessionEnd,
    /// The gate saw a schema that it had not seen before.
    SchemaSeen,
    /// A statement may run.
    Decision,
    /// More rows and bytes may leave.
    Reservation,
    /// What became of a statement.
    Outcome,
    /// Something was refused.
    RefusalEntry,
    /// Statements that touched nothing governed.
    Ungoverned,
    /// Somebody asked for access.
    RequestEntry,
    /// Somebody agreed.
    Approval,
    /// Somebody disagreed.
    Denial,
    /// Somebody closed a request without judging it.
    Dismissal,
    /// A right begins.
    GrantEntry,
    /// A right ends before its time.
    Revocation,
    /// An emergency was declared.
    BreakGlass,
    /// An emergency was looked at afterwards.
    BreakGlassReview,
    /// A constitution is in force.
    Constitution,
    /// A people register is in force.
    People,
    /// A catalogue is in force.
    Catalogue,
    /// A set of policies is in force.
    Policy,
    /// A field's label will change with the next catalogue.
    LabelChange,
    /// An access log begins.
    LogOpen,
    /// How far an access log has come.
    Anchor,
    /// An access log ended well.
    LogClose,
    /// An access log lost its state.
    LogLost,
    /// Payloads are to be destroyed.
    Erasure,
}

/// The body of a kind: its struct, its number and name, and what it commits to.
macro_rules! kind {
    (
        $(#[doc = $about:literal])*
        $name:ident = $number:literal $called:literal $place:ident {
            $($(#[doc = $doc:literal])* $key:literal $field:ident: $type:ty,)*
        }
        commits {
            $($(#[doc = $cdoc:literal])* $cnumber:literal $constant:ident $cname:literal $class:ident $need:ident,)*
        }
    ) => {
        $crate::value::table! {
            $(#[doc = $about])*
            $name { $($(#[doc = $doc])* $key $field: $type,)* }
        }

        impl $crate::kind::OfKind for $name {
            const KIND: &'static $crate::kind::Kind = &$crate::kind::Kind {
                number: $number,
                name: $called,
                place: $crate::kind::Place::$place,
                body: <Self as $crate::value::Value>::SHAPE,
                fields: &[$($crate::kind::Committed {
                    field: $crate::commitment::Field($cnumber),
                    name: $cname,
                    class: $crate::class::Class::$class,
                    required: $crate::kind::need!($need),
                    meaning: concat!($($cdoc),*).trim_ascii(),
                },)*],
            };
        }

        impl $name {
            /// The kind of entry whose body this is.
            pub const KIND: &'static $crate::kind::Kind = <Self as $crate::kind::OfKind>::KIND;
            $($(#[doc = $cdoc])* pub const $constant: $crate::commitment::Field =
                $crate::commitment::Field($cnumber);)*
        }
    };
}
pub(crate) use kind;

macro_rules! need {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}
pub(crate) use need;

//! In which form values travel.

use crate::Error;

/// The form of one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// As PostgreSQL prints it.
    #[default]
    Text,
    /// As the type's send function writes it.
    Binary,
}

impl Format {
    pub(crate) const fn from_code(
        code: u16,
        message: &'static str,
        field: &'static str,
    ) -> Result<Self, Error> {
        match code {
            0 => Ok(Self::Text),
            1 => Ok(Self::Binary),
            _ => Err(Error::Value { message, field }),
        }
    }

    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Text => 0,
            Self::Binary => 1,
        }
    }
}

/// The forms of several values, in the three ways that the protocol has to say them. Which way was
/// used is kept, so that what was read is written again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Formats {
    /// No code at all: every value is text.
    #[default]
    Unsaid,
    /// One code for every value.
    All(Format),
    /// One code for each value: none but two or more, or the way above would be meant.
    Each(Vec<Format>),
}

impl Formats {
    /// The form of the value at a place, or `None` behind the last one.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Format> {
        match self {
            Self::Unsaid => Some(Format::Text),
            Self::All(format) => Some(*format),
            Self::Each(formats) => formats.get(place).copied(),
        }
    }

    /// Whether the codes are for this many values. One code fits any number, as in PostgreSQL.
    #[must_use]
    pub fn fit(&self, values: usize) -> bool {
        match self {
            Self::Unsaid | Self::All(_) => true,
            Self::Each(formats) => formats.len() == values,
        }
    }

    /// The codes as they are sent.
    pub(crate) fn codes(&self) -> &[Format] {
        match self {
            Self::Unsaid => &[],
            Self::All(format) => std::slice::from_ref(format),
            Self::Each(formats) => formats,
        }
    }
}

impl FromIterator<Format> for Formats {
    fn from_iter<T: IntoIterator<Item = Format>>(formats: T) -> Self {
        let formats: Vec<Format> = formats.into_iter().collect();
        match formats.as_slice() {
            [] => Self::Unsaid,
            [one] => Self::All(*one),
            _ => Self::Each(formats),
        }
    }
}

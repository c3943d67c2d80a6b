//! Bind: values for a statement's parameters.

use bytes::Bytes;

use crate::body::Body;
use crate::{Error, Format, Formats};

/// A Bind message.
///
/// The values share the memory of the buffer that the message was read into. They are data of the
/// client; `Debug` shows how many there are, not what they hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind<'a> {
    /// The portal to make; empty for the unnamed one.
    pub portal: &'a str,
    /// The statement to bind; empty for the unnamed one.
    pub statement: &'a str,
    /// In which form the values are. They fit the number of values.
    pub formats: Formats,
    /// The values, `None` for NULL.
    pub values: Vec<Option<Bytes>>,
    /// In which form the results are wanted. Whether they fit the number of columns is not known
    /// here.
    pub result_formats: Formats,
}

impl<'a> Bind<'a> {
    pub(super) fn read(mut body: Body<'a>) -> Result<Self, Error> {
        let portal = body.name("the portal's name")?;
        let statement = body.name("the statement's name")?;
        let formats = body.formats("the format codes")?;
        let count = body.count(4, "the values")?;
        if !formats.fit(count) {
            return Err(body.refuse("the number of format codes"));
        }
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            let value = body.value("a value")?;
            values.push(value.map(|value| body.share(value)));
        }
        let result_formats = body.formats("the result format codes")?;
        body.end()?;
        Ok(Self {
            portal,
            statement,
            formats,
            values,
            result_formats,
        })
    }

    /// The value at a place and its form, or `None` behind the last one.
    #[must_use]
    pub fn value(&self, place: usize) -> Option<(Option<&Bytes>, Format)> {
        let value = self.values.get(place)?;
        Some((value.as_ref(), self.formats.at(place)?))
    }
}

impl std::fmt::Debug for Bind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bind")
            .field("portal", &self.portal)
            .field("statement", &self.statement)
            .field("formats", &self.formats)
            .field("values", &self.values.len())
            .field("result_formats", &self.result_formats)
            .finish()
    }
}

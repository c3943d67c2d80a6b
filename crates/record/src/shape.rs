//! The format as data: what documents are printed from and tests are made from.

/// What stands in one place of an entry.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// An unsigned integer.
    Unsigned,
    /// True or false.
    Truth,
    /// A byte string of this length that is called so.
    Bytes(usize, &'static str),
    /// A text of a form.
    Text(Form),
    /// One of a few words of a sort, as text.
    Word(&'static str, fn() -> Vec<&'static str>),
    /// An array in its own order, of at most so many.
    List(&'static Self, usize),
    /// An array in ascending order of the members' bytes, each once, of at most so many.
    Set(&'static Self, usize),
    /// A map in ascending order of the keys' bytes, of at most so many. Entries have none; states
    /// do.
    Map(&'static Self, &'static Self, usize),
    /// A map with known integer keys.
    Table(&'static Table),
}

/// What a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 1 to 200 bytes: letters, digits and `_ . - : < >`. The word says of what it is the name.
    Name(&'static str),
    /// 1 to 200 bytes without control characters, not beginning or ending with a space.
    Column,
    /// `fides_key/collection`, 1 to 200 bytes.
    Dataset,
    /// An ISO 3166-1 alpha-2 code in capitals.
    Country,
    /// The origin of a log: 1 to 200 visible ASCII characters, no `+`.
    Log,
    /// 1 to 400 bytes without control characters, not beginning or ending with a space.
    Line,
}

/// A map with known integer keys.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The name of the type in the code.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Its keys in ascending order.
    pub keys: &'static [Key],
}

/// One key of a map.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub number: u64,
    /// The name of the field in the code.
    pub name: &'static str,
    /// What stands there.
    pub shape: &'static Shape,
    /// Whether it must be there. One that need not be is left out when it is not known.
    pub required: bool,
    /// What it means.
    pub meaning: &'static str,
}

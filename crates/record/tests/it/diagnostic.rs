//! CBOR's diagnostic notation (RFC 8949, section 8) and the bytes it stands for: written from the
//! RFC, without the crate's own writer, and able to write what the crate must refuse.

use std::iter::Peekable;
use std::str::Chars;

/// An item of CBOR. Maps and arrays keep the order they are given in.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Unsigned(u64),
    Truth(bool),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
}

impl Item {
    /// The bytes, every length in its shortest form.
    pub fn bytes(&self) -> Vec<u8> {
        let concat = |items: Vec<Vec<u8>>| items.concat();
        match self {
            Self::Unsigned(value) => head(0, *value),
            Self::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Self::Text(text) => [head(3, text.len() as u64), text.clone().into_bytes()].concat(),
            Self::Array(items) => {
                let written = items.iter().map(Self::bytes).collect();
                [head(4, items.len() as u64), concat(written)].concat()
            }
            Self::Map(pairs) => {
                let pair = |(key, value): &(Self, Self)| [key.bytes(), value.bytes()].concat();
                [
                    head(5, pairs.len() as u64),
                    concat(pairs.iter().map(pair).collect()),
                ]
                .concat()
            }
            Self::Truth(false) => vec![0xf4],
            Self::Truth(true) => vec![0xf5],
        }
    }

    /// The value under a key of a map.
    pub fn at(&mut self, key: u64) -> &mut Self {
        let Self::Map(pairs) = self else {
            panic!("{self:?} is no map");
        };
        let mut pairs = pairs.iter_mut();
        let found = pairs.find(|(name, _)| *name == Self::Unsigned(key));
        &mut found.expect("the key").1
    }

    /// The pairs of a map.
    pub fn pairs(&mut self) -> &mut Vec<(Self, Self)> {
        let Self::Map(pairs) = self else {
            panic!("{self:?} is no map");
        };
        pairs
    }

    /// The items of an array.
    pub fn items(&mut self) -> &mut Vec<Self> {
        let Self::Array(items) = self else {
            panic!("{self:?} is no array");
        };
        items
    }
}

/// RFC 8949, section 3: three bits of type, then the argument.
pub fn head(major: u8, argument: u64) -> Vec<u8> {
    let mut bytes = argument.to_be_bytes().to_vec();
    let (short, keep) = match argument {
        0..24 => return vec![major << 5 | bytes[7]],
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    let mut written = vec![major << 5 | short];
    written.extend(bytes.split_off(8 - keep));
    written
}

/// Reads the notation, as far as the vectors use it.
pub fn parse(text: &str) -> Item {
    let mut reader = Reader(text.chars().peekable());
    let item = reader.item();
    assert_eq!(reader.next(), None, "text follows");
    item
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    /// The next character that is no space.
    fn next(&mut self) -> Option<char> {
        self.0.by_ref().find(|c| !c.is_whitespace())
    }

    fn next_is(&mut self, wanted: char) -> bool {
        while self.0.next_if(|c| c.is_whitespace()).is_some() {}
        self.0.next_if_eq(&wanted).is_some()
    }

    fn item(&mut self) -> Item {
        match self.next().expect("an item") {
            '{' => Item::Map(self.members('}', |reader| {
                let key = reader.item();
                assert!(reader.next_is(':'), "`:` after {key:?}");
                (key, reader.item())
            })),
            '[' => Item::Array(self.members(']', Self::item)),
            '"' => Item::Text(self.text()),
            'h' => {
                assert!(self.next_is('\''));
                let digits: String = self.0.by_ref().take_while(|c| *c != '\'').collect();
                Item::Bytes(unhex(&digits))
            }
            't' => self.word("rue", Item::Truth(true)),
            'f' => self.word("alse", Item::Truth(false)),
            digit => {
                let mut digits = digit.to_string();
                while let Some(digit) = self.0.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                Item::Unsigned(digits.parse().expect("a number"))
            }
        }
    }

    fn members<T>(&mut self, end: char, member: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut members = Vec::new();
        while !self.next_is(end) {
            if !members.is_empty() {
                assert!(self.next_is(','), "`,` or `{end}`");
            }
            members.push(member(self));
        }
        members
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        loop {
            match self.0.next().expect("the end of the text") {
                '"' => return text,
                '\\' => text.push(self.0.next().expect("what is escaped")),
                c => text.push(c),
            }
        }
    }

    fn word(&mut self, rest: &str, item: Item) -> Item {
        assert!(rest.chars().all(|c| self.0.next_if_eq(&c).is_some()));
        item
    }
}

/// Bytes from hexadecimal digits; spaces do not count.
pub fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    let pair = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).unwrap();
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    digits.chunks(2).map(pair).collect()
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_notation_stands_for_the_bytes_of_rfc_8949_appendix_a() {
    for (text, bytes) in [
        ("0", "00"),
        ("23", "17"),
        ("24", "1818"),
        ("1000", "1903e8"),
        ("1000000", "1a000f4240"),
        ("1000000000000", "1b000000e8d4a51000"),
        ("18446744073709551615", "1bffffffffffffffff"),
        ("false", "f4"),
        ("true", "f5"),
        ("h''", "40"),
        ("h'01020304'", "4401020304"),
        ("\"\"", "60"),
        ("\"IETF\"", "6449455446"),
        (r#""\"\\""#, "62225c"),
        ("[]", "80"),
        ("[1, [2, 3], [4, 5]]", "8301820203820405"),
        ("{}", "a0"),
        ("{1: 2, 3: 4}", "a201020304"),
        ("{\"a\": 1, \"b\": [2, 3]}", "a26161016162820203"),
    ] {
        assert_eq!(hex(&parse(text).bytes()), bytes, "{text}");
    }
}

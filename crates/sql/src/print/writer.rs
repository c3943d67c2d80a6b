//! The text under construction, and how names, texts and numbers are written.

use crate::tree::{ObjectName, RelationName};

/// Appends to one buffer.
pub(super) struct Writer {
    text: String,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            text: String::with_capacity(256),
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Words of the grammar, as they are.
    pub(super) fn word(&mut self, word: &str) {
        self.text.push_str(word);
    }

    /// A quoted identifier.
    pub(super) fn name(&mut self, name: &str) {
        self.quoted(name, '"');
    }

    /// A quoted text. One with a backslash is written as an escape string, which means the same
    /// whatever `standard_conforming_strings` is.
    pub(super) fn literal(&mut self, text: &str) {
        if text.contains('\\') {
            self.text.push('E');
            self.quoted(&text.replace('\\', "\\\\"), '\'');
        } else {
            self.quoted(text, '\'');
        }
    }

    fn quoted(&mut self, text: &str, quote: char) {
        self.text.push(quote);
        if !text.contains(quote) {
            self.text.push_str(text);
            self.text.push(quote);
            return;
        }
        let mut pieces = text.split(quote);
        self.text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.text.push(quote);
            self.text.push(quote);
            self.text.push_str(piece);
        }
        self.text.push(quote);
    }

    /// A whole number.
    pub(super) fn integer(&mut self, number: i64) {
        if number < 0 {
            self.text.push('-');
        }
        let mut rest = number.unsigned_abs();
        let mut divisor: u64 = 1;
        while rest / divisor >= 10 {
            divisor *= 10;
        }
        while divisor > 0 {
            // INVARIANT: the quotient is a digit, for the divisor is the largest power of ten that
            // is not above what is left.
            let digit = u32::try_from(rest / divisor).unwrap_or_default();
            self.text
                .push(char::from_digit(digit, 10).unwrap_or_default());
            rest %= divisor;
            divisor /= 10;
        }
    }

    /// Items with `, ` between them.
    pub(super) fn commas<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.word(", ");
            }
            write(self, item);
        }
    }

    /// `(...)`
    pub(super) fn bracketed(&mut self, write: impl FnOnce(&mut Self)) {
        self.text.push('(');
        write(self);
        self.text.push(')');
    }

    /// ` (a, b)`, or nothing where there are none.
    pub(super) fn name_list(&mut self, names: &[String]) {
        if !names.is_empty() {
            self.word(" ");
            self.bracketed(|writer| writer.commas(names, |writer, name| writer.name(name)));
        }
    }

    /// `name` or `schema.name`.
    pub(super) fn object_name(&mut self, name: &ObjectName) {
        if let Some(schema) = &name.schema {
            self.name(schema);
            self.word(".");
        }
        self.name(&name.name);
    }

    pub(super) fn relation_name(&mut self, name: &RelationName) {
        for qualifier in [&name.database, &name.schema].into_iter().flatten() {
            self.name(qualifier);
            self.word(".");
        }
        self.name(&name.name);
    }

    /// An operator, bare or as `OPERATOR(schema.op)`. One that is no operator, which no reader
    /// makes, is quoted so that it cannot be read as anything.
    pub(super) fn operator(&mut self, name: &ObjectName) {
        let is_operator = !name.name.is_empty()
            && name
                .name
                .bytes()
                .all(|byte| b"+-*/<>=~!@#%^&|`?".contains(&byte));
        let write = |writer: &mut Self| {
            if is_operator {
                writer.word(&name.name);
            } else {
                writer.name(&name.name);
            }
        };
        match &name.schema {
            None => write(self),
            Some(schema) => {
                self.word("OPERATOR");
                self.bracketed(|writer| {
                    writer.name(schema);
                    writer.word(".");
                    write(writer);
                });
            }
        }
    }
}

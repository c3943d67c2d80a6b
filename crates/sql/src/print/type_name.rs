//! Types.

use super::writer::Writer;
use crate::tree::TypeName;

impl Writer {
    /// A type by its quoted name: the grammar's own spellings (`interval year`, `bit varying`) all
    /// stand for a name with modifiers, and this writes those.
    pub(super) fn type_name(&mut self, type_name: &TypeName) {
        let TypeName {
            name,
            modifiers,
            dimensions,
        } = type_name;
        self.object_name(name);
        if !modifiers.is_empty() {
            self.bracketed(|writer| {
                writer.commas(modifiers, |writer, &number| writer.integer(number.into()));
            });
        }
        for &dimension in dimensions {
            self.word("[");
            if dimension >= 0 {
                self.integer(dimension.into());
            }
            self.word("]");
        }
    }
}

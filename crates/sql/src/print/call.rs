//! Calls, always in parentheses: `pg_catalog."extract"('year', x)` is what `EXTRACT` stands for.

use super::writer::Writer;
use crate::tree::{Call, CallArgument};

impl Writer {
    pub(super) fn call(&mut self, call: &Call) {
        let Call {
            id: _,
            name,
            arguments,
            star,
            variadic,
            distinct,
            order_by,
            within_group,
            filter,
            over,
        } = call;
        self.object_name(name);
        self.bracketed(|writer| {
            if *distinct {
                writer.word("DISTINCT ");
            }
            if *star {
                writer.word("*");
            }
            writer.arguments(arguments, *variadic);
            if !order_by.is_empty() && !within_group {
                writer.word(" ORDER BY ");
                writer.commas(order_by, Self::sort);
            }
        });
        if *within_group {
            self.word(" WITHIN GROUP (ORDER BY ");
            self.commas(order_by, Self::sort);
            self.word(")");
        }
        if let Some(filter) = filter {
            self.word(" FILTER (WHERE ");
            self.expression(filter);
            self.word(")");
        }
        if let Some(over) = over {
            self.over(over);
        }
    }

    fn arguments(&mut self, arguments: &[CallArgument], variadic: bool) {
        let last = arguments.len().saturating_sub(1);
        for (at, CallArgument { name, value }) in arguments.iter().enumerate() {
            if at > 0 {
                self.word(", ");
            }
            if variadic && at == last {
                self.word("VARIADIC ");
            }
            if let Some(name) = name {
                self.name(name);
                self.word(" => ");
            }
            self.expression(value);
        }
    }
}

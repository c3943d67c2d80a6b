//! Prepared statements, cursors, `COPY`, `EXPLAIN`.

use super::writer::Writer;
use crate::tree::{
    CopyOut, Declare, Execute, Explain, Fetch, FetchDirection, OptionValue, Prepare,
    StatementOption,
};

impl Writer {
    pub(super) fn prepare(&mut self, prepare: &Prepare) {
        let Prepare {
            name,
            types,
            statement,
        } = prepare;
        self.word("PREPARE ");
        self.name(name);
        if !types.is_empty() {
            self.word(" ");
            self.bracketed(|writer| writer.commas(types, Self::type_name));
        }
        self.word(" AS ");
        self.statement(statement);
    }

    pub(super) fn execute(&mut self, execute: &Execute) {
        let Execute { name, arguments } = execute;
        self.word("EXECUTE ");
        self.name(name);
        if !arguments.is_empty() {
            self.bracketed(|writer| writer.expressions(arguments));
        }
    }

    pub(super) fn declare(&mut self, declare: &Declare) {
        let Declare {
            name,
            binary,
            scroll,
            insensitive,
            hold,
            query,
        } = declare;
        self.word("DECLARE ");
        self.name(name);
        if *binary {
            self.word(" BINARY");
        }
        self.word(match insensitive {
            None => "",
            Some(true) => " INSENSITIVE",
            Some(false) => " ASENSITIVE",
        });
        self.word(match scroll {
            None => "",
            Some(true) => " SCROLL",
            Some(false) => " NO SCROLL",
        });
        self.word(" CURSOR");
        if *hold {
            self.word(" WITH HOLD");
        }
        self.word(" FOR ");
        self.query(query);
    }

    pub(super) fn fetch(&mut self, fetch: &Fetch) {
        let Fetch {
            name,
            is_move,
            direction,
        } = fetch;
        self.word(if *is_move { "MOVE " } else { "FETCH " });
        let (word, count) = match *direction {
            FetchDirection::Forward(count) => ("FORWARD ", count),
            FetchDirection::Backward(count) => ("BACKWARD ", count),
            FetchDirection::Absolute(count) => ("ABSOLUTE ", count),
            FetchDirection::Relative(count) => ("RELATIVE ", count),
        };
        self.word(word);
        if count == i64::MAX {
            self.word("ALL");
        } else {
            self.integer(count);
        }
        self.word(" FROM ");
        self.name(name);
    }

    pub(super) fn copy_out(&mut self, copy: &CopyOut) {
        let CopyOut { query, options } = copy;
        self.word("COPY ");
        self.bracketed(|writer| writer.query(query));
        self.word(" TO STDOUT");
        if !options.is_empty() {
            self.word(" WITH ");
            self.options(options);
        }
    }

    pub(super) fn explain(&mut self, explain: &Explain) {
        let Explain { options, statement } = explain;
        self.word("EXPLAIN ");
        if !options.is_empty() {
            self.options(options);
            self.word(" ");
        }
        self.statement(statement);
    }

    fn options(&mut self, options: &[StatementOption]) {
        self.bracketed(|writer| {
            writer.commas(options, |writer, StatementOption { name, value }| {
                writer.name(name);
                match value {
                    OptionValue::None => {}
                    OptionValue::Text(text) => {
                        writer.word(" ");
                        writer.literal(text);
                    }
                    OptionValue::Integer(number) => {
                        writer.word(" ");
                        writer.integer((*number).into());
                    }
                    OptionValue::Star => writer.word(" *"),
                    OptionValue::List(names) => {
                        writer.word(" ");
                        writer.bracketed(|writer| {
                            writer.commas(names, |writer, name| writer.literal(name));
                        });
                    }
                }
            });
        });
    }
}

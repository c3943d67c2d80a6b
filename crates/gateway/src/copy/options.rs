//! The options of COPY, checked as PostgreSQL checks them.

use model::Refusal;
use sql::tree::{OptionValue, StatementOption};
use wire::Format;

use super::csv::{Csv, Force};
use super::not_supported;
use super::text::Text;
use crate::problem::{Problem, sqlstate};

/// In which format, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Options {
    Text(Text),
    Csv(Csv),
    Binary,
}

/// The words as they were written.
#[derive(Default)]
struct Written {
    format: Option<String>,
    delimiter: Option<String>,
    null: Option<String>,
    header: bool,
    quote: Option<String>,
    escape: Option<String>,
    force_quote: Option<Force>,
}

impl Options {
    /// Reads them.
    pub(crate) fn read(options: &[StatementOption]) -> Result<Self, Problem> {
        let mut written = Written::default();
        for option in options {
            written.take(option)?;
        }
        written.settle()
    }

    pub(crate) const fn row_format(&self) -> Format {
        match self {
            Self::Binary => Format::Binary,
            Self::Text(_) | Self::Csv(_) => Format::Text,
        }
    }

    /// Says which columns there are.
    pub(crate) fn know(&mut self, names: &[String]) {
        if let Self::Csv(csv) = self {
            csv.know(names);
        }
    }
}

impl Written {
    fn take(&mut self, option: &StatementOption) -> Result<(), Problem> {
        let name = option.name.as_str();
        match name {
            "format" => once(&mut self.format, word(option)?),
            "delimiter" => once(&mut self.delimiter, word(option)?),
            "null" => once(&mut self.null, word(option)?),
            "quote" => once(&mut self.quote, word(option)?),
            "escape" => once(&mut self.escape, word(option)?),
            "header" => {
                self.header = truth(option)?;
                Ok(())
            }
            "force_quote" => {
                self.force_quote = Some(match &option.value {
                    OptionValue::Star => Force::All,
                    OptionValue::List(names) => {
                        Force::Named(names.iter().cloned().collect(), Vec::new())
                    }
                    OptionValue::None | OptionValue::Text(_) | OptionValue::Integer(_) => {
                        return Err(bad("COPY FORCE_QUOTE must name columns"));
                    }
                });
                Ok(())
            }
            "encoding" => {
                let encoding = word(option)?.to_ascii_lowercase().replace(['-', '_'], "");
                match encoding.as_str() {
                    "utf8" | "unicode" => Ok(()),
                    _ => Err(Problem::refusal(
                        Refusal::SettingValueNotAllowed,
                        "COPY in another encoding than UTF8",
                    )),
                }
            }
            _ => Err(not_supported(&format!("COPY TO with `{name}`"))),
        }
    }

    fn settle(self) -> Result<Options, Problem> {
        let format = self
            .format
            .as_deref()
            .unwrap_or("text")
            .to_ascii_lowercase();
        match format.as_str() {
            "binary" => {
                if self.delimiter.is_some() || self.null.is_some() || self.header {
                    return Err(bad("COPY BINARY takes no DELIMITER, NULL or HEADER"));
                }
                Ok(Options::Binary)
            }
            "text" => {
                if self.quote.is_some() || self.escape.is_some() || self.force_quote.is_some() {
                    return Err(bad(
                        "COPY QUOTE, ESCAPE and FORCE_QUOTE need the format csv",
                    ));
                }
                Ok(Options::Text(Text {
                    delimiter: text_delimiter(self.delimiter)?,
                    null: null(self.null, "\\N")?,
                    header: self.header,
                }))
            }
            "csv" => self.settle_csv(),
            _ => Err(bad("COPY knows the formats text, csv and binary")),
        }
    }

    fn settle_csv(self) -> Result<Options, Problem> {
        let delimiter = byte(self.delimiter, b',', "DELIMITER")?;
        let quote = byte(self.quote, b'"', "QUOTE")?;
        let escape = byte(self.escape, quote, "ESCAPE")?;
        let null = null(self.null, "")?;
        if delimiter == quote {
            return Err(bad("COPY DELIMITER and QUOTE must differ"));
        }
        if null.as_bytes().contains(&delimiter) || null.as_bytes().contains(&quote) {
            return Err(bad("COPY NULL must not hold DELIMITER or QUOTE"));
        }
        Ok(Options::Csv(Csv {
            delimiter,
            null,
            quote,
            escape,
            header: self.header,
            force_quote: self.force_quote.unwrap_or(Force::None),
        }))
    }
}

fn once(place: &mut Option<String>, value: String) -> Result<(), Problem> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Problem::plain(
            sqlstate("42601"),
            "conflicting or redundant options",
        )),
    }
}

fn word(option: &StatementOption) -> Result<String, Problem> {
    match &option.value {
        OptionValue::Text(text) => Ok(text.clone()),
        OptionValue::Integer(number) => Ok(number.to_string()),
        OptionValue::None | OptionValue::Star | OptionValue::List(_) => {
            Err(bad(&format!("COPY {} needs a value", option.name)))
        }
    }
}

fn truth(option: &StatementOption) -> Result<bool, Problem> {
    match &option.value {
        OptionValue::None | OptionValue::Integer(1) => Ok(true),
        OptionValue::Integer(0) => Ok(false),
        OptionValue::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "on" => Ok(true),
            "false" | "off" => Ok(false),
            _ => Err(bad("COPY HEADER must be true or false")),
        },
        OptionValue::Integer(_) | OptionValue::Star | OptionValue::List(_) => {
            Err(bad("COPY HEADER must be true or false"))
        }
    }
}

fn byte(text: Option<String>, default: u8, what: &str) -> Result<u8, Problem> {
    let Some(text) = text else {
        return Ok(default);
    };
    match text.as_bytes() {
        [byte] if !matches!(byte, b'\n' | b'\r' | 0) => Ok(*byte),
        _ => Err(bad(&format!(
            "COPY {what} must be a single one-byte character"
        ))),
    }
}

/// Letters, digits and what escapes are made of would make the text ambiguous.
fn text_delimiter(text: Option<String>) -> Result<u8, Problem> {
    let byte = byte(text, b'\t', "DELIMITER")?;
    if byte == b'\\' || byte == b'.' || byte.is_ascii_lowercase() || byte.is_ascii_digit() {
        return Err(bad(
            "COPY DELIMITER must not be a letter, a digit, a dot or a backslash",
        ));
    }
    Ok(byte)
}

fn null(text: Option<String>, default: &str) -> Result<String, Problem> {
    let text = text.unwrap_or_else(|| default.to_owned());
    if text.contains(['\n', '\r']) {
        return Err(bad("COPY NULL must not hold a line end"));
    }
    Ok(text)
}

fn bad(message: &str) -> Problem {
    Problem::plain(sqlstate("22023"), message)
}

//! COPY data, encoded here: PostgreSQL gives no parameters to `COPY (..) TO`, so the query runs as a
//! portal and its rows are written as COPY would write them.
//!
//! Source: the documentation of COPY in PostgreSQL 15, "File Formats".

mod binary;
mod csv;
mod options;
mod text;

use bytes::BytesMut;
use wire::Format;
use wire::backend::Row;

use crate::problem::Problem;

pub(crate) use options::Options;

/// Writes rows in one of the three formats.
pub(crate) struct Encoder {
    options: Options,
    /// The line that is being made.
    line: Vec<u8>,
}

impl Encoder {
    pub(crate) const fn new(options: Options) -> Self {
        Self {
            options,
            line: Vec::new(),
        }
    }

    /// In which form the portal must give its rows.
    pub(crate) const fn row_format(&self) -> Format {
        self.options.row_format()
    }

    /// CopyOutResponse, and what stands before the first row.
    pub(crate) fn begin(
        &mut self,
        out: &mut BytesMut,
        names: &[String],
    ) -> Result<(), wire::Error> {
        self.options.know(names);
        let format = self.row_format();
        let formats = vec![format; names.len()];
        wire::server::copy_out_response(out, format, &formats)?;
        self.line.clear();
        match &self.options {
            Options::Binary => binary::header(&mut self.line),
            Options::Text(text) if text.header => text::names(text, names, &mut self.line),
            Options::Csv(csv) if csv.header => csv::names(csv, names, &mut self.line),
            Options::Text(_) | Options::Csv(_) => {}
        }
        // The binary header travels in front of the first row, as PostgreSQL sends it.
        if matches!(self.options, Options::Binary) || self.line.is_empty() {
            return Ok(());
        }
        wire::server::copy_data(out, &self.line)?;
        self.line.clear();
        Ok(())
    }

    /// One row.
    pub(crate) fn row(&mut self, out: &mut BytesMut, row: &Row<'_>) -> Result<(), wire::Error> {
        if !matches!(self.options, Options::Binary) {
            self.line.clear();
        }
        match &self.options {
            Options::Binary => binary::row(row, &mut self.line)?,
            Options::Text(text) => text::row(text, row, &mut self.line)?,
            Options::Csv(csv) => csv::row(csv, row, &mut self.line)?,
        }
        wire::server::copy_data(out, &self.line)?;
        self.line.clear();
        Ok(())
    }

    /// What stands behind the last row, and CopyDone.
    pub(crate) fn end(&mut self, out: &mut BytesMut) -> Result<(), wire::Error> {
        if matches!(self.options, Options::Binary) {
            binary::trailer(&mut self.line);
            wire::server::copy_data(out, &self.line)?;
            self.line.clear();
        }
        wire::server::copy_done(out);
        Ok(())
    }
}

/// Options of a COPY that we do not write.
pub(crate) fn not_supported(what: &str) -> Problem {
    Problem::refusal(model::Refusal::SyntaxNotSupported, what)
}

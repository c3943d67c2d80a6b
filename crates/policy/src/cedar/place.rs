//! From a byte offset in a policy file to a line and column.

use miette::Diagnostic as _;
use model::Diagnostic;

/// Line and column, from 1, of a byte offset.
pub(super) fn line_and_column(text: &str, offset: usize) -> (u64, u64) {
    let before: Vec<u8> = text.bytes().take(offset).collect();
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let column = before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count();
    (line as u64 + 1, column as u64 + 1)
}

/// A complaint of Cedar's about a file, with its place and advice if it has one.
pub(super) fn complaint(
    file: &str,
    text: &str,
    error: &dyn miette::Diagnostic,
    cause: String,
    remedy: &str,
) -> Diagnostic {
    let offset = error
        .labels()
        .and_then(|mut labels| labels.next())
        .map(|label| label.offset());
    let (line, column) = offset.map_or((0, 0), |offset| line_and_column(text, offset));
    let advice = error.help().map(|help| help.to_string().replace('\n', " "));
    Diagnostic::error(file, cause, advice.unwrap_or_else(|| remedy.to_owned())).at(line, column)
}

/// The parts of a parse error, or the error itself where it has none.
pub(super) fn parse_complaints(
    file: &str,
    text: &str,
    errors: &cedar_policy::ParseErrors,
) -> Vec<Diagnostic> {
    errors
        .iter()
        .map(|error| {
            let remedy =
                "correct the policy; `permit`/`forbid` (principal, action, resource) ... ;";
            let shown = error.labels().and_then(|mut labels| {
                labels
                    .next()
                    .and_then(|label| label.label().map(str::to_owned))
            });
            let cause = match shown {
                Some(label) => format!("{error}: {label}"),
                None => error.to_string(),
            };
            complaint(file, text, error, cause, remedy)
        })
        .collect()
}

//! Constants, and the values that the standard names without parentheses.

use pg_query::protobuf::a_const::Val;
use pg_query::protobuf::{
    AConst, BitString, Boolean, Float, Integer, SqlValueFunction, SqlValueFunctionOp,
    String as StringNode,
};

use super::reader::{Reader, absent, kind, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Constant, Expression, SessionValue};

impl Reader<'_> {
    pub(super) fn constant(&mut self, node: AConst) -> Result<Constant, Refused> {
        let AConst {
            isnull,
            location: at,
            val,
        } = node;
        match (isnull, val) {
            (true, None) => Ok(Constant::Null),
            (true, Some(_)) | (false, None) => Err(unexpected("a constant", at)),
            (false, Some(Val::Ival(Integer { ival }))) => {
                self.plain_digits(at)?;
                Ok(Constant::Integer(ival))
            }
            (false, Some(Val::Fval(Float { fval }))) => {
                self.plain_digits(at)?;
                number(fval, at)
            }
            (false, Some(Val::Boolval(Boolean { boolval }))) => Ok(Constant::Boolean(boolval)),
            (false, Some(Val::Sval(StringNode { sval }))) => Ok(Constant::Text(sval)),
            (false, Some(Val::Bsval(BitString { bsval }))) => bits(bsval, at),
        }
    }

    /// Refuses `0x1F` and `1_000`, which PostgreSQL 16 reads as numbers and 15 refuses: both sides
    /// of the gate must read the same text alike.
    pub(super) fn plain_digits(&self, at: i32) -> Result<(), Refused> {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let text = self.text.as_bytes().get(start..).unwrap_or_default();
        let after = text.iter().find(|byte| !byte.is_ascii_digit());
        let is_new = matches!(after, Some(b'_' | b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
        absent(
            !(is_new && text.first().is_some_and(u8::is_ascii_digit)),
            "a number in another base or with underscores",
            at,
        )
    }
}

/// A number that does not fit an integer: digits, perhaps a point, perhaps an exponent.
pub(super) fn number(digits: String, at: i32) -> Result<Constant, Refused> {
    let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
    let starts_well = unsigned
        .trim_start_matches('.')
        .starts_with(|first: char| first.is_ascii_digit());
    let is_plain = unsigned
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if starts_well && is_plain {
        Ok(Constant::Number(digits))
    } else {
        Err(unsupported(
            "a number in another base or with underscores",
            at,
        ))
    }
}

/// `b101` or `x1F`, as the scanner keeps them. It does not look at the digits: PostgreSQL does.
fn bits(text: String, at: i32) -> Result<Constant, Refused> {
    let is_known = text.starts_with(['b', 'x']);
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    absent(is_known && is_plain, "an unknown bit string", at)?;
    Ok(Constant::Bits(text))
}

pub(super) fn session_value(node: SqlValueFunction) -> Result<Expression, Refused> {
    let SqlValueFunction {
        xpr,
        op,
        r#type,
        typmod,
        location: at,
    } = node;
    absent(xpr.is_none() && r#type == 0, "an analysed value", at)?;
    let op: SqlValueFunctionOp = kind(op, "a value of the session", at)?;
    let value =
        session_value_of(op, typmod).ok_or_else(|| unexpected("a value of the session", at))?;
    let precision = match value {
        SessionValue::CurrentTime(precision)
        | SessionValue::CurrentTimestamp(precision)
        | SessionValue::LocalTime(precision)
        | SessionValue::LocalTimestamp(precision) => precision,
        SessionValue::CurrentDate
        | SessionValue::CurrentRole
        | SessionValue::CurrentUser
        | SessionValue::User
        | SessionValue::SessionUser
        | SessionValue::CurrentCatalog
        | SessionValue::CurrentSchema => None,
    };
    absent(precision.is_some() || typmod == -1, "an analysed value", at)?;
    Ok(Expression::Session(value))
}

fn session_value_of(op: SqlValueFunctionOp, typmod: i32) -> Option<SessionValue> {
    use SqlValueFunctionOp as Op;
    Some(match op {
        Op::SqlvalueFunctionOpUndefined => return None,
        Op::SvfopCurrentDate => SessionValue::CurrentDate,
        Op::SvfopCurrentTime => SessionValue::CurrentTime(None),
        Op::SvfopCurrentTimeN => SessionValue::CurrentTime(Some(typmod)),
        Op::SvfopCurrentTimestamp => SessionValue::CurrentTimestamp(None),
        Op::SvfopCurrentTimestampN => SessionValue::CurrentTimestamp(Some(typmod)),
        Op::SvfopLocaltime => SessionValue::LocalTime(None),
        Op::SvfopLocaltimeN => SessionValue::LocalTime(Some(typmod)),
        Op::SvfopLocaltimestamp => SessionValue::LocalTimestamp(None),
        Op::SvfopLocaltimestampN => SessionValue::LocalTimestamp(Some(typmod)),
        Op::SvfopCurrentRole => SessionValue::CurrentRole,
        Op::SvfopCurrentUser => SessionValue::CurrentUser,
        Op::SvfopUser => SessionValue::User,
        Op::SvfopSessionUser => SessionValue::SessionUser,
        Op::SvfopCurrentCatalog => SessionValue::CurrentCatalog,
        Op::SvfopCurrentSchema => SessionValue::CurrentSchema,
    })
}

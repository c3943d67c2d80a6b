//! Whether a condition can be evaluated on columns of these types without ever failing.

use model::{Comparison, FieldName, Literal, Predicate, Timestamp, TypeFamily};

/// The first comparison that some engine would refuse or fail on. A column whose type nobody has
/// named is not judged.
pub(crate) fn fits(
    predicate: &Predicate,
    family_of: &dyn Fn(&FieldName) -> Option<TypeFamily>,
) -> Result<(), String> {
    match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => {
            parts.iter().try_for_each(|part| fits(part, family_of))
        }
        Predicate::Not(part) => fits(part, family_of),
        Predicate::IsNull(_) | Predicate::IsNotNull(_) => Ok(()),
        Predicate::Holds(field) => match family_of(field) {
            None | Some(TypeFamily::Boolean) => Ok(()),
            Some(family) => Err(format!("`{field}` is {family} and cannot stand on its own")),
        },
        Predicate::Compare(field, operator, literal) => match family_of(field) {
            None => Ok(()),
            Some(family) => compares(field, family, *operator, literal),
        },
        Predicate::In(field, literals) => match family_of(field) {
            None => Ok(()),
            Some(family) => literals
                .iter()
                .try_for_each(|literal| compares(field, family, Comparison::Equal, literal)),
        },
    }
}

fn compares(
    field: &FieldName,
    family: TypeFamily,
    operator: Comparison,
    literal: &Literal,
) -> Result<(), String> {
    use TypeFamily as T;
    let fits = match (family, literal) {
        (T::Json | T::Array | T::Bytes, _) => {
            return Err(format!(
                "`{field}` is {family} and can only be tested for NULL"
            ));
        }
        // Enumerations are among the other types; their words are written as texts.
        (T::Text | T::Other, Literal::Text(_)) => true,
        (T::Integer | T::Numeric | T::Float, Literal::Number(_)) => true,
        (T::Boolean, Literal::Boolean(_)) => {
            matches!(operator, Comparison::Equal | Comparison::NotEqual)
        }
        (T::Date | T::Timestamp, Literal::Text(text)) => Timestamp::parse(text).is_ok(),
        (T::Uuid, Literal::Text(text)) => is_uuid(text),
        (
            T::Text | T::Other | T::Date | T::Timestamp | T::Uuid | T::Boolean,
            Literal::Number(_),
        )
        | (
            T::Text
            | T::Other
            | T::Date
            | T::Timestamp
            | T::Uuid
            | T::Integer
            | T::Numeric
            | T::Float,
            Literal::Boolean(_),
        )
        | (T::Integer | T::Numeric | T::Float | T::Boolean, Literal::Text(_)) => false,
    };
    if fits {
        return Ok(());
    }
    Err(format!(
        "`{field}` is {family}, which cannot be compared as `{} {literal}`",
        operator.as_str()
    ))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(index, c)| match index {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::parse;

    #[test]
    fn comparisons_that_could_fail_are_found() {
        let verdict =
            |family: TypeFamily, text: &str| fits(&parse(text).unwrap(), &|_| Some(family)).is_ok();
        assert!(verdict(TypeFamily::Text, "a = 'x' and a is not null"));
        assert!(!verdict(TypeFamily::Text, "a = 1"));
        assert!(!verdict(TypeFamily::Integer, "a in (1, 'x')"));
        assert!(verdict(TypeFamily::Integer, "a >= 1.5"));
        assert!(verdict(TypeFamily::Boolean, "not a"));
        assert!(!verdict(TypeFamily::Text, "a"));
        assert!(!verdict(TypeFamily::Boolean, "a > false"));
        assert!(verdict(TypeFamily::Date, "a < '2026-01-31'"));
        assert!(!verdict(TypeFamily::Date, "a < 'soon'"));
        assert!(!verdict(TypeFamily::Json, "a = 'x'"));
        assert!(verdict(TypeFamily::Json, "a is null"));
        assert!(verdict(
            TypeFamily::Uuid,
            "a = '00000000-0000-0000-0000-000000000000'"
        ));
        assert!(!verdict(TypeFamily::Uuid, "a = 'x'"));
        assert!(fits(&parse("a = 1").unwrap(), &|_| None).is_ok());
    }
}

//! From a text to a [`Predicate`], by recursive descent with a depth that is counted.

use model::{Comparison, FieldName, Literal, Predicate};

use super::token::{Token, cut};
use super::{BadCondition, DEPTH_MAX, LENGTH_MAX, NESTING_MAX};

const KEYWORDS: &[&str] = &["and", "or", "not", "in", "is", "null", "true", "false"];

/// Reads a condition. What [`Predicate`] prints is read back as the same predicate.
///
/// # Errors
/// [`BadCondition`] with the position of anything outside the grammar.
pub fn parse(text: &str) -> Result<Predicate, BadCondition> {
    let mut parser = Parser {
        tokens: cut(text)?,
        next: 0,
        end: text.chars().count() + 1,
    };
    let predicate = parser.any(0)?;
    match parser.peek() {
        None => within_limits(predicate),
        Some(Token::Sign("(")) => Err(parser.fault(
            "a column is followed by `(`: functions cannot be called here",
            "compare a column with a constant; functions could fail or leak",
        )),
        Some(token) => {
            let cause = format!("expected AND, OR or the end, found {}", token.shown());
            Err(parser.fault(cause, "join comparisons with AND or OR"))
        }
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn fault(&self, cause: impl Into<String>, remedy: &'static str) -> BadCondition {
        BadCondition {
            position: self.tokens.get(self.next).map_or(self.end, |(at, _)| *at),
            cause: cause.into(),
            remedy,
        }
    }

    fn missing(&self, what: &str, remedy: &'static str) -> BadCondition {
        let found = self.peek().map_or("the end".to_owned(), Token::shown);
        self.fault(format!("expected {what}, found {found}"), remedy)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Predicate, BadCondition> {
        let mut parts = vec![self.all(depth)?];
        while self.take_word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single_or(parts, Predicate::Or))
    }

    fn all(&mut self, depth: usize) -> Result<Predicate, BadCondition> {
        let mut parts = vec![self.one(depth)?];
        while self.take_word("and") {
            parts.push(self.one(depth)?);
        }
        Ok(single_or(parts, Predicate::And))
    }

    fn one(&mut self, depth: usize) -> Result<Predicate, BadCondition> {
        if depth > NESTING_MAX {
            let cause = format!("it is nested more than {NESTING_MAX} deep");
            return Err(self.fault(cause, "write it with fewer parentheses and NOTs"));
        }
        if self.take_word("not") {
            return Ok(Predicate::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take_sign("(") {
            let inner = self.any(depth + 1)?;
            if !self.take_sign(")") {
                return Err(self.missing("`)`", "close the parenthesis"));
            }
            return Ok(inner);
        }
        let column = self.column()?;
        self.test(column)
    }

    fn column(&mut self) -> Result<FieldName, BadCondition> {
        const REMEDY: &str = "begin each comparison with a column of the collection";
        let name = match self.peek() {
            Some(Token::Word(word)) if !is_keyword(word) => word.to_ascii_lowercase(),
            Some(Token::Name(name)) => name.clone(),
            _ => return Err(self.missing("a column", REMEDY)),
        };
        let field = FieldName::new(&name).map_err(|bad| self.fault(bad.to_string(), REMEDY))?;
        self.next += 1;
        Ok(field)
    }

    fn test(&mut self, column: FieldName) -> Result<Predicate, BadCondition> {
        if self.take_word("is") {
            let not = self.take_word("not");
            if !self.take_word("null") {
                return Err(self.missing("NULL", "after IS write NULL or NOT NULL"));
            }
            return Ok(if not {
                Predicate::IsNotNull(column)
            } else {
                Predicate::IsNull(column)
            });
        }
        if self.take_word("not") {
            if !self.take_word("in") {
                return Err(self.missing("IN", "after a column write NOT IN ( .. )"));
            }
            return Ok(Predicate::Not(Box::new(self.list(column)?)));
        }
        if self.take_word("in") {
            return self.list(column);
        }
        match self.comparison() {
            Some(operator) => Ok(Predicate::Compare(column, operator, self.literal()?)),
            None => Ok(Predicate::Holds(column)),
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let operator = match self.peek() {
            Some(Token::Sign("=")) => Comparison::Equal,
            Some(Token::Sign("<>")) => Comparison::NotEqual,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign("<=")) => Comparison::LessOrEqual,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign(">=")) => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.next += 1;
        Some(operator)
    }

    fn list(&mut self, column: FieldName) -> Result<Predicate, BadCondition> {
        const REMEDY: &str = "write the constants as (1, 2) or ('a', 'b')";
        if !self.take_sign("(") {
            return Err(self.missing("`(`", REMEDY));
        }
        let mut literals = vec![self.literal()?];
        while self.take_sign(",") {
            literals.push(self.literal()?);
        }
        if !self.take_sign(")") {
            return Err(self.missing("`,` or `)`", REMEDY));
        }
        Ok(Predicate::In(column, literals))
    }

    fn literal(&mut self) -> Result<Literal, BadCondition> {
        let literal = match self.peek() {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Number(digits)) => Literal::Number(digits.clone()),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => {
                Literal::Boolean(false)
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("null") => {
                return Err(self.fault("nothing is equal to NULL", "write IS NULL or IS NOT NULL"));
            }
            _ => {
                return Err(self.missing(
                    "a constant",
                    "write 'text', a number, true or false; columns and functions cannot stand here",
                ));
            }
        };
        self.next += 1;
        Ok(literal)
    }
}

/// What was read can be printed and read again: the limits hold for both texts.
fn within_limits(predicate: Predicate) -> Result<Predicate, BadCondition> {
    let length = predicate.to_string().len();
    let cause = if height(&predicate) > DEPTH_MAX {
        format!("ANDs, ORs and NOTs are nested more than {DEPTH_MAX} deep")
    } else if length > LENGTH_MAX {
        format!("it has {length} bytes when printed, more than {LENGTH_MAX}")
    } else {
        return Ok(predicate);
    };
    Err(BadCondition {
        position: 1,
        cause,
        remedy: "shorten it, or add a column that says whether the row is public",
    })
}

fn height(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => {
            1 + parts.iter().map(height).max().unwrap_or_default()
        }
        Predicate::Not(part) => 1 + height(part),
        Predicate::Compare(..)
        | Predicate::In(..)
        | Predicate::IsNull(_)
        | Predicate::IsNotNull(_)
        | Predicate::Holds(_) => 0,
    }
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word.to_ascii_lowercase().as_str())
}

fn single_or(parts: Vec<Predicate>, join: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    match <[Predicate; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_sql_reads_them() {
        let shown: Vec<String> = [
            "visibility = 'public' AND deleted_at IS NULL",
            "a or b and not c",
            "(a or b) and c",
            "not a in (1, -2.50)",
            "a not in ('it''s', true)",
            "\"Unit Price\" >= 10 and A != false",
            "not (a is not null)",
            "  a\n  <> 'ü' ",
        ]
        .iter()
        .map(|text| format!("{text:?}\n    {}", parse(text).unwrap()))
        .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn everything_else_is_refused_with_its_position() {
        let deep = format!("{}a", "not ".repeat(DEPTH_MAX + 1));
        let deeper = format!("{}a", "(".repeat(3_000));
        let long = "a or ".repeat(900);
        let shown: Vec<String> = [
            "",
            "a =",
            "a = b",
            "a = null",
            "lower(a) = 'x'",
            "a = lower('x')",
            "a + 1 = 2",
            "a = 1e9",
            "a = 1.",
            "a = -",
            "a::text = 'x'",
            "'x' = a",
            "true",
            "a = 'x",
            "a = 'x' b",
            "a in ()",
            "a in (1,)",
            "a in (select 1)",
            "a is true",
            "a like 'x%'",
            "a between 1 and 2",
            "(a",
            "a)",
            "a; drop table a",
            "a -- comment",
            "a = $1",
            "a = E'\\n'",
            "\"\" = 1",
            "a = 'x\u{0}'",
            "ａ = 1",
            "users.a = 1",
            &deep,
            &deeper,
            &long,
        ]
        .iter()
        .map(|text| {
            let fault = parse(text).unwrap_err();
            let start: String = text.chars().take(30).collect();
            format!("{start:?}\n    {fault}\n    remedy: {}", fault.remedy)
        })
        .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn the_deepest_allowed_condition_is_read() {
        let text = format!("{}a{}", "(".repeat(NESTING_MAX), ")".repeat(NESTING_MAX));
        assert!(parse(&text).is_ok());
        assert!(parse(&format!("({text})")).is_err());
        let nots = parse(&format!("{}a", "not ".repeat(DEPTH_MAX))).unwrap();
        assert_eq!(parse(&nots.to_string()), Ok(nots));
    }
}

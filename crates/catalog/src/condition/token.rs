//! Cuts a condition into words, texts, numbers and signs.

use std::iter::Peekable;
use std::str::Chars;

use super::{BadCondition, LENGTH_MAX};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word as written: a keyword or a column.
    Word(String),
    /// A name in double quotes.
    Name(String),
    /// A text in single quotes.
    Text(String),
    /// A number as written.
    Number(String),
    /// `( ) , = <> < <= > >=`; `!=` becomes `<>`.
    Sign(&'static str),
}

impl Token {
    /// For messages: what the author wrote.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => format!("`{text}`"),
            Self::Name(name) => format!("`\"{}\"`", name.escape_debug()),
            Self::Text(_) => "a text".to_owned(),
            Self::Sign(sign) => format!("`{sign}`"),
        }
    }
}

const CHARACTERS: &str = "use columns, 'texts', numbers, = <> < <= > >=, AND OR NOT IN IS NULL \
    and parentheses; nothing else runs here";

struct Cutter<'t> {
    rest: Peekable<Chars<'t>>,
    position: usize,
}

/// The tokens with their positions (characters from 1).
pub(super) fn cut(text: &str) -> Result<Vec<(usize, Token)>, BadCondition> {
    if text.len() > LENGTH_MAX {
        return Err(BadCondition {
            position: 1,
            cause: format!("it has {} bytes, more than {LENGTH_MAX}", text.len()),
            remedy: "shorten it, or add a column that says whether the row is public",
        });
    }
    let mut cutter = Cutter {
        rest: text.chars().peekable(),
        position: 1,
    };
    let mut tokens = Vec::new();
    while let Some(&next) = cutter.rest.peek() {
        if next.is_ascii_whitespace() {
            cutter.take();
            continue;
        }
        let position = cutter.position;
        tokens.push((position, cutter.token(next, position)?));
    }
    Ok(tokens)
}

impl Cutter<'_> {
    fn take(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.position += usize::from(next.is_some());
        next
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let found = self.rest.peek() == Some(&wanted);
        if found {
            self.take();
        }
        found
    }

    fn take_while(&mut self, text: &mut String, wanted: impl Fn(char) -> bool) {
        while let Some(&next) = self.rest.peek().filter(|next| wanted(**next)) {
            text.push(next);
            self.take();
        }
    }

    fn token(&mut self, first: char, position: usize) -> Result<Token, BadCondition> {
        match first {
            'a'..='z' | 'A'..='Z' | '_' => {
                let mut word = String::new();
                self.take_while(&mut word, |c| c.is_ascii_alphanumeric() || c == '_');
                Ok(Token::Word(word))
            }
            '0'..='9' | '-' => self.number(position),
            '\'' => self.quoted('\'', position).map(Token::Text),
            '"' => self.quoted('"', position).map(Token::Name),
            _ => self.sign(first, position),
        }
    }

    fn sign(&mut self, first: char, position: usize) -> Result<Token, BadCondition> {
        self.take();
        let sign = match first {
            '(' => "(",
            ')' => ")",
            ',' => ",",
            '=' => "=",
            '<' if self.take_if('=') => "<=",
            '<' if self.take_if('>') => "<>",
            '<' => "<",
            '>' if self.take_if('=') => ">=",
            '>' => ">",
            '!' if self.take_if('=') => "<>",
            other => {
                return Err(BadCondition {
                    position,
                    cause: format!("`{}` is not part of a condition", other.escape_debug()),
                    remedy: CHARACTERS,
                });
            }
        };
        Ok(Token::Sign(sign))
    }

    /// `-`, digits, and perhaps a point with more digits. No exponents: `1e400` overflows in some
    /// engines and a condition must not fail.
    fn number(&mut self, position: usize) -> Result<Token, BadCondition> {
        let mut text = String::new();
        if self.take_if('-') {
            text.push('-');
        }
        self.take_while(&mut text, |c| c.is_ascii_digit());
        let mut whole = text.ends_with(|c: char| c.is_ascii_digit());
        if whole && self.take_if('.') {
            text.push('.');
            self.take_while(&mut text, |c| c.is_ascii_digit());
            whole = !text.ends_with('.');
        }
        let glued = self
            .rest
            .peek()
            .is_some_and(|c| c.is_alphanumeric() || "_.".contains(*c));
        if whole && !glued {
            return Ok(Token::Number(text));
        }
        Err(BadCondition {
            position,
            cause: format!("`{text}` does not end as a number does"),
            remedy: "write digits with at most one point, e.g. `18` or `-0.5`",
        })
    }

    /// A doubled quote stands for one.
    fn quoted(&mut self, quote: char, position: usize) -> Result<String, BadCondition> {
        self.take();
        let mut text = String::new();
        while let Some(next) = self.take() {
            if next == quote && !self.take_if(quote) {
                return Ok(text);
            }
            if next.is_control() {
                return Err(BadCondition {
                    position: self.position - 1,
                    cause: "a control character stands between quotes".to_owned(),
                    remedy: "remove it",
                });
            }
            text.push(next);
        }
        Err(BadCondition {
            position,
            cause: format!("the quote {quote} is not closed"),
            remedy: "close it, and double the quotes that belong to the text",
        })
    }
}

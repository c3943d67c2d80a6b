//! Pseudonyms, as PostgreSQL computes them and as the gate takes them back.
//!
//! Integers and uuid: a four-round Feistel network over the two halves of the value, so that every
//! value has one pseudonym and the other way round. The round function is the beginning of SHA-256
//! over key, round number and half. Text: the beginning of SHA-256 over key, zero and text.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not uuid is an integer here"
)]

use sha2::{Digest, Sha256};

use super::parameter::{KeyKind, Parameter, Parameters};
use super::write::{bits, call, cast, column, int8, integer, operator, query, scalar, subquery};
use super::write::{target, text};
use crate::kind::Kind;
use crate::tree::Expression;
use model::DomainId;

/// Characters of a text's pseudonym: 128 bits.
const TEXT_LENGTH: usize = 32;
const ROUNDS: u8 = 4;

/// The secret of one domain for one class of recipients and one purpose.
#[derive(Clone)]
pub struct PseudonymKey([u8; 32]);

impl PseudonymKey {
    /// From 32 bytes of the pseudonym root's making.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be bound as a parameter.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn round(&self, round: u8, half: u64, half_bits: u32) -> u64 {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update([round])
            .chain_update(half.to_be_bytes())
            .finalize();
        let first = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, &byte| (number << 8) | u64::from(byte));
        first >> (64 - half_bits)
    }

    fn forward(&self, value: u128, half_bits: u32) -> u128 {
        let (mut left, mut right) = halves(value, half_bits);
        for round in 1..=ROUNDS {
            (left, right) = (right, left ^ self.round(round, right, half_bits));
        }
        (u128::from(left) << half_bits) | u128::from(right)
    }

    fn backward(&self, value: u128, half_bits: u32) -> u128 {
        let (mut left, mut right) = halves(value, half_bits);
        for round in (1..=ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left, half_bits), left);
        }
        (u128::from(left) << half_bits) | u128::from(right)
    }

    /// The pseudonym of a value written as PostgreSQL writes it; `None` if it is no such value.
    pub fn pseudonym(&self, value: &str, kind: KeyKind) -> Option<String> {
        self.turn(value, kind, Self::forward)
    }

    /// The value behind a pseudonym; `None` if it is no value of the type, or text, whose pseudonyms
    /// cannot be taken back.
    pub fn raw(&self, pseudonym: &str, kind: KeyKind) -> Option<String> {
        (kind != KeyKind::Text).then(|| self.turn(pseudonym, kind, Self::backward))?
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        reason = "two's complement on purpose: the pseudonym is of the bits"
    )]
    fn turn(
        &self,
        value: &str,
        kind: KeyKind,
        direction: fn(&Self, u128, u32) -> u128,
    ) -> Option<String> {
        let value_text = value.trim();
        Some(match kind {
            KeyKind::Int2 => {
                let value: i16 = value_text.parse().ok()?;
                (direction(self, u128::from(value as u16), 8) as u16 as i16).to_string()
            }
            KeyKind::Int4 => {
                let value: i32 = value_text.parse().ok()?;
                (direction(self, u128::from(value as u32), 16) as u32 as i32).to_string()
            }
            KeyKind::Int8 => {
                let value: i64 = value_text.parse().ok()?;
                (direction(self, u128::from(value as u64), 32) as u64 as i64).to_string()
            }
            KeyKind::Uuid => {
                let digits: String = value_text
                    .chars()
                    .filter(|c| !matches!(c, '-' | '{' | '}'))
                    .collect();
                if digits.len() != 32 {
                    return None;
                }
                let value = u128::from_str_radix(&digits, 16).ok()?;
                let digits = format!("{:032x}", direction(self, value, 64));
                let mut text = String::with_capacity(36);
                for (index, digit) in digits.chars().enumerate() {
                    if matches!(index, 8 | 12 | 16 | 20) {
                        text.push('-');
                    }
                    text.push(digit);
                }
                text
            }
            KeyKind::Text => {
                let digest = Sha256::new()
                    .chain_update(self.0)
                    .chain_update([0])
                    .chain_update(value.as_bytes())
                    .finalize();
                let mut text = String::with_capacity(64);
                for byte in digest {
                    text.push_str(&format!("{byte:02x}"));
                }
                text.truncate(TEXT_LENGTH);
                text
            }
        })
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a half has at most 64 bits, and the mask keeps no more"
)]
fn halves(value: u128, half_bits: u32) -> (u64, u64) {
    let mask = (1_u128 << half_bits) - 1;
    (((value >> half_bits) & mask) as u64, (value & mask) as u64)
}

/// The SQL for the pseudonym of `value`. NULL has no pseudonym but NULL.
pub(super) fn pseudonym(
    value: Expression,
    kind: Kind,
    domain: &DomainId,
    parameters: &mut Parameters,
) -> Option<Expression> {
    let key = parameters.typed(Parameter::Key(domain.clone()), "bytea");
    let (half_bits, left, right) = match KeyKind::of(kind)? {
        KeyKind::Text => return Some(text_pseudonym(key, value)),
        KeyKind::Int2 => integer_halves(value, 8),
        KeyKind::Int4 => integer_halves(value, 16),
        KeyKind::Int8 => integer_halves(value, 32),
        KeyKind::Uuid => uuid_halves(value),
    };
    // Each round is a query of its own behind a fence, so that no half is computed twice.
    let mut rounds = query(
        vec![target(left, "l"), target(right, "r")],
        Vec::new(),
        None,
        true,
    );
    for round in 1..=ROUNDS {
        let mixed = operator(
            "#",
            column("cordon:f", "l"),
            round_function(key.clone(), round, column("cordon:f", "r"), half_bits),
        );
        rounds = query(
            vec![target(column("cordon:f", "r"), "l"), target(mixed, "r")],
            vec![subquery(rounds, "cordon:f")],
            None,
            true,
        );
    }
    let joined = match kind {
        Kind::Uuid => joined_uuid(),
        _ => joined_integer(kind, half_bits),
    };
    let outer = query(
        vec![target(joined, "v")],
        vec![subquery(rounds, "cordon:f")],
        None,
        false,
    );
    Some(scalar(outer))
}

fn text_pseudonym(key: Expression, value: Expression) -> Expression {
    let bytes = call("convert_to", vec![cast(value, Kind::Text), text("UTF8")]);
    let zero = cast(text("\\x00"), Kind::Bytea);
    let input = operator("||", operator("||", key, zero), bytes);
    let digest = call("encode", vec![call("sha256", vec![input]), text("hex")]);
    call("left", vec![digest, integer(32)])
}

fn mask(half_bits: i32) -> Expression {
    int8((1_i64 << half_bits) - 1)
}

fn integer_halves(value: Expression, half_bits: i32) -> (i32, Expression, Expression) {
    let wide = cast(value, Kind::Int8);
    let left = operator(
        "&",
        operator(">>", wide.clone(), integer(half_bits)),
        mask(half_bits),
    );
    (half_bits, left, operator("&", wide, mask(half_bits)))
}

/// The first digits of a hexadecimal text as `int8`.
fn from_hex(digits: Expression, count: i32) -> Expression {
    let prefixed = operator("||", text("x"), digits);
    cast(bits(prefixed, count), Kind::Int8)
}

fn uuid_halves(value: Expression) -> (i32, Expression, Expression) {
    let half = |from: i32| {
        let bytes = call("uuid_send", vec![value.clone()]);
        let part = call("substr", vec![bytes, integer(from), integer(8)]);
        from_hex(call("encode", vec![part, text("hex")]), 64)
    };
    (64, half(1), half(9))
}

fn round_function(key: Expression, round: u8, half: Expression, half_bits: i32) -> Expression {
    let number = cast(text(&format!("\\x{round:02x}")), Kind::Bytea);
    let input = operator(
        "||",
        operator("||", key, number),
        call("int8send", vec![half]),
    );
    let digits = call("encode", vec![call("sha256", vec![input]), text("hex")]);
    from_hex(
        call("left", vec![digits, integer(half_bits / 4)]),
        half_bits,
    )
}

fn joined_integer(kind: Kind, half_bits: i32) -> Expression {
    let left = operator("<<", column("cordon:f", "l"), integer(half_bits));
    let joined = operator("|", left, column("cordon:f", "r"));
    if half_bits == 32 {
        return joined;
    }
    // Sign-extend, so that the bits fit the narrower type.
    let sign = 1_i64 << (2 * half_bits - 1);
    cast(
        operator("-", operator("#", joined, int8(sign)), int8(sign)),
        kind,
    )
}

fn joined_uuid() -> Expression {
    let half = |name: &str| call("int8send", vec![column("cordon:f", name)]);
    let bytes = operator("||", half("l"), half("r"));
    cast(call("encode", vec![bytes, text("hex")]), Kind::Uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pseudonym_can_be_taken_back() {
        let key = PseudonymKey::new([7; 32]);
        for (kind, values) in [
            (KeyKind::Int2, vec!["0", "-1", "32767", "-32768", "42"]),
            (KeyKind::Int4, vec!["0", "-1", "2147483647", "-2147483648"]),
            (
                KeyKind::Int8,
                vec!["0", "-9223372036854775808", "12345678901"],
            ),
            (KeyKind::Uuid, vec!["00112233-4455-6677-8899-aabbccddeeff"]),
        ] {
            for value in values {
                let pseudonym = key.pseudonym(value, kind).unwrap();
                assert_ne!(pseudonym, value);
                assert_eq!(key.raw(&pseudonym, kind).as_deref(), Some(value));
            }
        }
    }

    #[test]
    fn all_small_integers_have_pseudonyms_of_their_own() {
        let key = PseudonymKey::new([9; 32]);
        let all: std::collections::BTreeSet<String> = (i16::MIN..=i16::MAX)
            .map(|value| key.pseudonym(&value.to_string(), KeyKind::Int2).unwrap())
            .collect();
        assert_eq!(all.len(), 65_536);
    }

    #[test]
    fn text_has_no_way_back() {
        let key = PseudonymKey::new([1; 32]);
        let pseudonym = key.pseudonym("ada@example.org", KeyKind::Text).unwrap();
        assert_eq!(pseudonym.len(), TEXT_LENGTH);
        assert_eq!(key.raw(&pseudonym, KeyKind::Text), None);
    }
}

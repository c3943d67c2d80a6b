//! A part of an organisation's ownership.

use std::fmt;

/// Ownership in hundredths of a per cent: 10,000 is the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Share(u32);

/// A text or number that is no share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadShare(pub String);

impl fmt::Display for BadShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a share; write a percentage from 0 to 100, e.g. `60%` or `33.33%`",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for BadShare {}

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(10_000);

    /// A share from hundredths of a per cent.
    ///
    /// # Errors
    /// [`BadShare`] above the whole.
    pub fn from_hundredths(hundredths: u32) -> Result<Self, BadShare> {
        if hundredths <= Self::WHOLE.0 {
            Ok(Self(hundredths))
        } else {
            Err(BadShare(hundredths.to_string()))
        }
    }

    /// Reads `60%`, `60 %` or `33.33%`, with at most two digits after the point.
    ///
    /// # Errors
    /// [`BadShare`] for anything else, also above 100 %.
    pub fn parse(text: &str) -> Result<Self, BadShare> {
        let bad = || BadShare(text.to_owned());
        let digits = text.trim().strip_suffix('%').ok_or_else(bad)?.trim_end();
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain =
            |s: &str, max| !s.is_empty() && s.len() <= max && s.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole, 3) || !plain(part, 2) {
            return Err(bad());
        }
        let whole: u32 = whole.parse().map_err(|_| bad())?;
        let scale = if part.len() == 1 { 10 } else { 1 };
        let part: u32 = part.parse().map_err(|_| bad())?;
        Self::from_hundredths(whole * 100 + part * scale).map_err(|_| bad())
    }

    /// The sum, never more than the whole: over-reported holdings count as all of it.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(Self::WHOLE.0))
    }

    /// What is left of the whole.
    #[must_use]
    pub fn rest(self) -> Self {
        Self(Self::WHOLE.0.saturating_sub(self.0))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole} %"),
            (whole, part) => write!(f, "{whole}.{part:02} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_exactly() {
        assert_eq!(
            Share::parse("60%").map(|s| s.to_string()),
            Ok("60 %".into())
        );
        assert_eq!(
            Share::parse("33.3 %").map(|s| s.to_string()),
            Ok("33.30 %".into())
        );
        for bad in [
            "", "60", "101%", "-1%", "1.234%", "%", "a%", "100.01%", "+5%",
        ] {
            assert!(Share::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sum_never_exceeds_the_whole() {
        assert_eq!(Share::WHOLE.plus(Share::WHOLE), Share::WHOLE);
    }
}

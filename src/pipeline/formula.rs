//! A formula over the columns of one fact frame, checked: what a condition, a money or a deadline of a rule written as text says.
//! [`crate::pipeline::resolve::formula_text`] reads it from SQL; the rules turn it into an expression of the frame engine.

use regex::Regex;

use crate::base::money;
use crate::frame::column::Column;

/// A formula. Every part has the type that its place asks for: the reader has seen to it.
#[derive(Debug, Clone)]
pub enum Formula {
    /// A fact. Absent text is empty text.
    Column(Column),
    /// The as-of day.
    AsOf,
    /// The first instant after the as-of day.
    AsOfEnd,
    /// A threshold of the rule, which packs set under `thresholds`.
    Threshold(String),
    /// Yes or no.
    Flag(bool),
    /// A word or a text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Money in units of the row's currency.
    Amount(Amount),
    /// A civil date, as a day number.
    Day(i32),
    /// It does not hold.
    Not(Box<Formula>),
    /// There is a value.
    Known(Box<Formula>),
    /// Two values beside each other.
    Compare(Comparison, Box<Formula>, Box<Formula>),
    /// The value is one of these literals, which are of one variant.
    OneOf(Box<Formula>, Vec<Formula>),
    /// All hold.
    All(Vec<Formula>),
    /// One of them holds.
    Any(Vec<Formula>),
    /// `a + b`; a date plus days is a date.
    Sum(Box<Formula>, Box<Formula>),
    /// `a − b`; a date minus a date is days.
    Difference(Box<Formula>, Box<Formula>),
    /// Several times a number or an amount.
    Times(i64, Box<Formula>),
    /// An instant, so many milliseconds later.
    Later(Box<Formula>, i64),
    /// Without its sign.
    Magnitude(Box<Formula>),
    /// The first that has a value.
    First(Vec<Formula>),
    /// The text fits the pattern.
    Matches(Box<Formula>, Regex),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// An amount as written, exactly: `digits ÷ 10^places` units of whatever currency the row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// All digits, with their sign.
    pub digits: i64,
    /// How many of them stand after the point, without zeros at the end.
    pub places: u32,
}

impl Amount {
    /// A decimal such as `-1965.16`; `None` when it is none, or larger than any amount of a cell.
    pub fn of(text: &str) -> Option<Amount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
        let places = u32::try_from(fraction.len()).ok()?;
        let amount = Amount { digits, places };
        (digits.abs() <= money::CELL_LIMIT && places <= 6).then_some(amount)
    }

    /// Minor units of a currency with so many decimals; `None` when the currency has no such amount.
    pub fn minor(self, decimals: u32) -> Option<i64> {
        self.digits.checked_mul(10i64.checked_pow(decimals.checked_sub(self.places)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_every_currency_or_none() {
        let minor = |text: &str, decimals| Amount::of(text).and_then(|amount| amount.minor(decimals));
        assert_eq!(minor("100.00", 2), Some(10_000));
        assert_eq!(minor("100.00", 0), Some(100));
        assert_eq!(minor("0.1", 3), Some(100));
        assert_eq!(minor("-0.07", 2), Some(-7));
        assert_eq!(minor("0.01", 0), None);
        assert_eq!(minor("0.001", 2), None);
        assert_eq!(minor("1e3", 2), None);
        assert_eq!(minor("99999999999999999999", 2), None);
    }
}

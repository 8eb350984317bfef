//! Exchange rates: exact decimals, and amounts converted by them half up (rulebook §16.3). Floats never touch them.

use crate::base::money::decimals;

/// Parts of one in which a rate is kept: thousand millionths.
const NANO: i128 = 1_000_000_000;
const PLACES: usize = 9;

/// How many units of one currency one unit of another is worth; above 0, with at most nine decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

impl Rate {
    /// A rate written as `24.31`; `None` when it is no number above 0, or has more than nine decimals.
    pub fn read(text: &str) -> Option<Rate> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, digits(fraction).then_some(fraction)?),
            None => (text, ""),
        };
        let is_rate = digits(whole) && fraction.len() <= PLACES;
        let nano = is_rate.then(|| format!("{whole}{fraction:0<PLACES$}").parse::<i64>().ok()).flatten()?;
        (nano > 0).then_some(Rate(nano))
    }

    /// A rate in thousand millionths; `None` unless it is above 0.
    pub fn of_nano(nano: i64) -> Option<Rate> {
        (nano > 0).then_some(Rate(nano))
    }

    /// An amount of the quoted currency in the base currency, minor units of both; `None` on overflow.
    ///
    /// One unit of `base` is worth this many units of `quote`.
    pub fn to_base(self, amount: i64, base: &str, quote: &str) -> Option<i64> {
        divide_half_up(i128::from(amount) * NANO * minor(base), i128::from(self.0) * minor(quote))
    }

    /// An amount of the base currency in the quoted one, minor units of both; `None` on overflow.
    pub fn to_quote(self, amount: i64, base: &str, quote: &str) -> Option<i64> {
        let product = (i128::from(amount) * i128::from(self.0)).checked_mul(minor(quote))?;
        divide_half_up(product, NANO * minor(base))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:0>width$}", self.0, width = PLACES + 1);
        let (whole, fraction) = digits.split_at(digits.len() - PLACES);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { f.write_str(whole) } else { write!(f, "{whole}.{fraction}") }
    }
}

/// Minor units of one unit of a currency.
fn minor(currency: &str) -> i128 {
    10_i128.pow(decimals(currency).unwrap_or(2))
}

/// `a ÷ b`, rounded half away from zero; `b` is above 0.
fn divide_half_up(a: i128, b: i128) -> Option<i64> {
    let magnitude = (a.checked_abs()?.checked_mul(2)? + b) / (b * 2);
    i64::try_from(if a < 0 { -magnitude } else { magnitude }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        Rate::read(text).unwrap()
    }

    #[test]
    fn what_is_written_is_shown_again() {
        for text in ["24.31", "1", "0.000000001", "395.5", "1000"] {
            assert_eq!(rate(text).to_string(), text);
        }
        for not_one in ["", "0", "0.0", "-1", "24,31", "24.", ".5", "1e3", "0.0000000001", "99999999999999999999"] {
            assert_eq!(Rate::read(not_one), None, "{not_one}");
        }
    }

    #[test]
    fn amounts_are_converted_half_up_and_exactly() {
        // 24 310.00 CZK at 24.31 are 1 000.00 EUR; 24 300.00 CZK are 999.5886… EUR.
        assert_eq!(rate("24.31").to_base(2_431_000, "EUR", "CZK"), Some(100_000));
        assert_eq!(rate("24.31").to_base(2_430_000, "EUR", "CZK"), Some(99_959));
        assert_eq!(rate("24.31").to_quote(100_000, "EUR", "CZK"), Some(2_431_000));
        // Half a minor unit goes away from zero, on both sides of it.
        assert_eq!(rate("2").to_base(1, "EUR", "CZK"), Some(1));
        assert_eq!(rate("2").to_base(-1, "EUR", "CZK"), Some(-1));
        assert_eq!(rate("0.5").to_quote(1, "EUR", "CZK"), Some(1));
        // A currency without minor units: 16 000 JPY at 160 are 100.00 EUR.
        assert_eq!(rate("160").to_base(16_000, "EUR", "JPY"), Some(10_000));
        assert_eq!(rate("160").to_quote(10_000, "EUR", "JPY"), Some(16_000));
    }

    #[test]
    fn what_does_not_fit_is_none() {
        assert_eq!(rate("0.000000001").to_base(i64::MAX, "EUR", "CZK"), None);
        assert_eq!(rate("9000000000").to_quote(i64::MAX, "EUR", "CZK"), None);
    }
}

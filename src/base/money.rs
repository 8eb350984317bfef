//! Money is a whole number of minor units (haléř, cent) with a currency beside it; floats never touch it.

use std::collections::BTreeMap;
use std::str::FromStr;

/// Parts of a million that make one: commission and VAT rates are whole millionths.
pub const PPM: i64 = 1_000_000;

/// The largest amount, in minor units, that one cell may hold: a thousand million of the main unit. Ninety million such
/// cells still sum within an `i64`; sums are checked all the same.
pub const CELL_LIMIT: i64 = 100_000_000_000;

/// Parts of a minor unit in which roundings are counted: trillionths, so that the cut-off decimals of a cell add up exactly.
pub const PARTS: i64 = 1_000_000_000_000;
const PART_PLACES: usize = 12;

/// Decimal places of a currency by ISO 4217, `None` for an unknown code.
pub fn decimals(currency: &str) -> Option<u32> {
    iso_currency::Currency::from_str(currency).ok().and_then(|known| known.exponent()).map(u32::from)
}

/// The currencies that do not have two decimal places, by their places, in the order of both.
pub fn unusual_decimals() -> BTreeMap<u32, Vec<&'static str>> {
    let mut by_places: BTreeMap<u32, Vec<&'static str>> = BTreeMap::new();
    for currency in (0..1000).filter_map(iso_currency::Currency::from_numeric) {
        match currency.exponent().map(u32::from) {
            None | Some(2) => {}
            Some(places) => by_places.entry(places).or_default().push(currency.code()),
        }
    }
    by_places.values_mut().for_each(|codes| codes.sort_unstable());
    by_places
}

/// Minor units as a decimal string, such as `196516` CZK → `1965.16`. An unknown currency is written with two places.
/// Takes `i64` amounts and the `i128` sums of control totals alike.
pub fn to_decimal(minor: impl Into<i128>, currency: &str) -> String {
    to_places(minor.into(), decimals(currency).unwrap_or(2) as usize)
}

/// [`PARTS`] of minor units as a decimal string without needless zeros, such as `0.005` for half a minor unit of CZK.
pub fn parts_to_decimal(parts: i128, currency: &str) -> String {
    let text = to_places(parts, decimals(currency).unwrap_or(2) as usize + PART_PLACES);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn to_places(number: i128, places: usize) -> String {
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if number < 0 { "-" } else { "" };
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The digits behind the last place of a currency as [`PARTS`] of a minor unit; those beyond the twelfth do not count.
pub fn parts_of(excess: &str) -> i64 {
    let kept = &excess[..excess.len().min(PART_PLACES)];
    format!("{kept:0<PART_PLACES$}").parse().unwrap_or(0)
}

/// A decimal string such as `1965.16` as minor units; `None` when it has more places than the currency, or is no number.
pub fn from_decimal(text: &str, currency: &str) -> Option<i64> {
    scaled(text, decimals(currency).unwrap_or(2) as usize)
}

/// Millionths as a percentage: `18 %`, `17.5 %`.
pub fn to_percent(ppm: i64) -> String {
    let (sign, ppm) = (if ppm < 0 { "-" } else { "" }, ppm.unsigned_abs());
    let digits = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    format!("{sign}{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A percentage such as `18` or `17.5` in millionths; `None` when it has more than four decimals, lies outside 0 to 100, or is no
/// number.
pub fn from_percent(text: &str) -> Option<i64> {
    scaled(text, 4).filter(|ppm| (0..=PPM).contains(ppm) && !text.starts_with('-'))
}

/// Digits with at most `places` decimals behind a point, as a whole number of the last place.
fn scaled(text: &str, places: usize) -> Option<i64> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, digits(fraction).then_some(fraction)?),
        None => (text, ""),
    };
    let is_number = digits(whole.strip_prefix('-').unwrap_or(whole)) && fraction.len() <= places;
    is_number.then(|| format!("{whole}{fraction:0<places$}").parse().ok()).flatten()
}

/// `a × b ÷ c`, rounded half away from zero, exactly. `None` on overflow or when `c` is not positive.
pub fn mul_div_half_up(a: i64, b: i64, c: i64) -> Option<i64> {
    if c <= 0 {
        return None;
    }
    let product = i128::from(a) * i128::from(b);
    let c = i128::from(c);
    let magnitude = (product.abs() * 2 + c) / (c * 2);
    i64::try_from(if product < 0 { -magnitude } else { magnitude }).ok()
}

/// Commission of a line: half up to the minor unit, never rounded again (rulebook A9, §15.12).
pub fn share_of(amount: i64, rate_ppm: i64) -> Option<i64> {
    mul_div_half_up(amount, rate_ppm, PPM)
}

/// Commission of a line with VAT on it, taken from the line without the VAT of the goods: `amount ÷ (1 + vat) × rate × (1 + added)`,
/// rounded once (A7, A8). Without either VAT it is [`share_of`].
pub fn commission_of(amount: i64, vat_ppm: i64, rate_ppm: i64, added_ppm: i64) -> Option<i64> {
    let product = i128::from(amount) * i128::from(rate_ppm) * i128::from(PPM + added_ppm);
    mul_div_half_up_wide(product, i128::from(PPM) * i128::from(PPM + vat_ppm))
}

/// `gross ÷ (1 + vat) × (1 − commission)`, rounded once (rulebook §1.1, §15.12).
pub fn net_of(gross: i64, vat_ppm: i64, commission_ppm: i64) -> Option<i64> {
    mul_div_half_up_wide(i128::from(gross) * i128::from(PPM - commission_ppm), i128::from(PPM + vat_ppm))
}

fn mul_div_half_up_wide(product: i128, divisor: i128) -> Option<i64> {
    if divisor <= 0 {
        return None;
    }
    let magnitude = (product.abs() * 2 + divisor) / (divisor * 2);
    i64::try_from(if product < 0 { -magnitude } else { magnitude }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_minor_units() {
        assert_eq!(parts_of("5"), PARTS / 2);
        assert_eq!(parts_of("0049999999999999"), 4_999_999_999);
        assert_eq!(parts_to_decimal(i128::from(PARTS / 2), "CZK"), "0.005");
        assert_eq!(parts_to_decimal(-i128::from(PARTS / 4), "JPY"), "-0.25");
        assert_eq!(parts_to_decimal(0, "CZK"), "0");
        assert_eq!(parts_to_decimal(i128::from(PARTS) * 200, "CZK"), "2");
    }

    #[test]
    fn decimal_strings() {
        assert_eq!(to_decimal(196_516, "CZK"), "1965.16");
        assert_eq!(to_decimal(-5, "EUR"), "-0.05");
        assert_eq!(to_decimal(100, "JPY"), "100");
        assert_eq!(from_decimal("1965.16", "CZK"), Some(196_516));
        assert_eq!((from_decimal("-5", "EUR"), from_decimal("0.5", "EUR")), (Some(-500), Some(50)));
        assert_eq!((from_decimal("-0.05", "EUR"), from_decimal("100", "JPY")), (Some(-5), Some(100)));
        for not_one in ["", "-", ".", "1.", ".5", "+5", "1.005", "x", "1,5", " 1", "1.-5", "1e3", "１"] {
            assert_eq!(from_decimal(not_one, "EUR"), None, "{not_one}");
        }
    }

    #[test]
    fn percentages_have_four_decimals_at_most() {
        assert_eq!((from_percent("18"), from_percent("17.5")), (Some(180_000), Some(175_000)));
        assert_eq!((from_percent("17.5555"), from_percent("0.0001")), (Some(175_555), Some(1)));
        assert_eq!((from_percent("0"), from_percent("100"), from_percent("100.0000")), (Some(0), Some(PPM), Some(PPM)));
        // 17.55555 was once read as 175.5555 %.
        for not_one in ["17.55555", "100.0001", "101", "-1", "-0", "", "18 %", "18,5", "18.", ".5", "0.18.1", "+18"] {
            assert_eq!(from_percent(not_one), None, "{not_one}");
        }
    }

    #[test]
    fn commission_of_x11_and_x15() {
        // X11: 18 % of 2 × 499.00 and of 1290.00
        assert_eq!(share_of(99_800, 180_000).unwrap() + share_of(129_000, 180_000).unwrap(), 41_184);
        // X15: 1799.00, VAT 21 %, commission 15 %; delivery 29.00 and COD fee 39.00 without margin
        assert_eq!(net_of(179_900, 210_000, 150_000), Some(126_376));
        assert_eq!(net_of(2_900, 210_000, 0), Some(2_397));
        assert_eq!(net_of(3_900, 210_000, 0), Some(3_223));
    }

    #[test]
    fn commission_with_and_without_vat() {
        // 10 % of 121.00: of the price; of the 100.00 without VAT; with 21 % VAT on it; both.
        assert_eq!(commission_of(12_100, 0, 100_000, 0), share_of(12_100, 100_000));
        assert_eq!(commission_of(12_100, 210_000, 100_000, 0), Some(1_000));
        assert_eq!(commission_of(12_100, 0, 100_000, 210_000), Some(1_464));
        assert_eq!(commission_of(12_100, 210_000, 100_000, 210_000), Some(1_210));
        assert_eq!(commission_of(CELL_LIMIT, 0, PPM, PPM), Some(2 * CELL_LIMIT));
    }

    #[test]
    fn half_goes_away_from_zero() {
        assert_eq!(mul_div_half_up(5, 1, 10), Some(1));
        assert_eq!(mul_div_half_up(-5, 1, 10), Some(-1));
        assert_eq!(mul_div_half_up(4, 1, 10), Some(0));
    }
}

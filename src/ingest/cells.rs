//! Cell parsers: amounts, percentages, whole numbers, identifiers. A declared format decides, nothing ambiguous is guessed, and
//! nothing is rounded unless the source says so.

use std::borrow::Cow;

use crate::base::money::{CELL_LIMIT, PARTS, parts_of};
use crate::base::text::fold;
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::record::Raw;
use crate::pipeline::source::CellForms;
use crate::pipeline::words::WordTable;

/// Largest whole number of a cell: pieces, not identifiers.
const INT_LIMIT: i64 = 1_000_000_000;
/// Digits a spreadsheet keeps of a number.
const SHEET_DIGITS: usize = 15;
/// Up to here every whole number is exact as a float.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// What an amount is read against.
#[derive(Debug, Clone, Copy)]
pub(super) struct MoneyForm<'a> {
    /// Decimal mark and the treatment of excess decimals.
    pub(super) forms: &'a CellForms,
    /// The row's currency.
    pub(super) currency: &'a str,
    /// Its decimal places.
    pub(super) places: u32,
    /// Words of currencies.
    pub(super) units: Option<&'a WordTable>,
}

/// An amount in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) minor: i64,
    /// Excess decimals were booked half up: so many [`PARTS`] of a minor unit the cell says beyond what was booked.
    pub(super) residue: Option<i64>,
}

/// Reads an amount of the row's currency.
pub(super) fn money(raw: Raw<'_>, form: MoneyForm<'_>) -> Result<Amount, Flaw> {
    match raw {
        Raw::Text(text) => match plain(text, form.forms, form.places) {
            Some(minor) => Ok(Amount { minor, residue: None }),
            None => written_money(text, form),
        },
        Raw::Number(number) => native_money(number, form),
        other => Err(untyped(other, Reason::NotAnAmount, || money_expected(form))),
    }
}

/// The common case without detours: digits, perhaps a minus, perhaps the declared mark and no more decimals than `places`. The number
/// times ten to `places`.
fn plain(text: &str, forms: &CellForms, places: u32) -> Option<i64> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.first()? {
        b'-' => (true, &bytes[1..]),
        _ => (false, bytes),
    };
    let mark = forms.decimal.map(|mark| mark as u8);
    let mut minor: i64 = 0;
    let mut decimals: Option<u32> = None;
    if digits.len() > 14 || !digits.first()?.is_ascii_digit() {
        return None;
    }
    for byte in digits {
        if byte.is_ascii_digit() {
            minor = minor * 10 + i64::from(byte - b'0');
            decimals = decimals.map(|count| count + 1);
        } else if Some(*byte) == mark && decimals.is_none() {
            decimals = Some(0);
        } else {
            return None;
        }
    }
    let missing = places.checked_sub(decimals.unwrap_or(0))?;
    if decimals == Some(0) || (negative && minor == 0) {
        return None;
    }
    let minor = minor.checked_mul(10_i64.checked_pow(missing)?)?;
    (minor <= CELL_LIMIT).then_some(if negative { -minor } else { minor })
}

fn written_money(text: &str, form: MoneyForm<'_>) -> Result<Amount, Flaw> {
    let bad = |reason| Flaw { reason, expected: money_expected(form) };
    let (text, declared) = without_declared_sign(text, form.forms);
    let (before_unit, text) = split_sign(&text);
    let (number, unit) = split_unit(text).ok_or_else(|| bad(Reason::NotAnAmount))?;
    if let Some(unit) = unit {
        match currency_of(unit, form.units) {
            Some(currency) if currency == form.currency => {}
            Some(_) => return Err(bad(Reason::OtherCurrency)),
            None if looks_like_exponent(unit) => return Err(bad(Reason::NotAnAmount)),
            None => return Err(bad(Reason::UnknownUnit)),
        }
    }
    let mut digits = Digits::read(number, Marks::of(form.forms)).map_err(bad)?;
    if let Some(sign) = declared.or(before_unit) {
        let minus = sign == Sign::Minus;
        let signed_twice = number.starts_with(is_sign) || (declared.is_some() && before_unit.is_some());
        if signed_twice || (minus && digits.is_zero()) {
            return Err(bad(Reason::NotAnAmount));
        }
        digits.negative = minus;
    }
    digits.scaled(form.places, form.forms.book_excess_decimals).map_err(bad)
}

/// A sign of an amount. A plus may stand wherever a minus may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    fn of(letter: char) -> Option<Sign> {
        match letter {
            '+' => Some(Sign::Plus),
            '-' | '\u{2212}' => Some(Sign::Minus),
            _ => None,
        }
    }
}

/// A sign that stands before a unit, and the rest: `-CA$4.42`, `+ $10.00`.
fn split_sign(text: &str) -> (Option<Sign>, &str) {
    let rest = text.trim_start_matches(is_sign).trim_start();
    let sign = text.chars().next().and_then(Sign::of);
    // Another sign behind it is one too many, and stays.
    let one = text.chars().take_while(|letter| is_sign(*letter)).count() == 1;
    if sign.is_some() && one && !rest.starts_with(|c: char| c.is_ascii_digit()) { (sign, rest) } else { (None, text) }
}

/// The amount without a sign in a declared form (`(100)`, `100-`), and that sign.
fn without_declared_sign<'t>(text: &'t str, forms: &CellForms) -> (Cow<'t, str>, Option<Sign>) {
    let is_digit = |c: char| c.is_ascii_digit();
    let (Some(first), Some(last)) = (text.find(is_digit), text.rfind(is_digit)) else {
        return (Cow::Borrowed(text), None);
    };
    let (before, behind) = (&text[..first], &text[last + 1..]);
    if forms.minus_by_parentheses && before.matches('(').count() == 1 && behind.matches(')').count() == 1 {
        let bare = format!("{}{}{}", before.replace('(', ""), &text[first..=last], behind.replace(')', ""));
        return (Cow::Owned(bare), Some(Sign::Minus));
    }
    let mut unit = behind.trim_start_matches(is_blank).chars();
    match unit.next().and_then(Sign::of).filter(|_| forms.minus_behind) {
        Some(sign) => (Cow::Owned(format!("{}{}", &text[..=last], unit.as_str())), Some(sign)),
        None => (Cow::Borrowed(text), None),
    }
}

fn is_sign(letter: char) -> bool {
    Sign::of(letter).is_some()
}

#[allow(clippy::float_cmp, reason = "equality is the very question: is the cell the float of exactly this decimal")]
fn native_money(number: f64, form: MoneyForm<'_>) -> Result<Amount, Flaw> {
    let bad = |reason| Flaw { reason, expected: number_expected(form) };
    if !number.is_finite() {
        return Err(bad(Reason::NotAnAmount));
    }
    if number.abs() > EXACT_FLOAT {
        return Err(bad(Reason::OutOfRange));
    }
    let scale = 10_f64.powi(form.places as i32);
    let nearest = (number * scale).round();
    // The division is rounded correctly, so equality means: the cell is the float of exactly this decimal.
    if nearest.abs() <= CELL_LIMIT as f64 && nearest / scale == number {
        return Ok(Amount { minor: nearest as i64, residue: None });
    }
    let digits = Digits::read(&shown_number(number), Marks::POINT).map_err(bad)?;
    digits.scaled(form.places, form.forms.book_excess_decimals).map_err(bad)
}

/// A native number as the decimal that a spreadsheet program shows at fifteen significant digits: what lies beyond them is the noise
/// of its arithmetic.
fn shown_number(number: f64) -> String {
    let short = number.to_string();
    if short.bytes().filter(u8::is_ascii_digit).count() <= SHEET_DIGITS {
        return short;
    }
    format!("{number:.*e}", SHEET_DIGITS - 1).parse::<f64>().map_or(short, |number| number.to_string())
}

fn money_expected(form: MoneyForm<'_>) -> String {
    let mark = form.forms.decimal.map_or("no decimal mark".to_owned(), |mark| format!("decimal mark `{mark}`"));
    format!("an amount in {} with {mark} and at most {} decimals", form.currency, form.places)
}

fn number_expected(form: MoneyForm<'_>) -> String {
    let (currency, places) = (form.currency, form.places);
    format!("a number in {currency} with at most {places} decimals, at {SHEET_DIGITS} significant digits")
}

/// The ISO code that a unit word means: through the table, or itself.
pub(super) fn currency_of<'a>(unit: &'a str, units: Option<&'a WordTable>) -> Option<&'a str> {
    let known = units.and_then(|table| table.look_up(&fold(unit), |_| false));
    known.or_else(|| crate::base::money::decimals(unit).map(|_| unit))
}

fn looks_like_exponent(unit: &str) -> bool {
    unit.starts_with(['e', 'E']) && unit[1..].chars().any(|c| c.is_ascii_digit())
}

/// Number and unit of `89 cseh koronát`, `€ 5.00`, `-12,50 Kč`. `None` when there is no digit or a unit on both sides.
fn split_unit(text: &str) -> Option<(&str, Option<&str>)> {
    let in_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '\u{2212}' | '+' | '.' | ',');
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let first = text.find(in_number)?;
    let last = text.rfind(|c: char| c.is_ascii_digit())?;
    // A unit may end in a full stop (`zł.`, `Kč.`): whatever follows the last digit belongs to the unit.
    let first_digit = text.find(|c: char| c.is_ascii_digit())?;
    let first = if text[first..first_digit].chars().all(|c| in_number(c) || is_blank(c)) { first } else { first_digit };
    let (prefix, number, suffix) = (text[..first].trim(), text[first..=last].trim(), text[last + 1..].trim());
    match (prefix.is_empty(), suffix.is_empty()) {
        (true, true) => Some((number, None)),
        (true, false) => Some((number, Some(suffix))),
        (false, true) => Some((number, Some(prefix))),
        (false, false) => None,
    }
}

/// A blank inside a number: blank, no-break, narrow no-break, thin.
fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// The marks in a number.
#[derive(Debug, Clone, Copy)]
struct Marks {
    decimal: Option<char>,
    /// Apostrophes may stand between thousands.
    apostrophes: bool,
}

impl Marks {
    const POINT: Marks = Marks { decimal: Some('.'), apostrophes: false };

    fn of(forms: &CellForms) -> Marks {
        Marks { decimal: forms.decimal, apostrophes: forms.apostrophes }
    }
}

/// A decimal number as written.
#[derive(Debug, PartialEq, Eq)]
struct Digits {
    negative: bool,
    whole: i64,
    /// Digits after the mark; `None` without a mark.
    fraction: Option<String>,
}

impl Digits {
    /// Reads a sign, groups of three, and a declared decimal mark.
    fn read(text: &str, marks: Marks) -> Result<Digits, Reason> {
        let mark = marks.decimal;
        let (negative, rest) = match text.chars().next() {
            Some('-') => (true, &text[1..]),
            Some('\u{2212}') => (true, &text['\u{2212}'.len_utf8()..]),
            Some('+') => (false, &text[1..]),
            _ => (false, text),
        };
        let rest = rest.trim_start_matches(is_blank);
        if mark.is_none() && rest.contains(['.', ',']) {
            return Err(Reason::NoDecimal);
        }
        let (whole, fraction) = match mark.and_then(|mark| rest.split_once(mark)) {
            Some((whole, fraction)) => (whole, Some(fraction.to_owned())),
            None => (rest, None),
        };
        if fraction.as_ref().is_some_and(|digits| digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Reason::NotAnAmount);
        }
        let digits = ungrouped(whole, marks).ok_or(Reason::NotAnAmount)?;
        let whole: i64 = digits.parse().map_err(|_| Reason::OutOfRange)?;
        let read = Digits { negative, whole, fraction };
        if negative && read.is_zero() { Err(Reason::NotAnAmount) } else { Ok(read) }
    }

    fn is_zero(&self) -> bool {
        self.whole == 0 && self.fraction.as_ref().is_none_or(|digits| digits.bytes().all(|b| b == b'0'))
    }

    /// The number times ten to `places`. Zeros beyond the places are no excess, unless there are exactly three decimals: then
    /// the mark may have been a grouping mark.
    fn scaled(&self, places: u32, book: bool) -> Result<Amount, Reason> {
        let places = places as usize;
        let fraction = self.fraction.as_deref().unwrap_or("");
        let (kept, excess) = fraction.split_at(fraction.len().min(places));
        let exact = excess.bytes().all(|b| b == b'0') && (excess.is_empty() || fraction.len() != 3);
        if !exact && !book {
            return Err(Reason::ExcessDecimals);
        }
        let padded: i64 = format!("{kept:0<places$}").parse().unwrap_or(0);
        let scale = 10_i64.checked_pow(places as u32).ok_or(Reason::OutOfRange)?;
        let up = i64::from(excess.as_bytes().first().is_some_and(|digit| *digit >= b'5'));
        let minor = self.whole.checked_mul(scale).and_then(|whole| whole.checked_add(padded + up));
        let minor = minor.filter(|minor| *minor <= CELL_LIMIT).ok_or(Reason::OutOfRange)?;
        let residue = parts_of(excess) - up * PARTS;
        let sign = if self.negative { -1 } else { 1 };
        Ok(Amount { minor: sign * minor, residue: (!exact).then_some(sign * residue) })
    }
}

/// Digits without grouping marks: groups of three, one kind of mark only, never the decimal mark.
fn ungrouped(whole: &str, marks: Marks) -> Option<String> {
    let grouping = whole.chars().find(|c| !c.is_ascii_digit());
    let Some(grouping) = grouping else {
        return (!whole.is_empty()).then(|| whole.to_owned());
    };
    let allowed = is_blank(grouping)
        || matches!((marks.decimal, grouping), (Some(','), '.') | (Some('.'), ','))
        || (marks.apostrophes && matches!(grouping, '\'' | '\u{2019}'));
    let mut groups = whole.split(grouping);
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let sound = allowed
        && (1..=3).contains(&first.len())
        && digits(first)
        && groups.clone().all(|group| group.len() == 3 && digits(group));
    sound.then(|| whole.chars().filter(char::is_ascii_digit).collect())
}

/// Reads a percentage (`18`, `18 %`, `18,5 %`) as millionths. Whether a plain number may be a share, only a reader knows that sees
/// formats: without them 1 may be 1 % or 100 %. A source may say that it writes shares.
pub(super) fn percent(raw: Raw<'_>, forms: &CellForms, sees_formats: bool) -> Result<i64, Flaw> {
    let bad = |_| Flaw {
        reason: Reason::NotAPercentage,
        expected: "a percentage from 0 to 100, such as `18` or `18 %`".into(),
    };
    let read = |text: &str, marks, places| {
        let digits = Digits::read(text.trim_end_matches('%').trim_end(), marks)?;
        digits.scaled(places, false).map(|amount| amount.minor)
    };
    let ppm = match raw {
        Raw::Text(text) => {
            let is_share = forms.rates_are_shares && !text.ends_with('%');
            let places = if is_share { 6 } else { 4 };
            plain(text, forms, places).map_or_else(|| read(text, Marks::of(forms), places), Ok).map_err(bad)?
        }
        Raw::Number(share) if forms.rates_are_shares => read(&shown_number(share), Marks::POINT, 6).map_err(bad)?,
        Raw::Share(share) => read(&shown_number(share), Marks::POINT, 6).map_err(bad)?,
        // A plain 0.18 may mean 18 % or 0.18 %: nobody can tell, so neither is taken.
        Raw::Number(number) if number != 0.0 && number.abs() < 1.0 => return Err(bad(Reason::NotAPercentage)),
        Raw::Number(1.0) if !sees_formats => return Err(bad(Reason::NotAPercentage)),
        Raw::Number(number) => read(&shown_number(number), Marks::POINT, 4).map_err(bad)?,
        other => return Err(untyped(other, Reason::NotAPercentage, || "a percentage".into())),
    };
    if (0..=crate::base::money::PPM).contains(&ppm) { Ok(ppm) } else { Err(bad(Reason::NotAPercentage)) }
}

/// Reads an exchange rate above 0 in thousand millionths.
pub(super) fn rate(raw: Raw<'_>, forms: &CellForms) -> Result<i64, Flaw> {
    const PLACES: u32 = 9;
    let bad = |_| Flaw { reason: Reason::NotAnAmount, expected: "an exchange rate above 0, such as `24.31`".into() };
    let digits = match raw {
        Raw::Text(text) => Digits::read(text, Marks::of(forms)),
        Raw::Number(number) => Digits::read(&number.to_string(), Marks::POINT),
        other => return Err(untyped(other, Reason::NotAnAmount, || "an exchange rate".into())),
    };
    let nano = digits.and_then(|digits| digits.scaled(PLACES, false)).map_err(bad)?.minor;
    if nano > 0 { Ok(nano) } else { Err(bad(Reason::NotAnAmount)) }
}

/// Reads a whole number of things.
pub(super) fn int(raw: Raw<'_>, forms: &CellForms) -> Result<i64, Flaw> {
    let number = whole(raw, forms)?;
    let beyond = || Flaw { reason: Reason::OutOfRange, expected: "a whole number".into() };
    if number.abs() <= INT_LIMIT { Ok(number) } else { Err(beyond()) }
}

/// Reads a whole number that counts nothing, such as a version.
pub(super) fn whole(raw: Raw<'_>, forms: &CellForms) -> Result<i64, Flaw> {
    let bad = |reason| Flaw { reason, expected: "a whole number".into() };
    Ok(match raw {
        Raw::Text(text) => match text.parse::<i64>() {
            Ok(number) if !text.starts_with("-0") => number,
            _ => {
                let digits = Digits::read(text, Marks::of(forms)).map_err(|_| bad(Reason::NotANumber))?;
                digits.scaled(0, false).map_err(|_| bad(Reason::NotANumber))?.minor
            }
        },
        Raw::Number(number) if number.fract() == 0.0 && number.abs() <= EXACT_FLOAT => number as i64,
        Raw::Number(number) => shown_number(number).parse().map_err(|_| bad(Reason::NotANumber))?,
        other => return Err(untyped(other, Reason::NotANumber, || "a whole number".into())),
    })
}

/// Reads an identifier, unless a spreadsheet has damaged it.
pub(super) fn identifier(raw: Raw<'_>) -> Result<Cow<'_, str>, Flaw> {
    let damaged = || damaged_id("an identifier as text");
    match raw {
        Raw::Empty => Ok(Cow::Borrowed("")),
        Raw::Text(text) if is_damaged(text) || is_month_name_date(text) => Err(damaged()),
        Raw::Text(text) => Ok(Cow::Borrowed(text)),
        Raw::Number(number) if number.abs() > EXACT_FLOAT || !number.is_finite() => Err(damaged()),
        Raw::Number(number) => {
            let digits = number.to_string();
            let is_cut = digits.len() > SHEET_DIGITS && digits.bytes().skip(SHEET_DIGITS).all(|b| b == b'0');
            if is_cut { Err(damaged()) } else { Ok(Cow::Owned(digits)) }
        }
        Raw::Moment(_) => Err(damaged()),
        other => Err(untyped(other, Reason::NotText, || "an identifier as text".into())),
    }
}

/// The flaw of an identifier or a code that a spreadsheet took for a number or a date.
fn damaged_id(expected: &str) -> Flaw {
    Flaw { reason: Reason::DamagedId, expected: expected.to_owned() }
}

/// Refuses a code that a spreadsheet has taken for a date: `2.2` becomes a date cell, or the text `02.II`.
pub(super) fn check_code(raw: Raw<'_>) -> Result<(), Flaw> {
    match raw {
        Raw::Moment(_) => Err(damaged_id("a code as text")),
        Raw::Text(text) if is_month_name_date(text) => Err(damaged_id("a code as text")),
        _ => Ok(()),
    }
}

/// `02.II`, `2-Feb`, `Feb-26`: what a spreadsheet makes of `2.2`, `2-2` or `2/26`.
fn is_month_name_date(text: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
    // Most texts are another thing at their second letter or their fourth, and need not be searched.
    let begin = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let mark = if begin == 0 { text.as_bytes().get(3) } else { text.as_bytes().get(begin) };
    if begin > 2 || !matches!(mark, Some(b'-' | b'.')) {
        return false;
    }
    let is_number = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_month = |part: &str| MONTHS.iter().any(|month| part.eq_ignore_ascii_case(month));
    if let Some((first, second)) = text.split_once('-') {
        return (is_number(first) && is_month(second)) || (is_month(first) && is_number(second));
    }
    text.split_once('.').is_some_and(|(day, month)| is_number(day) && ROMAN.contains(&month.trim_start()))
}

/// An identifier of digits alone, filled up with leading zeros; `None` where none is missing.
pub(super) fn padded(identifier: &str, digits: usize) -> Option<String> {
    let is_short = identifier.len() < digits && !identifier.is_empty();
    (is_short && identifier.bytes().all(|byte| byte.is_ascii_digit())).then(|| format!("{identifier:0>digits$}"))
}

/// `8,59E+12`, `1.00853E+10`, or fifteen digits followed by zeros: what a spreadsheet makes of a long number.
fn is_damaged(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    if let Some(place) = bytes.iter().position(|byte| matches!(byte, b'E' | b'e')) {
        let (mantissa, exponent) = (&text[..place], &text[place + 1..]);
        let signed = exponent.starts_with(['+', '-']);
        let power = exponent.trim_start_matches(['+', '-']);
        let marked = mantissa.contains(['.', ',']);
        let numeric = mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
        return numeric && (signed || marked) && !power.is_empty() && power.bytes().all(|b| b.is_ascii_digit());
    }
    // One zero in the sixteenth place is an honest number one time in ten.
    bytes.len() > SHEET_DIGITS + 1
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes[SHEET_DIGITS..].iter().all(|b| *b == b'0')
}

/// The flaw of a cell that holds no text and no number.
pub(super) fn untyped(raw: Raw<'_>, otherwise: Reason, expected: impl Fn() -> String) -> Flaw {
    let reason = match raw {
        Raw::NoValue => Reason::NoValue,
        Raw::Error(_) => Reason::SheetError,
        _ => otherwise,
    };
    Flaw { reason, expected: expected() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::words::Meaning;

    fn units() -> WordTable {
        let mut table = WordTable::default();
        for (label, word) in [("Kč", "CZK"), ("cseh koronát", "CZK"), ("€", "EUR")] {
            table.add(label, Meaning { word: word.into(), when_present: None });
        }
        table
    }

    fn read(text: &str, decimal: Option<char>, currency: &str) -> Result<i64, Reason> {
        let forms = CellForms { decimal, ..CellForms::default() };
        let table = units();
        let form = MoneyForm { forms: &forms, currency, places: 2, units: Some(&table) };
        money(Raw::of_text(text), form).map(|amount| amount.minor).map_err(|flaw| flaw.reason)
    }

    #[test]
    fn amounts_as_people_write_them() {
        for (text, minor) in [
            ("1965,16", 196_516),
            ("499", 49_900),
            ("499,9", 49_990),
            ("1 234,50 Kč", 123_450),
            ("1\u{a0}234,50\u{a0}Kč", 123_450),
            ("1\u{202f}234,50 CZK", 123_450),
            ("1\u{2009}234\u{2009}567,00", 123_456_700),
            ("1.234,50", 123_450),
            ("1.234", 123_400),
            ("\u{2212}89,00 Kč", -8_900),
            ("-12,50", -1_250),
            ("- 12,50", -1_250),
            ("+12,50", 1_250),
            ("89\u{a0}cseh\u{a0}koronát", 8_900),
            ("0 cseh koronát", 0),
            ("Kč 5,00", 500),
            ("12,5000", 1_250),
        ] {
            assert_eq!(read(text, Some(','), "CZK"), Ok(minor), "{text}");
        }
        assert_eq!(read("€ 5.00", Some('.'), "EUR"), Ok(500));
        assert_eq!(read("-€5.00", Some('.'), "EUR"), Ok(-500));
        assert_eq!(read("\u{2212} € 1,005.00", Some('.'), "EUR"), Ok(-100_500));
        for text in ["+ € 5.00", "+€5.00", "€+5.00", "€ + 5.00", "+ 5.00 €", "+5.00"] {
            assert_eq!(read(text, Some('.'), "EUR"), Ok(500), "{text}");
            assert_eq!(read(&text.replace('+', "-"), Some('.'), "EUR"), Ok(-500), "{text}");
        }
        for text in ["-€-5.00", "+€+5.00", "+-5.00", "++5.00", "-€+5.00", "-€0.00", "--5.00", "-.5", "-€"] {
            assert_eq!(read(text, Some('.'), "EUR"), Err(Reason::NotAnAmount), "{text}");
        }
        assert_eq!(read("1,234.50", Some('.'), "EUR"), Ok(123_450));
    }

    #[test]
    fn amounts_that_are_refused() {
        for (text, reason) in [
            ("1e309", Reason::NotAnAmount),
            ("1e3", Reason::NotAnAmount),
            ("NaN", Reason::NotAnAmount),
            ("-0", Reason::NotAnAmount),
            ("(100)", Reason::NotAnAmount),
            ("100-", Reason::UnknownUnit),
            ("12,345", Reason::ExcessDecimals),
            ("1,009", Reason::ExcessDecimals),
            ("12,500", Reason::ExcessDecimals),
            ("12,", Reason::UnknownUnit),
            (",5", Reason::NotAnAmount),
            ("1 23,00", Reason::NotAnAmount),
            ("1.23", Reason::NotAnAmount),
            ("1.234 567,00", Reason::NotAnAmount),
            ("89 €", Reason::OtherCurrency),
            ("89 tallér", Reason::UnknownUnit),
            ("Kč 5,00 Kč", Reason::NotAnAmount),
            ("1000000000,01", Reason::OutOfRange),
            ("99999999999999999999999", Reason::OutOfRange),
        ] {
            assert_eq!(read(text, Some(','), "CZK"), Err(reason), "{text}");
        }
        assert_eq!(read("12.5", None, "CZK"), Err(Reason::NoDecimal));
        assert_eq!(read("12", None, "CZK"), Ok(1_200));
        assert_eq!(read("1000000000,00", Some(','), "CZK"), Ok(CELL_LIMIT));
    }

    #[test]
    fn excess_decimals_are_booked_only_when_declared() {
        let forms = CellForms { decimal: Some('.'), book_excess_decimals: true, ..CellForms::default() };
        let form = MoneyForm { forms: &forms, currency: "CZK", places: 2, units: None };
        assert_eq!(money(Raw::Text("12.345"), form), Ok(Amount { minor: 1_235, residue: Some(-PARTS / 2) }));
        assert_eq!(money(Raw::Text("-12.344"), form), Ok(Amount { minor: -1_234, residue: Some(-PARTS / 10 * 4) }));
        assert_eq!(money(Raw::Text("12.34"), form), Ok(Amount { minor: 1_234, residue: None }));
    }

    #[test]
    fn forms_of_minus_and_of_thousands_hold_only_when_declared() {
        let plain = CellForms { decimal: Some(','), ..CellForms::default() };
        let declared = CellForms { minus_by_parentheses: true, minus_behind: true, apostrophes: true, ..plain.clone() };
        let table = units();
        let read = |text: &str, forms: &CellForms| {
            let form = MoneyForm { forms, currency: "CZK", places: 2, units: Some(&table) };
            money(Raw::of_text(text), form).map(|amount| amount.minor).ok()
        };
        for (text, minor) in [
            ("(100)", -10_000),
            ("(1 234,50 Kč)", -123_450),
            ("(1.234,50) Kč", -123_450),
            ("Kč (5,00)", -500),
            ("100-", -10_000),
            ("100,00 - Kč", -10_000),
            ("100,00\u{2212}", -10_000),
            ("100,00 + Kč", 10_000),
            ("1'234,50", 123_450),
            ("1\u{2019}234\u{2019}567", 123_456_700),
            ("-1'234,50", -123_450),
        ] {
            assert_eq!(read(text, &declared), Some(minor), "{text}");
            assert_eq!(read(text, &plain), None, "{text}");
        }
        for bad in ["(0)", "0,00-", "(-5)", "-5-", "(5", "5)", "((5))", "(5)-", "5--", "()", "-", "1'23", "1'234 567"] {
            assert_eq!(read(bad, &declared), None, "{bad}");
        }
        for text in ["100", "-100", "1 234,50 Kč"] {
            assert_eq!(read(text, &declared), read(text, &plain), "{text}");
        }
    }

    #[test]
    fn zeros_come_back_to_digits_alone() {
        assert_eq!(padded("123", 5), Some("00123".into()));
        for (text, digits) in [("12345", 5), ("123456", 5), ("A12", 5), ("", 5), ("123", 0)] {
            assert_eq!(padded(text, digits), None, "{text}");
        }
    }

    #[test]
    fn native_numbers_are_exact_or_refused() {
        let forms = CellForms::default();
        let form = MoneyForm { forms: &forms, currency: "CZK", places: 2, units: None };
        assert_eq!(money(Raw::Number(1965.16), form).unwrap().minor, 196_516);
        assert_eq!(money(Raw::Number(-0.1), form).unwrap().minor, -10);
        assert_eq!(money(Raw::Number(-0.0), form).unwrap().minor, 0);
        // Fifteen digits are what a spreadsheet program shows; the rest is noise of its arithmetic.
        for (number, minor) in [(0.1 + 0.2, 30), (138.099_999_999_999_9, 13_810), (-12.340_000_000_000_002, -1_234)] {
            assert_eq!(money(Raw::Number(number), form).unwrap().minor, minor, "{number}");
        }
        for number in [12.345, -3e-10, 0.1 + 0.2 - 0.3, 138.099_999_999_9] {
            let flaw = money(Raw::Number(number), form).unwrap_err();
            assert_eq!(flaw.reason, Reason::ExcessDecimals, "{number}");
            assert_eq!(flaw.expected, "a number in CZK with at most 2 decimals, at 15 significant digits");
        }
        assert_eq!(money(Raw::Number(1e300), form).unwrap_err().reason, Reason::OutOfRange);
        assert_eq!(money(Raw::NoValue, form).unwrap_err().reason, Reason::NoValue);
    }

    #[test]
    fn percentages_and_whole_numbers() {
        let forms = CellForms { decimal: Some(','), ..CellForms::default() };
        let percent = |raw, forms: &CellForms| percent(raw, forms, true);
        assert_eq!(percent(Raw::Text("18"), &forms), Ok(180_000));
        assert_eq!(percent(Raw::Text("18\u{a0}%"), &forms), Ok(180_000));
        assert_eq!(percent(Raw::Text("18,5 %"), &forms), Ok(185_000));
        assert!(percent(Raw::Text("118 %"), &forms).is_err());
        assert!(percent(Raw::Number(0.18), &forms).is_err());
        assert_eq!(percent(Raw::Number(18.0), &forms), Ok(180_000));
        assert_eq!(percent(Raw::Share(0.185), &forms), Ok(185_000));
        assert_eq!(percent(Raw::Share(0.07), &forms), Ok(70_000));
        assert!(percent(Raw::Share(18.0), &forms).is_err());
        assert_eq!(percent(Raw::Number(1.0), &forms), Ok(10_000));
        assert!(super::percent(Raw::Number(1.0), &forms, false).is_err());
        assert_eq!(super::percent(Raw::Number(18.0), &forms, false), Ok(180_000));
        assert_eq!(int(Raw::Text("3"), &forms), Ok(3));
        assert_eq!(int(Raw::Text("1 000"), &forms), Ok(1_000));
        assert!(int(Raw::Text("2,5"), &forms).is_err());
        assert!(int(Raw::Number(2.5), &forms).is_err());
        assert_eq!(int(Raw::Number(3.0 - 4e-16), &forms), Ok(3));
        assert_eq!(percent(Raw::Number(0.07 * 100.0), &forms), Ok(70_000));
    }

    #[test]
    fn a_source_may_write_rates_as_shares() {
        let forms = CellForms { decimal: Some(','), rates_are_shares: true, ..CellForms::default() };
        let percent = |raw| percent(raw, &forms, false);
        assert_eq!(percent(Raw::Text("0,18")), Ok(180_000));
        assert_eq!(percent(Raw::Text("18 %")), Ok(180_000));
        assert_eq!(percent(Raw::Number(0.07)), Ok(70_000));
        assert_eq!(percent(Raw::Number(1.0)), Ok(1_000_000));
        assert!(percent(Raw::Text("18")).is_err());
    }

    #[test]
    fn identifiers_and_what_spreadsheets_do_to_them() {
        let read = |raw| identifier(raw).map_err(|flaw| flaw.reason);
        assert_eq!(read(Raw::Text("00123")), Ok("00123".into()));
        assert_eq!(read(Raw::Number(100_234.0)), Ok("100234".into()));
        assert_eq!(read(Raw::Text("1234567890123450")), Ok("1234567890123450".into()));
        for text in ["8,59E+12", "1.00853E+10", "1E+5", "123456789012345000"] {
            assert_eq!(read(Raw::Text(text)), Err(Reason::DamagedId), "{text}");
        }
        assert_eq!(read(Raw::Text("12E34")), Ok("12E34".into()));
        for text in ["02.II", "2. II", "31.XII", "2-Feb", "Feb-26"] {
            assert_eq!(read(Raw::Text(text)), Err(Reason::DamagedId), "{text}");
        }
        for text in ["2.2", "2-2", "123-MAR", "12.XL", "5-MARK", "A-5", "2.II.A"] {
            assert_eq!(read(Raw::Text(text)), Ok(text.into()), "{text}");
        }
        assert_eq!(read(Raw::Number(8.590_123_456_789e18)), Err(Reason::DamagedId));
        assert_eq!(read(Raw::Number(1_234_567_890_123_450.0)), Err(Reason::DamagedId));
        assert_eq!(read(Raw::Number(1_234_567_890_123_456.0)), Ok("1234567890123456".into()));
        let day = chrono::NaiveDate::from_ymd_opt(2026, 2, 2).unwrap();
        assert_eq!(read(Raw::Moment(day.and_time(chrono::NaiveTime::MIN))), Err(Reason::DamagedId));
    }
}

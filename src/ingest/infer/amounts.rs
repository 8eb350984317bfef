//! Whether the values of a column are amounts, and which of their marks is the decimal one. `1.234` alone may be a thousand or
//! one and a bit: then both are named.

use crate::ingest::cells::{self, MoneyForm};
use crate::ingest::infer::sample::Seen;
use crate::ingest::record::Raw;
use crate::pipeline::source::CellForms;

/// How amounts of a column are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AmountForm {
    /// The mark that some value proves; `None`: whole numbers, native numbers, or a mark that proves nothing.
    pub(super) decimal: Option<char>,
    /// A mark stands in the values and may be either.
    pub(super) ambiguous: bool,
    /// Units beside the numbers, each once.
    pub(super) units: Vec<String>,
}

/// The form of a column of amounts; `None`: some value is none.
pub(super) fn find(values: &[&Seen]) -> Option<AmountForm> {
    let mut form = AmountForm::default();
    let mut numbers = Vec::new();
    for value in values {
        match value {
            Seen::Number(_) => {}
            Seen::Text(text) => {
                let (number, unit) = taken_apart(text)?;
                if !unit.is_empty() && !form.units.contains(&unit) {
                    form.units.push(unit);
                }
                numbers.push(number);
            }
            _ => return None,
        }
    }
    let reads = |mark: char| numbers.iter().all(|number| is_amount(number, Some(mark)));
    let has_mark = |mark: char| numbers.iter().any(|number| number.contains(mark));
    match (reads(','), reads('.')) {
        (false, false) => return None,
        (true, true) => {}
        // A mark that only ever groups proves nothing about itself.
        (true, false) if has_mark(',') => form.decimal = Some(','),
        (false, true) if has_mark('.') => form.decimal = Some('.'),
        _ => form.ambiguous = true,
    }
    Some(form)
}

/// Whether a text is an amount with this decimal mark, whatever its unit.
pub(super) fn is_amount_text(text: &str, mark: Option<char>) -> bool {
    taken_apart(text).is_some_and(|(number, _)| is_amount(&number, mark))
}

fn is_amount(number: &str, mark: Option<char>) -> bool {
    let forms = CellForms { decimal: mark, ..CellForms::default() };
    let form = MoneyForm { forms: &forms, currency: "", places: 2, units: None };
    cells::money(Raw::Text(number), form).is_ok()
}

/// Number and unit. Units are short and without digits: `Kč`, `CA$`, `cseh koronát`.
fn taken_apart(text: &str) -> Option<(String, String)> {
    const UNIT: usize = 16;
    let digit = |letter: char| letter.is_ascii_digit();
    let (first, last) = (text.find(digit)?, text.rfind(digit)?);
    let (before, after) = (&text[..first], &text[last + 1..]);
    let negative = before.contains(['-', '\u{2212}', '(']) || after.trim() == "-";
    let unit: String = [before, after].concat().replace(['-', '\u{2212}', '+', '(', ')'], "");
    let unit = unit.trim();
    let number = format!("{}{}", if negative { "-" } else { "" }, &text[first..=last]);
    let sound = unit.chars().count() <= UNIT && !unit.contains(['%', '.', ',', ':', '/', '@', '#', '_']);
    // A minus nothing is refused by the parser and says nothing about the column.
    let number = if number.trim_start_matches('-').bytes().all(|b| b"0.,".contains(&b)) {
        number.trim_start_matches('-').to_owned()
    } else {
        number
    };
    (sound && (unit.is_empty() || before.trim().is_empty() || after.trim().is_empty()))
        .then(|| (number, unit.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(values: &[&str]) -> Option<AmountForm> {
        let values: Vec<Seen> = values.iter().map(|value| Seen::of(Raw::of_text(value))).collect();
        find(&values.iter().collect::<Vec<_>>())
    }

    fn decimal(values: &[&str]) -> (Option<char>, bool) {
        let form = find_in(values).unwrap();
        (form.decimal, form.ambiguous)
    }

    #[test]
    fn a_mark_needs_proof() {
        assert_eq!(decimal(&["79,00", "1 290,5"]), (Some(','), false));
        assert_eq!(decimal(&["1.290,00", "-3,10"]), (Some(','), false));
        assert_eq!(decimal(&["1,290.00"]), (Some('.'), false));
        assert_eq!(decimal(&["79", "1290"]), (None, false));
        assert_eq!(decimal(&["1.234", "5.678"]), (None, true));
    }

    #[test]
    fn units_and_no_amounts() {
        assert_eq!(find_in(&["119,00 Kč", "0,00 Kč"]).unwrap().units, ["Kč"]);
        assert_eq!(decimal(&["-CA$4.42", "$1,234.56"]), (Some('.'), false));
        assert_eq!(find_in(&["EUR 12"]).map(|form| form.units), Some(vec!["EUR".to_owned()]));
        assert_eq!(find_in(&["1.234", "5.67"]), None);
        assert_eq!(find_in(&["12,5", "x"]), None);
        assert_eq!(find_in(&["9.11.2026"]), None);
        assert_eq!(find_in(&["1,2,3"]), None);
    }
}

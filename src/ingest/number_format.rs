//! Number formats that decide how an identifier is written: `0000000` shows 123 as `0000123`, `000-000` shows 12345 as `012-345`.

/// A format of digits and letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberFormat {
    /// As the workbook writes it.
    pub(super) code: String,
    whole: Vec<Piece>,
    decimals: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// `0`: a digit, or a zero where there is none.
    Zero,
    /// `#` or `?`: a digit, or nothing.
    Digit,
    Letter(char),
}

impl NumberFormat {
    /// Takes the first section of a format apart; `None` for one that shows a number as it is, or in another way than by its digits
    /// (groups of thousands, exponents, fractions).
    pub(super) fn of(code: &str) -> Option<NumberFormat> {
        let mut format = NumberFormat { code: code.to_owned(), whole: Vec::new(), decimals: Vec::new() };
        let (mut letters, mut is_fraction) = (code.chars(), false);
        while let Some(letter) = letters.next() {
            let pieces = if is_fraction { &mut format.decimals } else { &mut format.whole };
            match letter {
                '0' => pieces.push(Piece::Zero),
                '#' | '?' => pieces.push(Piece::Digit),
                '.' if !is_fraction => is_fraction = true,
                ';' => break,
                '[' => _ = letters.find(|letter| *letter == ']'),
                '"' => pieces.extend(letters.by_ref().take_while(|letter| *letter != '"').map(Piece::Letter)),
                '\\' => pieces.extend(letters.next().map(Piece::Letter)),
                '_' | '*' => _ = letters.next(),
                '-' | ' ' | '(' | ')' | ':' | '+' => pieces.push(Piece::Letter(letter)),
                _ => return None,
            }
        }
        let zeros = |pieces: &[Piece]| pieces.iter().filter(|piece| **piece == Piece::Zero).count();
        let letters = format.whole.iter().chain(&format.decimals).any(|piece| matches!(piece, Piece::Letter(_)));
        let has_digits = format.whole.iter().any(|piece| !matches!(piece, Piece::Letter(_)));
        let tells = zeros(&format.whole) > 1 || zeros(&format.decimals) > 0 || letters;
        (has_digits && tells).then_some(format)
    }

    /// The number as the workbook shows it; `None` where that would hide some of it.
    pub(super) fn show(&self, number: f64) -> Option<String> {
        let plain = number.to_string();
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let places = self.decimals.iter().filter(|piece| !matches!(piece, Piece::Letter(_))).count();
        if number < 0.0 || !whole.bytes().all(|byte| byte.is_ascii_digit()) || fraction.len() > places {
            return None;
        }
        let mut digits = whole.chars().rev().filter(|_| whole != "0");
        let first = self.whole.iter().position(|piece| !matches!(piece, Piece::Letter(_)))?;
        let mut shown = String::new();
        for (place, piece) in self.whole.iter().enumerate().rev() {
            match (piece, digits.next_if(*piece)) {
                (Piece::Letter(letter), _) => shown.push(*letter),
                (_, Some(digit)) => shown.push(digit),
                (Piece::Zero, None) => shown.push('0'),
                (Piece::Digit, None) => {}
            }
            if place == first {
                shown.extend(digits.by_ref());
            }
        }
        let mut shown: String = shown.chars().rev().collect();
        let mut digits = fraction.chars();
        let mut decimals = String::new();
        for piece in &self.decimals {
            match (piece, digits.next_if(*piece)) {
                (Piece::Letter(letter), _) => decimals.push(*letter),
                (_, Some(digit)) => decimals.push(digit),
                (Piece::Zero, None) => decimals.push('0'),
                (Piece::Digit, None) => {}
            }
        }
        if decimals.starts_with(|first: char| first.is_ascii_digit()) {
            shown.push('.');
        }
        shown.push_str(&decimals);
        Some(shown.trim().to_owned())
    }
}

/// The next digit, where a piece takes one.
trait NextDigit: Iterator<Item = char> {
    fn next_if(&mut self, piece: Piece) -> Option<char> {
        if matches!(piece, Piece::Letter(_)) { None } else { self.next() }
    }
}

impl<I: Iterator<Item = char>> NextDigit for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_by_its_format() {
        for (code, number, shown) in [
            ("0000000", 123.0, Some("0000123")),
            ("0000000", 0.0, Some("0000000")),
            ("00000", 1_234_567.0, Some("1234567")),
            ("0.000", 90.75, Some("90.750")),
            ("0.00", 90.7, Some("90.70")),
            ("0.00", 90.755, None),
            ("000-000", 12_345.0, Some("012-345")),
            ("00 00 00", 1_234_567.0, Some("123 45 67")),
            ("\"CZ-\"0000", 12.0, Some("CZ-0012")),
            ("[Red]000;-000", 7.0, Some("007")),
            ("000", -7.0, None),
            ("0000\\X", 5.0, Some("0005X")),
            ("#0000", 12.0, Some("0012")),
            ("00.##", 3.5, Some("03.5")),
            ("00.##", 3.0, Some("03")),
        ] {
            assert_eq!(NumberFormat::of(code).unwrap().show(number).as_deref(), shown, "{code} {number}");
        }
        for code in ["0", "#", "General", "@", "#,##0.00", "0.00E+00", "# ?/?", "", "\"x\"", "0%"] {
            assert_eq!(NumberFormat::of(code), None, "{code}");
        }
    }
}

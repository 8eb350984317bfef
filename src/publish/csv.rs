//! Lists as delimited text, safe to open in a spreadsheet, whatever separator it takes: a program that is set to another one cuts a cell
//! at its own, and what follows begins a cell there. Some drop each NUL before they look at a cell.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::report::book::ListForm;
use crate::report::table::{Cells, Table};

/// So many bytes are written at a time.
pub(super) const PIECE: usize = 1 << 18;

/// Writes the file: UTF-8, comma and point; or with byte order mark, semicolon and decimal comma.
///
/// # Errors
/// The disk says no.
pub fn write(table: &Table, form: ListForm, mut file: impl Write) -> io::Result<()> {
    let is_excel = form == ListForm::CsvExcelCs;
    let delimiter = if is_excel { ';' } else { ',' };
    let mut text = String::from(if is_excel { "\u{feff}" } else { "" });
    for (place, column) in table.columns.iter().enumerate() {
        push(&mut text, (place > 0).then_some(delimiter), &guarded(&column.title));
    }
    text.push('\n');
    for row in 0..table.rows {
        for (place, column) in table.columns.iter().enumerate() {
            let cell = match &column.cells {
                Cells::Text(texts) => guarded(texts.get(row).unwrap_or("")),
                Cells::Json(texts) => guarded_json(texts.get(row).unwrap_or("")),
                Cells::Money(..) if is_excel => table.plain(column, row).replace('.', ",").into(),
                _ => table.plain(column, row).into(),
            };
            push(&mut text, (place > 0).then_some(delimiter), &cell);
        }
        text.push('\n');
        if text.len() >= PIECE {
            file.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    file.write_all(text.as_bytes())
}

/// A cell, in quotes where it holds what any reader would take for its end.
fn push(text: &mut String, delimiter: Option<char>, cell: &str) {
    text.extend(delimiter);
    if cell.contains(|letter| letter == '"' || ends_cell(letter)) {
        for part in cell.split('"') {
            text.push('"');
            text.push_str(part);
            text.push('"');
        }
    } else {
        text.push_str(cell);
    }
}

/// A letter that readers leave out, wherever it stands: for them the next one stands in its place.
const DROPPED: char = '\0';

/// Separators of all readers, and line ends.
fn ends_cell(letter: char) -> bool {
    matches!(letter, ',' | ';' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What a spreadsheet takes for the beginning of a formula, also in full width.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

/// Text that a spreadsheet would take for a formula, at its beginning or behind a separator or a line end in it, gets an apostrophe there.
fn guarded(text: &str) -> Cow<'_, str> {
    disarmed(text, text.trim_start_matches(DROPPED).starts_with(['\t', '\r']), |letter, _, out| {
        out.extend(['\'', letter])
    })
}

/// A text without the apostrophes that such lists put before formulas; `None` where there is none.
pub fn unguarded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_first = out.is_empty();
        let guards = |next: &char| begins_formula(*next) || is_first && matches!(next, '\t' | '\r' | &DROPPED);
        if letter != '\'' || !letters.peek().is_some_and(guards) {
            out.push(letter);
        }
    }
    (out != text).then_some(out)
}

/// The same of JSON, which stays the same JSON: within a string the letter is escaped, a number gets a blank before it.
fn guarded_json(text: &str) -> Cow<'_, str> {
    disarmed(text, false, |letter, in_string, out| match in_string {
        true => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
        false => out.extend([' ', letter]),
    })
}

fn disarmed(text: &str, is_armed: bool, disarm: impl Fn(char, bool, &mut String)) -> Cow<'_, str> {
    // A reader with another separator may take our quotes for its own: what begins behind them begins the cell.
    let begins_cell = |before: &str| before.trim_end_matches(['"', DROPPED]).chars().next_back().is_none_or(ends_cell);
    if !is_armed && !text.match_indices(begins_formula).any(|(at, _)| begins_cell(&text[..at])) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    if is_armed {
        out.push('\'');
    }
    let (mut at_start, mut in_string, mut is_escape) = (true, false, false);
    for letter in text.chars() {
        if at_start && begins_formula(letter) {
            disarm(letter, in_string, &mut out);
        } else {
            out.push(letter);
        }
        at_start = ends_cell(letter) || at_start && (letter == '"' || letter == DROPPED);
        in_string ^= letter == '"' && !is_escape;
        is_escape = letter == '\\' && !is_escape;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::new(2)
            .texts("name", ["=HYPERLINK(\"x\")", "a,\"b\"\nc"])
            .currency("currency", [Some("CZK"), Some("JPY")].into_iter().collect())
            .money("money", [Some(-150), None])
            .dates("due", [Some(0), None])
    }

    fn written(table: &Table, form: ListForm) -> String {
        let mut bytes = Vec::new();
        write(table, form, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn formulas_are_disarmed_and_money_is_not_touched() {
        let text = written(&table(), ListForm::Csv);
        assert_eq!(
            text,
            "name,currency,money,due\n\"'=HYPERLINK(\"\"x\"\")\",CZK,-1.50,1970-01-01\n\"a,\"\"b\"\"\nc\",JPY,,\n"
        );
    }

    #[test]
    fn the_czech_spreadsheet_form() {
        let text = written(&table(), ListForm::CsvExcelCs);
        assert!(text.starts_with("\u{feff}name;currency;money;due\n"));
        // A reader that separates by commas would make two cells of an amount without quotes.
        assert!(text.contains(";\"-1,50\";"));
    }

    #[test]
    fn no_reader_finds_a_formula() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("\t=1", "'\t'=1"),
            ("a;=1+1", "a;'=1+1"),
            ("a,@SUM(1)", "a,'@SUM(1)"),
            ("a\tb\t-1", "a\tb\t'-1"),
            ("a\r\n+1", "a\r\n'+1"),
            ("a;\"=1\"", "a;\"'=1\""),
            ("a\u{2028}＝1", "a\u{2028}'＝1"),
            ("\0=1+1", "\0'=1+1"),
            ("\0\0\t=1", "'\0\0\t'=1"),
            ("x;\0=1", "x;\0'=1"),
            ("x\n\0\"\0-1", "x\n\0\"\0'-1"),
            ("a\0=1", "a\0=1"),
            ("a, b - c = d", "a, b - c = d"),
            ("2026-11-09", "2026-11-09"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), safe);
            assert_eq!(guarded(safe), safe, "what is safe stays");
            assert_eq!(unguarded(safe).as_deref(), (safe != text).then_some(text));
        }
    }

    /// Whatever stands before, between and behind: a reader that drops NULs finds no formula that one that keeps them does not find.
    #[test]
    fn a_nul_hides_no_formula() {
        const LETTERS: [char; 8] = ['\0', '=', '-', ';', '\n', '"', '\t', 'a'];
        for number in 0..8_usize.pow(5) {
            let text: String = (0..5).map(|place| LETTERS[number / 8_usize.pow(place) % 8]).collect();
            let seen = guarded(&text).replace(DROPPED, "");
            for cell in seen.split(ends_cell) {
                assert!(!cell.trim_start_matches('"').starts_with(begins_formula), "{text:?} {seen:?}");
            }
            assert!(!seen.starts_with(['\t', '\r']), "{text:?} {seen:?}");
        }
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "a": ["x;=1", "=2", "q\\\",@", "\"=3"], "b": [1, -2, -3.5], "c,-": "y\t-" });
        let text = serde_json::to_string(&value).unwrap();
        let safe = guarded_json(&text);
        assert!(safe != text && !safe.contains(";=") && !safe.contains(",\"=") && !safe.contains(",-"), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}

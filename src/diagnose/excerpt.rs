//! The excerpt of a row with a caret under the cell.

use std::fmt::Write as _;

use crate::diagnose::{CellPlace, visible};

/// Letters of a row that are shown.
const WIDTH: usize = 100;
/// Of which so many may belong to the cell.
const CELL: usize = 60;

impl CellPlace {
    /// What a spreadsheet program calls the cell; only workbooks have such names.
    pub(super) fn cell_name(&self) -> Option<String> {
        let (_, row) = (self.sheet.as_ref()?, self.row?);
        let cell = self.excerpt.as_ref()?.cell.as_ref()?;
        Some(format!("{}{row}", letters(cell.position)))
    }

    /// Appends the excerpt; `false` when no cell was shown.
    pub(super) fn push_excerpt(&self, text: &mut String) -> bool {
        let (Some(excerpt), Some(row)) = (&self.excerpt, self.row) else { return false };
        let number = row.to_string();
        let gutter = " ".repeat(number.len().max(2));
        let bytes = excerpt.cell.as_ref().map_or(0..0, |cell| cell.bytes.clone());
        let window = Window::new(&excerpt.record, bytes);
        let _ = write!(text, "\n{gutter} |\n{number:>2} | {}", window.text);
        let Some(cell) = &excerpt.cell else { return false };
        let (blanks, carets) = (" ".repeat(window.before), "^".repeat(window.width.max(1)));
        let _ = write!(text, "\n{gutter} | {blanks}{carets}");
        if !cell.field.is_empty() {
            let _ = write!(text, " {}", cell.field);
        }
        if let Some(column) = self.column.as_ref().filter(|_| !cell.field.is_empty()) {
            let _ = write!(text, "  (header \"{}\")", visible::short(column, visible::CELL));
        }
        true
    }
}

/// The part of a row around a cell.
struct Window {
    text: String,
    /// Letters before the cell.
    before: usize,
    /// Letters of the cell.
    width: usize,
}

impl Window {
    /// `cell` are bytes of `record`.
    fn new(record: &str, cell: std::ops::Range<usize>) -> Window {
        // One letter for one that acts or hides, so that the caret stands where it should.
        let letters: Vec<char> = record.chars().map(shown).collect();
        let count = |end: usize| record.get(..end).map_or(0, |before| before.chars().count());
        let (from, to) = (count(cell.start), count(cell.end));
        let to = to.min(from + CELL);
        let spare = WIDTH.saturating_sub(to - from);
        let begin = from.saturating_sub(spare / 2);
        let end = (begin + WIDTH).min(letters.len()).max(to);
        let begin = end.saturating_sub(WIDTH).min(begin);
        let (begin, cut_before) = if begin == 0 { (0, false) } else { (field_start(&letters, begin, from), true) };
        let lead = if cut_before { "… | " } else { "" };
        let trail = if end < letters.len() { " …" } else { "" };
        let shown: String = letters[begin..end].iter().collect();
        Window {
            text: format!("{lead}{}{trail}", shown.trim_end()),
            before: lead.chars().count() + from - begin,
            width: to - from,
        }
    }
}

fn shown(letter: char) -> char {
    match letter {
        letter if letter.is_control() => ' ',
        letter if visible::is_hidden(letter) => char::REPLACEMENT_CHARACTER,
        letter => letter,
    }
}

/// The first field that begins at or after `begin`, and not after `cell`.
fn field_start(letters: &[char], begin: usize, cell: usize) -> usize {
    let separator = [' ', '|', ' '];
    (begin.saturating_sub(separator.len())..cell)
        .find(|place| letters[*place..].starts_with(&separator))
        .map_or(begin, |place| (place + separator.len()).min(cell))
}

/// Letters of a column from 0: `A`, `Z`, `AA`.
fn letters(position: usize) -> String {
    let mut name = Vec::new();
    let mut rest = position + 1;
    while rest > 0 {
        rest -= 1;
        name.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    name.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::{CellInRow, Diagnostic, Excerpt, Exit, Place, render_all};

    fn place(record: &str, value: &str, sheet: Option<&str>) -> CellPlace {
        let start = record.find(value).unwrap();
        let cell = CellInRow { position: 3, bytes: start..start + value.len(), field: "delivered_at" };
        CellPlace {
            file: "orders.xlsx".into(),
            sheet: sheet.map(str::to_owned),
            row: Some(18),
            column: Some("Doručeno".into()),
            excerpt: Some(Excerpt { record: record.to_owned(), cell: Some(cell) }),
        }
    }

    fn diagnostic(place: CellPlace) -> Diagnostic {
        Diagnostic {
            code: "CEL301",
            message: "not a date".into(),
            place: Place::Cell(place),
            found: "31.11.2026".into(),
            expected: "a date as %d.%m.%Y  (mall.toml:58)".into(),
            help: "the row is in quarantine; correct the cell".into(),
            exit: Exit::Quarantine,
        }
    }

    #[test]
    fn a_cell_is_pointed_at() {
        let record = "100234 | delivered | 2026-11-09 | 31.11.2026 | Zásilkovna | 499.00";
        let shown = diagnostic(place(record, "31.11.2026", Some("Orders"))).render();
        let expected = "error[CEL301]: not a date
  --> orders.xlsx, sheet \"Orders\", cell D18
   |
18 | 100234 | delivered | 2026-11-09 | 31.11.2026 | Zásilkovna | 499.00
   |                                   ^^^^^^^^^^ delivered_at  (header \"Doručeno\")
   = expected: a date as %d.%m.%Y  (mall.toml:58)
   = the row is in quarantine; correct the cell";
        assert_eq!(shown, expected);
        let text = diagnostic(place(record, "31.11.2026", None)).render();
        assert!(text.contains("orders.xlsx, row 18, column \"Doručeno\""), "{text}");
    }

    #[test]
    fn long_rows_are_cut_around_the_cell() {
        let long = format!("{}| X1 |{}", "left | ".repeat(60), " right |".repeat(60));
        let shown = diagnostic(place(&long, "X1", None)).render();
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[4].chars().position(|letter| letter == '^').unwrap();
        let row: Vec<char> = lines[3].chars().collect();
        assert_eq!(row[caret..caret + 2], ['X', '1']);
        assert!(row.len() < 120 && lines[3].contains("… | left") && lines[3].ends_with('…'), "{shown}");
        // A cell that fills everything, and one at the very end.
        for value in ["y".repeat(4000), "end".to_owned()] {
            let record = format!("{}{value}", "žluť | ".repeat(40));
            let shown = diagnostic(place(&record, &value, None)).render();
            let lines: Vec<&str> = shown.lines().collect();
            let caret = lines[4].chars().position(|letter| letter == '^').unwrap();
            assert_eq!(lines[3].chars().nth(caret), value.chars().next());
        }
    }

    #[test]
    fn repeats_are_counted_after_the_fifth() {
        let all: Vec<Diagnostic> = (0..42).map(|_| diagnostic(place("a | 31.11.2026", "31.11.2026", None))).collect();
        let text = render_all(&all);
        assert_eq!(text.matches("error[CEL301]").count(), 5);
        assert!(text.contains("… and 37 more CEL301 like this in orders.xlsx, column \"Doručeno\""), "{text}");
        let mut other = diagnostic(place("a | 31.11.2026", "31.11.2026", None));
        if let Place::Cell(place) = &mut other.place {
            place.column = Some("Odesláno".into());
        }
        let mixed: Vec<Diagnostic> = all.into_iter().chain([other]).collect();
        assert_eq!(render_all(&mixed).matches("error[CEL301]").count(), 6, "another column is another kind");
    }

    #[test]
    fn programs_get_the_same() {
        let json = diagnostic(place("a | 31.11.2026", "31.11.2026", Some("Orders"))).json();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys[..5], ["code", "level", "exit", "message", "file"]);
        assert_eq!((json["cell"].as_str(), json["field"].as_str()), (Some("D18"), Some("delivered_at")));
        assert_eq!((json["row"].as_u64(), json["line"].as_u64()), (Some(18), None));
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}

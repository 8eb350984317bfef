//! Diagnostics about a whole source or file. Whether one stops the run is decided where the source's `if_refused` is known.

use crate::base::disk;
use crate::diagnose::{CellPlace, Diagnostic, Exit, Place};
use crate::pipeline::Source;

/// A source that cannot be read as it is written.
pub(super) fn source(
    source: &Source,
    code: &'static str,
    message: &str,
    found: &str,
    expected: &str,
) -> Box<Diagnostic> {
    Box::new(Diagnostic {
        code,
        message: format!("source `{}`: {message}", source.name),
        place: Place::Nowhere,
        found: found.to_owned(),
        expected: format!("{expected}  ({})", source.config),
        help: String::new(),
        exit: Exit::Refused,
    })
}

/// Something about a file, or about one of its rows or columns.
pub(super) struct About<'a> {
    pub(super) code: &'static str,
    pub(super) message: &'a str,
    pub(super) found: String,
    pub(super) expected: String,
    pub(super) help: String,
}

impl About<'_> {
    /// The diagnostic that refuses the file.
    pub(super) fn refuse(self, place: CellPlace) -> Box<Diagnostic> {
        Box::new(self.at(place, Exit::Refused))
    }

    /// The diagnostic with the exit code that it leads to; `Clean` for a note.
    pub(super) fn at(self, place: CellPlace, exit: Exit) -> Diagnostic {
        let place = CellPlace {
            sheet: place.sheet.map(|sheet| cut(sheet, NAME)),
            column: place.column.map(|column| cut(column, NAME)),
            ..place
        };
        Diagnostic {
            code: self.code,
            message: self.message.to_owned(),
            place: Place::Cell(place),
            found: cut(self.found, FOUND),
            expected: self.expected,
            help: self.help,
            exit,
        }
    }
}

/// Letters that are quoted of a sheet, a column or a part; and of what was found.
const NAME: usize = 80;
const FOUND: usize = 600;

/// A text of an input as a message quotes it: of a long one the beginning, and how long it is.
pub(super) fn short(text: &str) -> String {
    cut(text.to_owned(), NAME)
}

fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) if text[end..].chars().nth(20).is_some() => {
            format!("{}… ({} letters)", &text[..end], text.chars().count())
        }
        _ => text,
    }
}

/// A whole file.
pub(super) fn file(path: &str) -> CellPlace {
    CellPlace { file: path.to_owned(), ..CellPlace::default() }
}

/// A sheet of a workbook, or the whole file of a text.
pub(super) fn sheet(path: &str, sheet: Option<&str>) -> CellPlace {
    CellPlace { file: path.to_owned(), sheet: sheet.map(str::to_owned), ..CellPlace::default() }
}

/// The refusal of a file that is worth fetching again.
pub(super) fn again(path: &str, code: &'static str, message: &str, found: &str, expected: &str) -> Box<Diagnostic> {
    let help = "fetch the file again".into();
    About { code, message, found: found.into(), expected: expected.into(), help }.refuse(file(path))
}

/// The refusal of a file that the system does not let us read.
pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Box<Diagnostic> {
    let trouble = disk::trouble(error);
    let exit = if trouble.is_limit { Exit::Limit } else { Exit::Refused };
    let (message, expected, help) = ("a file that cannot be read", "a readable file".into(), trouble.help.into());
    Box::new(About { code: "FIL104", message, found: trouble.found, expected, help }.at(file(path), exit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_quote_no_whole_long_cell() {
        assert_eq!(short("Objednávky"), "Objednávky");
        let quoted = short(&"ž".repeat(300_000));
        assert!(quoted.chars().count() < 120 && quoted.ends_with("… (300000 letters)"), "{quoted}");
        let about =
            About { code: "X", message: "", found: "x".repeat(9_000), expected: String::new(), help: String::new() };
        let place = CellPlace { column: Some("y".repeat(9_000)), ..sheet("a.xlsx", Some(&"z".repeat(9_000))) };
        assert!(about.at(place, Exit::Refused).render().len() < 1_000);
    }
}

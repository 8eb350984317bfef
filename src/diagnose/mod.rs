//! Diagnostics: an input or the configuration could not be read as meant. Who prepares files acts on them.
//!
//! A **diagnostic** sends a row to quarantine or stops the run; a **finding** is a row of the report; an **error** is an exit code.

mod excerpt;
pub mod visible;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

/// Exit codes (contract §4). If several hold, the first of [`Exit::PRECEDENCE`] wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Clean.
    Clean = 0,
    /// Findings at or above `--fail-on`; `verify` and `diff`: differs.
    Findings = 1,
    /// Usage, pipeline or pack error.
    Usage = 2,
    /// Input refused, nothing published.
    Refused = 3,
    /// Published, with rows in quarantine or a refused source left out.
    Quarantine = 4,
    /// A resource limit was met.
    Limit = 5,
    /// An invariant did not hold: a bug; nothing published.
    Invariant = 6,
    /// Publication failed; the old report is intact.
    Publication = 7,
    /// Another run holds the output.
    Locked = 8,
    /// A required input is missing or stale.
    Missing = 9,
}

impl Exit {
    /// Which code wins when several hold.
    pub const PRECEDENCE: [Exit; 9] = [
        Exit::Invariant,
        Exit::Publication,
        Exit::Locked,
        Exit::Limit,
        Exit::Usage,
        Exit::Refused,
        Exit::Missing,
        Exit::Quarantine,
        Exit::Findings,
    ];

    /// The winner of several codes; `Clean` of none.
    pub fn worst(codes: impl IntoIterator<Item = Exit>) -> Exit {
        let codes: Vec<Exit> = codes.into_iter().collect();
        Exit::PRECEDENCE.into_iter().find(|code| codes.contains(code)).unwrap_or(Exit::Clean)
    }
}

/// Where in an input a diagnostic stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellPlace {
    /// Path as outputs quote it.
    pub file: String,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Row as a person sees it, from 1; `None`: the whole file.
    pub row: Option<u32>,
    /// Header as written, or the position of a header-less file.
    pub column: Option<String>,
    /// The row, where it could be told.
    pub excerpt: Option<Excerpt>,
}

/// A row of an input as a person sees it, and the cell that is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Fields separated by ` | `; personal ones masked.
    pub record: String,
    /// The cell; `None`: the row as a whole.
    pub cell: Option<CellInRow>,
}

/// A cell within the text of its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellInRow {
    /// Position in the file, from 0.
    pub position: usize,
    /// Bytes within [`Excerpt::record`].
    pub bytes: std::ops::Range<usize>,
    /// Canonical field that reads it, or empty.
    pub field: &'static str,
}

/// One thing that could not be read as meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, such as `CEL301`.
    pub code: &'static str,
    /// One terse line.
    pub message: String,
    /// Where it stands: a cell of an input, or a span of a configuration text.
    pub place: Place,
    /// What was found.
    pub found: String,
    /// What was expected, and the configuration line that expects it.
    pub expected: String,
    /// What to do.
    pub help: String,
    /// The exit code that it leads to.
    pub exit: Exit,
}

/// Where a diagnostic stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an input.
    Cell(CellPlace),
    /// In a configuration text.
    Config {
        /// Path as outputs quote it.
        file: String,
        /// The whole text.
        text: Arc<str>,
        /// Byte range.
        span: std::ops::Range<usize>,
    },
    /// Nowhere in particular.
    Nowhere,
    /// In more rows of a file, of which the first are told one by one: the diagnostic stands for so many.
    Repeats {
        /// The file.
        file: String,
        /// The column, or empty.
        column: String,
        /// How many.
        more: usize,
    },
}

impl Diagnostic {
    /// The diagnostic as a person reads it, without colour.
    pub fn render(&self) -> String {
        match &self.place {
            Place::Config { file, text, span } => self.render_config(file, text, span.clone()),
            Place::Cell(place) => self.render_cell(place),
            Place::Nowhere | Place::Repeats { .. } => self.render_plain(),
        }
    }

    /// A diagnostic that leads to no exit code is a note.
    fn level(&self) -> &'static str {
        if self.exit == Exit::Clean { "note" } else { "error" }
    }

    /// Shows the line at fault and no other: what the mistake spans may be most of the text.
    fn render_config(&self, file: &str, text: &str, span: std::ops::Range<usize>) -> String {
        // A place within a letter is that letter: an escape makes a value longer in the text than it is.
        let start = text.floor_char_boundary(span.start);
        let span = start..text.ceil_char_boundary(span.end).max(start);
        let first_line = text.get(span.clone()).and_then(|spanned| spanned.find('\n'));
        let span = first_line.map_or(span.clone(), |length| span.start..span.start + length);
        let told = if self.expected.is_empty() { self.found.clone() } else { format!("expected: {}", self.expected) };
        let [message, label, file] = [&self.message, &told, file].map(visible::line);
        let help = visible::lines(&self.help);
        let mut group = Level::ERROR
            .primary_title(message)
            .id(self.code)
            .element(Snippet::source(text).path(file).annotation(AnnotationKind::Primary.span(span).label(label)));
        if !help.is_empty() {
            group = group.element(Level::HELP.message(help));
        }
        visible::lines(&Renderer::plain().render(&[group])).into_owned()
    }

    fn render_cell(&self, place: &CellPlace) -> String {
        let [message, file] = [&self.message, &place.file].map(|text| visible::line(text));
        let mut text = format!("{}[{}]: {message}\n  --> {file}", self.level(), self.code);
        if let Some(sheet) = &place.sheet {
            let _ = write!(text, ", sheet \"{}\"", visible::line(sheet));
        }
        match (place.cell_name(), place.row) {
            (Some(cell), _) => {
                let _ = write!(text, ", cell {cell}");
            }
            (None, Some(row)) => {
                let _ = write!(text, ", row {row}");
            }
            (None, None) => {}
        }
        if let (Some(column), None) = (&place.column, place.cell_name()) {
            let _ = write!(text, ", column \"{}\"", visible::short(column, visible::CELL));
        }
        let is_shown = place.push_excerpt(&mut text);
        self.push_notes(&mut text, is_shown);
        text
    }

    fn render_plain(&self) -> String {
        let mut text = format!("{}[{}]: {}", self.level(), self.code, visible::line(&self.message));
        self.push_notes(&mut text, false);
        text
    }

    /// `is_shown`: the excerpt shows what was found.
    fn push_notes(&self, text: &mut String, is_shown: bool) {
        // An input may hold any length; what is expected is as long as the configuration.
        const FOUND: usize = 5 * visible::CELL;
        let found = if is_shown { "" } else { self.found.as_str() };
        // Help may be lines to paste, whose texts are quoted.
        let notes = [("found: ", visible::short(found, FOUND)), ("expected: ", visible::line(&self.expected))];
        for (name, note) in notes.into_iter().chain([("", visible::lines(&self.help))]) {
            if !note.is_empty() {
                let _ = write!(text, "\n   = {name}{note}");
            }
        }
    }

    /// The diagnostic for programs: `code, level, exit, message, file, sheet, row, column, cell, field, record, line, found,
    /// expected, help, text`, always all of them and in this order. `row` and `cell` are those of an input, `line` is one of a
    /// configuration text; what does not apply is null.
    pub fn json(&self) -> Value {
        let cell = if let Place::Cell(cell) = &self.place { Some(cell) } else { None };
        let (file, line) = match &self.place {
            Place::Config { file, text, span } => {
                let before = text.get(..span.start).unwrap_or(&**text);
                (Some(file), Some(before.matches('\n').count() + 1))
            }
            _ => (cell.map(|cell| &cell.file), None),
        };
        let excerpt = cell.and_then(|cell| cell.excerpt.as_ref());
        json!({
            "code": self.code, "level": self.level(), "exit": self.exit as u8, "message": self.message, "file": file,
            "sheet": cell.and_then(|cell| cell.sheet.as_ref()), "row": cell.and_then(|cell| cell.row),
            "column": cell.and_then(|cell| cell.column.as_ref()), "cell": cell.and_then(CellPlace::cell_name),
            "field": excerpt.and_then(|excerpt| excerpt.cell.as_ref()).map(|cell| &cell.field),
            "record": excerpt.map(|excerpt| &excerpt.record), "line": line, "found": self.found,
            "expected": self.expected, "help": self.help, "text": self.render(),
        })
    }

    /// What repeats share: code, file and column.
    fn group(&self) -> (&'static str, &str, &str) {
        match &self.place {
            Place::Cell(place) => (self.code, &place.file, place.column.as_deref().unwrap_or("")),
            Place::Config { file, .. } => (self.code, file, ""),
            Place::Repeats { file, column, .. } => (self.code, file, column),
            Place::Nowhere => (self.code, "", ""),
        }
    }
}

/// Diagnostics of a kind in one file that are shown whole.
pub const SHOWN: usize = 5;

/// Code of a word that no pack knows.
pub const UNKNOWN_WORD: &str = "CEL313";

/// The first five diagnostics of a kind (code and column) in each file, and how many more there are of each: code, file, column,
/// number. A word that nobody knows is shown once, where it first stands.
pub fn first_of_a_kind(diagnostics: &[Diagnostic]) -> (Vec<&Diagnostic>, Vec<Repeats<'_>>) {
    let mut repeats: Vec<Repeats<'_>> = Vec::new();
    let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut words: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    let mut shown = Vec::new();
    for diagnostic in diagnostics {
        let (code, file, column) = diagnostic.group();
        let place = *places.entry((code, file, column)).or_insert_with(|| {
            repeats.push(Repeats { code, file, column, shown: 0, more: 0 });
            repeats.len() - 1
        });
        if let Place::Repeats { more, .. } = diagnostic.place {
            repeats[place].more += more;
            continue;
        }
        let is_known = code == UNKNOWN_WORD && !words.insert((file, column, &diagnostic.found));
        if repeats[place].shown < SHOWN && !is_known {
            repeats[place].shown += 1;
            shown.push(diagnostic);
        } else {
            repeats[place].more += 1;
        }
    }
    repeats.retain(|kind| kind.more > 0);
    (shown, repeats)
}

/// Diagnostics of one kind in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats<'a> {
    /// Their code.
    pub code: &'static str,
    /// Their file, or empty.
    pub file: &'a str,
    /// Their column, or empty.
    pub column: &'a str,
    /// How many are shown.
    pub shown: usize,
    /// How many more there are.
    pub more: usize,
}

/// Renders diagnostics, the first five of a kind in one file, then how many more there are.
pub fn render_all(diagnostics: &[Diagnostic]) -> String {
    let (shown, repeats) = first_of_a_kind(diagnostics);
    let mut text: String = shown.iter().map(|diagnostic| diagnostic.render() + "\n\n").collect();
    for kind in repeats {
        let [file, column] = [kind.file, kind.column].map(visible::line);
        let column = if column.is_empty() { String::new() } else { format!(", column \"{column}\"") };
        let _ = writeln!(text, "… and {} more {} like this in {file}{column}", kind.more, kind.code);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_letter_is_that_letter() {
        let text = "[r]\nwhen = \"č\"\n";
        for span in [13..14, 12..13, 13..13, 11..400, 400..500] {
            let told = Diagnostic {
                code: "CFG070",
                message: "wrong".into(),
                place: Place::Config { file: "p.toml".into(), text: text.into(), span },
                found: "here".into(),
                expected: String::new(),
                help: String::new(),
                exit: Exit::Usage,
            };
            assert!(told.render().contains("p.toml"));
        }
    }
}

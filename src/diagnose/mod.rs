//! Diagnostics: an input or the configuration could not be read as meant. Who prepares files acts on them.
//!
//! A **diagnostic** sends a row to quarantine or stops the run; a **finding** is a row of the report; an **error** is an exit code.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Exit codes of the contract (`product.md` §4). If several hold, the first of [`Exit::PRECEDENCE`] wins.
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
        text: String,
        /// Byte range.
        span: std::ops::Range<usize>,
    },
    /// Nowhere in particular.
    Nowhere,
}

impl Diagnostic {
    /// The diagnostic as a person reads it, without colour.
    pub fn render(&self) -> String {
        match &self.place {
            Place::Config { file, text, span } => self.render_config(file, text, span.clone()),
            Place::Cell(place) => self.render_cell(place),
            Place::Nowhere => self.render_plain(),
        }
    }

    /// A diagnostic that leads to no exit code is a note.
    fn level(&self) -> &'static str {
        if self.exit == Exit::Clean { "note" } else { "error" }
    }

    fn render_config(&self, file: &str, text: &str, span: std::ops::Range<usize>) -> String {
        let label = if self.expected.is_empty() { self.found.clone() } else { format!("expected: {}", self.expected) };
        let mut group = Level::ERROR
            .primary_title(&self.message)
            .id(self.code)
            .element(Snippet::source(text).path(file).annotation(AnnotationKind::Primary.span(span).label(label)));
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(&self.help));
        }
        Renderer::plain().render(&[group]).to_string()
    }

    fn render_cell(&self, place: &CellPlace) -> String {
        let mut text = format!("{}[{}]: {}\n  --> {}", self.level(), self.code, self.message, place.file);
        if let Some(sheet) = &place.sheet {
            let _ = write!(text, ", sheet \"{sheet}\"");
        }
        if let Some(row) = place.row {
            let _ = write!(text, ", row {row}");
        }
        if let Some(column) = &place.column {
            let _ = write!(text, ", column \"{column}\"");
        }
        self.push_notes(&mut text);
        text
    }

    fn render_plain(&self) -> String {
        let mut text = format!("{}[{}]: {}", self.level(), self.code, self.message);
        self.push_notes(&mut text);
        text
    }

    fn push_notes(&self, text: &mut String) {
        for (name, note) in [("found", &self.found), ("expected", &self.expected), ("help", &self.help)] {
            if !note.is_empty() {
                let _ = write!(text, "\n   = {name}: {note}");
            }
        }
    }
}

/// Renders diagnostics, the first five of a kind in one file, then their number.
pub fn render_all(diagnostics: &[Diagnostic]) -> String {
    const SHOWN: usize = 5;
    let mut counts: Vec<((&str, String), usize)> = Vec::new();
    let mut text = String::new();
    for diagnostic in diagnostics {
        let file = match &diagnostic.place {
            Place::Cell(place) => place.file.clone(),
            Place::Config { file, .. } => file.clone(),
            Place::Nowhere => String::new(),
        };
        let key = (diagnostic.code, file);
        let place = counts.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            counts.push((key, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
        if counts[place].1 <= SHOWN {
            text.push_str(&diagnostic.render());
            text.push_str("\n\n");
        }
    }
    for ((code, file), count) in counts.iter().filter(|(_, count)| *count > SHOWN) {
        let _ = writeln!(text, "… {} more {code} in {file}", count - SHOWN);
    }
    text
}

//! How well known layouts fit a table: headers found, and whether dialect, decimal mark and dates of the layout read what is there.

use crate::base::text::fold;
use crate::frame::kind::{Cell, Field};
use crate::ingest::dates::DateForms;
use crate::ingest::infer::amounts;
use crate::ingest::infer::known::{Known, KnownLayout, spelled};
use crate::ingest::infer::look::{Column, one_line};
use crate::ingest::infer::proposal::SURE;
use crate::ingest::infer::sample::Seen;
use crate::ingest::infer::table::Table;
use crate::ingest::infer::text_form::TextForm;
use crate::pipeline::column_form::WrittenColumn;
use crate::pipeline::written::{WrittenCsv, WrittenSheet};
use crate::vocab::Kind;

/// A layout held against a table.
#[derive(Debug)]
pub(super) struct Match {
    /// Place in [`Known::layouts`].
    pub(super) layout: usize,
    /// Columns of required fields that are there, of all.
    pub(super) required: (usize, usize),
    /// Headers that are there, read and unread, of all.
    pub(super) headers: (usize, usize),
    /// Headers written as the system itself writes them.
    pub(super) exact: usize,
    /// Place of the table's column → canonical field.
    pub(super) bound: Vec<(usize, Field)>,
    /// Read headers that are not there, by their first spelling.
    pub(super) missing: Vec<String>,
    /// Why dialect or cell forms of the layout do not read the table.
    pub(super) misfits: Vec<String>,
    /// Canonical field, labels that the layout's words do not hold.
    pub(super) unknown_words: Vec<(String, Vec<String>)>,
}

impl Match {
    /// Every required column is there.
    pub(super) fn reads(&self) -> bool {
        self.required.0 == self.required.1
    }

    /// The layout alone reads the table.
    pub(super) fn is_whole(&self) -> bool {
        self.reads() && self.misfits.is_empty()
    }

    /// Percent of the layout's headers that are there.
    pub(super) fn share(&self) -> usize {
        self.headers.0 * 100 / self.headers.1.max(1)
    }

    /// Percent: all required columns, then all headers, less where dialect or cells differ.
    pub(super) fn confidence(&self) -> u8 {
        let base = if self.is_whole() { 60 } else { 45 };
        base + self.share().min(100) as u8 * 2 / 5
    }

    fn rank(&self) -> (bool, bool, usize, usize, usize) {
        (self.reads(), self.is_whole(), self.share(), self.headers.0, self.exact)
    }
}

/// All layouts with a share in the table, the best first. `kind` leaves those of other kinds out.
pub(super) fn matches(table: &Table, text: Option<&TextForm>, known: &Known, kind: Option<Kind>) -> Vec<Match> {
    let mut found: Vec<Match> = known
        .layouts
        .iter()
        .enumerate()
        .filter(|(_, layout)| kind.is_none_or(|kind| layout.layout.kind == kind))
        .filter_map(|(place, layout)| hold(place, layout, table, text, known))
        .collect();
    found.sort_by(|a, b| b.rank().cmp(&a.rank()).then(a.layout.cmp(&b.layout)));
    found
}

/// The layout that reads the table, surely enough to be taken; several when nothing tells them apart.
pub(super) fn best(matches: &[Match]) -> &[Match] {
    let first = matches.first().filter(|first| first.reads() && first.confidence() >= SURE);
    let equal = first.map_or(0, |first| matches.iter().take_while(|other| other.rank() == first.rank()).count());
    &matches[..equal]
}

fn hold(
    place: usize,
    known_layout: &KnownLayout,
    table: &Table,
    text: Option<&TextForm>,
    known: &Known,
) -> Option<Match> {
    let layout = &known_layout.layout;
    let by_position = layout.csv.as_ref().is_some_and(|csv| csv.header == Some(false));
    if by_position == table.header.is_there() || by_position && text.is_none() {
        return None;
    }
    let mut found = Match {
        layout: place,
        required: (0, 0),
        headers: (0, 0),
        exact: 0,
        bound: Vec::new(),
        missing: Vec::new(),
        misfits: Vec::new(),
        unknown_words: Vec::new(),
    };
    for (name, column) in &layout.columns {
        let Some(field) = known_layout.field(name) else { continue };
        let at = find(table, column);
        // Without a header only the cells themselves can say whether the column is there.
        let at = at.filter(|at| !by_position || reads(known_layout, field, &table.columns[*at], known));
        found.count(field, column, at, table);
    }
    for header in layout.unread.keys().filter(|header| !header.is_empty()) {
        found.headers.1 += 1;
        let is_there = table.columns.iter().any(|column| fold(&column.header) == fold(header));
        found.headers.0 += usize::from(is_there);
        found.exact += usize::from(table.columns.iter().any(|column| column.header == *header));
    }
    if found.required.0 == 0 || found.headers.0 < 2 {
        return None;
    }
    if by_position && !found.reads() {
        return None;
    }
    found.misfits = misfits(&found, known_layout, table, text);
    for (at, field) in &found.bound {
        let unknown = known.unknown_labels(field.cell, Some(known_layout), &table.columns[*at].labels());
        if !unknown.is_empty() {
            found.unknown_words.push((field.name.to_owned(), unknown));
        }
    }
    Some(found)
}

impl Match {
    fn count(&mut self, field: Field, column: &WrittenColumn, at: Option<usize>, table: &Table) {
        self.headers.1 += 1;
        self.required.1 += usize::from(field.required);
        let Some(at) = at else {
            self.missing.extend(spelled(column).first().map(|header| (*header).to_owned()));
            return;
        };
        self.headers.0 += 1;
        self.required.0 += usize::from(field.required);
        self.exact += usize::from(spelled(column).first().is_some_and(|first| *first == table.columns[at].header));
        self.bound.push((at, field));
    }
}

/// The table's column that a layout's column binds.
fn find(table: &Table, column: &WrittenColumn) -> Option<usize> {
    match column {
        WrittenColumn::Position(position) => position.get_ref().checked_sub(1).filter(|at| *at < table.columns.len()),
        other => spelled(other).iter().find_map(|header| {
            let header = fold(header);
            table.columns.iter().position(|column| fold(&column.header) == header)
        }),
    }
}

/// Whether nearly all cells of a column are what the field wants.
fn reads(layout: &KnownLayout, field: Field, column: &Column, known: &Known) -> bool {
    match field.cell {
        Cell::Date | Cell::Instant => {
            let forms = forms_of(layout);
            !column.values.is_empty()
                && unread(&column.values, |value| forms.read(value.raw(), Some(2024)).is_ok()).is_empty()
        }
        Cell::CarrierCode => {
            let labels = column.labels();
            let unknown = known.unknown_labels(field.cell, Some(layout), &labels);
            !labels.is_empty() && unknown.len() * 5 <= labels.len()
        }
        Cell::Identifier => {
            let blank = |value: &Seen| value.shown().trim().contains(char::is_whitespace);
            (field.required != column.values.is_empty() || !field.required) && !column.values.iter().any(blank)
        }
        Cell::Money => {
            let mark = layout.layout.csv.as_ref().and_then(|csv| csv.decimal.as_ref()).map(|mark| *mark.get_ref());
            unread(&column.values, |value| amounts::is_amount_text(&value.shown(), mark)).is_empty()
        }
        _ => true,
    }
}

fn forms_of(layout: &KnownLayout) -> DateForms {
    let csv = layout.layout.csv.as_ref().and_then(|csv| csv.dates.as_ref());
    let dates = csv.or_else(|| layout.layout.xlsx.as_ref().and_then(|xlsx| xlsx.dates.as_ref()));
    let patterns: Vec<String> = dates.into_iter().flatten().map(|date| date.get_ref().clone()).collect();
    // A pack with a wrong pattern is refused when it is loaded for a run; here it reads nothing.
    DateForms::new(&patterns).or_else(|_| DateForms::new(&[])).unwrap_or_default()
}

/// Values that a test refuses, when they are more than one of ten: fewer are bad cells of a good column.
fn unread(values: &[Seen], test: impl Fn(&Seen) -> bool) -> Vec<String> {
    let refused: Vec<String> = values.iter().filter(|value| !test(value)).map(Seen::shown).collect();
    if refused.len() * 10 > values.len() { refused } else { Vec::new() }
}

fn misfits(found: &Match, known_layout: &KnownLayout, table: &Table, text: Option<&TextForm>) -> Vec<String> {
    let layout = &known_layout.layout;
    let mut misfits = Vec::new();
    let decimal = match (text, &layout.csv, &layout.xlsx) {
        (Some(text), Some(csv), _) => {
            misfits.extend(dialect_misfits(text, csv));
            csv.decimal.as_ref()
        }
        (None, _, Some(xlsx)) => {
            if let (Some(WrittenSheet::Name(wanted)), Some(sheet)) = (&xlsx.sheet, &table.sheet)
                && fold(wanted) != fold(sheet)
            {
                misfits.push(format!("the layout's sheet is `{wanted}`"));
            }
            xlsx.decimal.as_ref()
        }
        (Some(_), None, _) => {
            misfits.push("the layout is a workbook".to_owned());
            None
        }
        (None, _, None) => {
            misfits.push("the layout is a text".to_owned());
            None
        }
    };
    let mark = decimal.map(|mark| *mark.get_ref());
    let forms = forms_of(known_layout);
    for (at, field) in &found.bound {
        let column = &table.columns[*at];
        let refused = match field.cell {
            Cell::Money => unread(&column.values, |value| {
                matches!(value, Seen::Number(_)) || amounts::is_amount_text(&value.shown(), mark)
            }),
            Cell::Date | Cell::Instant => unread(&column.values, |value| forms.read(value.raw(), Some(2024)).is_ok()),
            _ => Vec::new(),
        };
        if let Some(first) = refused.first().map(|first| one_line(first)) {
            misfits.push(format!("{} of {} is not read as {}: `{first}`", refused.len(), column.name(), field.name));
        }
    }
    misfits
}

fn dialect_misfits(text: &TextForm, csv: &WrittenCsv) -> Vec<String> {
    let mut misfits = Vec::new();
    let delimiter = csv.delimiter.as_ref().map_or(',', |mark| *mark.get_ref());
    if delimiter != char::from(text.dialect.delimiter) {
        misfits.push(format!("the layout's delimiter is {delimiter:?}"));
    }
    let quote = csv.quote.as_ref().map_or("\"", |mark| mark.get_ref());
    if text.dialect.quoted > 0 && quote != char::from(text.dialect.quote).to_string() {
        misfits.push(format!("the layout's quote is {quote:?}"));
    }
    let named: Vec<&str> = match &csv.encoding {
        Some(written) => written.0.iter().map(|name| name.get_ref().as_str()).collect(),
        None => vec!["utf-8"],
    };
    if !named.iter().any(|name| *name == "auto" || text.is_read_by(name)) {
        misfits.push(format!("the layout's encoding is {}", named.join(" or ")));
    }
    misfits
}

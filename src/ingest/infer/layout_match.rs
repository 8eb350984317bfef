//! How well known layouts fit a table: headers found, and whether dialect, decimal mark and dates of the layout read what is there.
//! A column without any value is no evidence, whatever its header is.

use regex::Regex;

use crate::base::text::{fold, header_key};
use crate::diagnose::visible;
use crate::frame::kind::{Cell, Field};
use crate::ingest::dates::DateForms;
use crate::ingest::infer::amounts;
use crate::ingest::infer::known::{Known, KnownLayout, spelled};
use crate::ingest::infer::look::{self, Column, Look};
use crate::ingest::infer::sample::{SampleRow, Seen};
use crate::ingest::infer::table::Table;
use crate::ingest::infer::text_form::TextForm;
use crate::pipeline::resolve::format::NO_QUOTE;
use crate::pipeline::written::column_form::{WrittenColumn, WrittenComposed};
use crate::pipeline::written::layout::Layout;
use crate::pipeline::written::{WrittenCsv, WrittenSheet};
use crate::vocab::Kind;

/// From here on a proposal is written as a line that counts, below it as a comment.
pub(super) const SURE: u8 = 80;

/// A layout held against a table.
#[derive(Debug)]
pub(super) struct Match {
    /// Place in [`Known::layouts`].
    pub(super) layout: usize,
    /// The pack and the name of its file: layouts that share both read one file together.
    file: (String, String),
    /// Columns of required fields that are there and hold something, of all.
    pub(super) required: (usize, usize),
    /// Headers that are there, read and unread, of all.
    pub(super) headers: (usize, usize),
    /// Columns of the table that the system writes, of all with a header.
    pub(super) table: (usize, usize),
    /// Columns of the table whose headers the layouts of no other pack have.
    own: usize,
    /// Headers written as the system itself writes them.
    pub(super) exact: usize,
    /// Place of the table's column → canonical field.
    pub(super) bound: Vec<(usize, Field)>,
    /// Read headers that are not there, by their first spelling.
    pub(super) missing: Vec<String>,
    /// Read headers that are there without a value below them.
    pub(super) empty: Vec<String>,
    /// Why dialect or cell forms of the layout do not read the table.
    pub(super) misfits: Vec<String>,
    /// Canonical field, labels that the layout's words do not hold.
    pub(super) unknown_words: Vec<(String, Vec<String>)>,
    /// Most labels of a required field are unknown to the pack.
    is_in_other_words: bool,
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

    /// Percent: of the layout's headers those that are there, and of the table's those that the system writes; both that lack and that are
    /// too many count against it. Where the merchant chooses the columns, the greater share counts alone, as long as some of the columns are
    /// the system's alone.
    pub(super) fn share(&self) -> usize {
        const OWN: usize = 3;
        let of_layout = self.headers.0 * 100 / self.headers.1.max(1);
        // A table without headers has nothing that could be too many.
        let of_table = (self.table.0 * 100).checked_div(self.table.1).unwrap_or(100);
        if self.own >= OWN && self.is_whole() { of_layout.max(of_table) } else { of_layout * of_table / 100 }
    }

    /// Whether the table has enough of the layout to be it: nearly all that the layout reads, or half of its own columns. Words of a required
    /// field that the pack does not know speak against it, unless the system is certain: a shop has states of its own.
    fn is_plausible(&self) -> bool {
        const NEARLY: usize = 75;
        let is_near = self.headers.0 * 100 >= self.headers.1 * NEARLY || self.table.0 * 2 >= self.table.1;
        is_near && (!self.is_in_other_words || self.is_of_system())
    }

    /// Whether the table is certainly an export of the layout's system, whatever the merchant chose of it.
    pub(super) fn is_of_system(&self) -> bool {
        const OWN: usize = 3;
        self.own >= OWN && self.table.0 * 2 >= self.table.1
    }

    /// Percent: all required columns, then the share of the headers, less where dialect or cells differ.
    pub(super) fn confidence(&self) -> u8 {
        let base = if self.is_whole() { 60 } else { 45 };
        base + self.share().min(100) as u8 * 2 / 5
    }

    fn rank(&self) -> (bool, bool, bool, usize, usize, usize) {
        (self.reads(), self.is_of_system(), self.is_whole(), self.share(), self.headers.0, self.exact)
    }

    /// How surely the table is of the layout's system, and how much of it the layout reads; before the columns are all there.
    pub(super) fn nearness(&self) -> (bool, usize, usize) {
        (self.is_of_system(), self.required.0 * 100 / self.required.1.max(1), self.headers.0)
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
    let first = matches.first().filter(|first| first.reads() && first.is_plausible() && first.confidence() >= SURE);
    let equal = first.map_or(0, |first| matches.iter().take_while(|other| other.rank() == first.rank()).count());
    // Layouts of one file are no choice: all of them read it.
    let equal = if matches[..equal].iter().all(|other| other.file == matches[0].file) { equal.min(1) } else { equal };
    &matches[..equal]
}

/// Other layouts of the same pack that read rows of the same file: its statement beside its lines, its fees beside its sales.
pub(super) fn companions<'m>(chosen: &Match, matches: &'m [Match]) -> Vec<&'m Match> {
    let belongs = |other: &&Match| other.layout != chosen.layout && other.file == chosen.file && other.reads();
    matches.iter().filter(belongs).collect()
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
        file: (known_layout.pack.name.clone(), layout.file.clone()),
        required: (0, 0),
        headers: (0, 0),
        table: (0, 0),
        own: 0,
        exact: 0,
        bound: Vec::new(),
        missing: Vec::new(),
        empty: Vec::new(),
        misfits: Vec::new(),
        unknown_words: Vec::new(),
        is_in_other_words: false,
    };
    for (name, column) in &layout.columns {
        let Some(field) = known_layout.field(name) else { continue };
        let at = find(table, column);
        // Without a header only the cells themselves can say whether the column is there.
        let at = at.filter(|at| !by_position || reads(known_layout, field, &table.columns[*at], known));
        found.count(field, column, at, table);
    }
    for skip in &layout.skip {
        // Without the columns that decide which rows count the layout reads none.
        if !skip.columns.iter().any(|column| find(table, column).is_some()) {
            found.required.1 += 1;
            found.missing.extend(skip.columns.iter().flat_map(spelled).next().map(str::to_owned));
        }
    }
    for header in layout.unread.keys().filter(|header| !header.is_empty()) {
        found.headers.1 += 1;
        let is_there = {
            let key = header_key(header);
            table.columns.iter().any(|column| column.key == key)
        };
        found.headers.0 += usize::from(is_there);
        found.exact += usize::from(table.columns.iter().any(|column| column.header == *header));
    }
    for key in table.columns.iter().map(|column| &column.key).filter(|key| !key.is_empty()) {
        found.table.1 += 1;
        if known_layout.writes(key) {
            found.table.0 += 1;
            found.own += usize::from(known.is_only_of(key, &known_layout.pack.name));
        }
    }
    if found.required.0 == 0 || found.headers.0 < 2 {
        return None;
    }
    if by_position && !found.reads() {
        return None;
    }
    found.misfits = misfits(&found, known_layout, table, text);
    let rows: Vec<&SampleRow> = table.data.iter().filter(|row| !is_skipped(layout, table, row)).collect();
    for (name, column) in &layout.columns {
        let Some((at, field)) = found.bound.iter().copied().find(|(_, field)| field.name == name) else { continue };
        let labels = match column {
            WrittenColumn::Composed(composed) if !composed.get_ref().first.is_empty() => {
                labels_of(table, &rows, composed.get_ref())
            }
            _ if matches!(table.columns[at].look, Look::Word(_) | Look::Text) => labels_below(at, &rows),
            _ => table.columns[at].labels(),
        };
        let unknown = known.unknown_labels(field.cell, Some(known_layout), &labels);
        found.is_in_other_words |= field.required && unknown.len() * 2 > labels.len();
        if !unknown.is_empty() {
            found.unknown_words.push((field.name.to_owned(), unknown));
        }
    }
    Some(found)
}

/// Whether the layout says that the row is none of its own.
fn is_skipped(layout: &Layout, table: &Table, row: &SampleRow) -> bool {
    layout.skip.iter().any(|skip| {
        let cells = skip.is.iter().chain(&skip.is_not).flatten().map(|cell| fold(cell)).collect::<Vec<_>>();
        let places: Vec<usize> = skip.columns.iter().filter_map(|column| find(table, column)).collect();
        let cell = |at: &usize| fold(&row.cells.get(*at).map(Seen::shown).unwrap_or_default());
        !places.is_empty() && places.iter().all(|at| cells.contains(&cell(at)) == skip.is.is_some())
    })
}

/// The labels of a column in some rows.
fn labels_below(at: usize, rows: &[&SampleRow]) -> Vec<(String, usize)> {
    let filled = rows.iter().filter_map(|row| row.cells.get(at)).filter(|cell| !cell.is_empty());
    look::labels_of(&filled.map(Seen::shown).collect::<Vec<_>>())
}

/// The labels of what several columns make in some rows.
fn labels_of(table: &Table, rows: &[&SampleRow], composed: &WrittenComposed) -> Vec<(String, usize)> {
    let places: Vec<usize> = composed.first.iter().filter_map(|column| find(table, column)).collect();
    let pattern = composed.pattern.as_ref().and_then(|pattern| Regex::new(pattern.get_ref()).ok());
    let texts = rows.iter().filter_map(|row| {
        let text = places.iter().find_map(|at| row.cells.get(*at).filter(|cell| !cell.is_empty()))?.shown();
        match &pattern {
            Some(pattern) => {
                let found = pattern.captures(&text)?;
                Some(found.get(1).or(found.get(0))?.as_str().to_owned())
            }
            None => Some(text),
        }
    });
    look::labels_of(&texts.collect::<Vec<_>>())
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
        let places = all_of(table, column);
        // A table without any row has nothing but its headers to show.
        let is_filled = table.rows == 0 || places.iter().any(|at| !table.columns[*at].values.is_empty());
        if !is_filled {
            self.empty.push(table.columns[at].header.clone());
        }
        self.required.0 += usize::from(field.required && is_filled);
        self.exact += usize::from(spelled(column).first().is_some_and(|first| *first == table.columns[at].header));
        self.bound.push((at, field));
    }
}

/// The table's column that a layout's column binds.
fn find(table: &Table, column: &WrittenColumn) -> Option<usize> {
    match column {
        WrittenColumn::Position(position) => position.get_ref().checked_sub(1).filter(|at| *at < table.columns.len()),
        other => spelled(other).iter().find_map(|header| {
            let header = header_key(header);
            table.columns.iter().position(|column| column.key == header)
        }),
    }
}

/// All of the table's columns that a layout's column reads: several where they make one value.
fn all_of(table: &Table, column: &WrittenColumn) -> Vec<usize> {
    match column {
        WrittenColumn::Composed(composed) => composed.get_ref().columns().filter_map(|one| find(table, one)).collect(),
        one => find(table, one).into_iter().collect(),
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
    let read = found.bound.iter().flat_map(|(at, field)| {
        let written = layout.columns.get(field.name).filter(|_| field.cell == Cell::Money);
        let places = written.map(|column| all_of(table, column)).filter(|places| !places.is_empty());
        places.unwrap_or_else(|| vec![*at]).into_iter().map(|at| (at, *field))
    });
    for (at, field) in read {
        let column = &table.columns[at];
        let refused = match field.cell {
            Cell::Money => unread(&column.values, |value| {
                matches!(value, Seen::Number(_)) || amounts::is_amount_text(&value.shown(), mark)
            }),
            Cell::Date | Cell::Instant => unread(&column.values, |value| forms.read(value.raw(), Some(2024)).is_ok()),
            _ => Vec::new(),
        };
        if let Some(first) = refused.first() {
            misfits.push(format!(
                "{} of {} is not read as {}: `{}`",
                refused.len(),
                column.name(),
                field.name,
                visible::short(first, visible::CELL)
            ));
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
    let is_same = match text.dialect.quote {
        None => quote == NO_QUOTE,
        Some(own) => text.dialect.quoted == 0 || quote == char::from(own).to_string(),
    };
    if !is_same {
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

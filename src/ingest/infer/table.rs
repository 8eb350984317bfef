//! A table of an unknown file: where its header row is, what stands above it, and what its columns look like.

use std::collections::BTreeMap;

use crate::base::text::header_key;
use crate::ingest::header::SEARCHED;
use crate::ingest::infer::amounts;
use crate::ingest::infer::date_patterns::PatternList;
use crate::ingest::infer::known::Known;
use crate::ingest::infer::look::Column;
use crate::ingest::infer::sample::{SampleRow, Seen};

/// A text, or one sheet.
#[derive(Debug)]
pub(super) struct Table {
    /// The sheet; `None` for a text.
    pub(super) sheet: Option<String>,
    pub(super) hidden: bool,
    pub(super) header: HeaderRow,
    /// Lines above the header, or above the data where there is none.
    pub(super) above: usize,
    /// Data rows that were looked at.
    pub(super) rows: usize,
    /// First cells of total rows below the data.
    pub(super) totals: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// The data rows.
    pub(super) data: Vec<SampleRow>,
}

/// Where the header row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeaderRow {
    /// Row as a person sees it, percent, why.
    At(u32, u8, String),
    /// None: percent, why.
    None(u8, String),
}

impl HeaderRow {
    pub(super) fn is_there(&self) -> bool {
        matches!(self, HeaderRow::At(..))
    }
}

impl Table {
    /// Looks at the rows of a text or sheet; `None`: fewer than two columns.
    pub(super) fn new(
        sheet: Option<String>,
        hidden: bool,
        rows: Vec<SampleRow>,
        patterns: &PatternList,
        known: &Known,
    ) -> Option<Table> {
        let width = width_of(&rows);
        if width < 2 {
            return None;
        }
        let (place, header) = find_header(&rows, width, patterns, known);
        let first =
            place.map_or_else(|| rows.iter().position(|row| row.cells.len() >= 2).unwrap_or(0), |place| place + 1);
        let above = rows.get(place.unwrap_or(first)).map_or(0, |row| row.line as usize - 1);
        let names: Vec<String> =
            place.map(|place| rows[place].cells.iter().map(Seen::shown).collect()).unwrap_or_default();
        let mut totals = Vec::new();
        let mut data = Vec::new();
        for row in rows.into_iter().skip(first).filter(|row| row.filled() > 0) {
            match known.total(&row).map(str::to_owned) {
                Some(total) if !totals.contains(&total) => totals.push(total),
                Some(_) => {}
                None => data.push(row),
            }
        }
        let columns = columns_of(&names, &data, patterns, known);
        Some(Table { sheet, hidden, header, above, rows: data.len(), totals, columns, data })
    }

    /// The keys of the headers, in their order.
    pub(super) fn keys(&self) -> Vec<String> {
        self.columns.iter().map(|column| header_key(&column.header)).collect()
    }

    /// Several tables as one: the rows of all below the headers of all, so that one file may prove what another leaves open.
    pub(super) fn merged(tables: &[&Table], patterns: &PatternList, known: &Known) -> Table {
        let first = tables[0];
        let mut names: Vec<String> = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        let (mut data, mut totals) = (Vec::new(), Vec::new());
        for table in tables {
            // A column without a header is known by its place.
            let own: Vec<String> = table
                .columns
                .iter()
                .map(|column| match header_key(&column.header) {
                    key if key.is_empty() => format!("#{}", column.position),
                    key => key,
                })
                .collect();
            for (key, column) in
                own.iter().zip(&table.columns).filter(|(key, _)| !keys.contains(key)).collect::<Vec<_>>()
            {
                keys.push(key.clone());
                names.push(column.header.clone());
            }
            let places: Vec<Option<usize>> = keys.iter().map(|key| own.iter().position(|other| other == key)).collect();
            data.extend(table.data.iter().map(|row| {
                SampleRow {
                    line: row.line,
                    cells: places
                        .iter()
                        .map(|place| place.and_then(|place| row.cells.get(place)).cloned().unwrap_or(Seen::Empty))
                        .collect(),
                }
            }));
            totals.extend(table.totals.iter().cloned());
        }
        totals.sort_unstable();
        totals.dedup();
        let columns = columns_of(&names, &data, patterns, known);
        Table {
            sheet: first.sheet.clone(),
            hidden: first.hidden,
            header: first.header.clone(),
            above: first.above,
            rows: data.len(),
            totals,
            columns,
            data,
        }
    }
}

/// What the columns below the headers hold.
fn columns_of(names: &[String], data: &[SampleRow], patterns: &PatternList, known: &Known) -> Vec<Column> {
    let widest = data.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(names.len());
    let column = |place: usize| {
        let cell = |row: &SampleRow| row.cells.get(place).cloned().unwrap_or(Seen::Empty);
        let header = names.get(place).cloned().unwrap_or_default();
        Column::new(place + 1, header, data.iter().map(cell).collect(), patterns, known)
    };
    (0..widest).map(column).collect()
}

/// Cells that most rows have, of rows with at least two.
fn width_of(rows: &[SampleRow]) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.cells.len() >= 2) {
        *counts.entry(row.cells.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |(width, _)| width)
}

/// The row that holds most headers of known layouts; else the first full row of words above rows with other cells.
fn find_header(rows: &[SampleRow], width: usize, patterns: &PatternList, known: &Known) -> (Option<usize>, HeaderRow) {
    let head = &rows[..rows.len().min(SEARCHED)];
    let hits: Vec<usize> = head.iter().map(|row| row.known_cells(&|text| known.is_header(text))).collect();
    let most = hits.iter().copied().max().unwrap_or(0);
    if let Some(place) = hits.iter().position(|count| *count == most).filter(|_| most >= 2) {
        let why = format!("{most} of its {} cells are headers of known layouts", head[place].filled());
        return (Some(place), HeaderRow::At(head[place].line, 95, why));
    }
    // A table may be narrower than its widest rows: trailing empty cells are left out. Spreadsheets pad a banner to the table's width: its
    // cells are there, and nothing is in them.
    let is_full = |row: &SampleRow| row.filled() >= 2 && row.filled() * 2 >= row.cells.len();
    let is_wide = |row: &SampleRow| row.cells.len() * 10 >= width * 8;
    let Some(place) = head.iter().position(|row| is_wide(row) && is_full(row)) else {
        return (None, HeaderRow::None(50, "no row is as wide as the table".into()));
    };
    let row = &head[place];
    if let Some(typed) = row.cells.iter().find(|cell| is_value(cell, patterns)) {
        let why = format!("the first full row holds a value: {}", typed.shown());
        return (None, HeaderRow::None(85, why));
    }
    let texts: Vec<String> = row.cells.iter().filter(|cell| !cell.is_empty()).map(Seen::shown).collect();
    let distinct = texts.iter().enumerate().all(|(place, text)| !texts[..place].contains(text));
    if !distinct || texts.len() * 10 < row.cells.len() * 7 {
        return (None, HeaderRow::None(60, "the first full row has empty or equal cells".into()));
    }
    let below = &rows[place + 1..rows.len().min(place + 1 + SEARCHED)];
    let typed = (0..row.cells.len())
        .filter(|column| below.iter().any(|row| row.cells.get(*column).is_some_and(|cell| is_value(cell, patterns))));
    match typed.count() {
        0 => {
            let why = "it is the first full row, but nothing tells it from the rows below it".to_owned();
            (Some(place), HeaderRow::At(row.line, 50, why))
        }
        count => {
            let why = format!("the first full row, all words, above {count} columns of numbers or dates");
            (Some(place), HeaderRow::At(row.line, 85, why))
        }
    }
}

/// A number, a date, an address of mail or web: nothing that a header would be.
fn is_value(cell: &Seen, patterns: &PatternList) -> bool {
    match cell {
        Seen::Empty => false,
        Seen::Number(_) | Seen::Moment(_) | Seen::Flag(_) => true,
        Seen::Text(text) => {
            let number =
                text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && amounts::is_amount_text(text, Some(','));
            let number =
                number || amounts::is_amount_text(text, Some('.')) && text.starts_with(|c: char| c.is_ascii_digit());
            number || text.contains('@') || text.contains("://") || patterns.find(&[cell]).is_some()
        }
    }
}

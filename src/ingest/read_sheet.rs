//! Reads workbooks: cells are streamed in file order, typed cells stay typed, and the dense range of a sheet is never built.
//! Row numbers are those a spreadsheet program shows.

use crate::diagnose::{CellPlace, Diagnostic, Exit};
use crate::ingest::header::{self, Bound};
use crate::ingest::package::Package;
use crate::ingest::plan::Plan;
use crate::ingest::record::{is_blank, is_total};
use crate::ingest::refusal::{self, About};
use crate::ingest::row::{RowReader, Rows};
use crate::ingest::sheet_rows::SheetRows;
use crate::ingest::totals::{self, TotalRow};
use crate::ingest::workbook::{Sheet, Workbook};
use crate::pipeline::source::XlsxFormat;

/// What became of one sheet.
pub(super) struct SheetRead {
    pub(super) name: String,
    pub(super) bound: Bound,
    pub(super) rows: Rows,
    /// What changes nothing and should be known.
    notes: Vec<Diagnostic>,
}

/// Sheets that were read, and notes that change nothing.
pub(super) type SheetsRead = (Vec<SheetRead>, Vec<Diagnostic>);

/// Reads the named sheet, or every sheet with the required headers.
///
/// # Errors
/// A workbook that is refused as a whole.
pub(super) fn read(
    plan: &Plan<'_>,
    format: &XlsxFormat,
    bytes: &[u8],
    path: &str,
    year: Option<i32>,
) -> Result<SheetsRead, Box<Diagnostic>> {
    let mut workbook = Workbook::open(Package::open(bytes, path)?, path)?;
    let sheets = sheets_of(&workbook, format, path)?;
    let mut read = Vec::new();
    let mut best: Option<Best> = None;
    for sheet in &sheets {
        let rows = SheetRows::new(workbook.sheet(sheet)?, path, &sheet.name)?;
        match (SheetReader { plan, rows, path, name: &sheet.name, year }).read()? {
            Ok(sheet) => read.push(sheet),
            Err(nearest) => best = best.max_by_hits(nearest),
        }
    }
    if read.is_empty() {
        let sheet = best.as_ref().map(|best| best.sheet.as_str()).or(format.sheet.as_deref());
        let place = refusal::sheet(path, sheet);
        let found = best.as_ref().map(|best| (&*best.headers, best.row));
        return Err(header::not_found(plan, found, place, "add the new header to the list of the column".into()));
    }
    let mut notes = hidden_notes(&sheets, &read, path);
    notes.extend(read.iter_mut().flat_map(|sheet| std::mem::take(&mut sheet.notes)));
    Ok((read, notes))
}

fn sheets_of(workbook: &Workbook<'_>, format: &XlsxFormat, path: &str) -> Result<Vec<Sheet>, Box<Diagnostic>> {
    let Some(wanted) = &format.sheet else { return Ok(workbook.sheets.clone()) };
    let folded = crate::base::text::fold(wanted);
    let exact = workbook.sheets.iter().find(|sheet| sheet.name == *wanted);
    match exact.or_else(|| workbook.sheets.iter().find(|sheet| crate::base::text::fold(&sheet.name) == folded)) {
        Some(sheet) => Ok(vec![sheet.clone()]),
        None => Err(About {
            code: "XLS401",
            message: "no such sheet",
            found: workbook.sheets.iter().map(|sheet| format!("`{}`", sheet.name)).collect::<Vec<_>>().join(", "),
            expected: format!("a sheet `{wanted}`"),
            help: "correct `sheet` of the source".into(),
        }
        .refuse(refusal::file(path))),
    }
}

/// Hidden sheets are read like others, and said.
fn hidden_notes(sheets: &[Sheet], read: &[SheetRead], path: &str) -> Vec<Diagnostic> {
    let hidden = sheets.iter().filter(|sheet| sheet.hidden);
    hidden
        .filter(|sheet| read.iter().any(|read| read.name == sheet.name))
        .map(|sheet| {
            About {
                code: "XLS402",
                message: "a hidden sheet was read",
                found: String::new(),
                expected: String::new(),
                help: "name the sheet in `sheet` of the source if this one is not meant".into(),
            }
            .at(refusal::sheet(path, Some(&sheet.name)), Exit::Clean)
        })
        .collect()
}

/// The row that looked most like a header row.
struct Best {
    hits: usize,
    sheet: String,
    headers: Vec<String>,
    row: u32,
}

trait MaxByHits {
    fn max_by_hits(self, other: Option<Best>) -> Option<Best>;
}

impl MaxByHits for Option<Best> {
    fn max_by_hits(self, other: Option<Best>) -> Option<Best> {
        match (self, other) {
            (Some(own), Some(other)) => Some(if other.hits > own.hits { other } else { own }),
            (own, other) => own.or(other),
        }
    }
}

struct SheetReader<'a, 'b, 'p> {
    plan: &'a Plan<'p>,
    rows: SheetRows<'a, 'b>,
    path: &'a str,
    name: &'a str,
    year: Option<i32>,
}

impl SheetReader<'_, '_, '_> {
    /// The sheet, or its row that looks most like a header row.
    fn read(mut self) -> Result<Result<SheetRead, Option<Best>>, Box<Diagnostic>> {
        let mut structural = 0;
        let mut above = Vec::new();
        let mut best: Option<Best> = None;
        for _ in 0..header::SEARCHED {
            let Some(row) = self.rows.next()? else { break };
            if is_total(&row, &self.plan.totals) {
                above.push(totals::read(self.plan, &row, row.number));
                continue;
            }
            structural += 1;
            if header::is_header(self.plan, &row) {
                let place = CellPlace { row: Some(row.number), ..refusal::sheet(self.path, Some(self.name)) };
                let bound = header::bind(self.plan, &row, &place)?;
                let rows = self.read_rows(&bound, structural, above)?;
                let notes = self.notes();
                return Ok(Ok(SheetRead { name: self.name.to_owned(), bound, rows, notes }));
            }
            let hits = header::hits(self.plan, &row);
            let headers = header::written(&row);
            best = best.max_by_hits(Some(Best { hits, sheet: self.name.to_owned(), headers, row: row.number }));
        }
        Ok(Err(best))
    }

    fn read_rows(&mut self, bound: &Bound, structural: u64, above: Vec<TotalRow>) -> Result<Rows, Box<Diagnostic>> {
        let mut reader = RowReader::new(self.plan, bound, self.year);
        reader.count_structural(structural);
        above.into_iter().for_each(|total| reader.count_total(total));
        while let Some(row) = self.rows.next()? {
            if is_total(&row, &self.plan.totals) {
                reader.count_total(totals::read(self.plan, &row, row.number));
            } else if is_blank(&row) || reader.skips(&row) {
                reader.count_structural(1);
            } else {
                reader.read(&row, row.number, None);
            }
        }
        Ok(reader.finish())
    }

    /// What a person does not see on the sheet, or sees elsewhere than it stands.
    fn notes(&self) -> Vec<Diagnostic> {
        let hidden = (self.rows.hidden > 0).then(|| About {
            code: "XLS407",
            message: "hidden rows were read",
            found: format!("{} rows", self.rows.hidden),
            expected: String::new(),
            help: "delete the rows, or remove the filter, if they are not meant".into(),
        });
        let merged = (!self.rows.merged.is_empty()).then(|| About {
            code: "XLS408",
            message: "merged cells",
            found: quoted(&self.rows.merged),
            expected: String::new(),
            help: "a merged cell holds its value in its first cell only; the others are empty".into(),
        });
        let place = refusal::sheet(self.path, Some(self.name));
        hidden.into_iter().chain(merged).map(|about| about.at(place.clone(), Exit::Clean)).collect()
    }
}

fn quoted(ranges: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = if ranges.len() > SHOWN { format!(" and {} more", ranges.len() - SHOWN) } else { String::new() };
    format!("{}{more}", ranges[..ranges.len().min(SHOWN)].join(", "))
}

//! Sheets of workbooks, whoever opened them: which of them are read, and their rows from the header row on.

use crate::base::text::fold;
use crate::diagnose::{CellPlace, Diagnostic, Exit};
use crate::ingest::bounds;
use crate::ingest::header::{self, Bound};
use crate::ingest::plan::Plan;
use crate::ingest::record::{Record, is_blank};
use crate::ingest::refusal::{self, About};
use crate::ingest::row::{RowReader, Rows};
use crate::ingest::totals::{self, TotalRow};
use crate::pipeline::limits::Limits;
use crate::pipeline::source::SheetChoice;

/// The rows of a sheet that the file holds, one at a time.
pub(super) trait RowStream {
    /// A row.
    type Row<'r>: Record
    where
        Self: 'r;

    /// The next row, and its number as a spreadsheet program shows it.
    fn next_row(&mut self) -> Result<Option<(u32, Self::Row<'_>)>, Box<Diagnostic>>;
}

/// What is done with the rows of a sheet, whatever they are read by.
pub(super) trait RowTaker {
    /// What becomes of them.
    type Out;

    /// Takes the rows.
    fn take<S: RowStream>(self, rows: &mut S) -> Result<Self::Out, Box<Diagnostic>>;
}

/// The places of the sheets that a source reads.
///
/// # Errors
/// No such sheet, or more sheets than a workbook may have entries.
pub(super) fn choose(
    names: &[&str],
    choice: &SheetChoice,
    limits: &Limits,
    path: &str,
) -> Result<Vec<usize>, Box<Diagnostic>> {
    if names.len() as u64 > limits.entries {
        return Err(bounds::over("entries", format!("{} sheets", names.len()), limits.entries, refusal::file(path)));
    }
    let (found, wanted) = match choice {
        SheetChoice::ByHeaders => return Ok((0..names.len()).collect()),
        SheetChoice::Numbered(place) => {
            (place.checked_sub(1).filter(|at| *at < names.len()), format!("number {place}"))
        }
        SheetChoice::Named(wanted) => {
            let exact = names.iter().position(|name| name == wanted);
            let folded = || names.iter().position(|name| fold(name) == fold(wanted));
            (exact.or_else(folded), format!("`{wanted}`"))
        }
    };
    found.map(|place| vec![place]).ok_or_else(|| {
        About {
            code: "XLS401",
            message: "no such sheet",
            found: names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            expected: format!("a sheet {wanted}"),
            help: "correct `sheet` of the source".into(),
        }
        .refuse(refusal::file(path))
    })
}

/// The note that a hidden sheet was read like others.
pub(super) fn hidden_note(path: &str, sheet: &str) -> Diagnostic {
    About {
        code: "XLS402",
        message: "a hidden sheet was read",
        found: String::new(),
        expected: String::new(),
        help: "name the sheet in `sheet` of the source if this one is not meant".into(),
    }
    .at(refusal::sheet(path, Some(sheet)), Exit::Clean)
}

/// The note that rows were read which nobody sees.
pub(super) fn hidden_rows_note(rows: u64, place: CellPlace) -> Option<Diagnostic> {
    let about = About {
        code: "XLS407",
        message: "hidden rows were read",
        found: format!("{rows} rows"),
        expected: String::new(),
        help: "delete the rows, or remove the filter, if they are not meant".into(),
    };
    (rows > 0).then(|| about.at(place, Exit::Clean))
}

/// The row that looked most like a header row.
pub(super) struct Best {
    hits: usize,
    sheet: String,
    headers: Vec<String>,
    row: u32,
}

impl Best {
    /// The one with more hits; of equal ones the first.
    pub(super) fn of(first: Option<Best>, second: Option<Best>) -> Option<Best> {
        match (first, second) {
            (Some(first), Some(second)) => Some(if second.hits > first.hits { second } else { first }),
            (first, second) => first.or(second),
        }
    }

    /// The refusal of a workbook in which no row is the header row.
    pub(super) fn not_found(best: Option<&Best>, plan: &Plan<'_>, path: &str) -> Box<Diagnostic> {
        let place = refusal::sheet(path, best.map(|best| best.sheet.as_str()));
        let found = best.map(|best| (&*best.headers, best.row));
        header::not_found(plan, found, place, "add the new header to the list of the column".into())
    }
}

/// A sheet that was read, or its row that looks most like a header row.
pub(super) type SheetOrBest = Result<(Bound, Rows), Option<Best>>;

/// Reads one sheet.
pub(super) struct SheetReader<'a, 'p, S> {
    pub(super) plan: &'a Plan<'p>,
    pub(super) stream: &'a mut S,
    pub(super) path: &'a str,
    pub(super) name: &'a str,
    pub(super) year: Option<i32>,
}

impl<S: RowStream> SheetReader<'_, '_, S> {
    /// The sheet, or its row that looks most like a header row.
    pub(super) fn read(mut self) -> Result<SheetOrBest, Box<Diagnostic>> {
        let mut best: Option<Best> = None;
        let (mut structural, mut above) = (0, Vec::new());
        for _ in 0..header::SEARCHED {
            let Some((number, row)) = self.stream.next_row()? else { break };
            if totals::is_total(&row, &self.plan.totals, &[]) {
                above.push(totals::read(self.plan, &row, number));
                continue;
            }
            structural += 1;
            if header::is_header(self.plan, &row) {
                let place = CellPlace { row: Some(number), ..refusal::sheet(self.path, Some(self.name)) };
                let bound = header::bind(self.plan, &row, &place)?;
                drop(row);
                let rows = self.read_rows(&bound, structural, above)?;
                return Ok(Ok((bound, rows)));
            }
            let (hits, headers) = (header::hits(self.plan, &row), header::written(&row));
            best = Best::of(best, Some(Best { hits, sheet: self.name.to_owned(), headers, row: number }));
        }
        Ok(Err(best))
    }

    fn read_rows(&mut self, bound: &Bound, structural: u64, above: Vec<TotalRow>) -> Result<Rows, Box<Diagnostic>> {
        let (plan, mut bound) = (self.plan, bound.clone());
        let mut rows = structural + above.len() as u64;
        let place = |number: u32| CellPlace { row: Some(number), ..refusal::sheet(self.path, Some(self.name)) };
        let slot = plan.currency_field.and_then(|field| bound.slots[field]);
        let slot = slot.filter(|_| plan.source.currency_of_file);
        let begin = |reader: &mut RowReader<'_, '_>, above: Vec<TotalRow>| {
            reader.count_structural(structural);
            above.into_iter().for_each(|total| reader.count_total(total));
        };
        let mut reader;
        match self.stream.next_row()? {
            None => {
                reader = RowReader::new(plan, &bound, self.year);
                begin(&mut reader, above);
            }
            Some((number, row)) => {
                if let Some(slot) = slot {
                    bound.currency = row.written(slot).into_owned();
                }
                reader = RowReader::new(plan, &bound, self.year);
                begin(&mut reader, above);
                rows += 1;
                take_row(&mut reader, plan, &bound, &row, rows, || place(number))?;
            }
        }
        while let Some((number, row)) = self.stream.next_row()? {
            rows += 1;
            take_row(&mut reader, plan, &bound, &row, rows, || place(number))?;
        }
        Ok(reader.finish())
    }
}

/// Reads a row of a sheet, the `count`th one.
fn take_row(
    reader: &mut RowReader<'_, '_>,
    plan: &Plan<'_>,
    bound: &Bound,
    row: &impl Record,
    count: u64,
    place: impl Fn() -> CellPlace,
) -> Result<(), Box<Diagnostic>> {
    let limits = &plan.source.limits;
    bounds::check_rows(limits, count, &place)?;
    bounds::check_columns(limits, row.len(), &place)?;
    bounds::check_cells(limits, row, &place)?;
    let number = place().row.unwrap_or_default();
    if totals::is_total(row, &plan.totals, &bound.identifiers) {
        reader.count_total(totals::read(plan, row, number));
    } else if is_blank(row) || reader.skips(row) {
        reader.count_structural(1);
    } else {
        reader.read(row, number, None);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_by_name_by_place_or_all() {
        let names = ["Notes", "Objednávky"];
        let choose = |choice| choose(&names, &choice, &Limits::default(), "a.xlsx").map_err(|refusal| refusal.expected);
        assert_eq!(choose(SheetChoice::ByHeaders), Ok(vec![0, 1]));
        assert_eq!(choose(SheetChoice::Numbered(2)), Ok(vec![1]));
        assert_eq!(choose(SheetChoice::Numbered(3)), Err("a sheet number 3".into()));
        assert_eq!(choose(SheetChoice::Named("objednavky".into())), Ok(vec![1]));
        assert_eq!(choose(SheetChoice::Named("Orders".into())), Err("a sheet `Orders`".into()));
        let few = Limits { entries: 1, ..Limits::default() };
        assert_eq!(super::choose(&names, &SheetChoice::ByHeaders, &few, "a.xlsx").unwrap_err().exit, Exit::Limit);
    }
}

//! A table: titled columns of one kind each, taken from frames without a string per cell.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{
    ChunkTake, ChunkedArray, IdxSize, Int32Chunked, Int64Chunked, NewChunkedArray, PolarsNumericType, StringChunked,
};

use crate::base::{money, zone};
use crate::report::ReportError;
use crate::report::chart::Ink;

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns, all of the same height.
    pub columns: Vec<TableColumn>,
    /// Its height.
    pub rows: usize,
    /// The column that holds the currency of each row.
    pub currency_column: Option<usize>,
    /// Cells that are coloured by their value.
    pub marks: Vec<Mark>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// Its title.
    pub title: String,
    /// Its cells.
    pub cells: Cells,
    /// Summed in the total row.
    pub total: bool,
    /// Long text: line breaks in a column of so many characters.
    pub wrap: Option<u16>,
}

/// The cells of a column; null is an empty cell.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Text, identifiers, words: never a number, never a formula.
    Text(StringChunked),
    /// JSON: text in CSV, a value in NDJSON.
    Json(StringChunked),
    /// Civil dates, days since 1970-01-01.
    Date(Int32Chunked),
    /// Whole numbers.
    Int(Int64Chunked),
    /// Minor units of the named currency; of the row's currency when there is none.
    Money(Int64Chunked, Option<String>),
    /// Numerator and denominator; empty when the denominator is 0.
    Rate(Int64Chunked, Int64Chunked),
    /// Empty cells that a person fills.
    Editable,
}

/// Cells of a column that are coloured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The column.
    pub column: usize,
    /// Which of its cells.
    pub when: MarkWhen,
    /// The colour.
    pub ink: Ink,
}

/// Which cells are coloured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkWhen {
    /// The text is this one of the report's own texts.
    Is(String),
    /// The date is before this day.
    Before(NaiveDate),
    /// The number is not zero.
    NotZero,
}

/// The sums of a money or number column, by currency; numbers have the currency `""`.
pub type Sums = BTreeMap<String, i64>;

impl Table {
    /// A table of this many rows, still without columns.
    pub fn new(rows: usize) -> Table {
        Table { rows, ..Table::default() }
    }

    /// Adds a column.
    pub fn column(mut self, title: &str, cells: Cells) -> Table {
        self.columns.push(TableColumn { title: title.to_owned(), cells, total: false, wrap: None });
        self
    }

    /// Adds a text column.
    pub fn text(self, title: &str, cells: StringChunked) -> Table {
        self.column(title, Cells::Text(cells))
    }

    /// Adds a text column made of one string per row; for small tables.
    pub fn texts<S: AsRef<str>>(self, title: &str, cells: impl IntoIterator<Item = S>) -> Table {
        self.text(title, cells.into_iter().map(|cell| Some(cell.as_ref().to_owned())).collect())
    }

    /// Adds a text column of many rows, of which such as follow each other mostly have the same text: it is held once.
    pub fn runs<'text>(self, title: &str, cells: impl IntoIterator<Item = &'text str>) -> Table {
        let mut runs: Vec<&str> = Vec::new();
        let mut places: Vec<IdxSize> = Vec::with_capacity(self.rows);
        for cell in cells {
            if runs.last() != Some(&cell) {
                runs.push(cell);
            }
            places.push(runs.len() as IdxSize - 1);
        }
        let runs = StringChunked::from_slice("".into(), &runs);
        // Gathered texts are references to the same bytes.
        let texts = runs.take(places.as_slice()).unwrap_or(runs);
        self.text(title, texts)
    }

    /// The same cells under other titles.
    pub fn titled(&self, titles: &[&str]) -> Table {
        let mut table = self.clone();
        for (column, title) in table.columns.iter_mut().zip(titles) {
            (*title).clone_into(&mut column.title);
        }
        table
    }

    /// Adds the column with the currency of each row.
    pub fn currency(mut self, title: &str, cells: StringChunked) -> Table {
        self.currency_column = Some(self.columns.len());
        self.text(title, cells)
    }

    /// Adds a column of days.
    pub fn dates(self, title: &str, cells: impl IntoIterator<Item = Option<i32>>) -> Table {
        self.column(title, Cells::Date(of_options(cells)))
    }

    /// Adds a column of whole numbers.
    pub fn ints(self, title: &str, cells: impl IntoIterator<Item = Option<i64>>) -> Table {
        self.column(title, Cells::Int(of_options(cells)))
    }

    /// Adds a column of money in the row's currency, with a total.
    pub fn money(self, title: &str, cells: impl IntoIterator<Item = Option<i64>>) -> Table {
        self.column(title, Cells::Money(of_options(cells), None)).summed()
    }

    /// Adds a column of money in one currency, with a total.
    pub fn money_in(self, title: &str, currency: &str, cells: impl IntoIterator<Item = Option<i64>>) -> Table {
        self.column(title, Cells::Money(of_options(cells), Some(currency.to_owned()))).summed()
    }

    /// The last column gets a total.
    pub fn summed(mut self) -> Table {
        if let Some(last) = self.columns.last_mut() {
            last.total = true;
        }
        self
    }

    /// The last column gets no total.
    pub fn not_summed(mut self) -> Table {
        if let Some(last) = self.columns.last_mut() {
            last.total = false;
        }
        self
    }

    /// The last column holds long text, in lines of so many characters.
    pub fn wrapped(mut self, characters: u16) -> Table {
        if let Some(last) = self.columns.last_mut() {
            last.wrap = Some(characters);
        }
        self
    }

    /// Colours cells of the last column.
    pub fn marked(mut self, when: MarkWhen, ink: Ink) -> Table {
        let column = self.columns.len().saturating_sub(1);
        self.marks.push(Mark { column, when, ink });
        self
    }

    /// Sums of a column with a total.
    ///
    /// # Errors
    /// A sum beyond 64 bits.
    pub fn sums(&self, column: &TableColumn) -> Result<Sums, ReportError> {
        let mut sums = Sums::new();
        let (values, fixed) = match &column.cells {
            Cells::Int(values) => (values, Some("")),
            Cells::Money(values, Some(currency)) => (values, Some(currency.as_str())),
            Cells::Money(values, None) => (values, None),
            _ => return Ok(sums),
        };
        for row in 0..self.rows {
            if let Some(value) = values.get(row) {
                let currency = fixed.unwrap_or_else(|| self.currency_of(row));
                add_to(&mut sums, currency, value)?;
            }
        }
        Ok(sums)
    }

    /// Refuses a table with a total that no cell can show, before anything is written.
    ///
    /// # Errors
    /// A sum beyond 64 bits.
    pub fn check_sums(&self) -> Result<(), ReportError> {
        self.columns.iter().filter(|column| column.total).try_for_each(|column| self.sums(column).map(|_| ()))
    }

    /// The currency of a row, empty without one.
    pub fn currency_of(&self, row: usize) -> &str {
        match self.currency_column.and_then(|column| self.columns.get(column)) {
            Some(TableColumn { cells: Cells::Text(currencies), .. }) => currencies.get(row).unwrap_or(""),
            _ => "",
        }
    }

    /// A cell as plain text: dates ISO, money as decimal string, rates as `n/d`; empty for an empty cell.
    pub fn plain(&self, column: &TableColumn, row: usize) -> String {
        match &column.cells {
            Cells::Text(texts) | Cells::Json(texts) => texts.get(row).unwrap_or("").to_owned(),
            Cells::Date(days) => days.get(row).and_then(zone::date_of).map(|day| day.to_string()).unwrap_or_default(),
            Cells::Int(numbers) => numbers.get(row).map(|number| number.to_string()).unwrap_or_default(),
            Cells::Money(amounts, currency) => match amounts.get(row) {
                Some(minor) => money::to_decimal(minor, currency.as_deref().unwrap_or_else(|| self.currency_of(row))),
                None => String::new(),
            },
            Cells::Rate(parts, wholes) => match (parts.get(row), wholes.get(row)) {
                (Some(part), Some(whole)) if whole != 0 => format!("{part}/{whole}"),
                _ => String::new(),
            },
            Cells::Editable => String::new(),
        }
    }
}

fn add_to(sums: &mut Sums, currency: &str, value: i64) -> Result<(), ReportError> {
    if let Some(sum) = sums.get_mut(currency) {
        *sum = sum.checked_add(value).ok_or(ReportError::Overflow("a column"))?;
    } else {
        sums.insert(currency.to_owned(), value);
    }
    Ok(())
}

/// A column array of optional values.
pub fn of_options<T>(cells: impl IntoIterator<Item = Option<T::Native>>) -> ChunkedArray<T>
where
    T: PolarsNumericType,
    ChunkedArray<T>: NewChunkedArray<T, T::Native>,
{
    ChunkedArray::<T>::from_iter_options("".into(), cells.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_stay_apart_by_currency() {
        let table = Table::new(3)
            .currency("currency", [Some("CZK"), Some("EUR"), Some("CZK")].into_iter().collect())
            .money("money", [Some(100), Some(5), None]);
        let sums = table.sums(&table.columns[1]).unwrap();
        assert_eq!(sums, Sums::from([("CZK".to_owned(), 100), ("EUR".to_owned(), 5)]));
        assert_eq!(table.plain(&table.columns[1], 1), "0.05");
        assert_eq!(table.plain(&table.columns[1], 2), "");
    }

    #[test]
    fn a_sum_beyond_64_bits_is_an_error() {
        let table = Table::new(2).money_in("money", "CZK", [Some(i64::MAX), Some(1)]);
        assert!(table.sums(&table.columns[0]).is_err());
    }
}

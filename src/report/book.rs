//! A report book: everything that a publication holds, before any of it is a file.

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use crate::report::manifest::Manifest;
use crate::report::sheet::Sheet;
use crate::report::table::Table;

/// Everything that a publication holds.
#[derive(Debug, Clone)]
pub struct ReportBook {
    /// The pipeline's name.
    pub pipeline: String,
    /// The day at whose end the report is written.
    pub as_of: NaiveDate,
    /// Workbooks, by file name.
    pub workbooks: Vec<Workbook>,
    /// Lists for programs.
    pub lists: Vec<List>,
    /// Frames for `data/`, by name; the canonical ones are written apart.
    pub frames: Vec<(String, DataFrame)>,
    /// What `index.html` shows.
    pub page: Page,
    /// `run.json`, still without `base` and `outputs`.
    pub manifest: Manifest,
}

/// One workbook.
#[derive(Debug, Clone)]
pub struct Workbook {
    /// File name.
    pub file: String,
    /// What a person calls it.
    pub title: String,
    /// Its sheets, in order.
    pub sheets: Vec<Sheet>,
    /// Texts that the writer itself needs.
    pub words: SheetWords,
}

/// Texts and forms that a workbook writer needs besides the tables.
#[derive(Debug, Clone)]
pub struct SheetWords {
    /// Label of a total row.
    pub total: String,
    /// What an empty table says.
    pub no_rows: String,
    /// Heading of the legend.
    pub legend: String,
    /// Spreadsheet form of a civil date, such as `yyyy-mm-dd`.
    pub date_form: String,
    /// Word before a page number.
    pub page: String,
    /// Mark at the end of a text that a cell could not hold whole.
    pub cut: String,
}

/// One table for programs, in one or more files.
#[derive(Debug, Clone)]
pub struct List {
    /// Its rows; titles are stable column names.
    pub table: Arc<Table>,
    /// Its files.
    pub files: Vec<ListFile>,
}

/// One file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFile {
    /// File name.
    pub path: String,
    /// How it is written.
    pub form: ListForm,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListForm {
    /// UTF-8, comma, point.
    Csv,
    /// Byte order mark, semicolon, decimal comma: as a Czech spreadsheet reads it by a double click.
    CsvExcelCs,
    /// One JSON object a line, exact values.
    Ndjson,
}

/// What `index.html` shows.
#[derive(Debug, Clone)]
pub struct Page {
    /// Language of the page.
    pub lang: String,
    /// The summary, as the first sheet has it.
    pub sheet: Sheet,
    /// Heading of the downloads.
    pub downloads_title: String,
    /// File name and what it is.
    pub downloads: Vec<(String, String)>,
}

//! A sheet: a heading, notes, a legend, and one or several tables under each other.

use crate::report::chart::{Chart, Ink};
use crate::report::table::Table;

/// A sheet of a workbook.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Name on the tab, not yet shortened.
    pub name: String,
    /// Heading.
    pub title: String,
    /// Lines under the heading.
    pub notes: Vec<String>,
    /// Colours and their meaning.
    pub legend: Vec<(Ink, String)>,
    /// Its tables. A single one gets a frozen header and a filter.
    pub blocks: Vec<Block>,
}

/// A table on a sheet.
#[derive(Debug, Clone)]
pub struct Block {
    /// Heading; the sheet's when empty.
    pub title: String,
    /// Line under the heading; may be empty.
    pub note: String,
    /// The table.
    pub table: Table,
    /// A chart beside it.
    pub chart: Option<Chart>,
}

impl Sheet {
    /// A sheet with a single table.
    pub fn of(name: &str, notes: Vec<String>, table: Table) -> Sheet {
        Sheet {
            name: name.to_owned(),
            title: name.to_owned(),
            notes,
            legend: Vec::new(),
            blocks: vec![Block::of("", table)],
        }
    }

    /// The same with a legend.
    pub fn with_legend(mut self, legend: Vec<(Ink, String)>) -> Sheet {
        self.legend = legend;
        self
    }
}

impl Block {
    /// A table with a heading.
    pub fn of(title: &str, table: Table) -> Block {
        Block { title: title.to_owned(), note: String::new(), table, chart: None }
    }

    /// The same with a chart, unless there is nothing to draw.
    pub fn with_chart(mut self, chart: Chart) -> Block {
        self.chart = (self.table.rows > 0).then_some(chart);
        self
    }

    /// The same with a line under the heading.
    pub fn with_note(mut self, note: &str) -> Block {
        note.clone_into(&mut self.note);
        self
    }
}

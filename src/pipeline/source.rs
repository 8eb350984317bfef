//! A source: which files, how they are written, what their columns mean.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use regex::Regex;

use crate::base::code_page::CodePage;
use crate::pipeline::limits::Limits;
use crate::pipeline::words::WordTable;
use crate::vocab::{Dst, IfAbsent, IfRefused, Kind, VersionForm};

/// One kind of export of one system.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The account its rows belong to; carrier dumps may have none.
    pub account: Option<String>,
    /// File pattern, relative to the pipeline's folder, with `/`.
    pub glob: String,
    /// CSV or workbook.
    pub format: Format,
    /// How numbers and dates are written.
    pub cells: CellForms,
    /// The keys of its format as written; for `check`.
    pub format_keys: Vec<FormatKey>,
    /// The layout that it names.
    pub layout: Option<String>,
    /// Canonical field → where it stands. In the order written.
    pub columns: Vec<Binding>,
    /// Rows that say nothing in this source.
    pub skip: Vec<Skip>,
    /// Required fields that the export does not have.
    pub without: Vec<String>,
    /// Fields that every row of the source has, as a cell would be written.
    pub constants: BTreeMap<String, String>,
    /// Word tables by name (`order_status`, `payout_kind`, `flag`, …); for tracking events `code` is the vocabulary.
    pub words: BTreeMap<String, Arc<WordTable>>,
    /// Rows are lines: several rows per order, order columns equal on all of them.
    pub lines: bool,
    /// An empty cell of the currency means that of the file's first row.
    pub currency_of_file: bool,
    /// Amounts of an order of which each of its rows has a part; only with `lines`.
    pub sum: Vec<String>,
    /// The carrier of a tracking source.
    pub carrier: Option<String>,
    /// The vocabulary of its codes.
    pub vocabulary: Option<String>,
    /// Naive times are read in this zone.
    pub timezone: Tz,
    /// Currency of amounts without one.
    pub currency: Option<String>,
    /// When no file matches.
    pub if_absent: IfAbsent,
    /// When the source is refused.
    pub if_refused: IfRefused,
    /// A file with a header and no row is fine.
    pub allow_empty: bool,
    /// A night that brings no file beyond those of the previous publication is stale.
    pub expect_new: bool,
    /// Reads the export date in the file name: groups `y`, `m`, `d`.
    pub export_date: Option<Regex>,
    /// Reads the report month in the file name: groups `y`, `m`.
    pub report_month: Option<Regex>,
    /// Column whose greater value is the later version of a row.
    pub version: Option<Version>,
    /// Above this share of quarantined rows, in millionths, the source is refused; `None`: above the default.
    pub quarantine_max_ppm: Option<i64>,
    /// Above this quarantined money, in minor units, the source is refused.
    pub quarantine_max_money: Option<i64>,
    /// Fields whose total a total row states, with the position of the cell in it, from 1.
    pub total_cells: BTreeMap<String, usize>,
    /// Headers whose values quarantine masks.
    pub personal: Vec<String>,
    /// Days a carrier dump covers, inclusive, where it says so.
    pub covers: Option<(NaiveDate, NaiveDate)>,
    /// Identifier field → digits that it has: shorter numbers are filled up with leading zeros, which a spreadsheet took away.
    pub pad: BTreeMap<String, usize>,
    /// What empty cells of a field are read as.
    pub empty: Vec<EmptyCell>,
    /// What stands between the order numbers of a payout line that is for several orders.
    pub order_separator: Option<String>,
    /// What a local time means in the gap or the repeated hour of a clock change.
    pub dst: Dst,
    /// Links count as the files they lead to, wherever those lie.
    pub follow_links: bool,
    /// What its files may cost.
    pub limits: Limits,
    /// Where the source is written: for messages.
    pub config: ConfigPlace,
}

/// How the bytes of a file are records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv(CsvFormat),
    /// A workbook.
    Xlsx(XlsxFormat),
}

/// Delimited text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFormat {
    /// Its encoding; a byte-order mark wins over it.
    pub encoding: TextEncoding,
    /// Field delimiter.
    pub delimiter: u8,
    /// Quote; `None`: a quote mark is a letter like others.
    pub quote: Option<u8>,
    /// Whether there is a header row; without one, columns are bound by position and rows may be ragged.
    pub header: bool,
    /// Line of the header row, from 1; `None`: it is looked for.
    pub header_row: Option<u32>,
    /// Beginnings of records that are comments: structural, wherever they stand.
    pub comments: Vec<String>,
    /// Beginning (folded) of the record that ends a complete file: structural, and a file without it is refused.
    pub trailer: Option<String>,
    /// First fields (folded) of rows after the data that are totals: structural.
    pub totals: Vec<String>,
}

/// In which encoding a text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextEncoding {
    /// The only one, or the first of several in which the whole text is sound.
    Declared(Vec<CodePage>),
    /// UTF-8 when the text is that, else what the frequency of its letters says.
    Detected,
}

impl From<CodePage> for TextEncoding {
    fn from(page: CodePage) -> TextEncoding {
        TextEncoding::Declared(vec![page])
    }
}

/// A workbook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XlsxFormat {
    /// Which of its sheets are read.
    pub sheet: SheetChoice,
    /// First cells (folded) of rows after the data that are totals: structural.
    pub totals: Vec<String>,
}

/// Which sheets of a workbook are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SheetChoice {
    /// Every sheet that has the required headers, at least one.
    #[default]
    ByHeaders,
    /// The sheet of this name.
    Named(String),
    /// The sheet at this place, from 1.
    Numbered(usize),
}

/// A key of `[source.csv]` or `[source.xlsx]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatKey {
    /// Its name.
    pub key: String,
    /// Its value as TOML writes it.
    pub value: String,
    /// The layout says so, and not the source.
    pub of_layout: bool,
}

/// How numbers and dates are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CellForms {
    /// Decimal mark, `,` or `.`.
    pub decimal: Option<char>,
    /// An apostrophe may stand between thousands, besides blanks and the mark that is not the decimal one.
    pub apostrophes: bool,
    /// `(100)` is minus 100.
    pub minus_by_parentheses: bool,
    /// `100-` is minus 100.
    pub minus_behind: bool,
    /// A plain number of a workbook may be the serial number of a day.
    pub serial_dates: bool,
    /// chrono patterns, tried in order. A pattern without a year takes the year of the report month.
    pub dates: Vec<String>,
    /// Texts that stand for an empty cell.
    pub nulls: Vec<String>,
    /// A plain rate is a share of one, 0.18 for 18 %.
    pub rates_are_shares: bool,
    /// Amounts are whole numbers of the currency's smallest unit.
    pub minor_amounts: bool,
    /// Excess decimals are booked half up instead of being refused.
    pub book_excess_decimals: bool,
}

/// Where a canonical field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The canonical field.
    pub field: String,
    /// Headers seen in the wild, first hit wins; empty when bound by position. Those of all columns that make the value together.
    pub headers: Vec<String>,
    /// Position from 1, for files without a header.
    pub position: Option<usize>,
    /// Several columns that make the value together.
    pub composed: Option<Composed>,
    /// Line in the configuration that says so.
    pub place: ConfigPlace,
}

/// Several columns that make one value. At least one of them must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composed {
    /// Amounts that are added, or subtracted where `true`; an empty cell adds nothing, all of them empty are an empty cell.
    Sum(Vec<(Spot, bool)>),
    /// The first that holds something; `pattern` is what of its text.
    First {
        /// The columns, in the order asked.
        spots: Vec<Spot>,
        /// A regular expression: its group, or all that it matches. A text without a match holds nothing.
        pattern: Option<String>,
    },
    /// A date and its time of day, each in a column of its own. Both columns are there, or neither.
    DateTime {
        /// The column of the date.
        date: Spot,
        /// The column of the time; an empty cell leaves the date alone.
        time: Spot,
    },
}

/// Which column tells versions of a row apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// That of a field, which the source binds.
    Field(String),
    /// A column for itself, with what its cells are.
    Column(Binding, VersionForm),
}

/// What an empty cell of a field is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyCell {
    /// The canonical field.
    pub field: String,
    /// The value, as a cell would be written.
    pub value: String,
    /// Fields of words, and the words of which one must stand in the row; none: always.
    pub when: Vec<(String, Vec<String>)>,
}

/// One column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Headers seen in the wild, first hit wins; empty when bound by position.
    pub headers: Vec<String>,
    /// Position from 1.
    pub position: Option<usize>,
}

/// Rows that say nothing in a source: structural.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The columns that decide: the condition holds for each of them. One that is not there is empty; all of them are not.
    pub spots: Vec<Spot>,
    /// Cells as written, folded; `""` is an empty cell.
    pub cells: Vec<String>,
    /// The cells are none of these, instead of one of them.
    pub none_of: bool,
}

/// A line of a configuration text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfigPlace {
    /// Path as outputs quote it.
    pub file: PathBuf,
    /// Line from 1.
    pub line: usize,
}

impl std::fmt::Display for ConfigPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

impl Source {
    /// The source may be absent, and is left out for no other reason: its absence is not a gap.
    pub fn may_be_absent(&self) -> bool {
        self.if_absent == IfAbsent::Ignore && self.if_refused == IfRefused::Stop
    }

    /// The binding of a field.
    pub fn binding(&self, field: &str) -> Option<&Binding> {
        self.columns.iter().find(|binding| binding.field == field)
    }
}

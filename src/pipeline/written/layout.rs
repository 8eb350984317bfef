//! Layouts: the shape in which a system writes an export. A source names one (`layout = "<pack>/<name>"`) instead of spelling it
//! out, `sample` writes it, `infer` recognises it.

use indexmap::IndexMap;

use crate::pipeline::spanned::Spanned;
use crate::pipeline::written::column_form::{WrittenColumn, WrittenEmpty, WrittenSkip};
use crate::pipeline::written::{WrittenCsv, WrittenXlsx};
use crate::vocab::Kind;

/// One layout of a pack.
#[derive(Debug, Clone, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// What it holds.
    pub kind: Kind,
    /// File name that `sample` gives it, relative to the sample folder; `{yyyy}`, `{mm}`, `{dd}` are the export date's parts.
    pub file: String,
    /// Delimited text.
    pub csv: Option<WrittenCsv>,
    /// `sample` begins the text with a byte-order mark, as the system does.
    #[serde(default)]
    pub bom: bool,
    /// A workbook.
    pub xlsx: Option<WrittenXlsx>,
    /// Canonical field → headers (the first one is written) or position, in the order of the file.
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub columns: IndexMap<String, WrittenColumn>,
    /// Fields that every row has, as a cell would be written.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub constants: IndexMap<String, String>,
    /// Rows that say nothing in this source.
    #[serde(default)]
    pub skip: Vec<WrittenSkip>,
    /// Required fields that the export does not have.
    #[serde(default)]
    pub without: Vec<String>,
    /// Columns that we do not read, with the text that `sample` writes; header → text. They follow the bound ones.
    #[serde(default)]
    pub unread: IndexMap<String, String>,
    /// Headers that the system writes beside those above, `*` for any letters, such as `meta:*`: `infer` knows its exports by them, also
    /// those of another choice of columns.
    #[serde(default)]
    pub families: Vec<String>,
    /// Rows that `sample` writes above the header.
    #[serde(default)]
    pub banner: Vec<String>,
    /// Label that `sample` writes: word table → word → label.
    #[serde(default)]
    pub labels: IndexMap<String, IndexMap<String, String>>,
    /// Several rows per order: the columns hold order and line fields.
    #[serde(default)]
    pub lines: bool,
    /// A file has one currency, which its first row states: further rows leave it empty.
    #[serde(default)]
    pub currency_of_file: bool,
    /// Amounts of which each row of an order has a part: they are added up. With `lines`.
    #[serde(default)]
    pub sum: Vec<String>,
    /// Vocabulary of a tracking layout.
    pub vocabulary: Option<String>,
    /// Reads the export date in a file name.
    pub export_date: Option<String>,
    /// Reads the report month in a file name.
    pub report_month: Option<String>,
    /// First cell of a total row that `sample` writes after the data.
    pub total: Option<String>,
    /// Fields whose total a total row states: field → position of the cell in it, from 1.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub total_cells: IndexMap<String, usize>,
    /// Field → what its empty cells are read as.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub empty: IndexMap<Spanned<String>, WrittenEmpty>,
    /// Unit that `sample` writes after amounts, with a no-break space.
    pub unit: Option<String>,
    /// Pack whose word tables the export uses, when it is not the account's.
    pub words: Option<String>,
    /// Where the layout comes from.
    pub source: String,
}

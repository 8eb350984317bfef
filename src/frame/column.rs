//! A column is a constant, made by the `frame!` macro from one line with a doc comment. Outside `frame/` nobody
//! writes a column's name as text.

use polars::prelude::{DataType, Expr, TimeUnit, col, lit};

use crate::vocab::Word;

/// What a column holds, and so how cells become it and how sheets show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Free text or an identifier; null when absent.
    Text,
    /// A word of a closed list, or a raw label; never null in a canonical frame.
    Word,
    /// Minor units of the row's currency; null when unknown.
    Money,
    /// Millionths.
    Ppm,
    /// A civil date.
    Date,
    /// An instant, milliseconds UTC.
    Instant,
    /// A whole number.
    Int,
    /// Yes or no; never null.
    Flag,
    /// Lineage: part number in the upper 32 bits, row from 1 in the lower.
    Row,
}

/// One column of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in frames and Parquet files.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Lineage: the `Row` column of the same frame that says where the value was read, and the canonical column there.
    pub source: Option<(&'static str, &'static str)>,
    /// The closed list that its words are of; empty for texts, names and raw labels.
    pub words: &'static [&'static str],
    /// Its meaning, from the doc comment.
    pub doc: &'static str,
}

/// A frame: columns, and the key by which it is sorted and unique.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Its name, also of its Parquet file.
    pub name: &'static str,
    /// Its columns in order.
    pub columns: &'static [Column],
    /// Columns by which the frame is sorted.
    pub sorted_by: &'static [&'static str],
}

impl Shape {
    /// The polars type that holds this shape.
    pub fn data_type(self) -> DataType {
        match self {
            Shape::Text | Shape::Word => DataType::String,
            Shape::Money | Shape::Ppm | Shape::Int => DataType::Int64,
            Shape::Date => DataType::Date,
            Shape::Instant => DataType::Datetime(TimeUnit::Milliseconds, None),
            Shape::Flag => DataType::Boolean,
            Shape::Row => DataType::UInt64,
        }
    }
}

impl Column {
    /// The column as an expression.
    pub fn expr(self) -> Expr {
        col(self.name)
    }

    /// The value is this word.
    pub fn is<W: Word>(self, word: W) -> Expr {
        self.expr().eq(lit(word.text()))
    }

    /// The value is another word.
    pub fn is_not<W: Word>(self, word: W) -> Expr {
        self.expr().neq(lit(word.text()))
    }

    /// The value is one of these words.
    pub fn is_any<W: Word>(self, words: &[W]) -> Expr {
        words.iter().map(|word| self.is(*word)).reduce(Expr::or).unwrap_or_else(|| lit(false))
    }

    /// A flag that is set.
    pub fn set(self) -> Expr {
        self.expr()
    }

    /// A flag that is not set.
    pub fn not_set(self) -> Expr {
        self.expr().not()
    }

    /// There is a value.
    pub fn known(self) -> Expr {
        self.expr().is_not_null()
    }

    /// There is no value.
    pub fn missing(self) -> Expr {
        self.expr().is_null()
    }

    /// An instant as milliseconds, a date as days, anything else as it is: for differences.
    pub fn number(self) -> Expr {
        self.expr().cast(DataType::Int64)
    }

    /// Text that is absent or empty.
    pub fn is_empty(self) -> Expr {
        self.expr().fill_null(lit("")).eq(lit(""))
    }

    /// The number is greater; null counts as *no*.
    pub fn gt(self, bound: i64) -> Expr {
        self.number().gt(lit(bound)).fill_null(lit(false))
    }

    /// The number is smaller; null counts as *no*.
    pub fn lt(self, bound: i64) -> Expr {
        self.number().lt(lit(bound)).fill_null(lit(false))
    }

    /// The value, or 0.
    pub fn or_zero(self) -> Expr {
        self.number().fill_null(lit(0i64))
    }
}

impl Frame {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.columns.iter().copied().find(|column| column.name == name)
    }

    /// The civil date of a column: the column itself, or `X_on` of an instant `X_at`, `at_on` of `at`.
    pub fn civil_date(&self, name: &str) -> Option<Column> {
        let column = self.column(name)?;
        match column.shape {
            Shape::Instant => self.column(&format!("{}_on", name.strip_suffix("_at").unwrap_or(name))),
            _ => Some(column),
        }
    }
}

/// Declares the frame of a file: its column constants, `COLUMNS` and `FRAME`.
///
/// `name: Word<List>` holds words of a closed list. `name: Shape` is a column of its own; `name: Shape from row_column.canonical` says where its value was read.
macro_rules! frame {
    ($name:ident, sorted by [$($key:ident),* $(,)?] {
        $($(#[doc = $column_doc:literal])+ $column:ident : $shape:ident $(<$list:ident>)? $(from $row:ident . $cell:ident)?),* $(,)?
    }) => {
        use $crate::frame::column::{Column, Frame, Shape};
        $(
            $(#[doc = $column_doc])+
            #[allow(non_upper_case_globals, reason = "a column is written as it is named in the frame")]
            pub const $column: Column = Column {
                name: stringify!($column),
                shape: Shape::$shape,
                source: $crate::frame::column::source_of!($($row . $cell)?),
                words: $crate::frame::column::words_of!($($list)?),
                doc: concat!($($column_doc),+),
            };
        )*
        /// All columns, in order.
        pub const COLUMNS: &[Column] = &[$($column),*];
        /// The frame.
        pub const FRAME: Frame =
            Frame { name: stringify!($name), columns: COLUMNS, sorted_by: &[$(stringify!($key)),*] };
    };
}

macro_rules! source_of {
    () => {
        None
    };
    ($row:ident . $cell:ident) => {
        Some((stringify!($row), stringify!($cell)))
    };
}

macro_rules! words_of {
    () => {
        &[]
    };
    ($list:ident) => {
        <$crate::vocab::$list as $crate::vocab::Word>::TEXTS
    };
}

pub(crate) use frame;
pub(crate) use source_of;
pub(crate) use words_of;

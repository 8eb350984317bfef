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
    /// Where its value comes from.
    pub lineage: Lineage,
    /// The closed list that its words are of; empty for texts, names and raw labels.
    pub words: &'static [&'static str],
    /// Its meaning, from the doc comment.
    pub doc: &'static str,
}

/// Where the value of a column comes from: what its evidence is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// No cell alone: a name of ours, or a figure of which only the meaning is told. A column of a canonical frame stands in the cell of
    /// its own name.
    Own,
    /// A setting: of a `policy`, a `pack`, the `pipeline`.
    Declared(&'static str),
    /// The first of these cells that holds something, each as the `Row` column of the same frame and the field of the export there. The
    /// field [`KEY`] stands for all key fields of the row's kind, [`HEADER`] for the
    /// column whose header another fact names, [`FIELDS`] for the fields that another fact lists.
    Cells(&'static [(&'static str, &'static str)]),
    /// Other columns of the row and whole numbers, added and subtracted: the first formula that gives the value. Null adds nothing, and
    /// `as_of` is the as-of day. Where none gives it, what it names is told as what the value was worked out of.
    Formula(&'static [&'static str]),
    /// A column of the members, taken together.
    Members(Aggregate, &'static Members, &'static str),
    /// As cells, and where no cell holds something, as members; a sum of several members as these.
    CellsOrMembers(&'static [(&'static str, &'static str)], Aggregate, &'static Members, &'static str),
}

/// In place of a field: the key fields of the row's kind.
pub const KEY: &str = "key";
/// In place of a field: the fields that the fact of this name lists, separated by blanks.
pub const FIELDS: &str = "fields";
/// In place of a field: the column whose header stands in the fact of this name.
pub const HEADER: &str = "header";

/// What is made of a column of several members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// All values added.
    Sum,
    /// All values added, with the other sign.
    Less,
    /// The number of members.
    Count,
    /// The smallest value.
    Least,
    /// All prices times their pieces (`qty`), added.
    Worth,
    /// All prices times their cancelled pieces (`qty_cancelled`), added.
    Gone,
    /// What the value was worked out of, by no formula of ours.
    Source,
}

/// Rows of another frame that make a fact together. They are looked up for findings alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Members {
    /// The frame that holds them.
    pub frame: &'static Frame,
    /// A column of the facts, and the column of the members that has the same value.
    pub on: &'static [(&'static str, &'static str)],
    /// What members are, all of it.
    pub only: &'static [Only],
    /// Columns of each member that are cited, beside the one that is taken together.
    pub beside: &'static [&'static str],
    /// So many members are cited; of more than these, the number.
    pub most: usize,
}

/// A condition for members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// The column holds this word.
    Is(&'static str, &'static str),
    /// The column holds another word.
    Not(&'static str, &'static str),
    /// The flag is set.
    Set(&'static str),
    /// The flag is not set.
    Unset(&'static str),
    /// The number is 0 or more.
    Positive(&'static str),
    /// The number is below 0.
    Negative(&'static str),
}

/// An aggregate (wallet, rate, statement) cites so many members.
pub const MOST: usize = 20;

/// So many lines of one order are cited by what is found about the order.
pub const MOST_OF_ORDER: usize = 50;

/// A frame: columns, and the key by which it is sorted and unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
/// `name: Word<List>` holds words of a closed list. `name: Shape` is a column of its own. Where its value comes from follows:
/// `from row_column.field`, the cell where it was read, `or` further ones of which the first that holds something counts;
/// `by "a - b + c"`, other columns of the row, `or` another such formula; `as Sum of MEMBERS.column`, rows of another frame;
/// `set in policy`, a setting. See [`Lineage`].
macro_rules! frame {
    ($name:ident, sorted by [$($key:ident),* $(,)?] {
        $($(#[doc = $column_doc:literal])+ $column:ident : $shape:ident $(<$list:ident>)?
            $(from $row:ident . $cell:ident $(or $other_row:ident . $other_cell:ident)*)?
            $(by $formula:literal $(or $other_formula:literal)*)?
            $(as $aggregate:ident of $members:ident . $value:ident)?
            $(set in $setting:ident)?
        ),* $(,)?
    }) => {
        use $crate::frame::column::{Column, Frame, Shape};
        $(
            $(#[doc = $column_doc])+
            #[allow(non_upper_case_globals, reason = "a column is written as it is named in the frame")]
            pub const $column: Column = Column {
                name: stringify!($column),
                shape: Shape::$shape,
                lineage: $crate::frame::column::lineage_of!(
                    $([$row . $cell $(, $other_row . $other_cell)*])?
                    $(($formula $(, $other_formula)*))?
                    $(<$aggregate $members $value>)?
                    $({$setting})?
                ),
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

macro_rules! lineage_of {
    () => {
        $crate::frame::column::Lineage::Own
    };
    ({$setting:ident}) => {
        $crate::frame::column::Lineage::Declared(stringify!($setting))
    };
    ([$($row:ident . $cell:ident),+]) => {
        $crate::frame::column::Lineage::Cells(&[$((stringify!($row), stringify!($cell))),+])
    };
    (($($formula:literal),+)) => {
        $crate::frame::column::Lineage::Formula(&[$($formula),+])
    };
    ([$($row:ident . $cell:ident),+] <$aggregate:ident $members:ident $value:ident>) => {
        $crate::frame::column::Lineage::CellsOrMembers(
            &[$((stringify!($row), stringify!($cell))),+],
            $crate::frame::column::Aggregate::$aggregate,
            $members,
            stringify!($value),
        )
    };
    (<$aggregate:ident $members:ident $value:ident>) => {
        $crate::frame::column::Lineage::Members(
            $crate::frame::column::Aggregate::$aggregate,
            $members,
            stringify!($value),
        )
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
pub(crate) use lineage_of;
pub(crate) use words_of;

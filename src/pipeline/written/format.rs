//! `[source.csv]` and `[source.xlsx]` exactly as written, in pipelines and in layouts of packs.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::pipeline::spanned::Spanned;
use crate::pipeline::written::column_form::ColumnForm;
use crate::vocab::{Amounts, Rates};

/// `[source.csv]`
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenCsv {
    /// A name such as `windows-1250`, a list of names of which the first that fits counts, or `auto`; `utf-8` when absent.
    pub encoding: Option<WrittenEncoding>,
    /// `,` when absent.
    pub delimiter: Option<Spanned<char>>,
    /// `"` when absent; `none`: a quote mark is a letter like others.
    pub quote: Option<Spanned<String>>,
    /// Whether there is a header row; yes when absent.
    pub header: Option<bool>,
    /// Line of the header row, from 1; looked for when absent.
    pub header_row: Option<Spanned<u32>>,
    /// `,` or `.`.
    pub decimal: Option<Spanned<char>>,
    /// `'`: apostrophes may stand between thousands.
    pub thousands: Option<Spanned<String>>,
    /// Further forms of a negative amount: `(100)`, `100-`.
    pub negative: Option<Vec<Spanned<String>>>,
    /// chrono patterns.
    pub dates: Option<Vec<Spanned<String>>>,
    /// Texts that stand for an empty cell, such as `--`.
    pub nulls: Option<Vec<String>>,
    /// `share`: rates are written as shares of one, 0.18 for 18 %; `percent` when absent.
    pub rates: Option<Rates>,
    /// `minor`: amounts are whole numbers of the currency's smallest unit, 12345 for 123.45; `units` when absent.
    pub amounts: Option<Amounts>,
    /// First fields of total rows.
    pub totals: Option<Vec<String>>,
    /// Beginnings of comment rows, such as `#`.
    pub comments: Option<Vec<Spanned<String>>>,
    /// Beginning of the row that ends a complete file.
    pub trailer: Option<Spanned<String>>,
}

/// `[source.xlsx]`
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenXlsx {
    /// Sheet by name or by its place from 1; any with the required headers when absent.
    pub sheet: Option<WrittenSheet>,
    /// Decimal mark of numbers stored as text.
    pub decimal: Option<Spanned<char>>,
    /// `'`: apostrophes may stand between thousands of numbers stored as text.
    pub thousands: Option<Spanned<String>>,
    /// Further forms of a negative amount stored as text: `(100)`, `100-`.
    pub negative: Option<Vec<Spanned<String>>>,
    /// chrono patterns of dates stored as text.
    pub dates: Option<Vec<Spanned<String>>>,
    /// A number without the format of a date is the serial number of a day where a date is expected.
    pub serial_dates: Option<bool>,
    /// Texts that stand for an empty cell, such as `--`.
    pub nulls: Option<Vec<String>>,
    /// `share`: plain rates are shares of one, 0.18 for 18 %; `percent` when absent.
    pub rates: Option<Rates>,
    /// `minor`: amounts are whole numbers of the currency's smallest unit, 12345 for 123.45; `units` when absent.
    pub amounts: Option<Amounts>,
    /// First cells of total rows.
    pub totals: Option<Vec<String>>,
}

/// The keys written in one place, and beneath them those of another.
macro_rules! laid_over {
    ($above:expr, $below:expr, $span:expr, { $($key:ident),* $(,)? } $($rest:tt)*) => {
        Self { $($key: $above.$key.clone().or_else(|| $below.$key.clone().map(|value| value.at($span))),)* $($rest)* }
    };
}

impl WrittenCsv {
    /// These keys, and where one is absent that of a layout. What the layout says is shown at `span`.
    pub fn over(&self, layout: &WrittenCsv, span: &Range<usize>) -> WrittenCsv {
        laid_over!(self, layout, span, {
            encoding, delimiter, quote, header, header_row, decimal, thousands, negative, dates, nulls, rates, amounts,
            totals, comments, trailer,
        })
    }

    /// The keys that a text and a workbook have in common.
    pub fn of_xlsx(xlsx: &WrittenXlsx, span: &Range<usize>) -> WrittenCsv {
        let none = WrittenXlsx::default();
        laid_over!(none, xlsx, span, {
            decimal, thousands, negative, dates, nulls, rates, amounts, totals
        } ..WrittenCsv::default())
    }
}

impl WrittenXlsx {
    /// These keys, and where one is absent that of a layout. What the layout says is shown at `span`.
    pub fn over(&self, layout: &WrittenXlsx, span: &Range<usize>) -> WrittenXlsx {
        laid_over!(self, layout, span, {
            sheet, decimal, thousands, negative, dates, serial_dates, nulls, rates, amounts, totals,
        })
    }

    /// The keys that a text and a workbook have in common.
    pub fn of_csv(csv: &WrittenCsv, span: &Range<usize>) -> WrittenXlsx {
        let none = WrittenCsv::default();
        laid_over!(none, csv, span, {
            decimal, thousands, negative, dates, nulls, rates, amounts, totals
        } ..WrittenXlsx::default())
    }
}

/// The keys that a format sets, each as TOML writes its value.
pub fn keys_of(format: &impl Serialize) -> Vec<(String, String)> {
    let written = serde_json::to_value(format).unwrap_or_default();
    let keys = written.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    // TOML writes texts, numbers, lists and yes or no as JSON does.
    keys.map(|(key, value)| (key.clone(), value.to_string())).collect()
}

/// A value that another text wrote.
trait Elsewhere {
    /// The value, shown at a span of this text.
    fn at(self, span: &Range<usize>) -> Self;
}

impl<T> Elsewhere for Spanned<T> {
    fn at(self, span: &Range<usize>) -> Self {
        Spanned::new(span.clone(), self.into_inner())
    }
}

impl<T: Elsewhere> Elsewhere for Vec<T> {
    fn at(self, span: &Range<usize>) -> Self {
        self.into_iter().map(|value| value.at(span)).collect()
    }
}

impl Elsewhere for WrittenEncoding {
    fn at(self, span: &Range<usize>) -> Self {
        WrittenEncoding(self.0.at(span))
    }
}

macro_rules! without_a_place {
    ($($type:ty),*) => {
        $(impl Elsewhere for $type {
            fn at(self, _: &Range<usize>) -> Self {
                self
            }
        })*
    };
}

without_a_place!(String, bool, Rates, Amounts, WrittenSheet);

/// One encoding or several, in the order written.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WrittenEncoding(#[cfg_attr(test, schemars(with = "OneOrSeveral"))] pub Vec<Spanned<String>>);

/// A text, or a list of texts.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is asked for")]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for WrittenEncoding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Spanned::<ColumnForm>::deserialize(deserializer)?;
        let span = written.span();
        match written.into_inner() {
            ColumnForm::Header(name) => Ok(WrittenEncoding(vec![Spanned::new(span, name)])),
            ColumnForm::Headers(names) if !names.is_empty() => Ok(WrittenEncoding(names)),
            _ => Err(serde::de::Error::custom("an encoding is a name, or a list of names")),
        }
    }
}

/// A sheet by name or by its place.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum WrittenSheet {
    /// Its name.
    Name(String),
    /// Its place, from 1.
    Place(usize),
}

impl<'de> Deserialize<'de> for WrittenSheet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match ColumnForm::deserialize(deserializer)? {
            ColumnForm::Header(name) => Ok(WrittenSheet::Name(name)),
            ColumnForm::Position(place) => Ok(WrittenSheet::Place(place)),
            _ => Err(serde::de::Error::custom("a sheet is a name, or a place from 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_over_a_layout_one_by_one() {
        let csv = |text: &str| toml::from_str::<WrittenCsv>(text).unwrap();
        let layout = csv("delimiter = \";\"\ndecimal = \",\"\nnulls = [\"--\"]\nheader = false\n");
        let over = csv("encoding = \"cp852\"\nnulls = []\n").over(&layout, &(7..9));
        let keys = [
            ("encoding", "[\"cp852\"]"),
            ("delimiter", "\";\""),
            ("header", "false"),
            ("decimal", "\",\""),
            ("nulls", "[]"),
        ];
        let mut told = keys_of(&over);
        told.sort();
        let mut keys = keys.map(|(key, value)| (key.to_owned(), value.to_owned()));
        keys.sort();
        assert_eq!(told, keys);
        assert_eq!((over.delimiter.unwrap().span(), over.encoding.unwrap().0[0].span()), (7..9, 11..18));
        // An export that is saved as a workbook keeps how its cells are written.
        let xlsx = WrittenXlsx::default().over(&WrittenXlsx::of_csv(&layout, &(0..0)), &(0..0));
        assert_eq!((*xlsx.decimal.unwrap().get_ref(), xlsx.nulls.unwrap()), (',', vec!["--".to_owned()]));
    }

    #[test]
    fn encodings_and_sheets_have_two_forms() {
        let csv: WrittenCsv = toml::from_str("encoding = \"cp852\"").unwrap();
        assert_eq!(csv.encoding.unwrap().0[0].get_ref(), "cp852");
        let csv: WrittenCsv = toml::from_str("encoding = [\"utf-8\", \"cp852\"]").unwrap();
        assert_eq!(csv.encoding.unwrap().0[1].get_ref(), "cp852");
        assert!(toml::from_str::<WrittenCsv>("encoding = []").is_err());
        assert!(toml::from_str::<WrittenCsv>("encoding = 852").is_err());
        let sheet = |text| toml::from_str::<WrittenXlsx>(text).map(|xlsx| xlsx.sheet.unwrap());
        assert!(matches!(sheet("sheet = 2"), Ok(WrittenSheet::Place(2))));
        assert!(matches!(sheet("sheet = \"2\""), Ok(WrittenSheet::Name(name)) if name == "2"));
        assert!(sheet("sheet = 0").is_err());
    }
}

//! `[source.csv]` and `[source.xlsx]` exactly as written, in pipelines and in layouts of packs.

use serde::Deserialize;

use crate::pipeline::column_form::ColumnForm;
use crate::pipeline::spanned::Spanned;
use crate::vocab::Rates;

/// `[source.csv]`
#[derive(Debug, Clone, Default, Deserialize)]
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
    #[serde(default)]
    pub negative: Vec<Spanned<String>>,
    /// chrono patterns.
    pub dates: Option<Vec<Spanned<String>>>,
    /// Texts that stand for an empty cell, such as `--`.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// `share`: rates are written as shares of one, 0.18 for 18 %; `percent` when absent.
    pub rates: Option<Rates>,
    /// First fields of total rows.
    #[serde(default)]
    pub totals: Vec<String>,
    /// Beginnings of comment rows, such as `#`.
    #[serde(default)]
    pub comments: Vec<Spanned<String>>,
    /// Beginning of the row that ends a complete file.
    pub trailer: Option<Spanned<String>>,
}

/// `[source.xlsx]`
#[derive(Debug, Clone, Default, Deserialize)]
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
    #[serde(default)]
    pub negative: Vec<Spanned<String>>,
    /// chrono patterns of dates stored as text.
    pub dates: Option<Vec<Spanned<String>>>,
    /// A number without the format of a date is the serial number of a day where a date is expected.
    #[serde(default)]
    pub serial_dates: bool,
    /// Texts that stand for an empty cell, such as `--`.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// `share`: plain rates are shares of one, 0.18 for 18 %; `percent` when absent.
    pub rates: Option<Rates>,
    /// First cells of total rows.
    #[serde(default)]
    pub totals: Vec<String>,
}

/// One encoding or several, in the order written.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
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

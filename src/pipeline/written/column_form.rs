//! Where a value stands, as written under `[source.columns]` or `[layout.*.columns]`: a header, headers, a position, or several
//! columns that make one value; and which rows say nothing.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;

use crate::pipeline::spanned::Spanned;
use crate::vocab::VersionForm;

/// Headers, one header, or a position.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum WrittenColumn {
    /// Position from 1.
    Position(Spanned<usize>),
    /// One header.
    Header(Spanned<String>),
    /// Headers seen in the wild, first hit wins.
    Headers(Vec<Spanned<String>>),
    /// Several columns that make one value.
    Composed(Spanned<WrittenComposed>),
}

/// Several columns that make one value: `{ plus = […], minus = […] }`, `{ first = […], pattern = "…" }` or `{ date = "…", time = "…" }`.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenComposed {
    /// Amounts that are added.
    #[serde(default)]
    pub plus: Vec<WrittenColumn>,
    /// Amounts that are subtracted: costs written as positive numbers.
    #[serde(default)]
    pub minus: Vec<WrittenColumn>,
    /// The first of them that holds something.
    #[serde(default)]
    pub first: Vec<WrittenColumn>,
    /// What is read of the text: the group of this pattern, or all that it matches. A text that it does not match holds nothing.
    pub pattern: Option<Spanned<String>>,
    /// The date of an instant whose time stands in another column.
    pub date: Option<Box<WrittenColumn>>,
    /// The time of day of that instant.
    pub time: Option<Box<WrittenColumn>>,
}

/// `version`: a field that the source binds, or `{ column = "Changed", as = "date" }`.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum WrittenVersion {
    /// A field, with its own type.
    Field(Spanned<String>),
    /// Any column, with its type.
    Column(Spanned<WrittenVersionColumn>),
}

/// A column that tells versions of a row apart.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenVersionColumn {
    /// Where it stands.
    pub column: WrittenColumn,
    /// What its cells are: `date`, `instant`, `int`, or a `text` that sorts as it is written.
    #[serde(rename = "as")]
    pub form: VersionForm,
}

/// What an empty cell is read as: `"0"`, or `{ value = "0", when = { status = ["cancelled"] } }`.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum WrittenEmpty {
    /// In every row.
    Always(String),
    /// In some rows.
    When(WrittenEmptyWhen),
}

/// What an empty cell of some rows is read as.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenEmptyWhen {
    /// As a cell would be written.
    pub value: String,
    /// Field of words → words: the row has one of them in each of the fields.
    pub when: IndexMap<Spanned<String>, Vec<Spanned<String>>>,
}

/// `[[source.skip]]`: rows that say nothing in this source, such as those that another source reads from the same file. They are
/// structural. The condition holds when it holds for each of the columns.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenSkip {
    /// The columns that decide.
    pub columns: Vec<WrittenColumn>,
    /// Their cells are one of these; `""` is an empty cell.
    pub is: Option<Vec<String>>,
    /// Their cells are none of these.
    pub is_not: Option<Vec<String>>,
}

impl WrittenColumn {
    /// All headers that it names, in their order.
    pub fn headers(&self) -> Vec<&Spanned<String>> {
        match self {
            WrittenColumn::Position(_) => Vec::new(),
            WrittenColumn::Header(header) => vec![header],
            WrittenColumn::Headers(headers) => headers.iter().collect(),
            WrittenColumn::Composed(composed) => {
                composed.get_ref().columns().flat_map(WrittenColumn::headers).collect()
            }
        }
    }
}

impl WrittenComposed {
    /// All columns, in the order read.
    pub fn columns(&self) -> impl Iterator<Item = &WrittenColumn> {
        let pair = self.date.iter().chain(&self.time).map(|column| &**column);
        self.plus.iter().chain(&self.minus).chain(&self.first).chain(pair)
    }
}

/// An untagged enum would buffer the value and lose its span, so the forms are told apart here.
impl<'de> Deserialize<'de> for WrittenColumn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Spanned::<ColumnForm>::deserialize(deserializer)?;
        let span = written.span();
        Ok(match written.into_inner() {
            ColumnForm::Position(position) => WrittenColumn::Position(Spanned::new(span, position)),
            ColumnForm::Header(header) => WrittenColumn::Header(Spanned::new(span, header)),
            ColumnForm::Headers(headers) => WrittenColumn::Headers(headers),
            ColumnForm::Composed(composed) => WrittenColumn::Composed(Spanned::new(span, composed)),
        })
    }
}

/// A text, or a table of some form: what is not a text is read as the table.
enum TextOr<T> {
    Text(String),
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrVisitor(std::marker::PhantomData))
    }
}

struct TextOrVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for TextOrVisitor<T> {
    type Value = TextOr<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text, or a table")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TextOr<T>, E> {
        Ok(TextOr::Text(text.to_owned()))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<TextOr<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Table)
    }
}

impl<'de> Deserialize<'de> for WrittenVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Spanned::<TextOr<WrittenVersionColumn>>::deserialize(deserializer)?;
        let span = written.span();
        Ok(match written.into_inner() {
            TextOr::Text(field) => WrittenVersion::Field(Spanned::new(span, field)),
            TextOr::Table(column) => WrittenVersion::Column(Spanned::new(span, column)),
        })
    }
}

impl<'de> Deserialize<'de> for WrittenEmpty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match TextOr::<WrittenEmptyWhen>::deserialize(deserializer)? {
            TextOr::Text(value) => WrittenEmpty::Always(value),
            TextOr::Table(when) => WrittenEmpty::When(when),
        })
    }
}

/// What a column, an encoding or a sheet may be written as.
pub(super) enum ColumnForm {
    Position(usize),
    Header(String),
    Headers(Vec<Spanned<String>>),
    Composed(WrittenComposed),
}

impl<'de> Deserialize<'de> for ColumnForm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnFormVisitor)
    }
}

struct ColumnFormVisitor;

impl<'de> serde::de::Visitor<'de> for ColumnFormVisitor {
    type Value = ColumnForm;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a header, a list of headers, a position from 1, or columns that make one value")
    }

    fn visit_i64<E: serde::de::Error>(self, position: i64) -> Result<ColumnForm, E> {
        usize::try_from(position)
            .ok()
            .filter(|position| *position > 0)
            .map(ColumnForm::Position)
            .ok_or_else(|| E::custom(format!("`{position}` is no position: positions count from 1")))
    }

    fn visit_str<E: serde::de::Error>(self, header: &str) -> Result<ColumnForm, E> {
        Ok(ColumnForm::Header(header.to_owned()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<ColumnForm, A::Error> {
        let mut headers = Vec::new();
        while let Some(header) = seq.next_element()? {
            headers.push(header);
        }
        Ok(ColumnForm::Headers(headers))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<ColumnForm, A::Error> {
        WrittenComposed::deserialize(MapAccessDeserializer::new(map)).map(ColumnForm::Composed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_keeps_its_span_and_refuses_position_0() {
        let text =
            "a = 3\nb = \"Stav\"\nc = [\"Stav\", \"Állapot\"]\nd = { plus = [\"Amount\", 4], minus = [\"Fee\"] }\n";
        let columns: IndexMap<Spanned<String>, WrittenColumn> = toml::from_str(text).expect("four forms");
        let spans: Vec<&str> = columns
            .values()
            .map(|column| match column {
                WrittenColumn::Position(position) => &text[position.span()],
                WrittenColumn::Header(header) => &text[header.span()],
                WrittenColumn::Headers(headers) => &text[headers[1].span()],
                WrittenColumn::Composed(composed) => &text[composed.get_ref().minus[0].headers()[0].span()],
            })
            .collect();
        assert_eq!(spans, ["3", "\"Stav\"", "\"Állapot\"", "\"Fee\""]);
        assert!(toml::from_str::<IndexMap<String, WrittenColumn>>("a = 0").is_err());
        assert!(toml::from_str::<IndexMap<String, WrittenColumn>>("a = 1.5").is_err());
    }
}

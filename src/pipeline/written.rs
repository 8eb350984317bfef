//! Pipelines and packs exactly as written: the serde mirror of the TOML text. Unknown keys are refused; meaning is checked in
//! [`crate::pipeline::load`].

use std::collections::BTreeMap;

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;

use crate::pipeline::layout::Layout;
use crate::pipeline::policy::PolicyEntry;
use crate::vocab::{IfAbsent, IfRefused, Kind, Trait};

/// A pipeline file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPipeline {
    /// `[pipeline]`
    pub pipeline: WrittenHead,
    /// `[[account]]`
    #[serde(default)]
    pub account: Vec<WrittenAccount>,
    /// `[[source]]`
    #[serde(default)]
    pub source: Vec<WrittenSource>,
    /// `[rules]`
    #[serde(default)]
    pub rules: WrittenRules,
    /// `[report]`
    #[serde(default)]
    pub report: WrittenReport,
}

/// `[pipeline]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenHead {
    /// Name of the pipeline and of its folder under the reports.
    pub name: Spanned<String>,
    /// Packs by name, such as `marketplaces/slevomat`.
    pub packs: Vec<Spanned<String>>,
    /// As-of date, unless the command names one.
    pub as_of: Option<NaiveDate>,
    /// Output folder, relative to the current folder.
    pub out: Option<String>,
}

/// `[rules]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRules {
    /// Codes that are switched off.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
}

/// `[report]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenReport {
    /// Language of texts.
    pub lang: Option<Spanned<String>>,
    /// `excel-cs`: BOM, semicolon and decimal comma in `day-shipping.csv`.
    pub csv: Option<Spanned<String>>,
}

/// `[[account]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenAccount {
    /// Its name.
    pub name: Spanned<String>,
    /// Name of a marketplace or supplier pack, without its folder.
    pub marketplace: Spanned<String>,
    /// ISO 4217 code.
    pub currency: Spanned<String>,
    /// Zone, such as `Europe/Prague`.
    pub timezone: Spanned<String>,
    /// Calendar pack of the payer, such as `calendars/cz`; the pack's when absent.
    pub payout_calendar: Option<Spanned<String>>,
    /// The exports are complete: an order that is not in them does not exist.
    #[serde(default)]
    pub complete: bool,
    /// Activation of the marketplace's own delivery service.
    pub own_delivery_activation_date: Option<NaiveDate>,
    /// Overrides of the pack's policy.
    #[serde(default)]
    pub policy: Vec<PolicyEntry>,
}

/// `[[source]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenSource {
    /// Its name.
    pub name: Spanned<String>,
    /// What it holds; the layout's when absent.
    pub kind: Option<Kind>,
    /// The account of its rows.
    pub account: Option<Spanned<String>>,
    /// File pattern, relative to the pipeline's folder.
    pub glob: Spanned<String>,
    /// `<pack>/<layout>`: format, columns and words of a pack's layout; keys written here win.
    pub layout: Option<Spanned<String>>,
    /// `[source.csv]`
    pub csv: Option<WrittenCsv>,
    /// `[source.xlsx]`
    pub xlsx: Option<WrittenXlsx>,
    /// `[source.columns]`
    #[serde(default)]
    pub columns: IndexMap<Spanned<String>, WrittenColumn>,
    /// `[source.constants]`
    #[serde(default)]
    pub constants: BTreeMap<Spanned<String>, String>,
    /// Pack whose word tables the export uses, when it is not the account's marketplace.
    pub words: Option<Spanned<String>>,
    /// Carrier pack, such as `packeta`.
    pub carrier: Option<Spanned<String>>,
    /// Vocabulary of the carrier pack.
    pub vocabulary: Option<Spanned<String>>,
    /// Zone of naive times, when it is not the account's.
    pub timezone: Option<Spanned<String>>,
    /// Several rows per order.
    pub lines: Option<bool>,
    /// `error`, `warn`, `ignore`.
    pub if_absent: Option<IfAbsent>,
    /// `stop`, `publish_without`.
    pub if_refused: Option<IfRefused>,
    /// A file without rows is fine.
    #[serde(default)]
    pub allow_empty: bool,
    /// File name pattern with `{yyyy}`, `{mm}`, `{dd}`.
    pub export_date: Option<Spanned<String>>,
    /// File name pattern with `{yyyy}`, `{mm}`.
    pub report_month: Option<Spanned<String>>,
    /// Field whose greater value is the later version of a row.
    pub version: Option<Spanned<String>>,
    /// `{ percent = 1.0, money = "10000.00" }`
    pub quarantine_max: Option<WrittenQuarantineMax>,
    /// `refuse`, `book`.
    pub excess_decimals: Option<Spanned<String>>,
    /// Headers whose values quarantine masks.
    #[serde(default)]
    pub personal: Vec<String>,
    /// Days that a carrier dump covers, both inclusive.
    pub covers: Option<WrittenRange>,
}

/// `quarantine_max`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenQuarantineMax {
    /// Share of rows, in percent.
    pub percent: Option<f64>,
    /// Money, in the source's currency.
    pub money: Option<Spanned<String>>,
}

/// A range of days, both ends inclusive.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRange {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// Headers, one header, or a position.
#[derive(Debug, Clone)]
pub enum WrittenColumn {
    /// Position from 1.
    Position(Spanned<usize>),
    /// One header.
    Header(Spanned<String>),
    /// Headers seen in the wild, first hit wins.
    Headers(Vec<Spanned<String>>),
}

/// An untagged enum would buffer the value and lose its span, so the three forms are told apart here.
impl<'de> Deserialize<'de> for WrittenColumn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Spanned::<ColumnForm>::deserialize(deserializer)?;
        let span = written.span();
        Ok(match written.into_inner() {
            ColumnForm::Position(position) => WrittenColumn::Position(Spanned::new(span, position)),
            ColumnForm::Header(header) => WrittenColumn::Header(Spanned::new(span, header)),
            ColumnForm::Headers(headers) => WrittenColumn::Headers(headers),
        })
    }
}

enum ColumnForm {
    Position(usize),
    Header(String),
    Headers(Vec<Spanned<String>>),
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
        f.write_str("a header, a list of headers, or a position from 1")
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
}

/// `[source.csv]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenCsv {
    /// WHATWG name; `utf-8` when absent.
    pub encoding: Option<Spanned<String>>,
    /// `,` when absent.
    pub delimiter: Option<Spanned<char>>,
    /// `"` when absent.
    pub quote: Option<Spanned<char>>,
    /// Whether there is a header row; yes when absent.
    pub header: Option<bool>,
    /// `,` or `.`.
    pub decimal: Option<Spanned<char>>,
    /// chrono patterns.
    pub dates: Option<Vec<Spanned<String>>>,
    /// First fields of total rows.
    #[serde(default)]
    pub totals: Vec<String>,
}

/// `[source.xlsx]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenXlsx {
    /// Sheet by name; any with the required headers when absent.
    pub sheet: Option<String>,
    /// Decimal mark of numbers stored as text.
    pub decimal: Option<Spanned<char>>,
    /// chrono patterns of dates stored as text.
    pub dates: Option<Vec<Spanned<String>>>,
    /// First cells of total rows.
    #[serde(default)]
    pub totals: Vec<String>,
}

/// A pack file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPack {
    /// `[pack]`
    pub pack: WrittenPackHead,
    /// `[[policy]]`
    #[serde(default)]
    pub policy: Vec<PolicyEntry>,
    /// `[[words.<table>]]`
    #[serde(default)]
    pub words: IndexMap<String, Vec<WrittenWords>>,
    /// `[vocabulary.<name>]` of a carrier pack
    #[serde(default)]
    pub vocabulary: IndexMap<String, WrittenVocabulary>,
    /// `[number]` of a carrier pack
    pub number: Option<WrittenNumber>,
    /// `[layout.<name>]`
    #[serde(default)]
    pub layout: IndexMap<String, Layout>,
    /// `[remedy]`: remedy word → text
    #[serde(default)]
    pub remedy: BTreeMap<String, String>,
    /// `[calendar]` of a calendar pack
    pub calendar: Option<WrittenCalendar>,
}

/// `[pack]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPackHead {
    /// What a person calls it.
    pub title: String,
    /// Traits that switch rules on.
    #[serde(default)]
    pub traits: Vec<Trait>,
    /// Calendar pack by currency, such as `CZK = "calendars/cz"`.
    #[serde(default)]
    pub payout_calendar: BTreeMap<String, String>,
    /// Where the facts come from.
    pub source: String,
}

/// One entry of a word table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenWords {
    /// Canonical word, or `no_counterpart`.
    pub word: Spanned<String>,
    /// Labels in any language.
    pub labels: Vec<Spanned<String>>,
    /// Holds only when this field is not empty.
    pub when_present: Option<String>,
    /// Where the labels come from.
    pub source: String,
}

/// One vocabulary of a carrier: codes → canonical codes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenVocabulary {
    /// Where it comes from, with its confidence.
    pub source: String,
    /// A dotted code falls back to its stem after the whole code was looked up.
    #[serde(default)]
    pub dotted: bool,
    /// Canonical code → codes.
    pub codes: IndexMap<String, Vec<Spanned<String>>>,
}

/// `[number]`: tracking numbers and links of a carrier.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenNumber {
    /// Patterns of normalised numbers.
    #[serde(default)]
    pub patterns: Vec<Spanned<String>>,
    /// Hosts of tracking URLs.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// A tracking URL of these hosts must hold the number.
    #[serde(default)]
    pub url_holds_number: bool,
    /// The link that the carrier offers, with `{tracking_number}`.
    pub url: Option<String>,
    /// Several orders may share one parcel.
    #[serde(default)]
    pub multi_order_parcels: bool,
    /// Where it comes from.
    pub source: String,
}

/// `[calendar]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenCalendar {
    /// First covered day.
    pub from: NaiveDate,
    /// Last covered day.
    pub to: NaiveDate,
    /// Where the table comes from.
    pub source: String,
    /// Day → name, for every rest day.
    pub rest: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probe() {
        for entry in walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/packs")) {
            let entry = entry.unwrap();
            if entry.path().extension().is_some_and(|e| e == "toml") {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                if let Err(e) = toml::from_str::<WrittenPack>(&text) {
                    panic!("{}: {e}", entry.path().display());
                }
            }
        }
    }
}

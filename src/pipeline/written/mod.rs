//! Pipelines and packs exactly as written: the serde mirror of the TOML text. Unknown keys are refused; meaning is checked in
//! [`crate::pipeline::load()`].

pub mod column_form;
pub mod format;
pub mod golden;
pub mod layout;
pub mod rule;
pub mod zone;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Deserialize;

use crate::pipeline::civil_date;
use crate::pipeline::exchange::Code;
use crate::pipeline::known_headers::{PersonalHeaders, PlainHeaders};
use crate::pipeline::limits::WrittenLimits;
use crate::pipeline::pack::Validity;
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::spanned::Spanned;
use crate::pipeline::written::column_form::{WrittenColumn, WrittenEmpty, WrittenSkip, WrittenVersion};
pub use crate::pipeline::written::format::{WrittenCsv, WrittenEncoding, WrittenSheet, WrittenXlsx};
use crate::pipeline::written::golden::GoldenRows;
use crate::pipeline::written::layout::Layout;
use crate::pipeline::written::rule::WrittenRule;
use crate::vocab::{CheckMethod, Dst, IfAbsent, IfRefused, Kind, Recipient, Severity, Trait};

/// A pipeline file.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenPipeline {
    /// `[pipeline]`: its name, packs and folder.
    pub pipeline: WrittenHead,
    /// `[[account]]`: the merchant's accounts at marketplaces and suppliers.
    #[serde(default)]
    pub account: Vec<WrittenAccount>,
    /// `[[source]]`: the exports, one entry for each kind of file.
    #[serde(default)]
    pub source: Vec<WrittenSource>,
    /// `[rules]`: which rules run, and how bad their findings are.
    #[serde(default)]
    pub rules: WrittenRules,
    /// `[[rule]]`: rules as text, for all accounts.
    #[serde(default)]
    pub rule: Vec<WrittenRule>,
    /// `[report]`: how reports are written.
    #[serde(default)]
    pub report: WrittenReport,
    /// `[[words.<table>]]`: labels of exports → canonical words, beside those of the packs.
    #[serde(default)]
    pub words: IndexMap<Spanned<String>, Vec<WrittenOwnWords>>,
    /// `[[vocabulary.<carrier>.<name>]]`: codes of a carrier → canonical codes, beside those of its pack.
    #[serde(default)]
    pub vocabulary: IndexMap<Spanned<String>, IndexMap<Spanned<String>, Vec<WrittenOwnCodes>>>,
}

/// `[[words.<table>]]` of a pipeline
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenOwnWords {
    /// Canonical word, or `no_counterpart`.
    pub word: Spanned<String>,
    /// Labels in any language.
    pub labels: Vec<Spanned<String>>,
    /// Holds only when this field is not empty.
    pub when_present: Option<Spanned<String>>,
    /// The word that the pack gives to these labels, where the pipeline knows better; without it a label with another word is a mistake.
    pub replaces: Option<Spanned<String>>,
    /// The only account that it concerns; all when absent.
    pub account: Option<Spanned<String>>,
    /// Where the labels come from.
    pub source: Option<String>,
}

/// `[[vocabulary.<carrier>.<name>]]` of a pipeline
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenOwnCodes {
    /// Canonical code, or `no_counterpart`.
    pub word: Spanned<String>,
    /// The carrier's codes; one with a `*` is a family.
    pub codes: Vec<Spanned<String>>,
    /// The code that the pack gives to them, where the pipeline knows better; without it a code with another meaning is a mistake.
    pub replaces: Option<Spanned<String>>,
    /// Where the codes come from.
    pub source: Option<String>,
}

/// `[pipeline]`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenHead {
    /// Name of the pipeline and of its folder under the reports.
    pub name: Spanned<String>,
    /// Packs by name, such as `marketplaces/slevomat`.
    pub packs: Vec<Spanned<String>>,
    /// As-of date, unless the command names one.
    #[serde(default, deserialize_with = "civil_date::as_of")]
    pub as_of: Option<NaiveDate>,
    /// Output folder, relative to the current folder.
    pub out: Option<String>,
    /// Currency by whose value the queue orders money of several, such as `EUR`: at the rates that accounts declare (`fx`). Without it each
    /// currency is ordered by itself.
    pub base_currency: Option<Code>,
    /// `[pipeline.limits]`: what a file may cost.
    #[serde(default)]
    pub limits: WrittenLimits,
}

/// `[rules]`
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenRules {
    /// Codes of the only rules that run; all when absent.
    pub only: Option<Vec<Spanned<String>>>,
    /// Codes that are switched off.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
    /// Severity by code, in place of the rule's own.
    #[serde(default)]
    pub severity: BTreeMap<Spanned<String>, Severity>,
}

/// `[report]`
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenReport {
    /// Language of texts: `en`, `cs`, `sk`, `hu`, `de`; `en` when absent.
    pub lang: Option<Spanned<String>>,
    /// `excel-cs`: BOM, semicolon and decimal comma in `day-shipping.csv`.
    pub csv: Option<Spanned<String>>,
    /// `all`: the sheets of `settlement.xlsx` list every order, also those that were paid in full over a month ago or wait without a date.
    pub settlement: Option<Spanned<String>>,
}

/// `[[account]]`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenAccount {
    /// Its name.
    pub name: Spanned<String>,
    /// Name of a pack of a marketplace, a supplier, a shop system or a provider of payments, without its folder.
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
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub own_delivery_activation_date: Option<NaiveDate>,
    /// Profile of the pack, such as the payout days of an older contract: its policy lies over the pack's, below the account's own.
    pub profile: Option<Spanned<String>>,
    /// Overrides of the pack's policy.
    #[serde(default)]
    pub policy: Vec<PolicyEntry>,
}

/// `[[source]]`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// `[source.csv]`: the source is delimited text.
    pub csv: Option<WrittenCsv>,
    /// `[source.xlsx]`: the source is a workbook.
    pub xlsx: Option<WrittenXlsx>,
    /// `[source.columns]`: canonical field → where it stands.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub columns: IndexMap<Spanned<String>, WrittenColumn>,
    /// `[source.constants]`: canonical field → what every row has, as a cell would be written.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub constants: BTreeMap<Spanned<String>, String>,
    /// `[[source.skip]]`: rows that say nothing in this source; the layout's come first.
    #[serde(default)]
    pub skip: Vec<WrittenSkip>,
    /// Required fields that the export does not have, such as the number of a parcel that is only announced.
    #[serde(default)]
    pub without: Vec<Spanned<String>>,
    /// Pack whose word tables the export uses, when it is not the account's marketplace.
    pub words: Option<Spanned<String>>,
    /// Carrier pack, such as `packeta`.
    pub carrier: Option<Spanned<String>>,
    /// Vocabulary of the carrier pack.
    pub vocabulary: Option<Spanned<String>>,
    /// Zone of naive times, when it is not the account's.
    pub timezone: Option<Spanned<String>>,
    /// Several rows per order; no when neither this nor the layout says so.
    pub lines: Option<bool>,
    /// A file has one currency, which its first row states: further rows leave it empty. Not so when neither this nor the layout says so.
    pub currency_of_file: Option<bool>,
    /// Amounts of which each row of an order has a part, such as `["delivery_price"]`, with `lines = true`: the rows of one order are one
    /// order, these amounts are added up, all other fields of the order must agree. The layout's when absent.
    pub sum: Option<Vec<Spanned<String>>>,
    /// What follows when no file matches; `error` when absent.
    pub if_absent: Option<IfAbsent>,
    /// What follows when the source is refused; `stop` when absent.
    pub if_refused: Option<IfRefused>,
    /// A file without rows is fine.
    #[serde(default)]
    pub allow_empty: bool,
    /// A night without a new file is stale.
    #[serde(default)]
    pub expect_new: bool,
    /// File name pattern with `{yyyy}`, `{mm}`, `{dd}`.
    pub export_date: Option<Spanned<String>>,
    /// File name pattern with `{yyyy}`, `{mm}`.
    pub report_month: Option<Spanned<String>>,
    /// Whose greater value is the later version of a row: a field that the source binds, or `{ column = "Changed", as = "date" }`.
    pub version: Option<WrittenVersion>,
    /// How much may be in quarantine before the source is refused, such as `{ percent = 1.0, money = "10000.00" }`; 20 percent of the rows, but at least 100 rows, where it names no share.
    pub quarantine_max: Option<WrittenQuarantineMax>,
    /// Fields whose total a total row states: field → position of the cell in it, from 1. The layout's when absent.
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub total_cells: Option<BTreeMap<Spanned<String>, usize>>,
    /// Amounts with more decimals than their currency has: `refuse` or `book` (half up, with a finding); `refuse` when absent.
    pub excess_decimals: Option<Spanned<String>>,
    /// Headers whose values quarantine masks; no key of the rows can be among them.
    #[serde(default)]
    pub personal: Vec<Spanned<String>>,
    /// Days that a carrier dump covers, both inclusive.
    pub covers: Option<WrittenRange>,
    /// Identifier field → digits, such as `{ order_no = 13 }`: leading zeros that a spreadsheet took away come back.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub pad: BTreeMap<Spanned<String>, Spanned<usize>>,
    /// `{ order_no = "|" }` of payout lines: a line may name several orders with this text between them; its amount is shared out among them.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub split: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Field → what its empty cells are read as, such as `{ goods_amount = "0" }`, or in some rows only
    /// `{ goods_amount = { value = "0", when = { status = ["cancelled"] } } }`. The layout's come first.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::fields())))]
    pub empty: IndexMap<Spanned<String>, WrittenEmpty>,
    /// Which offset holds for a local time in a gap or a repeated hour; `earlier` when absent.
    pub dst: Option<Dst>,
    /// Links are followed, also out of the folder.
    #[serde(default)]
    pub follow_links: bool,
    /// `[source.limits]`: where they differ from the pipeline's.
    #[serde(default)]
    pub limits: WrittenLimits,
}

/// `quarantine_max`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenQuarantineMax {
    /// Share of rows, in percent; 100 reads whatever comes. When absent 20, but at least 100 rows.
    pub percent: Option<Spanned<f64>>,
    /// Money, in the source's currency; of each other currency as many minor units.
    pub money: Option<Spanned<String>>,
}

/// A range of days, both ends inclusive.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenRange {
    /// First day.
    #[serde(deserialize_with = "civil_date::required")]
    pub from: NaiveDate,
    /// Last day.
    #[serde(deserialize_with = "civil_date::required")]
    pub to: NaiveDate,
}

/// A pack file.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenPack {
    /// `[pack]`: its title, traits and calendars.
    pub pack: WrittenPackHead,
    /// `[[policy]]`: what the marketplace demands, dated.
    #[serde(default)]
    pub policy: Vec<PolicyEntry>,
    /// `[[profile.<name>.policy]]`: policy of those merchants whose account names the profile.
    #[serde(default)]
    pub profile: BTreeMap<String, WrittenProfile>,
    /// `[[words.<table>]]`: labels of exports → canonical words.
    #[serde(default)]
    pub words: IndexMap<String, Vec<WrittenWords>>,
    /// `[vocabulary.<name>]`: a carrier's codes → canonical codes.
    #[serde(default)]
    pub vocabulary: IndexMap<String, WrittenVocabulary>,
    /// `[number]`: tracking numbers and links of a carrier.
    pub number: Option<WrittenNumber>,
    /// `[layout.<name>]`: the shape of an export.
    #[serde(default)]
    pub layout: IndexMap<String, Layout>,
    /// `[[headers]]`: plain words for the columns of a kind, for `infer`.
    #[serde(default)]
    pub headers: Vec<PlainHeaders>,
    /// `[[personal]]`: headers of data of persons, for `infer`.
    #[serde(default)]
    pub personal: Vec<PersonalHeaders>,
    /// `[remedy]`: remedy word → what a person should do.
    #[serde(default)]
    pub remedy: BTreeMap<String, String>,
    /// `[calendar]`: the rest days of a calendar pack.
    pub calendar: Option<WrittenCalendar>,
    /// `[[rule]]`: rules as text; those of a marketplace or a supplier are for its accounts, others for all
    #[serde(default)]
    pub rule: Vec<WrittenRule>,
    /// `[[golden.<kind>]]`: worked examples.
    #[serde(default)]
    pub golden: GoldenRows,
}

/// `[profile.<name>]`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenProfile {
    /// `[[profile.<name>.policy]]`
    pub policy: Vec<PolicyEntry>,
}

/// `[pack]`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenPackHead {
    /// What a person calls it.
    pub title: String,
    /// Traits that switch rules on.
    #[serde(default)]
    pub traits: Vec<Trait>,
    /// When the marketplace took orders by these rules; always when absent.
    #[serde(default)]
    pub validity: Vec<Validity>,
    /// Calendar pack by currency, such as `CZK = "calendars/cz"`.
    #[serde(default)]
    pub payout_calendar: BTreeMap<String, String>,
    /// Where the facts come from.
    pub source: String,
}

/// One entry of a word table.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenVocabulary {
    /// Where it comes from, with its confidence.
    pub source: String,
    /// A dotted code falls back to its stem after the whole code was looked up.
    #[serde(default)]
    pub dotted: bool,
    /// Canonical code → codes.
    pub codes: IndexMap<String, Vec<Spanned<String>>>,
    /// `[vocabulary.<name>.to]`: who got the parcel → delivered codes whose meaning names that person. `buyer`: they deliver also a
    /// parcel that was going back (§16.2).
    #[serde(default)]
    pub to: BTreeMap<Recipient, Vec<Spanned<String>>>,
}

/// `[number]`: tracking numbers and links of a carrier.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenNumber {
    /// Patterns of normalised numbers.
    #[serde(default)]
    pub patterns: Vec<Spanned<String>>,
    /// `[[number.check]]`: shapes with a check character.
    #[serde(default)]
    pub check: Vec<WrittenCheck>,
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

/// `[[number.check]]`: numbers of a shape that have a check character.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenCheck {
    /// A pattern of normalised numbers with the groups `number` (what is checked) and `check` (the character).
    pub shape: Spanned<String>,
    /// How the character is computed.
    pub method: CheckMethod,
    /// Weights of the digits of `number`, for `mod11`.
    #[serde(default)]
    pub weights: Vec<u32>,
    /// Where it comes from.
    pub source: String,
}

/// `[calendar]`
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrittenCalendar {
    /// First covered day.
    #[serde(deserialize_with = "civil_date::required")]
    pub from: NaiveDate,
    /// Last covered day.
    #[serde(deserialize_with = "civil_date::required")]
    pub to: NaiveDate,
    /// Where the table comes from.
    pub source: String,
    /// Day → name, for every rest day.
    pub rest: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    //! The shipped packs, read as a person would proof-read them: every word, label, column and code exists.

    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::base::text::fold;
    use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
    use crate::pipeline::pack::{Family, Vocabulary};
    use crate::pipeline::resolve::binding::{mistake_of_column, mistake_of_skip};
    use crate::pipeline::words::{Meaning, NO_COUNTERPART, WordTable};
    use crate::vocab::{
        Actor, BoxSize, CarrierOutcome, DocumentKind, DocumentLineKind, Flag, OrderStatus, Origin, Payment, PayoutKind,
        PendingReason, Remedy, RemittanceKind, SupplierStatus, TrackingCode, Word,
    };

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/packs")
    }

    /// All shipped packs by name.
    fn packs() -> BTreeMap<String, WrittenPack> {
        let mut packs = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder()).sort_by_file_name() {
            let path = entry.expect("the folder of packs can be read").into_path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let text = std::fs::read_to_string(&path).expect("a pack can be read");
                let pack = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let name = path.strip_prefix(folder()).expect("below the folder").with_extension("");
                packs.insert(name.to_str().expect("a name in UTF-8").replace('\\', "/"), pack);
            }
        }
        packs
    }

    fn is_word<W: Word>(text: &str) -> bool {
        W::of(text).is_some()
    }

    /// Whether a table may hold the word.
    fn is_canonical(packs: &BTreeMap<String, WrittenPack>, table: &str, word: &str) -> bool {
        match table {
            "order_status" => word == NO_COUNTERPART || is_word::<OrderStatus>(word),
            "payout_kind" => is_word::<PayoutKind>(word),
            "document_kind" => is_word::<DocumentKind>(word),
            "document_line_kind" => is_word::<DocumentLineKind>(word),
            "supplier_status" => is_word::<SupplierStatus>(word),
            "remittance_kind" => is_word::<RemittanceKind>(word),
            "parcel_outcome" => is_word::<CarrierOutcome>(word),
            "origin" => is_word::<Origin>(word),
            "pending_reason" => is_word::<PendingReason>(word),
            "actor" => is_word::<Actor>(word),
            "payment" => is_word::<Payment>(word),
            "box_size" => is_word::<BoxSize>(word),
            "flag" => is_word::<Flag>(word),
            "currency" => iso_currency::Currency::from_code(word).is_some(),
            "carrier" => packs.contains_key(&format!("carriers/{word}")),
            "shipping_method" => !word.is_empty(),
            _ => false,
        }
    }

    /// A pack's table with the common one behind it.
    fn table(packs: &BTreeMap<String, WrittenPack>, pack: &str, name: &str) -> WordTable {
        let mut table = WordTable::default();
        for pack in [pack, "common"] {
            for entry in packs[pack].words.get(name).into_iter().flatten() {
                for label in &entry.labels {
                    let word = entry.word.get_ref().clone();
                    table.add(label.get_ref(), Meaning { word, when_present: entry.when_present.clone() });
                }
            }
        }
        table
    }

    fn vocabulary(written: &WrittenVocabulary) -> Vocabulary {
        let (mut codes, mut families) = (std::collections::HashMap::new(), Vec::new());
        for (word, raw) in written.codes.iter().flat_map(|(word, raw)| raw.iter().map(move |raw| (word, raw))) {
            if let Some(family) = Family::of(raw.get_ref(), word) {
                families.push(family);
                continue;
            }
            let before = codes.insert(fold(raw.get_ref()), word.clone());
            assert_eq!(before, None, "{} stands twice", raw.get_ref());
        }
        Vocabulary { codes, families, dotted: written.dotted }
    }

    fn field_of(layout: &Layout, name: &str) -> Option<Field> {
        let line = LINE_FIELDS.iter().copied().find(|field| layout.lines && field.name == name);
        spec_of(layout.kind).field(name).or(line)
    }

    /// The word table through which a field is read.
    fn table_of(field: Field) -> Option<&'static str> {
        match field.cell {
            Cell::Word { table, .. } | Cell::Name { table } => Some(table),
            Cell::Flag => Some("flag"),
            Cell::Currency => Some("currency"),
            Cell::CarrierCode => Some("code"),
            _ => None,
        }
    }

    #[test]
    fn words_are_canonical_and_labels_unambiguous() {
        let packs = packs();
        assert!(packs.len() > 25, "{:?}", packs.keys());
        for (name, pack) in &packs {
            for (table_name, entries) in &pack.words {
                for entry in entries {
                    let word = entry.word.get_ref();
                    assert!(is_canonical(&packs, table_name, word), "{name}: {table_name} has no word {word}");
                    assert!(!entry.labels.is_empty() && !entry.source.is_empty(), "{name}: {table_name}.{word}");
                }
                let ambiguous = table(&packs, name, table_name);
                assert_eq!(ambiguous.ambiguous(), Vec::<&str>::new(), "{name}: {table_name}");
            }
            for word in pack.remedy.keys() {
                assert!(is_word::<Remedy>(word), "{name}: no remedy {word}");
            }
        }
        for remedy in Remedy::ALL {
            assert!(packs["common"].remedy.contains_key(remedy.text()), "common has no text for {remedy}");
        }
    }

    #[test]
    fn codes_are_canonical() {
        for (name, pack) in packs() {
            for (vocabulary_name, written) in &pack.vocabulary {
                assert!(!written.source.is_empty(), "{name}");
                for (word, labels) in &written.codes {
                    let known = TrackingCode::of(word).is_some_and(|word| word != TrackingCode::Unknown);
                    // What a family does not speak for stays unmapped; a single code is that without a word.
                    let excepted = word == TrackingCode::Unknown.text()
                        && labels.iter().all(|label| label.get_ref().contains('*'));
                    assert!(known || excepted, "{name}: {vocabulary_name} has no code {word}");
                }
                vocabulary(written);
            }
            if let Some(number) = &pack.number {
                for pattern in &number.patterns {
                    regex::Regex::new(pattern.get_ref()).unwrap_or_else(|error| panic!("{name}: {error}"));
                }
                assert!(number.url.as_ref().is_none_or(|url| url.contains("{tracking_number}")), "{name}");
            }
        }
    }

    #[test]
    fn delivered_to_the_sender_is_not_delivered() {
        let packs = packs();
        let code = |carrier: &str, name: &str, raw: &str| {
            vocabulary(&packs[carrier].vocabulary[name]).look_up(raw).unwrap_or("unknown").to_owned()
        };
        assert_eq!(code("carriers/packeta", "packeta-api", "3"), "in_transit");
        assert_eq!(code("carriers/packeta", "packeta-web", "3"), "delivered");
        assert_eq!(code("carriers/ceska-posta", "cpost-pol", "9V"), "returned");
        assert_eq!(code("carriers/ceska-posta", "cpost-tt", "BG4"), "ignored");
        assert_eq!(code("carriers/ppl", "ppl-web", "Delivered.BackToSender"), "returned");
        assert_eq!(code("carriers/ppl", "ppl-web", "Delivered.ToNeighbour"), "delivered");
        assert_eq!(code("carriers/ppl", "ppl-web", "Delivered.Parcelshop"), "ready_for_pickup");
        assert_eq!(code("carriers/gls", "mygls", "40"), "returned");
        assert_eq!(code("carriers/balikobot", "balikobot-v2", "2"), "unknown");
        assert_eq!(code("carriers/inpost", "shipx", "claimed"), "unknown");
    }

    #[test]
    fn layouts_bind_fields_of_their_kind() {
        for (name, pack) in packs() {
            for (layout_name, layout) in &pack.layout {
                let place = format!("{name}/{layout_name}");
                assert!(layout.csv.is_some() != layout.xlsx.is_some(), "{place}: csv or xlsx");
                let header = layout.csv.as_ref().is_none_or(|csv| csv.header != Some(false));
                let (mut headers, mut shared) = (BTreeSet::new(), BTreeSet::new());
                assert_eq!(layout.skip.iter().find_map(mistake_of_skip), None, "{place}");
                for (column, written) in &layout.columns {
                    let field = field_of(layout, column);
                    let field = field.unwrap_or_else(|| panic!("{place}: {} has no field {column}", layout.kind));
                    assert_eq!(mistake_of_column(written, field.cell), None, "{place}: {column}");
                    let spelled = written.headers();
                    assert_eq!(header, !spelled.is_empty(), "{place}: {column}");
                    let folded: BTreeSet<String> = spelled.into_iter().map(|header| fold(header.get_ref())).collect();
                    if matches!(written, WrittenColumn::Composed(_)) {
                        shared.extend(folded);
                        continue;
                    }
                    assert!(headers.is_disjoint(&folded), "{place}: a header of {column} stands for another field");
                    headers.extend(folded);
                }
                for field in layout.constants.keys().chain(&layout.without) {
                    assert!(field_of(layout, field).is_some(), "{place}: {} has no field {field}", layout.kind);
                }
                headers.extend(shared);
                for unread in layout.unread.keys() {
                    assert!(headers.insert(fold(unread)), "{place}: {unread} is read and unread");
                }
                let line_fields = if layout.lines { LINE_FIELDS } else { &[] };
                for field in spec_of(layout.kind).fields.iter().chain(line_fields).filter(|field| field.required) {
                    let given = layout.columns.contains_key(field.name) || layout.constants.contains_key(field.name);
                    let lacking = layout.without.iter().any(|name| name == field.name);
                    assert!(given || lacking, "{place}: {} is required", field.name);
                }
            }
        }
    }

    #[test]
    fn plain_headers_name_fields_of_their_kind() {
        for plain in packs().values().flat_map(|pack| &pack.headers) {
            let line = |name: &str| plain.kind == Kind::Orders && LINE_FIELDS.iter().any(|field| field.name == name);
            let unknown = plain.columns.keys().find(|name| spec_of(plain.kind).field(name).is_none() && !line(name));
            assert_eq!(unknown, None, "{}", plain.kind);
        }
    }

    #[test]
    fn labels_of_layouts_are_read_back_as_their_words() {
        let packs = packs();
        for (name, pack) in &packs {
            for (layout_name, layout) in &pack.layout {
                let place = format!("{name}/{layout_name}");
                let used: BTreeSet<&str> =
                    layout.columns.keys().filter_map(|column| table_of(field_of(layout, column)?)).collect();
                let labelled: BTreeSet<&str> = layout.labels.keys().map(String::as_str).collect();
                assert_eq!(used, labelled, "{place}: tables of the columns, and tables with labels");
                for (table_name, labels) in &layout.labels {
                    for (word, label) in labels {
                        if table_name == "code" {
                            let written =
                                &pack.vocabulary[layout.vocabulary.as_ref().expect("a tracking layout names one")];
                            let read = vocabulary(written).look_up(label).unwrap_or("unknown").to_owned();
                            assert_eq!(&read, word, "{place}: code {label}");
                            continue;
                        }
                        let table = table(&packs, layout.words.as_deref().unwrap_or(name), table_name);
                        let read = [true, false].map(|present| table.look_up(&fold(label), |_| present));
                        assert!(read.contains(&Some(word.as_str())), "{place}: {table_name} reads {label} as {read:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn policies_and_calendars_hold_together() {
        let packs = packs();
        for (name, pack) in &packs {
            for entry in &pack.policy {
                assert!(!entry.source.is_empty(), "{name}");
                assert!(entry.from.is_none() || entry.to.is_none() || entry.from <= entry.to, "{name}");
                assert!(entry.target.values().all(|target| target.den > 0), "{name}");
            }
            for calendar in pack.pack.payout_calendar.values() {
                assert!(packs[calendar].calendar.is_some(), "{name}: {calendar}");
            }
            for (day, _) in pack.calendar.iter().flat_map(|calendar| &calendar.rest) {
                let calendar = pack.calendar.as_ref().expect("it has one");
                let day: NaiveDate = day.parse().unwrap_or_else(|error| panic!("{name}: {day}: {error}"));
                assert!(calendar.from <= day && day <= calendar.to, "{name}: {day}");
            }
        }
    }

    #[test]
    fn holidays_of_the_worked_examples() {
        let packs = packs();
        let rests = |calendar: &str, day: &str| {
            packs[&format!("calendars/{calendar}")].calendar.as_ref().is_some_and(|it| it.rest.contains_key(day))
        };
        assert!(rests("cz", "2025-04-21"), "X03");
        for day in ["2025-09-01", "2025-11-17", "2026-05-08", "2026-09-15", "2026-11-17"] {
            assert!(!rests("sk", day), "X29 {day}");
        }
        assert!(rests("sk", "2027-05-08"), "X29");
        assert!(!rests("pl", "2024-12-24") && rests("pl", "2025-12-24"), "X30");
        assert!(!rests("cz", "2015-04-03") && rests("cz", "2016-03-25"), "X30");
        assert!(!rests("eur", "2026-07-06") && rests("cz", "2026-07-06"), "§6");
    }
}

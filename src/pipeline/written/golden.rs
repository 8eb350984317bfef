//! Golden rows: worked examples that a pack ships as text. What the engine makes of `given` is compared with `expect`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::pipeline::civil_date;
use crate::pipeline::percent::Percent;
use crate::pipeline::spanned::Spanned;
use crate::vocab::{Actor, ConfirmClock, CreditNoteField, Cutoff, DocumentKind, OrderStatus, ReturnKind};

/// The golden rows of a pack, by what they are about.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoldenRows {
    /// `[[golden.word]]`: a label of an export → `word`.
    #[serde(default)]
    pub word: Vec<GoldenRow<GivenWord>>,
    /// `[[golden.code]]`: a carrier's code → `code`.
    #[serde(default)]
    pub code: Vec<GoldenRow<GivenCode>>,
    /// `[[golden.history]]`: codes of one parcel in the order of time → `outcome`, `latest`.
    #[serde(default)]
    pub history: Vec<GoldenRow<GivenHistory>>,
    /// `[[golden.number]]`: a tracking number → `legal`, `compared_as`, `shape`.
    #[serde(default)]
    pub number: Vec<GoldenRow<GivenNumber>>,
    /// `[[golden.payout]]`: the day of the receipt → `billing`, `payout`, `alternative`, `overdue`.
    #[serde(default)]
    pub payout: Vec<GoldenRow<GivenPayout>>,
    /// `[[golden.amounts]]`: the lines of an order → `goods`, `cancelled`, `commission`, `goods_net`, `net`, `payout`, `tolerance`.
    #[serde(default)]
    pub amounts: Vec<GoldenRow<GivenAmounts>>,
    /// `[[golden.day]]`: a day of a calendar → `rest_day`, `working_day`, `on_or_after`.
    #[serde(default)]
    pub day: Vec<GoldenRow<GivenDay>>,
    /// `[[golden.target]]`: the figures of a metric → `target`, `met`, `distance`.
    #[serde(default)]
    pub target: Vec<GoldenRow<GivenTarget>>,
    /// `[[golden.transition]]`: a change of an order's status → `change`.
    #[serde(default)]
    pub transition: Vec<GoldenRow<GivenTransition>>,
    /// `[[golden.confirmation]]`: the opening of an order → `by`, until when it must be confirmed.
    #[serde(default)]
    pub confirmation: Vec<GoldenRow<GivenConfirmation>>,
    /// `[[golden.document]]`: a document → `series`, `missing`, `mixed`.
    #[serde(default)]
    pub document: Vec<GoldenRow<GivenDocument>>,
    /// `[[golden.finding]]`: facts of a subject → `found`, `because`, `severity`, `money`, `due`.
    #[serde(default)]
    pub finding: Vec<GoldenRow<GivenFinding>>,
}

/// One worked example.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoldenRow<Given> {
    /// What the engine is asked.
    pub given: Given,
    /// Fact → its text, for the facts that the example states.
    pub expect: BTreeMap<String, Spanned<String>>,
    /// Where the example comes from, such as `X01`.
    pub source: String,
}

/// A change of an order's status.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenTransition {
    /// The status before.
    pub from: OrderStatus,
    /// The status after.
    pub to: OrderStatus,
    /// Who set it; `unknown` when not given.
    pub actor: Option<Actor>,
    /// The order is sent by the own delivery service.
    #[serde(default)]
    pub own_delivery: bool,
    /// Days from the one to the other.
    #[serde(default)]
    pub days: i32,
    /// The day of the change.
    #[serde(deserialize_with = "civil_date::required")]
    pub on: NaiveDate,
}

/// The opening of an order.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenConfirmation {
    /// Local time, as `2024-05-03 16:00:00`.
    pub opened: String,
    /// Currency of the account: it names the payer's calendar.
    pub currency: String,
    /// Another clock than that of the policy.
    pub clock: Option<ConfirmClock>,
    /// Another calendar than the payer's, such as `calendars/cz`.
    pub calendar: Option<String>,
}

/// A document as an export has it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenDocument {
    /// The day of its issue.
    #[serde(deserialize_with = "civil_date::required")]
    pub on: NaiveDate,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its number; of a return document the return number.
    #[serde(default)]
    pub number: String,
    /// The marketplace issued it in the merchant's name.
    #[serde(default)]
    pub self_billed: bool,
    /// What a credit note says.
    #[serde(default)]
    pub says: Vec<CreditNoteField>,
    /// The kinds of the returns on it.
    #[serde(default)]
    pub returns: Vec<ReturnKind>,
}

/// A label of a word table.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenWord {
    /// The word table.
    pub table: String,
    /// The label as an export writes it.
    pub label: String,
    /// Fields of the row that have a value.
    #[serde(default)]
    pub present: Vec<String>,
}

/// A carrier's code.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenCode {
    /// The vocabulary of the pack.
    pub vocabulary: String,
    /// The code as a dump writes it.
    pub code: String,
}

/// The events of one parcel.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenHistory {
    /// The vocabulary of the pack.
    pub vocabulary: String,
    /// Codes as a dump writes them, the earliest first.
    pub codes: Vec<String>,
}

/// A tracking number.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenNumber {
    /// As written.
    pub number: String,
}

/// An order that reached its buyer, or was sent without tracking.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenPayout {
    /// The day on which the receipt was marked.
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub received: Option<NaiveDate>,
    /// The day on which the order was sent without tracking.
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub sent_untracked: Option<NaiveDate>,
    /// Currency of the account: it names the payer's calendar.
    pub currency: String,
    /// Another cut-off than that of the policy.
    pub cutoff: Option<Cutoff>,
    /// The profile of the account.
    pub profile: Option<String>,
}

/// The amounts of an order.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenAmounts {
    /// The day of the order.
    #[serde(deserialize_with = "civil_date::required")]
    pub ordered: NaiveDate,
    /// Its currency.
    pub currency: String,
    /// Its lines.
    pub lines: Vec<GivenLine>,
    /// Postage with VAT.
    pub postage: Option<String>,
    /// COD fee with VAT.
    pub cod_fee: Option<String>,
    /// The profile of the account.
    pub profile: Option<String>,
}

/// One line of an order.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenLine {
    /// Pieces ordered.
    pub qty: i64,
    /// Pieces cancelled.
    #[serde(default)]
    pub cancelled: i64,
    /// Price of a piece with VAT.
    pub price: String,
    /// VAT rate in percent.
    pub vat: Option<Percent>,
    /// Commission rate in percent; the policy's when absent.
    pub commission: Option<Percent>,
}

/// A day.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenDay {
    /// The day.
    #[serde(deserialize_with = "civil_date::required")]
    pub day: NaiveDate,
}

/// The figures of a metric in one window.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenTarget {
    /// The metric.
    pub metric: String,
    /// The last day of the window.
    #[serde(deserialize_with = "civil_date::required")]
    pub on: NaiveDate,
    /// Orders that count.
    pub numerator: i64,
    /// Orders in all.
    pub denominator: i64,
    /// The profile of the account.
    pub profile: Option<String>,
}

/// What is known of one subject of a rule at the end of a day.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenFinding {
    /// The rule.
    pub code: String,
    /// The as-of day.
    #[serde(deserialize_with = "civil_date::required")]
    pub on: NaiveDate,
    /// Currency of the account.
    pub currency: String,
    /// The profile of the account.
    pub profile: Option<String>,
    /// Fact → its text: days and instants (UTC) ISO, money as a decimal, `yes` or `no`. A fact left out is empty.
    pub facts: BTreeMap<String, String>,
}

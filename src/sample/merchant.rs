//! The merchant that the sample invents, read from an embedded text: accounts, shipping methods, carriers, exports, articles.
//! Systems are named there and in packs, never in the generator.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::sample::SampleError;
use crate::vocab::OrderStatus;

const TEXT: &str = include_str!("../../pipelines/sample-plan.toml");

/// The whole description.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// As-of date of the exports: they hold everything up to 24:00 of it.
    pub as_of: NaiveDate,
    /// First day on which orders are created.
    pub first_day: NaiveDate,
    /// Last day on which orders are created.
    pub last_day: NaiveDate,
    /// Day of an earlier export that the newest one supersedes.
    pub older_export: NaiveDate,
    /// First creation day in the earlier export.
    pub older_from: NaiveDate,
    /// Fewest orders that show every kind of source.
    pub least_orders: u32,
    /// Counts of the plan are per so many orders.
    pub planted_per: u32,
    /// Head of the pipeline.
    pub pipeline: PipelineHead,
    /// Accounts, in the order of the pipeline.
    #[serde(rename = "account")]
    pub accounts: Vec<AccountPlan>,
    /// Carriers.
    #[serde(rename = "carrier")]
    pub carriers: Vec<CarrierPlan>,
    /// Exports, in the order of the pipeline.
    #[serde(rename = "source")]
    pub sources: Vec<SourcePlan>,
    /// Articles.
    #[serde(rename = "article")]
    pub articles: Vec<Article>,
}

/// Head of the pipeline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineHead {
    /// Its name.
    pub name: String,
    /// Packs it names.
    pub packs: Vec<String>,
}

/// How money comes from an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Statements on the days of a payout calendar.
    Calendar,
    /// Self-billing invoices by period.
    Invoices,
    /// A supplier: money goes there.
    Supplier,
}

/// One account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountPlan {
    /// Its name.
    pub name: String,
    /// Marketplace or supplier, as the pipeline names it.
    pub marketplace: String,
    /// Its pack.
    pub pack: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Zone of its local times.
    pub timezone: String,
    /// Days before the exports that its history of statuses holds; without it there is none.
    pub history_days: Option<u32>,
    /// Its exports are complete.
    #[serde(default)]
    pub complete: bool,
    /// Activation of the marketplace's own delivery service.
    pub own_delivery_activation_date: Option<NaiveDate>,
    /// How money comes.
    pub way: Way,
    /// Status between *new* and *shipped*.
    #[serde(default = "accepted")]
    pub in_work: OrderStatus,
    /// Share of all orders.
    #[serde(default)]
    pub percent: u32,
    /// Orders at least.
    #[serde(default)]
    pub least: u32,
    /// Number of the first order; the others follow with gaps.
    #[serde(default)]
    pub first_order_no: u64,
    /// Commission, millionths.
    #[serde(default)]
    pub commission_ppm: i64,
    /// VAT of goods and services, millionths.
    #[serde(default)]
    pub vat_ppm: i64,
    /// Share of orders paid on delivery.
    #[serde(default)]
    pub cod_percent: u32,
    /// COD fee, minor units.
    #[serde(default)]
    pub cod_fee: i64,
    /// The newest statement whose grace has passed is missing, and all later ones.
    #[serde(default)]
    pub loses_statement: bool,
    /// Days on which an order is created in any case.
    #[serde(default)]
    pub certain_days: Vec<NaiveDate>,
    /// Payout by calendar.
    pub payer: Option<PayerPlan>,
    /// Invoices by period.
    pub biller: Option<BillerPlan>,
    /// The marketplace's own delivery service.
    pub own_service: Option<OwnService>,
    /// Orders that a supplier sends.
    pub dropship: Option<Dropship>,
    /// Shipping methods.
    #[serde(default, rename = "method")]
    pub methods: Vec<Method>,
}

fn accepted() -> OrderStatus {
    OrderStatus::Accepted
}

/// Payout by calendar.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayerPlan {
    /// Calendar pack of working days.
    pub calendar: String,
    /// Days from the received date to the billing date.
    pub hold_days: u64,
    /// Days of the month on which money is sent, ascending.
    pub payout_days: Vec<u32>,
    /// Working days after the payout date before an order counts as unpaid.
    pub grace_days: u32,
    /// Prefix of statement numbers.
    pub statement_prefix: String,
}

/// Invoices by period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillerPlan {
    /// Day of the first invoice.
    pub first_invoice: NaiveDate,
    /// Days between invoices.
    pub period_days: u64,
    /// Days from invoice to payment.
    pub due_days: u64,
    /// Days from the invoice to the set-off.
    pub set_off_after_days: u64,
    /// Days for a credit note.
    pub credit_note_days: u64,
    /// Number of the partner, first four digits of its documents.
    pub partner: u32,
    /// First number of return documents.
    pub return_series: u64,
}

/// The marketplace's own delivery service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnService {
    /// Carrier that the order names.
    pub carrier: String,
    /// Shipping method.
    pub method: String,
    /// Postage, minor units.
    pub price: i64,
    /// Share of orders that are small boxes.
    pub small_percent: u32,
}

/// Orders that a supplier sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropship {
    /// The supplier's account.
    pub account: String,
    /// Share of the account's orders.
    pub percent: u32,
    /// Carrier that the order names.
    pub carrier: String,
    /// Shipping method.
    pub method: String,
    /// Postage, minor units.
    pub price: i64,
    /// What the goods cost at the supplier, of the sale price.
    pub cost_percent: i64,
    /// First number at the supplier.
    pub first_order_no: u64,
    /// Longest address line.
    pub address_limit: usize,
}

/// A shipping method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its name in the pack's words.
    pub name: String,
    /// Who moves it.
    pub carrier: String,
    /// Postage, minor units.
    pub price: i64,
    /// Share of the account's orders.
    pub share: u32,
    /// The buyer collects the parcel at a point.
    #[serde(default)]
    pub point: bool,
}

/// A carrier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierPlan {
    /// Its name in the pack's words.
    pub name: String,
    /// Pattern of numbers: `#` is a digit, `?` the check digit.
    pub number: String,
    /// First serial number.
    pub first: u64,
    /// Weights of the check digit.
    #[serde(default)]
    pub check_weights: Vec<u64>,
    /// Most events have a day and no time.
    #[serde(default)]
    pub date_only: bool,
    /// Link with `{number}`.
    pub url: String,
}

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Orders of a marketplace.
    Orders,
    /// Payout statements.
    Payouts,
    /// Postage by day and method.
    Postage,
    /// Changes of statuses.
    History,
    /// Self-billing invoices.
    Invoices,
    /// Set-offs.
    SetOffs,
    /// Return documents.
    Returns,
    /// Credit notes.
    CreditNotes,
    /// Orders in the shop system.
    Shop,
    /// Orders as the supplier's connector sees them.
    Channel,
    /// Orders at the supplier.
    Supplier,
    /// Parcels.
    Tracking,
    /// Parcels handed to a carrier, which the layout names.
    Labels,
    /// Cash on delivery that a carrier remits, which the layout names.
    Remittances,
    /// Transfers of these remittances.
    Transfers,
}

/// One export.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcePlan {
    /// Name of the source.
    pub name: String,
    /// Its account; a carrier dump may have none.
    pub account: Option<String>,
    /// `<pack>/<layout>`
    pub layout: String,
    /// What it holds.
    pub holds: Holds,
    /// Carrier of a dump.
    pub carrier: Option<String>,
    /// Zone of a dump without an account.
    pub timezone: Option<String>,
    /// There is an earlier export as well.
    #[serde(default)]
    pub older_export: bool,
    /// It may have no row.
    #[serde(default)]
    pub optional: bool,
    /// Headers that quarantine masks.
    #[serde(default)]
    pub personal: Vec<String>,
}

impl SourcePlan {
    /// Whether an export of it may hold no row; a carrier may have nothing to tell.
    pub fn may_be_empty(&self) -> bool {
        self.optional || self.carrier.is_some()
    }
}

/// An article.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its number.
    pub sku: String,
    /// Its name.
    pub title: String,
    /// Price with VAT by currency, minor units.
    pub price: BTreeMap<String, i64>,
}

/// The embedded merchant.
///
/// # Errors
/// When the embedded text is not a merchant.
pub fn merchant() -> Result<Merchant, SampleError> {
    toml::from_str(TEXT).map_err(|error| SampleError::Plan(error.to_string()))
}

impl Merchant {
    /// Place of an account among the accounts.
    pub fn account_index(&self, name: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.name == name)
    }

    /// Place of a carrier among the carriers.
    ///
    /// # Errors
    /// When the plan names a carrier that it does not describe.
    pub fn carrier_index(&self, name: &str) -> Result<usize, SampleError> {
        self.carriers
            .iter()
            .position(|carrier| carrier.name == name)
            .ok_or_else(|| SampleError::Plan(format!("no carrier {name}")))
    }
}

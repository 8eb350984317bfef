//! Policies: what a marketplace demands, as dated text. Every value has a validity and a source; a later entry never overlaps an
//! earlier one in the same key.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::vocab::{Actor, Cutoff, OrderStatus, OutcomeModel};

/// One `[[policy]]` entry of a pack or of a pipeline's account: keys left out are not set by it.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    /// First day of validity, inclusive; open when absent.
    pub from: Option<NaiveDate>,
    /// Last day of validity, inclusive; open when absent.
    pub to: Option<NaiveDate>,
    /// Where the values come from (`S1`, `K14`, …).
    pub source: String,
    /// Days from the received date to the billing date (withdrawal + reserve).
    pub hold_days: Option<u32>,
    /// Days of the month on which money is sent.
    pub payout_days: Option<Vec<u32>>,
    /// Which billing dates belong to which payout.
    pub cutoff: Option<Cutoff>,
    /// The other date of a contested cut-off is accepted too.
    pub cutoff_tolerance: Option<bool>,
    /// Working days after the payout date before an order counts as unpaid.
    pub payout_grace_days: Option<u32>,
    /// Statuses that make an order billable.
    pub billable: Option<Vec<OrderStatus>>,
    /// Commission rate where neither order nor line names one, in percent text such as `"18"`.
    pub commission: Option<String>,
    /// Allowed difference of a payout per order line, minor units.
    pub tolerance_per_line: Option<i64>,
    /// Allowed difference of a payout at least, minor units.
    pub tolerance_least: Option<i64>,
    /// Days of one billing period (invoices_by_period).
    pub billing_period: Option<u32>,
    /// Days from the invoice to the payment.
    pub due_days: Option<u32>,
    /// Days for the credit note, from the request.
    pub credit_note_days: Option<u32>,
    /// The last remaining item cancelled refunds the postage.
    pub full_cancel_refunds_postage: Option<bool>,
    /// Orders by the own delivery service stay out of the tracking rate.
    pub tracking_excludes_own_delivery: Option<bool>,
    /// Statuses in the denominator of the tracking rate.
    pub tracking_statuses: Option<Vec<OrderStatus>>,
    /// Actor of a cancellation whose actor is unknown.
    pub cancel_actor_default: Option<Actor>,
    /// How events become an outcome.
    pub outcome: Option<OutcomeModel>,
    /// Longest address line, in characters.
    pub address_limit: Option<i64>,
    /// Targets by metric.
    #[serde(default)]
    pub target: BTreeMap<String, Target>,
    /// Thresholds by rule code, then by name.
    #[serde(default)]
    pub thresholds: BTreeMap<String, BTreeMap<String, i64>>,
}

/// What a metric must reach: `num ÷ den`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Numerator.
    pub num: i64,
    /// Denominator.
    pub den: i64,
    /// The rate must not be below; else it must not be above.
    pub at_least: bool,
}

/// The policy in force on one day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// Values of all entries in force, merged.
    pub entry: PolicyEntry,
    /// First day of the latest entry in force: the version that findings name.
    pub version: String,
    /// First day of validity of each metric's target.
    pub target_from: BTreeMap<String, NaiveDate>,
}

/// All entries of an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyBook {
    /// The entries, in the order written; a pipeline's overrides come last.
    pub entries: Vec<PolicyEntry>,
}

impl PolicyBook {
    /// The policy in force on a day.
    pub fn at(&self, _day: NaiveDate) -> Policy {
        Policy::default()
    }
}

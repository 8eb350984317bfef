//! Rows that no order of the world makes: lines, history, scans and sums that are wrong on purpose.

use chrono::{NaiveDate, NaiveDateTime};

use crate::vocab::TrackingCode;

/// A payout line for an order that does not exist.
#[derive(Debug, Clone)]
pub struct StrangeLine {
    /// Place among the accounts.
    pub account: usize,
    /// Payout that holds it.
    pub sent: NaiveDate,
    /// Order as written.
    pub order_no: String,
    /// Minor units.
    pub amount: i64,
}

/// A history row for an order that does not exist.
#[derive(Debug, Clone)]
pub struct StrayHistory {
    /// Place among the accounts.
    pub account: usize,
    /// Order as written.
    pub order_no: String,
    /// When.
    pub at: NaiveDateTime,
}

/// A row of the postage overview that says too much.
#[derive(Debug, Clone)]
pub struct OverviewError {
    /// Place among the accounts.
    pub account: usize,
    /// Day.
    pub day: NaiveDate,
    /// Method in the pack's words.
    pub method: String,
    /// Paid too much, minor units.
    pub excess: i64,
}

/// A scan outside the journey of a parcel.
#[derive(Debug, Clone)]
pub struct StrayScan {
    /// Place among the carriers.
    pub carrier: usize,
    /// Number.
    pub number: String,
    /// When.
    pub at: NaiveDateTime,
    /// What, in the layout's labels.
    pub code: TrackingCode,
    /// The time cannot be read.
    pub unreadable: bool,
}

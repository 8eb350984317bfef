//! From canonical frames to fact frames: one row per subject, holding everything known about it.

use polars::prelude::DataFrame;

/// All fact frames.
#[derive(Debug, Clone, Default)]
pub struct Reconciled {
    /// [`crate::frame::order_facts`]
    pub orders: DataFrame,
    /// [`crate::frame::shipment_facts`]
    pub shipments: DataFrame,
    /// [`crate::frame::number_facts`]
    pub numbers: DataFrame,
    /// [`crate::frame::payout_facts`]
    pub payouts: DataFrame,
    /// [`crate::frame::payout_day_facts`]
    pub payout_days: DataFrame,
    /// [`crate::frame::document_facts`]
    pub documents: DataFrame,
    /// [`crate::frame::supplier_facts`]
    pub suppliers: DataFrame,
    /// [`crate::frame::supplier_account_facts`]
    pub supplier_accounts: DataFrame,
    /// [`crate::frame::postage_day_facts`]
    pub postage_days: DataFrame,
    /// [`crate::frame::word_facts`]
    pub words: DataFrame,
    /// [`crate::frame::conflict_facts`]
    pub conflicts: DataFrame,
}

//! From facts to findings: one file per rule, named by its code. The listing of this folder is the catalogue.

pub mod blind;
mod condition;
pub mod context;
pub mod engine;
pub mod evidence;
pub mod example;
pub mod finding;
mod formula_expr;
pub mod history;
mod keys;
pub mod members;
mod own_gaps;
pub mod proof;
pub mod resolution;
pub mod rule;
mod suppress;
mod text_rule;
mod unsaid;
pub mod verdict;

mod bb001_pending_validation;
mod bb002_address_too_long;
mod bb003_wallet_empty;
mod bb004_ordered_twice;
mod cd001_collected_differs;
mod cd002_not_collected;
mod cd003_not_remitted;
mod cd004_remitted_too_much;
mod cd005_remittance_total;
mod cn001_credit_note_missing;
mod cn002_credit_note_incomplete;
mod cn004_real_and_fictitious_mixed;
mod cn005_number_outside_series;
mod dq001_conflicting_rows;
mod dq003_rows_in_quarantine;
mod dq005_damaged_identifier;
mod dq006_newer_than_as_of;
mod dq008_outside_validity;
mod dq010_rows_vanished;
mod dq011_header_drift;
mod dq012_excess_decimals_booked;
mod dq013_day_moved_by_dst;
mod dq014_calendar_too_short;
mod dq015_restated_past;
mod dq016_rows_without_order;
mod fe001_commission_on_postage;
mod map001_unmapped_word;
mod po001_postage_refunded_on_partial_cancel;
mod po003_overview_differs;
mod py001_unpaid;
mod py004_underpaid;
mod py005_overpaid;
mod py006_unexpected_payout;
mod py007_paid_twice;
mod py009_statement_total;
mod py011_unknown_order;
mod py012_statement_missing;
mod py013_currency_or_sign;
mod py014_unassigned_money;
mod sl001_tracking_rate;
mod sl002_cancel_rate;
mod sl003_status_error;
mod sl004_on_time;
mod so005_not_invoiced;
mod st001_wrongly_set_delivered;
mod st002_delivered_not_marked;
mod st003_late_delivered;
mod st004_illegal_transition;
mod st005_state_after_final;
mod st006_own_delivery_set_by_partner;
mod st007_shipped_without_label;
mod st008_skipped_shipping;
mod st009_returned_not_set;
mod st011_returned_although_delivered;
mod st012_cancelled_but_shipped;
mod st013_withdrawal_as_returned;
mod st014_not_confirmed;
mod st016_delivered_without_date;
mod st017_impossible_sequence;
mod st018_shop_disagrees;
mod st019_parcels_differ;
mod st020_delivered_then_back;
mod sv001_overdue;
mod sv002_cancelled_but_delivered;
mod tr001_missing_tracking;
mod tr002_invalid_number;
mod tr003_invalid_url;
mod tr004_number_unknown;
mod tr005_number_used_twice;
mod tr007_original_carrier_after_activation;
mod tr011_lost;

use std::sync::Arc;

use polars::prelude::{DataFrame, StringChunked};

use rule::Rule;
pub use text_rule::rule_of;

use crate::pipeline::TextRule;

/// All rules, in the order of the catalogue.
pub fn catalogue() -> Vec<&'static Rule> {
    vec![
        &st001_wrongly_set_delivered::RULE,
        &st002_delivered_not_marked::RULE,
        &st003_late_delivered::RULE,
        &st004_illegal_transition::RULE,
        &st005_state_after_final::RULE,
        &st006_own_delivery_set_by_partner::RULE,
        &st007_shipped_without_label::RULE,
        &st008_skipped_shipping::RULE,
        &st009_returned_not_set::RULE,
        &st011_returned_although_delivered::RULE,
        &st012_cancelled_but_shipped::RULE,
        &st013_withdrawal_as_returned::RULE,
        &st014_not_confirmed::RULE,
        &st016_delivered_without_date::RULE,
        &st017_impossible_sequence::RULE,
        &st018_shop_disagrees::RULE,
        &st019_parcels_differ::RULE,
        &st020_delivered_then_back::RULE,
        &tr001_missing_tracking::RULE,
        &tr002_invalid_number::RULE,
        &tr003_invalid_url::RULE,
        &tr004_number_unknown::RULE,
        &tr005_number_used_twice::RULE,
        &tr007_original_carrier_after_activation::RULE,
        &tr011_lost::RULE,
        &sv001_overdue::RULE,
        &sv002_cancelled_but_delivered::RULE,
        &py001_unpaid::RULE,
        &py004_underpaid::RULE,
        &py005_overpaid::RULE,
        &py006_unexpected_payout::RULE,
        &py007_paid_twice::RULE,
        &py009_statement_total::RULE,
        &py011_unknown_order::RULE,
        &py012_statement_missing::RULE,
        &py013_currency_or_sign::RULE,
        &py014_unassigned_money::RULE,
        &fe001_commission_on_postage::RULE,
        &po001_postage_refunded_on_partial_cancel::RULE,
        &po003_overview_differs::RULE,
        &so005_not_invoiced::RULE,
        &cn001_credit_note_missing::RULE,
        &cn002_credit_note_incomplete::RULE,
        &cn004_real_and_fictitious_mixed::RULE,
        &cn005_number_outside_series::RULE,
        &cd001_collected_differs::RULE,
        &cd002_not_collected::RULE,
        &cd003_not_remitted::RULE,
        &cd004_remitted_too_much::RULE,
        &cd005_remittance_total::RULE,
        &bb001_pending_validation::RULE,
        &bb002_address_too_long::RULE,
        &bb003_wallet_empty::RULE,
        &bb004_ordered_twice::RULE,
        &map001_unmapped_word::RULE,
        &dq001_conflicting_rows::RULE,
        &dq003_rows_in_quarantine::RULE,
        &dq005_damaged_identifier::RULE,
        &dq006_newer_than_as_of::RULE,
        &dq008_outside_validity::RULE,
        &dq010_rows_vanished::RULE,
        &dq011_header_drift::RULE,
        &dq012_excess_decimals_booked::RULE,
        &dq013_day_moved_by_dst::RULE,
        &dq014_calendar_too_short::RULE,
        &dq015_restated_past::RULE,
        &dq016_rows_without_order::RULE,
        &sl001_tracking_rate::RULE,
        &sl002_cancel_rate::RULE,
        &sl003_status_error::RULE,
        &sl004_on_time::RULE,
    ]
}

/// The codes of all rules of the program: a rule written as text must have another.
pub fn codes() -> Vec<&'static str> {
    catalogue().iter().map(|rule| rule.code).collect()
}

/// All rules, then those that packs and pipeline write as text.
pub fn catalogue_with(written: &[Arc<TextRule>]) -> Vec<&'static Rule> {
    catalogue().into_iter().chain(written.iter().map(rule_of)).collect()
}

/// All findings of a run.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// [`crate::frame::findings`], compared with the previous publication.
    pub found: DataFrame,
    /// What proves each of `found`, as people read it.
    pub proofs: StringChunked,
    /// Findings of the previous publication that are gone; same columns, `resolved_by` names the row that resolved each.
    pub resolved: DataFrame,
    /// Suppressed findings: the same columns, `remedy` holds the code that suppressed them.
    pub suppressed: DataFrame,
}

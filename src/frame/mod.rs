//! The canonical frames (one row per row of an export) and the fact frames (one row per subject, everything known about it).
//!
//! A column is a constant; see [`mod@column`]. Frames leave a stage sorted by their key and are checked by [`conform::conform`].

pub mod build;
pub mod canonical;
pub mod column;
pub mod conform;
pub mod kind;
pub mod lineage;
pub mod published;
pub mod read;
pub mod subject;

pub mod cod_remittances;
pub mod documents;
pub mod order_events;
pub mod order_lines;
pub mod orders;
pub mod payout_lines;
pub mod postage_overview;
pub mod shipments;
pub mod shop_orders;
pub mod statement_facts;
pub mod statements;
pub mod supplier_orders;
pub mod tracking_events;
pub mod transition_facts;

pub mod clawback_facts;
pub mod cod_facts;
pub mod conflict_facts;
pub mod document_facts;
pub mod identifier_facts;
pub mod metric_facts;
pub mod metric_orders;
pub mod moved_rows;
pub mod number_facts;
pub mod order_facts;
pub mod payout_day_facts;
pub mod payout_facts;
pub mod postage_day_facts;
pub mod refused_rows;
pub mod remittance_facts;
pub mod restated_facts;
pub mod shipment_facts;
pub mod source_facts;
pub mod supplier_account_facts;
pub mod supplier_facts;
pub mod tracking_errors;
pub mod unmatched_facts;
pub mod word_facts;

pub mod findings;

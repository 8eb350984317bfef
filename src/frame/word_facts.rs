//! One row per carrier code that no pack maps, and per order whose word has no counterpart among ours.

use super::column::{MOST, Members, Only, frame};
use super::tracking_events;

/// Rows with the code.
const UNMAPPED: &Members = &Members {
    frame: &tracking_events::FRAME,
    on: &[("code_raw", "code_raw"), ("vocabulary", "vocabulary"), ("carrier", "carrier")],
    only: &[Only::Is("code", "unknown")],
    beside: &[],
    most: MOST,
};

frame! {
    word_facts, sorted by [carrier, vocabulary, code_raw, order_no] {
        /// The account of the dump, or empty.
        account: Word,
        /// Its marketplace, or empty.
        marketplace: Word,
        /// The carrier.
        carrier: Word,
        /// The vocabulary.
        vocabulary: Word set in pipeline,
        /// The code, or the order's word, as written.
        code_raw: Word from row.code_raw or row.status_raw or row.shop_status_raw,
        /// The order whose word it is; empty for a carrier code.
        order_no: Text,
        /// Rows with it.
        count: Int as Count of UNMAPPED.code_raw,
        /// Currency of the account, or empty.
        currency: Word,
        /// The first row with it.
        row: Row,
    }
}

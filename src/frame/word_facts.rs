//! One row per carrier code that no pack maps, and per order whose word has no counterpart among ours.

use super::column::frame;

frame! {
    word_facts, sorted by [carrier, vocabulary, code_raw, order_no] {
        /// The account of the dump, or empty.
        account: Word,
        /// Its marketplace, or empty.
        marketplace: Word,
        /// The carrier.
        carrier: Word,
        /// The vocabulary.
        vocabulary: Word,
        /// The code, or the order's word, as written.
        code_raw: Word from row.code_raw,
        /// The order whose word it is; empty for a carrier code.
        order_no: Text,
        /// Rows with it.
        count: Int,
        /// Currency of the account, or empty.
        currency: Word,
        /// The first row with it.
        row: Row,
    }
}

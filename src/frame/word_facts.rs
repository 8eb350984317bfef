//! One row per carrier code that no pack maps.

use super::column::frame;

frame! {
    word_facts, sorted by [carrier, vocabulary, code_raw] {
        /// The account of the dump, or empty.
        account: Word,
        /// Its marketplace, or empty.
        marketplace: Word,
        /// The carrier.
        carrier: Word,
        /// The vocabulary.
        vocabulary: Word,
        /// The code as written.
        code_raw: Word from row.code_raw,
        /// Rows with it.
        count: Int,
        /// Currency of the account, or empty.
        currency: Word,
        /// The first row with it.
        row: Row,
    }
}

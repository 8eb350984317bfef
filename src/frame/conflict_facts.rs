//! One row per key that stands twice, differently, where nothing decides.

use super::column::frame;

frame! {
    conflict_facts, sorted by [source, key] {
        /// The account of the source.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The source's name.
        source: Word,
        /// The key.
        key: Text,
        /// Fields in which the rows differ.
        fields: Text,
        /// Currency of the account.
        currency: Word,
        /// One row.
        row: Row from row.key or other_row.key or row.fields or other_row.fields,
        /// The other row.
        other_row: Row,
    }
}

//! One row per identifier that a spreadsheet has damaged, as it stands in a source.

use super::column::frame;

frame! {
    identifier_facts, sorted by [source, key] {
        /// The account of the source, or empty.
        account: Word,
        /// Its marketplace, or empty.
        marketplace: Word,
        /// The source's name.
        source: Word,
        /// The identifier as it stands in the file.
        key: Text from row.header,
        /// The header above it.
        header: Text,
        /// Rows with it.
        count: Int,
        /// Where the first of them stands.
        place: Text,
        /// The only identifier of the other sources that it may have been; empty when there is none, or more than one.
        candidate: Text,
        /// How many identifiers of the other sources it may have been.
        candidates: Int,
        /// Currency of the account, or empty.
        currency: Word,
        /// The first row with it.
        row: Row,
    }
}

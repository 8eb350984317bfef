//! Rows in quarantine, by source, with the cell at fault.

use super::column::frame;

frame! {
    refused_rows, sorted by [source, row] {
        /// The source.
        source: Word,
        /// Header of the cell at fault as written; empty where the row as a whole is.
        header: Text,
        /// The cell at fault, masked where it is personal; or what is wrong with the row as a whole.
        value: Text from row.header,
        /// The row.
        row: Row,
    }
}

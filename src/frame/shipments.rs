//! One row per parcel handed over, from a label export.

use super::column::frame;

frame! {
    shipments, sorted by [tracking_number, row] {
        /// The account's name.
        account: Word,
        /// `account/order_no`.
        order_key: Text,
        /// Order number as written.
        order_no: Text,
        /// The carrier's pack name.
        carrier: Word,
        /// Number as written.
        tracking_number_raw: Text,
        /// Number as carriers compare it.
        tracking_number: Text,
        /// Another number of the same parcel, as written.
        tracking_number_alias: Text,
        /// URL as written.
        tracking_url: Text,
        /// When the parcel was handed over.
        handed_over_at: Instant,
        /// Civil date of `handed_over_at`.
        handed_over_on: Date,
        /// Where the row was read.
        row: Row,
    }
}

//! One row per scan in a carrier dump.

use super::column::frame;

frame! {
    tracking_events, sorted by [tracking_number, at, row] {
        /// The account, when the dump belongs to one; else empty.
        account: Word,
        /// The source's name.
        source: Word,
        /// The carrier's pack name.
        carrier: Word,
        /// Vocabulary of the code.
        vocabulary: Word,
        /// Number as written.
        tracking_number_raw: Text,
        /// Number as carriers compare it.
        tracking_number: Text,
        /// Order reference of the merchant, when the dump holds one.
        order_no: Text,
        /// When it happened; 00:00 local when the dump holds days only.
        at: Instant,
        /// Civil date of `at` in the source's zone.
        at_on: Date,
        /// The dump held a day without a time.
        date_only: Flag,
        /// Code as written.
        code_raw: Word,
        /// Canonical code ([`crate::vocab::TrackingCode`]).
        code: Word,
        /// Cash collected.
        cod_amount: Money,
        /// Currency of the cash.
        currency: Word,
        /// Where the row was read.
        row: Row,
    }
}

//! One row per parcel of a carrier's remittance of cash on delivery, or per fee that the carrier keeps of it.

use super::column::frame;

frame! {
    cod_remittances, sorted by [account, statement_id, row] {
        /// The account's name.
        account: Word,
        /// The remittance: one transfer of the carrier.
        statement_id: Text,
        /// The carrier's pack name, or empty.
        carrier: Word,
        /// `account/order_no`, when the row names an order.
        order_key: Text,
        /// Order number as written.
        order_no: Text,
        /// Number of the parcel as written.
        tracking_number_raw: Text,
        /// Number of the parcel as carriers compare it.
        tracking_number: Text,
        /// Currency of the amount.
        currency: Word,
        /// Kind as written.
        kind_raw: Word,
        /// Canonical kind ([`crate::vocab::RemittanceKind`]).
        kind: Word,
        /// What became of the parcel, as written.
        outcome_raw: Word,
        /// Canonical outcome ([`crate::vocab::CarrierOutcome`]); `none` where the row says nothing that a pack maps.
        outcome: Word,
        /// Signed; plus is money to the merchant. Cash of 0: nothing was collected.
        amount: Money,
        /// Day of the collection or of the posting.
        posted: Date,
        /// Day the remittance was sent.
        paid_on: Date,
        /// Total of the remittance as its file says.
        total: Money,
        /// Document the row belongs to.
        document_no: Text,
        /// Note.
        note: Text,
        /// Where the row was read.
        row: Row,
    }
}

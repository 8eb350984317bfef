//! One row per return document, and one per credit note line set.

use super::column::frame;

frame! {
    document_facts, sorted by [account, subject] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// Return number of a return document, document number of a credit note.
        subject: Text,
        /// Kind of the document.
        kind: Word<DocumentKind> from row.kind_raw,
        /// The order.
        order_no: Text from row.order_no,
        /// The return number.
        return_no: Text from row.return_no,
        /// Currency of the money.
        currency: Word,
        /// Day of the request.
        requested_on: Date from row.requested_on,
        /// Last day for the credit note.
        due_on: Date,
        /// A credit note names the return number.
        credited: Flag from credit_row.return_no,
        /// Mandatory fields that a credit note lacks, separated by blanks.
        missing: Text,
        /// Net amount of the credit.
        money: Money,
        /// The document's row.
        row: Row,
        /// The order's row.
        order_row: Row,
        /// The credit note that names the return document.
        credit_row: Row,
    }
}

//! One row per return document, one per order and return of a credit note, and one per invoice, set-off or claim, for their numbers
//! alone. What is said of a number, or of a whole credit note, stands on its first row.

use super::column::{Members, frame};
use super::order_facts;

/// The order of the document.
const OF_ORDER: &Members = &Members {
    frame: &order_facts::FRAME,
    on: &[("order_no", "order_no"), ("account", "account")],
    only: &[],
    beside: &["order_no"],
    most: 1,
};

frame! {
    document_facts, sorted by [account, subject] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// Return number of a return document, document number of others.
        subject: Text,
        /// Kind of the document.
        kind: Word<DocumentKind> from row.kind_raw,
        /// Document number.
        doc_no: Text from row.doc_no,
        /// The order; empty for invoices, set-offs and claims.
        order_no: Text from row.order_no,
        /// The return number.
        return_no: Text from row.return_no or row.doc_no,
        /// The marketplace issued it in the merchant's name.
        self_billed: Flag from row.self_billed,
        /// Currency of the money.
        currency: Word,
        /// Day of the request.
        requested_on: Date from row.requested_on,
        /// Last day for the credit note.
        due_on: Date by "requested_on",
        /// A credit note names the return number.
        credited: Flag from credit_row.return_no,
        /// Mandatory fields that a credit note lacks, or that nothing tells of the one to be issued for a return document, separated by
        /// blanks.
        missing: Text,
        /// What the credit note for a return document must hold: one item a line.
        items: Text,
        /// Pieces of these items.
        pieces: Int,
        /// Net amount of these items.
        goods_net: Money,
        /// Net transport, where the whole order is credited.
        transport_net: Money,
        /// Net COD fee, where the whole order is credited.
        cod_net: Money,
        /// The series that the document's number should be of and is not; empty: there is none.
        doc_no_series: Text set in policy,
        /// The series that the return number should be of and is not; empty: there is none.
        return_no_series: Text set in policy,
        /// Returns stand on the credit note that must be kept apart.
        mixed: Flag,
        /// The first real return on such a credit note.
        real_return_no: Text from real_row.return_no,
        /// Whether that return is fictitious: no.
        real_said: Flag from real_said_row.is_fictitious,
        /// The first fictitious return on such a credit note.
        fictitious_return_no: Text from fictitious_row.return_no,
        /// Whether that return is fictitious: yes.
        fictitious_said: Flag from fictitious_said_row.is_fictitious,
        /// Net amount of the credit.
        money: Money as Sum of OF_ORDER.expected_net,
        /// Net amount of the whole credit note, over all its orders and returns; nothing where it says none.
        note_money: Money,
        /// The document's row.
        row: Row,
        /// The order's row.
        order_row: Row,
        /// The credit note that names the return document.
        credit_row: Row,
        /// Where the credit note names the real return.
        real_row: Row,
        /// What says that it is real: its return document, else the credit note.
        real_said_row: Row,
        /// Where the credit note names the fictitious return.
        fictitious_row: Row,
        /// What says that it is fictitious.
        fictitious_said_row: Row,
    }
}

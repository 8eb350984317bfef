//! One row per line of a document; a document without lines is one row.

use super::column::frame;

frame! {
    documents, sorted by [account, doc_no, row] {
        /// The account's name.
        account: Word,
        /// Document number.
        doc_no: Text,
        /// Kind as written.
        kind_raw: Word,
        /// Canonical kind ([`crate::vocab::DocumentKind`]).
        kind: Word,
        /// Canonical kind of the line ([`crate::vocab::DocumentLineKind`]).
        line_kind: Word,
        /// `account/order_no`, when the line names an order.
        order_key: Text,
        /// Order number as written.
        order_no: Text,
        /// Number of the return document.
        return_no: Text,
        /// Article.
        sku: Text,
        /// Pieces.
        qty: Int,
        /// Day of issue.
        issued: Date,
        /// Day the request for a credit note was sent.
        requested_on: Date,
        /// Due date.
        due: Date,
        /// Currency of the amounts.
        currency: Word,
        /// Net amount.
        net: Money,
        /// VAT.
        vat: Money,
        /// Gross amount: the control amount.
        gross: Money,
        /// Balance of a set-off.
        difference: Money,
        /// Transport is credited as well.
        includes_transport: Flag,
        /// The COD fee is credited as well.
        includes_cod: Flag,
        /// The goods never came back: a wrongly set delivery is reversed.
        is_fictitious: Flag,
        /// The marketplace issued it in the merchant's name.
        self_billed: Flag,
        /// Where the row was read.
        row: Row,
    }
}

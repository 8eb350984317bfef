//! One row per line of a payout statement.

use super::column::frame;

frame! {
    payout_lines, sorted by [account, statement_id, row] {
        /// The account's name.
        account: Word,
        /// The statement.
        statement_id: Text,
        /// `account/order_no`, when the line names an order.
        order_key: Text,
        /// Order number as written.
        order_no: Text,
        /// Currency of the amount.
        currency: Word,
        /// Kind as written.
        kind_raw: Word,
        /// Canonical kind ([`crate::vocab::PayoutKind`]).
        kind: Word,
        /// Signed; plus is money to the merchant.
        amount: Money,
        /// Day of the posting.
        posted: Date,
        /// Document the line belongs to.
        document_no: Text,
        /// Article.
        sku: Text,
        /// Note.
        note: Text,
        /// Day the statement was paid.
        paid_on: Date,
        /// First day of the statement's period, inclusive.
        period_from: Date,
        /// Last day of the statement's period, inclusive.
        period_to: Date,
        /// Total as the statement's header says.
        total: Money,
        /// Where the row was read.
        row: Row,
    }
}

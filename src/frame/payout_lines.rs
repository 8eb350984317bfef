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
        /// Units of the line's currency that one unit of the order's is worth, in thousand millionths, as the statement says.
        fx_rate: Int,
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
        /// Beginning of the statement's period.
        period_from: Instant,
        /// Its civil date.
        period_from_on: Date,
        /// The beginning is a day without a time: its 00:00.
        period_from_day_only: Flag,
        /// End of the statement's period: exclusive with a time; of a day alone, its 00:00, and the day is part of the period.
        period_to: Instant,
        /// Its civil date.
        period_to_on: Date,
        /// The end is a day without a time.
        period_to_day_only: Flag,
        /// Total as the statement's header says.
        total: Money,
        /// Where the row was read.
        row: Row,
    }
}

//! One row per payout line with its order.

use super::column::{MOST, Members, Only, frame};
use super::payout_lines;

/// All lines of the order but the transfer itself.
const PAID_LINES: &Members = &Members {
    frame: &payout_lines::FRAME,
    on: &[("order_key", "order_key")],
    only: &[Only::Not("kind", "payout")],
    beside: &["order_no", "statement_id", "kind_raw"],
    most: MOST,
};

frame! {
    payout_facts, sorted by [account, statement_id, row] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The statement.
        statement_id: Text from row.statement_id,
        /// Order as written.
        order_no: Text from row.order_no,
        /// Its key.
        order_key: Text,
        /// Currency of the line.
        currency: Word from row.currency,
        /// Canonical kind.
        kind: Word<PayoutKind> from row.kind_raw,
        /// Signed amount.
        amount: Money from row.amount,
        /// Day of the posting.
        posted: Date from row.posted,
        /// Day the line was paid: its own, else that of its statement, else that of its posting.
        paid_on: Date from row.paid_on or row.posted,
        /// The line names an order.
        names_order: Flag,
        /// An order of that number was read.
        order_known: Flag,
        /// Of an unknown order: the known one whose number differs by leading zeros alone; empty unless it is one.
        candidate: Text,
        /// Money that belongs to an order, of an export that has a column of order numbers, without one.
        unassigned: Flag,
        /// Of an unassigned line: orders of the account that miss exactly this amount and were due within 5 working days of it.
        candidates: Int,
        /// The nearest of them; empty without one.
        candidate_order: Text from candidate_row.order_no,
        /// The next one.
        second_candidate_order: Text from second_candidate_row.order_no,
        /// The third one; more are not named.
        third_candidate_order: Text from third_candidate_row.order_no,
        /// The line is of another currency than its order, and no rate is declared.
        no_rate: Flag,
        /// A sale below zero of an order without another sale.
        wrong_sign: Flag,
        /// Currency of the order where it is another than the line's, else empty.
        order_currency: Word from order_row.currency,
        /// The amount in that currency, in minor units of it, by the rate of the line or a declared one; null where none converts it.
        converted_amount: Int,
        /// What is due for that order, with its currency; empty where it is not computable.
        due_in_order_currency: Text,
        /// The order stands in quarantine, or its account's orders could not be computed.
        order_quarantined: Flag,
        /// The order's payout date is fixed.
        order_has_claim: Flag,
        /// Status of the order.
        order_status: Word<OrderStatus> from order_row.status_raw,
        /// Sum of all payout lines of the order but `payout`.
        order_paid: Money as Sum of PAID_LINES.amount,
        /// The order was cancelled, or its money is taken back, after this line was paid: the money was due then.
        cancelled_later: Flag,
        /// The kind is money for an order, not a fee or a transfer.
        for_order: Flag,
        /// The account's exports are declared complete.
        account_complete: Flag,
        /// The nearest candidate's row.
        candidate_row: Row,
        /// The next one's.
        second_candidate_row: Row,
        /// The third one's.
        third_candidate_row: Row,
        /// The order's row.
        order_row: Row,
        /// The line's row.
        row: Row,
    }
}

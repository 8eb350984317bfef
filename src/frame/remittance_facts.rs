//! One row per remittance of cash on delivery and currency: what its rows add up to, beside the total that it states.

use super::cod_remittances;
use super::column::{MOST, Members, Only, frame};

const fn rows_of(only: &'static [Only]) -> Members {
    let on = &[("statement_id", "statement_id"), ("account", "account"), ("currency", "currency")];
    Members { frame: &cod_remittances::FRAME, on, only, beside: &[], most: MOST }
}

const ROWS: &Members = &rows_of(&[]);
const CASH: &Members = &rows_of(&[Only::Is("kind", "cash")]);

frame! {
    remittance_facts, sorted by [account, statement_id, currency] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The remittance.
        statement_id: Text from row.statement_id,
        /// Currency of the rows.
        currency: Word,
        /// The carrier, by its pack's name.
        carrier: Word from row.carrier,
        /// Day it was sent.
        paid_on: Date from row.paid_on or row.posted,
        /// Number of rows.
        rows: Int as Count of ROWS.amount,
        /// Sum of the cash of its parcels.
        cash: Money as Sum of CASH.amount,
        /// Sum of fees and corrections.
        other: Money by "sum - cash",
        /// Sum of both.
        sum: Money as Sum of ROWS.amount,
        /// What the remittance states, or its transfer; null when neither says it in this currency.
        total: Money from total_row.total,
        /// `sum` less `total`; null without a total, and where rows of another currency belong to the same transfer.
        difference: Money by "sum - total",
        /// Its first row.
        row: Row,
        /// The row that states the total.
        total_row: Row,
    }
}

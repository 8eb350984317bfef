//! One row per remittance of cash on delivery and currency: what its rows add up to, beside the total that it states.

use super::column::frame;

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
        paid_on: Date,
        /// Number of rows.
        rows: Int,
        /// Sum of the cash of its parcels.
        cash: Money,
        /// Sum of fees and corrections.
        other: Money,
        /// Sum of both.
        sum: Money,
        /// What the remittance states, or its transfer; null when neither says it in this currency.
        total: Money from total_row.total,
        /// `sum` less `total`; null without a total, and where rows of another currency belong to the same transfer.
        difference: Money,
        /// Its first row.
        row: Row,
        /// The row that states the total.
        total_row: Row,
    }
}

//! One row per day and shipping method of the marketplace's postage overview.

use super::column::frame;

frame! {
    postage_overview, sorted by [account, day, method, row] {
        /// The account's name.
        account: Word,
        /// The day.
        day: Date,
        /// Shipping method by its canonical name.
        method: Word,
        /// Currency of the amounts.
        currency: Word,
        /// Postage paid by buyers that day.
        paid: Money,
        /// Postage of orders cancelled that day.
        cancelled: Money,
        /// Where the row was read.
        row: Row,
    }
}

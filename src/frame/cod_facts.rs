//! Cash on delivery, three sides: one row per parcel of an order that pays so, or per order where several parcels share one sum; and one row
//! per parcel of a remittance that belongs to no such order.

use super::cod_remittances;
use super::column::{MOST, Members, Only, frame};

/// Rows of remittances with the parcel's cash.
const REMITTED: &Members = &Members {
    frame: &cod_remittances::FRAME,
    on: &[("tracking_number", "tracking_number"), ("currency", "currency")],
    only: &[Only::Is("kind", "cash")],
    beside: &["tracking_number_raw", "statement_id"],
    most: MOST,
};

frame! {
    cod_facts, sorted by [account, order_no, tracking_number] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The order's key; empty where no order is known.
        order_key: Text,
        /// The order; where none is known, the number that the remittance names.
        order_no: Text from order_row.order_no,
        /// Number of the parcel as carriers compare it; empty where several parcels share one sum.
        tracking_number: Text,
        /// Currency of every amount of the row.
        currency: Word,
        /// The carrier, by its pack's name; empty where nothing tells, or where parcels differ.
        carrier: Word,
        /// Test order.
        test: Flag from order_row.test,
        /// How the buyer pays.
        payment: Word<Payment> from order_row.payment,
        /// Number of parcels.
        parcels: Int,
        /// Cash that the order says is to be collected.
        owed: Money from order_row.cod_amount,
        /// What the parcels amount to; where no event tells, what the row of a remittance says.
        outcome: Word<CarrierOutcome> from outcome_row.code_raw or outcome_row.outcome_raw,
        /// Day the carrier delivered; the day by the marketplace where no dump of the carrier is read.
        delivered_on: Date from delivered_row.at,
        /// Cash that should have been collected: `owed`, and 0 where the buyer paid before or the parcel came back; null where that cannot be told.
        to_collect: Money by "owed" or "0",
        /// Cash that the carrier's events say was collected, all parcels; else 0 where the rows of remittances are of 0; null without an amount
        /// in the order's currency.
        collected: Money from collected_row.cod_amount or collected_row.amount,
        /// The carrier's file says of its deliveries what was collected, or a row of a remittance that nothing was.
        collection_told: Flag,
        /// `collected`, else what one row of a remittance says.
        told: Money by "collected" or "remitted",
        /// `told` less `to_collect`.
        difference: Money by "told - to_collect",
        /// The difference that rounding of cash explains.
        rounding: Money,
        /// Cash that remittances say was sent, all rows; null without a row in the order's currency.
        remitted: Money from remitted_row.amount as Sum of REMITTED.amount,
        /// Remittances hold cash of it in another currency, which is not compared.
        remitted_otherwise: Flag from remitted_row.currency,
        /// Number of rows of remittances that are not of 0.
        remittances: Int,
        /// The carrier's event says that the cash was sent.
        sent_by_event: Flag,
        /// Day until which the carrier must have sent it.
        remit_due_on: Date by "delivered_on",
        /// A remittance of the carrier for the account was read.
        remittances_read: Flag,
        /// A remittance of the carrier of the day of the delivery or later was read.
        remittance_covers: Flag,
        /// Cash collected, or to be collected, that no remittance holds.
        outstanding: Money by "collected - remitted" or "to_collect - remitted",
        /// Cash remitted beyond what was collected.
        remitted_over: Money by "remitted - collected" or "remitted - to_collect" or "remitted",
        /// The order's row.
        order_row: Row,
        /// The event that decided the carrier's outcome, else the row of a remittance that says it.
        outcome_row: Row,
        /// The carrier's delivery.
        delivered_row: Row,
        /// The event that says what was collected, the first of several; else the row of a remittance that says nothing was.
        collected_row: Row,
        /// The first row of a remittance that is not of 0.
        remitted_row: Row,
    }
}

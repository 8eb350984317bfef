//! One row per parcel: a tracking number of an order or of a carrier dump.

use super::column::frame;

frame! {
    shipment_facts, sorted by [account, order_key, tracking_number] {
        /// The order's account; empty when no order has the number.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The order's key; empty when no order has the number.
        order_key: Text,
        /// The order.
        order_no: Text from order_row.order_no,
        /// Number as carriers compare it.
        tracking_number: Text,
        /// Number as written.
        tracking_number_raw: Text from order_row.tracking_number_raw,
        /// URL as written.
        tracking_url: Text from order_row.tracking_url,
        /// Currency of the account.
        currency: Word,
        /// The number as written has legal characters only.
        number_valid: Flag,
        /// Whether its check character is right by the carrier's pack; advisory.
        number_check: Word,
        /// The URL is http(s), without a placeholder, and holds the number where the carrier's template asks for it.
        url_valid: Flag,
        /// Status of the order.
        status: Word<OrderStatus> from order_row.status_raw,
        /// Own delivery service.
        own_delivery: Flag from order_row.own_delivery,
        /// Test order.
        test: Flag from order_row.test,
        /// Size class.
        box_size: Word<BoxSize> from order_row.box_size,
        /// The order is known to be big.
        is_big: Flag,
        /// Day the order was created.
        created_on: Date from order_row.created_at,
        /// Day it was marked shipped.
        shipped_on: Date from order_row.shipped_at,
        /// The carrier that saw it, else the one that the order names.
        carrier: Word,
        /// A dump holds the number.
        seen: Flag from outcome_row.tracking_number_raw,
        /// First day the carrier's dumps cover.
        covered_from: Date,
        /// It stands in the account's own carrier dump.
        in_own_dump: Flag,
        /// Handover, else first scan.
        lodged_on: Date from lodged_row.at,
        /// Activation of the own delivery service.
        activation_on: Date,
        /// Lodged with the original carrier at or after activation, and no parcel that the policy lets pass.
        after_activation: Flag,
        /// The order was created before activation.
        before_activation_order: Flag,
        /// What its events amount to.
        outcome: Word<CarrierOutcome> from outcome_row.code_raw,
        /// When.
        outcome_at: Instant,
        /// Civil date of it.
        outcome_on: Date,
        /// First delivery.
        delivered_at: Instant,
        /// Its civil date.
        delivered_on: Date,
        /// The same, but the end of the day when the dump holds days only.
        delivered_until: Instant,
        /// Return to the sender.
        returned_at: Instant,
        /// More than a registration or a cancellation was seen.
        moved: Flag,
        /// Number of events that count.
        events: Int,
        /// Day of the last event that counts.
        last_on: Date,
        /// Last day the carrier's dumps cover.
        covered_until: Date,
        /// The order's row.
        order_row: Row,
        /// The event that decided.
        outcome_row: Row,
        /// The handover.
        lodged_row: Row,
        /// The delivery.
        delivered_row: Row,
        /// The return.
        returned_row: Row,
    }
}

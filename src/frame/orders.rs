//! One row per order as the marketplace exported it.

use super::column::frame;

frame! {
    orders, sorted by [order_key] {
        /// The account's name.
        account: Word,
        /// `account/order_no`, the key.
        order_key: Text,
        /// Order number as the marketplace writes it.
        order_no: Text,
        /// ISO 4217 code of every amount of the row.
        currency: Word,
        /// Status as written.
        status_raw: Word,
        /// Canonical status ([`crate::vocab::OrderStatus`]).
        status: Word,
        /// When the order was created.
        created_at: Instant,
        /// Civil date of `created_at` in the account's zone.
        created_on: Date,
        /// When the buyer paid.
        paid_at: Instant,
        /// Civil date of `paid_at`.
        paid_on: Date,
        /// When the order entered *blocked*.
        blocked_at: Instant,
        /// When the order entered *new* (passed open).
        opened_at: Instant,
        /// When the merchant confirmed the order: it entered the first status beyond *new*.
        confirmed_at: Instant,
        /// When the label of the own delivery service was asked for.
        label_requested_at: Instant,
        /// When the order was marked shipped.
        shipped_at: Instant,
        /// Civil date of `shipped_at`.
        shipped_on: Date,
        /// Delivery as the marketplace holds it.
        delivered_at: Instant,
        /// Civil date of `delivered_at`.
        delivered_on: Date,
        /// When *delivered* was set in the marketplace, where the export says so.
        delivered_set_at: Instant,
        /// First delivery attempt.
        first_attempt_at: Instant,
        /// Its civil date.
        first_attempt_on: Date,
        /// When the order was marked returned.
        returned_at: Instant,
        /// Civil date of `returned_at`.
        returned_on: Date,
        /// When the whole order was cancelled.
        cancelled_at: Instant,
        /// Civil date of `cancelled_at`.
        cancelled_on: Date,
        /// Promised dispatch day.
        ship_date: Date,
        /// Promised delivery day.
        delivery_date: Date,
        /// Expected delivery day, after which the order is late.
        expected_delivery_date: Date,
        /// Billing date as the portal shows it.
        billing_date_reported: Date,
        /// Value of the goods as ordered, VAT included (rulebook §15.11).
        goods_amount: Money,
        /// Postage, VAT included; free delivery is an explicit 0.
        delivery_price: Money,
        /// Fee for cash on delivery.
        cod_fee: Money,
        /// Cash to collect on delivery.
        cod_amount: Money,
        /// Discount granted by the marketplace.
        discount: Money,
        /// Commission rate of the whole order.
        commission_ppm: Ppm,
        /// How the buyer pays ([`crate::vocab::Payment`]).
        payment: Word,
        /// A test order.
        test: Flag,
        /// Sent by the marketplace's own delivery service.
        own_delivery: Flag,
        /// The export calls it confirmed, whatever its status.
        confirmed: Flag,
        /// Size class ([`crate::vocab::BoxSize`]).
        box_size: Word,
        /// The parcel waits to be collected by the merchant.
        ready_to_return: Flag,
        /// Who cancelled ([`crate::vocab::Actor`]).
        cancel_actor: Word,
        /// Product type.
        product_type: Text,
        /// Shipping method the buyer chose, by its canonical name.
        shipping_method: Word,
        /// Carrier as the order names it, by its pack's name where known.
        carrier: Word,
        /// Tracking number as written.
        tracking_number_raw: Text,
        /// Tracking number as carriers compare it.
        tracking_number: Text,
        /// Another number of the same parcel, as written.
        tracking_number_alias: Text,
        /// Tracking URL as written.
        tracking_url: Text,
        /// Address line.
        addr_line: Text,
        /// Number of the sale that this order is a part of, as payout lines may name it.
        parent_order_no: Text,
        /// Number of the order that replaces this cancelled one.
        replaced_by: Text,
        /// Order number of another system.
        external_ref: Text,
        /// Internal reference of the merchant.
        internal_ref: Text,
        /// Where the row was read.
        row: Row,
    }
}

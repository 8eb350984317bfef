//! One row per order line.

use super::column::frame;

frame! {
    order_lines, sorted by [order_key, row] {
        /// The account's name.
        account: Word,
        /// `account/order_no`.
        order_key: Text,
        /// Order number as written.
        order_no: Text,
        /// Currency of the price.
        currency: Word,
        /// Article of the merchant.
        sku: Text,
        /// Title.
        title: Text,
        /// Pieces ordered.
        qty: Int,
        /// Pieces cancelled.
        qty_cancelled: Int,
        /// Price of one piece, VAT included.
        unit_price_gross: Money,
        /// VAT rate.
        vat_ppm: Ppm,
        /// Commission rate.
        commission_ppm: Ppm,
        /// When the pieces were cancelled.
        cancelled_at: Instant,
        /// Civil date of `cancelled_at`.
        cancelled_on: Date,
        /// Number of the return document.
        return_no: Text,
        /// Where the row was read.
        row: Row,
    }
}

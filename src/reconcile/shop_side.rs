//! What the shop system or channel integrator says of orders.

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::{read, shop_orders};
use crate::reconcile::keys::Spans;
use crate::vocab::{OrderStatus, Word};

/// The shop system's rows by order.
pub struct ShopSide<'run> {
    spans: Spans,
    /// Status as written.
    pub raw: read::Texts<'run>,
    /// Canonical status.
    pub status: read::Texts<'run>,
    /// Reference that links a supplier order.
    pub refs: read::Texts<'run>,
    /// Day of the delivery.
    pub delivered_on: read::Days<'run>,
    /// Where the rows were read.
    pub rows: read::References<'run>,
}

impl<'run> ShopSide<'run> {
    /// Reads the rows beside the keys of the orders.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(orders: &read::Texts<'_>, shops: &'run DataFrame) -> PolarsResult<ShopSide<'run>> {
        Ok(ShopSide {
            spans: Spans::of(orders, &read::texts(shops, shop_orders::order_key)?),
            raw: read::texts(shops, shop_orders::shop_status_raw)?,
            status: read::texts(shops, shop_orders::shop_status)?,
            refs: read::texts(shops, shop_orders::internal_ref)?,
            delivered_on: read::days(shops, shop_orders::shop_delivered_on)?,
            rows: read::references(shops, shop_orders::row)?,
        })
    }

    /// The row of an order: the last one of its key.
    pub fn row(&self, order: usize) -> Option<usize> {
        self.spans.rows(order).last()
    }

    /// The row has a status that is a canonical one.
    pub fn is_known(&self, place: usize) -> bool {
        self.status.at(place) != OrderStatus::Unknown.text()
    }

    /// The row has a status without a counterpart.
    pub fn has_no_counterpart(&self, place: usize) -> bool {
        !self.is_known(place) && !self.raw.at(place).is_empty()
    }
}

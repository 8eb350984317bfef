//! Rows of a supplier and of its connector.

use crate::sample::cell::{Record, Value};
use crate::sample::merchant::{Dropship, Merchant};
use crate::sample::order::{Order, Sent, SupplierOrder};
use crate::sample::world::World;
use crate::vocab::OrderStatus;

/// A channel order as the connector holds it.
pub struct ChannelRow<'a>(&'a Order);

/// Channel orders of an account that a supplier sends.
pub fn channel_rows(world: &World, account: usize) -> impl Iterator<Item = ChannelRow<'_>> {
    world
        .orders
        .iter()
        .filter(move |order| order.account == account && order.sent == Sent::Supplier && order.created < world.end)
        .map(ChannelRow)
}

impl Record for ChannelRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "order_no" | "internal_ref" => Value::text(&self.0.number),
            "addr_line" => Value::text(&self.0.address),
            _ => Value::Empty,
        }
    }
}

/// An order at the supplier.
pub struct SupplierRow<'a> {
    merchant: &'a Merchant,
    dropship: &'a Dropship,
    order: &'a Order,
    supplier_order: &'a SupplierOrder,
    status: &'static str,
}

/// Orders at the supplier whose account this is.
pub fn supplier_rows<'a>(world: &'a World, account: &'a str) -> impl Iterator<Item = SupplierRow<'a>> {
    world.orders.iter().filter(|order| order.created < world.end).flat_map(move |order| {
        let dropship = world.account_of(order).plan.dropship.as_ref().filter(|dropship| dropship.account == account);
        let orders = if dropship.is_some() { order.supplier.as_slice() } else { &[] };
        orders.iter().filter(|supplier_order| supplier_order.created < world.end).filter_map(move |supplier_order| {
            let status = supplier_order.status.unwrap_or_else(|| follow(world.status(order)));
            Some(SupplierRow { merchant: &world.merchant, dropship: dropship?, order, supplier_order, status })
        })
    })
}

fn follow(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Delivered => "delivered",
        OrderStatus::Shipped => "shipped",
        _ => "processing",
    }
}

impl SupplierRow<'_> {
    fn articles(&self) -> String {
        let skus = self.supplier_order.lines.iter().map(|line| {
            let article = self.order.lines[*line].article;
            self.merchant.articles[article].sku.as_str()
        });
        skus.collect::<Vec<&str>>().join(", ")
    }

    fn total(&self) -> i64 {
        let lines = self.supplier_order.lines.iter().map(|line| &self.order.lines[*line]);
        lines.map(|line| line.price * line.qty).sum::<i64>() * self.dropship.cost_percent / 100
    }
}

impl Record for SupplierRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        let sent = self.status == "shipped" || self.status == "delivered";
        match field {
            "supplier_order_no" => Value::owned(self.supplier_order.number.to_string()),
            "internal_ref" => Value::text(&self.order.number),
            "created_at" => Value::At(self.supplier_order.created),
            "status_raw" => Value::word("supplier_status", self.status),
            "origin" => Value::word("origin", self.supplier_order.origin),
            "sku_set" => Value::owned(self.articles()),
            "total" => Value::Money(self.total()),
            "pending_reason_raw" => {
                self.supplier_order.reason.map_or(Value::Empty, |reason| Value::word("pending_reason", reason))
            }
            "addr_line" => Value::text(&self.order.address),
            "tracking_number_raw" if sent => Value::text(&self.order.tracking),
            _ => Value::Empty,
        }
    }
}

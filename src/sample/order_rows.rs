//! Rows of an order export: one per line of an order, or one per order.

use chrono::{Days, NaiveDateTime};

use crate::pipeline::written::layout::Layout;
use crate::sample::cell::{Record, Value};
use crate::sample::merchant::{AccountPlan, Way};
use crate::sample::order::{Flaw, Line, Order, Sent};
use crate::sample::payer::Payer;
use crate::sample::world::World;
use crate::vocab::{OrderStatus, Word};

/// Fields that a short row still has.
const SHORT: usize = 6;

/// One row.
pub struct OrderRow<'a> {
    world: &'a World,
    account: &'a AccountPlan,
    payer: Option<&'a Payer>,
    order: &'a Order,
    line: &'a Line,
    end: NaiveDateTime,
    contradicts: bool,
}

/// All rows of an account's orders as they stood at `end`.
pub fn order_rows<'a>(
    world: &'a World,
    account: usize,
    layout: &Layout,
    end: NaiveDateTime,
    chosen: impl Fn(&Order) -> bool + 'a,
) -> impl Iterator<Item = OrderRow<'a>> {
    let per_line = layout.lines;
    let plan = &world.accounts[account];
    world.orders.iter().filter(move |order| order.account == account && order.created < end && chosen(order)).flat_map(
        move |order| {
            let lines = if per_line { order.lines.len() } else { 1 };
            let row = move |line, contradicts| OrderRow {
                world,
                account: &plan.plan,
                payer: plan.payer.as_ref(),
                order,
                line,
                end,
                contradicts,
            };
            let again = (order.flaw == Some(Flaw::Conflict)).then(|| row(&order.lines[0], true));
            order.lines[..lines].iter().map(move |line| row(line, false)).chain(again)
        },
    )
}

impl<'a> OrderRow<'a> {
    fn status(&self) -> &'a str {
        match self.order.word {
            Some(word) => word,
            None => self.order.status(self.end, self.account.in_work).text(),
        }
    }

    fn flawed(&self, field: &str) -> Option<Value<'a>> {
        match (self.order.flaw?, field) {
            (Flaw::BadDate, "created_at") => Some(Value::text("31.11.2026 09:15")),
            (Flaw::BadMoney, "unit_price_gross") => Some(Value::text("dle dohody")),
            (Flaw::NoPostage, "delivery_price") => Some(Value::Empty),
            (Flaw::RoundedNumber, "order_no") => Some(Value::owned(self.order.rounded_number())),
            (Flaw::UnknownWord, "status_raw") => Some(Value::text("Čeká na zázrak")),
            _ => None,
        }
    }

    fn method(&self) -> &'a str {
        let name = match self.order.sent {
            Sent::Method(place) => self.account.methods.get(place).map(|method| method.name.as_str()),
            Sent::OwnService => self.account.own_service.as_ref().map(|service| service.method.as_str()),
            Sent::Supplier => self.account.dropship.as_ref().map(|way| way.method.as_str()),
        };
        name.unwrap_or_default()
    }

    fn labelled(&self) -> bool {
        self.order.labelled.is_some_and(|time| time < self.end)
    }

    fn order_cell(&self, field: &str) -> Option<Value<'a>> {
        let (order, end) = (self.order, self.end);
        let delivered = order.delivered_set.is_some_and(|set| set < end);
        let cancelled = order.cancelled.is_some_and(|time| time < end);
        Some(match field {
            "order_no" => Value::text(&order.number),
            "status_raw" => Value::word("order_status", self.status()),
            "created_at" => Value::At(order.created),
            "paid_at" => Value::seen(Some(order.paid), end),
            "blocked_at" if order.way == Way::Invoices => Value::At(order.created),
            "opened_at" => Value::seen(order.opened, end),
            "confirmed" => Value::Flag(true),
            "shipped_at" => Value::seen(order.shipped, end),
            "delivered_at" if delivered => Value::seen(order.delivered, end),
            "delivered_set_at" => Value::seen(order.delivered_set, end),
            "first_attempt_at" if delivered => Value::seen(order.delivered, end),
            "returned_at" => Value::seen(order.returned, end),
            "cancelled_at" => Value::seen(order.cancelled, end),
            "cancel_actor" if cancelled => Value::word("actor", order.cancel_actor.text()),
            "ship_date" => Value::Day(order.created.date() + Days::new(4)),
            "delivery_date" => Value::Day(order.expected),
            "expected_delivery_date" if self.contradicts => Value::Day(order.expected + Days::new(2)),
            "expected_delivery_date" => Value::Day(order.expected),
            "billing_date_reported" if delivered => self.billing(),
            "goods_amount" => Value::Money(order.goods()),
            "delivery_price" => Value::Money(order.postage),
            "cod_fee" => Value::Money(order.cod_fee),
            "cod_amount" => Value::Money(order.cod_amount()),
            "discount" => Value::Money(0),
            "payment" => Value::word("payment", if order.cod { "cod" } else { "prepaid" }),
            "test" => Value::Flag(order.test),
            "own_delivery" => Value::Flag(order.sent == Sent::OwnService),
            "ready_to_return" => Value::Flag(false),
            "box_size" => Value::word("box_size", if order.small { "smallbox" } else { "bigbox" }),
            "product_type" => Value::text("zboží"),
            "shipping_method" => Value::word("shipping_method", self.method()),
            "carrier" if self.labelled() => Value::word("carrier", &self.world.merchant.carriers[order.carrier].name),
            "tracking_number_raw" if self.labelled() => Value::text(&order.tracking),
            "tracking_url" if self.labelled() => Value::text(&order.url),
            _ => return None,
        })
    }

    fn billing(&self) -> Value<'a> {
        match (self.payer, self.order.delivered_set) {
            (Some(payer), Some(set)) => Value::Day(payer.billing(set.date())),
            _ => Value::Empty,
        }
    }

    fn line_cell(&self, field: &str) -> Value<'a> {
        let article = &self.world.merchant.articles[self.line.article];
        let cancelled = self.line.cancelled.is_some_and(|time| time < self.end);
        match field {
            "sku" => Value::text(&article.sku),
            "title" => Value::text(&article.title),
            "qty" => Value::Int(self.line.qty),
            "qty_cancelled" => Value::Int(if cancelled { self.line.qty_cancelled } else { 0 }),
            "line_cancelled_at" => Value::seen(self.line.cancelled, self.end),
            "unit_price_gross" => Value::Money(self.line.price),
            "vat_ppm" => Value::Ppm(self.account.vat_ppm),
            "commission_ppm" => Value::Ppm(self.account.commission_ppm),
            _ => Value::Empty,
        }
    }
}

impl Record for OrderRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        self.flawed(field).or_else(|| self.order_cell(field)).unwrap_or_else(|| self.line_cell(field))
    }

    fn cut(&self) -> Option<usize> {
        (self.order.flaw == Some(Flaw::ShortRow)).then_some(SHORT)
    }
}

/// A row of the shop system.
pub struct ShopRow<'a> {
    order: &'a Order,
    reference: String,
    status: &'static str,
    delivered: Option<chrono::NaiveDate>,
}

/// Rows of the shop system, which takes orders over once they are open.
pub fn shop_rows(world: &World, account: usize) -> impl Iterator<Item = ShopRow<'_>> {
    let orders = world.orders.iter().filter(move |order| order.account == account);
    orders.enumerate().filter_map(|(place, order)| shop_row(world, order, place)).flat_map(|(row, twice)| {
        let again = twice.then(|| ShopRow { reference: row.reference.clone(), ..row });
        std::iter::once(row).chain(again)
    })
}

fn shop_row<'a>(world: &'a World, order: &'a Order, place: usize) -> Option<(ShopRow<'a>, bool)> {
    use crate::sample::order::Shop;
    let opened = order.opened.is_some_and(|opened| opened < world.end);
    let status = world.status(order);
    let (status, delivered) = match order.shop {
        Shop::Absent => return None,
        _ if !opened => return None,
        Shop::Other(word, delivered) => (word, delivered),
        Shop::Unreadable => ("čeká na zázrak", None),
        Shop::Same => match status {
            OrderStatus::Delivered => ("delivered", order.delivered.map(|delivered| delivered.date())),
            OrderStatus::Returned => ("shipped", None),
            other => (other.text(), None),
        },
    };
    Some((ShopRow { order, reference: format!("FC26{:06}", place + 1), status, delivered }, order.shop_twice))
}

impl Record for ShopRow<'_> {
    fn cell(&self, field: &str) -> Value<'_> {
        match field {
            "order_no" => Value::text(&self.order.number),
            "internal_ref" => Value::text(&self.reference),
            "shop_status_raw" => Value::word("order_status", self.status),
            "shop_delivered_on" => self.delivered.map_or(Value::Empty, Value::Day),
            _ => Value::Empty,
        }
    }
}

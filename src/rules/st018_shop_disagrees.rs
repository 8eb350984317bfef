//! ST-018 The shop system and the marketplace say different things.

use polars::prelude::{Expr, NULL, lit, when};

use crate::frame::order_facts as f;
use crate::rules::rule::{Severities, declare_rule};
use crate::vocab::{OrderStatus, Severity};

/// The shop says delivered or cancelled: the states that cost money when the marketplace does not know them.
fn shop_is_final() -> Expr {
    f::shop_status.is_any(&[OrderStatus::Delivered, OrderStatus::Cancelled])
}

declare_rule! {
    /// The shop system and the marketplace say different things.
    ///
    /// ## Why it matters
    /// The connection failed, and one side works on the wrong state: at worst a delivery that is never billed, or a cancellation that the
    /// marketplace never saw (S2). *Shipped* in the shop beside *returned* is legal: the shop has no returned state.
    ///
    /// ## What to do
    /// Report it to Operations at once.
    ///
    /// ## Example
    /// ```text given order_facts
    /// order_no | status    | shop_known | shop_status | expected_net | no_counterpart | test
    /// 1        | shipped   | yes        | delivered   | 131996       | no             | no
    /// 2        | new       | yes        | packing     | 131996       | no             | no
    /// 3        | returned  | yes        | shipped     | 131996       | no             | no
    /// 4        | delivered | yes        | delivered   | 131996       | no             | no
    /// 5        | shipped   | no         | unknown     | 131996       | no             | no
    /// 6        | packing   | yes        | cancelled   | 131996       | no             | no
    /// 7        | shipped   | yes        | delivered   | 131996       | no             | yes
    /// 8        | unknown   | yes        | delivered   | 131996       | yes            | no
    /// ```
    /// ```text finds
    /// 1
    /// 2
    /// 6
    /// ```
    "ST-018" "shop-disagrees" version 1 {
        severity: |_| Severities { when: vec![(shop_is_final(), Severity::High)], otherwise: Severity::Low },
        subject: Order,
        remedy: ReportWrongState,
        needs: [],
        when: |ctx| [
            "the shop has a status" => f::shop_known.set(),
            "is not a test" => f::test.not_set(),
            "the marketplace has a known status" => f::no_counterpart.not_set(),
            "they differ" => f::shop_status.expr().neq(f::status.expr()),
            "is not a parcel that came back" => f::status.is(OrderStatus::Returned).and(f::shop_status.is(OrderStatus::Shipped)).not(),
        ],
        money: |_| Some(when(shop_is_final()).then(f::expected_net.expr()).otherwise(lit(NULL))),
        due: |_| None,
        evidence: [f::status_raw, f::shop_status_raw, f::shop_delivered_on, f::expected_net],
    }
}

//! BB-002 The address line is longer than the supplier takes.

use polars::prelude::lit;

use crate::frame::supplier_facts as f;
use crate::rules::rule::declare_rule;
use crate::vocab::{Severity, SupplierStatus};

declare_rule! {
    /// The address line is longer than the supplier takes.
    ///
    /// ## Why it matters
    /// Seventy characters pass, seventy-one do not (S4, X24); the order waits until the address is shorter, or is lost on its way.
    ///
    /// ## What to do
    /// Shorten the address, save, resubmit.
    ///
    /// ## Example
    /// ```text given supplier_facts
    /// supplier_order_no | status             | addr_chars | sale_value
    /// 1                 | pending_validation | 71         | 5000
    /// 2                 | pending_validation | 70         | 5000
    /// 3                 | shipped            | 71         | 5000
    /// ```
    /// ```text finds
    /// 1
    /// ```
    "BB-002" "address-too-long" version 1 {
        severity: |_| Severity::High.into(),
        subject: SupplierSale,
        remedy: ShortenAddress,
        needs: [Supplier],
        when: |ctx| [
            "is not on its way yet" => f::status.is_any(&[SupplierStatus::PendingValidation, SupplierStatus::Processing, SupplierStatus::Unknown]),
            "the address is too long" => f::addr_chars.number().gt(lit(ctx.policy.entry.address_limit.unwrap_or(i64::MAX))),
        ],
        money: |_| Some(f::sale_value.expr()),
        due: |ctx| Some(ctx.at_once()),
        evidence: [f::supplier_order_no, f::addr_chars, f::sale_value],
    }
}

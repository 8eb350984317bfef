//! Tracking rate, scan-verified: the tracking rate of orders whose parcel a carrier really saw. A measure of ours; no marketplace
//! sets a target for it.

use crate::metrics::metric::Metric;
use crate::metrics::tracking_rate::judge;
use crate::vocab::{Kind, MonthBasis};

/// The metric.
pub static METRIC: Metric = Metric {
    name: "tracking_rate_scanned",
    defined_by: "tracking_rate",
    needs: &[Kind::Orders, Kind::TrackingEvents],
    basis: Some(MonthBasis::Shipped),
    judge: |order, policy| judge(order, policy, order.data_valid(policy) && order.scanned),
    is_said: |_| true,
};

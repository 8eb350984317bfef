//! The orders that fail the tracking rate: what the marketplace's portal offers per month as a report (S3).

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::tracking_errors as f;
use crate::metrics::metric::{OneOrder, OrderSide, Verdict};
use crate::metrics::tracking_rate;
use crate::metrics::window::month_start;
use crate::pipeline::Pipeline;
use crate::pipeline::policy::Policy;
use crate::reconcile::shipments::is_legal_number;
use crate::vocab::Word;

/// The list, for accounts whose policy sets a tracking target.
///
/// # Errors
/// A bug of ours.
pub fn tracking_errors(orders: &OrderSide, pipeline: &Pipeline) -> PolarsResult<DataFrame> {
    let mut policies = Policies::new(pipeline);
    let mut failing: Vec<(&OneOrder, Option<i32>)> = Vec::new();
    for order in &orders.orders {
        let Some(day) = order.shipped_on.or(order.created_on) else { continue };
        let Some(policy) = policies.of(order.account, day) else { continue };
        let is_measured = policy.entry.target.contains_key(tracking_rate::METRIC.name);
        if is_measured && (tracking_rate::METRIC.judge)(order, policy).0 == Verdict::CountsNot {
            failing.push((order, date_of(day).map(|day| day_number(month_start(day)))));
        }
    }
    let mut built = FrameBuilder::new(&f::FRAME, failing.len());
    built
        .texts(f::account, failing.iter().map(|(order, _)| order.account))
        .days(f::month, failing.iter().map(|(_, month)| *month))
        .texts(f::order_no, failing.iter().map(|(order, _)| order.order_no))
        .texts(f::order_key, failing.iter().map(|(order, _)| order.order_key))
        .texts(f::status, failing.iter().map(|(order, _)| order.status.text()))
        .texts(f::carrier, failing.iter().map(|(order, _)| order.carrier))
        .texts(f::tracking_number_raw, failing.iter().map(|(order, _)| order.number_raw))
        .texts(f::tracking_url, failing.iter().map(|(order, _)| order.url))
        .texts(f::reason, failing.iter().map(|(order, _)| reason(order)))
        .references(f::order_row, failing.iter().map(|(order, _)| order.row));
    built.finish()
}

/// Policies, each resolved once per account and day.
struct Policies<'run> {
    pipeline: &'run Pipeline,
    known: Map<(&'run str, i32), Policy>,
}

impl<'run> Policies<'run> {
    fn new(pipeline: &'run Pipeline) -> Policies<'run> {
        Policies { pipeline, known: Map::default() }
    }

    fn of(&mut self, account: &str, day: i32) -> Option<&Policy> {
        let account = self.pipeline.account(account)?;
        let date = date_of(day)?;
        Some(self.known.entry((&account.name, day)).or_insert_with(|| account.policy(date)))
    }
}

fn reason(order: &OneOrder) -> &'static str {
    match (order.number_raw.is_empty(), order.url.is_empty()) {
        (true, true) => "missing_both",
        (true, false) => "missing_number",
        (false, true) => "missing_url",
        (false, false) if !is_legal_number(order.number_raw) => "invalid_number",
        (false, false) => "invalid_url",
    }
}

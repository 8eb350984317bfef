//! Metrics over the orders of each account, window by window.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::{metric_facts as f, metric_orders as m};
use crate::ingest::Ingested;
use crate::metrics::metric::{Metric, OneOrder, OrderSide, Verdict};
use crate::metrics::refused::{Refused, RefusedOwners, RefusedRows, certainly_meets};
use crate::metrics::target::distance;
use crate::metrics::window::{Range, windows};
use crate::pipeline::policy::Target;
use crate::pipeline::{Account, Pipeline};
use crate::vocab::{Kind, Word};

/// Numerator, denominator and exclusions of one window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Count {
    numerator: i64,
    denominator: i64,
    excluded: BTreeMap<&'static str, i64>,
}

impl Count {
    fn take(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Counts => {
                self.numerator += 1;
                self.denominator += 1;
            }
            Verdict::CountsNot => self.denominator += 1,
            Verdict::Excluded(reason) => *self.excluded.entry(reason).or_default() += 1,
            Verdict::Outside => {}
        }
    }
}

/// One row of the metric facts.
struct Row<'run> {
    account: &'run Account,
    metric: &'static str,
    range: Range,
    computable: bool,
    count: Count,
    refused: Refused,
    target: Option<(Target, Option<NaiveDate>)>,
    /// Orders that count against the target.
    against: Vec<&'run OneOrder<'run>>,
}

impl Row<'_> {
    /// The target is met, or missed; `None` where the refused rows decide, or nothing does.
    fn met(&self) -> Option<bool> {
        let (target, _) = self.target.filter(|_| self.computable)?;
        certainly_meets(target, self.count.numerator, self.count.denominator, self.refused)
    }

    fn is_open(&self) -> bool {
        self.computable && self.target.is_some() && self.refused != Refused::default() && self.met().is_none()
    }
}

/// The metric facts of all accounts whose policy defines the metric, and the orders that count against their targets.
///
/// # Errors
/// A bug of ours.
pub fn metric_facts(
    metrics: &[&Metric],
    orders: &OrderSide,
    pipeline: &Pipeline,
    as_of: AsOf,
    refused: (&Ingested, &RefusedOwners),
) -> PolarsResult<(DataFrame, DataFrame)> {
    let mut rows = Vec::new();
    let mut of_accounts: Map<&str, Vec<&OneOrder>> = Map::default();
    for order in &orders.orders {
        of_accounts.entry(order.account).or_default().push(order);
    }
    let served = served(pipeline, refused.0);
    for account in &pipeline.accounts {
        let own = of_accounts.get(account.name.as_str()).map_or(&[][..], Vec::as_slice);
        for metric in metrics {
            rows.extend(measure(metric, account, own, as_of, is_computable(metric, account, &served), refused));
        }
    }
    let mut facts = FrameBuilder::new(&f::FRAME, rows.len());
    facts
        .texts(f::account, rows.iter().map(|row| &row.account.name))
        .texts(f::marketplace, rows.iter().map(|row| &row.account.marketplace))
        .texts(f::metric, rows.iter().map(|row| row.metric))
        .texts(f::window, rows.iter().map(|row| row.range.window.text()))
        .days(f::from, rows.iter().map(|row| Some(day_number(row.range.from))))
        .days(f::to, rows.iter().map(|row| Some(day_number(row.range.to))))
        .flags(f::computable, rows.iter().map(|row| row.computable))
        .numbers(f::numerator, rows.iter().map(|row| Some(row.count.numerator)))
        .numbers(f::denominator, rows.iter().map(|row| Some(row.count.denominator)))
        .texts(f::excluded, rows.iter().map(|row| serde_json::to_string(&row.count.excluded).unwrap_or_default()))
        .numbers(f::target_num, rows.iter().map(|row| row.target.map(|(target, _)| target.num)))
        .numbers(f::target_den, rows.iter().map(|row| row.target.map(|(target, _)| target.den)))
        .flags(f::at_least, rows.iter().map(|row| row.target.is_some_and(|(target, _)| target.at_least)))
        .flags(f::strict, rows.iter().map(|row| row.target.is_some_and(|(target, _)| target.strict)))
        .days(f::target_from, rows.iter().map(|row| row.target.and_then(|(_, from)| from).map(day_number)))
        .maybe_flags(f::met, rows.iter().map(Row::met))
        .flags(f::open, rows.iter().map(Row::is_open))
        .numbers(f::quarantined, rows.iter().map(|row| Some(row.refused.orders + row.refused.scans)))
        .numbers(
            f::distance,
            rows.iter()
                .map(|row| row.target.map(|(target, _)| distance(target, row.count.numerator, row.count.denominator))),
        )
        .numbers(f::against, rows.iter().map(|row| i64::try_from(row.against.len()).ok()))
        .flags(f::closed, rows.iter().map(|row| row.range.is_closed(as_of.0)));
    Ok((facts.finish()?, orders_against(&rows)?))
}

/// One row per order that counts against a target.
fn orders_against(rows: &[Row<'_>]) -> PolarsResult<DataFrame> {
    let all = || rows.iter().flat_map(|row| row.against.iter().map(move |order| (row, *order)));
    let mut built = FrameBuilder::new(&m::FRAME, all().count());
    built
        .texts(m::account, all().map(|(row, _)| &row.account.name))
        .texts(m::metric, all().map(|(row, _)| row.metric))
        .texts(m::window, all().map(|(row, _)| row.range.window.text()))
        .days(m::from, all().map(|(row, _)| Some(day_number(row.range.from))))
        .texts(m::order_no, all().map(|(_, order)| order.order_no))
        .texts(m::status_raw, all().map(|(_, order)| order.status_raw))
        .references(m::order_row, all().map(|(_, order)| order.row));
    built.finish()
}

/// Kinds that have a source, by account, or for all where there is none; and whether none of these sources was left out.
type Served<'run> = BTreeMap<(Kind, Option<&'run str>), bool>;

fn served<'run>(pipeline: &'run Pipeline, ingested: &Ingested) -> Served<'run> {
    let mut served = Served::default();
    for source in &pipeline.sources {
        let is_whole = served.entry((source.kind, source.account.as_deref())).or_insert(true);
        *is_whole &= !ingested.left_out.contains(&source.name);
    }
    served
}

/// Every kind that the metric needs has a source for the account, and none of them was left out.
fn is_computable(metric: &Metric, account: &Account, served: &Served<'_>) -> bool {
    metric.needs.iter().all(|kind| {
        let of_account = [Some(account.name.as_str()), None].map(|owner| served.get(&(*kind, owner)));
        of_account.iter().any(Option::is_some) && of_account.into_iter().flatten().all(|is_whole| *is_whole)
    })
}

fn measure<'run>(
    metric: &Metric,
    account: &'run Account,
    orders: &[&'run OneOrder<'run>],
    as_of: AsOf,
    computable: bool,
    refused: (&Ingested, &RefusedOwners),
) -> Vec<Row<'run>> {
    let today = account.policy(as_of.0);
    if !today.entry.target.contains_key(metric.defined_by) {
        return Vec::new();
    }
    let basis = today.entry.month_basis.get(metric.name).copied().or(metric.basis);
    let refused = RefusedRows::of(metric, basis, account, orders, refused);
    let judged: Vec<(&OneOrder, Verdict, NaiveDate)> = orders
        .iter()
        .filter_map(|order| {
            let (verdict, day) = (metric.judge)(order, &today);
            let basis = today.entry.month_basis.get(metric.name);
            Some((*order, verdict, date_of(basis.map_or(day, |basis| order.day(*basis))?)?))
        })
        .filter(|(_, verdict, _)| *verdict != Verdict::Outside)
        .collect();
    let lag = today.entry.week_window_lag_days.unwrap_or(0);
    windows(judged.iter().map(|(.., day)| *day), as_of.0, lag)
        .into_iter()
        .map(|range| {
            let mut count = Count::default();
            let within = || judged.iter().filter(|(.., day)| range.holds(*day));
            for (_, verdict, _) in within() {
                count.take(*verdict);
            }
            let policy = account.policy(range.to.min(as_of.0));
            let target = policy
                .entry
                .target
                .get(metric.name)
                .map(|target| (*target, policy.target_from.get(metric.name).copied()));
            let against = match target {
                Some((target, _)) if target.at_least => Some(Verdict::CountsNot),
                Some(_) => Some(Verdict::Counts),
                None => None,
            };
            let against = within().filter(|(_, verdict, _)| Some(*verdict) == against).map(|(order, ..)| *order);
            let against = against.collect();
            let unsaid = |(order, verdict, _): &&(&OneOrder, Verdict, NaiveDate)| {
                *verdict == Verdict::Counts && !(metric.is_said)(order)
            };
            let unsaid = within().filter(unsaid).count() as i64;
            let refused = Refused { unsaid, ..refused.within(&range) };
            Row { account, metric: metric.name, range, computable, count, refused, target, against }
        })
        .collect()
}

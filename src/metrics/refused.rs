//! Refused rows beside a rate: what stands in quarantine may belong to it, and nobody knows on which side. A target is met only if it
//! would be met whichever way those rows fell.

use crate::base::map::Set;
use crate::base::zone::day_number;
use crate::frame::lineage::part_of;
use crate::ingest::{Ingested, QuarantinedRow};
use crate::metrics::metric::{Metric, OneOrder, meets};
use crate::metrics::window::Range;
use crate::pipeline::Account;
use crate::pipeline::policy::Target;
use crate::vocab::{Kind, MonthBasis};

/// The refused rows of an account that a metric may lack.
pub struct RefusedRows {
    /// For each order that no sound row holds, the day of its creation where it can be read.
    orders: Vec<Option<i32>>,
    /// Rows of carriers, each of which may change what one order is to the metric.
    scans: i64,
    /// The day of creation decides the window.
    by_creation: bool,
}

/// How many refused rows may belong to a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// Orders.
    pub orders: i64,
    /// Rows of carriers.
    pub scans: i64,
}

impl RefusedRows {
    /// The rows that `metric` may lack of the account whose sound orders are `own`.
    pub fn of(
        metric: &Metric,
        basis: Option<MonthBasis>,
        account: &Account,
        own: &[&OneOrder],
        ingested: &Ingested,
    ) -> RefusedRows {
        let of_kind = |kind: Kind| {
            let refused = ingested.quarantine.iter().filter(move |row| kind_of(row, ingested) == Some(kind));
            refused.filter(move |row| row.account == account.name || row.account.is_empty() && kind != Kind::Orders)
        };
        let mut held: Set<&str> = own.iter().map(|order| order.order_no).collect();
        let mut orders = Vec::new();
        for row in of_kind(Kind::Orders) {
            // An order that another row holds soundly is counted; one without a number may be any.
            if row.order_no.is_empty() || held.insert(&row.order_no) {
                orders.push(row.created_on);
            }
        }
        let scans =
            if metric.needs.contains(&Kind::TrackingEvents) { of_kind(Kind::TrackingEvents).count() } else { 0 };
        RefusedRows { orders, scans: scans as i64, by_creation: basis == Some(MonthBasis::Created) }
    }

    /// Those that may belong to a window: an order reaches no state before its creation.
    pub fn within(&self, range: &Range) -> Refused {
        let may_belong = |created: &&Option<i32>| {
            created
                .is_none_or(|day| day <= day_number(range.to) && (!self.by_creation || day_number(range.from) <= day))
        };
        Refused { orders: self.orders.iter().filter(may_belong).count() as i64, scans: self.scans }
    }
}

fn kind_of(row: &QuarantinedRow, ingested: &Ingested) -> Option<Kind> {
    ingested.parts.0.get(part_of(row.row_ref)).map(|part| part.kind)
}

/// Whether a target is met whichever way the refused rows fall; `None` where that differs, or with no order at all.
pub fn certainly_meets(target: Target, numerator: i64, denominator: i64, refused: Refused) -> Option<bool> {
    let all = denominator + refused.orders;
    let fewest = meets(target, (numerator - refused.scans).max(0), all);
    let most = meets(target, (numerator + refused.orders + refused.scans).min(all), all);
    if fewest == most { fewest } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_LEAST: Target = Target { num: 9, den: 10, at_least: true, strict: false };
    const AT_MOST: Target = Target { num: 15, den: 1000, at_least: false, strict: false };

    #[test]
    fn a_target_is_met_only_whichever_way_the_rows_fall() {
        let one = Refused { orders: 1, scans: 0 };
        assert_eq!(certainly_meets(AT_LEAST, 10, 10, one), Some(true));
        assert_eq!(certainly_meets(AT_LEAST, 9, 10, one), None);
        assert_eq!(certainly_meets(AT_LEAST, 7, 10, one), Some(false));
        assert_eq!(certainly_meets(AT_MOST, 3, 200, one), None);
        assert_eq!(certainly_meets(AT_MOST, 1, 200, one), Some(true));
        assert_eq!(certainly_meets(AT_MOST, 4, 200, one), Some(false));
        assert_eq!(certainly_meets(AT_MOST, 0, 0, Refused::default()), None);
        assert_eq!(certainly_meets(AT_MOST, 0, 0, one), None);
    }

    /// Every way in which the rows may fall, tried.
    #[test]
    fn the_verdict_equals_brute_force() {
        for target in [AT_LEAST, AT_MOST] {
            for (denominator, orders, scans) in [(0, 2, 0), (9, 1, 1), (40, 3, 0), (66, 1, 2), (200, 2, 1)] {
                for numerator in 0..=denominator {
                    let mut ways = Vec::new();
                    for counted in 0..=orders {
                        for turned in -scans..=scans {
                            let found = numerator + counted + turned;
                            if (0..=denominator + orders).contains(&found) {
                                ways.push(meets(target, found, denominator + orders));
                            }
                        }
                    }
                    let same = ways.iter().all(|way| *way == ways[0]).then_some(ways[0]).flatten();
                    let refused = Refused { orders, scans };
                    assert_eq!(
                        certainly_meets(target, numerator, denominator, refused),
                        same,
                        "{numerator}/{denominator}"
                    );
                }
            }
        }
    }
}

//! Refused rows beside a rate: what stands in quarantine may belong to it, and nobody knows on which side. A target is met only if it
//! would be met whichever way those rows fell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Set;
use crate::base::zone::day_number;
use crate::frame::column::Column;
use crate::frame::lineage::part_of;
use crate::frame::{order_facts, read, shipment_facts};
use crate::ingest::{Ingested, QuarantinedRow};
use crate::metrics::metric::{Metric, OneOrder};
use crate::metrics::target::meets;
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

/// Refused rows of sources that serve all accounts, with the accounts to which their parcel, else their order, belongs.
#[derive(Debug, Default)]
pub struct RefusedOwners {
    by_row: BTreeMap<u64, Arc<BTreeSet<String>>>,
}

impl RefusedOwners {
    /// Looks the parcels and orders of refused rows up among those of the facts.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn read(shipments: &DataFrame, orders: &DataFrame, ingested: &Ingested) -> PolarsResult<RefusedOwners> {
        let refused: Vec<&QuarantinedRow> =
            ingested.quarantine.iter().filter(|row| row.of.account.is_empty()).collect();
        let mut owners = RefusedOwners::default();
        if refused.is_empty() {
            return Ok(owners);
        }
        let of_parcels = accounts_of(
            (shipments, shipment_facts::tracking_number, shipment_facts::account),
            refused.iter().map(|row| row.tracking_number()).collect(),
        )?;
        let of_orders = accounts_of(
            (orders, order_facts::order_no, order_facts::account),
            refused.iter().map(|row| row.order_no()).collect(),
        )?;
        for row in refused {
            let known = of_parcels.get(row.tracking_number()).or_else(|| of_orders.get(row.order_no()));
            if let Some(accounts) = known {
                owners.by_row.insert(row.row_ref, Arc::clone(accounts));
            }
        }
        Ok(owners)
    }

    /// Whether a row may be of the account: its own, one that a parcel or an order tells to be of it, or one of which nothing tells.
    fn may_concern(&self, row: &QuarantinedRow, account: &str) -> bool {
        match &*row.of.account {
            "" => self.by_row.get(&row.row_ref).is_none_or(|accounts| accounts.contains(account)),
            name => name == account,
        }
    }
}

/// The accounts of facts by a number, for those numbers that are asked for.
fn accounts_of<'run>(
    (facts, number, account): (&DataFrame, Column, Column),
    asked: BTreeSet<&'run str>,
) -> PolarsResult<BTreeMap<&'run str, Arc<BTreeSet<String>>>> {
    let (numbers, accounts) = (read::texts(facts, number)?, read::texts(facts, account)?);
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in 0..numbers.len() {
        if !accounts.at(row).is_empty()
            && !numbers.at(row).is_empty()
            && let Some(asked) = asked.get(numbers.at(row))
        {
            found.entry(asked).or_default().insert(accounts.at(row).to_owned());
        }
    }
    Ok(found.into_iter().map(|(number, accounts)| (number, Arc::new(accounts))).collect())
}

/// How many refused rows may belong to a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// Orders.
    pub orders: i64,
    /// Rows of carriers.
    pub scans: i64,
    /// Orders that count by an assumption, because their export does not say what decides. They are read, and no refused rows.
    pub unsaid: i64,
}

impl RefusedRows {
    /// The rows that `metric` may lack of the account whose sound orders are `own`.
    pub fn of(
        metric: &Metric,
        basis: Option<MonthBasis>,
        account: &Account,
        own: &[&OneOrder],
        (ingested, owners): (&Ingested, &RefusedOwners),
    ) -> RefusedRows {
        let of_kind = |kind: Kind| {
            let refused = ingested.quarantine.iter().filter(move |row| kind_of(row, ingested) == Some(kind));
            let has_owner = move |row: &&QuarantinedRow| kind != Kind::Orders || !row.of.account.is_empty();
            refused.filter(has_owner).filter(|row| owners.may_concern(row, &account.name))
        };
        let mut held: Set<&str> = own.iter().map(|order| order.order_no).collect();
        let mut orders = Vec::new();
        for row in of_kind(Kind::Orders) {
            // An order that another row holds soundly is counted; one without a number may be any.
            if row.order_no().is_empty() || held.insert(row.order_no()) {
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
        Refused { orders: self.orders.iter().filter(may_belong).count() as i64, scans: self.scans, unsaid: 0 }
    }
}

fn kind_of(row: &QuarantinedRow, ingested: &Ingested) -> Option<Kind> {
    ingested.parts.0.get(part_of(row.row_ref)).map(|part| part.kind)
}

/// Whether a target is met whichever way the refused rows fall; `None` where that differs, or with no order at all.
pub fn certainly_meets(target: Target, numerator: i64, denominator: i64, refused: Refused) -> Option<bool> {
    let all = denominator + refused.orders;
    let fewest = meets(target, (numerator - refused.scans - refused.unsaid).max(0), all);
    let most = meets(target, (numerator + refused.orders + refused.scans).min(all), all);
    if fewest == most { fewest } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;
    use crate::ingest::{PartAtFault, RowAtFault};

    #[test]
    fn a_row_of_a_shared_dump_is_of_the_account_of_its_parcel_else_of_its_order() {
        let (parcels, of_parcels) = (["Z1", "Z2", "Z2", "Z9"], ["one", "one", "two", ""]);
        let shipments = FrameBuilder::new(&shipment_facts::FRAME, 4)
            .texts(shipment_facts::tracking_number, parcels)
            .texts(shipment_facts::account, of_parcels)
            .finish()
            .unwrap();
        let orders = FrameBuilder::new(&order_facts::FRAME, 1)
            .texts(order_facts::order_no, ["77"])
            .texts(order_facts::account, ["two"])
            .finish()
            .unwrap();
        let row = |line, account: &str, number: &str, order: &str| {
            let of = PartAtFault { source: "scans".into(), account: account.into(), ..PartAtFault::default() };
            let row = RowAtFault {
                line,
                tracking_number: number.into(),
                order_no: order.into(),
                reason: "not_a_date",
                ..RowAtFault::default()
            };
            QuarantinedRow::made(0, of, row, None)
        };
        let rows = vec![
            row(1, "", "Z1", "77"),
            row(2, "", "Z2", ""),
            row(3, "", "Z9", "77"),
            row(4, "", "Z9", ""),
            row(5, "two", "Z1", ""),
        ];
        let ingested = Ingested { quarantine: rows, ..Ingested::default() };
        let owners = RefusedOwners::read(&shipments, &orders, &ingested).unwrap();
        let concerned = |account: &str| -> Vec<u64> {
            let rows = ingested.quarantine.iter().filter(|row| owners.may_concern(row, account));
            rows.map(|row| row.row_ref).collect()
        };
        assert_eq!((concerned("one"), concerned("two")), (vec![1, 2, 4], vec![2, 3, 4, 5]));
    }

    const AT_LEAST: Target = Target { num: 9, den: 10, at_least: true, strict: false };
    const AT_MOST: Target = Target { num: 15, den: 1000, at_least: false, strict: false };

    #[test]
    fn a_target_is_met_only_whichever_way_the_rows_fall() {
        let one = Refused { orders: 1, scans: 0, unsaid: 0 };
        assert_eq!(certainly_meets(AT_LEAST, 10, 10, one), Some(true));
        assert_eq!(certainly_meets(AT_LEAST, 9, 10, one), None);
        assert_eq!(certainly_meets(AT_LEAST, 7, 10, one), Some(false));
        assert_eq!(certainly_meets(AT_MOST, 3, 200, one), None);
        assert_eq!(certainly_meets(AT_MOST, 1, 200, one), Some(true));
        assert_eq!(certainly_meets(AT_MOST, 4, 200, one), Some(false));
        assert_eq!(certainly_meets(AT_MOST, 0, 0, Refused::default()), None);
        assert_eq!(certainly_meets(AT_MOST, 0, 0, one), None);
        let unsaid = |unsaid| Refused { unsaid, ..Refused::default() };
        assert_eq!(certainly_meets(AT_MOST, 4, 200, unsaid(1)), None);
        assert_eq!(certainly_meets(AT_MOST, 5, 200, unsaid(1)), Some(false));
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
                    let refused = Refused { orders, scans, unsaid: 0 };
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

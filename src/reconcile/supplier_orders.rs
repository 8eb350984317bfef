//! Supplier orders with their channel order (S4): linked by internal reference, doubled when another order with the same
//! reference holds one of the same articles.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::text;
use crate::frame::build::FrameBuilder;
use crate::frame::{
    order_facts as o, read, shop_orders, supplier_account_facts as a, supplier_facts as f, supplier_orders as s,
};
use crate::reconcile::accounts::Accounts;
use crate::vocab::{PendingReason, SupplierStatus, Word};

/// The supplier facts.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn supplier_facts(
    suppliers: &DataFrame,
    orders: &DataFrame,
    shops: &DataFrame,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let names = read::texts(suppliers, s::account)?;
    let refs = read::texts(suppliers, s::internal_ref)?;
    let totals = read::numbers(suppliers, s::total)?;
    let addresses = read::texts(suppliers, s::addr_line)?;
    let rows = read::references(suppliers, s::row)?;
    let numbers = read::texts(suppliers, s::supplier_order_no)?;
    let order_keys = read::texts(orders, o::order_key)?;
    let order_nos = read::texts(orders, o::order_no)?;
    let order_refs = read::texts(orders, o::internal_ref)?;
    let order_currencies = read::texts(orders, o::currency)?;
    let sale_values = read::numbers(orders, o::sale_value)?;
    let order_rows = read::references(orders, o::order_row)?;
    let by_ref = orders_by_reference(&refs, &order_nos, &order_refs);
    let shop_addresses = shop_addresses(shops)?;
    let order = |row: usize| by_ref.get(refs.at(row)).copied().flatten();
    let shop_address = |row: usize| order(row).and_then(|place| shop_addresses.get(order_keys.at(place)).copied());
    let address = |row: usize| match addresses.at(row) {
        "" => shop_address(row).unwrap_or(("", None)),
        own => (own, rows.at(row)),
    };
    let codes = read::texts(suppliers, s::currency)?;
    let own_currency = |row: usize| match codes.at(row) {
        "" => accounts.currency(names.at(row)),
        own => own,
    };
    let twins = twins(suppliers)?;
    let height = names.len();
    let mut facts = FrameBuilder::new(&f::FRAME, height);
    facts
        .take(f::account, suppliers, s::account)?
        .take(f::supplier_order_no, suppliers, s::supplier_order_no)?
        .take_text(f::internal_ref, suppliers, s::internal_ref)?
        .take(f::status, suppliers, s::status)?
        .take(f::origin, suppliers, s::origin)?
        .take(f::pending_reason, suppliers, s::pending_reason)?
        .take(f::total, suppliers, s::total)?
        .take(f::created_at, suppliers, s::created_at)?
        .take(f::row, suppliers, s::row)?
        .texts(f::marketplace, names.iter().map(|name| accounts.marketplace(name)))
        .texts(f::currency, (0..height).map(own_currency))
        .texts(f::order_no, (0..height).map(|row| order(row).map_or("", |place| order_nos.at(place))))
        .texts(f::order_key, (0..height).map(|row| order(row).map_or("", |place| order_keys.at(place))))
        .numbers(f::addr_chars, (0..height).map(|row| Some(text::address_length(address(row).0))))
        .numbers(f::sale_value, (0..height).map(|row| order(row).map_or(totals.at(row), |place| sale_values.at(place))))
        .texts(
            f::sale_currency,
            (0..height).map(|row| match order(row) {
                Some(place) => order_currencies.at(place),
                None => own_currency(row),
            }),
        )
        .numbers(f::duplicates, (0..height).map(|row| Some(twins.get(&row).map_or(0, |twin| twin.others))))
        .flags(
            f::latest_of_duplicates,
            (0..height).map(|row| twins.get(&row).is_some_and(|twin| twin.earlier.is_some())),
        )
        .texts(f::twin_no, (0..height).map(|row| earlier(&twins, row).map_or("", |twin| numbers.at(twin))))
        .references(f::twin_row, (0..height).map(|row| earlier(&twins, row).and_then(|twin| rows.at(twin))))
        .references(f::addr_row, (0..height).map(|row| address(row).1))
        .references(f::order_row, (0..height).map(|row| order(row).and_then(|place| order_rows.at(place))));
    facts.finish()
}

/// The order of every reference that suppliers name, as they write it; one that two orders share links neither.
fn orders_by_reference<'run>(
    refs: &read::Texts<'run>,
    order_nos: &read::Texts<'run>,
    order_refs: &read::Texts<'run>,
) -> Map<&'run str, Option<usize>> {
    let mut wanted: Map<String, Option<usize>> =
        refs.iter().filter(|reference| !reference.is_empty()).map(|reference| (folded(reference), None)).collect();
    let mut shared: Set<String> = Set::default();
    // Most orders have nothing to do with a supplier: letters and digits fold to as many, so that their number tells.
    let lengths: Set<usize> = wanted.keys().map(String::len).collect();
    let may_be_wanted = |reference: &str| {
        lengths.contains(&reference.len()) || !reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    for (place, references) in order_nos.iter().zip(order_refs.iter()).enumerate() {
        for reference in [references.0, references.1] {
            if reference.is_empty() || !may_be_wanted(reference) {
                continue;
            }
            let folded = folded(reference);
            match wanted.get_mut(&folded) {
                Some(known @ None) => *known = Some(place),
                Some(Some(known)) if *known != place => _ = shared.insert(folded),
                _ => {}
            }
        }
    }
    let order = |reference: &str| {
        let folded = folded(reference);
        wanted.get(&folded).copied().flatten().filter(|_| !shared.contains(&folded))
    };
    refs.iter().filter(|reference| !reference.is_empty()).map(|reference| (reference, order(reference))).collect()
}

/// A reference as both sides may write it: case and blanks do not count.
fn folded(reference: &str) -> String {
    text::fold(reference).replace(' ', "")
}

fn earlier(twins: &Map<usize, Twin>, row: usize) -> Option<usize> {
    twins.get(&row)?.earlier
}

fn shop_addresses(shops: &DataFrame) -> PolarsResult<Map<&str, (&str, Option<u64>)>> {
    let keys = read::texts(shops, shop_orders::order_key)?;
    let addresses = read::texts(shops, shop_orders::addr_line)?;
    let rows = read::references(shops, shop_orders::row)?;
    Ok((0..keys.len())
        .filter(|row| !addresses.at(*row).is_empty())
        .map(|row| (keys.at(row), (addresses.at(row), rows.at(row))))
        .collect())
}

/// Other supplier orders that hold the same goods for the same reference.
#[derive(Debug, Clone, Copy, Default)]
struct Twin {
    others: i64,
    earlier: Option<usize>,
}

/// Doubled orders by place: same folded reference and overlapping articles; cancelled orders do not count.
fn twins(suppliers: &DataFrame) -> PolarsResult<Map<usize, Twin>> {
    let names = read::texts(suppliers, s::account)?;
    let refs = read::texts(suppliers, s::internal_ref)?;
    let articles = read::texts(suppliers, s::sku_set)?;
    let statuses = read::texts(suppliers, s::status)?;
    let created = read::instants(suppliers, s::created_at)?;
    let numbers = read::texts(suppliers, s::supplier_order_no)?;
    let mut by_ref: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for row in 0..names.len() {
        if !refs.at(row).is_empty() && statuses.at(row) != SupplierStatus::Cancelled.text() {
            by_ref.entry((names.at(row), folded(refs.at(row)))).or_default().push(row);
        }
    }
    let mut twins: Map<usize, Twin> = Map::default();
    for mut places in by_ref.into_values().filter(|places| places.len() > 1) {
        places.sort_by_key(|place| (created.at(*place), numbers.at(*place)));
        for (later_index, later) in places.iter().enumerate() {
            for earlier in &places[..later_index] {
                if overlap(articles.at(*earlier), articles.at(*later)) {
                    let twin = twins.entry(*later).or_default();
                    twin.others += 1;
                    twin.earlier = twin.earlier.or(Some(*earlier));
                    twins.entry(*earlier).or_default().others += 1;
                }
            }
        }
    }
    Ok(twins)
}

fn overlap(a: &str, b: &str) -> bool {
    let split = |set: &str| -> BTreeSet<String> {
        set.split([' ', ',', '+', ';', '|']).map(text::fold).filter(|sku| !sku.is_empty()).collect()
    };
    !split(a).is_disjoint(&split(b))
}

/// One row per supplier account: pending orders that wait for the wallet.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn supplier_account_facts(facts: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let names = read::texts(facts, f::account)?;
    let statuses = read::texts(facts, f::status)?;
    let reasons = read::texts(facts, f::pending_reason)?;
    let totals = read::numbers(facts, f::total)?;
    let currencies = read::texts(facts, f::currency)?;
    let mut by_account: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in 0..names.len() {
        let entry = by_account.entry(names.at(row)).or_default();
        let waits = statuses.at(row) == SupplierStatus::PendingValidation.text()
            && reasons.at(row) == PendingReason::Wallet.text();
        if waits {
            entry.0 += 1;
            // The wallet has one currency: amounts of others are never added to it.
            if currencies.at(row) == accounts.currency(names.at(row)) {
                entry.1 += totals.at(row).unwrap_or(0);
            }
        }
    }
    let has_fallback = |name: &str| {
        let account = accounts.get(name);
        account.and_then(|account| accounts.policy(account, None).entry.paypal_fallback).unwrap_or(false)
    };
    let mut built = FrameBuilder::new(&a::FRAME, by_account.len());
    built
        .texts(a::account, by_account.keys())
        .texts(a::marketplace, by_account.keys().map(|name| accounts.marketplace(name)))
        .texts(a::currency, by_account.keys().map(|name| accounts.currency(name)))
        .numbers(a::wallet_orders, by_account.values().map(|(orders, _)| Some(*orders)))
        .numbers(a::wallet_total, by_account.values().map(|(_, total)| Some(*total)))
        .flags(a::paypal_fallback, by_account.keys().map(|name| has_fallback(name)));
    built.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_overlap_whatever_separates_them() {
        assert!(overlap("S1, S2", "s2+S3"));
        assert!(!overlap("S1 S2", "S3"));
        assert!(!overlap("", ""));
    }
}

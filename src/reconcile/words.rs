//! Carrier codes that no pack maps, order words without a counterpart (MAP-001), and keys that stand twice, differently (DQ-001).

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::build::FrameBuilder;
use crate::frame::{conflict_facts as c, order_facts as o, read, tracking_events as t, word_facts as f};
use crate::ingest::Conflict;
use crate::reconcile::accounts::Accounts;
use crate::vocab::{TrackingCode, Word};

/// A word that has no counterpart among ours.
#[derive(Debug, Clone, Copy)]
struct Unmapped<'run> {
    account: &'run str,
    carrier: &'run str,
    vocabulary: &'run str,
    raw: &'run str,
    order_no: &'run str,
    count: i64,
    row: Option<u64>,
}

/// One row per unmapped carrier code, and one per order whose status, in the marketplace or in the shop system, is a known word
/// without a counterpart. The account of a code is that of the dumps, empty when they are shared or several.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn word_facts(tracking: &DataFrame, orders: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let mut words = unmapped_codes(tracking)?;
    words.extend(orders_without_counterpart(orders)?);
    let mut facts = FrameBuilder::new(&f::FRAME, words.len());
    facts
        .texts(f::account, words.iter().map(|word| word.account))
        .texts(f::marketplace, words.iter().map(|word| accounts.marketplace(word.account)))
        .texts(f::carrier, words.iter().map(|word| word.carrier))
        .texts(f::vocabulary, words.iter().map(|word| word.vocabulary))
        .texts(f::code_raw, words.iter().map(|word| word.raw))
        .texts(f::order_no, words.iter().map(|word| word.order_no))
        .numbers(f::count, words.iter().map(|word| Some(word.count)))
        .texts(f::currency, words.iter().map(|word| accounts.currency(word.account)))
        .references(f::row, words.iter().map(|word| word.row));
    facts.finish()
}

fn unmapped_codes(tracking: &DataFrame) -> PolarsResult<Vec<Unmapped<'_>>> {
    let carriers = read::texts(tracking, t::carrier)?;
    let vocabularies = read::texts(tracking, t::vocabulary)?;
    let codes = read::texts(tracking, t::code)?;
    let raw = read::texts(tracking, t::code_raw)?;
    let names = read::texts(tracking, t::account)?;
    let rows = read::references(tracking, t::row)?;
    let mut words: BTreeMap<(&str, &str, &str), Unmapped> = BTreeMap::new();
    for row in (0..codes.len()).filter(|row| codes.at(*row) == TrackingCode::Unknown.text()) {
        let word = words.entry((carriers.at(row), vocabularies.at(row), raw.at(row))).or_insert(Unmapped {
            account: names.at(row),
            carrier: carriers.at(row),
            vocabulary: vocabularies.at(row),
            raw: raw.at(row),
            order_no: "",
            count: 0,
            row: rows.at(row),
        });
        word.count += 1;
        word.row = word.row.min(rows.at(row));
        if word.account != names.at(row) {
            word.account = "";
        }
    }
    Ok(words.into_values().collect())
}

fn orders_without_counterpart(orders: &DataFrame) -> PolarsResult<Vec<Unmapped<'_>>> {
    let names = read::texts(orders, o::account)?;
    let numbers = read::texts(orders, o::order_no)?;
    let raw = read::texts(orders, o::status_raw)?;
    let shop_raw = read::texts(orders, o::shop_status_raw)?;
    let unmapped = read::flags(orders, o::no_counterpart)?;
    let shop_unmapped = read::flags(orders, o::shop_no_counterpart)?;
    let rows = read::references(orders, o::order_row)?;
    let shop_rows = read::references(orders, o::shop_row)?;
    let word = |row: usize| {
        let (raw, reference) =
            if unmapped.at(row) { (raw.at(row), rows.at(row)) } else { (shop_raw.at(row), shop_rows.at(row)) };
        let (account, order_no) = (names.at(row), numbers.at(row));
        Unmapped { account, carrier: "", vocabulary: "", raw, order_no, count: 1, row: reference }
    };
    Ok((0..names.len()).filter(|row| unmapped.at(*row) || shop_unmapped.at(*row)).map(word).collect())
}

/// One row per conflict that ingest found.
///
/// # Errors
/// A bug of ours.
pub fn conflict_facts(conflicts: &[Conflict], accounts: &Accounts) -> PolarsResult<DataFrame> {
    let mut facts = FrameBuilder::new(&c::FRAME, conflicts.len());
    facts
        .texts(c::account, conflicts.iter().map(|conflict| &conflict.account))
        .texts(c::marketplace, conflicts.iter().map(|conflict| accounts.marketplace(&conflict.account)))
        .texts(c::source, conflicts.iter().map(|conflict| &conflict.source))
        .texts(c::key, conflicts.iter().map(|conflict| &conflict.key))
        .texts(c::fields, conflicts.iter().map(|conflict| conflict.fields.join(" ")))
        .texts(c::currency, conflicts.iter().map(|conflict| accounts.currency(&conflict.account)))
        .references(c::row, conflicts.iter().map(|conflict| Some(conflict.row_ref)))
        .references(c::other_row, conflicts.iter().map(|conflict| Some(conflict.other_row_ref)));
    facts.finish()
}

//! Carrier codes that no pack maps, with their count (MAP-001), and keys that stand twice, differently (DQ-001).

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::build::FrameBuilder;
use crate::frame::{conflict_facts as c, read, tracking_events as t, word_facts as f};
use crate::ingest::Conflict;
use crate::reconcile::accounts::Accounts;
use crate::vocab::{TrackingCode, Word};

/// One row per unmapped carrier code. The account is that of the dumps, empty when they are shared or several.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn word_facts(tracking: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let carriers = read::texts(tracking, t::carrier)?;
    let vocabularies = read::texts(tracking, t::vocabulary)?;
    let codes = read::texts(tracking, t::code)?;
    let raw = read::texts(tracking, t::code_raw)?;
    let names = read::texts(tracking, t::account)?;
    let rows = read::references(tracking, t::row)?;
    let mut words: BTreeMap<(&str, &str, &str), (i64, Option<u64>, &str)> = BTreeMap::new();
    for row in (0..codes.len()).filter(|row| codes[*row] == TrackingCode::Unknown.text()) {
        let word = words.entry((carriers[row], vocabularies[row], raw[row])).or_insert((0, rows[row], names[row]));
        word.0 += 1;
        word.1 = word.1.min(rows[row]);
        if word.2 != names[row] {
            word.2 = "";
        }
    }
    let mut facts = FrameBuilder::new(&f::FRAME, words.len());
    facts
        .texts(f::account, words.values().map(|(.., account)| *account))
        .texts(f::marketplace, words.values().map(|(.., account)| accounts.marketplace(account)))
        .texts(f::carrier, words.keys().map(|(carrier, ..)| *carrier))
        .texts(f::vocabulary, words.keys().map(|(_, vocabulary, _)| *vocabulary))
        .texts(f::code_raw, words.keys().map(|(.., code)| *code))
        .numbers(f::count, words.values().map(|(count, ..)| Some(*count)))
        .texts(f::currency, words.values().map(|(.., account)| accounts.currency(account)))
        .references(f::row, words.values().map(|(_, row, _)| *row));
    facts.finish()
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
        .texts(c::currency, conflicts.iter().map(|conflict| accounts.currency(&conflict.account)))
        .references(c::row, conflicts.iter().map(|conflict| Some(conflict.row_ref)))
        .references(c::other_row, conflicts.iter().map(|conflict| Some(conflict.other_row_ref)));
    facts.finish()
}

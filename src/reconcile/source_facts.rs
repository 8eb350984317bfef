//! How good each source's data is, beside the previous publication: one row per source, for the rules of data quality.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::money;
use crate::base::zone::date_of;
use crate::frame::build::FrameBuilder;
use crate::frame::canonical::frame_of;
use crate::frame::kind::main_dates;
use crate::frame::{orders, read, source_facts as f};
use crate::ingest::previous::PreviousInputs;
use crate::ingest::{Ingested, Input, QuarantinedRow};
use crate::pipeline::Source;
use crate::reconcile::accounts::{Accounts, ShortCalendar};
use crate::reconcile::header_drift::header_drift;
use crate::reconcile::vanished::{Vanished, vanished};
use crate::vocab::{Kind, Word};

/// One row per source of the pipeline.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn source_facts(
    ingested: &Ingested,
    previous: Option<&PreviousInputs>,
    short: &[ShortCalendar],
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let newest = newest(ingested)?;
    let losses = previous.map(|previous| vanished(ingested, previous)).transpose()?.unwrap_or_default();
    let drifts = previous.map(|previous| header_drift(ingested, previous)).unwrap_or_default();
    let mut sources: Vec<&Source> = accounts.pipeline().sources.iter().map(|source| &**source).collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let account = |source: &&Source| source.account.clone().unwrap_or_default();
    let sum = |source: &Source, of: fn(&Input) -> u64| {
        let inputs = ingested.inputs.iter().filter(|input| input.source == source.name);
        i64::try_from(inputs.map(of).sum::<u64>()).ok()
    };
    let refused: Vec<Refused<'_>> = sources.iter().map(|source| Refused::of(&source.name, ingested)).collect();
    let latest = |source: &&Source| newest.get(source.name.as_str()).copied();
    let loss = |source: &Source| losses.get(&source.name);
    let calendar = |source: &Source| {
        let of_orders = source.kind == Kind::Orders && !ingested.left_out.contains(&source.name);
        short.iter().find(|short| of_orders && source.account.as_deref() == Some(&short.account))
    };
    let outside = outside_validity(ingested, accounts)?;
    let outside = |source: &Source| outside.get(source.name.as_str()).copied();
    let mut facts = FrameBuilder::new(&f::FRAME, sources.len());
    facts
        .texts(f::account, sources.iter().map(account))
        .texts(f::marketplace, sources.iter().map(|source| accounts.marketplace(&account(source))))
        .texts(f::source, sources.iter().map(|source| &source.name))
        .texts(f::kind, sources.iter().map(|source| source.kind.text()))
        .texts(f::currency, sources.iter().map(|source| accounts.currency(&account(source))))
        .numbers(f::files, sources.iter().map(|source| sum(source, |_| 1)))
        .numbers(f::quarantined, refused.iter().map(|refused| i64::try_from(refused.rows.len()).ok()))
        .texts(f::quarantine_reasons, refused.iter().map(Refused::reasons))
        .texts(f::first_quarantined, refused.iter().map(|refused| refused.first(ingested)))
        .numbers(f::after_as_of, sources.iter().map(|source| sum(source, |input| input.after_as_of)))
        .days(f::newest_on, sources.iter().map(|source| latest(source).map(|(day, ..)| day)))
        .texts(
            f::newest_place,
            sources.iter().map(|source| latest(source).map(|(_, row, _)| ingested.parts.text(row)).unwrap_or_default()),
        )
        .texts(f::fields, sources.iter().map(|source| latest(source).map_or("", |(.., field)| field)))
        .references(f::newest_row, sources.iter().map(|source| latest(source).map(|(_, row, _)| row)))
        .numbers(f::vanished, sources.iter().map(|source| Some(loss(source).map_or(0, |loss| loss.count))))
        .numbers(
            f::vanished_money,
            sources
                .iter()
                .map(|source| loss(source).and_then(|loss| money_of(loss, accounts.currency(&account(source))))),
        )
        .texts(f::vanished_keys, sources.iter().map(|source| loss(source).map(keys_of).unwrap_or_default()))
        .texts(f::header_drift, sources.iter().map(|source| drifts.get(&source.name).cloned().unwrap_or_default()))
        .numbers(
            f::booked_excess_decimals,
            sources.iter().map(|source| sum(source, |input| input.booked_excess_decimals)),
        )
        .texts(f::booked_residue, sources.iter().map(|source| residue_of(source, ingested)))
        .numbers(f::dst_moved_days, sources.iter().map(|source| sum(source, |input| input.dst_moved_days)))
        .texts(
            f::short_calendar,
            sources.iter().map(|source| calendar(source).map_or("", |short| short.beyond.calendar.as_str())),
        )
        .days(
            f::beyond_calendar_on,
            sources.iter().map(|source| calendar(source).map(|short| crate::base::zone::day_number(short.beyond.day))),
        )
        .numbers(
            f::outside_validity,
            sources.iter().map(|source| Some(outside(source).map_or(0, |(orders, _)| orders))),
        )
        .days(f::outside_validity_on, sources.iter().map(|source| outside(source).map(|(_, day)| day)));
    facts.finish()
}

/// What booked cells say beyond what was booked, added up over the files of a source.
fn residue_of(source: &Source, ingested: &Ingested) -> String {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for input in ingested.inputs.iter().filter(|input| input.source == source.name) {
        input.residues.iter().for_each(|(currency, residue)| *sums.entry(currency).or_default() += residue);
    }
    let texts =
        sums.iter().map(|(currency, residue)| format!("{} {currency}", money::parts_to_decimal(*residue, currency)));
    texts.collect::<Vec<_>>().join(", ")
}

/// The refused rows of a source.
struct Refused<'run> {
    rows: Vec<&'run QuarantinedRow>,
}

impl<'run> Refused<'run> {
    fn of(source: &str, ingested: &'run Ingested) -> Refused<'run> {
        Refused { rows: ingested.quarantine.iter().filter(|row| &*row.of.source == source).collect() }
    }

    /// How many for which reason, the most frequent first.
    fn reasons(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.reason()).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts.iter().map(|(reason, count)| format!("{reason} {count}")).collect::<Vec<_>>().join(", ")
    }

    fn first(&self, ingested: &Ingested) -> String {
        self.rows.first().map(|row| ingested.parts.text(row.row_ref)).unwrap_or_default()
    }
}

/// Orders of each source that were created outside the validity of their marketplace's pack: how many, and the first day.
fn outside_validity<'run>(
    ingested: &'run Ingested,
    accounts: &Accounts,
) -> PolarsResult<BTreeMap<&'run str, (i64, i32)>> {
    let frame = &ingested.frames.orders;
    let names = read::texts(frame, orders::account)?;
    let created = read::days(frame, orders::created_on)?;
    let rows = read::references(frame, orders::row)?;
    let mut outside: BTreeMap<&str, (i64, i32)> = BTreeMap::new();
    for row in 0..names.len() {
        let Some((account, day)) = accounts.get(names.at(row)).zip(created.at(row)) else { continue };
        if account.pack.validity.is_empty() {
            continue;
        }
        let is_valid = date_of(day).is_none_or(|day| account.pack.is_valid_on(&account.currency, day));
        let Some((part, _)) = rows.at(row).filter(|_| !is_valid).and_then(|row| ingested.parts.locate(row)) else {
            continue;
        };
        let known = outside.entry(&part.source).or_insert((0, day));
        *known = (known.0 + 1, known.1.min(day));
    }
    Ok(outside)
}

/// The latest main date of each source and the first row that has it.
fn newest(ingested: &Ingested) -> PolarsResult<BTreeMap<&str, (i32, u64, &'static str)>> {
    let mut newest: BTreeMap<&str, (i32, u64, &'static str)> = BTreeMap::new();
    for kind in Kind::ALL {
        let declared = frame_of(*kind);
        let frame = ingested.frames.of(*kind);
        let Some(row_column) = declared.column("row") else { continue };
        let rows = read::references(frame, row_column)?;
        for (name, column) in main_dates(*kind).iter().filter_map(|name| Some((*name, declared.civil_date(name)?))) {
            for (day, row) in read::days(frame, column)?.iter().zip(rows.iter()) {
                let Some((day, row)) = day.zip(row) else { continue };
                let Some((part, _)) = ingested.parts.locate(row) else { continue };
                let known = newest.entry(&part.source).or_insert((day, row, name));
                if day > known.0 || (day == known.0 && row < known.1) {
                    *known = (day, row, name);
                }
            }
        }
    }
    Ok(newest)
}

/// The money of a loss in the account's currency; null when some of it is in another one or does not fit.
fn money_of(loss: &Vanished, currency: &str) -> Option<i64> {
    let others = loss.money.iter().any(|(other, sum)| other != currency && *sum != Some(0));
    if others { None } else { loss.money.get(currency).copied().flatten() }
}

/// The first keys, and how many more there are.
fn keys_of(loss: &Vanished) -> String {
    let more = loss.count - i64::try_from(loss.keys.len()).unwrap_or(0);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", loss.keys.join(", "))
}

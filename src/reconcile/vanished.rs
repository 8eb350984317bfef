//! Rows of the previous publication that no input of tonight holds (DQ-010).
//!
//! Exports are windows of time that roll on, so a row that is gone says something only where tonight's files still look: its main date
//! lies after the first and not after the last main date of tonight's rows of the source. The first day itself is left out, because a
//! window may begin in the middle of it. A row without a main date is never said to have vanished, nor is one of a source that was not
//! read tonight. A key that stands in quarantine, or in another source of the account, is there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult, polars_err};

use crate::base::map::{Map, Set};
use crate::frame::canonical::frame_of;
use crate::frame::column::Column;
use crate::frame::kind::{main_dates, spec_of};
use crate::frame::read;
use crate::ingest::Ingested;
use crate::ingest::previous::PreviousInputs;
use crate::vocab::Kind;

/// What has vanished from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vanished {
    /// Keys.
    pub count: i64,
    /// The first few, sorted.
    pub keys: Vec<String>,
    /// Their control amounts by currency, minor units; a sum that does not fit is `None`.
    pub money: BTreeMap<String, Option<i64>>,
}

/// So many keys are named.
const NAMED: usize = 5;

/// Account and key of a row.
type Key<'frame> = (&'frame str, Cow<'frame, str>);

/// What has vanished, by source; sources without a loss are not there.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn vanished(ingested: &Ingested, previous: &PreviousInputs) -> PolarsResult<BTreeMap<String, Vanished>> {
    let mut vanished = BTreeMap::new();
    for (kind, before) in &previous.rows {
        add_kind(&mut vanished, *kind, before, ingested, previous)?;
    }
    for loss in vanished.values_mut() {
        loss.keys.sort_unstable();
        loss.keys.truncate(NAMED);
    }
    Ok(vanished)
}

fn add_kind(
    vanished: &mut BTreeMap<String, Vanished>,
    kind: Kind,
    before: &DataFrame,
    ingested: &Ingested,
    previous: &PreviousInputs,
) -> PolarsResult<()> {
    let tonight = ingested.frames.of(kind);
    let windows = windows(kind, tonight, ingested)?;
    if windows.is_empty() || before.height() == 0 {
        return Ok(());
    }
    let mut here: Set<Key<'_>> = keys(kind, tonight)?.into_iter().collect();
    let of_kind = ingested
        .quarantine
        .iter()
        .filter(|row| ingested.parts.locate(row.row_ref).is_some_and(|(part, _)| part.kind == kind));
    here.extend(of_kind.map(|row| (&*row.of.account, Cow::Borrowed(row.key()))));
    let dates = dates(kind, before)?;
    let rows = read::references(before, declared(kind, "row")?)?;
    let money = control_money(kind, before)?;
    for (row, key) in keys(kind, before)?.into_iter().enumerate() {
        let source = rows.at(row).and_then(|reference| previous.part_sources.get((reference >> 32) as usize));
        let Some((source, (first, last))) = source.and_then(|name| Some((name, windows.get(name.as_str())?))) else {
            continue;
        };
        if dates[row].is_none_or(|day| day <= *first || day > *last) || here.contains(&key) {
            continue;
        }
        let loss: &mut Vanished = vanished.entry(source.clone()).or_default();
        loss.count += 1;
        loss.keys.push(key.1.into_owned());
        let (currency, amount) = &money[row];
        let sum = loss.money.entry((*currency).to_owned()).or_insert(Some(0));
        *sum = sum.and_then(|sum| sum.checked_add(*amount));
    }
    Ok(())
}

fn declared(kind: Kind, name: &str) -> PolarsResult<Column> {
    frame_of(kind).column(name).ok_or_else(|| polars_err!(ColumnNotFound: "{kind}.{name}"))
}

/// First and last main date of tonight's rows of each source.
fn windows<'run>(
    kind: Kind,
    tonight: &DataFrame,
    ingested: &'run Ingested,
) -> PolarsResult<Map<&'run str, (i32, i32)>> {
    let mut windows: Map<&str, (i32, i32)> = Map::default();
    let rows = read::references(tonight, declared(kind, "row")?)?;
    for (day, row) in dates(kind, tonight)?.iter().zip(rows.iter()) {
        let Some((day, (part, _))) = day.zip(row.and_then(|row| ingested.parts.locate(row))) else { continue };
        let window = windows.entry(&part.source).or_insert((day, day));
        *window = (window.0.min(day), window.1.max(day));
    }
    Ok(windows)
}

/// The main date of each row: the first that it has.
fn dates(kind: Kind, frame: &DataFrame) -> PolarsResult<Vec<Option<i32>>> {
    let mut dates = vec![None; frame.height()];
    for column in main_dates(kind).iter().filter_map(|name| frame_of(kind).civil_date(name)) {
        for (date, day) in dates.iter_mut().zip(read::days(frame, column)?.iter()) {
            *date = date.or(day);
        }
    }
    Ok(dates)
}

/// Account and key of each row, as quarantine writes keys: the parts that are there, separated by ` | `.
fn keys(kind: Kind, frame: &DataFrame) -> PolarsResult<Vec<Key<'_>>> {
    let accounts = read::texts(frame, declared(kind, "account")?)?;
    let parts: PolarsResult<Vec<read::Texts<'_>>> =
        spec_of(kind).key.iter().map(|name| read::texts(frame, declared(kind, name)?)).collect();
    let parts = parts?;
    let key = |row: usize| match parts.as_slice() {
        [only] => Cow::Borrowed(only.at(row)),
        several => {
            let parts: Vec<&str> = several.iter().map(|part| part.at(row)).filter(|part| !part.is_empty()).collect();
            Cow::Owned(parts.join(" | "))
        }
    };
    Ok(accounts.iter().enumerate().map(|(row, account)| (account, key(row))).collect())
}

/// Currency and control amount of each row.
fn control_money(kind: Kind, frame: &DataFrame) -> PolarsResult<Vec<(&str, i64)>> {
    let mut money = vec![("", 0i64); frame.height()];
    let Some(currency) = frame_of(kind).column("currency") else { return Ok(money) };
    for (row, currency) in money.iter_mut().zip(read::texts(frame, currency)?.iter()) {
        row.0 = currency;
    }
    for name in spec_of(kind).control {
        for (row, amount) in money.iter_mut().zip(read::numbers(frame, declared(kind, name)?)?.iter()) {
            row.1 = row.1.saturating_add(amount.unwrap_or(0));
        }
    }
    Ok(money)
}

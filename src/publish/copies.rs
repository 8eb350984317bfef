//! Columns that the files of fact frames leave to those of canonical frames ([`published::copies`]), put back where a frame is read.

use std::collections::BTreeMap;

use polars::prelude::{
    Column as Series, DataFrame, Int64Chunked, IntoColumn as _, NewChunkedArray as _, PolarsError, PolarsResult,
    StringChunked, TimeUnit,
};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::column::{Column, Frame, Shape};
use crate::frame::lineage::part_of;
use crate::frame::{order_facts, orders, published, read};
use crate::vocab::{Kind, Word as _};

/// What a publication says of itself that its rows are understood by.
#[derive(Debug, Clone, Default)]
pub(super) struct Ground {
    /// The kind of each part.
    kinds: Vec<Option<Kind>>,
    /// The end of the as-of day in the zone of each account, milliseconds UTC, exclusive.
    ends: BTreeMap<String, i64>,
}

/// Columns of `parts` and of `accounts` that [`Ground::of`] reads.
pub(super) const PARTS: [&str; 1] = ["kind"];
pub(super) const ACCOUNTS: [&str; 2] = ["account", "timezone"];

impl Ground {
    pub(super) fn of(parts: &DataFrame, accounts: &DataFrame, as_of: AsOf) -> PolarsResult<Ground> {
        let kinds = parts.column("kind")?.str()?.iter().map(|kind| kind.and_then(Kind::of)).collect();
        let (names, zones) = (accounts.column("account")?.str()?, accounts.column("timezone")?.str()?);
        let end = |(name, zone): (Option<&str>, Option<&str>)| {
            Some((name?.to_owned(), as_of.end_millis(zone?.parse().ok()?)))
        };
        Ok(Ground { kinds, ends: names.iter().zip(zones.iter()).filter_map(end).collect() })
    }

    /// What was read later is not known yet.
    fn is_known(&self, account: &str, at: i64) -> bool {
        self.ends.get(account).is_none_or(|end| at < *end)
    }
}

/// The columns of a file that some columns of its frame are made of.
pub(super) fn read_for(frame: &Frame, wanted: &[&str]) -> Vec<&'static str> {
    let copies = published::copies(frame);
    let (left_out, mut names): (Vec<&Column>, Vec<&Column>) = frame
        .columns
        .iter()
        .filter(|column| wanted.contains(&column.name))
        .partition(|column| copies.iter().any(|copy| copy.name == column.name));
    if !left_out.is_empty() {
        let needed =
            |column: &&Column| column.name == order_facts::account.name || Some(**column) == published::own_row(frame);
        names.extend(frame.columns.iter().filter(needed).filter(|column| !wanted.contains(&column.name)));
    }
    names.into_iter().map(|column| column.name).collect()
}

/// The wanted columns, of which `rows` holds those that the file has. `canonical` reads columns of the canonical rows with these references, in any
/// order, and may read others as well.
pub(super) fn put_back<E>(
    frame: &Frame,
    wanted: &[&str],
    rows: DataFrame,
    ground: impl FnOnce() -> Result<Ground, E>,
    canonical: impl Fn(Kind, &[&str], &[u64]) -> Result<DataFrame, E>,
    broken: impl Fn(PolarsError) -> E,
) -> Result<DataFrame, E> {
    // Publications of earlier versions hold them.
    let is_lacking = |copy: &Column| wanted.contains(&copy.name) && rows.column(copy.name).is_err();
    let copies: Vec<Column> = published::copies(frame).into_iter().filter(is_lacking).collect();
    let Some(own) = published::own_row(frame).filter(|_| !copies.is_empty()) else {
        return rows.select(wanted.iter().copied()).map_err(broken);
    };
    let ground = ground()?;
    let references = read::references(&rows, own).map_err(&broken)?;
    let mut by_kind: BTreeMap<Kind, Vec<u64>> = BTreeMap::new();
    for reference in references.iter().flatten() {
        if let Some(kind) = ground.kinds.get(part_of(reference)).copied().flatten() {
            by_kind.entry(kind).or_default().push(reference);
        }
    }
    let names: Vec<&str> = [orders::row.name].into_iter().chain(copies.iter().map(|copy| copy.name)).collect();
    let mut parts: Vec<(DataFrame, Map<u64, usize>)> = Vec::new();
    for (kind, references) in by_kind {
        let read = canonical(kind, &names, &references)?;
        let rows = read::references(&read, orders::row).map_err(&broken)?;
        let places = rows.iter().enumerate().filter_map(|(place, reference)| Some((reference?, place))).collect();
        parts.push((read, places));
    }
    let place = |reference: u64| {
        parts.iter().enumerate().find_map(|(part, (_, places))| Some((part, *places.get(&reference)?)))
    };
    let places: Vec<Option<(usize, usize)>> = references.iter().map(|reference| place(reference?)).collect();
    let accounts = read::texts(&rows, order_facts::account).map_err(&broken)?;
    let column = |copy: &Column| -> PolarsResult<Series> {
        let name = copy.name.into();
        if copy.shape == Shape::Instant {
            let read: Vec<_> =
                parts.iter().map(|(read, _)| read::instants(read, *copy)).collect::<PolarsResult<_>>()?;
            // A time is as known as its day, which the file holds; one without a day is known once it has come.
            let days = frame.civil_date(copy.name).map(|day| read::days(&rows, day)).transpose()?;
            let is_known = |row: usize, at: i64| match &days {
                Some(days) => days.at(row).is_some(),
                None => ground.is_known(accounts.at(row), at),
            };
            let value = |(row, place): (usize, &Option<(usize, usize)>)| {
                let (part, place) = (*place)?;
                read[part].at(place).filter(|at| is_known(row, *at))
            };
            let values = Int64Chunked::from_iter_options(name, places.iter().enumerate().map(value));
            return Ok(values.into_datetime(TimeUnit::Milliseconds, None).into_column());
        }
        let read: Vec<_> = parts.iter().map(|(read, _)| read::texts(read, *copy)).collect::<PolarsResult<_>>()?;
        let value = |place: &Option<(usize, usize)>| place.map_or("", |(part, place)| read[part].at(place));
        Ok(StringChunked::from_iter_values(name, places.iter().map(value)).into_column())
    };
    let columns = copies.iter().map(column).collect::<PolarsResult<Vec<_>>>();
    let all = columns.and_then(|columns| rows.hstack(&columns)?.select(wanted.iter().copied()));
    all.map_err(broken)
}

//! The statements of an account: which payout dates they cover, and where their periods do not join.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveTime;
use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::zone::{date_of, local_day, to_utc_millis};
use crate::frame::lineage::Parts;
use crate::frame::{payout_lines, read, statements};
use crate::pipeline::Account;
use crate::reconcile::accounts::Accounts;
use crate::vocab::Kind;

/// Statements of one account: one series for each currency (rulebook §16.3, §16.8). Currencies that one statement holds are one series.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    series: BTreeMap<String, Series>,
    /// The series of a currency whose statements hold others, too.
    joined: BTreeMap<String, String>,
    /// No line of theirs names an order: what is paid for one is not known, and only the statements themselves are judged.
    names_no_order: bool,
}

/// Statements of one currency.
#[derive(Debug, Clone, Default)]
struct Series {
    /// The first row of each day on which money was sent.
    paid: BTreeMap<i32, Option<u64>>,
    /// Periods by their first instant and the first instant after them, and where each was read.
    periods: BTreeMap<(i64, i64), Period>,
    /// First and last payout date, both inclusive, of each gap between the periods: what they would have paid is on no statement.
    gaps: Vec<(i32, i32)>,
    /// Payout dates on which, and until the next one, no money was sent, between two days on which some was: of statements without periods.
    silent: BTreeSet<i32>,
}

/// A statement's period as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Latest day on which its money was sent.
    pub paid_on: Option<i32>,
    /// First civil day of the period.
    pub first: i32,
    /// Last civil day of which the period holds an instant.
    pub last: i32,
    /// Its first row.
    pub row: Option<u64>,
}

/// The edges of a period as an export writes them.
#[derive(Debug, Clone, Copy, Default)]
struct Edges {
    /// Civil day and instant of the beginning; the instant is `None` where only the day is known.
    from: Option<(i32, Option<i64>)>,
    /// The same of the end: with an instant it is exclusive, a day alone is part of the period (rulebook §16.8).
    to: Option<(i32, Option<i64>)>,
}

impl Edges {
    /// First instant, first instant after the end, first and last civil day.
    fn span(self, zone: Tz) -> Option<(i64, i64, i32, i32)> {
        let midnight = |day: i32| Some(to_utc_millis(date_of(day)?.and_time(NaiveTime::MIN), zone));
        let ((from_on, from_at), (to_on, to_at)) = self.from.zip(self.to)?;
        let from = from_at.or_else(|| midnight(from_on))?;
        let end = to_at.or_else(|| midnight(to_on + 1))?;
        let last = if to_at.is_some() { local_day(end - 1, zone) } else { to_on };
        Some((from, end, from_on, last))
    }
}

/// A place where the periods of an account do not join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The currency of the series; that of several names one of them.
    pub currency: String,
    /// First day that no period holds whole, or that two hold.
    pub day: i32,
    /// Two periods hold the day, not none.
    pub is_overlap: bool,
    /// The statement before it.
    pub before: Period,
    /// The statement after it.
    pub after: Period,
}

/// Milliseconds of the finest steps in which exports write the end of a period: a second, a minute.
const STEPS: [i64; 2] = [1_000, 60_000];

/// Whether a period begins when another ends. An end that is written in whole steps as the last one of its day or hour (`23:59:59`, `23:59`)
/// holds that step.
fn joins(end: i64, begin: i64) -> bool {
    let is_last_step = |step: i64| begin - end == step && end % step == 0 && begin % (60 * step) == 0;
    end == begin || STEPS.into_iter().any(is_last_step)
}

impl Series {
    fn breaks(&self, currency: &str) -> Vec<Break> {
        let mut breaks = Vec::new();
        let mut held: Option<(i64, Period)> = None;
        for ((from, end), period) in &self.periods {
            if let Some((held_to, before)) = held
                && !joins(held_to, *from)
            {
                let is_overlap = *from < held_to;
                // A gap begins on the day after the last one held, unless it begins and ends within that day.
                let day = if is_overlap { period.first } else { (before.last + 1).min(period.first) };
                breaks.push(Break { currency: currency.to_owned(), day, is_overlap, before, after: *period });
            }
            if held.is_none_or(|(held_to, _)| *end > held_to) {
                held = Some((*end, *period));
            }
        }
        breaks
    }

    fn last_paid_on(&self) -> Option<i32> {
        self.paid.last_key_value().map(|(day, _)| *day)
    }

    /// Payout dates without money between the first and the last day on which some was sent. `next` gives the payout date after a day.
    fn silent_dates(&self, next: impl Fn(i32) -> Option<i32>) -> BTreeSet<i32> {
        let mut silent = BTreeSet::new();
        let (Some((first, _)), Some(last)) = (self.paid.first_key_value(), self.last_paid_on()) else { return silent };
        if !self.periods.is_empty() {
            return silent;
        }
        let mut date = next(*first);
        while let Some(day) = date {
            let following = next(day).filter(|following| *following <= last);
            if following.is_some_and(|following| self.paid.range(day..following).next().is_none()) {
                silent.insert(day);
            }
            date = following;
        }
        silent
    }

    fn absorb(&mut self, other: Series) {
        for (day, row) in other.paid {
            self.paid.entry(day).or_insert(row);
        }
        for (span, period) in other.periods {
            self.take_period(span, period);
        }
    }

    fn take_period(&mut self, span: (i64, i64), period: Period) {
        let known = self.periods.entry(span).or_insert(period);
        known.paid_on = known.paid_on.max(period.paid_on);
    }
}

impl Statements {
    fn take(&mut self, currency: &str, paid_on: Option<i32>, edges: Edges, zone: Tz, row: Option<u64>) {
        if !self.series.contains_key(currency) {
            self.series.insert(currency.to_owned(), Series::default());
        }
        let series = self.series.entry(currency.to_owned()).or_default();
        if let Some(day) = paid_on {
            series.paid.entry(day).or_insert(row);
        }
        if let Some((from, end, first, last)) = edges.span(zone) {
            series.take_period((from, end), Period { paid_on, first, last, row });
        }
    }

    /// Makes the series of two currencies one.
    fn join(&mut self, one: &str, other: &str) {
        let (one, other) = (self.key_of(one).to_owned(), self.key_of(other).to_owned());
        if one == other {
            return;
        }
        if let Some(series) = self.series.remove(&other) {
            self.series.entry(one.clone()).or_default().absorb(series);
        }
        for joined in self.joined.values_mut().filter(|joined| **joined == other) {
            joined.clone_from(&one);
        }
        self.joined.insert(other, one);
    }

    /// The currency by which the series of a currency is kept.
    fn key_of<'a>(&'a self, currency: &'a str) -> &'a str {
        self.joined.get(currency).map_or(currency, String::as_str)
    }

    /// Whether a currency is of the series of another one.
    pub fn are_one(&self, one: &str, other: &str) -> bool {
        self.key_of(one) == self.key_of(other)
    }

    /// Whether the statements of a series would have paid an order of a currency: it is of the series, or has none.
    pub fn concerns(&self, series: &str, currency: &str) -> bool {
        self.are_one(series, currency) || !self.series.contains_key(self.key_of(currency))
    }

    /// The series of a currency; all of them where it has none.
    fn of<'a>(&'a self, currency: &'a str) -> impl Iterator<Item = &'a Series> {
        let key = self.key_of(currency);
        let own = self.series.contains_key(key);
        self.series.iter().filter(move |(known, _)| !own || *known == key).map(|(_, series)| series)
    }

    /// Where the periods leave time out or hold it twice, in the order of currencies and of time. Statements of one and the same period are
    /// parts of one (S1: one file per promotion).
    pub fn breaks(&self) -> Vec<Break> {
        self.series.iter().flat_map(|(currency, series)| series.breaks(currency)).collect()
    }

    /// Whether orders may be judged by them.
    pub fn name_orders(&self) -> bool {
        !self.names_no_order
    }

    /// A statement paid on that day or later, or whose period holds it, was read.
    pub fn cover(&self, payout_on: i32) -> bool {
        self.series.values().any(|series| {
            series.last_paid_on() >= Some(payout_on) || series.periods.values().any(|period| period.holds(payout_on))
        })
    }

    /// A row of the statement that covers a payout day: the one that was paid on it, else the one whose period holds the billing day, else
    /// the first later one; of the currency where it has one.
    pub fn covering_row(&self, payout_on: i32, billing_on: Option<i32>, currency: &str) -> Option<u64> {
        let find = |series: &Series| {
            let holding =
                |day: i32| series.periods.values().find(|period| period.holds(day)).and_then(|period| period.row);
            let paid = series.paid.get(&payout_on).copied().flatten();
            let later = || series.paid.range(payout_on..).find_map(|(_, row)| *row);
            paid.or_else(|| holding(billing_on?)).or_else(later).or_else(|| holding(payout_on))
        };
        self.of(currency).find_map(find).or_else(|| self.series.values().find_map(find))
    }

    /// The period of the statement of the currency that would have paid on that date is missing between two that were read.
    pub fn lack(&self, payout_on: i32, currency: &str) -> bool {
        let in_gap = |series: &Series| series.gaps.iter().any(|(first, last)| (*first..=*last).contains(&payout_on));
        self.of(currency).any(in_gap)
    }

    /// No statement has a period, and none was paid on that payout date or until the next one, though earlier and later ones were.
    pub fn is_silent(&self, payout_on: i32, currency: &str) -> bool {
        self.of(currency).any(|series| series.silent.contains(&payout_on))
    }
}

impl Period {
    fn holds(&self, day: i32) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

impl Break {
    /// First and last payout date, both inclusive, that bill the days of a gap; the days themselves without a payout calendar. `None` of an
    /// overlap: nothing is missing.
    pub fn payouts<'acc>(&self, account: &'acc Account, accounts: &Accounts<'acc>) -> Option<(i32, i32)> {
        let last_day = (self.after.first - 1).max(self.day);
        let of_billing = |day| accounts.payout_of_billing(account, day).unwrap_or(day);
        (!self.is_overlap).then(|| (of_billing(self.day), of_billing(last_day)))
    }
}

/// Accounts with payout lines of which none names an order, because no export has a column for it: they say nothing of orders (§16.14).
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn without_orders<'run>(lines: &'run DataFrame, parts: &Parts) -> PolarsResult<BTreeSet<&'run str>> {
    let (names, keys) = (read::texts(lines, payout_lines::account)?, read::texts(lines, payout_lines::order_key)?);
    let rows = read::references(lines, payout_lines::row)?;
    let (mut without, mut with) = (BTreeSet::new(), BTreeSet::new());
    for (name, mut lines) in names.runs() {
        let says = |row: usize| {
            let part = rows.at(row).and_then(|row| parts.locate(row));
            !keys.at(row).is_empty() || part.is_none_or(|(part, _)| part.says(payout_lines::order_no))
        };
        if lines.any(says) {
            with.insert(name)
        } else {
            without.insert(name)
        };
    }
    Ok(&without - &with)
}

/// The statements of every account that has a payout source.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn statements_by_account(
    lines: &DataFrame,
    heads: &DataFrame,
    parts: &Parts,
    accounts: &Accounts,
) -> PolarsResult<BTreeMap<String, Statements>> {
    let mut by_account: BTreeMap<String, Statements> = BTreeMap::new();
    let sources = &accounts.pipeline().sources;
    let has = |account: &String, kind: Kind| {
        sources.iter().any(|source| source.kind == kind && source.account.as_ref() == Some(account))
    };
    for source in sources {
        // Statements beside remittances alone are the carrier's transfers.
        let pays = |account: &&String| {
            source.kind == Kind::PayoutLines
                || source.kind == Kind::Statements
                    && (has(account, Kind::PayoutLines) || !has(account, Kind::CodRemittances))
        };
        if let Some(account) = source.account.as_ref().filter(pays) {
            by_account.entry(account.clone()).or_default();
        }
    }
    let names = read::texts(lines, payout_lines::account)?;
    let currencies = read::texts(lines, payout_lines::currency)?;
    let paid = read::days(lines, payout_lines::paid_on)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let edges = PeriodColumns::read(lines)?;
    let rows = read::references(lines, payout_lines::row)?;
    for row in 0..names.len() {
        let zone = accounts.get(names.at(row)).map_or(Tz::UTC, |account| account.timezone);
        let paid_on = paid.at(row).or(posted.at(row));
        let statements = of_account(&mut by_account, names.at(row));
        statements.take(currencies.at(row), paid_on, edges.at(row), zone, rows.at(row));
    }
    let ids = read::texts(lines, payout_lines::statement_id)?;
    join_currencies(&mut by_account, &names, &ids, &currencies);
    let names = read::texts(heads, statements::account)?;
    let currencies = read::texts(heads, statements::currency)?;
    let paid = read::days(heads, statements::paid_on)?;
    let edges = PeriodColumns::read(heads)?;
    let rows = read::references(heads, statements::row)?;
    for row in 0..names.len() {
        let zone = accounts.get(names.at(row)).map_or(Tz::UTC, |account| account.timezone);
        let statements = of_account(&mut by_account, names.at(row));
        let currency = statements.key_of(currencies.at(row)).to_owned();
        statements.take(&currency, paid.at(row), edges.at(row), zone, rows.at(row));
    }
    for (name, statements) in &mut by_account {
        let Some(account) = accounts.get(name) else { continue };
        for (currency, series) in &mut statements.series {
            let breaks = series.breaks(currency);
            series.gaps = breaks.iter().filter_map(|found| found.payouts(account, accounts)).collect();
            series.silent = series.silent_dates(|day| accounts.next_payout(account, day));
        }
    }
    let without_orders = without_orders(lines, parts)?;
    for (name, statements) in &mut by_account {
        statements.names_no_order = without_orders.contains(name.as_str());
    }
    Ok(by_account)
}

/// Makes one series of the currencies that stand in one statement.
fn join_currencies<'run>(
    by_account: &mut BTreeMap<String, Statements>,
    names: &read::Texts<'run>,
    ids: &read::Texts<'run>,
    currencies: &read::Texts<'run>,
) {
    // Nearly every account has one currency.
    let several = |name: &str| by_account.get(name).is_some_and(|statements| statements.series.len() > 1);
    let rows: Vec<usize> = (0..names.len()).filter(|row| !ids.at(*row).is_empty() && several(names.at(*row))).collect();
    let mut first: Map<(&str, &str), &str> = Map::default();
    for row in rows {
        let known = *first.entry((names.at(row), ids.at(row))).or_insert(currencies.at(row));
        if known != currencies.at(row) {
            of_account(by_account, names.at(row)).join(known, currencies.at(row));
        }
    }
}

/// The columns of periods; lines and headers name them alike.
struct PeriodColumns<'run> {
    from_on: read::Days<'run>,
    from_at: read::Numbers<'run>,
    from_day_only: read::Flags<'run>,
    to_on: read::Days<'run>,
    to_at: read::Numbers<'run>,
    to_day_only: read::Flags<'run>,
}

impl<'run> PeriodColumns<'run> {
    fn read(frame: &'run DataFrame) -> PolarsResult<PeriodColumns<'run>> {
        Ok(PeriodColumns {
            from_on: read::days(frame, statements::period_from_on)?,
            from_at: read::instants(frame, statements::period_from)?,
            from_day_only: read::flags(frame, statements::period_from_day_only)?,
            to_on: read::days(frame, statements::period_to_on)?,
            to_at: read::instants(frame, statements::period_to)?,
            to_day_only: read::flags(frame, statements::period_to_day_only)?,
        })
    }

    fn at(&self, row: usize) -> Edges {
        let from_at = self.from_at.at(row).filter(|_| !self.from_day_only.at(row));
        let to_at = self.to_at.at(row).filter(|_| !self.to_day_only.at(row));
        Edges { from: self.from_on.at(row).map(|day| (day, from_at)), to: self.to_on.at(row).map(|day| (day, to_at)) }
    }
}

/// The statements of an account; the name is copied only when it is new.
fn of_account<'map>(by_account: &'map mut BTreeMap<String, Statements>, account: &str) -> &'map mut Statements {
    if !by_account.contains_key(account) {
        by_account.insert(account.to_owned(), Statements::default());
    }
    by_account.entry(account.to_owned()).or_default()
}

/// Day each payout line was paid: its own, else that of its statement, else that of its posting.
pub(super) fn paid_days(lines: &DataFrame, heads: &DataFrame) -> PolarsResult<Vec<Option<i32>>> {
    let names = read::texts(heads, statements::account)?;
    let ids = read::texts(heads, statements::statement_id)?;
    let paid_on = read::days(heads, statements::paid_on)?;
    let of_head = |row: usize| Some(((names.at(row), ids.at(row)), paid_on.at(row)?));
    let of_statement: Map<(&str, &str), i32> = (0..names.len()).filter_map(of_head).collect();
    let names = read::texts(lines, payout_lines::account)?;
    let ids = read::texts(lines, payout_lines::statement_id)?;
    let paid_on = read::days(lines, payout_lines::paid_on)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let statement = |row: usize| of_statement.get(&(names.at(row), ids.at(row))).copied();
    let paid = |row: usize| paid_on.at(row).or_else(|| statement(row)).or(posted.at(row));
    Ok((0..names.len()).map(paid).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;

    #[test]
    fn a_line_is_paid_on_its_own_day_else_that_of_its_statement_else_of_its_posting() {
        let (names, ids) = (["a", "a", "a", "b", "a"], ["1", "1", "2", "1", "3"]);
        let lines = FrameBuilder::new(&payout_lines::FRAME, 5)
            .texts(payout_lines::account, names)
            .texts(payout_lines::statement_id, ids)
            .days(payout_lines::paid_on, [Some(10), None, None, None, None])
            .days(payout_lines::posted, [Some(1), Some(2), Some(3), Some(4), None])
            .references(payout_lines::row, (0..5).map(Some))
            .finish()
            .unwrap();
        let heads = FrameBuilder::new(&statements::FRAME, 2)
            .texts(statements::account, ["a", "a"])
            .texts(statements::statement_id, ["1", "2"])
            .days(statements::paid_on, [Some(20), None])
            .references(statements::row, [Some(8), Some(9)])
            .finish()
            .unwrap();
        let rows = read::references(&lines, payout_lines::row).unwrap();
        let paid = paid_days(&lines, &heads).unwrap();
        let mut by_row: Vec<_> = rows.iter().map(Option::unwrap).zip(paid).collect();
        by_row.sort_unstable();
        // the statement of another account, and one without a day, say nothing
        assert_eq!(by_row, [(0, Some(10)), (1, Some(20)), (2, Some(3)), (3, Some(4)), (4, None)]);
    }

    fn days(from: i32, to: i32) -> Edges {
        Edges { from: Some((from, None)), to: Some((to, None)) }
    }

    #[test]
    fn a_statement_covers_its_day_and_what_was_before() {
        let mut statements = Statements::default();
        statements.take("CZK", Some(10), Edges::default(), Tz::UTC, None);
        statements.take("CZK", None, days(12, 20), Tz::UTC, Some(1));
        assert!(statements.cover(10) && statements.cover(9) && statements.cover(20));
        assert!(!statements.cover(11) && !statements.cover(21));
    }

    #[test]
    fn a_payout_date_without_money_between_others_is_silent() {
        let silent = |paid: &[i32]| {
            let mut series = Series::default();
            series.paid.extend(paid.iter().map(|day| (*day, None)));
            // A payout every tenth day.
            series.silent_dates(|day| Some((day / 10 + 1) * 10)).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(silent(&[10, 20, 30]), [0; 0]);
        assert_eq!(silent(&[10, 30]), [20]);
        // Money that came some days later came; the first and the last date have nobody on the other side.
        assert_eq!(silent(&[10, 23, 30, 61]), [40, 50]);
        assert_eq!(silent(&[30]), [0; 0]);
        assert_eq!(silent(&[]), [0; 0]);
    }

    #[test]
    fn periods_that_do_not_join_are_found() {
        let breaks = |periods: &[(i32, i32)]| {
            let mut statements = Statements::default();
            periods
                .iter()
                .for_each(|(from, to)| statements.take("CZK", Some(*to + 1), days(*from, *to), Tz::UTC, None));
            let shown = |found: &Break| (found.day, found.is_overlap, found.after.paid_on);
            statements.breaks().iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(breaks(&[(1, 10), (11, 20), (21, 31)]), []);
        assert_eq!(breaks(&[(21, 31), (1, 10), (11, 20)]), []);
        assert_eq!(breaks(&[(1, 10), (1, 10), (11, 20)]), []);
        assert_eq!(breaks(&[(1, 10), (21, 31), (41, 50)]), [(11, false, Some(32)), (32, false, Some(51))]);
        assert_eq!(breaks(&[(1, 10), (10, 20)]), [(10, true, Some(21))]);
        assert_eq!(breaks(&[(1, 31), (11, 20)]), [(11, true, Some(21))]);
        assert_eq!(breaks(&[(1, 10)]), []);
    }

    #[test]
    fn a_period_with_times_ends_when_the_next_begins() {
        const HOUR: i64 = 3_600_000;
        let breaks = |periods: &[(i64, i64)]| {
            let mut statements = Statements::default();
            for (from, to) in periods {
                let edge = |hours: i64| Some(((hours / 24) as i32, Some(hours * HOUR)));
                statements.take("CZK", None, Edges { from: edge(*from), to: edge(*to) }, Tz::UTC, None);
            }
            statements.breaks().iter().map(|found| (found.day, found.is_overlap)).collect::<Vec<_>>()
        };
        // From 09:00 to 09:00, one after the other.
        assert_eq!(breaks(&[(9, 33), (33, 57)]), []);
        // An hour twice, and an hour missing, within one day.
        assert_eq!(breaks(&[(9, 33), (32, 57)]), [(1, true)]);
        assert_eq!(breaks(&[(9, 33), (34, 57)]), [(1, false)]);
        // An end at 00:00 with a time holds nothing of that day.
        assert_eq!(breaks(&[(0, 24), (24, 48), (72, 96)]), [(2, false)]);
    }

    #[test]
    fn the_last_second_or_minute_of_a_day_is_part_of_the_period_that_ends_with_it() {
        const MINUTE: i64 = 60_000;
        let day = 1_440 * MINUTE;
        assert!(joins(day, day) && joins(day - 1_000, day) && joins(day - MINUTE, day));
        assert!(!joins(day - 2_000, day) && !joins(day - 2 * MINUTE, day) && !joins(day - 60 * MINUTE, day));
        assert!(!joins(day - 1_000 + MINUTE / 2, day + MINUTE / 2) && !joins(day, day - 1_000));
    }

    #[test]
    fn each_currency_has_its_periods_unless_a_statement_holds_both() {
        let mut statements = Statements::default();
        statements.take("EUR", Some(11), days(1, 10), Tz::UTC, Some(1));
        statements.take("CZK", Some(21), days(11, 20), Tz::UTC, Some(2));
        statements.take("EUR", Some(31), days(21, 30), Tz::UTC, Some(3));
        let gaps = |statements: &Statements| statements.breaks().iter().map(|found| found.day).collect::<Vec<_>>();
        assert_eq!(gaps(&statements), [11]);
        statements.join("CZK", "EUR");
        assert_eq!((gaps(&statements), statements.are_one("EUR", "CZK")), (vec![], true));
    }

    #[test]
    fn the_statement_that_was_paid_on_the_day_covers_it() {
        let mut statements = Statements::default();
        statements.take("EUR", Some(21), days(11, 20), Tz::UTC, Some(1));
        statements.take("EUR", Some(31), days(21, 30), Tz::UTC, Some(2));
        statements.take("CZK", Some(21), days(11, 20), Tz::UTC, Some(3));
        let row = |day, billing| statements.covering_row(day, billing, "EUR");
        assert_eq!(
            (row(21, Some(15)), row(22, Some(15)), row(22, None), row(30, Some(5))),
            (Some(1), Some(1), Some(2), Some(2))
        );
        assert_eq!(
            (statements.covering_row(21, None, "CZK"), statements.covering_row(21, None, "PLN")),
            (Some(3), Some(3))
        );
    }
}

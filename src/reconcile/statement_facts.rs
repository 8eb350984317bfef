//! What the lines of each statement add up to, beside the total that its header states (PY-009). The header comes with the lines, or as
//! an export of its own.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, PolarsResult};

use crate::frame::build::FrameBuilder;
use crate::frame::column::Column;
use crate::frame::{payout_facts as p, payout_lines, read, statement_facts as f, statements};
use crate::reconcile::accounts::Accounts;
use crate::vocab::{PayoutKind, Word};

/// Account, statement, currency; and of lines without a statement the day they were paid: each such day stands for a statement.
type Key<'run> = (&'run str, &'run str, &'run str, Option<i32>);

#[derive(Debug, Default)]
struct Statement {
    lines: i64,
    for_orders: i64,
    other: i64,
    transferred: i64,
    transfers: i64,
    /// Its transfer is of several currencies.
    is_mixed: bool,
    first_row: Option<u64>,
    /// First and last day on which a line was paid.
    paid: Option<(i32, i32)>,
    head: Head,
}

#[derive(Debug, Default)]
struct Head {
    paid_on: Option<i32>,
    from: Option<i32>,
    to: Option<i32>,
    total: Option<i64>,
    /// Row of the total.
    row: Option<u64>,
}

impl Statement {
    fn sum(&self) -> i64 {
        self.for_orders + self.other
    }

    /// What the lines add up to beyond the stated total; of a statement that states none, or whose total they are, and that holds its
    /// transfer, beyond the transfer, whichever sign the export gives it. Lines without a statement settle nothing among themselves.
    fn difference(&self, id: &str, tolerance: i64) -> Option<i64> {
        let of_transfer = || {
            let settles = self.transfers > 0 && !self.is_mixed && self.lines > self.transfers && !id.is_empty();
            let (opposite, same) = (self.sum() + self.transferred, self.sum() - self.transferred);
            settles.then_some(if same.abs() < opposite.abs() { same } else { opposite })
        };
        let of_total = self.head.total.map(|total| self.sum() - total);
        match of_total {
            Some(difference) if difference.abs() > tolerance => of_total,
            _ => of_transfer().or(of_total),
        }
    }

    /// What its header says, else the first day of its lines.
    fn paid_from(&self) -> Option<i32> {
        self.head.paid_on.or(Some(self.paid?.0))
    }

    /// The last day, where money was sent on several.
    fn paid_until(&self) -> Option<i32> {
        self.paid.map(|(_, last)| last).filter(|last| self.paid_from().is_some_and(|first| first < *last))
    }
}

/// The facts, from the payout facts and the frames of lines and headers.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn statement_facts(
    payouts: &DataFrame,
    lines: &DataFrame,
    heads: &DataFrame,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let mut found = sums(payouts)?;
    add_heads(&mut found, lines, &LINE_HEADS)?;
    add_heads(&mut found, heads, &OWN_HEADS)?;
    drop_mixed_totals(&mut found);
    let rows = || found.iter();
    let money = |pick: fn(&Statement) -> i64| found.values().map(move |statement| Some(pick(statement)));
    let mut facts = FrameBuilder::new(&f::FRAME, found.len());
    facts
        .texts(f::account, rows().map(|(key, _)| key.0))
        .texts(f::marketplace, rows().map(|(key, _)| accounts.marketplace(key.0)))
        .texts(f::statement_id, rows().map(|(key, _)| key.1))
        .texts(f::currency, rows().map(|(key, _)| key.2))
        .days(f::paid_on, found.values().map(|statement| statement.head.paid_on))
        .days(f::paid_from, found.values().map(Statement::paid_from))
        .days(f::paid_until, found.values().map(Statement::paid_until))
        .days(f::period_from, found.values().map(|statement| statement.head.from))
        .days(f::period_to, found.values().map(|statement| statement.head.to))
        .numbers(f::lines, money(|statement| statement.lines))
        .numbers(f::for_orders, money(|statement| statement.for_orders))
        .numbers(f::other, money(|statement| statement.other))
        .numbers(f::sum, money(Statement::sum))
        .numbers(f::transferred, money(|statement| statement.transferred))
        .numbers(f::total, found.values().map(|statement| statement.head.total))
        .numbers(
            f::difference,
            rows().map(|(key, statement)| statement.difference(key.1, tolerance(key.0, statement, accounts))),
        )
        .numbers(f::transfers, money(|statement| statement.transfers))
        .numbers(f::tolerance, rows().map(|(key, statement)| Some(tolerance(key.0, statement, accounts))))
        .references(f::row, found.values().map(|statement| statement.head.row.or(statement.first_row)));
    facts.finish()
}

/// A total or a transfer of several currencies is comparable with none of them: one that stands beside lines of two currencies, or beside those
/// of one alone (rulebook §16.3).
fn drop_mixed_totals(found: &mut BTreeMap<Key<'_>, Statement>) {
    let mut totals: BTreeMap<(&str, &str), Vec<Option<i64>>> = BTreeMap::new();
    let mut untransferred: BTreeSet<(&str, &str)> = BTreeSet::new();
    for ((account, id, ..), statement) in found.iter().filter(|((_, id, ..), _)| !id.is_empty()) {
        totals.entry((account, id)).or_default().push(statement.head.total);
        if statement.transfers == 0 {
            untransferred.insert((account, id));
        }
    }
    for ((account, id, ..), statement) in found.iter_mut() {
        let is_mixed = totals.get(&(*account, *id)).is_some_and(|totals| totals.len() > 1);
        statement.is_mixed = is_mixed && untransferred.contains(&(*account, *id));
        if let Some([first, rest @ ..]) = totals.get(&(*account, *id)).map(Vec::as_slice)
            && !rest.is_empty()
            && (first.is_none() || rest.iter().any(|total| total.is_none() || total == first))
        {
            statement.head.total = None;
        }
    }
}

/// By the policy of the day the money was sent (A9).
fn tolerance(account: &str, statement: &Statement, accounts: &Accounts) -> i64 {
    let Some(account) = accounts.get(account) else { return 0 };
    accounts.policy(account, statement.paid_from()).entry.tolerance(statement.lines)
}

fn key<'run>(account: &'run str, id: &'run str, currency: &'run str, paid_on: Option<i32>) -> Key<'run> {
    (account, id, currency, paid_on.filter(|_| id.is_empty()))
}

fn sums(payouts: &DataFrame) -> PolarsResult<BTreeMap<Key<'_>, Statement>> {
    let accounts = read::texts(payouts, p::account)?;
    let ids = read::texts(payouts, p::statement_id)?;
    let currencies = read::texts(payouts, p::currency)?;
    let kinds = read::texts(payouts, p::kind)?;
    let amounts = read::numbers(payouts, p::amount)?;
    let for_order = read::flags(payouts, p::for_order)?;
    let paid_on = read::days(payouts, p::paid_on)?;
    let rows = read::references(payouts, p::row)?;
    let mut found: BTreeMap<Key<'_>, Statement> = BTreeMap::new();
    let key = |row: usize| key(accounts.at(row), ids.at(row), currencies.at(row), paid_on.at(row));
    // Lines are sorted by their statements, so each is looked up a few times at most.
    for run in read::runs(accounts.len(), |a, b| key(a) == key(b)) {
        let statement = found.entry(key(run.start)).or_default();
        for row in run {
            statement.lines += 1;
            statement.first_row = statement.first_row.or(rows.at(row));
            if let Some(day) = paid_on.at(row) {
                let (first, last) = statement.paid.unwrap_or((day, day));
                statement.paid = Some((first.min(day), last.max(day)));
            }
            let sum = if kinds.at(row) == PayoutKind::Payout.text() {
                statement.transfers += 1;
                &mut statement.transferred
            } else if for_order.at(row) {
                &mut statement.for_orders
            } else {
                &mut statement.other
            };
            *sum += amounts.at(row).unwrap_or(0);
        }
    }
    Ok(found)
}

/// Where a frame holds what headers say.
struct HeadColumns {
    account: Column,
    statement_id: Column,
    currency: Column,
    paid_on: Column,
    from: Column,
    to: Column,
    total: Column,
    row: Column,
}

const LINE_HEADS: HeadColumns = HeadColumns {
    account: payout_lines::account,
    statement_id: payout_lines::statement_id,
    currency: payout_lines::currency,
    paid_on: payout_lines::paid_on,
    from: payout_lines::period_from_on,
    to: payout_lines::period_to_on,
    total: payout_lines::total,
    row: payout_lines::row,
};

const OWN_HEADS: HeadColumns = HeadColumns {
    account: statements::account,
    statement_id: statements::statement_id,
    currency: statements::currency,
    paid_on: statements::paid_on,
    from: statements::period_from_on,
    to: statements::period_to_on,
    total: statements::total,
    row: statements::row,
};

/// Adds what headers say to the statements of which a line was read, and to those of the same days that state a total and have no line; of
/// several that say something, the first counts.
fn add_heads<'run>(
    found: &mut BTreeMap<Key<'run>, Statement>,
    frame: &'run DataFrame,
    columns: &HeadColumns,
) -> PolarsResult<()> {
    let accounts = read::texts(frame, columns.account)?;
    let ids = read::texts(frame, columns.statement_id)?;
    let currencies = read::texts(frame, columns.currency)?;
    let paid_on = read::days(frame, columns.paid_on)?;
    let from = read::days(frame, columns.from)?;
    let to = read::days(frame, columns.to)?;
    let totals = read::numbers(frame, columns.total)?;
    let rows = read::references(frame, columns.row)?;
    let key = |row: usize| key(accounts.at(row), ids.at(row), currencies.at(row), paid_on.at(row));
    let mut days: BTreeMap<&str, (i32, i32)> = BTreeMap::new();
    for ((account, ..), statement) in found.iter() {
        if let Some((first, last)) = statement.paid {
            let known = days.entry(account).or_insert((first, last));
            *known = (known.0.min(first), known.1.max(last));
        }
    }
    let lacks_lines = |row: usize| {
        let of_lines =
            |day: i32| days.get(accounts.at(row)).is_some_and(|(first, last)| (*first..=*last).contains(&day));
        totals.at(row).is_some_and(|total| total != 0)
            && !ids.at(row).is_empty()
            && paid_on.at(row).is_some_and(of_lines)
    };
    for run in read::runs(accounts.len(), |a, b| key(a) == key(b)) {
        if run.clone().any(lacks_lines) {
            found.entry(key(run.start)).or_default();
        }
        let Some(statement) = found.get_mut(&key(run.start)) else { continue };
        let head = &mut statement.head;
        for row in run {
            head.paid_on = head.paid_on.or(paid_on.at(row));
            head.from = head.from.or(from.at(row));
            head.to = head.to.or(to.at(row));
            if head.total.is_none() && totals.at(row).is_some() {
                (head.total, head.row) = (totals.at(row), rows.at(row));
            }
        }
    }
    Ok(())
}
